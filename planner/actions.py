"""What a plan asks to be done, one row per step: what, where, for how many, at what cost, why there, who asked."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from planner.sections.deploy import Lock
from planner.written import decimal, number

Language = Literal["vi", "en"]

STEPS: Final[dict[str, str]] = {"new": "open", "upgraded": "upgrade", "moved": "move_away", "closed": "close"}
"""What is done at a site of each status."""

_TEXT: Final[dict[str, dict[Language, str]]] = {
    "open": {
        "vi": "Phục vụ {reached} người cần hỗ trợ ở {villages} thôn; {new} người trong số đó hiện không có tổ nào trong {minutes} phút.",
        "en": "Serves {reached} people in need in {villages} villages; {new} of them have no team within {minutes} minutes today.",
    },
    "base": {
        "vi": "Tổ cơ động đóng ở đây đi đến {villages} thôn, phục vụ {reached} người cần hỗ trợ; {new} người trong số đó hiện không có tổ cố định nào trong {minutes} phút.",
        "en": "A mobile team based here travels to {villages} villages and serves {reached} people in need; {new} of them have no fixed team within {minutes} minutes today.",
    },
    "upgrade": {
        "vi": "Tổ hiện có không đủ sức: thêm tổ thì phục vụ được {reached} người ở {villages} thôn.",
        "en": "The team that stands cannot do it alone: with more teams {reached} people in {villages} villages are served.",
    },
    "move_away": {
        "vi": "Tổ ở đây phục vụ được nhiều người hơn ở điểm khác.",
        "en": "The team here serves more people elsewhere.",
    },
    "close": {
        "vi": "Kinh phí tiết kiệm được phục vụ nhiều người hơn ở điểm khác.",
        "en": "What closing saves serves more people elsewhere.",
    },
    "lost": {
        "vi": " Bỏ điểm này mất {lost} người, dù đã xếp lại các tổ khác.",
        "en": " Without it {lost} people are lost, even when the others are placed again.",
    },
    "asked": {"vi": " Do {by} đề nghị: {reason}.", "en": " Asked for by {by}: {reason}."},
}


def actions(
    sites: pd.DataFrame,
    assignments: pd.DataFrame,
    villages: pd.DataFrame,
    *,
    locked_in: Sequence[Lock],
    reach_minutes: float,
    language: Language,
    waves: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return `products.ACTIONS`; where the plan has waves, in their order.

    Parameters
    ----------
    sites : DataFrame
        `products.SITES`.
    assignments : DataFrame
        `products.ASSIGNMENTS`.
    villages : DataFrame
        ``unit_id``, ``commune_id``, ``commune_name``, ``need_people``, ``support_minutes``.
    locked_in : sequence of Lock
        Sites that somebody asked for.
    reach_minutes : float
        How far a team reaches.
    language : {"vi", "en"}
        Of the reasons.
    waves : DataFrame, optional
        `products.WAVES`.
    """
    changed = sites[sites["status"].isin(STEPS)]
    rank = changed["status"].map({name: k for k, name in enumerate(STEPS)})
    opens = {} if waves is None else dict(zip(waves["site_id"], waves["wave"], strict=True))
    wave = changed["site_id"].map(opens).astype("Int64")
    order = np.lexsort((changed["site_id"], changed["order"].fillna(0), wave.fillna(0), rank))
    changed, wave = changed.iloc[order].reset_index(drop=True), wave.iloc[order].reset_index(drop=True)
    by_unit = villages.set_index("unit_id")
    served = assignments.join(by_unit[["support_minutes"]], on="unit_id")
    today = served["support_minutes"].to_numpy(dtype=np.float64, na_value=np.nan) <= reach_minutes
    new = served["people"].where(~today, 0).groupby(served["site_id"]).sum()
    count = served.groupby("site_id")["unit_id"].nunique()
    certainty = changed["certainty"] if "certainty" in changed else pd.Series("", changed.index)
    found = pd.DataFrame(
        {
            "step": np.arange(1, len(changed) + 1),
            "wave": wave,
            "action": changed["status"].map(STEPS),
            **{name: changed[name] for name in ("site_id", "unit_id", "name")},
            "commune_id": changed["unit_id"].map(by_unit["commune_id"]),
            "commune_name": changed["unit_id"].map(by_unit["commune_name"]),
            "team_type": changed["team_type"],
            "teams": changed["teams"],
            "people_reached": changed["people_reached"],
            "people_new": changed["site_id"].map(new).fillna(0).astype("Int64"),
            "villages": changed["site_id"].map(count).fillna(0).astype("Int64"),
            "cost": changed["cost"],
            "loss_if_dropped_people": changed["loss_if_dropped_people"],
            "certainty": certainty,
        }
    )
    asked = {lock.site_id: lock for lock in locked_in}
    found["why"] = [why(row, asked.get(row["site_id"]), reach_minutes, language) for row in found.to_dict("records")]
    found["asked_by"] = [asked[i].by if i in asked else "" for i in found["site_id"]]
    found["asked_reason"] = [asked[i].reason if i in asked else "" for i in found["site_id"]]
    return found


def why(row: Mapping[Hashable, Any], lock: Lock | None, reach_minutes: float, language: Language) -> str:
    """Return the reason for one step as a sentence."""
    mobile = row["team_type"] == "rapid_response" and row["action"] == "open"
    text = _TEXT["base" if mobile else str(row["action"])][language].format(
        reached=number(row["people_reached"], language),
        villages=number(row["villages"], language),
        new=number(row["people_new"], language),
        minutes=decimal(reach_minutes, language),
    )
    lost = row["loss_if_dropped_people"]
    if isinstance(lost, float) and lost >= 1:
        text += _TEXT["lost"][language].format(lost=number(lost, language))
    if lock is not None:
        text += _TEXT["asked"][language].format(by=lock.by, reason=lock.reason.rstrip("."))
    return text
