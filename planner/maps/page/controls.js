/* The panel, part by part: each is written anew from the state, and changes it through `change`. */

/**
 * @param {string} id
 * @param {string} heading
 * @param {...(Node | string | null | undefined)} children
 */
function section(id, heading, ...children) {
  return make("section", { id, "aria-labelledby": `${id}-heading` }, make("h2", { id: `${id}-heading` }, heading), ...children);
}

/**
 * A fold that keeps its state when the panel is written anew; what is in it is made when it is first opened.
 * @param {string} id
 * @param {string} summary
 * @param {() => (Node | null)[]} inside
 */
function fold_(id, summary, inside) {
  const before = /** @type {HTMLDetailsElement | null} */ (document.getElementById(id));
  const open = Boolean(before?.open);
  let made = false;
  const fill = () => {
    if (!made) node.append(.../** @type {Node[]} */ (inside().filter(Boolean)));
    made = true;
  };
  // a click fills it before it opens; the page's own search opens it without one
  const node = make("details", { id, open, on: { toggle: fill } }, make("summary", { on: { click: fill } }, summary));
  if (open) fill();
  return node;
}

function writePanel() {
  const panel = /** @type {HTMLElement} */ (document.getElementById("panel"));
  const focused = document.activeElement && panel.contains(document.activeElement) ? document.activeElement.id : "";
  const query = /** @type {HTMLInputElement | null} */ (document.getElementById("query"));
  const asked = query ? query.value : "";
  const top = panel.scrollTop;
  text("title", content.title);
  text("kind", say(`map.${content.map}`));
  text("language", say("language.other"));
  panel.setAttribute("aria-label", say("panel"));
  panel.classList.toggle("open", state.open);
  const parts = [
    handle(),
    warning(),
    wholePart(),
    chosenPart(),
    searchPart(asked),
    viewPart(),
    legendPart(),
    teamsPart(),
    curvePart(),
    scenariosPart(),
    doubtfulPart(),
    requestsPart(),
    filterPart(),
    listPart(),
    layersPart(),
    othersPart(),
    aboutPart(),
  ];
  panel.replaceChildren(.../** @type {Node[]} */ (parts.filter(Boolean)));
  panel.scrollTop = top;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

/**
 * @param {string} id
 * @param {string} value
 */
function text(id, value) {
  /** @type {HTMLElement} */ (document.getElementById(id)).textContent = value;
}

/** On a phone the panel is a sheet that this opens and shuts. */
function handle() {
  const label = say(state.open ? "sheet.shut" : "sheet.open");
  return make("button", { type: "button", id: "handle", "aria-expanded": state.open, on: { click: () => change({ open: !state.open }) } }, label);
}

/** What is made up or approximate, before anything else. */
function warning() {
  const notices = Object.keys(content.words[language]).filter((key) => key.startsWith("notice."));
  const grave = notices.map((key) => key.slice("notice.".length)).filter((flag) => content.flags.includes(flag));
  if (!grave.length && !content.warnings.length) return null;
  const short = grave.length ? grave.map((flag) => say(`notice.${flag}`)).join(" · ") : say("warnings");
  const long = () => content.warnings.map((/** @type {string} */ sentence) => make("li", {}, sentence));
  return fold_("warning", `⚠ ${short}`, () => [make("ul", {}, ...long())]);
}

function chosenPart() {
  if (!state.chosen) return null;
  const { level, row } = state.chosen;
  const shut = make("button", { type: "button", id: "shut", class: "shut", "aria-label": say("shut"), on: { click: () => change({ chosen: null }) } }, "×");
  const where = level === "villages" ? make("p", { class: "where" }, communeName(row)) : null;
  const flags = flagsText(level, row);
  const parts = [
    shut,
    where,
    factsTable(longFacts(level, row)),
    level === "villages" ? contributions(row) : null,
    flags ? make("p", { class: "flags" }, `${say("column.flags")}: ${flags}`) : null,
    level === "communes" ? inside(row) : null,
  ];
  const node = section("chosen", title(level, row), ...parts);
  node.dataset.unit = tables[level].get(level === "sites" ? "site_id" : "unit_id", row);
  return node;
}

/**
 * The villages of a commune, most people in need first.
 * @param {number} row
 */
function inside(row) {
  const members = new Set(villagesOf(tables.communes.get("unit_id", row)));
  const rows = () => ordered("villages", state.order).filter((i) => members.has(i));
  const items = () => rows().map((i) => make("li", {}, unitButton("villages", i)));
  return fold_("inside", say("inside", { count: number(members.size, 0) }), () => [make("ol", { class: "units" }, ...items())]);
}

/**
 * @param {string} level
 * @param {number} row
 */
function unitButton(level, row) {
  const table = tables[level];
  const id = table.get(level === "sites" ? "site_id" : "unit_id", row);
  const about =
    level === "sites"
      ? [
          table.get("order", row) === null ? sayCode("site_status", table.get("status", row)) : say("teams.order", { order: number(table.get("order", row), 0) }),
          say("teams.reached", { people: quantity(table.get("people_reached", row), "people") }),
        ].join(" · ")
      : `${valueText(level, row, "score", "points")} · ${say("need.of", { people: quantity(table.get("need_people", row), "people") })}`;
  const where = level === "villages" ? make("span", { class: "where" }, communeName(row)) : null;
  const press = { click: () => choose(level, row, true) };
  return make("button", { type: "button", class: "unit", "data-unit": id, on: press }, make("b", {}, title(level, row)), where, make("span", {}, about));
}

/** @param {string} asked */
function searchPart(asked) {
  const results = make("ol", { id: "results", class: "units" });
  const write = (/** @type {string} */ query) => {
    const found = search(query, 12);
    const none = query.trim() && !found.length ? [make("li", {}, say("search.none"))] : [];
    results.replaceChildren(...none, ...found.map(({ level, row }) => make("li", {}, unitButton(level, row))));
  };
  const field = /** @type {HTMLInputElement} */ (make("input", { type: "search", id: "query", placeholder: say("search.hint"), "aria-label": say("search"), autocomplete: "off" }));
  field.value = asked;
  field.addEventListener("input", () => write(field.value));
  field.addEventListener("keydown", (event) => {
    const first = /** @type {HTMLElement | null} */ (results.querySelector("button"));
    if (event.key === "Enter" && first) {
      field.value = "";
      first.click();
    } else if (event.key === "ArrowDown" && first) {
      event.preventDefault();
      first.focus();
    }
  });
  write(asked);
  return make("section", { id: "search", role: "search" }, field, results);
}

function viewPart() {
  const options = content.views.map((/** @type {any} */ v) => make("option", { value: v.name, selected: v.name === state.view }, viewName(v)));
  const select = make("select", { id: "view", "aria-label": say("view"), on: { change: (/** @type {any} */ e) => change({ view: e.target.value, raster: "" }) } }, ...options);
  const levels = ["communes", "villages"].map((name) => {
    const known = name in view().levels;
    const press = { click: () => change({ level: name }) };
    return make("button", { type: "button", id: `level-${name}`, "aria-pressed": state.level === name, disabled: !known, on: press }, say(`level.${name}`));
  });
  return section("views", say("view"), select, make("div", { class: "pair", role: "group", "aria-label": say("level") }, ...levels));
}

/**
 * The name of a view; what its words leave open is text, or [column, code].
 * @param {View} view
 */
function viewName(view) {
  const filled = Object.entries(view.values).map(([name, value]) => [name, Array.isArray(value) ? say(value.join(".")) : value]);
  return say(`view.${view.key}`, Object.fromEntries(filled));
}

/** The legend is also the filter: what is not ticked is not coloured. */
function legendPart() {
  const raster = rasterOf(state.raster);
  if (raster) return rasterLegend(raster);
  const table = tables[state.level];
  /** @type {Record<string, number>} */
  const sizes = {};
  for (let row = 0; row < table.length; row++) {
    const key = classOf(scale(), table, row);
    sizes[key] = (sizes[key] || 0) + 1;
  }
  const items = entriesOf(scale()).map((entry) => {
    const toggle = () => {
      if (!state.hidden.delete(entry.key)) state.hidden.add(entry.key);
      refresh();
    };
    const box = make("input", { type: "checkbox", id: `class-${entry.key}`, checked: !state.hidden.has(entry.key), on: { change: toggle } });
    return make(
      "li",
      {},
      make(
        "label",
        {},
        box,
        chip(entry.colour),
        make("span", { class: "range" }, entry.text, entry.unit ? make("span", { class: "unit-word" }, ` ${entry.unit}`) : null),
        make("span", { class: "count" }, number(sizes[entry.key] || 0, 0)),
      ),
    );
  });
  const doubtful = scale().uncertain ? [uncertainItem()] : [];
  return section("legend", viewName(view()), make("ul", {}, ...items, ...doubtful, ...siteKinds()), make("p", { class: "hint" }, say(`legend.${view().key}`)));
}

/**
 * The legend of a raster: what it shows stands in place of the areas' colours.
 * @param {Raster} raster
 */
function rasterLegend(raster) {
  const items = rasterEntries(raster).map((entry) =>
    make(
      "li",
      {},
      make(
        "span",
        { class: "entry" },
        chip(entry.colour),
        make("span", { class: "range" }, entry.text, entry.unit ? make("span", { class: "unit-word" }, ` ${entry.unit}`) : null),
      ),
    ),
  );
  const node = section("legend", rasterName(raster), make("ul", {}, ...items, ...siteKinds()), make("p", { class: "hint" }, say(`raster.hint.${raster.kind}`)));
  node.classList.add("raster");
  return node;
}

/** The marks of team sites that the map has, and what each means. */
function siteKinds() {
  if (!state.show.sites) return [];
  const known = (/** @type {string} */ column, /** @type {string} */ code) => tables.sites.column(column).includes(code);
  const mark = (/** @type {string} */ kind) => make("span", { class: `mark ${kind}`, "aria-hidden": "true" });
  /** @type {[string, string][]} */
  const kinds = [["stands", "site.existing"]];
  for (const status of ["upgraded", "moved", "closed"]) if (known("status", status)) kinds.push([status, `site.${status}`]);
  kinds.push(["added", "site.new"]);
  if (known("certainty", "phone_first")) kinds.push(["added unsure", "certainty.phone_first"]);
  return [make("li", { class: "sites" }, ...kinds.map(([look, key]) => make("span", { class: "kind" }, mark(look), say(key))))];
}

/** What the hatching over a colour means, and how many units have it. */
function uncertainItem() {
  let count = 0;
  for (let row = 0; row < tables[state.level].length; row++) if (isUncertain(scale(), tables[state.level], row)) count++;
  const words = say("legend.uncertain", { share: number(content.certain_from * 100, 0) });
  const look = make("span", { class: "chip uncertain", "aria-hidden": "true" });
  return make("li", { class: "uncertain" }, look, make("span", { class: "range" }, words), make("span", { class: "count" }, number(count, 0)));
}

function listPart() {
  const orders = ["score", "people"].map((name) => {
    const press = { click: () => change({ order: name }) };
    return make("button", { type: "button", id: `order-${name}`, "aria-pressed": state.order === name, on: press }, say(`order.${name}`));
  });
  const current = scale();
  const rows = ordered(state.level, state.order).filter((row) => counts(state.level, row, state, current));
  const items = rows.slice(0, state.listed).map((row) => make("li", {}, unitButton(state.level, row)));
  const rest = rows.length - items.length;
  const more =
    rest > 0 ? make("button", { type: "button", id: "more", on: { click: () => change({ listed: state.listed + 40 }) } }, say("list.more", { count: number(rest, 0) })) : null;
  const group = make("div", { class: "pair", role: "group", "aria-label": say("order") }, ...orders);
  return section("list", say(`list.${state.level}`), group, make("ol", { class: "units" }, ...items), more, takeAway(rows));
}

/** @param {number[]} rows */
function takeAway(rows) {
  const name = `${content.id}-${state.level}`;
  const csv = { click: () => save(`${name}.csv`, "text/csv", csvOf(state.level, rows)) };
  const geojson = { click: () => save(`${name}.geojson`, "application/geo+json", geojsonOf(state.level, rows)) };
  const label = make("span", { class: "hint" }, say("take", { count: number(rows.length, 0) }));
  const buttons = [make("button", { type: "button", id: "take-csv", on: csv }, "CSV"), make("button", { type: "button", id: "take-geojson", on: geojson }, "GeoJSON")];
  return make("div", { class: "pair take", role: "group" }, label, ...buttons);
}

/** @type {{language: string, select: HTMLSelectElement} | null} a country has thousands of communes: made once, after the first view */
let communeSelect = null;

/** Every commune by name, for the filter. */
function selectOfCommunes() {
  if (communeSelect && communeSelect.language === language) return communeSelect.select;
  const pick = (/** @type {any} */ event) => change({ commune: event.target.value, listed: 10 });
  const everywhere = make("option", { value: "" }, say("filter.everywhere"));
  const select = /** @type {HTMLSelectElement} */ (make("select", { id: "commune", "aria-label": say("filter.commune"), on: { change: pick } }, everywhere));
  communeSelect = { language, select };
  const fill = () => {
    const { communes } = tables;
    const rows = Array.from({ length: communes.length }, (_, row) => row);
    const compare = new Intl.Collator("vi").compare;
    rows.sort((a, b) => compare(title("communes", a), title("communes", b)));
    select.append(...rows.map((row) => make("option", { value: communes.get("unit_id", row) }, title("communes", row))));
    select.value = state.commune;
  };
  // two frames later the first view is on the screen
  requestAnimationFrame(() => requestAnimationFrame(fill));
  return select;
}

function filterPart() {
  const select = selectOfCommunes();
  select.value = state.commune;
  const limit = (/** @type {any} */ event) => change({ worst: Math.max(0, Math.floor(Number(event.target.value) || 0)), listed: 10 });
  const field = make("input", { type: "number", id: "worst", min: 1, step: 1, value: state.worst || "", on: { change: limit } });
  return section("filter", say("filter"), select, make("label", { class: "row" }, say("filter.worst"), field));
}

function layersPart() {
  const items = Object.keys(state.show).map((name) => {
    const toggle = () => change({ show: { ...state.show, [name]: !state.show[name] } });
    const box = make("input", { type: "checkbox", id: `show-${name}`, checked: state.show[name], on: { change: toggle } });
    return make("li", {}, make("label", {}, box, say(`show.${name}`)));
  });
  // one at a time: a second one would hide the first
  const pictures = rasters.map((raster, i) => {
    const shown = state.raster === raster.name;
    const box = make("input", { type: "checkbox", id: `raster-${i}`, checked: shown, on: { change: () => change({ raster: shown ? "" : raster.name }) } });
    return make("li", {}, make("label", {}, box, rasterName(raster)));
  });
  return section("layers", say("layers"), make("ul", {}, ...items, ...pictures));
}

/** @returns {Fact[]} what the deployment reaches, and the proof of how good it is */
function planFacts() {
  const solver = content.solver;
  if (!solver) return [];
  // gap and bound belong to what the model makes best, which is not always people
  const proof =
    solver.unit === "people"
      ? [
          [say("about.greedy"), quantity(solver.greedy_people, "people")],
          [say("about.bound"), quantity(solver.bound_people, "people")],
        ]
      : [
          [say(`about.goal.${solver.model}`), quantity(solver.objective, solver.unit)],
          [say("about.greedy"), quantity(solver.greedy_objective, solver.unit)],
          [say(solver.unit === "weighted_people" ? "about.bound" : "about.bound_below"), quantity(solver.bound_objective, solver.unit)],
        ];
  return /** @type {Fact[]} */ ([
    [say("about.new_teams"), number(solver.new_teams, 0)],
    [say("about.reach"), quantity(solver.reach_minutes, "minutes")],
    [say("about.today"), quantity(solver.today_people, "people")],
    [say("about.objective"), quantity(solver.objective_people, "people")],
    ...proof,
    [say("about.gap"), `${number(solver.gap * 100, 2)} %`],
    [say("about.unserved"), quantity(solver.unserved_people, "people")],
  ]);
}

/** Teams in the order in which they should be set up, then those that stand. */
function teamsPart() {
  if (!content.teams_first) return null;
  const sites = tables.sites;
  const rows = Array.from({ length: sites.length }, (_, row) => row);
  const place = (/** @type {number} */ row) => sites.get("order", row) || Infinity;
  const reached = (/** @type {number} */ row) => sites.get("people_reached", row) || 0;
  rows.sort((a, b) => (place(a) === place(b) ? reached(b) - reached(a) || a - b : place(a) - place(b)));
  const items = () => rows.map((row) => make("li", {}, unitButton("sites", row)));
  return section(
    "teams",
    say("teams"),
    factsTable(planFacts()),
    fold_("teams-list", say("teams.list", { count: number(rows.length, 0) }), () => [make("ol", { class: "units" }, ...items())]),
  );
}

/** In another page: the way to the whole map, in a window of its own. */
function wholePart() {
  if (!document.body.classList.contains("embed")) return null;
  const link = new URLSearchParams({ layer: state.view, level: state.level, lang: language });
  if (state.chosen) {
    const { level, row } = state.chosen;
    link.set(level === "sites" ? "site" : "unit", tables[level].get(tables[level].key, row));
  }
  return make("a", { id: "whole", href: `?#${link}`, target: "_blank", rel: "noopener" }, say("whole"));
}

/** The other pages of the publication, which stand beside this one unless the file was taken away alone. */
function othersPart() {
  const items = content.maps
    .filter((/** @type {string} */ name) => name !== content.map)
    .map((/** @type {string} */ name) => make("li", {}, make("a", { href: `${name}.html` }, say(`map.${name}`))));
  const front = make("li", {}, make("a", { href: "../index.html" }, say("others.index")));
  return section("others", say("others"), make("ul", {}, ...items, front));
}

function aboutPart() {
  const facts = /** @type {Fact[]} */ ([
    [say("about.title"), content.title],
    [say("about.id"), content.id],
    [say("about.now"), content.now],
    [say("about.data_date"), content.data_date || say("unknown")],
    ...(content.not_computed.length ? [[say("about.not_computed"), content.not_computed.join(", ")]] : []),
  ]);
  const sources = content.sources.map((/** @type {any} */ s) => {
    const parts = [s.title || s.layer, s.producer, s.licence, s.data_date, s.synthetic ? say("flag.synthetic") : ""];
    return make("li", {}, parts.filter(Boolean).join(" · "));
  });
  const software = content.licences.map((/** @type {any} */ l) => fold_(`licence-${l.name}`, `${l.name} ${l.version} (${l.licence})`, () => [make("pre", {}, l.text)]));
  return make(
    "div",
    {},
    fold_("about", say("about"), () => [factsTable([...facts, ...planFacts()])]),
    fold_("sources", say("sources"), () => [make("ul", {}, ...sources), ...software]),
  );
}
