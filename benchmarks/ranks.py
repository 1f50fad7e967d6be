"""Rank intervals at the size of a province: 1,000 draws, 2,500 villages in 102 communes, 12 indicators in 4 pillars.

    python benchmarks/ranks.py [--out FILE]

Every indicator is fitted, drawn and raked in every draw, then all villages are scored and ranked in every draw, once for
each normalisation and aggregation. The plan that is asked for under five seconds and one GiB
is one row. Draws do not depend on weights and are kept: what a changed weight takes is the row of scoring and ranking alone (`wall_s`). Seconds are wall clock (and, where other programs are running, processor time), memory is the peak of the
process with its libraries.
"""

from __future__ import annotations

import itertools
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import common
from planner import draws, estimate, methods, uncertainty
from planner.composite import Recipe
from planner.framework import Framework

DRAWS, VILLAGES, COMMUNES, INDICATORS = 1_000, 2_500, 102, 12
EVERY = np.ones(VILLAGES, dtype=np.bool_)


def world(number: int) -> estimate.Counts:
    """Return generated counts of one indicator, one village in fifty suppressed."""
    rng = draws.generator(number, "world")
    group = np.sort(rng.integers(0, COMMUNES, VILLAGES))
    group[:COMMUNES] = np.arange(COMMUNES)
    group.sort()
    people = rng.integers(100, 3_000, VILLAGES).astype(np.float64)
    rate = rng.beta(20 * rng.beta(12, 4, COMMUNES)[group], 5.0)
    adopters = rng.binomial(people.astype(np.int64), rate).astype(np.float64)
    hidden = rng.random(VILLAGES) < 1 / 50
    adopters[hidden] = people[hidden] = np.nan
    return estimate.Counts("village", adopters, people, group, np.arange(VILLAGES), EVERY)


def recipe(framework: Framework) -> Recipe:
    """Return a plan of four pillars with three indicators each."""
    pillars = tuple(f"pillar {i // 3}" for i in range(INDICATORS))
    size = (1.0,) * INDICATORS
    return Recipe(framework, pillars, size, ((0.0, 1.0),) * INDICATORS, dict.fromkeys(pillars, 1.0))


def timed(call: Callable[[], object]) -> tuple[object, float, float]:
    """Return what a call gives, its seconds by the clock and on the processor."""
    start, worked = time.perf_counter(), time.process_time()
    found = call()
    return found, time.perf_counter() - start, time.process_time() - worked


def drawn() -> list[np.ndarray]:
    """Fit, draw and rake every indicator."""
    published = np.full(VILLAGES, 0.5)
    return [
        1.0 - draws.rates(world(n), published, published, count=DRAWS, rng=draws.generator(1, f"rate {n}"))
        for n in range(INDICATORS)
    ]


def row(case: str, wall: float, cpu: float, **more: object) -> common.Row:
    """Return one row, with the peak of memory so far."""
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return {"case": case, "wall_s": round(wall, 2), "cpu_s": round(cpu, 2), "peak_mb": peak, **more}


def main() -> None:
    """Draw and rake once, then score and rank by every framework."""
    values, draw_wall, draw_cpu = timed(drawn)
    assert isinstance(values, list)  # noqa: S101 - narrows the type
    size = f"{DRAWS} draws, {VILLAGES} villages, {INDICATORS} indicators"
    rows = [row(f"draw and rake: {size}", draw_wall, draw_cpu)]
    for normalisation, aggregation in itertools.product(methods.NORMALISATIONS, methods.AGGREGATIONS):
        plan = recipe(Framework(normalisation=normalisation, aggregation=aggregation))
        found, wall, cpu = timed(lambda plan=plan: uncertainty.of_draws(values, plan, ranked=EVERY))
        width = int(np.median(found.rank_high - found.rank_low))  # type: ignore[attr-defined]
        case = f"score and rank: {normalisation}, {aggregation}"
        rows.append(row(case, wall, cpu, with_draws_wall_s=round(wall + draw_wall, 2), median_rank_width=width))
    common.report(rows)


if __name__ == "__main__":
    main()
