"""What draws say of the data themselves, before any weight: drawn once, scored as often as weights change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import draws, needs
from planner.draws import Draws
from planner.estimate import Counts
from planner.needs import Limits
from planner.sections import Needs, Uncertainty

Float = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """Draws of the data of a plan.

    Parameters
    ----------
    table : DataFrame
        ``<indicator>_rate_low``, ``<indicator>_rate_high`` per indicator of the plan, ``need_class_probability`` and
        `planner.needs.BOUNDS`; index of the villages. Intervals hold the published value.
    world : Draws
        What villages are compared by: rates before the draws are held to official totals, which would tie villages
        of one commune together.
    """

    table: pd.DataFrame
    world: Draws


def sample(
    rows: pd.DataFrame,
    counts: Mapping[str, Counts],
    *,
    indicators: Sequence[str],
    settings: Uncertainty,
    asked: Needs,
    limits: Limits,
    seed: int,
) -> Sampled:
    """Draw what is not known of the villages.

    Parameters
    ----------
    rows : DataFrame
        Villages with their published rates, coverage, minutes and needs.
    counts : mapping
        Counts of each adoption indicator that a layer of the plan gives.
    indicators : sequence of str
        Adoption indicators of the plan.
    settings : Uncertainty
        With ``draws`` above 0.
    asked : Needs
        Names the indicator that needs are split by.
    limits : Limits
        Where the classes of need begin.
    seed : int
    """
    found: dict[str, Float] = {}
    adopted: Float = np.full((1, len(rows)), np.nan)
    compared = adopted
    for name in indicators:
        drawn = _rates(rows, name, counts.get(name), count=settings.draws, seed=seed)
        low, high = draws.holding(rows[f"{name}_rate"], draws.interval(drawn, level=settings.level))
        found |= {f"{name}_rate_low": low, f"{name}_rate_high": high}
        if name == asked.adoption:
            adopted, compared = drawn, _rates(rows, name, counts.get(name), count=settings.draws, seed=seed, held=False)
    world = _world(rows, adopted, settings, seed=seed)
    eligible = rows["eligible_people"].to_numpy(dtype=np.float64)
    bounds = draws.need_bounds(world, eligible, level=settings.level).set_axis(rows.index)
    people = needs.whole_bounds(rows, adoption=asked.adoption, drawn=bounds)
    chance = draws.class_probability(world, list(rows["need_class"]), limits=limits)
    table = pd.DataFrame({**found, "need_class_probability": chance}, index=rows.index)
    among = replace(world, adopted=np.broadcast_to(compared, world.adopted.shape))
    return Sampled(pd.concat([table, people], axis="columns"), among)


def _rates(rows: pd.DataFrame, name: str, counts: Counts | None, *, count: int, seed: int, held: bool = True) -> Float:
    rate = rows[f"{name}_rate"].to_numpy(dtype=np.float64)
    if counts is None:
        return np.broadcast_to(rate, (count, len(rate)))
    eligible = rows["eligible_people"].to_numpy(dtype=np.float64)
    return draws.rates(counts, rate, eligible, count=count, rng=draws.generator(seed, f"rate {name}"), held=held)


def _world(rows: pd.DataFrame, adopted: Float, settings: Uncertainty, *, seed: int) -> Draws:
    share, low, high = (rows[f"covered_share{end}"].to_numpy(dtype=np.float64) for end in ("", "_low", "_high"))
    return Draws(
        draws.covered(
            share,
            low,
            high,
            list(rows["operators"]),
            shared=settings.shared_coverage_error,
            count=settings.draws,
            rng=draws.generator(seed, "coverage"),
        ),
        np.broadcast_to(adopted, (settings.draws, len(rows))),
        draws.minutes(
            rows["support_minutes"].to_numpy(dtype=np.float64, na_value=np.nan),
            list(rows["support_status"]),
            speed_error=settings.speed_error,
            count=settings.draws,
            rng=draws.generator(seed, "speed"),
        ),
    )
