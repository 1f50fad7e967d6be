"""Write the files anew; look at the difference before committing it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.api.client import Client
from tests.contract.cases import CASES, FOLDER, application, ask, text
from tests.tiny_publication import publish_tiny

with tempfile.TemporaryDirectory() as folder:
    publication = publish_tiny(Path(folder) / "published")
    for old in FOLDER.glob("*.json"):
        old.unlink()
    with Client(application(publication)) as client:
        for case in CASES:
            (FOLDER / f"{case.name}.json").write_text(text(ask(client, publication, case)), encoding="utf-8")
