from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from skimage.graph import MCP_Geometric

from layers.kernels import minutes

ROOT_2 = np.sqrt(2.0)


def graph(grid: np.ndarray) -> sparse.csr_array:
    """Every step of the grid as an edge, written out cell by cell."""
    rows, columns = grid.shape
    start, end, cost = [], [], []
    for r, c in np.argwhere(np.isfinite(grid)):
        for dr, dc in ((0, 1), (1, 0), (1, 1), (1, -1)):
            i, j = r + dr, c + dc
            if i < rows and 0 <= j < columns and np.isfinite(grid[i, j]):
                start.append(r * columns + c)
                end.append(i * columns + j)
                cost.append((grid[r, c] + grid[i, j]) / 2 * np.hypot(dr, dc))
    one_way = sparse.coo_array((cost, (start, end)), shape=(grid.size, grid.size))
    return sparse.csr_array(one_way + one_way.T)


def random_grid(seed: int, *, blocked: float = 0.15) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = rng.integers(1, 18, 2)
    grid = np.exp(rng.normal(0, rng.choice([0.1, 1.0, 4.0]), shape))
    dead = rng.random(shape) < blocked
    grid[dead] = rng.choice([np.inf, np.nan], int(dead.sum()))
    return grid


def dense(found: tuple[np.ndarray, np.ndarray, np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    starts, indices, values = found
    full = np.full(shape, np.inf)
    full[np.repeat(np.arange(shape[0]), np.diff(starts)), indices] = values
    return full


def test_a_straight_and_a_diagonal_step_cost_what_a_person_works_out():
    grid = np.array([[2.0, 4.0], [6.0, 8.0]])
    found = minutes.nearest(minutes.Ground(grid), np.array([0]))
    assert found == pytest.approx(np.array([[0, 3], [4, 5 * ROOT_2]]))


def test_a_wall_with_a_gap_is_walked_round():
    grid = np.ones((3, 3))
    grid[:2, 1] = np.inf
    found = minutes.nearest(minutes.Ground(grid), np.array([0]))
    assert found[0, 2] == pytest.approx(1 + 2 * ROOT_2 + 1)
    assert np.all(np.isinf(found[:2, 1]))


def test_a_closed_wall_makes_what_lies_behind_unreachable():
    grid = np.ones((3, 5))
    grid[:, 2] = np.inf
    found = minutes.nearest(minutes.Ground(grid), np.array([0]))
    assert np.all(np.isinf(found[:, 2:]))
    assert np.all(np.isfinite(found[:, :2]))


def test_nobody_leaves_a_source_that_stands_in_a_barrier_but_it_reaches_itself():
    grid = np.ones((2, 2))
    grid[0, 0] = np.inf
    starts, indices, values = minutes.matrix(minutes.Ground(grid), np.array([0]), np.arange(4), cutoff_minutes=9)
    assert (starts.tolist(), indices.tolist(), values.tolist()) == ([0, 1], [0], [0.0])


def test_nowhere_has_an_empty_row_and_column():
    grid = np.ones((1, 3))
    starts, indices, values = minutes.matrix(
        minutes.Ground(grid), np.array([-1, 1]), np.array([0, -1, 1]), cutoff_minutes=9
    )
    assert starts.tolist() == [0, 0, 2]
    assert indices.tolist() == [0, 2]
    assert values.tolist() == [1.0, 0.0]


def test_the_cutoff_itself_is_within_reach():
    grid = np.full((1, 4), 2.0)
    starts, indices, _ = minutes.matrix(minutes.Ground(grid), np.array([0]), np.arange(4), cutoff_minutes=4.0)
    assert starts.tolist() == [0, 3]
    assert indices.tolist() == [0, 1, 2]


def test_no_sources_reach_nothing():
    assert np.all(np.isinf(minutes.nearest(minutes.Ground(np.ones((2, 2))), np.array([], dtype=np.int64))))


def test_a_grid_where_nobody_passes_is_answered():
    grid = np.full((2, 2), np.nan)
    assert np.isinf(minutes.nearest(minutes.Ground(grid), np.array([1]))).sum() == 3


def test_many_more_entries_than_the_first_guess_are_kept():
    grid = np.ones((20, 20))
    cells = np.arange(400)
    starts, indices, _ = minutes.matrix(minutes.Ground(grid), cells, cells, cutoff_minutes=1000)
    assert starts[-1] == indices.size == 160_000


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), cutoff=st.sampled_from([0.5, 3.0, 20.0, np.inf]))
def test_the_matrix_equals_dijkstra_on_the_written_out_graph(seed, cutoff):
    grid = random_grid(seed)
    cells = np.flatnonzero(np.isfinite(grid))
    if cells.size == 0:
        return
    found = dense(minutes.matrix(minutes.Ground(grid), cells, cells, cutoff_minutes=cutoff), (cells.size, cells.size))
    expected = dijkstra(graph(grid), indices=cells)[:, cells]
    near = np.isfinite(expected) & np.isclose(expected, cutoff, rtol=0, atol=1e-9)
    expected[expected > cutoff] = np.inf
    assert np.allclose(found[~near], expected[~near], rtol=1e-12, atol=1e-9)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 5))
