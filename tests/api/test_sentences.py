from __future__ import annotations

import pytest

from api import sentences, texts


@pytest.mark.parametrize(
    ("minutes", "vi", "en"),
    [
        (0.0, "ngay tại thôn", "in the village itself"),
        (0.4, "ngay tại thôn", "in the village itself"),
        (0.6, "đi khoảng 1 phút", "about 1 minute away"),
        (1.0, "đi khoảng 1 phút", "about 1 minute away"),
        (1.6, "đi khoảng 2 phút", "about 2 minutes away"),
        (18.0, "đi khoảng 18 phút", "about 18 minutes away"),
        (1234.0, "đi khoảng 1.234 phút", "about 1,234 minutes away"),
    ],
)
def test_minutes_read_well_for_none_one_and_many(minutes, vi, en):
    assert sentences.minutes(minutes, "vi") == vi
    assert sentences.minutes(minutes, "en") == en
    team = {"name": "Tổ A", "minutes": minutes, "hours": "", "contact": None}
    assert sentences.next_step("none", "en", team=team).endswith(f" Nearest support team: Tổ A, {en}.")


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, "0 %"), (0.001, "under 1 %"), (0.5, "50 %"), (0.994, "99 %"), (0.9999, "over 99 %"), (1.0, "100 %")],
)
def test_what_is_neither_nothing_nor_all_never_reads_so(share, expected):
    assert sentences.percent(share, "en") == expected


def test_all_draws_are_still_no_certainty():
    assert sentences.chance(1.0, "vi") == "trên 99 %"


def test_hours_and_contact_are_told_where_they_are_given():
    team = {"name": "Tổ A", "minutes": 3.0, "hours": "T2-T6 7:30-17:00", "contact": "0262 3 123 456."}
    text = sentences.next_step("survey", "vi", team=team)
    assert text.endswith("đi khoảng 3 phút. Giờ làm việc: T2-T6 7:30-17:00. Liên hệ: 0262 3 123 456.")


@pytest.mark.parametrize("support", ["unreachable", "beyond_cutoff", "unknown"])
def test_why_there_is_no_team_is_said(support):
    assert sentences.next_step("survey", "en", support=support).endswith(texts.NO_TEAM[support]["en"])
    known = sentences.next_step("survey", "en", support="unreachable", why="no_team_stands")
    assert known.endswith("No fixed support team stands yet.")
    assert sentences.next_step("survey", "en", support=support, why="cut_off").endswith(texts.NO_TEAM[support]["en"])
    assert sentences.next_step("survey", "en", support="reached") == texts.NEXT_STEP["survey"]["en"]


def test_the_class_of_need_says_how_sure_it_is():
    assert sentences.need({"need_class": "white_spot", "need_class_probability": 0.874}, "vi") == (
        "Trắng sóng: chưa có sóng dùng được (khả năng 87 %)."
    )
    assert sentences.need({"need_class": "served"}, "en") == "Served."
    assert sentences.need({"need_class": "unknown", "need_class_probability": 1.0}, "en") == "Not enough data to tell."


def test_score_and_rank():
    row = {"score": 63.4, "rank": 12, "rank_low": 8, "rank_high": 1019, "rank_band": None}
    assert sentences.rank(row, "en", ranked=2002) == (
        "Underserved score 63 of 100; rank 12 of 2,002 villages (1 is worst), possibly 8 to 1,019."
    )
    band = sentences.rank({**row, "rank_band": "8-1019"}, "vi", ranked=2002)
    assert band == "Mức thiếu dịch vụ 63 trên 100; hạng trong khoảng 8 đến 1.019 trên 2.002 thôn (hạng 1 thiếu nhất)."
    assert sentences.rank({"score": 63.4, "rank": 12}, "en", ranked=20).endswith("rank 12 of 20 villages (1 is worst).")
    assert "possibly" not in sentences.rank({**row, "rank_low": 12, "rank_high": 12}, "en", ranked=20)
    assert sentences.rank({"score": None, "rank": None}, "vi", ranked=20) == texts.UNRANKED["vi"]


def test_an_operator_with_interval_evidence_and_date():
    row = {
        "operator": "A", "technology": "4G", "evidence": "declared", "share": 0.95, "share_low": 0.8, "share_high": 1.0,
        "data_date": "2025-07-01",
    }  # fmt: skip
    assert sentences.operator(row, "en") == (
        "A, 4G: covers 95 % of the village (80 % to 100 %); declared by the operator; 2025-07-01."
    )
    same = {**row, "share_low": 0.951, "share_high": 0.952, "data_date": None, "usable_probability": 0.62}
    assert sentences.operator(same, "vi") == "A, 4G: phủ 95 % thôn; nhà mạng công bố; khả năng dùng được 62 %."
    unknown = {**row, "share": None, "share_low": None, "share_high": None, "operator": "any"}
    assert sentences.operator(unknown, "en").startswith("Any operator, 4G: coverage not known;")
    assert "nothing measured here yet" in sentences.operator({**unknown, "evidence": "measured"}, "en")


def test_every_text_stands_in_both_languages():
    tables = [value for name, value in vars(texts).items() if name.isupper() and isinstance(value, dict)]
    found = [entry for table in tables for entry in (table.values() if "vi" not in table else [table])]
    assert len(found) > 50
    for entry in found:
        assert set(entry) == {"vi", "en"}
        assert all(entry.values())
        assert entry["vi"].count("{") == entry["en"].count("{")
