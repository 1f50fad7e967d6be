"""Run in a process of its own, where GDAL has all its drivers (layers.gdal takes most away): what it reads of the service.

python gdal_reader.py ADDRESS LON LAT CRS
"""

import json
import sys

import pyogrio

address, lon, lat, crs = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
source = f"OAPIF:{address}"
names = [str(name) for name in pyogrio.list_layers(source)[:, 0]]
villages = pyogrio.read_dataframe(source, layer="villages").sort_values("unit_id", ignore_index=True)
white = pyogrio.read_dataframe(source, layer="villages", where="need_class = 'white_spot'")
near = pyogrio.read_dataframe(source, layer="villages", bbox=(lon - 0.001, lat - 0.001, lon + 0.001, lat + 0.001))
moved = pyogrio.read_dataframe(source, layer="sites", CRS=crs)
found = {
    "counts": {name: len(pyogrio.read_dataframe(source, layer=name)) for name in names},
    "scores": [float(value) for value in villages["score"]],
    "shapes": list(villages.geometry.to_wkt()),
    "white": sorted(white["unit_id"]),
    "near": list(near["unit_id"]),
    "epsg": moved.crs.to_epsg(),
    "first": moved.to_crs("EPSG:4326").geometry.iloc[0].wkt,
}
print(json.dumps(found))  # noqa: T201 - how it answers
