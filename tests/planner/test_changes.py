"""What changed since the publication before: said once, and the same when the same run is made again."""

from __future__ import annotations

import logging

from planner import changes
from planner.products import Changes
from tests.tiny_publication import publish_tiny


def test_the_first_publication_has_nothing_before_it(tmp_path):
    alone = publish_tiny(tmp_path / "alone")
    assert changes.since(tmp_path / "empty", alone) is None


def test_the_next_one_names_the_one_before_and_says_what_differs(tmp_path):
    first = publish_tiny(tmp_path / "published")
    later = publish_tiny(tmp_path / "elsewhere", now="2026-02-01T00:00:00Z")
    found = changes.since(tmp_path / "published", later)
    assert found is not None
    assert found.before == first.manifest.id
    assert "Same data, plan and version" in found.en
    assert "Cùng số liệu, kế hoạch và phiên bản" in found.vi
    assert not any(line.startswith(" ") for line in (*found.vi, *found.en))


def test_one_that_stands_already_keeps_what_it_said(tmp_path):
    publish_tiny(tmp_path / "published")
    again = publish_tiny(tmp_path / "elsewhere")
    assert changes.since(tmp_path / "published", again) is None
    kept = Changes(before="x", vi=["một"], en=["one"])
    file = tmp_path / "published" / again.manifest.id / "manifest.json"
    file.write_text(again.manifest.model_copy(update={"changes": kept}).model_dump_json(), encoding="utf-8")
    assert changes.since(tmp_path / "published", again) == kept


def test_a_damaged_one_before_is_told_and_stops_nothing(tmp_path, caplog):
    first = publish_tiny(tmp_path / "published")
    (first.path / "manifest.json").write_text("{", encoding="utf-8")
    later = publish_tiny(tmp_path / "elsewhere", now="2026-02-01T00:00:00Z")
    with caplog.at_level(logging.WARNING, logger="planner"):
        assert changes.since(tmp_path / "published", later) is None
    assert "damaged manifest" in caplog.text
