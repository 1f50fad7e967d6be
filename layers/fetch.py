"""Download of public files whose bytes are known beforehand: pinned by size and SHA-256, kept whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import httpx
import shapely

from layers.catalog import sha256_of
from layers.errors import Issue, LayerError

LAYER: Final = "boundaries"
ASSEMBLED: Final = "daklak_communes_2025.parquet"
MAX_BYTES: Final = 100_000_000
"""No pinned file may be larger; what a server sends beyond the pinned size is not read."""
TIMEOUT_S: Final = 30.0
"""Of connecting and of each silence, not of a whole download."""

_SAFE_PATH: Final = re.compile(r"(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_./-]*", re.ASCII)
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)

OnFile = Callable[[int, int, str], None]
"""Told after each file: how many stand, of how many, and the file's name."""


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """One file whose bytes are known.

    Parameters
    ----------
    path : str
        Below the base URL, with ``/``.
    size_bytes : int
    sha256 : str
        Hex, of the bytes.
    """

    path: str
    size_bytes: int
    sha256: str

    @property
    def name(self) -> str:
        """The file's name without folders."""
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Pins:
    """A list of pinned files and where they are.

    Parameters
    ----------
    base_url : str
        Ends with ``/``.
    licence : str
    files : tuple of PinnedFile
    """

    base_url: str
    licence: str
    files: tuple[PinnedFile, ...]


def read_pins(file: Path) -> Pins:
    """Return the list that a JSON file holds.

    Raises
    ------
    LayerError
        When it is damaged, or a path, size or sha256 is not of its form.
    """
    try:
        given = json.loads(file.read_bytes())
        files = tuple(PinnedFile(str(f["path"]), int(f["bytes"]), str(f["sha256"])) for f in given["files"])
        pins = Pins(str(given["base_url"]), str(given["licence"]), files)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _fault(file.name, "the list of pinned files cannot be read", value=str(error)) from None
    for pinned in files:
        if not (_SAFE_PATH.fullmatch(pinned.path) and _SHA256.fullmatch(pinned.sha256)):
            rule = "a pinned file has a relative path of letters, digits, _ . - / and a sha256"
            raise _fault(file.name, rule, value=f"{pinned.path} {pinned.sha256}")
        if not 0 < pinned.size_bytes <= MAX_BYTES:
            rule = f"a pinned file has 1 to {MAX_BYTES:,} bytes"
            raise _fault(file.name, rule, value=f"{pinned.path}: {pinned.size_bytes}")
    if len({pinned.name for pinned in files}) != len(files):
        raise _fault(file.name, "pinned files have different names", value=None)
    return pins


def fetch(files: Sequence[PinnedFile], target: Path, *, base_url: str, on_file: OnFile | None = None) -> list[Path]:
    """Download files into a folder; one that stands there with the right bytes is not downloaded again.

    A file is written beside its place, checked, and renamed: what has its name is whole and right. An interrupted
    download goes on where it stopped when it is started again.

    Parameters
    ----------
    files : sequence of PinnedFile
    target : Path
        Made when it is missing.
    base_url : str
        http or https. Redirects are not followed.
    on_file : callable, optional

    Returns
    -------
    list of Path
        In the order of `files`.

    Raises
    ------
    LayerError
        At the first file that cannot be had or has other bytes; nothing of it is kept.
    """
    if not base_url.startswith(("https://", "http://")):
        raise _fault(base_url, "files are fetched over http or https")
    target.mkdir(parents=True, exist_ok=True)
    found: list[Path] = []
    with httpx.Client(timeout=TIMEOUT_S, follow_redirects=False) as client:
        for pinned in files:
            place = target / pinned.name
            if not (place.is_file() and sha256_of(place) == pinned.sha256):
                _download(client, f"{base_url.rstrip('/')}/{pinned.path}", place, pinned)
            found.append(place)
            if on_file is not None:
                on_file(len(found), len(files), pinned.name)
    return found


