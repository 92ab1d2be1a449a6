"""Settings: defaults, bad values told in one line, secrets kept, the example file up to date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dash_agent.errors import WrongUse
from dash_agent.settings import Settings, env_example, load_settings, parse_moment
from support_agent.settings import SupportSettings
from support_agent.settings import env_example as support_example
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without .env, and an environment without our variables."""
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.validation_alias), raising=False)
    return tmp_path


def test_every_setting_has_a_working_default() -> None:
    settings = load_settings()
    assert settings.timezone == "Asia/Jerusalem"
    assert settings.data_dir == Path(".dash")
    assert settings.database_url is None


def test_the_environment_wins_over_the_file(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (nowhere / ".env").write_text("DASH_TIMEZONE=Europe/Paris\nDASH_ROW_CAP=7\nSOMEBODY_ELSES=1\n", encoding="utf-8")
    monkeypatch.setenv("DASH_TIMEZONE", "Europe/Berlin")
    assert load_settings().timezone == "Europe/Berlin"
    assert load_settings().row_cap == 7


def test_an_empty_value_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("DASH_NOW", "")
    assert load_settings().database_url is None
    assert load_settings().now is None


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("DASH_TIMEZONE", "Asia/Jeruslem", "did you mean 'Asia/Jerusalem'?"),
        ("DASH_TIMEZONE", "jerusalem", "did you mean 'Asia/Jerusalem'?"),
        ("DASH_TIMEZONE", "\0", "is not a time zone"),
        ("DASH_NOW", "yesterday", "2026-11-20T12:00:00+00:00"),
        ("DASH_ROW_CAP", "many", "integer"),
        ("DASH_STATEMENT_TIMEOUT", "0", "greater than 0"),
        ("DATABASE_URL", "mysql://root:hunter2@db/x", "not a PostgreSQL URL"),
        ("DASH_WAREHOUSE_URL", "hunter2", "not a PostgreSQL URL"),
    ],
)
def test_a_bad_value_is_told_with_its_variable(
    variable: str, value: str, says: str, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "\0" in value:
        (nowhere / ".env").write_bytes(f"{variable}={value}\n".encode())
    else:
        monkeypatch.setenv(variable, value)
    with pytest.raises(WrongUse) as caught:
        load_settings()
    told = str(caught.value)
    assert told.startswith(f"{variable}: ")
    assert says in told
    assert "\n" not in told
    assert "hunter2" not in told


def test_all_bad_values_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASH_TIMEZONE", "Mars")
    monkeypatch.setenv("DASH_ROW_CAP", "-1")
    with pytest.raises(WrongUse, match=r"DASH_TIMEZONE: .*; DASH_ROW_CAP: "):
        load_settings()


def test_secrets_do_not_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:hunter2@db/x")
    monkeypatch.setenv("OS_SECURITY_KEY", "hunter2")
    settings = load_settings()
    assert "hunter2" not in f"{settings!r} {settings}"
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://app:hunter2@db/x"


def test_now_without_an_offset_is_in_the_business_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASH_NOW", "2026-11-20T12:00")
    moment = load_settings().now
    assert moment is not None
    assert moment.astimezone(UTC) == datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def test_a_moment_keeps_its_own_offset() -> None:
    assert parse_moment("2026-11-20T12:00:00-05:00", "Asia/Tokyo").utcoffset() == timedelta(hours=-5)
    assert parse_moment(" 2026-11-20 12:00Z ", "Asia/Tokyo") == datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "now", "2026-11-20", "2026-13-01T00:00", "0001-01-01T00:00", "9999-12-31T23:59+00:00", "\udcff:\x1b[0m"],
)
def test_what_is_not_a_moment(text: str) -> None:
    with pytest.raises(WrongUse) as caught:
        parse_moment(text, "UTC")
    assert "2026-11-20T12:00:00+00:00" in caught.value.hint
    assert caught.value.message.isprintable()


def test_the_example_file_is_the_generated_one() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == env_example() + support_example()


def test_the_example_documents_every_setting() -> None:
    for field in Settings.model_fields.values():
        assert field.description
        assert f"# {field.validation_alias}=" in env_example()
    for field in SupportSettings.model_fields.values():
        assert field.description
        assert f"# {field.validation_alias}=" in env_example() + support_example()
