"""The errors a person may see, and the issues they are made of. Imports nothing of ours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import ClassVar, Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing found in one input: where it is, what the value was, which rule it breaks.

    Parameters
    ----------
    layer : str
        Name of the layer in the plan, for example ``population`` or ``coverage.viettel``.
    file : str
        Path as the plan gives it.
    rule : str
        The rule in a person's words, for example ``a rate lies between 0 and 1``.
    row : int, optional
        Row of the data, 1 is the first one below the header; None when no row is meant.
    column, value : str, optional
        The column and the value as found.
    severity : {"error", "warning", "info"}
        An error stops a run; the others are listed.
    done : str
        What was done about it, or what the reader should do.
    code : str
        Stable short name of the rule, for programs.
    lon, lat : float, optional
        Where it is, EPSG:4326 degrees, for the map of faulty places.
    """

    layer: str
    file: str
    rule: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    severity: Severity = "error"
    done: str = ""
    code: str = ""
    lon: float | None = None
    lat: float | None = None

    def __str__(self) -> str:
        """Return one sentence: file, row, column, value, rule, what to do."""
        where = [self.file or self.layer]
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.column is not None:
            where.append(f"column '{self.column}'")
        found = "" if self.value is None else f" found {self.value!r};"
        done = f" {self.done}" if self.done else ""
        return f"{', '.join(where)}:{found} {self.rule}.{done}"

    def as_dict(self) -> dict[str, object]:
        """Return the fields as a plain dictionary, in their order."""
        return asdict(self)


class PlanningError(Exception):
    """Base of every error this product raises on purpose; `status` is the exit code."""

    status: ClassVar[int] = 1


class LayerError(PlanningError):
    """An input is at fault. Carries every issue that was found, not only the first.

    Parameters
    ----------
    issues : Issue or iterable of Issue
        What was found, at least one.
    """

    def __init__(self, issues: Issue | Iterable[Issue]) -> None:
        self.issues: tuple[Issue, ...] = (issues,) if isinstance(issues, Issue) else tuple(issues)
        if not self.issues:
            message = "a LayerError needs at least one issue"
            raise ValueError(message)
        super().__init__("\n".join(str(i) for i in self.issues))


class CrsError(LayerError):
    """A coordinate reference system is missing, wrong or not metric where it must be."""


class UnsafeFileError(LayerError):
    """A file is refused before it is read: too large, a bomb, outside its folder, a driver not listed."""
