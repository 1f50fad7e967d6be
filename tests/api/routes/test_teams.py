from __future__ import annotations

import pytest

from api.schemas import DeploymentsAnswer, TeamsAnswer
from tests.api.client import answer, problem
from tests.tiny_publication import ASSIGNED


def ask(client, tiny, unit_id, more=""):
    row = tiny.village(unit_id)
    body = answer(client.get(f"/v1/teams/nearest?lat={row['lat']}&lon={row['lon']}{more}"))
    TeamsAnswer.model_validate(body)
    return body


def test_only_teams_that_stand_today_unless_asked(client, tiny):
    assert [(t["site_id"], t["minutes"]) for t in ask(client, tiny, "v20")["teams"]] == [("t1", 12.0)]
    both = ask(client, tiny, "v20", "&planned=true")["teams"]
    assert [(t["site_id"], t["minutes"]) for t in both] == [("v20", 0.0), ("t1", 12.0), ("v13", 24.0)]
    assert [t["site_id"] for t in ask(client, tiny, "v20", "&planned=true&n=1")["teams"]] == ["v20"]


def test_hours_and_contact_come_along(client, tiny):
    team = ask(client, tiny, "v00")["teams"][0]
    assert team["hours"] == "T2-T6 7:30-17:00"
    assert team["languages"] == ["ede", "vi"]


def test_nobody_near_is_an_answer(client, tiny):
    body = ask(client, tiny, "v23")
    assert (body["status"], body["teams"], body["support_status"]) == ("none_near", [], "unreachable")


def test_outside_is_an_answer(client):
    body = answer(client.get("/v1/teams/nearest?lat=0&lon=0"))
    assert (body["status"], body["teams"], body["unit_id"]) == ("outside_area", [], None)


@pytest.mark.parametrize("query", ["lat=1", "lat=1&lon=1&n=0", "lat=1&lon=1&n=11", "lat=1&lon=1&planned=perhaps"])
def test_bad_parameters(client, query):
    problem(client.get(f"/v1/teams/nearest?{query}"), 400, "bad-parameter")


def test_the_plan_lists_every_site_with_its_villages(client, tiny):
    body = answer(client.get("/v1/deployments"))
    assert body["solver"]["bound_people"] == tiny.manifest.solver.bound_people
    assert {s["site_id"]: sorted(s["villages"]) for s in body["sites"]} == {
        site: sorted(u for u, (s, _) in ASSIGNED.items() if s == site) for site in tiny.sites["site_id"]
    }
    DeploymentsAnswer.model_validate(body)
