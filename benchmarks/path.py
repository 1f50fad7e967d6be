"""The whole path as a person runs it: the shipped and the real province, cold (nothing compiled yet) and warm.

    python benchmarks/path.py [--out FILE]

Whole processes: wall clock and CPU seconds, and the largest resident size.
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


def timed(command: list[str], cache: Path) -> common.Row:
    """Run a command once and return its figures."""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(cache)}
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


def main() -> None:
    """Time every command cold and then warm, each into folders of its own."""
    rows: list[common.Row] = []
    for state in ("cold", "warm"):
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as empty:
            cache = Path(empty) if state == "cold" else Path(sys.prefix) / "numba"
            Path(folder, "again").mkdir()
            for name, command in commands(Path(folder)).items():
                if state == "warm":
                    timed(command, cache)
                    command = [part.replace(folder, f"{folder}/again") for part in command]
                rows.append({"case": name, "state": state, **timed(command, cache)})
    common.report(rows)


if __name__ == "__main__":
    main()
