"""Actions in `ai_agent_tasks`, what it has no room for in `app.task_proposals`, and grants in `app.task_grants`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection
from psycopg.types.json import Jsonb

from dash_agent.errors import UnknownName
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.jobs import put
from support_agent.adapters.customers import SqlChanges, SqlCustomers, lock_rows
from support_agent.adapters.kept import arguments_json, told_from, told_json
from support_agent.grants import arguments_hash
from support_agent.models import Consent, Done, NotPossible, Proposal, Task, TaskStatus
from support_agent.ports import RESUME, Action

LIFETIME: Final = timedelta(hours=48)
"""Of a task that was not proposed here, such as one of the demo data."""
GRANT: Final = timedelta(hours=1)
"""That a grant works for at least, so that what ended in between can be taken up again."""
AFTERWARDS: Final = timedelta(minutes=1)
"""After a customer's own decision the conversation tells how it ended; the job is for when it could not."""

# A task of the same id and another time is one of demo data that was set anew: what was kept is not its.
# Without a proposal it is staff's to decide, for the customer of its ticket.
ROW: Final = """
    SELECT t.task_id, t.ticket_id, t.task_type, t.arguments, t.status,
           coalesce(p.consent, CASE WHEN t.requires_approval THEN 'staff' ELSE 'none' END), t.created_at,
           coalesce(p.expires_at, t.created_at + %(lifetime)s), t.decided_by, t.finished_at, t.error_message,
           CASE WHEN p.task_id IS NULL THEN d.customer_id ELSE p.customer_id END, p.told, p.before, p.undo_until
    FROM public.ai_agent_tasks t JOIN public.support_threads_data d ON d.ticket_id = t.ticket_id
    LEFT JOIN app.task_proposals p ON p.task_id = t.task_id AND p.proposed_at = t.created_at
"""
BY_ID: Final = f"{ROW} WHERE t.task_id = %(id)s"
OF_TICKET: Final = f"{ROW} WHERE t.ticket_id = %(ticket)s ORDER BY t.created_at, t.task_id"
OF_CUSTOMER: Final = f"""{ROW}
    WHERE t.status = 'done' AND t.task_type = %(tool)s AND t.created_at >= %(since)s
      AND CASE WHEN p.task_id IS NULL THEN d.customer_id ELSE p.customer_id END = %(customer)s
      AND t.task_id IN (
          SELECT o.task_id FROM public.support_threads_data s JOIN public.ai_agent_tasks o ON o.ticket_id = s.ticket_id
          WHERE s.customer_id = %(customer)s
          UNION ALL SELECT o.task_id FROM app.task_proposals o WHERE o.customer_id = %(customer)s)
    ORDER BY t.created_at, t.task_id
"""  # noqa: S608  our own words
WAITING: Final = f"""{ROW}
    WHERE t.status = 'pending_approval' AND (%(consent)s::text IS NULL
          OR coalesce(p.consent, CASE WHEN t.requires_approval THEN 'staff' ELSE 'none' END) = %(consent)s)
    ORDER BY t.created_at, t.task_id
"""
LOCK_TICKET: Final = "SELECT FROM public.support_threads_data WHERE ticket_id = %s FOR UPDATE"
# What was taken back once is not taken back again.
SAME: Final = """
    SELECT t.task_id FROM public.ai_agent_tasks t
    JOIN app.task_proposals p ON p.task_id = t.task_id AND p.proposed_at = t.created_at
    WHERE t.ticket_id = %s AND p.arguments_hash = %s
      AND (t.status = 'pending_approval' AND p.expires_at > %s
           OR p.undoes IS NOT NULL AND t.status IN ('approved', 'done'))
    ORDER BY t.task_id DESC LIMIT 1
"""
INSERT: Final = """
    INSERT INTO public.ai_agent_tasks (ticket_id, task_type, arguments, status, requires_approval, created_at)
    VALUES (%s, %s, %s, 'pending_approval', %s, %s) RETURNING task_id, created_at
"""
PROPOSE: Final = """
    INSERT INTO app.task_proposals (task_id, proposed_at, customer_id, consent, arguments_hash, expires_at, told,
                                    undoes)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (task_id) DO UPDATE SET proposed_at = excluded.proposed_at, customer_id = excluded.customer_id,
        consent = excluded.consent, arguments_hash = excluded.arguments_hash, expires_at = excluded.expires_at,
        told = excluded.told, undoes = excluded.undoes, before = '{}', undo_until = NULL, told_at = NULL
"""
FORGET_GRANT: Final = "DELETE FROM app.task_grants WHERE task_id = %s"
LOCK: Final = "SELECT FROM public.ai_agent_tasks WHERE task_id = %s FOR UPDATE"
PROPOSED: Final = """
    SELECT p.arguments_hash FROM app.task_proposals p
    JOIN public.ai_agent_tasks t ON t.task_id = p.task_id AND t.created_at = p.proposed_at WHERE p.task_id = %s
"""
DECIDE: Final = """
    UPDATE public.ai_agent_tasks SET status = %s, decided_by = %s, decided_at = %s WHERE task_id = %s
"""
EXPIRE: Final = "UPDATE public.ai_agent_tasks SET status = 'expired', finished_at = %s WHERE task_id = %s"
MAKE_GRANT: Final = """
    INSERT INTO app.task_grants (task_id, arguments_hash, granted_at, expires_at, granted_by)
    VALUES (%(id)s, %(hash)s, %(now)s, %(until)s, %(by)s)
    ON CONFLICT (task_id) DO UPDATE SET arguments_hash = excluded.arguments_hash, granted_at = excluded.granted_at,
        expires_at = excluded.expires_at, granted_by = excluded.granted_by, used_at = NULL
"""
USE_GRANT: Final = """
    UPDATE app.task_grants SET used_at = %(now)s
    WHERE task_id = %(id)s AND used_at IS NULL AND arguments_hash = %(hash)s AND expires_at > %(now)s
"""
DONE: Final = """
    UPDATE public.ai_agent_tasks SET status = 'done', finished_at = %s, error_message = NULL WHERE task_id = %s
"""
FAILED: Final = """
    UPDATE public.ai_agent_tasks SET status = 'failed', finished_at = %s, error_message = %s WHERE task_id = %s
"""
KEEP: Final = """
    UPDATE app.task_proposals SET told = %s, before = %s, undo_until = %s WHERE task_id = %s AND proposed_at = %s
"""
OVERDUE: Final = f"""{ROW}
    WHERE t.status = 'pending_approval' AND coalesce(p.expires_at, t.created_at + %(lifetime)s) <= %(now)s
    ORDER BY t.task_id FOR UPDATE OF t SKIP LOCKED
"""
TELL: Final = """
    UPDATE app.task_proposals p SET told_at = %s FROM public.ai_agent_tasks t
    WHERE p.task_id = %s AND t.task_id = p.task_id AND t.created_at = p.proposed_at AND p.told_at IS NULL
"""
IS_TOLD: Final = """
    SELECT FROM app.task_proposals p
    JOIN public.ai_agent_tasks t ON t.task_id = p.task_id AND t.created_at = p.proposed_at
    WHERE p.task_id = %s AND p.told_at IS NOT NULL
"""
DATABASE_NOW: Final = "SELECT clock_timestamp() + %s"


