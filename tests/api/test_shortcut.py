from __future__ import annotations

import pytest

from api.main import HOT, create_app
from api.settings import Settings
from api.shortcut import Shortcut
from tests.api.client import Client

QUESTIONS = [
    "lat=12.68&lon=108.26",
    "lat=0&lon=0",
    "lat=12.68",
    "lat=12.68&lon=108.26&lat=1",
    "lat=12.68&lon=108.26&what=1",
    "lat=108.26&lon=12.68",
    "lat=%ff&lon=1",
    "lat=12.68&lon=108.26&publication=absent",
]


@pytest.fixture
def long_way(tiny, monkeypatch):
    """The same application without its shortcuts."""
    init = Shortcut.__init__

    def bare(self, app, **options):
        init(self, app, **options)
        self._routes = {}

    monkeypatch.setattr(Shortcut, "__init__", bare)
    with Client(create_app(Settings(published=tiny.path.parent))) as client:
        client.get("/health/live")  # the middleware is built now
        yield client


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT"])
def test_both_ways_give_the_same_answer(client, long_way, question, method):
    for path in HOT:
        headers = {"X-Request-ID": "same", "Accept-Language": "en"}
        short = client.request(method, f"{path}?{question}", headers=headers)
        long = long_way.request(method, f"{path}?{question}", headers=headers)
        assert (short.status_code, short.content) == (long.status_code, long.content)
        assert sorted(short.headers.items()) == sorted(long.headers.items())


def test_every_shortcut_is_one(client):
    client.get("/health/live")  # the middleware is built now
    layer = client.app.middleware_stack
    while not isinstance(layer, Shortcut):
        layer = layer.app
    assert set(layer._routes) == set(HOT)


def test_a_failure_is_read_by_the_portal_too(tiny):
    settings = Settings(published=tiny.path.parent, cors_origins=("https://portal.example.vn",))
    with Client(create_app(settings)) as client:
        response = client.get("/v1/coverage?lat=1", headers={"Origin": "https://portal.example.vn"})
        assert response.status_code == 400
        assert response.headers["access-control-allow-origin"] == "https://portal.example.vn"
