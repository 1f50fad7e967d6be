"""A whole small publication, made by hand on the tiny world and written by `planner.publish`.

Sixteen villages of tests/tiny_world.py with numbers that a person can check: each status, class and flag of the
contract stands somewhere in it (see `VILLAGES`), and one village has a hostile name.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import LineString, Point

from planner.products import FOUR, InputEntry, Manifest, Publication, Solver
from planner.publish import publication_id, stage
from tests import tiny_world

HOSTILE_NAME = "<img src=x onerror=alert(1)>\"'"
INDICATORS = ["vneid_activated", "vneid_issued"]
PILLARS = {"connectivity": 1.0, "adoption": 1.0, "access": 1.0}
CUTOFF_MINUTES = 120.0
REACH_MINUTES = 30.0

# unit_id: covered share, its status, activated rate, its status, minutes to the standing team, their status,
# class, response. Eligible people are 800 of 1,000 (24 of 30 in v33).
VILLAGES: dict[str, tuple[Any, ...]] = {
    "v00": (1.0, "covered", 0.80, "observed", 0.0, "reached", "served", "none"),
    "v01": (1.0, "covered", 0.80, "observed", 6.0, "reached", "served", "none"),
    "v02": (1.0, "covered", 0.60, "observed", 12.0, "reached", "skills_gap", "community_team"),
    "v03": (1.0, "covered", 0.60, "estimated", 18.0, "reached", "skills_gap", "community_team"),
    "v10": (1.0, "covered", 0.80, "observed", 6.0, "reached", "served", "none"),
    "v11": (1.0, "covered", 0.80, "smoothed", 12.0, "reached", "served", "none"),
    "v12": (0.5, "partial", 0.60, "observed", 18.0, "reached", "weak_spot", "operator_request"),
    "v13": (0.0, "not_covered", 0.60, "observed", 24.0, "reached", "white_spot", "operator_request"),
    "v20": (1.0, "covered", 0.40, "observed", 12.0, "reached", "skills_gap", "community_team"),
    "v21": (1.0, "covered", 0.80, "observed", 45.0, "reached", "access_gap", "rapid_response_visit"),
    "v22": (None, "unknown", 0.20, "observed", 24.0, "reached", "unknown", "survey"),
    "v23": (0.0, "not_covered", 0.20, "observed", None, "unreachable", "white_spot", "operator_request"),
    "v30": (1.0, "covered", 0.40, "observed", None, "beyond_cutoff", "several", "community_team"),
    "v31": (1.0, "covered", None, "unknown", 24.0, "reached", "unknown", "survey"),
    "v32": (0.5, "partial", 0.20, "observed", None, "unknown", "weak_spot", "operator_request"),
    "v33": (0.0, "not_covered", 0.20, "suppressed", None, "unreachable", "white_spot", "operator_request"),
}
FLAGS: dict[str, list[str]] = {
    "v03": ["commune_rate"],
    "v12": ["area_weighted", "contradicted"],
    "v13": ["synthetic"],
    "v22": ["stale"],
    "v23": ["area_weighted"],
    "v30": ["merged_points", "population_spread"],
    "v32": ["coarse_catchment"],
    "v33": ["pooled"],
}
CAPACITY_PEOPLE = 1600.0
SITES = {
    "t1": ("v00", "existing", "community"),
    "v20": ("v20", "new", "community"),
    "v13": ("v13", "new", "rapid_response"),
}
DETOURS = {("v21", "t1"): 45.0, ("v30", "t1"): None}
CUT_OFF = {"v23", "v32", "v33"}
ASSIGNED = {
    "v00": ("t1", 0.0), "v01": ("t1", 6.0), "v02": ("t1", 12.0), "v10": ("t1", 6.0), "v11": ("t1", 12.0),
    "v03": ("v13", 6.0), "v12": ("v13", 6.0), "v13": ("v13", 0.0), "v20": ("v20", 0.0), "v21": ("v20", 6.0),
    "v30": ("v20", 6.0), "v31": ("v20", 12.0),
}  # fmt: skip


USABLE = {"covered": 0.62, "partial": 0.35, "not_covered": 0.11, "unknown": None}
"""Chance of usable signal by coverage status: one claim, of the whole village, of half of it, of none of it."""


def _people(eligible: int, covered: float | None, rate: float | None) -> dict[str, int | None]:
    """The split of domain.md with r = 1; where something is unknown nobody is sorted without a reason."""
    adopted = 0 if rate is None else round(rate * eligible)
    without = None if covered is None else round((1 - covered) * eligible)
    rest = eligible - adopted
    if covered is None or rate is None:
        people = (adopted, 0, 0, rest)
        return dict(zip(FOUR, people, strict=True)) | {"without_signal_people": without, "need_people": None}
    not_adopted = round(covered * rest)
    people = (adopted, not_adopted, rest - not_adopted, 0)
    return dict(zip(FOUR, people, strict=True)) | {"without_signal_people": without, "need_people": not_adopted}


def _contributions(
    covered: float | None, rate: float | None, minutes: float | None, status: str
) -> dict[str, float | None]:
    """Points per pillar: shares as they are, minutes over the cutoff; missing ones renormalise the rest."""
    worst = {"unreachable": CUTOFF_MINUTES, "beyond_cutoff": CUTOFF_MINUTES, "unknown": None}
    reached = worst.get(status, minutes)
    norm = {
        "connectivity": None if covered is None else 1 - covered,
        "adoption": None if rate is None else 1 - rate,
        "access": None if reached is None else reached / CUTOFF_MINUTES,
    }
    known = [n for n in norm.values() if n is not None]
    return {f"contribution_{p}": None if n is None else 100 * n / len(known) for p, n in norm.items()}


def _village(unit_id: str) -> dict[str, Any]:
    covered, status, rate, rate_status, minutes, support, need_class, response = VILLAGES[unit_id]
    eligible = 24 if unit_id == "v33" else 800
    site, assigned = ASSIGNED.get(unit_id, (None, None))
    points = _contributions(covered, rate, minutes, support)
    return {
        "unit_id": unit_id,
        "name": HOSTILE_NAME if unit_id == "v21" else f"Thôn {unit_id[1:]}",
        "commune_id": f"k{int(unit_id[1]) // 2}{int(unit_id[2]) // 2}",
        "commune_name": f"Xã {int(unit_id[1]) // 2}{int(unit_id[2]) // 2}",
        "data_date": "2025-07-01",
        "population_people": 30 if unit_id == "v33" else 1000,
        "eligible_people": eligible,
        "covered_share": covered,
        "covered_share_low": None if covered is None else max(0.0, covered - 0.1 * (status == "partial")),
        "covered_share_high": None if covered is None else min(1.0, covered + 0.1 * (status == "partial")),
        "coverage_status": status,
        "coverage_evidence": "unknown"
        if covered is None
        else {"v12": "mixed", "v13": "measured", "v23": "modelled"}.get(unit_id, "declared"),
        "usable_probability": USABLE[status],
        "usable_probability_low": USABLE[status],
        "usable_probability_high": None if USABLE[status] is None else min(1.0, USABLE[status] + 0.1),
        "negative_reports_per_1000": None if unit_id == "v33" else 5.0 * (unit_id == "v12"),
        "operators": [] if not covered else (["A", "B"] if unit_id in {"v00", "v01"} else ["A"]),
        "vneid_activated_rate": rate,
        "vneid_activated_rate_low": rate,
        "vneid_activated_rate_high": rate,
        "vneid_activated_status": rate_status,
        "vneid_issued_rate": None if rate is None else round(min(1.0, rate + 0.05), 10),
        "vneid_issued_rate_low": None if rate is None else round(min(1.0, rate + 0.05), 10),
        "vneid_issued_rate_high": None if rate is None else round(min(1.0, rate + 0.05), 10),
        "vneid_issued_status": rate_status,
        **_people(eligible, covered, rate),
        "support_minutes": minutes,
        "support_status": support,
        "support_reason": {"reached": None, "beyond_cutoff": "too_far", "unreachable": "cut_off"}.get(
            support, "no_position"
        ),
        "score": sum(v for v in points.values() if v is not None),
        "score_low": sum(v for v in points.values() if v is not None),
        "score_high": sum(v for v in points.values() if v is not None),
        "rank_band": None,
        "need_class_probability": None if need_class == "unknown" else 1.0,
        **points,
        "need_class": need_class,
        "response": response,
        "assigned_site_id": site,
        "assigned_minutes": assigned,
        "flags": FLAGS.get(unit_id, []),
    }


def villages() -> gpd.GeoDataFrame:
    """The published villages, EPSG:4326."""
    world = tiny_world.villages()
    frame = pd.DataFrame([_village(u) for u in world["unit_id"]])
    frame["rank"] = frame["score"].round(9).rank(ascending=False, method="min").astype("Int64")
    frame["rank_low"] = frame["rank_high"] = frame["rank"]
    frame["rank_method_low"] = frame["rank_method_high"] = frame["rank"]
    frame["worst_tenth_probability"] = (frame["rank"] <= 2).astype("float64")
    for part in ("not_adopted_people", "no_signal_people"):
        frame[f"{part}_low"] = frame[f"{part}_high"] = frame[part].where(frame["need_people"].notna())
    points = gpd.GeoSeries(gpd.points_from_xy(world["x_m"], world["y_m"]), crs=tiny_world.CRS).to_crs("EPSG:4326")
    frame["lon"], frame["lat"] = points.x, points.y
    return gpd.GeoDataFrame(frame, geometry=world.geometry.to_crs("EPSG:4326"))


def communes() -> gpd.GeoDataFrame:
    """The published communes: people summed, shares and score weighted by eligible people and need."""
    of = pd.DataFrame(villages()).groupby("commune_id", sort=True)
    ends = [f"{part}_people_{end}" for part in ("not_adopted", "no_signal") for end in ("low", "high")]
    people = ["population_people", "eligible_people", *FOUR, *ends, "without_signal_people", "need_people"]
    frame = of[people].sum().reset_index().rename(columns={"commune_id": "unit_id"})

    def mean(group: pd.DataFrame, column: str, weight: str) -> float:
        known = group[group[column].notna() & group[weight].notna()]
        return float((known[column] * known[weight]).sum() / known[weight].sum())

    for column in ("covered_share", "usable_probability", "vneid_activated_rate", "vneid_issued_rate"):
        frame[column] = [mean(g, column, "eligible_people") for _, g in of]
    frame["need_class"] = [g.groupby("need_class")["need_people"].sum().idxmax() for _, g in of]
    frame["served_people"] = [g.loc[g["assigned_site_id"].notna(), "need_people"].sum() for _, g in of]
    frame["served_share"] = frame["served_people"] / frame["need_people"]
    frame["score"] = [mean(g, "score", "need_people") for _, g in of]
    frame["rank"] = frame["score"].rank(ascending=False, method="min").astype("int64")
    world = tiny_world.communes()
    frame = frame.assign(name=world["name"], data_date="2025-07-01", villages=4)
    frame["flags"] = [[], ["contradicted", "synthetic"], ["merged_points"], ["pooled"]]
    inside = world.geometry.representative_point().to_crs("EPSG:4326")
    frame["lon"], frame["lat"] = inside.x, inside.y
    return gpd.GeoDataFrame(frame, geometry=world.geometry.to_crs("EPSG:4326"))


def assignments() -> gpd.GeoDataFrame:
    """Lines from village to site; none where the site is the village's own point."""
    places = villages().set_index("unit_id")
    rows, lines = [], []
    for unit_id, (site_id, minutes) in sorted(ASSIGNED.items()):
        a, b = places.loc[unit_id], places.loc[SITES[site_id][0]]
        rows.append((unit_id, site_id, minutes, 0 if pd.isna(a["need_people"]) else int(a["need_people"])))
        same = unit_id == SITES[site_id][0]
        lines.append(None if same else LineString([(a["lon"], a["lat"]), (b["lon"], b["lat"])]))
    frame = pd.DataFrame(rows, columns=["unit_id", "site_id", "minutes", "people"])
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(lines, crs="EPSG:4326"))


