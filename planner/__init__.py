"""What we conclude: who is underserved, why, and where teams should work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.products import Publication


def open(path: Path | str) -> Publication:  # noqa: A001 - planner.open(PUBLISHED) is the name notebooks use
    """Open a publication's folder, or the one in force of a ``published/`` folder; see `planner.products`."""
    from planner.products import open_publication  # noqa: PLC0415 - keeps `import planner` and the commands quick

    return open_publication(path)
