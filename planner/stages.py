"""Stages of a run: each result is known by what it was made from, and only what changed is computed.

A stage is a pure function whose parameters name what it takes: other stages, or values that were given. Its key is the
digest of the code's version, its name and the keys of all it takes, so it cannot be mistaken for another; a result that
was kept under the key is the result. Dry runs ask for keys alone.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

from planner.digest import digest
from planner.progress import Progress
from planner.store import Store

CODE: Final = "code"
"""What the version of the code is called among the things that a stage takes."""
State = Literal["kept", "compute", "perhaps"]


@dataclass(frozen=True)
class Stage:
    """One step of a run.

    Parameters
    ----------
    name : str
        Also what others call its result.
    function : callable
        Pure; its parameters are names of stages or of given values.
    title : str
        What people see while it works; empty for what takes no time.
    said : callable, optional
        Result to a few words.
    kept : bool
        Whether the result is kept between runs: not where reading it would take as long as computing it.
    by_content : bool
        The key is the digest of the result itself: what depends on it is not computed anew when it comes out the same.
    """

    name: str
    function: Callable[..., Any]
    title: str = ""
    said: Callable[[Any], str] | None = None
    kept: bool = False
    by_content: bool = False

    @cached_property
    def takes(self) -> tuple[str, ...]:
        """Names of what it takes."""
        return tuple(inspect.signature(self.function).parameters)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a run would do about one stage: ``kept``, ``compute``, or ``perhaps`` (what it takes is not known yet)."""

    name: str
    state: State
    changed: tuple[str, ...]


@dataclass(slots=True)
class _Memo:
    values: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)


class Stages:
    """Computes what is asked for, and nothing that is known already.

    Parameters
    ----------
    stages : sequence of Stage
        Each after those that it takes.
    given : mapping
        Name to value; digested by content.
    tools : mapping
        Name to what a stage works with that changes no result (a pool of workers); part of no key.
    code : str
        Version of everything that decides results.
    store : Store, optional
        None keeps nothing between runs.
    progress : Progress
    """

    def __init__(
        self,
        stages: Sequence[Stage],
        given: Mapping[str, Any],
        *,
        code: str,
        store: Store | None,
        progress: Progress,
        tools: Mapping[str, Any] | None = None,
    ) -> None:
        self._stages = {stage.name: stage for stage in stages}
        self._given = dict(given)
        self._tools = dict(tools or {})
        self._code = code
        self._store = store
        self._progress = progress
        self._memo = _Memo()

    def value(self, name: str) -> Any:
        """Return a given value or the result of a stage, computed at most once."""
        if name in self._tools:
            return self._tools[name]
        if name in self._given:
            return self._given[name]
        if name not in self._memo.values:
            self._memo.values[name] = self._result(self._stages[name])
        return self._memo.values[name]

    def key(self, name: str) -> str:
        """Return the key of a given value or of a stage's result; computes a stage only where its key is its content."""
        if name not in self._memo.keys:
            self._memo.keys[name] = self._key(name)
        return self._memo.keys[name]

    def given(self, name: str) -> Any:
        """Return a value that was given."""
        return self._given[name]

    def taken(self) -> dict[str, dict[str, str]]:
        """Return, for every stage with a title, the keys of what it takes: the record that `outlook` compares with."""
        titled = [stage for stage in self._stages.values() if stage.title]
        return {s.name: {CODE: self._code} | {name: self.key(name) for name in self._keyed(s)} for s in titled}

    def outlook(self, before: Mapping[str, Mapping[str, str]]) -> list[Outlook]:
        """Say of every stage with a title whether it would be computed, and what of it differs from the run before.

        Parameters
        ----------
        before : mapping
            `taken` of an earlier run; empty where there was none.
        """
        found = []
        for stage in self._stages.values():
            if not stage.title:
                continue
            now = {CODE: self._code} | {name: self._foreseen(name) for name in self._keyed(stage)}
            old = before.get(stage.name, {})
            changed = tuple(name for name, key in now.items() if key != old.get(name))
            found.append(Outlook(stage.name, self._state(stage), changed if old else ()))
        return found

    def _state(self, stage: Stage) -> State:
        key = self._foreseen(stage.name, recipe=True)
        if key is None:
            return "perhaps"
        return "kept" if stage.kept and self._store is not None and self._store.has(key) else "compute"

    def _foreseen(self, name: str, *, recipe: bool = False) -> str | None:
        """Return a key without computing anything; None where that cannot be had."""
        if name in self._given:
            return self.key(name)
        stage = self._stages[name]
        parts = {part: self._foreseen(part) for part in self._keyed(stage)}
        if any(key is None for key in parts.values()):
            return None
        own = digest([self._code, stage.name, parts])
        if recipe or not stage.by_content:
            return own
        return None if self._store is None else self._store.note(own)

    def _keyed(self, stage: Stage) -> list[str]:
        return [name for name in stage.takes if name not in self._tools]

    def _recipe(self, stage: Stage) -> str:
        return digest([self._code, stage.name, {name: self.key(name) for name in self._keyed(stage)}])

    def _key(self, name: str) -> str:
        if name in self._given:
            return digest(self._given[name])
        stage = self._stages[name]
        recipe = self._recipe(stage)
        if not stage.by_content:
            return recipe
        noted = None if self._store is None else self._store.note(recipe)
        if noted is not None:
            return noted
        found = digest(self.value(name))
        if self._store is not None:
            self._store.write_note(recipe, found)
        return found

    def _result(self, stage: Stage) -> Any:
        key = self._recipe(stage) if stage.kept and self._store is not None else None
        if key is not None and self._store is not None and (kept := self._store.get(key)) is not None:
            self._say(stage, kept.value, kept=True)
            return kept.value
        taken = {name: self.value(name) for name in stage.takes}
        if stage.title:
            self._progress.start(stage.title)
        found = stage.function(**taken)
        if key is not None and self._store is not None:
            self._store.put(key, found)
        self._say(stage, found, kept=False)
        return found

    def _say(self, stage: Stage, value: Any, *, kept: bool) -> None:
        if stage.title:
            said = "" if stage.said is None else stage.said(value)
            self._progress.done(stage.title, f"{said} (kept from an earlier run)".strip() if kept else said)
