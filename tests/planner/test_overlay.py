from __future__ import annotations

import datetime as dt
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from layers.errors import CrsError, LayerError
from planner import overlay, products
from tests import tiny_world
from tests.tiny_world import square

CLOSE = 1e-6


def polygons(*rows: tuple[str, str, str, object], technology: str = "4G", synthetic: bool = False) -> gpd.GeoDataFrame:
    """`layers.schema.COVERAGE` from (operator, evidence, signal, geometry)."""
    return gpd.GeoDataFrame(
        {
            "operator": [r[0] for r in rows],
            "technology": technology,
            "evidence": [r[1] for r in rows],
            "signal": [r[2] for r in rows],
            "data_date": pd.Series([tiny_world.DATE] * len(rows), dtype=object),
            "synthetic": synthetic,
        },
        geometry=gpd.GeoSeries([r[3] for r in rows], crs=tiny_world.CRS),
        crs=tiny_world.CRS,
    )


def together(*frames: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True))


def shares(coverage: gpd.GeoDataFrame, *, evidence: str = "declared") -> pd.DataFrame:
    """Shares by village, a column per operator."""
    found = overlay.coverage_shares(tiny_world.villages(), coverage)
    return found[found["evidence"] == evidence].pivot_table(
        index="unit_id", columns="operator", values="share", dropna=False
    )


RULES = ("any", "best", "all")


def conclude(coverage: gpd.GeoDataFrame, *, shares: pd.DataFrame | None = None, **options: Any) -> pd.DataFrame:
    villages = tiny_world.villages()
    found = overlay.covered(
        overlay.coverage_shares(villages, coverage) if shares is None else shares,
        villages,
        coverage,
        **{"covered_at": 0.95, "not_covered_at": 0.05, "contradiction_share": 0.5} | options,
    )
    assert list(found["unit_id"]) == list(villages["unit_id"])
    return found.set_index("unit_id")


