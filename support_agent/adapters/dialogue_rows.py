"""Rows of `app.dialogues`, read and written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

from dash_agent.errors import UnknownName
from dash_agent.warehouse.state import storable
from support_agent.adapters import dialogue_sql as sql
from support_agent.adapters.kept import state_from
from support_agent.models import Dialogue, DialogueStatus, InboundMessage, Route

UNROUTED: Final = "other"
SUBJECT: Final = "A conversation"


def found(connection: Connection, dialog_id: str) -> Dialogue:
    """Raises UnknownName."""
    row = connection.execute(sql.BY_ID, (dialog_id,)).fetchone() if is_uuid(dialog_id) else None
    if row is None:
        raise UnknownName("dialogue", dialog_id[:40])
    return dialogue_of(row)


def dialogue_of(row: Sequence[Any]) -> Dialogue:
    dialog_id, ticket_id, thread, channel, status, epoch, state, created_at, taken_by, closed_at = row
    return Dialogue(
        dialog_id,
        ticket_id,
        thread,
        channel,
        DialogueStatus(status),
        epoch,
        state_from(state),
        created_at,
        taken_by,
        closed_at,
    )


def new_ticket(message: InboundMessage, now: datetime) -> dict[str, object]:
    return {
        "thread": message.thread,
        "channel": message.channel,
        "language": message.language or "en",
        "customer": message.customer_id,
        "subject": SUBJECT,
        "type": UNROUTED,
        "now": now,
    }


def routed_ticket(route: Route, dialogue: Dialogue, now: datetime) -> dict[str, object]:
    main = route.intents[0] if route.intents else None
    others = [intent.category for intent in route.intents[1:] if main and intent.category != main.category]
    return {
        "type": main.category if main else UNROUTED,
        "subtype": main.subtype if main else None,
        "second": others[0] if others else None,
        "language": route.language,
        "urgency": route.urgency.value,
        "subject": storable(route.summary) or SUBJECT,
        "outstanding": route.outstanding,
        "now": now,
        "ticket": dialogue.ticket_id,
        "dialog": dialogue.dialog_id,
    }


def id_of(message: InboundMessage) -> str | None:
    """A conversation held here is named by its id."""
    channel, _, named = message.thread.partition(":")
    return named.lower() if channel == "chat" and is_uuid(named) else None


def is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def only(row: Sequence[Any] | None) -> int:
    assert row is not None
    return int(row[0])
