"""A stage is computed once, again only when something it takes has changed, and what is not asked for not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.progress import LogProgress
from planner.stages import Outlook, Stage, Stages
from planner.store import Store


class World:
    """Four stages over two numbers; remembers which ran."""

    def __init__(self, folder: Path | None) -> None:
        self.ran: list[str] = []
        self.store = None if folder is None else Store(folder)

    def double(self, base: int) -> int:
        self.ran.append("double")
        return base * 2

    def parity(self, double: int) -> int:
        self.ran.append("parity")
        return double % 4

    def total(self, parity: int, weight: int) -> int:
        self.ran.append("total")
        return parity + weight

    def loud(self, double: int, bell: list[int]) -> None:
        self.ran.append("loud")
        bell.append(double)

    def stages(self, *, base: int = 3, weight: int = 10, code: str = "1", **tools: Any) -> Stages:
        listed = [
            Stage("double", self.double, "doubling", str, kept=True),
            Stage("parity", self.parity, by_content=True),
            Stage("total", self.total, "adding", str, kept=True),
            Stage("loud", self.loud),
        ]
        return Stages(
            listed, {"base": base, "weight": weight}, code=code, store=self.store, progress=LogProgress(), tools=tools
        )


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_stage_is_computed_once_and_others_not_at_all(world: World):
    known = world.stages()
    assert known.value("total") == 12
    assert known.value("total") == 12
    assert world.ran == ["double", "parity", "total"]


def test_the_next_run_finds_what_is_kept(world: World):
    world.stages().value("total")
    world.ran.clear()
    assert world.stages().value("total") == 12
    assert world.ran == []


def test_a_changed_weight_computes_nothing_upstream(world: World):
    world.stages().value("total")
    world.ran.clear()
    assert world.stages(weight=20).value("total") == 22
    assert world.ran == ["parity", "total"]  # `parity` is not kept: it is quicker to compute than to read


def test_what_comes_out_the_same_changes_nothing_downstream(world: World):
    world.stages(base=3).value("total")
    world.ran.clear()
    assert world.stages(base=5).value("total") == 12  # 6 and 10 leave the same rest
    assert world.ran == ["double", "parity"]


def test_new_code_computes_everything(world: World):
    world.stages().value("total")
    world.ran.clear()
    world.stages(code="2").value("total")
    assert world.ran == ["double", "parity", "total"]


def test_a_killed_run_resumes_where_it_was(world: World):
    world.stages().value("double")  # and then the power went
    world.ran.clear()
    assert world.stages().value("total") == 12
    assert world.ran == ["parity", "total"]


def test_tools_are_part_of_no_key(world: World):
    bell: list[int] = []
    known = world.stages(bell=bell)
    known.value("loud")
    assert bell == [6]
    assert known.key("loud") == world.stages(bell=[1]).key("loud")


def test_without_a_store_everything_still_works():
    bare = World(None)
    assert bare.stages().value("total") == 12
    assert bare.stages().value("total") == 12
    assert bare.ran == ["double", "parity", "total"] * 2


def test_what_failed_is_not_kept(world: World):
    def fail(base: int) -> int:
        raise ValueError(base)

    listed = [Stage("double", fail, kept=True)]
    known = Stages(listed, {"base": 3}, code="1", store=world.store, progress=LogProgress())
    with pytest.raises(ValueError, match="3"):
        known.value("double")
    assert world.stages().value("double") == 6


def test_the_outlook_computes_nothing_and_says_what_changed(world: World):
    before = world.stages()
    assert before.outlook({}) == [Outlook("double", "compute", ()), Outlook("total", "perhaps", ())]
    assert world.ran == []
    before.value("total")
    record = before.taken()
    world.ran.clear()
    assert world.stages().outlook(record) == [Outlook("double", "kept", ()), Outlook("total", "kept", ())]
    assert world.stages(weight=20).outlook(record) == [
        Outlook("double", "kept", ()),
        Outlook("total", "compute", ("weight",)),
    ]
    assert world.stages(base=5).outlook(record) == [
        Outlook("double", "compute", ("base",)),
        Outlook("total", "perhaps", ("parity",)),
    ]
    assert world.ran == []
