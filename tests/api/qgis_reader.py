"""Run by the system's Python, which has QGIS: reads layers of a server or a database and prints what it found as JSON.

python3 qgis_reader.py PROVIDER SOURCE KEY
"""

import json
import sys

from qgis.core import QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer


def main(provider: str, source: str, key: str) -> None:
    """Read one layer: all of it, a filter, a box."""
    application = QgsApplication([], False)
    application.initQgis()
    layer = QgsVectorLayer(source, "layer", provider)
    found = {"valid": layer.isValid()}  # QGIS 3.22 dies when an error that is none is asked for its summary
    if layer.isValid():
        features = list(layer.getFeatures())
        found["ids"] = sorted(feature[key] for feature in features)
        found["crs"] = layer.crs().authid()
        found["fields"] = [field.name() for field in layer.fields()]
        found["kind"] = layer.geometryType()
        first = min(features, key=lambda feature: feature[key])
        inside = first.geometry().pointOnSurface().asPoint()
        found["inside"] = [inside.x(), inside.y()]
        box = QgsRectangle(inside.x() - 1e-4, inside.y() - 1e-4, inside.x() + 1e-4, inside.y() + 1e-4)
        found["in_box"] = sorted(f[key] for f in layer.getFeatures(QgsFeatureRequest().setFilterRect(box)))
        wanted = QgsFeatureRequest().setFilterExpression("\"need_class\" = 'white_spot'")
        found["white_spots"] = (
            sorted(f[key] for f in layer.getFeatures(wanted)) if "need_class" in found["fields"] else None
        )
    print(json.dumps(found))  # noqa: T201 - how it answers
    sys.stdout.flush()
    application.exitQgis()


main(*sys.argv[1:])
