/* What lies on the map: one canvas with the areas of a level, borders, roads, lines to the teams, sites and names. */

/** @type {any} Leaflet is packaged in front of this script. */
const Leaflet = /** @type {any} */ (window).L;

/** Leaflet's own frame of a renderer (panning, zooming, a border of 20 % around), with one canvas that we draw. */
const Sheet = Leaflet.Renderer.extend({
  options: { padding: 0.2 },
  initialize(/** @type {(pen: CanvasRenderingContext2D) => void} */ write) {
    Leaflet.Renderer.prototype.initialize.call(this, { padding: 0.2 });
    this.write = write;
  },
  _initContainer() {
    this._container = document.createElement("canvas");
  },
  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    Leaflet.Renderer.prototype._update.call(this);
    this.draw();
  },
  draw() {
    if (!this._map || !this._bounds) return;
    const { min } = this._bounds;
    const size = this._bounds.getSize();
    const dense = Math.min(2, window.devicePixelRatio || 1);
    const canvas = this._container;
    Leaflet.DomUtil.setPosition(canvas, min);
    if (canvas.width !== size.x * dense || canvas.height !== size.y * dense) {
      canvas.width = size.x * dense;
      canvas.height = size.y * dense;
      canvas.style.width = `${size.x}px`;
      canvas.style.height = `${size.y}px`;
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.setTransform(dense, 0, 0, dense, -min.x * dense, -min.y * dense);
    this.write(pen);
  },
});

/** Points closer than this to the one before are left out of a drawing, pixels. */
const THIN = 0.6;
/** A pointer this close to a team site means the site, pixels. */
const NEAR = 10;

/**
 * @typedef {{level: Level, colours: (string | null)[], fills: Record<string, string | CanvasPattern>,
 *   show: Record<string, boolean>, raster: Raster | null, chosen: {level: Level, row: number} | null}} Picture
 *   what is drawn now: the colour of each row as a key of `fills`, null where it is filtered out; a raster in their place
 */

/** The drawing, and what the pointer does to it. */
class Ground {
  /**
   * @param {any} map
   * @param {{select: (level: Level, row: number) => void, nothing: () => void, tooltip: (level: Level, row: number) => HTMLElement}} answers
   */
  constructor(map, answers) {
    this.map = map;
    this.answers = answers;
    /** @type {Picture | null} */
    this.picture = null;
    this.zoom = -1;
    /** Points that are drawn at the zoom in force: pixels of the whole world, and where each arc begins. */
    this.thin = { x: new Float64Array(0), y: new Float64Array(0), starts: new Int32Array(1), arcs: -1 };
    this.origin = { x: 0, y: 0 };
    this.canvas = new Sheet((/** @type {CanvasRenderingContext2D} */ pen) => this.write(pen)).addTo(map);
    this.tip = make("div", { class: "numbers", hidden: true, role: "tooltip" });
    map.getContainer().append(this.tip);
    /** @type {{level: Level, row: number} | null} */
    this.pointed = null;
    map.on("click", (/** @type {any} */ event) => this.pick(event));
    if (window.matchMedia("(hover: hover)").matches) {
      map.on("mousemove", (/** @type {any} */ event) => this.point(event));
      map.on("mouseout movestart zoomstart", () => this.unpoint());
    }
  }

  /** @param {Picture} picture */
  draw(picture) {
    this.picture = picture;
    this.canvas.draw();
  }

  /** @param {CanvasRenderingContext2D} pen */
  write(pen) {
    if (!this.picture) return;
    const { level, show, raster, chosen } = this.picture;
    const areas = shapes(level);
    this.project();
    if (raster) this.underlay(pen, raster);
    else this.fill(pen, areas);
    this.borders(pen, level);
    if (show.roads) this.roads(pen);
    this.trace(pen, shapes("outline").used(), "#222222", 2);
    if (show.lines && level === "villages") this.lines(pen, null, "rgb(27 27 27 / 60%)", 0.8);
    if (chosen) this.mark(pen, chosen);
    if (show.sites) this.sites(pen);
    if (chosen && chosen.level === "sites") this.ring(pen, chosen.row);
    this.names(pen, level);
  }

