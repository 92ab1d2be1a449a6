"""`dash-agent alerts`, the webhook and health, on a real database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dash_agent.context.catalog import Catalog
from dash_agent.warehouse.roles import apply_grants
from tests.e2e.commands import Shell, on
from tests.e2e.databases import Database
from tests.e2e.digesting import MORNING, fill
from tests.stubs.telegram_server import TOKEN, TelegramServer


@pytest.fixture(scope="module")
def filled(fresh_database: Callable[[], Database], home: Catalog) -> Database:
    made = fresh_database()
    apply_grants(made.owner, home.readable)
    fill(made)
    return made


def shell_of(filled: Database, server: TelegramServer, folder: Path) -> Shell:
    settings = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE": server.base, "TELEGRAM_CHAT_IDS": "managers=77"}
    return on(filled, folder).having(**settings)


def test_the_command(filled: Database, tmp_path: Path) -> None:
    with TelegramServer() as server:
        shell = shell_of(filled, server, tmp_path)
        listed = shell.run("alerts")
        assert listed.code == 0, listed.err
        assert "pipeline_errors" in listed.out
        assert "managers_ru is not told: there is no chat 'managers_ru' in TELEGRAM_CHAT_IDS" in listed.err
        dry = shell.run("alerts", "look", "--dry-run", "--now", MORNING.isoformat())
        assert dry.code == 0, dry.err
        assert "== telegram 77: " in dry.out
        assert not server.messages
        tested = shell.run("alerts", "test", "pipeline_errors", "--to", "managers", "--lang", "ru")
        assert tested.code == 0, tested.err
        (sent,) = server.of("77")
        assert sent.text.startswith("Проверка, ничего не случилось. 🔴")
        assert sent.buttons["inline_keyboard"][0][0]["callback_data"] == "a:0:useful"
        muted = shell.run("alerts", "mute", "pipeline_errors", "--to", "managers", "--days", "2")
        assert muted.code == 0, muted.err
        assert "77 until 2026-11-" in shell.run("alerts").out
        assert "No longer muted: 1." in shell.run("alerts", "unmute", "pipeline_errors").out
        wrong = shell.run("alerts", "mute", "pipeline_error")
        assert (wrong.code, "did you mean 'pipeline_errors'" in wrong.error) == (2, True)
        stranger = shell.run("alerts", "test", "pipeline_errors", "--to", "manager")
        assert (stranger.code, "did you mean 'managers'" in stranger.error) == (2, True)


def test_looking_now_tells_once(filled: Database, tmp_path: Path) -> None:
    """A stuck ticket since the 15th: found, told, and known the second time."""
    with TelegramServer() as server:
        shell = shell_of(filled, server, tmp_path)
        first = shell.run("alerts", "look", "--now", MORNING.isoformat())
        assert "Messages: " in first.out, first.err
        told = len(server.of("77"))
        again = shell.run("alerts", "look", "--now", MORNING.isoformat())
        assert again.code == 0, again.err
        assert "Messages: 0." in again.out
        assert len(server.of("77")) == told
