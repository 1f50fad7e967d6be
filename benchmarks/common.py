"""What the benchmarks share: one process per case and tool, CPU seconds of a call, the peak of memory.

A benchmark is a script with ``--out FILE`` that writes its rows, a JSON list of flat objects; ``run.py`` calls them all.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np

Row = dict[str, object]
Values = np.ndarray
Run = Callable[[], Values]


def measured(call: Run, *, runs: int) -> tuple[Values, Row]:
    """Call once to warm up (compiled code, caches), then `runs` times; return the values and the medians."""
    values = call() if runs > 1 else None
    cpu, wall = [], []
    for _ in range(runs):
        cpu_start, wall_start = time.process_time(), time.perf_counter()
        values = call()
        cpu.append(time.process_time() - cpu_start)
        wall.append(time.perf_counter() - wall_start)
    assert values is not None  # noqa: S101 - runs is at least 1
    return values, {
        "cpu_s": round(statistics.median(cpu), 3),
        "wall_s": round(statistics.median(wall), 3),
        "runs": runs,
        "peak_mb": round(peak_mb()),
    }


def peak_mb() -> float:
    """Return the most memory this process held; what the system counts also holds for the process that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def apart(script: Path, *, case: str, tool: str) -> tuple[Row, Values]:
    """Run one tool on one case in a process of its own, and return its row and its values."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "values.npz"
        command = [sys.executable, str(script), "--case", case, "--tool", tool, "--values", str(out)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        with np.load(out) as stored:
            return json.loads(done.stdout.strip().splitlines()[-1]), stored["values"]


def compared(script: Path, *, case: str, tools: tuple[str, ...], tolerance: float) -> list[Row]:
    """Return one row per tool; the first is the product. Values that differ by more than `tolerance` stop the run."""
    rows: list[Row] = []
    ours: Values | None = None
    for tool in tools:
        row, values = apart(script, case=case, tool=tool)
        ours = values if ours is None else ours
        both = ~(np.isnan(values) | np.isnan(ours))
        difference = float(np.abs(values - ours)[both].max())
        if difference > tolerance:
            message = f"{case}: {tool} differs from the product by {difference}, more than {tolerance}"
            raise SystemExit(message)
        first = rows[0]["cpu_s"] if rows else row["cpu_s"]
        ratio = round(float(str(row["cpu_s"])) / float(str(first)), 1)
        rows.append({"case": case, "tool": tool, **row, "times_product_cpu": ratio, "largest_difference": difference})
        print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    return rows


def main(script: str, cases: Callable[[], list[Row]], one: Callable[[str, str], tuple[Values, Row]]) -> None:
    """Run the benchmark as a command: all cases, or (in a process of its own) one tool on one case."""
    parser = argparse.ArgumentParser(prog=Path(script).name)
    for name in ("--out", "--case", "--tool", "--values"):
        parser.add_argument(name)
    arguments = parser.parse_args()
    if arguments.case:
        values, row = one(arguments.case, arguments.tool)
        np.savez(arguments.values, values=values)
        print(json.dumps(row))
        return
    rows = cases()
    if arguments.out:
        Path(arguments.out).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def report(rows: list[Row]) -> None:
    """Print the rows of a benchmark without peers, and write them where ``--out FILE`` says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    out: Path | None = parser.parse_args().out
    for row in rows:
        print(json.dumps(row), file=sys.stderr)
    if out is not None:
        out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def machine(packages: tuple[str, ...]) -> Row:
    """Return what ran: Python, the machine and the versions of the packages that are installed."""
    installed = {d.metadata["Name"].lower(): d.version for d in metadata.distributions() if d.metadata["Name"]}
    return {
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {platform.system()}",
        **{name: installed[name] for name in packages if name in installed},
    }
