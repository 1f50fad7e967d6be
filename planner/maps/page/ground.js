/* What lies on the map: areas on one canvas from shared borders, then roads, names, team sites and the selection. */

/** @type {any} Leaflet is packaged in front of this script. */
const Leaflet = /** @type {any} */ (window).L;

/** Every arc as positions, decoded once. */
const arcs = content.topology.arcs.map((/** @type {number[]} */ arc) => {
  const { step, origin } = content.topology;
  let [x, y] = origin;
  const found = [];
  for (let i = 0; i < arc.length; i += 2) {
    x += arc[i];
    y += arc[i + 1];
    found.push(Leaflet.latLng(y * step, x * step));
  }
  return found;
});

/**
 * Positions of a ring or line of arc numbers; `~number` runs backwards.
 * @param {number[]} ring
 * @returns {any[]}
 */
function path(ring) {
  /** @type {any[]} */
  const found = [];
  for (const index of ring) {
    const arc = index < 0 ? [...arcs[~index]].reverse() : arcs[index];
    for (let i = found.length ? 1 : 0; i < arc.length; i++) found.push(arc[i]);
  }
  return found;
}

/**
 * @param {string} name
 * @returns {any[]} per row the parts of a shape as arc numbers, none where it is empty
 */
function shapes(name) {
  return content.topology.objects[name];
}

/**
 * Pixels of a border: the borders of a whole country would hide its colours.
 * @param {string} level
 * @returns {number}
 */
function thickness(level) {
  const many = level === "communes" ? 1000 : 5000;
  const usual = level === "communes" ? 1 : 0.6;
  return tables[level].length > many ? usual / 4 : usual;
}

/** The drawing: one canvas, its layers, and what the pointer does to them. */
class Ground {
  /**
   * @param {any} map
   * @param {{select: (level: string, row: number) => void, tooltip: (level: string, row: number) => HTMLElement}} answers
   */
  constructor(map, answers) {
    this.map = map;
    this.answers = answers;
    this.canvas = Leaflet.canvas({ padding: 0.3 });
    /** @type {Record<string, any[]>} */
    this.areas = {};
    /** @type {Record<string, any>} */
    this.groups = {};
    this.pointed = window.matchMedia("(hover: hover)").matches;
    this.behind = { roads: this.roads(), outline: this.lines("outline", { color: "#222222", weight: 2 }) };
    this.borders = Leaflet.layerGroup();
    for (const shape of shapes("communes")) {
      for (const part of shape) {
        this.borders.addLayer(Leaflet.polyline(part.map(path), { renderer: this.canvas, interactive: false, color: "#444444", weight: thickness("communes") + 0.2 }));
      }
    }
    this.selection = Leaflet.layerGroup().addTo(map);
    this.sites = this.marks();
    this.services = this.served();
    this.names = Leaflet.layerGroup();
    this.placeNames();
    map.on("zoomend moveend", () => this.thinNames());
  }

  /**
   * The areas of a level, made when they are first shown.
   * @param {string} level
   * @returns {any[]}
   */
  level(level) {
    if (this.areas[level]) return this.areas[level];
    const made = shapes(level).map((shape, row) => {
      if (!shape.length) return null;
      const rings = shape.map((/** @type {number[][]} */ part) => part.map(path));
      const area = Leaflet.polygon(rings, { renderer: this.canvas, weight: thickness(level), color: "#5a5a5a" });
      return this.listen(area, level, row);
    });
    this.areas[level] = made;
    this.groups[level] = Leaflet.layerGroup(made.filter(Boolean));
    return made;
  }

  /**
   * @param {any} layer
   * @param {string} level
   * @param {number} row
   */
  listen(layer, level, row) {
    layer.on("click", (/** @type {any} */ event) => {
      Leaflet.DomEvent.stopPropagation(event);
      this.answers.select(level, row);
    });
    if (this.pointed) layer.bindTooltip(() => this.answers.tooltip(level, row), { sticky: true, className: "numbers", opacity: 1 });
    return layer;
  }

  /**
   * Show one level in the fills that `paint` gives; null stands for filtered out.
   * @param {string} level
   * @param {(row: number) => string | CanvasPattern | null} paint
   * @param {Record<string, boolean>} show
   */
  draw(level, paint, show) {
    const areas = this.level(level);
    for (const [name, group] of Object.entries(this.groups)) if (name !== level) group.remove();
    areas.forEach((area, row) => {
      if (!area) return;
      const fill = paint(row);
      area.setStyle({ fillColor: fill === null ? "#ffffff" : fill, fillOpacity: fill === null ? 0.15 : 0.9 });
    });
    this.groups[level].addTo(this.map);
    this.order(level, show);
  }

  /**
   * Stack what is drawn: areas, borders, roads, outline, selection, sites, names.
   * @param {string} level
   * @param {Record<string, boolean>} show
   */
  order(level, show) {
    /** @type {[any, boolean][]} */
    const stack = [
      [this.borders, level === "villages"],
      [this.behind.roads, show.roads],
      [this.behind.outline, true],
      [this.services, show.lines],
      [this.selection, true],
      [this.sites, show.sites],
      [this.names, show.places],
    ];
    for (const [layer, shown] of stack) {
      layer.remove();
      if (shown) layer.addTo(this.map);
    }
    this.thinNames();
  }