class TestShares:
    def test_the_tiny_world_is_covered_as_it_says(self):
        found = shares(tiny_world.coverage())
        assert found.loc[["v00", "v31", "v30"], "A"].tolist() == [1, 1, 1]
        assert found.loc[["v02", "v12", "v32"], "A"].tolist() == [0.5, 0.5, 0.5]
        assert found.loc[["v03", "v33"], "A"].tolist() == [0, 0]
        assert found["B"].sum() == 4
        assert found.loc[["v03", "v12", "v13"], "any"].tolist() == [1, 0.5, 0]

    def test_the_columns_are_those_that_are_published(self):
        assert list(overlay.SHARES) == [column.name for column in products.COVERAGE if not column.optional]
        found = overlay.coverage_shares(tiny_world.villages(), tiny_world.coverage())
        assert list(found.columns) == list(overlay.SHARES)
        assert len(found) == 16 * 3
        assert found["unit_id"].is_monotonic_increasing
        assert set(found["data_date"]) == {tiny_world.DATE}

    def test_what_is_declared_by_one_is_flagged_synthetic_for_all_that_derive_from_it(self):
        real, generated = (
            polygons(("A", "declared", "yes", square(0, 0))),
            polygons(("B", "declared", "yes", square(0, 1)), synthetic=True),
        )
        found = overlay.coverage_shares(tiny_world.villages(), together(real, generated)).set_index(
            ["unit_id", "operator"]
        )
        assert found.loc[("v00", "A"), "flags"] == ("area_weighted",)
        assert found.loc[("v00", "B"), "flags"] == ("area_weighted", "synthetic")
        assert found.loc[("v00", "any"), "flags"] == ("area_weighted", "synthetic")

    def test_the_oldest_date_of_an_operators_polygons_is_told(self):
        coverage = tiny_world.coverage()
        coverage = together(
            coverage, coverage.assign(data_date=dt.date(2020, 1, 2)).iloc[:1], coverage.assign(data_date=None)
        )
        found = overlay.coverage_shares(tiny_world.villages(), coverage).set_index(["unit_id", "operator"])["data_date"]
        assert found["v00"].to_dict() == {"A": dt.date(2020, 1, 2), "B": tiny_world.DATE, "any": dt.date(2020, 1, 2)}

    def test_no_is_cut_out_of_yes(self):
        found = shares(polygons(("A", "declared", "yes", square(0, 0)), ("A", "declared", "no", square(0, 0.75))))
        assert found.loc["v00", "A"] == pytest.approx(0.75)

    def test_unknown_is_cut_out_of_yes_and_of_the_area(self):
        rows = ("A", "declared", "yes", square(0, 0, columns=0.5)), ("A", "declared", "unknown", square(0, 0.25))
        found = shares(polygons(*rows))
        assert np.isnan(found.loc["v00", "A"])  # three quarters unknown
        rows = (rows[0], ("A", "declared", "unknown", square(0, 0.75)))
        assert shares(polygons(*rows)).loc["v00", "A"] == pytest.approx(0.5 / 0.75)

    def test_half_unknown_is_known_and_more_is_not(self):
        for width, known in ((0.5, True), (0.501, False)):
            found = shares(polygons(("A", "declared", "unknown", square(0, 0, columns=width))))
            assert found.loc["v00", "A"] == 0 if known else np.isnan(found.loc["v00", "A"])

    def test_what_was_not_measured_is_unknown(self):
        found = shares(
            polygons(
                ("A", "measured", "yes", square(0, 0, columns=0.25)),
                ("A", "measured", "no", square(0, 0.25, columns=0.5)),
                ("A", "measured", "yes", square(0, 1, columns=0.25)),
            ),
            evidence="measured",
        )
        assert found.loc["v00", "A"] == pytest.approx(1 / 3)
        assert found.loc[["v01", "v11"], "A"].isna().all()
        assert found["any"].isna().equals(found["A"].isna())

    def test_one_operators_no_does_not_settle_what_anothers_unknown_leaves_open(self):
        unknown = ("B", "declared", "unknown", square(0, 0, columns=3))
        found = shares(polygons(("A", "declared", "yes", square(0, 0, columns=1.75)), unknown))
        assert found.loc["v00", "any"] == 1
        assert found.loc["v01", "any"] == pytest.approx(0.75)
        assert np.isnan(found.loc["v02", "any"])
        assert found.loc["v03", "any"] == 0

    def test_touching_is_not_covering(self):
        found = shares(polygons(("A", "declared", "yes", square(0, 1))))
        assert found.loc[["v00", "v02", "v11"], "A"].tolist() == [0, 0, 0]

    def test_overlapping_polygons_count_once(self):
        found = shares(polygons(*[("A", "declared", "yes", square(0, 0, columns=0.5))] * 3))
        assert found.loc["v00", "A"] == pytest.approx(0.5)

    def test_technologies_are_kept_apart(self):
        coverage = together(tiny_world.coverage(), tiny_world.coverage().assign(technology="3G"))
        found = overlay.coverage_shares(tiny_world.villages(), coverage)
        assert found.groupby("technology").size().to_dict() == {"3G": 48, "4G": 48}

    def test_no_coverage_layer_gives_an_empty_table_of_the_same_columns(self):
        found = overlay.coverage_shares(tiny_world.villages(), polygons())
        assert (len(found), list(found.columns)) == (0, list(overlay.SHARES))

    def test_degrees_and_two_systems_are_refused(self):
        with pytest.raises(CrsError):
            overlay.coverage_shares(tiny_world.villages().to_crs(4326), tiny_world.coverage().to_crs(4326))
        with pytest.raises(CrsError):
            overlay.coverage_shares(tiny_world.villages(), tiny_world.coverage().to_crs("EPSG:32648"))

    def test_the_order_of_polygons_changes_nothing(self):
        coverage = together(
            tiny_world.coverage(), polygons(("A", "measured", "no", Point(201000, 1401000).buffer(3000)))
        )
        one = overlay.coverage_shares(tiny_world.villages(), coverage)
        other = overlay.coverage_shares(tiny_world.villages(), coverage.iloc[::-1])
        pd.testing.assert_frame_equal(one, other)


