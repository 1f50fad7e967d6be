"""What is published can be read back, and what is damaged says so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import geopandas as gpd
import pytest

from planner import products
from planner.errors import PublicationError, UnknownIdError
from planner.products import CURRENT, FOUR, MANIFEST, TABLES, Publication, current_id, open_publication
from tests.tiny_publication import INDICATORS, PILLARS, publish_tiny


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    publish_tiny(folder)
    return folder


@pytest.fixture
def own(tmp_path):
    """A publication that a test may damage."""
    publish_tiny(tmp_path)
    return tmp_path


def test_a_folder_of_publications_opens_the_one_in_force(published):
    assert open_publication(published).path == published / current_id(published)
    assert open_publication(str(published / current_id(published))).manifest.language == "vi"


def test_nothing_published_is_a_sentence(tmp_path):
    with pytest.raises(PublicationError, match="nothing is published here"):
        open_publication(tmp_path)
    with pytest.raises(PublicationError, match="nothing is published here"):
        open_publication(tmp_path / "none")


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a\\b", ".staging-1"])
def test_current_names_a_folder_beside_it_or_nothing(tmp_path, name):
    (tmp_path / CURRENT).write_text(name)
    with pytest.raises(PublicationError, match="names no publication"):
        current_id(tmp_path)


def test_current_may_name_what_is_gone(own):
    (own / CURRENT).write_text("20990101T000000Z-00000000\n")
    with pytest.raises(PublicationError, match="not a publication"):
        open_publication(own)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"id": 3}', "\xff"])
def test_a_damaged_manifest_is_a_sentence(own, text):
    folder = own / current_id(own)
    (folder / MANIFEST).write_bytes(text.encode("latin-1"))
    with pytest.raises(PublicationError, match="damaged manifest"):
        open_publication(folder)


def test_damaged_and_missing_files_are_named(own):
    publication = open_publication(own)
    assert publication.damaged_files() == []
    (publication.path / "villages.csv").write_bytes(b"x")
    (publication.path / "maps" / "need.html").unlink()
    assert publication.damaged_files() == ["maps/need.html", "villages.csv"]


@pytest.mark.parametrize("name", TABLES)
def test_tables_have_the_contract_columns(published, name):
    frame = open_publication(published).table(name)
    names = [c.name for c in products.expand(TABLES[name], indicators=INDICATORS, pillars=list(PILLARS))]
    assert list(frame.columns)[: len(names)] == names
    assert isinstance(frame, gpd.GeoDataFrame) == (name in products.GEOGRAPHIC_TABLES)


def test_an_unknown_table_is_named(published):
    with pytest.raises(PublicationError, match="no table 'routes'"):
        open_publication(published).table("routes")
    with pytest.raises(PublicationError, match=re.escape("no table '../villages'")):
        open_publication(published).table("../villages")


def test_people_are_conserved(published):
    publication = open_publication(published)
    villages = publication.villages
    assert (villages[list(FOUR)].sum(axis=1) == villages["eligible_people"]).all()
    for column in ("population_people", "eligible_people", *FOUR):
        sums = villages.groupby("commune_id")[column].sum()
        assert list(sums) == list(publication.communes[column]), column


def test_one_village(published):
    publication = open_publication(published)
    assert publication.village("v12")["coverage_status"] == "partial"
    with pytest.raises(UnknownIdError, match="no village 'v99'"):
        publication.village("v99")


def test_context_is_empty_where_there_is_none(own):
    publication = open_publication(own)
    assert len(publication.context("places")) == 1
    (publication.path / products.CONTEXT).unlink()
    empty = Publication(publication.path).context("places")
    assert len(empty) == 0
    assert empty.crs == "EPSG:4326"
    with pytest.raises(PublicationError, match="no context layer 'rivers'"):
        publication.context("rivers")


def test_expand_puts_names_for_the_star():
    names = [c.name for c in products.expand(products.VILLAGES, indicators=["a", "b"], pillars=["p"])]
    assert not any("*" in n for n in names)
    assert len(names) == len(set(names))
    assert {"a_rate", "b_rate", "a_status", "b_status", "contribution_p"} <= set(names)
    assert products.expand(products.COVERAGE, indicators=["a"], pillars=["p"]) == list(products.COVERAGE)


def test_manifest_ignores_what_a_later_version_adds(own):
    path = own / current_id(own) / MANIFEST
    data = json.loads(path.read_bytes()) | {"later": 1}
    path.write_text(json.dumps(data), encoding="utf-8")
    assert open_publication(Path(own)).manifest.title


def test_a_publication_says_which_tables_it_has(own):
    publication = open_publication(own)
    assert all(publication.has(name) for name in (*TABLES, "sensitivity"))
    (publication.path / "sensitivity.parquet").unlink()
    assert not publication.has("sensitivity")
    assert not publication.has("../villages")


def test_a_workspace_instead_of_its_publications_is_told_with_them(tmp_path):
    publish_tiny(tmp_path / "published")
    with pytest.raises(PublicationError, match=re.escape(f"did you mean {tmp_path / 'published'}?")):
        open_publication(tmp_path)
