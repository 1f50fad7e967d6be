"""Generated teams: one community team in each village of one commune."""

from __future__ import annotations

import pandas as pd

from layers import schema
from layers.catalog import Layer
from layers.errors import Issue, LayerError
from layers.synthetic import draws


def teams(villages: pd.DataFrame, *, seed: int, commune_id: str | None) -> Layer:
    """Return one standing community team per village of a commune.

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
        `layers.schema.TEAMS_COLUMNS`, ordered by site_id ``team-<unit_id>``, at the villages' points, without hours
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
    made = draws.record("teams", made_by="teams", parameters={"seed": seed, "commune_id": commune_id})
    return Layer(made, frame, rows_read=len(frame))
