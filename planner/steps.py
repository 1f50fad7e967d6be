"""The steps of a run as pure functions: each takes the results of others by name, and the sections of the plan.

`planner.analysis` states their order. A parameter is the name of a stage, or of something given:
``plan_<section>`` for a section of the plan, ``seed``; what a step does not take it cannot depend on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
from scipy import sparse

from layers.errors import LayerError
from layers.grids import Grid
from layers.matrix import Matrix
from layers.surfaces import Surface
from planner import (
    assembly,
    audit,
    contrast,
    estimate,
    intake,
    intervals,
    missing_rates,
    need_draws,
    needs,
    pictured,
    provincial,
    scoring,
    usability,
)
from planner import rounds as rounds_of
from planner.audit import Audit
from planner.config import Plan, PlanFile
from planner.evidence import Rates
from planner.framework import Framework
from planner.indicators.base import Attribute
from planner.intake import Inputs
from planner.lands import Land
from planner.missing_rates import Filled
from planner.needs import Limits
from planner.pictured import Pictured
from planner.provincial import Deployed
from planner.rounds import Rounds
from planner.sampled import Sampled, sample
from planner.scoring import Scores
from planner.sections.adoption import AdoptionSection
from planner.sections.analyses import Analyses
from planner.sections.attributes import AttributeSection
from planner.sections.coverage import CoverageSection
from planner.sections.deploy import Deploy
from planner.sections.estimate import Estimate
from planner.sections.evidence import Evidence
from planner.sections.feedback import FeedbackSection
from planner.sections.minutes import MinutesSection
from planner.sections.needs import Needs
from planner.sections.privacy import Privacy
from planner.sections.rounds import Rounds as RoundsSection
from planner.sections.score import Score
from planner.sections.travel import Travel
from planner.sections.uncertainty import Uncertainty
from planner.sources import changed_meanwhile
from planner.tasks import Tasks
from planner.usability import Asked, Usability
from planner.words import Language


@dataclass(frozen=True, slots=True)
class Marks:
    """What is to be said of every village's row.

    Parameters
    ----------
    oldest_date : str, optional
        Of the data behind it, ISO.
    stale : bool
        Whether a layer is older than the plan allows.
    """

    oldest_date: str | None
    stale: bool


def inputs(
    *, file: PlanFile, plan_reading: Plan, sources: dict[str, dict[str, str]], seed: int, day: dt.date
) -> Inputs:
    """Read and check every layer.

    Parameters
    ----------
    file : PlanFile
        Where the files are.
    plan_reading : Plan
        The plan without what reading does not depend on.
    sources : dict
        What its files hold, `planner.sources.sources`; what was read is kept as long as it stays the same.
    seed : int
        Of the generator.
    day : date
        Decides what is stale.

    Raises
    ------
    LayerError
        With every fault of every layer; one that changed while it was read is at fault too.
    """
    own = copy(file)
    own.plan = plan_reading
    found = intake.gather(own, seed=seed, now=dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC))
    faults = [*found.faults, *changed_meanwhile(found.layers, sources)]
    if faults:
        raise LayerError(faults)
    return found


def villages(inputs: Inputs) -> gpd.GeoDataFrame:
    """Return the villages, `layers.schema.VILLAGES`."""
    return inputs.frame("villages")


def communes(inputs: Inputs) -> gpd.GeoDataFrame:
    """Return the communes, `layers.schema.COMMUNES`."""
    return inputs.frame("communes")


def coverage(inputs: Inputs) -> gpd.GeoDataFrame:
    """Return every coverage layer as one table."""
    return inputs.coverage_frame()


def grid(inputs: Inputs) -> Grid | None:
    """Return where people live, where the plan has a raster of them."""
    return inputs.grid


def adoption(inputs: Inputs) -> pd.DataFrame:
    """Return every indicator of adoption as one table."""
    return inputs.adoption_frame()


def people(inputs: Inputs) -> pd.DataFrame:
    """Return the people of every village."""
    return inputs.people_frame()


def teams(inputs: Inputs) -> pd.DataFrame | None:
    """Return the teams that stand today."""
    return inputs.optional("teams")


def given_sites(inputs: Inputs) -> pd.DataFrame | None:
    """Return the sites that the plan's file names."""
    return inputs.optional("sites")


