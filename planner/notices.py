"""What a reader must know before using a publication: sentences, flags, and what this version does not compute."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Literal

import pandas as pd

from layers.catalog import Layer
from layers.errors import Issue
from layers.schema import ANY_OPERATOR
from planner import uncertainty, words
from planner.products import RateModel
from planner.sections import Evidence, Rounds, Travel
from planner.siting.base import SitingPlan
from planner.written import decimal, number, share

NOT_COMPUTED: Final[tuple[str, ...]] = ()
"""Columns and files of the contract that this version leaves out."""

NO_ROUNDS: Final = "rounds.parquet: the plan has no rapid-response team"
"""What a publication without rounds says of them."""

Language = Literal["vi", "en"]
_TEXT: Final[dict[str, dict[str, str]]] = {
    "synthetic": {
        "vi": "SỐ LIỆU MÔ PHỎNG: {layers} do máy sinh theo hạt giống, không phải số liệu thật; không dùng để quyết định.",
        "en": "SYNTHETIC DATA: {layers} were generated from a seed and describe no real place; do not decide by them.",
    },
    "approximate": {
        "vi": "Ranh giới xã trên bản đồ là gần đúng (flag approximate_boundary), không phải ranh giới chính thức.",
        "en": "The commune boundaries are approximate (flag approximate_boundary), not the official ones.",
    },
    "straight_line": {
        "vi": "Không có lớp đường: số phút là đường chim bay nhân hệ số {factor} ở {kmh} km/h (flag straight_line).",
        "en": "There is no road layer: minutes are straight lines times {factor} at {kmh} km/h (flag straight_line).",
    },
    "roads_only": {
        "vi": "Số phút tính trên đường chính và {kmh} km/h ngoài đường, chưa xét lớp phủ đất và độ dốc (flag roads_only).",
        "en": "Minutes know main roads and {kmh} km/h elsewhere, but neither land cover nor slope (flag roads_only).",
    },
    "wet_season": {
        "vi": "Số phút của mùa mưa: tốc độ nhân wet_share, là giả định của kế hoạch (flag wet_season).",
        "en": "Minutes are those of the wet season: speeds times wet_share, an assumption of the plan (flag wet_season).",
    },
    "given_minutes": {
        "vi": "Số phút lấy từ bảng của kế hoạch, không tính lại (flag given_minutes).",
        "en": "Minutes are those of the plan's own matrix, not worked out here (flag given_minutes).",
    },
    "few_tests": {
        "vi": "Ở {count} thôn kết luận về sóng dựa trên quá ít lần đo (flag few_tests).",
        "en": "In {count} villages what is said of signal rests on few measurements (flag few_tests).",
    },
    "area_weighted_in_part": {
        "vi": "Ở {count} thôn tỷ lệ phủ sóng tính theo diện tích, vì lớp dân cư không có ai ở đó (flag area_weighted).",
        "en": "In {count} villages coverage is weighted by area, since the raster of people holds nobody there (flag area_weighted).",
    },
    "area_weighted": {
        "vi": "Tỷ lệ phủ sóng tính theo diện tích, chưa theo nơi người dân ở; khoảng thấp, cao cho biết mức dao động.",
        "en": "Coverage is weighted by area, not by where people live; the low and high values show how much that matters.",
    },
    "need_unknown": {
        "vi": "{count} thôn ({people} người trong diện) chưa biết phủ sóng hoặc tỷ lệ sử dụng: không được tính khi chọn điểm đặt tổ, cần khảo sát.",
        "en": "Coverage or adoption is unknown in {count} villages ({people} eligible people): siting does not count them, a survey should.",
    },
    "suppressed": {
        "vi": "{count} thôn có số đếm quá nhỏ để công bố: tỷ lệ lấy từ các thôn khác trong xã (flag pooled).",
        "en": "{count} villages have counts too small to publish: their rate is pooled from the commune's other villages (flag pooled).",
    },
    "contradicted": {
        "vi": "{count} thôn có khai báo phủ sóng trái với số đo (flag contradicted).",
        "en": "In {count} villages measurements contradict the declared coverage (flag contradicted).",
    },
    "trust": {
        "vi": "Xác suất dùng được sóng coi: {told}. Các tỷ lệ này là đầu vào của kế hoạch, không học từ số liệu ở đây; mức báo nhầm của công bố lấy từ nơi khác (62 % lượt đo đạt mức đã công bố).",
        "en": "The chance of usable signal takes: {told}. These rates are inputs of the plan, not learnt from these data; that of claims comes from elsewhere (62 % of drive tests met what was declared).",
    },
    "trust_of": {
        "vi": "{source} đúng {hit} khi có sóng, báo nhầm {false}",
        "en": "{source}: signal told of in {hit} of places with it, and in {false} of those without",
    },
    "doubtful": {
        "vi": "{count} thôn được công bố có sóng nhưng đáng ngờ (xác suất dưới {limit}), khoảng {people} người trong diện; xem bảng doubtful.",
        "en": "{count} villages are declared covered but doubtful (chance below {limit}), about {people} eligible people; see the table doubtful.",
    },
    "by_model": {
        "vi": "“{indicator}”: {count} thôn không có số liệu được ước lượng bằng mô hình ({model}), học từ {villages} thôn của {communes} xã. Sai số trên xã chưa thấy {error} điểm phần trăm, so với {mean} nếu lấy trung bình {of} (flag model_rate).",
        "en": "'{indicator}': {count} villages without a figure are estimated by a model ({model}) learnt from {villages} villages of {communes} communes. Its error in communes it has not seen is {error} percentage points, against {mean} for the mean of {of} (flag model_rate).",
    },
    "by_mean": {
        "vi": "“{indicator}”: {count} thôn không có số liệu lấy trung bình của xã (flag commune_mean){why}.",
        "en": "'{indicator}': {count} villages without a figure got the mean of their commune (flag commune_mean){why}.",
    },
    "no_mean": {
        "vi": "“{indicator}”: {count} thôn ở các xã không có số liệu nào vẫn chưa có tỷ lệ; tổng chính thức (total) của lớp, nếu có, chưa được giữ.",
        "en": "'{indicator}': {count} villages in communes without any figure have no rate; an official total of the layer, where there is one, is not kept.",
    },
    "no_model": {
        "vi": ", vì quá ít thôn, xã có số liệu để học một mô hình",
        "en": ", since too few villages and communes have a figure to learn a model from",
    },
    "not_better": {
        "vi": ", vì mô hình không hơn trung bình trên xã chưa thấy: sai số {error} so với {mean} điểm phần trăm",
        "en": ", since no model did better in communes it had not seen: its error is {error}, the mean's {mean} percentage points",
    },
    "unmatched": {
        "vi": "{count} phản ánh nêu nhà mạng mà không lớp phủ sóng nào nói tới: chỉ tính vào trụ cột tiếng nói người dân.",
        "en": "{count} reports name an operator of whom no coverage layer speaks: they count in the pillar of citizens' voice alone.",
    },
    "rounds": {
        "vi": "Trong {weeks} tuần các tổ phản ứng nhanh làm {visits} lượt ở {villages} thôn cho {people} người; {left} người ở {left_villages} thôn chưa xếp được (unvisited.parquet).",
        "en": "In {weeks} weeks the rapid-response teams make {visits} visits to {villages} villages for {people} people; {left} people in {left_villages} villages get none or too few (unvisited.parquet).",
    },
    "backup": {
        "vi": "{twice} trong {reached} người tới được tổ còn tới được một tổ thứ hai, khi một tổ nghỉ hay chuyển đi.",
        "en": "{twice} of the {reached} people who reach a team reach a second one too, should one be ill or moved.",
    },
    "any_team": {
        "vi": "Nếu mất bất kỳ một trong {teams} tổ, các tổ khác xếp lại: nhiều nhất {most} người mất phục vụ ({name}), trung bình {mean}.",
        "en": "Should any one of the {teams} teams be lost and the others be placed again: at most {most} people lose their service ({name}), {mean} on average.",
    },
    "no_capacity": {
        "vi": "Kế hoạch không đặt giới hạn số người một tổ phục vụ được (people_per_team_week): một tổ có thể được giao nhiều hơn sức làm.",
        "en": "The plan does not limit the people a team can serve (people_per_team_week): a team may be given more than it can do.",
    },
    "total_not_held": {
        "vi": "{layer}: tổng chính thức là {total}, số công bố cộng lại là {published}: tỷ lệ gộp thay cho số đếm quá nhỏ nên không khớp hẳn.",
        "en": "{layer}: the official total is {total}, what is published adds to {published}: pooled rates stand for counts too small to publish.",
    },
    "worst_tenth": {
        "vi": "Nhóm {share} thôn kém nhất gồm {count} thôn với khoảng {people} người; chỉ {sure} thôn chắc chắn thuộc nhóm này (từ 90 % số lần rút lại).",
        "en": "The worst {share} are {count} villages with about {people} people; only {sure} of the villages are sure to be among them (in 90 % of the draws or more).",
    },
    "bands": {
        "vi": "{count} trong {all} thôn có khoảng hạng quá rộng: nên đọc rank_band thay cho hạng.",
        "en": "{count} of {all} villages have a rank interval too wide for a single rank: read rank_band instead.",
    },
    "time_limit": {
        "vi": "Việc chọn điểm đặt tổ dừng ở giới hạn thời gian; khoảng cách tới cận là {gap}.",
        "en": "The choice of sites stopped at its time limit; its gap to the bound is {gap}.",
    },
    "set_aside": {
        "vi": "{count} dòng của lớp {layer} bị để riêng, không dùng; xem báo cáo chất lượng.",
        "en": "{count} rows of {layer} were set aside and not used; see the quality report.",
    },
    "stale": {
        "vi": "Lớp {layer} đã cũ: {value} (flag stale).",
        "en": "Layer {layer} is older than the plan allows: {value} (flag stale).",
    },
    "remarks": {
        "vi": "Khi đọc dữ liệu có {count} lưu ý khác; `planner check` liệt kê từng dòng.",
        "en": "There are {count} further remarks on the inputs; `planner check` lists each of them.",
    },
    "campaigns": {
        "vi": "Số tài khoản phản ánh các đợt vận động, không chỉ nhu cầu; điểm số không dùng để xếp loại cán bộ hay cắt hỗ trợ.",
        "en": "Adoption counts follow campaigns, not need alone; the score is not for judging staff or withdrawing support.",
    },
}


def say(key: str, language: Language, **values: object) -> str:
    """Return one sentence of this module in a language."""
    return _TEXT[key][language].format(**values)


def of_layers(layers: Sequence[Layer], language: Language) -> list[str]:
    """Return what is to be said of the inputs: which are generated, which lost rows."""
    found = []
    generated = sorted({layer.record.layer for layer in layers if layer.record.synthetic})
    if generated:
        found.append(say("synthetic", language, layers=", ".join(generated)))
    found += [
        say("set_aside", language, count=number(len(layer.set_aside), language), layer=layer.record.layer)
        for layer in layers
        if len(layer.set_aside)
    ]
    return found


def of_issues(issues: Sequence[Issue], language: Language) -> list[str]:
    """Return what is to be said of the remarks on inputs that did not stop the run."""
    stale = [i for i in issues if i.code == "stale"]
    # a remark on single counts may be on one that is too small to publish: the quality report tells it, nothing else does
    others = [i for i in issues if i.severity == "warning" and i.code not in {"stale", "more_than_people"}]
    found = [say("stale", language, layer=i.layer, value=i.value) for i in stale]
    if others:
        found.append(say("remarks", language, count=number(len(others), language)))
    return found


def of_villages(villages: pd.DataFrame, language: Language) -> list[str]:
    """Return what is to be said of the villages: unknown need, suppressed counts, contradictions."""
    found = []
    unknown = villages[villages["need_people"].isna()]
    if len(unknown):
        people = number(float(unknown["eligible_people"].sum()), language)
        found.append(say("need_unknown", language, count=number(len(unknown), language), people=people))
    by_area = int(villages["flags"].map(lambda flags: "area_weighted" in flags).sum())
    if by_area and by_area * 2 >= len(villages):
        found.append(say("area_weighted", language))
    elif by_area:
        found.append(say("area_weighted_in_part", language, count=number(by_area, language)))
    kinds = (("suppressed", "pooled"), ("contradicted", "contradicted"), ("few_tests", "few_tests"))
    for key, flag in kinds:
        count = int(villages["flags"].map(lambda flags, name=flag: name in flags).sum())
        if count:
            found.append(say(key, language, count=number(count, language)))
    return found


def of_rate_models(models: Mapping[str, RateModel], language: Language) -> list[str]:
    """Return how villages without a figure got their rates, with the errors that decided it."""
    found = []
    for name, model in sorted(models.items()):
        indicator = words.say(words.INDICATOR, name, language)
        for used, error, mean, of in (
            (model.within_used, model.within_error, model.within_mean_error, "commune"),
            (model.beyond_used, model.beyond_error, model.beyond_mean_error, "province"),
        ):
            if used and model.by_model_villages:
                found.append(
                    say(
                        "by_model",
                        language,
                        indicator=indicator,
                        count=number(model.by_model_villages, language),
                        model=words.say(words.RATE_MODEL, model.model, language),
                        villages=number(model.villages, language),
                        communes=number(model.communes, language),
                        error=_points(error, language),
                        mean=_points(mean, language),
                        of=words.say(words.MEAN_OF, of, language),
                    )
                )
                break
        by_mean = model.estimated_villages - model.by_model_villages
        if by_mean:
            why = say("no_model", language)
            if model.within_error is not None:
                ours, theirs = _points(model.within_error, language), _points(model.within_mean_error, language)
                why = say("not_better", language, error=ours, mean=theirs)
            found.append(say("by_mean", language, indicator=indicator, count=number(by_mean, language), why=why))
        if model.unknown_villages:
            count = number(model.unknown_villages, language)
            found.append(say("no_mean", language, indicator=indicator, count=count))
    return found


def _points(value: float | None, language: Language) -> str:
    """Return a share as percentage points with one decimal."""
    return decimal(round(100 * (value or 0.0), 1), language)


def of_signal(
    doubtful: pd.DataFrame,
    language: Language,
    *,
    trust: Mapping[str, tuple[float, float]],
    evidence: Evidence,
    unmatched: int,
) -> list[str]:
    """Return which rates the chance of usable signal rests on, and how many claims are doubtful.

    Parameters
    ----------
    doubtful : DataFrame
        `products.DOUBTFUL`.
    language : {"vi", "en"}
    trust : mapping
        Kind of evidence, or ``reports``, to its hit rate and false alarm rate; empty where nothing is said of signal.
    evidence : Evidence
        Of the plan.
    unmatched : int
        Reports on operators of whom no coverage layer speaks.
    """
    if not trust:
        return []
    told = [
        say(
            "trust_of",
            language,
            source=words.say(words.SOURCE, source, language),
            hit=share(hit, language),
            false=share(false, language),
        )
        for source, (hit, false) in trust.items()
    ]
    found = [say("trust", language, told="; ".join(told))]
    ours = doubtful[(doubtful["operator"] == ANY_OPERATOR) & (doubtful["technology"] == evidence.technology)]
    if len(ours):
        people = number(float(ours["eligible_people"].sum()), language)
        limit = share(evidence.doubtful_below, language)
        found.append(say("doubtful", language, count=number(len(ours), language), limit=limit, people=people))
    if unmatched:
        found.append(say("unmatched", language, count=number(unmatched, language)))
    return found


def of_totals(villages: pd.DataFrame, totals: Mapping[str, int], language: Language) -> list[str]:
    """Return which official totals of adopters what is published does not add to, to the person.

    Parameters
    ----------
    villages : DataFrame
        ``eligible_people`` and ``<indicator>_rate``.
    totals : mapping
        Indicator to official adopters, people.
    language : {"vi", "en"}
    """
    found = []
    for name, total in sorted(totals.items()):
        rate = villages[f"{name}_rate"].astype("float64")
        published = float((rate * villages["eligible_people"].astype("float64")).sum())
        if rate.notna().all() and abs(published - total) > 0.5 + 1e-6 * total:
            numbers = {"total": number(total, language), "published": number(published, language)}
            found.append(say("total_not_held", language, layer=name, **numbers))
    return found


def of_draws(villages: pd.DataFrame, language: Language, *, worst_share: float) -> list[str]:
    """Return how many people live in the worst villages, and how many ranks say little; nothing without draws."""
    if "worst_tenth_probability" not in villages or villages["worst_tenth_probability"].isna().all():
        return []
    chance = villages["worst_tenth_probability"]
    worst = say(
        "worst_tenth",
        language,
        share=f"{100 * worst_share:g} %",
        count=number(float(chance.sum()), language),
        people=number(float((chance * villages["population_people"].astype("float64")).sum()), language),
        sure=number(float((chance >= uncertainty.SURE).sum()), language),
    )
    wide = int(villages["rank_band"].notna().sum())
    ranked = number(float(chance.notna().sum()), language)
    return [worst, *([say("bands", language, count=number(wide, language), all=ranked)] if wide else [])]


def of_plan(plan: SitingPlan, language: Language, *, capacity: float | None) -> list[str]:
    """Return what is to be said of the deployment: a search cut short, teams without a `capacity` in people."""
    found = []
    if plan.status == "time_limit":
        found.append(say("time_limit", language, gap=share(plan.gap, language)))
    if plan.model == "backup_cover":
        twice, reached = (number(people, language) for people in (plan.backup_people, plan.objective_people))
        found.append(say("backup", language, twice=twice, reached=reached))
    if capacity is None:
        found.append(say("no_capacity", language))
    return found


def of_losses(sites: pd.DataFrame, language: Language) -> list[str]:
    """Return what the loss of any one team costs, where every open site says so."""
    opened = sites[~sites["status"].isin(["closed", "moved"])]
    lost = opened["loss_if_dropped_people"].astype("float64")
    if lost.empty or lost.isna().any():
        return []
    worst = opened.iloc[int(lost.to_numpy().argmax())]
    name = worst["name"] if isinstance(worst["name"], str) and worst["name"] else worst["site_id"]
    figures = {"teams": float(len(opened)), "most": float(lost.max()), "mean": float(lost.mean())}
    return [say("any_team", language, name=str(name), **{key: number(v, language) for key, v in figures.items()})]


def of_rounds(stops: pd.DataFrame, unvisited: pd.DataFrame, language: Language, *, rounds: Rounds) -> list[str]:
    """Return what the rounds of rapid-response teams do within their weeks, and how many people they leave out."""
    figures = {
        "visits": len(stops),
        "villages": stops["unit_id"].nunique(),
        "people": stops["people"].sum(),
        "left": unvisited["people"].sum(),
        "left_villages": len(unvisited),
    }
    said = {name: number(float(value), language) for name, value in figures.items()}
    return [say("rounds", language, weeks=rounds.weeks, **said)]


def of_flags(flags: Collection[str], language: Language, *, travel: Travel) -> list[str]:
    """Return the sentences behind flags that hold for a whole publication."""
    found = []
    if "approximate_boundary" in flags:
        found.append(say("approximate", language))
    if "straight_line" in flags:
        factor, kmh = decimal(travel.detour_factor, language), decimal(travel.straight_line_kmh, language)
        found.append(say("straight_line", language, factor=factor, kmh=kmh))
    if "roads_only" in flags:
        found.append(say("roads_only", language, kmh=decimal(travel.offroad_kmh, language)))
    found += [say(flag, language) for flag in ("wet_season", "given_minutes") if flag in flags]
    return found
