"""AccessMod's demonstration data as an oracle of travel times: land cover, heights, speeds and the raster it made of them.

The reference (cumulative_cost__demo, 2015) is the anisotropic way towards four of the six facilities within 120 minutes.
Of each step it takes the length over the mean of the two cells' speeds. Ours is half the length at each cell's own
speed, the time it takes; where fast meets slow the mean of speeds is too short: 15 m at 2 km/h and 15 m at 80 take 28
seconds, not 3. So ours is longer, by little in the middle and by much where every way crosses many such borders. With
the mean of speeds instead, an independent search gives the reference but for seconds.
"""

from __future__ import annotations

import zipfile

import numpy as np
import pytest
import rasterio
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from layers import slopes
from layers.kernels import minutes

pytestmark = pytest.mark.real

CUTOFF_S = 7200.0
KMH = {1: 2, 2: 15, 3: 2, 4: 3, 5: 4, 6: 4, 1001: 80, 1002: 80, 1003: 60, 1004: 12, 1005: 10}
"""table_model__demo.xlsx: speed by class; classes 2, 1004 and 1005 ride a bicycle, those from 1001 to 1003 a car."""
RESPONSE = {2: 1, 1004: 2, 1005: 3, 1001: 4, 1002: 4, 1003: 4}
NEIGHBOURS = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]


def cycling(kmh: float) -> np.ndarray:
    """Time per metre over that of `kmh`: power on the flat kept on slopes, the module's constants and its cubic."""
    mass, area, roll, moving, gear = 92.0, 0.4, 0.008, 0.2, 1.09
    density = 1.225 * (373 / 293.15) * np.exp(-1.225 * 9.81 * 350 / 101325)
    v = kmh / 3.6
    power = gear * v * (area * density / 2 * v**2 + 9.81 * mass * roll + v + moving)
    found = []
    for angle in np.arctan(slopes.NODES):
        friction = 9.81 * mass * (roll * np.cos(angle) + np.sin(angle))
        cubic = [1, moving * np.cos(angle) / (area * density), 2 * friction / (area * density)]
        roots = np.roots([*cubic, -2 * power / (gear * area * density)])
        found.append(abs(min(roots[np.abs(roots.imag) < 1e-7].real)))
    return v / np.array(found)


@pytest.fixture(scope="module")
def demo(real_data, tmp_path_factory):
    """Ground in seconds per metre, the facilities' cells and the reference, seconds."""
    folder = tmp_path_factory.mktemp("accessmod")
    with zipfile.ZipFile(real_data / "friction" / "accessmod_demo.zip") as archive:
        archive.extractall(folder)

    def read(name: str) -> tuple[np.ndarray, object]:
        (path,) = (folder / "demo").rglob(f"{name}.GeoTIFF")
        with rasterio.open(path) as dataset:
            return dataset.read(1), dataset.transform

    (cover, transform), (height, _), (reference, _) = map(
        read, ("land_cover_merged__demo", "dem__dem", "cumulative_cost__demo")
    )
    pace, response = np.full(cover.shape, np.nan), np.zeros(cover.shape, np.uint8)
    for number, kmh in KMH.items():
        pace[cover == number], response[cover == number] = 3.6 / kmh, RESPONSE.get(number, 0)
    pace[height > 10_000] = np.nan  # no data: the edge of the region
    slower = np.stack([slopes.on_foot(), cycling(15), cycling(12), cycling(10), np.ones(len(slopes.NODES))])
    relief = minutes.Relief(np.where(height > 10_000, 0, height).astype(np.float32), response, slower)
    ground = minutes.Ground(pace, transform.a, -transform.e, relief)
    return ground, np.flatnonzero(reference.ravel() == 0), reference


def search(ground: minutes.Ground, facilities: np.ndarray, *, mean_of_speeds: bool) -> np.ndarray:
    """Seconds towards the facilities by SciPy, a step's pace from the mean of times or of speeds."""
    rows, columns = ground.pace.shape
    number = np.arange(ground.pace.size).reshape(rows, columns)
    height = ground.relief.height_m.astype(float)
    parts = []
    for down, right in NEIGHBOURS:
        here = np.s_[max(0, -down) : rows - max(0, down), max(0, -right) : columns - max(0, right)]
        there = np.s_[max(0, down) : rows - max(0, -down), max(0, right) : columns - max(0, -right)]
        length = np.hypot(down * ground.height_m, right * ground.width_m)
        slope = (height[here] - height[there]) / length
        one, other = (ground.pace[cells] * _slower(ground.relief, cells, slope) for cells in (here, there))
        pace = 2 / (1 / one + 1 / other) if mean_of_speeds else (one + other) / 2
        open_to = np.isfinite(pace)
        parts.append((number[here][open_to], number[there][open_to], pace[open_to] * length))
    start, end, value = (np.concatenate([part[k] for part in parts]) for k in range(3))
    steps = sparse.csr_array((value, (start, end)), shape=(number.size, number.size))
    return dijkstra(steps, indices=facilities, min_only=True, limit=CUTOFF_S).reshape(rows, columns)


def _slower(relief: minutes.Relief, cells, slope: np.ndarray) -> np.ndarray:
    found = np.empty(slope.shape)
    for kind, table in enumerate(relief.slower):
        own = relief.response[cells] == kind
        found[own] = np.interp(slope[own], slopes.NODES, table)
    return found


def difference(found: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Seconds ours is longer, where both reach."""
    both = np.isfinite(found) & np.isfinite(reference)
    assert both.sum() > 0.98 * np.isfinite(reference).sum()
    return found[both] - reference[both]


def test_ours_differs_from_the_reference_by_what_is_told(demo):
    ground, facilities, reference = demo
    assert len(facilities) == 4
    found = minutes.nearest(ground, facilities, toward=True, cutoff_minutes=CUTOFF_S)
    longer = difference(found, reference)
    assert np.median(np.abs(longer)) == pytest.approx(51, abs=2)
    assert np.quantile(np.abs(longer), 0.95) == pytest.approx(398, abs=8)
    assert np.median(np.abs(longer)) / np.nanmedian(reference) < 0.05
    assert (longer > -40).all()  # never much shorter: the mean of times is at least that of speeds


def test_the_mean_of_speeds_explains_the_difference(demo):
    ground, facilities, reference = demo
    unlike = np.abs(difference(search(ground, facilities, mean_of_speeds=True), reference))
    assert np.median(unlike) < 1.2
    assert np.quantile(unlike, 0.95) < 6.5
    assert unlike.max() < 40


def test_our_search_is_dijkstra_on_these_rasters_too(demo):
    ground, facilities, _ = demo
    expected = search(ground, facilities, mean_of_speeds=False)
    found = minutes.nearest(ground, facilities, toward=True, cutoff_minutes=CUTOFF_S)
    assert np.array_equal(np.isfinite(found), np.isfinite(expected))
    reached = np.isfinite(found)
    assert np.allclose(found[reached], expected[reached], rtol=0, atol=1e-7)


def test_the_way_from_the_facilities_is_another_one(demo):
    ground, facilities, reference = demo
    away = minutes.nearest(ground, facilities, toward=False, cutoff_minutes=CUTOFF_S)
    both = np.isfinite(away) & np.isfinite(reference)
    assert np.median(np.abs(away[both] - reference[both])) > 200
