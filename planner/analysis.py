"""The order of a run and what it concludes: load, overlay, estimate, needs, score, draw, site. Publishes nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from planner import (
    actions,
    assembly,
    information,
    manifest,
    notices,
    operator_requests,
    scoring,
    sources,
    steps,
    usability,
)
from planner.config import Plan, PlanFile
from planner.digest import digest
from planner.intake import Inputs
from planner.pictured import Pictured
from planner.products import RateModel
from planner.progress import Progress
from planner.rounds import Rounds
from planner.sampled import Sampled
from planner.scoring import Scores
from planner.siting.base import SitingPlan
from planner.stages import Stage, Stages
from planner.store import Store
from planner.tasks import Serial, Tasks
from planner.usability import Usability

_SECTIONS: Final = (
    "travel",
    "needs",
    "estimate",
    "evidence",
    "score",
    "uncertainty",
    "analyses",
    "privacy",
    "deploy",
    "rounds",
)
"""Sections that steps take, as ``plan_<section>``."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the stages concluded, ready to be published.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Published tables by name.
    plan : SitingPlan
    indicators : tuple of str
        Adoption indicators.
    pillars : dict of str to float
        Weights used.
    warnings : tuple of str
        Sentences in the plan's language.
    effective_weights : dict of str to float
        Share of the differences between villages that each pillar makes.
    label : tuple of str
        The warning label: what the ranks can and cannot be used for.
    rate_models : dict of str to RateModel
        How villages without a figure got their rate.
    pictures : tuple of Pictured
        What varies inside the villages.
    """

    tables: dict[str, pd.DataFrame]
    plan: SitingPlan
    indicators: tuple[str, ...]
    pillars: dict[str, float]
    warnings: tuple[str, ...]
    effective_weights: dict[str, float]
    label: tuple[str, ...]
    rate_models: dict[str, RateModel]
    pictures: tuple[Pictured, ...] = ()


def _size(picture: Pictured | None) -> str:
    return "no surface" if picture is None else " x ".join(map(str, picture.placed.codes.shape))


def _draws(sampled: Sampled | None) -> str:
    return "no draws asked for" if sampled is None else "{} draws of {} villages".format(*sampled.world.covered.shape)


STAGES: Final[tuple[Stage, ...]] = (
    Stage("inputs", steps.inputs, "reading and checking inputs", lambda i: f"{len(i.layers)} layers", kept=True),
    Stage("villages", steps.villages, by_content=True),
    Stage("communes", steps.communes, by_content=True),
    Stage("coverage", steps.coverage, by_content=True),
    Stage("grid", steps.grid, by_content=True),
    Stage("adoption", steps.adoption, by_content=True),
    Stage("people", steps.people, by_content=True),
    Stage("teams", steps.teams, by_content=True),
    Stage("given_sites", steps.given_sites, by_content=True),
    Stage("roads", steps.roads, by_content=True),
    Stage("barriers", steps.barriers, by_content=True),
    Stage("terrain", steps.terrain, by_content=True),
    Stage("given_minutes", steps.given_minutes, by_content=True),
    Stage("attributes", steps.attributes, by_content=True),
    Stage("marks", steps.marks, by_content=True),
    Stage("land", steps.land),
    Stage("shares", steps.shares, "overlaying coverage", lambda t: f"{len(t)} shares", kept=True),
    Stage("covered", steps.covered),
    Stage("rates", steps.rates, "estimating adoption", lambda t: f"{len(t)} villages", kept=True),
    Stage("support", steps.support, "measuring the way to support", lambda t: f"{len(t)} villages", kept=True),
    Stage("support_picture", steps.support_picture, "drawing the way to support", _size, kept=True),
    Stage("signal_pictures", steps.signal_pictures),
    Stage("joined", steps.joined, by_content=True),
    Stage(
        "filled",
        steps.filled,
        "estimating missing figures",
        lambda f: f"{sum(v.estimated for v in f.verdicts.values())} figures",
        kept=True,
    ),
    Stage("feedback", steps.feedback, by_content=True),
    Stage("trusted", steps.trusted, by_content=True),
    Stage("signal", steps.signal, "weighing the evidence on signal", lambda s: f"{len(s.votes)} votes", kept=True),
    Stage("rows", steps.rows, by_content=True),
    Stage("sampled", steps.sampled, "drawing what is not known", _draws, kept=True),
    Stage("scores", steps.scores, "scoring", lambda s: ", ".join(_ranking(s)) or "nothing tells villages apart"),
    Stage("why", steps.why),
    Stage("drawn", steps.drawn, "ranking the draws", lambda t: f"{len(t)} villages", kept=True),
    Stage("audited", steps.audited),
    Stage("further", steps.further, "further analyses", lambda t: ", ".join(t) or "none asked for", kept=True),
    Stage(
        "deployed",
        steps.deployed,
        "choosing team sites",
        lambda d: f"{d.plan.objective_people:,.0f} people, gap {d.plan.gap:.2%} ({d.plan.status})",
        kept=True,
    ),
    Stage("planned_picture", steps.planned_picture, "drawing the way to planned teams", _size, kept=True),
    Stage(
        "rounds",
        steps.rounds,
        "planning rounds",
        lambda r: "no rapid-response team" if r is None else f"{len(r.stops)} visits",
        kept=True,
    ),
)
"""Every step between a plan and what is published, each after those that it takes."""

TITLES: Final = {stage.name: stage.title for stage in STAGES}
"""What people see of each stage while it works; empty for what takes no time."""

_AFTER_READING: Final = ("evidence", "score", "uncertainty", "analyses", "deploy", "rounds", "publish", "scenario")
"""Sections that no input depends on."""


def _ranking(scores: Scores) -> list[str]:
    return [name for name, weight in scores.weights.items() if weight > 0]


def _without(plan: Plan, *sections: str, title: str = "") -> Plan:
    """Return a plan as if it said nothing in some sections, and with another title: what it says there cannot matter."""
    defaults = {name: Plan.model_fields[name].get_default(call_default_factory=True) for name in sections}
    return plan.model_copy(update=defaults | {"plan": plan.plan.model_copy(update={"title": title})})


def stages(
    file: PlanFile, *, seed: int, now: dt.datetime, progress: Progress, store: Store | None, place: Tasks | None = None
) -> Stages:
    """Return the stages of a plan, of which none is computed yet.

    Parameters
    ----------
    file : PlanFile
    seed : int
    now : datetime
        UTC; its day decides what is stale.
    progress : Progress
    store : Store, optional
        Where finished stages are kept between runs.
    place : Tasks, optional
        Where provinces are worked on; here, one after the other, when None.
    """
    plan = file.plan
    given: dict[str, Any] = {f"plan_{name}": getattr(plan, name) for name in _SECTIONS}
    given |= {
        "plan_reading": _without(plan, *_AFTER_READING),
        "sources": sources.sources(file),
        "day": now.date(),
        "plan_adoption": dict(plan.layers.adoption),
        "plan_attributes": dict(plan.layers.attributes),
        "plan_coverage": dict(plan.layers.coverage),
        "plan_feedback": plan.layers.feedback,
        "plan_minutes": plan.layers.minutes,
        "indicators": sorted(plan.layers.adoption),
        "reach_minutes": plan.deploy.reach_minutes,
        "language": plan.plan.language,
        "seed": seed,
    }
    versions = {name: value for name, value in information.versions().items() if name != "fastapi"}
    return Stages(
        STAGES,
        given,
        code=digest(versions),
        store=store,
        progress=progress,
        tools={"file": file, "tasks": place or Serial()},
    )


def of(
    file: PlanFile, *, seed: int, now: dt.datetime, progress: Progress, store: Store | None, place: Tasks | None = None
) -> Analysis:
    """Return what a plan comes to; the arguments are those of `stages`."""
    return analyse(stages(file, seed=seed, now=now, progress=progress, store=store, place=place), plan=file.plan)


def analyse(known: Stages, *, plan: Plan) -> Analysis:
    """Draw every conclusion of a plan; writes no file but the stages that are kept.

    Parameters
    ----------
    known : Stages
        Of the plan.
    plan : Plan

    Raises
    ------
    LayerError
        With every fault of every input.
    """
    inputs: Inputs = known.value("inputs")
    scores: Scores = known.value("scores")
    rows, deployed, communes = known.value("drawn"), known.value("deployed"), known.value("communes")
    audited, said, filled = known.value("audited"), known.value("signal"), known.value("filled")
    crs, language = plan.plan.crs, plan.plan.language
    rows = assembly.with_assignments(rows, deployed.tables["assignments"], flags=deployed.flags)
    indicators = tuple(sorted(plan.layers.adoption))
    villages = assembly.village_table(rows, known.value("villages"), crs=crs)
    of_communes = scoring.commune_scores(known.value("rows"), scores)
    tables: dict[str, pd.DataFrame] = {
        "villages": villages,
        "communes": assembly.commune_table(communes, villages, scores=of_communes, indicators=indicators),
        "sites": assembly.site_table(deployed.sites, crs=crs, flags=deployed.flags),
        "coverage": said.coverage,
        "explanations": known.value("why"),
    }
    tables |= signal_tables(said, rows, known.value("shares"), technology=plan.evidence.technology)
    tables |= deployed.tables
    tables |= known.value("further")
    tables["assignments"] = assembly.assignment_table(deployed.tables["assignments"], villages, tables["sites"])
    rounds: Rounds | None = known.value("rounds")
    if rounds is not None:
        tables |= {"rounds": rounds.stops, "unvisited": rounds.unvisited}
    tables["actions"] = actions.actions(
        deployed.sites,
        deployed.tables["assignments"],
        villages,
        locked_in=plan.deploy.locked_in,
        reach_minutes=plan.deploy.reach_minutes,
        language=language,
        waves=tables.get("waves"),
    )
    if inputs.crosswalk is not None:
        tables["crosswalk"] = assembly.crosswalk_table(inputs.crosswalk)
    flags = sorted({f for row in villages["flags"] for f in row} | {f for row in communes["flags"] for f in row})
    models = manifest.rate_models(filled.verdicts)
    trust = usability.trust(known.value("trusted"), plan.layers.feedback)
    warnings = (
        *notices.of_layers(inputs.layers, language),
        *notices.of_issues(inputs.issues, language),
        *notices.of_flags(flags, language, travel=plan.travel),
        *(s.vi if language == "vi" else s.en for s in (*scores.sentences, *audited.findings)),
        *notices.of_villages(villages, language),
        *notices.of_rate_models(models, language),
        *notices.of_totals(villages, _totals(plan), language),
        *notices.of_signal(tables["doubtful"], language, trust=trust, evidence=plan.evidence, unmatched=said.unmatched),
        *notices.of_draws(villages, language, worst_share=plan.uncertainty.worst_share),
        *notices.of_plan(deployed.plan, language, capacity=plan.deploy.people_per_team),
        *notices.of_losses(tables["sites"], language),
        *([] if rounds is None else notices.of_rounds(rounds.stops, rounds.unvisited, language, rounds=plan.rounds)),
        notices.say("campaigns", language),
    )
    label = tuple(s.vi if language == "vi" else s.en for s in audited.label)
    ways: list[Pictured | None] = [known.value("support_picture"), known.value("planned_picture")]
    return Analysis(
        tables,
        deployed.plan,
        indicators,
        dict(scores.weights),
        warnings,
        audited.effective_weights,
        label,
        models,
        (*(way for way in ways if way is not None), *known.value("signal_pictures")),
    )


def _totals(plan: Plan) -> dict[str, int]:
    given = plan.layers.adoption.items()
    return {name: a.total for name, a in given if a.total is not None and a.level == "village"}


def signal_tables(
    said: Usability, rows: pd.DataFrame, shares: pd.DataFrame, *, technology: str
) -> dict[str, pd.DataFrame]:
    """Return the tables of evidence, of doubtful claims and of requests to operators."""
    asked = operator_requests.requests(rows, shares, technology=technology)
    return {
        "evidence": said.votes,
        "doubtful": assembly.with_names(said.doubtful, rows),
        "operator_requests": assembly.with_names(asked, rows).drop(columns="eligible_people"),
    }
