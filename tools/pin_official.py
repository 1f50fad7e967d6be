"""Write data/boundaries/official.json: path, size and sha256 of each official commune file at one upstream commit.

    python tools/pin_official.py --copy daklak_communes_2025.parquet --out data/boundaries/official.json

The files themselves may not be redistributed and need not be at hand: each is one GeoJSON feature in a fixed layout (two
spaces of indent, coordinates at 6 decimals without trailing zeros, eight properties in a fixed order, no newline at the
end), so its bytes follow from a copy of its coordinates and attributes. Sizes of the bytes so made were compared with those of
eight upstream files and agree (22015, 22207, 24133, 24184, 24235, 24412, 24529, 24595).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import shapely

REPOSITORY: Final = "thanglequoc/vietnamese-provinces-database"
COMMIT: Final = "cd58063299585146ded3981f2272946ef19ced54"
FOLDER: Final = "json/geojson/66_dak_lak/wards"


def code_name(name_en: str) -> str:
    """Return upstream's file name part: lower case, apostrophes dropped, the rest joined by underscores."""
    return re.sub(r"[^a-z0-9]+", "_", name_en.lower().replace("'", ""))


def _plain(value: Any) -> Any:
    """Return a number as upstream prints it: whole ones without a point."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return [_plain(v) for v in value] if isinstance(value, list) else value


def content(row: dict[str, Any]) -> bytes:
    """Return the bytes of one commune's file."""
    bounds = _plain([float(v) for v in row["geometry"].bounds])
    feature = {
        "type": "Feature",
        "id": row["code"],
        "bbox": bounds,
        "geometry": {
            "type": "MultiPolygon",
            "coordinates": _plain(json.loads(shapely.to_geojson(row["geometry"]))["coordinates"]),
        },
        "properties": {
            "code": row["code"],
            "name": row["name"],
            "nameEn": row["name_en"],
            "fullName": row["full_name"],
            "fullNameEn": row["full_name_en"],
            "codeName": code_name(row["name_en"]),
            "gisServerId": row["gis_id"],
            "areaKm2": _plain(float(row["area_km2_published"])),
        },
    }
    collection = {"type": "FeatureCollection", "bbox": bounds, "features": [feature]}
    return json.dumps(collection, indent=2, ensure_ascii=False).encode("utf-8")


def main() -> None:
    """Parse the paths and write the list."""
    parser = argparse.ArgumentParser(description="Pin the official commune files by sha256.")
    parser.add_argument(
        "--copy", type=Path, required=True, help="GeoParquet with the files' coordinates and attributes"
    )
    parser.add_argument("--out", type=Path, default=Path("data/boundaries/official.json"))
    arguments = parser.parse_args()
    files = []
    for row in gpd.read_parquet(arguments.copy).sort_values("code").to_dict("records"):
        found = content(row)
        path = f"{FOLDER}/{row['code']}_{code_name(row['name_en'])}.geojson"
        files.append({"path": path, "bytes": len(found), "sha256": hashlib.sha256(found).hexdigest()})
    record = {
        "title": "Official polygons of the 102 communes and wards of Đắk Lắk, 2025-07-01",
        "repository": f"https://github.com/{REPOSITORY}",
        "commit": COMMIT,
        "base_url": f"https://raw.githubusercontent.com/{REPOSITORY}/{COMMIT}/",
        "licence": "MIT (repository); the official map behind it states no licence: fetched, not redistributed",
        "date": "2025-07-01",
        "pinned": (
            "size and sha256 follow from a copy of the commit's coordinates and attributes written in its layout "
            "(tools/pin_official.py); sizes were compared with eight of the files, sha256 with none"
        ),
        "files": files,
    }
    arguments.out.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
