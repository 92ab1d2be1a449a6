"""Replies that wait for staff, in `app.drafts`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dash_agent.ports import Clock
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.state import storable
from support_agent.models import Said
from support_agent.ports import Draft

ROW: Final = "SELECT draft_id, dialog_id::text, body, language, status, created_at, decided_by FROM app.drafts"
BY_ID: Final = f"{ROW} WHERE draft_id = %s"
WAITING: Final = f"{ROW} WHERE status = 'pending' ORDER BY created_at, draft_id"
# The dialogue before its drafts, as a takeover does.
HOLD: Final = """
    SELECT d.ticket_id FROM app.dialogues d
    WHERE d.dialog_id = (SELECT dialog_id FROM app.drafts WHERE draft_id = %s) FOR UPDATE
"""
PENDING: Final = """
    SELECT f.body, f.author FROM app.drafts f JOIN app.dialogues d USING (dialog_id)
    WHERE f.draft_id = %s AND f.status = 'pending' AND f.epoch = d.epoch FOR UPDATE OF f
"""
MESSAGE: Final = """
    INSERT INTO public.support_dialogs (ticket_id, role, author, message, created_at) VALUES (%s, %s, %s, %s, %s)
    RETURNING message_id
"""
SENT: Final = """
    UPDATE app.drafts SET status = 'sent', decided_at = %s, decided_by = %s, message_id = %s WHERE draft_id = %s
"""
TICKET_SENT: Final = """
    UPDATE public.support_threads_data
    SET status = 'Sent', sent_at = coalesce(sent_at, %(now)s), updated_at = %(now)s WHERE ticket_id = %(ticket)s
"""
REJECTED: Final = """
    UPDATE app.drafts SET status = 'rejected', decided_at = %s, decided_by = %s, reason = %s
    WHERE draft_id = %s AND status = 'pending'
"""


class SqlDrafts:
    """Port `Drafts`, on the app role."""

    def __init__(self, connections: Connections, clock: Clock) -> None:
        self._connections = connections
        self._clock = clock

    def get(self, draft_id: int) -> Draft | None:
        with self._connections.transaction() as connection:
            row = connection.execute(BY_ID, (draft_id,)).fetchone()
        return None if row is None else Draft(*row)

    def waiting(self) -> Sequence[Draft]:
        with self._connections.transaction() as connection:
            rows = connection.execute(WAITING).fetchall()
        return tuple(Draft(*row) for row in rows)

    def send(self, draft_id: int, by: str, text: str | None = None) -> Said | None:
        now = self._clock.now()
        with self._connections.transaction() as connection:
            held = connection.execute(HOLD, (draft_id,)).fetchone()
            found = connection.execute(PENDING, (draft_id,)).fetchone()
            if held is None or found is None:
                return None
            body, author = found
            changed = text is not None and text != body
            said = (str(storable(text)), "human", by) if changed else (body, "ai", author)
            row = connection.execute(MESSAGE, (held[0], said[1], said[2], said[0], now)).fetchone()
            assert row is not None
            connection.execute(SENT, (now, by, row[0], draft_id))
            connection.execute(TICKET_SENT, {"now": now, "ticket": held[0]})
        return Said(row[0], said[1], said[0], said[2], now)

    def reject(self, draft_id: int, by: str, reason: str) -> bool:
        with self._connections.transaction() as connection:
            row = (self._clock.now(), by, str(storable(reason)), draft_id)
            return bool(connection.execute(REJECTED, row).rowcount)
