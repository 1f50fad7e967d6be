"""The map of coverage: what each operator declares, what was modelled or measured, and which claims are in doubt."""

from __future__ import annotations

from typing import Any, Final

import folium
import pandas as pd

from planner.maps import packing, style
from planner.maps.board import View, draw
from planner.maps.drawing import Drawing, numbers, prepare, table
from planner.maps.rasters import rasters
from planner.maps.style import Scale
from planner.products import DOUBTFUL, OPERATOR_REQUESTS, Publication

SHARES: Final = (0.0, 0.05, 0.5, 0.75, 0.95, 1.0)
"""Bounds of the classes of a share covered."""
ANY: Final = "any"
"""The pseudo-operator whose share is that of the village itself."""
EVIDENCE: Final = ("declared", "modelled", "measured")
"""Weakest first: the order of the views of one operator."""
CHANCES: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Bounds of the classes of the chance of usable signal."""
DOUBT: Final = {"contradicted": "#d55e00", "doubtful": "#e69f00", "unquestioned": "#d5ead9", "unknown": "unknown"}


def coverage(publication: Publication, *, drawing: Drawing | None = None) -> folium.Map:
    """Return the map of coverage.

    Parameters
    ----------
    publication : Publication
    drawing : Drawing, optional
        What other maps of the same publication already prepared.

    Returns
    -------
    folium.Map
    """
    claims = _claims(publication)
    columns: dict[str, Any] = {"doubt": packing.texts(_doubt(publication))}
    for claim in claims:
        columns |= claim.pop("columns")
    status = Scale("coverage_status", categories=style.COVERAGE)
    views = [
        View("coverage", {"villages": status, "communes": style.share_scale("covered_share", SHARES)}),
        *_usable(publication),
        View("doubt", {"villages": Scale("doubt", categories=DOUBT)}),
        *[_view(c) for c in claims],
    ]
    more = {"claims": claims, "hide": ["sites"]} | _lists(publication) | rasters(publication, "signal")
    return draw(drawing or prepare(publication), name="coverage", views=views, columns=columns, more=more)


def _usable(publication: Publication) -> list[View]:
    """Return the view of the chance of usable signal, where a publication has any."""
    villages = publication.villages
    if "usable_probability" not in villages or villages["usable_probability"].isna().all():
        return []
    scale = style.share_scale("usable_probability", CHANCES)
    communes = {"communes": scale} if "usable_probability" in publication.communes else {}
    return [View("usable", communes | {"villages": scale})]


def _lists(publication: Publication) -> dict[str, Any]:
    """Return doubtful claims and requests to operators as columns; what a publication does not hold is absent."""
    found = {"doubtful": DOUBTFUL, "operator_requests": OPERATOR_REQUESTS}
    dropped = ["name", "commune_id", "commune_name"]  # the villages' own table has them
    return {
        name: table(publication, publication.table(name).drop(columns=dropped), columns)
        for name, columns in found.items()
        if publication.has(name)
    }


def _view(claim: dict[str, Any]) -> View:
    words = {
        "operator": claim["operator"],
        "technology": claim["technology"],
        "evidence": ("coverage_evidence", claim["evidence"]),
    }
    return View(claim["share"], {"villages": style.share_scale(claim["share"], SHARES)}, "claim", words)


def _claims(publication: Publication) -> list[dict[str, Any]]:
    """Return what is claimed of whom, with columns in the order of the villages; `any` is the villages' own share."""
    shares = publication.coverage[publication.coverage["operator"] != ANY]
    order = {kind: i for i, kind in enumerate(EVIDENCE)}
    groups: dict[tuple[str, str, str], pd.DataFrame] = {
        (str(o), str(t), str(e)): rows for (o, t, e), rows in shares.groupby(["operator", "technology", "evidence"])
    }
    found = []
    for triple in sorted(groups, key=lambda k: (k[0], k[1], order.get(k[2], len(order)))):
        rows = groups[triple]
        if rows["share"].notna().any():
            found.append(_claim(triple, rows.set_index("unit_id").reindex(publication.villages["unit_id"])))
    return found


def _claim(triple: tuple[str, str, str], rows: pd.DataFrame) -> dict[str, Any]:
    operator, technology, evidence = triple
    name = " ".join(triple)
    columns = {name: numbers(rows["share"], "share")}
    columns |= {f"{name} {end}": numbers(rows[f"share_{end}"], "share") for end in ("low", "high")}
    return {"operator": operator, "technology": technology, "evidence": evidence, "share": name, "columns": columns}


def _doubt(publication: Publication) -> list[str | None]:
    """Return, per village, whether evidence contradicts a claim or makes it doubtful; unknown coverage can be neither."""
    villages = publication.villages
    listed = set(publication.table("doubtful")["unit_id"]) if publication.has("doubtful") else set()
    contradicted = ["contradicted" in list(flags) for flags in villages["flags"]]
    known = villages["coverage_status"] != "unknown"
    quiet = [
        "doubtful" if u in listed else ("unquestioned" if k else None)
        for u, k in zip(villages["unit_id"], known, strict=True)
    ]
    return ["contradicted" if c else other for c, other in zip(contradicted, quiet, strict=True)]