class TestRange:
    def test_a_disc_round_the_point_reads_what_the_cell_does_not(self):
        # v00's point is at its middle: a disc of 500 m is covered in full, one of 1,000 m in part
        middle = Point(201_000, 1_401_000).buffer(600)
        found = overlay.coverage_shares(tiny_world.villages(), polygons(("A", "declared", "yes", middle)))
        row = found[(found["unit_id"] == "v00") & (found["operator"] == "A")].iloc[0]
        assert row["share"] == pytest.approx(np.pi * 0.36 / 4, abs=0.01)
        assert (row["share_low"], row["share_high"]) == (row["share"], 1.0)

    def test_a_disc_of_which_nothing_is_known_gives_no_reading(self):
        rows = [
            ("A", "declared", "yes", square(0, 0)),
            ("A", "declared", "unknown", Point(201_000, 1_401_000).buffer(520)),
        ]
        found = overlay.coverage_shares(tiny_world.villages(), polygons(*rows))
        row = found[(found["unit_id"] == "v00") & (found["operator"] == "A")].iloc[0]
        assert (row["share"], row["share_low"], row["share_high"]) == (1, 1, 1)

    def test_a_point_outside_its_cell_has_the_cell_alone(self):
        villages = tiny_world.villages().assign(x_m=0.0)
        found = overlay.coverage_shares(villages, tiny_world.coverage())
        assert (found["share"] == found["share_low"]).all()
        assert (found["share"] == found["share_high"]).all()


SIGNALS = st.sampled_from(["yes", "yes", "no", "unknown"])
EVIDENCE = st.sampled_from(["declared", "modelled", "measured"])
PLACES = st.tuples(st.floats(-0.5, 4), st.floats(-0.5, 4), st.floats(0.1, 2.5), st.floats(0.1, 2.5))
ROWS = st.tuples(st.sampled_from("AB"), EVIDENCE, SIGNALS, PLACES).map(
    lambda r: (r[0], r[1], r[2], square(r[3][0], r[3][1], rows=r[3][2], columns=r[3][3]))
)
WORLDS = st.lists(ROWS, min_size=1, max_size=7).map(lambda rows: polygons(*rows))


class TestLaws:
    @settings(deadline=None, max_examples=30)
    @given(coverage=WORLDS)
    def test_shares_are_shares_in_their_range_and_unknown_is_unknown_throughout(self, coverage):
        found = overlay.coverage_shares(tiny_world.villages(), coverage)
        known = found.dropna(subset="share")
        assert known[["share_low", "share_high"]].melt()["value"].between(0, 1).all()
        assert (known["share_low"] <= known["share"]).all()
        assert (known["share"] <= known["share_high"]).all()
        unknown = found[found["share"].isna()]
        assert unknown[["share_low", "share_high"]].isna().all().all()
        result = conclude(coverage)
        known = result.dropna(subset="covered_share")
        assert (known["covered_share_low"] <= known["covered_share"]).all()
        assert (known["covered_share"] <= known["covered_share_high"]).all()
        assert ((result["coverage_status"] == "unknown") == result["covered_share"].isna()).all()
        assert ((result["coverage_evidence"] == "unknown") == result["covered_share"].isna()).all()

    @settings(deadline=None, max_examples=30)
    @given(coverage=WORLDS, place=PLACES, operator=st.sampled_from("AB"), evidence=EVIDENCE)
    def test_more_coverage_never_lowers_a_share(self, coverage, place, operator, evidence):
        more = together(
            coverage, polygons((operator, evidence, "yes", square(*place[:2], rows=place[2], columns=place[3])))
        )
        key = ["unit_id", "operator", "technology", "evidence"]
        before = overlay.coverage_shares(tiny_world.villages(), coverage).set_index(key)["share"]
        after = overlay.coverage_shares(tiny_world.villages(), more).set_index(key)["share"].reindex(before.index)
        known = before.notna()
        assert after[known].notna().all()
        assert (after[known] >= before[known] - CLOSE).all()

    @settings(deadline=None, max_examples=20)
    @given(coverage=WORLDS)
    def test_any_is_at_least_each_operator(self, coverage):
        found = overlay.coverage_shares(tiny_world.villages(), coverage)
        of = found.pivot_table(index=["unit_id", "evidence"], columns="operator", values="share", dropna=False)
        for operator in of.columns.drop("any"):
            both = of[["any", operator]].dropna()
            assert (both["any"] >= both[operator]).all()

    @settings(deadline=None, max_examples=20)
    @given(coverage=WORLDS.map(lambda world: world.assign(signal="yes", evidence="declared")))
    def test_declared_shares_equal_areas_taken_one_by_one(self, coverage):
        found = overlay.coverage_shares(tiny_world.villages(), coverage).set_index(["unit_id", "operator"])["share"]
        for unit_id, cell in zip(tiny_world.villages()["unit_id"], tiny_world.villages().geometry, strict=True):
            for operator, rows in [*coverage.groupby("operator"), ("any", coverage)]:
                expected = cell.intersection(rows.geometry.union_all()).area / cell.area
                assert found[unit_id, operator] == pytest.approx(expected, abs=1e-8)


