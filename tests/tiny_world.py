"""Sixteen square villages whose answers a person can work out by hand.

Metric CRS EPSG:32649. Village vRC (row R from the south, column C from the west, both 0 to 3) is the square of
2,000 m whose south-west corner is (200,000 + 2,000 C, 1,400,000 + 2,000 R). Four communes of 2 x 2 villages:

    north   | k10: v20 v21 v30 v31 | k11: v22 v23 v32 v33 |
    south   | k00: v00 v01 v10 v11 | k01: v02 v03 v12 v13 |

Every village has 1,000 people, but v33, which has 30. Operator A declares the western half (columns 0 and 1) and the
western half of column 2; operator B declares row 0. So `any`: columns 0 and 1 and row 0 are covered in full, v12, v22
and v32 by half, v13, v23 and v33 not at all. Adoption: numerator 80 of 100 in k00, 60 of 100 in k01, 40 of 100
in k10, 20 of 100 in k11, but v33: 3 of 15, which is too small to publish. One team stands in v00.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import geopandas as gpd
import pandas as pd
from shapely import box

CRS: Final = "EPSG:32649"
X0: Final = 200_000.0
Y0: Final = 1_400_000.0
SIDE_M: Final = 2_000.0
DATE: Final = dt.date(2025, 7, 1)


def square(row: float, column: float, *, rows: float = 1, columns: float = 1):
    """Return the rectangle of villages from (row, column), in metres."""
    return box(
        X0 + SIDE_M * column,
        Y0 + SIDE_M * row,
        X0 + SIDE_M * (column + columns),
        Y0 + SIDE_M * (row + rows),
    )


def communes() -> gpd.GeoDataFrame:
    """`layers.schema.COMMUNES`."""
    rows = [(f"k{r}{c}", f"Xã {r}{c}", square(2 * r, 2 * c, rows=2, columns=2)) for r in (0, 1) for c in (0, 1)]
    return gpd.GeoDataFrame(
        {
            "unit_id": [r[0] for r in rows],
            "name": [r[1] for r in rows],
            "province_id": "",
            "data_date": DATE,
            "flags": [() for _ in rows],
        },
        geometry=[r[2] for r in rows],
        crs=CRS,
    )


def villages() -> gpd.GeoDataFrame:
    """`layers.schema.VILLAGES`, ordered v00, v01, …, v33."""
    cells = [(r, c) for r in range(4) for c in range(4)]
    return gpd.GeoDataFrame(
        {
            "unit_id": [f"v{r}{c}" for r, c in cells],
            "name": [f"Thôn {r}{c}" for r, c in cells],
            "commune_id": [f"k{r // 2}{c // 2}" for r, c in cells],
            "hamlets": 1,
            "x_m": [X0 + SIDE_M * (c + 0.5) for _, c in cells],
            "y_m": [Y0 + SIDE_M * (r + 0.5) for r, _ in cells],
            "data_date": DATE,
            "flags": [() for _ in cells],
        },
        geometry=[square(r, c) for r, c in cells],
        crs=CRS,
    )


def population() -> pd.DataFrame:
    """`layers.schema.POPULATION` per village: 1,000 people each, 30 in v33."""
    ids = list(villages()["unit_id"])
    return pd.DataFrame({"unit_id": ids, "people": [30 if i == "v33" else 1_000 for i in ids], "data_date": DATE})


def coverage() -> gpd.GeoDataFrame:
    """`layers.schema.COVERAGE`: what operators A and B declare."""
    return gpd.GeoDataFrame(
        {
            "operator": ["A", "B"],
            "technology": "4G",
            "evidence": "declared",
            "signal": "yes",
            "data_date": DATE,
            "synthetic": False,
        },
        geometry=[square(0, 0, rows=4, columns=2.5), square(0, 0, rows=1, columns=4)],
        crs=CRS,
    )


def adoption() -> pd.DataFrame:
    """`layers.schema.ADOPTION` per village of `vneid_activated`."""
    frame = villages()
    of_commune = {"k00": 80.0, "k01": 60.0, "k10": 40.0, "k11": 20.0}
    small = frame["unit_id"] == "v33"
    return pd.DataFrame(
        {
            "unit_id": frame["unit_id"],
            "level": "village",
            "indicator": "vneid_activated",
            "numerator": frame["commune_id"].map(of_commune).mask(small, 3.0),
            "denominator": small.map({True: 15.0, False: 100.0}),
            "data_date": DATE,
            "synthetic": False,
        }
    )


def teams() -> pd.DataFrame:
    """`layers.schema.TEAMS_COLUMNS`: one community team in v00."""
    return pd.DataFrame(
        {
            "site_id": ["t1"],
            "unit_id": ["v00"],
            "name": ["Tổ công nghệ số v00"],
            "team_type": ["community"],
            "teams": [1],
            "x_m": [X0 + SIDE_M / 2],
            "y_m": [Y0 + SIDE_M / 2],
            "hours": [""],
            "contact": [""],
            "languages": [("vi",)],
            "synthetic": [False],
        }
    )
