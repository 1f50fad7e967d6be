"""From a plan's layers to what is published of signal: trust per layer, claims, and the people's voice."""

from __future__ import annotations

import datetime as dt
import math
import tomllib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.catalog import Layer, Record
from planner import operator_requests, overlay, scoring, usability
from planner.config import Plan
from planner.evidence import DEFAULTS, Rates
from tests import tiny_world

TODAY = dt.date(2025, 7, 2)
PLAN = """
[plan]
title = "T"
[layers.communes]
path = "c"
[layers.villages]
path = "v"
[layers.population]
path = "p"
[layers.coverage.declared]
path = "x"
"""
FEEDBACK = '[layers.feedback]\npath = "f"\n'


def plan(more=""):
    return Plan.model_validate(tomllib.loads(PLAN + more))


def layer(name="declared", *, evidence="declared", operator=None):
    frame = tiny_world.coverage().assign(evidence=evidence)
    return Layer(Record(layer=f"coverage.{name}", file="x"), frame[frame["operator"].isin([operator or "A", "B"])], 2)


def rows():
    return pd.DataFrame({"unit_id": tiny_world.villages()["unit_id"], "eligible_people": 500})


def reports(*given):
    """Reports of unit, seen, days ago, x."""
    columns = ["unit_id", "seen", "days", "x_m"]
    found = pd.DataFrame(list(given), columns=columns)
    found["seen_date"] = [TODAY - dt.timedelta(days=int(d)) for d in found.pop("days")]
    found["dispute_id"] = [f"d{i}" for i in range(len(found))]
    return found.assign(operator="any", technology="4G", rsrp_dbm=math.nan, y_m=0.0)


def shares():
    return overlay.coverage_shares(tiny_world.villages(), tiny_world.coverage())


def asked(chosen):
    return usability.Asked(chosen.evidence, chosen.layers.feedback, chosen.privacy, chosen.needs.covered_at)


def voice_of(world, given):
    chosen = plan(FEEDBACK)
    counted = usability._counted(given, chosen.layers.feedback, TODAY)
    return usability.per_1000(world, counted, privacy=chosen.privacy)


def found(more="", feedback=None):
    chosen = plan(more)
    trusted = usability.rates(chosen.layers.coverage, [layer()])
    return usability.usability(rows(), shares(), asked=asked(chosen), rates=trusted, feedback=feedback, today=TODAY)


def test_every_village_and_row_of_coverage_gets_its_chance():
    said = found()
    chance = said.villages["usable_probability"].set_axis(rows()["unit_id"])
    assert chance["v10"] == pytest.approx(0.62)  # A declares it, B does not
    assert chance["v00"] == pytest.approx(1 / (1 + (0.38 / 0.62) ** 2))  # both declare it
    assert chance["v33"] < 0.2
    coverage = said.coverage.set_index(["unit_id", "operator"])["usable_probability"]
    assert coverage["v00", "A"] == pytest.approx(0.62)
    assert coverage["v00", "any"] == pytest.approx(chance["v00"])
    assert usability.PER_1000 not in said.villages


def test_no_coverage_layer_and_no_report_say_nothing():
    nothing = shares().iloc[:0]
    empty = usability.usability(rows(), nothing, asked=asked(plan()), rates={}, feedback=None, today=TODAY)
    assert list(empty.villages) == []
    assert empty.votes.empty
    assert empty.doubtful.empty


def test_rates_are_those_of_the_layer_and_the_smaller_trust_where_two_overlap():
    second = '[layers.coverage.other]\npath = "y"\nhit_rate = 0.9\nfalse_alarm_rate = 0.7\nhalf_life_days = 30\n'
    one = usability.rates(plan(second).layers.coverage, [layer()])
    assert one["A", "4G", "declared"] == Rates(0.95, DEFAULTS["declared"].false_alarm_rate)
    both = usability.rates(plan(second).layers.coverage, [layer(), layer("other")])
    assert both["A", "4G", "declared"] == Rates(0.9, 0.7, 30.0)


