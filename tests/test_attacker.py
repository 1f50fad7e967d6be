"""The attacker has every file of two successive publications and wants the count of a village that is too small to publish.

Two worlds differ in hidden counts alone. Whatever is published, in any file, is the same in both, so nothing published can
tell them apart; what the attacker's arithmetic recovers (totals less the others, contributions turned round, the difference
of two publications) is the commune's pooled rate. The one thing that differs is what names the input itself: its checksum,
and the publication's id that contains it.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path

import pandas as pd
import pyogrio
import pytest

from planner import compare, explain, pipeline, products
from planner.progress import LogProgress
from tests import tiny_world
from tests.test_flow import write_inputs

HIDDEN = "v33"
BESIDE = "v22"
WORLDS = {"a": ((3, 15), (11, 18)), "b": ((14, 300), (19, 38))}
"""Adopters and people of the hidden village in the first and the second publication of each world."""


def counts(hidden: tuple[int, int], *, step: int) -> pd.DataFrame:
    """Return the tiny world's counts, uneven, `step` more adopters in every village but the hidden one."""
    frame = tiny_world.adoption()[["unit_id", "numerator", "denominator"]].astype({"denominator": float})
    frame["numerator"] = (frame["numerator"] + pd.Series([-9.0, 4.0, 9.0, -4.0] * 4) + step).clip(20, 80)
    frame.loc[frame["unit_id"] == HIDDEN, ["numerator", "denominator"]] = [float(n) for n in hidden]
    return frame


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> dict[str, list[products.Publication]]:
    found: dict[str, list[products.Publication]] = {}
    for world, both in WORLDS.items():
        folder = tmp_path_factory.mktemp(world)
        write_inputs(folder)
        plan = folder / "plan.toml"
        plan.write_text(plan.read_text(encoding="utf-8") + "\n[uncertainty]\ndraws = 60\n", encoding="utf-8")
        found[world] = []
        for day, hidden in enumerate(both):
            counts(hidden, step=2 * day).to_csv(folder / "adoption.csv", index=False)
            now = dt.datetime(2026, 1, 2 + day, tzinfo=dt.UTC)
            path = pipeline.run(plan, out=None, now=now, seed=None, progress=LogProgress())
            found[world].append(products.open_publication(path))
    return found


def masked(text: str) -> str:
    """Return a text without what names the input: publication ids and checksums."""
    return re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{8}|\b[0-9a-f]{64}\b", "", text)


def content(path: Path) -> object:
    """Return what a file says, whatever its format."""
    if path.suffix == ".parquet":
        return path.read_bytes()
    if path.suffix == ".gpkg":
        layers = sorted(str(name) for name, _ in pyogrio.list_layers(path))
        return {name: masked(pyogrio.read_dataframe(path, layer=name).to_csv()) for name in layers}
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return {name: masked(book.read(name).decode()) for name in sorted(book.namelist())}
    return masked(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("day", [0, 1])
def test_no_file_tells_the_worlds_apart(published, day):
    one, two = (published[world][day].path for world in ("a", "b"))
    files = sorted(p.relative_to(one) for p in one.rglob("*") if p.is_file())
    assert files == sorted(p.relative_to(two) for p in two.rglob("*") if p.is_file())
    kinds = {f.suffix for f in files}
    assert {".parquet", ".gpkg", ".xlsx", ".csv", ".html", ".json"} <= kinds
    for file in files:
        assert content(one / file) == content(two / file), file


def test_nor_do_two_publications_side_by_side_nor_explanations(published):
    texts = [
        masked(compare.compare(*published[world]).as_text()) + masked(explain.explain(last, HIDDEN).as_text())
        for world in WORLDS
        for last in published[world][1:]
    ]
    assert texts[0] == texts[1]


def pooled(frame: pd.DataFrame, publication: products.Publication) -> float:
    """Return the rate of the commune's villages whose counts are published."""
    villages = publication.villages
    commune = villages.loc[villages["unit_id"] == HIDDEN, "commune_id"].iloc[0]
    shown = villages[(villages["commune_id"] == commune) & (villages["vneid_activated_status"] != "suppressed")]
    rows = frame[frame["unit_id"].isin(shown["unit_id"])]
    return float(rows["numerator"].sum() / rows["denominator"].sum())


@pytest.mark.parametrize("day", [0, 1])
def test_what_an_attacker_works_out_is_the_pooled_rate(published, day):
    publication = published["a"][day]
    expected = pooled(counts(WORLDS["a"][day], step=2 * day), publication)
    villages = publication.villages.set_index("unit_id", drop=False)
    row = villages.loc[HIDDEN]
    assert row["vneid_activated_status"] == villages.loc[BESIDE, "vneid_activated_status"] == "suppressed"
    assert row["vneid_activated_rate"] == pytest.approx(expected)
    # the commune's total less its other villages
    commune = publication.communes.set_index("unit_id").loc[row["commune_id"]]
    others = villages[(villages["commune_id"] == row["commune_id"]) & (villages["unit_id"] != HIDDEN)]
    left = commune["adopted_people"] - others["adopted_people"].sum()
    assert left == round(expected * row["eligible_people"])
    # the points of the pillar turned round: the place on the scale of what is published
    rates = 1.0 - villages["vneid_activated_rate"]
    weight = publication.manifest.pillars["adoption"]
    place = row["contribution_adoption"] / (100 * weight)
    assert 1.0 - (rates.min() + place * (rates.max() - rates.min())) == pytest.approx(expected)
    # and people are conserved all the same
    four = villages[list(products.FOUR)].sum(axis=1)
    assert (four == villages["eligible_people"]).all()


def test_the_difference_of_two_publications_is_that_of_the_pooled_rates(published):
    first, second = published["a"]
    before, after = (p.villages.set_index("unit_id").loc[HIDDEN, "vneid_activated_rate"] for p in (first, second))
    expected = [pooled(counts(WORLDS["a"][day], step=2 * day), published["a"][day]) for day in (0, 1)]
    assert after - before == pytest.approx(expected[1] - expected[0])
    assert after != before
