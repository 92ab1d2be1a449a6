"""Conversations in `app.dialogues`, and the ticket that each one is, in the support tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final
from uuid import UUID

from psycopg import Connection, errors
from psycopg.types.json import Jsonb

from dash_agent.errors import UnknownName
from dash_agent.ports import Clock
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.state import storable
from support_agent.adapters.kept import state_from, state_json
from support_agent.models import (
    Dialogue,
    DialogueState,
    DialogueStatus,
    InboundMessage,
    Route,
    Said,
    Written,
)
from support_agent.ports import Busy

TURN: Final = 0x7475726E
"""Class of the advisory locks of turns. Who waits for one gets it in order of arrival, over all processes."""
WAIT_S: Final = 30
LINE: Final = 8
"""Turns of one dialogue that wait in this process; each has a connection."""

TEMPLATES: Final = "templates"
"""Author of a reply that no model wrote."""
UNROUTED: Final = "other"
SUBJECT: Final = "A conversation"

# A ticket that demo data has been set over is not this dialogue's any more.
ROW: Final = """
    SELECT d.dialog_id::text, d.ticket_id, d.thread, d.channel, d.status, d.epoch, d.state, d.created_at, d.taken_by,
           d.closed_at
    FROM app.dialogues d JOIN public.support_threads_data t ON t.ticket_id = d.ticket_id AND t.thread_key = d.thread
"""
BY_THREAD: Final = f"{ROW} WHERE d.thread = %s"
BY_TICKET: Final = f"{ROW} WHERE d.ticket_id = %s"
BY_ID: Final = f"{ROW} WHERE d.dialog_id = %s"
LOCK_THREAD: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
FORGET: Final = "DELETE FROM app.dialogues WHERE thread = %s"
FORGET_TICKET: Final = "DELETE FROM app.dialogues WHERE ticket_id = %s"
# A thread that was imported or had its dialogue pruned goes on in its own ticket.
TICKET: Final = """
    INSERT INTO public.support_threads_data (thread_key, channel, language, customer_id, subject, request_type, urgency,
                                             status, created_at, updated_at)
    VALUES (%(thread)s, %(channel)s, %(language)s, %(customer)s, %(subject)s, %(type)s, 'low', 'Data collected',
            %(now)s, %(now)s)
    ON CONFLICT (thread_key) DO UPDATE SET updated_at = excluded.updated_at
    RETURNING ticket_id
"""
DIALOGUE: Final = """
    INSERT INTO app.dialogues (dialog_id, ticket_id, thread, channel, status, state, created_at, updated_at)
    VALUES (%s, %s, %s, %s, 'active', %s, %s, %s)
"""
KEEP: Final = """
    UPDATE app.dialogues SET state = %(state)s, status = coalesce(%(status)s, status), updated_at = %(now)s
    WHERE dialog_id = %(id)s AND epoch = %(epoch)s RETURNING ticket_id
"""
IDENTIFIED: Final = """
    UPDATE public.support_threads_data
    SET customer_id = coalesce(%(customer)s, customer_id), customer_email = coalesce(%(email)s, customer_email),
        updated_at = %(now)s
    WHERE ticket_id = %(ticket)s
      AND (customer_id IS DISTINCT FROM coalesce(%(customer)s, customer_id)
           OR customer_email IS DISTINCT FROM coalesce(%(email)s, customer_email))
"""
SEEN: Final = "INSERT INTO app.seen_events (source, event_id, seen_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
MESSAGE: Final = """
    INSERT INTO public.support_dialogs (ticket_id, role, author, message, latency_ms, created_at)
    VALUES (%s, %s, %s, %s, %s, %s) RETURNING message_id
"""
TOUCH: Final = "UPDATE public.support_threads_data SET updated_at = %s WHERE ticket_id = %s"
MESSAGES: Final = """
    SELECT m.message_id, m.role, m.message, m.author, m.created_at
    FROM app.dialogues d JOIN public.support_threads_data t ON t.ticket_id = d.ticket_id AND t.thread_key = d.thread
    JOIN public.support_dialogs m ON m.ticket_id = d.ticket_id
    WHERE d.dialog_id = %s ORDER BY m.created_at, m.message_id
"""
HOLD: Final = "SELECT FROM app.dialogues WHERE dialog_id = %s AND epoch = %s FOR UPDATE"
SPENT: Final = """
    UPDATE public.support_threads_data
    SET prompt_tokens = coalesce(prompt_tokens, 0) + %(prompt)s,
        completion_tokens = coalesce(completion_tokens, 0) + %(completion)s,
        cost_usd = coalesce(cost_usd, 0) + %(cost)s, updated_at = %(now)s
    WHERE ticket_id = %(ticket)s
