"""One village in words, equal to what is published about it."""

from __future__ import annotations

import dataclasses
import json

import pandas as pd
import pytest

from planner import words
from planner.errors import UnknownIdError
from planner.explain import explain
from planner.explanation import clean
from planner.products import FOUR, Publication, RateModel
from planner.tables import WORDS
from tests.tiny_publication import HOSTILE_NAME, VILLAGES, publish_tiny


@pytest.fixture(scope="module")
def publication(tmp_path_factory):
    return publish_tiny(tmp_path_factory.mktemp("published"))


@pytest.mark.parametrize("unit_id", VILLAGES)
def test_json_has_the_published_numbers(publication, unit_id):
    found = explain(publication, unit_id).as_dict()
    json.dumps(found, allow_nan=False)
    row = publication.village(unit_id)
    for name, value in found["people"].items():
        assert value == (None if pd.isna(row[name]) else row[name])
    assert found["score"] == pytest.approx(sum(v for v in found["contributions"].values() if v is not None))
    assert sum(found["people"][name] for name in FOUR) == found["people"]["eligible_people"]
    assert (found["unit_id"], found["need_class"]) == (unit_id, VILLAGES[unit_id][6])


def test_text_in_vietnamese(publication):
    text = explain(publication, "v12").as_text()
    for line in (
        "Thôn 12 (v12), Xã 01 (k01)",
        "  Phân loại: lõm sóng",
        "  Kế hoạch: phục vụ bởi v13, 6 phút",
        "  35,0 điểm (100 là thiếu hụt nhất), hạng 7 trong 16",
        "  Dân số: 1.000 người",
        "  có sóng một phần: 50,0 % (40,0 % – 60,0 %), nhiều loại bằng chứng",
        "  B 4G: 50,0 %, đo thực tế, 2025-07-01",
        "  VNeID mức 2 đã kích hoạt: 60,0 % (số liệu của thôn)",
        "  Tổ cố định gần nhất: 18 phút",
        "  contradicted: các bằng chứng về sóng mâu thuẫn nhau",
        "  coverage.a: Layer coverage.a, Tests, CC0-1.0, 2025-07-01, số liệu mô phỏng",
    ):
        assert line in text.splitlines()


def test_text_in_english(publication):
    text = explain(publication, "v02", language="en").as_text()
    for line in (
        "  Class: signal, but many have not adopted",
        "  Response: a community digital technology team",
        "  Population: 1,000 people",
        "  Signal, not adopted: 320 people",
        "  Nearest fixed team: 12 minutes",
        "  covered: 100.0 %, declared by the operator",
    ):
        assert line in text.splitlines()


def test_unknown_is_said_and_is_not_zero(publication):
    found = explain(publication, "v22", language="en")
    assert (found.covered_share, found.people["need_people"], found.assigned_site_id) == (None, None, None)
    lines = found.as_text().splitlines()
    assert "  unknown: unknown, unknown" in lines
    assert "  Need that siting counts: unknown" in lines
    assert "  Plan: no site reaches it" in lines


def test_evidence_that_says_nothing_gives_way_to_one_that_does(publication):
    found = explain(publication, "v12")
    silent = dataclasses.replace(found.operators[0], evidence="measured", share=None, data_date=None)
    text = dataclasses.replace(found, operators=[*found.operators, silent], language="en").as_text()
    assert text.count("  A 4G: ") == 1
    alone = dataclasses.replace(found, operators=[silent], language="en").as_text()
    assert "  A 4G: unknown, measured, date unknown" in alone.splitlines()


@pytest.mark.parametrize(
    ("unit_id", "said"),
    [
        ("v23", "no way leads there (cut off: a barrier or land that nobody passes lies round it)"),
        ("v30", "farther than the cutoff (there is a way, but it takes too long)"),
        ("v32", "unknown (the village has no point)"),
    ],
)
def test_support_that_is_not_reached_is_named(publication, unit_id, said):
    assert f"  Nearest fixed team: {said}" in explain(publication, unit_id, language="en").as_text().splitlines()


def test_suppressed_rates_say_so(publication):
    text = explain(publication, "v33", language="en").as_text()
    assert "VNeID level 2 activated: 20.0 % (too few people to publish; the commune's pooled rate)" in text


def test_the_nearest_teams_come_first(publication):
    found = explain(publication, "v21")
    assert [(t.site_id, t.minutes, t.status) for t in found.teams] == [
        ("v20", 6.0, "new"),
        ("v13", 18.0, "new"),
        ("t1", 45.0, "existing"),
    ]


def test_a_hostile_name_is_text(publication):
    assert explain(publication, "v21").as_text().startswith(f"{HOSTILE_NAME} (v21)")


