"""Access: minutes to the nearest fixed team."""

from __future__ import annotations

import pandas as pd

from planner.indicators.base import Indicator, Record, Settings

RECORD = Record(
    name="support_minutes",
    pillar="access",
    title_vi="Thời gian tới tổ công nghệ số gần nhất",
    title_en="Minutes to the nearest community team",
    unit="minutes",
    lowest=0.0,
    highest=None,
    source="support_minutes; unreachable and beyond_cutoff count as travel.cutoff_minutes",
)


def support_minutes(villages: pd.DataFrame, settings: Settings) -> pd.Series[float]:
    """Return the minutes, the cutoff where no team is reached within it, NaN where access is unknown."""
    status = villages["support_status"]
    reached = villages["support_minutes"].astype("float64").clip(upper=settings.cutoff_minutes)
    minutes = reached.where(status == "reached")
    return minutes.mask(status.isin(["unreachable", "beyond_cutoff"]), settings.cutoff_minutes).rename(RECORD.name)


INDICATOR = Indicator(RECORD, support_minutes)
