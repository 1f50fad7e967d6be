"""How many people need what in each village, why, and which response fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

Need = Literal["not_adopted", "no_signal", "both"]
Float = npt.NDArray[np.float64]

PEOPLE: Final = (
    "adopted_people",
    "not_adopted_people",
    "no_signal_people",
    "unknown_people",
    "without_signal_people",
    "need_people",
)
"""Columns that `split` gives; the first four add to ``eligible_people``."""

RESPONSES: Final[dict[str, str]] = {
    "unknown": "survey",
    "white_spot": "operator_request",
    "weak_spot": "operator_request",
    "skills_gap": "community_team",
    "access_gap": "rapid_response_visit",
    "several": "community_team",
    "served": "none",
}
"""What to do about each class; for ``several``, where not mostly signal is missing."""


@dataclass(frozen=True, slots=True)
class _Inputs:
    """Eligible people, covered share c and adopted share a by position; NaN = unknown."""

    eligible: Float
    covered: Float
    adopted: Float

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        return np.isfinite(self.covered) & np.isfinite(self.adopted)


def split(villages: pd.DataFrame, *, adoption: str, ratio: float = 1.0, need: Need = "not_adopted") -> pd.DataFrame:
    """Split the eligible people of every village into four parts that add up, in whole people.

    Of E eligible, with covered share c and adopted share a, aE adopted. With r the ratio of adoption without signal to
    adoption with signal, c E (1 - a / (c + (1 - c) r)) have signal and did not adopt; r is cut below where it would
    ask for more adopters with signal than there are people. Who neither adopted nor has signal is the remainder.

    Margins are rounded to the person (half up) and the inner cell of the two-by-two table (signal, adopted) is rounded
    inside what the margins allow. So no one is counted twice, the parts add to E, and nobody without signal is missing
    from ``without_signal_people``.

    Parameters
    ----------
    villages : DataFrame
        ``eligible_people`` (whole), ``covered_share`` and ``<adoption>_rate`` (shares, NaN = unknown; an absent rate
        is unknown everywhere).
    adoption : str
        Indicator named in ``[needs]``.
    ratio : float
        r, 0 to 1; 1 means that adoption does not depend on signal.
    need : {"not_adopted", "no_signal", "both"}
        What ``need_people`` counts.

    Returns
    -------
    DataFrame
        `PEOPLE` as nullable whole numbers, index of `villages`. ``without_signal_people`` is empty where c is unknown,
        ``need_people`` where c or a is.

    Raises
    ------
    ValueError
        When a share or the ratio lies outside 0 to 1, or eligible people are negative, not whole or unknown.
    """
    if not 0.0 <= ratio <= 1.0:
        message = (
            f"ratio = {ratio!r}: the ratio of adoption without signal to adoption with signal lies between 0 and 1"
        )
        raise ValueError(message)
    inputs = _inputs(villages, adoption)
    eligible, known = inputs.eligible, inputs.known
    adopted = _whole(np.nan_to_num(inputs.adopted) * eligible)
    without_signal = _whole((1.0 - np.nan_to_num(inputs.covered)) * eligible)
    exact = np.nan_to_num(_no_signal_share(inputs.covered, inputs.adopted, ratio)) * eligible
    no_signal = np.clip(
        _whole(exact), np.maximum(0.0, without_signal - adopted), np.minimum(without_signal, eligible - adopted)
    )
    no_signal = np.where(known, no_signal, 0.0)
    not_adopted = np.where(known, eligible - adopted - no_signal, 0.0)
    wanted = {"not_adopted": not_adopted, "no_signal": no_signal, "both": not_adopted + no_signal}[need]
    values = (
        adopted,
        not_adopted,
        no_signal,
        np.where(known, 0.0, eligible - adopted),
        np.where(np.isfinite(inputs.covered), without_signal, np.nan),
        np.where(known, wanted, np.nan),
    )
    columns = {name: pd.array(v, dtype="Int64") for name, v in zip(PEOPLE, values, strict=True)}
    return pd.DataFrame(columns, index=villages.index)


BOUNDS: Final = (
    "not_adopted_people_low",
    "not_adopted_people_high",
    "no_signal_people_low",
    "no_signal_people_high",
)
"""Columns that `bounds` and `whole_bounds` give."""


def whole_bounds(villages: pd.DataFrame, *, adoption: str, drawn: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return `bounds` in whole people, widened to what draws of coverage and rate allow; the split lies inside.

    Parameters
    ----------
    villages, adoption
        As for `split`, with its columns.
    drawn : DataFrame, optional
        `BOUNDS` over draws, people, same index.

    Returns
    -------
    DataFrame
        `BOUNDS` as nullable whole numbers, low ends rounded down and high ends up, empty where c or a is unknown.
    """
    found = bounds(villages, adoption=adoption)
    columns = {}
    for name in BOUNDS:
        published = villages[name.rsplit("_", 1)[0]].to_numpy(dtype=np.float64, na_value=np.nan)
        outer, round_off = (np.fmin, np.floor) if name.endswith("_low") else (np.fmax, np.ceil)
        value = found[name].to_numpy(dtype=np.float64)
        if drawn is not None:
            value = outer(value, drawn[name].to_numpy(dtype=np.float64))
        # A billionth of a person is rounding: 30.000000001 people are 30.
        whole = outer(round_off(np.round(value, 6)), published)
        columns[name] = pd.array(np.where(np.isfinite(found[name]), whole, np.nan), dtype="Int64")
    return pd.DataFrame(columns, index=villages.index)


