"""The only file that states the order: load, overlay, estimate, needs, score, site, publish, draw."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from layers.errors import Issue, LayerError
from planner import (
    access,
    archive,
    assembly,
    audit,
    contrast,
    deployment,
    estimate,
    intake,
    intervals,
    manifest,
    maps,
    needs,
    notices,
    overlay,
    publish,
    quality,
    scoring,
)
from planner.config import Plan, PlanFile
from planner.framework import Framework
from planner.indicators.base import Attribute
from planner.intake import Inputs
from planner.lock import FolderLock
from planner.progress import Progress
from planner.siting import MODELS
from planner.siting.base import SitingPlan

LOG = logging.getLogger("planner")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What `planner check` found: every issue, and where the report stands."""

    issues: tuple[Issue, ...]
    report: Path

    @property
    def errors(self) -> int:
        """How many issues stop a run."""
        return sum(1 for i in self.issues if i.severity == "error")

    def as_dict(self) -> dict[str, Any]:
        """Return the object that ``--json`` prints."""
        return {"report": str(self.report), "errors": self.errors, "issues": [i.as_dict() for i in self.issues]}


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
    """

    tables: dict[str, pd.DataFrame]
    plan: SitingPlan
    indicators: tuple[str, ...]
    pillars: dict[str, float]
    warnings: tuple[str, ...]
    effective_weights: dict[str, float]
    label: tuple[str, ...]


def check(plan: Path, *, out: Path | None, now: dt.datetime, progress: Progress) -> CheckResult:
    """Validate every input of a plan and write the quality report.

    Parameters
    ----------
    plan : Path
    out : Path, optional
        Folder of the report; ``quality/`` beside the plan when None.
    now : datetime
        UTC; decides what is stale and is shown in the report.
    progress : Progress

    Raises
    ------
    PlanError
        When the plan itself cannot be read.
    """
    file = PlanFile(plan)
    progress.start("checking inputs")
    inputs = intake.gather(file, seed=file.plan.plan.seed, now=now)
    folder = out or file.folder / "quality"
    report = quality.write_report(inputs.issues, inputs.layers, folder=folder, now=now)
    progress.done("checking inputs", f"{len(inputs.layers)} layers, {len(inputs.issues)} remarks")
    return CheckResult(tuple(inputs.issues), report)


def village_rows(inputs: Inputs, plan: Plan, ways: access.Ways) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Overlay and estimate: one row per village with people, coverage, adoption, travel and needs; and the shares.

    Returns
    -------
    DataFrame
        ``unit_id`` and the columns of `products.VILLAGES` that stand before scoring, ``x_m``, ``y_m``.
    DataFrame
        `products.COVERAGE`.
    """
    villages = inputs.frame("villages")
    coverage = inputs.coverage_frame()
    shares = overlay.coverage_shares(villages, coverage)
    covered = overlay.covered(
        shares,
        villages,
        coverage,
        covered_at=plan.needs.covered_at,
        not_covered_at=plan.needs.not_covered_at,
        contradiction_share=plan.needs.contradiction_share,
    )
    rates = estimate.by_village(
        estimate.rates(
            inputs.adoption_frame(),
            villages,
            min_people=plan.privacy.min_people,
            shrink=plan.estimate.shrinkage,
        ),
        villages,
        indicators=sorted(plan.layers.adoption),
    )
    support = ways.support(villages, inputs.optional("teams"))
    rows = assembly.join_villages(villages, inputs.people_frame(), covered, rates, support)
    rows["commune_name"] = rows["commune_id"].map(inputs.frame("communes").set_index("unit_id")["name"])
    rows["data_date"] = inputs.oldest_date()
    if any(a.level == "commune" for a in plan.layers.attributes.values()):
        rows["flags"] = pd.Series(assembly.merge_flags(rows["flags"], [("commune_value",)] * len(rows)), dtype="object")
    if inputs.stale:
        rows["flags"] = pd.Series(assembly.merge_flags(rows["flags"], [("stale",)] * len(rows)), dtype="object")
    split = needs.split(
        rows, adoption=plan.needs.adoption, ratio=plan.needs.adoption_without_signal_ratio, need=plan.needs.need
    )
    rows = rows.join(split)
    rows = rows.join(needs.whole_bounds(rows, adoption=plan.needs.adoption))
    classes = needs.classify(rows, skills_gap_at=plan.needs.skills_gap_at, reach_minutes=plan.deploy.reach_minutes)
    return rows.join(classes), shares