class TestCovered:
    def test_the_tiny_world(self):
        found = conclude(tiny_world.coverage())
        assert found["coverage_status"].value_counts().to_dict() == {"covered": 10, "partial": 3, "not_covered": 3}
        assert set(found["coverage_evidence"]) == {"declared"}
        assert found.loc[["v00", "v03", "v12", "v33"], "operators"].tolist() == [("A", "B"), ("B",), ("A",), ()]
        assert set(found["flags"]) == {("area_weighted",)}

    def test_declared_operators_are_united(self):
        rows = (
            ("A", "declared", "yes", square(0, 0, columns=0.5)),
            ("B", "declared", "yes", square(0, 0.5, columns=0.25)),
        )
        assert conclude(polygons(*rows)).loc["v00", "covered_share"] == pytest.approx(0.75)

    def test_what_was_measured_decides_over_what_was_declared_and_the_contradiction_is_flagged(self):
        found = conclude(
            polygons(("A", "declared", "yes", square(0, 0, columns=2)), ("A", "measured", "no", square(0, 0)))
        )
        assert found.loc["v00", ["covered_share", "coverage_status", "coverage_evidence"]].tolist() == [
            0,
            "not_covered",
            "measured",
        ]
        assert found.loc["v00", "flags"] == ("area_weighted", "contradicted")
        assert found.loc["v00", "operators"] == ()
        assert found.loc["v01", ["covered_share", "coverage_evidence"]].tolist() == [1, "declared"]
        assert found.loc["v01", "flags"] == ("area_weighted",)

    def test_modelled_decides_over_declared_and_measured_over_both(self):
        rows = [("A", "declared", "yes", square(0, 0)), ("A", "modelled", "no", square(0, 0))]
        assert conclude(polygons(*rows)).loc["v00", "covered_share"] == 0
        rows.append(("A", "measured", "yes", square(0, 0)))
        assert conclude(polygons(*rows)).loc["v00", "covered_share"] == 1

    def test_kinds_that_agree_do_not_contradict(self):
        rows = ("A", "declared", "yes", square(0, 0)), ("A", "measured", "yes", square(0, 0, columns=0.6))
        assert conclude(polygons(*rows)).loc["v00", "flags"] == ("area_weighted",)

    def test_mixed_evidence_takes_the_largest_share_and_the_union_of_the_declared(self):
        rows = [
            ("A", "measured", "yes", square(0, 0, columns=0.4)),
            ("A", "measured", "no", square(0, 0.4, columns=0.6)),
            ("B", "declared", "yes", square(0, 0, columns=0.3)),
            ("C", "declared", "yes", square(0, 0.3, columns=0.3)),
        ]
        found = conclude(polygons(*rows))
        assert found.loc["v00", "covered_share"] == pytest.approx(0.6)
        assert found.loc["v00", "coverage_evidence"] == "mixed"
        found = conclude(polygons(*rows[:3]))
        assert found.loc["v00", "covered_share"] == pytest.approx(0.4)

    def test_a_declaration_that_is_overruled_does_not_count_in_the_union(self):
        rows = [
            ("A", "measured", "no", square(0, 0)),
            ("A", "declared", "yes", square(0, 0)),
            ("B", "declared", "yes", square(0, 0, columns=0.3)),
            ("C", "declared", "yes", square(0, 0.3, columns=0.3)),
        ]
        assert conclude(polygons(*rows)).loc["v00", "covered_share"] == pytest.approx(0.6)

    def test_an_operators_own_unknown_is_no_white_spot(self):
        rows = [("A", "measured", "no", square(0, 0)), ("B", "declared", "unknown", square(0, 0))]
        assert conclude(polygons(*rows)).loc["v00", "coverage_status"] == "unknown"
        rows[0] = ("A", "measured", "yes", square(0, 0))
        assert conclude(polygons(*rows)).loc["v00", "coverage_status"] == "covered"

    def test_a_measurement_elsewhere_says_nothing_here(self):
        rows = [("A", "declared", "yes", square(0, 0)), ("B", "measured", "yes", square(3, 3))]
        found = conclude(polygons(*rows))
        assert found.loc[["v00", "v01"], "coverage_status"].tolist() == ["covered", "not_covered"]

    def test_thresholds_belong_to_covered_and_to_not_covered(self):
        rows = ("A", "declared", "yes", square(0, 0, columns=0.5)), ("A", "declared", "yes", square(1, 0, columns=0.25))
        found = conclude(polygons(*rows), covered_at=0.5, not_covered_at=0.25)
        assert found.loc[["v00", "v10"], "coverage_status"].tolist() == ["covered", "not_covered"]

    def test_synthetic_reaches_every_village_that_derives_from_it(self):
        measured = polygons(("A", "measured", "no", square(0, 0)), synthetic=True)
        found = conclude(together(tiny_world.coverage(), measured))
        assert found.loc["v00", "flags"] == ("area_weighted", "contradicted", "synthetic")
        assert found.loc["v01", "flags"] == ("area_weighted",)
        unknown = conclude(polygons(("A", "declared", "unknown", square(0, 0)), synthetic=True))
        assert unknown.loc["v00", "flags"] == ("synthetic",)

    def test_signal_of_any_technology_counts_once_per_operator(self):
        coverage = together(
            polygons(("A", "declared", "yes", square(0, 0, columns=0.5))),
            polygons(("A", "declared", "yes", square(0, 0.5, columns=0.25)), technology="3G"),
        )
        found = conclude(coverage)
        assert found.loc["v00", "covered_share"] == pytest.approx(0.75)
        assert found.loc["v00", "operators"] == ("A",)

    def test_without_a_coverage_layer_everything_is_unknown(self):
        found = conclude(polygons())
        assert set(found["coverage_status"]) == set(found["coverage_evidence"]) == {"unknown"}
        assert found["covered_share"].isna().all()
        assert set(found["flags"]) == set(found["operators"]) == {()}


