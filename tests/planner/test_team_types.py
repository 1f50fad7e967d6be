"""Community and rapid-response teams in one plan, on the sixteen villages of the tiny world in straight lines.

A neighbour is 2 km away: x 1.4 at 30 km/h = 5.6 minutes; across the corner 7.9. So 3 minutes reach a team's own village
only, 6 minutes its four neighbours as well. Ten people are in need in every village.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from scipy import sparse

from planner import actions, deployment, lands, provincial, rounds
from planner.deployment import Places
from planner.errors import InfeasibleError, PlanError
from planner.sections import Deploy, Lock, Travel
from tests import tiny_world


def rows() -> pd.DataFrame:
    villages = pd.DataFrame(tiny_world.villages().drop(columns="geometry"))
    people = tiny_world.population()["people"].astype("Int64")
    return villages.assign(population_people=people, need_people=pd.array([10] * 16, dtype="Int64"))


def answer(stands: pd.DataFrame | None = None, **keys: object) -> provincial.Deployed:
    rapid = {"most": 1, "reach_minutes": 6.0, **keys.pop("rapid_response", {})}
    given = {"teams": 3, "reach_minutes": 3.0, "gap": 0.0, "candidate_min_people": 0.0, "rapid_response": rapid, **keys}
    deploy = Deploy.model_validate(given)
    land = lands.Land(Travel(), None, tiny_world.communes(), None, None, {}, None)
    return provincial.deploy(provincial.Asked(land, rows(), stands, None, deploy, Travel(), None))


def kinds(found: provincial.Deployed) -> dict[str, int]:
    return found.sites.groupby("team_type")["teams"].sum().to_dict()


def test_one_rapid_response_team_visits_five_villages_and_two_community_teams_serve_their_own():
    found = answer()
    assert kinds(found) == {"community": 2, "rapid_response": 1}
    assert (found.plan.objective_people, found.plan.bound_people) == (70.0, 70.0)  # 5 x 10 + 2 x 10
    mobile = found.sites.loc[found.sites["team_type"] == "rapid_response"].iloc[0]
    assert mobile["site_id"] == f"rapid-{mobile['unit_id']}"
    assert mobile["unit_id"] in {"v11", "v12", "v21", "v22"}  # only these have four neighbours
    assert mobile["people_reached"] == 50


@pytest.mark.parametrize("most", [0, 1, 2, 3])
def test_no_more_than_most_are_of_the_type(most):
    """Two crosses overlap, so what two mobile teams reach together is tried out by brute force."""
    found = answer(rapid_response={"most": most})
    assert found.plan.objective_people == best(most, 3 - most)
    assert kinds(found).get("rapid_response", 0) <= most
    assert found.plan.status == "optimal"


def best(rapid: int, community: int) -> float:
    """Return by trying every set of bases what that many teams of the two types reach at most."""
    cells = [(r, c) for r in range(4) for c in range(4)]
    cross = [{(r, c)} | {(r + a, c + b) for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0))} & set(cells) for r, c in cells]
    most = 0
    for mobile in range(rapid + 1):
        for bases in itertools.combinations(cross, mobile):
            reached = len(set().union(*bases))
            most = max(most, min(16, reached + rapid + community - mobile))
    return 10.0 * most


def test_each_type_has_its_own_room_and_villages_stay_whole():
    # 24 people hold two villages of 10, 12 people one
    found = answer(people_per_team_week=1, horizon_weeks=12, rapid_response={"people_per_team_week": 2})
    assert found.plan.objective_people == 40.0
    room = found.sites.set_index("team_type")["capacity_people"]
    assert room["rapid_response"] == 24.0
    assert list(room[["community"]]) == [12.0, 12.0]


def test_each_type_has_its_own_cost():
    # 35 buy one of each: 50 + 10 people; three community teams would reach 30
    found = answer(budget=35, cost_per_team=10, rapid_response={"cost_per_team": 25})
    assert found.plan.objective_people == 60.0
    assert found.sites.set_index("team_type")["cost"].to_dict() == {"community": 10.0, "rapid_response": 25.0}


def test_a_rapid_response_team_that_stands_serves_and_is_not_new():
    stands = tiny_world.teams().assign(team_type="rapid_response")  # in v00: reaches v00, v01, v10
    found = answer(stands, teams=0, rapid_response={"most": 0})
    assert found.plan.today_people == found.plan.objective_people == 30.0
    assert list(found.sites["status"]) == ["existing"]


def test_more_locked_bases_than_the_type_may_have_are_told_with_the_least_change():
    locks = [Lock(site_id=f"rapid-v{k}", reason="đường khó", by="UBND xã").model_dump() for k in ("11", "22")]
    with pytest.raises(InfeasibleError, match=r"1 too few. Least change: rapid_response = 2"):
        answer(locked_in=locks)


def test_a_mode_that_changes_nothing_is_refused():
    with pytest.raises(PlanError, match=r"deploy.rapid_response.mode = 'walking' changes nothing over straight lines"):
        answer(rapid_response={"mode": "walking"})


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"movable": ("all",)}, "a team that moves keeps its type"),
        ({"full_minutes": 2.0}, "full_minutes falls to one reach_minutes"),
        ({"rapid_response": {"people_per_team_week": 5}}, "needs people_per_team_week"),
        ({"rapid_response": {"cost_per_team": 5}}, "needs cost_per_team"),
    ],
)
def test_keys_that_do_not_fit_together_are_told(keys, said):
    with pytest.raises(ValidationError, match=said):
        answer(**keys)


def test_citizens_come_and_rapid_response_teams_go():
    """Downhill 1 minute, uphill 9: the direction is that of whoever travels. Zero minutes are minutes."""
    where = Places(pd.DataFrame({"team_type": ["community", "rapid_response"]}))
    to_site = sparse.csr_array(([1.0, 1.0, 0.0], ([0, 0, 1], [0, 1, 0])), shape=(2, 2))
    from_site = sparse.csr_array(([9.0, 9.0, 0.0], ([0, 1, 1], [0, 0, 1])), shape=(2, 2))
    found = deployment.minutes_within_reach(to_site, from_site, where).tocoo()
    entries = dict(zip(zip(found.row.tolist(), found.col.tolist(), strict=True), found.data.tolist(), strict=True))
    assert entries == {(0, 0): 1.0, (0, 1): 9.0, (1, 0): 0.0, (1, 1): 0.0}


def test_the_action_plan_says_that_the_team_travels():
    row = {"action": "open", "team_type": "rapid_response", "people_reached": 50, "villages": 5, "people_new": 40}
    text = actions.why({**row, "loss_if_dropped_people": np.nan}, None, 3.0, "en")
    assert text == (
        "A mobile team based here travels to 5 villages and serves 50 people in need; "
        "40 of them have no fixed team within 3 minutes today."
    )


def test_rounds_start_from_the_bases_that_are_placed():
    found = answer()
    bases = rounds.bases_of(None, found.sites)
    assert list(bases["team_type"]) == ["rapid_response"]
    stands = tiny_world.teams().assign(team_type="rapid_response")
    without = found.sites[found.sites["team_type"] == "community"]
    assert list(rounds.bases_of(stands, without)["site_id"]) == list(stands["site_id"])
