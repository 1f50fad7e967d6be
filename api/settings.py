"""What an operator of the service may set; nothing is read at import."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from planner import keys
from planner.errors import PlanningError

PREFIX: Final = "PLANNER_"
DATABASES: Final = ("sqlite:///", "postgresql://", "postgresql+psycopg://")
"""What the URL of a database of reports begins with."""

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Bytes = Annotated[int, Field(gt=0)]


class SettingsError(PlanningError):
    """An environment variable of the service is missing or at fault."""


class Settings(BaseModel):
    """Settings of one server process.

    Parameters
    ----------
    published : Path
        Folder with ``current`` and the publications.
    host, port : str, int
        Where to listen; 127.0.0.1 unless told.
    poll_seconds : float
        How often ``current`` is read.
    retry_seconds : float
        After how long a refused publication is tried again.
    older_publications : int
        How many older publications are kept in memory.
    cors_origins : tuple of str
        Origins whose pages may read the answers; none by default.
    public_url : str, optional
        Where clients reach the service, for links that must be whole; else what the request says.
    frame_ancestors : tuple of str
        Origins whose pages may embed a map; ``'self'`` by default.
    disputes : str, optional
        Database URL of citizens' reports, for example ``sqlite:////var/lib/planner/disputes.db`` or
        ``postgresql://user:password@host/database``; without it ``disputes.db`` beside the published folder.
    write_key : str, optional
        What a client that sends reports must know, at least 16 characters; without it none are accepted.
    keys : Path, optional
        File of the clients' keys, written by ``planner keys``; without it ``keys.json`` beside the published folder.
    keep_positions_days : int
        After so many days the position and the text of a report are deleted.
    rate_per_second, rate_burst : float, int
        Requests that one client may send in the long run (0: any number), and at once. Each worker counts for itself.
    trusted_proxies : tuple of str
        Networks whose ``X-Forwarded-For`` is believed, and whose own requests are not counted.
    access_log : bool
        A line of JSON for every request; else for failures and slow ones.
    head_seconds, body_seconds : float
        A request's line and headers, or a body, that take longer are refused with 408.
    max_query_bytes, max_header_bytes, max_body_bytes : int
        Longer requests are refused with 414, 431 and 413.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    published: Path
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    poll_seconds: Positive = 1.0
    retry_seconds: Positive = 30.0
    older_publications: Annotated[int, Field(ge=0, le=100)] = 3
    cors_origins: tuple[str, ...] = ()
    public_url: Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?$")] | None = None
    frame_ancestors: tuple[str, ...] = ("'self'",)
    disputes: SecretStr | None = None
    write_key: Annotated[SecretStr, Field(min_length=16)] | None = None
    keys: Path | None = None
    keep_positions_days: Annotated[int, Field(ge=1, le=3650)] = 180
    rate_per_second: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 20.0
    rate_burst: Annotated[int, Field(ge=1)] = 100
    trusted_proxies: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    access_log: bool = False
    head_seconds: Positive = 15.0
    body_seconds: Positive = 15.0
    max_query_bytes: Bytes = 16_384
    max_header_bytes: Bytes = 32_768
    max_body_bytes: Bytes = 262_144

    @property
    def disputes_url(self) -> str:
        """Database URL of citizens' reports."""
        if self.disputes is not None:
            return self.disputes.get_secret_value()
        return f"sqlite:///{self.published.resolve().parent / 'disputes.db'}"

    @property
    def keys_file(self) -> Path:
        """File of the clients' keys."""
        return self.published.resolve().parent / keys.FILE if self.keys is None else self.keys

    @property
    def trusted_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks of `trusted_proxies`."""
        return tuple(ip_network(text) for text in self.trusted_proxies)

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ip_network(text)) for text in value)

    @field_validator("disputes")
    @classmethod
    def _database(cls, value: SecretStr | None) -> SecretStr | None:
        """Refuse what is no database of reports before the first report; the address is not shown, it holds a password."""
        if value is not None and not value.get_secret_value().startswith(DATABASES):
            message = f"a database URL begins with one of {', '.join(DATABASES)}"
            raise ValueError(message)
        return value

    @field_validator("cors_origins", "frame_ancestors", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Accept a comma-separated text, as an environment variable holds it."""
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("frame_ancestors")
    @classmethod
    def _one_token_each(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(set(origin) & set(" ;\r\n") for origin in value):
            message = "an origin holds no blank, semicolon or line break"
            raise ValueError(message)
        return value


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read settings from ``PLANNER_<NAME>`` variables; names that are no setting are left to others.

    Raises
    ------
    SettingsError
        With one line per fault: the variable and the rule.
    """
    variables = os.environ if environment is None else environment
    values = {
        name: variables[PREFIX + name.upper()] for name in Settings.model_fields if PREFIX + name.upper() in variables
    }
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        lines = [f"{PREFIX}{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors()]
        raise SettingsError("\n".join(lines)) from None
