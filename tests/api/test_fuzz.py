"""schemathesis over the whole document: a few examples of each operation here, many when `PLANNER_FUZZ_EXAMPLES` says so."""

from __future__ import annotations

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from api.main import create_app
from api.settings import Settings

EXAMPLES = int(os.environ.get("PLANNER_FUZZ_EXAMPLES", "10"))


KEY = "a-key-of-the-portal"


@pytest.fixture
def app(published):
    found = create_app(Settings(published=published, write_key=KEY))
    yield found
    found.state.ledger.close()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_every_operation_keeps_its_word(app, mode):
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) >= 14
    tried = [operation.label for operation in operations if _can(operation, mode)]
    for operation in operations:
        if operation.label in tried:
            _try(operation, mode)
    assert len(tried) >= 10


def _can(operation, mode) -> bool:
    """What accepts nothing, or any text in its path, cannot be asked wrongly."""
    raw = operation.definition.raw
    return (
        mode is GenerationMode.POSITIVE
        or "requestBody" in raw
        or any(p["in"] != "path" for p in raw.get("parameters", []))
    )


def _try(operation, mode):
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    def keeps_its_word(case):
        case.call_and_validate(headers={"Authorization": f"Bearer {KEY}"})

    keeps_its_word()
