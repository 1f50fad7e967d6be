"""What every test may ask for, and which tests a machine cannot run.

A test that needs real data, a browser, Node or a database is deselected with one printed line where that is not there;
``PLANNER_REQUIRE=real,browser,postgres,node`` turns the absence into a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import cluster

ROOT = Path(__file__).resolve().parent.parent
# no test finds what another run computed, and none writes into the cache of the person who runs it
os.environ["PLANNER_CACHE"] = ""


def _real_data() -> Path | None:
    folder = Path(os.environ.get("PLANNER_REAL_DATA") or ROOT.parent / "shared" / "data")
    return folder if (folder / "boundaries" / "daklak_communes_2025.parquet").is_file() else None


def _chromium() -> str | None:
    return os.environ.get("PLANNER_CHROMIUM") or shutil.which("chromium")


def _postgres() -> str | None:
    return os.environ.get("PLANNER_POSTGRES_URL")


def _qgis() -> str | None:
    # the system's Python has it, this one cannot
    return "/usr/bin/python3" if Path("/usr/lib/python3/dist-packages/qgis/core").is_dir() else None


def _node() -> Path | None:
    checker = ROOT / "tools" / "scripts" / "node_modules" / "typescript" / "bin" / "tsc"
    return checker if shutil.which("node") and checker.is_file() else None


NEEDS = {
    "real": (_real_data, "the files of PLANNER_REAL_DATA (default ../shared/data)"),
    "browser": (_chromium, "Chromium (PLANNER_CHROMIUM or `chromium` on the PATH)"),
    "qgis": (_qgis, "QGIS with its Python (Debian package python3-qgis)"),
    "node": (_node, "Node, and `make scripts` (npm) to have fetched TypeScript and Biome"),
    "postgres": (_postgres, "a PostgreSQL server with PostGIS (PLANNER_POSTGRES_URL)"),
}


def _absent(config: pytest.Config) -> dict[str, str]:
    """Return the marks whose tests this machine or call leaves out, with what they need."""
    absent = {name: what for name, (probe, what) in NEEDS.items() if probe() is None}
    if "soak" not in (config.option.markexpr or ""):
        absent["soak"] = "`make soak`"
    return absent


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to run when something that ``PLANNER_REQUIRE`` names is not there."""
    required = {name for name in os.environ.get("PLANNER_REQUIRE", "").split(",") if name}
    absent = _absent(config)
    missing = [f"{name}, but there is no sign of {absent[name]}" for name in sorted(required & absent.keys())]
    unknown = sorted(required - NEEDS.keys())
    if missing or unknown:
        message = "; ".join(f"PLANNER_REQUIRE names {text}" for text in (*missing, *unknown))
        raise pytest.UsageError(message)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what this machine cannot run, and long tests unless ``-m soak`` asks for them."""
    absent = _absent(config)
    dropped = [item for item in items if any(item.get_closest_marker(name) for name in absent)]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if item not in dropped]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say in one line each what was left out; the workers of a parallel run have no terminal to say it on."""
    for name, what in sorted(_absent(config).items()):
        terminalreporter.write_line(f"tests marked '{name}' were deselected: they need {what}")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real files; only tests marked ``real`` may ask."""
    folder = _real_data()
    assert folder is not None, "a test that needs real data must be marked 'real'"
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of Chromium; only tests marked ``browser`` may ask."""
    path = _chromium()
    assert path is not None, "a test that needs a browser must be marked 'browser'"
    return path


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """URL of an empty PostGIS database; only tests marked ``postgres`` may ask."""
    url = _postgres()
    assert url is not None, "a test that needs a database must be marked 'postgres'"
    return url


@pytest.fixture(scope="session")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real Dask cluster of two workers."""
    with cluster.started(tmp_path_factory.mktemp("cluster")) as address:
        yield address
