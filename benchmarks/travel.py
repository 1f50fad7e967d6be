"""Least-cost minutes beside scikit-image's MCP_Geometric and SciPy's Dijkstra, on 2.7 million cells of open country and roads.

    python benchmarks/travel.py [--out FILE]

Nearest: minutes from every cell to the nearest of 37 sites. Matrix: 500 sites by 3,000 villages within 60 minutes.
Slopes: the nearest surface with heights, uphill and downhill apart, beside Dijkstra on the same graph. CPU seconds of
one call; the graph that SciPy needs is built inside its call. Answers must agree to 1e-9 minutes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.ndimage import gaussian_filter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import common  # noqa: E402 - a script finds its own tree first
from layers import slopes  # noqa: E402
from layers.kernels import minutes  # noqa: E402

ROWS, COLUMNS, CELL_M = 1_800, 1_500, 100.0
NEAREST, MATRIX, SLOPES = "nearest of 37 sites", "500 x 3,000 within 60 minutes", "nearest of 37 sites on slopes"
CUTOFF_MINUTES = 60.0
OUT_OF_REACH = -1.0
"""Stands for infinity, which cannot be subtracted."""
NEIGHBOURS = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]


def ground(*, hilly: bool) -> minutes.Ground:
    """Return open country at 1.5 to 12 km/h with 120 winding roads at 20 to 80 km/h, and hills of some 100 m."""
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([4])))
    rough = gaussian_filter(random.standard_normal((ROWS, COLUMNS)), 30)
    kmh = np.clip(4.0 * np.exp(0.5 * rough / rough.std()), 1.5, 12.0)
    road = np.zeros((ROWS, COLUMNS), dtype=bool)
    for speed in np.sort(random.choice([20.0, 35.0, 60.0, 80.0], 120, p=[0.4, 0.3, 0.2, 0.1])):
        _draw_road(kmh, road, speed, random)
    pace = (0.06 / kmh).astype(np.float32)
    if not hilly:
        return minutes.Ground(pace, CELL_M, CELL_M)
    height = gaussian_filter(random.standard_normal((ROWS, COLUMNS)), 25)
    relief = minutes.Relief(
        (100.0 * height / height.std()).astype(np.float32),
        road.astype(np.uint8),
        np.stack([slopes.on_foot(), slopes.of_table(slopes.MOTORBIKE)]),
    )
    return minutes.Ground(pace, CELL_M, CELL_M, relief)


def _draw_road(kmh: np.ndarray, road: np.ndarray, speed: float, random: np.random.Generator) -> None:
    length = int(random.uniform(0.2, 0.8) * ROWS)
    turns = random.uniform(0, 2 * np.pi) + np.cumsum(random.normal(0, 0.08, length))
    start = random.random(2) * [ROWS, COLUMNS]
    at = (start + 0.7 * np.cumsum(np.column_stack([np.sin(turns), np.cos(turns)]), axis=0)).astype(int)
    at = at[((at >= 0) & (at < [ROWS - 1, COLUMNS - 1])).all(axis=1)]
    for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
        cells = (at[:, 0] + down, at[:, 1] + right)
        kmh[cells] = np.maximum(kmh[cells], speed)
        road[cells] = True


def cells(count: int, *, stream: int) -> np.ndarray:
    """Return numbers of cells, the same in every process."""
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([4, stream])))
    return random.integers(0, ROWS * COLUMNS, count)


SITES, VILLAGES = cells(500, stream=1), cells(3_000, stream=2)


def graph(given: minutes.Ground) -> sparse.csr_array:
    """Return the steps of a ground as SciPy takes them, turned round: from the sites outwards."""
    pace = given.pace.astype(np.float64)
    number = np.arange(pace.size, dtype=np.int32).reshape(pace.shape)
    parts = []
    for down, right in NEIGHBOURS:
        here = np.s_[max(0, -down) : ROWS - max(0, down), max(0, -right) : COLUMNS - max(0, right)]
        there = np.s_[max(0, down) : ROWS - max(0, -down), max(0, right) : COLUMNS - max(0, -right)]
        length = CELL_M * np.hypot(down, right)
        one, other = pace[here], pace[there]
        if given.relief is not None:
            height = given.relief.height_m.astype(np.float64)
            slope = (height[here] - height[there]) / length
            one = one * _slower(given.relief, given.relief.response[here], slope)
            other = other * _slower(given.relief, given.relief.response[there], slope)
        parts.append((number[here].ravel(), number[there].ravel(), (0.5 * (one + other) * length).ravel()))
    start, end, value = (np.concatenate([part[k] for part in parts]) for k in range(3))
    return sparse.csr_array((value, (start, end)), shape=(pace.size, pace.size))


def _slower(relief: minutes.Relief, response: np.ndarray, slope: np.ndarray) -> np.ndarray:
    found = np.empty(slope.shape)
    for kind in range(len(relief.slower)):
        own = response == kind
        found[own] = np.interp(slope[own], slopes.NODES, relief.slower[kind])
    return found


def product(case: str) -> common.Run:
    """Return the product's call."""
    given = ground(hilly=case == SLOPES)
    if case == MATRIX:

        def matrix() -> common.Values:
            starts, indices, values = minutes.matrix(given, SITES, VILLAGES, cutoff_minutes=CUTOFF_MINUTES)
            found = np.full((len(SITES), len(VILLAGES)), OUT_OF_REACH)
            found[np.repeat(np.arange(len(SITES)), np.diff(starts)), indices] = values
            return found

        return matrix
    return lambda: minutes.nearest(given, SITES[:37])


