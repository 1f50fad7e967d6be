"""What the API answers, as models: they describe /openapi.json and are held to the answers by tests.

The answers themselves are encoded from the published tables without passing through these models.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

CoverageStatus = Literal["covered", "partial", "not_covered", "unknown"]
NeedClass = Literal["white_spot", "weak_spot", "skills_gap", "access_gap", "several", "served", "unknown"]
RateStatus = Literal["observed", "smoothed", "estimated", "suppressed", "unknown"]
SupportStatus = Literal["reached", "unreachable", "beyond_cutoff", "unknown"]
SHARE = "share, 0 to 1; null = unknown"
MAP = "address of the map of this publication, opened at this place; a path where PLANNER_PUBLIC_URL is not set"
REPORTS = "where reports about this place are accepted; null = nowhere"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Source(_Model):
    """One input that the publication was made from."""

    layer: str
    title: str
    producer: str
    licence: str
    url: str
    data_date: str | None
    synthetic: bool = Field(description="generated, not observed")


class Answer(_Model):
    """What every answer carries."""

    publication: str = Field(description="id of the publication that answers")
    data_date: str | None = Field(description="oldest date of the data behind the answer")
    sources: list[Source]
    flags: list[str] = Field(description="what to know before using the answer")
    notes: list[str] = Field(description="the flags as sentences, in the language of the answer")


class OperatorCoverage(BaseModel):
    """What one kind of evidence says about one operator in the village; further published columns stand beside these."""

    model_config = ConfigDict(extra="allow")

    unit_id: str
    operator: str
    technology: str
    evidence: str
    share: float | None = Field(description=SHARE)
    share_low: float | None
    share_high: float | None
    usable_probability: float | None = Field(
        default=None, description="chance that the signal is usable, all evidence weighed; absent where not computed"
    )
    usable_probability_low: float | None = None
    usable_probability_high: float | None = None
    data_date: str | None
    flags: list[str]
    text: str = Field(description="the same in words")


class Site(_Model):
    """A place with teams, standing today or planned."""

    site_id: str
    unit_id: str
    name: str
    team_type: str
    teams: int | None
    status: str = Field(description="existing, or new = planned by this publication")
    people_reached: int | None
    loss_if_dropped_people: float | None
    loss_alone_people: float | None = Field(
        default=None, description="need no longer reached without it, nothing else moved"
    )
    selection_frequency: float | None = Field(
        default=None, description="share of the draws of need in which it is chosen"
    )
    site_group: str | None = Field(
        default=None, description="site that stands for the near-equal ones with which it shares most people"
    )
    group_frequency: float | None = Field(
        default=None, description="share of the draws in which a site of its group is chosen"
    )
    certainty: str | None = Field(
        default=None, description="no_regret, likely, phone_first; empty = stands already; absent = not computed"
    )
    order: int | None
    capacity_people: float | None = Field(
        default=None, description="it can serve in all; null = the plan sets no limit"
    )
    load_share: float | None = Field(default=None, description="people_reached of capacity_people")
    cost: float | None = Field(default=None, description="of the new team, in the plan's own unit of money")
    hours: str | None
    contact: str | None
    languages: list[str]
    lat: float | None
    lon: float | None
    flags: list[str]


class NearTeam(Site):
    """A site with the travel time to it."""

    minutes: float | None = Field(description="minutes from the village, not from the point")


class People(BaseModel):
    """Columns that villages and communes share; ``<indicator>_rate`` and others stand beside them under their own names."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, float | str | None] = Field(init=False)

    unit_id: str
    name: str | None
    lat: float | None
    lon: float | None
    population_people: int | None
    eligible_people: int | None
    adopted_people: int | None
    not_adopted_people: int | None
    no_signal_people: int | None
    unknown_people: int | None = Field(description="the four add to eligible_people")
    without_signal_people: int | None
    need_people: int | None
    covered_share: float | None = Field(description=SHARE)
    score: float | None = Field(description="0 to 100, 100 is worst; null = cannot be ranked")
    rank: int | None = Field(description="1 is worst")