class SqlTasks:
    """Port `Tasks`, on the app role. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def propose(
        self, ticket_id: int, proposal: Proposal, now: datetime, expires_at: datetime, customer_id: int | None
    ) -> Task:
        meant = arguments_hash(proposal.tool, proposal.arguments, customer_id)
        with self._connections.transaction() as connection:
            connection.execute(LOCK_TICKET, (ticket_id,))
            same = connection.execute(SAME, (ticket_id, meant, now)).fetchone()
            if same is not None:
                return _task(connection, same[0])
            return self._new(connection, ticket_id, proposal, now, expires_at, customer_id, meant)

    def _new(
        self,
        connection: Connection,
        ticket_id: int,
        proposal: Proposal,
        now: datetime,
        expires_at: datetime,
        customer_id: int | None,
        meant: str,
    ) -> Task:
        arguments, needs_yes = Jsonb(arguments_json(proposal.arguments)), proposal.consent is not Consent.NONE
        row = connection.execute(INSERT, (ticket_id, proposal.tool, arguments, needs_yes, now)).fetchone()
        assert row is not None
        task_id, proposed_at = row
        told, undoes = Jsonb(told_json(proposal.told)), proposal.arguments.get("undoes")
        kept = (customer_id, proposal.consent.value, meant, expires_at, told, undoes)
        connection.execute(PROPOSE, (task_id, proposed_at, *kept))
        connection.execute(FORGET_GRANT, (task_id,))
        return _task(connection, task_id)

    def get(self, task_id: int) -> Task | None:
        with self._connections.statement() as connection:
            return _found(connection, task_id)

    def of_ticket(self, ticket_id: int) -> Sequence[Task]:
        return self._listed(OF_TICKET, {"ticket": ticket_id})

    def of_customer(self, customer_id: int, tool: str, since: datetime) -> Sequence[Task]:
        with self._connections.statement() as connection:
            return SqlHistory(connection).of_customer(customer_id, tool, since)

    def waiting(self, consent: Consent | None = None) -> Sequence[Task]:
        return self._listed(WAITING, {"consent": None if consent is None else consent.value})

    def _listed(self, statement: str, given: dict[str, object]) -> Sequence[Task]:
        with self._connections.statement() as connection:
            rows = connection.execute(statement.encode(), {**given, "lifetime": LIFETIME}).fetchall()
        return tuple(map(_read, rows))

    def decide(self, task_id: int, approved: bool, by: str, arguments_hash: str, now: datetime) -> Task | None:
        with self._connections.transaction() as connection:
            task = _locked(connection, task_id)
            if task is None or task.status is not TaskStatus.PENDING:
                return None
            if task.expires_at is not None and now >= task.expires_at:
                _expire(connection, task, now)
                return None
            if not _is_meant(connection, task, arguments_hash) or (approved and not _may(task.consent, by)):
                return None
            decided = TaskStatus.APPROVED if approved else TaskStatus.REJECTED
            # Nobody had to decide on what needs no yes.
            who = None if task.consent is Consent.NONE else by
            connection.execute(DECIDE, (decided.value, who, now, task_id))
            if approved:
                until = max(task.expires_at or now, now + GRANT)
                grant = {"id": task_id, "hash": arguments_hash, "now": now, "until": until, "by": by}
                connection.execute(MAKE_GRANT, grant)
            if task.consent is not Consent.NONE:
                _queue(connection, task, AFTERWARDS if task.consent is Consent.CUSTOMER else timedelta())
            return _task(connection, task_id)

    def run(self, task_id: int, action: Action, now: datetime) -> Task:
        with self._connections.transaction() as connection:
            task = _locked(connection, task_id)
            if task is None:
                raise UnknownName("task", str(task_id))
            if task.status is not TaskStatus.APPROVED:
                return task
            grant = {"id": task_id, "hash": _hash(task), "now": now}
            if not connection.execute(USE_GRANT, grant).rowcount:
                return _failed(connection, task, "no_grant", now)
            if task.customer_id is not None:
                lock_rows(connection, task.customer_id)
            changes, history = SqlChanges(connection), SqlHistory(connection)
            ended = action(task, SqlCustomers.within(connection), changes, history, now)
            if isinstance(ended, NotPossible):
                return _failed(connection, task, ended.reason, now)
            return _done(connection, task, ended, now)

    def expire(self, now: datetime) -> int:
        with self._connections.transaction() as connection:
            rows = connection.execute(OVERDUE, {"now": now, "lifetime": LIFETIME}).fetchall()
            for task in map(_read, rows):
                _expire(connection, task, now)
        return len(rows)

    def is_told(self, task_id: int) -> bool:
        with self._connections.statement() as connection:
            return connection.execute(IS_TOLD, (task_id,)).fetchone() is not None

    def tell(self, task_id: int, now: datetime) -> bool:
        with self._connections.statement() as connection:
            return bool(connection.execute(TELL, (now, task_id)).rowcount)


class SqlHistory:
    """Port `History`, in somebody's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, task_id: int) -> Task | None:
        return _found(self._connection, task_id)

    def of_customer(self, customer_id: int, tool: str, since: datetime) -> Sequence[Task]:
        given = {"customer": customer_id, "tool": tool, "since": since, "lifetime": LIFETIME}
        return tuple(map(_read, self._connection.execute(OF_CUSTOMER, given).fetchall()))


