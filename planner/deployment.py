"""From villages and travel minutes to a siting problem, and from its plan back to tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from planner import products
from planner.errors import InfeasibleError, PlanError
from planner.sections import Deploy, Lock, Phased
from planner.siting import curve, fair, fairness, max_cover, waves
from planner.siting.alternatives import Alternative
from planner.siting.base import SitingPlan, SitingProblem

CURVE_GAP: Final = 0.02
"""Points of the curve between today and the plan are searched to this gap, share; the plan itself to its own."""
AVERSIONS: Final = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Turns of the dial at which the price of fairness is told."""
ALL: Final = "all"
"""Stands for every team that stands."""
PREFIX: Final = "site-"
"""A candidate that is a village is called ``site-<unit_id>``."""
RAPID_PREFIX: Final = "rapid-"
"""A village that may be the base of a rapid-response team is the candidate ``rapid-<unit_id>``."""
RAPID: Final = "rapid_response"


@dataclass(frozen=True, slots=True)
class Places:
    """Where teams stand or may stand.

    Parameters
    ----------
    frame : DataFrame
        ``site_id``, ``unit_id``, ``name``, ``team_type``, ``teams``, ``x_m``, ``y_m`` (metres in the plan's CRS), ``hours``,
        ``contact``, ``languages``, ``synthetic``, ``existing``; existing ones first, each part ordered by ``site_id``.
    """

    frame: pd.DataFrame

    @property
    def existing(self) -> npt.NDArray[np.bool_]:
        """True where a team stands today."""
        return self.frame["existing"].to_numpy(dtype=np.bool_)


def candidates(villages: pd.DataFrame, *, min_people: float, prefix: str = PREFIX) -> pd.DataFrame:
    """Return a candidate site in every village of at least `min_people` people (``population_people``)."""
    chosen = villages[villages["population_people"] >= min_people]
    return pd.DataFrame(
        {
            "site_id": prefix + chosen["unit_id"],
            "unit_id": chosen["unit_id"],
            "name": chosen["name"],
            "x_m": chosen["x_m"],
            "y_m": chosen["y_m"],
        }
    ).reset_index(drop=True)


def rapid_candidates(villages: pd.DataFrame, *, deploy: Deploy) -> pd.DataFrame | None:
    """Return where a rapid-response team may be based; None where the plan names no such teams."""
    if deploy.rapid_response is None:
        return None
    own = deploy.rapid_response.candidate_min_people
    return candidates(villages, min_people=deploy.candidate_min_people if own is None else own, prefix=RAPID_PREFIX)


def places(teams: pd.DataFrame | None, sites: pd.DataFrame, *, rapid: pd.DataFrame | None = None) -> Places:
    """Put existing teams and candidate sites into one table.

    Parameters
    ----------
    teams : DataFrame, optional
        `layers.schema.TEAMS_COLUMNS`; rapid-response teams are sites only where `rapid` is given.
    sites : DataFrame
        `layers.schema.SITES`: candidates of community teams.
    rapid : DataFrame, optional
        `rapid_candidates`.

    Raises
    ------
    PlanError
        When a candidate has the id of a team.
    """
    parts = []
    if teams is not None:
        stand = teams if rapid is not None else teams[teams["team_type"] == "community"]
        parts.append(stand.sort_values("site_id").assign(existing=True))
    typed = sites.assign(team_type="community")
    if rapid is not None:
        typed = pd.concat([typed, rapid.assign(team_type=RAPID)], ignore_index=True)
    new = typed.sort_values("site_id").assign(teams=1, hours="", contact="", synthetic=False, existing=False)
    new["languages"] = [()] * len(new)
    parts.append(new)
    frame = pd.concat(parts, ignore_index=True)
    twice = frame.loc[frame["site_id"].duplicated(), "site_id"]
    if len(twice):
        message = f"site '{twice.iloc[0]}' is both a team that stands and a candidate; give one of them another id"
        raise PlanError(message)
    return Places(frame)


def _locked(locks: Sequence[Lock], ids: pd.Series[Any], *, key: str) -> npt.NDArray[np.bool_]:
    known = set(ids)
    for lock in locks:
        if lock.site_id not in known:
            message = (
                f"deploy.{key}: no candidate site '{lock.site_id}' (asked for by {lock.by}); "
                f"a village's site is called '{PREFIX}<unit_id>' and needs candidate_min_people people"
            )
            raise PlanError(message)
    return ids.isin([lock.site_id for lock in locks]).to_numpy(dtype=np.bool_)