def deploy(
    inputs: Inputs, plan: Plan, ways: access.Ways, rows: pd.DataFrame
) -> tuple[SitingPlan, pd.DataFrame, dict[str, pd.DataFrame]]:
    """Choose sites; return the plan, the open sites, and tables: assignments, nearest sites, curve."""
    sites = inputs.optional("sites")
    if sites is None:
        sites = deployment.candidates(rows, min_people=plan.deploy.candidate_min_people)
    where = deployment.places(inputs.optional("teams"), sites)
    minutes = ways.matrix(rows, where.frame, cutoff_minutes=plan.deploy.reach_minutes)
    problem = deployment.problem(rows, where, minutes, deploy=plan.deploy)
    found = MODELS[plan.deploy.model](problem)
    assigned = deployment.assigned(rows, where, found)
    opened = deployment.open_sites(where, found, assigned, deploy=plan.deploy)
    to_opened = ways.matrix(rows, opened, cutoff_minutes=plan.travel.cutoff_minutes)
    tables = {
        "assignments": assigned,
        "team_minutes": deployment.nearest_sites(rows, opened, to_opened),
        "curve": deployment.curve_table(problem, found),
    }
    return found, opened, tables


def redraw(inputs: Inputs, plan: Plan, rows: pd.DataFrame, *, scores: scoring.Scores, seed: int) -> pd.DataFrame:
    """Return `rows` with what the draws of ``[uncertainty]`` say of them; as they are where the plan draws nothing."""
    if not plan.uncertainty.draws:
        return rows
    adoption, villages = inputs.adoption_frame(), inputs.frame("villages")
    counts = {
        str(name): estimate.counts(adoption, villages, indicator=str(name), min_people=plan.privacy.min_people)
        for name in sorted(adoption["indicator"].unique())
    }
    levels = {name: a.level for name, a in plan.layers.attributes.items()}
    found = intervals.columns(
        rows,
        counts,
        plan=plan,
        seed=seed,
        workings=scores.workings,
        errors=inputs.attribute_errors(rows, levels),
    )
    return rows.drop(columns=list(needs.BOUNDS)).join(found)


def score(inputs: Inputs, plan: Plan, rows: pd.DataFrame) -> scoring.Scores:
    """Score the villages as the plan says; `rows` as `village_rows` gives them."""
    given = plan.layers.attributes
    values = inputs.attribute_columns(rows, {name: a.level for name, a in given.items()})
    return scoring.score(
        rows.join(values),
        weights={str(name): weight for name, weight in plan.score.pillars.items()},
        adoption=plan.needs.adoption,
        cutoff_minutes=plan.travel.cutoff_minutes,
        attributes=[Attribute(name, a.direction, a.title, a.unit) for name, a in sorted(given.items())],
        framework=Framework(
            normalisation=plan.score.normalisation,
            aggregation=plan.score.aggregation,
            winsorise_share=plan.score.winsorise_share,
            min_known_share=plan.score.min_known_share,
            goalposts=plan.score.goalposts,
        ),
    )


def analyse(inputs: Inputs, *, plan: Plan, seed: int, progress: Progress) -> Analysis:
    """Draw every conclusion of a plan from checked inputs; reads and writes no file.

    Parameters
    ----------
    inputs : Inputs
        Without faults.
    plan : Plan
    seed : int
        Of the draws.
    progress : Progress
    """
    progress.start("overlaying people, coverage and travel")
    communes, crs = inputs.frame("communes"), plan.plan.crs
    ways = access.ways(
        plan.travel, communes=communes, roads=inputs.optional("roads"), barriers=inputs.optional("barriers")
    )
    rows, shares = village_rows(inputs, plan, ways)
    progress.done("overlaying people, coverage and travel", f"{len(rows)} villages in {len(communes)} communes")

    progress.start("scoring")
    scores = score(inputs, plan, rows)
    of_communes = scoring.commune_scores(rows, scores)
    why = contrast.explanations(rows, scores)
    ranking = [name for name, weight in scores.weights.items() if weight > 0]
    rows = assembly.with_scores(rows, scores.table(), ranking=ranking)
    progress.done("scoring", ", ".join(ranking) or "nothing tells villages apart")

    progress.start("drawing what is not known")
    rows = redraw(inputs, plan, rows, scores=scores, seed=seed)
    audited = audit.audit(scores, rows)
    progress.done("drawing what is not known", f"{plan.uncertainty.draws} draws")

    progress.start("choosing team sites")
    found, opened, deployed = deploy(inputs, plan, ways, rows)
    rows = assembly.with_assignments(rows, deployed["assignments"], flag=ways.flag)
    progress.done("choosing team sites", f"{found.objective_people:,.0f} people, gap {found.gap:.2%} ({found.status})")

    indicators = tuple(sorted(plan.layers.adoption))
    villages = assembly.village_table(rows, inputs.frame("villages"), crs=crs)
    tables: dict[str, pd.DataFrame] = {
        "villages": villages,
        "communes": assembly.commune_table(communes, villages, scores=of_communes, indicators=indicators),
        "sites": assembly.site_table(opened, crs=crs, flag=ways.flag),
        "coverage": shares,
        "explanations": why,
    }
    tables |= deployed | {"assignments": assembly.assignment_table(deployed["assignments"], villages, tables["sites"])}
    if inputs.crosswalk is not None:
        tables["crosswalk"] = assembly.crosswalk_table(inputs.crosswalk)
    language = plan.plan.language
    flags = sorted({f for row in villages["flags"] for f in row} | {f for row in communes["flags"] for f in row})
    warnings = (
        *notices.of_layers(inputs.layers, language),
        *notices.of_issues(inputs.issues, language),
        *notices.of_flags(flags, language, travel=plan.travel),
        *(s.vi if language == "vi" else s.en for s in (*scores.sentences, *audited.findings)),
        *notices.of_villages(villages, language),
        *notices.of_draws(villages, language, worst_share=plan.uncertainty.worst_share),
        *notices.of_plan(found, language, capacity=plan.deploy.people_per_team),
        notices.say("campaigns", language),
    )
    label = tuple(s.vi if language == "vi" else s.en for s in audited.label)
    return Analysis(tables, found, indicators, dict(scores.weights), warnings, audited.effective_weights, label)