  /** Project and thin all arcs for the zoom in force, unless that is done already. */
  project() {
    const zoom = this.map.getZoom();
    this.origin = this.map.getPixelOrigin();
    if (zoom === this.zoom && this.thin.arcs === arcs.length) return;
    const scale = this.map.options.crs.scale(zoom);
    const x = new Float64Array(arcs.x.length);
    const y = new Float64Array(arcs.x.length);
    const starts = new Int32Array(arcs.length + 1);
    let at = 0;
    for (let arc = 0; arc < arcs.length; arc++) {
      const last = arcs.starts[arc + 1] - 1;
      for (let i = arcs.starts[arc]; i <= last; i++) {
        const px = arcs.x[i] * scale;
        const py = arcs.y[i] * scale;
        // the ends of an arc always stay: others begin there
        if (i > arcs.starts[arc] && i < last && Math.abs(px - x[at - 1]) < THIN && Math.abs(py - y[at - 1]) < THIN) continue;
        x[at] = px;
        y[at++] = py;
      }
      starts[arc + 1] = at;
    }
    this.thin = { x, y, starts, arcs: arcs.length };
    this.zoom = zoom;
  }

  /**
   * The spot of a position in the layer's pixels.
   * @param {number} lat degrees
   * @param {number} lon degrees
   * @returns {Spot}
   */
  spot(lat, lon) {
    const scale = this.map.options.crs.scale(this.map.getZoom());
    return { x: across(lon) * scale - this.origin.x, y: down(lat) * scale - this.origin.y };
  }

  /**
   * Lead the pen along a ring.
   * @param {CanvasRenderingContext2D} pen
   * @param {Ring} ring
   */
  path(pen, ring) {
    const { x, y, starts } = this.thin;
    const { x: left, y: top } = this.origin;
    let begun = false;
    for (const number of ring) {
      const back = number < 0;
      const arc = back ? ~number : number;
      const [first, end] = [starts[arc], starts[arc + 1]];
      const step = back ? -1 : 1;
      for (let i = back ? end - 1 : first; back ? i >= first : i < end; i += step) {
        if (begun) pen.lineTo(x[i] - left, y[i] - top);
        else pen.moveTo(x[i] - left, y[i] - top);
        begun = true;
      }
    }
  }

  /**
   * Fill the areas, all of one colour at once: no seam shows between neighbours.
   * @param {CanvasRenderingContext2D} pen
   * @param {Shapes} areas
   */
  fill(pen, areas) {
    const { colours, fills } = /** @type {Picture} */ (this.picture);
    /** @type {Map<string, number[]>} */
    const groups = new Map();
    colours.forEach((key, row) => {
      const members = groups.get(key === null ? "" : key);
      if (members) members.push(row);
      else groups.set(key === null ? "" : key, [row]);
    });
    for (const [key, rows] of groups) {
      pen.beginPath();
      for (const row of rows) if (this.sees(areas, row)) for (const rings of areas.rows[row]) for (const ring of rings) this.path(pen, ring);
      pen.fillStyle = key ? fills[key] : "#f6f8fa";
      pen.fill("evenodd");
    }
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Raster} raster
   */
  underlay(pen, raster) {
    const [west, south, east, north] = raster.bounds;
    const image = imageOf(raster, () => this.canvas.draw());
    if (image) drawRaster(pen, image, this.spot(north, west), this.spot(south, east));
  }

  /**
   * Whether any of a row may lie on the canvas.
   * @param {Shapes} areas
   * @param {number} row
   */
  sees(areas, row) {
    const scale = this.map.options.crs.scale(this.map.getZoom());
    const { min, max } = this.canvas._bounds;
    const { x, y } = this.origin;
    const b = 4 * row;
    return areas.boxes[b] * scale - x < max.x && areas.boxes[b + 2] * scale - x > min.x && areas.boxes[b + 1] * scale - y < max.y && areas.boxes[b + 3] * scale - y > min.y;
  }

  /**
   * The borders of a level, each once; over villages those of the communes are stronger.
   * @param {CanvasRenderingContext2D} pen
   * @param {Level} level
   */
  borders(pen, level) {
    // the borders of a whole country would hide its colours
    const fine = shapes(level).rows.length > (level === "communes" ? 1000 : 5000) && this.map.getZoom() < 10 ? 0.25 : 1;
    if (level === "villages") this.trace(pen, this.arcsOf("villages"), "#5a5a5a", 0.6 * fine);
    this.trace(pen, this.arcsOf("communes"), level === "villages" ? "#333333" : "#5a5a5a", (level === "villages" ? 1.3 : 1) * fine);
  }

