"""Conversations in `app.dialogues`, and the ticket that each one is, in the support tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb

from dash_agent.ports import Clock
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.state import storable
from support_agent.adapters import dialogue_sql as sql
from support_agent.adapters.dialogue_rows import dialogue_of, found, id_of, is_uuid, new_ticket, only, routed_ticket
from support_agent.adapters.kept import state_json
from support_agent.adapters.waiting_line import WAIT_S, WaitingLine
from support_agent.models import Dialogue, DialogueState, DialogueStatus, InboundMessage, Route, Said, Written

TEMPLATES: Final = "templates"
"""Author of a reply that no model wrote."""


class SqlDialogues:
    """Port `Dialogues`, on the app role. new_id: a fresh UUID. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(
        self, connections: Connections, clock: Clock, new_id: Callable[[], UUID], *, wait_s: float = WAIT_S
    ) -> None:
        self._connections = connections
        self._clock = clock
        self._new_id = new_id
        self._line = WaitingLine(connections, wait_s)

    def opened(self, message: InboundMessage) -> Dialogue:
        known = self._one(sql.BY_THREAD, message.thread)
        if known is not None:
            return known
        with self._connections.transaction() as connection:
            connection.execute(sql.LOCK_THREAD, (message.thread,))
            row = connection.execute(sql.BY_THREAD, (message.thread,)).fetchone()
            return dialogue_of(row) if row is not None else self._begun(connection, message)

    def _begun(self, connection: Connection, message: InboundMessage) -> Dialogue:
        now, dialog_id = self._clock.now(), id_of(message) or str(self._new_id())
        ticket_id = only(connection.execute(sql.TICKET, new_ticket(message, now)).fetchone())
        connection.execute(sql.FORGET, (message.thread, ticket_id))
        state = DialogueState(language=message.language, customer_id=message.customer_id)
        row = (dialog_id, ticket_id, message.thread, message.channel, Jsonb(state_json(state)), now, now)
        connection.execute(sql.DIALOGUE, row)
        return found(connection, dialog_id)

    @contextmanager
    def turn(self, dialog_id: str) -> Iterator[Dialogue]:
        with self._line.turn(dialog_id) as connection:
            yield found(connection, dialog_id)

    def get(self, dialog_id: str) -> Dialogue | None:
        return self._one(sql.BY_ID, dialog_id) if is_uuid(dialog_id) else None

    def of_ticket(self, ticket_id: int) -> Dialogue | None:
        return self._one(sql.BY_TICKET, ticket_id)

    def _one(self, statement: str, key: str | int) -> Dialogue | None:
        with self._connections.statement() as connection:
            row = connection.execute(statement.encode(), (key,)).fetchone()
        return None if row is None else dialogue_of(row)

    def keep(self, dialogue: Dialogue, state: DialogueState, status: DialogueStatus | None = None) -> bool:
        kept = {
            "state": Jsonb(state_json(state)),
            "status": None if status is None else status.value,
            "now": self._clock.now(),
            "id": dialogue.dialog_id,
            "epoch": dialogue.epoch,
            "customer": state.customer_id,
            "email": storable(state.email),
        }
        with self._connections.statement() as connection:
            return connection.execute(sql.KEEP, kept).fetchone() is not None

    def heard(self, dialogue: Dialogue, message: InboundMessage) -> Said | None:
        now, body = self._clock.now(), str(storable(message.text))
        event, thread = message.message_id or None, message.thread
        given = {"event": event, "thread": thread, "now": now, "ticket": dialogue.ticket_id, "body": body}
        with self._connections.statement() as connection:
            row = connection.execute(sql.HEARD, given).fetchone()
        return None if row is None else Said(only(row), "customer", body, None, now)

    def said(self, dialogue: Dialogue, written: Written, *, sent: bool, latency_ms: int) -> Said | None:
        now, author, body = self._clock.now(), written.model or TEMPLATES, str(storable(written.text))
        place = {"dialog": dialogue.dialog_id, "epoch": dialogue.epoch, "ticket": dialogue.ticket_id, "now": now}
        words = {"author": author, "body": body, "language": written.language, "sources": list(written.sources)}
        stage = {"answers": written.substance or not sent, "sent": sent, "latency": latency_ms, "templates": TEMPLATES}
        given = {**place, **words, **stage, **_spent(written)}
        with self._connections.statement() as connection:
            row = connection.execute((sql.SAID if sent else sql.DRAFT).encode(), given).fetchone()
        return None if row is None else Said(only(row), "ai" if sent else "draft", body, author, now)

    def answered(self, dialog_id: str, by: str, text: str) -> Said:
        now, body = self._clock.now(), str(storable(text))
        with self._connections.transaction() as connection:
            ticket_id = found(connection, dialog_id).ticket_id
            connection.execute(sql.BY_PERSON, {"by": by, "now": now, "ticket": ticket_id})
            row = (ticket_id, "human", by, body, None, now)
            return Said(only(connection.execute(sql.MESSAGE, row).fetchone()), "human", body, by, now)

    def messages(self, dialog_id: str) -> Sequence[Said]:
        with self._connections.statement() as connection:
            rows = connection.execute(sql.MESSAGES, (dialog_id,)).fetchall()
        return tuple(Said(*row) for row in rows)

    def routed(self, dialogue: Dialogue, route: Route) -> None:
        told = routed_ticket(route, dialogue, self._clock.now())
        with self._connections.statement() as connection:
            connection.execute(sql.ROUTED if route.intents else sql.UNKNOWN_LANGUAGE, told)

    def taken_over(self, dialog_id: str, by: str | None, reason: str) -> Dialogue:
        now = self._clock.now()
        with self._connections.transaction() as connection:
            found(connection, dialog_id)
            row = connection.execute(sql.TAKEN, (by, now, dialog_id)).fetchone()
            if row is not None:
                connection.execute(sql.ESCALATED, {"now": now, "by": by, "ticket": row[0]})
                connection.execute(sql.DROP_DRAFTS, (now, dialog_id))
                connection.execute(sql.HANDOFF, (dialog_id, now, by, storable(reason)))
            return found(connection, dialog_id)

    def released(self, dialog_id: str) -> Dialogue:
        now = self._clock.now()
        with self._connections.transaction() as connection:
            row = connection.execute(sql.RELEASED, (now, dialog_id)).fetchone()
            if row is not None:
                connection.execute(sql.UNASSIGNED, (now, row[0]))
                connection.execute(sql.HANDED_BACK, (now, dialog_id))
            return found(connection, dialog_id)

    def closed(self, dialog_id: str, reason: str) -> Dialogue:
        now = self._clock.now()
        with self._connections.transaction() as connection:
            row = connection.execute(sql.CLOSED, (now, storable(reason), now, dialog_id)).fetchone()
            if row is not None:
                connection.execute(sql.DROP_DRAFTS, (now, dialog_id))
                connection.execute(sql.TOUCH, (now, row[0]))
            return found(connection, dialog_id)

    def failed(self, dialogue: Dialogue, error: str) -> None:
        with self._connections.statement() as connection:
            connection.execute(sql.FAILED, (storable(error), self._clock.now(), dialogue.ticket_id))


def _spent(written: Written) -> Mapping[str, object]:
    tokens = {"prompt": written.prompt_tokens, "completion": written.completion_tokens}
    return {**tokens, "cost": written.cost_usd, "model": written.model}