def sites() -> gpd.GeoDataFrame:
    """One standing team and two new ones."""
    places = villages().set_index("unit_id")
    reached = assignments().groupby("site_id")["people"].sum()
    order = {"v20": 1, "v13": 2}
    rows = [
        {
            "site_id": site_id,
            "unit_id": unit_id,
            "name": f"Tổ công nghệ số {unit_id}",
            "team_type": team_type,
            "teams": 1,
            "status": status,
            "people_reached": int(reached[site_id]),
            "loss_if_dropped_people": float(reached[site_id]),
            "loss_alone_people": float(reached[site_id]),
            "selection_frequency": 1.0 if status == "existing" else 0.4,
            "site_group": site_id,
            "group_frequency": 1.0,
            "certainty": "" if status == "existing" else "no_regret",
            "order": order.get(site_id),
            "capacity_people": CAPACITY_PEOPLE,
            "load_share": float(reached[site_id]) / CAPACITY_PEOPLE,
            "cost": None if status == "existing" else 15.0,
            "hours": "T2-T6 7:30-17:00" if status == "existing" else "",
            "contact": '=HYPERLINK("http://example.test")' if status == "existing" else "",
            "languages": ["ede", "vi"] if status == "existing" else [],
            "lat": places.loc[unit_id, "lat"],
            "lon": places.loc[unit_id, "lon"],
            "flags": ["synthetic"] if site_id == "v13" else [],
        }
        for site_id, (unit_id, status, team_type) in SITES.items()
    ]
    points = [Point(row["lon"], row["lat"]) for row in rows]
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=points, crs="EPSG:4326")