class TestOperators:
    """Any, best and all of the tiny world: A has columns 0, 1 and half of 2; B has row 0."""

    def test_the_tiny_world(self):
        found = {rule: conclude(tiny_world.coverage(), operators=rule)["covered_share"] for rule in RULES}
        asked = ["v00", "v01", "v02", "v03", "v10", "v12", "v33"]
        assert found["any"][asked].tolist() == [1, 1, 1, 1, 1, 0.5, 0]
        assert found["best"][asked].tolist() == [1, 1, 1, 1, 1, 0.5, 0]
        assert found["all"][asked].tolist() == [1, 1, 0.5, 0, 0, 0, 0]

    def test_all_is_the_ground_that_the_declarations_share(self):
        rows = [
            ("A", "declared", "yes", square(0, 0, columns=0.6)),
            ("B", "declared", "yes", square(0, 0.4, columns=0.6)),
        ]
        found = {rule: conclude(polygons(*rows), operators=rule).loc["v00", "covered_share"] for rule in RULES}
        assert found == pytest.approx({"any": 1.0, "best": 0.6, "all": 0.2})

    def test_shares_of_two_kinds_are_taken_to_lie_in_each_other_and_the_low_says_that_they_need_not(self):
        rows = [
            ("A", "measured", "yes", square(0, 0, columns=0.6)),
            ("A", "measured", "no", square(0, 0.6, columns=0.4)),
            ("B", "declared", "yes", square(0, 0, columns=0.5)),
        ]
        found = conclude(polygons(*rows), operators="all").loc["v00"]
        assert found["covered_share"] == pytest.approx(0.5)
        assert found["covered_share_low"] == pytest.approx(0.1)

    def test_all_needs_every_operator_to_be_known_but_one_without_signal_settles_it(self):
        unknown = ("B", "declared", "unknown", square(0, 0, columns=2))
        found = conclude(polygons(("A", "declared", "yes", square(0, 0)), unknown), operators="all")["covered_share"]
        assert np.isnan(found["v00"])
        assert found["v01"] == 0

    def test_an_operators_technologies_count_together_before_operators_are_compared(self):
        two = together(
            polygons(("A", "declared", "yes", square(0, 0, columns=0.5))),
            polygons(("A", "declared", "yes", square(0, 0.5, columns=0.25)), technology="3G"),
            polygons(("B", "declared", "yes", square(0, 0.5, columns=0.5))),
        )
        found = {rule: conclude(two, operators=rule).loc["v00", "covered_share"] for rule in RULES}
        assert found == pytest.approx({"any": 1.0, "best": 0.75, "all": 0.25})

    @settings(deadline=None, max_examples=15)
    @given(coverage=WORLDS)
    def test_any_is_at_least_the_best_and_the_best_at_least_all(self, coverage):
        shares = overlay.coverage_shares(tiny_world.villages(), coverage)
        of = pd.DataFrame({rule: conclude(coverage, shares=shares, operators=rule)["covered_share"] for rule in RULES})
        for more, less in (("any", "best"), ("best", "all"), ("any", "all")):
            assert (of[more] >= of[less])[of[[more, less]].notna().all(axis="columns")].all()
        assert of["any"].notna()[of["best"].notna()].all()

    @settings(deadline=None, max_examples=15)
    @given(
        coverage=WORLDS.map(lambda world: world.assign(signal="yes", evidence="declared")),
        place=PLACES,
        operator=st.sampled_from("AB"),
        rule=st.sampled_from(["best", "all"]),
    )
    def test_a_larger_declaration_never_lowers_what_is_concluded(self, coverage, place, operator, rule):
        if operator not in set(coverage["operator"]):
            return  # a further operator is one more that `all` asks for
        more = polygons((operator, "declared", "yes", square(*place[:2], rows=place[2], columns=place[3])))
        before, after = (conclude(c, operators=rule)["covered_share"] for c in (coverage, together(coverage, more)))
        assert (after >= before - CLOSE).all()


