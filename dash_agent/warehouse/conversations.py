"""What customers and agents wrote, read on the app role for those who may, with a note of every look in `app.audit`.

Rows are narrowed by the conditions that the guard and row-level security are made of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from psycopg import Connection
from psycopg.types.json import Jsonb

from dash_agent.context.catalog import Catalog
from dash_agent.errors import WrongUse
from dash_agent.models.conversation import Action, Compared, Comparison, Conversation, Message, Wanted
from dash_agent.models.principal import Principal, sees_texts
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.reach import COMPARISONS, conditions, filled

TICKET: Final = """
    SELECT subject, request_type, channel, language, status, created_at, auto_sent, assigned_to, model
    FROM public.support_threads_data WHERE ticket_id = %(ticket)s AND {support_threads_data}
"""
WRITTEN: Final = """
    SELECT role, author, message, created_at FROM public.support_dialogs
    WHERE ticket_id = %(ticket)s AND {support_dialogs} ORDER BY created_at, message_id
"""
COMPARED: Final = """
    SELECT created_at, ai_answer, human_answer, similarity,
           NULLIF(btrim(penalty_score, E' \\t\\n\\r'), '')::numeric, verdict, error_type, judge_model
    FROM public.ai_human_comparison
    WHERE ticket_id = %(ticket)s AND {ai_human_comparison} ORDER BY created_at, comparison_id
"""
DONE: Final = """
    SELECT task_type, status, created_at, decided_by FROM public.ai_agent_tasks
    WHERE ticket_id = %(ticket)s AND {ai_agent_tasks} ORDER BY created_at, task_id
"""
LISTED: Final = """
    SELECT ticket_id, ai_human_comparison.created_at, ai_human_comparison.request_type, verdict, error_type, similarity,
           channel, support_threads_data.language
    FROM public.ai_human_comparison JOIN public.support_threads_data USING (ticket_id)
    WHERE ai_human_comparison.created_at >= %(start)s AND ai_human_comparison.created_at < %(end)s
      AND (%(verdict)s::text IS NULL OR verdict = %(verdict)s)
      AND (%(error_type)s::text IS NULL OR error_type = %(error_type)s)
      AND {ai_human_comparison} AND {support_threads_data} AND {wanted}
    ORDER BY ai_human_comparison.created_at DESC, comparison_id DESC LIMIT %(limit)s
"""
NOTE: Final = 'INSERT INTO app.audit ("user", action, subject, detail) VALUES (%s, %s, %s, %s)'


class SqlConversations:
    """Port `Conversations`. catalog: the one in service. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections, catalog: Callable[[], Catalog]) -> None:
        self._connections = connections
        self._catalog = catalog

    def get(self, ticket_id: int, principal: Principal) -> Conversation | None:
        self._check(principal, "conversation.read", f"ticket {ticket_id}")
        within, key = conditions(self._catalog(), principal.scope), {"ticket": ticket_id}
        with self._connections.transaction() as connection:
            row = connection.execute(filled(TICKET, within), key).fetchone()
            told = None if row is None else _conversation(ticket_id, row, _parts(connection, within, key))
            detail = {"found": told is not None, "messages": len(told.messages) if told is not None else 0}
            _note(connection, principal, "conversation.read", f"ticket {ticket_id}", detail)
        return told

    def listed(self, wanted: Wanted, principal: Principal, limit: int = 50) -> Sequence[Compared]:
        self._check(principal, "conversations.listed", "")
        catalog = self._catalog()
        narrowed = conditions(catalog, wanted.within)[COMPARISONS]
        within = {**conditions(catalog, principal.scope), "wanted": narrowed}
        asked = {
            "start": wanted.start,
            "end": wanted.end,
            "verdict": wanted.verdict,
            "error_type": wanted.error_type,
        }
        with self._connections.transaction() as connection:
            rows = connection.execute(filled(LISTED, within), {**asked, "limit": limit}).fetchall()
            found = tuple(Compared(*row) for row in rows)
            _note(connection, principal, "conversations.listed", "", {"tickets": [one.ticket_id for one in found]})
        return found

    def _check(self, principal: Principal, action: str, subject: str) -> None:
        """Notes who tried without the right to. Raises WrongUse for them."""
        if sees_texts(principal):
            return
        with self._connections.transaction() as connection:
            _note(connection, principal, action, subject, {"refused": principal.role.value})
        raise WrongUse(
            f"{principal.user} is a {principal.role}, and admins alone read what customers wrote", "ask one of them"
        )


Rows = Sequence[tuple[Any, ...]]


def _parts(connection: Connection, within: Mapping[str, str], key: Mapping[str, int]) -> tuple[Rows, Rows, Rows]:
    written, compared, done = (
        connection.execute(filled(statement, within), key).fetchall() for statement in (WRITTEN, COMPARED, DONE)
    )
    return written, compared, done


def _conversation(ticket_id: int, row: tuple[Any, ...], parts: tuple[Rows, Rows, Rows]) -> Conversation:
    subject, category, channel, language, status, created, auto_sent, agent, model = row
    written, compared, done = parts
    return Conversation(
        ticket_id,
        subject,
        category,
        channel,
        language,
        status,
        created,
        auto_sent,
        agent,
        model,
        tuple(Message(*one) for one in written),
        tuple(Comparison(*one) for one in compared),
        tuple(Action(*one) for one in done),
    )


def _note(
    connection: Connection, principal: Principal, action: str, subject: str, detail: Mapping[str, object]
) -> None:
    connection.execute(NOTE, (principal.user, action, subject, Jsonb(dict(detail))))
