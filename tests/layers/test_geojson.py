from __future__ import annotations

import contextlib
import json

import pyproj
import pytest

from layers import geojson
from layers.errors import CrsError, LayerError

POINT = {"type": "Point", "coordinates": [108.0, 12.7]}


def _feature(geometry=POINT, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@pytest.fixture
def read(tmp_path, record_of):
    def do(document, *, source_crs=None):
        path = tmp_path / "layer.geojson"
        path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
        return geojson.read(path, record=record_of(path), source_crs=source_crs)

    return do


def _collection(*features, **more):
    return {"type": "FeatureCollection", "features": list(features), **more}


def test_properties_keep_their_types_and_ids_their_zeros(read):
    frame = read(_collection(_feature(code="007", n=5), _feature(code="8", tags=["a"])))
    assert frame["code"].tolist() == ["007", "8"]
    assert frame["n"].tolist() == [5, None]
    assert frame["tags"].tolist() == [None, '["a"]']
    assert frame.crs == pyproj.CRS("EPSG:4326")


def test_a_byte_order_mark_and_a_single_feature_are_read(read):
    assert len(read(b"\xef\xbb\xbf" + json.dumps(_feature(a=1)).encode())) == 1


def test_a_collection_without_features_is_empty(read):
    assert len(read(_collection())) == 0


def test_the_file_states_its_crs_before_the_plan(read):
    utm = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32649"}}
    assert read(_collection(_feature(), crs=utm), source_crs=pyproj.CRS("EPSG:4326")).crs.to_epsg() == 32649
    assert read(_collection(_feature()), source_crs=pyproj.CRS("EPSG:32649")).crs.to_epsg() == 32649


def test_an_unknown_crs_is_refused(read):
    with pytest.raises(CrsError, match="crs member"):
        read(_collection(_feature(), crs={"type": "name", "properties": {"name": "EPSG:999999"}}))


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"{not json", "not valid JSON"),
        ([1], "one object"),
        (POINT, "FeatureCollection"),
        ({"type": "FeatureCollection", "features": {}}, "FeatureCollection"),
        (b"\xff\xfe{}", "not valid JSON"),
        (b'{"a": ' + b"[" * 5000, "not valid JSON"),
    ],
)
def test_what_is_no_layer_is_told(read, document, words):
    with pytest.raises(LayerError, match=words):
        read(document)


def test_a_key_given_twice_is_refused_not_decided(read):
    twice = json.dumps(_feature(people=5)).replace('"people": 5', '"people": 5, "name": "a", "people": 50')
    with pytest.raises(LayerError, match="'people', in 1 objects"):
        read(b'{"type": "FeatureCollection", "features": [' + twice.encode() + b"]}")


def test_the_same_key_in_several_objects_is_usual(read):
    assert len(read(_collection(_feature(people=5, more={"people": 1}), _feature(people=6)))) == 2


def test_a_document_nested_too_deep_is_told(read):
    with pytest.raises(LayerError, match=r"levels deep|not valid JSON"):
        read(b'{"type": "FeatureCollection", "features": [], "a": ' + b"[" * 1000 + b"]" * 1000 + b"}")


@pytest.mark.parametrize(
    "feature", [None, {"type": "feature"}, {"type": "Feature", "properties": [], "geometry": None}]
)
def test_a_row_that_is_no_feature_is_named(read, feature):
    with pytest.raises(LayerError, match="row 2"):
        read(_collection(_feature(), feature))


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": ["108", "12"]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]},
        {"type": "Feature", "properties": {}, "geometry": POINT},
        {"type": "Point"},
        {"coordinates": [1, 2]},
    ],
)
def test_every_unreadable_geometry_is_named(read, geometry):
    with pytest.raises(LayerError) as caught:
        read(_collection(_feature(geometry), _feature(), _feature(geometry)))
    assert [(i.row, i.code) for i in caught.value.issues] == [(1, "geometry_unreadable"), (3, "geometry_unreadable")]


def test_a_missing_geometry_is_no_fault_here(read):
    assert read(_collection(_feature(None, a=1))).geometry.isna().all()


@pytest.mark.real
@pytest.mark.parametrize("folder", ["invalid_structure", "problematic_structure"])
def test_known_files_that_are_no_layer_are_refused(real_data, record_of, folder):
    read = []
    for path in sorted((real_data / "adversarial/geojson_invalid/examples" / folder).glob("*.geojson")):
        with contextlib.suppress(LayerError):
            geojson.read(path, record=record_of(path), source_crs=None)
            read.append(path.stem)
    # an id of a feature may be anything, properties and geometry may be absent, a stated CRS is old but clear
    assert set(read) <= {
        "invalid_feature_id_type",
        "invalid_feature_no_properties",
        "invalid_feature_wrong_geometry_key",
        "problematic_crs_defined",
    }


@pytest.mark.real
def test_known_good_features_are_read(real_data, record_of):
    for path in sorted((real_data / "adversarial/geojson_invalid/examples/valid").glob("valid_feature*.geojson")):
        geojson.read(path, record=record_of(path), source_crs=None)
