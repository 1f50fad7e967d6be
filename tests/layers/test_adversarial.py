"""Every damaged file ends in the right data or in a message that names the fault."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from layers import boundaries, checks, notes, readers, schema, shapes
from layers.catalog import Record
from layers.errors import LayerError

pytestmark = pytest.mark.real

CODES = {"unit_id": "code", "people": "population_2025"}


def _record(path: Path) -> Record:
    return Record(layer="layer", file=path.name, path=path)


@pytest.fixture(scope="module")
def derived(real_data):
    return real_data / "adversarial" / "derived"


@pytest.fixture(scope="module")
def truth(real_data):
    frame = pd.read_csv(real_data / "population" / "daklak_communes_population_2025.csv", dtype={"code": "str"})
    return frame.set_index("code")


def _taken(path):
    record = _record(path)
    return checks.take(readers.read_table(record), columns=CODES, rules=schema.POPULATION_RULES, record=record)


@pytest.mark.parametrize(
    "name",
    ["communes_cp1258.csv", "communes_nfd.csv", "communes_utf8_bom.csv", "communes_semicolon_comma_decimal.csv"],
)
def test_each_way_of_writing_gives_the_same_people_and_names(derived, truth, name):
    taken = _taken(derived / name)
    people = taken.frame.set_index("unit_id")["people"]
    assert people.sort_index().astype(int).to_dict() == truth["population_2025"].sort_index().to_dict()
    assert not [i for i in taken.issues if i.severity == "error"]
    record = _record(derived / name)
    named = checks.take(
        readers.read_table(record),
        columns={"unit_id": "code", "name": "full_name"},
        rules=schema.COMMUNE_RULES,
        record=record,
    ).frame.set_index("unit_id")["name"]
    assert named.sort_index().to_dict() == truth["full_name"].sort_index().to_dict()


def test_the_separators_the_title_and_the_total_are_told(derived):
    codes = [i.code for i in _taken(derived / "communes_semicolon_comma_decimal.csv").issues]
    assert codes == ["title_row", "total_row", "number_notation"]


def test_conflicting_rows_are_told_one_by_one(derived):
    taken = _taken(derived / "communes_duplicates_conflicts.csv")
    repeated = {i.value for i in taken.issues if i.code == "repeated_id"}
    assert {"24496", "24406", "24604", "22057"} <= repeated


def test_lost_zeros_of_the_public_service_table_are_named(real_data):
    record = _record(real_data / "adoption" / "online_public_services_dot_thousands.csv")
    table = readers.read_table(record)
    rules = schema.PROVINCE_ADOPTION_RULES
    taken = checks.take(
        table, columns={"numerator": table.columns[2], "denominator": "So_TTHC"}, rules=rules, record=record
    )
    assert [i.value for i in taken.issues if i.code == "lost_zeros"] == ["1.13", "1.13", "1.12", "1.08", "2.18"] or (
        {i.value for i in taken.issues if i.code == "lost_zeros"} == {"1.13", "1.12", "1.08", "2.18"}
    )
    assert taken.frame["denominator"].iloc[0] == 2154


def test_every_adoption_table_is_read(real_data):
    for path in sorted((real_data / "adoption").iterdir()):
        frame = readers.read_table(_record(path))
        assert len(frame) >= 34, path.name
        assert all(name.strip() for name in frame.columns)
    codes = {i.code for i in notes.of(readers.read_table(_record(real_data / "adoption" / "PAPI_2011-2016.xlsx")))}
    assert codes == {"two_headers", "several_sheets"}


def _communes(path, **more):
    return boundaries.load_communes(
        _record(path),
        columns={"unit_id": "code", "name": "full_name"},
        source_crs=None,
        layer_name=None,
        crs="EPSG:32649",
        approximate=False,
        **more,
    )


def test_vn2000_is_brought_home_by_a_named_transformation(derived, real_data):
    layer = _communes(derived / "vn2000_tm3_10830" / "communes.shp")
    told = next(i for i in layer.issues if i.code == "transformation")
    assert "VN-2000 to WGS 84" in str(told.value)
    truth = gpd.read_parquet(real_data / "boundaries" / "daklak_communes_2025_simpl50m.parquet").to_crs("EPSG:32649")
    pairs = layer.frame.merge(truth[["code", "geometry"]], left_on="unit_id", right_on="code")
    moved = gpd.GeoSeries(pairs["geometry_x"]).centroid.distance(gpd.GeoSeries(pairs["geometry_y"]).centroid)
    assert len(pairs) == len(layer.frame) > 0
    assert moved.max() < 60  # simplified to 50 m


def test_a_missing_prj_offers_candidates_and_guesses_nothing(derived, tmp_path):
    for suffix in (".shp", ".shx", ".dbf", ".cpg"):
        source = (derived / "vn2000_tm3_10830" / "communes").with_suffix(suffix)
        (tmp_path / f"communes{suffix}").write_bytes(source.read_bytes())
    with pytest.raises(LayerError, match=r'crs = "EPSG:9218" .*: 100% of the points lie inside'):
        _communes(tmp_path / "communes.shp")


def test_swapped_axes_and_metres_called_degrees_are_named(derived):
    with pytest.raises(LayerError, match="swapped"):
        _communes(derived / "swapped_lat_lon.geojson")
    with pytest.raises(LayerError, match=r"these are metres .*EPSG:9218"):
        _communes(derived / "vn2000_metres_labelled_wgs84.geojson")


def test_each_geometry_defect_is_named(derived):
    with pytest.raises(LayerError) as caught:
        _communes(derived / "communes_geometry_defects.geojson")
    found = {(i.row, i.code) for i in caught.value.issues}
    assert {(1, "invalid_geometry"), (7, "no_geometry"), (8, "no_geometry"), (10, "other_kind")} <= found
    assert "overlap" in {code for _, code in found}
    assert "flattened" in {code for _, code in found}


def test_official_wards_as_first_published_are_repaired_with_both_areas_or_refused(real_data):
    for path in sorted((real_data / "adversarial" / "vn_invalid_wards").glob("*.geojson")):
        record = _record(path)
        placed = shapes.place(readers.read_vector(record), crs="EPSG:32649", kind="polygon", record=record)
        assert any("km² before" in str(i.value) for i in placed.issues), path.name


def _faults(path):
    """Return why a file is not read; one that is read must also survive its placing."""
    record = _record(path)
    try:
        frame = readers.read_vector(record)
    except LayerError as error:
        return error.issues
    for kind in ("polygon", "point", "line"):
        shapes.place(frame, crs="EPSG:32649", kind=kind, record=record)
    return ()


def test_every_small_geojson_is_read_or_refused_by_name(real_data):
    folder = real_data / "adversarial" / "geojson_invalid" / "examples"
    refused = 0
    for path in sorted(folder.rglob("*.geojson")):
        faults = _faults(path)
        refused += bool(faults)
        assert all(i.rule and i.code for i in faults), path.name
        assert not faults or path.name.startswith(("invalid", "problematic", "valid_geometry")), path.name
    assert refused > 20


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("curve.gpkg", "CompoundCurve"),
        ("curvepolygon.gpkg", "CurvePolygon"),
        ("multisurface.gpkg", "MultiSurface"),
        ("line_zm.gpkg", "M"),
    ],
)
def test_curves_and_measures_are_flattened_by_name(real_data, name, kind):
    frame = readers.read_vector(_record(real_data / "adversarial" / "pyogrio_fixtures" / name))
    assert any(i.code == "flattened" and kind in str(i.value) for i in notes.of(frame))
    assert not frame.geometry.has_z.any()


@pytest.mark.parametrize(
    "name", ["list_field_values_file.parquet", "list_nested_struct_file.parquet", "sample.osm.pbf"]
)
def test_other_fixtures_are_refused_by_name(real_data, name):
    with pytest.raises(LayerError):
        readers.read_vector(_record(real_data / "adversarial" / "pyogrio_fixtures" / name))
