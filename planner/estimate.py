"""One adoption rate per village and indicator, with its status: what small counts hide is taken from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.schema import COMMUNE_ID, DENOMINATOR, FLAGS, INDICATOR, LEVEL, NUMERATOR, SYNTHETIC, UNIT_ID
from planner import raking, shrinkage
from planner.village_model import Prediction

RATE: Final = "rate"
STATUS: Final = "status"
_LEVEL_FLAG: Final = {"commune": "commune_rate", "province": "province_rate"}

SAME_RATE: Final = 1e-9
"""Rates that differ by less are the same."""

Bool = npt.NDArray[np.bool_]
Float = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Estimates:
    """Rates of some units by position: share or NaN, status, and which were pooled or stem from generated data."""

    rate: npt.NDArray[np.float64]
    status: npt.NDArray[np.object_]
    pooled: Bool
    synthetic: Bool

    def take(self, positions: npt.NDArray[np.intp]) -> _Estimates:
        return _Estimates(
            self.rate[positions], self.status[positions], self.pooled[positions], self.synthetic[positions]
        )


@dataclass(frozen=True, slots=True, eq=False)
class Guess:
    """What stands in for figures that are missing; arrays by village.

    Parameters
    ----------
    prediction : Prediction or None
        The model's, where it is used.
    rows : ndarray of bool
        Villages with an estimate in place of a figure: the model's, or their commune's mean.
    people : ndarray of float64
        Eligible people.
    rest : float or None
        Adopters whom the official total leaves for all villages without a publishable count; None = there is none.
    """

    prediction: Prediction | None
    rows: Bool
    people: Float
    rest: float | None

    def put(self, drawn: Float, suppressed: Bool, *, rng: np.random.Generator) -> Float:
        """Return draws, shape (draws, villages), with the model's put in, and the official total kept in each.

        `suppressed` villages are moved together with the estimated ones: a total that left them out of account would
        hold their counts.
        """
        found = drawn.copy()
        if self.prediction is not None:
            found[:, self.prediction.where] = self.prediction.draws(count=len(drawn), rng=rng)
        if self.rest is None:
            return found
        group = np.where(self.rows | suppressed, 0, -1)
        return raking.rake(found, self.people, group, totals=np.array([self.rest]))


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """What one indicator's counts say of the units of their level, by position.

    Parameters
    ----------
    level : str
        village, commune or province.
    numerator, denominator : ndarray of float64, shape (units,)
        People; NaN where there is no count, or it is hidden and so may enter nothing.
    group : ndarray of int, shape (units,)
        What each unit is pooled in and leans on: the commune of a village, else 0.
    position : ndarray of int, shape (villages,)
        Unit of each village.
    known : ndarray of bool, shape (units,)
        Has a count, however small.
    synthetic : bool
        Whether any of them was generated.
    guess : Guess, optional
        What stands in for those that are missing.
    """

    level: str
    numerator: npt.NDArray[np.float64]
    denominator: npt.NDArray[np.float64]
    group: npt.NDArray[np.intp]
    position: npt.NDArray[np.intp]
    known: Bool
    synthetic: bool = False
    guess: Guess | None = None

    def with_guess(self, guess: Guess) -> Counts:
        """Return the counts with what stands in for those that are missing."""
        return replace(self, guess=guess)

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return int(self.group.max(initial=-1)) + 1

    @property
    def safe(self) -> Bool:
        """Which units have a count that may be published."""
        return np.isfinite(self.numerator)

    def raked(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return rates, shape (…, units), moved until those with a count add to their group's people in it."""
        totals = np.bincount(self.group[self.safe], self.numerator[self.safe], minlength=self.groups).astype(np.float64)
        group = np.where(self.safe, self.group, -1)
        return raking.rake(values, np.nan_to_num(self.denominator), group, totals=totals)


