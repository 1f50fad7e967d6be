"""plan.toml as frozen models: every key, its type, unit and default; unknown keys are refused."""

from __future__ import annotations

import datetime as dt
import difflib
import os
import re
import tomllib
import types
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from planner.errors import PlanError

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Columns = dict[str, str]
Match = Literal["code", "name"]
FormerUnits = Literal["2019", "2025-06"]
AttributeName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


FIXED_INDICATORS: Final = ("without_signal_share", "not_adopted_share", "support_minutes")
"""Indicators that every plan has; a test keeps them equal to `planner.indicators`."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class PlanSection(_Section):
    """[plan]: what this plan is called and what holds for all of it."""

    title: str
    crs: str = "EPSG:32649"
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    language: Literal["vi", "en"] = "vi"
    max_set_aside_share: Share = 0.02
    data_roots: dict[str, str] = {}


class LayerSection(_Section):
    """Keys that every layer knows."""

    path: str | None = None
    layer: str | None = None
    crs: str | None = None
    columns: Columns = {}
    title: str = ""
    producer: str = ""
    url: str = ""
    licence: str = ""
    date: dt.date | None = None
    max_age_days: Annotated[int, Field(ge=0)] | None = None


class GeneratedSection(LayerSection):
    """A layer that may come from a file or from the seeded generator."""

    generate: Literal["synthetic"] | None = None
    truth: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> GeneratedSection:
        if (self.path is None) == (self.generate is None):
            message = "give either path or generate, one of them"
            raise ValueError(message)
        return self


class FileSection(LayerSection):
    """A layer that comes from a file."""

    path: str


class CommunesSection(FileSection):
    """[layers.communes]: the 102 polygons."""

    approximate: bool = False


class VillagesSection(GeneratedSection):
    """[layers.villages]: polygons, or points whose catchment is their Voronoi cell inside the commune."""

    kind: Literal["polygons", "points"] = "polygons"
    same_place: Literal["merge", "error"] = "error"
    commune_without_village: Literal["commune", "error"] = "error"
    coarse_above_km2: Positive = 100.0
    people_per_village: Positive = 1650.0
    minimum_per_commune: Annotated[int, Field(ge=1, le=999)] = 3


class PopulationSection(FileSection):
    """[layers.population]: people per village or per commune."""

    level: Literal["village", "commune"] = "village"
    spread: Literal["equal"] | None = None
    official_total: Annotated[int, Field(ge=0)] | None = None
    match: Match = "code"
    crosswalk: FormerUnits | None = None

    @model_validator(mode="after")
    def _former_communes(self) -> PopulationSection:
        _require_communes(self.crosswalk, self.level)
        return self


def _require_communes(crosswalk: FormerUnits | None, level: str) -> None:
    if crosswalk is not None and level != "commune":
        message = f'crosswalk = "{crosswalk}" moves figures of former communes: it needs level = "commune"'
        raise ValueError(message)


class CoverageSection(GeneratedSection):
    """[layers.coverage.<name>]: polygons of one operator, or of several with a column for it; or a raster of one."""

    operator: str | None = None
    technology: str = "4G"
    evidence: Literal["declared", "modelled", "measured"] = "declared"
    threshold_dbm: Annotated[float, Field(ge=-200, le=0, allow_inf_nan=False)] | None = None
    full_in: tuple[str, ...] = ()

    @property
    def is_raster(self) -> bool:
        """Whether the file is a GeoTIFF."""
        return self.path is not None and self.path.lower().endswith((".tif", ".tiff"))

    @model_validator(mode="after")
    def _raster_keys(self) -> CoverageSection:
        if self.is_raster and self.operator is None:
            message = "a coverage raster needs operator: whose signal it is"
            raise ValueError(message)
        if self.threshold_dbm is not None and not self.is_raster:
            message = "threshold_dbm is for a raster of signal strength (.tif)"
            raise ValueError(message)
        return self


class AdoptionSection(GeneratedSection):
    """[layers.adoption.<indicator>]: numerator and denominator per unit."""

    level: Literal["village", "commune", "province"] = "village"
    total: Annotated[int, Field(ge=0)] | None = None
    match: Match = "code"
    crosswalk: FormerUnits | None = None

    @model_validator(mode="after")
    def _former_communes(self) -> AdoptionSection:
        _require_communes(self.crosswalk, self.level)
        return self

    @model_validator(mode="after")
    def _generated_total(self) -> AdoptionSection:
        if self.generate is not None and (self.total is None or self.level != "village"):
            message = 'a generated indicator needs total (people who adopted in all) and level = "village"'
            raise ValueError(message)
        return self


class AttributeSection(FileSection):
    """[layers.attributes.<name>]: a number per unit that says how vulnerable its people are."""

    value: str
    direction: Literal["higher_is_worse", "lower_is_worse"] = "higher_is_worse"
    level: Literal["village", "commune"] = "village"
    unit: str = ""


class TeamsSection(GeneratedSection):
    """[layers.teams]: the teams that stand today."""

    commune_id: str | None = None

    @model_validator(mode="after")
    def _generated_commune(self) -> TeamsSection:
        if self.generate is not None and self.commune_id is None:
            message = "generated teams need commune_id, the commune in which every village has one"
            raise ValueError(message)
        return self


class Layers(_Section):
    """[layers.*]: every input."""

    communes: CommunesSection
    villages: VillagesSection
    population: PopulationSection
    coverage: dict[str, CoverageSection] = {}
    adoption: dict[str, AdoptionSection] = {}
    attributes: dict[AttributeName, AttributeSection] = {}
    teams: TeamsSection | None = None
    sites: FileSection | None = None
    roads: FileSection | None = None
    barriers: GeneratedSection | None = None
    outline: FileSection | None = None
    places: FileSection | None = None


class Travel(_Section):
    """[travel]: how people move."""

    mode: Literal["motorbike"] = "motorbike"
    cutoff_minutes: Positive = 120.0
    cell_m: Positive = 250.0
    offroad_kmh: Positive = 4.0
    speeds_kmh: dict[str, Positive] = {"national": 40.0, "provincial": 30.0, "district": 25.0}
    straight_line_kmh: Positive = 30.0
    detour_factor: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 1.4


class Needs(_Section):
    """[needs]: who counts and how the unidentified split is settled."""

    adoption: str = "vneid_activated"
    need: Literal["not_adopted", "no_signal", "both"] = "not_adopted"
    eligible_share: Share = 0.7761
    eligible_total: Annotated[int, Field(ge=0)] | None = None
    adoption_without_signal_ratio: Share = 1.0
    covered_at: Share = 0.95
    not_covered_at: Share = 0.05
    skills_gap_at: Share = 0.25
    contradiction_share: Share = 0.5

    @model_validator(mode="after")
    def _ordered(self) -> Needs:
        if self.not_covered_at >= self.covered_at:
            message = "not_covered_at must be below covered_at"
            raise ValueError(message)
        return self


class Score(_Section):
    """[score]: the composite."""

    pillars: dict[Literal["connectivity", "adoption", "access", "vulnerability"], NotNegative] = {
        "connectivity": 1.0,
        "adoption": 1.0,
        "access": 1.0,
        "vulnerability": 1.0,
    }
    normalisation: Literal["min_max", "goalposts", "z_score", "percentile"] = "min_max"
    goalposts: dict[str, tuple[Finite, Finite]] = {}
    aggregation: Literal["arithmetic", "geometric"] = "arithmetic"
    missing: Literal["renormalise"] = "renormalise"
    winsorise_share: Annotated[float, Field(ge=0, lt=0.5, allow_inf_nan=False)] = 0.0
    min_known_share: Share = 0.0

    @model_validator(mode="after")
    def _some_weight(self) -> Score:
        if not sum(self.pillars.values()) > 0:
            message = "at least one pillar needs a weight above 0"
            raise ValueError(message)
        return self


class Estimate(_Section):
    """[estimate]: how thin counts are read."""

    shrinkage: bool = True


class Uncertainty(_Section):
    """[uncertainty]: how often the data are redrawn, and what is said of the draws."""

    draws: Annotated[int, Field(ge=0, le=20_000)] = 1000
    level: Annotated[float, Field(ge=0.5, lt=1, allow_inf_nan=False)] = 0.9
    worst_share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 0.1
    band_share: Share = 0.2
    shared_coverage_error: Share = 0.5
    speed_error: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.1


class Privacy(_Section):
    """[privacy]: what is too small to publish."""

    min_people: Annotated[int, Field(ge=1)] = 20


class Lock(_Section):
    """One site that a person wants in or out, with the reason and who asked."""

    site_id: str
    reason: str
    by: str


class Deploy(_Section):
    """[deploy]: how many teams, how far they reach, how long to search."""

    model: Literal["max_cover", "min_teams", "p_center", "p_median"] = "max_cover"
    teams: Annotated[int, Field(ge=0)] = 60
    reach_minutes: Positive = 30.0
    candidate_min_people: NotNegative = 200.0
    share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 1.0
    unserved_minutes: NotNegative | None = None
    min_per_commune: Annotated[int, Field(ge=0)] = 0
    budget: NotNegative | None = None
    cost_per_team: NotNegative | None = None
    people_per_team_week: Positive | None = None
    horizon_weeks: Positive = 12.0
    gap: Share = 0.005
    time_limit_s: Positive = 60.0
    locked_in: tuple[Lock, ...] = ()
    locked_out: tuple[Lock, ...] = ()

    @model_validator(mode="after")
    def _budget_has_a_cost(self) -> Deploy:
        if self.budget is not None and self.cost_per_team is None:
            message = (
                f"budget = {self.budget:g} limits nothing without cost_per_team, what a new team costs in its unit"
            )
            raise ValueError(message)
        return self

    @property
    def people_per_team(self) -> float | None:
        """People one team can serve within the horizon; None = nothing is said, and nothing limits it."""
        return None if self.people_per_team_week is None else self.people_per_team_week * self.horizon_weeks


class Publish(_Section):
    """[publish]: what is written and how long it is kept."""

    keep: Annotated[int, Field(ge=1)] = 10
    maps: tuple[Literal["need", "coverage", "deployment"], ...] = ("need", "coverage", "deployment")


class Plan(_Section):
    """A whole plan.toml."""

    plan: PlanSection
    layers: Layers
    travel: Travel = Travel()
    needs: Needs = Needs()
    estimate: Estimate = Estimate()
    score: Score = Score()
    uncertainty: Uncertainty = Uncertainty()
    privacy: Privacy = Privacy()
    deploy: Deploy = Deploy()
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
        found = (base / name).resolve()
        if not found.is_relative_to(base):
            message = (
                f"{self.path.name}, {key} = '{text}': the path leads outside {base}; "
                "a plan reads its own folder and its data_roots only"
            )
            raise PlanError(message)
        if not found.exists():
            message = f"{self.path.name}, {key} = '{text}': no such file ({found})"
            raise PlanError(message)
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
