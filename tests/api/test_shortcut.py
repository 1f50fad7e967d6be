from __future__ import annotations

import pytest

from api import main
from api.main import HOT, ROUTERS, create_app
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


@pytest.fixture(scope="module")
def long_way(tiny):
    """The same application without its shortcuts: only this one is built while there are none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(main, "HOT", ())
        app = create_app(Settings(published=tiny.path.parent))
    assert shortcuts(app) == set()
    with Client(app) as client:
        yield client


def shortcuts(app):
    """Addresses that the middleware of an application answers itself."""
    if app.middleware_stack is None:  # else built at the first request
        app.middleware_stack = app.build_middleware_stack()
    layer = app.middleware_stack
    while not isinstance(layer, Shortcut):
        layer = layer.app
    return set(layer._routes)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT"])
def test_both_ways_give_the_same_answer(client, long_way, question, method):
    for path in HOT:
        headers = {"X-Request-ID": "same", "Accept-Language": "en"}
        short = client.request(method, f"{path}?{question}", headers=headers)
        long = long_way.request(method, f"{path}?{question}", headers=headers)
        assert (short.status_code, short.content) == (long.status_code, long.content)
        assert sorted(short.headers.items()) == sorted(long.headers.items())


def test_every_shortcut_is_one(shared_app):
    assert shortcuts(shared_app) == set(HOT)


def test_a_shortcut_to_nowhere_stops_the_service():
    with pytest.raises(LookupError, match="/v1/nowhere"):
        Shortcut(None, routers=ROUTERS, paths=("/v1/coverage", "/v1/nowhere"))


def test_a_failure_is_read_by_the_portal_too(tiny):
    settings = Settings(published=tiny.path.parent, cors_origins=("https://portal.example.vn",))
    with Client(create_app(settings)) as client:
        response = client.get("/v1/coverage?lat=1", headers={"Origin": "https://portal.example.vn"})
        assert response.status_code == 400
        assert response.headers["access-control-allow-origin"] == "https://portal.example.vn"