class VillageRow(People):
    """A row of villages.parquet, every column under its published name."""

    commune_id: str | None
    commune_name: str | None
    data_date: str | None
    covered_share_low: float | None
    covered_share_high: float | None
    coverage_status: CoverageStatus
    coverage_evidence: str | None
    operators: list[str]
    usable_probability: float | None = Field(default=None, description="chance of usable signal; null = no evidence")
    usable_probability_low: float | None = None
    usable_probability_high: float | None = None
    negative_reports_per_1000: float | None = Field(default=None, description="absent without citizens' reports")
    not_adopted_people_low: int | None
    not_adopted_people_high: int | None
    no_signal_people_low: int | None
    no_signal_people_high: int | None
    support_minutes: float | None
    support_status: SupportStatus
    support_reason: str | None = Field(default=None, description="why no team is reached; null where one is")
    score_low: float | None = Field(default=None, description="low end over the draws; absent without draws")
    score_high: float | None = None
    rank_low: int | None = Field(default=None, description="smallest rank over the draws, 1 is worst")
    rank_high: int | None = None
    rank_method_low: int | None = None
    rank_method_high: int | None = None
    rank_band: str | None = Field(default=None, description="the interval, where it is too wide for a single rank")
    worst_tenth_probability: float | None = None
    need_class_probability: float | None = None
    need_class: NeedClass
    response: str | None
    assigned_site_id: str | None
    assigned_minutes: float | None
    flags: list[str]


class CommuneRow(People):
    """A row of communes.parquet, every column under its published name."""

    villages: int | None
    data_date: str | None
    not_adopted_people_low: int | None = None
    not_adopted_people_high: int | None = None
    no_signal_people_low: int | None = None
    no_signal_people_high: int | None = None
    need_class: NeedClass | None = None
    served_people: int | None = None
    served_share: float | None = None
    usable_probability: float | None = None
    flags: list[str]


class VillageAnswer(Answer, VillageRow):
    """One village with all its numbers."""

    model_config = ConfigDict(extra="allow")
    coverage: list[OperatorCoverage]
    nearest_team: NearTeam | None
    assigned_site: NearTeam | None = Field(description="site that is to serve the village in this plan")
    status_text: str
    need_text: str = Field(description="class of need, and how likely it is")
    rank_text: str = Field(description="score and rank, with the rank's interval")
    next_step: str
    map: str | None = Field(description=MAP)
    how_to_dispute: str = Field(description="what to do when one sees something else")
    dispute_address: str | None = Field(description=REPORTS)


class CommuneAnswer(Answer, CommuneRow):
    """One commune with all its numbers."""

    model_config = ConfigDict(extra="allow")
    map: str | None


class Successor(_Model):
    """A commune of today that holds people of a former one."""

    commune_id: str
    commune_name: str | None
    population_share: float = Field(description="share of the former commune's people, 0 to 1; the shares add to 1")
    low: float = Field(description="least of the choices of weights; equal to the share where nothing was divided")
    high: float = Field(description="most of the choices of weights")


class MergedAnswer(Answer):
    """A former commune: where its people are now. There is no default among several successors."""

    status: Literal["merged"]
    unit_id: str = Field(description="id of the former commune")
    name: str | None
    successors: list[Successor]
    source: str | None = Field(description="who says so")


class CoverageAnswer(Answer):
    """What is known at a point. Shares and minutes are those of the unit that holds it.

    Inside a village every column of its row stands beside these fields, as in `VillageAnswer`.
    """

    model_config = ConfigDict(extra="allow")
    status: Literal["covered", "partial", "not_covered", "unknown", "outside_area"]
    resolution: Literal["village", "commune"] | None = Field(description="null outside the area")
    unit_id: str | None
    status_text: str
    next_step: str
    map: str | None = Field(description=MAP)
    how_to_dispute: str | None = Field(description="null outside the area")
    dispute_address: str | None = Field(description=REPORTS)


