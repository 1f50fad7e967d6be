from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
import pytest

from layers import schema
from tests import tiny_world

RULES = {name: value for name, value in vars(schema).items() if isinstance(value, pa.DataFrameSchema)}


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_rule_has_a_code_and_a_sentence(name):
    for column in RULES[name].columns.values():
        for check in column.checks:
            assert check.name
            assert check.name.replace("_", "").isalnum()
            assert check.error
            assert not check.error.endswith(".")


@pytest.mark.parametrize("name", sorted(RULES))
def test_rules_of_one_column_have_different_sentences(name):
    for column in RULES[name].columns.values():
        assert len({check.error for check in column.checks}) == len(column.checks)


@pytest.mark.parametrize(
    ("frame", "columns"),
    [
        (tiny_world.communes(), schema.COMMUNES),
        (tiny_world.villages(), schema.VILLAGES),
        (tiny_world.population(), schema.POPULATION),
        (tiny_world.coverage(), schema.COVERAGE),
        (tiny_world.adoption(), schema.ADOPTION),
        (tiny_world.teams(), schema.TEAMS_COLUMNS),
    ],
)
def test_the_tiny_world_has_the_columns_of_the_schema(frame, columns):
    assert set(frame.columns) == set(columns)


def test_extra_columns_are_kept_out():
    found = schema.POPULATION_RULES.validate(pd.DataFrame({"unit_id": ["1"], "people": [1.0], "x": [1]}))
    assert list(found.columns) == ["unit_id", "people"]


@pytest.mark.parametrize("name", ["any", "ANY", "Any"])
def test_no_operator_is_called_any(name):
    with pytest.raises(pa.errors.SchemaErrors, match="stands for all operators"):
        schema.COVERAGE_RULES.validate(pd.DataFrame({"operator": [name]}), lazy=True)
