"""schemathesis over the whole document: a few examples here, many in `make soak`."""

from __future__ import annotations

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("PLANNER_FUZZ_EXAMPLES", "10"))


@pytest.fixture
def described(shared_app):
    return schemathesis.openapi.from_asgi("/openapi.json", shared_app)


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_operation_keeps_its_word(case):
    case.call_and_validate()
