"""A synchronous client of the application in this process, and what answers must hold."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

import httpx
import orjson
from fastapi import FastAPI


class Client:
    """Asks an application as HTTP would, without a socket."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()

    def request(self, method: str, url: str, **options: object) -> httpx.Response:
        return self._runner.run(self._client.request(method, url, **options))

    def get(self, url: str, **options: object) -> httpx.Response:
        return self.request("GET", url, **options)

    def post(self, url: str, **options: object) -> httpx.Response:
        return self.request("POST", url, **options)

    def refresh(self) -> None:
        """Look at `current` as the running application does every second."""
        self._runner.run(self.app.state.store.refresh())


def problem(response: httpx.Response, status: int, kind: str) -> dict:
    """Return the body of a problem after checking what every problem holds."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = orjson.loads(response.content)
    assert body["type"] == f"urn:service-coverage-planner:problem:{kind}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["request_id"] == response.headers["x-request-id"]
    assert "?" not in body["instance"]
    return body


def answer(response: httpx.Response) -> dict:
    """Return the body of a good answer after checking what every answer holds; orjson refuses NaN."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    body = orjson.loads(response.content)
    assert {"publication", "data_date", "sources", "flags"} <= body.keys()
    return body