def _download(client: httpx.Client, url: str, place: Path, pinned: PinnedFile) -> None:
    beside = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        with client.stream("GET", url) as answer:
            if answer.status_code != httpx.codes.OK:
                value = f"{answer.status_code} {answer.reason_phrase}".strip()
                raise _fault(url, "the server must answer 200", value=value, done="Give another --base-url.")
            _save(answer, beside, url, pinned)
        beside.replace(place)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        done = "Check the network; the files that stand are kept, run it again to go on."
        raise _fault(url, "the server cannot be read", value=f"{type(error).__name__}: {error}", done=done) from None
    except OSError as error:
        raise _fault(str(place), "the file cannot be written", value=str(error)) from None
    finally:
        beside.unlink(missing_ok=True)


def _save(answer: httpx.Response, beside: Path, url: str, pinned: PinnedFile) -> None:
    """Write the body and check its size and sha256 on the way."""
    digest, size_bytes = hashlib.sha256(), 0
    with beside.open("wb") as stream:
        for block in answer.iter_bytes():
            size_bytes += len(block)
            if size_bytes > pinned.size_bytes:
                break
            digest.update(block)
            stream.write(block)
        stream.flush()
        os.fsync(stream.fileno())
    if size_bytes > pinned.size_bytes:
        rule = f"the file has {pinned.size_bytes:,} bytes"
        raise _fault(url, rule, value="more", done="It is not the pinned version; nothing was kept.")
    if digest.hexdigest() != pinned.sha256:
        rule = f"the file's sha256 is {pinned.sha256}"
        value = f"{digest.hexdigest()} ({size_bytes:,} bytes)"
        raise _fault(url, rule, value=value, done="It is not the pinned version; nothing was kept.")


def assemble(files: Sequence[Path], out: Path) -> Path:
    """Write one GeoParquet file of the communes' single files, EPSG:4326, as a plan's [layers.communes] reads it.

    Parameters
    ----------
    files : sequence of Path
        GeoJSON collections of one feature with the properties code, name, fullName, nameEn, areaKm2.
    out : Path

    Returns
    -------
    Path
        `out`: code, name, full_name, name_en, area_km2, geometry, ordered by code.

    Raises
    ------
    LayerError
        When a file is not of that form.
    """
    rows = [_commune(file) for file in files]
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326").sort_values("code", ignore_index=True)
    beside = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        frame.to_parquet(beside, compression="zstd", write_covering_bbox=True, schema_version="1.1.0")
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)
    return out


def _commune(file: Path) -> dict[str, Any]:
    try:
        (feature,) = json.loads(file.read_bytes())["features"]
        said = feature["properties"]
        return {
            "code": str(said["code"]),
            "name": str(said["name"]),
            "full_name": str(said["fullName"]),
            "name_en": str(said["nameEn"]),
            "area_km2": float(said["areaKm2"]),
            "geometry": shapely.from_geojson(json.dumps(feature["geometry"])),
        }
    except (ValueError, KeyError, TypeError, shapely.errors.GEOSException) as error:
        rule = "one feature with code, name, fullName, nameEn and areaKm2 is expected"
        raise _fault(file.name, rule, value=f"{type(error).__name__}: {error}") from None


def official_boundaries(
    target: Path, *, pins: Pins, base_url: str | None = None, on_file: OnFile | None = None
) -> Path:
    """Download the official communes and return the GeoParquet file made of them.

    Parameters
    ----------
    target : Path
        Folder for the single files and `ASSEMBLED`.
    pins : Pins
        From ``official.json`` beside the shipped boundaries.
    base_url : str, optional
        Another place that holds the same files.
    on_file : callable, optional

    Raises
    ------
    LayerError
        When a file cannot be had or is not the pinned one; what stands already is kept.
    """
    files = fetch(pins.files, target, base_url=base_url or pins.base_url, on_file=on_file)
    return assemble(files, target / ASSEMBLED)


def _fault(file: str, rule: str, *, value: str | None = None, done: str = "") -> LayerError:
    return LayerError(Issue(layer=LAYER, file=file, rule=rule, value=value, done=done, code="fetch"))