def roads(inputs: Inputs) -> pd.DataFrame | None:
    """Return the roads."""
    return inputs.optional("roads")


def barriers(inputs: Inputs) -> pd.DataFrame | None:
    """Return what nobody can cross."""
    return inputs.optional("barriers")


def attributes(inputs: Inputs) -> dict[str, pd.DataFrame]:
    """Return the table of every attribute by its name."""
    return {name: layer.frame for name, layer in sorted(inputs.attributes.items())}


def marks(inputs: Inputs) -> Marks:
    """Return what is to be said of every village's row."""
    return Marks(oldest_date=inputs.oldest_date(), stale=inputs.stale)


def terrain(inputs: Inputs) -> dict[str, Surface | None]:
    """Return the rasters of what it takes to cross a cell."""
    return {"landcover": inputs.landcover, "dem": inputs.dem, "friction": inputs.friction}


def given_minutes(inputs: Inputs) -> Matrix | None:
    """Return the minutes that the plan brings."""
    return inputs.minutes


def land(
    *,
    plan_travel: Travel,
    plan_minutes: MinutesSection | None,
    communes: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame | None,
    barriers: gpd.GeoDataFrame | None,
    terrain: dict[str, Surface | None],
    given_minutes: Matrix | None,
) -> Land:
    """Return what people move over."""
    return Land(plan_travel, plan_minutes, communes, roads, barriers, terrain, given_minutes)


def shares(
    *,
    villages: gpd.GeoDataFrame,
    communes: gpd.GeoDataFrame,
    coverage: gpd.GeoDataFrame,
    grid: Grid | None,
    plan_needs: Needs,
    tasks: Tasks,
) -> pd.DataFrame:
    """Return the share covered of every village, by operator, technology and evidence: `products.COVERAGE`."""
    items = provincial.covering(villages, communes, coverage, grid=grid, needs=plan_needs)
    order = ["unit_id", "technology", "evidence", "operator"]
    found = pd.concat(tasks.map(provincial.shares_of, items))
    return found.sort_values(order, kind="stable", ignore_index=True)


def covered(
    *,
    shares: pd.DataFrame,
    villages: gpd.GeoDataFrame,
    communes: gpd.GeoDataFrame,
    coverage: gpd.GeoDataFrame,
    grid: Grid | None,
    plan_needs: Needs,
    tasks: Tasks,
) -> pd.DataFrame:
    """Return what the shares of a village come to."""
    items = provincial.covering(villages, communes, coverage, grid=grid, needs=plan_needs, found=shares)
    return pd.concat(tasks.map(provincial.covered, items), ignore_index=True)


def rates(
    *,
    adoption: pd.DataFrame,
    villages: gpd.GeoDataFrame,
    indicators: list[str],
    plan_privacy: Privacy,
    plan_estimate: Estimate,
) -> pd.DataFrame:
    """Return the rates of adoption of every village."""
    found = estimate.rates(adoption, villages, min_people=plan_privacy.min_people, shrink=plan_estimate.shrinkage)
    return estimate.by_village(found, villages, indicators=indicators)


def support(*, land: Land, villages: gpd.GeoDataFrame, teams: pd.DataFrame | None, tasks: Tasks) -> pd.DataFrame:
    """Return how far the nearest team that stands today is; teams serve the province in which they stand."""
    return pd.concat(tasks.map(provincial.support, provincial.supported(land, villages, teams)), ignore_index=True)


def support_picture(land: Land, teams: pd.DataFrame | None) -> Pictured | None:
    """Return how far the nearest team that stands today is from every cell, where the plan has a surface of it."""
    return pictured.support(land, teams)


