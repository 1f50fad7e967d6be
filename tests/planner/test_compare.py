"""Two publications side by side: who moved and why, by hand on the tiny publication."""

import json

import pandas as pd
import pytest

from planner import cli, compare
from planner.products import Publication
from tests.tiny_publication import publish_tiny


@pytest.fixture
def one(tmp_path):
    return publish_tiny(tmp_path / "one")


class Changed(Publication):
    """A publication with another table of villages or another manifest."""


def changed(publication, *, villages=None, sites=None, **manifest):
    found = Changed(publication.path)
    found.__dict__["manifest"] = publication.manifest.model_copy(update=manifest)
    found.__dict__["villages"] = publication.villages if villages is None else villages
    found.__dict__["sites"] = publication.sites if sites is None else sites
    return found


def swapped(publication, first, second, **columns):
    """Two villages exchange their ranks; the first gets other columns."""
    villages = publication.villages.copy()
    at = {u: villages.index[villages["unit_id"] == u][0] for u in (first, second)}
    ranks = villages.loc[[at[first], at[second]], "rank"].tolist()
    villages.loc[at[first], "rank"], villages.loc[at[second], "rank"] = ranks[1], ranks[0]
    for name, value in columns.items():
        villages.loc[at[first], name] = value
    return villages


def test_the_same_twice_has_no_cause_and_no_move(one):
    found = compare.compare(one, one, language="en")
    assert found.moved == ()
    assert found.causes == compare.Causes((), (), weights=False, plan=(), seed=False, code=False)
    assert "Same data, plan and version" in found.as_text()
    assert all(p.change == 0 for p in found.people.values())


def test_who_moved_by_how_much_and_by_which_pillar(one):
    rates = {"contribution_adoption": 90.0, "score": 95.0, "vneid_activated_rate": 0.1}
    unknown = {"rank_low": pd.NA, "rank_high": pd.NA}
    later = changed(one, villages=swapped(one, "v12", "v20", **rates).assign(**unknown))
    found = compare.compare(one, later)
    assert {m.unit_id for m in found.moved} == {"v12", "v20"}
    moves = {m.unit_id: m for m in found.moved}
    assert (moves["v12"].pillar, moves["v12"].own_data) == ("adoption", True)
    assert (moves["v20"].pillar, moves["v20"].own_data) == (None, False)
    assert moves["v12"].rank_after == moves["v20"].rank_before
    assert moves["v12"].score_after == 95.0
    assert moves["v12"].beyond_uncertainty is None
    text = compare.compare(one, later, language="en").as_text()
    assert "adoption; no interval known" in text
    assert "others changed" in text


def test_beyond_uncertainty_is_two_intervals_apart(one):
    before = one.villages.assign(rank_low=5, rank_high=7)
    for low, high, expected in ((1, 4, True), (8, 9, True), (7, 9, False), (1, 16, False)):
        after = swapped(one, "v12", "v20").assign(rank_low=low, rank_high=high)
        found = compare.compare(changed(one, villages=before), changed(one, villages=after))
        assert {m.beyond_uncertainty for m in found.moved} == {expected}
    unknown = swapped(one, "v12", "v20").assign(rank_low=pd.NA, rank_high=pd.NA)
    assert (
        compare.compare(changed(one, villages=before), changed(one, villages=unknown)).moved[0].beyond_uncertainty
        is None
    )


def test_causes_are_told_apart_by_bytes_plan_and_version(one):
    inputs = [
        i.model_copy(update={"sha256": "1" * 64}) if i.layer in {"communes", "coverage.a"} else i
        for i in one.manifest.inputs
        if i.layer != "population"
    ]
    plan = {**one.manifest.plan, "score": {"pillars": {"access": 2.0}}, "needs": {"covered_at": 0.9}}
    later = changed(one, inputs=inputs, plan=plan, seed=2, versions={"planner": "9"})
    found = compare.compare(one, later, language="en")
    assert found.causes == compare.Causes(
        ("communes",), ("coverage.a", "population"), weights=True, plan=("needs",), seed=True, code=True
    )
    text = found.as_text()
    for said in (
        "Boundaries: communes",
        "Data: coverage.a, population",
        "[score] of the plan",
        "Plan: [needs]",
        "seed",
    ):
        assert said in text


def test_villages_that_come_go_and_lose_their_rank(one):
    villages = one.villages.copy()
    gone, renamed = villages.iloc[1:].copy(), villages.iloc[:1].assign(unit_id="new")
    later = pd.concat([gone, renamed])
    later["rank"] = later["rank"].mask(later["unit_id"] == "v12")
    found = compare.compare(one, changed(one, villages=later), language="en")
    assert (found.gone, found.new, found.unranked_since) == (("v00",), ("new",), ("v12",))
    assert "No longer ranked: 1 (v12)" in found.as_text()
    back = compare.compare(changed(one, villages=later), one)
    assert back.ranked_since == ("v12",)


def test_people_reached_since_and_proposals_that_stand(one):
    solver = one.manifest.solver
    sites = one.sites.assign(status="existing")
    later = changed(one, sites=sites, solver=solver.model_copy(update={"today_people": solver.today_people + 500}))
    found = compare.compare(one, later, language="en")
    assert found.people["reached_today"].change == 500
    assert found.proposals_standing == 2
    assert "(+500)" in found.as_text()
    without = compare.compare(changed(one, solver=None), one)
    assert without.people["reached_today"].change is None


def test_the_command_prints_one_object_or_a_page_and_refuses_what_is_no_publication(one, tmp_path, capsys):
    folder = str(one.path)
    assert cli.main(["compare", folder, folder, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["before"], found["moved"], found["people"]["need_people"]["change"]) == (one.manifest.id, [], 0)
    assert cli.main(["compare", folder, folder, "--language", "vi"]) == 0
    assert "Cùng số liệu" in capsys.readouterr().out
    assert cli.main(["compare", folder, str(tmp_path / "nothing")]) == 1
    assert "nothing is published here" in capsys.readouterr().err
