from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely import Polygon, box

from layers.voronoi import voronoi_cells
from tools.power_diagram import Fit, cells, connected, coverage, fitted

SQUARE = box(0, 0, 4, 4)


def test_two_equal_weights_split_at_the_middle_and_a_heavier_one_gets_more():
    sites = np.array([[1.0, 2.0], [3.0, 2.0]])
    assert shapely.area(cells(sites, np.zeros(2), SQUARE)) == pytest.approx([8, 8])
    # |p - s0|² - 2 = |p - s1|²: x = 2.5.
    assert shapely.area(cells(sites, np.array([2.0, 0.0]), SQUARE)) == pytest.approx([10, 6])


def test_a_site_far_too_light_has_no_cell():
    sites = np.array([[1.0, 2.0], [3.0, 2.0]])
    assert cells(sites, np.array([50.0, 0.0]), SQUARE)[1].is_empty


@settings(deadline=None, max_examples=30)
@example([(8, 12), (23, 4), (28, 4), (28, 32), (31, 34)])
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=2, max_size=12, unique=True))
def test_without_weights_it_is_the_voronoi_diagram(points):
    sites = np.array(points, dtype=float) / 10
    for ours, theirs in zip(cells(sites, np.zeros(len(sites)), SQUARE), voronoi_cells(*sites.T, SQUARE), strict=True):
        assert ours.symmetric_difference(theirs).area < 1e-9


def test_the_fit_finds_a_diagram_again_from_its_areas_and_centroids():
    draw = np.random.Generator(np.random.PCG64(5))
    sites = np.array([(x, y) for x in (0.5, 1.5, 2.5, 3.5) for y in (0.5, 1.5, 2.5, 3.5)]) + draw.normal(
        0, 0.1, (16, 2)
    )
    truth = cells(sites, draw.uniform(0, 0.15, 16), SQUARE)
    known = shapely.get_coordinates(shapely.centroid(truth))
    fit = Fit(steps=200, anchor=0.0, border_weight=0.0)
    found = cells(*fitted(known, shapely.area(truth), SQUARE, fit=fit), SQUARE)
    plain = cells(known, np.zeros(16), SQUARE)

    def overlap(ours):
        return (shapely.area(shapely.intersection(ours, truth)) / shapely.area(shapely.union(ours, truth))).mean()

    assert overlap(found) > 0.97 > overlap(plain)


def test_a_site_left_without_a_cell_is_told():
    known = np.array([[1.0, 2.0], [3.0, 2.0]])
    with pytest.raises(ValueError, match=r"positions \[1\]"):
        fitted(known, np.array([300.0, 0.01]), SQUARE, fit=Fit(steps=5, start=1.0))


def test_a_piece_that_is_cut_off_goes_to_its_neighbour():
    outline = Polygon([(0, 0), (4, 0), (4, 4), (0, 4), (0, 3), (3, 3), (3, 1), (0, 1)])
    parts = cells(np.array([[0.5, 0.5], [2.5, 2.0]]), np.zeros(2), outline)
    shared = coverage(parts, grid=1e-6)
    assert shapely.coverage_is_valid(shared)
    whole = connected(shared)
    assert [g.geom_type for g in whole] == ["Polygon", "Polygon"]
    assert shapely.area(whole).sum() == pytest.approx(outline.area)