def coverage() -> pd.DataFrame:
    """Shares per operator and of `any`; v12 holds a contradiction of B, v22 is unknown."""
    rows = []
    for unit_id, (share, _, *_) in VILLAGES.items():
        b = 1.0 if unit_id[1] == "0" else 0.0
        own = share if unit_id[2] in "012" else 0.0
        rows += [(unit_id, operator, "declared", value) for operator, value in (("A", own), ("B", b), ("any", share))]
    rows += [("v12", "B", "measured", 0.5), ("v13", "A", "measured", 0.0), ("v23", "A", "modelled", 0.0)]
    frame = pd.DataFrame(rows, columns=["unit_id", "operator", "evidence", "share"])
    return frame.assign(
        technology="4G",
        share_low=frame["share"],
        share_high=frame["share"],
        usable_probability=frame["share"].map({0.0: 0.11, 0.5: 0.35, 1.0: 0.62}),
        usable_probability_low=frame["share"].map({0.0: 0.11, 0.5: 0.35, 1.0: 0.62}),
        usable_probability_high=frame["share"].map({0.0: 0.21, 0.5: 0.45, 1.0: 0.72}),
        data_date="2025-07-01",
        flags=[["synthetic"] if u == "v13" else [] for u in frame["unit_id"]],
    )


