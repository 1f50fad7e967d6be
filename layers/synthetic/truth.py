"""What a plan wants the generator to make true, and where: checked names of villages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import Issue, LayerError


@dataclass(frozen=True, slots=True)
class Truth:
    """Ids of the villages in which something is made true; all empty where a plan wants nothing.

    Parameters
    ----------
    white_spots : tuple of str
        No operator has signal in any part.
    weak_spots : tuple of str
        Every operator has signal in the same half.
    contradiction : tuple of str
        Every operator declares all of it; measured, there is none.
    unreachable : tuple of str
        A river without a bridge runs round it.
    suppressed : tuple of str
        Fewer people were counted than may be published.
    unknown : tuple of str
        Nobody says what the signal is, and no adoption was counted.
    """

    white_spots: tuple[str, ...] = ()
    weak_spots: tuple[str, ...] = ()
    contradiction: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()
    suppressed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def about_signal(self) -> tuple[str, ...]:
        """Every village whose signal is settled here."""
        return (*self.white_spots, *self.weak_spots, *self.contradiction, *self.unknown)

    def as_dict(self) -> dict[str, tuple[str, ...]]:
        """Return the ids by what is true of them."""
        return asdict(self)


def parse(given: Mapping[str, object], unit_ids: Iterable[str], *, layer: str) -> Truth:
    """Return a checked truth.

    Parameters
    ----------
    given : mapping of str to list of str
        As read from the plan's truth file; a key may be absent.
    unit_ids : iterable of str
        The villages that exist.
    layer : str
        For the message.

    Raises
    ------
    LayerError
        With every unknown key, wrong type and unknown village, and every village of which two opposites are asked.
    """
    known = [f.name for f in fields(Truth)]
    villages = set(unit_ids)
    issues = []

    def fault(rule: str, *, column: str, value: object) -> None:
        done = "Correct the plan's truth file."
        issues.append(Issue(layer, "truth", rule, column=column, value=str(value), done=done, code="truth"))

    found: dict[str, tuple[str, ...]] = {}
    for key, ids in given.items():
        if key not in known:
            fault(f"a truth is one of {', '.join(known)}", column=key, value=key)
        elif not isinstance(ids, list | tuple) or not all(isinstance(i, str) for i in ids):
            fault("a list of village ids is expected", column=key, value=ids)
        else:
            found[key] = tuple(sorted(set(ids)))
            for unit_id in found[key]:
                if unit_id not in villages:
                    fault("a truth names a village that exists", column=key, value=unit_id)
    truth = Truth(**found)
    said = pd.Series(truth.about_signal, dtype="str")
    for unit_id in said[said.duplicated()].tolist():
        fault("one thing only can be true of a village's signal", column="unit_id", value=unit_id)
    if issues:
        raise LayerError(issues)
    return truth


def positions(unit_ids: pd.Series[str], wanted: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """Return where the wanted villages stand in a table, ascending."""
    return np.flatnonzero(unit_ids.isin(wanted).to_numpy())