"""
# Times of stages stay as they were first set; the status is that of the latest.
ANSWERED: Final = """
    UPDATE public.support_threads_data
    SET ai_answered_at = coalesce(ai_answered_at, %(now)s), draft_created_at = coalesce(draft_created_at, %(now)s),
        auto_sent = CASE WHEN sent_at IS NULL THEN %(sent)s ELSE auto_sent END,
        sent_at = CASE WHEN %(sent)s THEN coalesce(sent_at, %(now)s) ELSE sent_at END,
        status = CASE WHEN %(sent)s THEN 'Sent' ELSE 'Draft Created' END,
        model = coalesce(%(model)s, model, %(templates)s), error_message = NULL
    WHERE ticket_id = %(ticket)s
"""
DRAFT: Final = """
    INSERT INTO app.drafts (dialog_id, epoch, body, language, author, sources, created_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING draft_id
"""
ROUTED_FIRST: Final = """
    UPDATE public.support_threads_data
    SET request_type = %(type)s, request_subtype = %(subtype)s, secondary_request_type = %(second)s,
        language = %(language)s, urgency = %(urgency)s, subject = %(subject)s, is_outstanding = %(outstanding)s,
        updated_at = %(now)s
    WHERE ticket_id = %(ticket)s
"""
# Alphabetical order is not that of urgency.
ROUTED_AGAIN: Final = """
    UPDATE public.support_threads_data
    SET secondary_request_type = coalesce(secondary_request_type, nullif(%(type)s, request_type),
                                          nullif(%(second)s, request_type)),
        urgency = CASE WHEN array_position(ARRAY['low', 'medium', 'high'], %(urgency)s)
                            > array_position(ARRAY['low', 'medium', 'high'], urgency)
                       THEN %(urgency)s ELSE urgency END,
        is_outstanding = is_outstanding OR %(outstanding)s, updated_at = %(now)s
    WHERE ticket_id = %(ticket)s
"""
MARK_ROUTED: Final = "UPDATE app.dialogues SET routed = true WHERE dialog_id = %s AND NOT routed"
UNKNOWN_LANGUAGE: Final = """
    UPDATE public.support_threads_data SET language = %(language)s, updated_at = %(now)s WHERE ticket_id = %(ticket)s
"""
TAKEN: Final = """
    UPDATE app.dialogues SET status = 'escalated', epoch = epoch + 1, taken_by = %s, updated_at = %s
    WHERE dialog_id = %s AND status <> 'closed' RETURNING ticket_id
"""
ESCALATED: Final = """
    UPDATE public.support_threads_data
    SET status = 'Escalated', escalated_at = coalesce(escalated_at, %(now)s),
        assigned_to = coalesce(%(by)s, assigned_to), error_message = NULL, updated_at = %(now)s
    WHERE ticket_id = %(ticket)s
"""
DROP_DRAFTS: Final = """
    UPDATE app.drafts SET status = 'dropped', decided_at = %s WHERE dialog_id = %s AND status = 'pending'
"""
HANDOFF: Final = "INSERT INTO app.handoffs (dialog_id, at, taken_by, reason) VALUES (%s, %s, %s, %s)"
HANDED_BACK: Final = "UPDATE app.handoffs SET released_at = %s WHERE dialog_id = %s AND released_at IS NULL"
RELEASED: Final = """
    UPDATE app.dialogues SET status = 'active', taken_by = NULL, updated_at = %s
    WHERE dialog_id = %s AND status = 'escalated' RETURNING ticket_id
"""
UNASSIGNED: Final = "UPDATE public.support_threads_data SET assigned_to = NULL, updated_at = %s WHERE ticket_id = %s"
CLOSED: Final = """
    UPDATE app.dialogues SET status = 'closed', epoch = epoch + 1, closed_at = %s, close_reason = %s, updated_at = %s
    WHERE dialog_id = %s AND status <> 'closed' RETURNING ticket_id
"""
FAILED: Final = """
    UPDATE public.support_threads_data SET status = 'Error', error_message = %s, updated_at = %s WHERE ticket_id = %s
"""
BY_PERSON: Final = """
    UPDATE public.support_threads_data
    SET sent_at = CASE WHEN draft_created_at IS NULL THEN sent_at ELSE coalesce(sent_at, %(now)s) END,
        assigned_to = %(by)s, updated_at = %(now)s
    WHERE ticket_id = %(ticket)s
"""


class SqlDialogues:
    """Port `Dialogues`, on the app role. new_id: a fresh UUID. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(
        self, connections: Connections, clock: Clock, new_id: Callable[[], UUID], *, wait_s: float = WAIT_S
    ) -> None:
        self._connections = connections
        self._clock = clock
        self._new_id = new_id
        self._wait_s = wait_s
        self._line: dict[str, int] = {}
        self._lock = Lock()

    def opened(self, message: InboundMessage) -> Dialogue:
        with self._connections.transaction() as connection:
            found = connection.execute(BY_THREAD, (message.thread,)).fetchone()
            if found is None:
                connection.execute(LOCK_THREAD, (message.thread,))
                found = connection.execute(BY_THREAD, (message.thread,)).fetchone()
            return _dialogue(found) if found is not None else self._begun(connection, message)

    def _begun(self, connection: Connection, message: InboundMessage) -> Dialogue:
        now, dialog_id = self._clock.now(), _id_of(message) or str(self._new_id())
        ticket = {
            "thread": message.thread,
            "channel": message.channel,
            "language": message.language or "en",
            "customer": message.customer_id,
            "subject": SUBJECT,
            "type": UNROUTED,
            "now": now,
        }
        ticket_id = _only(connection.execute(TICKET, ticket).fetchone())
        connection.execute(FORGET, (message.thread,))
        connection.execute(FORGET_TICKET, (ticket_id,))
        state = DialogueState(language=message.language, customer_id=message.customer_id)
        row = (dialog_id, ticket_id, message.thread, message.channel, Jsonb(state_json(state)), now, now)
        connection.execute(DIALOGUE, row)
        return _found(connection, dialog_id)

    @contextmanager
    def turn(self, dialog_id: str) -> Iterator[Dialogue]:
        self._queue(dialog_id)
        try:
            with self._connections.transaction() as connection:
                self._wait(connection, dialog_id)
                yield _found(connection, dialog_id)
        finally:
            self._leave(dialog_id)

    def _queue(self, dialog_id: str) -> None:
        with self._lock:
            waiting = self._line.get(dialog_id, 0)
            if waiting >= LINE:
                raise Busy("too many messages of this conversation are waiting", "send one after another")
            self._line[dialog_id] = waiting + 1

    def _leave(self, dialog_id: str) -> None:
        with self._lock:
            self._line[dialog_id] -= 1
            if not self._line[dialog_id]:
                del self._line[dialog_id]

    def _wait(self, connection: Connection, dialog_id: str) -> None:
        connection.execute(f"SET LOCAL lock_timeout = {int(self._wait_s * 1000)}".encode())
        try:
            connection.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (TURN, dialog_id))
        except errors.LockNotAvailable:
            raise Busy("the message before this one is still being answered", "send it again in a while") from None

    def get(self, dialog_id: str) -> Dialogue | None:
        if not _is_uuid(dialog_id):
            return None
        with self._connections.transaction() as connection:
            row = connection.execute(BY_ID, (dialog_id,)).fetchone()
        return None if row is None else _dialogue(row)

    def of_ticket(self, ticket_id: int) -> Dialogue | None:
        with self._connections.transaction() as connection:
            row = connection.execute(BY_TICKET, (ticket_id,)).fetchone()
        return None if row is None else _dialogue(row)

    def keep(self, dialogue: Dialogue, state: DialogueState, status: DialogueStatus | None = None) -> bool:
        now = self._clock.now()
        kept = {
            "state": Jsonb(state_json(state)),
            "status": None if status is None else status.value,
            "now": now,
            "id": dialogue.dialog_id,
            "epoch": dialogue.epoch,
        }
        with self._connections.transaction() as connection:
            row = connection.execute(KEEP, kept).fetchone()
            if row is not None:
                who = {"customer": state.customer_id, "email": storable(state.email), "now": now, "ticket": row[0]}
                connection.execute(IDENTIFIED, who)
        return row is not None

    def heard(self, dialogue: Dialogue, message: InboundMessage) -> Said | None:
        now = self._clock.now()
        with self._connections.transaction() as connection:
            if message.message_id and not connection.execute(SEEN, (message.thread, message.message_id, now)).rowcount:
                return None
            connection.execute(TOUCH, (now, dialogue.ticket_id))
            return self._message(connection, dialogue.ticket_id, "customer", None, message.text)

    def said(self, dialogue: Dialogue, written: Written, *, sent: bool, latency_ms: int) -> Said | None:
        now, ticket = self._clock.now(), dialogue.ticket_id
        with self._connections.transaction() as connection:
            if connection.execute(HOLD, (dialogue.dialog_id, dialogue.epoch)).fetchone() is None:
                return None
            spent = {"prompt": written.prompt_tokens, "completion": written.completion_tokens}
            connection.execute(SPENT, {**spent, "cost": written.cost_usd, "now": now, "ticket": ticket})
            if written.substance or not sent:
                stage = {"sent": sent, "model": written.model, "templates": TEMPLATES, "now": now, "ticket": ticket}
                connection.execute(ANSWERED, stage)
            if not sent:
                return self._draft(connection, dialogue, written)
            return self._message(
                connection, ticket, "ai", written.model or TEMPLATES, written.text, latency_ms=latency_ms
            )

    def _draft(self, connection: Connection, dialogue: Dialogue, written: Written) -> Said:
        now, author, body = self._clock.now(), written.model or TEMPLATES, str(storable(written.text))
        row = (dialogue.dialog_id, dialogue.epoch, body, written.language, author, list(written.sources), now)
        return Said(_only(connection.execute(DRAFT, row).fetchone()), "draft", body, author, now)

    def answered(self, dialog_id: str, by: str, text: str) -> Said:
        with self._connections.transaction() as connection:
            ticket_id = _found(connection, dialog_id).ticket_id
            connection.execute(BY_PERSON, {"by": by, "now": self._clock.now(), "ticket": ticket_id})
            return self._message(connection, ticket_id, "human", by, text)

    def _message(
        self,
        connection: Connection,
        ticket_id: int,
        role: str,
        author: str | None,
        text: str,
        latency_ms: int | None = None,
    ) -> Said:
        now, body = self._clock.now(), str(storable(text))
        row = (ticket_id, role, author, body, latency_ms, now)
        return Said(_only(connection.execute(MESSAGE, row).fetchone()), role, body, author, now)

    def messages(self, dialog_id: str) -> Sequence[Said]:
        with self._connections.transaction() as connection:
            rows = connection.execute(MESSAGES, (dialog_id,)).fetchall()
        return tuple(Said(*row) for row in rows)

    def routed(self, dialogue: Dialogue, route: Route) -> None:
        told = _route(route, dialogue.ticket_id, self._clock)
        with self._connections.transaction() as connection:
            if not route.intents:
                connection.execute(UNKNOWN_LANGUAGE, told)
                return
            first = connection.execute(MARK_ROUTED, (dialogue.dialog_id,)).rowcount
            connection.execute(ROUTED_FIRST if first else ROUTED_AGAIN, told)

    def taken_over(self, dialog_id: str, by: str | None, reason: str) -> Dialogue:
        now = self._clock.now()
        with self._connections.transaction() as connection:
            _found(connection, dialog_id)
            row = connection.execute(TAKEN, (by, now, dialog_id)).fetchone()
            if row is not None:
                connection.execute(ESCALATED, {"now": now, "by": by, "ticket": row[0]})
                connection.execute(DROP_DRAFTS, (now, dialog_id))
                connection.execute(HANDOFF, (dialog_id, now, by, storable(reason)))
            return _found(connection, dialog_id)

    def released(self, dialog_id: str) -> Dialogue:
        now = self._clock.now()
        with self._connections.transaction() as connection:
            row = connection.execute(RELEASED, (now, dialog_id)).fetchone()
            if row is not None:
                connection.execute(UNASSIGNED, (now, row[0]))
                connection.execute(HANDED_BACK, (now, dialog_id))
            return _found(connection, dialog_id)

    def closed(self, dialog_id: str, reason: str) -> Dialogue:
        now = self._clock.now()
        with self._connections.transaction() as connection:
            row = connection.execute(CLOSED, (now, storable(reason), now, dialog_id)).fetchone()
            if row is not None:
                connection.execute(DROP_DRAFTS, (now, dialog_id))
                connection.execute(TOUCH, (now, row[0]))
            return _found(connection, dialog_id)

    def failed(self, dialogue: Dialogue, error: str) -> None:
        with self._connections.transaction() as connection:
            connection.execute(FAILED, (storable(error), self._clock.now(), dialogue.ticket_id))


def _found(connection: Connection, dialog_id: str) -> Dialogue:
    row = connection.execute(BY_ID, (dialog_id,)).fetchone() if _is_uuid(dialog_id) else None
    if row is None:
        raise UnknownName("dialogue", dialog_id[:40])
    return _dialogue(row)


def _dialogue(row: Sequence[Any]) -> Dialogue:
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


def _route(route: Route, ticket_id: int, clock: Clock) -> dict[str, object]:
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
        "now": clock.now(),
        "ticket": ticket_id,
    }


def _id_of(message: InboundMessage) -> str | None:
    """A conversation held here is named by its id."""
    channel, _, named = message.thread.partition(":")
    return named.lower() if channel == "chat" and _is_uuid(named) else None


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _only(row: Sequence[Any] | None) -> int:
    assert row is not None
    return int(row[0])