  roads() {
    const group = Leaflet.layerGroup();
    shapes("roads").forEach((shape, i) => {
      const main = content.road_class[i] === "national" || content.road_class[i] === "trunk";
      const options = { renderer: this.canvas, interactive: false, color: "#6b4a2b", weight: main ? 1.8 : 1, opacity: 0.75 };
      for (const part of shape) group.addLayer(Leaflet.polyline(path(part), options));
    });
    return group;
  }

  /**
   * @param {string} name
   * @param {Record<string, any>} look
   */
  lines(name, look) {
    const group = Leaflet.layerGroup();
    for (const shape of shapes(name)) {
      for (const part of shape) {
        group.addLayer(Leaflet.polyline(path(part), { renderer: this.canvas, interactive: false, ...look }));
      }
    }
    return group;
  }

  /** A line from each village to the team that serves it. */
  served() {
    const group = Leaflet.layerGroup();
    const { sites, villages } = tables;
    for (let row = 0; content.lines && row < villages.length; row++) {
      const site = sites.rows.get(villages.get("assigned_site_id", row));
      if (site === undefined) continue;
      const ends = [
        [villages.get("lat", row), villages.get("lon", row)],
        [sites.get("lat", site), sites.get("lon", site)],
      ];
      group.addLayer(Leaflet.polyline(ends, { renderer: this.canvas, interactive: false, color: "#1b1b1b", weight: 0.8, opacity: 0.6 }));
    }
    return group;
  }

  /** Team sites: a disc stands today, a diamond is new. */
  marks() {
    const group = Leaflet.layerGroup();
    const sites = tables.sites;
    for (let row = 0; row < sites.length; row++) {
      const lat = sites.get("lat", row);
      if (lat === null) continue;
      const made = sites.get("status", row) !== "existing";
      const options = { renderer: this.canvas, radius: 6, weight: 1.5, fillOpacity: 1, color: made ? "#000000" : "#ffffff", fillColor: made ? "#f0e442" : "#11306b" };
      const mark = made ? new Diamond([lat, sites.get("lon", row)], options) : Leaflet.circleMarker([lat, sites.get("lon", row)], options);
      group.addLayer(this.listen(mark, "sites", row));
    }
    return group;
  }

  placeNames() {
    for (const [name, lat, lon] of content.places) {
      const tip = Leaflet.tooltip({ permanent: true, direction: "center", className: "place", interactive: false, opacity: 1 });
      tip.setLatLng([lat, lon]).setContent(make("span", {}, name));
      this.names.addLayer(tip);
    }
  }

  /** Hide the names that would lie on another one; earlier names win. */
  thinNames() {
    /** @type {DOMRect[]} */
    const taken = [];
    this.names.eachLayer((/** @type {any} */ tip) => {
      const node = tip.getElement();
      if (!node || !this.map.hasLayer(this.names)) return;
      node.style.visibility = "";
      const box = node.getBoundingClientRect();
      const free = taken.every((b) => box.right < b.left || box.left > b.right || box.bottom < b.top || box.top > b.bottom);
      if (free) taken.push(box);
      else node.style.visibility = "hidden";
    });
  }

  /**
   * Mark what is chosen, and for a site the villages it serves.
   * @param {string | null} level
   * @param {number} row
   */
  mark(level, row) {
    this.selection.clearLayers();
    if (level === null) return;
    if (level === "sites") return this.reach(row);
    for (const part of shapes(level)[row]) {
      const rings = part.map(path);
      this.selection.addLayer(Leaflet.polyline(rings, { renderer: this.canvas, interactive: false, color: "#ffffff", weight: 6 }));
      this.selection.addLayer(Leaflet.polyline(rings, { renderer: this.canvas, interactive: false, color: "#000000", weight: 2.5 }));
    }
  }

  /** @param {number} row */
  reach(row) {
    const { sites, villages } = tables;
    const at = [sites.get("lat", row), sites.get("lon", row)];
    const id = sites.get("site_id", row);
    for (let i = 0; i < villages.length; i++) {
      if (villages.get("assigned_site_id", i) !== id) continue;
      const line = [at, [villages.get("lat", i), villages.get("lon", i)]];
      this.selection.addLayer(Leaflet.polyline(line, { renderer: this.canvas, interactive: false, color: "#00513b", weight: 1.5 }));
    }
    this.selection.addLayer(Leaflet.circleMarker(at, { renderer: this.canvas, interactive: false, radius: 11, color: "#000000", weight: 2.5, fill: false }));
  }

  /**
   * Bring a unit into view.
   * @param {string} level
   * @param {number} row
   */
  approach(level, row) {
    const area = level === "sites" ? null : this.level(level)[row];
    if (area) this.map.fitBounds(area.getBounds(), { padding: [30, 30], maxZoom: 12, animate: false });
    else this.map.setView([tables[level].get("lat", row), tables[level].get("lon", row)], 12, { animate: false });
  }
}

/** A square on its corner, on the canvas. */
const Diamond = Leaflet.CircleMarker.extend({
  _updatePath() {
    const pen = this._renderer._ctx;
    if (!this._renderer._drawing || this._empty() || !pen) return;
    const { x, y } = this._point;
    const r = this._radius + 1;
    pen.beginPath();
    pen.moveTo(x, y - r);
    pen.lineTo(x + r, y);
    pen.lineTo(x, y + r);
    pen.lineTo(x - r, y);
    pen.closePath();
    this._renderer._fillStroke(pen, this);
  },
});
