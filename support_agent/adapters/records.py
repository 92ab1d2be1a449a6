"""What else is kept of a dialogue: who may open it, what was thought of it, what it took."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Final

from dash_agent.warehouse.connections import Connections
from support_agent.ports import HandedOver, Record

GIVE: Final = "UPDATE app.dialogues SET pass_hash = %s WHERE dialog_id = %s"
KEPT: Final = "SELECT pass_hash FROM app.dialogues WHERE dialog_id = %s"
OF: Final = """
    SELECT coalesce(t.prompt_tokens, 0) + coalesce(t.completion_tokens, 0), t.status
    FROM app.dialogues d JOIN public.support_threads_data t ON t.ticket_id = d.ticket_id AND t.thread_key = d.thread
    WHERE d.dialog_id = %s
"""
HANDOFFS: Final = """
    SELECT at, taken_by, reason, released_at FROM app.handoffs WHERE dialog_id = %s ORDER BY handoff_id
"""
SCORE: Final = """
    UPDATE public.support_dialogs m SET feedback = %s
    FROM app.dialogues d JOIN public.support_threads_data t ON t.ticket_id = d.ticket_id AND t.thread_key = d.thread
    WHERE d.dialog_id = %s AND m.ticket_id = d.ticket_id AND m.message_id = %s AND m.role = 'ai'
"""
CSAT: Final = """
    UPDATE public.support_threads_data t SET csat = %s
    FROM app.dialogues d WHERE d.dialog_id = %s AND t.ticket_id = d.ticket_id AND t.thread_key = d.thread
"""


class SqlPasses:
    """Port `Passes`, on the app role. draw: a token that nobody guesses."""

    def __init__(self, connections: Connections, draw: Callable[[], str] = secrets.token_urlsafe) -> None:
        self._connections = connections
        self._draw = draw

    def give(self, dialog_id: str) -> str:
        token = self._draw()
        with self._connections.statement() as connection:
            connection.execute(GIVE, (_hash(token), dialog_id))
        return token

    def opens(self, dialog_id: str, token: str) -> bool:
        with self._connections.statement() as connection:
            row = connection.execute(KEPT, (dialog_id,)).fetchone()
        kept = bytes(row[0]) if row is not None and row[0] is not None else b""
        return hmac.compare_digest(kept, _hash(token))


class SqlRecords:
    """Port `Records`, on the app role."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def of(self, dialog_id: str) -> Record | None:
        with self._connections.transaction() as connection:
            row = connection.execute(OF, (dialog_id,)).fetchone()
            handed = connection.execute(HANDOFFS, (dialog_id,)).fetchall()
        return None if row is None else Record(row[0], row[1], tuple(HandedOver(*one) for one in handed))


class SqlRatings:
    """Port `Ratings`, on the app role."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def message(self, dialog_id: str, message_id: int, score: int) -> bool:
        with self._connections.statement() as connection:
            return bool(connection.execute(SCORE, (score, dialog_id, message_id)).rowcount)

    def dialogue(self, dialog_id: str, csat: int) -> None:
        with self._connections.statement() as connection:
            connection.execute(CSAT, (csat, dialog_id))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
