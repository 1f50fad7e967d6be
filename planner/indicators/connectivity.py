"""Connectivity: the share of a village without usable signal."""

from __future__ import annotations

import pandas as pd

from planner.indicators.base import Indicator, Record, Settings

RECORD = Record(
    name="without_signal_share",
    pillar="connectivity",
    title_vi="Tỷ lệ không có sóng",
    title_en="Share without signal",
    unit="share",
    lowest=0.0,
    highest=1.0,
    source="1 - covered_share",
)


def without_signal_share(villages: pd.DataFrame, settings: Settings) -> pd.Series[float]:
    """Return 1 - covered share, NaN where coverage is unknown."""
    del settings  # every indicator has the same signature
    return (1.0 - villages["covered_share"].astype("float64")).rename(RECORD.name)


INDICATOR = Indicator(RECORD, without_signal_share)
