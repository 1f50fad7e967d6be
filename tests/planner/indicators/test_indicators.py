"""Every indicator: what its record promises, and its numbers by hand."""

import math

import pandas as pd
import pytest

from planner.indicators import INDICATORS, PILLARS, of_pillar
from planner.indicators.base import Attribute, Settings
from planner.sections import FIXED_INDICATORS, Score

SETTINGS = Settings(adoption="vneid_activated", cutoff_minutes=120.0)


def villages():
    return pd.DataFrame(
        {
            "covered_share": [1.0, 0.25, 0.0, math.nan, 1.0],
            "vneid_activated_rate": [0.75, math.nan, 0.0, 1.0, 0.5],
            "support_minutes": [0.0, math.nan, math.nan, math.nan, 125.0],
            "support_status": ["reached", "unreachable", "beyond_cutoff", "unknown", "reached"],
        },
        index=list("abcde"),
    )


def values(pillar):
    return INDICATORS[pillar].function(villages(), SETTINGS)


def test_connectivity():
    assert values("connectivity").fillna(-1).tolist() == [0.0, 0.75, 1.0, -1, 0.0]


def test_adoption():
    assert values("adoption").fillna(-1).tolist() == [0.25, -1, 1.0, 0.0, 0.5]


def test_adoption_is_unknown_where_the_plan_has_no_such_layer():
    found = INDICATORS["adoption"].function(villages(), Settings(adoption="cashless", cutoff_minutes=120.0))
    assert found.isna().all()


def test_access_out_of_reach_is_the_cutoff_and_unknown_stays_unknown():
    assert values("access").fillna(-1).tolist() == [0.0, 120.0, 120.0, -1, 120.0]


@pytest.mark.parametrize("pillar", list(INDICATORS))
def test_keeps_its_contract(pillar):
    frame = villages()
    indicator = INDICATORS[pillar]
    found = indicator.function(frame, SETTINGS)
    record = indicator.record
    assert record.pillar == pillar
    assert found.name == record.name
    assert found.dtype == "float64"
    assert found.index.equals(frame.index)
    pd.testing.assert_frame_equal(frame, villages())
    highest = SETTINGS.cutoff_minutes if record.highest is None else record.highest
    assert found.dropna().between(record.lowest, highest).all()
    assert all((record.title_vi, record.title_en, record.unit, record.source))


def test_every_pillar_of_the_plan_has_an_indicator():
    assert list(PILLARS) == list(Score().pillars)
    assert tuple(i.record.name for i in INDICATORS.values()) == FIXED_INDICATORS


def test_vulnerability_is_one_indicator_per_attribute_and_the_worse_is_always_higher():
    frame = pd.DataFrame({"attribute_poverty": [0.1, math.nan, 0.3], "attribute_schooling": [9.0, 5.0, 7.0]})
    attributes = (
        Attribute("poverty", title="Hộ nghèo", unit="share"),
        Attribute("schooling", direction="lower_is_worse", unit="years"),
        Attribute("absent"),
    )
    settings = Settings(adoption="x", cutoff_minutes=120.0, attributes=attributes)
    poverty, schooling, absent = of_pillar("vulnerability", settings)
    assert poverty.function(frame, settings).fillna(-1).tolist() == [0.1, -1, 0.3]
    assert schooling.function(frame, settings).tolist() == [-9.0, -5.0, -7.0]
    assert absent.function(frame, settings).isna().all()
    assert (poverty.record.title_vi, schooling.record.title_en) == ("Hộ nghèo", "schooling")
    assert (poverty.record.sign, schooling.record.sign) == (1.0, -1.0)
    assert of_pillar("access", settings) == (INDICATORS["access"],)
