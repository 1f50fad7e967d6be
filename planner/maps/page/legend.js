/* What a value looks like. Unknown is hatched, so that it is never taken for a low value or for zero. */

/** @typedef {{column: string, unit?: string, bounds?: number[], colours?: string[], categories?: Record<string, string>,
 *   special?: Record<string, string>, special_column?: string, uncertain?: string}} Scale */
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
  const found = (scale.colours || []).map((colour, i) => ({
    key: `c${i}`,
    colour,
    text: rangeText(scale, bounds, i),
    unit: scale.unit === "share" ? "%" : say(`unit.${scale.unit}`),
  }));
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

/**
 * Whether the class of a row is one of several that the data allow.
 * @param {Scale} scale
 * @param {Table} table
 * @param {number} row
 * @returns {boolean}
 */
function isUncertain(scale, table, row) {
  return Boolean(scale.uncertain && table.get(scale.uncertain, row));
}

/** @type {Map<string, CanvasPattern | string>} */
const hatches = new Map();

/**
 * A colour, its hatching where the class is uncertain, or the hatching of the unknown.
 * @param {string} colour
 * @param {boolean} uncertain
 * @returns {CanvasPattern | string}
 */
function fillOf(colour, uncertain) {
  if (colour !== "unknown" && !uncertain) return colour;
  const made =
    hatches.get(colour) ||
    (colour === "unknown"
      ? hatching("#f4f4f4", [["#8a8a8a", 1.5]], 8, 1)
      : hatching(
          colour,
          [
            ["#ffffff", 2.5],
            ["#1b1b1b", 1],
          ],
          12,
          -1,
        ));
  hatches.set(colour, made);
  return made;
}

/**
 * @param {string} paper
 * @param {[string, number][]} strokes colour and pixels, one over the other: two are seen on any paper
 * @param {number} size pixels from line to line, along an axis
 * @param {number} lean 1 rises to the right, -1 falls
 * @returns {CanvasPattern | string}
 */
function hatching(paper, strokes, size, lean) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const pen = tile.getContext("2d");
  if (!pen) return "#bbbbbb";
  pen.fillStyle = paper;
  pen.fillRect(0, 0, size, size);
  for (const [colour, width] of strokes) {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.beginPath();
    // each line begins and ends outside the tile, so that tiles meet without a seam
    for (const shift of [-size, 0, size]) {
      pen.moveTo(shift - size, lean > 0 ? 2 * size : -size);
      pen.lineTo(shift + 2 * size, lean > 0 ? -size : 2 * size);
    }
    pen.stroke();
  }
  return pen.createPattern(tile, "repeat") || "#bbbbbb";
}

/**
 * The chip of a legend entry.
 * @param {string} colour
 * @returns {HTMLElement}
 */
function chip(colour) {
  const node = make("span", { class: colour === "unknown" ? "chip hatched" : "chip", "aria-hidden": "true" });
  if (colour === "none") node.classList.add("bare");
  else if (colour !== "unknown") node.style.backgroundColor = colour;
  return node;
}