class TestDrawnThrice:
    """A model's coverage comes with a smaller and a larger drawing of itself."""

    def model(self, *, low: float, mid: float, high: float, operator: str = "A") -> gpd.GeoDataFrame:
        widths = {"low": low, "mid": mid, "high": high}
        rows = [(operator, "modelled", "yes", square(0, 0, columns=width)) for width in widths.values()]
        return polygons(*rows).assign(bound=list(widths))

    def test_the_middle_is_the_share_and_the_others_its_range(self):
        found = overlay.coverage_shares(tiny_world.villages(), self.model(low=0.3, mid=0.6, high=0.9))
        row = found[(found["unit_id"] == "v00") & (found["operator"] == "A")].iloc[0]
        assert row["share"] == pytest.approx(0.6)
        assert row["share_low"] == pytest.approx(0.3)
        assert row["share_high"] == 1.0  # beyond the cells nobody knows

    def test_yes_alone_is_the_least_that_is_covered_and_less_than_half_is_unknown(self):
        found = overlay.coverage_shares(tiny_world.villages(), self.model(low=0.1, mid=0.4, high=0.9))
        assert found.loc[found["unit_id"] == "v00", "share"].isna().all()

    def test_with_no_beyond_the_cells_a_share_is_known_everywhere(self):
        beyond = {"low": 0.2, "mid": 0.4, "high": 0.6}
        no = polygons(*[("A", "modelled", "no", square(0, w, columns=4 - w)) for w in beyond.values()])
        coverage = together(self.model(low=0.2, mid=0.4, high=0.6), no.assign(bound=list(beyond)))
        found = overlay.coverage_shares(tiny_world.villages(), coverage).set_index(["unit_id", "operator"])
        assert found.loc[("v00", "A"), ["share", "share_low", "share_high"]].tolist() == pytest.approx(
            [0.4, 0, 1], abs=0.5
        )
        assert found.loc[("v00", "A"), "share"] == pytest.approx(0.4)
        assert found.loc[("v01", "A"), "share"] == 0

    def test_another_layer_counts_in_every_drawing(self):
        coverage = together(
            self.model(low=0.1, mid=0.2, high=0.3), polygons(("A", "modelled", "yes", square(0, 0.5, columns=0.5)))
        )
        found = overlay.coverage_shares(tiny_world.villages(), coverage).set_index(["unit_id", "operator"])
        assert found.loc[("v00", "A"), "share"] == pytest.approx(0.7)
        assert found.loc[("v00", "A"), "share_low"] <= 0.6


