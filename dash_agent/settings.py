"""Settings, from environment variables or the file `.env`. `python -m dash_agent.settings` prints `.env.example`."""

from __future__ import annotations

import difflib
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from dash_agent.errors import WrongUse

MOMENT_EXAMPLE: Final = "2026-11-20T12:00:00+00:00"
POSTGRES_SCHEMES: Final = ("postgresql", "postgres")
YEARS: Final = range(1970, 2200)


class Settings(BaseSettings):
    """What an installation may set. An empty value is the same as none."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    database_url: SecretStr | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="PostgreSQL server for our own state, as the app role. Without it an embedded one is started.",
        examples=["postgresql://dash_app:PASSWORD@db.internal:5432/dash"],
    )
    owner_url: SecretStr | None = Field(
        default=None,
        validation_alias="DASH_OWNER_URL",
        description="The same database as its owner. Only migrations and grants use it; without it none are made.",
        examples=["postgresql://dash_owner:PASSWORD@db.internal:5432/dash"],
    )
    warehouse_url: SecretStr | None = Field(
        default=None,
        validation_alias="DASH_WAREHOUSE_URL",
        description="Database that questions are about, as a role that can only read. Never migrated. "
        "Without it questions are about our own database.",
        examples=["postgresql://reader:PASSWORD@warehouse.internal:5432/support"],
    )
    timezone: str = Field(
        default="Asia/Jerusalem",
        validation_alias="DASH_TIMEZONE",
        description="Business time zone: where days, weeks and months begin.",
    )
    now: datetime | None = Field(
        default=None,
        validation_alias="DASH_NOW",
        description="Freezes now, for demonstrations and tests. Without an offset it is in the business time zone.",
        examples=[MOMENT_EXAMPLE],
    )
    content_dir: Path = Field(
        default=Path(),
        validation_alias="DASH_CONTENT_DIR",
        description="Folder that holds tables/, queries/, business/ and knowledge/.",
    )
    data_dir: Path = Field(
        default=Path(".dash"),
        validation_alias="DASH_DATA_DIR",
        description="Folder for everything that is kept on disk: the embedded database, passwords, demo records.",
    )
    security_key: SecretStr | None = Field(
        default=None,
        validation_alias="OS_SECURITY_KEY",
        description="Staff send it as `Authorization: Bearer`. Without it the server binds to localhost only.",
    )
    statement_timeout: float = Field(
        default=15.0,
        gt=0,
        le=3600,
        validation_alias="DASH_STATEMENT_TIMEOUT",
        description="Seconds that one analytical statement may take.",
    )
    row_cap: int = Field(
        default=1000,
        gt=0,
        le=100_000,
        validation_alias="DASH_ROW_CAP",
        description="Rows that one answer holds at most; what is cut off is said.",
    )
    browser: Path | None = Field(
        default=None,
        validation_alias="DASH_BROWSER",
        description="Chromium or Chrome that draws charts as pictures. Without it one that stands on PATH is taken.",
        examples=["/usr/bin/chromium"],
    )

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        zones = available_timezones()
        if name not in zones:
            raise ValueError(f"'{name}' is not a time zone{_nearest(name, zones)}")
        return name

    @field_validator("now", mode="before")
    @classmethod
    def _moment(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        try:
            return parse_moment(value, info.data.get("timezone", "UTC"))
        except WrongUse as error:
            raise ValueError(str(error)) from None

    @field_validator("database_url", "owner_url", "warehouse_url")
    @classmethod
    def _postgres_url(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None:
            return None
        try:
            scheme = urlsplit(url.get_secret_value()).scheme
        except ValueError:
            scheme = ""
        if scheme not in POSTGRES_SCHEMES:
            raise ValueError("not a PostgreSQL URL; write postgresql://USER:PASSWORD@HOST:5432/DATABASE")
        return url


def load_settings() -> Settings:
    """The settings of this process. Raises WrongUse with one line that names every variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        raise WrongUse("; ".join(_problem(dict(found)) for found in error.errors(include_url=False))) from None
    except UnicodeDecodeError as error:
        raise WrongUse(".env: not UTF-8 text", "save the file as UTF-8") from error


def _problem(found: dict[str, object]) -> str:
    place = found["loc"]
    name = str(place[0]) if isinstance(place, tuple) and place else "settings"
    variable = next((str(f.validation_alias) for n, f in Settings.model_fields.items() if n == name), name)
    return f"{variable}: {str(found['msg']).removeprefix('Value error, ')}"


def parse_moment(text: str, timezone: str) -> datetime:
    """A date and time in ISO 8601, aware; read in `timezone` where it has no offset. Raises WrongUse."""
    hint = f"write it like {MOMENT_EXAMPLE}"
    shown = ascii(text[:60])
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise WrongUse(f"{shown} is not an ISO date and time", hint) from None
    if ":" not in text:
        raise WrongUse(f"{shown} has no time of day", hint)
    if moment.year not in YEARS:
        raise WrongUse(f"{shown} is not between {YEARS.start} and {YEARS.stop - 1}", hint)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))


def _nearest(name: str, known: set[str]) -> str:
    """The nearest of `known`, by the city first, so that 'Jerusalem' finds 'Asia/Jerusalem'."""
    by_city = {zone.rsplit("/", 1)[-1].lower(): zone for zone in sorted(known, reverse=True)}
    city = name.rsplit("/", 1)[-1].lower().replace(" ", "_")
    whole = difflib.get_close_matches(name, known, n=2, cutoff=0.7)
    found = whole or [by_city[c] for c in difflib.get_close_matches(city, by_city, n=2, cutoff=0.7)]
    return f"; did you mean {' or '.join(repr(zone) for zone in found)}?" if found else ""


def env_example() -> str:
    """The text of `.env.example`: every setting, commented out, with its default or an example."""
    blocks = ["# Copy to .env and set what you need. Every setting has a working default.\n"]
    for field in Settings.model_fields.values():
        shown = field.examples[0] if field.examples else "" if field.default is None else field.default
        kind = "Example" if field.examples else "Default"
        note = f"{field.description} {kind}: {shown}" if str(shown) else field.description
        blocks.append(f"# {note}\n# {field.validation_alias}={shown if kind == 'Default' else ''}\n")
    return "\n".join(blocks)


if __name__ == "__main__":
    print(env_example(), end="")