def team_minutes() -> pd.DataFrame:
    """Minutes to every site within the cutoff: six per village side along the streets, but for `DETOURS`."""
    rows = []
    for unit_id in VILLAGES:
        near = []
        for site_id, (place, _, _) in SITES.items():
            sides = abs(int(unit_id[1]) - int(place[1])) + abs(int(unit_id[2]) - int(place[2]))
            minutes = DETOURS.get((unit_id, site_id), 6.0 * sides)
            if minutes is not None and unit_id not in CUT_OFF:
                near.append((minutes, site_id))
        rows += [(unit_id, site_id, minutes, rank) for rank, (minutes, site_id) in enumerate(sorted(near), start=1)]
    return pd.DataFrame(rows, columns=["unit_id", "site_id", "minutes", "rank"])


def crosswalk() -> pd.DataFrame:
    """Three former communes: x1 went to k11 whole, x2 to k00 and k01, and the id k10 is in use again."""
    rows = [
        ("x1", "Xã cũ 1", "k11", 1.0, 1.0, 1.0),
        ("x2", "Xã cũ 2", "k00", 0.4, 0.25, 0.5),
        ("x2", "Xã cũ 2", "k01", 0.6, 0.5, 0.75),
        ("k10", "Xã cũ 3", "k11", 1.0, 1.0, 1.0),
    ]
    columns = ["old_id", "old_name", "commune_id", "population_share", "low", "high"]
    return pd.DataFrame(rows, columns=columns).assign(source="a law", date="2025-07-01")


def sensitivity() -> pd.DataFrame:
    """The weight of adoption decides most."""
    rows = [
        ("weight_adoption", 0.6, 0.5, 0.7, 0.7, 0.6, 0.8, 0.4, 0.9),
        ("normalisation", 0.2, 0.1, 0.3, 0.3, 0.2, 0.4, 0.1, 0.2),
    ]
    columns = [
        "factor",
        "first",
        "first_low",
        "first_high",
        "total",
        "total_low",
        "total_high",
        "alone_low",
        "alone_high",
    ]
    return pd.DataFrame(rows, columns=columns)


