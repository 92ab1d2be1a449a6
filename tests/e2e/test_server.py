"""The server over real HTTP, on a real database."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from dash_agent.adapters.clock import FrozenClock
from dash_agent.adapters.ids import UlidIds
from dash_agent.ask import Dash
from dash_agent.bootstrap import Running
from dash_agent.context.catalog import Catalog
from dash_agent.in_service import InService, Serving
from dash_agent.models.principal import Principal, Role
from dash_agent.models.wire import answer_json
from dash_agent.server.asking import Asking, seen_by
from dash_agent.server.failures import add_handlers
from dash_agent.server.metrics import Metrics
from dash_agent.server.questions import question_routes
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.preflight import PostgresPreflight
from dash_agent.warehouse.state import SqlAnswers
from tests.conftest import NOW, ZONE
from tests.e2e.databases import Database
from tests.e2e.serving import KEY, error, served, settings

QUESTION = {"question": "How many tickets were there in October 2026?"}


@pytest.fixture
def running(dash: Dash, home: Catalog, desk: Database) -> Iterator[Running]:
    state, reader = Connections(desk.app), Connections(desk.reader)
    content = InService(Serving(dash, home, {}), (), lambda: (), lambda: Serving(dash, home, {}))
    parts = {"database": state, "warehouse": reader}
    yield Running(content, SqlAnswers(state), FrozenClock(NOW), UlidIds(), parts)
    state.close()
    reader.close()


@pytest.fixture
def client(running: Running) -> Iterator[httpx.Client]:
    with served(running) as it:
        yield it


def test_a_question_and_its_receipt(client: httpx.Client) -> None:
    answer = client.post("/api/v1/ask", json=QUESTION)
    assert answer.status_code == 200
    assert answer.json()["status"] == "answered"
    assert answer.json()["rows"][0][0] > 0
    kept = client.get(f"/api/v1/answers/{answer.json()['answer_id']}")
    assert kept.json() == answer.json()


def test_a_session_and_a_now(client: httpx.Client) -> None:
    asked = {"question": "How many tickets were there last month?", "session_id": "http", "now": "2026-06-15T10:00"}
    first = client.post("/api/v1/ask", json={**asked, "engine": None, "user_id": "somebody"}).json()
    assert first["as_of"] == "2026-06-15T10:00:00+03:00"
    assert first["plan"]["period"]["start"].startswith("2026-05-01")
    follow = client.post("/api/v1/ask", json={**asked, "question": "and by channel?"}).json()
    assert sum(row[-1] for row in follow["rows"]) == first["rows"][0][0]


@pytest.mark.parametrize("question", ["", "a" * 100_000, "\x00\x01\x02", "\ud800 tickets"])
def test_a_bad_question_is_a_refusal(question: str, client: httpx.Client) -> None:
    body = json.dumps({"question": question})
    answer = client.post("/api/v1/ask", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    assert answer.json()["status"] in ("refused", "clarify")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 422, "invalid_request"),
        (b"[]", 422, "invalid_request"),
        (b'{"question": 5}', 422, "invalid_request"),
        (b'{"question": "x", "engine": "magic"}', 422, "invalid_request"),
        (b'{"question": "x", "session_id": ""}', 422, "invalid_request"),
        (b'{"question": "x", "now": "junk"}', 422, "wrong_use"),
        (b'{"question": "x", "engine": "llm"}', 422, "wrong_use"),
        (b"{\xff", 400, "bad_request"),
        (b"[" * 100_000, 400, "bad_request"),
        (b" " * 300_000, 413, "too_large"),
    ],
)
def test_a_bad_body(body: bytes, status: int, code: str, client: httpx.Client) -> None:
    answer = client.post("/api/v1/ask", content=body, headers={"Content-Type": "application/json"})
    assert error(answer, status) == code


def test_a_body_that_does_not_say_its_size(client: httpx.Client) -> None:
    answer = client.post("/api/v1/ask", content=(b" " * 10_000 for _ in range(40)))
    assert error(answer, 413) == "too_large"


def test_what_is_not_there(client: httpx.Client) -> None:
    assert error(client.get("/nothing"), 404) == "not_found"
    assert error(client.get("/api/v1/ask"), 405) == "method_not_allowed"
    assert error(client.get("/api/v1/answers/01UNKNOWN"), 404) == "not_found"
    assert error(client.get("/api/v1/answers/%00"), 404) == "not_found"


def test_only_the_key_opens_staff_routes(running: Running) -> None:
    with served(running, settings(security_key=SecretStr(KEY))) as client:
        for sent in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {KEY}"}, {"Authorization": KEY}):
            refused = client.post("/api/v1/ask", json=QUESTION, headers=sent)
            assert error(refused, 401) == "unauthorized"
            assert refused.headers["WWW-Authenticate"] == "Bearer"
        assert error(client.get("/api/v1/answers/01UNKNOWN"), 401) == "unauthorized"
        assert client.get("/api/v1/health").status_code == 200
        answer = client.post("/api/v1/ask", json=QUESTION, headers={"Authorization": f"Bearer {KEY}"})
        assert answer.json()["status"] == "answered"


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
def test_without_a_key_a_page_on_the_web_cannot_ask(headers: dict[str, str], client: httpx.Client) -> None:
    assert error(client.post("/api/v1/ask", json=QUESTION, headers=headers), 403) == "forbidden"


def test_health(client: httpx.Client) -> None:
    for path in ("/api/v1/health", "/api/v1/health/ready", "/api/v1/health/detailed"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert set(answer.json()) == {"status", "version", "uptime_s", "components"}
    assert client.get("/api/v1/health/ready").json()["components"] == {
        "database": {"status": "ok"},
        "warehouse": {"status": "ok"},
    }


async def got(app: FastAPI, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        return await client.get(path)


def test_an_answer_is_for_who_asked_and_the_admin(running: Running) -> None:
    given = running.dash.ask(QUESTION["question"], Principal("anna@example.com", Role.VIEWER))
    path = f"/api/v1/answers/{given.answer_id}"
    for principal, status in (
        (Principal("anna@example.com", Role.VIEWER), 200),
        (Principal("admin", Role.ADMIN), 200),
        (Principal("boris@example.com", Role.ANALYST), 404),
    ):
        asking = Asking(running, Metrics({}))
        routes = question_routes(running, asking, lambda it=principal: it, ZONE.key)  # type: ignore[arg-type,misc]
        app = FastAPI()
        add_handlers(app)
        app.include_router(routes, prefix="/api/v1")
        found = asyncio.run(got(app, path))
        assert found.status_code == status
        assert status == 404 or found.json() == seen_by(principal, answer_json(given))


def test_the_state_of_the_data(running: Running, home: Catalog, desk: Database) -> None:
    """Two days after the last row, tables that are expected to be fresh are late."""
    state = running.parts["database"]
    late = NOW + timedelta(days=20)
    for now, status in ((NOW, "ok"), (late, "doubtful")):
        looks = PostgresPreflight(state, timezone=ZONE.key)
        ports = replace(running.dash._ports, clock=FrozenClock(now), preflight=looks)
        dash = Dash(ports, home, timezone=ZONE.key)
        content = InService(Serving(dash, home, {}), (), lambda: (), lambda it=dash: Serving(it, home, {}))
        with served(replace(running, content=content)) as client:
            answer = client.get("/api/v1/health/detailed")
        assert answer.status_code == 200
        data = answer.json()["components"]["data"]
        expected = sum(table.fresh_hours is not None for table in home.tables.values()) if now == late else 0
        assert data == {"status": status, "late": expected, "stopped": 0, "doubled": 0}


def test_not_ready_where_the_database_is_gone(running: Running) -> None:
    gone = Connections("postgresql://app:hunter2@127.0.0.1:1/dash")
    broken = replace(running, parts={**running.parts, "database": gone}, answers=SqlAnswers(gone))
    with served(broken) as client:
        for path in ("/api/v1/health/ready", "/api/v1/health/detailed"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert answer.json()["components"]["database"] == {"status": "down", "code": "warehouse_unavailable"}
            assert "127.0.0.1" not in answer.text
        assert client.get("/api/v1/health").status_code == 200
        refused = client.get("/api/v1/answers/01UNKNOWN")
        assert error(refused, 503) == "warehouse_unavailable"
        assert "hunter2" not in refused.text
        assert "127.0.0.1" not in refused.text


def test_a_bug_tells_nothing_of_the_inside(running: Running) -> None:
    class Broken:
        def ask(self, *_: object, **__: object) -> None:
            raise RuntimeError("a secret of the inside")

    broken = replace(running.content.serving, dash=Broken())  # type: ignore[arg-type]
    content = InService(broken, (), lambda: (), lambda: broken)
    with served(replace(running, content=content)) as client:
        answer = client.post("/api/v1/ask", json=QUESTION)
    assert error(answer, 500) == "internal"
    assert "secret" not in answer.text


def test_questions_at_once(client: httpx.Client) -> None:
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(client.post("/api/v1/ask", json=QUESTION).json()["rows"]))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 12
    assert all(rows == found[0] for rows in found)