  /** @param {string} name */
  arcsOf(name) {
    /** @type {any} */
    const layer = shapes(name);
    if (!layer.all) layer.all = layer.used();
    return layer.all;
  }

  /**
   * Stroke arcs.
   * @param {CanvasRenderingContext2D} pen
   * @param {ArrayLike<number>} numbers
   * @param {string} colour
   * @param {number} width pixels
   */
  trace(pen, numbers, colour, width) {
    const { x, y, starts } = this.thin;
    const { x: left, y: top } = this.origin;
    pen.beginPath();
    for (let k = 0; k < numbers.length; k++) {
      const arc = numbers[k];
      pen.moveTo(x[starts[arc]] - left, y[starts[arc]] - top);
      for (let i = starts[arc] + 1; i < starts[arc + 1]; i++) pen.lineTo(x[i] - left, y[i] - top);
    }
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.lineJoin = "round";
    pen.stroke();
  }

  /** @param {CanvasRenderingContext2D} pen */
  roads(pen) {
    const main = /** @type {number[]} */ ([]);
    const other = /** @type {number[]} */ ([]);
    const classes = valuesOf(content.road_class);
    shapes("roads").rows.forEach((parts, i) => {
      const into = classes[i] === "national" || classes[i] === "trunk" ? main : other;
      for (const rings of parts) for (const ring of rings) into.push(...ring);
    });
    // a pale edge keeps a road apart from dark colours
    this.trace(pen, [...main, ...other], "rgb(255 255 255 / 60%)", 3);
    this.trace(pen, other, "#6b4a2b", 0.9);
    this.trace(pen, main, "#6b4a2b", 1.7);
  }

  /**
   * Lines from villages to the teams that serve them.
   * @param {CanvasRenderingContext2D} pen
   * @param {string | null} only id of a site, null for all
   * @param {string} colour
   * @param {number} width pixels
   */
  lines(pen, only, colour, width) {
    const { sites, villages } = tables;
    pen.beginPath();
    villages.column("assigned_site_id").forEach((id, row) => {
      const site = id === null || (only !== null && id !== only) ? undefined : sites.rows.get(id);
      if (site === undefined || sites.get("lat", site) === null) return;
      const from = this.spot(villages.get("lat", row), villages.get("lon", row));
      const to = this.spot(sites.get("lat", site), sites.get("lon", site));
      pen.moveTo(from.x, from.y);
      pen.lineTo(to.x, to.y);
    });
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.stroke();
  }

  /** @param {CanvasRenderingContext2D} pen */
  sites(pen) {
    const { sites } = tables;
    // seen from afar, large marks would hide the areas
    const radius = Math.max(3.5, Math.min(6, (this.map.getZoom() - 5) * 1.5));
    // what the plan changes lies on top
    for (const statuses of SITE_ORDER) {
      for (let row = 0; row < sites.length; row++) {
        const status = sites.get("status", row);
        if (sites.get("lat", row) === null || !statuses.includes(status)) continue;
        drawSite(pen, this.spot(sites.get("lat", row), sites.get("lon", row)), status, sites.get("certainty", row), radius);
      }
    }
  }

