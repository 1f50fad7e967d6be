"""Voice: what citizens report of no or weak signal, for 1,000 of those who could report."""

from __future__ import annotations

import pandas as pd

from planner.indicators.base import Indicator, Record, Settings

RECORD = Record(
    name="negative_reports_per_1000",
    pillar="voice",
    title_vi="Phản ánh không có sóng, sóng yếu trên 1.000 người",
    title_en="Reports of no or weak signal per 1,000 people",
    unit="per 1,000",
    lowest=0.0,
    highest=1000.0,
    source="negative_reports_per_1000",
)


def negative_reports_per_1000(villages: pd.DataFrame, settings: Settings) -> pd.Series[float]:
    """Return the reports per 1,000 people, NaN where the plan has no reports or too few people could send any."""
    del settings  # every indicator has the same signature
    found = villages.get(RECORD.name, pd.Series(float("nan"), index=villages.index))
    return found.astype("float64").rename(RECORD.name)


INDICATOR = Indicator(RECORD, negative_reports_per_1000)
