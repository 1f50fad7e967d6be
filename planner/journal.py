"""What the last run of a plan was made from, so that the next one can say beforehand what it will compute, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from planner.digest import digest
from planner.stages import CODE, Outlook, Stages
from planner.store import Store

Record = Mapping[str, Any]

_STATES: Final = {"kept": "keep", "compute": "compute", "perhaps": "perhaps"}


def remember(store: Store, plan: Path, known: Stages) -> None:
    """Write down what the stages of a plan took, and what its files held.

    Parameters
    ----------
    store : Store
    plan : Path
        The plan file; each has one record.
    known : Stages
        All computed.
    """
    text = json.dumps({"taken": known.taken(), "sources": known.given("sources")}, ensure_ascii=False)
    store.write_note(_key(plan), text)


def recall(store: Store, plan: Path) -> Record | None:
    """Return what `remember` wrote of a plan; None where nothing can be read."""
    text = store.note(_key(plan))
    try:
        found = json.loads(text or "")
    except ValueError:
        return None
    return found if isinstance(found, dict) and found.keys() >= {"taken", "sources"} else None


def sentences(known: Stages, before: Record | None, *, titles: Mapping[str, str]) -> list[str]:
    """Say of every stage what a run would do: ``keep``, ``compute`` or ``perhaps``, and why.

    Parameters
    ----------
    known : Stages
        Of the plan as it is now; nothing is computed.
    before : mapping, optional
        `recall`.
    titles : mapping
        Stage to what people call it; empty for one that only passes on what was read.
    """
    outlook = known.outlook({} if before is None else before["taken"])
    return [_sentence(one, known, before, titles) for one in outlook]


def _key(plan: Path) -> str:
    return f"plan-{digest(str(plan.resolve()))}"


def _sentence(one: Outlook, known: Stages, before: Record | None, titles: Mapping[str, str]) -> str:
    head = f"{_STATES[one.state]:<8} {titles[one.name]}"
    if one.state == "kept":
        return head
    if before is None:
        return f"{head}: this plan was not run here before"
    reasons = dict.fromkeys(reason for name in one.changed for reason in _reasons(name, known, before, titles))
    return f"{head}: {'; '.join(reasons) or 'it is not kept between runs'}"


def _reasons(name: str, known: Stages, before: Record, titles: Mapping[str, str]) -> list[str]:
    if name == "sources":
        return _files(known.given("sources"), before["sources"])
    if name in titles:
        return [f"it stands on {titles[name] or 'what was read'}"]
    said = {
        CODE: "the product's code or libraries changed",
        "seed": "another seed",
        "day": "another day",
        "plan": "the plan changed",
    }
    said["reach_minutes"] = "deploy.reach_minutes changed"
    said["plan_reading"] = "the plan's layers or [needs] changed"
    return [said.get(name, f"[{name.removeprefix('plan_')}] of the plan changed")]


def _files(now: Mapping[str, Mapping[str, str]], before: Mapping[str, Mapping[str, str]]) -> list[str]:
    found = []
    for key in sorted(now.keys() | before.keys()):
        new, old = now.get(key, {}), before.get(key, {})
        found += [f"{name} changed" for name in sorted(new.keys() | old.keys()) if new.get(name) != old.get(name)]
    return list(dict.fromkeys(found))
