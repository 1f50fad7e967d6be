"""What a publication says of itself: inputs, versions, counts, warnings, certificate."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from layers.catalog import Layer
from planner import information, products, publish
from planner.config import Plan
from planner.notices import NO_ROUNDS, NOT_COMPUTED
from planner.siting.base import SitingPlan
from planner.village_model import Verdict


def input_entry(layer: Layer) -> products.InputEntry:
    """Return the manifest's line of one input."""
    record = layer.record
    return products.InputEntry(
        layer=record.layer,
        file=record.file,
        sha256=record.sha256,
        title=record.title,
        producer=record.producer,
        url=record.url,
        licence=record.licence,
        data_date=None if record.data_date is None else record.data_date.isoformat(),
        crs=record.crs,
        rows_read=layer.rows_read,
        rows_kept=len(layer.frame),
        rows_set_aside=len(layer.set_aside),
        synthetic=record.synthetic,
    )


def solver(plan: SitingPlan, *, new_teams: int, reach_minutes: float) -> products.Solver:
    """Return the certificate of a deployment."""
    return products.Solver(
        model=plan.model,
        status=plan.status,
        solver=plan.solver,
        objective_people=plan.objective_people,
        bound_people=plan.bound_people,
        gap=plan.gap,
        greedy_people=plan.greedy_people,
        today_people=plan.today_people,
        unserved_people=plan.unserved_people,
        new_teams=new_teams,
        reach_minutes=reach_minutes,
        objective=_known(plan.objective),
        bound_objective=_known(plan.bound),
        greedy_objective=_known(plan.greedy),
        unit=plan.unit,
    )


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def counts(villages: pd.DataFrame, communes: pd.DataFrame, sites: pd.DataFrame) -> dict[str, float]:
    """Return the key figures of a publication: units, people, sites, villages by class of need."""
    found: dict[str, float] = {
        "communes": len(communes),
        "villages": len(villages),
        "sites_existing": int((sites["status"] == "existing").sum()),
        "sites_new": int((sites["status"] == "new").sum()),
    }
    found |= {c: int(villages[c].sum()) for c in ("population_people", "eligible_people", *products.FOUR)}
    found |= {c: int(villages[c].sum()) for c in ("without_signal_people", "need_people")}
    classes = villages["need_class"].value_counts().sort_index()
    found |= {f"villages_{name}": int(count) for name, count in classes.items()}
    if "worst_tenth_probability" in villages:
        chance = villages["worst_tenth_probability"]
        found["worst_tenth_villages"] = round(float(chance.sum()))
        found["worst_tenth_people"] = round(float((chance * villages["population_people"].astype("float64")).sum()))
    return found


def absent(tables: dict[str, pd.DataFrame], *, indicators: Sequence[str], pillars: Sequence[str]) -> list[str]:
    """Return the optional columns that a run did not compute, as ``table.column``."""
    return [
        f"{name}.{column.name}"
        for name, columns in products.TABLES.items()
        if name in tables
        for column in products.expand(columns, indicators=list(indicators), pillars=list(pillars))
        if column.name not in tables[name].columns
    ]


def rate_models(verdicts: Mapping[str, Verdict]) -> dict[str, products.RateModel]:
    """Return what is told of the estimates of each indicator with villages without a figure."""
    return {
        name: products.RateModel(
            model=verdict.name,
            villages=verdict.villages,
            communes=verdict.communes,
            within_error=_known(verdict.within.model_error),
            within_mean_error=_known(verdict.within.mean_error),
            within_used=verdict.within.used,
            beyond_error=_known(verdict.beyond.model_error),
            beyond_mean_error=_known(verdict.beyond.mean_error),
            beyond_used=verdict.beyond.used,
            estimated_villages=verdict.estimated,
            by_model_villages=verdict.by_model,
            unknown_villages=verdict.unknown,
        )
        for name, verdict in sorted(verdicts.items())
    }


def build(
    plan: Plan,
    layers: Sequence[Layer],
    *,
    now: dt.datetime,
    seed: int,
    tables: dict[str, pd.DataFrame],
    deployed: SitingPlan,
    indicators: Sequence[str],
    pillars: dict[str, float],
    warnings: Sequence[str],
) -> products.Manifest:
    """Return the manifest of a publication, without its list of files.

    Parameters
    ----------
    plan : Plan
    layers : sequence of Layer
        Every input that was used.
    now : datetime
        UTC.
    seed : int
    tables : dict of str to DataFrame
        Published tables.
    deployed : SitingPlan
    indicators : sequence of str
        Adoption indicators.
    pillars : dict of str to float
        Weights used, 0 for a pillar that ranks nobody.
    warnings : sequence of str
        Sentences in the plan's language.
    """
    inputs = [input_entry(layer) for layer in layers]
    as_json: dict[str, Any] = plan.model_dump(mode="json")
    dates = [i.data_date for i in inputs if i.data_date is not None]
    flags = sorted({f for name in ("villages", "communes") for row in tables[name]["flags"] for f in row})
    return products.Manifest(
        id=publish.publication_id(
            now=now, inputs=inputs, plan=as_json, seed=seed, code_version=information.code_version()
        ),
        title=plan.plan.title,
        language=plan.plan.language,
        now=publish.utc_text(now),
        data_date=min(dates) if dates else None,
        seed=seed,
        plan=as_json,
        versions=information.versions(),
        indicators=list(indicators),
        pillars=dict(pillars),
        inputs=inputs,
        counts=counts(tables["villages"], tables["communes"], tables["sites"]),
        flags=flags,
        warnings=list(warnings),
        not_computed=[
            *absent(tables, indicators=indicators, pillars=list(pillars)),
            *NOT_COMPUTED,
            *([] if "rounds" in tables else [NO_ROUNDS]),
        ],
        solver=solver(deployed, new_teams=int(deployed.placed.sum()), reach_minutes=plan.deploy.reach_minutes),
    )
