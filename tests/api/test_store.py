from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import shutil

import pytest

from api import snapshot as snapshots
from api.errors import ProblemError
from api.settings import Settings
from api.snapshot import TABLES
from api.store import Store
from planner.errors import PublicationError
from planner.products import CURRENT, MANIFEST


@pytest.fixture
def store(published):
    found = Store(Settings(published=published))
    found.open()
    return found


def look(store):
    asyncio.run(store.refresh())


def test_a_new_publication_takes_over(store, publish_later, tiny):
    before = store.current()
    later = publish_later()
    assert store.current() is before  # nothing moves until it is looked at
    look(store)
    assert store.current().id == later.manifest.id
    assert before.id == tiny.manifest.id
    assert before.villages["v00"]["name"] == "Thôn 00"  # who holds the old one keeps it


DAMAGED = [
    (name, damage)
    for name in [*(f"{t}.parquet" for t in TABLES), "maps/need.html", MANIFEST]
    for damage in ("absent", "shorter", "other")
]


@pytest.mark.parametrize("case", DAMAGED, ids="-".join)
def test_a_damaged_publication_is_refused_and_the_old_one_stays(store, publish_later, tiny, case, caplog):
    name, damage = case
    later = publish_later()
    file = later.path / name
    content = file.read_bytes()
    file.unlink()
    if damage == "shorter":
        file.write_bytes(content[: len(content) // 2])
    elif damage == "other":
        file.write_bytes(b"\0" + content[1:])
    with caplog.at_level(logging.ERROR, logger="planner.api"):
        look(store)
        look(store)
    assert store.current().id == tiny.manifest.id
    assert store.refusal.id == later.path.name
    assert len([r for r in caplog.records if "refused" in r.message]) == 1  # logged once, not every second


def test_a_table_that_checksums_well_but_is_none_is_refused(store, publish_later, tiny):
    later = publish_later()
    (later.path / "coverage.parquet").write_bytes(b"no parquet")
    manifest = json.loads((later.path / MANIFEST).read_text())
    for entry in manifest["files"]:
        if entry["path"] == "coverage.parquet":
            entry["sha256"] = hashlib.sha256(b"no parquet").hexdigest()
    (later.path / MANIFEST).write_text(json.dumps(manifest))
    look(store)
    assert store.current().id == tiny.manifest.id
    assert "cannot be read" in store.refusal.reason


@pytest.mark.parametrize("path", ["../../outside.txt", "/etc/passwd", "maps/../../x"])
def test_a_manifest_that_leads_outside_is_refused(published, tiny, path):
    folder = published / tiny.manifest.id
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"].append({"path": path, "sha256": "0" * 64})
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(PublicationError, match="outside"):
        snapshots.load(folder)


def test_a_link_that_leads_outside_is_refused(published, tiny):
    folder = published / tiny.manifest.id
    moved = published.parent / "need.html"
    shutil.move(folder / "maps" / "need.html", moved)
    (folder / "maps" / "need.html").symlink_to(moved)
    with pytest.raises(PublicationError, match="outside"):
        snapshots.load(folder)


def test_a_publication_of_before_a_table_was_thought_of_is_served(published, tiny):
    folder = published / tiny.manifest.id
    manifest = json.loads((folder / MANIFEST).read_text())
    kept = [f"{table}.parquet" for table in TABLES]
    manifest["files"] = [entry for entry in manifest["files"] if entry["path"] in kept]
    (folder / MANIFEST).write_text(json.dumps(manifest))
    for file in folder.glob("*.parquet"):
        if file.name not in kept:
            file.unlink()
    assert snapshots.load(folder).id == tiny.manifest.id


def test_a_folder_under_another_name_is_refused(published, tiny):
    other = published / "20300101T000000Z-00000000"
    shutil.copytree(published / tiny.manifest.id, other)
    with pytest.raises(PublicationError, match="manifest is that of"):
        snapshots.load(other)


@pytest.mark.parametrize("text", ["", "..", "../x", "a/b", "\0", "absent", "x" * 300, "."])
def test_whatever_current_says_the_old_one_stays(store, published, tiny, text):
    (published / CURRENT).write_text(text)
    look(store)
    assert store.current().id == tiny.manifest.id
    assert store.refusal is not None


def test_when_current_vanishes_and_returns_all_is_well_again(store, published, tiny):
    (published / CURRENT).unlink()
    look(store)
    assert store.refusal is not None
    (published / CURRENT).write_text(tiny.manifest.id)
    look(store)
    assert store.refusal is None


def test_a_refused_publication_is_tried_again_after_a_while(published, publish_later, tiny):
    store = Store(Settings(published=published, retry_seconds=1e-9))
    store.open()
    later = publish_later()
    file = later.path / "maps" / "need.html"
    content = file.read_bytes()
    file.write_bytes(b"half")
    look(store)
    assert store.current().id == tiny.manifest.id
    file.write_bytes(content)
    look(store)
    assert store.current().id == later.manifest.id


def test_a_rollback_is_a_switch_like_any_other(store, published, publish_later, tiny):
    later = publish_later()
    look(store)
    (published / CURRENT).write_text(tiny.manifest.id)
    look(store)
    assert store.current().id == tiny.manifest.id != later.manifest.id


def test_an_older_publication_is_read_once_even_in_a_rush(published, publish_later, tiny, monkeypatch):
    publish_later()
    store = Store(Settings(published=published))
    store.open()
    loads = []
    load = snapshots.load
    monkeypatch.setattr(snapshots, "load", lambda folder, **options: loads.append(folder) or load(folder, **options))

    async def rush():
        return await asyncio.gather(*(store.get(tiny.manifest.id) for _ in range(10)))

    found = asyncio.run(rush())
    assert len(loads) == 1
    assert all(one is found[0] for one in found)


def renamed(published, tiny, name):
    """Publish the tiny publication once more under another id."""
    folder = shutil.copytree(published / tiny.manifest.id, published / name)
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, "id": name}))
    return name


