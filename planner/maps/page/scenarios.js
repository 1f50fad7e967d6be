/* The plan and its scenarios side by side: teams, people reached and not served, and how near each is to the best there can be. */

/** @typedef {Record<string, any>} Scenario one row of the published table; what is unknown is null */

/** The part of the panel; nothing where the plan has no scenario. */
function scenariosPart() {
  /** @type {Scenario[]} */
  const found = content.scenarios || [];
  if (!found.length) return null;
  const heads = ["teams", "reached", "unserved"].map((key) => make("th", { scope: "col" }, say(`scenarios.${key}`)));
  const most = Math.max(1, ...found.map((one) => one.people_reached || 0));
  const bodies = found.map((one) => make("tbody", {}, ...scenarioRows(one, most)));
  return section(
    "scenarios",
    say("scenarios"),
    make("p", { class: "hint" }, say("scenarios.about")),
    make("table", { class: "facts" }, make("caption", {}, say("scenarios.caption")), make("thead", {}, make("tr", {}, ...heads)), ...bodies),
    document.body.classList.contains("embed") ? null : make("p", {}, make("a", { href: "../scenarios.html" }, say("scenarios.page"))),
  );
}

/**
 * The lines of a scenario: its name, its figures, and what stands behind them.
 * @param {Scenario} one
 * @param {number} most people that the best of them reaches
 * @returns {HTMLElement[]}
 */
function scenarioRows(one, most) {
  const name = make("tr", { class: "named" }, make("th", { scope: "rowgroup", colspan: 3 }, one.scenario || say("scenarios.plan")));
  if (one.refused) return [name, make("tr", { class: "refused" }, make("td", { colspan: 3 }, one.refused))];
  const reached = one.people_reached;
  const bar = make("span", { class: "track", "aria-hidden": "true" }, make("span", { class: "bar", style: `width:${Math.round((100 * reached) / most)}%` }));
  const figures = [make("td", {}, number(one.teams, 0)), make("td", {}, quantity(reached, "people"), bar), make("td", {}, quantity(one.unserved_people, "people"))];
  return [name, make("tr", {}, ...figures), make("tr", { class: "behind" }, make("td", { colspan: 3 }, scenarioProof(one)))];
}

/**
 * @param {Scenario} one
 * @returns {string}
 */
function scenarioProof(one) {
  const unit = say(`unit.${one.unit}`);
  const ends = { objective: number(one.objective, 0), bound: number(one.bound, 0), gap: quantity(one.gap, "share"), unit };
  const parts = [say("scenarios.proof", ends)];
  if (one.scenario) parts.push(say("scenarios.same", { count: number(one.same_sites, 0) }));
  const leaving = { moved: number(one.moved, 0), closed: number(one.closed, 0) };
  if (one.moved + one.closed > 0) parts.push(say("scenarios.leaving", leaving));
  const cost = one.cost;
  if (cost !== null) parts.push(say("scenarios.cost", { cost: number(cost, Number.isInteger(cost) ? 0 : 1) }));
  return parts.join(" · ");
}