def planned_picture(land: Land, deployed: Deployed) -> Pictured | None:
    """Return how far the nearest team of the plan is from every cell, where the plan has a surface of it."""
    return pictured.planned(land, deployed.sites)


def signal_pictures(inputs: Inputs, plan_coverage: dict[str, CoverageSection]) -> list[Pictured]:
    """Return the coverage rasters of the plan as pictures."""
    return pictured.signals(inputs.pictures, plan_coverage)


def joined(
    *,
    villages: gpd.GeoDataFrame,
    people: pd.DataFrame,
    covered: pd.DataFrame,
    rates: pd.DataFrame,
    support: pd.DataFrame,
) -> pd.DataFrame:
    """Return one row per village with what is known of it, before anything is estimated."""
    return assembly.join_villages(villages, people, covered, rates, support)


def filled(
    *,
    joined: pd.DataFrame,
    adoption: pd.DataFrame,
    villages: gpd.GeoDataFrame,
    attributes: dict[str, pd.DataFrame],
    plan_attributes: dict[str, AttributeSection],
    plan_adoption: dict[str, AdoptionSection],
    plan_privacy: Privacy,
    plan_estimate: Estimate,
    plan_travel: Travel,
    seed: int,
) -> Filled:
    """Return the villages with an estimate where a figure is missing, and the counts that draws stand on."""
    counts = {
        str(name): estimate.counts(adoption, villages, indicator=str(name), min_people=plan_privacy.min_people)
        for name in sorted(adoption["indicator"].unique())
    }
    columns = attribute_columns(joined, attributes, plan_attributes)
    area_km2 = villages.set_index("unit_id").geometry.area.loc[joined["unit_id"]].to_numpy() / 1e6
    known = missing_rates.features(joined, area_km2, columns, cutoff_minutes=plan_travel.cutoff_minutes)
    # generated counts add to their total by themselves: nothing of it is left for villages without a figure
    official = {name: s for name, s in plan_adoption.items() if s.generate is None and s.level == "village"}
    totals = {name: s.total for name, s in official.items() if s.total is not None}
    return missing_rates.fill(joined, counts, known=known, missing=plan_estimate.missing, totals=totals, seed=seed)


def feedback(inputs: Inputs) -> pd.DataFrame | None:
    """Return the citizens' reports."""
    return inputs.optional("feedback")


def trusted(inputs: Inputs, plan_coverage: dict[str, CoverageSection]) -> dict[tuple[str, str, str], Rates]:
    """Return how far each operator's evidence of each kind is trusted."""
    return usability.rates(plan_coverage, inputs.coverage)


def signal(
    *,
    joined: pd.DataFrame,
    shares: pd.DataFrame,
    trusted: dict[tuple[str, str, str], Rates],
    feedback: pd.DataFrame | None,
    plan_evidence: Evidence,
    plan_feedback: FeedbackSection | None,
    plan_privacy: Privacy,
    plan_needs: Needs,
    day: dt.date,
) -> Usability:
    """Return how likely signal is usable, who says so, and which claims are doubtful."""
    asked = Asked(plan_evidence, plan_feedback, plan_privacy, plan_needs.covered_at)
    return usability.usability(joined, shares, asked=asked, rates=trusted, feedback=feedback, today=day)


def rows(
    *,
    filled: Filled,
    signal: Usability,
    communes: gpd.GeoDataFrame,
    marks: Marks,
    plan_attributes: dict[str, AttributeSection],
    plan_needs: Needs,
    reach_minutes: float,
) -> pd.DataFrame:
    """Return one row per village with people, coverage, adoption, travel and needs, as it stands before scoring.

    Returns
    -------
    DataFrame
        ``unit_id`` and the columns of `products.VILLAGES` that stand before scoring, ``x_m``, ``y_m``.
    """
    found = filled.rows.join(signal.villages)
    found["commune_name"] = found["commune_id"].map(communes.set_index("unit_id")["name"])
    found["data_date"] = marks.oldest_date
    if any(a.level == "commune" for a in plan_attributes.values()):
        found = _flagged(found, "commune_value")
    if marks.stale:
        found = _flagged(found, "stale")
    split = needs.split(
        found, adoption=plan_needs.adoption, ratio=plan_needs.adoption_without_signal_ratio, need=plan_needs.need
    )
    found = found.join(split)
    found = found.join(needs.whole_bounds(found, adoption=plan_needs.adoption))
    return found.join(needs.classify(found, skills_gap_at=plan_needs.skills_gap_at, reach_minutes=reach_minutes))


