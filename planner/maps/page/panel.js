/* The words beside the map: tooltips, the facts of a place, lists. Everything is a text node. */

/** @typedef {[string, string]} Fact a label and what is known */

/**
 * One published value in words.
 * @param {string} level
 * @param {number} row
 * @param {string} column
 * @param {string} unit
 * @returns {string}
 */
function valueText(level, row, column, unit) {
  const table = tables[level];
  const value = table.get(column, row);
  if (column === "support_minutes" && value === null) {
    const reason = table.get("support_reason", row);
    return sayCode("support_status", table.get("support_status", row)) + (reason ? ` (${say(`support_reason.${reason}`)})` : "");
  }
  if (column === "rank" && value !== null) return rankText(level, row);
  if (column === "score" && value === null) return say("score.none");
  if (["need_class", "response", "coverage_status", "coverage_evidence", "team_type", "status"].includes(column)) {
    return sayCode(column, value);
  }
  return quantity(value, unit);
}

/**
 * A rank with its interval; the interval alone where it is too wide for a rank to mean anything.
 * @param {string} level
 * @param {number} row
 * @returns {string}
 */
function rankText(level, row) {
  const table = tables[level];
  const rank = number(table.get("rank", row), 0);
  const count = number(ranked(table), 0);
  const [low, high] = [table.get("rank_low", row), table.get("rank_high", row)];
  if (low === null || high === null) return say("rank.of", { rank, count });
  const ends = { low: number(low, 0), high: number(high, 0) };
  if (table.get("rank_band", row) !== null) return say("rank.band", { ...ends, count });
  return say("rank.of", { rank: low === high ? rank : `${rank} (${ends.low} – ${ends.high})`, count });
}

/**
 * The low and high end of a value in brackets; nothing where there are none or where they do not differ.
 * @param {string} level
 * @param {number} row
 * @param {string} column
 * @param {string} unit
 * @returns {string}
 */
function spread(level, row, column, unit) {
  const low = tables[level].get(`${column}_low`, row);
  const high = tables[level].get(`${column}_high`, row);
  if (low === null || high === null || low === high) return "";
  if (unit === "share") return ` (${number(low * 100, 1)} – ${number(high * 100, 1)} %)`;
  const digits = unit === "points" ? 1 : 0;
  return ` (${number(low, digits)} – ${number(high, digits)})`;
}

/**
 * A share with the lowest and highest reading of the same data, where these differ.
 * @param {string} level
 * @param {number} row
 * @returns {string}
 */
function coverageText(level, row) {
  return quantity(tables[level].get("covered_share", row), "share") + spread(level, row, "covered_share", "share");
}

/**
 * A rate with its interval and how it was come by, unless it was observed.
 * @param {string} level
 * @param {number} row
 * @param {string} indicator
 * @returns {string}
 */
function rateText(level, row, indicator) {
  const table = tables[level];
  const text = quantity(table.get(`${indicator}_rate`, row), "share") + spread(level, row, `${indicator}_rate`, "share");
  const status = table.get(`${indicator}_status`, row);
  return status === null || status === "observed" || status === "unknown" ? text : `${text} (${say(`rate_status.${status}`)})`;
}

/**
 * Flags in words.
 * @param {string} level
 * @param {number} row
 * @returns {string}
 */
function flagsText(level, row) {
  return (tables[level].get("flags", row) || []).map((/** @type {string} */ flag) => say(`flag.${flag}`)).join("; ");
}

/**
 * @param {string} level
 * @param {number} row
 * @returns {string}
 */
function title(level, row) {
  return tables[level].get("name", row) || tables[level].get(level === "sites" ? "site_id" : "unit_id", row);
}

/**
 * @param {string} level
 * @param {number} row
 * @returns {Fact[]} what a tooltip tells
 */
function shortFacts(level, row) {
  if (level === "sites") return siteFacts(row).slice(0, 4);
  /** @type {Fact[]} */
  const facts = [
    [say("column.score"), valueText(level, row, "score", "points")],
    [say("column.rank"), valueText(level, row, "rank", "")],
    [say("column.need_people"), valueText(level, row, "need_people", "people")],
    [say("column.covered_share"), coverageText(level, row)],
  ];
  if (content.adoption) facts.push([say("column.rate", { indicator: say(`indicator.${content.adoption}`) }), rateText(level, row, content.adoption)]);
  if (level === "villages") {
    facts.push([say("column.support_minutes"), valueText(level, row, "support_minutes", "minutes")]);
    facts.push([say("column.need_class"), valueText(level, row, "need_class", "")]);
    facts.push(...chances(row));
  }
  return facts;
}

