"""Layers whose units could not be read: looked at by themselves, so that one fault does not hide the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandera.pandas as pa

from layers import alone
from layers.catalog import Record
from layers.errors import Issue, LayerError
from layers.schema import (
    ADOPTION_RULES,
    ATTRIBUTE_RULES,
    NAMED_RULES,
    POPULATION_RULES,
    PROVINCE_ADOPTION_RULES,
    SITE_RULES,
    TEAM_RULES,
    VALUE,
    VILLAGE_RULES,
)
from layers.shapes import Kind
from planner.errors import PlanError
from planner.intake.base import Intake
from planner.sections import AdoptionSection, LayerSection


def look(intake: Intake, *, without: Sequence[str]) -> None:
    """Look at every layer that needs units which are not there; its faults join the others.

    Parameters
    ----------
    intake : Intake
    without : sequence of str
        Which layers could not be read: communes, villages, or both.
    """
    layers, named = intake.plan.layers, {issue.layer for issue in intake.inputs.issues}
    done = {layer.record.layer for layer in intake.inputs.layers} | named
    if layers.villages.path is not None and "villages" not in done:
        _look(intake, "villages", layers.villages, without, _villages(intake))
    if "population" not in done:
        _look(intake, "population", layers.population, without, _people(intake))
    for name, one in sorted(layers.adoption.items()):
        if one.path is not None and f"adoption.{name}" not in done:
            _look(intake, f"adoption.{name}", one, without, _adoption(one))
    for name, two in sorted(layers.attributes.items()):
        if f"attributes.{name}" not in done:
            _look(intake, f"attributes.{name}", two, without, _attribute(two.value, two))
    for name, three, rules in (("teams", layers.teams, TEAM_RULES), ("sites", layers.sites, SITE_RULES)):
        if three is not None and three.path is not None and name not in done:
            _look(intake, name, three, without, _points(intake, three, rules))


_Look = Callable[[Record], list[Issue]]


def _look(intake: Intake, name: str, section: LayerSection, without: Sequence[str], look: _Look) -> None:
    """Add what is told of one layer, and that it was not compared."""
    try:
        record = intake.record(name, section)
        found = look(record)
    except LayerError as error:
        intake.inputs.issues += error.issues
        return
    except PlanError as error:
        intake.inputs.issues.append(intake.at_fault(name, error))
        return
    intake.inputs.issues += [*found, alone.not_compared(record, without)]


def _villages(intake: Intake) -> _Look:
    section = intake.plan.layers.villages
    kind: Kind = "point" if section.kind == "points" else "polygon"
    common = intake.common(section)
    return lambda record: alone.places(record, rules=VILLAGE_RULES, kind=kind, **common)


def _points(intake: Intake, section: LayerSection, rules: pa.DataFrameSchema) -> _Look:
    common = intake.common(section)
    return lambda record: alone.places(record, rules=rules, kind="point", **common)


def _people(intake: Intake) -> _Look:
    section = intake.plan.layers.population
    rules = POPULATION_RULES if section.match == "code" else POPULATION_RULES.add_columns(NAMED_RULES)
    return lambda record: alone.table(record, columns=section.columns, rules=rules)


def _adoption(section: AdoptionSection) -> _Look:
    rules = PROVINCE_ADOPTION_RULES if section.level == "province" else ADOPTION_RULES
    if section.match == "name" and section.level != "province":
        rules = rules.add_columns(NAMED_RULES)
    return lambda record: alone.table(record, columns=section.columns, rules=rules)


def _attribute(value: str, section: LayerSection) -> _Look:
    columns = {**section.columns, VALUE: value}
    return lambda record: alone.table(record, columns=columns, rules=ATTRIBUTE_RULES)
