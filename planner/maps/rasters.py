"""The pictures of a publication as a map carries them: inside the page, with their legend."""

from __future__ import annotations

import base64
from typing import Any

from planner.products import Publication


def rasters(publication: Publication, *kinds: str) -> dict[str, Any]:
    """Return what the page's script reads of the pictures of some kinds; nothing where a publication has none.

    Parameters
    ----------
    publication : Publication
    *kinds : str
        Of `products.RasterEntry`.

    Returns
    -------
    dict
        ``rasters``: the entries of the manifest, each with ``image``, its file as a data URI.
    """
    entries = [entry for entry in publication.manifest.rasters if entry.kind in kinds]
    if not entries:
        return {}
    found = []
    for entry in entries:
        image = base64.b64encode((publication.path / entry.path).read_bytes()).decode()
        found.append(entry.model_dump(exclude={"path"}) | {"image": f"data:image/png;base64,{image}"})
    return {"rasters": found}
