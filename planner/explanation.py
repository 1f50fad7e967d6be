"""What is published about one village, and how it reads as a page. Numbers carry their units."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from planner import testimony, words
from planner.testimony import Testimony
from planner.words import Language, say


@dataclass(frozen=True, slots=True)
class Rate:
    """Adoption of one indicator: share of the eligible people, and how it is known."""

    indicator: str
    rate: float | None
    status: str


@dataclass(frozen=True, slots=True)
class Operator:
    """Coverage of one operator by one kind of evidence; shares of the village's area."""

    operator: str
    technology: str
    evidence: str
    share: float | None
    share_low: float | None
    share_high: float | None
    data_date: str | None


@dataclass(frozen=True, slots=True)
class Team:
    """A team site and the minutes from the village to it."""

    site_id: str
    name: str
    team_type: str
    status: str
    minutes: float
    hours: str
    contact: str


@dataclass(frozen=True, slots=True)
class Better:
    """The nearest village of a better rank, and the points by which each pillar differs (here less there)."""

    unit_id: str
    name: str
    commune_name: str
    km: float
    rank: int | None
    differences: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class WayOut:
    """What would lead out of the worst tenth: ``not_needed``, ``one_indicator`` (which, from, to), ``none_alone``."""

    kind: str
    indicator: str | None
    unit: str | None
    now: float | None
    needed: float | None


@dataclass(frozen=True, slots=True)
class Source:
    """One input behind the publication."""

    layer: str
    title: str
    producer: str
    licence: str
    data_date: str | None
    synthetic: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that is published about one village, ready to be read.

    Parameters
    ----------
    publication, title, language : str
    unit_id, name, commune_id, commune_name, data_date : str
    lat, lon : float
        Degrees, WGS 84.
    people : mapping of str to int
        `planner.words.PEOPLE` by name; None where unknown.
    covered_share, covered_share_low, covered_share_high : float
        Share of the village, 0 to 1; None where unknown.
    coverage_status, coverage_evidence : str
    operators : sequence of Operator
    rates : sequence of Rate
    support_minutes : float
        To the nearest standing fixed team; None where `support_status` is not ``reached``.
    support_status, support_reason : str
        The reason (`planner.words.SUPPORT_REASON`) is empty where reached, None where the publication has none.
    score : float
        Points from 0 to 100 (worst); None where nothing could be ranked.
    rank, ranked : int
        1 is worst, of how many ranked villages.
    rank_low, rank_high : int, optional
        Ends of the rank's interval; None where the publication has none.
    rank_method_low, rank_method_high : int, optional
        Ends of the rank's interval over other weights, normalisations and aggregations.
    worst_tenth_probability : float, optional
        Chance of being among the worst; None where the publication has none.
    contributions : mapping of str to float
        Points per pillar; they add to the score.
    need_class, response : str
    assigned_site_id, assigned_minutes : str and float
        Site of the plan that serves the village; None where none reaches it.
    teams : sequence of Team
        The nearest sites, standing or proposed.
    flags : sequence of str
    sources : sequence of Source
    better : Better, optional
        None where the village has no score, or no village does better.
    way_out : WayOut, optional
        None where the village has no score.
    testimony : Testimony
        The evidence on signal, and how estimates came about.
    """

    publication: str
    title: str
    language: Language
    unit_id: str
    name: str
    commune_id: str
    commune_name: str
    data_date: str | None
    lat: float
    lon: float
    people: Mapping[str, int | None]
    covered_share: float | None
    covered_share_low: float | None
    covered_share_high: float | None
    coverage_status: str
    coverage_evidence: str
    operators: Sequence[Operator]
    rates: Sequence[Rate]
    support_minutes: float | None
    support_status: str
    support_reason: str | None
    score: float | None
    rank: int | None
    ranked: int
    rank_low: int | None
    rank_high: int | None
    worst_tenth_probability: float | None
    contributions: Mapping[str, float | None]
    need_class: str
    response: str
    assigned_site_id: str | None
    assigned_minutes: float | None
    teams: Sequence[Team]
    flags: Sequence[str]
    sources: Sequence[Source]
    better: Better | None = None
    way_out: WayOut | None = None
    testimony: Testimony = field(default_factory=Testimony)
    rank_method_low: int | None = None
    rank_method_high: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the object that ``--json`` prints; unknown is null, flags and codes also in words."""
        found = asdict(self)
        found["flags"] = [{"flag": f, "text": say(words.FLAG, f, self.language)} for f in self.flags]
        found["need_class_text"] = say(words.NEED_CLASS, self.need_class, self.language)
        found["response_text"] = say(words.RESPONSE, self.response, self.language)
        return found

    def as_text(self) -> str:
        """Return a page for a planner: every number with its unit, every code in words."""
        return "\n".join(clean(line) for line in _Page(self).lines())


def clean(text: str) -> str:
    """Return `text` without control characters: names come from outside, and a terminal obeys some of them."""
    return "".join("\ufffd" if unicodedata.category(c) in {"Cc", "Cf", "Cs"} else c for c in text)


