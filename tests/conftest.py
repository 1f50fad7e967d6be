"""What every test may ask for, and which tests a machine cannot run.

A test that needs real data, a browser or a database is deselected with one printed line where that is not there;
``PLANNER_REQUIRE=real,browser,postgres`` turns the absence into a failure.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def _real_data() -> Path | None:
    folder = Path(os.environ.get("PLANNER_REAL_DATA") or ROOT.parent / "shared" / "data")
    return folder if (folder / "boundaries" / "daklak_communes_2025.parquet").is_file() else None


def _chromium() -> str | None:
    return os.environ.get("PLANNER_CHROMIUM") or shutil.which("chromium")


def _postgres() -> str | None:
    return os.environ.get("PLANNER_POSTGRES_URL")


NEEDS = {
    "real": (_real_data, "the files of PLANNER_REAL_DATA (default ../shared/data)"),
    "browser": (_chromium, "Chromium (PLANNER_CHROMIUM or `chromium` on the PATH)"),
    "postgres": (_postgres, "a PostgreSQL server with PostGIS (PLANNER_POSTGRES_URL)"),
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what this machine cannot run, and long tests unless ``-m soak`` asks for them."""
    required = {name for name in os.environ.get("PLANNER_REQUIRE", "").split(",") if name}
    absent = {name: what for name, (probe, what) in NEEDS.items() if probe() is None}
    missing = required & absent.keys()
    if missing:
        message = "; ".join(
            f"PLANNER_REQUIRE names {name}, but there is no sign of {absent[name]}" for name in sorted(missing)
        )
        raise pytest.UsageError(message)
    if "soak" not in (config.option.markexpr or ""):
        absent["soak"] = "`make soak`"
    dropped: dict[str, list[pytest.Item]] = {}
    kept = []
    for item in items:
        reasons = [name for name in absent if item.get_closest_marker(name)]
        if reasons:
            dropped.setdefault(reasons[0], []).append(item)
        else:
            kept.append(item)
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    for name, tests in sorted(dropped.items()):
        config.hook.pytest_deselected(items=tests)
        if reporter is not None:
            reporter.write_line(f"{len(tests)} tests deselected: they need {absent[name]}")
    items[:] = kept


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
