"""What evidence of one kind says of each village's cell: where there is signal, where none, where nobody knows.

Shares are of area, in a metric CRS, or of people where a raster says where they live. By area every share is read four
times: over the whole cell and over discs of 0.5, 1 and 2 km round the village's point (clipped to its cell), since
nobody knows where in the cell people live; the whole cell is the figure, the readings give its range.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from layers import pieces, schema
from layers.pieces import ROUNDING, Geometries, Zones

Float = npt.NDArray[np.float64]
Measure = Callable[[Geometries], Float]
"""Weight of polygons (people in them), in the CRS of the villages; shape (n,) to (n,)."""

_DECLARED = schema.EVIDENCE_STRENGTH[0]
MOST = 0.5
"""More than this share of an area unknown: the whole is unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """What one operator's evidence of one kind says of each village's cell, clipped to it, polygons or empty.

    `doubt` is where the answer is open: that more than half of an area is makes the share unknown. It is `unknown`
    but for several operators together, where one's no does not settle what another's unknown leaves open. Where the
    evidence is `one_sided`, it says only yes: all that is unknown may be without signal, and the share is of the whole
    area, the least that it can be.
    """

    yes: Geometries
    unknown: Geometries
    doubt: Geometries
    one_sided: bool = False


def of_operator(cells: Geometries, group: gpd.GeoDataFrame, *, evidence: str) -> Signal:
    """Read one operator's polygons: no and unknown are cut out of yes.

    What no polygon speaks of has no signal where coverage is declared: an operator declares all it has. Who models or
    measures speaks of what was looked at, the rest is unknown.
    """
    yes, no, unknown = (
        pieces.inside(cells, group.geometry[group[schema.SIGNAL] == signal].to_numpy())
        for signal in ("yes", "no", "unknown")
    )
    left = pieces.minus(yes, pieces.union(cells, [no, unknown]))
    if evidence == _DECLARED:
        return Signal(left, unknown, unknown)
    unspoken = pieces.minus(cells, pieces.union(cells, [yes, no]))
    unknown = pieces.union(cells, [unspoken, unknown])
    return Signal(left, unknown, unknown, one_sided=bool((group[schema.SIGNAL] != "no").all()))


def of_any(cells: Geometries, signals: Sequence[Signal], *, evidence: str) -> Signal:
    """Return where at least one operator has signal, and where no operator is known."""
    yes = pieces.union(cells, [s.yes for s in signals])
    unknown = functools.reduce(pieces.common, [s.unknown for s in signals])
    if evidence != _DECLARED:
        return Signal(yes, unknown, unknown, one_sided=all(s.one_sided for s in signals))
    some = pieces.union(cells, [s.unknown for s in signals])
    return Signal(yes, unknown, pieces.minus(some, yes))


def of_all(cells: Geometries, signals: Sequence[Signal]) -> Signal:
    """Return where every operator has signal; open is what some operator leaves unknown and none says no of."""
    yes = functools.reduce(pieces.common, [s.yes for s in signals])
    perhaps = functools.reduce(pieces.common, [pieces.union(cells, [s.yes, s.unknown]) for s in signals])
    unknown = pieces.minus(perhaps, yes)
    return Signal(yes, unknown, unknown)


def figures(signal: Signal, zones: Zones, *, evidence: str) -> Float:
    """Return the share with signal, its low and its high by village, shape (3, n); the share is NaN where unknown.

    Low and high are the least and the greatest reading; of what is modelled or measured also what the share would be
    if all that is unknown had no signal, or had it: these two are known where the share is not.
    """
    readings = _readings(signal, zones)
    low = np.where(np.isnan(readings), np.inf, readings).min(axis=0)
    high = np.where(np.isnan(readings), -np.inf, readings).max(axis=0)
    if evidence != _DECLARED:
        whole = np.where(zones.sizes[0] > 0, zones.sizes[0], np.nan)
        yes, unknown = zones.weigh(signal.yes) / whole, zones.weigh(signal.unknown) / whole
        low, high = np.fmin(low, _rounded(yes)), np.fmax(high, _rounded(yes + unknown))
    there = np.isfinite(low) & np.isfinite(high)
    return np.stack([readings[0], np.where(there, low, np.nan), np.where(there, high, np.nan)])


def at_least(share: Float, others: Sequence[Float]) -> Float:
    """Return `share` raised to the largest known of `others`, where it is known itself."""
    for other in others:
        share = np.where(other > share, other, share)
    return share


def drawn(group: gpd.GeoDataFrame, bound: str) -> gpd.GeoDataFrame:
    """Return the rows of one drawing (``low``, ``mid``, ``high``) of what is drawn three times, and all others."""
    if schema.BOUND not in group:
        return group
    return group[group[schema.BOUND].isna() | group[schema.BOUND].eq(bound)]


def is_drawn_thrice(group: gpd.GeoDataFrame) -> bool:
    """Say whether some rows are drawings of one model."""
    return schema.BOUND in group and bool(group[schema.BOUND].notna().any())


def people_zones(cells: Geometries, measure: Measure) -> Zones:
    """Return the cells weighed by people: one reading, since it is known where they live."""
    return Zones(np.stack([cells]), np.asarray([measure(cells)], dtype=np.float64), measure)


def by_people(figure: Float, by_area: Float, zones: Zones) -> Float:
    """Return the figures by people, by area in the villages where nobody is known to live."""
    return np.where(zones.sizes[0] > 0, figure, by_area)


def _readings(signal: Signal, zones: Zones) -> Float:
    """Return the share with signal in each zone, shape (zones, n); NaN where unknown."""
    areas = zones.sizes
    yes, unknown = zones.cut(signal.yes), zones.cut(signal.unknown)
    doubt = unknown if signal.doubt is signal.unknown else zones.cut(signal.doubt)
    known = (areas > 0) & (doubt <= areas * (MOST + ROUNDING)) & (areas - unknown > areas * ROUNDING)
    of = areas if signal.one_sided else areas - unknown
    share = _rounded(np.divide(yes, of, out=np.full_like(areas, np.nan), where=known))
    share[:, np.isnan(share[0])] = np.nan
    return share


def _rounded(share: Float) -> Float:
    """Return shares in which the rounding of areas is not taken for a piece of the village."""
    cut: Float = np.where(share < ROUNDING, 0.0, np.where(share > 1 - ROUNDING, 1.0, share))
    return cut
