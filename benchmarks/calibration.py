"""Whether rank intervals hold what they promise: true ranks against intervals from noisy counts, over many made-up worlds.

    python benchmarks/calibration.py [--out FILE] [--replicates N]

A world has villages in communes with true rates, and counts so thin that the standard deviation of the observed rates round
the true ones is noise/signal times that of the true ones. The product's own path follows: prior, posterior draws, scoring,
ranking. Of the 90 % intervals 85 to 95 % should hold the true rank, over all villages and within the observed worst tenth
alone, and of the villages with a chance of p of being among the worst tenth p should be, within 5 points per bin. Beside it
what the same draws give once they are raked (communes' counts taken as exact), and redrawing round the observed rates, the
usual choice: both promise too much.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import common
from planner import draws, estimate, uncertainty

Float = npt.NDArray[np.float64]
Redraw = Callable[[estimate.Counts, np.random.Generator], tuple[Float, Float]]
NOISES = (0.3, 0.6, 1.0)
COMMUNES, PER_COMMUNE, DRAWS = 30, 12, 300
BINS = np.linspace(0.0, 1.0, 11)


@dataclass(frozen=True)
class Calibration:
    """What replicates of one noise add up to: shares of true ranks held, and chances beside what happened."""

    held: float
    held_worst: float
    chance: Float
    among: npt.NDArray[np.bool_]

    def bins(self, *, least: int = 50) -> list[tuple[float, float, int]]:
        """Return mean chance, share that was among the worst and number, of bins with at least `least` villages."""
        which = np.clip(np.digitize(self.chance, BINS) - 1, 0, 9)
        parts = [which == b for b in range(10)]
        return [
            (float(self.chance[p].mean()), float(self.among[p].mean()), int(p.sum())) for p in parts if p.sum() >= least
        ]


def world(seed: int, noise: float) -> tuple[Float, estimate.Counts]:
    """Return true rates of villages and counts that see them with `noise` over signal."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, round(10 * noise)])))
    group = np.repeat(np.arange(COMMUNES), PER_COMMUNE)
    mean = rng.beta(24, 6, COMMUNES)
    rate = rng.beta(20 * mean[group], 20 * (1 - mean[group]))
    typical = np.mean(rate * (1 - rate)) / (noise * rate.std()) ** 2
    below = np.maximum(2.0, np.round(typical * rng.lognormal(0, 0.5, len(group))))
    above = rng.binomial(below.astype(int), rate).astype(float)
    known = np.ones(len(group), dtype=np.bool_)
    return rate, estimate.Counts("village", above, below, group, np.arange(len(group)), known)


def posterior(counts: estimate.Counts, rng: np.random.Generator) -> tuple[Float, Float]:
    """Return the published rates and the draws by which a run compares villages."""
    published = estimate.leaned(counts)
    return published, draws.rates(counts, published, counts.denominator, count=DRAWS, rng=rng, held=False)


def raked(counts: estimate.Counts, rng: np.random.Generator) -> tuple[Float, Float]:
    """Return the published rates and the draws in which the communes' counts hold."""
    published = estimate.leaned(counts)
    return published, draws.rates(counts, published, counts.denominator, count=DRAWS, rng=rng)


def around_observed(counts: estimate.Counts, rng: np.random.Generator) -> tuple[Float, Float]:
    """Return the observed rates and binomial redraws round them."""
    observed = counts.numerator / counts.denominator
    again = rng.binomial(counts.denominator.astype(int), observed, size=(DRAWS, len(observed)))
    return observed, again / counts.denominator


METHODS: Final[dict[str, Redraw]] = {
    "posterior (the product)": posterior,
    "posterior, raked": raked,
    "redrawn round the observed": around_observed,
}


def calibrate(noise: float, *, replicates: int, redraw: Redraw = posterior) -> Calibration:
    """Return how well the intervals of `replicates` worlds hold the true ranks."""
    held, worst, chance, among = [], [], [], []
    for seed in range(replicates):
        rate, counts = world(seed, noise)
        published, drawn = redraw(counts, draws.generator(seed, "calibration"))
        found = uncertainty.rank_intervals({"adoption": 1.0 - drawn}, weights={"adoption": 1.0})
        true = np.argsort(np.argsort(rate)) + 1
        rank = np.argsort(np.argsort(published, kind="stable"), kind="stable") + 1
        low, high = np.minimum(found.rank_low, rank), np.maximum(found.rank_high, rank)
        inside = (low <= true) & (true <= high)
        held.append(inside.mean())
        worst.append(inside[rank <= found.tenth_size].mean())
        chance.append(found.worst_tenth_probability)
        among.append(true <= found.tenth_size)
    return Calibration(float(np.mean(held)), float(np.mean(worst)), np.concatenate(chance), np.concatenate(among))


def main() -> None:
    """Calibrate every noise, ours and the usual choice."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    parser.add_argument("--replicates", type=int, default=200)
    arguments = parser.parse_args()
    rows: list[common.Row] = []
    for noise in NOISES:
        for name, redraw in METHODS.items():
            found = calibrate(noise, replicates=arguments.replicates, redraw=redraw)
            off = max(abs(chance - share) for chance, share, _ in found.bins())
            rows.append(
                {
                    "noise_over_signal": noise,
                    "method": name,
                    "replicates": arguments.replicates,
                    "held_all": round(found.held, 3),
                    "held_observed_worst_tenth": round(found.held_worst, 3),
                    "worst_bin_off_points": round(100 * off, 1),
                }
            )
            print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    if arguments.out is not None:
        arguments.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
