"""From stage results to published tables: names, order, sums; no conclusion is drawn here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.crs import GEOGRAPHIC
from planner.products import CROSSWALK, FOUR

SUMMED: Final = (
    "population_people",
    "eligible_people",
    *FOUR,
    "not_adopted_people_low",
    "not_adopted_people_high",
    "no_signal_people_low",
    "no_signal_people_high",
    "without_signal_people",
    "need_people",
)
"""Village columns that a commune adds up."""


def merge_flags(*columns: Iterable[Sequence[str]]) -> list[tuple[str, ...]]:
    """Return, row by row, the sorted union of several columns of flags."""
    return [tuple(sorted({f for part in row for f in part})) for row in zip(*columns, strict=True)]


def degrees(x_m: pd.Series[Any], y_m: pd.Series[Any], *, crs: str) -> pd.DataFrame:
    """Return columns ``lat``, ``lon`` (EPSG:4326, degrees) of points in the metric `crs`, same index."""
    points = gpd.GeoSeries(gpd.points_from_xy(x_m, y_m), crs=crs, index=x_m.index).to_crs(GEOGRAPHIC)
    return pd.DataFrame({"lat": points.y.round(7), "lon": points.x.round(7)}, index=x_m.index)


def weighted_mean(values: pd.Series[Any], weights: pd.Series[Any], groups: pd.Series[Any]) -> pd.Series[Any]:
    """Return the mean of the known `values` by group, weighted; NaN where nothing is known or all weights are 0."""
    known = values.notna() & weights.notna()
    total = (values * weights).where(known, 0.0).groupby(groups).sum()
    weight = weights.where(known, 0.0).astype("float64").groupby(groups).sum()
    return (total / weight.where(weight > 0)).astype("float64")


def commune_table(
    communes: gpd.GeoDataFrame, villages: pd.DataFrame, *, scores: pd.DataFrame, indicators: Sequence[str]
) -> gpd.GeoDataFrame:
    """Add the villages up to their communes.

    Parameters
    ----------
    communes : GeoDataFrame
        `layers.schema.COMMUNES`, metric CRS.
    villages : DataFrame
        `products.VILLAGES` without geometry.
    scores : DataFrame
        ``score`` and ``rank`` by commune id.
    indicators : sequence of str
        Adoption indicators with a ``<indicator>_rate`` column.

    Returns
    -------
    GeoDataFrame
        `products.COMMUNES`, EPSG:4326, ordered by ``unit_id``.
    """
    frame = communes.sort_values("unit_id").set_index("unit_id", drop=False)
    inside = gpd.GeoSeries(shapely.point_on_surface(frame.geometry.array), index=frame.index, crs=frame.crs)
    where = degrees(inside.x, inside.y, crs=str(frame.crs))
    groups = villages["commune_id"]
    sums = villages.groupby(groups)[list(SUMMED)].sum(min_count=1).reindex(frame.index)
    found = pd.DataFrame({"unit_id": frame["unit_id"], "name": frame["name"], **where}, index=frame.index)
    found["data_date"] = villages.groupby(groups)["data_date"].min().reindex(frame.index)
    found["villages"] = villages.groupby(groups).size().reindex(frame.index, fill_value=0)
    for column in SUMMED:
        found[column] = sums[column]
    eligible = villages["eligible_people"].astype("float64")
    found["covered_share"] = weighted_mean(villages["covered_share"], eligible, groups).reindex(frame.index)
    found["need_class"] = _main_class(villages).reindex(frame.index, fill_value="unknown")
    need = villages["need_people"].astype("Float64")
    served = need.where(villages["assigned_site_id"].notna() | need.isna(), 0.0)
    found["served_people"] = served.groupby(groups).sum(min_count=1).reindex(frame.index)
    found["served_share"] = found["served_people"] / found["need_people"].astype("Float64").where(lambda p: p > 0)
    if "usable_probability" in villages:
        chance = weighted_mean(villages["usable_probability"], eligible, groups)
        found["usable_probability"] = chance.reindex(frame.index)
    for indicator in indicators:
        found[f"{indicator}_rate"] = weighted_mean(villages[f"{indicator}_rate"], eligible, groups).reindex(frame.index)
    found["score"] = scores["score"].reindex(frame.index)
    found["rank"] = scores["rank"].reindex(frame.index)
    within = {c: {f for row in rows for f in row} for c, rows in villages["flags"].groupby(groups)}
    found["flags"] = merge_flags(frame["flags"], [sorted(within.get(c, ())) for c in frame.index])
    return gpd.GeoDataFrame(found.reset_index(drop=True), geometry=frame.geometry.array, crs=frame.crs).to_crs(
        GEOGRAPHIC
    )


def _main_class(villages: pd.DataFrame) -> pd.Series[str]:
    """Return, by commune, the class of need in whose villages most people in need live.

    ``served`` where need is known and nobody has any, ``unknown`` where it is known of no village; of equals the first by
    name. It is made of what the villages' rows say, so that it tells no more of a hidden one than they do.
    """
    need = villages["need_people"].astype("Float64")
    by_class = need.groupby([villages["commune_id"], villages["need_class"]]).sum(min_count=1).dropna()
    found = {}
    for commune, people in by_class.groupby(level=0):
        most = people.droplevel(0).sort_index().astype("float64")
        found[commune] = str(most.idxmax()) if most.max() > 0 else "served"
    return pd.Series(found, dtype="object")


def join_villages(
    villages: gpd.GeoDataFrame, people: pd.DataFrame, covered: pd.DataFrame, rates: pd.DataFrame, support: pd.DataFrame
) -> pd.DataFrame:
    """Put what is known of each village into one row; flags of all parts are merged.

    Parameters
    ----------
    villages : GeoDataFrame
        `layers.schema.VILLAGES`.
    people, covered, rates, support : DataFrame
        Each with ``unit_id`` and ``flags``, one row per village in any order.

    Returns
    -------
    DataFrame
        Ordered by ``unit_id``, index 0 to n - 1.

    Raises
    ------
    ValueError
        When a part has other villages than `villages`.
    """
    base = villages.sort_values("unit_id", ignore_index=True)
    rows = pd.DataFrame(base[["unit_id", "name", "commune_id", "x_m", "y_m"]])
    flags = [base["flags"]]
    for part in (people, covered, rates, support):
        known = part.set_index("unit_id")
        if len(known) != len(rows) or not known.index.is_unique or not rows["unit_id"].isin(known.index).all():
            message = (
                f"one row per village is expected in each part; one has {len(known)} rows for {len(rows)} villages"
            )
            raise ValueError(message)
        aligned = known.loc[rows["unit_id"]].reset_index(drop=True)
        flags.append(aligned.pop("flags"))
        rows = rows.join(aligned)
    rows["flags"] = pd.Series(merge_flags(*flags), dtype="object")
    return rows


def with_assignments(rows: pd.DataFrame, assigned: pd.DataFrame, *, flags: tuple[str, ...]) -> pd.DataFrame:
    """Return `rows` with ``assigned_site_id`` and ``assigned_minutes``, empty where no site reaches the village.

    `flags` say how those minutes were found and are put on every row that has them.
    """
    largest = assigned.sort_values(["unit_id", "people", "site_id"], ascending=[True, False, True])
    of_unit = largest.drop_duplicates("unit_id").set_index("unit_id")  # of a split village the site with most of it
    minutes = rows["unit_id"].map(of_unit["minutes"])
    own = [flags if known else () for known in minutes.notna()]
    return rows.assign(
        assigned_site_id=rows["unit_id"].map(of_unit["site_id"]),
        assigned_minutes=minutes,
        flags=pd.Series(merge_flags(rows["flags"], own), index=rows.index, dtype="object"),
    )


def with_scores(rows: pd.DataFrame, table: pd.DataFrame, *, ranking: Sequence[str]) -> pd.DataFrame:
    """Return `rows` with score, rank and contributions; a score that lacks a pillar carries flag ``partial_score``.

    Parameters
    ----------
    rows, table : DataFrame
        Same index; `table` has ``contribution_<pillar>``, NaN where the pillar is unknown in the village.
    ranking : sequence of str
        Pillars with a weight above 0.
    """
    lacking = table[[f"contribution_{name}" for name in ranking]].isna().any(axis=1) & table["score"].notna()
    own = [("partial_score",) if part else () for part in lacking]
    joined = rows.join(table)
    return joined.assign(flags=pd.Series(merge_flags(rows["flags"], own), index=rows.index, dtype="object"))


def village_table(rows: pd.DataFrame, villages: gpd.GeoDataFrame, *, crs: str) -> gpd.GeoDataFrame:
    """Return `products.VILLAGES`: `rows` with lat, lon and the villages' polygons, EPSG:4326."""
    geometry = villages.set_index("unit_id").geometry.loc[rows["unit_id"]]
    where = degrees(rows["x_m"], rows["y_m"], crs=crs)
    frame = rows.drop(columns=["x_m", "y_m"]).join(where)
    return gpd.GeoDataFrame(frame, geometry=geometry.array, crs=villages.crs).to_crs(GEOGRAPHIC)