def _may(consent: Consent, by: str) -> bool:
    """The store's own look at who says yes: a customer to their own, never to what is staff's, and the other way."""
    return (consent is Consent.CUSTOMER) == (by == "customer")


def _is_meant(connection: Connection, task: Task, meant: str) -> bool:
    """Whether what was decided on is what stands there, and that is what was proposed."""
    row = connection.execute(PROPOSED, (task.task_id,)).fetchone()
    return meant == _hash(task) and (row is None or row[0] == meant)


def _hash(task: Task) -> str:
    return arguments_hash(task.tool, task.arguments, task.customer_id)


def _locked(connection: Connection, task_id: int) -> Task | None:
    connection.execute(LOCK, (task_id,))
    return _found(connection, task_id)


def _found(connection: Connection, task_id: int) -> Task | None:
    row = connection.execute(BY_ID, {"id": task_id, "lifetime": LIFETIME}).fetchone()
    return None if row is None else _read(row)


def _task(connection: Connection, task_id: int) -> Task:
    task = _found(connection, task_id)
    assert task is not None
    return task


def _done(connection: Connection, task: Task, ended: Done, now: datetime) -> Task:
    connection.execute(DONE, (now, task.task_id))
    told, before = Jsonb(told_json(ended.told)), Jsonb(arguments_json(ended.before))
    connection.execute(KEEP, (told, before, ended.undo_until, task.task_id, task.created_at))
    return _task(connection, task.task_id)


def _failed(connection: Connection, task: Task, reason: str, now: datetime) -> Task:
    connection.execute(FAILED, (now, reason, task.task_id))
    return _task(connection, task.task_id)


def _expire(connection: Connection, task: Task, now: datetime) -> None:
    connection.execute(EXPIRE, (now, task.task_id))
    if task.consent is Consent.STAFF:
        _queue(connection, task, timedelta())


def _queue(connection: Connection, task: Task, after: timedelta) -> None:
    """In the queue's own time, whatever the clock here says."""
    row = connection.execute(DATABASE_NOW, (after,)).fetchone()
    key = f"{RESUME} {task.task_id} {task.created_at.timestamp():.6f}"
    put(connection, RESUME, key, {"task_id": task.task_id}, row[0] if row and after else None)


def _read(row: Sequence[Any]) -> Task:
    (task_id, ticket_id, tool, arguments, status, consent, created, expires, by, finished, error, customer_id) = row[
        :12
    ]
    told, before, undo_until = row[12:]
    return Task(
        task_id,
        ticket_id,
        tool,
        arguments,
        TaskStatus(status),
        Consent(consent),
        created,
        expires,
        by,
        finished,
        error,
        customer_id,
        told_from(told or {}),
        before or {},
        undo_until,
    )