def test_the_nearest_of_many_equals_an_independent_library(seed, count):
    grid = random_grid(seed, blocked=0.1)
    passable = np.argwhere(np.isfinite(grid))
    if passable.size == 0:
        return
    rng = np.random.default_rng(seed)
    starts = passable[rng.integers(0, len(passable), count)]
    costs = np.where(np.isfinite(grid), grid, -1)
    expected, _ = MCP_Geometric(costs, fully_connected=True).find_costs([tuple(int(k) for k in s) for s in starts])
    found = minutes.nearest(minutes.Ground(grid), np.ravel_multi_index(tuple(starts.T), grid.shape))
    assert np.allclose(found, expected, rtol=1e-12, atol=1e-9)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_way_there_costs_what_the_way_back_costs(seed):
    grid = random_grid(seed)
    cells = np.arange(grid.size)
    found = dense(minutes.matrix(minutes.Ground(grid), cells, cells, cutoff_minutes=np.inf), (grid.size, grid.size))
    assert np.array_equal(np.isinf(found), np.isinf(found.T))
    both = np.isfinite(found)
    assert np.allclose(found[both], found.T[both], rtol=1e-12)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_matrix_row_equals_the_same_search_alone(seed):
    grid = random_grid(seed)
    cells = np.arange(grid.size)
    found = dense(minutes.matrix(minutes.Ground(grid), cells, cells, cutoff_minutes=7.0), (grid.size, grid.size))
    for cell in cells[:: max(1, grid.size // 7)]:
        assert np.array_equal(
            found[cell], minutes.nearest(minutes.Ground(grid), np.array([cell]), cutoff_minutes=7.0).ravel()
        )


def test_speeds_that_differ_a_millionfold_are_still_exact():
    rng = np.random.default_rng(5)
    grid = 10.0 ** rng.uniform(-3, 4, (12, 12))
    found = minutes.nearest(minutes.Ground(grid), np.array([0])).ravel()
    assert np.allclose(found, dijkstra(graph(grid), indices=0), rtol=1e-12)


@pytest.mark.parametrize("bad", [np.zeros((2, 2)), np.array([[1.0, -1.0]]), np.ones(4), np.ones((0, 3))])
def test_a_grid_that_breaks_the_rules_is_refused(bad):
    with pytest.raises(ValueError, match="pace"):
        minutes.nearest(minutes.Ground(bad), np.array([0]))


@pytest.mark.parametrize("cells", [[4], [-2], [[0]]])
def test_a_cell_outside_the_grid_is_refused(cells):
    with pytest.raises(ValueError, match="sources"):
        minutes.nearest(minutes.Ground(np.ones((2, 2))), np.array(cells))
    with pytest.raises(ValueError, match="targets"):
        minutes.matrix(minutes.Ground(np.ones((2, 2))), np.array([0]), np.array(cells), cutoff_minutes=1)


@pytest.mark.parametrize("cutoff", [-1.0, np.nan])
def test_a_cutoff_below_zero_is_refused(cutoff):
    with pytest.raises(ValueError, match="cutoff_minutes"):
        minutes.nearest(minutes.Ground(np.ones((2, 2))), np.array([0]), cutoff_minutes=cutoff)


def rough(seed: int) -> minutes.Ground:
    """Ground with hills, two kinds of people and closed steps; cells of 30 by 50 m."""
    rng = np.random.default_rng(seed)
    pace = random_grid(seed) / 1000
    slope = np.linspace(-1, 1, minutes.SLOPE_NODES)
    slower = np.stack([np.exp(3.5 * (np.abs(slope + 0.05) - 0.05)), 1 + 5 * slope**2])
    relief = minutes.Relief(
        height_m=rng.normal(0, 20, pace.shape).astype(np.float32),
        response=rng.integers(0, 2, pace.shape).astype(np.uint8),
        slower=slower,
    )
    closed = rng.integers(0, 256, pace.shape).astype(np.uint8) & rng.integers(0, 256, pace.shape).astype(np.uint8)
    return minutes.Ground(pace, width_m=30.0, height_m=50.0, relief=relief, closed=closed)


NEIGHBOURS = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]


def directed_graph(ground: minutes.Ground, *, toward: bool) -> sparse.csr_array:
    """Every step a search may take as an edge, written out cell by cell with NumPy's own interpolation."""
    rows, columns = ground.pace.shape
    nodes = np.linspace(-1, 1, minutes.SLOPE_NODES)
    start, end, cost = [], [], []
    for r, c in np.argwhere(np.isfinite(ground.pace)):
        for k, (dr, dc) in enumerate(NEIGHBOURS):
            i, j = r + dr, c + dc
            if not (0 <= i < rows and 0 <= j < columns) or ground.closed[r, c] >> k & 1:
                continue
            if not np.isfinite(ground.pace[i, j]):
                continue
            length = np.hypot(dr * ground.height_m, dc * ground.width_m)
            rise = float(ground.relief.height_m[i, j]) - float(ground.relief.height_m[r, c])
            slope = -rise / length if toward else rise / length
            halves = [
                ground.pace[cell] * np.interp(slope, nodes, ground.relief.slower[ground.relief.response[cell]]) / 2
                for cell in ((r, c), (i, j))
            ]
            start.append(r * columns + c)
            end.append(i * columns + j)
            cost.append(length * sum(halves))
    return sparse.csr_array(sparse.coo_array((cost, (start, end)), shape=(ground.pace.size, ground.pace.size)))


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), toward=st.booleans())
def test_hills_and_closed_steps_equal_dijkstra_on_the_written_out_graph(seed, toward):
    ground = rough(seed)
    cells = np.flatnonzero(np.isfinite(ground.pace))
    if cells.size == 0:
        return
    found = minutes.matrix(ground, cells, cells, toward=toward, cutoff_minutes=np.inf)
    expected = dijkstra(directed_graph(ground, toward=toward), indices=cells)[:, cells]
    assert np.allclose(dense(found, (cells.size, cells.size)), expected, rtol=1e-12, atol=1e-9)
    near = minutes.nearest(ground, cells[:2], toward=toward).ravel()[cells]
    assert np.allclose(near, expected[:2].min(axis=0), rtol=1e-12, atol=1e-9)


