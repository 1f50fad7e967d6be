"""From tables to a siting problem and back, on five villages in a row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from planner import deployment
from planner.errors import InfeasibleError, PlanError
from planner.sections import Deploy, Lock
from planner.siting import MODELS
from planner.siting.base import SitingPlan

VILLAGES = pd.DataFrame(
    {
        "unit_id": ["a", "b", "c"],
        "name": ["Thôn a", "Thôn b", "Thôn c"],
        "population_people": pd.array([500, 100, 300], dtype="Int64"),
        "need_people": pd.array([50, 10, None], dtype="Int64"),
        "x_m": [0.0, 1.0, 2.0],
        "y_m": [0.0, 0.0, 0.0],
    }
)


def teams() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "site_id": ["t2", "t1"],
            "unit_id": ["b", "a"],
            "name": ["Đội cơ động", "Tổ a"],
            "team_type": ["rapid_response", "community"],
            "teams": [1, 2],
            "x_m": [1.0, 0.0],
            "y_m": [0.0, 0.0],
            "hours": ["", "8-17"],
            "contact": ["", ""],
            "languages": [("vi",), ("vi", "ede")],
            "synthetic": [False, False],
        }
    )


def where() -> deployment.Places:
    return deployment.places(teams(), deployment.candidates(VILLAGES, min_people=200))


def test_candidates_are_villages_of_at_least_the_asked_people():
    assert list(deployment.candidates(VILLAGES, min_people=300)["site_id"]) == ["site-a", "site-c"]


def test_existing_fixed_teams_come_first_and_mobile_ones_are_no_sites():
    frame = where().frame
    assert list(frame["site_id"]) == ["t1", "site-a", "site-c"]
    assert list(where().existing) == [True, False, False]


def test_a_candidate_with_the_id_of_a_team_is_refused():
    twin = pd.DataFrame({"site_id": ["t1"], "unit_id": ["a"], "name": [""], "x_m": [0.0], "y_m": [0.0]})
    with pytest.raises(PlanError, match="'t1' is both a team that stands and a candidate"):
        deployment.places(teams(), twin)


def test_unknown_need_weighs_nothing_and_locks_are_by_site():
    deploy = Deploy(teams=1, locked_out=(Lock(site_id="site-c", reason="flood", by="UBND"),))
    found = deployment.problem(VILLAGES, where(), sparse.csr_array((3, 3)), deploy=deploy)
    assert list(found.need_people) == [50.0, 10.0, 0.0]
    assert list(found.locked_out) == [False, False, True]


def test_an_unknown_locked_site_names_who_asked():
    deploy = Deploy(locked_in=(Lock(site_id="site-x", reason="school", by="UBND xã"),))
    with pytest.raises(PlanError, match=r"deploy.locked_in: no candidate site 'site-x' \(asked for by UBND xã\)"):
        deployment.problem(VILLAGES, where(), sparse.csr_array((3, 3)), deploy=deploy)


def test_tables_of_a_plan():
    plan = SitingPlan(
        model="max_cover",
        sites=np.array([0, 2]),
        new_sites=np.array([2]),
        assignments=np.array([0, 0, -1]),
        assigned_minutes=np.array([0.0, 4.0, np.nan]),
        objective_people=60.0,
        bound_people=60.0,
        greedy_people=60.0,
        today_people=60.0,
        gap=0.0,
        status="optimal",
        solver="none",
        seconds=0.0,
        loss_if_dropped_people=np.array([60.0, 0.0]),
        unserved_people=0.0,
        teams=np.array([2, 1]),
        received=np.array([0, 0]),
    )
    served = deployment.assigned(VILLAGES, where(), plan)
    assert list(served["unit_id"]) == ["a", "b"]
    assert list(served["people"]) == [50, 10]
    deploy = Deploy(budget=30, cost_per_team=15, people_per_team_week=5, horizon_weeks=4)
    sites = deployment.open_sites(where(), plan, served, deploy=deploy).set_index("site_id")
    assert sites["status"].to_dict() == {"site-c": "new", "t1": "existing"}
    assert sites.loc["t1", "people_reached"] == 60
    assert sites.loc["site-c", "people_reached"] == 0
    assert sites.loc["site-c", "order"] == 1
    assert sites["order"].isna()["t1"]
    # t1 has two teams of 5 people x 4 weeks; a team that stands costs nothing new
    assert sites["capacity_people"].to_dict() == {"site-c": 20.0, "t1": 40.0}
    assert sites["load_share"].to_dict() == {"site-c": 0.0, "t1": 1.5}
    assert sites.loc["site-c", "cost"] == 15.0
    assert sites["cost"].isna()["t1"]
    unlimited = deployment.open_sites(where(), plan, served, deploy=Deploy())
    assert unlimited[["capacity_people", "load_share", "cost"]].isna().all(axis=None)


def test_nearest_sites_keep_the_count_and_break_ties_by_site_id():
    sites = pd.DataFrame({"site_id": ["s2", "s1", "s3"], "status": "new"})
    minutes = sparse.csr_array(np.array([[5.0, 5.0, 1.0], [0.0, 0.0, 7.0], [0.0, 0.0, 0.0]]))
    found = deployment.nearest_sites(VILLAGES, sites, minutes, count=2)
    assert list(found.itertuples(index=False, name=None)) == [
        ("a", "s3", 1.0, 1),
        ("a", "s1", 5.0, 2),
        ("b", "s3", 7.0, 1),
    ]


def test_the_curve_never_falls_ends_in_the_plan_and_stays_below_its_bound():
    deploy = Deploy(teams=2, reach_minutes=5.0, gap=0.0)
    known = VILLAGES.assign(need_people=pd.array([50, 10, 7], dtype="Int64"))
    minutes = sparse.csr_array(np.array([[1.0, 0.5, 0.0], [0.0, 9.0, 2.0], [0.0, 0.0, 1.0]]))
    asked = deployment.problem(known, where(), minutes, deploy=deploy)
    plan = MODELS["max_cover"](asked)
    found = deployment.curve_table(asked, plan)
    assert list(found["teams_added"]) == [0, 1, 2]
    # today t1 reaches a; site-c adds b and c; site-a adds nobody
    assert list(found["people_reached"]) == [50.0, 67.0, 67.0]
    assert (found["bound"] >= found["people_reached"]).all()
    assert found["people_reached"].iloc[-1] == plan.objective_people


def test_the_numbers_on_a_curve_are_few_and_start_today():
    assert deployment.counts(60) == [0, 1, 2, 6, 12, 18, 24, 30, 36, 42, 48, 54, 60]
    assert deployment.counts(1) == [0, 1]
    assert deployment.counts(0) == [0]


LIMITED = Deploy(
    model="p_median",
    teams=2,
    share=0.5,
    unserved_minutes=90.0,
    min_per_commune=1,
    budget=30.0,
    cost_per_team=15.0,
    people_per_team_week=5.0,
    horizon_weeks=4.0,
)


def test_every_limit_of_the_plan_reaches_the_problem():
    villages = VILLAGES.assign(commune_id=["k1", "k1", "k2"])
    found = deployment.problem(villages, where(), sparse.csr_array((3, 3)), deploy=LIMITED)
    assert found.capacity_people is not None
    assert found.cost is not None
    assert found.commune_ids is not None
    assert list(found.capacity_people) == [40.0, 20.0, 20.0]
    assert list(found.cost) == [15.0, 15.0, 15.0]
    assert list(found.commune_ids) == ["k1", "k1", "k2"]
    assert (found.budget, found.share, found.unserved_minutes, found.min_per_commune) == (30.0, 0.5, 90.0, 1)
    # t1 stands in k1; k2 needs one
    assert deployment.fewest(found) == 1


def test_without_figures_nothing_is_limited():
    found = deployment.problem(VILLAGES, where(), sparse.csr_array((3, 3)), deploy=Deploy())
    assert found.capacity_people is None
    assert found.cost is None
    assert found.commune_ids is None


def test_a_commune_without_any_place_for_a_team_is_told():
    villages = VILLAGES.assign(commune_id=["k1", "k2", "k1"])
    with pytest.raises(InfeasibleError, match=r"1 communes have neither a team nor a candidate site \(k2\)"):
        deployment.problem(villages, where(), sparse.csr_array((3, 3)), deploy=LIMITED)


def test_the_curve_starts_with_as_many_teams_as_the_communes_need():
    villages = VILLAGES.assign(commune_id=["k1", "k1", "k2"], need_people=pd.array([50, 10, 7], dtype="Int64"))
    minutes = sparse.csr_array(np.array([[1.0, 0.5, 0.0], [0.0, 9.0, 2.0], [0.0, 0.0, 1.0]]))
    deploy = Deploy(teams=2, reach_minutes=5.0, gap=0.0, min_per_commune=1)
    asked = deployment.problem(villages, where(), minutes, deploy=deploy)
    found = deployment.curve_table(asked, MODELS["max_cover"](asked))
    assert list(found["teams_added"]) == [1, 2]
    assert list(found["people_reached"]) == [67.0, 67.0]


def test_the_nearest_team_that_stands_is_always_there_with_its_rank():
    sites = pd.DataFrame({"site_id": ["s1", "s2", "t1", "t2"], "status": ["new", "new", "existing", "existing"]})
    minutes = sparse.csr_array(np.array([[1.0, 2.0, 3.0, 4.0], [2.0, 3.0, 1.0, 4.0], [1.0, 2.0, 0.0, 0.0]]))
    found = deployment.nearest_sites(VILLAGES, sites, minutes, count=1)
    assert list(found[["unit_id", "site_id", "rank"]].itertuples(index=False, name=None)) == [
        ("a", "s1", 1),
        ("a", "t1", 3),
        ("b", "t1", 1),
        ("c", "s1", 1),
    ]
