"""What the support agent need not remember any longer. Each is a statement in the transaction of the job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from dash_agent.models.job import Transaction

ROWS: Final[Mapping[str, str]] = {
    "identification_codes": "DELETE FROM app.identification_codes WHERE issued_at < %(now)s - interval '2 days'",
    "limits": "DELETE FROM app.limits WHERE until < %(now)s",
    "idempotency_keys": "DELETE FROM app.idempotency_keys WHERE begun_at < %(now)s - interval '2 days'",
    "seen_events": "DELETE FROM app.seen_events WHERE seen_at < %(now)s - interval '30 days'",
    # A link works for two days.
    "burned_links": "DELETE FROM app.burned_links WHERE burned_at < %(now)s - interval '30 days'",
    "dialogues": """
        DELETE FROM app.dialogues d WHERE NOT EXISTS (
            SELECT FROM public.support_threads_data t WHERE t.ticket_id = d.ticket_id AND t.thread_key = d.thread)
    """,
}


def prune(connection: Transaction, now: datetime) -> Mapping[str, int]:
    """How many rows of each table went."""
    return {name: int(connection.execute(statement, {"now": now}).rowcount) for name, statement in ROWS.items()}