def problem(villages: pd.DataFrame, where: Places, minutes: sparse.csr_array, *, deploy: Deploy) -> SitingProblem:
    """Return the siting problem of a plan.

    Parameters
    ----------
    villages : DataFrame
        ``unit_id``, ``commune_id``, ``need_people`` (empty = unknown; such villages weigh nothing here and are counted in
        a warning).
    where : Places
    minutes : csr_array, shape (villages, places)
    deploy : Deploy

    Raises
    ------
    PlanError
        When a lock names no site.
    InfeasibleError
        When every commune needs a site and one has no place for it.
    """
    ids = where.frame["site_id"]
    rapid = deploy.rapid_response
    return SitingProblem(
        unit_ids=villages["unit_id"].to_numpy(dtype=np.str_),
        site_ids=ids.to_numpy(dtype=np.str_),
        need_people=np.nan_to_num(villages["need_people"].to_numpy(dtype=np.float64, na_value=np.nan)),
        minutes=minutes,
        new_teams=deploy.teams,
        reach_minutes=deploy.reach_minutes if rapid is None else max(deploy.reach_minutes, deploy.rapid_reach_minutes),
        existing=where.existing,
        locked_in=_locked(deploy.locked_in, ids, key="locked_in"),
        locked_out=_locked(deploy.locked_out, ids, key="locked_out"),
        gap=deploy.gap,
        time_limit_s=deploy.time_limit_s,
        unserved_minutes=deploy.unserved_minutes,
        aversion=deploy.aversion,
        backup_weight=deploy.backup_weight,
        share=deploy.share,
        capacity_people=capacity_people(where, deploy=deploy),
        cost=None if deploy.budget is None else cost_of_a_team(where, deploy=deploy),
        budget=deploy.budget,
        commune_ids=_communes_of(where, villages, deploy=deploy),
        min_per_commune=deploy.min_per_commune,
        priority_communes=deploy.priority_communes,
        min_per_priority_commune=deploy.min_per_priority_commune,
        weight=_weight(villages, deploy=deploy),
        full_minutes=deploy.full_minutes,
        unit_commune_ids=villages["commune_id"].to_numpy(dtype=np.str_) if deploy.share_per_commune else None,
        share_per_commune=deploy.share_per_commune,
        standing_teams=where.frame["teams"].to_numpy(dtype=np.int64),
        most_teams_per_site=deploy.most_teams_per_site,
        movable=_standing(deploy.movable, where, key="movable"),
        move_cost=None if deploy.move_cost is None else np.full(len(ids), deploy.move_cost),
        closable=_standing(deploy.closable, where, key="closable"),
        closing_saves=None if deploy.closing_saves is None else np.full(len(ids), deploy.closing_saves),
        split=deploy.split,
        site_reach_minutes=None if rapid is None else by_type(where, deploy.reach_minutes, deploy.rapid_reach_minutes),
        site_types=None if rapid is None else where.frame["team_type"].to_numpy(dtype=np.str_),
        most_of_type=None if rapid is None else {RAPID: rapid.most},
    )


def by_type(where: Places, community: float, rapid: float) -> npt.NDArray[np.float64]:
    """Return one number per place: that of its type of team."""
    return np.where(where.frame["team_type"] == RAPID, rapid, community).astype(np.float64)


def cost_of_a_team(where: Places, *, deploy: Deploy) -> npt.NDArray[np.float64]:
    """Return what a new team costs at each place, NaN where the plan names no cost."""
    return by_type(where, _or_nan(deploy.cost_per_team), _or_nan(deploy.rapid_cost_per_team))


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value


def minutes_within_reach(to_site: sparse.csr_array, from_site: sparse.csr_array, where: Places) -> sparse.csr_array:
    """Return the minutes of every village and place: citizens travel to a community team, a rapid-response team to them.

    Parameters
    ----------
    to_site : csr_array, shape (villages, places)
        From the village to the place.
    from_site : csr_array, shape (places, villages)
        From the place to the village.
    where : Places
    """
    mobile = (where.frame["team_type"] == RAPID).to_numpy()
    there, back = to_site.tocoo(), from_site.tocoo()
    citizens, team = ~mobile[there.col], mobile[back.row]
    row = np.concatenate([there.row[citizens], back.col[team]])
    column = np.concatenate([there.col[citizens], back.row[team]])
    values = np.concatenate([there.data[citizens], back.data[team]])
    # By hand and not by adding matrices: zero minutes are minutes.
    order = np.lexsort((column, row))
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=to_site.shape[0]))])
    return sparse.csr_array((values[order], column[order], start), shape=to_site.shape)