def by_mcp(case: str) -> common.Run:
    """Return the call of scikit-image's MCP_Geometric."""
    from skimage.graph import MCP_Geometric  # noqa: PLC0415 - a peer is imported in its own process only

    costs = ground(hilly=False).pace.astype(np.float64) * CELL_M
    starts = [divmod(int(cell), COLUMNS) for cell in SITES[:37]]
    assert case == NEAREST  # noqa: S101 - it knows neither slopes nor a cutoff
    return lambda: MCP_Geometric(costs, fully_connected=True).find_costs(starts)[0]


def by_scipy(case: str) -> common.Run:
    """Return the call of SciPy's Dijkstra, building its graph included."""
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415 - a peer is imported in its own process only

    given = ground(hilly=case == SLOPES)

    def matrix() -> common.Values:
        steps = graph(given)
        rows = [dijkstra(steps, indices=site, limit=CUTOFF_MINUTES)[VILLAGES] for site in SITES]
        found = np.array(rows)
        return np.where(np.isinf(found), OUT_OF_REACH, found)

    if case == MATRIX:
        return matrix
    return lambda: dijkstra(graph(given), indices=SITES[:37], min_only=True).reshape(ROWS, COLUMNS)


TOOLS = {"product": product, "MCP_Geometric": by_mcp, "SciPy dijkstra": by_scipy}


def bytes_per_cell(case: str) -> float:
    """Return what the product's search reads and writes, bytes a cell."""
    given = minutes._checked_ground(ground(hilly=case == SLOPES))  # noqa: SLF001 - the figure that is promised
    relief = [] if given.relief is None else [given.relief.height_m, given.relief.response]
    work = minutes._work(given)  # noqa: SLF001 - as above
    arrays = [given.pace, *relief, *(part for part in work if isinstance(part, np.ndarray))]
    return round(sum(part.nbytes for part in arrays) / given.pace.size, 1)


def one(case: str, tool: str) -> tuple[common.Values, common.Row]:
    """Measure one tool on one case."""
    values, row = common.measured(TOOLS[tool](case), runs=5 if tool == "product" else 1)
    more = {"bytes_per_cell": bytes_per_cell(case)} if tool == "product" else {}
    return values, {**row, "cells": ROWS * COLUMNS, **more}


def cases() -> list[common.Row]:
    """Compare the peers that can do each case."""
    script = Path(__file__).resolve()
    peers = {NEAREST: ("MCP_Geometric", "SciPy dijkstra"), MATRIX: ("SciPy dijkstra",), SLOPES: ("SciPy dijkstra",)}
    return [
        row
        for case, tools in peers.items()
        for row in common.compared(script, case=case, tools=("product", *tools), tolerance=1e-9)
    ]


if __name__ == "__main__":
    common.main(__file__, cases, one)
