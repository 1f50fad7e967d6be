"""The action plan: its rows, its reasons, its page."""

from __future__ import annotations

import pandas as pd

from planner.action_page import page
from planner.actions import actions
from planner.sections.deploy import Lock

SITES = pd.DataFrame(
    {
        "site_id": ["c", "a", "b", "t"],
        "unit_id": ["u1", "u2", "u3", "u1"],
        "name": ["Chợ", "<b>Trường</b>", "Trạm", "Tổ"],
        "team_type": "community",
        "teams": [1, 1, 0, 2],
        "status": ["new", "new", "moved", "existing"],
        "order": pd.array([2, 1, None, None], dtype="Int64"),
        "people_reached": [30, 50, 0, 7],
        "cost": [15.0, 15.0, 5.0, None],
        "loss_if_dropped_people": [10.0, None, 0.0, None],
        "certainty": ["likely", "no_regret", "", ""],
    }
)
VILLAGES = pd.DataFrame(
    {
        "unit_id": ["u1", "u2", "u3"],
        "commune_id": ["k2", "k1", "k1"],
        "commune_name": ["Xã Hai", "Xã Một", "Xã Một"],
        "support_minutes": [5.0, None, 90.0],
    }
)
SERVED = pd.DataFrame({"unit_id": ["u1", "u2", "u3"], "site_id": ["c", "a", "a"], "people": [30, 20, 30]})


def found(language="en"):
    locked = (Lock(site_id="a", reason="lũ", by="UBND xã"),)
    return actions(SITES, SERVED, VILLAGES, locked_in=locked, reach_minutes=30, language=language)


def test_steps_are_the_changes_in_the_order_in_which_they_help():
    table = found()
    assert table[["step", "action", "site_id"]].to_numpy().tolist() == [
        [1, "open", "a"],
        [2, "open", "c"],
        [3, "move_away", "b"],
    ]
    assert table["people_new"].tolist() == [50, 0, 0]  # u1 has a team within 30 minutes today
    assert table["villages"].tolist() == [2, 1, 0]
    assert table["commune_name"].tolist() == ["Xã Một", "Xã Hai", "Xã Một"]


def test_a_reason_says_for_whom_and_who_asked():
    table = found()
    assert table["why"][0] == (
        "Serves 50 people in need in 2 villages; 50 of them have no team within 30 minutes today. Asked for by UBND xã: lũ."
    )
    assert table["why"][1].endswith("Without it 10 people are lost, even when the others are placed again.")
    assert table["asked_by"].tolist() == ["UBND xã", "", ""]


def test_the_page_holds_every_commune_and_shows_hostile_names_as_text():
    text = page(found("vi"), title="Kế <hoạch>", language="vi")
    assert "<b>Trường</b>" not in text
    assert "&lt;b&gt;Trường&lt;/b&gt;" in text
    assert text.index("<h3>Xã Hai</h3>") < text.index("<h3>Xã Một</h3>")
    assert "gọi điện" not in text
    assert "chắc chắn nên làm" in text


def test_the_page_writes_numbers_as_its_readers_do_and_says_first_what_to_beware_of():
    many = found("vi").assign(people_reached=[37_245, 50, 7], cost=[1_234.5, None, 2.0])
    text = page(many, title="x", language="vi", notices=["số liệu <mô phỏng>"])
    assert '<td class="n">37.245</td>' in text
    assert '<td class="n">1.234,5</td>' in text
    assert text.index("số liệu &lt;mô phỏng&gt;") < text.index("37.245")


def test_waves_order_the_steps_and_have_a_column_of_their_own():
    waves = pd.DataFrame({"site_id": ["a", "c"], "wave": [2, 1]})
    table = actions(SITES, SERVED, VILLAGES, locked_in=(), reach_minutes=30, language="en", waves=waves)
    assert table["site_id"].tolist()[:2] == ["c", "a"]
    assert table["wave"].tolist()[:2] == [1, 2]
    assert table["wave"].isna().tolist()[2:] == [True]
    assert '<th scope="col">Wave</th>' in page(table, title="x", language="en")
    assert '<th scope="col">Wave</th>' not in page(found(), title="x", language="en")


def test_a_plan_without_changes_says_so():
    nothing = actions(
        SITES[SITES["status"] == "existing"], SERVED, VILLAGES, locked_in=(), reach_minutes=30, language="en"
    )
    assert "The plan changes nothing." in page(nothing, title="x", language="en")