def village_types() -> pd.DataFrame:
    """Two types."""
    rows = [
        ("v00", 2, "better than the province in adoption", 0.95),
        ("v33", 1, "worse than the province in access", 0.95),
    ]
    return pd.DataFrame(rows, columns=["unit_id", "type", "words", "stability"])


def hot_spots() -> pd.DataFrame:
    """One of each."""
    rows = [("v00", -3.0, 0.0002, "cold"), ("v12", 0.1, 0.9, "none"), ("v33", 3.0, 0.0002, "hot")]
    return pd.DataFrame(rows, columns=["unit_id", "g_z", "p", "spot"])


def actions() -> pd.DataFrame:
    """Every new site is a step of the action plan."""
    new = sites()
    new = new[new["status"] == "new"].sort_values("order")
    found = pd.DataFrame(new[["site_id", "unit_id", "name", "team_type", "teams", "people_reached", "cost"]])
    found["loss_if_dropped_people"] = new["loss_if_dropped_people"]
    found["wave"] = pd.array([1] * len(found), dtype="Int64")
    found["step"], found["action"], found["certainty"] = range(1, len(found) + 1), "open", ""
    found["commune_id"], found["commune_name"] = "k11", "Xã k11"
    found["people_new"], found["villages"] = 0, 1
    found["why"], found["asked_by"], found["asked_reason"] = "Vì xa", "UBND", "=chợ"
    return found


def explanations() -> pd.DataFrame:
    """Every village but the best compares itself with v00; v33 would leave the worst tenth with a team half as far."""
    rows = pd.DataFrame([_village(unit_id) for unit_id in VILLAGES]).set_index("unit_id", drop=False)
    rows = rows[rows["score"].notna()]
    found = pd.DataFrame({"unit_id": rows["unit_id"]})
    found["better_unit_id"] = pd.Series("v00", rows.index).where(rows["score"] > rows.loc["v00", "score"])
    found["better_km"] = pd.Series(2.5, rows.index).where(found["better_unit_id"].notna())
    for pillar in PILLARS:
        difference = rows[f"contribution_{pillar}"] - rows.loc["v00", f"contribution_{pillar}"]
        found[f"difference_{pillar}"] = difference.astype("float64").where(found["better_unit_id"].notna())
    moved = rows["unit_id"] == "v33"
    found["way_out"] = (
        pd.Series("not_needed", rows.index).mask(moved, "one_indicator").mask(rows["unit_id"] == "v23", "none_alone")
    )
    found["way_out_indicator"] = pd.Series("support_minutes", rows.index).where(moved)
    found["way_out_unit"] = pd.Series("minutes", rows.index).where(moved)
    found["way_out_from"] = pd.Series(CUTOFF_MINUTES, rows.index).where(moved)
    found["way_out_to"] = pd.Series(60.0, rows.index).where(moved)
    return found.reset_index(drop=True)


def curve() -> pd.DataFrame:
    """People reached by 0, 1 and 2 added teams."""
    reached = sites().set_index("site_id")["people_reached"].astype("float64")
    total = float(reached.sum())
    today = float(reached[sites().set_index("site_id")["status"] == "existing"].sum())
    rows = [(0, today, today, today, ""), (1, total - 1, total, total - 2, "yes"), (2, total, total, total - 1, "")]
    return pd.DataFrame(rows, columns=["teams_added", "people_reached", "bound", "greedy_people", "knee"])


def evidence() -> pd.DataFrame:
    """A claim, a measurement that decides in its place, and reports that name no operator."""
    rows = [
        ("v00", "A", "4G", "declared", 0.49, "yes"),
        ("v12", "A", "4G", "declared", -0.1, "no"),
        ("v12", "A", "4G", "measured", -2.5, "yes"),
        ("v12", "any", "4G", "reports", -1.7, "yes"),
    ]
    return pd.DataFrame(rows, columns=["unit_id", "operator", "technology", "source", "log_odds", "counted"])


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    places = pd.DataFrame(villages()).set_index("unit_id")[["name", "commune_id", "commune_name"]]
    return frame.join(places, on="unit_id")


