"""A publication is written whole or not at all; what is in force changes in one step."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from planner import publish
from planner.errors import BusyError, LimitError, PublicationError
from planner.lock import LOCK
from planner.products import CURRENT, MANIFEST, OPTIONAL_TABLES, TABLES, InputEntry, current_id, open_publication
from tests import tiny_publication
from tests.tiny_publication import INDICATORS, publish_tiny

ROOT = Path(__file__).resolve().parents[2]
NOW = "2026-01-01T00:00:00Z"
LATER = "2026-02-01T00:00:00Z"


def header(*, now: str = NOW, name: str = "20260101T000000Z-00000000"):
    return tiny_publication.manifest(now=now, publication=name)


def write_all(staging: publish.Staging) -> None:
    for table, make in tiny_publication.TABLES.items():
        staging.write_table(table, make())


def state(folder: Path) -> dict[str, str]:
    """Every file under `folder` with the digest of its bytes, the lock aside."""
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != LOCK
    }


def entry(layer: str, sha256: str) -> InputEntry:
    return InputEntry(layer=layer, file=f"{layer}.csv", sha256=sha256)


def make_id(**changed):
    given = {
        "now": dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
        "inputs": [entry("a", "1"), entry("b", "2")],
        "plan": {"x": 1, "y": 2},
        "seed": 1,
        "code_version": "0.1.0",
    }
    return publish.publication_id(**{**given, **changed})


def test_id_is_the_time_and_a_digest():
    parts = '{"code":"0.1.0","inputs":[["a","1"],["b","2"]],"plan":{"x":1,"y":2},"seed":1}'
    assert make_id() == f"20260102T030405Z-{hashlib.sha256(parts.encode()).hexdigest()[:8]}"


def test_id_ignores_order_and_zone():
    hanoi = dt.timezone(dt.timedelta(hours=7))
    assert make_id(inputs=[entry("b", "2"), entry("a", "1")]) == make_id()
    assert make_id(plan={"y": 2, "x": 1}) == make_id()
    assert make_id(now=dt.datetime(2026, 1, 2, 10, 4, 5, tzinfo=hanoi)) == make_id()


@pytest.mark.parametrize(
    "changed",
    [
        {"seed": 2},
        {"plan": {"x": 2, "y": 2}},
        {"code_version": "0.1.1"},
        {"inputs": [entry("a", "1"), entry("b", "3")]},
    ],
)
def test_id_changes_with_all_that_decides_the_numbers(changed):
    assert make_id(**changed) != make_id()


def test_time_needs_an_offset():
    assert publish.utc_text(dt.datetime(2026, 1, 1, tzinfo=dt.UTC)) == NOW
    with pytest.raises(ValueError, match="offset"):
        publish.utc_text(dt.datetime(2026, 1, 1))  # noqa: DTZ001 - the fault under test


def test_publication_is_whole(tmp_path):
    publication = publish_tiny(tmp_path / "published")
    names = {e.path for e in publication.manifest.files}
    assert names == {
        *(f"{t}.parquet" for t in (*TABLES, *OPTIONAL_TABLES)),
        "context.gpkg",
        "maps/need.html",
        "plan.gpkg",
        "plan.xlsx",
        "villages.csv",
    }
    assert publication.damaged_files() == []
    assert current_id(tmp_path / "published") == publication.path.name == publication.manifest.id
    found = {p.name for p in (tmp_path / "published").iterdir()}
    assert found == {LOCK, CURRENT, publication.path.name}


def test_same_inputs_give_the_same_bytes(tmp_path):
    one, two = publish_tiny(tmp_path / "one"), publish_tiny(tmp_path / "two")
    assert one.path.name == two.path.name
    assert state(one.path) == state(two.path)


def test_a_later_publication_leaves_the_earlier_as_it_was(tmp_path):
    first = publish_tiny(tmp_path)
    before = state(first.path)
    second = publish_tiny(tmp_path, now=LATER)
    assert state(first.path) == before
    assert current_id(tmp_path) == second.path.name != first.path.name


def test_same_id_is_verified_and_kept(tmp_path):
    first = publish_tiny(tmp_path)
    publish_tiny(tmp_path, now=LATER)
    inode = (first.path / "villages.parquet").stat().st_ino
    again = publish_tiny(tmp_path)
    assert (again.path / "villages.parquet").stat().st_ino == inode
    assert current_id(tmp_path) == first.path.name


def test_same_id_damaged_is_refused(tmp_path):
    first = publish_tiny(tmp_path)
    second = publish_tiny(tmp_path, now=LATER)
    (first.path / "villages.csv").write_text("other")
    with pytest.raises(PublicationError, match=r"damaged \(villages\.csv\)"):
        publish_tiny(tmp_path)
    assert current_id(tmp_path) == second.path.name


def other_results(folder: Path, *, status: str) -> Path:
    name = publish_tiny(folder).path.name
    solver = header().solver.model_copy(update={"status": status})
    given = header(name=name).model_copy(update={"solver": solver})
    with publish.stage(folder, header=given) as staging:
        write_all(staging)
        staging.write_text("maps/need.html", "another")
        return staging.commit()


def test_same_id_with_other_results_is_refused(tmp_path):
    with pytest.raises(PublicationError, match=r"other files now.*maps/need\.html"):
        other_results(tmp_path, status="optimal")
    assert "another" not in (open_publication(tmp_path).path / "maps" / "need.html").read_text()


def test_same_id_kept_where_the_clock_ended_the_search(tmp_path):
    found = other_results(tmp_path, status="time_limit")
    assert "another" not in (found / "maps" / "need.html").read_text()


def test_commit_needs_every_table(tmp_path):
    with publish.stage(tmp_path, header=header()) as staging:
        *written, (missing, _) = tiny_publication.TABLES.items()
        for table, make in written:
            staging.write_table(table, make())
        with pytest.raises(PublicationError, match=f"{missing} not written"):
            staging.commit()
    assert state(tmp_path) == {}


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, PublicationError])
def test_an_error_inside_leaves_nothing(tmp_path, error):
    first = publish_tiny(tmp_path)
    before = state(tmp_path)

    def interrupted() -> None:
        with publish.stage(tmp_path, header=header(now=LATER, name="20260201T000000Z-00000000")) as staging:
            write_all(staging)
            raise error

    with pytest.raises(error):
        interrupted()
    assert state(tmp_path) == before
    assert current_id(tmp_path) == first.path.name


def test_leaving_without_commit_publishes_nothing(tmp_path):
    with publish.stage(tmp_path, header=header()) as staging:
        write_all(staging)
    assert state(tmp_path) == {}


def test_maps_are_drawn_from_the_staging_folder(tmp_path):
    with publish.stage(tmp_path, header=header()) as staging:
        write_all(staging)
        seen = staging.publication()
        assert seen.manifest.title == header().title
        assert seen.manifest.files == []
        assert len(seen.villages) == 16
        staging.write_text("maps/need.html", f"<title>{len(seen.sites)}</title>")
        final = staging.commit()
    assert (final / "maps" / "need.html").read_text() == "<title>3</title>"


@pytest.mark.parametrize("path", ["../evil.html", "maps/../../evil.html", "/tmp/evil.html", ".", ""])  # noqa: S108 - a path that is refused
def test_text_stays_inside(tmp_path, path):
    with (
        publish.stage(tmp_path, header=header()) as staging,
        pytest.raises(PublicationError, match="not a file inside"),
    ):
        staging.write_text(path, "x")


def test_text_is_written_as_given(tmp_path):
    with publish.stage(tmp_path, header=header()) as staging:
        staging.write_text("maps/print/k00.html", "Đắk Lắk\n")
        assert (staging.path / "maps" / "print" / "k00.html").read_bytes() == "Đắk Lắk\n".encode()


def test_context_is_checked(tmp_path):
    with publish.stage(tmp_path, header=header()) as staging:
        with pytest.raises(PublicationError, match="no context layer 'rivers'"):
            staging.write_context("rivers", tiny_publication.context()["roads"])
        with pytest.raises(PublicationError, match="must be in EPSG:4326"):
            staging.write_context("roads", tiny_publication.context()["roads"].to_crs("EPSG:32649"))


def test_context_keeps_its_rows(tmp_path):
    publication = publish_tiny(tmp_path)
    assert list(publication.context("islands")["name"]) == [
        "Quần đảo Hoàng Sa (Việt Nam)",
        "Quần đảo Trường Sa (Việt Nam)",
    ]
    assert list(publication.context("roads")["road_class"]) == ["national"]


def test_a_second_run_is_told_to_wait(tmp_path):
    other = header(now=LATER, name="20260201T000000Z-00000000")
    with publish.stage(tmp_path, header=header()) as staging:
        with (
            pytest.raises(BusyError, match=f"another run works here .process {os.getpid()}."),
            publish.stage(tmp_path, header=other),
        ):
            pass
        assert staging.path.is_dir()
    with publish.stage(tmp_path, header=other):
        pass


def test_leftovers_of_the_dead_are_swept_and_the_living_spared(tmp_path):
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    dead = tmp_path / f".staging-20250101T000000Z-aaaaaaaa-{int(ended.stdout)}"
    living = tmp_path / f".staging-20250101T000000Z-bbbbbbbb-{os.getppid()}"
    beside = tmp_path / f".current-{int(ended.stdout)}"
    for folder in (dead, living):
        folder.mkdir()
        (folder / "x").write_text("x")
    beside.write_text("half")
    foreign = tmp_path / "notes-12"
    foreign.mkdir()
    with publish.stage(tmp_path, header=header()):
        assert not dead.exists()
        assert not beside.exists()
    assert living.is_dir()
    assert foreign.is_dir()


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from planner import publish
    from tests import tiny_publication

    published, when = Path(sys.argv[1]), sys.argv[2]
    original = getattr(publish, when)

    def stop(*given, **named):
        print("here", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(publish, when, stop)
    tiny_publication.publish_tiny(published, now="2026-02-01T00:00:00Z")
"""


