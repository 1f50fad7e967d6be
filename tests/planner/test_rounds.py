"""Rounds by hand and by trying every order: working hours, people, one visit a week, nobody left out in silence."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import sparse

from planner import rounds
from planner.sections.rounds import Rounds

BASE = pd.DataFrame({"site_id": ["r1"], "commune_id": ["k00"], "teams": [1], "x_m": [0.0], "y_m": [0.0]})
DAY = {"weeks": 1, "days_per_week": 1, "day_start": "08:00", "day_end": "12:00", "max_visit_minutes": 120.0}


def villages(*rows: tuple[str, int, float]) -> pd.DataFrame:
    """Id, people in need, kilometres east of the base."""
    ids, people, km = zip(*rows, strict=True)
    return pd.DataFrame(
        {"unit_id": ids, "commune_id": "k00", "need_people": people, "x_m": np.array(km) * 1000.0, "y_m": 0.0}
    )


def walk(start: pd.DataFrame, end: pd.DataFrame) -> sparse.csr_array:
    """A minute per kilometre to the east, two to the west: the way out is not the way back."""
    km = (end["x_m"].to_numpy()[None, :] - start["x_m"].to_numpy()[:, None]) / 1000.0
    return sparse.csr_array(np.where(km >= 0, km, -2 * km) + 1e-9)


def minutes(clock: str) -> int:
    hours, rest = clock.split(":")
    return 60 * int(hours) + int(rest)


def plan(places: pd.DataFrame, *, bases: pd.DataFrame = BASE, between=walk, seed: int = 1, **options) -> rounds.Rounds:
    return rounds.plan(places, bases, between=between, settings=Rounds(**(DAY | options)), seed=seed)


def test_a_day_by_hand():
    found = plan(villages(("a", 10, 20.0), ("b", 12, 40.0)))
    # out 20 km to a (20 minutes), 50 minutes there, 20 on to b, 60 there, 80 back
    assert found.stops.to_dict("records") == [
        {"site_id": "r1", "team": 1, "week": 1, "day": 1, "stop": 1, "unit_id": "a", "arrive": "08:20", "leave": "09:10", "people": 10},
        {"site_id": "r1", "team": 1, "week": 1, "day": 1, "stop": 2, "unit_id": "b", "arrive": "09:30", "leave": "10:30", "people": 12},
    ]  # fmt: skip
    assert found.unvisited.empty


def test_the_way_back_counts_in_its_own_direction():
    # 60 minutes out, 10 there; back takes 120, so a day of 4 hours does and one of 3 does not
    far = villages(("a", 2, 60.0))
    assert len(plan(far, min_visit_minutes=10.0).stops) == 1
    short = plan(far, min_visit_minutes=10.0, day_end="11:00")
    assert short.stops.empty
    assert short.unvisited.to_dict("records") == [
        {"unit_id": "a", "site_id": "r1", "people": 2, "reason": "too_far_for_a_day"}
    ]


def test_a_large_need_is_visited_once_a_week_and_the_rest_is_told():
    found = plan(villages(("a", 100, 10.0)), weeks=3)
    assert found.stops["week"].tolist() == [1, 2, 3]
    assert found.stops["people"].tolist() == [24, 24, 24]
    assert found.unvisited.to_dict("records") == [{"unit_id": "a", "site_id": "r1", "people": 28, "reason": "no_time"}]


def test_who_was_visited_last_week_waits():
    # a day holds one visit of two hours
    found = plan(villages(("a", 100, 35.0), ("b", 100, 35.0)), weeks=2)
    assert sorted(found.stops["unit_id"]) == ["a", "b"]


def test_two_teams_of_a_base_work_on_the_same_day():
    two = BASE.assign(teams=2)
    found = plan(villages(("a", 24, 35.0), ("b", 24, 35.0)), bases=two)
    assert found.stops[["team", "day", "stop"]].to_numpy().tolist() == [[1, 1, 1], [2, 1, 1]]


def test_a_village_belongs_to_the_nearest_base_and_ties_to_the_first():
    two = pd.concat([BASE.assign(site_id="r2"), BASE, BASE.assign(site_id="r3", x_m=30_000.0)])
    found = plan(villages(("a", 5, 5.0), ("b", 5, 35.0)), bases=two)
    assert dict(zip(found.stops["unit_id"], found.stops["site_id"], strict=True)) == {"a": "r1", "b": "r3"}


def test_no_way_and_outside_the_area_are_two_things():
    def cut(start: pd.DataFrame, end: pd.DataFrame) -> sparse.csr_array:
        found = walk(start, end).toarray()
        found[:, end["x_m"].to_numpy() == 7_000.0] = 0.0
        return sparse.csr_array(found)

    found = plan(villages(("a", 5, 7.0), ("b", 6, 80.0)), between=cut, reach_minutes=60.0)
    assert found.unvisited[["unit_id", "people", "reason"]].to_numpy().tolist() == [
        ["a", 5, "no_way"],
        ["b", 6, "outside_the_area"],
    ]
    assert found.unvisited["site_id"].isna().all()


def test_a_team_stays_in_its_commune_where_the_plan_says_so():
    places = villages(("a", 5, 5.0), ("b", 5, 5.0)).assign(commune_id=["k00", "k11"])
    found = plan(places, area="commune")
    assert found.stops["unit_id"].tolist() == ["a"]
    assert found.unvisited["reason"].tolist() == ["outside_the_area"]


def test_a_visit_far_away_is_as_long_as_the_day_allows():
    # 65 minutes out and 130 back leave 45 of four hours: nine people of twenty
    found = plan(villages(("a", 20, 65.0)))
    assert found.stops[["arrive", "leave", "people"]].to_numpy().tolist() == [["09:05", "09:50", 9]]
    assert found.unvisited[["people", "reason"]].to_numpy().tolist() == [[11, "no_time"]]


def test_nobody_to_visit_is_an_empty_table():
    found = plan(villages(("a", 5, 5.0)).iloc[:0])
    assert (len(found.stops), len(found.unvisited)) == (0, 0)
    assert list(found.stops.columns)[:2] == ["site_id", "team"]


def most_people(places: pd.DataFrame, day: Rounds) -> int:
    """People of the best single day, by trying every order of every choice."""
    at = places["x_m"].to_numpy() / 1000
    need = places["need_people"].to_numpy()
    stay = [max(int(np.ceil(n * day.minutes_per_person)), int(day.min_visit_minutes)) for n in need]

    def takes(order: tuple[int, ...]) -> float:
        stops = [0.0, *(at[i] for i in order), 0.0]
        ways = sum(np.ceil(b - a if b >= a else 2 * (a - b)) for a, b in itertools.pairwise(stops))
        return float(ways) + sum(stay[i] for i in order)

    orders = (o for k in range(len(at) + 1) for o in itertools.permutations(range(len(at)), k))
    return max(int(need[list(o)].sum()) for o in orders if takes(o) <= day.day_minutes)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 2**32 - 1))
@example(seed=1207748)  # 24 of 25
def test_a_small_day_serves_nearly_as_many_as_every_order_tried(seed):
    rng = np.random.default_rng(seed)
    places = villages(*((f"v{i}", int(rng.integers(1, 24)), float(rng.integers(0, 40))) for i in range(5)))
    served, most = plan(places).stops["people"].sum(), most_people(places, Rounds(**DAY))
    assert 0.9 * most <= served <= most


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 2**32 - 1), teams=st.integers(1, 3))
def test_laws_of_rounds(seed, teams):
    rng = np.random.default_rng(seed)
    places = villages(*((f"v{i:02d}", int(rng.integers(1, 150)), float(rng.uniform(0, 70))) for i in range(15)))
    options = {"weeks": 3, "days_per_week": 2}
    found = plan(places, bases=BASE.assign(teams=teams), **options)
    stops = found.stops
    served = stops.groupby("unit_id")["people"].sum()
    left = found.unvisited.set_index("unit_id")["people"]
    total = served.add(left, fill_value=0).reindex(places["unit_id"]).to_numpy()
    assert total.tolist() == places["need_people"].tolist()
    assert not stops.duplicated(["unit_id", "week"]).any()
    assert stops["team"].max() <= teams
    at = places.set_index("unit_id")["x_m"] / 1000
    for _, day in stops.groupby(["team", "week", "day"]):
        here, now = 0.0, minutes("08:00")
        for stop in day.sort_values("stop").itertuples():
            way = at[stop.unit_id] - here
            assert minutes(stop.arrive) == now + np.ceil((way if way >= 0 else -2 * way) - 1e-7)
            here, now = at[stop.unit_id], minutes(stop.leave)
        assert now + 2 * here <= minutes("12:00") + 1
    again = plan(places, bases=BASE.assign(teams=teams), **options)
    pd.testing.assert_frame_equal(again.stops, stops)
    pd.testing.assert_frame_equal(again.unvisited, found.unvisited)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"day_start": "8:00"}, "day_start"),
        ({"day_end": "08:30"}, "holds no visit"),
        ({"min_visit_minutes": 121.0}, "at most max_visit_minutes"),
        ({"days_per_week": 8}, "days_per_week"),
    ],
)
def test_settings_that_cannot_be_are_refused(bad, said):
    with pytest.raises(ValueError, match=said):
        Rounds(**(DAY | bad))
