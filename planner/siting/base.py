"""What a siting model takes and gives: arrays in, a frozen plan with its certificate out.

Everything is by position: demand i is the i-th village, site j the j-th candidate. Ids are only used to
break ties (the smaller id first) and to speak to people. Imports nothing of ours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Status = Literal["optimal", "gap_reached", "time_limit"]
Unit = Literal["people", "person_minutes", "minutes", "teams"]


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
        What `p_median` counts for a person whom no open site serves; the longest way within reach when absent.
    share : float
        Of all people in need, how many `min_teams` must reach, share.
    capacity_people : ndarray of float64, shape (m,), optional
        People each site can serve, infinite where it does not matter; every village goes to one site, whole.
    cost : ndarray of float64, shape (m,), optional
        Of a new team at each site, in the unit of `budget`.
    budget : float, optional
        New teams cost no more together.
    commune_ids : ndarray of str, shape (m,), optional
        Commune of each site.
    min_per_commune : int
        Open sites each commune of `commune_ids` must have, existing ones included.
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
    share: float = 1.0
    capacity_people: Float | None = None
    cost: Float | None = None
    budget: float | None = None
    commune_ids: npt.NDArray[np.str_] | None = None
    min_per_commune: int = 0


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
    unit : {"people", "person_minutes", "minutes", "teams"}
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
