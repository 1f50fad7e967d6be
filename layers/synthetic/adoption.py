"""Generated adoption: people who took something up, adding to a known total, more in some places than in others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers import schema
from layers.catalog import Layer
from layers.errors import Issue, LayerError
from layers.synthetic import draws
from layers.synthetic.truth import Truth, parse

ELIGIBLE: Final = "eligible_people"
COUNTED_IF_SUPPRESSED: Final = 12
"""People counted in a village that truth wants too small to publish."""
_COMMUNE_SPREAD: Final = 0.25
_VILLAGE_SPREAD: Final = 0.25
"""Standard deviations of the logarithm of how readily a commune and a village take things up."""


def adoption(
    villages: pd.DataFrame,
    *,
    indicator: str,
    seed: int,
    total: int | None,
    truth: Mapping[str, object] | None = None,
) -> Layer:
    """Return how many people of each village adopted, whole people that add to `total` exactly.

    Readiness is drawn per village, the same for every indicator, and people adopt in one order of readiness: of two
    indicators the one with the smaller total has in no village more adopters than the other, as of the accounts that
    were issued some are activated and never the reverse.

    Parameters
    ----------
    villages : DataFrame
        unit_id, commune_id and ``eligible_people``, whole people.
    indicator : str
        For example ``vneid_activated``.
    seed : int
    total : int
        People who adopted in all villages together.
    truth : mapping of str to list of str
        See `layers.synthetic.truth.Truth`: ``suppressed`` villages counted few people, ``unknown`` ones have no row.

    Returns
    -------
    Layer
        `layers.schema.ADOPTION` of level village, ordered by unit_id; 0 <= numerator <= denominator = eligible.

    Raises
    ------
    LayerError
        When the truth is at fault, no total is given, or it is more than the people counted.
    """
    layer = f"adoption.{indicator}"
    ordered = villages.sort_values(schema.UNIT_ID, ignore_index=True)
    wanted = parse(truth or {}, ordered[schema.UNIT_ID], layer=layer)
    counted = ordered[~ordered[schema.UNIT_ID].isin(wanted.unknown)].reset_index(drop=True)
    people = _counted(counted, wanted)
    if total is None or not 0 <= total <= people.sum():
        rule = f"the total of a generated indicator lies between 0 and the {people.sum():,} people counted"
        raise LayerError(Issue(layer, draws.FILE, rule, column="total", value=str(total), code="generate"))
    frame = pd.DataFrame(
        {
            schema.UNIT_ID: counted[schema.UNIT_ID],
            schema.LEVEL: "village",
            schema.INDICATOR: indicator,
            schema.NUMERATOR: _adopters(people, _readiness(counted, seed), total).astype(np.float64),
            schema.DENOMINATOR: people.astype(np.float64),
            schema.DATA_DATE: None,
            schema.SYNTHETIC: True,
        }
    )
    parameters = {"seed": seed, "indicator": indicator, "total": total, "truth": wanted.as_dict()}
    return Layer(draws.record(layer, made_by="adoption", parameters=parameters), frame, rows_read=len(frame))


def _counted(villages: pd.DataFrame, truth: Truth) -> npt.NDArray[np.int64]:
    people = villages[ELIGIBLE].to_numpy(dtype=np.int64)
    few = villages[schema.UNIT_ID].isin(truth.suppressed).to_numpy()
    return np.where(few, np.minimum(people, COUNTED_IF_SUPPRESSED), people)


def _readiness(villages: pd.DataFrame, seed: int) -> npt.NDArray[np.float64]:
    """Return one positive number per village: a draw of its commune times one of its own."""
    communes = sorted(set(villages[schema.COMMUNE_ID]))
    common = {c: float(draws.stream(seed, "readiness", c).normal(0, _COMMUNE_SPREAD)) for c in communes}
    own = [float(draws.stream(seed, "readiness", u).normal(0, _VILLAGE_SPREAD)) for u in villages[schema.UNIT_ID]]
    readiness: npt.NDArray[np.float64] = np.exp(villages[schema.COMMUNE_ID].map(common).to_numpy(float) + own)
    return readiness


def _adopters(people: npt.NDArray[Any], readiness: npt.NDArray[np.float64], total: int) -> npt.NDArray[np.int64]:
    """Return adopters per village: the first `total` people of all, in an order that does not depend on `total`.

    The k-th of E people in a village of readiness w waits until t = 1 - (1 - (k - 0.5) / E) ** (1 / w): at time t a
    village has adopted 1 - (1 - t) ** w of its people, and none adopts in full before t = 1.
    """
    village = np.repeat(np.arange(len(people)), people)
    first = np.repeat(np.cumsum(people) - people, people)
    share = (np.arange(len(village)) - first + 0.5) / people[village]
    # The logarithm orders like t and keeps its digits near 1.
    wait = -np.log1p(-share) / readiness[village]
    soonest = np.argsort(wait, kind="stable")[:total]
    return np.bincount(village[soonest], minlength=len(people)).astype(np.int64)
