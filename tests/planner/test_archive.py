"""Publications over time: rolled back, pruned, never half there."""

from __future__ import annotations

import pytest

from planner import archive, cli
from planner.errors import BusyError, PublicationError, UnknownIdError
from planner.lock import FolderLock
from planner.products import current_id
from tests.tiny_publication import publish_tiny

TIMES = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z")


@pytest.fixture
def published(tmp_path):
    folder = tmp_path / "published"
    for now in TIMES:
        publish_tiny(folder, now=now)
    return folder


def test_rollback_goes_one_back_and_deletes_nothing(published):
    first, second, third = archive.publications(published)
    assert current_id(published) == third
    assert archive.rollback(published) == second
    assert current_id(published) == second
    assert archive.rollback(published) == first
    with pytest.raises(UnknownIdError, match="no publication before"):
        archive.rollback(published)
    assert archive.rollback(published, third) == third
    assert archive.publications(published) == [first, second, third]


def test_an_unknown_or_damaged_publication_is_refused_and_the_old_one_stays(published):
    _, second, third = archive.publications(published)
    with pytest.raises(UnknownIdError, match="there are"):
        archive.rollback(published, "../elsewhere")
    with (published / second / "villages.csv").open("a", encoding="utf-8") as stream:
        stream.write("x")
    with pytest.raises(PublicationError, match=r"villages\.csv"):
        archive.rollback(published, second)
    assert current_id(published) == third


def test_prune_keeps_the_newest_and_the_one_in_force(published):
    first, second, third = archive.publications(published)
    archive.rollback(published, first)
    (published / f"{archive.LEAVING}old").mkdir()
    assert archive.prune(published, keep=2) == [second]
    assert archive.publications(published) == [first, third]
    assert not list(published.glob(f"{archive.LEAVING}*"))
    assert archive.prune(published, keep=10) == []


def test_one_run_at_a_time(published):
    with FolderLock(published), pytest.raises(BusyError, match="another run works here"):
        archive.rollback(published)
    assert archive.rollback(published)


def test_the_command_prints_what_is_in_force(published, capsys):
    second = archive.publications(published)[1]
    assert cli.main(["rollback", str(published)]) == 0
    assert capsys.readouterr().out.strip() == second
    assert cli.main(["rollback", str(published), "20200101T000000Z-00000000"]) == 1
    assert "no publication" in capsys.readouterr().err


def test_an_absent_folder_has_no_publications(tmp_path):
    assert archive.publications(tmp_path / "absent") == []
