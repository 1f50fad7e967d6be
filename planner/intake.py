"""From a plan to checked inputs: every layer is loaded, and every fault of every layer is told at once."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from layers import (
    adoption,
    attributes,
    boundaries,
    catalog,
    coverage,
    coverage_rasters,
    crosswalk,
    plausibility,
    population,
    schema,
    synthetic,
    teams,
    travel,
)
from layers.catalog import Layer, Record
from layers.errors import Issue, LayerError
from planner import overlay
from planner.config import (
    AdoptionSection,
    AttributeSection,
    CoverageSection,
    GeneratedSection,
    LayerSection,
    Plan,
    PlanFile,
    PopulationSection,
    VillagesSection,
)
from planner.errors import PlanError


def flag_column(flags: tuple[str, ...], index: pd.Index[Any]) -> pd.Series[Any]:
    """Return a column in which every row carries the same flags."""
    return pd.Series([flags] * len(index), index=index, dtype="object")


@dataclass
class Inputs:
    """Checked layers of one plan. What failed or is not in the plan is None; `issues` says why."""

    communes: Layer | None = None
    villages: Layer | None = None
    population: Layer | None = None
    people: pd.DataFrame | None = None
    eligible: pd.Series[Any] | None = None
    coverage: list[Layer] = field(default_factory=list)
    adoption: list[Layer] = field(default_factory=list)
    attributes: dict[str, Layer] = field(default_factory=dict)
    teams: Layer | None = None
    sites: Layer | None = None
    roads: Layer | None = None
    barriers: Layer | None = None
    outline: Layer | None = None
    places: Layer | None = None
    crosswalk: pd.DataFrame | None = None
    divided: frozenset[str] = frozenset()
    layers: list[Layer] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    @property
    def faults(self) -> list[Issue]:
        """The issues that stop a run."""
        return [i for i in self.issues if i.severity == "error"]

    @property
    def stale(self) -> bool:
        """True when a layer is older than its `max_age_days`."""
        return any(i.code == "stale" for i in self.issues)

    def optional(self, name: str) -> pd.DataFrame | None:
        """Return the table of one layer, None where the plan has none."""
        layer: Layer | None = getattr(self, name)
        return None if layer is None else layer.frame

    def frame(self, name: str) -> gpd.GeoDataFrame:
        """Return the table of a layer that a checked plan always has."""
        found = self.optional(name)
        if found is None:
            message = f"layer '{name}' is not loaded"
            raise ValueError(message)
        return gpd.GeoDataFrame(found)

    def coverage_frame(self) -> gpd.GeoDataFrame:
        """Return all coverage layers as one table; empty where the plan has none."""
        frames = [layer.frame for layer in self.coverage]
        if not frames:
            columns = {name: pd.Series(dtype="object") for name in schema.COVERAGE if name != schema.GEOMETRY}
            return gpd.GeoDataFrame(columns, geometry=[], crs=self.frame("communes").crs)
        return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True))

    def adoption_frame(self) -> pd.DataFrame:
        """Return all adoption layers as one table; empty where the plan has none."""
        frames = [layer.frame for layer in self.adoption]
        if not frames:
            return pd.DataFrame({name: pd.Series(dtype="object") for name in schema.ADOPTION})
        return pd.concat(frames, ignore_index=True)

    def attribute_columns(self, rows: pd.DataFrame, levels: Mapping[str, str]) -> pd.DataFrame:
        """Return ``attribute_<name>`` per row; a commune's value is that of each of its villages.

        Parameters
        ----------
        rows : DataFrame
            ``unit_id`` and ``commune_id``.
        levels : mapping
            Attribute to ``village`` or ``commune``.
        """
        found = {
            f"attribute_{name}": rows["unit_id" if levels[name] == "village" else "commune_id"].map(
                layer.frame.set_index("unit_id")["value"]
            )
            for name, layer in sorted(self.attributes.items())
        }
        return pd.DataFrame(found, index=rows.index, dtype="float64")

    def people_frame(self) -> pd.DataFrame:
        """Return ``unit_id``, ``population_people``, ``eligible_people``, ``flags`` per village."""
        if self.people is None or self.eligible is None:
            message = "the people of the villages are not known"
            raise ValueError(message)
        people = self.people.rename(columns={"people": "population_people"})
        if self.divided:
            own = people["unit_id"].map(self.frame("villages").set_index("unit_id")["commune_id"]).isin(self.divided)
            flags = zip(people["flags"], own, strict=True)
            merged = [tuple(sorted({*some, "split_share"})) if part else some for some, part in flags]
            people = people.assign(flags=pd.Series(merged, index=people.index, dtype="object"))
        return people.assign(eligible_people=people["unit_id"].map(self.eligible))

    def oldest_date(self) -> str | None:
        """Return the oldest date of the layers that a village's row rests on, ISO text."""
        named = (self.communes, self.villages, self.population, self.teams, self.roads)
        several = (*self.coverage, *self.adoption, *self.attributes.values())
        layers = [layer for layer in (*named, *several) if layer is not None]
        dates = [layer.record.data_date for layer in layers if layer.record.data_date is not None]
        return min(dates).isoformat() if dates else None


