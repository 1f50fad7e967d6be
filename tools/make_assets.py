"""Fetch the packaged web assets (`make assets`): pinned versions, checked bytes, licence and sha256 beside them.

What is listed in `SHIPPED` and `TESTED` is downloaded with npm's ordinary client, compared with the pinned sha512,
and unpacked beside what needs it; ``assets.json`` there says what each file is and under which licence.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Package:
    """One npm package and what is taken from it.

    Parameters
    ----------
    name, version, licence : str
    sha512 : str
        Base64, as npm's ``integrity`` gives it.
    files : tuple of str
        Paths inside the package; the folder ``dist`` is dropped when they are written.
    """

    name: str
    version: str
    licence: str
    sha512: str
    files: tuple[str, ...]

    @property
    def folder(self) -> str:
        """Name of the folder it is written to."""
        return f"{self.name}-{self.version}"


SHIPPED: Final = (
    Package(
        "leaflet",
        "1.9.3",
        "BSD-2-Clause",
        "iB2cR9vAkDOu5l3HAay2obcUHZ7xwUBBjph8+PGtmW/2lYhbLizWtG7nTeYht36WfOslixQF9D/uSIzhZgGMfQ==",
        (
            "LICENSE",
            "dist/leaflet.css",
            "dist/leaflet.js",
            "dist/images/layers-2x.png",
            "dist/images/layers.png",
            "dist/images/marker-icon-2x.png",
            "dist/images/marker-icon.png",
            "dist/images/marker-shadow.png",
        ),
    ),
)


TESTED: Final = (
    Package(
        "axe-core",
        "4.14.1",
        "MPL-2.0",
        "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
        ("LICENSE", "LICENSE-3RD-PARTY.txt", "axe.min.js"),
    ),
)
FOLDERS: Final = {
    ROOT / "planner" / "maps" / "assets": SHIPPED,
    ROOT / "tests" / "planner" / "maps" / "assets": TESTED,
}
"""Where what is unpacked: what every map carries, and what only tests of the maps use."""


def download(package: Package, folder: Path) -> Path:
    """Return the package's archive in `folder`; exits with a sentence when its bytes are not the pinned ones."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("make assets needs npm; the assets in the repository are complete without it")
    command = [npm, "pack", "--silent", f"{package.name}@{package.version}"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    archive = folder / f"{package.name}-{package.version}.tgz"
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != package.sha512:
        sys.exit(f"{archive.name}: sha512 is {found}, expected {package.sha512}")
    return archive


def unpack(package: Package, archive: Path, *, folder: Path) -> dict[str, object]:
    """Write the package's files below `folder` and return its entry of ``assets.json``."""
    files = {}
    with tarfile.open(archive) as tar:
        for path in package.files:
            member = tar.extractfile(f"package/{path}")
            if member is None:
                sys.exit(f"{archive.name}: no file {path}")
            content = member.read()
            name = f"{package.folder}/{path.removeprefix('dist/')}"
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            files[name] = hashlib.sha256(content).hexdigest()
    return {"name": package.name, "version": package.version, "licence": package.licence, "files": files}


def main() -> None:
    """Fetch every package and write each folder's ``assets.json``."""
    for folder, packages in FOLDERS.items():
        with tempfile.TemporaryDirectory() as loaded:
            entries = [unpack(package, download(package, Path(loaded)), folder=folder) for package in packages]
        text = json.dumps({"packages": entries}, indent=2) + "\n"
        (folder / "assets.json").write_text(text, encoding="utf-8")
        print(f"{sum(len(p.files) for p in packages)} files in {folder}")


if __name__ == "__main__":
    main()
