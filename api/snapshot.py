"""One publication in memory, immutable: dictionaries by id, geometries with a tree, answers encoded once."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, cast

import orjson

from api import names
from api.collections import IDS, Collection, collection
from api.language import Language
from api.names import Name
from api.places import Places, places
from api.records import Row, rows
from api.service import Service
from planner import products
from planner.errors import PublicationError
from planner.products import FileEntry, Manifest, Publication

ANY: Final = "any"
"""Pseudo-operator of the coverage table: the union of all."""

TABLES: Final = ("villages", "communes", "sites", "assignments", "coverage", "team_minutes")
"""Tables that answers are made of. Others may come and go between versions: older publications are still served."""

STANDING: Final = ("existing", "upgraded", "moved")
"""Statuses of sites where a team can be met today."""


@dataclass(frozen=True)
class Snapshot:
    """What the routes answer from.

    Parameters
    ----------
    publication : Publication
        The verified folder.
    manifest : Manifest
        Its manifest.
    villages, communes, sites : dict of str to dict
        Rows by id, in the order of their tables.
    coverage : dict of str to list of dict
        Rows per village and operator, without the union of all.
    team_minutes : dict of str to list of dict
        ``site_id`` and ``minutes`` per village, nearest first.
    former : dict of str to list of dict
        Successors of each former commune whose id is none of today's; empty where the publication has no crosswalk.
    served : dict of str to list of str
        Villages per site that is to serve them.
    village_places, commune_places : Places
        Their geometries.
    village_names : list of Name
        Names of the villages, ready to be searched.
    collections : dict of str to Collection
        The same tables for OGC API - Features.
    sources : list of dict
        What the publication was made from.
    files : dict of str to FileEntry
        Files of the manifest by path.
    service : Service
        Who serves it.
    """

    publication: Publication
    manifest: Manifest
    villages: dict[str, Row]
    communes: dict[str, Row]
    sites: dict[str, Row]
    coverage: dict[str, list[Row]]
    team_minutes: dict[str, list[Row]]
    former: dict[str, list[Row]]
    served: dict[str, list[str]]
    village_places: Places
    commune_places: Places
    village_names: list[Name]
    collections: dict[str, Collection]
    sources: list[dict[str, Any]]
    files: dict[str, FileEntry]
    service: Service = field(default_factory=Service)
    _encoded: dict[tuple[str, ...], bytes] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """Id of the publication."""
        return self.manifest.id

    @property
    def path(self) -> Path:
        """Folder of the publication."""
        return self.publication.path

    @property
    def language(self) -> Language:
        """Language of the plan, for clients that name none."""
        return self.manifest.language

    @cached_property
    def ranked(self) -> int:
        """How many villages have a rank."""
        return sum(row.get("rank") is not None for row in self.villages.values())

    @cached_property
    def opening(self) -> bytes:
        """The beginning of an encoded answer, up to the comma behind what all answers share."""
        return orjson.dumps({"publication": self.id, "sources": self.sources})[:-1] + b","

    def encoded(self, key: tuple[str, ...], make: Callable[[], dict[str, Any]]) -> bytes:
        """Return the JSON of `make`, encoded once per publication.

        Parameters
        ----------
        key : tuple of str
            Names the answer; only keys whose number the tables bound (ids of rows), never what a client makes up.
        make : callable
            Called when `key` is asked for the first time.
        """
        found = self._encoded.get(key)
        if found is None:
            found = self._encoded[key] = orjson.dumps(make())
        return found


def load(folder: Path, *, service: Service | None = None) -> Snapshot:
    """Verify a publication's folder and read it.

    Parameters
    ----------
    folder : Path
    service : Service, optional
        Who serves it.

    Raises
    ------
    PublicationError
        When a file is missing, differs from its checksum, or cannot be what the contract says.
    """
    publication = Publication(folder)
    manifest = publication.manifest
    if manifest.id != folder.name:
        message = f"{folder.name}: the manifest is that of {manifest.id}"
        raise PublicationError(message)
    _verify(publication)
    try:
        return _read(publication, service or Service())
    except PublicationError:
        raise
    except Exception as error:  # whatever a reader raises on a file that checksums well but is no such table
        message = f"{folder.name}: cannot be read ({type(error).__name__}: {error})"
        raise PublicationError(message) from error


def _verify(publication: Publication) -> None:
    entries = publication.manifest.files
    outside = [e.path for e in entries if not _inside(publication.path, e.path)]
    if outside:
        message = f"{publication.path.name}: files outside the folder are named: {', '.join(outside[:5])}"
        raise PublicationError(message)
    listed = {entry.path for entry in entries}
    absent = [f"{name}.parquet" for name in TABLES if f"{name}.parquet" not in listed]
    damaged = absent + publication.damaged_files()
    if damaged:
        message = f"{publication.path.name}: damaged or missing: {', '.join(damaged[:5])}"
        raise PublicationError(message)


def _inside(folder: Path, name: str) -> bool:
    return (folder / name).resolve().is_relative_to(folder.resolve())


def _read(publication: Publication, service: Service) -> Snapshot:
    manifest = publication.manifest
    tables = {table: _rows(publication, table) for table in TABLES}
    villages = _by_id(publication, tables, "villages", "unit_id")
    communes = _by_id(publication, tables, "communes", "unit_id")
    assigned = _per(tables["assignments"], "site_id")
    frames = {"villages": publication.villages, "communes": publication.communes}
    frames |= {"sites": publication.sites, "assignments": publication.assignments}
    return Snapshot(
        publication=publication,
        manifest=manifest,
        villages=villages,
        communes=communes,
        sites=_by_id(publication, tables, "sites", "site_id"),
        coverage=_per([row for row in tables["coverage"] if row["operator"] != ANY], "unit_id"),
        team_minutes=_nearest(tables["team_minutes"]),
        former=_former(publication, communes),
        served={site: [str(row["unit_id"]) for row in found] for site, found in assigned.items()},
        village_places=places(publication.villages),
        commune_places=places(publication.communes),
        village_names=names.index([str(row["name"]) for row in villages.values()]),
        collections={name: collection(name, frames[name], tables[name]) for name in IDS},
        sources=[_source(entry) for entry in manifest.inputs],
        files=_files(publication),
        service=service,
    )


def _files(publication: Publication) -> dict[str, FileEntry]:
    """Return the files that may be given out: those that the manifest lists, and the manifest."""
    content = (publication.path / products.MANIFEST).read_bytes()
    own = FileEntry(path=products.MANIFEST, sha256=hashlib.sha256(content).hexdigest())
    return {entry.path: entry for entry in (*publication.manifest.files, own)}


def _rows(publication: Publication, table: str) -> list[Row]:
    frame, manifest = publication.table(table), publication.manifest
    columns = products.expand(
        {**products.TABLES, **products.OPTIONAL_TABLES}[table],
        indicators=manifest.indicators,
        pillars=list(manifest.pillars),
        present=frozenset(frame.columns),
    )
    return rows(frame, columns)


def _by_id(publication: Publication, tables: dict[str, list[Row]], table: str, key: str) -> dict[str, Row]:
    found = tables[table]
    by_id = {cast("str", row[key]): row for row in found}
    if len(by_id) != len(found) or None in by_id:
        message = f"{publication.path.name}: {table} repeats or lacks an id"
        raise PublicationError(message)
    return by_id


def _per(found: list[Row], key: str) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        grouped[str(row[key])].append(row)
    return dict(grouped)


def _nearest(found: list[Row]) -> dict[str, list[Row]]:
    return _per(sorted(found, key=lambda row: cast("int", row["rank"])), "unit_id")


def _former(publication: Publication, communes: dict[str, Row]) -> dict[str, list[Row]]:
    """Return the rows of the crosswalk by former id; an id that is in use again means the commune of today."""
    listed = {entry.path for entry in publication.manifest.files}
    if "crosswalk.parquet" not in listed:
        return {}
    found = _per([row for row in _rows(publication, "crosswalk") if row["commune_id"] in communes], "old_id")
    return {old: steps for old, steps in found.items() if old not in communes}


def _source(entry: products.InputEntry) -> dict[str, Any]:
    return {
        "layer": entry.layer,
        "title": entry.title,
        "producer": entry.producer,
        "licence": entry.licence,
        "url": entry.url,
        "data_date": entry.data_date,
        "synthetic": entry.synthetic,
    }