class Intake:
    """Loads one plan's layers in the order in which they need each other.

    Parameters
    ----------
    file : PlanFile
    seed : int
        Of the generator.
    now : datetime
        UTC; decides what is stale.
    """

    def __init__(self, file: PlanFile, *, seed: int, now: dt.datetime) -> None:
        self.file = file
        self.now = now
        self.plan: Plan = file.plan
        self.seed = seed
        self.inputs = Inputs()

    def record(self, name: str, section: LayerSection) -> Record:
        """Return the record of a file layer, its bytes hashed."""
        path = self.file.resolve(section.path or "", key=f"layers.{name}.path")
        return Record(
            layer=name,
            file=section.path or "",
            path=path,
            title=section.title,
            producer=section.producer,
            url=section.url,
            licence=section.licence,
            data_date=section.date,
            sha256=catalog.sha256_of(path),
        )

    def truth(self, section: GeneratedSection, name: str) -> dict[str, Any]:
        """Return the places in which the generator puts what a test wants to see."""
        if section.truth is None:
            return {}
        path = self.file.resolve(section.truth, key=f"layers.{name}.truth")
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            message = f"{section.truth}: not valid JSON ({error})"
            raise PlanError(message) from None
        if not isinstance(found, dict):
            message = f"{section.truth}: one JSON object of lists of unit ids is expected"
            raise PlanError(message)
        return found

    def take(self, name: str, load: Callable[[], Layer]) -> Layer | None:
        """Load one layer; a fault is kept and the next layer is still tried."""
        try:
            layer = load()
        except LayerError as error:
            self.inputs.issues += error.issues
            return None
        except PlanError as error:
            self.inputs.issues.append(
                Issue(
                    layer=name,
                    file=self.file.path.name,
                    rule=str(error).removeprefix(f"{self.file.path.name}, "),
                    code="plan",
                )
            )
            return None
        self.inputs.issues += layer.issues
        self.inputs.issues += self.share_set_aside(layer)
        self.inputs.issues += self.staleness(name, layer)
        self.inputs.layers.append(layer)
        return layer

    def share_set_aside(self, layer: Layer) -> list[Issue]:
        """Return the fault of a layer that lost more rows than the plan allows."""
        share = len(layer.set_aside) / layer.rows_read if layer.rows_read else 0.0
        limit = self.plan.plan.max_set_aside_share
        if share <= limit:
            return []
        rule = f"at most max_set_aside_share = {limit:g} of a layer's rows may be set aside"
        value = f"{len(layer.set_aside)} of {layer.rows_read} rows ({share:.1%})"
        done = "The rows and their reasons are in the quality report; mend them or raise the limit."
        return [
            Issue(layer=layer.record.layer, file=layer.record.file, rule=rule, value=value, done=done, code="set_aside")
        ]

    def staleness(self, name: str, layer: Layer) -> list[Issue]:
        """Return the remark about a layer that is older than its `max_age_days`, or dated in the future."""
        section = self.section(name)
        day = layer.record.data_date
        if day is None:
            return []
        age_days = (self.now.date() - day).days
        if age_days < 0:
            rule = "data cannot be dated after the publication"
            value, done = f"{day.isoformat()}, published {self.now.date().isoformat()}", "Kept; check the date."
            return [Issue(name, layer.record.file, rule, None, "date", value, "warning", done, "future_date")]
        if section.max_age_days is None or age_days <= section.max_age_days:
            return []
        rule = f"the layer is older than its max_age_days = {section.max_age_days}"
        done = "Kept, and flagged stale."
        return [
            Issue(
                name,
                layer.record.file,
                rule,
                column="date",
                value=f"{day.isoformat()} ({age_days} days)",
                severity="warning",
                done=done,
                code="stale",
            )
        ]

    def section(self, name: str) -> LayerSection:
        """Return the plan's section of a layer by its dotted name."""
        kind, _, rest = name.partition(".")
        found = getattr(self.plan.layers, kind)
        section: LayerSection = found[rest] if rest else found
        return section

    def common(self, section: LayerSection) -> dict[str, Any]:
        """Return the keyword arguments that every loader of a geographic layer takes."""
        return {
            "columns": section.columns,
            "source_crs": section.crs,
            "layer_name": section.layer,
            "crs": self.plan.plan.crs,
        }

    def regions(self) -> None:
        """Load what everything else lies in: communes, outline, places, roads, barriers from files."""
        layers = self.plan.layers
        self.inputs.communes = self.take(
            "communes",
            lambda: boundaries.load_communes(
                self.record("communes", layers.communes),
                **self.common(layers.communes),
                approximate=layers.communes.approximate,
            ),
        )
        if layers.outline is not None:
            section = layers.outline
            self.inputs.outline = self.take(
                "outline", lambda: boundaries.load_outline(self.record("outline", section), **self.common(section))
            )
        if layers.places is not None:
            section = layers.places
            self.inputs.places = self.take(
                "places", lambda: boundaries.load_places(self.record("places", section), **self.common(section))
            )
        if layers.roads is not None:
            section = layers.roads
            self.inputs.roads = self.take(
                "roads", lambda: travel.load_roads(self.record("roads", section), **self.common(section))
            )

    def settlements(self, communes: gpd.GeoDataFrame) -> None:
        """Load villages and their people; the people of a commune are conserved."""
        section = self.plan.layers.villages
        table = self.plan.layers.population
        if section.generate is not None or table.level == "commune":
            self.inputs.population = self.population("commune", communes)
            if section.generate is not None:
                self.generated_villages(section, communes)
            else:
                self.inputs.villages = self.villages(section, communes)
                self.spread()
            return
        self.inputs.villages = self.villages(section, communes)
        if self.inputs.villages is not None:
            self.inputs.population = self.population("village", self.inputs.villages.frame)
            if self.inputs.population is not None:
                frame = self.inputs.population.frame[["unit_id", "people"]]
                self.inputs.people = frame.assign(flags=flag_column((), frame.index))

    def villages(self, section: VillagesSection, communes: gpd.GeoDataFrame) -> Layer | None:
        """Load villages from a file."""
        return self.take(
            "villages",
            lambda: boundaries.load_villages(
                self.record("villages", section),
                **self.common(section),
                communes=communes,
                kind=section.kind,
                same_place=section.same_place,
                commune_without_village=section.commune_without_village,
                coarse_above_km2=section.coarse_above_km2,
            ),
        )

    def population(self, level: schema.Level, units: pd.DataFrame) -> Layer | None:
        """Load the population table of one level."""
        section = self.plan.layers.population
        return self.take(
            "population",
            lambda: population.load(
                self.record("population", section),
                columns=section.columns,
                level=level,
                unit_ids=list(units["unit_id"]),
                units=self.units() if level == "commune" else None,
                official_total=section.official_total,
                **self.joining(section, units),
            ),
        )

    def units(self) -> plausibility.Units | None:
        """Return what the communes' polygons say of them."""
        return None if self.inputs.communes is None else plausibility.units(self.inputs.frame("communes"))

    def joining(self, section: PopulationSection | AdoptionSection, units: pd.DataFrame) -> dict[str, Any]:
        """Return the keyword arguments that say how rows tell their unit: by name, of a former list of communes."""
        former = None
        if section.crosswalk is not None:
            former = crosswalk.load(section.crosswalk)
            self.inputs.divided |= former.divided()
        if section.match == "code":
            return {"named": None, "former": former}
        return {"named": self.named(units) if former is None else former.units(), "former": former}

    def named(self, units: pd.DataFrame) -> pd.DataFrame:
        """Return id, name and parent of units for `layers.matching`; the parent of a village is its commune."""
        found = pd.DataFrame(units[[schema.UNIT_ID, schema.NAME]])
        if schema.COMMUNE_ID in units.columns:
            communes = self.inputs.frame("communes").set_index(schema.UNIT_ID)[schema.NAME]
            found[schema.PARENT_ID] = units[schema.COMMUNE_ID]
            found[schema.PARENT] = units[schema.COMMUNE_ID].map(communes)
        return found

    def former_communes(self, communes: pd.DataFrame) -> None:
        """Take from the shipped crosswalk what leads to communes of this plan; nothing where none does."""
        shipped = crosswalk.load(crosswalk.SYSTEMS[-1])
        rows = shipped.of(set(communes["unit_id"]))
        if len(rows):
            self.inputs.crosswalk = rows
            self.inputs.layers.append(Layer(record=shipped.record, frame=rows, rows_read=len(shipped.table)))

    def spread(self) -> None:
        """Spread the communes' people over their villages, as the plan says."""
        villages, table = self.inputs.villages, self.inputs.population
        if villages is None or table is None:
            return
        if self.plan.layers.population.spread is None:
            rule = 'people known per commune need spread = "equal" to reach the villages'
            done = 'Add spread = "equal" to [layers.population], or give people per village.'
            self.inputs.issues.append(
                Issue(layer="population", file=table.record.file, rule=rule, done=done, code="spread")
            )
            return
        self.inputs.people = population.spread_equal(table.frame, villages.frame)

    def generated_villages(self, section: VillagesSection, communes: gpd.GeoDataFrame) -> None:
        """Generate villages and their people inside the communes' official totals."""
        table = self.inputs.population
        if table is None:
            return
        self.inputs.villages = self.take(
            "villages",
            lambda: synthetic.villages(
                communes,
                table.frame,
                seed=self.seed,
                people_per_village=section.people_per_village,
                minimum=section.minimum_per_commune,
            ),
        )
        if self.inputs.villages is None:
            return
        villages = self.inputs.villages.frame
        people = synthetic.village_population(villages, table.frame, seed=self.seed).frame
        self.inputs.people = people[["unit_id", "people"]].assign(flags=flag_column(("synthetic",), people.index))

    def eligible(self) -> None:
        """Work out who is 14 and over in each village; the province's total is kept."""
        if self.inputs.people is None:
            return
        people = self.inputs.people.set_index("unit_id")["people"]
        needs = self.plan.needs
        try:
            self.inputs.eligible = overlay.eligible_people(
                people, share=needs.eligible_share, total=needs.eligible_total
            )
        except LayerError as error:
            self.inputs.issues += error.issues

    def signals(self, communes: gpd.GeoDataFrame, villages: gpd.GeoDataFrame) -> None:
        """Load coverage, adoption, teams, sites and barriers: what is known about the villages."""
        layers = self.plan.layers
        for name, one in sorted(layers.coverage.items()):
            self.coverage(f"coverage.{name}", one, communes, villages)
        for name, two in sorted(layers.adoption.items()):
            self.adoption(f"adoption.{name}", name, two, communes, villages)
        for name, three in sorted(layers.attributes.items()):
            self.attribute(name, three, communes, villages)
        if layers.teams is not None:
            self.inputs.teams = self.take("teams", lambda: self.teams(villages))
        if layers.sites is not None:
            section = layers.sites
            self.inputs.sites = self.take(
                "sites",
                lambda: teams.load_sites(self.record("sites", section), **self.common(section), villages=villages),
            )
        if layers.barriers is not None:
            self.inputs.barriers = self.take("barriers", lambda: self.barriers(villages))

    def coverage(
        self, name: str, section: CoverageSection, communes: gpd.GeoDataFrame, villages: gpd.GeoDataFrame
    ) -> None:
        """Load or generate one coverage layer."""

        def load() -> Layer:
            if section.generate is not None:
                return synthetic.coverage(
                    villages,
                    communes,
                    name=name,
                    seed=self.seed,
                    technology=section.technology,
                    evidence=section.evidence,
                    truth=self.truth(section, name),
                    full_in=section.full_in,
                )
            if section.is_raster:
                return coverage_rasters.load(
                    self.record(name, section),
                    source_crs=section.crs,
                    crs=self.plan.plan.crs,
                    operator=str(section.operator),
                    technology=section.technology,
                    evidence=section.evidence,
                    threshold_dbm=section.threshold_dbm,
                )
            return coverage.load(
                self.record(name, section),
                **self.common(section),
                operator=section.operator,
                technology=section.technology,
                evidence=section.evidence,
            )

        layer = self.take(name, load)
        if layer is not None:
            self.inputs.coverage.append(layer)

    def adoption(
        self,
        name: str,
        indicator: str,
        section: AdoptionSection,
        communes: gpd.GeoDataFrame,
        villages: gpd.GeoDataFrame,
    ) -> None:
        """Load or generate one indicator of adoption."""
        units = {"village": villages, "commune": communes}.get(section.level)
        if section.generate is not None and self.inputs.eligible is None:
            return  # the people are at fault, and that is told; nothing can be generated for them

        def load() -> Layer:
            if section.generate is not None:
                return synthetic.adoption(
                    villages.assign(eligible_people=villages["unit_id"].map(self.inputs.eligible)),
                    indicator=indicator,
                    seed=self.seed,
                    total=section.total,
                    truth=self.truth(section, name),
                )
            return adoption.load(
                self.record(name, section),
                columns=section.columns,
                indicator=indicator,
                level=section.level,
                unit_ids=None if units is None else list(units["unit_id"]),
                **({} if units is None else self.joining(section, units)),
            )

        layer = self.take(name, load)
        if layer is not None:
            self.inputs.adoption.append(layer)

    def attribute(
        self, name: str, section: AttributeSection, communes: gpd.GeoDataFrame, villages: gpd.GeoDataFrame
    ) -> None:
        """Load one attribute of the vulnerability pillar."""
        units = villages if section.level == "village" else communes
        layer = self.take(
            f"attributes.{name}",
            lambda: attributes.load(
                self.record(f"attributes.{name}", section),
                columns=section.columns,
                value=section.value,
                level=section.level,
                unit_ids=list(units["unit_id"]),
            ),
        )
        if layer is not None:
            self.inputs.attributes[name] = layer

    def teams(self, villages: gpd.GeoDataFrame) -> Layer:
        """Load or generate the teams that stand today."""
        section = self.plan.layers.teams
        assert section is not None  # noqa: S101 - narrows the type; the caller asked
        if section.generate is not None:
            return synthetic.teams(villages, seed=self.seed, commune_id=section.commune_id)
        return teams.load(self.record("teams", section), **self.common(section), villages=villages)

    def barriers(self, villages: gpd.GeoDataFrame) -> Layer:
        """Load or generate what nobody can cross."""
        section = self.plan.layers.barriers
        assert section is not None  # noqa: S101 - narrows the type; the caller asked
        if section.generate is not None:
            return synthetic.barriers(villages, truth=self.truth(section, "barriers"))
        return travel.load_barriers(self.record("barriers", section), **self.common(section))


def gather(file: PlanFile, *, seed: int, now: dt.datetime) -> Inputs:
    """Load every layer of a plan and keep every fault.

    Parameters
    ----------
    file : PlanFile
    seed : int
        Of the generator; the plan's own unless the command line gave another.
    now : datetime
        UTC; decides what is stale.

    Returns
    -------
    Inputs
        With `issues`; the caller stops when there are `faults`.
    """
    intake = Intake(file, seed=seed, now=now)
    intake.regions()
    inputs = intake.inputs
    if inputs.communes is not None:
        communes = inputs.communes.frame
        intake.former_communes(communes)
        intake.settlements(communes)
        if inputs.villages is not None:
            intake.eligible()
            intake.signals(communes, inputs.villages.frame)
    return inputs


def islands() -> gpd.GeoDataFrame:
    """Return the centres of Hoàng Sa and Trường Sa with their labels, EPSG:4326; every map shows them."""
    return gpd.read_file(catalog.boundaries_folder() / "islands.geojson")
