"""The whole path as a person runs it: the shipped and the real province.

    python benchmarks/path.py [--out FILE]

Whole processes: wall clock and CPU seconds, and the largest resident size. Cold: nothing compiled, nothing kept. Warm:
compiled, nothing kept, everything computed. Kept: the same run again with its finished stages kept. Reweighted: kept,
and a weight of the score was changed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import common  # noqa: E402 - a script finds its own tree first

NOW = "2026-11-01T00:00:00Z"


def commands(folder: Path) -> dict[str, list[str]]:
    """Return what is timed, by name; the real province only where its files are."""
    planner = [sys.executable, "-m", "planner"]
    found = {"shipped province": [*planner, "demo", str(folder / "demo"), "--now", NOW]}
    if (Path(os.environ.get("PLANNER_REAL_DATA") or ROOT.parent / "shared" / "data") / "boundaries").is_dir():
        real = ROOT / "tests" / "real" / "plan.toml"
        found["real province"] = [*planner, "run", str(real), "--out", str(folder / "real"), "--now", NOW]
    return found


def timed(command: list[str], cache: Path, *, kept: str = "") -> common.Row:
    """Run a command once and return its figures; `cache` holds compiled code, `kept` finished stages (empty: none)."""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(cache), "PLANNER_CACHE": kept}
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    # wait4 gives this process's own figures; those of all children together keep the largest peak so far
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if status:
        message = f"{' '.join(command)} ended with status {status}"
        raise SystemExit(message)
    return {
        "wall_s": round(wall, 2),
        "cpu_s": round(used.ru_utime + used.ru_stime, 2),
        "peak_mb": round(used.ru_maxrss / 1024),
    }


def reweighted(folder: Path) -> list[str] | None:
    """Return the run of the real plan with another weight; None where its files are not there."""
    command = commands(folder).get("real province")
    if command is None:
        return None
    real = ROOT / "tests" / "real"
    text = (real / "plan.toml").read_text(encoding="utf-8")
    where = os.environ.get("PLANNER_REAL_DATA") or str(ROOT.parent / "shared" / "data")
    text = text.replace("${PLANNER_REAL_DATA:-../../../shared/data}", where)
    plan = folder / "reweighted.toml"
    plan.write_text(f"{text}\n[score]\npillars = {{ connectivity = 2, adoption = 1, access = 1 }}\n", encoding="utf-8")
    for name in ("truth.json",):
        (folder / name).write_bytes((real / name).read_bytes())
    return [str(plan) if part.endswith("plan.toml") else part for part in command]


def main() -> None:
    """Time every command in every state, each into folders of its own."""
    compiled = Path(sys.prefix) / "numba"
    rows: list[common.Row] = []
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as empty:
        for name, command in commands(Path(folder)).items():
            kept = f"{empty}/kept"
            for state, cache, store in (
                ("cold", Path(empty) / name, ""),
                ("compiling", compiled, kept),
                ("warm", compiled, ""),
                ("kept", compiled, kept),
            ):
                Path(folder, state).mkdir(exist_ok=True)
                row = timed([part.replace(folder, f"{folder}/{state}") for part in command], cache, kept=store)
                rows += [] if state == "compiling" else [{"case": name, "state": state, **row}]
        if (command := reweighted(Path(folder))) is not None:
            # the plan stands elsewhere, so its inputs are read once more before the weight alone is changed
            timed(command, compiled, kept=kept)
            plan = Path(folder) / "reweighted.toml"
            plan.write_text(
                plan.read_text(encoding="utf-8").replace("connectivity = 2", "connectivity = 3"), encoding="utf-8"
            )
            rows.append({"case": "real province", "state": "reweighted", **timed(command, compiled, kept=kept)})
    common.report(rows)


if __name__ == "__main__":
    main()