def test_only_so_many_older_ones_are_kept(published, tiny):
    ids = [renamed(published, tiny, f"2026030{day}T000000Z-00000000") for day in (1, 2, 3)]
    store = Store(Settings(published=published, older_publications=1))
    store.open()

    async def ask():
        for one in ids:
            assert (await store.get(one)).id == one
        return len(store._older)

    assert asyncio.run(ask()) == 1


@pytest.mark.parametrize("name", ["..", "../published", "a/b", "", ".staging", "x" * 200, "a\0b"])
def test_ids_that_are_none_are_unknown(store, name):
    with pytest.raises(ProblemError, match="no publication"):
        asyncio.run(store.get(name))


def test_a_damaged_older_publication_is_an_error_not_an_answer(published, publish_later, tiny):
    publish_later()
    (published / tiny.manifest.id / "maps" / "need.html").write_bytes(b"half")
    store = Store(Settings(published=published))
    store.open()
    with pytest.raises(PublicationError):
        asyncio.run(store.get(tiny.manifest.id))


def test_watching_survives_a_failing_look(published, tiny, monkeypatch, caplog):
    store = Store(Settings(published=published, poll_seconds=0.001))
    store.open()
    calls = []
    enough = asyncio.Event()
    loop: asyncio.AbstractEventLoop | None = None

    def fail():
        calls.append(1)
        if len(calls) == 3:
            loop.call_soon_threadsafe(enough.set)
        message = "the disk is on fire"
        raise OSError(message)

    monkeypatch.setattr(store, "_look", fail)

    async def watch():
        nonlocal loop
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(store.watch())
        await enough.wait()
        task.cancel()

    with caplog.at_level(logging.ERROR, logger="planner.api"):
        asyncio.run(watch())
    assert store.current().id == tiny.manifest.id
