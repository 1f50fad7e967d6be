"""Checked layers of one plan, and what was found wrong with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from layers import schema
from layers.catalog import Layer
from layers.errors import Issue
from layers.grids import Grid
from layers.matrix import Matrix
from layers.mercator import Placed
from layers.surfaces import Surface


@dataclass
class Inputs:
    """Checked layers of one plan. What failed or is not in the plan is None; `issues` says why."""

    communes: Layer | None = None
    villages: Layer | None = None
    population: Layer | None = None
    rasters: dict[str, Layer] = field(default_factory=dict)
    grid: Grid | None = None
    ages: Layer | None = None
    people: pd.DataFrame | None = None
    eligible: pd.Series[Any] | None = None
    coverage: list[Layer] = field(default_factory=list)
    pictures: dict[str, Placed] = field(default_factory=dict)
    adoption: list[Layer] = field(default_factory=list)
    attributes: dict[str, Layer] = field(default_factory=dict)
    teams: Layer | None = None
    sites: Layer | None = None
    roads: Layer | None = None
    barriers: Layer | None = None
    landcover: Surface | None = None
    dem: Surface | None = None
    friction: Surface | None = None
    minutes: Matrix | None = None
    outline: Layer | None = None
    places: Layer | None = None
    feedback: Layer | None = None
    today: dt.date | None = None
    crosswalk: pd.DataFrame | None = None
    divided: frozenset[str] = frozenset()
    layers: list[Layer] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    @property
    def faults(self) -> list[Issue]:
        """The issues that stop a run."""
        return [i for i in self.issues if i.severity == "error"]

    @property
    def stale(self) -> bool:
        """True when a layer is older than its `max_age_days`."""
        return any(i.code == "stale" for i in self.issues)

    def optional(self, name: str) -> pd.DataFrame | None:
        """Return the table of one layer, None where the plan has none."""
        layer: Layer | None = getattr(self, name)
        return None if layer is None else layer.frame

    def frame(self, name: str) -> gpd.GeoDataFrame:
        """Return the table of a layer that a checked plan always has."""
        found = self.optional(name)
        if found is None:
            message = f"layer '{name}' is not loaded"
            raise ValueError(message)
        return gpd.GeoDataFrame(found)

    def coverage_frame(self) -> gpd.GeoDataFrame:
        """Return all coverage layers as one table; empty where the plan has none."""
        frames = [layer.frame for layer in self.coverage]
        if not frames:
            columns = {name: pd.Series(dtype="object") for name in schema.COVERAGE if name != schema.GEOMETRY}
            return gpd.GeoDataFrame(columns, geometry=[], crs=self.frame("communes").crs)
        return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True))

    def adoption_frame(self) -> pd.DataFrame:
        """Return all adoption layers as one table; empty where the plan has none."""
        frames = [layer.frame for layer in self.adoption]
        if not frames:
            return pd.DataFrame({name: pd.Series(dtype="object") for name in schema.ADOPTION})
        return pd.concat(frames, ignore_index=True)

    def attribute_columns(self, rows: pd.DataFrame, levels: Mapping[str, str]) -> pd.DataFrame:
        """Return ``attribute_<name>`` per row; a commune's value is that of each of its villages.

        Parameters
        ----------
        rows : DataFrame
            ``unit_id`` and ``commune_id``.
        levels : mapping
            Attribute to ``village`` or ``commune``.
        """
        found = {
            f"attribute_{name}": rows["unit_id" if levels[name] == "village" else "commune_id"].map(
                layer.frame.set_index("unit_id")["value"]
            )
            for name, layer in sorted(self.attributes.items())
        }
        return pd.DataFrame(found, index=rows.index, dtype="float64")

    def people_frame(self) -> pd.DataFrame:
        """Return ``unit_id``, ``population_people``, ``eligible_people``, ``flags`` per village."""
        if self.people is None or self.eligible is None:
            message = "the people of the villages are not known"
            raise ValueError(message)
        people = self.people.rename(columns={"people": "population_people"})
        if self.divided:
            own = people["unit_id"].map(self.frame("villages").set_index("unit_id")["commune_id"]).isin(self.divided)
            flags = zip(people["flags"], own, strict=True)
            merged = [tuple(sorted({*some, "split_share"})) if part else some for some, part in flags]
            people = people.assign(flags=pd.Series(merged, index=people.index, dtype="object"))
        return people.assign(eligible_people=people["unit_id"].map(self.eligible))

    def disputes(self) -> list[str]:
        """Return the ids of the citizens' reports that are taken into account, in text order."""
        return [] if self.feedback is None else sorted(self.feedback.frame[schema.DISPUTE_ID])

    def oldest_date(self) -> str | None:
        """Return the oldest date of the layers that a village's row rests on, ISO text."""
        named = (self.communes, self.villages, self.population, self.teams, self.roads)
        several = (*self.coverage, *self.adoption, *self.attributes.values())
        layers = [layer for layer in (*named, *several) if layer is not None]
        dates = [layer.record.data_date for layer in layers if layer.record.data_date is not None]
        return min(dates).isoformat() if dates else None
