from __future__ import annotations

import logging
import re

import orjson
from prometheus_client.parser import text_string_to_metric_families

from api.main import create_app
from api.settings import Settings
from tests.api.client import Client


def metrics(client):
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain")
    samples = [sample for family in text_string_to_metric_families(response.text) for sample in family.samples]
    return {(sample.name, *sorted(sample.labels.items())): sample.value for sample in samples}


def count(client, route, method, status):
    labels = {"route": route, "method": method, "status": status}
    return metrics(client).get(("planner_requests_total", *sorted(labels.items())), 0.0)


def test_requests_are_counted_by_route_not_by_address(tiny):
    with Client(create_app(Settings(published=tiny.path.parent))) as client:
        for unit_id in ("v00", "v01", "absent"):
            client.get(f"/v1/villages/{unit_id}")
        client.request("HEAD", "/v1/communes")
        client.request("BREW", "/v1/communes")
        client.get("/nowhere")
        client.get("/v1/coverage?lat=12.345678&lon=108.2")
        assert count(client, "/v1/villages/{unit_id}", "GET", "200") == 2
        assert count(client, "/v1/villages/{unit_id}", "GET", "404") == 1
        assert count(client, "/v1/communes", "HEAD", "200") == 1
        assert count(client, "-", "GET", "404") == 1
        text = client.get("/metrics").text
    assert 'method="other"' in text
    assert "absent" not in text
    assert "12.34" not in text
    assert 'planner_request_seconds_count{route="/v1/coverage"} 1.0' in text


def test_the_publication_is_told(own, published, tiny):
    found = metrics(own)
    assert found[("planner_publication_info", ("publication", tiny.manifest.id))] == 1
    assert found[("planner_publication_refused",)] == 0
    (published / "current").write_text("absent\n")
    own.refresh()
    assert metrics(own)[("planner_publication_refused",)] == 1


def test_a_line_per_request_without_its_query(tiny, caplog):
    with (
        Client(create_app(Settings(published=tiny.path.parent, access_log=True))) as client,
        caplog.at_level(logging.INFO, logger="planner.api.requests"),
    ):
        response = client.get("/v1/coverage?lat=12.345678&lon=108.2")
    (line,) = [orjson.loads(record.message) for record in caplog.records if record.name == "planner.api.requests"]
    assert line["route"] == "/v1/coverage"
    assert line["status"] == 200
    assert line["request_id"] == response.headers["x-request-id"]
    assert re.search("12.34|108.2", caplog.text) is None


def test_only_failures_are_written_by_default(client, caplog):
    with caplog.at_level(logging.INFO, logger="planner.api.requests"):
        client.get("/v1/communes")
        client.get("/nowhere")
    assert caplog.text == ""
