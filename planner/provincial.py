"""Provinces as independent tasks: each is overlaid, measured and sited by itself, and the results are put together.

A plan whose communes name no province is one province, worked on as a whole. Everything a task needs is in its item and
it reads no file, so it can be done in another process or on another machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import sparse

from layers import pieces, schema
from layers.grids import Grid
from planner import deployment, overlay, sureness
from planner.errors import PlanError
from planner.lands import Land, inside, provinces
from planner.sections import Deploy, Lock, Needs, Travel
from planner.signals import Measure
from planner.siting import MODELS
from planner.siting.alternatives import alternatives
from planner.siting.base import Float, SitingPlan, Status
from planner.siting.certainty import certainty
from planner.siting.dropped import losses_after_replacing

_PLACED: Final = (
    "sites", "new_sites", "assignments", "assigned_minutes", "loss_if_dropped_people", "teams", "closed", "moved", "received",
    "placed",
)  # fmt: skip
"""Arrays of a siting plan; put end to end they count and add up, but their positions are each province's own."""
_WORST: Final[tuple[Status, ...]] = ("optimal", "gap_reached", "time_limit")


@dataclass(frozen=True, slots=True, eq=False)
class Covered:
    """What the overlay of one province takes.

    Parameters
    ----------
    villages : GeoDataFrame
        Of the province.
    coverage : GeoDataFrame
        What of the coverage is near them, `near`.
    grid : Grid, optional
        People round about, who weigh what is covered.
    needs : Needs
    shares : DataFrame, optional
        Their shares, where these are known already.
    """

    villages: gpd.GeoDataFrame
    coverage: gpd.GeoDataFrame
    grid: Grid | None
    needs: Needs
    shares: pd.DataFrame | None

    @property
    def people(self) -> Measure | None:
        """What weighs polygons by people; None where area must do."""
        return None if self.grid is None else self.grid.people_in


@dataclass(frozen=True, slots=True, eq=False)
class Supported:
    """What measuring the way to support takes: the land, the villages and the teams of one province."""

    land: Land
    villages: gpd.GeoDataFrame
    teams: pd.DataFrame | None


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What choosing sites in one province takes; `drawn` are draws of need, shape (draws, villages), if any."""

    land: Land
    rows: pd.DataFrame
    teams: pd.DataFrame | None
    sites: pd.DataFrame | None
    deploy: Deploy
    travel: Travel
    drawn: Float | None


@dataclass(frozen=True, slots=True, eq=False)
class Deployed:
    """Where teams stand: the siting plan, the open sites, and the tables that follow from them.

    Parameters
    ----------
    plan : SitingPlan
        Of several provinces: the sums, and arrays end to end whose positions are each province's own.
    flags : tuple of str
        How minutes were found.
    sites : DataFrame
        The open sites.
    tables : dict of str to DataFrame
        ``assignments``, ``team_minutes``, ``curve``.
    """

    plan: SitingPlan
    flags: tuple[str, ...]
    sites: pd.DataFrame
    tables: dict[str, pd.DataFrame]


def near(coverage: gpd.GeoDataFrame, villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the coverage polygons that touch the box of some villages, large ones cut to it: the shares come out the same.

    What is known of a layer as a whole stays so: of every operator, technology, kind of evidence and signal one polygon
    is kept wherever it lies, and all carry the oldest date of theirs, and that they were generated if any was.
    """
    kinds = [schema.OPERATOR, schema.TECHNOLOGY, schema.EVIDENCE]
    groups = coverage.groupby(kinds, dropna=False)
    dated = coverage.assign(
        **{
            schema.DATA_DATE: groups[schema.DATA_DATE].transform(lambda dates: min(dates.dropna(), default=None)),
            schema.SYNTHETIC: groups[schema.SYNTHETIC].transform("any"),
        }
    )
    every = [name for name in (*kinds, schema.SIGNAL, "bound") if name in coverage.columns]
    west, south, east, north = villages.total_bounds
    touching = np.zeros(len(coverage), dtype=bool)
    touching[coverage.sindex.query(shapely.box(west, south, east, north))] = True
    shapes = coverage.geometry.to_numpy().copy()
    large = touching & (shapely.get_num_coordinates(shapes) > pieces.MANY_VERTICES)
    for row in np.flatnonzero(large):  # a map of the country is no task of every province
        shapes[row] = shapely.multipolygons(pieces.within(shapes[row : row + 1], villages.geometry.to_numpy()))
    cut = dated.set_geometry(gpd.GeoSeries(shapes, index=dated.index, crs=dated.crs))
    return cut[touching | ~dated.duplicated(every)].reset_index(drop=True)


