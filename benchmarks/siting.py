"""Siting beside its peer: the same generated worlds, one process each, the same gap.

    python benchmarks/siting.py                 every case, product and peer
    python benchmarks/siting.py --product       the product alone
    python benchmarks/siting.py --out FILE      also write the rows as JSON

Seconds are wall clock from minutes in memory to a plan; the product is solved twice, cold and warm (compiled code in
the cache). The peer is spopt with CBC on one thread; `cut`
says that the limit of five minutes ended it. Memory is the peak of the process.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

ROOT = Path(__file__).resolve().parent.parent
TIME_LIMIT_S = 300.0


@dataclass(frozen=True)
class Case:
    """A world: villages, sites, mean number of sites within reach of a village, teams, and whether the peer can try."""

    model: str
    villages: int
    sites: int
    within_reach: int
    teams: int
    gap: float
    peer: bool


CASES = (
    Case("max_cover", 1_715, 1_715, 115, 50, 0.005, peer=True),
    Case("max_cover", 5_000, 2_000, 30, 37, 0.005, peer=True),
    Case("max_cover", 5_000, 2_000, 30, 37, 0.001, peer=True),
    Case("max_cover", 20_000, 5_000, 30, 100, 0.01, peer=False),
    Case("max_cover", 100_000, 10_000, 30, 37, 0.01, peer=False),
    Case("max_cover", 100_000, 10_000, 30, 37, 0.0, peer=False),
    Case("max_cover", 250_000, 20_000, 100, 37, 0.02, peer=False),
    Case("p_median", 1_000, 1_000, 1_000, 37, 0.005, peer=True),
    Case("p_median", 3_000, 3_000, 3_000, 37, 0.01, peer=False),
)


def world(case: Case) -> tuple[sparse.csr_array, np.ndarray, float]:
    """Return minutes (a sparse matrix), people and the reach: villages half in 60 clusters, half anywhere."""
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([case.villages, case.sites])))
    centres, spread = random.random((60, 2)) * [200, 150], random.uniform(2, 10, 60)
    cluster = random.integers(0, 60, case.villages)
    places = centres[cluster] + random.standard_normal((case.villages, 2)) * spread[cluster, None]
    anywhere = random.random(case.villages) < 0.5
    places[anywhere] = random.random((int(anywhere.sum()), 2)) * [200, 150]
    people = np.round(random.lognormal(5.5, 0.9, case.villages))
    tree, sites = cKDTree(places), cKDTree(places[: case.sites])
    reach = _reach(tree, sites, case.within_reach)
    pairs = tree.sparse_distance_matrix(sites, reach, output_type="coo_matrix")
    minutes = sparse.csr_array((pairs.data, (pairs.row, pairs.col)), shape=(case.villages, case.sites))
    return minutes, people, reach


def _reach(tree: cKDTree, sites: cKDTree, mean: int) -> float:
    if mean >= sites.n:
        return 1_000.0
    low, high = 0.0, 300.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if tree.count_neighbors(sites, middle) < mean * tree.n else (low, middle)
    return high


def product(case: Case) -> dict[str, object]:
    """Solve with the product, twice."""
    sys.path.insert(0, str(ROOT))
    from planner.siting import MODELS, SitingProblem  # noqa: PLC0415 - the peer's process must not load it

    minutes, people, reach = world(case)
    nothing = np.zeros(case.sites, dtype=bool)
    problem = SitingProblem(
        unit_ids=np.char.zfill(np.arange(case.villages).astype(str), 6),
        site_ids=np.char.zfill(np.arange(case.sites).astype(str), 6),
        need_people=people,
        minutes=minutes,
        new_teams=case.teams,
        reach_minutes=reach,
        existing=nothing,
        locked_in=nothing,
        locked_out=nothing,
        gap=case.gap,
        time_limit_s=TIME_LIMIT_S,
    )
    cold = MODELS[case.model](problem).seconds
    plan = MODELS[case.model](problem)
    return {
        "pairs": int(minutes.nnz),
        "objective": plan.objective,
        "bound": plan.bound,
        "gap_found": plan.gap,
        "greedy": plan.greedy,
        "status": plan.status,
        "seconds_first": cold,
        "seconds": plan.seconds,
    }


def peer(case: Case) -> dict[str, object]:
    """Solve with spopt and CBC."""
    import pulp  # noqa: PLC0415 - only the peer's process needs it
    from spopt.locate import MCLP, PMedian  # noqa: PLC0415

    minutes, people, reach = world(case)
    dense = np.full(minutes.shape, 1e6)
    pairs = minutes.tocoo()
    dense[pairs.row, pairs.col] = pairs.data
    started = time.perf_counter()
    if case.model == "max_cover":
        model = MCLP.from_cost_matrix(dense, people, service_radius=reach, p_facilities=case.teams)
    else:
        model = PMedian.from_cost_matrix(dense, people, p_facilities=case.teams)
    solver = pulp.PULP_CBC_CMD(msg=False, timeLimit=TIME_LIMIT_S, threads=1, gapRel=case.gap)
    model.problem.solve(solver)
    seconds = time.perf_counter() - started
    chosen = np.flatnonzero([(variable.value() or 0.0) > 0.5 for variable in model.fac_vars])
    near = dense[:, chosen].min(axis=1, initial=1e6)
    value = people[near <= reach].sum() if case.model == "max_cover" else (people * near).sum()
    # pulp calls a solve that the limit ended "Optimal" as well
    cut = seconds >= TIME_LIMIT_S
    return {"objective": float(value), "status": pulp.LpStatus[model.problem.status], "seconds": seconds, "cut": cut}


def measured(number: int, who: str) -> dict[str, object]:
    """Solve one case in a process of its own."""
    command = [sys.executable, __file__, "--case", str(number), "--who", who]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1:]}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Run the cases and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--product", action="store_true", help="without the peer")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--case", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--who", choices=["product", "peer"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case is not None:
        row = (product if options.who == "product" else peer)(CASES[options.case])
        row["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps(row))
        return
    rows = []
    for number, case in enumerate(CASES):
        for who in ("product", "peer"):
            if who == "peer" and (options.product or not case.peer):
                continue
            rows.append({"who": who, **asdict(case), **measured(number, who)})
            print(json.dumps(rows[-1]), flush=True)
    if options.out is not None:
        options.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
