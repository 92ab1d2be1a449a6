"""A shop that tests fill and look into: in memory, or in a real database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any, Protocol
from uuid import uuid4

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from dash_agent.warehouse.connections import Connections
from support_agent.adapters.cancellations import SqlCancellations
from support_agent.adapters.codes import SqlCodes
from support_agent.adapters.customers import SqlCustomers
from support_agent.adapters.dialogues import SqlDialogues
from support_agent.adapters.drafts import SqlDrafts
from support_agent.adapters.limits import SqlLimits, SqlRepeats
from support_agent.adapters.tasks import SqlTasks
from support_agent.approvals import Approvals
from support_agent.models import Customer, Dialogue, InboundMessage, Shipment, Subscription
from support_agent.ports import Cancellations, Codes, Customers, Dialogues, Drafts, Limits, Repeats, Tasks
from support_agent.tools import TOOLS, Situation
from tests.conftest import ZONE
from tests.e2e.databases import Database
from tests.support_fakes import (
    FakeCancellations,
    FakeCodes,
    FakeCustomers,
    FakeDialogues,
    FakeDrafts,
    FakeLimits,
    FakeRepeats,
    FakeShop,
    FakeTasks,
    SetClock,
)

STARTED = datetime(2025, 1, 5, 8, 0, tzinfo=UTC)
OLD_ADDRESS = "Old Name, Lime Street 1, 10115 Berlin, DE"
NUMBERS = count(1)


class World(Protocol):
    """The ports over one shop, and ways to fill it and look into it."""

    clock: SetClock
    customers: Customers
    dialogues: Dialogues
    tasks: Tasks
    codes: Codes
    limits: Limits
    repeats: Repeats
    drafts: Drafts
    cancellations: Cancellations

    def customer(self, country: str = "DE") -> Customer: ...

    def subscription(self, customer_id: int, **values: object) -> Subscription: ...

    def box(self, subscription_id: int, month: str, status: str = "delivered", **values: datetime) -> Shipment: ...

    def ticket(self, ticket_id: int) -> Mapping[str, Any]: ...

    def queued(self, task_id: int) -> int:
        """How many jobs tell of a task."""
        ...

    def tamper(self, task_id: int, arguments: Mapping[str, object]) -> None:
        """Writes other arguments into a task's row."""
        ...


def approvals(world: World) -> Approvals:
    return Approvals(world.tasks, {name: tool for name, tool in TOOLS.items() if tool.check}, ZONE)


def dialogue(world: World, customer: Customer | None = None) -> Dialogue:
    dialog_id = str(uuid4())
    known = None if customer is None else customer.customer_id
    return world.dialogues.opened(InboundMessage("chat", f"chat:{dialog_id}", "Hello", "1", known))


def situation(world: World, customer: Customer | None, **values: Any) -> Situation:
    made = Situation(customer, world.customers, world.tasks, world.clock.now(), ZONE)
    return replace(made, **values)


def drawn() -> str:
    """Codes that differ from one another."""
    return f"{next(NUMBERS) % 1_000_000:06}"


class FakeWorld:
    def __init__(self) -> None:
        self.shop = FakeShop()
        self.clock = SetClock()
        self.customers = FakeCustomers(self.shop)
        self.dialogues = FakeDialogues(self.shop, self.clock, uuid4)
        self.tasks = FakeTasks(self.shop)
        self.codes = FakeCodes(drawn)
        self.limits = FakeLimits()
        self.repeats = FakeRepeats()
        self.drafts = FakeDrafts(self.dialogues)
        self.cancellations = FakeCancellations(self.shop)

    def customer(self, country: str = "DE") -> Customer:
        key = next(self.shop.numbers)
        self.shop.customers[key] = Customer(key, "Ada", f"ada{key}@example.com", country, "en")
        return self.shop.customers[key]

    def subscription(self, customer_id: int, **values: object) -> Subscription:
        key = next(self.shop.numbers)
        self.shop.subscriptions[key] = _subscription(key, customer_id, values)
        return self.shop.subscriptions[key]

    def box(self, subscription_id: int, month: str, status: str = "delivered", **values: datetime) -> Shipment:
        key = next(self.shop.numbers)
        self.shop.shipments[key] = _box(key, subscription_id, month, status, values)
        return self.shop.shipments[key]

    def ticket(self, ticket_id: int) -> Mapping[str, Any]:
        return self.shop.tickets[ticket_id].values

    def queued(self, task_id: int) -> int:
        return sum(job["task_id"] == task_id for job in self.shop.jobs)

    def tamper(self, task_id: int, arguments: Mapping[str, object]) -> None:
        task = self.shop.tasks[task_id]
        self.shop.tasks[task_id] = replace(task, arguments=dict(arguments))  # type: ignore[arg-type]


