"""Pictures for reports: the same bytes each time, numbers as the maps write them, nothing that a name can break."""

from __future__ import annotations

import io

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.image import imread

from planner import maps
from planner.maps import figures, style
from planner.maps.drawing import prepare
from planner.maps.style import Scale
from planner.products import Publication
from tests.planner.maps.reading import changed

NAMES = list(maps.MAPS)


@pytest.fixture(scope="module")
def drawn(publication: Publication) -> dict[str, bytes]:
    return dict(maps.pictures(publication, NAMES))


def test_every_map_and_the_curve_are_pictures(drawn: dict[str, bytes]) -> None:
    names = [*NAMES, "curve", "tornado"]
    assert list(drawn) == [f"pictures/{name}.png" for name in names]
    for picture in drawn.values():
        assert imread(io.BytesIO(picture)).shape[:2] == (960, 1280)


def test_the_same_bytes_each_time_whatever_the_settings_of_the_machine(
    publication: Publication, drawn: dict[str, bytes]
) -> None:
    with mpl.rc_context({"font.size": 20, "savefig.facecolor": "red"}):
        again = dict(maps.pictures(publication, ["need"], drawing=prepare(publication)))
    assert again["pictures/need.png"] == drawn["pictures/need.png"]
    assert b"matplotlib" not in drawn["pictures/need.png"].lower()


def test_a_commune_without_a_score_is_hatched_not_pale(publication: Publication, drawn: dict[str, bytes]) -> None:
    communes = publication.communes.assign(score=publication.communes["score"].where([True, True, True, False]))
    other = dict(maps.pictures(changed(publication, communes=communes), ["need"]))["pictures/need.png"]
    assert other != drawn["pictures/need.png"]


def test_without_a_curve_there_is_no_picture_of_it(publication: Publication) -> None:
    few = changed(publication, curve=publication.curve.iloc[:1])
    assert list(dict(maps.pictures(few, []))) == ["pictures/tornado.png"]


def test_choices_of_method_are_said_in_words() -> None:
    say = style.words()["en"]
    assert figures.factor("weight_adoption", say) == f"weight: {say['pillar.adoption']}"
    assert figures.factor("normalisation", say) == "normalisation"
    assert figures.factor("unheard_of", say) == "unheard_of"


@pytest.mark.parametrize("title", ["$\\frac{1}{", "a" * 300, "<b> & \u202egnort"])
def test_a_hostile_title_is_text(publication: Publication, title: str) -> None:
    named = changed(publication, manifest=publication.manifest.model_copy(update={"title": title}))
    with np.errstate(all="raise"):
        assert dict(maps.pictures(named, ["need"]))["pictures/need.png"].startswith(b"\x89PNG")


def test_ranges_are_those_of_the_legend_of_the_maps() -> None:
    people = Scale("need_people", unit="people", bounds=[0.0, 1.0, 10.5, 20.0], colours=["a", "b", "c"])
    assert figures.ranges(people, "vi") == ["0", "1 – 10", "11 – 20"]
    assert figures.ranges(style.share_scale("covered_share", (0.0, 0.05, 1.0)), "vi") == ["0,0 – 5,0", "5,0 – 100,0"]