def site_table(opened: pd.DataFrame, *, crs: str, flags: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Return `products.SITES` with points, EPSG:4326; `flags` say how minutes were found."""
    where = degrees(opened["x_m"], opened["y_m"], crs=crs)
    frame = opened.drop(columns=["x_m", "y_m", "existing", "synthetic"]).join(where)
    own = [("synthetic",) if made else () for made in opened["synthetic"]]
    frame["flags"] = pd.Series(merge_flags(own, [flags] * len(opened)), dtype="object")
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(where["lon"], where["lat"]), crs=GEOGRAPHIC)


def assignment_table(assigned: pd.DataFrame, villages: pd.DataFrame, sites: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return `products.ASSIGNMENTS` with a line from the village's point to its site, EPSG:4326."""
    ordered = assigned.sort_values("unit_id", ignore_index=True)
    return gpd.GeoDataFrame(ordered, geometry=site_lines(ordered, villages, sites), crs=GEOGRAPHIC)


def crosswalk_table(steps: pd.DataFrame) -> pd.DataFrame:
    """Return `products.CROSSWALK` from the table of a `layers.crosswalk.Crosswalk`."""
    names = {"new_id": "commune_id", "share": "population_share"}
    return steps.rename(columns=names)[[c.name for c in CROSSWALK]]


def with_names(table: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return a table of villages with ``name``, ``commune_id``, ``commune_name`` and ``eligible_people`` of each."""
    named = rows.set_index("unit_id")[["name", "commune_id", "commune_name", "eligible_people"]]
    return table.join(named, on="unit_id")


def context_layers(
    *,
    communes: gpd.GeoDataFrame,
    outline: pd.DataFrame | None,
    roads: pd.DataFrame | None,
    places: pd.DataFrame | None,
    islands: gpd.GeoDataFrame,
) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of ``context.gpkg``, EPSG:4326; the outline is the communes' union where the plan gives none."""
    if outline is None:
        # communes that overlap or do not share their vertices are kept with a warning: their union is no mere dissolving
        shapes = communes.geometry.to_numpy()
        merged = shapely.coverage_union_all(shapes) if shapely.coverage_is_valid(shapes) else shapely.union_all(shapes)
        outline = gpd.GeoDataFrame({"name": [""]}, geometry=[merged], crs=communes.crs)
    found = {"outline": gpd.GeoDataFrame(outline), "islands": islands}
    found |= {n: gpd.GeoDataFrame(f) for n, f in (("roads", roads), ("places", places)) if f is not None}
    return {name: _plain(frame).to_crs(GEOGRAPHIC) for name, frame in sorted(found.items())}


def _plain(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return texts and geometry only: what maps draw behind the data needs no more."""
    kept = [c for c in ("name", "road_class") if c in frame.columns]
    return frame[[*kept, frame.geometry.name]]


def site_lines(assigned: pd.DataFrame, villages: pd.DataFrame, sites: pd.DataFrame) -> np.ndarray:
    """Return one line per assignment from the village's point to its site, EPSG:4326 lon, lat."""
    start = villages.set_index("unit_id")[["lon", "lat"]].loc[assigned["unit_id"]].to_numpy()
    end = sites.set_index("site_id")[["lon", "lat"]].loc[assigned["site_id"]].to_numpy()
    return np.asarray(shapely.linestrings(np.stack([start, end], axis=1)), dtype=object)
