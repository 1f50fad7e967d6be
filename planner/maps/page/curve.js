/* What one more team brings: people reached against teams added as a drawing, and the same numbers as a table. */

/** Of the drawing, in its own units: the whole, and the free border for numbers and names of the axes. */
const CURVE_SIZE = { width: 340, height: 240, left: 56, right: 12, top: 26, bottom: 40 };

/** @type {[string, string, Record<string, string>][]} column, and how its line looks; the last one lies on top */
const CURVE_LINES = [
  ["bound", "bound", { stroke: "#55595e", "stroke-width": "1.5", "stroke-dasharray": "5 4" }],
  ["greedy_people", "greedy", { stroke: "#c45100", "stroke-width": "1.5", "stroke-dasharray": "1.5 3" }],
  ["people_reached", "reached", { stroke: "#0b5394", "stroke-width": "2.5" }],
];

/**
 * Make an element of a drawing.
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 * @returns {SVGElement}
 */
function draft(tag, attributes, ...children) {
  const node = /** @type {SVGElement} */ (document.createElementNS("http://www.w3.org/2000/svg", tag));
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/**
 * Round numbers from zero up to a largest one, five or fewer steps apart.
 * @param {number} largest
 * @returns {number[]}
 */
function ticks(largest) {
  const rough = Math.max(largest, 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, power * ([1, 2, 5].find((times) => times * power >= rough) || 10));
  return Array.from({ length: Math.floor(largest / step) + 1 }, (_, i) => i * step);
}

/** The part of the panel; nothing where a publication has no curve. */
function curvePart() {
  const curve = content.curve;
  if (!curve) return null;
  const knee = curve.knee === null ? null : make("p", { class: "hint" }, say("curve.knee", { teams: number(curve.knee, 0) }));
  const names = CURVE_LINES.map(([, key, look]) => {
    const sample = draft("svg", { class: "sample", width: 28, height: 10, "aria-hidden": "true" }, draft("line", { x1: 0, x2: 28, y1: 5, y2: 5, ...look }));
    return make("li", {}, sample, say(`curve.${key}`));
  });
  const lines = make("ul", { class: "lines" }, ...names.reverse());
  return section(
    "curve",
    say("curve"),
    /** @type {any} */ (curveDrawing(curve)),
    lines,
    knee,
    fold_("curve-table", say("curve.table"), () => [curveTable(curve)]),
  );
}

/**
 * @param {Record<string, any>} curve
 * @returns {SVGElement}
 */
function curveDrawing(curve) {
  const { width, height, left, right, top, bottom } = CURVE_SIZE;
  const most = Math.max(1, ...curve.bound, ...curve.people_reached);
  const teams = Math.max(1, ...curve.teams_added);
  const x = (/** @type {number} */ value) => Math.round((left + ((width - left - right) * value) / teams) * 10) / 10;
  const y = (/** @type {number} */ value) => Math.round((height - bottom - ((height - top - bottom) * value) / most) * 10) / 10;
  const parts = [...curveAxes(ticks(teams), ticks(most), x, y)];
  if (curve.knee !== null) parts.push(draft("line", { class: "knee", x1: x(curve.knee), x2: x(curve.knee), y1: y(0), y2: top }));
  for (const [column, , look] of CURVE_LINES) {
    const points = curve.teams_added.map((/** @type {number} */ count, /** @type {number} */ i) => `${x(count)},${y(curve[column][i])}`);
    parts.push(draft("polyline", { class: column, points: points.join(" "), fill: "none", ...look }));
  }
  curve.teams_added.forEach((/** @type {number} */ count, /** @type {number} */ i) => {
    parts.push(draft("circle", { cx: x(count), cy: y(curve.people_reached[i]), r: count === curve.knee ? 5 : 2.8, fill: "#0b5394" }));
  });
  const last = curve.people_reached.length - 1;
  const told = { from: number(curve.people_reached[0], 0), to: number(curve.people_reached[last], 0), teams: number(curve.teams_added[last], 0) };
  return draft("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": say("curve.told", told) }, ...parts);
}

/**
 * @param {number[]} across
 * @param {number[]} up
 * @param {(value: number) => number} x
 * @param {(value: number) => number} y
 * @returns {SVGElement[]}
 */
function curveAxes(across, up, x, y) {
  const { width, height, left, right, top, bottom } = CURVE_SIZE;
  const found = [];
  for (const value of up) {
    found.push(draft("line", { class: "grid", x1: left, x2: width - right, y1: y(value), y2: y(value) }));
    found.push(draft("text", { x: left - 5, y: y(value) + 4, "text-anchor": "end" }, number(value, 0)));
  }
  for (const value of across) found.push(draft("text", { x: x(value), y: height - bottom + 15, "text-anchor": "middle" }, number(value, 0)));
  found.push(draft("line", { class: "axis", x1: left, x2: width - right, y1: y(0), y2: y(0) }));
  found.push(draft("line", { class: "axis", x1: left, x2: left, y1: y(0), y2: top }));
  found.push(draft("text", { class: "name", x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle" }, say("curve.teams_added")));
  found.push(draft("text", { class: "name", x: 2, y: 12 }, say("curve.people")));
  return found;
}

/**
 * @param {Record<string, any>} curve
 * @returns {HTMLElement}
 */
function curveTable(curve) {
  const columns = ["people_reached", "bound", "greedy_people"];
  const heads = ["teams_added", "reached", "bound", "greedy"].map((key) => make("th", { scope: "col" }, say(`curve.${key}`)));
  const rows = curve.teams_added.map((/** @type {number} */ count, /** @type {number} */ i) => {
    const bend = count === curve.knee ? ` (${say("curve.here")})` : "";
    const cells = columns.map((column) => make("td", {}, number(curve[column][i], 0)));
    return make("tr", {}, make("th", { scope: "row" }, number(count, 0) + bend), ...cells);
  });
  return make("table", { class: "facts" }, make("caption", {}, say("curve")), make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows));
}
