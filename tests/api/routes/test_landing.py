from __future__ import annotations

import re

import pytest

from tests.api.client import problem


def test_the_landing_page_loads_nothing_and_escapes_everything(client, tiny):
    page = client.get("/")
    assert page.status_code == 200
    assert tiny.manifest.id in page.text
    assert "Tỉnh thử &lt;b&gt;&amp;" in page.text
    assert "<b>" not in page.text
    assert "<script" not in page.text
    assert "http" not in page.text
    assert "mô phỏng" in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


def test_every_link_of_the_landing_page_works(client):
    links = re.findall(r'href="([^"]+)"', client.get("/").text)
    assert len(links) > 8
    for link in links:
        assert client.get("/" + link.replace("&amp;", "&")).status_code == 200, link


def test_it_speaks_english_when_asked(client):
    page = client.get("/", headers={"Accept-Language": "en"})
    assert '<html lang="en">' in page.text
    assert "Ask the API" in page.text


def test_the_reference_names_every_operation(client):
    page = client.get("/docs").text
    for path in client.get("/openapi.json").json()["paths"]:
        assert path in page
    assert "http" not in page.replace("HTTP", "")


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_accept_no_parameter(client, path):
    problem(client.get(f"{path}?x=1"), 400, "bad-parameter")
