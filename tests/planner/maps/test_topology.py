"""Borders kept once: a coverage without holes, shared arcs, and the same shapes back from GDAL's own decoder."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Polygon, box

from planner.maps import topology

STEP_DEG = 1e-5


def cover(polygons):
    return topology.cover(polygons, step_deg=STEP_DEG)


def encode(areas, lines):
    return topology.encode(areas, lines, step_deg=STEP_DEG)


def topojson(topo: dict, name: str, kind: str) -> dict:
    """The same topology in the words of TopoJSON 1.0, for a decoder that is not ours."""
    geometries = [{"type": kind if shape else None, "arcs": shape} for shape in topo["objects"][name]]
    return {
        "type": "Topology",
        "transform": {"scale": [topo["step"]] * 2, "translate": [v * topo["step"] for v in topo["origin"]]},
        "arcs": [np.array(arc).reshape(-1, 2).tolist() for arc in topo["arcs"]],
        "objects": {name: {"type": "GeometryCollection", "geometries": geometries}},
    }


def decoded(topo: dict, name: str, tmp_path, kind: str = "MultiPolygon") -> np.ndarray:
    """What GDAL reads, in a process of its own: in ours `layers.gdal` has closed the drivers that the product does not need."""
    file = tmp_path / f"{name}.topojson"
    file.write_text(json.dumps(topojson(topo, name, kind)))
    code = (
        "import sys, pyogrio; print(pyogrio.read_dataframe(sys.argv[1], layer=sys.argv[2]).geometry.to_wkt().to_json())"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file), name], check=True, capture_output=True, text=True)
    return shapely.from_wkt(np.array(list(json.loads(done.stdout).values()), dtype=object))


def shapes(*items):
    return np.array(items, dtype=object)


def clipped_voronoi(points: np.ndarray) -> np.ndarray:
    """Two square communes cut into cells one by one, as villages are: their borders meet in T junctions."""
    cells = []
    for west in (0.0, 0.1):
        commune = box(108 + west, 12, 108.1 + west, 12.1)
        inside = shapely.multipoints(points * 0.1 + (108 + west, 12))
        parts = shapely.get_parts(shapely.voronoi_polygons(inside, extend_to=commune))
        cells += [p.intersection(commune) for p in parts]
        points = points[:, ::-1]
    return shapes(*cells)


class TestAlign:
    def test_a_corner_on_a_neighbours_border_is_put_into_it(self) -> None:
        left, low, high = box(0, 0, 1, 2), box(1, 0, 2, 1), box(1, 1, 2, 2)
        made = topology.align(shapes(left, low, high))
        assert shapely.coverage_is_valid(made)
        assert [1.0, 1.0] in shapely.get_coordinates(made[0]).tolist()
        assert made[0].equals(left)

    def test_holes_pieces_and_empty_ones_stay(self) -> None:
        ring = box(0, 0, 3, 3).difference(box(1, 1, 2, 2))
        two = box(3, 1, 4, 2).union(box(7, 0, 8, 1))  # (3, 1) and (3, 2) lie on the ring's border
        made = topology.align(shapes(ring, Polygon(), two))
        assert made[0].equals(ring)
        assert len(shapely.get_coordinates(made[0])) == len(shapely.get_coordinates(ring)) + 2
        assert made[1].is_empty
        assert made[2].equals(two)

    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, 10_000))
    def test_cells_clipped_one_by_one_are_drawn_as_a_coverage(self, seed: int) -> None:
        cells = clipped_voronoi(np.random.Generator(np.random.PCG64(seed)).random((12, 2)))
        drawn = topology.draw(cells, topology.Detail(50.0, STEP_DEG))
        assert shapely.coverage_is_valid(drawn)
        assert not shapely.is_empty(drawn).any()
        whole = shapely.union_all(drawn)
        assert shapely.get_num_interior_rings(shapely.get_parts(whole)).sum() == 0

    def test_what_overlaps_is_drawn_once(self) -> None:
        drawn = topology.draw(shapes(box(0, 0, 2, 1), box(1, 0, 3, 1)), topology.Detail(50.0, STEP_DEG))
        assert shapely.coverage_is_valid(drawn)
        assert shapely.area(drawn).sum() == pytest.approx(3.0)


class TestCover:
    def test_neighbours_share_every_vertex(self) -> None:
        left = box(0, 0, 1, 2)
        low, high = box(1, 0, 2, 1), box(1, 1, 2, 2)  # (1, 1) is a vertex of these two, not of the left one
        made = cover(shapes(left, low, high))
        assert not shapely.coverage_is_valid(shapes(left, low, high))
        assert shapely.coverage_is_valid(made)
        assert [1.0, 1.0] in shapely.get_coordinates(made[0]).tolist()

    def test_what_lies_in_two_belongs_to_the_first(self) -> None:
        made = cover(shapes(box(0, 0, 2, 1), box(1, 0, 3, 1)))
        assert shapely.area(made).tolist() == pytest.approx([2.0, 1.0])

    def test_gaps_stay_gaps_and_pieces_stay_together(self) -> None:
        ring = box(0, 0, 3, 3).difference(box(1, 1, 2, 2))
        two = box(5, 0, 6, 1).union(box(7, 0, 8, 1))
        made = cover(shapes(ring, two))
        assert made[0].equals(ring)
        assert made[1].equals(two)

    def test_smaller_than_the_grid_is_empty_and_nothing_is_nothing(self) -> None:
        made = cover(shapes(box(0, 0, 1, 1), box(5, 5, 5 + 1e-7, 5 + 1e-7)))
        assert made[1].is_empty
        assert len(cover(shapes())) == 0

    @settings(deadline=None, max_examples=15)
    @given(st.integers(0, 2**32 - 1), st.integers(2, 12))
    def test_cells_clipped_one_by_one_become_a_coverage_that_fills_the_province(self, seed: int, count: int) -> None:
        points = np.random.Generator(np.random.PCG64(seed)).random((count, 2))
        made = topology.simplify(cover(clipped_voronoi(points)), tolerance_m=50)
        whole = shapely.union_all(made)
        assert shapely.coverage_is_valid(made)
        assert shapely.get_num_interior_rings(whole) == 0
        assert whole.area == pytest.approx(0.02, rel=2e-3)


class TestEncode:
    def test_a_border_between_two_areas_is_one_arc(self) -> None:
        topo = encode({"areas": shapes(box(0, 0, 1, 1), box(1, 0, 2, 1))}, {})
        first, second = (shape[0][0] for shape in topo["objects"]["areas"])
        assert len(topo["arcs"]) == 3
        assert {i if i >= 0 else ~i for i in first} & {i if i >= 0 else ~i for i in second}

    def test_layers_share_arcs(self) -> None:
        cells = shapes(box(0, 0, 1, 1), box(1, 0, 2, 1))
        alone = encode({"cells": cells}, {})
        # a union without the cells' vertices at x = 1 shares nothing
        both = encode({"cells": cells, "wholes": shapes(box(0, 0, 2, 1))}, {})
        merged = topology.merge(cells, np.array(["k", "k"]), ["k"])
        assert len(encode({"cells": cells, "wholes": merged}, {})["arcs"]) == len(alone["arcs"])
        assert len(both["arcs"]) > len(alone["arcs"])

    def test_a_lone_ring_drawn_from_another_start_is_the_same_arc(self) -> None:
        ring = Polygon([(0, 0), (1, 0), (1, 1), (0, 1)])
        turned = Polygon([(1, 1), (0, 1), (0, 0), (1, 0)])
        topo = encode({"a": shapes(ring), "b": shapes(turned.reverse())}, {})
        assert len(topo["arcs"]) == 1

    def test_gdal_reads_back_the_same_shapes(self, tmp_path) -> None:
        ring = box(0, 0, 3, 3).difference(box(1, 1, 2, 2))
        island = box(1, 1, 2, 2)
        two = box(5, 0, 6, 1).union(box(7, 0, 8, 1))
        given = cover(shapes(ring, island, two))
        topo = encode({"areas": given}, {"roads": shapes(LineString([(0, 0), (1, 2), (3, 3)]))})
        found = decoded(topo, "areas", tmp_path)
        exact = shapely.set_precision(found, STEP_DEG)
        assert shapely.equals(given, exact).tolist() == [True, True, True]
        (road,) = decoded(topo, "roads", tmp_path, "MultiLineString")[0].geoms
        assert shapely.set_precision(road, STEP_DEG).equals(LineString([(0, 0), (1, 2), (3, 3)]))

    def test_an_empty_area_has_no_part_and_keeps_its_row(self) -> None:
        topo = encode({"areas": shapes(Polygon(), box(0, 0, 1, 1))}, {})
        assert [len(shape) for shape in topo["objects"]["areas"]] == [0, 1]
        assert encode({"areas": shapes()}, {})["arcs"] == []

    @settings(deadline=None, max_examples=15)
    @given(st.integers(0, 2**32 - 1), st.integers(2, 12))
    def test_decoded_areas_are_those_given(self, tmp_path_factory, seed: int, count: int) -> None:
        points = np.random.Generator(np.random.PCG64(seed)).random((count, 2))
        given = cover(clipped_voronoi(points))
        topo = encode({"areas": given}, {})
        found = decoded(topo, "areas", tmp_path_factory.mktemp("topo"))
        assert np.max(shapely.area(shapely.symmetric_difference(given, found))) < 1e-12
        ours = [
            shapely.union_all([Polygon(p[0], list(p[1:])) for p in shape]) for shape in topology.decode(topo, "areas")
        ]
        assert np.max(shapely.area(shapely.symmetric_difference(given, ours))) < 1e-12


def test_a_country_is_drawn_coarser_than_a_province() -> None:
    few, many = shapes(box(0, 0, 1, 1)), shapes(shapely.segmentize(box(0, 0, 1, 1), 2e-6))
    assert topology.Detail.of(few) == topology.Detail(50.0, 1e-5)
    assert topology.Detail.of(many).tolerance_m == pytest.approx(50.0 * 2_000_001 / 450_000, rel=1e-3)
    assert topology.Detail.of(many).step_deg == 2e-4
