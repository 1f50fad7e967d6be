"""The tables of [analyses]: only what is asked for, each with its columns."""

from __future__ import annotations

import pandas as pd
import pytest
from pydantic import ValidationError

from planner import further, products
from planner.sections import Analyses, Uncertainty
from tests.planner.test_composite import scored, villages

PLAIN = ("min_max", "arithmetic", 0.0, 0.0)


def made(**asked) -> dict[str, pd.DataFrame]:
    frame = villages(3)
    scores = scored(frame, PLAIN)
    rows = pd.DataFrame(
        {
            "unit_id": [f"v{i:02d}" for i in frame.index],
            "x_m": frame.index % 8 * 1000.0,
            "y_m": frame.index // 8 * 1000.0,
        }
    )
    return further.tables(rows, scores, plan=Analyses(**asked), uncertainty=Uncertainty(), language="en", seed=1)


def test_nothing_is_made_that_nobody_asked_for():
    assert made() == {}
    assert list(made(sensitivity_samples=8)) == ["sensitivity"]


def test_every_table_has_the_contract_s_columns():
    found = made(sensitivity_samples=8, village_types=True, hot_spots=True)
    assert list(found) == ["sensitivity", "village_types", "hot_spots"]
    for name, table in found.items():
        assert list(table.columns) == [c.name for c in products.OPTIONAL_TABLES[name]]
    assert len(found["hot_spots"]) == scored(villages(3), PLAIN).rank.notna().sum()


def test_where_nobody_is_ranked_there_are_no_tables():
    frame = villages(3).assign(covered_share=1.0, x_rate=0.5, support_minutes=5.0, support_status="reached")
    scores = scored(frame, PLAIN, {"connectivity": 1})
    asked = Analyses(sensitivity_samples=8, village_types=True, hot_spots=True)
    assert further.tables(frame, scores, plan=asked, uncertainty=Uncertainty(), language="vi", seed=1) == {}


def test_samples_are_a_power_of_two():
    with pytest.raises(ValidationError, match="a power of two"):
        Analyses(sensitivity_samples=100)
