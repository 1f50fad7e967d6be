/* The published tables by column, and who is who in them. Columns are read when they are first asked for. */

/** @typedef {{digits: number, packed: string, exact?: Record<string, number>}} Packed numbers: see planner/maps/packing.py */
/** @typedef {{values: any[], codes: string}} Coded repeated texts, once */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const WORTH = new Uint8Array(128);
for (let i = 0; i < 64; i++) WORTH[ALPHABET.charCodeAt(i)] = i;

/**
 * Whole numbers from their text.
 * @param {string} text
 * @returns {Int32Array}
 */
function unpack(text) {
  const found = new Int32Array(text.length);
  let count = 0;
  let value = 0;
  let shift = 0;
  for (let i = 0; i < text.length; i++) {
    const worth = WORTH[text.charCodeAt(i)];
    value |= (worth & 31) << shift;
    if (worth & 32) {
      shift += 5;
    } else {
      found[count++] = value;
      value = shift = 0;
    }
  }
  return found.subarray(0, count);
}

/**
 * A folded number with its sign: 0, 1, 2, 3 … are 0, -1, 1, -2 …
 * @param {number} folded
 */
function signed(folded) {
  return folded & 1 ? -(folded + 1) / 2 : folded / 2;
}

/**
 * @param {any} column
 * @returns {any[]} one value per row, null where it is unknown
 */
function valuesOf(column) {
  if (Array.isArray(column)) return column;
  if ("codes" in column) return Array.from(unpack(column.codes), (code) => column.values[code]);
  const scale = 10 ** column.digits;
  const found = Array.from(unpack(column.packed), (step) => (step ? signed(step - 1) / scale : null));
  for (const [row, value] of Object.entries(column.exact || {})) found[Number(row)] = value;
  return found;
}

/** A table: column by column, each read when it is first asked for. */
class Table {
  /** @param {Record<string, any>} columns */
  constructor(columns) {
    this.columns = columns;
    /** @type {Record<string, any[]>} */
    this.read = {};
    this.key = columns.site_id ? "site_id" : "unit_id";
    /** @type {number} */
    this.length = this.column(this.key).length;
    /** @type {Map<string, number> | null} */
    this.places = null;
  }

  /** Row by id. */
  get rows() {
    if (!this.places) this.places = new Map(this.column(this.key).map((id, row) => [id, row]));
    return this.places;
  }

  /** @param {string} name */
  has(name) {
    return name in this.columns;
  }

  /**
   * @param {string} name
   * @returns {any[]}
   */
  column(name) {
    if (!this.read[name]) this.read[name] = name in this.columns ? valuesOf(this.columns[name]) : [];
    return this.read[name];
  }

  /**
   * @param {string} name
   * @param {number} row
   * @returns {any} null where it is unknown
   */
  get(name, row) {
    const found = (this.read[name] || this.column(name))[row];
    return found === undefined ? null : found;
  }
}

/** @type {Record<string, any> | null} */
let below = null;

/** What the page holds of the villages; read when they are first asked for, since communes are looked at first. */
function villagesContent() {
  if (!below) below = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("planner-villages")).textContent || "{}");
  return /** @type {Record<string, any>} */ (below);
}

/** @type {Table | null} */
let villagesTable = null;

/** @type {Record<string, Table>} by level */
const tables = {
  communes: new Table(content.tables.communes),
  sites: new Table(content.tables.sites),
  get villages() {
    if (!villagesTable) villagesTable = new Table(villagesContent().table);
    return villagesTable;
  },
};

/** @typedef {string} Level communes, villages or sites */

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
  /** @type {number[]} */
  const found = [];
  tables.villages.column("commune_id").forEach((commune, row) => {
    if (commune === id) found.push(row);
  });
  return found;
}

/** @type {Map<Table, number>} */
const rankedCounts = new Map();

/**
 * Number of rows that have a rank.
 * @param {Table} table
 * @returns {number}
 */
function ranked(table) {
  const known = rankedCounts.get(table);
  if (known !== undefined) return known;
  const count = table.column("rank").reduce((sum, rank) => sum + (rank === null ? 0 : 1), 0);
  rankedCounts.set(table, count);
  return count;
}
