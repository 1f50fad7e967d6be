"""What an indicator is: a record that says what it means, and a pure function that computes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

Unit = Literal["share", "minutes"]


@dataclass(frozen=True, slots=True)
class Settings:
    """The parts of a plan that an indicator may read.

    Parameters
    ----------
    adoption : str
        Name of the adoption indicator of ``[needs]``, whose column is ``<adoption>_rate``.
    cutoff_minutes : float
        Longest trip that is computed; whoever needs longer, or finds no way, counts as this far.
    """

    adoption: str
    cutoff_minutes: float


@dataclass(frozen=True, slots=True)
class Record:
    """What people are told about an indicator. Higher is always worse.

    Parameters
    ----------
    name : str
        Name of the series that the function returns.
    pillar : str
        Pillar of ``[score]`` whose weight it carries.
    title_vi, title_en : str
        What a map or a report calls it.
    unit : {"share", "minutes"}
        ``share`` lies between 0 and 1.
    lowest, highest : float or None
        Best and worst value that can occur; None: the plan's `cutoff_minutes`.
    source : str
        Column of `planner.products` it is derived from, and how.
    """

    name: str
    pillar: str
    title_vi: str
    title_en: str
    unit: Unit
    lowest: float
    highest: float | None
    source: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator: its record and its function.

    Parameters
    ----------
    record : Record
    function : callable
        Takes the villages and the settings, returns one series named ``record.name`` with the villages' index,
        float64, NaN where the indicator is not defined. Changes nothing.
    """

    record: Record
    function: Callable[[pd.DataFrame, Settings], pd.Series[float]]
