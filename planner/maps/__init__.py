"""Maps of a publication: folium maps that open from a file without a network. `MAPS` names them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

import folium

from planner.maps import offline
from planner.maps.coverage import coverage
from planner.maps.deployment import deployment
from planner.maps.drawing import Drawing, prepare
from planner.maps.index import index
from planner.maps.need import need
from planner.maps.sheets import sheets
from planner.maps.style import notices
from planner.products import Publication

__all__ = ["MAPS", "Drawing", "notices", "pages", "pictures", "prepare", "render"]


class DrawMap(Protocol):
    """What a map is: a publication in, a folium map out."""

    def __call__(self, publication: Publication, *, drawing: Drawing | None = None) -> folium.Map:
        """Return the map; `drawing` saves doing again what other maps of the publication already prepared."""


MAPS: Final[dict[str, DrawMap]] = {"need": need, "coverage": coverage, "deployment": deployment}
"""Every map by the name that a plan's ``publish.maps`` gives it."""


def render(name: str, publication: Publication) -> str:
    """Return one map of a publication as a self-contained HTML page.

    Parameters
    ----------
    name : str
        Of `MAPS`.
    publication : Publication

    Raises
    ------
    KeyError
        When there is no such map; the plan's model refuses the name before.
    """
    return offline.page(MAPS[name](publication), language=publication.manifest.language)


def pictures(
    publication: Publication, names: Sequence[str], *, drawing: Drawing | None = None
) -> Iterator[tuple[str, bytes]]:
    """Yield path and PNG of each picture for reports; see `planner.maps.pictures.pictures`."""
    # matplotlib takes most of a second to import, and few runs draw pictures
    from planner.maps import figures  # noqa: PLC0415

    yield from figures.pictures(publication, names, drawing=drawing)


def pages(
    publication: Publication, names: Sequence[str], *, drawing: Drawing | None = None
) -> Iterator[tuple[str, str]]:
    """Yield the path below the publication and the text of every page: maps, a sheet per commune, the index.

    Geometry is made once for all of them.

    Parameters
    ----------
    publication : Publication
    names : sequence of str
        Of `MAPS`.
    drawing : Drawing, optional
        From `prepare`, where pictures are drawn of it too.
    """
    drawing = drawing or prepare(publication)
    for name in names:
        made = MAPS[name](publication, drawing=drawing)
        yield f"maps/{name}.html", offline.page(made, language=publication.manifest.language)
    yield from sheets(publication, drawing=drawing)
    yield "index.html", index(publication, maps=names, sheets=True)