def context(inputs: Inputs) -> dict[str, gpd.GeoDataFrame]:
    """Return what maps draw behind the data, EPSG:4326: outline, roads, places, and the islands of the inset."""
    return assembly.context_layers(
        communes=inputs.frame("communes"),
        outline=inputs.optional("outline"),
        roads=inputs.optional("roads"),
        places=inputs.optional("places"),
        islands=intake.islands(),
    )


def run(plan: Path, *, out: Path | None, now: dt.datetime, seed: int | None, progress: Progress) -> Path:
    """Run the whole path and return the folder of the publication, which is then in force.

    Parameters
    ----------
    plan : Path
    out : Path, optional
        Folder of publications; ``published/`` beside the plan when None.
    now : datetime
        Time of the publication, UTC.
    seed : int, optional
        Instead of the plan's.
    progress : Progress

    Raises
    ------
    LayerError
        With every fault of every input; nothing is published then.
    LimitError
        When time, memory or disk do not suffice; what was in force stays in force.
    BusyError
        When another run works in the same folder.
    """
    file = PlanFile(plan)
    published = out or file.folder / "published"
    with FolderLock(published) as held:
        path = _run(file, held, now=now, seed=file.plan.plan.seed if seed is None else seed, progress=progress)
        for gone in archive.prune(published, keep=file.plan.publish.keep):
            LOG.info("%s was deleted: publish.keep = %d", gone, file.plan.publish.keep)
    return path


def _run(file: PlanFile, held: FolderLock, *, now: dt.datetime, seed: int, progress: Progress) -> Path:
    """Run the path inside a folder of publications that is held already."""
    progress.start("reading and checking inputs")
    inputs = intake.gather(file, seed=seed, now=now)
    if inputs.faults:
        raise LayerError(inputs.faults)
    progress.done("reading and checking inputs", f"{len(inputs.layers)} layers")
    result = analyse(inputs, plan=file.plan, seed=seed, progress=progress)
    about = manifest.build(
        file.plan,
        inputs.layers,
        now=now,
        seed=seed,
        tables=result.tables,
        deployed=result.plan,
        indicators=result.indicators,
        pillars=result.pillars,
        warnings=result.warnings,
    ).model_copy(update={"effective_weights": result.effective_weights, "label": list(result.label)})
    with publish.stage(held.folder, header=about, held=held) as staging:
        progress.start("writing tables")
        for name, table in result.tables.items():
            staging.write_table(name, table)
        for layer, frame in context(inputs).items():
            staging.write_context(layer, frame)
        progress.done("writing tables", ", ".join(f"{len(table)} {name}" for name, table in result.tables.items()))
        progress.start("drawing maps")
        drawn = 0
        for page, text in maps.pages(staging.publication(), file.plan.publish.maps):
            staging.write_text(page, text)
            drawn += 1
        progress.done("drawing maps", f"{drawn} pages")
        progress.start("publishing")
        path = staging.commit()
        progress.done("publishing", path.name)
    return path
