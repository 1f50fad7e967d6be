from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from layers import teams
from layers.errors import LayerError
from layers.schema import SITES, TEAMS_COLUMNS
from tests import tiny_world

X, Y = tiny_world.X0, tiny_world.Y0


def _load(record, load=teams.load, **columns):
    return load(
        record,
        columns=columns,
        source_crs=None,
        layer_name=None,
        crs=tiny_world.CRS,
        villages=tiny_world.villages(),
    )


def _degrees(x_m, y_m):
    point = gpd.GeoSeries([Point(x_m, y_m)], crs=tiny_world.CRS).to_crs(4326).iloc[0]
    return f"{point.x!r},{point.y!r}"


def test_a_village_is_enough(csv):
    layer = _load(csv("site_id,name,unit_id", "t1,Tổ 1,v11"))
    row = layer.frame.iloc[0]
    assert list(layer.frame.columns) == list(TEAMS_COLUMNS)
    assert (row["unit_id"], row["x_m"], row["y_m"]) == ("v11", X + 3000, Y + 3000)
    assert (row["team_type"], row["teams"], row["hours"], row["contact"], row["languages"]) == (
        "community",
        1,
        "",
        "",
        (),
    )
    assert layer.frame["teams"].dtype == "int64"
    assert layer.issues == ()


def test_a_point_finds_its_village(csv):
    record = csv(
        "site_id,name,lon,lat,team_type,teams,languages",
        f"t1,T,{_degrees(X + 7000, Y + 500)},rapid_response,3,vi; ede;vi",
    )
    row = _load(record).frame.iloc[0]
    assert row["unit_id"] == "v03"
    assert (row["x_m"], row["y_m"]) == pytest.approx((X + 7000, Y + 500), abs=0.01)
    assert (row["team_type"], row["teams"], row["languages"]) == ("rapid_response", 3, ("vi", "ede"))


def test_each_row_by_what_it_has_in_the_order_of_ids(csv):
    record = csv(
        "site_id,name,unit_id,lon,lat",
        "t3,C,v00,,",
        f"t2,B,,{_degrees(X + 2500, Y + 500)}",
        f"t1,A,v33,{_degrees(X + 500, Y + 500)}",
        "t0,nowhere,,,",
        f"t9,far,,{_degrees(X - 50_000, Y)}",
    )
    layer = _load(record)
    assert layer.frame["site_id"].tolist() == ["t1", "t2", "t3"]
    assert layer.frame["unit_id"].tolist() == ["v33", "v01", "v00"]
    assert layer.frame["x_m"].tolist() == pytest.approx([X + 500, X + 2500, X + 1000], abs=0.01)
    assert sorted(zip(layer.set_aside["row"], layer.set_aside["reason"], strict=True)) == [
        (4, "in no village"),
        (5, "in no village"),
    ]
    assert sorted((i.row, i.code) for i in layer.issues) == [(3, "village_mismatch"), (4, "nowhere"), (5, "nowhere")]
    assert all(i.severity == "warning" for i in layer.issues)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("t1,A,v99,1,community", "unknown_id"),
        ("t1,A,v00,0,community", "negative"),
        ("t1,A,v00,1.5,community", "not_whole"),
        ("t1,A,v00,1,tổ", "unknown_word"),
        ("t1,,v00,1,community", "empty"),
        ("=1,A,v00,1,community", "bad_id"),
    ],
)
def test_faults_stop(csv, row, code):
    with pytest.raises(LayerError) as caught:
        _load(csv("site_id,name,unit_id,teams,team_type", row))
    assert [(i.row, i.code) for i in caught.value.issues] == [(1, code)]


def test_swapped_degrees_stop(csv):
    with pytest.raises(LayerError, match="swapped"):
        _load(csv("site_id,name,lon,lat", "t1,A,12.6,108.2"))


def test_sites_come_the_same_way(csv, tmp_path, record_of):
    assert list(_load(csv("site_id,name,unit_id", "s1,S,v00"), teams.load_sites).frame.columns) == list(SITES)
    path = tmp_path / "sites.gpkg"
    frame = pd.DataFrame({"site_id": ["s1"], "name": ["Trường học"]})
    gpd.GeoDataFrame(frame, geometry=[Point(X + 100, Y + 100)], crs=tiny_world.CRS).to_file(path)
    assert _load(record_of(path), teams.load_sites).frame["unit_id"].tolist() == ["v00"]


def test_no_team_at_all_is_a_layer(csv):
    assert len(_load(csv("site_id,name,unit_id")).frame) == 0