/**
 * How sure the class and the place among the worst are; nothing where a plan has no draws.
 * @param {number} row
 * @returns {Fact[]}
 */
function chances(row) {
  const villages = tables.villages;
  const found = ["need_class_probability", "worst_tenth_probability"].filter((column) => villages.get(column, row) !== null);
  return found.map((column) => [say(`column.${column}`), quantity(villages.get(column, row), "share")]);
}

/**
 * @param {string} level
 * @param {number} row
 * @returns {Fact[]} everything that is published of a village or commune
 */
function longFacts(level, row) {
  if (level === "sites") return siteFacts(row);
  const table = tables[level];
  /** @type {Fact[]} */
  const facts = [];
  const add = (/** @type {string} */ column, /** @type {string} */ unit) => {
    if (table.has(column)) facts.push([say(`column.${column}`), valueText(level, row, column, unit) + (unit ? spread(level, row, column, unit) : "")]);
  };
  for (const column of ["score", "rank", "need_class", "response"]) add(column, column === "score" ? "points" : "");
  const ends = ["low", "high"].map((end) => table.get(`rank_method_${end}`, row));
  if (!ends.includes(null)) facts.push([say("column.rank_method"), `${number(ends[0], 0)} – ${number(ends[1], 0)}`]);
  if (level === "villages") facts.push(...chances(row));
  add("villages", "");
  for (const column of ["need_people", "served_people"]) add(column, "people");
  for (const column of ["population_people", "eligible_people", "adopted_people", "not_adopted_people"]) add(column, "people");
  for (const column of ["no_signal_people", "unknown_people", "without_signal_people"]) add(column, "people");
  facts.push([say("column.covered_share"), coverageText(level, row)]);
  add("coverage_status", "");
  add("coverage_evidence", "");
  if (table.get("usable_probability", row) !== null) add("usable_probability", "share");
  for (const claim of level === "villages" ? content.claims || [] : []) facts.push(claimFact(claim, row));
  if (table.has("operators")) facts.push([say("column.operators"), (table.get("operators", row) || []).join(", ") || say("nobody")]);
  for (const indicator of content.indicators) {
    if (table.has(`${indicator}_rate`)) facts.push([say("column.rate", { indicator: say(`indicator.${indicator}`) }), rateText(level, row, indicator)]);
  }
  add("support_minutes", "minutes");
  if (table.has("assigned_site_id")) facts.push([say("column.assigned_site_id"), assignedText(row)]);
  facts.push([say("column.data_date"), table.get("data_date", row) || say("unknown")]);
  facts.push([say("column.unit_id"), table.get("unit_id", row)]);
  return facts;
}

/**
 * What one operator is said to cover of a village, and by which kind of evidence.
 * @param {{operator: string, technology: string, evidence: string, share: string}} claim
 * @param {number} row
 * @returns {Fact}
 */
function claimFact(claim, row) {
  const villages = tables.villages;
  const text = quantity(villages.get(claim.share, row), "share");
  const low = villages.get(`${claim.share} low`, row);
  const high = villages.get(`${claim.share} high`, row);
  const range = low === null || high === null || low === high ? "" : ` (${number(low * 100, 1)} – ${number(high * 100, 1)} %)`;
  return [`${claim.operator} ${claim.technology}, ${say(`coverage_evidence.${claim.evidence}`)}`, text + range];
}

/** @param {number} row */
function assignedText(row) {
  const id = tables.villages.get("assigned_site_id", row);
  if (id === null) return say("assigned.none");
  const site = tables.sites.rows.get(id);
  const name = site === undefined ? id : title("sites", site);
  return `${name}, ${quantity(tables.villages.get("assigned_minutes", row), "minutes")}`;
}

/**
 * @param {number} row
 * @returns {Fact[]}
 */
function siteFacts(row) {
  const sites = tables.sites;
  /** @type {Fact[]} */
  const facts = [
    [say("column.site_status"), sayCode("site_status", sites.get("status", row))],
    [say("column.team_type"), valueText("sites", row, "team_type", "")],
    [say("column.people_reached"), quantity(sites.get("people_reached", row), "people")],
    [say("column.loss_if_dropped_people"), quantity(sites.get("loss_if_dropped_people", row), "people")],
    [say("column.teams"), quantity(sites.get("teams", row), "")],
  ];
  facts.push(...certaintyFacts(row));
  if (sites.get("load_share", row) !== null) {
    facts.push([say("column.capacity_people"), quantity(sites.get("capacity_people", row), "people")]);
    facts.push([say("column.load_share"), quantity(sites.get("load_share", row), "share")]);
  }
  if (sites.get("order", row) !== null) facts.push([say("column.order"), number(sites.get("order", row), 0)]);
  for (const column of ["hours", "contact"]) if (sites.get(column, row)) facts.push([say(`column.${column}`), sites.get(column, row)]);
  const spoken = (sites.get("languages", row) || []).map((/** @type {string} */ code) => say(`spoken.${code}`));
  if (spoken.length) facts.push([say("column.languages"), spoken.join(", ")]);
  facts.push([say("column.site_id"), sites.get("site_id", row)]);
  return facts;
}

