"""The tables as pandas frames, with the dimensions of each row beside its own columns.

Everything is looked up by hand: no SQL but plain SELECTs, no file of the catalogue. Cells stay Python objects
(Decimal, aware datetimes, None), so nothing is rounded and nothing becomes NaN on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pandas as pd
import psycopg
from psycopg import sql

TICKETS, COMPARISONS, TASKS = "support_threads_data", "ai_human_comparison", "ai_agent_tasks"
MESSAGES, SUBSCRIPTIONS, SHIPMENTS, CUSTOMERS = "support_dialogs", "subscriptions", "shipments", "customers"
FIRST_REPLIES = "first_replies"

KEYS = {
    TICKETS: "ticket_id",
    COMPARISONS: "comparison_id",
    TASKS: "task_id",
    MESSAGES: "message_id",
    SUBSCRIPTIONS: "subscription_id",
    SHIPMENTS: "shipment_id",
    CUSTOMERS: "customer_id",
}

DATED = "dated_at"
"""Column that every frame has: the moment that a period goes by, unless a metric says otherwise."""

RECORD = "record"
"""Column that every frame has: the row as an object."""

BELONGS_TO: Mapping[str, Mapping[str, str]] = {
    COMPARISONS: {TICKETS: "ticket_id"},
    TASKS: {TICKETS: "ticket_id"},
    MESSAGES: {TICKETS: "ticket_id"},
    FIRST_REPLIES: {TICKETS: "ticket_id"},
    SHIPMENTS: {SUBSCRIPTIONS: "subscription_id"},
}
"""The one row of another table that rows of a table always have, and the column that names it."""

OF_TICKET = (
    "request_type", "request_subtype", "secondary_request_type", "channel", "language", "status", "urgency", "model",
    "assigned_to",
)  # fmt: skip
OF_CUSTOMER = ("country", "language", "customer_language")
TICKET_AND_CUSTOMER = (*OF_TICKET, "score_given", "country", "customer_language")
OF_SUBSCRIPTION = (*OF_CUSTOMER, "plan", "frequency", "subscription_status", "status")

DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    TICKETS: TICKET_AND_CUSTOMER,
    COMPARISONS: (*TICKET_AND_CUSTOMER, "error_type", "verdict", "judge_model"),
    TASKS: (*TICKET_AND_CUSTOMER, "task_type", "task_status", "decided_by"),
    MESSAGES: (*TICKET_AND_CUSTOMER, "role", "author"),
    FIRST_REPLIES: (*TICKET_AND_CUSTOMER, "role"),
    SUBSCRIPTIONS: OF_SUBSCRIPTION,
    SHIPMENTS: (*OF_SUBSCRIPTION, "carrier", "shipment_status"),
    CUSTOMERS: OF_CUSTOMER,
}
"""What rows of a table can be split by: their own columns, and those of the one ticket, subscription and customer
that they belong to. A new dimension is added here, and its value in `_dimensions`."""

Row = Mapping[str, object]


def dimension(name: str) -> str:
    """The column of a frame that holds a dimension."""
    return f"by {name}"


def row_of(table: str) -> str:
    """The column of a frame that holds, as an object, the row of `table` that a row is or belongs to."""
    return f"row of {table}"


@dataclass(frozen=True)
class Frames:
    """tables: a frame a table, in the order of its key."""

    tables: Mapping[str, pd.DataFrame]
    zone: ZoneInfo


def load(url: str, zone: ZoneInfo) -> Frames:
    """Reads every table once, as the role of `url`."""
    with psycopg.connect(url) as connection:
        raw = {table: _rows(connection, table) for table in KEYS}
    raw[FIRST_REPLIES] = _first_replies(raw[TICKETS], raw[MESSAGES])
    homes = {table: {row[key]: row for row in raw[table]} for table, key in KEYS.items()}
    tables = {table: frame([{**row, **_beside(table, row, homes, zone)} for row in raw[table]]) for table in raw}
    return Frames(tables, zone)


def frame(rows: Iterable[Row]) -> pd.DataFrame:
    return pd.DataFrame([{**row, RECORD: SimpleNamespace(**row)} for row in rows], dtype=object)


def _rows(connection: psycopg.Connection, table: str) -> list[Row]:
    found = connection.execute(sql.SQL("SELECT * FROM {} ORDER BY 1").format(sql.Identifier(table)))
    names = [column.name for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found]


def _first_replies(tickets: Iterable[Row], messages: Iterable[Row]) -> list[Row]:
    """The first message of each ticket that the AI or a person wrote, where there is one."""
    first: dict[object, Row] = {}
    for message in sorted(messages, key=lambda row: (row["created_at"], row["message_id"])):  # type: ignore[arg-type]
        if message["role"] != "customer":
            first.setdefault(message["ticket_id"], message)
    return [
        {
            "ticket_id": ticket["ticket_id"],
            "role": first[ticket["ticket_id"]]["role"],
            "created_at": ticket["created_at"],
            "replied_at": first[ticket["ticket_id"]]["created_at"],
        }
        for ticket in tickets
        if ticket["ticket_id"] in first
    ]


def _beside(table: str, row: Row, homes: Mapping[str, Mapping[object, Row]], zone: ZoneInfo) -> Row:
    """Dimensions of one row, and when it is dated."""
    values = _dimensions(table, row, homes)
    found = {dimension(name): values[name] for name in DIMENSIONS[table]}
    return {**found, **_belonging(table, row, homes), DATED: _dated(table, row, zone)}


def _belonging(table: str, row: Row, homes: Mapping[str, Mapping[object, Row]]) -> Row:
    others = {other: homes[other][row[key]] for other, key in BELONGS_TO.get(table, {}).items()}
    return {row_of(name): SimpleNamespace(**known) for name, known in {table: row, **others}.items()}


def _dimensions(table: str, row: Row, homes: Mapping[str, Mapping[object, Row]]) -> Row:
    match table:
        case "support_threads_data":
            return _of_ticket(row, homes)
        case "ai_human_comparison":
            own = ("request_type", "error_type", "verdict", "judge_model")
            return {**_of_ticket(homes[TICKETS][row["ticket_id"]], homes), **{name: row[name] for name in own}}
        case "ai_agent_tasks":
            own = {"status": row["status"], "task_status": row["status"]}
            named = {name: row[name] for name in ("task_type", "decided_by")}
            return {**_of_ticket(homes[TICKETS][row["ticket_id"]], homes), **own, **named}
        case "support_dialogs":
            ticket = _of_ticket(homes[TICKETS][row["ticket_id"]], homes)
            return {**ticket, "role": row["role"], "author": row["author"]}
        case "first_replies":
            return {**_of_ticket(homes[TICKETS][row["ticket_id"]], homes), "role": row["role"]}
        case "subscriptions":
            return {**_of_subscription(row, homes), "status": row["status"]}
        case "shipments":
            subscription = _of_subscription(homes[SUBSCRIPTIONS][row["subscription_id"]], homes)
            own = {"status": row["status"], "shipment_status": row["status"], "carrier": row["carrier"]}
            return {**subscription, **own}
        case _:
            return _of_customer(row)


def _of_ticket(ticket: Row, homes: Mapping[str, Mapping[object, Row]]) -> Row:
    customer = homes[CUSTOMERS].get(ticket["customer_id"], {})
    named = {name: ticket[name] for name in OF_TICKET}
    by_customer = {"country": customer.get("country"), "customer_language": customer.get("language")}
    return {**named, "score_given": ticket["csat"], **by_customer}


def _of_customer(customer: Row) -> Row:
    return {
        "country": customer["country"],
        "language": customer["language"],
        "customer_language": customer["language"],
    }


def _of_subscription(subscription: Row, homes: Mapping[str, Mapping[object, Row]]) -> Row:
    customer = homes[CUSTOMERS][subscription["customer_id"]]
    return {
        **_of_customer(customer),
        "plan": subscription["plan"],
        "frequency": subscription["frequency"],
        "subscription_status": subscription["status"],
    }


def _dated(table: str, row: Row, zone: ZoneInfo) -> object:
    """A box that was not shipped is dated by its month's first midnight, on the business's clock."""
    match table:
        case "shipments":
            return row["shipped_at"] or datetime.combine(row["box_month"], time.min, zone)  # type: ignore[arg-type]
        case "subscriptions":
            return row["started_at"]
        case _:
            return row["created_at"]
