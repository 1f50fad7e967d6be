/* Borders: arcs that neighbours share, decoded once into the unit square of the map's projection (EPSG:3857). */

/** Arcs one after the other: x and y of their points from 0 to 1, and where each arc begins. */
class Arcs {
  constructor() {
    this.x = new Float64Array(0);
    this.y = new Float64Array(0);
    /** @type {number[]} one more than there are arcs */
    this.starts = [0];
  }

  /**
   * Add arcs from their text.
   * @param {string} text
   * @param {number} step degrees
   * @param {number[]} origin in steps
   */
  add(text, step, origin) {
    const numbers = unpack(text);
    const x = new Float64Array(this.x.length + numbers.length / 2);
    const y = new Float64Array(x.length);
    x.set(this.x);
    y.set(this.y);
    let at = this.x.length;
    for (let i = 0; i < numbers.length; ) {
      const count = numbers[i++];
      let [east, north] = origin;
      for (let k = 0; k < count; k++) {
        east += signed(numbers[i++]);
        north += signed(numbers[i++]);
        x[at] = across(east * step);
        y[at++] = down(north * step);
      }
      this.starts.push(at);
    }
    this.x = x.subarray(0, at);
    this.y = y.subarray(0, at);
  }

  get length() {
    return this.starts.length - 1;
  }
}

/** @param {number} lon degrees */
function across(lon) {
  return lon / 360 + 0.5;
}

/** @param {number} lat degrees */
function down(lat) {
  return 0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI);
}

/** @param {number} y from 0 to 1 */
function latitude(y) {
  return (Math.atan(Math.sinh(2 * Math.PI * (0.5 - y))) * 180) / Math.PI;
}

/** @typedef {Int32Array} Ring arc numbers; `~number` runs backwards */

/** The shapes of a layer: per row its parts, per part its rings; and the box of each row in the unit square. */
class Shapes {
  /**
   * @param {string} text
   * @param {Arcs} arcs
   */
  constructor(text, arcs) {
    this.arcs = arcs;
    /** @type {Ring[][][]} */
    this.rows = [];
    const numbers = unpack(text);
    let before = 0;
    for (let i = 0; i < numbers.length; ) {
      const parts = [];
      for (let p = numbers[i++]; p > 0; p--) {
        const rings = [];
        for (let r = numbers[i++]; r > 0; r--) {
          const ring = new Int32Array(numbers[i++]);
          for (let k = 0; k < ring.length; k++) {
            const coded = numbers[i++];
            before += signed(coded >> 1);
            ring[k] = coded & 1 ? ~before : before;
          }
          rings.push(ring);
        }
        parts.push(rings);
      }
      this.rows.push(parts);
    }
    /** west, north, east, south per row; an empty shape has a box that holds nothing */
    this.boxes = new Float64Array(4 * this.rows.length);
    this.rows.forEach((parts, row) => {
      this.measure(parts, row);
    });
  }

  /**
   * @param {Ring[][]} parts
   * @param {number} row
   */
  measure(parts, row) {
    const { x, y, starts } = this.arcs;
    let [west, north, east, south] = [2, 2, -1, -1];
    for (const rings of parts) {
      for (const number of rings[0]) {
        const arc = number < 0 ? ~number : number;
        for (let i = starts[arc]; i < starts[arc + 1]; i++) {
          if (x[i] < west) west = x[i];
          if (x[i] > east) east = x[i];
          if (y[i] < north) north = y[i];
          if (y[i] > south) south = y[i];
        }
      }
    }
    this.boxes.set([west, north, east, south], 4 * row);
  }

  /** Numbers of the arcs that any row uses, each once. */
  used() {
    const seen = new Uint8Array(this.arcs.length);
    for (const parts of this.rows) for (const rings of parts) for (const ring of rings) for (const number of ring) seen[number < 0 ? ~number : number] = 1;
    /** @type {number[]} */
    const found = [];
    seen.forEach((yes, arc) => {
      if (yes) found.push(arc);
    });
    return found;
  }

  /**
   * The row whose shape holds a point; -1 where there is none.
   * @param {number} x
   * @param {number} y
   */
  at(x, y) {
    const { boxes } = this;
    for (let row = 0, b = 0; row < this.rows.length; row++, b += 4) {
      if (x >= boxes[b] && x <= boxes[b + 2] && y >= boxes[b + 1] && y <= boxes[b + 3] && this.holds(row, x, y)) return row;
    }
    return -1;
  }

  /**
   * Whether a ray from the point to the east crosses the borders of a row an odd number of times.
   * @param {number} row
   * @param {number} px
   * @param {number} py
   */
  holds(row, px, py) {
    const { x, y, starts } = this.arcs;
    let inside = false;
    for (const rings of this.rows[row]) {
      for (const ring of rings) {
        for (const number of ring) {
          const arc = number < 0 ? ~number : number;
          for (let i = starts[arc] + 1; i < starts[arc + 1]; i++) {
            if (y[i] > py !== y[i - 1] > py && px < ((x[i - 1] - x[i]) * (py - y[i])) / (y[i - 1] - y[i]) + x[i]) inside = !inside;
          }
        }
      }
    }
    return inside;
  }

  /**
   * Closed ring as positions, degrees, five decimals.
   * @param {Ring} ring
   * @returns {number[][]} lon, lat
   */
  positions(ring) {
    const { x, y, starts } = this.arcs;
    /** @type {number[][]} */
    const found = [];
    for (const number of ring) {
      const arc = number < 0 ? ~number : number;
      const points = [];
      for (let i = starts[arc]; i < starts[arc + 1]; i++) points.push([Number(((x[i] - 0.5) * 360).toFixed(5)), Number(latitude(y[i]).toFixed(5))]);
      if (number < 0) points.reverse();
      found.push(...(found.length ? points.slice(1) : points));
    }
    return found;
  }
}

const arcs = new Arcs();
arcs.add(content.shapes.arcs, content.shapes.step, content.shapes.origin);

/** @type {Record<string, Shapes>} */
const drawn = {};

/**
 * The shapes of a layer, read when they are first asked for.
 * @param {string} name communes, villages, roads or outline
 */
function shapes(name) {
  if (!drawn[name]) {
    if (name === "villages") arcs.add(villagesContent().arcs, content.shapes.step, content.shapes.origin);
    drawn[name] = new Shapes(name === "villages" ? villagesContent().shapes : content.shapes[name], arcs);
  }
  return drawn[name];
}