def covering(
    villages: gpd.GeoDataFrame,
    communes: gpd.GeoDataFrame,
    coverage: gpd.GeoDataFrame,
    *,
    grid: Grid | None,
    needs: Needs,
    found: pd.DataFrame | None = None,
) -> list[Covered]:
    """Return the overlays of all provinces; with the shares that were found, those of what they come to."""
    names = provinces(communes)
    if len(names) == 1 or coverage.empty:
        return [Covered(villages, coverage, grid, needs, found)]
    items = []
    for name in names:
        own = villages[inside(villages, communes, name, by=schema.COMMUNE_ID)].reset_index(drop=True)
        if own.empty:
            continue
        theirs = None if found is None else found[found[schema.UNIT_ID].isin(set(own[schema.UNIT_ID]))]
        here = None if grid is None else grid.around(own.geometry.to_numpy())
        items.append(Covered(own, near(coverage, own), here, needs, theirs))
    return items


def shares_of(item: Covered) -> pd.DataFrame:
    """Return `products.COVERAGE` of one province."""
    return overlay.coverage_shares(item.villages, item.coverage, people=item.people, min_tests=item.needs.min_tests)


def covered(item: Covered) -> pd.DataFrame:
    """Return what the shares of one province's villages come to."""
    if item.shares is None:
        message = "what shares come to needs the shares"
        raise ValueError(message)
    needs = item.needs
    return overlay.covered(
        item.shares,
        item.villages,
        item.coverage,
        covered_at=needs.covered_at,
        not_covered_at=needs.not_covered_at,
        contradiction_share=needs.contradiction_share,
        operators=needs.operators,
        min_tests=needs.min_tests,
        people=item.people,
    )


def supported(land: Land, villages: gpd.GeoDataFrame, teams: pd.DataFrame | None) -> list[Supported]:
    """Return what measuring the way to support takes, province by province; teams serve the one they stand in."""
    names = provinces(land.communes)
    if len(names) == 1:
        return [Supported(land, villages, teams)]
    items = []
    for name in names:
        own = villages[inside(villages, land.communes, name, by=schema.COMMUNE_ID)].reset_index(drop=True)
        if len(own):
            items.append(Supported(land.of(name), own, _of_villages(teams, own)))
    return items


def support(item: Supported) -> pd.DataFrame:
    """Return how far the nearest team that stands today is from each village."""
    return item.land.ways.support(item.villages, item.teams)


def _of_villages(places: pd.DataFrame | None, villages: pd.DataFrame) -> pd.DataFrame | None:
    if places is None:
        return None
    return places[places[schema.UNIT_ID].isin(set(villages[schema.UNIT_ID]))].reset_index(drop=True)


