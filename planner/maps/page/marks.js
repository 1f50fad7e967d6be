/* What lies on the areas: team sites, names of places and communes. All drawn on the canvas of the ground. */

/** @typedef {{x: number, y: number}} Spot */

/** Statuses of sites at which a team stands after the plan too, and of those that it leaves. */
const STANDING = ["existing", "upgraded"];
const LEFT = ["moved", "closed"];

/**
 * The pen's way round a team site: a disc stands today, a pale one is left, a diamond is new; white within where few draws choose it.
 * @param {CanvasRenderingContext2D} pen
 * @param {Spot} at
 * @param {string} status
 * @param {string | null} certainty
 * @param {number} radius pixels
 */
function drawSite(pen, at, status, certainty, radius) {
  const left = LEFT.includes(status);
  const stands = left || STANDING.includes(status);
  pen.beginPath();
  if (stands) {
    pen.arc(at.x, at.y, radius, 0, 2 * Math.PI);
  } else {
    const r = radius + 1;
    pen.moveTo(at.x, at.y - r);
    pen.lineTo(at.x + r, at.y);
    pen.lineTo(at.x, at.y + r);
    pen.lineTo(at.x - r, at.y);
    pen.closePath();
  }
  pen.fillStyle = left || certainty === "phone_first" ? "#ffffff" : stands ? "#11306b" : "#f0e442";
  pen.strokeStyle = left ? "#11306b" : stands ? "#ffffff" : "#000000";
  pen.lineWidth = left ? 2 : 1.5;
  pen.fill();
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
