"""What a value holds, as a short text: equal values have equal digests, in every process and on every machine.

A value of a type that is not known here is refused: left out, it could change without anybody noticing. Imports
nothing of ours.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import PurePath
from typing import Any, Final, Protocol

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely
from pydantic import BaseModel
from scipy import sparse

LENGTH: Final = 32
"""Hex digits of a digest: 128 bits."""


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...


def digest(value: object) -> str:
    """Return the digest of a value: plain Python values, dataclasses, plan sections, arrays, tables, geometries, CRS.

    Parameters
    ----------
    value : object

    Raises
    ------
    TypeError
        When a part of it is of a type that is not known here.
    """
    found = hashlib.sha256()
    _feed(found, value)
    return found.hexdigest()[:LENGTH]


def _feed(found: _Hash, value: object) -> None:
    for kinds, feed in _KINDS:
        if isinstance(value, kinds):
            _mark(found, type(value).__qualname__)
            feed(found, value)
            return
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        _mark(found, type(value).__qualname__)
        _mapping(found, {f.name: getattr(value, f.name) for f in dataclasses.fields(value)})
        return
    message = f"no digest is known for a {type(value).__module__}.{type(value).__qualname__}"
    raise TypeError(message)


def _mark(found: _Hash, text: str) -> None:
    """Feed a text with its length before it, so that no two sequences of texts look alike."""
    data = text.encode("utf-8", "surrogatepass")
    found.update(len(data).to_bytes(8, "little") + data)


def _sequence(found: _Hash, values: Iterable[object]) -> None:
    parts = list(values)
    _mark(found, str(len(parts)))
    for part in parts:
        _feed(found, part)


def _mapping(found: _Hash, values: Mapping[Any, object]) -> None:
    _sequence(found, [part for key in sorted(values, key=str) for part in (key, values[key])])


def _array(found: _Hash, values: npt.NDArray[Any]) -> None:
    if values.dtype.hasobject:
        _mark(found, str(values.shape))
        _objects(found, values.ravel().tolist())
        return
    _mark(found, f"{values.dtype.str} {values.shape}")
    found.update(np.ascontiguousarray(values).tobytes())


def _objects(found: _Hash, values: list[Any]) -> None:
    """Feed cells of a column; texts, by far the most of them, all at once."""
    texts = [value if type(value) is str else None for value in values]
    encoded = [b"" if text is None else text.encode("utf-8", "surrogatepass") for text in texts]
    found.update(np.array([-1 if t is None else len(e) for t, e in zip(texts, encoded, strict=True)], "<i8").tobytes())
    found.update(b"".join(encoded))
    for value, text in zip(values, texts, strict=True):
        if text is None:
            _feed(found, value)


def _column(found: _Hash, values: pd.Series[Any] | pd.Index[Any]) -> None:
    _mark(found, f"{values.name!r} {values.dtype}")
    if isinstance(values.dtype, np.dtype):
        _array(found, values.to_numpy())
    elif isinstance(values, gpd.GeoSeries):
        _geometries(found, values)
    else:
        _objects(found, values.astype("object").tolist())


def _geometries(found: _Hash, values: gpd.GeoSeries) -> None:
    _mark(found, "" if values.crs is None else values.crs.to_wkt())
    binary = shapely.to_wkb(values.to_numpy(), include_srid=True)
    found.update(np.array([-1 if one is None else len(one) for one in binary], "<i8").tobytes())
    found.update(b"".join(one for one in binary if one is not None))


def _frame(found: _Hash, table: pd.DataFrame) -> None:
    _mark(found, str(len(table)))
    _column(found, table.index)
    for position in range(table.shape[1]):
        _column(found, table.iloc[:, position])


def _sparse(found: _Hash, matrix: sparse.csr_array) -> None:
    _mark(found, str(matrix.shape))
    for part in (matrix.indptr, matrix.indices, matrix.data):
        _array(found, part)


_KINDS: Final[tuple[tuple[Any, Callable[[_Hash, Any], None]], ...]] = (
    ((str, int, float, bool, type(None)), lambda found, value: _mark(found, repr(value))),
    (np.generic, lambda found, value: _array(found, np.asarray(value))),
    (bytes, lambda found, value: _mark(found, value.hex())),
    ((dt.date, dt.timedelta), lambda found, value: _mark(found, repr(value))),
    (PurePath, lambda found, value: _mark(found, str(value))),
    (type(pd.NA), lambda found, _: _mark(found, "NA")),
    (type(pd.NaT), lambda found, _: _mark(found, "NaT")),
    (BaseModel, lambda found, value: _mapping(found, dict(value))),
    (Mapping, _mapping),
    ((list, tuple), _sequence),
    (AbstractSet, lambda found, value: _sequence(found, sorted(value, key=repr))),
    (np.ndarray, _array),
    (pd.DataFrame, _frame),
    ((pd.Series, pd.Index), _column),
    (sparse.csr_array, _sparse),
    (shapely.Geometry, lambda found, value: found.update(shapely.to_wkb(value, include_srid=True))),
    (pyproj.CRS, lambda found, value: _mark(found, value.to_wkt())),
)
"""Types and how their content is fed; the first that fits is taken."""
