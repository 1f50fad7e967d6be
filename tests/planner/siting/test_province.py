"""Maximum cover at the province's size."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer
from scipy import sparse
from scipy.spatial import cKDTree

from planner.siting.max_cover import solve
from tests.planner.siting.worlds import sparse_problem


@pytest.mark.real
def test_hamlets_of_the_province(real_data):
    hamlets = pd.read_csv(real_data / "settlements" / "hes_hamlets_1974_daklak.csv")
    x_m, y_m = Transformer.from_crs(4326, 32649, always_xy=True).transform(hamlets["lon"], hamlets["lat"])
    tree = cKDTree(np.column_stack([x_m, y_m]))
    pairs = tree.query_pairs(10_000.0, output_type="ndarray")
    both = np.concatenate([pairs, pairs[:, ::-1], np.repeat(np.arange(len(hamlets)), 2).reshape(-1, 2)])
    km = np.hypot(*(tree.data[both[:, 0]] - tree.data[both[:, 1]]).T) / 1_000
    n = len(hamlets)
    need = np.random.default_rng(1).integers(0, 900, n)
    assert n == 1_715
    minutes = sparse.csr_array((km, (both[:, 0], both[:, 1])), shape=(n, n))
    plan = solve(sparse_problem(minutes, need, new_teams=50, gap=0.005))
    assert plan.status in {"optimal", "gap_reached"}
    assert plan.gap <= 0.005
    assert plan.greedy_people <= plan.objective_people <= plan.bound_people
    assert len(plan.new_sites) == 50
    assert plan.objective_people + plan.unserved_people == need.sum()
    assert np.nanmax(plan.assigned_minutes) <= 10.0
