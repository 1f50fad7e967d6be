"""Weekly rounds of rapid-response teams: which villages on which day, in which order, for how long.

Each base is solved alone, with PyVRP (Wouda, Lan and Kool 2024): a day is a vehicle that leaves the base and is back
within working hours, a visit is a client worth the people it serves, left out where the days do not suffice. The search
ends after a number of iterations, not of seconds: the same seed gives the same rounds on every machine. It is a
heuristic and states no bound. All times are whole minutes, rounded up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyvrp import Model, Route
from pyvrp.stop import MaxIterations
from scipy import sparse

from planner.errors import LimitError
from planner.sections.rounds import Rounds as Settings

Int = npt.NDArray[np.int64]
Between = Callable[[pd.DataFrame, pd.DataFrame], sparse.csr_array]
"""Minutes from each row of a table (``x_m``, ``y_m``) to each row of another; no entry: no way within a day."""

MAX_VISITS: Final = 400
"""Visits of one base that are planned for a week: those to most people; who is left out is told."""
_COLUMNS: Final = ("site_id", "team", "week", "day", "stop", "unit_id", "arrive", "leave", "people")


@dataclass(frozen=True, slots=True, eq=False)
class Rounds:
    """Rounds of all bases, and whom they leave out.

    Parameters
    ----------
    stops : DataFrame
        `products.ROUNDS`.
    unvisited : DataFrame
        `products.UNVISITED`: people of villages that asked for a visit and get none, or not for all of them.
    """

    stops: pd.DataFrame
    unvisited: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class _Visits:
    """Visits that one base is asked for.

    Parameters
    ----------
    village : ndarray of int, shape (n,)
        Position of its village.
    people, minutes : ndarray of int, shape (n,)
        Served by it, and how long it takes.
    before : ndarray of int, shape (n,)
        Visits that the village had in earlier weeks.
    """

    village: Int
    people: Int
    minutes: Int
    before: Int


def bases_of(teams: pd.DataFrame | None, sites: pd.DataFrame) -> pd.DataFrame:
    """Return the bases of rapid-response teams: those of the plan's sites where it places such teams, else those that stand."""
    placed = sites[(sites["team_type"] == "rapid_response") & (sites["teams"] > 0)]
    if len(placed) or teams is None:
        return placed
    return teams[teams["team_type"] == "rapid_response"]


def plan(villages: pd.DataFrame, bases: pd.DataFrame, *, between: Between, settings: Settings, seed: int) -> Rounds:
    """Return the rounds of every base.

    Parameters
    ----------
    villages : DataFrame
        Those to be visited: ``unit_id``, ``commune_id``, ``need_people`` (known, above 0), ``x_m``, ``y_m``.
    bases : DataFrame
        ``site_id``, ``commune_id`` (of the village in which it stands), ``teams``, ``x_m``, ``y_m``.
    between : callable
        Minutes along a way; uphill and downhill may differ.
    settings : Rounds
        ``[rounds]`` of the plan.
    seed : int

    Raises
    ------
    LimitError
        When no round within working hours is found in the iterations allowed.
    """
    ordered = bases.sort_values("site_id", ignore_index=True)
    places = villages.sort_values("unit_id", ignore_index=True)
    out = between(ordered, places)
    base, why = _nearest_base(out, ordered, places, settings=settings)
    stops, left = [], [_left(places, np.flatnonzero(base < 0), why)]
    for b in range(len(ordered)):
        mine = np.flatnonzero(base == b)
        if mine.size:
            found, missed = _of_base(
                places.iloc[mine], ordered.iloc[[b]], between=between, settings=settings, seed=seed
            )
            stops.append(found)
            left.append(missed)
    table = pd.concat(stops, ignore_index=True) if stops else pd.DataFrame(columns=list(_COLUMNS))
    return Rounds(table, pd.concat(left, ignore_index=True).sort_values(["unit_id", "reason"], ignore_index=True))


def _nearest_base(
    out: sparse.csr_array, bases: pd.DataFrame, villages: pd.DataFrame, *, settings: Settings
) -> tuple[Int, npt.NDArray[np.object_]]:
    """Return the base of each village (-1: none) and why it has none; ties go to the first site id."""
    minutes = np.full(out.shape, np.inf)
    entries = out.tocoo()
    minutes[entries.row, entries.col] = entries.data
    reached = np.isfinite(minutes).any(axis=0)
    allowed = minutes <= settings.reach_minutes
    if settings.area == "commune":
        own = bases["commune_id"].to_numpy()[:, None] == villages["commune_id"].to_numpy()[None, :]
        allowed = np.isfinite(minutes) & own
    usable = np.where(allowed, minutes, np.inf)
    base = np.where(allowed.any(axis=0), np.argmin(usable, axis=0), -1).astype(np.int64)
    return base, np.where(reached, "outside_the_area", "no_way").astype(object)


def _left(villages: pd.DataFrame, rows: Int, why: npt.NDArray[np.object_], site_id: str | None = None) -> pd.DataFrame:
    """Return rows of `products.UNVISITED`: villages of which nobody is visited."""
    return pd.DataFrame(
        {
            "unit_id": villages["unit_id"].to_numpy()[rows],
            "site_id": pd.Series([site_id] * len(rows), dtype="object"),
            "people": villages["need_people"].to_numpy(dtype=np.int64)[rows],
            "reason": why[rows],
        }
    )