class _Page:
    """The lines of one explanation in its language."""

    def __init__(self, it: Explanation) -> None:
        self.it = it
        self.language = it.language

    def _(self, vi: str, en: str) -> str:
        return vi if self.language == "vi" else en

    def number(self, value: float | None, unit: str = "", *, digits: int = 0) -> str:
        """Return a number with its unit as the language writes it."""
        if value is None:
            return self._("không rõ", "unknown")
        text = f"{value:,.{digits}f}"
        if self.language == "vi":
            text = text.translate(str.maketrans(",.", ".,"))
        return f"{text} {unit}".rstrip()

    def share(self, value: float | None) -> str:
        """Return a share as per cent."""
        return self.number(None if value is None else 100 * value, "%", digits=1)

    def minutes(self, value: float | None) -> str:
        """Return minutes."""
        return self.number(value, self._("phút", "minutes"))

    def date(self, value: str | None) -> str:
        """Return a date."""
        return value or self._("không rõ ngày", "date unknown")

    def lines(self) -> list[str]:
        """Return the page."""
        it = self.it
        head = [
            f"{it.name} ({it.unit_id}), {it.commune_name} ({it.commune_id})",
            (
                f"{it.title} · {it.publication} · {self._('số liệu từ', 'data from')} {self.date(it.data_date)}"
                f" · {it.lat:.5f}, {it.lon:.5f}"
            ),
        ]
        parts = (
            self.need,
            self.score,
            self.why,
            self.people,
            self.coverage,
            self.usable,
            self.adoption,
            self.support,
            self.flags,
            self.sources,
        )
        return head + [line for part in parts for line in part()]

    def section(self, title: str, rows: Sequence[str]) -> list[str]:
        """Return a titled block; nothing where there are no rows."""
        return ["", title, *(f"  {row}" for row in rows)] if rows else []

    def need(self) -> list[str]:
        """Return what is lacking and what to do."""
        it = self.it
        rows = [
            f"{self._('Phân loại', 'Class')}: {say(words.NEED_CLASS, it.need_class, self.language)}",
            f"{self._('Cách đáp ứng', 'Response')}: {say(words.RESPONSE, it.response, self.language)}",
        ]
        if it.assigned_site_id is None:
            rows.append(self._("Kế hoạch: chưa điểm nào phục vụ được", "Plan: no site reaches it"))
        else:
            by = f"{it.assigned_site_id}, {self.minutes(it.assigned_minutes)}"
            rows.append(f"{self._('Kế hoạch: phục vụ bởi', 'Plan: served by')} {by}")
        rows += testimony.request_lines(it.testimony, self.language)
        return self.section(self._("Nhu cầu", "Need"), rows)

    def score(self) -> list[str]:
        """Return the score, its rank and its parts."""
        it = self.it
        points = self._("điểm", "points")
        if it.score is None:
            rows = [self._("Không xếp hạng được: thiếu dữ liệu", "Cannot be ranked: data are missing")]
        else:
            place = self._(f"hạng {it.rank} trong {it.ranked}", f"rank {it.rank} of {it.ranked}")
            worst = self._("100 là thiếu hụt nhất", "100 is worst")
            rows = [f"{self.number(it.score, points, digits=1)} ({worst}), {place}"]
            if it.rank_low is not None and it.rank_high is not None:
                between = self._("Khoảng hạng do số liệu chưa chắc", "Rank interval: what the data leave open")
                rows.append(f"{between}: {it.rank_low}–{it.rank_high}")
            if it.rank_method_low is not None and it.rank_method_high is not None:
                between = self._("Khoảng hạng do cách chấm điểm", "Rank interval: what other methods would say")
                rows.append(f"{between}: {it.rank_method_low}–{it.rank_method_high}")
            if it.worst_tenth_probability is not None:
                chance = self._("Khả năng thuộc nhóm thiếu hụt nhất", "Chance of being among the worst")
                rows.append(f"{chance}: {self.number(100 * it.worst_tenth_probability, '%', digits=0)}")
            rows += [
                f"{say(words.PILLAR, pillar, self.language)}: {self.number(value, points, digits=1)}"
                for pillar, value in it.contributions.items()
            ]
            if None in it.contributions.values():
                rows.append(self._("chấm theo những phần đã biết", "scored on the parts that are known"))
        return self.section(self._("Điểm thiếu hụt", "Underserved score"), rows)

    def why(self) -> list[str]:
        """Return the nearest village that does better, what differs, and what leads out of the worst tenth."""
        rows = []
        better = self.it.better
        if better is not None:
            place = self._(f"hạng {better.rank}", f"rank {better.rank}")
            where = f"{better.name} ({better.unit_id}), {better.commune_name}, {self.number(better.km, 'km', digits=1)}"
            rows.append(f"{self._('Thôn tốt hơn gần nhất', 'Nearest village that does better')}: {where}, {place}")
            rows += [
                self._("  khác biệt ", "  difference in ")
                + f"{say(words.PILLAR, pillar, self.language)}: "
                + self.number(value, self._("điểm", "points"), digits=1)
                for pillar, value in better.differences.items()
            ]
        way = self.it.way_out
        if way is not None and way.kind == "one_indicator":
            name = say(words.RANKED, way.indicator or "", self.language)
            change = f"{self.amount(way.now, way.unit)} → {self.amount(way.needed, way.unit)}"
            rows.append(f"{self._('Ra khỏi một phần mười kém nhất nếu', 'Leaves the worst tenth if')}: {name} {change}")
        elif way is not None and way.kind == "none_alone":
            rows.append(
                self._(
                    "Không chỉ số nào một mình đưa ra khỏi một phần mười kém nhất",
                    "No single indicator leads out of the worst tenth",
                )
            )
        return self.section(self._("Vì sao", "Why"), rows)

    def amount(self, value: float | None, unit: str | None) -> str:
        """Return a value of an indicator with its unit; a share as per cent."""
        if unit == "share":
            return self.share(value)
        return self.number(value, self._("phút", "minutes") if unit == "minutes" else unit or "", digits=1)

    def people(self) -> list[str]:
        """Return the people columns."""
        unit = self._("người", "people")
        rows = [
            f"{say(words.PEOPLE, name, self.language)}: {self.number(value, unit)}"
            for name, value in self.it.people.items()
        ]
        return self.section(self._("Người dân", "People"), rows)

    def interval(self, low: float | None, high: float | None) -> str:
        """Return an interval in brackets; nothing where it has no width."""
        if low is None or high is None or low == high:
            return ""
        return f" ({self.share(low)} – {self.share(high)})"

    def coverage(self) -> list[str]:
        """Return coverage of the village and of each operator."""
        it = self.it
        rows = [
            (
                f"{say(words.COVERAGE_STATUS, it.coverage_status, self.language)}: {self.share(it.covered_share)}"
                f"{self.interval(it.covered_share_low, it.covered_share_high)}, "
                f"{say(words.EVIDENCE, it.coverage_evidence, self.language)}"
            )
        ]
        known = {(o.operator, o.technology) for o in it.operators if o.share is not None}
        for o in it.operators:
            if o.share is None and (o.operator, o.technology) in known:
                continue  # other evidence speaks; --json lists all
            name = f"{say(words.OPERATOR, o.operator, self.language)} {o.technology}"
            evidence = say(words.EVIDENCE, o.evidence, self.language)
            share = f"{self.share(o.share)}{self.interval(o.share_low, o.share_high)}"
            rows.append(f"{name}: {share}, {evidence}, {self.date(o.data_date)}")
        return self.section(self._("Độ phủ sóng", "Coverage"), rows)

    def usable(self) -> list[str]:
        """Return how likely signal is usable, and who says so."""
        it = self.it.testimony
        rows = testimony.usable_lines(it, self.language)
        if it.reports_per_1000 is not None:
            what = say(words.RANKED, "negative_reports_per_1000", self.language)
            rows.append(f"{what}: {self.number(it.reports_per_1000, digits=1)}")
        return self.section(self._("Khả năng dùng được sóng", "Chance of usable signal"), rows)

    def adoption(self) -> list[str]:
        """Return the rates of adoption."""
        rows = [
            f"{say(words.INDICATOR, r.indicator, self.language)}: {self.share(r.rate)}"
            f" ({say(words.RATE_STATUS, r.status, self.language)})"
            for r in self.it.rates
        ]
        rows += testimony.estimate_lines(self.it.testimony, self.language)
        return self.section(self._("Sử dụng dịch vụ số", "Adoption"), rows)

    def support(self) -> list[str]:
        """Return how far support is and the nearest teams."""
        it = self.it
        status = say(words.SUPPORT_STATUS, it.support_status, self.language)
        if it.support_reason:
            status = f"{status} ({say(words.SUPPORT_REASON, it.support_reason, self.language)})"
        known = it.support_minutes is not None
        rows = [
            (
                f"{self._('Tổ cố định gần nhất', 'Nearest fixed team')}: "
                f"{self.minutes(it.support_minutes) if known else status}"
            )
        ]
        for team in it.teams:
            said = [
                self.minutes(team.minutes),
                say(words.TEAM_TYPE, team.team_type, self.language),
                say(words.SITE_STATUS, team.status, self.language),
                team.hours,
                team.contact,
            ]
            rows.append(f"{team.name} ({team.site_id}): {', '.join(part for part in said if part)}")
        return self.section(self._("Điểm hỗ trợ", "Support"), rows)

    def flags(self) -> list[str]:
        """Return what to know before using the numbers."""
        rows = [f"{flag}: {say(words.FLAG, flag, self.language)}" for flag in self.it.flags]
        return self.section(self._("Cần biết trước khi dùng", "To know before using this"), rows)

    def sources(self) -> list[str]:
        """Return the inputs with producer, licence and date."""
        made_up = self._("số liệu mô phỏng", "generated, not real")
        rows = []
        for s in self.it.sources:
            said = [s.title, s.producer, s.licence, s.data_date or "", made_up if s.synthetic else ""]
            rows.append(f"{s.layer}: {', '.join(part for part in said if part)}")
        return self.section(self._("Nguồn", "Sources"), rows)