class SqlWorld:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.connections = Connections(database.app)
        self.clock = SetClock()
        self.customers = SqlCustomers(self.connections)
        self.dialogues = SqlDialogues(self.connections, self.clock, uuid4, wait_s=10)
        self.tasks = SqlTasks(self.connections)
        self.codes = SqlCodes(self.connections, drawn)
        self.limits = SqlLimits(self.connections)
        self.repeats = SqlRepeats(self.connections)
        self.drafts = SqlDrafts(self.connections, self.clock)
        self.cancellations = SqlCancellations(self.connections)

    def customer(self, country: str = "DE") -> Customer:
        email = f"ada{next(NUMBERS)}@example.com"
        (key,) = self._put(
            "INSERT INTO customers (full_name, email, country, language, created_at)"
            " VALUES ('Ada Example', %s, %s, 'en', %s) RETURNING customer_id",
            (email, country, STARTED),
        )
        return Customer(key, "Ada", email, country, "en")

    def subscription(self, customer_id: int, **values: object) -> Subscription:
        made = _subscription(0, customer_id, values)
        (key,) = self._put(
            "INSERT INTO subscriptions (customer_id, plan, frequency, status, price_usd, started_at, paused_until,"
            " cancelled_at, shipping_address) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING subscription_id",
            (
                *(customer_id, made.plan, made.frequency, made.status, made.price_usd, made.started_at),
                *(made.paused_until, made.cancelled_at, made.shipping_address),
            ),
        )
        return replace(made, subscription_id=key)

    def box(self, subscription_id: int, month: str, status: str = "delivered", **values: datetime) -> Shipment:
        made = _box(0, subscription_id, month, status, values)
        (key,) = self._put(
            "INSERT INTO shipments (subscription_id, box_month, carrier, tracking_number, status, shipped_at,"
            " delivered_at) VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING shipment_id",
            (
                *(subscription_id, made.box_month, made.carrier, made.tracking_number, status),
                *(made.shipped_at, made.delivered_at),
            ),
        )
        return replace(made, shipment_id=key)

    def ticket(self, ticket_id: int) -> Mapping[str, Any]:
        with psycopg.connect(self.database.owner, row_factory=dict_row) as connection:
            statement = "SELECT * FROM support_threads_data WHERE ticket_id = %s"
            row = connection.execute(statement, (ticket_id,)).fetchone()
        assert row is not None
        return row

    def queued(self, task_id: int) -> int:
        (number,) = self._put(
            "SELECT count(*) FROM app.jobs WHERE kind = 'support.resume' AND payload = %s",
            (Jsonb({"task_id": task_id}),),
        )
        return number

    def tamper(self, task_id: int, arguments: Mapping[str, object]) -> None:
        statement = "UPDATE ai_agent_tasks SET arguments = %s WHERE task_id = %s RETURNING task_id"
        self._put(statement, (Jsonb(dict(arguments)), task_id))

    def _put(self, statement: str, values: tuple[object, ...]) -> Any:
        with psycopg.connect(self.database.owner) as connection:
            return connection.execute(statement.encode(), values).fetchone()


def _subscription(key: int, customer_id: int, values: Mapping[str, Any]) -> Subscription:
    usual = Subscription(
        key, customer_id, "standard", "monthly", "active", Decimal("29.00"), STARTED, None, None, OLD_ADDRESS
    )
    return replace(usual, **values)


def _box(key: int, subscription_id: int, month: str, status: str, values: Mapping[str, Any]) -> Shipment:
    number = f"TRACK{next(NUMBERS)}"
    made = Shipment(key, subscription_id, date.fromisoformat(f"{month}-01"), "DHL", number, status, None, None)
    return replace(made, **values)