def asked(
    land: Land,
    rows: pd.DataFrame,
    teams: pd.DataFrame | None,
    sites: pd.DataFrame | None,
    *,
    deploy: Deploy,
    travel: Travel,
    drawn: Float | None,
) -> list[Asked]:
    """Return what choosing sites takes, province by province: each adds the plan's teams and has its own locks.

    Raises
    ------
    PlanError
        When a lock names a site of no province.
    """
    names = provinces(land.communes)
    if len(names) == 1:
        return [Asked(land, rows, teams, sites, deploy, travel, drawn)]
    items = []
    for name in names:
        here = inside(rows, land.communes, name, by=schema.COMMUNE_ID).to_numpy()
        if not here.any():
            continue
        own, theirs_drawn = rows[here].reset_index(drop=True), None if drawn is None else drawn[:, here]
        theirs = _of_villages(sites, own)
        candidates = deployment.candidates(own, min_people=deploy.candidate_min_people) if theirs is None else theirs
        stands = _of_villages(teams, own)
        mobile = deployment.rapid_candidates(own, deploy=deploy)
        tables = [table for table in (candidates, stands, mobile) if table is not None]
        known = {site_id for table in tables for site_id in table[schema.SITE_ID]}
        locks = {key: _known(getattr(deploy, key), known) for key in ("locked_in", "locked_out")}
        changed = deploy.model_copy(update=locks)
        items.append(Asked(land.of(name), own, stands, theirs, changed, travel, theirs_drawn))
    for key in ("locked_in", "locked_out"):
        kept = {lock.site_id for item in items for lock in getattr(item.deploy, key)}
        for lock in getattr(deploy, key):
            if lock.site_id not in kept:
                message = f"deploy.{key}: no candidate site '{lock.site_id}' in any province (asked for by {lock.by})"
                raise PlanError(message)
    return items


def _known(locks: Sequence[Lock], sites: set[str]) -> tuple[Lock, ...]:
    return tuple(lock for lock in locks if lock.site_id in sites)


def deploy(item: Asked) -> Deployed:
    """Choose the sites of one province."""
    ways, rows = item.land.ways, item.rows
    sites = item.sites
    if sites is None:
        sites = deployment.candidates(rows, min_people=item.deploy.candidate_min_people)
    rapid = deployment.rapid_candidates(rows, deploy=item.deploy)
    where = deployment.places(
        item.teams, ways.known_sites(sites), rapid=None if rapid is None else ways.known_sites(rapid)
    )
    minutes = _minutes(item, where, reach=(item.deploy.reach_minutes, item.deploy.rapid_reach_minutes))
    problem = deployment.problem(rows, where, minutes, deploy=item.deploy)
    solve = MODELS[item.deploy.model]
    found = solve(problem)
    assigned = deployment.assigned(rows, where, found)
    opened = deployment.open_sites(where, found, assigned, deploy=item.deploy)
    opened = sureness.with_losses(opened, where, losses_after_replacing(problem, found, solve=solve), plan=found)
    if item.drawn is not None:
        opened = sureness.with_certainty(opened, where, certainty(problem, found, item.drawn, solve=solve))
    to_opened = _minutes(item, deployment.Places(opened), reach=(item.travel.cutoff_minutes,) * 2)
    tables = {
        "assignments": assigned,
        "team_minutes": deployment.nearest_sites(rows, opened, to_opened),
        "curve": deployment.curve_table(problem, found),
    }
    if item.deploy.alternatives:
        others = alternatives(
            problem, found, count=item.deploy.alternatives, within=item.deploy.alternatives_within, solve=solve
        )
        tables["alternatives"] = deployment.alternatives_table(others, where)
    if item.deploy.phased is not None:
        tables["waves"] = deployment.waves_table(problem, found, where, phased=item.deploy.phased)
    if found.model == "fair":
        tables["fairness"] = deployment.fairness_table(problem, found)
    return Deployed(found, ways.flags, opened, tables)


def _minutes(item: Asked, where: deployment.Places, *, reach: tuple[float, float]) -> sparse.csr_array:
    """Return minutes between villages and places, each type of team in its own direction, mode and reach."""
    ways, rows = item.land.ways, item.rows
    to_site = ways.matrix(rows, where.frame, cutoff_minutes=reach[0])
    rapid = item.deploy.rapid_response
    if rapid is None:
        return to_site
    if ways.given is not None:  # the plan's own minutes hold for either direction and for every mode
        return deployment.minutes_within_reach(
            to_site, ways.matrix(rows, where.frame, cutoff_minutes=reach[1]).T.tocsr(), where
        )
    if rapid.mode is not None and rapid.mode != item.travel.mode:
        if ways.grid is None or item.land.terrain.get("friction") is not None:
            message = (
                f"deploy.rapid_response.mode = '{rapid.mode}' changes nothing over straight lines or a friction raster; "
                "take it out, or give the plan roads or land cover"
            )
            raise PlanError(message)
        ways = replace(item.land, settings=item.travel.model_copy(update={"mode": rapid.mode})).ways
    return deployment.minutes_within_reach(to_site, ways.between(where.frame, rows, cutoff_minutes=reach[1]), where)


