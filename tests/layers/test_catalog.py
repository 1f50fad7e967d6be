from __future__ import annotations

import dataclasses
import hashlib

import pandas as pd
import pytest

from layers.catalog import Layer, Record, boundaries_folder, sha256_of


def test_the_checksum_is_that_of_the_bytes(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"\x00" * 300_000)
    assert sha256_of(path) == hashlib.sha256(b"\x00" * 300_000).hexdigest()


def test_a_record_is_frozen_and_says_only_what_it_knows():
    record = Record(layer="roads", file="roads.gpkg")
    assert (record.path, record.licence, record.data_date, record.synthetic) == (None, "", None, False)
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.licence = "MIT"


def test_a_layer_has_its_own_empty_list_of_rows_set_aside():
    one, two = (Layer(Record(layer="x", file=""), pd.DataFrame(), 0) for _ in range(2))
    assert one.set_aside.empty
    assert one.set_aside is not two.set_aside


def test_the_shipped_province_is_found_beside_the_source():
    assert boundaries_folder().is_dir()
