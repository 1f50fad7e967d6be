"""Two publications side by side: who moved, by how much, why, and how many people are reached since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import pandas as pd

from planner import words
from planner.explanation import clean
from planner.products import Manifest, Publication
from planner.words import Language, say

BOUNDARY_LAYERS: Final = ("communes", "villages")
RAW: Final = ("covered_share", "support_minutes", "support_status", "eligible_people")
"""Columns besides the rates that say whether a village's own numbers changed."""
SHOWN: Final = 20
_NO_CHANGE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Causes:
    """What is different between two publications, each list sorted; all empty where nothing is.

    Parameters
    ----------
    boundaries, data : tuple of str
        Layers whose bytes differ, that came or went: those that say where villages are, and all others.
    weights : bool
        The plan's ``[score]`` differs.
    plan : tuple of str
        Other sections of the plan that decide numbers and differ.
    seed, code : bool
        Another seed; another version of the product.
    """

    boundaries: tuple[str, ...]
    data: tuple[str, ...]
    weights: bool
    plan: tuple[str, ...]
    seed: bool
    code: bool


@dataclass(frozen=True, slots=True)
class Move:
    """One village whose rank differs.

    Parameters
    ----------
    unit_id, name, commune_name : str
    rank_before, rank_after : int
        1 is worst.
    score_before, score_after : float
        Points.
    pillar : str or None
        Whose points changed most; None where the village's own points stayed and others passed it.
    own_data : bool
        Whether its coverage, adoption, minutes or people changed.
    beyond_uncertainty : bool or None
        Whether its two intervals of the rank are apart; None where a publication has none.
    """

    unit_id: str
    name: str
    commune_name: str
    rank_before: int
    rank_after: int
    score_before: float
    score_after: float
    pillar: str | None
    own_data: bool
    beyond_uncertainty: bool | None


@dataclass(frozen=True, slots=True)
class People:
    """A number of people before and after; None where a publication does not hold it."""

    before: int | None
    after: int | None

    @property
    def change(self) -> int | None:
        """How many more; None where either is unknown."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two publications.

    Parameters
    ----------
    before, after : str
        Ids.
    language : {"vi", "en"}
        Of the later one.
    causes : Causes
    moved : tuple of Move
        Farthest first.
    unmoved : int
        Villages with the same rank in both.
    new, gone : tuple of str
        Ids of villages that only one of them has.
    ranked_since, unranked_since : tuple of str
        Ids of villages that gained or lost a score.
    people : dict of str to People
        ``reached_today`` (need within reach of the teams that stand), ``adopted_people`` and the other people columns.
    proposals_standing : int
        Villages in which the earlier plan proposed a team and the later publication has one that stands.
    """

    before: str
    after: str
    language: Language
    causes: Causes
    moved: tuple[Move, ...]
    unmoved: int
    new: tuple[str, ...]
    gone: tuple[str, ...]
    ranked_since: tuple[str, ...]
    unranked_since: tuple[str, ...]
    people: dict[str, People]
    proposals_standing: int

    def as_dict(self) -> dict[str, Any]:
        """Return the object that ``--json`` prints."""
        found = asdict(self)
        for name, people in self.people.items():
            found["people"][name]["change"] = people.change
        return found

    def summary(self, *, moves: int) -> list[str]:
        """Return the lines of `as_text` below its heading, with at most so many villages; each line is outside text."""
        return [clean(line.strip()) for line in _lines(self, moves=moves)[2:] if line.strip()]

    def as_text(self) -> str:
        """Return a page for a planner."""
        return "\n".join(clean(line) for line in _lines(self))


def compare(before: Publication, after: Publication, *, language: Language | None = None) -> Comparison:
    """Put two publications side by side.

    Parameters
    ----------
    before, after : Publication
    language : {"vi", "en"}, optional
        That of `after` when None.

    Raises
    ------
    PublicationError
        When one of them is damaged.
    """
    one, two = (pd.DataFrame(p.villages).set_index("unit_id", drop=False).sort_index() for p in (before, after))
    both = one.index.intersection(two.index).sort_values()
    ranks = pd.DataFrame({"a": one.loc[both, "rank"], "b": two.loc[both, "rank"]})
    ranked = ranks.dropna()
    differ = ranked[ranked["a"] != ranked["b"]]
    far = (differ["a"] - differ["b"]).abs().astype("int64").sort_values(ascending=False, kind="stable")
    pillars = sorted(set(before.manifest.pillars) & set(after.manifest.pillars))
    changed = _own_data(one.loc[both], two.loc[both])
    old, new = (frame.loc[far.index].to_dict("index") for frame in (one, two))
    return Comparison(
        before=before.manifest.id,
        after=after.manifest.id,
        language=language or after.manifest.language,
        causes=causes(before.manifest, after.manifest),
        moved=tuple(_move(old[u], new[u], pillars, own_data=bool(changed[u])) for u in far.index),
        unmoved=len(ranked) - len(differ),
        new=tuple(two.index.difference(one.index).sort_values()),
        gone=tuple(one.index.difference(two.index).sort_values()),
        ranked_since=tuple(ranks.index[ranks["a"].isna() & ranks["b"].notna()]),
        unranked_since=tuple(ranks.index[ranks["a"].notna() & ranks["b"].isna()]),
        people=_people(before, after),
        proposals_standing=_proposals_standing(before, after),
    )