def _flagged(found: pd.DataFrame, flag: str) -> pd.DataFrame:
    flags = assembly.merge_flags(found["flags"], [(flag,)] * len(found))
    return found.assign(flags=pd.Series(flags, dtype="object", index=found.index))


def attribute_columns(
    found: pd.DataFrame, tables: Mapping[str, pd.DataFrame], sections: Mapping[str, AttributeSection]
) -> pd.DataFrame:
    """Return ``attribute_<name>`` per row of `found`; a commune's value is that of each of its villages."""
    columns = {
        f"attribute_{name}": found["unit_id" if sections[name].level == "village" else "commune_id"].map(
            table.set_index("unit_id")["value"]
        )
        for name, table in tables.items()
    }
    return pd.DataFrame(columns, index=found.index, dtype="float64")


def attribute_errors(
    found: pd.DataFrame, tables: Mapping[str, pd.DataFrame], sections: Mapping[str, AttributeSection]
) -> dict[str, pd.DataFrame]:
    """Return, by attribute that has any, whose value a row of `found` has (``unit``) and its ``standard_error``."""
    errors = {}
    for name, table in tables.items():
        unit = found["unit_id" if sections[name].level == "village" else "commune_id"]
        error = unit.map(table.set_index("unit_id")["standard_error"]).astype("float64").fillna(0.0)
        if (error > 0).any():
            errors[name] = pd.DataFrame({"unit": unit, "standard_error": error}, index=found.index)
    return errors


def scores(
    *,
    rows: pd.DataFrame,
    attributes: dict[str, pd.DataFrame],
    plan_attributes: dict[str, AttributeSection],
    plan_score: Score,
    plan_needs: Needs,
    plan_travel: Travel,
) -> Scores:
    """Score the villages."""
    return scoring.score(
        rows.join(attribute_columns(rows, attributes, plan_attributes)),
        weights={str(name): weight for name, weight in plan_score.pillars.items()},
        adoption=plan_needs.adoption,
        cutoff_minutes=plan_travel.cutoff_minutes,
        attributes=[Attribute(name, a.direction, a.title, a.unit) for name, a in sorted(plan_attributes.items())],
        framework=Framework(
            normalisation=plan_score.normalisation,
            aggregation=plan_score.aggregation,
            winsorise_share=plan_score.winsorise_share,
            min_known_share=plan_score.min_known_share,
            goalposts=plan_score.goalposts,
            inside=plan_score.indicators,
        ),
    )


def rounds(
    *,
    rows: pd.DataFrame,
    land: Land,
    teams: pd.DataFrame | None,
    deployed: Deployed,
    plan_rounds: RoundsSection,
    seed: int,
) -> Rounds | None:
    """Plan the weekly rounds of rapid-response teams; None where the plan has no such team."""
    bases = rounds_of.bases_of(teams, deployed.sites)
    if bases.empty:
        return None
    commune = rows.set_index("unit_id")["commune_id"]
    asked = rows[rows["need_people"].fillna(0) > 0]
    if plan_rounds.visits == "unserved":
        fixed = deployed.sites.loc[deployed.sites["team_type"] == "community", "site_id"]
        served = deployed.tables["assignments"]
        asked = asked[~asked["unit_id"].isin(served.loc[served["site_id"].isin(fixed), "unit_id"])]

    def between(start: pd.DataFrame, end: pd.DataFrame) -> sparse.csr_array:
        return land.ways.between(start, end, cutoff_minutes=plan_rounds.day_minutes)

    return rounds_of.plan(
        asked,
        bases.assign(commune_id=bases["unit_id"].map(commune)),
        between=between,
        settings=plan_rounds,
        seed=seed,
    )