def together(parts: Sequence[Deployed], *, model: str) -> Deployed:
    """Put the provinces' deployments together; one alone is returned as it is.

    Parameters
    ----------
    parts : sequence of Deployed
        In the order of the provinces.
    model : str
        ``p_center``: the longest way counts; ``fair``: the mean over people in need; of all others the sum.
    """
    if len(parts) == 1:
        return parts[0]
    sites = pd.concat([part.sites for part in parts], ignore_index=True)
    tables = {name: pd.concat([part.tables[name] for part in parts], ignore_index=True) for name in parts[0].tables}
    flags = tuple(sorted({flag for part in parts for flag in part.flags}))
    tables["curve"] = _curve([part.tables["curve"] for part in parts])
    if "waves" in tables:
        tables["waves"] = _waves([part.tables["waves"] for part in parts])
    tables.pop("fairness", None)  # each province has a scale of its own; their turns do not add up
    for name in ("assignments", "team_minutes"):
        tables[name] = tables[name].sort_values(list(tables[name].columns[:1]), kind="stable", ignore_index=True)
    return Deployed(
        _plan([part.plan for part in parts], model), flags, sites.sort_values("site_id", ignore_index=True), tables
    )


def _curve(curves: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the curve over all provinces: so many teams added in each of them; empty where they do not match."""
    first = curves[0]
    if any(not curve["teams_added"].equals(first["teams_added"]) for curve in curves):
        return first.iloc[:0]
    summed = {name: sum(curve[name] for curve in curves) for name in ("people_reached", "bound", "greedy_people")}
    return first.assign(**summed, teams_added=first["teams_added"] * len(curves), knee="")


def _waves(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the waves of all provinces, which work side by side: what a wave has reached is the sum over them."""
    totals = ["people_reached", "bound", "need_left_people"]
    number = max((int(table["wave"].max()) for table in tables if len(table)), default=0)
    each = [table.groupby("wave")[totals].first().reindex(range(1, number + 1)).ffill() for table in tables]
    summed = pd.concat(each).groupby(level=0).sum(min_count=len(tables))  # unknown in one is unknown in all
    every = pd.concat(tables, ignore_index=True).drop(columns=totals)
    return every.join(summed, on="wave")


def _counted(values: Sequence[float], plans: Sequence[SitingPlan], model: str) -> float:
    """Return what the provinces' objectives come to together."""
    if model == "p_center":
        return max(values)
    if model != "fair":
        return sum(values)
    people = [p.objective_people + p.unserved_people for p in plans]
    return sum(v * n for v, n in zip(values, people, strict=True)) / sum(people) if sum(people) > 0 else 0.0


def _plan(plans: Sequence[SitingPlan], model: str) -> SitingPlan:
    objective, bound, greedy = (
        _counted([getattr(p, name) for p in plans], plans, model) for name in ("objective", "bound", "greedy")
    )
    most = max(abs(objective), abs(bound))
    added: dict[str, Any] = {
        name: sum(getattr(p, name) for p in plans)
        for name in (
            "objective_people",
            "bound_people",
            "greedy_people",
            "today_people",
            "unserved_people",
            "backup_people",
            "seconds",
        )
    }
    placed: dict[str, Any] = {name: np.concatenate([getattr(p, name) for p in plans]) for name in _PLACED}
    return replace(
        plans[0],
        **added,
        **placed,
        objective=objective,
        bound=bound,
        greedy=greedy,
        gap=abs(bound - objective) / most if most else 0.0,
        status=max((p.status for p in plans), key=_WORST.index),
        solver=", ".join(sorted({p.solver for p in plans})),
        parts=None,
    )