def doubtful() -> pd.DataFrame:
    """Three claims: one report more settles the first, none the second, the third is settled."""
    rows = [("v00", "A", 0.4, 1), ("v01", "A", 0.3, None), ("v01", "any", 0.2, 0)]
    frame = pd.DataFrame(rows, columns=["unit_id", "operator", "usable_probability", "negative_reports_needed"])
    low, high = frame["usable_probability"] - 0.1, frame["usable_probability"] + 0.1
    frame = frame.assign(usable_probability_low=low, usable_probability_high=high, eligible_people=800)
    return _named(frame.assign(technology="4G", declared_share=1.0))


def operator_requests() -> pd.DataFrame:
    """Both operators are asked in v12 and v13."""
    rows = [("v12", "A", 0.5, 400), ("v12", "B", 0.0, 400), ("v13", "A", 0.0, 800), ("v13", "B", None, 800)]
    frame = pd.DataFrame(rows, columns=["unit_id", "operator", "covered_share", "first_signal_people"])
    own = pd.array([400, 800, 800, None], dtype="Int64")
    return _named(frame.assign(technology="4G", own_signal_people=own))


def context() -> dict[str, gpd.GeoDataFrame]:
    """What maps draw behind: outline, one road, one place and the islands."""
    outline = gpd.GeoDataFrame(
        {"name": ["Tỉnh thử"]}, geometry=[tiny_world.square(0, 0, rows=4, columns=4)], crs=tiny_world.CRS
    )
    x, y, side = tiny_world.X0, tiny_world.Y0, tiny_world.SIDE_M
    road = LineString([(x, y + side / 2), (x + 4 * side, y + side / 2)])
    roads = gpd.GeoDataFrame({"road_class": ["national"]}, geometry=[road], crs=tiny_world.CRS)
    place = Point(x + 2 * side, y + 2 * side)
    places = gpd.GeoDataFrame({"name": ["Thị trấn thử"]}, geometry=[place], crs=tiny_world.CRS)
    islands = gpd.GeoDataFrame(
        {"name": ["Quần đảo Hoàng Sa (Việt Nam)", "Quần đảo Trường Sa (Việt Nam)"]},
        geometry=[Point(112.0, 16.5), Point(114.0, 10.0)],
        crs="EPSG:4326",
    )
    layers = {"outline": outline, "roads": roads, "places": places, "islands": islands}
    return {name: frame.to_crs("EPSG:4326") for name, frame in layers.items()}


def manifest(*, now: str, publication: str) -> Manifest:
    """The manifest without its files."""
    served = assignments()["people"].sum()
    need = pd.DataFrame(villages())["need_people"].sum()
    return Manifest(
        id=publication,
        title="Tỉnh thử <b>&",
        language="vi",
        now=now,
        data_date="2025-07-01",
        seed=1,
        plan={"plan": {"title": "Tỉnh thử <b>&"}, "privacy": {"min_people": 20}, "deploy": {"reach_minutes": 30.0}},
        versions={"planner": "0.1.0"},
        indicators=INDICATORS,
        pillars=PILLARS,
        inputs=_inputs(),
        counts={"villages": 16, "communes": 4, "sites": 3, "population_people": 15030, "need_people": float(need)},
        flags=["area_weighted", "pooled", "straight_line", "synthetic"],
        warnings=["v22: coverage is unknown"],
        not_computed=["curve", "rounds"],
        solver=Solver(
            model="max_cover",
            status="optimal",
            solver="by hand",
            objective_people=float(served),
            bound_people=float(served),
            gap=0.0,
            greedy_people=float(served),
            today_people=float(served) / 2,
            unserved_people=float(need - served),
            new_teams=2,
            reach_minutes=REACH_MINUTES,
            objective=float(served),
            bound_objective=float(served),
            greedy_objective=float(served),
        ),
    )


def _inputs() -> list[InputEntry]:
    rows = (("communes", 4, False), ("villages", 16, False), ("population", 16, False), ("coverage.a", 2, True))
    return [
        InputEntry(
            layer=layer,
            file=f"inputs/{layer}.csv",
            sha256="0" * 64,
            title=f"Layer {layer}",
            producer="Tests",
            licence="CC0-1.0",
            data_date="2025-07-01",
            rows_read=n,
            rows_kept=n,
            synthetic=synthetic,
        )
        for layer, n, synthetic in rows
    ]


