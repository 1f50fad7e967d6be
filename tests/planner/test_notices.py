"""What a reader must know, in both languages."""

from __future__ import annotations

import string

import pandas as pd
import pytest

from layers.catalog import Layer, Record
from layers.errors import Issue
from planner import notices
from planner.sections import Travel


def layer(name: str, *, synthetic: bool = False, lost: int = 0) -> Layer:
    record = Record(layer=name, file=f"{name}.csv", synthetic=synthetic)
    return Layer(record, pd.DataFrame(), rows_read=10, set_aside=pd.DataFrame({"reason": ["x"] * lost}))


def test_generated_layers_and_lost_rows_are_named():
    found = notices.of_layers([layer("b", synthetic=True), layer("a", synthetic=True), layer("c", lost=3)], "en")
    assert found[0].startswith("SYNTHETIC DATA: a, b were generated")
    assert found[1] == "3 rows of c were set aside and not used; see the quality report."
    assert notices.of_layers([layer("c")], "vi") == []


def test_an_official_total_that_is_not_held_is_told():
    villages = pd.DataFrame({"x_rate": [0.5, 0.25], "eligible_people": [1000, 4000]})
    assert notices.of_totals(villages, {"x": 1500}, "en") == []
    said = notices.of_totals(villages, {"x": 1510}, "en")[0]
    assert "the official total is 1,510, what is published adds to 1,500" in said
    assert notices.of_totals(villages.assign(x_rate=[0.5, None]), {"x": 9}, "en") == []


def test_what_the_loss_of_any_one_team_costs_names_the_dearest():
    sites = pd.DataFrame(
        {
            "site_id": ["a", "b", "c"],
            "name": ["Một", None, "Ba"],
            "status": ["existing", "new", "closed"],
            "loss_if_dropped_people": [100.0, 1300.0, None],
        }
    )
    said = notices.of_losses(sites, "vi")[0]
    assert "một trong 2 tổ" in said
    assert "1.300 người mất phục vụ (b), trung bình 700" in said
    assert notices.of_losses(sites.assign(status="new"), "vi") == []
    assert notices.of_losses(sites.iloc[:0], "en") == []


def test_unknown_need_is_counted_in_people_and_suppression_and_contradiction_in_villages():
    villages = pd.DataFrame(
        {
            "need_people": pd.array([None, 5, 6], dtype="Int64"),
            "eligible_people": [1_200, 10, 10],
            "flags": [(), ("pooled",), ("contradicted", "pooled")],
        }
    )
    found = notices.of_villages(villages, "vi")
    assert found[0].startswith("1 thôn (1.200 người trong diện)")
    assert found[1].startswith("2 thôn có số đếm quá nhỏ")
    assert found[2].startswith("1 thôn có khai báo")


def test_flags_of_a_whole_publication_have_their_sentence():
    found = notices.of_flags({"straight_line", "approximate_boundary"}, "en", travel=Travel(straight_line_kmh=20))
    assert found == [
        "The commune boundaries are approximate (flag approximate_boundary), not the official ones.",
        "There is no road layer: minutes are straight lines times 1.4 at 20 km/h (flag straight_line).",
    ]


def test_stale_layers_are_named_and_other_remarks_counted():
    issues = [
        Issue("roads", "roads.gpkg", "old", value="2020-01-01 (900 days)", severity="warning", code="stale"),
        Issue("roads", "roads.gpkg", "odd", severity="warning", code="other"),
        Issue("roads", "roads.gpkg", "fine", severity="info", code="other"),
    ]
    found = notices.of_issues(issues, "en")
    assert "roads is older than the plan allows: 2020-01-01 (900 days)" in found[0]
    assert found[1].startswith("There are 1 further remarks")
    assert notices.of_issues([], "en") == []


@pytest.mark.parametrize("key", sorted(notices._TEXT))
def test_every_sentence_has_both_languages_and_the_same_blanks(key):
    blanks = [
        sorted(part[1] for part in string.Formatter().parse(notices._TEXT[key][lang]) if part[1])
        for lang in ("vi", "en")
    ]
    assert blanks[0] == blanks[1]


def test_coverage_by_area_is_told_for_all_or_for_the_villages_it_holds_for():
    def told(*flags):
        frame = pd.DataFrame({"need_people": 1.0, "eligible_people": 1, "flags": pd.Series(flags, dtype="object")})
        return notices.of_villages(frame, "en")

    by_area = ("area_weighted",)
    assert told(by_area, by_area)[0].startswith("Coverage is weighted by area")
    assert told(by_area, (), ())[0].startswith("In 1 villages coverage is weighted by area")
    assert told((), ()) == []
    assert told(("few_tests",)) == ["In 1 villages what is said of signal rests on few measurements (flag few_tests)."]