def bounds(villages: pd.DataFrame, *, adoption: str) -> pd.DataFrame:
    """Return how far the split can be off when the ratio is unknown: its range over all ratios from 0 to 1.

    Not adopted lies in [E max(0, c - a), E c (1 - a)], no signal and not adopted in
    [E (1 - c)(1 - a), E min(1 - c, 1 - a)] (Fréchet's bounds on one side, independence on the other).

    Parameters
    ----------
    villages, adoption
        As for `split`.

    Returns
    -------
    DataFrame
        ``not_adopted_people_low``, ``not_adopted_people_high``, ``no_signal_people_low``, ``no_signal_people_high``:
        people, not rounded, NaN where c or a is unknown; index of `villages`.
    """
    i = _inputs(villages, adoption)
    return pd.DataFrame(
        {
            "not_adopted_people_low": i.eligible * np.maximum(0.0, i.covered - i.adopted),
            "not_adopted_people_high": i.eligible * i.covered * (1.0 - i.adopted),
            "no_signal_people_low": i.eligible * (1.0 - i.covered) * (1.0 - i.adopted),
            "no_signal_people_high": i.eligible * np.minimum(1.0 - i.covered, 1.0 - i.adopted),
        },
        index=villages.index,
    )


def classify(villages: pd.DataFrame, *, skills_gap_at: float, reach_minutes: float) -> pd.DataFrame:
    """Say why each village is underserved and what fits.

    A village without signal is a white spot whatever else holds. Else it is unknown when coverage or adoption is; else
    what it has of weak spot, skills gap and access gap, ``several`` for more than one, ``served`` for none.
    Unknown access is no gap: nothing is known against it.

    Parameters
    ----------
    villages : DataFrame
        ``eligible_people``, ``coverage_status``, ``support_minutes``, ``support_status`` and the columns of `split`.
    skills_gap_at : float
        Not adopted with signal over eligible from which there is a skills gap, share.
    reach_minutes : float
        Farther than this from the nearest team there is an access gap.

    Returns
    -------
    DataFrame
        ``need_class`` and ``response``, index of `villages`.
    """
    status = villages["coverage_status"]
    not_adopted = villages["not_adopted_people"].astype("float64")
    weak = (status == "partial").to_numpy()
    skills = (
        (not_adopted > 0) & (not_adopted >= skills_gap_at * villages["eligible_people"].astype("float64"))
    ).to_numpy()
    far = (villages["support_minutes"].astype("float64") > reach_minutes) | villages["support_status"].isin(
        ["unreachable", "beyond_cutoff"]
    )
    access = far.to_numpy()
    gaps = weak.astype(int) + skills + access
    unknown = ((status == "unknown") | villages["need_people"].isna()).to_numpy()
    need_class = np.select(
        [(status == "not_covered").to_numpy(), unknown, gaps > 1, weak, skills, access],
        ["white_spot", "unknown", "several", "weak_spot", "skills_gap", "access_gap"],
        "served",
    )
    found = pd.DataFrame({"need_class": pd.Series(need_class, index=villages.index, dtype="str")})
    mostly_signal = (need_class == "several") & (
        villages["no_signal_people"].astype("float64") > not_adopted
    ).to_numpy()
    return found.assign(
        response=found["need_class"].map(RESPONSES).mask(mostly_signal, "operator_request").astype("str")
    )


