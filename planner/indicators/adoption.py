"""Adoption: the share of the eligible people who have not adopted the indicator named in ``[needs]``."""

from __future__ import annotations

import pandas as pd

from planner.indicators.base import Indicator, Record, Settings

RECORD = Record(
    name="not_adopted_share",
    pillar="adoption",
    title_vi="Tỷ lệ chưa dùng dịch vụ số",
    title_en="Share that has not adopted",
    unit="share",
    lowest=0.0,
    highest=1.0,
    source="1 - rate of needs.adoption",
)


def not_adopted_share(villages: pd.DataFrame, settings: Settings) -> pd.Series[float]:
    """Return 1 - adoption rate, NaN where it is unknown or the plan has no such layer."""
    column = f"{settings.adoption}_rate"
    rate = villages[column] if column in villages else pd.Series(float("nan"), index=villages.index)
    return (1.0 - rate.astype("float64")).rename(RECORD.name)


INDICATOR = Indicator(RECORD, not_adopted_share)
