from __future__ import annotations

import zipfile

import geopandas as gpd
import pytest
from shapely.geometry import MultiPolygon, Point, box

from layers import kml, notes, readers
from layers.catalog import Record
from layers.errors import LayerError, UnsafeFileError
from layers.limits import Limits

HEAD = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>'
TAIL = "</Folder></Document></kml>"
RING = "<LinearRing><coordinates>108,12,5 109,12,5 109,13,5 108,12,5</coordinates></LinearRing>"
POLYGON = f"<Polygon><outerBoundaryIs>{RING}</outerBoundaryIs></Polygon>"
DATA = '<ExtendedData><Data name="code"><value>007</value></Data><SchemaData><SimpleData name="n">5</SimpleData></SchemaData></ExtendedData>'


def _parse(body):
    return kml.parse(f"{HEAD}{body}{TAIL}".encode(), record=Record(layer="l", file="l.kml"))


def test_placemarks_with_their_data():
    frame = _parse(
        f"<Placemark><name>Buôn Đôn</name>{DATA}<Point><coordinates>108.1,12.7,300</coordinates></Point></Placemark>"
        f"<Placemark><name>B</name><MultiGeometry>{POLYGON}{POLYGON}</MultiGeometry></Placemark><Placemark/>"
    )
    assert frame["name"].tolist()[:2] == ["Buôn Đôn", "B"]
    assert frame.loc[0, ["code", "n"]].tolist() == ["007", "5"]
    assert frame.geometry[0] == Point(108.1, 12.7)
    assert isinstance(frame.geometry[1], MultiPolygon)
    assert frame.geometry[2] is None
    assert frame.crs.to_epsg() == 4326


@pytest.mark.parametrize(
    "geometry",
    [
        "<Point><coordinates>108,x</coordinates></Point>",
        "<Point/>",
        "<Polygon/>",
        "<Track/>",
        "<LineString><coordinates>1,2 3</coordinates></LineString>",
    ],
)
def test_a_geometry_that_cannot_be_read_is_told_by_row(geometry):
    with pytest.raises(LayerError, match="row 1") as caught:
        _parse(f"<Placemark>{geometry}</Placemark>")
    assert caught.value.issues[0].code == "geometry_unreadable"


def test_entities_and_depth_are_refused():
    bomb = b'<!DOCTYPE kml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><kml>&b;</kml>'
    with pytest.raises(UnsafeFileError, match="entities"):
        kml.parse(bomb, record=Record(layer="l", file="l.kml"))
    with pytest.raises(UnsafeFileError, match=r"at most 100 deep \(limits.xml_depth\)"):
        _parse("<a>" * 200 + "</a>" * 200)


def test_entities_that_a_plan_allows_are_counted_and_never_lead_elsewhere():
    def parse(entities, allowed):
        mark = "<kml><Placemark><name>&a;</name><Point><coordinates>108,12</coordinates></Point></Placemark></kml>"
        data = f"<!DOCTYPE kml [{entities}]>{mark}".encode()
        return kml.parse(data, record=Record(layer="l", file="l.kml", limits=Limits(xml_entities=allowed)))

    assert parse('<!ENTITY a "Buôn">', 1)["name"].tolist() == ["Buôn"]
    with pytest.raises(UnsafeFileError, match="at most 1 entities"):
        parse('<!ENTITY a "x"><!ENTITY b "y">', 1)
    with pytest.raises(UnsafeFileError, match="external"):
        parse('<!ENTITY a SYSTEM "file:///etc/passwd">', 9)
    laughs = '<!ENTITY a0 "' + "ha" * 50 + '">'
    laughs += "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 9)) + '<!ENTITY a "&a8;">'
    with pytest.raises(LayerError):
        parse(laughs, 99)


@pytest.mark.parametrize(
    "data", [b"", b"<kml>", b"<gml/>", b"\xff\xfe", b'<?xml version="1.0" encoding="nonsense"?><kml/>']
)
def test_what_is_no_kml(data):
    with pytest.raises(LayerError):
        kml.parse(data, record=Record(layer="l", file="l.kml"))


def test_links_are_not_followed_and_told():
    frame = _parse("<NetworkLink><Link><href>http://example.org/x.kml</href></Link></NetworkLink>")
    assert [i.code for i in notes.of(frame)] == ["link_not_followed"]


def test_a_kmz_and_a_flatgeobuf_are_read(tmp_path, record_of):
    path = tmp_path / "l.kmz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("doc.kml", f"{HEAD}<Placemark>{POLYGON}</Placemark>{TAIL}")
    assert readers.read_vector(record_of(path)).geometry.loc[1].area == pytest.approx(0.5)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other.kml", "<kml/>")
    with pytest.raises(LayerError, match="one KML document"):
        readers.read_vector(record_of(path))
    path = tmp_path / "l.fgb"
    gpd.GeoDataFrame({"a": ["Buôn"]}, geometry=[box(108, 12, 109, 13)], crs="EPSG:4326").to_file(path)
    assert readers.read_vector(record_of(path))["a"].tolist() == ["Buôn"]
