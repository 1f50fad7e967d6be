"""Tables are published as the contract says or not at all."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import tables
from planner.errors import PublicationError
from planner.products import TABLES, expand
from tests import tiny_publication
from tests.tiny_publication import INDICATORS, PILLARS

STARRED = {f"{i}_status": "*_status" for i in INDICATORS}


def columns(name: str):
    return expand(TABLES[name], indicators=INDICATORS, pillars=list(PILLARS))


def prepare(name: str, frame: pd.DataFrame):
    return tables.prepare(frame, columns(name), table=name, pillars=list(PILLARS), starred=STARRED)


def changed(name: str, row: int, column: str, value: object) -> pd.DataFrame:
    frame = tiny_publication.TABLES[name]()
    frame[column] = frame[column].astype("object")
    frame.at[row, column] = value  # noqa: PD008 - a list goes into one cell
    return frame


@pytest.mark.parametrize("name", TABLES)
def test_rows_are_in_text_order_whatever_came_in(name):
    frame = tiny_publication.TABLES[name]()
    shuffled = frame.iloc[np.random.Generator(np.random.PCG64(7)).permutation(len(frame))]
    one, two = prepare(name, frame), prepare(name, shuffled)
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(two))
    keys = list(tables.KEYS[name])
    assert list(one[keys].itertuples(index=False)) == sorted(one[keys].itertuples(index=False))


def test_the_input_is_not_touched():
    frame = tiny_publication.villages()
    before = frame.copy(deep=True)
    prepare("villages", frame)
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before))


@pytest.mark.parametrize("name", TABLES)
def test_parquet_has_the_contract_types_and_no_index(name, tmp_path):
    wanted = columns(name)
    tables.write_parquet(prepare(name, tiny_publication.TABLES[name]()), wanted, path=tmp_path / "x.parquet")
    schema = pq.read_schema(tmp_path / "x.parquet")
    assert [(f.name, f.type) for f in schema][: len(wanted)] == [(c.name, tables.ARROW[c.kind]) for c in wanted]
    assert [f.name for f in schema][len(wanted) :] == (["geometry", "bbox"] if name in tables.SHAPES else [])
    assert json.loads(schema.metadata[b"pandas"])["index_columns"] == []


@pytest.mark.parametrize("name", TABLES)
def test_empty_tables_keep_their_types(name, tmp_path):
    wanted = columns(name)
    frame = tiny_publication.TABLES[name]().iloc[:0]
    tables.write_parquet(prepare(name, frame), wanted, path=tmp_path / "x.parquet")
    schema = pq.read_schema(tmp_path / "x.parquet")
    assert [(f.name, f.type) for f in schema][: len(wanted)] == [(c.name, tables.ARROW[c.kind]) for c in wanted]
    read = gpd.read_parquet if name in tables.SHAPES else pd.read_parquet
    assert len(read(tmp_path / "x.parquet")) == 0


@pytest.mark.parametrize("name", tables.SHAPES)
def test_geoparquet_reads_back_equal(name, tmp_path):
    ready = prepare(name, tiny_publication.TABLES[name]())
    tables.write_parquet(ready, columns(name), path=tmp_path / "x.parquet")
    found = gpd.read_parquet(tmp_path / "x.parquet")
    assert found.crs == "EPSG:4326"
    assert shapely.equals_identical(found.geometry.to_numpy(), ready.geometry.to_numpy())[found.geometry.notna()].all()
    pd.testing.assert_series_equal(found["unit_id"], ready["unit_id"])
    box = shapely.box(*found.total_bounds)
    inside = gpd.read_parquet(tmp_path / "x.parquet", bbox=box.bounds)
    assert len(inside) == int(ready.geometry.notna().sum())


def test_geoparquet_says_version_covering_and_box():
    frame = prepare("communes", tiny_publication.communes())
    meta = json.loads(tables.arrow(frame, columns("communes")).schema.metadata[b"geo"])
    geometry = meta["columns"]["geometry"]
    assert (meta["version"], meta["primary_column"]) == ("1.1.0", "geometry")
    assert geometry["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
    assert geometry["geometry_types"] == ["Polygon"]
    assert geometry["bbox"] == pytest.approx(list(frame.total_bounds))
    assert geometry["crs"]["id"] == {"authority": "EPSG", "code": 4326}


def test_the_box_selects_one_village(tmp_path):
    frame = prepare("villages", tiny_publication.villages())
    tables.write_parquet(frame, columns("villages"), path=tmp_path / "x.parquet")
    point = frame.geometry.representative_point().iloc[5]
    near = gpd.read_parquet(tmp_path / "x.parquet", bbox=(point.x, point.y, point.x, point.y))
    assert list(near["unit_id"]) == ["v11"]


def test_a_site_at_the_village_has_no_line():
    frame = tiny_publication.assignments()
    at = frame.index[frame["unit_id"] == "v00"][0]
    point = tiny_publication.villages().loc[0, ["lon", "lat"]].astype(float).tolist()
    frame.loc[[at], "geometry"] = gpd.GeoSeries([shapely.LineString([point, point])], index=[at], crs=4326)
    found = prepare("assignments", frame).set_index("unit_id")
    assert found.geometry["v00"] is None
    assert found.geometry["v01"].geom_type == "LineString"


@pytest.mark.parametrize(
    ("name", "column", "value", "rule"),
    [
        ("villages", "covered_share", 1.5, "v00: covered_share = 1.5; a finite number from 0 to 1 is due"),
        ("villages", "covered_share", float("inf"), "covered_share = inf"),
        ("villages", "support_minutes", -1.0, "support_minutes = -1"),
        ("villages", "need_people", -5, "need_people = -5"),
        ("villages", "score", 100.5, "score = 100.5; a finite number from 0 to 100"),
        ("villages", "population_people", 10.5, "must be of kind whole"),
        ("villages", "population_people", "many", "must be of kind whole"),
        ("villages", "coverage_status", "maybe", "'maybe' is none of covered, not_covered, partial, unknown"),
        ("villages", "vneid_issued_status", "guessed", "vneid_issued_status = 'guessed'"),
        ("villages", "coverage_status", None, "is none of"),
        ("villages", "unit_id", None, "unit_id must not be empty"),
        ("villages", "unit_id", "v01", "v01 stands in it more than once"),
        ("villages", "adopted_people", 1, "do not add to eligible_people"),
        ("villages", "adopted_people", None, "do not add to eligible_people"),
        ("villages", "score", 50.0, "contributions do not add to the score"),
        ("villages", "flags", 7, "must be of kind list"),
        ("villages", "name", 7, "must be of kind text"),
        ("sites", "status", "gone", "'gone' is none of closed, existing, moved, new, upgraded"),
        ("sites", "lat", 181.0, "lat = 181"),
        ("coverage", "evidence", "rumour", "'rumour' is none of declared"),
    ],
)
def test_what_breaks_the_contract_is_refused_by_name(name, column, value, rule):
    with pytest.raises(PublicationError) as caught:
        prepare(name, changed(name, 0, column, value))
    assert f"table '{name}' cannot be published" in str(caught.value)
    assert rule in str(caught.value)


def test_missing_and_unknown_columns_are_named():
    with pytest.raises(PublicationError, match="columns are missing: rank, flags"):
        prepare("villages", tiny_publication.villages().drop(columns=["rank", "flags"]))
    with pytest.raises(PublicationError, match="not in the contract: zz"):
        prepare("villages", tiny_publication.villages().assign(zz=1))


def test_geometry_is_due_in_the_published_crs():
    villages = tiny_publication.villages()
    with pytest.raises(PublicationError, match="must be in EPSG:4326"):
        prepare("villages", villages.to_crs("EPSG:32649"))
    with pytest.raises(PublicationError, match="needs a geometry"):
        prepare("villages", pd.DataFrame(villages.drop(columns="geometry")))
    with pytest.raises(PublicationError, match="v00: Polygon or MultiPolygon is due, found Point"):
        prepare("villages", villages.set_geometry(villages.geometry.representative_point()))
    with pytest.raises(PublicationError, match=r"v00: .* is due, found no geometry"):
        prepare("villages", villages.set_geometry(gpd.GeoSeries([None] * 16, crs=4326)))


def test_unknown_stays_unknown():
    frame = prepare("villages", tiny_publication.villages()).set_index("unit_id")
    assert np.isnan(frame.loc["v22", "covered_share"])
    assert frame.loc["v22", "need_people"] is pd.NA
    assert pd.isna(frame.loc["v33", "assigned_site_id"])
    assert frame.loc["v22", "operators"] == []


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(st.text(max_size=8), st.one_of(st.none(), st.floats(0, 1))), max_size=8, unique_by=lambda r: r[0]
    )
)
def test_any_text_and_any_share_survive_the_round_trip(rows):
    wanted = columns("coverage")
    frame = pd.DataFrame(
        {
            "unit_id": [r[0] for r in rows],
            "operator": "A",
            "technology": "4G",
            "evidence": "declared",
            "share": [r[1] for r in rows],
            "share_low": None,
            "share_high": None,
            **dict.fromkeys(("usable_probability", "usable_probability_low", "usable_probability_high")),
            "data_date": None,
            "flags": [[] for _ in rows],
        }
    )
    ready = prepare("coverage", frame)
    found = tables.arrow(ready, wanted).to_pylist()
    expected = sorted(rows)
    assert [(r["unit_id"], r["share"]) for r in found] == expected
