"""A matrix that a user brings: ways, gaps and every fault by row and column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layers import matrix
from layers.errors import LayerError


def write(folder, name: str, text: str):
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_an_empty_cell_is_unreachable_and_zero_is_zero(tmp_path):
    found = matrix.load_minutes(write(tmp_path, "m.csv", "unit_id,s2,s1\n02,0,\n01,7.5,3\n"))
    assert found.unit_ids.tolist() == ["01", "02"]
    assert found.site_ids.tolist() == ["s1", "s2"]
    assert found.minutes.nnz == 3
    assert found.minutes.toarray().tolist() == [[3.0, 7.5], [0.0, 0.0]]
    assert found.minutes[[1]].indices.tolist() == [1]


def test_parquet_gives_the_same(tmp_path):
    frame = pd.DataFrame({"unit_id": ["02", "01", "01"], "site_id": ["s2", "s2", "s1"], "minutes": [0.0, 7.5, 3.0]})
    frame.to_parquet(tmp_path / "m.parquet")
    found = matrix.load_minutes(tmp_path / "m.parquet")
    assert found.unit_ids.tolist() == ["01", "02"]
    assert found.minutes.toarray().tolist() == [[3.0, 7.5], [0.0, 0.0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("unit_id,s1\na,x\n", ["row 1", "'s1'", "'x'"]),
        ("unit_id,s1\na,-1\n", ["row 1", "'-1'", "from 0 upwards"]),
        ("unit_id,s1\na,nan\n", ["row 1", "'nan'"]),
        ("unit_id,s1\na,inf\n", ["row 1", "'inf'"]),
        ("unit_id,s1\na,1\na,2\n", ["row 2", "'a'", "given once"]),
        ("unit_id,s1,s1\na,1,2\n", ["site_id", "'s1'", "given once"]),
        ("village,s1\na,1\n", ["first column is unit_id"]),
        ("", ["header"]),
    ],
)
def test_a_fault_names_file_row_column_and_value(text, expected, tmp_path):
    with pytest.raises(LayerError) as stopped:
        matrix.load_minutes(write(tmp_path, "m.csv", text))
    for part in ("m.csv", *expected):
        assert part in str(stopped.value)


def test_a_pair_given_twice_or_a_missing_column_is_a_fault(tmp_path):
    pd.DataFrame({"unit_id": ["a", "a"], "site_id": ["s", "s"], "minutes": [1.0, 2.0]}).to_parquet(
        tmp_path / "m.parquet"
    )
    with pytest.raises(LayerError, match="a pair of village and site is given once"):
        matrix.load_minutes(tmp_path / "m.parquet")
    pd.DataFrame({"unit_id": ["a"]}).to_parquet(tmp_path / "n.parquet")
    with pytest.raises(LayerError, match="a column is missing"):
        matrix.load_minutes(tmp_path / "n.parquet")
    with pytest.raises(LayerError, match="a Parquet file is expected"):
        matrix.load_minutes(write(tmp_path, "x.parquet", "no"))
    with pytest.raises(LayerError, match="no such file"):
        matrix.load_minutes(tmp_path / "absent.csv")


def test_need_is_given_for_every_village_and_no_other(tmp_path):
    units = np.array(["01", "02"])
    good = write(tmp_path, "n.csv", "unit_id,people\n02,5\n01,7\n")
    assert matrix.load_need(good, unit_ids=units).tolist() == [7.0, 5.0]
    for text, expected in (
        ("unit_id,people\n01,7\n", "every village of the matrix needs a row here"),
        ("unit_id,people\n01,7\n02,5\n03,1\n", "no such village in the matrix"),
        ("unit_id,people\n01,7\n02,\n", "unknown is not 0"),
        ("unit_id,people\n01,7\n02,-5\n", "from 0 upwards"),
    ):
        with pytest.raises(LayerError, match=expected):
            matrix.load_need(write(tmp_path, "n.csv", text), unit_ids=units)


SITES = np.array(["s1", "s2"])


def test_an_empty_capacity_is_no_limit_and_rows_follow_the_matrix(tmp_path):
    found = matrix.load_capacity(write(tmp_path, "c.csv", "site_id,capacity,cost\ns2,,3\ns1,40,0\n"), site_ids=SITES)
    assert found.capacity_people.tolist() == [40.0, np.inf]
    assert found.cost is not None
    assert found.cost.tolist() == [0.0, 3.0]
    plain = matrix.load_capacity(write(tmp_path, "d.csv", "site_id,capacity\ns1,1\ns2,2\n"), site_ids=SITES)
    assert plain.cost is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("site_id,capacity\ns1,1\n", ["every site of the matrix needs a row", "'s2'"]),
        ("site_id,capacity\ns1,1\ns2,2\ns3,3\n", ["no such site in the matrix", "'s3'"]),
        ("site_id,capacity\ns1,-1\ns2,2\n", ["row 1", "capacity", "'-1'"]),
        ("site_id,capacity,cost\ns1,1,\ns2,2,1\n", ["row 1", "cost", "unknown is not 0"]),
        ("site_id,capacity\ns1,1\ns1,2\ns2,2\n", ["row 2", "given once"]),
        ("site_id,room\ns1,1\ns2,2\n", ["a column is missing", "capacity"]),
    ],
)
def test_a_fault_of_capacities_names_row_and_value(text, expected, tmp_path):
    with pytest.raises(LayerError) as stopped:
        matrix.load_capacity(write(tmp_path, "c.csv", text), site_ids=SITES)
    for part in ("c.csv", *expected):
        assert part in str(stopped.value)
