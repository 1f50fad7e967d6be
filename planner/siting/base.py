"""What a siting model takes and gives: arrays in, a frozen plan with its certificate out.

Everything is by position: demand i is the i-th village, site j the j-th candidate. Ids are only used to
break ties (the smaller id first) and to speak to people. Imports nothing of ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Status = Literal["optimal", "gap_reached", "time_limit"]
Unit = Literal["people", "weighted_people", "person_minutes", "minutes", "teams"]


def _none() -> Int:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class SitingProblem:
    """A siting problem in arrays.

    Parameters
    ----------
    unit_ids : ndarray of str, shape (n,)
    site_ids : ndarray of str, shape (m,)
    need_people : ndarray of float64, shape (n,)
        Non-negative and finite; villages of unknown need are left out by the caller, who counts them.
    minutes : scipy.sparse.csr_array, shape (n, m)
        Explicit entries only where the site is within the cutoff; a stored 0 is a real 0 minutes.
    new_teams : int
        How many sites may be added to the existing ones.
    reach_minutes : float
        An entry of `minutes` at most this covers.
    existing : ndarray of bool, shape (m,)
        Sites that stand: always open and not counted in `new_teams`.
    locked_in, locked_out : ndarray of bool, shape (m,)
    gap : float
        Stop when plan and bound differ by at most this share of the bound (`max_cover`) or of the plan (the others).
    time_limit_s : float
    unserved_minutes : float, optional
        What `p_median` and `fair` count for a person whom no open site serves; the longest way within reach when absent.
    aversion : float, optional
        For `fair`: how much more a minute counts on a long way, 0 not at all; 1 when absent.
    backup_weight : float, optional
        For `backup_cover`: what a second open site within reach counts, of the first, above 0 to 1; 0.5 when absent.
    share : float
        Of all people in need, how many `min_teams` must reach, share.
    capacity_people : ndarray of float64, shape (m,), optional
        People each site can serve as it stands (or with its first team), infinite where it does not matter.
    cost : ndarray of float64, shape (m,), optional
        Of a new team at each site, in the unit of `budget`.
    budget : float, optional
        New teams, moves and closures cost no more together.
    commune_ids : ndarray of str, shape (m,), optional
        Commune of each site.
    min_per_commune : int
        Open sites each commune of `commune_ids` must have, existing ones included.
    priority_communes : tuple of str
        Communes that `min_per_priority_commune` speaks of.
    min_per_priority_commune : int
        Open sites each of them must have.
    weight : ndarray of float64, shape (n,), optional
        How much a person of each village counts in what `max_cover` and `p_median` optimise; 1 when absent.
    full_minutes : float, optional
        For `max_cover`: a person this near counts whole, from there on less, down to nothing at `reach_minutes`; when
        absent everybody within reach counts whole.
    unit_commune_ids : ndarray of str, shape (n,), optional
        Commune of each village.
    share_per_commune : float
        Of the people in need of every commune, how many `min_teams` must reach, share.
    site_reach_minutes : ndarray of float64, shape (m,), optional
        How far each site reaches, where teams are not all of one type; never farther than `reach_minutes`.
    site_types : ndarray of str, shape (m,), optional
        Type of team at each site.
    most_of_type : mapping of str to int, optional
        New teams of a type there may be at most.
    standing_teams : ndarray of int64, shape (m,), optional
        Teams at each existing site, one when absent.
    most_teams_per_site : int
        Teams that may stand at one site; existing sites with more keep them.
    team_capacity_people : ndarray of float64, shape (m,), optional
        People each further team can serve; `capacity_people` by `standing_teams` when absent.
    movable, closable : ndarray of bool, shape (m,), optional
        Existing sites whose teams may move to other sites (they count no new team there), and that may close.
    move_cost, closing_saves : ndarray of float64, shape (m,), optional
        What moving the teams of an existing site away costs, and what closing it saves, in the unit of `budget`.
    split : bool
        Whether a village may be served by several sites where capacity is limited; else it goes to one, whole.
    warm_sites : ndarray of int64, optional
        Positions of a plan that `max_cover` and `p_median` start from; the answer is never worse if that plan is allowed.
    warm_prices : ndarray of float64, shape (n,), optional
        `SitingPlan.prices` of a problem much like this one, from which a bound within limits starts; any are allowed.
    """

    unit_ids: npt.NDArray[np.str_]
    site_ids: npt.NDArray[np.str_]
    need_people: Float
    minutes: sparse.csr_array
    new_teams: int
    reach_minutes: float
    existing: npt.NDArray[np.bool_]
    locked_in: npt.NDArray[np.bool_]
    locked_out: npt.NDArray[np.bool_]
    gap: float = 0.005
    time_limit_s: float = 60.0
    unserved_minutes: float | None = None
    aversion: float | None = None
    backup_weight: float | None = None
    share: float = 1.0
    capacity_people: Float | None = None
    cost: Float | None = None
    budget: float | None = None
    commune_ids: npt.NDArray[np.str_] | None = None
    min_per_commune: int = 0
    priority_communes: tuple[str, ...] = ()
    min_per_priority_commune: int = 0
    weight: Float | None = None
    full_minutes: float | None = None
    unit_commune_ids: npt.NDArray[np.str_] | None = None
    share_per_commune: float = 0.0
    site_reach_minutes: Float | None = None
    site_types: npt.NDArray[np.str_] | None = None
    most_of_type: Mapping[str, int] | None = None
    standing_teams: Int | None = None
    most_teams_per_site: int = 1
    team_capacity_people: Float | None = None
    movable: npt.NDArray[np.bool_] | None = None
    closable: npt.NDArray[np.bool_] | None = None
    move_cost: Float | None = None
    closing_saves: Float | None = None
    split: bool = False
    warm_sites: Int | None = None
    warm_prices: Float | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """Who serves how many, where a village may be served by several sites: an entry per pair that is used.

    Parameters
    ----------
    village, site : ndarray of int64
        By village, then site.
    people : ndarray of float64
        More than 0.
    minutes : ndarray of float64
        Between the two.
    """

    village: Int
    site: Int
    people: Float
    minutes: Float


@dataclass(frozen=True, slots=True)
class SitingPlan:
    """A chosen set of sites and the proof of how good it is.

    Parameters
    ----------
    model : str
    sites : ndarray of int64
        Positions of all open sites, existing ones included, ascending.
    new_sites : ndarray of int64
        Positions of the added ones, in the order in which they add most people (ties by site id).
    assignments : ndarray of int64, shape (n,)
        Position of the nearest open site within reach, -1 where none is.
    assigned_minutes : ndarray of float64, shape (n,)
        NaN where none is.
    objective_people, bound_people, greedy_people, today_people : float
        Reached by this plan; no plan reaches more than the bound; the usual one-by-one choice; existing sites alone.
    gap : float
        Between `objective` and `bound`, as a share of the larger; 0 when that is 0.
    status : {"optimal", "gap_reached", "time_limit"}
    solver : str
    seconds : float
        Wall clock of the solve; never written into a table, only into logs.
    loss_if_dropped_people : ndarray of float64
        Beside `sites`: people no longer reached when that site closes and no other moves.
    unserved_people : float
    objective, bound, greedy : float
        What the model optimises, in `unit`: for `max_cover` the people above; for the others, which make something
        small, no plan has less than the bound. NaN for `greedy` where the one-by-one choice finds no plan.
    unit : {"people", "weighted_people", "person_minutes", "minutes", "teams"}
    teams : ndarray of int64
        Beside `sites`: teams that stand there in the plan.
    closed, moved : ndarray of int64
        Positions of existing sites that close for good, and of those whose teams move elsewhere, ascending.
    received : ndarray of int64
        Beside `sites`: how many of the teams there came from a moved site.
    placed : ndarray of int64
        Beside `sites`: how many of the teams there are new, in the sense of `new_teams`.
    parts : Parts, optional
        Who serves how many where villages may be split; `assignments` name the site with the largest part then.
    backup_people : float
        With two or more open sites within reach, whatever their room.
    prices : ndarray of float64, shape (n,), optional
        Of each village at which the bound within limits was found, as a share of the most that it can save; None where
        no such bound was asked for.
    """

    model: str
    sites: Int
    new_sites: Int
    assignments: Int
    assigned_minutes: Float
    objective_people: float
    bound_people: float
    greedy_people: float
    today_people: float
    gap: float
    status: Status
    solver: str
    seconds: float
    loss_if_dropped_people: Float
    unserved_people: float
    objective: float = math.nan
    bound: float = math.nan
    greedy: float = math.nan
    unit: Unit = "people"
    teams: Int = field(default_factory=_none)
    closed: Int = field(default_factory=_none)
    moved: Int = field(default_factory=_none)
    received: Int = field(default_factory=_none)
    placed: Int = field(default_factory=_none)
    parts: Parts | None = None
    prices: Float | None = None
    backup_people: float = 0.0
