/* Which units count now, and taking them along as CSV or GeoJSON. */

/**
 * Is this unit within the filters?
 * @param {string} level
 * @param {number} row
 * @param {{hidden: Set<string>, commune: string, worst: number}} filters
 * @param {Scale} scale
 * @returns {boolean}
 */
function counts(level, row, filters, scale) {
  const table = tables[level];
  if (filters.hidden.has(classOf(scale, table, row))) return false;
  if (filters.commune && table.get(level === "villages" ? "commune_id" : "unit_id", row) !== filters.commune) return false;
  if (!filters.worst) return true;
  const rank = table.get("rank", row);
  return rank !== null && rank <= filters.worst;
}

/**
 * A cell as RFC 4180 wants it; text that a spreadsheet would take for a formula gets an apostrophe.
 * @param {any} value
 * @returns {string}
 */
function cell(value) {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const plain = Array.isArray(value) ? value.join(";") : String(value);
  const safe = /^[=+\-@\t\r]/.test(plain) ? `'${plain}` : plain;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

/** Columns that are codes: never changed, so that they join again. */
const CODES = new Set(["unit_id", "commune_id", "site_id", "assigned_site_id"]);

/**
 * @param {string} level
 * @param {number[]} rows
 * @returns {string} with a byte-order mark, as spreadsheets expect
 */
function csvOf(level, rows) {
  const table = tables[level];
  const names = Object.keys(table.columns);
  const line = (/** @type {number} */ row) => names.map((n) => (CODES.has(n) ? table.get(n, row) || "" : cell(table.get(n, row)))).join(",");
  return `\ufeff${[names.join(","), ...rows.map(line)].join("\r\n")}\r\n`;
}

/**
 * @param {string} level
 * @param {number[]} rows
 * @returns {string} RFC 7946, with the simplified shapes of the map
 */
function geojsonOf(level, rows) {
  const table = tables[level];
  const areas = shapes(level);
  const names = Object.keys(table.columns);
  const features = rows.map((row) => ({
    type: "Feature",
    id: table.get("unit_id", row),
    properties: Object.fromEntries(names.map((name) => [name, table.get(name, row)])),
    geometry: areas.rows[row].length ? { type: "MultiPolygon", coordinates: areas.rows[row].map((part) => part.map((ring) => areas.positions(ring))) } : null,
  }));
  return JSON.stringify({ type: "FeatureCollection", name: `${content.id} ${level}`, features });
}

/**
 * Hand a text to the person as a file.
 * @param {string} name
 * @param {string} type
 * @param {string} written
 */
function save(name, type, written) {
  const address = URL.createObjectURL(new Blob([written], { type }));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}
