"""Versions of the product and of what its numbers depend on. Imports nothing of ours."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from pathlib import Path
from typing import Final

DISTRIBUTION: Final = "service-coverage-planner"
LIBRARIES: Final = (
    "geopandas",
    "shapely",
    "numba",
    "numpy",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "scipy",
    "folium",
    "fastapi",
)


def version() -> str:
    """Return the product's version."""
    return importlib.metadata.version(DISTRIBUTION)


def code_version() -> str:
    """Return the version and the start of the sha256 over the code that decides numbers, so that an edit counts."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for package in ("layers", "planner"):
        for file in sorted((root / package).rglob("*.py")):
            digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return f"{version()}+{digest.hexdigest()[:8]}"


def versions() -> dict[str, str]:
    """Return the versions that a manifest records: product, Python, libraries, GDAL, PROJ, GEOS, solvers."""
    import pyogrio  # noqa: PLC0415 - asked only when versions are, so that --help stays quick
    import pyproj  # noqa: PLC0415 - as above
    import shapely  # noqa: PLC0415 - as above

    found = {"planner": code_version(), "python": platform.python_version()}
    found |= {name: importlib.metadata.version(name) for name in LIBRARIES}
    found["gdal"] = ".".join(str(part) for part in pyogrio.__gdal_version__)
    found["proj"] = str(pyproj.proj_version_str)
    found["geos"] = ".".join(str(part) for part in shapely.geos_version)
    found["highs"] = importlib.metadata.version("highspy")
    return found
