"""What a careful analyst would write for one province with geopandas, rasterstats, spopt and folium: the peer of province.py.

    python benchmarks/by_hand.py FOLDER OUT

FOLDER holds what `benchmarks/province.py` wrote. No travel time, no uncertainty, no checks, no bound: an evening's work.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pulp
from rasterstats import zonal_stats
from shapely import voronoi_polygons
from shapely.geometry import MultiPoint
from spopt.locate import MCLP

CRS = "EPSG:32649"
REACH_M = 30_000 * 0.5 / 1.4
TEAMS = 60


def cells(points: gpd.GeoDataFrame, communes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Voronoi cells of the villages inside their commune; a commune without a village stands for itself."""
    found = []
    for _, commune in communes.iterrows():
        own = points[points["commune_id"] == commune["code"]]
        if own.empty:
            point = commune.geometry.representative_point()
            row = {"unit_id": commune["code"], "name": commune["full_name"], "commune_id": commune["code"]}
            found.append(row | {"hamlets": 1, "x": point.x, "y": point.y, "geometry": commune.geometry})
            continue
        parts = voronoi_polygons(MultiPoint(list(own.geometry)), extend_to=commune.geometry.envelope)
        regions = gpd.GeoDataFrame(geometry=list(parts.geoms), crs=CRS)
        joined = gpd.sjoin(regions, own, predicate="contains", how="inner")
        for region, row in zip(joined.geometry, joined.itertuples(), strict=True):
            cell = region.intersection(commune.geometry)
            at = own.loc[row.index_right].geometry
            found.append({"unit_id": row.unit_id, "name": row.name, "commune_id": row.commune_id, "hamlets": row.hamlets,
                          "x": at.x, "y": at.y, "geometry": cell})  # fmt: skip
    return gpd.GeoDataFrame(found, crs=CRS).sort_values("unit_id", ignore_index=True)


def people(villages: gpd.GeoDataFrame, folder: Path) -> pd.Series:
    """Equal parts of the commune's people per hamlet."""
    totals = pd.read_csv(folder / "population.csv", dtype={"unit_id": str}).set_index("unit_id")["people"]
    weights = villages["hamlets"] / villages.groupby("commune_id")["hamlets"].transform("sum")
    return weights * villages["commune_id"].map(totals)


def covered(villages: gpd.GeoDataFrame, folder: Path) -> pd.Series:
    """Share of each cell inside the union of what the operators declare."""
    declared = gpd.read_file(folder / "declared.geojson").to_crs(CRS)
    union = gpd.GeoDataFrame(geometry=[declared[declared["signal"] == "yes"].union_all()], crs=CRS)
    common = gpd.overlay(villages[["unit_id", "geometry"]], union, how="intersection")
    area = common.geometry.area.groupby(common["unit_id"]).sum()
    return (villages["unit_id"].map(area).fillna(0.0) / villages.geometry.area).clip(0, 1)


def maps(villages: gpd.GeoDataFrame, communes: gpd.GeoDataFrame, chosen: gpd.GeoDataFrame, out: Path) -> Path:
    """One folium map: communes, villages with their figures, sites."""
    shown = folium.Map([13.0, 108.6], zoom_start=8)
    by_commune = villages.groupby("commune_id")["need"].sum().rename_axis("code").reset_index()
    folium.Choropleth(communes[["code", "geometry"]].to_crs(4326).to_json(), data=by_commune, columns=["code", "need"],
                      key_on="feature.properties.code", fill_color="YlOrRd").add_to(shown)  # fmt: skip
    columns = ["unit_id", "name", "population", "covered", "rate", "need", "score", "geometry"]
    tooltip = folium.GeoJsonTooltip(columns[:-1])
    folium.GeoJson(villages[columns].to_crs(4326).to_json(), tooltip=tooltip).add_to(shown)
    for row in chosen.to_crs(4326).itertuples():
        folium.Marker([row.geometry.y, row.geometry.x], tooltip=row.name).add_to(shown)
    file = out / "map.html"
    shown.save(file)
    return file


def main(folder: Path, out: Path) -> None:
    """Read, overlay, score, site, draw; write what the product's figures are compared with."""
    communes = gpd.read_parquet(folder / "communes.parquet").to_crs(CRS)
    hamlets = pd.read_csv(folder / "villages.csv", dtype=str).astype({"lon": float, "lat": float})
    hamlets = hamlets.sort_values("unit_id")
    first = hamlets.groupby(["lon", "lat"], as_index=False).agg(
        unit_id=("unit_id", "first"),
        name=("name", " / ".join),
        commune_id=("commune_id", "first"),
        hamlets=("unit_id", "size"),
    )
    points = gpd.GeoDataFrame(first, geometry=gpd.points_from_xy(first["lon"], first["lat"]), crs=4326).to_crs(CRS)
    villages = cells(points, communes)
    villages["population"] = people(villages, folder)
    villages["covered"] = covered(villages, folder)
    heights = zonal_stats(villages.to_crs(4326), folder / "signal.tif", stats="mean", nodata=-9999)
    villages["modelled"] = [one["mean"] for one in heights]
    adoption = pd.read_csv(folder / "adoption.csv", dtype={"unit_id": str}).set_index("unit_id")
    villages["rate"] = villages["unit_id"].map(adoption["numerator"] / adoption["denominator"])
    eligible = villages["population"] * 0.7761
    villages["need"] = (eligible * (1 - villages["rate"]) * villages["covered"]).fillna(0.0)
    teams = pd.read_csv(folder / "teams.csv", dtype=str).merge(villages[["unit_id", "x", "y"]], on="unit_id")
    at, stand = villages[["x", "y"]].to_numpy(), teams[["x", "y"]].to_numpy(float)
    support = np.sqrt(((at[:, None] - stand[None]) ** 2).sum(axis=2)).min(axis=1)
    parts = pd.DataFrame({"a": 1 - villages["covered"], "b": 1 - villages["rate"], "c": support})
    villages["score"] = 100 * ((parts - parts.min()) / (parts.max() - parts.min())).mean(axis=1)
    big = villages[villages["population"] >= 200]
    places = np.vstack([stand, big[["x", "y"]].to_numpy()])
    distance = np.sqrt(((at[:, None] - places[None]) ** 2).sum(axis=2))
    model = MCLP.from_cost_matrix(distance, villages["need"].to_numpy(), REACH_M, p_facilities=len(stand) + TEAMS,
                                  predefined_facilities_arr=(np.arange(len(places)) < len(stand)).astype(int))  # fmt: skip
    model = model.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=0.005, threads=1))
    opened = np.array([bool(served) for served in model.fac2cli])
    reached = float(villages["need"][(distance[:, opened] <= REACH_M).any(axis=1)].sum())
    chosen = big[opened[len(stand) :]]
    file = maps(
        villages,
        communes,
        gpd.GeoDataFrame(chosen, geometry=gpd.points_from_xy(chosen["x"], chosen["y"]), crs=CRS),
        out,
    )
    villages[["unit_id", "population", "covered", "rate", "need"]].to_csv(out / "villages.csv", index=False)
    (out / "about.json").write_text(
        json.dumps({"reached": reached, "map_bytes": file.stat().st_size}), encoding="utf-8"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
