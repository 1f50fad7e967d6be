"""Generated teams: one community team in each village of one commune, and a rapid-response team at its centre."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers import schema
from layers.catalog import Layer
from layers.errors import Issue, LayerError
from layers.synthetic import draws


def teams(villages: pd.DataFrame, *, seed: int, commune_id: str | None) -> Layer:
    """Return one standing community team per village of a commune, and its rapid-response team.

    The base of the latter is the village nearest to the mean of the villages' points: where the commune's offices are is
    not known.

    Parameters
    ----------
    villages : DataFrame
        `layers.schema.VILLAGES`.
    seed : int
        Nothing is drawn; kept in the record, so that every generated layer names its seed.
    commune_id : str

    Returns
    -------
    Layer
        `layers.schema.TEAMS_COLUMNS`, ordered by site_id ``team-<unit_id>`` (``rapid-<commune_id>``), at the villages' points, without hours
        and contact: an invented telephone number would be somebody's.

    Raises
    ------
    LayerError
        When the commune has no village.
    """
    inside = villages[villages[schema.COMMUNE_ID] == commune_id].sort_values(schema.UNIT_ID, ignore_index=True)
    if inside.empty:
        rule = "generated teams need a commune that has villages"
        raise LayerError(
            Issue("teams", draws.FILE, rule, column=schema.COMMUNE_ID, value=str(commune_id), code="generate")
        )
    frame = pd.DataFrame(
        {
            schema.SITE_ID: "team-" + inside[schema.UNIT_ID],
            schema.UNIT_ID: inside[schema.UNIT_ID],
            schema.NAME: "Tổ công nghệ số cộng đồng " + inside[schema.NAME],
            schema.TEAM_TYPE: "community",
            schema.TEAMS: 1,
            schema.X_M: inside[schema.X_M],
            schema.Y_M: inside[schema.Y_M],
            schema.HOURS: "",
            schema.CONTACT: "",
            schema.LANGUAGES: [("vi",)] * len(inside),
            schema.SYNTHETIC: True,
        }
    )
    frame = pd.concat([_rapid(inside, str(commune_id), frame), frame], ignore_index=True)
    made = draws.record("teams", made_by="teams", parameters={"seed": seed, "commune_id": commune_id})
    return Layer(made, frame, rows_read=len(frame))


def _rapid(inside: pd.DataFrame, commune_id: str, teams: pd.DataFrame) -> pd.DataFrame:
    """Return the row of the commune's rapid-response team."""
    at = inside[[schema.X_M, schema.Y_M]].to_numpy(dtype=np.float64)
    centre = int(np.argmin(np.hypot(*(at - at.mean(axis=0)).T)))
    row = teams.iloc[[centre]].copy()
    row[schema.SITE_ID] = f"rapid-{commune_id}"
    row[schema.NAME] = "Tổ phản ứng nhanh cấp xã, " + str(inside[schema.NAME].iloc[centre])
    row[schema.TEAM_TYPE] = "rapid_response"
    return row
