/* The page: what is shown now, the controls that change it, and the link that leads back to it. */

const state = {
  view: content.views[0].name,
  level: "communes",
  /** @type {{level: string, row: number} | null} */
  chosen: null,
  order: "score",
  listed: 10,
  open: false,
  /** @type {Record<string, boolean>} */
  show: Object.fromEntries(["sites", ...(content.lines ? ["lines"] : []), "roads", "places"].map((name) => [name, !(content.hide || []).includes(name)])),
  raster: "",
  /** @type {Set<string>} */
  hidden: new Set(),
  commune: "",
  worst: 0,
};

/** @type {Ground} */
let ground;

/** @typedef {{name: string, key: string, values: Record<string, string | string[]>, levels: Record<string, Scale>}} View */

/** @returns {View} */
function view() {
  return content.views.find((/** @type {any} */ v) => v.name === state.view);
}

/** @returns {Scale} */
function scale() {
  return view().levels[state.level];
}

/** Settle on a level that the view knows. */
function settle() {
  if (!view().levels[state.level]) state.level = Object.keys(view().levels)[0];
}

/**
 * Change what is shown and draw it.
 * @param {Partial<typeof state>} change
 */
function change(change) {
  const before = `${state.view} ${state.level}`;
  Object.assign(state, change);
  settle();
  if (before !== `${state.view} ${state.level}`) state.hidden.clear();
  refresh();
}

function refresh() {
  document.documentElement.lang = language;
  paint();
  writePanel();
  writeLink();
}

function paint() {
  const table = tables[state.level];
  const current = scale();
  const entries = Object.fromEntries(entriesOf(current).map((entry) => [entry.key, entry.colour]));
  /** @type {Record<string, string | CanvasPattern>} */
  const fills = {};
  const colours = Array.from({ length: table.length }, (_, row) => {
    if (!counts(state.level, row, state, current)) return null;
    const doubtful = isUncertain(current, table, row);
    const key = `${classOf(current, table, row)}${doubtful ? " ?" : ""}`;
    if (!(key in fills)) fills[key] = fillOf(entries[classOf(current, table, row)], doubtful);
    return key;
  });
  ground.draw({ level: state.level, colours, fills, show: state.show, raster: rasterOf(state.raster), chosen: state.chosen });
}

/**
 * Choose a unit or site, as a click does.
 * @param {string} level
 * @param {number} row
 * @param {boolean} [approach] bring it into view
 */
function choose(level, row, approach) {
  const shown = level === "sites" ? state.level : level;
  if (!view().levels[shown]) state.view = content.views[0].name;
  change({ chosen: { level, row }, level: shown, open: true });
  ground.map.invalidateSize({ animate: false });
  if (approach) ground.approach(level, row);
  const facts = document.getElementById("chosen");
  const panel = document.getElementById("panel");
  // not scrollIntoView: it would also push the page itself out of a phone's screen
  if (facts && panel) panel.scrollTop += facts.getBoundingClientRect().top - panel.getBoundingClientRect().top - 34;
}

/** The address that leads back to this view: `#unit=…&layer=…`. */
function writeLink() {
  const parts = new URLSearchParams();
  if (state.chosen) {
    const { level, row } = state.chosen;
    parts.set(level === "sites" ? "site" : "unit", tables[level].get(level === "sites" ? "site_id" : "unit_id", row));
  }
  parts.set("layer", state.view);
  parts.set("level", state.level);
  if (state.raster) parts.set("raster", state.raster);
  if (language !== content.language) parts.set("lang", language);
  if (document.body.classList.contains("embed")) parts.set("embed", "yes");
  try {
    history.replaceState(null, "", `#${parts}`);
  } catch {
    // a page inside a notebook has no address of its own
  }
}

function readLink() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const lang = parts.get("lang");
  if (lang && lang in content.words) language = lang;
  const wanted = content.views.find((/** @type {any} */ v) => v.name === parts.get("layer"));
  if (wanted) state.view = wanted.name;
  const level = parts.get("level");
  if (level && view().levels[level]) state.level = level;
  state.raster = rasterOf(parts.get("raster") || "")?.name || "";
  settle();
  const unit = parts.get("unit") || parts.get("site") || "";
  const levels = parts.has("site") ? ["sites"] : ["villages", "communes"];
  // an empty link asks for no village, so none is read
  const found = unit ? levels.find((name) => tables[name].rows.has(unit)) : undefined;
  if (!found) return refresh();
  choose(found, /** @type {number} */ (tables[found].rows.get(unit)), true);
}

/** @param {any} map */
function startBoard(map) {
  const stage = /** @type {HTMLElement} */ (document.getElementById("stage"));
  stage.append(map.getContainer());
  map.getContainer().setAttribute("role", "region");
  map.getContainer().setAttribute("aria-label", content.title);
  const Inset = Leaflet.Control.extend({ onAdd: () => document.getElementById("islands") });
  new Inset({ position: "bottomright" }).addTo(map);
  Leaflet.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  ground = new Ground(map, { select: (level, row) => choose(level, row), nothing: () => state.chosen && change({ chosen: null }), tooltip });
  /** @type {HTMLElement} */ (document.getElementById("language")).addEventListener("click", () => {
    language = Object.keys(content.words).find((name) => name !== language) || language;
    refresh();
  });
  window.addEventListener("hashchange", readLink);
  const embedded = [location.hash.slice(1), location.search].some((text) => new URLSearchParams(text).has("embed"));
  document.body.classList.toggle("embed", embedded);
  map.invalidateSize({ animate: false });
  // in another page the legend lies on the map, at its left
  map.fitBounds(content.bounds, { animate: false, paddingTopLeft: [embedded && map.getSize().x > 560 ? 256 : 8, 8], paddingBottomRight: [8, 8] });
  readLink();
  document.body.dataset.ready = "yes";
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(stage);
}