def _standing(asked: Sequence[str], where: Places, *, key: str) -> npt.NDArray[np.bool_] | None:
    """Return which teams that stand are named; None where none is."""
    if not asked:
        return None
    if tuple(asked) == (ALL,):
        return where.existing
    ids = where.frame["site_id"]
    unknown = sorted(set(asked) - set(ids[where.existing]))
    if unknown:
        message = f"deploy.{key}: no team stands at '{unknown[0]}'; name the site_id of an existing community team, or \"{ALL}\""
        raise PlanError(message)
    return np.asarray(ids.isin(asked).to_numpy(dtype=np.bool_) & where.existing)


def _weight(villages: pd.DataFrame, *, deploy: Deploy) -> npt.NDArray[np.float64] | None:
    if not deploy.priority_communes:
        return None
    unknown = sorted(set(deploy.priority_communes) - set(villages["commune_id"]))
    if unknown:
        message = f"deploy.priority_communes: no village lies in a commune '{unknown[0]}'"
        raise PlanError(message)
    if deploy.priority_weight == 1.0:
        return None
    first = villages["commune_id"].isin(deploy.priority_communes).to_numpy()
    return np.where(first, deploy.priority_weight, 1.0)


def capacity_people(where: Places, *, deploy: Deploy) -> npt.NDArray[np.float64] | None:
    """Return the people each site can serve, teams x people per team and week x weeks; None where nothing limits it."""
    if deploy.people_per_team is None:
        return None
    each = by_type(where, deploy.people_per_team, _or_nan(deploy.rapid_people_per_team))
    return where.frame["teams"].to_numpy(dtype=np.float64) * each


def _communes_of(where: Places, villages: pd.DataFrame, *, deploy: Deploy) -> npt.NDArray[np.str_] | None:
    """Return the commune of each site; a commune that needs a team and has no place for one is told, not left out."""
    if not deploy.min_per_commune and not deploy.min_per_priority_commune:
        return None
    commune = where.frame["unit_id"].map(villages.set_index("unit_id")["commune_id"])
    asked = set(villages["commune_id"]) if deploy.min_per_commune else set(deploy.priority_communes)
    nowhere = sorted(asked - set(commune))
    if nowhere:
        key = "min_per_commune" if deploy.min_per_commune else "min_per_priority_commune"
        message = (
            f"deploy.{key}: {len(nowhere)} communes have neither a team nor a candidate site "
            f"({', '.join(nowhere[:10])}). Least change: a smaller candidate_min_people, or {key} = 0"
        )
        raise InfeasibleError(message)
    return commune.to_numpy(dtype=np.str_)


def fewest(asked: SitingProblem) -> int:
    """Return how many new teams the locks and the communes' minimum need at least."""
    fixed = asked.existing | asked.locked_in
    new = int((asked.locked_in & ~asked.existing).sum())
    if asked.commune_ids is None:
        return new
    _, group = np.unique(asked.commune_ids, return_inverse=True)
    standing = np.bincount(group, weights=fixed)
    return new + int(np.maximum(asked.min_per_commune - standing, 0).sum())


def counts(teams: int, *, points: int = 10) -> list[int]:
    """Return the numbers of teams on a curve: 0, 1, 2 and then evenly up to `teams`."""
    even = {round(teams * k / points) for k in range(points + 1)}
    return sorted(even | {n for n in (0, 1, 2) if n <= teams})


def curve_table(asked: SitingProblem, plan: SitingPlan) -> pd.DataFrame:
    """Return `products.CURVE`: people reached against teams added, up to the plan's own number.

    The last point is the plan itself; the others are solved to `CURVE_GAP`, and each carries its own bound.
    Models that count something else than people reached have no such curve: the table is empty then.

    Parameters
    ----------
    asked : SitingProblem
    plan : SitingPlan
        Its answer.
    """
    columns = ["teams_added", "people_reached", "bound", "greedy_people", "knee"]
    if plan.model != "max_cover":
        return pd.DataFrame({name: pd.Series(dtype="object") for name in columns})
    first = fewest(asked)
    fewer = sorted({first, *(n for n in counts(asked.new_teams) if n >= first)})
    looser = replace(asked, gap=max(asked.gap, CURVE_GAP))
    found = curve.curve(looser, fewer, solve=max_cover.solve)
    reached, bound, greedy = found.people_reached.copy(), found.bound_people.copy(), found.greedy_people.copy()
    reached[-1], greedy[-1] = max(reached[-1], plan.objective_people), max(greedy[-1], plan.greedy_people)
    # what the plan's own search proved for more teams holds for fewer as well
    bound = np.maximum(np.minimum(bound, plan.bound_people), reached)
    knee = ["yes" if n == found.knee else "" for n in found.teams_added]
    return pd.DataFrame(dict(zip(columns, (found.teams_added, reached, bound, greedy, knee), strict=True)))


