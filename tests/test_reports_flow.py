"""A citizen's report from the API through the ledger, a frozen file and a run to a publication that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.main import create_app
from api.settings import Settings
from planner import cli, products
from tests.api.client import Client
from tests.test_flow import write_inputs

KEY = "a-key-of-the-portal"
AUTHORIZED = {"Authorization": f"Bearer {KEY}"}
QUICK = """
[uncertainty]
draws = 100

[publish]
maps = ["need"]
"""
FEEDBACK = """
[layers.feedback]
path = "disputes.parquet"
licence = "internal"
"""


def run(folder: Path, capsys: pytest.CaptureFixture[str], *, now: str) -> products.Publication:
    assert cli.main(["run", str(folder / "plan.toml"), "--now", now]) == 0
    return products.open_publication(Path(capsys.readouterr().out.splitlines()[-1]))


def test_a_report_changes_the_next_publication_and_its_sender_learns_so(tmp_path, capsys):
    write_inputs(tmp_path)
    with (tmp_path / "plan.toml").open("a", encoding="utf-8") as plan:
        plan.write(QUICK)
    first = run(tmp_path, capsys, now="2026-01-02T00:00:00Z")
    row = first.village("v00")
    report = {
        "lat": float(row["lat"]), "lon": float(row["lon"]), "operator": "any", "technology": "4G", "seen": "no_signal",
        "seen_date": "2026-01-01", "text": "không có sóng ở cuối thôn",
    }  # fmt: skip
    app = create_app(Settings(published=first.path.parent, write_key=KEY))
    with Client(app) as client:
        tracking = [
            client.post("/v1/disputes", json=report, headers=AUTHORIZED).json()["dispute_id"] for _ in range(12)
        ]
        assert client.get(f"/v1/disputes/{tracking[0]}").json()["state"] == "received"
        exported = tmp_path / "disputes.parquet"
        assert cli.main(["disputes", "export", str(tmp_path / "disputes.db"), str(exported)]) == 0
        capsys.readouterr()
        with (tmp_path / "plan.toml").open("a", encoding="utf-8") as plan:
            plan.write(FEEDBACK)
        second = run(tmp_path, capsys, now="2026-01-03T00:00:00Z")
        assert second.manifest.disputes == sorted(tracking)
        assert second.manifest.id != first.manifest.id
        assert "disputes.parquet" in {entry.file.rsplit("/", 1)[-1] for entry in second.manifest.inputs}
        before, after = (p.village("v00")["usable_probability"] for p in (first, second))
        assert after < before
        client.refresh()
        for dispute_id in tracking:
            body = client.get(f"/v1/disputes/{dispute_id}").json()
            assert (body["state"], body["considered_in"]) == ("considered", second.manifest.id)
        published = b"".join(file.read_bytes() for file in second.path.rglob("*") if file.is_file())
        assert "cuối thôn".encode() not in published
    app.state.ledger.close()
