"""Villages without a figure get an estimate: the model's where it beats the commune's mean, else that mean."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import Issue, LayerError
from layers.schema import SYNTHETIC
from planner import raking, shrinkage
from planner.estimate import Counts, Guess
from planner.village_model import Prediction, Verdict, learn

Float = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
Missing = Literal["model", "commune_mean", "unknown"]

ESTIMATED: Final = "estimated"
MODEL: Final = "model_rate"
MEAN: Final = "commune_mean"


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """Villages with estimates where a figure was missing.

    Parameters
    ----------
    rows : DataFrame
        With ``<indicator>_rate``, ``<indicator>_status`` and ``flags`` filled in.
    counts : dict of str to Counts
        With the guesses that draws need.
    verdicts : dict of str to Verdict
        By indicator with villages without a figure for which a model was asked.
    """

    rows: pd.DataFrame
    counts: dict[str, Counts]
    verdicts: dict[str, Verdict] = field(default_factory=dict)


def features(rows: pd.DataFrame, area_km2: Float, attributes: pd.DataFrame, *, cutoff_minutes: float) -> pd.DataFrame:
    """Return what is known of every village and may predict a rate: nothing in it was derived from a rate.

    Parameters
    ----------
    rows : DataFrame
        ``covered_share``, ``support_minutes``, ``support_status``, ``population_people``, ``x_m``, ``y_m``.
    area_km2 : ndarray, shape (villages,)
    attributes : DataFrame
        ``attribute_<name>``, same index.
    cutoff_minutes : float
        Stands for minutes where no team is reached.
    """
    people = rows["population_people"].astype("float64")
    out = rows["support_status"].isin(["unreachable", "beyond_cutoff"])
    return pd.DataFrame(
        {
            "covered_share": rows["covered_share"].astype("float64"),
            "support_minutes": rows["support_minutes"].astype("float64").mask(out, cutoff_minutes),
            "people_log": np.log1p(people),
            "people_per_km2_log": np.log1p(people / np.maximum(area_km2, 1e-6)),
            "x_km": rows["x_m"] / 1000.0,
            "y_km": rows["y_m"] / 1000.0,
            **{str(name): attributes[name].astype("float64") for name in attributes},
        },
        index=rows.index,
    )


def fill(
    rows: pd.DataFrame,
    counts: Mapping[str, Counts],
    *,
    known: pd.DataFrame,
    missing: Missing,
    totals: Mapping[str, int],
    seed: int,
) -> Filled:
    """Return the villages with an estimate wherever a figure per village is missing and something can be said.

    Parameters
    ----------
    rows : DataFrame
        ``unit_id`` in text order, ``eligible_people``, ``flags`` and ``<indicator>_rate``, ``<indicator>_status``.
    counts : mapping
        Indicator to its counts; those given per commune or province have no village without a figure.
    known : DataFrame
        From `features`, same index.
    missing : {"model", "commune_mean", "unknown"}
        ``unknown`` estimates nothing.
    totals : mapping
        Indicator to the official number of adopters in all villages together; the estimates are moved to keep it, once
        every village has a rate: before that nobody knows how many of them live elsewhere.
    seed : int

    Raises
    ------
    LayerError
        When an official total cannot be kept.
    """
    found = Filled(rows, dict(counts))
    if missing == "unknown":
        return found
    for name, given in sorted(counts.items()):
        wanted = (rows[f"{name}_status"] == "unknown").to_numpy() & ~given.known[given.position]
        if given.level == "village" and given.safe.any() and wanted.any():
            found = _filled(found, name, wanted, known=known, missing=missing, total=totals.get(name), seed=seed)
    return found


def _filled(
    so_far: Filled, name: str, wanted: Bool, *, known: pd.DataFrame, missing: Missing, total: int | None, seed: int
) -> Filled:
    given, rows = so_far.counts[name], so_far.rows
    verdicts, verdict, prediction = so_far.verdicts, None, None
    if missing == "model":
        own_seed = zlib.crc32(f"{seed} {name}".encode())
        verdict, prediction = learn(
            known, given.numerator, given.denominator, given.group, wanted=wanted, seed=own_seed
        )
    rate, by_model, by_mean = _estimates(given, wanted, prediction)
    if verdict is not None:
        told = replace(verdict, estimated=int((by_model | by_mean).sum()), by_model=int(by_model.sum()))
        told = replace(told, unknown=int((wanted & ~by_model & ~by_mean).sum()))
        verdicts = verdicts | {name: told}
    people = rows["eligible_people"].to_numpy(dtype=np.float64)
    guess = Guess(prediction, by_model | by_mean, people, None)
    complete = bool(np.isfinite(np.where(by_model | by_mean, rate, rows[f"{name}_rate"].to_numpy(dtype=float))).all())
    if total is not None and complete:
        suppressed = given.known & ~given.safe
        rest = float(total) - float(np.nansum(given.numerator))
        apart = float((rows[f"{name}_rate"].to_numpy(dtype=np.float64) * people)[suppressed].sum())
        # Where the point cannot hold the total, draws that hold it would be draws of something else.
        holds = 0.0 <= rest - apart <= float(people[by_model | by_mean].sum())
        guess = Guess(prediction, by_model | by_mean, people, rest if holds else None)
        hidden = float(people[suppressed].sum())
        rate = _kept(name, rate, by_model | by_mean, people, rest, apart=apart, hidden=hidden)
    return Filled(
        _written(rows, name, rate, by_model=by_model, by_mean=by_mean, synthetic=given.synthetic),
        so_far.counts | {name: given.with_guess(guess)},
        verdicts,
    )


def _estimates(given: Counts, wanted: Bool, prediction: Prediction | None) -> tuple[Float, Bool, Bool]:
    """Return rates, and which are the model's and which the commune's mean; a commune without figures has no mean."""
    nobody = np.zeros(len(wanted), dtype=np.bool_)
    by_model = nobody if prediction is None else prediction.where
    prior = shrinkage.fit(given.numerator, given.denominator, given.group, groups=given.groups)
    some = np.bincount(given.group, given.safe, minlength=given.groups)[given.group] > 0
    by_mean = wanted & some & ~by_model
    rate = np.full(len(wanted), np.nan) if prediction is None else prediction.rate
    return np.where(by_mean, prior.mean[given.group], rate), by_model, by_mean


def _kept(name: str, rate: Float, rows: Bool, people: Float, rest: float, *, apart: float, hidden: float) -> Float:
    """Return the estimates moved until the people they stand for are those whom the official total leaves.

    The total leaves `rest` adopters for them and for `hidden` people whose counts are too small to publish; pooled rates
    say that `apart` of those adopted. Where that leaves less than nobody or more than everybody for the estimates, they
    stay as they are: the pooled rates are off by more than the estimates can make up for, and only a look at the hidden
    counts could tell. `planner.notices` says that the total is not held then.
    """
    room = float(people[rows].sum())
    if not 0.0 <= rest <= room + hidden:
        rule = (
            "the official total less what is counted is between nobody and everybody in the villages without a "
            "publishable figure"
        )
        value = f"{rest:,.0f} of {room + hidden:,.0f} people"
        done = "Correct total, or leave it out."
        raise LayerError(
            Issue(f"adoption.{name}", "[layers.adoption]", rule, column="total", value=value, done=done, code="total")
        )
    if not 0.0 <= rest - apart <= room:
        return rate
    held = raking.rake(np.nan_to_num(rate), people, np.where(rows, 0, -1), totals=np.array([rest - apart]))
    return np.where(rows, held, rate)


def _written(
    rows: pd.DataFrame, name: str, rate: Float, *, by_model: Bool, by_mean: Bool, synthetic: bool
) -> pd.DataFrame:
    filled = by_model | by_mean
    own: list[Sequence[str]] = [
        (ESTIMATED, MODEL if m else MEAN, *((SYNTHETIC,) if synthetic else ())) if f else ()
        for m, f in zip(by_model, filled, strict=True)
    ]
    flags = [tuple(sorted({*old, *new})) for old, new in zip(rows["flags"], own, strict=True)]
    found = rows.copy()
    found[f"{name}_rate"] = np.where(filled, rate, rows[f"{name}_rate"].to_numpy(dtype=np.float64))
    found[f"{name}_status"] = rows[f"{name}_status"].mask(filled, ESTIMATED)
    found["flags"] = pd.Series(flags, index=rows.index, dtype="object")
    return found
