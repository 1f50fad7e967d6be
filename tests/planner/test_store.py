"""What is kept is found again whole, or not at all; a store that others may write to is not opened."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from planner import store
from planner.store import Store


def test_what_was_put_is_found(tmp_path: Path):
    kept = Store(tmp_path)
    kept.put("k", {"a": [1, 2]})
    found = kept.get("k")
    assert found is not None
    assert found.value == {"a": [1, 2]}
    assert kept.has("k")
    assert kept.get("other") is None


def test_none_is_a_result_like_any_other(tmp_path: Path):
    kept = Store(tmp_path)
    kept.put("k", None)
    found = kept.get("k")
    assert found is not None
    assert found.value is None


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: data[:40], lambda _: b"", lambda d: d[:-1] + b"\0"]
)
def test_a_damaged_file_is_as_good_as_absent_and_is_never_unpickled(tmp_path: Path, damage):
    kept = Store(tmp_path)
    kept.put("k", "value")
    file = tmp_path / f"k{store.SUFFIX}"
    file.write_bytes(damage(file.read_bytes()))
    assert kept.get("k") is None


def test_notes_are_kept(tmp_path: Path):
    kept = Store(tmp_path)
    assert kept.note("n") is None
    kept.write_note("n", "chữ")
    assert kept.note("n") == "chữ"


def test_a_full_disk_costs_only_the_time_to_compute_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    kept = Store(tmp_path)
    kept.put("k", 1)
    assert kept.get("k") is None
    assert list(tmp_path.iterdir()) == []


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path):
    kept = Store(tmp_path, limit_bytes=400)
    for age, key in enumerate("abc"):
        kept.put(key, b"x" * 100)
        os.utime(tmp_path / f"{key}{store.SUFFIX}", (1000 + age, 1000 + age))
    assert kept.get("a") is not None  # used just now: `b` is the oldest
    kept.prune()
    assert [kept.has(key) for key in "abc"] == [True, False, True]


def test_others_must_not_be_able_to_write(tmp_path: Path):
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    assert store.open_store(folder) is None
    folder.chmod(0o700)
    assert store.open_store(folder) is not None


def test_the_environment_says_where_and_empty_means_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PLANNER_CACHE", str(tmp_path / "here"))
    opened = store.open_store()
    assert opened is not None
    assert opened.folder == tmp_path / "here"
    monkeypatch.setenv("PLANNER_CACHE", "")
    assert store.open_store() is None
    monkeypatch.delenv("PLANNER_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert store.default_folder() == tmp_path / "service-coverage-planner"


def test_a_folder_that_cannot_be_made_keeps_nothing(tmp_path: Path):
    (tmp_path / "file").write_text("")
    assert store.open_store(tmp_path / "file" / "below") is None
