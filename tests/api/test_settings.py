from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from api.settings import Settings, SettingsError, from_environment


def test_the_environment_is_read_and_foreign_names_are_left():
    found = from_environment(
        {"PLANNER_PUBLISHED": "/data/published", "PLANNER_POLL_SECONDS": "0.5", "PLANNER_REAL_DATA": "x", "HOME": "y"}
    )
    assert found.published == Path("/data/published")
    assert found.poll_seconds == 0.5


def test_lists_are_separated_by_commas():
    found = from_environment({"PLANNER_PUBLISHED": "p", "PLANNER_CORS_ORIGINS": "https://a.vn, https://b.vn,"})
    assert found.cors_origins == ("https://a.vn", "https://b.vn")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PLANNER_PORT", "70000"),
        ("PLANNER_POLL_SECONDS", "0"),
        ("PLANNER_POLL_SECONDS", "nan"),
        ("PLANNER_FRAME_ANCESTORS", "https://a.vn; script-src *"),
        ("PLANNER_DISPUTES", "/srv/disputes.db"),
        ("PLANNER_DISPUTES", "mysql://a:secret@b/c"),
    ],
)
def test_a_fault_names_its_variable(name, value):
    with pytest.raises(SettingsError, match=name):
        from_environment({"PLANNER_PUBLISHED": "p", name: value})


def test_a_database_is_named_as_the_export_takes_it_and_its_password_is_never_shown():
    found = from_environment({"PLANNER_PUBLISHED": "p", "PLANNER_DISPUTES": "postgresql://a:secret@b/c"})
    assert found.disputes_url == "postgresql://a:secret@b/c"
    with pytest.raises(SettingsError, match="begins with") as error:
        from_environment({"PLANNER_PUBLISHED": "p", "PLANNER_DISPUTES": "mysql://a:secret@b/c"})
    assert "secret" not in f"{found} {error.value}"


def test_without_a_folder_there_is_no_service():
    with pytest.raises(SettingsError, match="PLANNER_PUBLISHED"):
        from_environment({})


def test_settings_do_not_change():
    settings = Settings(published=Path("p"))
    with pytest.raises(ValidationError):
        settings.port = 1