def counts(adoption: pd.DataFrame, villages: pd.DataFrame, *, indicator: str, min_people: int) -> Counts:
    """Return the counts of one indicator that draws may use; parameters and errors as for `rates`."""
    rows = adoption[adoption[INDICATOR] == indicator]
    ordered = villages[[UNIT_ID, COMMUNE_ID]].sort_values(UNIT_ID, ignore_index=True)
    level = _level(indicator, rows)
    units, group, position = _units(level, rows, ordered)
    figures = _figures(indicator, rows, units)
    return _usable(level, figures, group, position, min_people)


def rates(adoption: pd.DataFrame, villages: pd.DataFrame, *, min_people: int, shrink: bool = False) -> pd.DataFrame:
    """Return the adoption rate of every village and indicator.

    A count is small when the denominator, the numerator or the rest is below `min_people`; beside that of a village the
    publishable count of the fewest people of its commune is hidden too. The rate of a village with a hidden count is pooled from the
    publishable villages of its commune, or of the province if there is none: a hidden count enters nothing, so it cannot
    be recovered from anything that is derived from the rates.

    Parameters
    ----------
    adoption : DataFrame
        `layers.schema.ADOPTION`; each indicator at one level (village, commune or province).
    villages : DataFrame
        `layers.schema.VILLAGES`, of which ``unit_id`` and ``commune_id`` are read.
    min_people : int
        Smallest count that may be published, people.
    shrink : bool
        Lean each village's own rate on its commune (`planner.shrinkage`), and move the rates of a commune together so
        that the people they stand for still add to the people counted. Rates given per commune or province stay.

    Returns
    -------
    DataFrame
        ``unit_id``, ``indicator``, ``rate`` (share; NaN = unknown), ``status`` (observed, smoothed,
        estimated, suppressed, unknown), ``flags`` (pooled, commune_rate, province_rate, synthetic), ordered by indicator and unit_id.

    Raises
    ------
    ValueError
        When an indicator comes at two levels (the difference of the two would give suppressed counts away), a unit
        appears twice or is not known, or a numerator lies outside 0 and its denominator.
    """
    ordered = villages[[UNIT_ID, COMMUNE_ID]].sort_values(UNIT_ID, ignore_index=True)
    parts = [
        _of_indicator(str(name), rows, ordered, min_people, shrink=shrink)
        for name, rows in adoption.groupby(INDICATOR, sort=True)
    ]
    if not parts:
        return pd.DataFrame({c: pd.Series(dtype="object") for c in (UNIT_ID, INDICATOR, RATE, STATUS, FLAGS)})
    return pd.concat(parts, ignore_index=True)


def by_village(long: pd.DataFrame, villages: pd.DataFrame, *, indicators: Iterable[str] = ()) -> pd.DataFrame:
    """Return `rates` with one row per village: ``unit_id``, ``<indicator>_rate``, ``<indicator>_status``, ``flags``.

    Parameters
    ----------
    long : DataFrame
        What `rates` returned.
    villages : DataFrame
        Whose ``unit_id`` become the rows, in text order.
    indicators : iterable of str
        Indicators that get columns, unknown everywhere, even if no row speaks of them.
    """
    ids = villages[UNIT_ID].sort_values(ignore_index=True)
    wide = pd.DataFrame({UNIT_ID: ids})
    flags: list[set[str]] = [set() for _ in ids]
    for name in sorted({*long[INDICATOR], *indicators}):
        of_unit = long[long[INDICATOR] == name].set_index(UNIT_ID).reindex(ids)
        wide[f"{name}_{RATE}"] = of_unit[RATE].to_numpy(dtype="float64")
        wide[f"{name}_{STATUS}"] = of_unit[STATUS].fillna("unknown").astype("str").to_numpy()
        for found, more in zip(flags, of_unit[FLAGS], strict=True):
            found.update(more if isinstance(more, tuple) else ())
    wide[FLAGS] = pd.Series([tuple(sorted(f)) for f in flags], dtype="object")
    return wide


