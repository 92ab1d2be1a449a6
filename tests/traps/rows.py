"""A few hand-written rows in an empty database. A builder fills in what a test does not care about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from dash_agent.adapters.clock import FrozenClock
from dash_agent.ask import Dash, Ports
from dash_agent.context.catalog import Catalog
from dash_agent.models.answer import Answer, Status
from dash_agent.models.plan import ListPlan, MetricPlan
from dash_agent.models.principal import Principal, Role
from dash_agent.models.query import ListQuery, MetricQuery, Period
from dash_agent.warehouse.execute import PostgresWarehouse
from tests.conftest import NOW, ZONE
from tests.e2e.databases import Database
from tests.fakes import CountingIds, FakeAnswers, FakeIntrospection, FakeTurns

ANALYST = Principal("analyst@example.com", Role.ANALYST)
TABLES = (
    "customers", "subscriptions", "shipments", "support_threads_data", "support_dialogs", "ai_human_comparison",
    "ai_agent_tasks",
)  # fmt: skip


def at(text: str, zone: ZoneInfo = ZONE) -> datetime:
    """'2026-11-03' or '2026-11-03 09:30' on the clock of `zone`."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(text: str) -> datetime:
    """An hour on the wall, as buckets have it: without a zone."""
    return datetime.fromisoformat(text)


def period(start: str, end: str, zone: ZoneInfo = ZONE) -> Period:
    return Period(at(start, zone), at(end, zone))


def to_now(start: str, now: datetime = NOW, zone: ZoneInfo = ZONE) -> Period:
    return Period(at(start, zone), now, to_now=True)


NOVEMBER = period("2026-11-01", "2026-12-01")
OCTOBER = period("2026-10-01", "2026-11-01")
A_DAY = at("2026-11-03 09:00")


@dataclass
class Rows:
    """Inserts rows as the owner; each method gives the new row's key."""

    connection: psycopg.Connection[Any]
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def clear(self) -> None:
        names = sql.SQL(", ").join(map(sql.Identifier, TABLES))
        self.connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(names))

    def customer(self, **values: object) -> int:
        number = next(self.numbers)
        known = {
            "full_name": "Ann Example",
            "email": f"customer{number}@example.com",
            "country": "US",
            "language": "en",
            "created_at": A_DAY,
        }
        return self._insert("customers", {**known, **values})

    def subscription(self, **values: object) -> int:
        known = {
            "plan": "standard",
            "frequency": "monthly",
            "status": "active",
            "price_usd": 20,
            "started_at": A_DAY,
            "shipping_address": "1 Example Street",
        }
        if "customer_id" not in values:
            values["customer_id"] = self.customer()
        return self._insert("subscriptions", {**known, **values})

    def shipment(self, **values: object) -> int:
        known = {
            "box_month": "2026-11-01",
            "carrier": "DHL",
            "tracking_number": f"T{next(self.numbers)}",
            "status": "delivered",
        }
        if "subscription_id" not in values:
            values["subscription_id"] = self.subscription()
        return self._insert("shipments", {**known, **values})

    def ticket(self, created_at: datetime = A_DAY, **values: object) -> int:
        known = {
            "thread_key": f"thread:{next(self.numbers)}",
            "channel": "email",
            "language": "en",
            "subject": "A question",
            "request_type": "other",
            "urgency": "low",
            "status": "Data collected",
            "created_at": created_at,
            "updated_at": created_at,
        }
        return self._insert("support_threads_data", {**known, **values})

    def tickets(self, number: int, created_at: datetime = A_DAY, **values: object) -> None:
        """Many alike, made by the server."""
        first = self.ticket(created_at, **values)
        row = "SELECT * FROM support_threads_data WHERE ticket_id = %s"
        cursor = self.connection.execute(row.encode(), (first,))
        names = [column.name for column in cursor.description or () if column.name not in ("ticket_id", "thread_key")]
        columns = sql.SQL(", ").join(map(sql.Identifier, names))
        statement = sql.SQL(
            "INSERT INTO support_threads_data (thread_key, {}) SELECT 'many:' || %s || ':' || n, {}"
            " FROM support_threads_data, generate_series(2, %s) AS n WHERE ticket_id = %s"
        ).format(columns, columns)
        self.connection.execute(statement, (first, number, first))

    def message(self, ticket_id: int, created_at: datetime = A_DAY, **values: object) -> int:
        known = {"ticket_id": ticket_id, "role": "customer", "message": "Hello", "created_at": created_at}
        return self._insert("support_dialogs", {**known, **values})

    def comparison(self, ticket_id: int, created_at: datetime = A_DAY, **values: object) -> int:
        known = {
            "ticket_id": ticket_id,
            "request_type": "other",
            "ai_answer": "Yes",
            "human_answer": "Yes",
            "similarity": 1,
            "verdict": "equal",
            "judge_model": "judge",
            "created_at": created_at,
        }
        return self._insert("ai_human_comparison", {**known, **values})

    def task(self, ticket_id: int, created_at: datetime = A_DAY, **values: object) -> int:
        known = {
            "ticket_id": ticket_id,
            "task_type": "skip_month",
            "status": "done",
            "requires_approval": False,
            "created_at": created_at,
        }
        return self._insert("ai_agent_tasks", {**known, **values})

    def _insert(self, table: str, values: dict[str, object]) -> int:
        names = sql.SQL(", ").join(map(sql.Identifier, values))
        places = sql.SQL(", ").join(sql.Placeholder() * len(values))
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), names, places)
        self.connection.execute(statement, list(values.values()))
        found = self.connection.execute("SELECT lastval()").fetchone()
        return int(found[0]) if found else 0


@dataclass
class Asker:
    """Asks the semantic layer through a whole Dash, on the clock of any zone."""

    database: Database = field(repr=False)
    catalog: Catalog = field(repr=False)
    made: dict[str, tuple[Dash, PostgresWarehouse]] = field(default_factory=dict, repr=False)

    def __call__(self, query: MetricQuery, *, now: datetime = NOW, zone: ZoneInfo = ZONE) -> list[tuple[Any, ...]]:
        """The rows of the answer. Raises what the semantic layer raises."""
        return list(self.answer(MetricPlan(query), now, zone).rows)

    def listed(self, query: ListQuery, *, now: datetime = NOW, zone: ZoneInfo = ZONE) -> list[tuple[Any, ...]]:
        return list(self.answer(ListPlan(query), now, zone).rows)

    def answer(self, plan: MetricPlan | ListPlan, now: datetime, zone: ZoneInfo) -> Answer:
        answer = self._dash(zone).answer(plan, ANALYST, now=now)
        assert answer.status is Status.ANSWERED, f"{answer.text}\n{answer.sql}"
        return answer

    def _dash(self, zone: ZoneInfo) -> Dash:
        if zone.key not in self.made:
            warehouse = PostgresWarehouse(self.database.reader, timezone=zone.key)
            ports = Ports(warehouse, FakeIntrospection(), FakeAnswers(), FakeTurns(), FrozenClock(NOW), CountingIds())
            self.made[zone.key] = Dash(ports, self.catalog, timezone=zone.key), warehouse
        return self.made[zone.key][0]

    def close(self) -> None:
        for _, warehouse in self.made.values():
            warehouse.close()


Ask = Callable[..., list[tuple[Any, ...]]]


@contextmanager
def inserting(database: Database) -> Iterator[Rows]:
    with psycopg.connect(database.owner, autocommit=True) as connection:
        yield Rows(connection)
