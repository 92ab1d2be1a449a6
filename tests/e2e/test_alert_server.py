"""Presses by a webhook, and what health says of the looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from pydantic import SecretStr

from dash_agent.bootstrap import Running
from dash_agent.context.catalog import Catalog
from dash_agent.errors import WrongUse
from dash_agent.models.alarm import Look
from dash_agent.warehouse.alerts import SqlAlerts
from dash_agent.warehouse.connections import Connections
from tests.conftest import NOW
from tests.e2e.alarming import HOUR, rows
from tests.e2e.databases import Database
from tests.e2e.serving import served, settings
from tests.stubs.telegram_server import TOKEN

SECRET = "s3cret-of-the_webhook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
PRESS = {
    "update_id": 71,
    "callback_query": {
        "id": "q",
        "from": {"id": 5, "first_name": "Anna"},
        "message": {"message_id": 3, "chat": {"id": 77}},
        "data": "a:1:useful",
    },
}


@pytest.fixture
def own(fresh_database: Callable[[], Database]) -> Database:
    return fresh_database()


@pytest.fixture
def running(staffed: Running, own: Database) -> Iterator[Running]:
    """What the others have, with a state of its own."""
    state = Connections(own.app)
    yield replace(staffed, parts={**staffed.parts, "database": state})
    state.close()


def hooked(**given: object) -> object:
    return settings(
        telegram_token=SecretStr(TOKEN),
        webhook_url="https://dash.example.com/api/v1/telegram",
        webhook_secret=SecretStr(SECRET),
        **given,
    )


def test_a_press_comes_in_with_the_secret_alone(running: Running, own: Database) -> None:
    with served(running, hooked()) as client:  # type: ignore[arg-type]
        for sent in ({}, {HEADER: "wrong"}, {HEADER: "ß"}):
            headers = {name: value.encode() for name, value in sent.items()}
            assert client.post("/api/v1/telegram", json=PRESS, headers=headers).status_code == 401
        for body in (b"{", b"[]", b"{}", b'{"update_id": "x"}', b"[" * 50_000):
            assert client.post("/api/v1/telegram", content=body, headers={HEADER: SECRET}).status_code == 400
        assert rows(own, "SELECT 1 FROM app.jobs") == []
        for _ in range(2):
            assert client.post("/api/v1/telegram", json=PRESS, headers={HEADER: SECRET}).status_code == 200
    assert rows(own, "SELECT kind, key FROM app.jobs") == [("telegram.update", "telegram 123456 71")]


def test_without_a_webhook_there_is_no_such_address(running: Running) -> None:
    with served(running, settings(telegram_token=SecretStr(TOKEN))) as client:
        assert client.post("/api/v1/telegram", json=PRESS, headers={HEADER: ""}).status_code == 404
    with pytest.raises(WrongUse, match="TELEGRAM_WEBHOOK_SECRET"):
        assert settings(webhook_url="https://dash.example.com/x").webhook


def test_health_says_where_looks_are_late(running: Running, home: Catalog) -> None:
    told = settings(telegram_token=SecretStr(TOKEN), telegram_chats="managers=77")
    alerts = SqlAlerts(running.parts["database"])

    def said() -> dict[str, object]:
        with served(running, told) as client:
            found: dict[str, object] = client.get("/api/v1/health/detailed").json()["components"]["alerts"]
        return found

    assert said()["status"] == "not_begun"
    alerts.looked(Look("", tuple(home.alerts), NOW))
    assert (said()["status"], said()["late"]) == ("ok", [])
    alerts.looked(Look("", ("pipeline_errors",), NOW, error="no connection"))
    assert said()["status"] == "ok", "one that failed is no gap yet"
    with_old = SqlAlerts(running.parts["database"])
    rows_before = NOW - 30 * HOUR
    with running.parts["database"].transaction() as transaction:
        transaction.execute("DELETE FROM app.alert_looks")
    with_old.looked(Look("", tuple(home.alerts), rows_before))
    assert said()["status"] == "late"
    assert "pipeline_errors" in str(said()["late"])
    with served(running, settings()) as client:
        assert client.get("/api/v1/health/detailed").json()["components"]["alerts"]["status"] == "off"