def _level(name: str, rows: pd.DataFrame) -> str:
    levels = sorted(rows[LEVEL].unique())
    if len(levels) > 1:
        message = f"adoption '{name}' comes at the levels {', '.join(levels)}; give one, or suppressed counts leak"
        raise ValueError(message)
    return str(levels[0])


def _of_indicator(
    name: str, rows: pd.DataFrame, villages: pd.DataFrame, min_people: int, *, shrink: bool
) -> pd.DataFrame:
    level = _level(name, rows)
    units, group, position = _units(level, rows, villages)
    figures = _figures(name, rows, units)
    found = _estimate(figures, group, min_people, known_as="observed" if level == "village" else "estimated")
    if shrink and level == "village":
        found = _smoothed(found, _usable(level, figures, group, position, min_people))
    return _table(name, villages[UNIT_ID], found.take(position), _LEVEL_FLAG.get(level))


def _units(
    level: str, rows: pd.DataFrame, villages: pd.DataFrame
) -> tuple[pd.Index[str], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the units of a level, the group each may be pooled in, and for each village the position of its unit."""
    commune = villages[COMMUNE_ID]
    if level == "village":
        return pd.Index(villages[UNIT_ID]), pd.factorize(commune, sort=True)[0], np.arange(len(villages))
    if level == "commune":
        # A commune without a village of its own still counts in what is pooled.
        communes = pd.Index(sorted({*commune, *rows[UNIT_ID]}))
        return communes, np.zeros(len(communes), dtype=np.intp), communes.get_indexer(pd.Index(commune))
    return pd.Index(rows[UNIT_ID].unique()[:1]), np.zeros(1, dtype=np.intp), np.zeros(len(villages), dtype=np.intp)


def _figures(name: str, rows: pd.DataFrame, units: pd.Index[str]) -> pd.DataFrame:
    """Return numerator, denominator and synthetic of each unit, NaN where there is no row."""
    twice = rows.loc[rows[UNIT_ID].duplicated(), UNIT_ID]
    if len(twice):
        message = f"adoption '{name}': unit '{twice.iloc[0]}' appears twice"
        raise ValueError(message)
    stray = rows.loc[~rows[UNIT_ID].isin(units), UNIT_ID]
    if len(stray):
        message = f"adoption '{name}': unit '{stray.iloc[0]}' is not one of the plan's"
        raise ValueError(message)
    wrong = rows.loc[(rows[NUMERATOR] < 0) | (rows[NUMERATOR] > rows[DENOMINATOR]), UNIT_ID]
    if len(wrong):
        message = f"adoption '{name}': the numerator of '{wrong.iloc[0]}' is below 0 or above its denominator"
        raise ValueError(message)
    return rows.set_index(UNIT_ID)[[NUMERATOR, DENOMINATOR, SYNTHETIC]].reindex(units)


def _smoothed(found: _Estimates, given: Counts) -> _Estimates:
    """Return the estimates with the rates of publishable units leaned on their group, ``smoothed`` where that moves them."""
    if not given.safe.any():
        return found
    rate = np.where(given.safe, leaned(given), found.rate)
    moved = given.safe & (np.abs(rate - found.rate) > SAME_RATE)
    return _Estimates(
        np.where(moved, rate, found.rate),
        np.where(moved, "smoothed", found.status),
        found.pooled,
        # What leans on generated counts is generated itself: one of them moves the rates of all.
        found.synthetic | (moved & bool(found.synthetic.any())),
    )


def leaned(given: Counts) -> Float:
    """Return the rates of units leaned on their group and raked to its count, shape (units,)."""
    prior = shrinkage.fit(given.numerator, given.denominator, given.group, groups=given.groups)
    return given.raked(shrinkage.posterior(prior, given.numerator, given.denominator, given.group).mean)


def _usable(
    level: str,
    figures: pd.DataFrame,
    group: npt.NDArray[np.intp],
    position: npt.NDArray[np.intp],
    min_people: int,
) -> Counts:
    numerator, denominator, safe, small = _small(figures, group, min_people, beside=level == "village")
    shown, among = (np.where(safe, values, np.nan) for values in (numerator, denominator))
    made = bool((figures[SYNTHETIC] == True).any())  # noqa: E712 - NaN, where no row is, is not True
    return Counts(level, shown, among, group, position, safe | small, made)


def _small(
    figures: pd.DataFrame, group: npt.NDArray[np.intp], min_people: int, *, beside: bool
) -> tuple[Float, Float, Bool, Bool]:
    """Return numerator, denominator, which counts may be published and which are hidden.

    Hidden are the counts that are too small and, with `beside`, in each group that has one, the publishable count of the
    fewest people (secondary suppression): who knows the group's official total from elsewhere gets the sum of what is hidden, and that
    sum is then never that of one unit, nor too small itself. Which one it is depends on no hidden count.
    """
    numerator = figures[NUMERATOR].to_numpy(dtype=np.float64, na_value=np.nan)
    denominator = figures[DENOMINATOR].to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(numerator) & np.isfinite(denominator)
    smallest = np.minimum(np.minimum(denominator, numerator), denominator - numerator)
    safe = known & (smallest >= min_people)
    if beside:
        safe[_beside(denominator, safe, known & ~safe, group)] = False
    return numerator, denominator, safe, known & ~safe


def _beside(denominator: Float, safe: Bool, small: Bool, group: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return the units hidden beside the small ones: per group with any the safe one of the fewest people."""
    candidates = np.flatnonzero(safe & np.isin(group, group[small]))
    order = candidates[np.lexsort((candidates, denominator[candidates], group[candidates]))]
    return order[np.unique(group[order], return_index=True)[1]]


def _estimate(figures: pd.DataFrame, group: npt.NDArray[np.intp], min_people: int, *, known_as: str) -> _Estimates:
    numerator, denominator, safe, small = _small(figures, group, min_people, beside=known_as == "observed")
    generated = (figures[SYNTHETIC] == True).to_numpy(dtype=np.bool_)  # noqa: E712 - NaN, where no row is, is not True
    known = safe | small
    pool, pool_generated = _pools(numerator, denominator, generated, safe, group)
    rate = np.where(small, pool[group], np.nan)
    np.divide(numerator, denominator, out=rate, where=safe)
    status = np.select([safe, small], [known_as, "suppressed"], "unknown").astype(object)
    synthetic = known & (generated | (small & pool_generated[group]))
    return _Estimates(rate, status, small & np.isfinite(rate), synthetic)


def _pools(
    numerator: npt.NDArray[np.float64],
    denominator: npt.NDArray[np.float64],
    generated: Bool,
    safe: Bool,
    group: npt.NDArray[np.intp],
) -> tuple[npt.NDArray[np.float64], Bool]:
    """Return per group the rate of its publishable units, else of all (NaN if none), and whether any is generated."""
    groups = int(group.max(initial=-1)) + 1
    above, below, made = (
        np.bincount(group[safe], weights=values[safe], minlength=groups)
        for values in (numerator, denominator, generated)
    )
    own = below > 0
    all_below = below.sum()
    overall = above.sum() / all_below if all_below > 0 else np.nan
    rate = np.divide(above, below, out=np.full(groups, overall), where=own)
    return rate, np.where(own, made > 0, made.sum() > 0)


def _table(name: str, unit_ids: pd.Series[str], found: _Estimates, level_flag: str | None) -> pd.DataFrame:
    named = np.isfinite(found.rate) & (level_flag is not None)
    flags = [
        tuple(sorted(f for f, on in ((level_flag, n), ("pooled", p), (SYNTHETIC, s)) if f is not None and on))
        for n, p, s in zip(named, found.pooled, found.synthetic, strict=True)
    ]
    return pd.DataFrame(
        {
            UNIT_ID: unit_ids,
            INDICATOR: name,
            RATE: found.rate,
            STATUS: pd.Series(found.status, dtype="str"),
            FLAGS: pd.Series(flags, dtype="object"),
        }
    )
