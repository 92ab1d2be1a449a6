"""A `Dash` with a model behind it that answers by script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from dash_agent.adapters.agno_planner import Access, AgnoPlanner, Choice
from dash_agent.adapters.clock import FrozenClock
from dash_agent.adapters.ids import UlidIds
from dash_agent.ask import Dash, Ports
from dash_agent.context.catalog import Catalog
from dash_agent.models.answer import Answer
from dash_agent.models.planned import Mended
from dash_agent.models.principal import Principal, Role
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.introspect import PostgresIntrospection
from tests.conftest import NOW, ZONE
from tests.e2e.databases import Database
from tests.e2e.scopes import login
from tests.fakes import FakeAnswers, FakeTurns
from tests.stubs.openai_server import KEY, openai_server
from tests.stubs.scripted import Call, Provider

ANNA = Principal("anna@example.com", Role.ANALYST)
WHATSAPP_LAST_WEEK = {
    "kind": "metric",
    "metrics": ["tickets"],
    "filters": [{"dimension": "channel", "op": "in", "values": ["whatsapp"]}],
    "period": {"label": "last week"},
}
LAST_WEEK = "created_at >= '2026-11-09 00:00+02' AND created_at < '2026-11-16 00:00+02'"


def submitted(**plan: Any) -> Call:
    return Call("submit_plan", plan)


def sql(statement: str) -> Call:
    return submitted(kind="sql", sql=statement)


@dataclass
class Modelled:
    """provider: the stub that the model is at. mended: what listeners heard."""

    dash: Dash
    provider: Provider
    answers: FakeAnswers
    mended: list[Mended] = field(default_factory=list)

    def ask(self, question: str, **options: Any) -> Answer:
        return self.dash.ask(question, options.pop("principal", ANNA), now=NOW, **options)

    @property
    def told(self) -> list[str]:
        """What the model was told, call by call."""
        return [request.told for request in self.provider.requests]


@contextmanager
def modelled(
    desk: Database,
    home: Catalog,
    *script: Any,
    otherwise: Any = None,
    models: tuple[str, ...] = ("first",),
    key: str = KEY,
    timeout_s: float = 5.0,
    options: Mapping[str, Any] | None = None,
) -> Iterator[Modelled]:
    """models: names, all at the one stub. key: that we send; the stub wants KEY."""
    state, reader = Connections(desk.app), Connections(desk.reader)
    warehouse = PostgresWarehouse(desk.reader, timezone=ZONE.key, login_of=lambda scope: login(desk, scope))
    with openai_server(*script, otherwise=otherwise) as provider:
        access = Access(openai_key=key, openai_url=f"{provider.url}/v1", timeout_s=timeout_s)
        planner = AgnoPlanner([Choice("openai", name) for name in models], access)
        answers = FakeAnswers()
        ports = Ports(
            warehouse,
            PostgresIntrospection(reader),
            answers,
            FakeTurns(),
            FrozenClock(NOW),
            UlidIds(),
            planner=planner,
        )
        made = Modelled(Dash(ports, home, timezone=ZONE.key, **(options or {})), provider, answers)
        made.dash.listen_mended(lambda mended, _: made.mended.append(mended))
        try:
            yield made
        finally:
            warehouse.close()
            state.close()
            reader.close()


def rows(desk: Database, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(desk.owner) as connection:
        return connection.execute(statement.encode()).fetchall()