@pytest.mark.parametrize("keys", ["hit_rate = 0.9", "hit_rate = 0.4\nfalse_alarm_rate = 0.5", "hit_rate = 1.0"])
def test_rates_that_cannot_be_are_refused(keys):
    with pytest.raises(ValueError, match=r"hit_rate"):
        plan(keys)
    with pytest.raises(ValueError, match="settled_at"):
        plan("[evidence]\nsettled_at = 0.6\n")


def test_negative_reports_make_a_claim_doubtful_and_the_list_says_what_would_settle_it():
    said = found(FEEDBACK, reports(("v10", "no_signal", 0, 0.0)))
    claims = said.doubtful.set_index(["unit_id", "operator"])
    assert list(claims.index) == [("v10", "A"), ("v10", "any")]
    assert claims["negative_reports_needed"].tolist() == [1, 1]
    votes = said.votes[said.votes["unit_id"] == "v10"]
    assert votes["source"].tolist() == ["declared", "declared", "reports"]


def test_a_stranger_s_name_for_an_operator_is_not_published_and_counts_in_the_voice_alone():
    given = reports(*[("v10", "no_signal", 0, 600.0 * i) for i in range(3)]).assign(operator="Nguyen Van A 0912")
    said = found(FEEDBACK, given)
    assert said.unmatched == 3
    assert set(said.votes["operator"]) == {"A", "B"}
    assert said.villages["usable_probability"].equals(found().villages["usable_probability"])
    assert said.villages[usability.PER_1000].max() == pytest.approx(6.0)


def test_the_voice_counts_fresh_negative_reports_and_protects_few():
    given = reports(
        *[("v10", "no_signal", 90 * (i == 2), 600.0 * i) for i in range(3)],
        *[("v11", "weak_signal", 0, 600.0 * i) for i in range(2)],
        *[("v12", "signal", 0, 600.0 * i) for i in range(9)],
    )
    voice = found(FEEDBACK, given).villages[usability.PER_1000].set_axis(rows()["unit_id"])
    assert voice["v10"] == pytest.approx(1000 * 2.5 / 500)
    assert voice["v11"] == voice["v12"] == voice["v00"] == 0.0
    few = rows().assign(eligible_people=19)
    assert voice_of(few, given)[usability.PER_1000].isna().all()


REPORT = st.tuples(
    st.sampled_from(["v00", "v10", "v22"]), st.sampled_from(["no_signal", "weak_signal"]), st.integers(0, 200),
    st.sampled_from([0.0, 600.0, 1200.0, 1800.0]),
)  # fmt: skip


@settings(deadline=None, max_examples=25)
@given(st.lists(REPORT, max_size=12), REPORT)
def test_more_negative_reports_never_improve_a_rank(before, more):
    world = rows().assign(covered_share=np.linspace(0, 1, 16) ** 2)

    def rank(given):
        told = world.join(voice_of(world, reports(*given)))
        weights = {"connectivity": 1.0, "voice": 1.0}
        ranks = scoring.score(told, weights=weights, adoption="x", cutoff_minutes=120.0).rank
        return ranks.set_axis(world["unit_id"])[more[0]]

    assert rank([*before, more]) <= rank(before)


def test_requests_name_each_operator_with_the_people_it_would_reach():
    asked = rows().assign(response="none", without_signal_people=pd.array([0] * 16, dtype="Int64"))
    here = asked["unit_id"].isin(["v12", "v33"])
    asked.loc[here, "response"] = "operator_request"
    asked.loc[here, "without_signal_people"] = [250, 500]
    table = operator_requests.requests(asked, shares(), technology="4G")
    assert table[
        ["unit_id", "operator", "covered_share", "first_signal_people", "own_signal_people"]
    ].to_numpy().tolist() == [
        ["v12", "A", 0.5, 250, 250],
        ["v12", "B", 0.0, 250, 500],
        ["v33", "A", 0.0, 500, 500],
        ["v33", "B", 0.0, 500, 500],
    ]
    assert operator_requests.requests(asked.assign(response="none"), shares(), technology="4G").empty
