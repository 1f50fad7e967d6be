/* What operators claim and cannot prove, and what to ask of them: two folded lists of the map of coverage. */

/**
 * A table that came with this map, read when its list is opened.
 * @param {string} name
 * @returns {Table | null} null where the publication does not hold it
 */
function sideTable(name) {
  return content[name] ? new Table(content[name]) : null;
}

/**
 * A village of a side table as a button that leads to it, with a sentence below.
 * @param {string} id
 * @param {string} sentence
 */
function villageItem(id, sentence) {
  const row = tables.villages.rows.get(id);
  if (row === undefined) return make("li", {}, `${id}: ${sentence}`);
  const press = { click: () => choose("villages", row, true) };
  const parts = [make("b", {}, title("villages", row)), make("span", { class: "where" }, communeName(row)), make("span", {}, sentence)];
  return make("li", {}, make("button", { type: "button", class: "unit", "data-unit": id, on: press }, ...parts));
}

/** Most of a list is never read; the download has it whole. */
const CLAIMS_SHOWN = 60;

/** Claims whose signal is doubtful, most people first; a sentence where the publication holds no such table. */
function doubtfulPart() {
  if (content.map !== "coverage") return null;
  const table = sideTable("doubtful");
  if (!table) return section("doubtful", say("doubtful"), make("p", { class: "hint" }, say("doubtful.absent")));
  if (!table.length) return section("doubtful", say("doubtful"), make("p", { class: "hint" }, say("doubtful.none")));
  const items = () => {
    const rows = Array.from({ length: table.length }, (_, row) => row);
    const people = (/** @type {number} */ row) => table.get("eligible_people", row) || 0;
    rows.sort((a, b) => people(b) - people(a) || a - b);
    return rows.slice(0, CLAIMS_SHOWN).map((row) => villageItem(table.get("unit_id", row), doubtText(table, row)));
  };
  const label = say("doubtful.list", { count: number(table.length, 0) });
  return section(
    "doubtful",
    say("doubtful"),
    make("p", { class: "hint" }, say("doubtful.about")),
    fold_("doubtful-list", label, () => [make("ol", { class: "units" }, ...items())]),
  );
}

/**
 * @param {Table} table
 * @param {number} row
 */
function doubtText(table, row) {
  const operator = table.get("operator", row);
  const who = operator === "any" ? say("operator.any") : operator;
  const needed = table.get("negative_reports_needed", row);
  const settled = needed === null ? say("doubtful.never") : needed === 0 ? say("doubtful.settled") : say("doubtful.needed", { count: number(needed, 0) });
  const ends = ["low", "high"].map((end) => table.get(`usable_probability_${end}`, row));
  const spread = ends.includes(null) || ends[0] === ends[1] ? "" : ` (${number(ends[0] * 100, 0)} – ${number(ends[1] * 100, 0)} %)`;
  const said = { declared: quantity(table.get("declared_share", row), "share"), chance: quantity(table.get("usable_probability", row), "share") + spread };
  return `${who} ${table.get("technology", row)}: ${say("doubtful.claim", said)}; ${settled}`;
}

/** What to ask of each operator, most people without any signal first. */
function requestsPart() {
  const table = content.map === "coverage" ? sideTable("operator_requests") : null;
  if (!table?.length) return null;
  /** @type {Map<string, number[]>} */
  const groups = new Map();
  table.column("operator").forEach((operator, row) => {
    groups.set(operator, [...(groups.get(operator) || []), row]);
  });
  const first = (/** @type {number} */ row) => table.get("first_signal_people", row) || 0;
  const folds = [...groups].map(([operator, rows], i) => {
    const items = () =>
      rows
        .sort((a, b) => first(b) - first(a) || a - b)
        .slice(0, CLAIMS_SHOWN)
        .map((row) =>
          villageItem(
            table.get("unit_id", row),
            say("requests.people", { people: quantity(table.get("first_signal_people", row), "people"), covered: quantity(table.get("covered_share", row), "share") }),
          ),
        );
    return fold_(`requests-${i}`, say("requests.list", { operator, count: number(rows.length, 0) }), () => [make("ol", { class: "units" }, ...items())]);
  });
  return section("requests", say("requests"), make("p", { class: "hint" }, say("requests.about")), ...folds);
}
