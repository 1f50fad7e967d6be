from __future__ import annotations

import datetime as dt
import json
import stat

import pytest

from planner import cli, keys
from planner.errors import BusyError, PlanError, UnknownIdError

NOW = dt.datetime(2026, 3, 1, 8, 0, tzinfo=dt.UTC)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "keys.json"


def make(file, **changes):
    options = {"name": "Cổng", "scopes": ("read",), "per_second": 50.0, "per_day": None, "days": None, "now": NOW}
    return keys.add(file, **{**options, **changes})


def test_a_key_opens_and_is_kept_nowhere(file):
    key, token = make(file)
    assert keys.read(file).find(token, now=NOW) == key
    content = file.read_text(encoding="utf-8")
    assert token not in content
    assert token.rsplit("_", 1)[1] not in content
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [p.name for p in file.parent.iterdir()] == ["keys.json"]


def test_no_two_keys_are_alike(file):
    tokens = {make(file)[1] for _ in range(5)}
    assert len(tokens) == 5
    assert len({key.key_id for key in keys.read(file).keys}) == 5


def test_other_texts_open_nothing(file):
    key, token = make(file)
    ring = keys.read(file)
    for wrong in (
        "",
        "pk_",
        f"pk_{key.key_id}_",
        token + "x",
        token[:-1],
        token.upper(),
        f"pk_00000000_{token[12:]}",
        "\udcff",
    ):
        assert ring.find(wrong, now=NOW) is None


def test_expired_and_revoked_keys_open_nothing(file):
    _, token = make(file, days=10)
    assert keys.read(file).find(token, now=NOW + dt.timedelta(days=9)) is not None
    assert keys.read(file).find(token, now=NOW + dt.timedelta(days=10)) is None
    key, other = make(file)
    closed = keys.revoke(file, key.key_id, now=NOW)
    assert closed.revoked == "2026-03-01T08:00:00+00:00"
    assert keys.read(file).find(other, now=NOW) is None
    later = keys.revoke(file, key.key_id, now=NOW + dt.timedelta(days=1))
    assert later.revoked == closed.revoked  # the first time stands


def test_what_is_at_fault_is_a_sentence(file):
    with pytest.raises(UnknownIdError, match="there are: none"):
        keys.revoke(file, "00000000", now=NOW)
    with pytest.raises(PlanError, match="per_day"):
        make(file, per_day=0)
    file.write_text('{"keys": [{"key_id": "x"}]}', encoding="utf-8")
    with pytest.raises(PlanError, match="cannot be read"):
        keys.read(file)
    file.unlink()
    file.with_name("keys.json.new").touch()
    with pytest.raises(BusyError, match="another command"):
        make(file)


def test_the_commands(file, capsys):
    assert (
        cli.main(
            ["keys", "add", str(file), "--name", "Cổng", "--scope", "read", "--scope", "reports", "--per-day", "9"]
        )
        == 0
    )
    said = capsys.readouterr()
    token = said.out.strip()
    assert "shown this once" in said.err
    (key,) = json.loads(file.read_text(encoding="utf-8"))["keys"]
    assert (key["scopes"], key["per_day"], key["per_second"]) == (["read", "reports"], 9, 100.0)
    assert cli.main(["keys", "list", str(file)]) == 0
    listed = capsys.readouterr().out
    assert listed.startswith(f"{key['key_id']}  active   read+reports  100/s, 9/day")
    assert token not in listed
    assert cli.main(["keys", "revoke", str(file), key["key_id"]]) == 0
    assert cli.main(["keys", "list", str(file)]) == 0
    assert "revoked" in capsys.readouterr().out
    assert cli.main(["keys", "revoke", str(file), "ffffffff"]) == 1
    assert key["key_id"] in capsys.readouterr().err