def test_uphill_takes_longer_than_downhill_and_the_direction_decides():
    slope = np.linspace(-1, 1, minutes.SLOPE_NODES)
    slower = np.exp(3.5 * (np.abs(slope + 0.05) - 0.05))[None]
    relief = minutes.Relief(np.array([[0.0, 10.0]], np.float32), np.zeros((1, 2), np.uint8), slower)
    ground = minutes.Ground(np.full((1, 2), 0.01), width_m=100.0, height_m=100.0, relief=relief)
    away = minutes.nearest(ground, np.array([0]), toward=False)[0, 1]
    home = minutes.nearest(ground, np.array([0]), toward=True)[0, 1]
    # 10 % up from the source: exp(3.5 x 0.10); 10 % down to it: exp(3.5 x 0)
    assert away == pytest.approx(np.exp(0.35))
    assert home == pytest.approx(1.0)


def test_a_step_that_is_closed_one_way_is_open_the_other():
    closed = np.zeros((1, 2), np.uint8)
    closed[0, 0] = 1 << 4
    ground = minutes.Ground(np.ones((1, 2)), closed=closed)
    assert np.isinf(minutes.nearest(ground, np.array([0]))[0, 1])
    assert minutes.nearest(ground, np.array([1]))[0, 0] == 1.0


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"width_m": 0.0}, "sides above 0"),
        ({"closed": np.zeros((1, 2), np.uint8)}, "closed"),
        ({"relief": minutes.Relief(np.full((2, 2), np.nan), np.zeros((2, 2)), np.ones((1, 801)))}, "finite height"),
        ({"relief": minutes.Relief(np.zeros((2, 2)), np.zeros((2, 2)), np.ones((1, 5)))}, "801"),
        ({"relief": minutes.Relief(np.zeros((2, 2)), np.zeros((2, 2)), np.zeros((1, 801)))}, "above 0"),
        ({"relief": minutes.Relief(np.zeros((2, 2)), np.ones((2, 2)), np.ones((1, 801)))}, "0 to 0"),
    ],
)
def test_ground_that_breaks_the_rules_is_refused(change, match):
    with pytest.raises(ValueError, match=match):
        minutes.nearest(minutes.Ground(np.ones((2, 2)))._replace(**change), np.array([0]))


def test_a_search_needs_at_most_thirty_bytes_a_cell():
    shape = (50, 40)
    relief = minutes.Relief(np.zeros(shape, np.float32), np.zeros(shape, np.uint8), np.ones((1, minutes.SLOPE_NODES)))
    ground = minutes.Ground(np.ones(shape, np.float32), relief=relief, closed=np.zeros(shape, np.uint8))
    read = [ground.pace, ground.closed, relief.height_m, relief.response]
    work = minutes._work(minutes._checked_ground(ground))
    written = [work.minutes, work.touched, work.following, work.previous]
    assert sum(part.nbytes for part in read + written) <= 30 * ground.pace.size
    assert work.heads.nbytes <= 4 * minutes.MAX_BUCKETS