def causes(before: Manifest, after: Manifest) -> Causes:
    """Return what differs in what two publications were made from: inputs by their sha256, plan, seed, code."""
    one, two = ({i.layer: i.sha256 for i in m.inputs} for m in (before, after))
    layers = sorted(layer for layer in one.keys() | two.keys() if one.get(layer) != two.get(layer))
    other = [
        s
        for s in ("travel", "needs", "estimate", "evidence", "privacy", "deploy", "uncertainty")
        if _differs(before, after, s)
    ]
    return Causes(
        boundaries=tuple(layer for layer in layers if layer in BOUNDARY_LAYERS),
        data=tuple(layer for layer in layers if layer not in BOUNDARY_LAYERS),
        weights=_differs(before, after, "score"),
        plan=tuple(other),
        seed=before.seed != after.seed,
        code=before.versions.get("planner") != after.versions.get("planner"),
    )


def _differs(before: Manifest, after: Manifest, section: str) -> bool:
    return bool(before.plan.get(section) != after.plan.get(section))


def _own_data(one: pd.DataFrame, two: pd.DataFrame) -> pd.Series[bool]:
    """Return for each village whether one of its own numbers changed; unknown equals unknown."""
    rates = [c for c in one.columns if str(c).endswith("_rate") and c in two.columns]
    changed = pd.Series(data=False, index=one.index)
    for column in (*RAW, *rates):
        old, new = one[column], two[column]
        changed |= ~((old == new).fillna(value=False).astype(bool) | (old.isna() & new.isna()))
    return changed


def _move(one: Mapping[Any, Any], two: Mapping[Any, Any], pillars: list[str], *, own_data: bool) -> Move:
    change = {p: _points(two, p) - _points(one, p) for p in pillars}
    most = max(change, key=lambda p: abs(change[p]), default=None)
    return Move(
        unit_id=str(two["unit_id"]),
        name=str(two["name"]),
        commune_name=str(two["commune_name"]),
        rank_before=int(one["rank"]),
        rank_after=int(two["rank"]),
        score_before=float(one["score"]),
        score_after=float(two["score"]),
        pillar=None if most is None or abs(change[most]) <= _NO_CHANGE else most,
        own_data=own_data,
        beyond_uncertainty=_apart(one, two),
    )


def _points(row: Mapping[Any, Any], pillar: str) -> float:
    value = row[f"contribution_{pillar}"]
    return 0.0 if pd.isna(value) else float(value)


def _apart(one: Mapping[Any, Any], two: Mapping[Any, Any]) -> bool | None:
    ends = [row.get(name) for row in (one, two) for name in ("rank_low", "rank_high")]
    if any(end is None or pd.isna(end) for end in ends):
        return None
    low_a, high_a, low_b, high_b = (int(end) for end in ends if end is not None)
    return high_a < low_b or high_b < low_a


def _people(before: Publication, after: Publication) -> dict[str, People]:
    reached = [None if p.manifest.solver is None else round(p.manifest.solver.today_people) for p in (before, after)]
    found = {"reached_today": People(*reached)}
    for name in words.PEOPLE:
        found[name] = People(*(int(p.villages[name].sum()) for p in (before, after)))
    return found


def _proposals_standing(before: Publication, after: Publication) -> int:
    proposed = before.sites[before.sites["status"] == "new"]["unit_id"]
    stood = set(before.sites[before.sites["status"] != "new"]["unit_id"])
    stands = set(after.sites[after.sites["status"] != "new"]["unit_id"])
    return int(proposed.isin(stands - stood).sum())


