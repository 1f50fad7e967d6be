from __future__ import annotations

import json

import pytest

from tests.api.client import Client
from tests.contract.cases import CASES, FOLDER, application, ask
from tests.tiny_publication import publish_tiny


@pytest.fixture(scope="module")
def publication(tmp_path_factory):
    return publish_tiny(tmp_path_factory.mktemp("contract") / "published")


@pytest.fixture(scope="module")
def client(publication):
    with Client(application(publication)) as found:
        yield found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_answer_is_the_one_on_file(client, publication, case):
    filed = json.loads((FOLDER / f"{case.name}.json").read_text(encoding="utf-8"))
    found = ask(client, publication, case)
    assert _rounded(found) == _rounded(filed), "python -m tests.contract writes the files anew"


def test_there_is_a_file_for_every_case_and_no_other():
    assert {file.stem for file in FOLDER.glob("*.json")} == {case.name for case in CASES}


def test_every_status_is_on_file():
    bodies = [json.loads(file.read_text(encoding="utf-8"))["body"] for file in FOLDER.glob("coverage-*.json")]
    assert {"covered", "partial", "not_covered", "unknown", "outside_area"} <= {body.get("status") for body in bodies}
    assert {"village", "commune", None} == {body["resolution"] for body in bodies if "resolution" in body}


def _rounded(value):
    """Coordinates are projected: their last digits are PROJ's."""
    if isinstance(value, float):
        return round(value, 9)
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list) else value
