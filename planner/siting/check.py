"""What is refused before a solver sees it, in a planner's words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from planner.errors import InfeasibleError, Issue, LayerError, PlanError
from planner.siting.base import SitingProblem
from planner.siting.sense import companions

MOST_TEAMS: Final = 20
"""Teams at one site beyond which a plan asks for something else than a team."""
SHOWN: Final = 20
"""How many faults of one kind are listed; the rest is counted."""


def check(problem: SitingProblem) -> None:
    """Refuse a problem that no model can answer.

    Raises
    ------
    ValueError
        When array shapes do not fit together: the caller's fault.
    LayerError
        When an id is repeated, or need or minutes are negative or not finite; names village and site.
    PlanError
        When the number of teams, the reach, the gap or the time limit makes no sense.
    InfeasibleError
        When sites are locked in and out at once, or more are locked in than there are new teams.
    """
    _shapes(problem)
    _numbers(problem)
    issues = [*_repeated("need", problem.unit_ids), *_repeated("sites", problem.site_ids)]
    issues += _needs(problem)
    issues += _minutes(problem)
    issues += _sites(problem)
    if issues:
        raise LayerError(issues)
    _locks(problem)


def _shapes(problem: SitingProblem) -> None:
    n, m = len(problem.unit_ids), len(problem.site_ids)
    expected: dict[str, tuple[int, ...]] = {
        "unit_ids": (n,),
        "site_ids": (m,),
        "need_people": (n,),
        "minutes": (n, m),
        "existing": (m,),
        "locked_in": (m,),
        "locked_out": (m,),
        "capacity_people": (m,),
        "cost": (m,),
        "commune_ids": (m,),
        "weight": (n,),
        "warm_prices": (n,),
        "unit_commune_ids": (n,),
        "site_reach_minutes": (m,),
        "site_types": (m,),
        "standing_teams": (m,),
        "team_capacity_people": (m,),
        "movable": (m,),
        "closable": (m,),
        "move_cost": (m,),
        "closing_saves": (m,),
    }
    for name, shape in expected.items():
        array = getattr(problem, name)
        found = shape if array is None else tuple(array.shape)
        if found != shape:
            message = f"{name} has shape {found}; {n} villages and {m} sites need {shape}"
            raise ValueError(message)


def _numbers(problem: SitingProblem) -> None:
    rules: list[tuple[str, float, bool, str]] = [
        ("teams", problem.new_teams, 0 <= problem.new_teams < math.inf, "a whole number, 0 or more"),
        ("reach_minutes", problem.reach_minutes, problem.reach_minutes >= 0, "0 or more minutes, or inf for no limit"),
        ("share", problem.share, 0 < problem.share <= 1, "a share above 0 and up to 1"),
        ("gap", problem.gap, 0 <= problem.gap < 1, "a share from 0 up to, not including, 1"),
        ("time_limit_s", problem.time_limit_s, 0 < problem.time_limit_s < math.inf, "more than 0 seconds, not endless"),
    ]
    if problem.unserved_minutes is not None:
        unserved = problem.unserved_minutes
        rules.append(("unserved_minutes", unserved, 0 <= unserved < math.inf, "0 or more minutes, not endless"))
    if problem.backup_weight is not None:
        weight = problem.backup_weight
        rules.append(("backup_weight", weight, 0 < weight <= 1, "above 0 and up to 1"))
    if problem.aversion is not None:
        rules.append(("aversion", problem.aversion, 0 <= problem.aversion < math.inf, "0 or more, not endless"))
    rules += _more_numbers(problem)
    for name, value, good, rule in rules:
        if not good or (name == "teams" and int(value) != value):
            message = f"deploy.{name} = {value}: it must be {rule}"
            raise PlanError(message)
    companions(problem)


def _more_numbers(problem: SitingProblem) -> list[tuple[str, float, bool, str]]:
    per_site, per_commune = problem.most_teams_per_site, problem.min_per_commune
    first, share = problem.min_per_priority_commune, problem.share_per_commune
    rules: list[tuple[str, float, bool, str]] = [
        ("min_per_commune", per_commune, per_commune >= 0, "0 or more"),
        ("min_per_priority_commune", first, first >= 0, "0 or more"),
        ("most_teams_per_site", per_site, 1 <= per_site <= MOST_TEAMS, f"a whole number from 1 to {MOST_TEAMS}"),
        ("share_per_commune", share, 0 <= share <= 1, "a share from 0 to 1"),
    ]
    if problem.budget is not None:
        rules.append(("budget", problem.budget, 0 <= problem.budget < math.inf, "0 or more, not endless"))
    if problem.full_minutes is not None:
        full = problem.full_minutes
        rules.append(("full_minutes", full, 0 <= full <= problem.reach_minutes, "from 0 minutes up to reach_minutes"))
    rules += [
        (f"most_of_type.{name}", most, most >= 0, "0 or more")
        for name, most in sorted((problem.most_of_type or {}).items())
    ]
    return rules


def _repeated(layer: str, ids: npt.NDArray[np.str_]) -> list[Issue]:
    column = "unit_id" if layer == "need" else "site_id"
    found, first, counts = np.unique(ids, return_index=True, return_counts=True)
    return [
        Issue(
            layer=layer,
            file="",
            row=int(row) + 1,
            column=column,
            value=str(value),
            rule=f"an id stands once; this one stands {count} times",
            code="repeated_id",
        )
        for value, row, count in zip(found, first, counts, strict=True)
        if count > 1
    ][:SHOWN]


def _needs(problem: SitingProblem) -> list[Issue]:
    need = problem.need_people
    bad = np.flatnonzero(~(np.isfinite(need) & (need >= 0)))
    return _shown(
        [
            Issue(
                layer="need",
                file="",
                row=int(i) + 1,
                column="people",
                value=str(need[i]),
                rule=f"people in need of village {problem.unit_ids[i]} are a number, 0 or more",
                done="Leave out a village whose need is unknown." if math.isnan(need[i]) else "",
                code="bad_need",
            )
            for i in bad[:SHOWN]
        ],
        total=bad.size,
    )


def _sites(problem: SitingProblem) -> list[Issue]:
    issues = []
    columns = (
        ("capacity_people", problem.capacity_people, True),
        ("team_capacity_people", problem.team_capacity_people, True),
        ("site_reach_minutes", problem.site_reach_minutes, True),
        ("cost", problem.cost, False),
        ("move_cost", problem.move_cost, False),
        ("closing_saves", problem.closing_saves, False),
    )
    for column, values, most in columns:
        if values is not None:
            issues += _bad("sites", column, values, good=(values >= 0) & (np.isfinite(values) | most))
    if problem.standing_teams is not None:
        standing = problem.standing_teams.astype(np.float64)
        issues += _bad("sites", "standing_teams", standing, good=(standing >= 1) | ~problem.existing)
    if problem.weight is not None:
        issues += _bad("need", "weight", problem.weight, good=(problem.weight >= 0) & np.isfinite(problem.weight))
    return issues


def _bad(layer: str, column: str, values: Any, *, good: Any) -> list[Issue]:
    bad = np.flatnonzero(~good)
    of = "a site" if layer == "sites" else "a village"
    rule = f"{column} of {of} is a number, {1 if column == 'standing_teams' else 0} or more"
    found = [
        Issue(layer=layer, file="", row=int(j) + 1, column=column, value=str(values[j]), rule=rule, code="bad_site")
        for j in bad[:SHOWN]
    ]
    return _shown(found, total=bad.size)


def _minutes(problem: SitingProblem) -> list[Issue]:
    matrix = problem.minutes
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    bad = np.flatnonzero(~(np.isfinite(matrix.data) & (matrix.data >= 0)))
    issues = [
        _pair(problem, row[k], matrix.indices[k], str(matrix.data[k]), "minutes are a number, 0 or more")
        for k in bad[:SHOWN]
    ]
    issues = _shown(issues, total=bad.size)
    key = row.astype(np.int64) * matrix.shape[1] + matrix.indices
    values, counts = np.unique(key, return_counts=True)
    twice = values[counts > 1]
    rule = "a pair of village and site stands once"
    again = [_pair(problem, k // matrix.shape[1], k % matrix.shape[1], None, rule) for k in twice[:SHOWN]]
    return issues + _shown(again, total=twice.size)


def _pair(problem: SitingProblem, i: Any, j: Any, value: str | None, rule: str) -> Issue:
    return Issue(
        layer="minutes",
        file="",
        row=int(i) + 1,
        column=str(problem.site_ids[j]),
        value=value,
        rule=f"from village {problem.unit_ids[i]} to site {problem.site_ids[j]}: {rule}",
        done="Leave the entry out where a site cannot be reached." if value is not None else "",
        code="bad_minutes",
    )


def _shown(issues: list[Issue], *, total: int) -> list[Issue]:
    if total <= len(issues):
        return issues
    more = Issue(
        layer=issues[0].layer, file="", rule=f"{total - len(issues)} more of the same kind", code=issues[0].code
    )
    return [*issues, more]


def _locks(problem: SitingProblem) -> None:
    ids = problem.site_ids
    both = ids[problem.locked_in & problem.locked_out]
    if both.size:
        message = f"locked in and locked out at once: {named(both)}. Take each out of one of the two lists"
        raise InfeasibleError(message)
    nobody = np.zeros(ids.size, dtype=np.bool_)
    may_leave = (nobody if problem.movable is None else problem.movable) | (
        nobody if problem.closable is None else problem.closable
    )
    closing = ids[problem.existing & problem.locked_out & ~may_leave]
    if closing.size:
        message = (
            f"locked out, but a team stands there: {named(closing)}. Existing teams stay: take it out of locked_out, "
            "or let it close or move (closable, movable)"
        )
        raise InfeasibleError(message)
    wanted = problem.locked_in & ~problem.existing
    count = int(wanted.sum())
    if count > problem.new_teams:
        over = count - problem.new_teams
        message = (
            f"{count} new sites are locked in ({named(ids[wanted])}), deploy.teams allows {problem.new_teams}: "
            f"{over} too many. Least change: teams = {count}, or {over} fewer locked in"
        )
        raise InfeasibleError(message)


def named(ids: Sequence[str] | npt.NDArray[np.str_], *, most: int = 10) -> str:
    """Return ids in text order for a sentence, the first `most` of them and how many more."""
    ordered = sorted(str(i) for i in ids)
    rest = f" and {len(ordered) - most} more" if len(ordered) > most else ""
    return ", ".join(ordered[:most]) + rest


def smaller_share(most: float) -> str:
    """Return what to write for `share` when at most this much can be reached; a plan knows no share of 0."""
    share = math.floor(most * 10_000) / 10_000
    return f"share = {share:g}" if share > 0 else "another place for sites, none of them reaches anybody"
