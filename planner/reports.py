"""Citizens' reports counted once per place, week and kind, and less the older they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers import schema

Float = npt.NDArray[np.float64]

PLACE_M: Final = 500.0
"""Side of the squares of the plan's grid: reports of one square are of one place. A square and not a distance, since
with distances one report more can tie two places together and so make two reports one."""
KIND: Final = "kind"
WEIGHT: Final = "weight"
NEGATIVE: Final = ("no_signal", "weak_signal")


def ageing(days: npt.ArrayLike, half_life_days: float | None) -> Float:
    """Return what is left of evidence after so many days: half after each half-life; 1 where it does not age."""
    age = np.maximum(np.asarray(days, dtype=np.float64), 0.0)
    return np.ones_like(age) if half_life_days is None else np.asarray(0.5 ** (age / half_life_days))


def kinds(reports: pd.DataFrame, *, threshold_dbm: float) -> pd.Series[str]:
    """Return what each report says: ``no_signal``, ``weak_signal`` or ``signal``.

    A measurement decides: from `threshold_dbm` on there is signal, below it there is none where the citizen says so,
    else it is weak.
    """
    power = reports[schema.RSRP_DBM].astype("float64")
    seen = reports[schema.SEEN].astype("str")
    below = seen.where(seen == "no_signal", "weak_signal")
    return seen.mask(power >= threshold_dbm, "signal").mask(power < threshold_dbm, below).astype("str")


def distinct(
    reports: pd.DataFrame,
    *,
    today: dt.date,
    threshold_dbm: float,
    half_life_days: float | None,
    apart: Sequence[str] = (),
) -> pd.DataFrame:
    """Return one row per village, place, week and kind, with the weight of the newest report among them.

    A report more adds a row, or makes a weight larger, or changes nothing: it never takes anything away.

    Parameters
    ----------
    reports : DataFrame
        `layers.schema.FEEDBACK` with ``x_m``, ``y_m`` (NaN = nobody knows where in the village; all such are one place).
    today : date
    threshold_dbm : float
        See `kinds`.
    half_life_days : float or None
        None = reports do not age.
    apart : sequence of str
        Further columns whose values keep reports apart, for example ``operator``.

    Returns
    -------
    DataFrame
        ``unit_id``, `apart`, ``kind``, ``weight`` (above 0, 1 = seen today), ordered by them.
    """
    seen = [day.isocalendar() for day in reports[schema.SEEN_DATE]]
    place = [
        (-1.0, -1.0, False) if np.isnan(x) else (x // PLACE_M, y // PLACE_M, True)
        for x, y in zip(reports[schema.X_M], reports[schema.Y_M], strict=True)
    ]
    age = [(today - day).days for day in reports[schema.SEEN_DATE]]
    keys = [schema.UNIT_ID, *apart, KIND]
    rows = reports[[schema.UNIT_ID, *apart]].copy()
    rows[KIND] = kinds(reports, threshold_dbm=threshold_dbm)
    rows[WEIGHT] = ageing(age, half_life_days)
    rows["week"] = pd.Series([(day.year, day.week) for day in seen], index=rows.index, dtype="object")
    rows["place"] = pd.Series(place, index=rows.index, dtype="object")
    once = rows.groupby([*keys, "week", "place"], sort=True)[WEIGHT].max().reset_index()
    return once[[*keys, WEIGHT]]