CLASSES: Final = ("served", "access_gap", "skills_gap", "weak_spot", "several", "unknown", "white_spot")
"""Classes by the codes of `class_codes`."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where the classes of need begin; shares and minutes as in ``[needs]`` and ``[deploy]`` of a plan."""

    ratio: float
    covered_at: float
    not_covered_at: float
    skills_gap_at: float
    reach_minutes: float


def class_codes(covered: Float, adopted: Float, minutes: Float, *, limits: Limits) -> npt.NDArray[np.int8]:
    """Return the class of need of many villages in many draws, as positions in `CLASSES`; see `classify`.

    Shares stand for people here: nobody is rounded.

    Parameters
    ----------
    covered, adopted : ndarray
        Shares, NaN = unknown; shapes that fit together.
    minutes : ndarray
        To the nearest team; infinite where it is out of reach, NaN where unknown.
    limits : Limits
    """
    no_signal = _no_signal_share(covered, adopted, limits.ratio)
    not_adopted = (1.0 - adopted) - no_signal
    unknown = np.isnan(covered) | np.isnan(adopted)
    white = covered <= limits.not_covered_at
    weak = ~white & (covered < limits.covered_at)
    skills = (not_adopted > 0) & (not_adopted >= limits.skills_gap_at)
    access = minutes > limits.reach_minutes
    gaps = weak.astype(np.int8) + skills + access
    return np.select([white, unknown, gaps > 1, weak, skills, access], [6, 5, 4, 3, 2, 1], 0).astype(np.int8)


def _inputs(villages: pd.DataFrame, adoption: str) -> _Inputs:
    rate = f"{adoption}_rate"
    eligible = villages["eligible_people"].to_numpy(dtype=np.float64, na_value=np.nan)
    covered = villages["covered_share"].to_numpy(dtype=np.float64, na_value=np.nan)
    adopted = (
        villages[rate].to_numpy(dtype=np.float64, na_value=np.nan)
        if rate in villages
        else np.full(len(villages), np.nan)
    )
    for name, values in (("covered_share", covered), (rate, adopted)):
        outside = (values < 0) | (values > 1)
        if outside.any():
            message = f"{name} = {values[outside][0]}: a share lies between 0 and 1"
            raise ValueError(message)
    if not np.all((eligible >= 0) & (eligible == np.floor(eligible))):
        message = "eligible_people: whole numbers, not negative, none unknown"
        raise ValueError(message)
    return _Inputs(eligible, covered, adopted)


def _no_signal_share(covered: Float, adopted: Float, ratio: float) -> Float:
    """Return the share that has no signal and did not adopt (see `split`), NaN where c or a is unknown."""
    mixed = covered + (1.0 - covered) * ratio
    with_signal = np.divide(covered * adopted, mixed, out=np.where(np.isnan(mixed), np.nan, 0.0), where=mixed > 0)
    # Cutting the ratio below is the same as never having more adopters with signal than people with signal.
    with_signal = np.minimum(with_signal, covered)
    return (1.0 - covered) - (adopted - with_signal)


def _whole(people: Float) -> Float:
    """Return people rounded to the person, half up."""
    # Nine decimals first: a half that floating point made a little smaller is still a half.
    return np.floor(np.round(people, 9) + 0.5)
