"""A published folder with the tiny publication, and an application that serves it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.main import create_app
from api.settings import Settings
from planner.products import CURRENT, Publication
from tests.api.client import Client
from tests.tiny_publication import publish_tiny

LATER = "2026-02-01T00:00:00Z"


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """The tiny publication; nobody changes it."""
    return publish_tiny(tmp_path_factory.mktemp("tiny") / "published")


@pytest.fixture(scope="session")
def shared_app(tiny: Publication):
    return create_app(Settings(published=tiny.path.parent))


@pytest.fixture
def client(shared_app) -> Iterator[Client]:
    """A client of the tiny publication."""
    with Client(shared_app) as found:
        yield found


@pytest.fixture(scope="session")
def later(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """A second publication, for `publish_later`."""
    return publish_tiny(tmp_path_factory.mktemp("later") / "published", now=LATER)


@pytest.fixture
def publish_later(published: Path, later: Publication) -> Callable[[], Publication]:
    """Publish `later` in `published` and put it in force, in the order in which a run does it."""

    def publish() -> Publication:
        shutil.copytree(later.path, published / later.path.name)
        (published / "current.new").write_text(later.path.name + "\n")
        (published / "current.new").replace(published / CURRENT)
        return Publication(published / later.path.name)

    return publish


@pytest.fixture
def published(tiny: Publication, tmp_path: Path) -> Path:
    """A published folder of one's own, to be damaged and added to."""
    return shutil.copytree(tiny.path.parent, tmp_path / "published")


@pytest.fixture
def own(published: Path) -> Iterator[Client]:
    """A client of `published`."""
    with Client(create_app(Settings(published=published))) as found:
        yield found
