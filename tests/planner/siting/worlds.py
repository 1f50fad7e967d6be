"""Small siting problems, and answers by trying every choice."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import combinations

import numpy as np
from numpy.testing import assert_array_equal
from scipy import sparse

from planner.siting.base import SitingProblem


def ids(prefix: str, count: int):
    return np.array([f"{prefix}{k:04}" for k in range(count)], dtype=str)


def problem(minutes, need, **options) -> SitingProblem:
    """Build a problem from a table of minutes; NaN is out of reach, 0 is a real 0."""
    table = np.asarray(minutes, dtype=float)
    row, column = np.nonzero(~np.isnan(table))
    return sparse_problem(sparse.csr_array((table[row, column], (row, column)), shape=table.shape), need, **options)


def sparse_problem(minutes, need, **options) -> SitingProblem:
    """Build a problem from a matrix; one team, a reach of 10 minutes and nothing standing unless told."""
    n, m = minutes.shape
    marks = {name: marked(m, options.pop(name, [])) for name in ("existing", "locked_in", "locked_out")}
    given = {"new_teams": 1, "reach_minutes": 10.0, "gap": 0.0} | options | marks
    return SitingProblem(ids("v", n), ids("s", m), np.asarray(need, dtype=float), minutes, **given)


def marked(size: int, positions):
    mask = np.zeros(size, dtype=bool)
    mask[list(positions)] = True
    return mask


def line(count: int = 8, *, step: float = 6.0, **options) -> SitingProblem:
    """Villages on a road, `step` minutes apart, each a site; village k has k + 1 people."""
    place = np.arange(count) * step
    return problem(np.abs(place[:, None] - place), np.arange(count) + 1.0, **options)


def shuffled(given: SitingProblem, seed: int) -> SitingProblem:
    """Return the same problem with villages and sites in another order."""
    random = np.random.default_rng(seed)
    units, sites = random.permutation(given.unit_ids.size), random.permutation(given.site_ids.size)
    coordinates = given.minutes.tocoo()
    row, column = np.argsort(units)[coordinates.row], np.argsort(sites)[coordinates.col]
    per_site = {
        field.name: value[sites]
        for field in fields(given)
        if isinstance(value := getattr(given, field.name), np.ndarray) and value.shape == given.site_ids.shape
    }
    per_unit = {
        name: None if (value := getattr(given, name)) is None else value[units]
        for name in ("unit_ids", "need_people", "weight", "unit_commune_ids")
    }
    minutes = sparse.csr_array((coordinates.data, (row, column)), shape=given.minutes.shape)
    return replace(given, **(per_site | per_unit), minutes=minutes)


def dense(given: SitingProblem):
    """Return minutes as a table, NaN where a site cannot be reached."""
    table = np.full(given.minutes.shape, np.nan)
    coordinates = given.minutes.tocoo()
    table[coordinates.row, coordinates.col] = coordinates.data
    return table


def choices(given: SitingProblem):
    """Yield every allowed set of open sites as a list of positions."""
    always = np.flatnonzero(given.existing | given.locked_in).tolist()
    teams = given.new_teams - int((given.locked_in & ~given.existing).sum())
    free = np.flatnonzero(~(given.existing | given.locked_in | given.locked_out)).tolist()
    for count in range(min(teams, len(free)) + 1):
        for chosen in combinations(free, count):
            yield [*always, *chosen]


def reached(given: SitingProblem, sites) -> float:
    """Return the people within reach of these sites, from the table of minutes."""
    near = dense(given)[:, list(sites)] <= given.reach_minutes
    return float(given.need_people[near.any(axis=1)].sum())


def same(first, second):
    """Assert that two plans are equal in everything but the seconds."""
    for field in fields(first):
        if field.name == "parts" and first.parts is not None:
            same(first.parts, second.parts)
        elif field.name != "seconds":
            assert_array_equal(getattr(first, field.name), getattr(second, field.name), err_msg=field.name)
