"""What loading any layer needs: its record, its faults kept, its age and losses told."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pandas as pd

from layers import catalog, schema
from layers.catalog import Layer, Record
from layers.errors import Issue, LayerError
from layers.limits import Limits
from planner.config import Plan, PlanFile
from planner.errors import PlanError
from planner.intake.inputs import Inputs
from planner.sections import GeneratedSection, LayerSection


class Intake:
    """Loads one plan's layers in the order in which they need each other.

    Parameters
    ----------
    file : PlanFile
    seed : int
        Of the generator.
    now : datetime
        UTC; decides what is stale.
    """

    def __init__(self, file: PlanFile, *, seed: int, now: dt.datetime) -> None:
        self.file = file
        self.now = now
        self.plan: Plan = file.plan
        self.seed = seed
        self.limits = Limits(**file.plan.limits.model_dump())
        self.inputs = Inputs(today=now.date())

    def record(self, name: str, section: LayerSection) -> Record:
        """Return the record of a file layer, its bytes hashed."""
        path = self.file.resolve(section.path or "", key=f"layers.{name}.path")
        try:
            sha256 = catalog.sha256_of(path)
        except OSError as error:
            message = f"layers.{name}.path = '{section.path}': the file cannot be read ({error.strerror or error})"
            raise PlanError(message) from None
        return Record(
            layer=name,
            file=section.path or "",
            path=path,
            title=section.title,
            producer=section.producer,
            url=section.url,
            licence=section.licence,
            data_date=section.date,
            sha256=sha256,
            limits=self.limits,
        )

    def truth(self, section: GeneratedSection, name: str) -> dict[str, Any]:
        """Return the places in which the generator puts what a test wants to see."""
        if section.truth is None:
            return {}
        path = self.file.resolve(section.truth, key=f"layers.{name}.truth")
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            message = f"{section.truth}: not valid JSON ({error})"
            raise PlanError(message) from None
        if not isinstance(found, dict):
            message = f"{section.truth}: one JSON object of lists of unit ids is expected"
            raise PlanError(message)
        return found

    def take(self, name: str, load: Callable[[], Layer]) -> Layer | None:
        """Load one layer; a fault is kept and the next layer is still tried."""
        try:
            layer = load()
        except LayerError as error:
            self.inputs.issues += error.issues
            return None
        except PlanError as error:
            self.inputs.issues.append(self.at_fault(name, error))
            return None
        self.inputs.issues += layer.issues
        self.inputs.issues += self.share_set_aside(layer)
        self.inputs.issues += self.staleness(name, layer)
        self.inputs.layers.append(layer)
        return layer

    def at_fault(self, name: str, error: PlanError) -> Issue:
        """Return the issue of a layer whose keys in the plan are at fault."""
        rule = str(error).removeprefix(f"{self.file.path.name}, ")
        return Issue(layer=name, file=self.file.path.name, rule=rule, code="plan")

    def share_set_aside(self, layer: Layer) -> list[Issue]:
        """Return the fault of a layer that lost more rows than the plan allows."""
        lost = len(layer.set_aside) - layer.left_out
        share = lost / layer.rows_read if layer.rows_read else 0.0
        limit = self.plan.plan.max_set_aside_share
        if share <= limit or layer.record.layer == "feedback":  # strangers write reports; none of theirs stops a run
            return []
        rule = f"at most max_set_aside_share = {limit:g} of a layer's rows may be set aside"
        value = f"{lost} of {layer.rows_read} rows ({share:.1%})"
        done = "The rows and their reasons are in the quality report; mend them or raise the limit."
        return [
            Issue(layer=layer.record.layer, file=layer.record.file, rule=rule, value=value, done=done, code="set_aside")
        ]

    def staleness(self, name: str, layer: Layer) -> list[Issue]:
        """Return the remarks about a layer that is older than its `max_age_days`, or dated in the future.

        The plan's date of a layer counts, and where it has none the newest date of its rows; a row may not lie in the
        future either.
        """
        section, today = self.section(name), self.now.date()
        days = [day for day in layer.frame.get(schema.DATA_DATE, ()) if isinstance(day, dt.date) and not pd.isna(day)]
        ahead = [day for day in days if day > today]
        stated = layer.record.data_date
        found = []
        if stated is not None and stated > today:
            found.append(self.ahead(name, layer, stated.isoformat()))
        elif ahead:
            found.append(self.ahead(name, layer, f"{max(ahead).isoformat()} in {len(ahead):,} of {len(days):,} rows"))
        day = stated or max((day for day in days if day <= today), default=None)
        return found if day is None else [*found, *self.aged(name, section, layer, day)]

    def ahead(self, name: str, layer: Layer, found: str) -> Issue:
        """Return the remark about a date that is still to come."""
        rule = "data cannot be dated after the publication"
        value, done = f"{found}, published {self.now.date().isoformat()}", "Kept; check the date."
        return Issue(name, layer.record.file, rule, None, "date", value, "warning", done, "future_date")

    def aged(self, name: str, section: LayerSection, layer: Layer, day: dt.date) -> list[Issue]:
        """Return the remark about a layer whose data are older than the plan allows."""
        age_days = (self.now.date() - day).days
        if section.max_age_days is None or age_days <= section.max_age_days:
            return []
        rule = f"the layer is older than its max_age_days = {section.max_age_days}"
        done = "Kept, and flagged stale."
        return [
            Issue(
                name,
                layer.record.file,
                rule,
                column="date",
                value=f"{day.isoformat()} ({age_days} days)",
                severity="warning",
                done=done,
                code="stale",
            )
        ]

    def section(self, name: str) -> LayerSection:
        """Return the plan's section of a layer by its dotted name."""
        kind, _, rest = name.partition(".")
        found = getattr(self.plan.layers, kind)
        section: LayerSection = found[rest] if rest else found
        return section

    def common(self, section: LayerSection) -> dict[str, Any]:
        """Return the keyword arguments that every loader of a geographic layer takes."""
        return {
            "columns": section.columns,
            "source_crs": section.crs,
            "layer_name": section.layer,
            "crs": self.plan.plan.crs,
        }