def _number(value: float, language: Language, *, digits: int = 0, sign: str = "") -> str:
    text = f"{value:{sign},.{digits}f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "vi" else text


def _lines(it: Comparison, *, moves: int = SHOWN) -> list[str]:
    vi = it.language == "vi"
    lines = [f"{it.before} → {it.after}", "", "Vì sao khác" if vi else "Why they differ"]
    lines += [f"  {text}" for text in _cause_lines(it)]
    lines += ["", "Người dân" if vi else "People", *(f"  {text}" for text in _people_lines(it))]
    title = f"Thứ hạng đổi: {len(it.moved)} thôn; giữ nguyên: {it.unmoved}"
    lines += ["", title if vi else f"Ranks: {len(it.moved):,} villages moved, {it.unmoved:,} stayed"]
    lines += [f"  {_move_line(move, it.language)}" for move in it.moved[:moves]]
    if len(it.moved) > moves:
        rest = len(it.moved) - moves
        lines.append(f"  … và {rest} thôn nữa (--json)" if vi else f"  … and {rest:,} more (--json)")
    sets = (
        (it.new, "Thôn mới", "Villages only in the later one"),
        (it.gone, "Thôn không còn", "Villages only in the earlier one"),
        (it.ranked_since, "Nay mới có hạng", "Ranked since"),
        (it.unranked_since, "Nay không còn hạng", "No longer ranked"),
    )
    lines += [f"{v if vi else e}: {len(ids)} ({', '.join(ids[:SHOWN])})" for ids, v, e in sets if ids]
    return lines


def _cause_lines(it: Comparison) -> list[str]:
    vi, found = it.language == "vi", it.causes
    lines = []
    if found.boundaries:
        lines.append(f"{'Ranh giới' if vi else 'Boundaries'}: {', '.join(found.boundaries)}")
    if found.data:
        lines.append(f"{'Số liệu' if vi else 'Data'}: {', '.join(found.data)}")
    if found.weights:
        lines.append("Cách chấm điểm: [score] của kế hoạch" if vi else "Weights and method: [score] of the plan")
    if found.plan:
        lines.append(f"{'Kế hoạch' if vi else 'Plan'}: {', '.join(f'[{s}]' for s in found.plan)}")
    if found.seed:
        lines.append("Hạt giống ngẫu nhiên khác" if vi else "Another seed")
    if found.code:
        lines.append("Phiên bản phần mềm khác" if vi else "Another version of the planner")
    return lines or ["Cùng số liệu, kế hoạch và phiên bản" if vi else "Same data, plan and version"]


def _people_lines(it: Comparison) -> list[str]:
    lines = []
    for name, people in it.people.items():
        if people.before is None or people.after is None:
            continue
        title = say(_REACHED, name, it.language) if name in _REACHED else say(words.PEOPLE, name, it.language)
        before, after = (_number(value, it.language) for value in (people.before, people.after))
        lines.append(f"{title}: {before} → {after} ({_number(people.after - people.before, it.language, sign='+')})")
    if it.proposals_standing:
        vi = f"Điểm đề xuất trước đây nay đã có tổ: {it.proposals_standing}"
        en = f"Sites proposed before at which a team stands now: {it.proposals_standing}"
        lines.append(vi if it.language == "vi" else en)
    return lines


_REACHED: Final[dict[str, dict[str, str]]] = {
    "reached_today": {
        "vi": "Người cần hỗ trợ trong tầm các tổ đang hoạt động",
        "en": "People in need within reach of the teams that stand",
    }
}


def _move_line(move: Move, language: Language) -> str:
    vi = language == "vi"
    rank = f"{move.rank_before} → {move.rank_after}"
    before, after = (_number(v, language, digits=1) for v in (move.score_before, move.score_after))
    if move.pillar is None:
        why = "các thôn khác thay đổi" if vi else "others changed"
    else:
        why = say(words.PILLAR, move.pillar, language)
        if not move.own_data:
            why += " (số liệu của thôn không đổi)" if vi else " (its own data did not change)"
    sure = {
        True: ("vượt khoảng tin cậy", "beyond uncertainty"),
        False: ("trong khoảng tin cậy", "within uncertainty"),
        None: ("chưa có khoảng tin cậy", "no interval known"),
    }[move.beyond_uncertainty][0 if vi else 1]
    points = "điểm" if vi else "points"
    head = f"{move.name} ({move.unit_id}), {move.commune_name}: {'hạng' if vi else 'rank'} {rank}"
    return f"{head}, {before} → {after} {points}; {why}; {sure}"
