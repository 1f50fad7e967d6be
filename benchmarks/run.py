"""Run every benchmark of this folder and write RESULTS.md and results.json.

    python benchmarks/run.py [NAME …]       all, or those named (siting, zonal, shares); the results of others stay

A benchmark is a script that takes ``--out FILE`` and writes a JSON list of rows.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks import common  # noqa: E402 - a script finds its own tree first

NOT_BENCHMARKS = {"__init__", "bare", "by_hand", "common", "run"}
PACKAGES = (
    "exactextract", "geopandas", "highspy", "numba", "numpy", "ortools", "pandas", "pulp", "rasterio", "rasterstats",
    "scikit-image", "scipy", "shapely", "spopt",
)  # fmt: skip


def rows_of(script: Path) -> list[common.Row]:
    """Run one benchmark and return its rows."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "rows.json"
        subprocess.run([sys.executable, str(script), "--out", str(out)], check=True)
        rows: list[common.Row] = json.loads(out.read_text(encoding="utf-8"))
        return rows


def table(rows: list[common.Row]) -> str:
    """Return rows as a table; a column that a row does not have stays empty."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines = [columns, ["---"] * len(columns), *([str(row.get(key, "")) for key in columns] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def page(results: dict[str, list[common.Row]], machine: common.Row) -> str:
    """Return RESULTS.md."""
    about = "\n".join(f"- {name}: {value}" for name, value in machine.items())
    parts = [f"## {name}\n\n{(HERE / f'{name}.py').read_text(encoding='utf-8').split(chr(34) * 3)[1].strip()}\n\n{table(rows)}"
             for name, rows in results.items()]  # fmt: skip
    return "\n\n".join(["# Benchmarks", "Written by `make bench`; compare ratios, not seconds.", about, *parts]) + "\n"


def earlier(scripts: list[Path]) -> dict[str, list[common.Row]]:
    """Return the results that stand, of benchmarks that still exist."""
    file = HERE / "results.json"
    found = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return {path.stem: found[path.stem] for path in scripts if path.stem in found}


def main(names: list[str]) -> None:
    """Run one after another and write after each, so that a run that is stopped loses only what it had not finished."""
    scripts = sorted(path for path in HERE.glob("*.py") if path.stem not in NOT_BENCHMARKS)
    chosen = [path for path in scripts if not names or path.stem in names]
    machine = common.machine(PACKAGES)
    results = earlier(scripts)
    for script in chosen:
        results[script.stem] = rows_of(script)
        ordered = {path.stem: results[path.stem] for path in scripts if path.stem in results}
        (HERE / "results.json").write_text(
            json.dumps({"machine": machine, **ordered}, indent=1) + "\n", encoding="utf-8"
        )
        (HERE / "RESULTS.md").write_text(page(ordered, machine), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
