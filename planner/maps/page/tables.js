/* The published tables by column, and who is who in them. */

/** A table: column by column, repeated texts kept once. */
class Table {
  /** @param {Record<string, any>} columns */
  constructor(columns) {
    this.columns = columns;
    const first = columns.unit_id || columns.site_id || [];
    /** @type {number} */
    this.length = first.codes ? first.codes.length : first.length;
    /** @type {Map<string, number>} */
    this.rows = new Map();
    const id = columns.site_id ? "site_id" : "unit_id";
    for (let row = 0; row < this.length; row++) this.rows.set(this.get(id, row), row);
  }

  /** @param {string} column */
  has(column) {
    return column in this.columns;
  }

  /**
   * @param {string} column
   * @param {number} row
   * @returns {any} null where it is unknown
   */
  get(column, row) {
    const values = this.columns[column];
    if (values === undefined) return null;
    const found = values.codes ? values.values[values.codes[row]] : values[row];
    return found === undefined ? null : found;
  }
}

/** @type {Record<string, Table>} */
const tables = Object.fromEntries(Object.entries(content.tables).map(([name, columns]) => [name, new Table(columns)]));

/**
 * Name of the commune of a village.
 * @param {number} row
 * @returns {string}
 */
function communeName(row) {
  const id = tables.villages.get("commune_id", row);
  const found = tables.communes.rows.get(id);
  return found === undefined ? id : tables.communes.get("name", found);
}

/**
 * Rows of the villages of a commune.
 * @param {string} id
 * @returns {number[]}
 */
function villagesOf(id) {
  const found = [];
  for (let row = 0; row < tables.villages.length; row++) if (tables.villages.get("commune_id", row) === id) found.push(row);
  return found;
}

/**
 * Number of rows that have a rank.
 * @param {Table} table
 * @returns {number}
 */
function ranked(table) {
  let count = 0;
  for (let row = 0; row < table.length; row++) if (table.get("rank", row) !== null) count++;
  return count;
}
