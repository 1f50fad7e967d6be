/* Pictures of what varies inside the villages: drawn in place of the areas' colours, transparent where nothing is known. */

/** @typedef {{colour: string, low: number | null, high: number | null, code: string}} RasterClass */
/** @typedef {{name: string, kind: string, image: string, bounds: number[], unit: string, classes: RasterClass[],
 *   operator: string, technology: string, evidence: string}} Raster */

/** @type {Raster[]} */
const rasters = content.rasters || [];

/** @type {Map<string, HTMLImageElement>} */
const images = new Map();

/** @param {string} name of a raster; none for an empty one */
function rasterOf(name) {
  return rasters.find((raster) => raster.name === name) || null;
}

/** @param {Raster} raster */
function rasterName(raster) {
  return say(`raster.${raster.kind}`, { operator: raster.operator, technology: raster.technology, evidence: say(`coverage_evidence.${raster.evidence}`) });
}

/**
 * The legend of a raster in its order, the unknown last.
 * @param {Raster} raster
 * @returns {Entry[]}
 */
function rasterEntries(raster) {
  const column = raster.kind === "signal" ? "coverage_status" : "support_status";
  const unit = raster.unit ? say(`unit.${raster.unit}`) : "";
  /** @type {Entry[]} */
  const found = raster.classes.map((c, i) => ({
    key: `r${i}`,
    colour: c.colour,
    text: c.code ? sayCode(column, c.code) : betweenText(c.low, c.high),
    unit: c.code ? "" : unit,
  }));
  return [...found, { key: "unknown", colour: "none", text: say("raster.unknown") }];
}

/**
 * @param {number | null} low
 * @param {number | null} high
 * @returns {string}
 */
function betweenText(low, high) {
  if (low === null) return high === null ? "" : say("raster.below", { bound: number(high, 0) });
  if (high === null) return say("raster.above", { bound: number(low, 0) });
  return `${number(low, 0)} – < ${number(high, 0)}`;
}

/**
 * The picture of a raster; what it is to be drawn for is told once it is read.
 * @param {Raster} raster
 * @param {() => void} ready
 * @returns {HTMLImageElement | null} null until then
 */
function imageOf(raster, ready) {
  const known = images.get(raster.name);
  if (known) return known.complete && known.naturalWidth ? known : null;
  const image = new Image();
  images.set(raster.name, image);
  image.addEventListener("load", ready);
  image.src = raster.image;
  return null;
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {HTMLImageElement} image
 * @param {Spot} corner north-west
 * @param {Spot} end south-east
 */
function drawRaster(pen, image, corner, end) {
  // cells stay cells: a smoothed class is none
  pen.imageSmoothingEnabled = end.x - corner.x < image.naturalWidth;
  pen.drawImage(image, corner.x, corner.y, end.x - corner.x, end.y - corner.y);
}
