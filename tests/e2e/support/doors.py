"""The real server with the support agent's routes on it, and a conversation over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from dash_agent.adapters.clock import FrozenClock
from dash_agent.adapters.embeddings import SentenceEncoder
from dash_agent.adapters.ids import UlidIds
from dash_agent.ask import Dash, Ports
from dash_agent.bootstrap import Running
from dash_agent.context.access import load_principals
from dash_agent.context.catalog import Catalog
from dash_agent.extensions import Extensions, Host
from dash_agent.in_service import InService, Serving
from dash_agent.server import staff_of
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.introspect import PostgresIntrospection
from dash_agent.warehouse.jobs import SqlJobs
from dash_agent.warehouse.state import SqlAnswers, SqlTurns
from support_agent.extension import parts_of
from tests.conftest import ROOT, ZONE
from tests.e2e.serving import AUDIENCE, JWT_KEY, KEY, bearer, served, settings
from tests.support_desk import Shop

API = "/api/v1/dialogue"
Json = Mapping[str, Any]
WITH_KEYS = {"security_key": KEY, "jwt_key": JWT_KEY, "jwt_audience": AUDIENCE}


@contextmanager
def running_on(shop: Shop, home: Catalog) -> Iterator[Running]:
    """Dash on the shop's database, by the shop's clock."""
    state, reader = Connections(shop.database.app), Connections(shop.database.reader)
    warehouse = PostgresWarehouse(shop.database.reader, timezone=ZONE.key)
    clock = FrozenClock(shop.clock.now())
    answers = SqlAnswers(state)
    dash = Dash(
        Ports(warehouse, PostgresIntrospection(reader), answers, SqlTurns(state), clock, UlidIds()),
        home,
        timezone=ZONE.key,
    )
    people = load_principals(ROOT)
    content = InService(Serving(dash, home, people), (), lambda: (), lambda: Serving(dash, home, people))
    yield Running(content, answers, clock, UlidIds(), {"database": state, "warehouse": reader})
    warehouse.close()
    state.close()
    reader.close()


@contextmanager
def open_shop(shop: Shop, running: Running, *, with_keys: bool = True, agents: bool = False) -> Iterator[httpx.Client]:
    """The server with an office of its own, as another process would have it."""
    given = settings(**(secret(WITH_KEYS) if with_keys else {}))
    state = running.parts["database"]
    staff = staff_of(given, lambda: running.principals)
    host = Host(lambda: running.dash, shop.clock, SentenceEncoder(), state, shop.folder, SqlJobs(state), staff)
    parts = parts_of(shop.opened(), host, is_open=not with_keys)
    with served(running, given, agents=agents, extensions=Extensions({"support": parts})) as client:
        yield client


def secret(given: Mapping[str, str]) -> dict[str, object]:
    from pydantic import SecretStr

    return {name: value if name == "jwt_audience" else SecretStr(value) for name, value in given.items()}


class Customer:
    """A conversation over HTTP."""

    def __init__(self, client: httpx.Client, first: str, **more: object) -> None:
        self.client = client
        response = client.post(f"{API}/create", json={"initial_message": first, **more})
        assert response.status_code == 200, response.text
        self.begun: Json = response.json()
        self.id = str(self.begun["dialog_id"])
        self.headers = bearer(str(self.begun["dialogue_token"]))

    def post(self, path: str, body: object = None, **headers: str) -> httpx.Response:
        return self.client.post(f"{API}/{self.id}/{path}", json=body or {}, headers={**self.headers, **headers})

    def say(self, text: str) -> Json:
        response = self.post("message", {"message": text})
        assert response.status_code == 200, response.text
        return dict(response.json())

    def show(self) -> Json:
        response = self.client.get(f"{API}/{self.id}", headers=self.headers)
        assert response.status_code == 200, response.text
        return dict(response.json())

    def stream(self, text: str) -> list[tuple[str, Json]]:
        """The events of a message."""
        found: list[tuple[str, Json]] = []
        name = ""
        headers = {**self.headers, "Accept": "text/event-stream"}
        url = f"{API}/{self.id}/message"
        with self.client.stream("POST", url, json={"message": text}, headers=headers) as response:
            assert response.status_code == 200
            assert response.headers["content-type"].startswith("text/event-stream")
            for line in response.iter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    found.append((name, json.loads(line.removeprefix("data: "))))
        return found