def why(rows: pd.DataFrame, scores: Scores) -> pd.DataFrame:
    """Return `products.EXPLANATIONS`."""
    return contrast.explanations(rows, scores)


def sampled(
    *,
    rows: pd.DataFrame,
    filled: Filled,
    indicators: list[str],
    plan_uncertainty: Uncertainty,
    plan_needs: Needs,
    reach_minutes: float,
    seed: int,
) -> Sampled | None:
    """Return draws of the data; None where ``[uncertainty]`` asks for none."""
    if not plan_uncertainty.draws:
        return None
    limits = Limits(
        ratio=plan_needs.adoption_without_signal_ratio,
        covered_at=plan_needs.covered_at,
        not_covered_at=plan_needs.not_covered_at,
        skills_gap_at=plan_needs.skills_gap_at,
        reach_minutes=reach_minutes,
    )
    return sample(
        rows,
        filled.counts,
        indicators=indicators,
        settings=plan_uncertainty,
        asked=plan_needs,
        limits=limits,
        seed=seed,
    )


def drawn(
    *,
    rows: pd.DataFrame,
    scores: Scores,
    sampled: Sampled | None,
    attributes: dict[str, pd.DataFrame],
    plan_attributes: dict[str, AttributeSection],
    plan_uncertainty: Uncertainty,
    plan_travel: Travel,
    seed: int,
) -> pd.DataFrame:
    """Return the rows with scores, and with what the draws say of them."""
    ranking = [name for name, weight in scores.weights.items() if weight > 0]
    found = assembly.with_scores(rows, scores.table(), ranking=ranking)
    if sampled is None:
        return found
    columns = intervals.columns(
        found,
        sampled,
        settings=plan_uncertainty,
        cutoff_minutes=plan_travel.cutoff_minutes,
        seed=seed,
        workings=scores.workings,
        errors=attribute_errors(found, attributes, plan_attributes),
    )
    return found.drop(columns=list(needs.BOUNDS)).join(columns)


def audited(scores: Scores, drawn: pd.DataFrame) -> Audit:
    """Return what is to be said of the score."""
    return audit.audit(scores, drawn)


def further(
    *,
    rows: pd.DataFrame,
    scores: Scores,
    plan_analyses: Analyses,
    plan_uncertainty: Uncertainty,
    language: Language,
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Return the tables of ``[analyses]`` that the plan asks for."""
    if plan_analyses == Analyses():
        return {}
    from planner.further import tables as further_tables  # noqa: PLC0415 - takes seconds, and most plans ask for none

    return further_tables(rows, scores, plan=plan_analyses, uncertainty=plan_uncertainty, language=language, seed=seed)


def deployed(
    *,
    rows: pd.DataFrame,
    land: Land,
    teams: pd.DataFrame | None,
    given_sites: pd.DataFrame | None,
    adoption: pd.DataFrame,
    villages: gpd.GeoDataFrame,
    plan_deploy: Deploy,
    plan_travel: Travel,
    plan_needs: Needs,
    plan_privacy: Privacy,
    plan_uncertainty: Uncertainty,
    seed: int,
    tasks: Tasks,
) -> Deployed:
    """Choose sites in every province by itself, and say how sure each is and what is lost without it."""
    drawn = None
    if plan_deploy.redraws and plan_uncertainty.draws:
        name, counts = plan_needs.adoption, {}
        if (adoption["indicator"] == name).any():
            counts[name] = estimate.counts(adoption, villages, indicator=name, min_people=plan_privacy.min_people)
        drawn = need_draws.need_draws(
            rows, counts, asked=plan_needs, uncertainty=plan_uncertainty, count=plan_deploy.redraws, seed=seed
        )
    asked = provincial.asked(land, rows, teams, given_sites, deploy=plan_deploy, travel=plan_travel, drawn=drawn)
    return provincial.together(tasks.map(provincial.deploy, asked), model=plan_deploy.model)
