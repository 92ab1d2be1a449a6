"""Tickets that nothing has happened to for too long, as a worklist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dash_agent.insight.naming import metric_label
from dash_agent.models.answer import Answer
from dash_agent.models.plan import ListPlan
from dash_agent.models.query import ListQuery, Order
from dash_agent.reports.narrowing import ALL, Narrowing
from dash_agent.reports.view import View

METRIC: Final = "stuck"
COLUMNS: Final = (
    "ticket_id",
    "status",
    "request_type",
    "urgency",
    "assigned_to",
    "channel",
    "created_at",
    "updated_at",
)
SINCE: Final = "updated_at"
MOST: Final = 500


@dataclass(frozen=True, slots=True)
class StuckTicket:
    """Values as they are stored. age: since the last change. owner: None where no person has the ticket."""

    ticket_id: int
    status: str
    category: str
    urgency: str
    owner: str | None
    channel: str
    created_at: datetime
    updated_at: datetime
    age: timedelta


@dataclass(frozen=True, slots=True)
class Worklist:
    """The longest waiting first. more: there are others beyond MOST. hours: from which on a ticket counts as stuck."""

    tickets: tuple[StuckTicket, ...]
    label: str
    hours: int
    more: bool
    answer: Answer


def stuck(view: View, narrowing: Narrowing = ALL) -> Worklist:
    """As the metric of that name has it now. Raises UnknownName, QueryError, Unavailable."""
    table = next(part.table for part in view.catalog.counted(view.metric(METRIC)))
    query = ListQuery(
        table, COLUMNS, (METRIC,), filters=narrowing.filters, order=(Order(SINCE, desc=False),), limit=MOST + 1
    )
    answer = view.answered(ListPlan(query))
    found = tuple(_ticket(view, row) for row in answer.rows[:MOST])
    hours = int(view.catalog.constants["stuck_hours"].value)
    return Worklist(found, metric_label(METRIC, view.wording), hours, len(answer.rows) > MOST, answer)


def _ticket(view: View, row: tuple[object, ...]) -> StuckTicket:
    ticket, status, category, urgency, owner, channel, created, updated = row
    if not isinstance(created, datetime) or not isinstance(updated, datetime) or not isinstance(ticket, int):
        raise TypeError(f"ticket {ticket} has no times")
    return StuckTicket(
        ticket,
        str(status),
        str(category),
        str(urgency),
        None if owner is None else str(owner),
        str(channel),
        created,
        updated,
        view.now - updated,
    )
