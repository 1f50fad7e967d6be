"""Archives that unpack to too much, lie about it, or hold something else."""

from __future__ import annotations

import zipfile
import zlib

import pytest

from layers import archives, readers
from layers.errors import LayerError, UnsafeFileError
from layers.limits import MEGABYTE, Limits

KML = "<kml><Placemark><name>{}</name><Point><coordinates>108,12</coordinates></Point></Placemark></kml>"


def pack(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_DOT_", "."), data)
    return path


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(unpacked_mb=4), r"found '5.0 MB'; a zip file unpacks to at most 4 MB \(limits.unpacked_mb\)"),
        (Limits(zip_entries=1), r"found '2 files'; a zip file holds at most 1 files \(limits.zip_entries\)"),
        (Limits(zip_ratio=50), r"at most 50 times its packed size \(limits.zip_ratio\)"),
    ],
)
@pytest.mark.parametrize("suffix", [".zip", ".xlsx", ".kmz"])
def test_every_kind_of_archive_is_bounded_by_the_plan(tmp_path, record_of, limits, words, suffix):
    path = pack(tmp_path / f"a{suffix}", a_DOT_shp=b"\x00" * (5 * MEGABYTE - 10), b=b"0123456789")
    read = readers.read_table if suffix == ".xlsx" else readers.read_vector
    with pytest.raises(UnsafeFileError, match=words):
        read(record_of(path, limits=limits))


def test_an_archive_that_lies_about_a_size_is_refused(tmp_path, record_of):
    """A reader that trusts the stated size stops there, and another one goes on unpacking."""
    data, stated = b"a" * 100_000, 1_000
    path = pack(tmp_path / "a.xlsx", sheet=data)
    raw = path.read_bytes()
    crc, lie = zlib.crc32(data), zlib.crc32(data[:stated])
    raw = raw.replace(len(data).to_bytes(4, "little"), stated.to_bytes(4, "little"))
    path.write_bytes(raw.replace(crc.to_bytes(4, "little"), lie.to_bytes(4, "little")))
    with zipfile.ZipFile(path) as archive:
        assert len(archive.read("sheet")) == stated  # the library is deceived
    with pytest.raises(UnsafeFileError, match="the size that the archive states"):
        readers.read_table(record_of(path))


def test_an_honest_archive_is_opened(tmp_path, record_of):
    path = pack(tmp_path / "a.zip", a=b"a" * 100_000, b="")
    with archives.opened(path, record_of(path)) as archive:
        assert len(archive.read("a")) == 100_000


def test_clutter_of_macos_is_no_document(tmp_path, record_of):
    path = pack(tmp_path / "a.kmz", doc_DOT_kml=KML.format("Buôn"), **{"__MACOSX/._doc.kml": "\x00"})
    assert readers.read_vector(record_of(path))["name"].tolist() == ["Buôn"]


def test_several_documents_in_one_kmz_are_named(tmp_path, record_of):
    path = pack(tmp_path / "a.kmz", a_DOT_kml=KML.format("a"), b_DOT_kml=KML.format("b"))
    with pytest.raises(LayerError, match=r"2 .kml files: a.kml, b.kml.*one KML document"):
        readers.read_vector(record_of(path))


def test_a_member_without_a_name_is_no_file(tmp_path, record_of):
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as archive:
        archive.writestr(zipfile.ZipInfo(""), b"")
        archive.writestr("doc.kml", KML.format("Buôn"))
    assert readers.read_vector(record_of(tmp_path / "a.kmz"))["name"].tolist() == ["Buôn"]
