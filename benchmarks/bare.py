"""What the API is measured against: one FastAPI route that returns the same bytes from memory, without middleware."""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import FastAPI, Response


def create_app() -> FastAPI:
    """Return the application; the bytes are those of the file that ``BARE_BODY`` names."""
    body = Path(os.environ["BARE_BODY"]).read_bytes()
    app = FastAPI()

    @app.get("/v1/coverage")
    async def coverage() -> Response:
        return Response(body, media_type="application/json")

    return app
