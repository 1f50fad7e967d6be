"""Minutes between villages and sites that the user brings."""

from __future__ import annotations

import pandas as pd

from layers import checks, matrix
from layers.catalog import Layer, Record
from layers.errors import Issue
from planner.intake.base import Intake


def load(intake: Intake, villages: pd.DataFrame) -> None:
    """Load the matrix of the plan; its villages are those of the plan."""
    section = intake.plan.layers.minutes
    if section is None:
        return
    found: list[matrix.Matrix] = []

    def layer() -> Layer:
        record = intake.record("minutes", section)
        assert record.path is not None  # noqa: S101 - a file layer has one
        read = matrix.load_minutes(record.path)
        issues = _issues(intake, read, set(villages["unit_id"]), record)
        found.append(read)
        return Layer(record, pd.DataFrame(), rows_read=len(read.unit_ids), issues=issues)

    if intake.take("minutes", layer) is not None:
        intake.inputs.minutes = found[0]


def _issues(intake: Intake, read: matrix.Matrix, known: set[str], record: Record) -> list[Issue]:
    """Tell villages that are none of the plan, villages without a row and teams without a column."""
    given = set(read.unit_ids.tolist())
    strangers = [
        checks.fault(record, "a row is a village of the plan", column="unit_id", value=unit, code="unknown_id")
        for unit in sorted(given - known)
    ]
    checks.stop_on_errors(checks.capped(strangers))
    issues = []
    if absent := len(known - given):
        done = "Nothing is known of their minutes: support_status is unknown, and no site serves them."
        value = f"{absent} villages without a row"
        rule = "every village has a row"
        issues.append(checks.fault(record, rule, value=value, severity="warning", done=done, code="no_row"))
    teams = intake.inputs.optional("teams")
    fixed = set() if teams is None else set(teams.loc[teams["team_type"] == "community", "site_id"])
    if lost := sorted(fixed - set(read.site_ids.tolist())):
        done = "Nothing is known of the minutes to them; they are counted as far away as no other team is nearer."
        rule = "every team that stands has a column"
        value = f"{len(lost)} teams without one, the first is {lost[0]}"
        issues.append(checks.fault(record, rule, value=value, severity="warning", done=done, code="no_column"))
    return issues