def waves_table(asked: SitingProblem, plan: SitingPlan, where: Places, *, phased: Phased) -> pd.DataFrame:
    """Return `products.WAVES`: in which wave each new site opens, and what all have reached by then.

    Parameters
    ----------
    asked : SitingProblem
    plan : SitingPlan
        Its answer.
    where : Places
    phased : Phased
    """
    gap = max(asked.gap, CURVE_GAP)
    found = waves.waves(asked, plan, teams=phased.teams_per_wave, falls=phased.falls, gap=gap)
    places = where.frame[["site_id", "unit_id"]]
    parts = [
        places.iloc[wave.sites].assign(
            wave=number,
            people_reached=wave.people_reached,
            bound=wave.bound_people,
            need_left_people=wave.need_left_people,
        )
        for number, wave in enumerate(found, 1)
    ]
    return pd.concat(parts, ignore_index=True)


def alternatives_table(found: Sequence[Alternative], where: Places) -> pd.DataFrame:
    """Return `products.ALTERNATIVES`: the new sites of other plans.

    Parameters
    ----------
    found : sequence of Alternative
    where : Places
    """
    places = where.frame[["site_id", "unit_id"]]
    parts = [
        places.iloc[np.sort(other.plan.new_sites)].assign(
            number=number,
            shared=np.where(np.isin(np.sort(other.plan.new_sites), other.shared), "yes", ""),
            people_reached=other.plan.objective_people,
            worse_share=other.worse_share,
        )
        for number, other in enumerate(found, 1)
    ]
    empty = pd.DataFrame({column.name: pd.Series(dtype="object") for column in products.ALTERNATIVES})
    return pd.concat(parts, ignore_index=True) if parts else empty


def fairness_table(asked: SitingProblem, plan: SitingPlan) -> pd.DataFrame:
    """Return `products.FAIRNESS`: the same teams at several turns of the dial, the plan's own among them.

    Parameters
    ----------
    asked : SitingProblem
    plan : SitingPlan
        Of the model ``fair``.
    """
    own = fair.AVERSION if asked.aversion is None else asked.aversion
    looser = replace(asked, gap=max(asked.gap, CURVE_GAP))
    rows = fairness.prices(looser, AVERSIONS, plan=plan)
    table = pd.DataFrame([asdict(row) for row in rows])
    return table.assign(chosen=["yes" if row.aversion == own else "" for row in rows])


def assigned(villages: pd.DataFrame, where: Places, plan: SitingPlan) -> pd.DataFrame:
    """Return ``unit_id``, ``site_id``, ``minutes``, ``people`` of every village that a site serves; a row per part of a village."""
    served = np.flatnonzero(plan.assignments >= 0)
    site, minutes, people = (
        plan.assignments[served],
        plan.assigned_minutes[served],
        villages["need_people"].array[served],
    )
    if plan.parts is not None:
        served, site, minutes = plan.parts.village, plan.parts.site, plan.parts.minutes
        parts = whole_parts(served, plan.parts.people, villages["need_people"])
        people = pd.Series(parts).astype("Int64").array
    return pd.DataFrame(
        {
            "unit_id": villages["unit_id"].to_numpy()[served],
            "site_id": where.frame["site_id"].to_numpy()[site],
            "minutes": minutes,
            "people": people,
        }
    )


def whole_parts(
    village: npt.NDArray[np.int64], people: npt.NDArray[np.float64], need: pd.Series[Any]
) -> npt.NDArray[np.float64]:
    """Return the parts of split villages in whole people that add to what is served of each (largest remainders)."""
    served = np.bincount(village, people, minlength=len(need))
    down = np.floor(np.round(people, 6))
    missing = np.floor(np.round(served, 6)) - np.bincount(village, down, minlength=len(need))
    order = np.lexsort((np.arange(people.size), -(people - down), village))
    rank = pd.Series(village[order]).groupby(village[order]).cumcount().to_numpy()
    up = np.zeros(people.size)
    up[order] = rank < missing[village[order]]
    return np.asarray(down + up)


