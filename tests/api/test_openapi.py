from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from api.main import ROUTERS
from planner.products import TABLES
from tests.api.client import answer


@pytest.fixture
def document(client):
    return client.get("/openapi.json").json()


def test_the_operations_of_this_version(document):
    assert sorted(document["paths"]) == [
        "/",
        "/health/live",
        "/health/ready",
        "/index.html",
        "/maps/{path}",
        "/metrics",
        "/ogc",
        "/ogc/api",
        "/ogc/collections",
        "/ogc/collections/assignments/items",
        "/ogc/collections/communes/items",
        "/ogc/collections/sites/items",
        "/ogc/collections/villages/items",
        "/ogc/collections/{collection_id}",
        "/ogc/collections/{collection_id}/items/{feature_id}",
        "/ogc/collections/{collection_id}/queryables",
        "/ogc/conformance",
        "/published/{publication_id}/{path}",
        "/v1/communes",
        "/v1/communes/{commune_id}",
        "/v1/coverage",
        "/v1/coverage/batch",
        "/v1/deployments",
        "/v1/disputes",
        "/v1/disputes/{dispute_id}",
        "/v1/publications",
        "/v1/teams/nearest",
        "/v1/villages",
        "/v1/villages/{unit_id}",
    ]
    assert len(ROUTERS) == len(set(map(id, ROUTERS)))


def test_errors_are_problems_and_422_is_not_spoken(document):
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert "422" not in operation["responses"]
            problem = operation["responses"]["400"]["content"]["application/problem+json"]
            assert problem["schema"]["$ref"].endswith("/Problem"), path


def test_every_reference_leads_somewhere(document):
    names = set(document["components"]["schemas"])
    assert set(_references(document)) <= {f"#/components/schemas/{name}" for name in names}


def _references(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/v1/villages/{unit_id}", "/v1/villages/v12"),
        ("/v1/villages", "/v1/villages"),
        ("/v1/communes", "/v1/communes"),
        ("/v1/communes/{commune_id}", "/v1/communes/k11"),
        ("/v1/communes/{commune_id}", "/v1/communes/x2"),
        ("/v1/coverage", "/v1/coverage?lat=12.68&lon=108.26"),
        ("/v1/coverage", "/v1/coverage?lat=0&lon=0"),
        ("/v1/teams/nearest", "/v1/teams/nearest?lat=12.68&lon=108.26&planned=true"),
        ("/v1/deployments", "/v1/deployments"),
        ("/v1/publications", "/v1/publications"),
    ],
)
def test_answers_are_what_the_document_says(client, document, path, url):
    schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    validator = Draft202012Validator({**schema, "components": document["components"]})
    assert list(validator.iter_errors(answer(client.get(url)))) == []


def test_the_columns_of_the_tables_are_described(document):
    schemas = document["components"]["schemas"]
    for table, model in (("villages", "VillageRow"), ("communes", "CommuneRow"), ("sites", "DeployedSite")):
        published = {column.name for column in TABLES[table] if "*" not in column.name}
        assert published <= set(schemas[model]["properties"]), table
