"""What a person asks for: check the inputs, run the whole path, foresee what a run would compute."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd

from layers.errors import Issue
from planner import (
    action_page,
    analysis,
    archive,
    assembly,
    changes,
    intake,
    journal,
    manifest,
    maps,
    publish,
    quality,
    round_sheets,
    rounds,
    scenarios,
    tasks,
)
from planner.analysis import Analysis
from planner.config import Plan, PlanFile
from planner.intake import Inputs
from planner.lock import FolderLock
from planner.progress import Progress
from planner.scenarios import Comparison
from planner.store import open_store
from planner.tasks import Tasks

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


def round_pages(
    result: Analysis, inputs: Inputs, *, plan: Plan, now: dt.datetime, publication: str
) -> Iterator[tuple[str, str]]:
    """Yield what each rapid-response team takes along; nothing where the plan has none."""
    teams = inputs.optional("teams")
    if "rounds" not in result.tables:
        return
    yield from round_sheets.pages(
        result.tables["rounds"],
        result.tables["unvisited"],
        bases=rounds.bases_of(teams, result.tables["sites"]),
        villages=result.tables["villages"],
        first_day=plan.rounds.first_day(now.date()),
        now=now,
        language=plan.plan.language,
        publication=publication,
    )


def context(inputs: Inputs) -> dict[str, gpd.GeoDataFrame]:
    """Return what maps draw behind the data, EPSG:4326: outline, roads, places, and the islands of the inset."""
    return assembly.context_layers(
        communes=inputs.frame("communes"),
        outline=inputs.optional("outline"),
        roads=inputs.optional("roads"),
        places=inputs.optional("places"),
        islands=intake.islands(),
    )


def run(
    plan: Path,
    *,
    out: Path | None,
    now: dt.datetime,
    seed: int | None,
    progress: Progress,
    workers: int = 1,
    scheduler: str | None = None,
) -> Path:
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
    workers : int
        Processes that work on provinces; what comes out is the same.
    scheduler : str, optional
        Address of a Dask cluster that works on them instead.

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
    seed = file.plan.plan.seed if seed is None else seed
    with FolderLock(published) as held:
        with tasks.opened(workers=workers, scheduler=scheduler) as place:  # workers leave before maps need the memory
            done = _analysed(file, now=now, seed=seed, progress=progress, place=place)
        path = _publish(file, held, done, now=now, seed=seed, progress=progress)
        for gone in archive.prune(published, keep=file.plan.publish.keep):
            LOG.info("%s was deleted: publish.keep = %d", gone, file.plan.publish.keep)
    return path


def foresee(plan: Path, *, now: dt.datetime, seed: int | None, progress: Progress) -> list[str]:
    """Say, a line per stage, what `run` would compute and why; computes and writes nothing.

    Parameters
    ----------
    plan : Path
    now : datetime
        UTC.
    seed : int, optional
        Instead of the plan's.
    progress : Progress

    Raises
    ------
    PlanError
        When the plan cannot be read.
    """
    file, store = PlanFile(plan), open_store()
    known = analysis.stages(
        file, seed=file.plan.plan.seed if seed is None else seed, now=now, progress=progress, store=store
    )
    lines = journal.sentences(
        known, None if store is None else journal.recall(store, file.path), titles=analysis.TITLES
    )
    return [*lines, "compute  writing tables, drawing maps, publishing (always)"]


@dataclass(frozen=True, slots=True)
class _Done:
    """What is to be published: the analysis, the inputs behind it, and the plan's scenarios, if it has any."""

    result: Analysis
    inputs: Inputs
    compared: Comparison | None


def _analysed(file: PlanFile, *, now: dt.datetime, seed: int, progress: Progress, place: Tasks) -> _Done:
    """Return what the stages conclude and the inputs; what else they found is let go."""
    store = open_store()
    known = analysis.stages(file, seed=seed, now=now, progress=progress, store=store, place=place)
    result = analysis.analyse(known, plan=file.plan)
    compared = None
    if file.plan.scenario and file.plan.publish.scenarios:
        compared = scenarios.beside(result, file, seed=seed, now=now, progress=progress, store=store, place=place)
        result = replace(result, tables=result.tables | {"scenarios": scenarios.table(compared)})
    if store is not None:
        journal.remember(store, file.path, known)
        store.prune()
    return _Done(result, known.value("inputs"), compared)


def _publish(file: PlanFile, held: FolderLock, done: _Done, *, now: dt.datetime, seed: int, progress: Progress) -> Path:
    """Write and publish what was concluded, in a folder of publications that is held already."""
    result, inputs = done.result, done.inputs
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
    )
    late = {issue.layer for issue in inputs.issues if issue.code == "stale"}
    about = about.model_copy(
        update={
            "inputs": [entry.model_copy(update={"stale": entry.layer in late}) for entry in about.inputs],
            "effective_weights": result.effective_weights,
            "label": list(result.label),
            "rate_models": result.rate_models,
            "disputes": inputs.disputes(),
            "rasters": [pictured.entry for pictured in result.pictures],
        }
    )
    with publish.stage(held.folder, header=about, held=held) as staging:
        progress.start("writing tables")
        for name, table in result.tables.items():
            staging.write_table(name, table)
        for layer, frame in context(inputs).items():
            staging.write_context(layer, frame)
        for pictured in result.pictures:
            staging.write_bytes(pictured.entry.path, pictured.png())
        progress.done("writing tables", ", ".join(f"{len(table)} {name}" for name, table in result.tables.items()))
        title, language = file.plan.plan.title, file.plan.plan.language
        grave = maps.notices(about.flags, language)
        actions = action_page.page(result.tables["actions"], title=title, language=language, notices=grave)
        staging.write_text(action_page.PAGE, actions)
        if done.compared is not None:
            staging.write_text(scenarios.PAGE, scenarios.page(done.compared))
        staging.header = staging.header.model_copy(
            update={"changes": changes.since(held.folder, staging.publication())}
        )
        progress.start("drawing maps")
        drawn = 0
        publication = staging.publication()
        drawing = maps.prepare(publication)
        # before the index, which links them
        for page, text in round_pages(result, inputs, plan=file.plan, now=now, publication=about.id):
            staging.write_text(page, text)
            drawn += 1
        for page, text in maps.pages(publication, file.plan.publish.maps, drawing=drawing):
            staging.write_text(page, text)
            drawn += 1
        for name, picture in (
            maps.pictures(publication, file.plan.publish.maps, drawing=drawing) if file.plan.publish.pictures else ()
        ):
            staging.write_bytes(name, picture)
            drawn += 1
        progress.done("drawing maps", f"{drawn} pages")
        progress.start("publishing")
        path = staging.commit()
        progress.done("publishing", path.name)
    return path