/**
 * How sure a site is over the draws of need; nothing where a plan has none.
 * @param {number} row
 * @returns {Fact[]}
 */
function certaintyFacts(row) {
  const { sites } = tables;
  /** @type {Fact[]} */
  const facts = [];
  if (sites.get("certainty", row)) facts.push([say("column.certainty"), sayCode("certainty", sites.get("certainty", row))]);
  for (const column of ["selection_frequency", "group_frequency"]) {
    const share = sites.get(column, row);
    if (share !== null) facts.push([say(`column.${column}`), quantity(share, "share")]);
  }
  return facts;
}

/**
 * @param {Fact[]} facts
 * @returns {HTMLElement}
 */
function factsTable(facts) {
  // a short value never breaks: "6.980 người" stands on one line
  const rows = facts.map(([label, value]) => make("tr", {}, make("th", { scope: "row" }, label), make("td", { class: value.length <= 22 ? "short" : null }, value)));
  return make("table", { class: "facts" }, make("tbody", {}, ...rows));
}

/**
 * @param {string} level
 * @param {number} row
 * @returns {HTMLElement}
 */
function tooltip(level, row) {
  const where = level === "villages" ? make("span", { class: "where" }, communeName(row)) : null;
  const flags = flagsText(level, row);
  const note = flags ? make("p", { class: "flags" }, flags) : null;
  return make("div", {}, make("strong", {}, title(level, row)), where, factsTable(shortFacts(level, row)), note);
}

/**
 * How many points each pillar adds to the score of a village.
 * @param {number} row
 * @returns {HTMLElement | null}
 */
function contributions(row) {
  const villages = tables.villages;
  const found = content.pillars.filter((/** @type {string} */ p) => villages.has(`contribution_${p}`));
  if (!found.length || villages.get("score", row) === null) return null;
  const rows = found.map((/** @type {string} */ pillar) => {
    const value = villages.get(`contribution_${pillar}`, row);
    const bar = make("span", { class: "bar" });
    bar.style.width = `${Math.max(0, Math.min(100, value || 0))}%`;
    return make("tr", {}, make("th", { scope: "row" }, say(`pillar.${pillar}`)), make("td", {}, quantity(value, "points"), make("span", { class: "track" }, bar)));
  });
  return make("table", { class: "facts pillars" }, make("caption", {}, say("contributions")), make("tbody", {}, ...rows));
}

/**
 * Units of a level in the order of a column, worst or most first.
 * @param {string} level
 * @param {string} order score or people
 * @returns {number[]}
 */
function ordered(level, order) {
  const table = tables[level];
  const rows = Array.from({ length: table.length }, (_, row) => row);
  const key = (/** @type {number} */ row) => {
    const value = order === "people" ? table.get("need_people", row) : table.get("score", row);
    return value === null ? -1 : value;
  };
  return rows.sort((a, b) => key(b) - key(a) || a - b);
}

/**
 * Places whose name, code or commune matches, exact spelling first.
 * @param {string} query
 * @param {number} limit
 * @returns {{level: string, row: number}[]}
 */
function search(query, limit) {
  const plain = query.normalize("NFC").toLowerCase().trim();
  const folded = fold(query).trim();
  if (!folded) return [];
  /** @type {{level: string, row: number, worth: number}[]} */
  const found = [];
  for (const level of ["communes", "villages", "sites"]) {
    const table = tables[level];
    for (let row = 0; row < table.length; row++) {
      const name = title(level, row);
      const bare = fold(name);
      const id = table.get(level === "sites" ? "site_id" : "unit_id", row);
      const at = bare.indexOf(folded);
      if (at < 0 && id !== query.trim()) continue;
      const exact = name.normalize("NFC").toLowerCase().includes(plain) ? 0 : 8;
      const word = at === 0 || bare[at - 1] === " " ? 0 : 4;
      const whole = bare.length === at + folded.length ? 0 : 2;
      found.push({ level, row, worth: exact + word + whole + (level === "communes" ? 0 : 1) });
    }
  }
  return found.sort((a, b) => a.worth - b.worth).slice(0, limit);
}