@pytest.mark.parametrize("when", ["_sha256", "_sync", "switch", "_about"])
def test_a_killed_run_leaves_current_as_it_was(tmp_path, when):
    first = publish_tiny(tmp_path)
    before = state(first.path)
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path), when], cwd=ROOT, capture_output=True, check=False
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert current_id(tmp_path) == first.path.name
    assert state(first.path) == before
    assert first.damaged_files() == []
    second = publish_tiny(tmp_path, now=LATER)
    assert current_id(tmp_path) == second.path.name
    assert second.damaged_files() == []
    assert not list(tmp_path.glob(".staging-*"))


FULL = """
    import resource, signal, sys
    from pathlib import Path
    from planner import exports
    from planner.errors import PlanningError
    from tests import tiny_publication

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    original = getattr(exports, sys.argv[2])

    def full(*given, **named):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
        original(*given, **named)

    setattr(exports, sys.argv[2], full)
    try:
        tiny_publication.publish_tiny(Path(sys.argv[1]), now="2026-02-01T00:00:00Z")
    except PlanningError as error:
        print(error)
        sys.exit(error.status)
"""


@pytest.mark.parametrize(
    ("writer", "limit", "file"),
    [
        ("add_layer", 50_000, "context.gpkg"),
        ("write_gpkg", 120_000, "plan.gpkg"),
        ("write_xlsx", 9_000, "plan.xlsx"),
        ("write_csv", 2_000, "villages.csv"),
    ],
)
def test_a_full_disk_ends_with_status_three(tmp_path, writer, limit, file):
    first = publish_tiny(tmp_path)
    before = state(tmp_path)
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(FULL), str(tmp_path), writer, str(limit)],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert ended.returncode == 3, ended.stdout + ended.stderr
    assert ended.stdout.startswith(f"{file} could not be written: ")
    assert "Traceback" not in ended.stderr
    assert state(tmp_path) == before
    assert current_id(tmp_path) == first.path.name


def test_the_disk_refuses_at_the_last_step(tmp_path, monkeypatch):
    first = publish_tiny(tmp_path)

    def full(*_given):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(publish, "_sync", full)
    with pytest.raises(LimitError, match="the disk is full"):
        publish_tiny(tmp_path, now=LATER)
    assert current_id(tmp_path) == first.path.name
    assert [p.name for p in tmp_path.iterdir() if p.is_dir()] == [first.path.name]


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    with (
        pytest.raises(LimitError, match="could not be written"),
        publish.stage(tmp_path / "file" / "in", header=header()),
    ):
        pass


def test_the_manifest_names_what_the_reader_needs(tmp_path):
    publication = publish_tiny(tmp_path)
    data = json.loads((publication.path / MANIFEST).read_bytes())
    assert data["id"] == publication.path.name
    assert data["indicators"] == INDICATORS
    assert [e["path"] for e in data["files"]] == sorted(e["path"] for e in data["files"])
    for one in data["files"]:
        assert hashlib.sha256((publication.path / one["path"]).read_bytes()).hexdigest() == one["sha256"]