def test_a_terminal_gets_no_control_characters(publication):
    found = dataclasses.replace(explain(publication, "v00"), name="\x1b[2J\nv99: served\u202e")
    assert found.as_text().splitlines()[0].startswith("\ufffd[2J\ufffdv99: served\ufffd (v00)")
    assert clean("Đắk Lắk") == "Đắk Lắk"


def test_unknown_id_names_near_ones(publication):
    with pytest.raises(UnknownIdError, match=r"no village 'v0' in 2026.*did you mean .*v00"):
        explain(publication, "v0")
    with pytest.raises(UnknownIdError, match=r"did you mean v12\b"):
        explain(publication, "thôn 12")
    with pytest.raises(UnknownIdError, match=r"no village 'zzzzzz' in \S+$"):
        explain(publication, "zzzzzz")
    with pytest.raises(UnknownIdError, match="no village '\ufffd' in"):
        explain(publication, "\x1b")


@pytest.mark.parametrize(
    ("table", "column", "known"),
    [
        ("villages", "coverage_status", words.COVERAGE_STATUS),
        ("villages", "coverage_evidence", words.EVIDENCE),
        ("villages", "*_status", words.RATE_STATUS),
        ("villages", "support_status", words.SUPPORT_STATUS),
        ("villages", "need_class", words.NEED_CLASS),
        ("villages", "response", words.RESPONSE),
        ("evidence", "source", words.SOURCE),
        ("sites", "status", words.SITE_STATUS),
        ("sites", "team_type", words.TEAM_TYPE),
    ],
)
def test_every_code_has_words_in_both_languages(table, column, known):
    assert set(known) == WORDS[table, column]
    assert all(set(said) == {"vi", "en"} and all(said.values()) for said in known.values())


def test_a_code_without_words_stands_for_itself():
    assert words.say(words.FLAG, "new_flag", "vi") == "new_flag"


def test_the_nearest_village_that_does_better_and_the_way_out(publication):
    text = explain(publication, "v33", language="en").as_text().splitlines()
    row = publication.village("v33")
    assert "  Nearest village that does better: Thôn 00 (v00), Xã 00, 2.5 km, rank 16" in text
    assert f"    difference in access to support: {row['contribution_access']:.1f} points" in text
    assert "  Leaves the worst tenth if: minutes to the nearest team 120.0 minutes → 60.0 minutes" in text
    found = explain(publication, "v33").as_dict()
    assert found["better"]["unit_id"] == "v00"
    assert found["way_out"] == {
        "kind": "one_indicator", "indicator": "support_minutes", "unit": "minutes", "now": 120.0, "needed": 60.0
    }  # fmt: skip


def test_nothing_is_said_where_nothing_is_better_and_no_single_indicator_helps(publication):
    best = explain(publication, "v00")
    assert best.better is None
    assert "Vì sao" not in best.as_text()
    assert "Không chỉ số nào một mình đưa ra khỏi một phần mười kém nhất" in explain(publication, "v23").as_text()


def test_a_publication_of_an_earlier_version_is_explained_without_the_why(tmp_path):
    earlier = publish_tiny(tmp_path)
    (earlier.path / "explanations.parquet").unlink()
    found = explain(earlier, "v33")
    assert (found.better, found.way_out) == (None, None)


def test_the_evidence_on_signal_is_told_vote_by_vote(publication):
    text = explain(publication, "v12", language="en").as_text().splitlines()
    for line in (
        "  Ask A 4G: 400 people get a first signal, 400 people lack this operator's",
        "  35 % (35 % – 45 %)",
        "    A 4G, declared by the operator: -0.10 log-odds (not counted: stronger evidence)",
        "    A 4G, measured: -2.50 log-odds",
        "    any operator 4G, citizens' reports: -1.70 log-odds",
        "  reports of no or weak signal per 1,000 people: 5.0",
    ):
        assert line in text
    claims = "\n".join(explain(publication, u, language="vi").as_text() for u in ("v00", "v01"))
    for said in ("thêm 1 phản ánh không có sóng", "cần đo thực tế để kết luận", "coi như không có sóng"):
        assert said in claims
    assert "usable" in explain(publication, "v12").as_dict()["testimony"]


@pytest.mark.parametrize("used", [True, False])
def test_an_estimate_says_how_it_came_about(publication, used):
    model = RateModel(
        model="trees", villages=14, communes=4, within_error=0.05, within_mean_error=0.08, within_used=used
    )
    manifest = publication.manifest.model_copy(update={"rate_models": {"vneid_activated": model}})
    told = Publication(publication.path)
    told.__dict__["manifest"] = manifest  # as if it had been published so
    text = explain(told, "v03", language="en").as_text()
    how = "a model (decision trees) learnt from 14 villages of 4 communes" if used else "the mean of its commune"
    assert f"no figure here; {how} (error in communes not seen: model 5.0, mean 8.0 percentage points)" in text
    assert "no figure here" not in explain(told, "v02", language="en").as_text()
