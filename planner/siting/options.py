"""What can be done at each site: open it with so many teams, keep it, enlarge it, move or close it; and what that takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.siting.base import Float, Int, SitingProblem

Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Options:
    """One row per thing that can be done at a site; at most one of them is done there.

    Parameters
    ----------
    site : ndarray of int64, shape (o,)
    new, received, sent : ndarray of int64
        New teams placed there; teams that come from moved sites; teams that move away.
    opens : ndarray of bool
        Whether a team stands there then.
    teams : ndarray of int64
        How many.
    capacity, cost : ndarray of float64
        People; unit of the budget, less than 0 where closing saves.
    required : ndarray of bool, shape (m,)
        Sites at which one of the options is done whatever is chosen.
    first : ndarray of int64, shape (m,)
        The plainest option of each site: keep it, or open it with one new team; -1 where a site cannot open.
    """

    site: Int
    new: Int
    received: Int
    sent: Int
    opens: Bool
    teams: Int
    capacity: Float
    cost: Float
    required: Bool
    first: Int

    @property
    def size(self) -> int:
        """How many options there are."""
        return self.site.size

    @property
    def plain(self) -> bool:
        """Whether every site has one option at most: open, or (if it stands) keep."""
        return bool(self.size == np.unique(self.site).size)


@dataclass(frozen=True, slots=True)
class Resources:
    """What options take together: ``use @ chosen <= limit``, or equal to it.

    Parameters
    ----------
    names : tuple of str
    use : ndarray of float64, shape (r, o)
    limit : ndarray of float64, shape (r,)
    equal : ndarray of bool, shape (r,)
    """

    names: tuple[str, ...]
    use: Float
    limit: Float
    equal: Bool


@dataclass(frozen=True, slots=True)
class Minima:
    """How many open sites communes must have.

    Parameters
    ----------
    names : ndarray of str, shape (g,)
    group : ndarray of int64, shape (m,)
        Commune of each site.
    least : ndarray of int64, shape (g,)
    """

    names: npt.NDArray[np.str_]
    group: Int
    least: Int


def options_of(problem: SitingProblem) -> Options:
    """Return what can be done at the sites of a checked problem, by site, the plainest first."""
    standing = standing_of(problem)
    rows: list[npt.NDArray[np.float64]] = []
    free = ~problem.existing & ~problem.locked_out
    movable, closable = _mask(problem, problem.movable), _mask(problem, problem.closable)
    mobile = int(standing[movable].sum())
    for total in range(1, problem.most_teams_per_site + 1):
        rows += [_rows(np.flatnonzero(free), total - b, b, total, 0) for b in range(min(total, mobile) + 1)]
    rows.append(_rows(np.flatnonzero(problem.existing), 0, 0, 0, 0))
    for more in range(1, problem.most_teams_per_site):
        sites = np.flatnonzero(
            problem.existing & (standing + more <= problem.most_teams_per_site) & ~problem.locked_out
        )
        rows += [_rows(sites, more - b, b, more, 0) for b in range(min(more, mobile) + 1)]
    rows += [_rows(np.flatnonzero(closable), 0, 0, -1, 0), _rows(np.flatnonzero(movable), 0, 0, -1, 1)]
    site, new, received, extra, moves = np.concatenate(rows).T.astype(np.int64)
    order = np.lexsort(
        (received, new, moves, extra < 0, extra, site)
    )  # by site: keep or one team, then more, then leave
    order = order[np.lexsort((extra[order] < 0, site[order]))]
    return _table(problem, standing, _Rows(site[order], new[order], received[order], extra[order], moves[order]))


def _rows(sites: npt.NDArray[np.intp], new: int, received: int, extra: int, moves: int) -> npt.NDArray[np.float64]:
    """Return rows of site, new teams, received teams, teams beside the standing ones (-1 = they leave), whether they move."""
    return np.column_stack([sites, *(np.full(sites.size, v) for v in (new, received, extra, moves))]).astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Rows:
    """What is done in each row: see `_rows`."""

    site: Int
    new: Int
    received: Int
    extra: Int
    moves: Int


def _table(problem: SitingProblem, standing: Int, rows: _Rows) -> Options:
    site, new, received, extra, moves = rows.site, rows.new, rows.received, rows.extra, rows.moves
    m = problem.site_ids.size
    opens = extra >= 0
    base = np.full(m, np.inf) if problem.capacity_people is None else problem.capacity_people.astype(np.float64)
    each = base / np.maximum(standing, 1) if problem.team_capacity_people is None else problem.team_capacity_people
    beside = np.where(problem.existing[site], extra, extra - 1)
    more = np.where(beside > 0, beside * np.where(beside > 0, each[site], 0.0), 0.0)
    price = np.zeros(m) if problem.cost is None else problem.cost.astype(np.float64)
    away = np.zeros(m) if problem.move_cost is None else problem.move_cost
    saves = np.zeros(m) if problem.closing_saves is None else problem.closing_saves
    cost = new * price[site] + np.where(opens, 0.0, np.where(moves > 0, away[site], -saves[site]))
    first = np.full(m, -1, dtype=np.int64)
    sites, at = np.unique(site, return_index=True)
    first[sites] = at
    return Options(
        site=site,
        new=new,
        received=received,
        sent=np.where(moves > 0, standing[site], 0),
        opens=opens,
        teams=np.where(opens, np.where(problem.existing[site], standing[site], 0) + extra, 0),
        capacity=np.where(opens, base[site] + more, 0.0),
        cost=cost,
        required=problem.existing | problem.locked_in,
        first=first,
    )


def resources_of(problem: SitingProblem, options: Options) -> Resources:
    """Return what the options take: new teams, moved teams, money, teams of a type; only what limits anything."""
    found: list[tuple[str, Float, float, bool]] = [
        ("teams", options.new.astype(np.float64), float(problem.new_teams), False)
    ]
    if options.sent.any():
        found.append(("moves", (options.received - options.sent).astype(np.float64), 0.0, True))
    if problem.budget is not None:
        found.append(("budget", options.cost, float(problem.budget), False))
    for name, most in sorted((problem.most_of_type or {}).items()):
        of_type = np.zeros(options.size) if problem.site_types is None else (problem.site_types == name)[options.site]
        found.append((f"type {name}", options.new * of_type.astype(np.float64), float(most), False))
    names, use, limit, equal = zip(*found, strict=True)
    return Resources(names, np.vstack(use), np.array(limit), np.array(equal))


def minima_of(problem: SitingProblem) -> Minima:
    """Return how many open sites each commune must have; one nameless commune without any where nothing is asked."""
    asked = problem.min_per_commune > 0 or problem.min_per_priority_commune > 0
    if problem.commune_ids is None or not asked:
        m = problem.site_ids.size
        return Minima(np.array([""]), np.zeros(m, dtype=np.int64), np.zeros(1, dtype=np.int64))
    names, group = np.unique(problem.commune_ids, return_inverse=True)
    least = np.full(names.size, problem.min_per_commune, dtype=np.int64)
    first = np.isin(names, list(problem.priority_communes))
    least[first] = np.maximum(least[first], problem.min_per_priority_commune)
    return Minima(names, group.astype(np.int64), least)


def standing_of(problem: SitingProblem) -> Int:
    """Return how many teams stand at each site today."""
    given = np.ones(problem.site_ids.size, dtype=np.int64) if problem.standing_teams is None else problem.standing_teams
    return np.where(problem.existing, given, 0).astype(np.int64)


def _mask(problem: SitingProblem, given: Bool | None) -> Bool:
    """Return the existing sites that may leave; those locked in stay."""
    if given is None:
        return np.zeros(problem.site_ids.size, dtype=np.bool_)
    return np.asarray(given & problem.existing & ~problem.locked_in)