def _of_base(
    villages: pd.DataFrame, base: pd.DataFrame, *, between: Between, settings: Settings, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the stops of one base and whom it leaves out."""
    places = pd.concat([base[["x_m", "y_m"]], villages[["x_m", "y_m"]]], ignore_index=True)
    way = _whole_minutes(between(places, places), limit=settings.day_minutes)
    site_id, teams = str(base["site_id"].iloc[0]), int(base["teams"].iloc[0])
    left = villages["need_people"].to_numpy(dtype=np.int64).copy()
    visited = np.zeros(len(left), dtype=np.int64)
    room = settings.day_minutes - way[0, 1:] - way[1:, 0]
    within = _most_people(room, settings=settings) > 0
    stops = []
    for week in range(1, settings.weeks + 1):
        asked = _visits(left, visited, room, settings=settings)
        routes = _routes(asked, way, days=settings.days_per_week * teams, settings=settings, seed=seed + week)
        stops += _rows(routes, asked, way, week=week, teams=teams, settings=settings)
        done = np.array([visit for route in routes for visit in route], dtype=np.int64)
        left[asked.village[done]] -= asked.people[done]
        visited[asked.village[done]] += 1
    table = pd.DataFrame(stops, columns=list(_COLUMNS[1:]))
    table["unit_id"] = villages["unit_id"].to_numpy()[table["unit_id"].to_numpy(dtype=np.int64)]
    table.insert(0, "site_id", site_id)
    rows = np.flatnonzero(left > 0)
    why = np.where(within, "no_time", "too_far_for_a_day").astype(object)
    return table, _left(villages, rows, why, site_id).assign(people=left[rows])


def _whole_minutes(minutes: sparse.csr_array, *, limit: int) -> Int:
    """Return whole minutes rounded up, dense; no way is longer than a day."""
    found = np.full(minutes.shape, limit + 1, dtype=np.int64)
    entries = minutes.tocoo()
    # a stored 60.00000001 is an hour: what the last digits of a sum say is no minute
    found[entries.row, entries.col] = np.ceil(entries.data - 1e-6).astype(np.int64)
    np.fill_diagonal(found, 0)
    return found


def _most_people(room: Int, *, settings: Settings) -> Int:
    """Return how many people a visit can serve at most where a day leaves `room` minutes for it; 0: it does not fit."""
    longest = np.minimum(room, settings.max_visit_minutes)
    people = np.floor(longest / settings.minutes_per_person)
    return np.where(longest >= settings.min_visit_minutes, np.maximum(people, 0), 0).astype(np.int64)


def _visits(left: Int, visited: Int, room: Int, *, settings: Settings) -> _Visits:
    """Return a week's visits, one to each village with people left: the least visited, and those to most people, first.

    A visit serves as many people as its length allows. Visits beyond `MAX_VISITS` have no time anyway.
    """
    served = np.minimum(left, _most_people(room, settings=settings))
    village = np.flatnonzero(served > 0)
    village = village[np.lexsort((village, -left[village], -served[village], visited[village]))][:MAX_VISITS]
    minutes = np.maximum(np.ceil(served[village] * settings.minutes_per_person), np.ceil(settings.min_visit_minutes))
    return _Visits(village, served[village], minutes.astype(np.int64), visited[village])


def _routes(asked: _Visits, way: Int, *, days: int, settings: Settings, seed: int) -> list[list[int]]:
    """Return the visits of each day's route in order, routes to most people first."""
    if not asked.village.size:
        return []
    model = Model()
    day = settings.day_minutes
    places = {int(p): model.add_location(0, 0) for p in (0, *np.unique(asked.village + 1))}
    depot = model.add_depot(places[0])
    model.add_vehicle_type(days, start_depot=depot, end_depot=depot, tw_early=0, tw_late=day, shift_duration=day)
    for visit in range(asked.village.size):
        # a person is worth more than any way saved, and less after each visit that the village had
        prize = (1 + int(asked.people[visit])) * 2 * day * settings.weeks // (1 + int(asked.before[visit]))
        place = places[int(asked.village[visit]) + 1]
        model.add_client(place, service_duration=int(asked.minutes[visit]), prize=prize, required=False)
    for start, one in places.items():
        for end, other in places.items():
            minutes = int(way[start, end])
            model.add_edge(one, other, distance=minutes, duration=minutes)
    result = model.solve(MaxIterations(settings.iterations), seed=seed % 2**32, display=False, collect_stats=False)
    if not result.is_feasible():
        message = f"no round within working hours was found in rounds.iterations = {settings.iterations}; raise it"
        raise LimitError(message)
    routes = [_clients(route) for route in result.best.routes()]
    return sorted((r for r in routes if r), key=lambda r: (-int(asked.people[r].sum()), r))


def _clients(route: Route) -> list[int]:
    """Return the clients of a route in order."""
    return [int(activity.idx) for activity in route if activity.is_client()]


def _rows(
    routes: list[list[int]], asked: _Visits, way: Int, *, week: int, teams: int, settings: Settings
) -> list[tuple[object, ...]]:
    """Return the stops of a week's routes: the first routes on the first day, one for each team of the base."""
    rows: list[tuple[object, ...]] = []
    for k, route in enumerate(routes):
        day, team = divmod(k, teams)
        now, at = settings.day_start_minutes, 0
        for stop, visit in enumerate(route, start=1):
            place = int(asked.village[visit]) + 1
            arrive = now + int(way[at, place])
            at, now = place, arrive + int(asked.minutes[visit])
            people = int(asked.people[visit])
            rows.append((team + 1, week, day + 1, stop, place - 1, _clock(arrive), _clock(now), people))
    return rows


def _clock(minutes: int) -> str:
    """Return a time of day, HH:MM."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
