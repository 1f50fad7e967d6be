"""Rank intervals at the size of a province: 1,000 draws, 2,500 villages in 102 communes, 12 indicators.

    python benchmarks/ranks.py [--out FILE]

Every indicator is fitted, drawn and raked in every draw, then all villages are scored and ranked in every draw. Seconds
are wall clock (and, where other programs are running, processor time), memory is the peak of the process with its libraries.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import common
from planner import draws, estimate, uncertainty

DRAWS, VILLAGES, COMMUNES, INDICATORS = 1_000, 2_500, 102, 12


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
    every = np.ones(VILLAGES, dtype=np.bool_)
    return estimate.Counts("village", adopters, people, group, np.arange(VILLAGES), every)


def main() -> None:
    """Draw, rake, score and rank once."""
    worlds = [world(number) for number in range(INDICATORS)]
    published = np.full(VILLAGES, 0.5)
    start, worked = time.perf_counter(), time.process_time()
    values = {}
    for number, counts in enumerate(worlds):
        rng = draws.generator(1, f"rate {number}")
        values[str(number)] = 1.0 - draws.rates(counts, published, published, count=DRAWS, rng=rng)
    drawn = time.perf_counter()
    found = uncertainty.rank_intervals(values, weights=dict.fromkeys(values, 1.0))
    done = time.perf_counter()
    common.report(
        [
            {
                "case": f"{DRAWS} draws, {VILLAGES} villages, {INDICATORS} indicators",
                "draw_and_rake_s": round(drawn - start, 2),
                "score_and_rank_s": round(done - drawn, 2),
                "wall_s": round(done - start, 2),
                "cpu_s": round(time.process_time() - worked, 2),
                "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                "median_rank_width": int(np.median(found.rank_high - found.rank_low)),
            }
        ]
    )


if __name__ == "__main__":
    main()