class TestPeople:
    """Where people live is known: all of a cell's people stand in its eastern half, nobody in row 3."""

    @staticmethod
    def weigh(polygons_):
        """Ten people per km² of the eastern half of each column, south of row 3."""
        halves = [square(0, column + 0.5, rows=3, columns=0.5) for column in range(4)]
        return np.array([sum(p.intersection(h).area for h in halves) / 1e5 for p in polygons_])

    def test_shares_are_those_of_people_and_their_range_is_a_point(self):
        coverage = polygons(("A", "declared", "yes", square(0, 0, columns=0.75)))
        found = overlay.coverage_shares(tiny_world.villages(), coverage, people=self.weigh)
        row = found[(found["unit_id"] == "v00") & (found["operator"] == "A")].iloc[0]
        assert row[["share", "share_low", "share_high"]].tolist() == pytest.approx([0.5, 0.5, 0.5])
        assert row["flags"] == ()

    def test_where_nobody_lives_area_decides_and_says_so(self):
        coverage = polygons(("A", "declared", "yes", square(3, 0, columns=0.25)))
        found = overlay.coverage_shares(tiny_world.villages(), coverage, people=self.weigh)
        row = found[(found["unit_id"] == "v30") & (found["operator"] == "A")].iloc[0]
        assert row["share"] == pytest.approx(0.25)
        assert row["flags"] == ("area_weighted",)
        concluded = conclude(coverage, shares=found, people=self.weigh)
        assert concluded.loc["v30", "flags"] == ("area_weighted",)
        assert concluded.loc["v00", "flags"] == ()


class TestEligible:
    def test_the_largest_remainder_gets_the_last_person(self):
        found = overlay.eligible_people(pd.Series([10, 10, 10], index=["a", "b", "c"]), share=0.75)
        assert found.to_dict() == {"a": 8, "b": 8, "c": 7}  # 22.5 rounds to 23
        assert found.dtype == np.int64

    def test_a_total_is_kept_to_the_person(self):
        found = overlay.eligible_people(pd.Series([1000, 30, 0]), share=0.1, total=777)
        assert found.sum() == 777
        assert found.iloc[2] == 0

    def test_nobody_lives_here(self):
        assert overlay.eligible_people(pd.Series([0, 0]), share=0.7).tolist() == [0, 0]

    def test_more_eligible_people_than_people_are_refused(self):
        with pytest.raises(LayerError, match="at most all people"):
            overlay.eligible_people(pd.Series([10]), share=0.5, total=11)

    @settings(deadline=None, max_examples=80)
    @given(
        people=st.lists(st.integers(0, 5000), min_size=1, max_size=20),
        share=st.floats(0, 1),
    )
    def test_people_are_conserved_and_nobody_is_eligible_twice(self, people, share):
        given_people = pd.Series(people)
        found = overlay.eligible_people(given_people, share=share)
        assert abs(found.sum() - share * sum(people)) <= 0.5 + 1e-6
        assert (found >= 0).all()
        assert (found <= given_people).all()
        assert (abs(found - share * given_people) <= 1 + 0.5).all()


class TestEligibleByAge:
    def test_a_communes_people_of_14_and_over_are_kept(self):
        people, share = pd.Series([10, 10, 10, 7]), pd.Series([0.75, 0.75, 0.75, 1.0])
        found = overlay.eligible_by_age(people, share, pd.Series(["a", "a", "a", "b"]))
        assert found.tolist() == [8, 8, 7, 7]

    def test_an_exact_table_is_kept_village_by_village(self):
        people, eligible = pd.Series([333, 71, 1009]), np.array([251, 55, 704])
        found = overlay.eligible_by_age(people, eligible / people, pd.Series(["a", "a", "b"]))
        assert found.tolist() == eligible.tolist()

    @settings(deadline=None, max_examples=60)
    @given(rows=st.lists(st.tuples(st.integers(0, 5000), st.floats(0, 1)), min_size=1, max_size=12))
    def test_nobody_is_eligible_twice_and_totals_are_rounded_once(self, rows):
        people, share = pd.Series([r[0] for r in rows]), pd.Series([r[1] for r in rows])
        found = overlay.eligible_by_age(people, share, pd.Series("a", index=people.index))
        assert ((found >= 0) & (found <= people)).all()
        assert abs(found.sum() - (people * share).sum()) <= 0.5 + 1e-6


@pytest.mark.real
def test_the_claim_of_every_commune_covers_every_commune(real_data):
    communes = gpd.read_parquet(real_data / "boundaries" / "daklak_communes_2025_simpl50m.parquet").to_crs(
        tiny_world.CRS
    )
    inside = communes.geometry.representative_point()
    villages = gpd.GeoDataFrame(
        {"unit_id": communes["code"].astype(str), "x_m": inside.x, "y_m": inside.y}, geometry=communes.geometry
    ).sort_values("unit_id")
    claim = polygons(*[("declared", "declared", "yes", cell) for cell in communes.geometry])
    found = overlay.coverage_shares(villages, claim)
    assert found[["share", "share_low", "share_high"]].eq(1.0).all().all()