  /**
   * Mark what is chosen; for a site the lines to the villages that it serves.
   * @param {CanvasRenderingContext2D} pen
   * @param {{level: Level, row: number}} chosen
   */
  mark(pen, { level, row }) {
    if (level === "sites") {
      this.lines(pen, tables.sites.get("site_id", row), "#00513b", 1.6);
      return;
    }
    for (const [colour, width] of /** @type {[string, number][]} */ ([
      ["#ffffff", 6],
      ["#000000", 2.5],
    ])) {
      pen.beginPath();
      for (const rings of shapes(level).rows[row]) for (const ring of rings) this.path(pen, ring);
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.stroke();
    }
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {number} row
   */
  ring(pen, row) {
    if (tables.sites.get("lat", row) === null) return;
    const at = this.spot(tables.sites.get("lat", row), tables.sites.get("lon", row));
    for (const [colour, width] of /** @type {[string, number][]} */ ([
      ["#ffffff", 5],
      ["#000000", 2.5],
    ])) {
      pen.beginPath();
      pen.arc(at.x, at.y, 11, 0, 2 * Math.PI);
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.stroke();
    }
  }

  /**
   * Names of places; nearer by those of the areas, where they fit.
   * @param {CanvasRenderingContext2D} pen
   * @param {Level} level
   */
  names(pen, level) {
    const { show } = /** @type {Picture} */ (this.picture);
    if (!show.places) return;
    const names = new Names(pen);
    if (show.sites) {
      for (let row = 0; row < tables.sites.length; row++) {
        const at = this.spot(tables.sites.get("lat", row), tables.sites.get("lon", row));
        names.taken.push([at.x - 5, at.y - 5, at.x + 5, at.y + 5]);
      }
    }
    for (const [name, lat, lon] of content.places) names.write(name, this.spot(lat, lon), { size: 12, weight: 600 });
    const scale = this.map.options.crs.scale(this.map.getZoom());
    for (const kind of /** @type {Level[]} */ (level === "villages" ? ["communes", "villages"] : ["communes"])) {
      const areas = shapes(kind);
      for (let row = 0; row < areas.rows.length; row++) {
        const wide = (areas.boxes[4 * row + 2] - areas.boxes[4 * row]) * scale;
        if (wide < 45 || !this.sees(areas, row)) continue;
        const at = this.spot(tables[kind].get("lat", row), tables[kind].get("lon", row));
        names.write(shortName(kind, row), at, { size: kind === "communes" ? 11.5 : 10.5, weight: kind === "communes" ? 600 : 400, wide: wide * 0.95 });
      }
    }
  }

  /**
   * What lies under the pointer: a team site before an area.
   * @param {any} event
   * @returns {{level: Level, row: number} | null}
   */
  under(event) {
    if (!this.picture) return null;
    const { x, y } = event.layerPoint;
    const { sites } = tables;
    if (this.picture.show.sites) {
      let found = -1;
      let nearest = NEAR * NEAR;
      for (let row = 0; row < sites.length; row++) {
        if (sites.get("lat", row) === null) continue;
        const at = this.spot(sites.get("lat", row), sites.get("lon", row));
        const distance = (at.x - x) ** 2 + (at.y - y) ** 2;
        if (distance <= nearest) [found, nearest] = [row, distance];
      }
      if (found >= 0) return { level: "sites", row: found };
    }
    const row = shapes(this.picture.level).at(across(event.latlng.lng), down(event.latlng.lat));
    return row < 0 ? null : { level: this.picture.level, row };
  }

  /** @param {any} event */
  pick(event) {
    const found = this.under(event);
    if (found) this.answers.select(found.level, found.row);
    else this.answers.nothing();
  }

  /** @param {any} event */
  point(event) {
    const found = this.under(event);
    this.map.getContainer().style.cursor = found ? "pointer" : "";
    if (!found) return this.unpoint();
    if (!this.pointed || this.pointed.level !== found.level || this.pointed.row !== found.row) this.tip.replaceChildren(this.answers.tooltip(found.level, found.row));
    this.pointed = found;
    this.tip.hidden = false;
    const size = this.map.getSize();
    const { x, y } = event.containerPoint;
    const [width, height] = [this.tip.offsetWidth, this.tip.offsetHeight];
    const left = x + 16 + width > size.x ? x - 16 - width : x + 16;
    this.tip.style.left = `${Math.max(4, left)}px`;
    this.tip.style.top = `${Math.max(4, Math.min(y - 12, size.y - height - 4))}px`;
  }

  unpoint() {
    this.pointed = null;
    this.tip.hidden = true;
  }

  /**
   * Bring a unit into view.
   * @param {Level} level
   * @param {number} row
   */
  approach(level, row) {
    const parts = level === "sites" ? [] : shapes(level).rows[row];
    if (!parts.length) {
      this.map.setView([tables[level].get("lat", row), tables[level].get("lon", row)], 12, { animate: false });
      return;
    }
    const [west, north, east, south] = shapes(level).boxes.subarray(4 * row, 4 * row + 4);
    const bounds = [
      [latitude(south), (west - 0.5) * 360],
      [latitude(north), (east - 0.5) * 360],
    ];
    this.map.fitBounds(bounds, { padding: [30, 30], maxZoom: 12, animate: false });
  }
}

/**
 * The name of an area as the map writes it: no "Xã", no longer than a line.
 * @param {Level} level
 * @param {number} row
 */
function shortName(level, row) {
  const name = title(level, row).replace(/^(Xã|Phường|Đặc khu|Thị trấn) /, "");
  return name.length > 40 ? `${name.slice(0, 39)}…` : name;
}