class Fault(BaseModel):
    """One parameter at fault."""

    parameter: str
    rule: str
    value: str | float | bool | None = None
    nearest: str | None = None
    known: list[str] | None = None


class PointAnswer(BaseModel):
    """A `CoverageAnswer` without what the batch says once for all: publication and sources."""

    model_config = ConfigDict(extra="allow")
    status: Literal["covered", "partial", "not_covered", "unknown", "outside_area"]
    resolution: Literal["village", "commune"] | None
    data_date: str | None
    flags: list[str]
    notes: list[str]
    unit_id: str | None
    status_text: str
    next_step: str
    map: str | None = Field(description=MAP)
    how_to_dispute: str | None = Field(description="null outside the area")
    dispute_address: str | None = Field(description=REPORTS)


class PointProblem(_Model):
    """Why one point of a batch has no answer."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = None


class BatchResult(_Model):
    """The answer for one point, or its problem."""

    index: int = Field(description="place in the list of points, from 0")
    id: str | None = Field(description="as given")
    answer: PointAnswer | None
    problem: PointProblem | None


class BatchAnswer(Answer):
    """One result per point, in their order."""

    results: list[BatchResult]


class VillagesAnswer(Answer):
    """One page of villages."""

    total: int = Field(description="how many match")
    next_cursor: str | None = Field(description="pass it as 'cursor' for the next page; null on the last one")
    villages: list[VillageRow]


class CommunesAnswer(Answer):
    """All communes."""

    communes: list[CommuneRow]


class TeamsAnswer(Answer):
    """The sites nearest to a point."""

    status: Literal["found", "none_near", "outside_area"]
    unit_id: str | None
    support_minutes: float | None = Field(description="to the nearest fixed team that stands today")
    support_status: SupportStatus | None
    teams: list[NearTeam]


class Solver(_Model):
    """What the siting model proved."""

    model: str
    status: str
    solver: str
    objective_people: float | None
    bound_people: float | None
    gap: float | None
    greedy_people: float | None
    today_people: float | None
    unserved_people: float | None
    new_teams: int
    reach_minutes: float | None
    objective: float | None = Field(description="what the model makes best, in `unit`; `gap` belongs to it")
    bound_objective: float | None = Field(description="no plan does better than this")
    greedy_objective: float | None = Field(description="of choosing sites one by one")
    unit: Literal["people", "weighted_people", "person_minutes", "minutes", "teams"]


class DeployedSite(Site):
    """A site of the plan with the villages that it is to serve."""

    villages: list[str]


class DeploymentsAnswer(Answer):
    """Where teams stand and where the plan puts new ones."""

    solver: Solver | None
    sites: list[DeployedSite]


class PublicationSummary(_Model):
    """One publication of the folder."""

    id: str
    title: str
    language: Literal["vi", "en"]
    now: str
    data_date: str | None
    in_force: bool
    counts: dict[str, float | None]
    warnings: list[str]
    not_computed: list[str]


class PublicationsAnswer(Answer):
    """All publications that can be asked for with ``?publication=``, newest first."""

    publications: list[PublicationSummary]


class DisputeAnswer(Answer):
    """A report of what somebody saw, and what became of it."""

    dispute_id: str = Field(description="tracking id; who has it can ask for the state")
    state: Literal["received", "considered"]
    considered_in: str | None = Field(description="first publication that took the report into account")
    received_at: str
    unit_id: str
    operator: str
    technology: str
    seen: Literal["no_signal", "weak_signal", "signal"]
    seen_date: str
    state_text: str


class Live(_Model):
    """The process answers."""

    status: Literal["live"]


class Refused(_Model):
    """A publication that is named as current but not served."""

    publication: str
    reason: str


class Ready(_Model):
    """Which publication is served."""

    status: Literal["ready", "not_ready"]
    publication: str | None
    refused: Refused | None


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str | None = None
    errors: list[Fault] | None = None
