"""A plan.toml: its sections together, the folders it may read, its scenarios; unknown keys are refused."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
import types
from pathlib import Path
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError, model_validator

from planner.errors import PlanError
from planner.sections import (
    FIXED_INDICATORS,
    Analyses,
    Deploy,
    Estimate,
    Evidence,
    Layers,
    LimitsSection,
    Needs,
    PlanSection,
    Privacy,
    Publish,
    Rounds,
    Score,
    Travel,
    Uncertainty,
)
from planner.sections.base import Section


class Plan(Section):
    """A whole plan.toml."""

    plan: PlanSection
    layers: Layers
    limits: LimitsSection = LimitsSection()
    travel: Travel = Travel()
    needs: Needs = Needs()
    estimate: Estimate = Estimate()
    evidence: Evidence = Evidence()
    score: Score = Score()
    uncertainty: Uncertainty = Uncertainty()
    analyses: Analyses = Analyses()
    privacy: Privacy = Privacy()
    deploy: Deploy = Deploy()
    rounds: Rounds = Rounds()
    publish: Publish = Publish()
    scenario: dict[str, dict[str, Any]] = {}

    @model_validator(mode="after")
    def _needs_adoption(self) -> Plan:
        if self.layers.adoption and self.needs.adoption not in self.layers.adoption:
            names = ", ".join(sorted(self.layers.adoption))
            message = f"needs.adoption = '{self.needs.adoption}' is not one of the adoption layers: {names}"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _one_word_on_age(self) -> Plan:
        if self.layers.ages is not None and self.needs.eligible_total is not None:
            message = "needs.eligible_total and layers.ages both say how many people are 14 and over: give one of them"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _given_minutes_have_one_mode(self) -> Plan:
        rapid = self.deploy.rapid_response
        if self.layers.minutes is not None and rapid is not None and rapid.mode is not None:
            message = "deploy.rapid_response.mode changes nothing where layers.minutes gives the minutes: leave out one of them"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _goalposts(self) -> Plan:
        sign = {name: 1.0 if a.direction == "higher_is_worse" else -1.0 for name, a in self.layers.attributes.items()}
        if taken := sorted(set(sign) & set(FIXED_INDICATORS)):
            message = (
                f"layers.attributes.{taken[0]}: an indicator of the score is called so already; choose another name"
            )
            raise ValueError(message)
        known = [*FIXED_INDICATORS, *sorted(sign)]
        for name, (best, worst) in self.score.goalposts.items():
            if name not in known:
                message = f"score.goalposts.{name}: no such indicator (there are: {', '.join(known)})"
                raise ValueError(message)
            if not sign.get(name, 1.0) * best < sign.get(name, 1.0) * worst:
                message = f"score.goalposts.{name} = [{best:g}, {worst:g}]: the best value, then the worst"
                raise ValueError(message)
        for name in self.score.indicators:
            if name not in known:
                message = f"score.indicators.{name}: no such indicator (there are: {', '.join(known)})"
                raise ValueError(message)
        absent = sorted(set(sign) - set(self.score.goalposts))
        if self.score.normalisation == "goalposts" and absent:
            message = f"score.goalposts.{absent[0]} is needed: [best, worst] of this attribute"
            raise ValueError(message)
        return self


_ENVIRONMENT: Final = re.compile(r"\$\{([A-Z_][A-Z0-9_]*)(?::-([^}]*))?\}")


def expand(text: str) -> str:
    """Replace ``${NAME}`` and ``${NAME:-default}`` by the environment.

    Raises
    ------
    PlanError
        When a name without a default is not set.
    """

    def value(match: re.Match[str]) -> str:
        name, default = match.group(1), match.group(2)
        found = os.environ.get(name) or default
        if found is None:
            message = f"environment variable {name} is not set, and the plan gives no default (${{{name}:-…}})"
            raise PlanError(message)
        return found

    return _ENVIRONMENT.sub(value, text)


class PlanFile:
    """A plan and the folders it may read: its own and its `data_roots`, nothing else.

    Parameters
    ----------
    path : Path
        The plan.toml.
    scenario : str, optional
        One of its scenarios instead of the plan itself.
    """

    def __init__(self, path: Path, *, scenario: str | None = None) -> None:
        self.path = path.resolve()
        self.folder = self.path.parent
        plan = load(path)
        self.plan = plan if scenario is None else variant(plan, scenario, file=path.name)
        self.roots: dict[str, Path] = {
            name: (self.folder / expand(text)).resolve() for name, text in self.plan.plan.data_roots.items()
        }

    def resolve(self, text: str, *, key: str) -> Path:
        """Return the file that `text` names (``folder/file`` or ``root:folder/file``).

        Parameters
        ----------
        text : str
            As in the plan.
        key : str
            The plan's key, for the message.

        Raises
        ------
        PlanError
            When it leads outside, or nothing is there.
        """
        root_name, colon, rest = text.partition(":")
        if colon and root_name in self.roots:
            base, name = self.roots[root_name], rest
        elif colon:
            known = ", ".join(sorted(self.roots)) or "none"
            message = f"{self.path.name}, {key} = '{text}': '{root_name}' is not in plan.data_roots (known: {known})"
            raise PlanError(message)
        else:
            base, name = self.folder, text
        found = self._resolved(base / name, text, key)
        if not found.is_relative_to(base):
            message = (
                f"{self.path.name}, {key} = '{text}': the path leads outside {base}; "
                "a plan reads its own folder and its data_roots only"
            )
            raise PlanError(message)
        if not found.is_file():
            what = "is no regular file" if found.exists() else "no such file"
            slashes = "; write folders with '/', not with a backslash" if "\\" in text else ""
            message = f"{self.path.name}, {key} = '{text}': {what} ({found}){slashes}"
            raise PlanError(message)
        return found

    def _resolved(self, path: Path, text: str, key: str) -> Path:
        """Return a path with its links followed; one that no system can follow is told."""
        try:
            found = path.resolve()
            found.stat(follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return found
        except (OSError, RuntimeError, ValueError) as error:  # too long, links in a circle, a zero byte, no permission
            message = f"{self.path.name}, {key} = {text[:200]!r}: the path cannot be followed ({error})"
            raise PlanError(message) from None
        return found


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in (Union, types.UnionType, dict, tuple, Annotated):
        return [m for a in get_args(annotation) for m in _models(a)]
    return []


def _known_at(location: tuple[Any, ...]) -> list[str]:
    """Return the keys that are known where an unknown one was found."""
    models: list[type[BaseModel]] = [Plan]
    for part in location[:-1]:
        following: list[type[BaseModel]] = []
        for model in models:
            if part in model.model_fields:
                following += _models(model.model_fields[part].annotation)
            else:
                following.append(model)
        models = following
    return sorted({k for m in models for k in m.model_fields})


def _sentence(error: Any, name: str) -> str:
    location = tuple(error["loc"])
    key = ".".join(str(p) for p in location)
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(location[-1]), _known_at(location), n=1, cutoff=0.5)
        hint = f"; did you mean '{near[0]}'?" if near else f"; known here: {', '.join(_known_at(location))}"
        return f"{name}: unknown key '{key}'{hint}"
    value = "" if isinstance(error["input"], dict) else f" = {error['input']!r}"
    return f"{name}: {key or 'plan'}{value}: {error['msg']}"


def load(path: Path) -> Plan:
    """Read and check a plan file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Plan

    Raises
    ------
    PlanError
        With one line per fault: the key, the value, the rule, and the nearest known name of an unknown key.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        message = f"{path}: no such plan file; `planner init DIR` makes one"
        raise PlanError(message) from None
    except IsADirectoryError:
        message = f"{path}: is a folder; name the plan in it, for example {path / 'plan.toml'}"
        raise PlanError(message) from None
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read as UTF-8 text ({error})"
        raise PlanError(message) from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"{path}: not valid TOML: {error}"
        raise PlanError(message) from None
    plan = _valid(data, path.name)
    for scenario in plan.scenario:
        variant(plan, scenario, file=path.name)
    return plan


def variant(plan: Plan, scenario: str, *, file: str) -> Plan:
    """Return the plan with what one of its scenarios overrides; tables are merged, all else is replaced.

    Parameters
    ----------
    plan : Plan
    scenario : str
    file : str
        The plan's name, for the message.

    Raises
    ------
    PlanError
        When there is no such scenario, or the plan is none with it.
    """
    if scenario not in plan.scenario:
        message = f"{file}: no scenario '{scenario}' (there are: {', '.join(sorted(plan.scenario)) or 'none'})"
        raise PlanError(message)
    given = plan.model_dump(exclude_unset=True, exclude={"scenario"})
    name = f"{file}, scenario.{scenario}"
    if "scenario" in plan.scenario[scenario]:
        message = f"{name}: a scenario holds no scenarios"
        raise PlanError(message)
    return _valid(_merged(given, plan.scenario[scenario]), name)


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    both = {k: _merged(base[k], v) for k, v in over.items() if isinstance(v, dict) and isinstance(base.get(k), dict)}
    return {**base, **over, **both}


def _valid(data: dict[str, Any], name: str) -> Plan:
    try:
        return Plan.model_validate(data)
    except ValidationError as error:
        raise PlanError("\n".join(_sentence(e, name) for e in error.errors())) from None
