"""How large an input may be. Imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that every reader holds; a plan sets them in ``[limits]``, where the keys have the same names.

    Parameters
    ----------
    file_mb : int
        Of one file, 2^20 bytes; a Shapefile counts with its parts.
    rows, columns : int
        Of one table or layer.
    vertices : int
        Of one layer.
    pixels : int
        Of one raster that is read block by block.
    held_pixels : int
        Of one raster that is held as a whole.
    unpacked_mb : int
        To which a zip, XLSX or KMZ file unpacks, and to which the columns of a Parquet file do.
    zip_entries : int
        Files within one zip, XLSX or KMZ file.
    zip_ratio : int
        Unpacked size of a file within a zip file to its packed size; small files are not asked.
    xml_depth : int
        Elements within elements of a KML document.
    xml_entities : int
        Entities that a KML document may declare; external ones are refused whatever it is.
    """

    file_mb: int = 1_024
    rows: int = 2_000_000
    columns: int = 2_000
    vertices: int = 50_000_000
    pixels: int = 4_000_000_000
    held_pixels: int = 100_000_000
    unpacked_mb: int = 1_024
    zip_entries: int = 1_000
    zip_ratio: int = 200
    xml_depth: int = 100
    xml_entities: int = 0


DEFAULT = Limits()
