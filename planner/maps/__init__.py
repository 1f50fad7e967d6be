"""Maps of a publication: folium maps that open from a file without a network. `MAPS` names them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import folium

from planner.maps import offline
from planner.maps.need import need
from planner.products import Publication

MAPS: Final[dict[str, Callable[[Publication], folium.Map]]] = {"need": need}
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
