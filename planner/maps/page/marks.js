/* What lies on the areas: team sites, names of places and communes. All drawn on the canvas of the ground. */

/** @typedef {{x: number, y: number}} Spot */

/** Statuses of sites in the order in which they are drawn: what the plan changes lies on top. */
const SITE_ORDER = [["existing"], ["closed", "moved"], ["upgraded"], ["new"]];
/** Of teams that stand today. */
const TODAY = "#11306b";
/** Of what the plan adds. */
const ADDED = "#f0e442";

/**
 * The pen's way round a team site: a disc stands today (with a bright heart where teams are added, empty where they move
 * away, empty and crossed where they close), a diamond is new, white within where few draws choose it.
 * @param {CanvasRenderingContext2D} pen
 * @param {Spot} at
 * @param {string} status
 * @param {string | null} certainty
 * @param {number} radius pixels
 */
function drawSite(pen, at, status, certainty, radius) {
  if (status === "new") {
    diamond(pen, at, radius + 1, certainty === "phone_first" ? "#ffffff" : ADDED);
    return;
  }
  const left = status === "moved" || status === "closed";
  disc(pen, at, radius, left ? "#ffffff" : TODAY, left ? TODAY : "#ffffff");
  if (status === "upgraded") disc(pen, at, radius * 0.45, ADDED, ADDED);
  if (status === "closed") cross(pen, at, radius * 0.7);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Spot} at
 * @param {number} r pixels
 * @param {string} inside
 */
function diamond(pen, at, r, inside) {
  pen.beginPath();
  pen.moveTo(at.x, at.y - r);
  pen.lineTo(at.x + r, at.y);
  pen.lineTo(at.x, at.y + r);
  pen.lineTo(at.x - r, at.y);
  pen.closePath();
  paintMark(pen, inside, "#000000", 1.5);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Spot} at
 * @param {number} r pixels
 * @param {string} inside
 * @param {string} edge
 */
function disc(pen, at, r, inside, edge) {
  pen.beginPath();
  pen.arc(at.x, at.y, r, 0, 2 * Math.PI);
  paintMark(pen, inside, edge, inside === "#ffffff" ? 2 : 1.5);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Spot} at
 * @param {number} r pixels
 */
function cross(pen, at, r) {
  pen.beginPath();
  pen.moveTo(at.x - r, at.y - r);
  pen.lineTo(at.x + r, at.y + r);
  pen.moveTo(at.x + r, at.y - r);
  pen.lineTo(at.x - r, at.y + r);
  paintMark(pen, "", TODAY, 1.5);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {string} inside empty for a mere line
 * @param {string} edge
 * @param {number} width pixels
 */
function paintMark(pen, inside, edge, width) {
  if (inside) {
    pen.fillStyle = inside;
    pen.fill();
  }
  pen.strokeStyle = edge;
  pen.lineWidth = width;
  pen.stroke();
}

/** Names that do not lie on each other: whoever comes first keeps its place. */
class Names {
  /** @param {CanvasRenderingContext2D} pen */
  constructor(pen) {
    this.pen = pen;
    /** @type {number[][]} left, top, right, bottom */
    this.taken = [];
    /** @type {Set<string>} a place and its commune often share a name: it is written once */
    this.written = new Set();
  }

  /**
   * @param {string} name
   * @param {Spot} at its middle
   * @param {{size: number, weight: number, wide?: number}} look pixels; `wide`: only where it is not wider
   */
  write(name, at, look) {
    const { pen } = this;
    const plain = fold(name).replace(/[^a-z0-9]/g, "") || name;
    if (this.written.has(plain)) return;
    pen.font = `${look.weight} ${look.size}px system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif`;
    const width = pen.measureText(name).width;
    if (look.wide !== undefined && width > look.wide) return;
    const box = [at.x - width / 2 - 3, at.y - look.size / 2 - 2, at.x + width / 2 + 3, at.y + look.size / 2 + 2];
    if (this.taken.some((b) => box[0] < b[2] && box[2] > b[0] && box[1] < b[3] && box[3] > b[1])) return;
    this.taken.push(box);
    this.written.add(plain);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    pen.lineWidth = 3.5;
    pen.strokeStyle = "rgb(255 255 255 / 88%)";
    pen.strokeText(name, at.x, at.y);
    pen.fillStyle = "#1b1b1b";
    pen.fillText(name, at.x, at.y);
  }
}
