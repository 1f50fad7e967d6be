"""A citizen's report from the service through the export into a publication, and back to what the citizen is told."""

from __future__ import annotations

import datetime as dt
import json

import pandas as pd
import pytest

from api.ledger import Ledger, Report
from api.main import create_app
from api.settings import Settings
from planner import disputes, pipeline
from planner.products import open_publication
from planner.progress import LogProgress
from tests.api.client import Client
from tests.test_flow import PLAN, write_inputs

NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
TEXT = "hàng xóm tôi tên là Y Bí Mật"
PLACES = ((12.6154, 108.0755), (12.6214, 108.0815), (12.6274, 108.0875), (12.6334, 108.0935))
FEEDBACK = '\n[layers.feedback]\npath = "disputes.parquet"\n'


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Four reports from v10, one of a village that is gone; the plan reads them, and half its villages lack a figure."""
    folder = tmp_path_factory.mktemp("feedback")
    write_inputs(folder)
    adoption = pd.read_csv(folder / "adoption.csv", dtype={"unit_id": str})
    adoption[~adoption["unit_id"].isin(["v01", "v20"])].to_csv(folder / "adoption.csv", index=False)
    (folder / "plan.toml").write_text(PLAN + FEEDBACK, encoding="utf-8")
    ledger = Ledger(f"sqlite:///{folder / 'disputes.db'}", keep_days=180, clock=lambda: NOW)
    ids = {}
    for unit_id, places in (("v10", PLACES), ("gone", PLACES[:1])):
        for lat, lon in places:
            report = Report(unit_id, "any", "4G", "no_signal", dt.date(2026, 1, 1), None, lat, lon, TEXT)
            ids.setdefault(unit_id, []).append(ledger.add(report, key=None)[0].dispute_id)
    ledger.close()
    disputes.export(str(folder / "disputes.db"), out=folder / "disputes.parquet")
    path = pipeline.run(folder / "plan.toml", out=None, now=NOW, seed=None, progress=LogProgress())
    return open_publication(path), ids


def test_the_manifest_names_the_reports_that_were_taken_into_account(told):
    publication, ids = told
    assert publication.manifest.disputes == sorted(ids["v10"])
    entry = next(i for i in publication.manifest.inputs if i.layer == "feedback")
    assert (entry.rows_read, entry.rows_set_aside) == (5, 1)


def test_the_citizen_is_told_what_became_of_a_report(told):
    publication, ids = told
    published = publication.path.parent
    with Client(create_app(Settings(published=published, write_key="a-key-of-the-portal"))) as client:
        states = {unit: client.get(f"/v1/disputes/{found[0]}").json()["state"] for unit, found in ids.items()}
    assert states == {"v10": "considered", "gone": "received"}


def test_reports_make_the_claim_doubtful_and_raise_the_voice(told):
    publication, _ = told
    villages = publication.villages.set_index("unit_id")
    assert villages.loc["v10", "usable_probability"] == pytest.approx(0.2, abs=1e-6)  # four reports: the cap
    assert villages.loc["v11", "usable_probability"] == pytest.approx(0.62)
    assert set(publication.table("doubtful")["unit_id"]) == {"v10"}
    assert set(publication.table("doubtful")["negative_reports_needed"]) == {0}
    assert villages.loc["v10", "contribution_voice"] > 0
    assert villages["negative_reports_per_1000"].drop("v10").max() == 0
    assert villages.loc["v10", "covered_share"] == 1.0  # a claim stays what it is; the chance is beside it


def test_no_text_and_no_position_of_a_report_is_published(told):
    publication, _ = told
    personal = [TEXT, "Y Bí Mật", *[f"{lat:.3f}" for lat, _ in PLACES], *[f"{lon:.3f}" for _, lon in PLACES]]
    files = [p for p in publication.path.rglob("*") if p.suffix in {".json", ".csv"}]
    assert len(files) >= 2
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert not [word for word in personal if word in text], file.name
    for name in ("evidence", "doubtful", "operator_requests", "coverage"):
        assert not {"lat", "lon", "text", "dispute_id"} & set(publication.table(name).columns)


def test_villages_without_a_figure_get_the_commune_mean_and_say_so(told):
    publication, _ = told
    villages = publication.villages.set_index("unit_id")
    assert villages.loc[["v01", "v20"], "vneid_activated_status"].tolist() == ["estimated"] * 2
    assert villages.loc["v01", "vneid_activated_rate"] == pytest.approx(0.8, abs=0.02)
    assert {"estimated", "commune_mean"} <= set(villages.loc["v01", "flags"])
    assert villages.loc["v01", "vneid_activated_rate_low"] < 0.8 < villages.loc["v01", "vneid_activated_rate_high"]
    model = publication.manifest.rate_models["vneid_activated"]
    assert (model.model, model.estimated_villages, model.by_model_villages) == ("", 2, 0)
    assert any("too few villages" in warning for warning in publication.manifest.warnings)


def test_the_bounds_of_a_commune_hold_its_split_and_requests_reach_whom_nobody_covers(told):
    publication, _ = told
    communes, villages = publication.communes, pd.DataFrame(publication.villages).set_index("unit_id")
    for part in ("not_adopted_people", "no_signal_people"):
        assert (communes[f"{part}_low"] <= communes[part]).all()
        assert (communes[part] <= communes[f"{part}_high"]).all()
    asked = publication.table("operator_requests")
    assert set(asked["unit_id"]) == set(villages.index[villages["response"] == "operator_request"])
    first = asked.set_index("unit_id")["first_signal_people"]
    assert (first == villages["without_signal_people"].reindex(first.index)).all()


def test_the_manifest_tells_the_rates_that_the_chance_rests_on(told):
    publication, _ = told
    text = json.dumps(publication.manifest.warnings, ensure_ascii=False)
    assert "58.23 %" in text
    assert "62 %" in text
