"""Every error of this product has one base and one exit status."""

from __future__ import annotations

import pytest

from planner import errors


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("LayerError", 1),
        ("PlanError", 1),
        ("UnknownIdError", 1),
        ("PublicationError", 1),
        ("BusyError", 1),
        ("InfeasibleError", 1),
        ("LimitError", 3),
    ],
)
def test_status(name, status):
    kind = getattr(errors, name)
    assert issubclass(kind, errors.PlanningError)
    assert kind.status == status


def test_all_names_exist():
    assert sorted(errors.__all__) == errors.__all__
    assert all(hasattr(errors, name) for name in errors.__all__)


def test_a_layer_error_tells_every_issue():
    one = errors.Issue(layer="population", file="p.csv", row=3, column="people", value="-5", rule="not negative")
    two = errors.Issue(layer="communes", file="c.geojson", rule="a CRS is needed", done="Add crs.")
    error = errors.LayerError([one, two])
    assert error.issues == (one, two)
    assert str(error).splitlines() == [
        "p.csv, row 3, column 'people': found '-5'; not negative.",
        "c.geojson: a CRS is needed. Add crs.",
    ]