TABLES = {
    "villages": villages,
    "communes": communes,
    "sites": sites,
    "assignments": assignments,
    "coverage": coverage,
    "team_minutes": team_minutes,
    "explanations": explanations,
    "curve": curve,
    "evidence": evidence,
    "doubtful": doubtful,
    "operator_requests": operator_requests,
}


def rounds() -> pd.DataFrame:
    """A rapid-response team visits the village that no fixed team reaches."""
    return pd.DataFrame(
        {
            "site_id": ["r1", "r1"],
            "team": [1, 1],
            "week": [1, 2],
            "day": [1, 1],
            "stop": [1, 1],
            "unit_id": ["v23", "v23"],
            "arrive": ["08:30", "08:30"],
            "leave": ["11:30", "11:30"],
            "people": [36, 36],
        }
    )


def unvisited() -> pd.DataFrame:
    """Whom its rounds leave out."""
    return pd.DataFrame(
        {"unit_id": ["v23", "v32"], "site_id": ["r1", None], "people": [10, 20], "reason": ["no_time", "no_way"]}
    )


def scenarios() -> pd.DataFrame:
    """The plan beside one scenario with a team less and one that has no plan."""
    shared = {
        "model": "max_cover",
        "moved": 0,
        "closed": 0,
        "need_people": 3000.0,
        "unknown_people": 100.0,
        "unit": "people",
    }
    return pd.DataFrame(
        [
            {"number": 0, **shared, "teams": 2, "same_sites": 2, "today_people": 500.0, "people_reached": 2000.0,
             "unserved_people": 1000.0, "objective": 2000.0, "bound": 2100.0, "gap": 0.05},
            {"number": 1, "scenario": "one_team", **shared, "teams": 1, "same_sites": 1, "today_people": 500.0,
             "people_reached": 1500.0, "unserved_people": 1500.0, "objective": 1500.0, "bound": 1500.0, "gap": 0.0,
             "cost": 12.5},
            {"number": 2, "scenario": HOSTILE_NAME, "refused": "teams = 0 is too few"},
        ]
    )  # fmt: skip


def fairness() -> pd.DataFrame:
    """Two turns of the dial."""
    rows = [(0.0, 20.0, 20.0, 60.0, 2000.0, 0.0, ""), (1.0, 21.0, 27.5, 45.0, 1950.0, 0.004, "yes")]
    columns = ["aversion", "mean_minutes", "fair_minutes", "longest_minutes", "people_reached", "gap", "chosen"]
    return pd.DataFrame(rows, columns=columns)


def _new_sites() -> pd.DataFrame:
    every = sites()
    return every.loc[every["status"] == "new", ["site_id", "unit_id"]].reset_index(drop=True)


def waves() -> pd.DataFrame:
    """All new sites open in the first wave."""
    return _new_sites().assign(wave=1, people_reached=2000.0, bound=2100.0, need_left_people=2500.5)


def alternatives() -> pd.DataFrame:
    """One other plan with the same sites."""
    return _new_sites().assign(number=1, shared="yes", people_reached=1990.0, worse_share=0.005)


OPTIONAL_TABLES = {
    "fairness": fairness,
    "waves": waves,
    "alternatives": alternatives,
    "crosswalk": crosswalk,
    "rounds": rounds,
    "unvisited": unvisited,
    "actions": actions,
    "scenarios": scenarios,
    "sensitivity": sensitivity,
    "village_types": village_types,
    "hot_spots": hot_spots,
}


def publish_tiny(folder: Path, *, now: str = "2026-01-01T00:00:00Z") -> Publication:
    """Write the publication under `folder` (a ``published/`` folder), put it in force and return it."""
    time = dt.datetime.fromisoformat(now)
    name = publication_id(now=time, inputs=_inputs(), plan={"tiny": True}, seed=1, code_version="test")
    with stage(folder, header=manifest(now=now, publication=name)) as staging:
        for table, make in {**TABLES, **OPTIONAL_TABLES}.items():
            staging.write_table(table, make())
        for layer, frame in context().items():
            staging.write_context(layer, frame)
        staging.write_text("maps/need.html", "<!doctype html><title>need</title>\n")
        return Publication(staging.commit())
