"""What an indicator is: a record that says what it means, and a pure function that computes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from planner.framework import Direction


@dataclass(frozen=True, slots=True)
class Attribute:
    """What a plan says of one ``[layers.attributes.<name>]``.

    Parameters
    ----------
    name : str
        Its values stand in the villages' column ``attribute_<name>``.
    direction : {"higher_is_worse", "lower_is_worse"}
    title : str
        What people call it; the name where it is empty.
    unit : str
        Of its values, for people; ``share`` is shown as per cent.
    """

    name: str
    direction: Direction = "higher_is_worse"
    title: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """The parts of a plan that an indicator may read.

    Parameters
    ----------
    adoption : str
        Name of the adoption indicator of ``[needs]``, whose column is ``<adoption>_rate``.
    cutoff_minutes : float
        Longest trip that is computed; whoever needs longer, or finds no way, counts as this far.
    attributes : tuple of Attribute
        Of the vulnerability pillar.
    """

    adoption: str
    cutoff_minutes: float
    attributes: tuple[Attribute, ...] = ()


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
    unit : str
        ``share`` lies between 0 and 1, ``minutes``, or what a plan calls it.
    lowest, highest : float or None
        Best and worst value that can occur; None: the plan's `cutoff_minutes` for minutes, else no end is known.
    source : str
        Column of `planner.products` it is derived from, and how.
    direction : {"higher_is_worse", "lower_is_worse"}
        Of the value as people know it; the function gives its negative where lower is worse.
    """

    name: str
    pillar: str
    title_vi: str
    title_en: str
    unit: str
    lowest: float | None
    highest: float | None
    source: str
    direction: Direction = "higher_is_worse"

    @property
    def sign(self) -> float:
        """1, or -1 where the function gives the negative of what people know."""
        return 1.0 if self.direction == "higher_is_worse" else -1.0


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
