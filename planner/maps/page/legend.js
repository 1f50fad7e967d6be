/* What a value looks like. Unknown is hatched, so that it is never taken for a low value or for zero. */

/** @typedef {{column: string, unit?: string, bounds?: number[], colours?: string[], categories?: Record<string, string>,
 *   special?: Record<string, string>, special_column?: string}} Scale */
/** @typedef {{key: string, colour: string, text: string, unit?: string}} Entry */

/**
 * Key of the class that a row belongs to.
 * @param {Scale} scale
 * @param {Table} table
 * @param {number} row
 * @returns {string}
 */
function classOf(scale, table, row) {
  const value = table.get(scale.column, row);
  if (scale.categories) return value !== null && value in scale.categories ? value : "unknown";
  if (value === null) {
    const answer = scale.special_column ? table.get(scale.special_column, row) : null;
    return scale.special && answer !== null && answer in scale.special ? answer : "unknown";
  }
  const bounds = scale.bounds || [];
  let index = 0;
  while (index + 2 < bounds.length && value >= bounds[index + 1]) index++;
  return `c${index}`;
}

/**
 * The legend of a scale, in its order; unknown is always the last entry.
 * @param {Scale} scale
 * @returns {Entry[]}
 */
function entriesOf(scale) {
  if (scale.categories) {
    return Object.entries(scale.categories).map(([key, colour]) => ({ key, colour, text: sayCode(scale.column, key) }));
  }
  const bounds = scale.bounds || [];
  /** @type {Entry[]} */
  const found = (scale.colours || []).map((colour, i) => ({ key: `c${i}`, colour, text: rangeText(scale, bounds, i), unit: scale.unit === "share" ? "%" : say(`unit.${scale.unit}`) }));
  for (const [key, colour] of Object.entries(scale.special || {})) found.push({ key, colour, text: sayCode(scale.special_column || "", key) });
  return [...found, { key: "unknown", colour: "unknown", text: say("unknown.class") }];
}

/**
 * @param {Scale} scale
 * @param {number[]} bounds
 * @param {number} i
 * @returns {string}
 */
function rangeText(scale, bounds, i) {
  const last = i + 2 === bounds.length;
  if (scale.unit === "people") {
    const low = Math.ceil(bounds[i]);
    const high = last ? Math.floor(bounds[i + 1]) : Math.ceil(bounds[i + 1]) - 1;
    return low >= high ? number(low, 0) : `${number(low, 0)} – ${number(high, 0)}`;
  }
  const digits = scale.unit === "minutes" ? 0 : 1;
  const factor = scale.unit === "share" ? 100 : 1;
  return `${number(bounds[i] * factor, digits)} – ${last ? "" : "< "}${number(bounds[i + 1] * factor, digits)}`;
}

/** @type {CanvasPattern | string | null} */
let hatch = null;

/**
 * A colour, or the hatching of the unknown.
 * @param {string} colour
 * @returns {any}
 */
function fillOf(colour) {
  if (colour !== "unknown") return colour;
  if (hatch === null) hatch = hatching();
  return hatch;
}

/** @returns {CanvasPattern | string} */
function hatching() {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  if (!pen) return "#bbbbbb";
  pen.fillStyle = "#f4f4f4";
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = "#8a8a8a";
  pen.lineWidth = 1.5;
  pen.beginPath();
  for (const shift of [-8, 0, 8]) {
    pen.moveTo(shift, 8);
    pen.lineTo(shift + 8, 0);
  }
  pen.stroke();
  return pen.createPattern(tile, "repeat") || "#bbbbbb";
}

/**
 * The chip of a legend entry.
 * @param {string} colour
 * @returns {HTMLElement}
 */
function chip(colour) {
  const node = make("span", { class: colour === "unknown" ? "chip hatched" : "chip", "aria-hidden": "true" });
  if (colour !== "unknown") node.style.backgroundColor = colour;
  return node;
}