def open_sites(where: Places, plan: SitingPlan, assignments: pd.DataFrame, *, deploy: Deploy) -> pd.DataFrame:
    """Return every site that stands or is chosen with what it reaches, ordered by ``site_id``.

    ``status`` is ``existing``, ``new``, ``upgraded`` (stands and gets more teams), ``moved`` (its teams go to other sites) or
    ``closed``; at the last two no team is left. ``capacity_people`` and ``load_share`` are empty where the plan limits no
    team, ``cost`` where it names none and for teams that stay as they are.
    """
    gone = np.sort(np.concatenate([plan.closed, plan.moved]))
    at = np.concatenate([plan.sites, gone])
    frame = where.frame.iloc[at].copy()
    before = np.where(frame["existing"], frame["teams"], 0)
    teams = np.concatenate([plan.teams, np.zeros(gone.size, dtype=np.int64)])
    received = np.concatenate([plan.received, np.zeros(gone.size, dtype=np.int64)])
    status = np.where(frame["existing"], np.where(teams > before, "upgraded", "existing"), "new").astype(object)
    status[np.isin(at, plan.moved)] = "moved"
    status[np.isin(at, plan.closed)] = "closed"
    frame["status"], frame["teams"] = status, teams
    order = pd.Series(np.arange(1, len(plan.new_sites) + 1), index=where.frame.index[plan.new_sites])
    frame["order"] = order.reindex(frame.index).astype("Int64")
    nobody = np.zeros(gone.size)
    frame["loss_alone_people"] = np.concatenate([plan.loss_if_dropped_people, nobody])
    frame["loss_if_dropped_people"] = frame["loss_alone_people"]
    reached = assignments["people"].groupby(assignments["site_id"]).sum()
    frame["people_reached"] = frame["site_id"].map(reached).astype("Int64").fillna(0)
    frame["capacity_people"] = (
        teams * by_type(where, _or_nan(deploy.people_per_team), _or_nan(deploy.rapid_people_per_team))[at]
    )
    frame["load_share"] = frame["people_reached"].astype("float64") / frame["capacity_people"].where(teams > 0)
    each = cost_of_a_team(where, deploy=deploy)[at]
    frame["cost"] = _cost(status, teams - before - received, each, deploy=deploy)
    return frame.sort_values("site_id", ignore_index=True)


def _cost(
    status: npt.NDArray[np.object_],
    new: npt.NDArray[np.int64],
    each: npt.NDArray[np.float64],
    *,
    deploy: Deploy,
) -> npt.NDArray[np.float64]:
    away = np.where(np.isnan(each), np.nan, deploy.move_cost or 0.0)
    saved = np.where(np.isnan(each), np.nan, -(deploy.closing_saves or 0.0))
    choices = [status == "moved", status == "closed", np.isin(status, ["new", "upgraded"])]
    return np.select(choices, [away, saved, new * each], default=np.nan)


def nearest_sites(
    villages: pd.DataFrame, sites: pd.DataFrame, minutes: sparse.csr_array, *, count: int = 10
) -> pd.DataFrame:
    """Return the `count` nearest sites of each village: ``unit_id``, ``site_id``, ``minutes``, ``rank``; ties by site id.

    The nearest team that stands today is always among them, with the rank it has: it is where a citizen can go now.

    Parameters
    ----------
    villages : DataFrame
        ``unit_id``, in the order of the rows of `minutes`.
    sites : DataFrame
        ``site_id`` and ``status`` (all but ``new`` stand today), in the order of its columns.
    minutes : csr_array
        Entries only within the cutoff.
    """
    entries = minutes.tocoo()
    found = pd.DataFrame(
        {
            "unit_id": villages["unit_id"].to_numpy()[entries.row],
            "site_id": sites["site_id"].to_numpy()[entries.col],
            "minutes": entries.data,
            "stands": (sites["status"] != "new").to_numpy()[entries.col],
        }
    ).sort_values(["unit_id", "minutes", "site_id"], ignore_index=True)
    found["rank"] = found.groupby("unit_id").cumcount() + 1
    first_standing = found["stands"] & (found["stands"].groupby(found["unit_id"]).cumsum() == 1)
    kept = found[(found["rank"] <= count) | first_standing]
    return kept.drop(columns="stands").reset_index(drop=True)
