"""Coordinate reference systems that OGC answers speak, and the way from the published WGS 84 to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, get_args

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CrsUri = Literal[
    "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    "http://www.opengis.net/def/crs/EPSG/0/4326",
    "http://www.opengis.net/def/crs/EPSG/0/3857",
    "http://www.opengis.net/def/crs/EPSG/0/3405",
    "http://www.opengis.net/def/crs/EPSG/0/3406",
    "http://www.opengis.net/def/crs/EPSG/0/9217",
    "http://www.opengis.net/def/crs/EPSG/0/9218",
]
"""The known systems: WGS 84, web maps, VN-2000 / UTM 48N and 49N, TM-3 108-15 and 108-30, which is Đắk Lắk's own."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Crs:
    """One system.

    Parameters
    ----------
    uri : str
        As OGC writes it.
    code : str
        For PROJ.
    decimals : int
        Of published coordinates: a centimetre.
    """

    uri: str
    code: str
    decimals: int


def _crs(uri: str) -> Crs:
    if uri == CRS84:
        return Crs(uri, "OGC:CRS84", 7)
    code = uri.rsplit("/", 1)[1]
    return Crs(uri, f"EPSG:{code}", 7 if code == "4326" else 2)


SYSTEMS: Final[dict[str, Crs]] = {uri: _crs(uri) for uri in get_args(CrsUri)}
"""By URI, in the order in which collections list them."""


@cache
def _transformer(code: str) -> Transformer:
    # axes in the order of the authority: latitude first in EPSG:4326, as Part 2 wants
    return Transformer.from_crs("OGC:CRS84", code)


def project(geometries: NDArray[np.object_], crs: Crs) -> NDArray[np.object_]:
    """Return geometries of longitude and latitude in `crs`, in its axis order, rounded as they are published.

    Parameters
    ----------
    geometries : array of shapely geometries, OGC:CRS84
        None stays None.
    crs : Crs
    """

    def rounded(coordinates: Array) -> Array:
        moved: Any = coordinates
        if crs.uri != CRS84:
            moved = np.column_stack(_transformer(crs.code).transform(coordinates[:, 0], coordinates[:, 1]))
        found: Array = np.round(moved, crs.decimals)
        return found

    return np.asarray(shapely.transform(geometries, rounded), dtype=object)
