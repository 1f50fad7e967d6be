"""What an answer says of the service itself: where it is reached, and whether it takes reports. Imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """The service round a publication.

    Parameters
    ----------
    base : str
        Address before every path, as an operator set it (``PLANNER_PUBLIC_URL``), without a slash at its end; empty
        where it is not set, so that addresses are paths.
    accepts_reports : bool
        Whether `POST /v1/disputes` has a key and stores what citizens saw.
    """

    base: str = ""
    accepts_reports: bool = False

    def address(self, path: str) -> str:
        """Return the address of a path that begins with a slash."""
        return self.base + path
