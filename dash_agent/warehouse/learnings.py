"""What was learned, in `app.learnings`, with who decided on it, and what people thought of answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Any, Final

from psycopg import Connection, errors
from psycopg.types.json import Jsonb

from dash_agent.errors import WrongUse
from dash_agent.models.learning import (
    Decision,
    Evidence,
    Feedback,
    Learning,
    LearningStatus,
    Offered,
    Origin,
    Reach,
    RefusedWord,
)
from dash_agent.models.learning_wire import payload_from_json, payload_json
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.state import storable

EVERY: Final = 2.0
"""Seconds that a version is believed; what this object writes itself is seen at once."""

COLUMNS: Final = """
    learning_id, kind, payload, status, scope, owner, author, origin, identity, created_at, words, answer_id, backers,
    expires_at, hits, last_used_at
"""
VERSION: Final = "SELECT version FROM app.learnings_version"
CHANGED: Final = "UPDATE app.learnings_version SET version = version + 1"
ALIVE: Final = f"""
    SELECT {COLUMNS} FROM app.learnings WHERE status IN ('proposed', 'active') ORDER BY created_at, learning_id
"""  # noqa: S608  constants
ALL: Final = f"""
    SELECT {COLUMNS} FROM app.learnings WHERE %(status)s::text IS NULL OR status = %(status)s
    ORDER BY created_at DESC, learning_id DESC
"""  # noqa: S608
GET: Final = f"SELECT {COLUMNS} FROM app.learnings WHERE learning_id = %s"  # noqa: S608
SAME: Final = f"""
    SELECT {COLUMNS} FROM app.learnings
    WHERE identity = %s AND scope = %s AND owner = %s AND status IN ('proposed', 'active') FOR UPDATE
"""  # noqa: S608
INSERT: Final = f"""
    INSERT INTO app.learnings ({COLUMNS})
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""  # noqa: S608
BACK: Final = """
    UPDATE app.learnings SET backers = backers || %(user)s::text
    WHERE learning_id = %(id)s AND author <> %(user)s AND NOT %(user)s = ANY (backers)
"""
CHANGE: Final = """
    UPDATE app.learnings
    SET status = %s, scope = %s, owner = %s, payload = %s, identity = %s, backers = %s, expires_at = %s
    WHERE learning_id = %s AND status = %s
"""
DECIDE: Final = """
    INSERT INTO app.learning_decisions (learning_id, at, "user", decision, reason) VALUES (%s, %s, %s, %s, %s)
"""
HISTORY: Final = """
    SELECT at, "user", decision, reason FROM app.learning_decisions WHERE learning_id = %s ORDER BY decision_id
"""
USED: Final = """
    UPDATE app.learnings SET hits = hits + 1, last_used_at = greatest(last_used_at, %s) WHERE learning_id = ANY (%s)
"""
KEEP_FEEDBACK: Final = """
    INSERT INTO app.feedback (answer_id, "user", at, score, comment, correction, learning_id)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
FEEDBACK: Final = """
    SELECT answer_id, "user", at, score, comment, correction, learning_id FROM app.feedback WHERE answer_id = %s
    ORDER BY feedback_id
"""
LAST_OF_SESSION: Final = """
    SELECT answer FROM app.answers WHERE "user" = %s AND session = %s ORDER BY kept_at DESC, answer_id DESC LIMIT 1
"""
# Of the latest refusals alone: the desk of a year ago asked other things.
REFUSED: Final = """
    WITH lately AS (
        SELECT "user", question, kept_at, answer -> 'plan' -> 'words' AS words FROM app.answers
        WHERE answer ->> 'status' = 'refused' AND answer -> 'plan' ->> 'reason' IN ('no_such_data', 'not_supported')
        ORDER BY kept_at DESC LIMIT 10000)
    SELECT lower(word), count(*), count(DISTINCT "user"), (array_agg(question ORDER BY kept_at DESC))[1], max(kept_at)
    FROM lately, jsonb_array_elements_text(words) AS word
    GROUP BY 1 ORDER BY 2 DESC, 5 DESC, 1 LIMIT %s
"""


class SqlLearnings:
    """Port `Learnings`. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections, *, every: float = EVERY) -> None:
        """every: seconds between two looks at the version."""
        self._connections = connections
        self._every = every
        self._known: tuple[float, int] | None = None
        self._lock = Lock()

    def version(self) -> int:
        known, now = self._known, monotonic()
        if known is not None and now - known[0] < self._every:
            return known[1]
        with self._lock, self._connections.transaction() as connection:
            row = connection.execute(VERSION).fetchone()
            found = row[0] if row else 0
            self._known = (now, found)
        return int(found)

    def alive(self) -> Sequence[Learning]:
        with self._connections.transaction() as connection:
            return tuple(map(_learning, connection.execute(ALIVE).fetchall()))

    def all(self, status: LearningStatus | None = None) -> Sequence[Learning]:
        with self._connections.transaction() as connection:
            return tuple(map(_learning, connection.execute(ALL, {"status": status}).fetchall()))

    def get(self, learning_id: str) -> Learning | None:
        with self._connections.transaction() as connection:
            row = connection.execute(GET, (learning_id,)).fetchone()
        return _learning(row) if row else None

    def propose(self, learning: Learning) -> Learning:
        with self._writing() as connection:
            same = connection.execute(SAME, (learning.identity, learning.reach, learning.owner)).fetchone()
            if same is not None:
                return self._backed(connection, str(same[0]), learning)
            connection.execute(INSERT, _row(learning))
            first = (learning.learning_id, learning.created, learning.author)
            connection.execute(DECIDE, (*first, "proposed", learning.origin))
            if learning.status is LearningStatus.ACTIVE:
                connection.execute(DECIDE, (*first, "approved", "its author's own"))
        return learning

    def _backed(self, connection: Connection, learning_id: str, said: Learning) -> Learning:
        if connection.execute(BACK, {"id": learning_id, "user": said.author}).rowcount:
            decided = (learning_id, said.created, said.author, "backed", said.origin)
            connection.execute(DECIDE, decided)
        return _learning(_one(connection.execute(GET, (learning_id,)).fetchone()))

    def change(self, learning: Learning, decision: Decision, expected: LearningStatus) -> bool:
        row = (
            learning.status,
            learning.reach,
            learning.owner,
            Jsonb(storable(payload_json(learning.payload))),
            learning.identity,
            list(learning.backers),
            learning.expires,
            learning.learning_id,
            expected,
        )
        try:
            with self._writing() as connection:
                if not connection.execute(CHANGE, row).rowcount:
                    return False
                decided = (decision.at, decision.user, decision.what, storable(decision.reason))
                connection.execute(DECIDE, (learning.learning_id, *decided))
        except errors.UniqueViolation as error:
            raise WrongUse(
                f"another learning says the same as {learning.learning_id} for the same people",
                "look it up with 'dash-agent learn list', and reject one of the two",
            ) from error
        return True

    def history(self, learning_id: str) -> Sequence[Decision]:
        with self._connections.transaction() as connection:
            return tuple(Decision(*row) for row in connection.execute(HISTORY, (learning_id,)).fetchall())

    def used(self, learning_ids: Sequence[str], at: datetime) -> None:
        with self._connections.transaction() as connection:
            connection.execute(USED, (at, sorted(set(learning_ids))))

    def keep_feedback(self, feedback: Feedback) -> None:
        row = (
            feedback.answer_id,
            feedback.user,
            feedback.at,
            feedback.score,
            storable(feedback.comment),
            storable(feedback.correction),
            feedback.learning_id,
        )
        with self._connections.transaction() as connection:
            connection.execute(KEEP_FEEDBACK, row)

    def feedback(self, answer_id: str) -> Sequence[Feedback]:
        with self._connections.transaction() as connection:
            return tuple(Feedback(*row) for row in connection.execute(FEEDBACK, (answer_id,)).fetchall())

    def offered(self, user: str, session: str) -> Offered | None:
        with self._connections.transaction() as connection:
            row = connection.execute(LAST_OF_SESSION, (user, session)).fetchone()
        return offered_by(row[0]) if row else None

    def refused_words(self, limit: int) -> Sequence[RefusedWord]:
        with self._connections.transaction() as connection:
            rows = connection.execute(REFUSED, (limit,)).fetchall()
        return tuple(RefusedWord(*row) for row in rows)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """One writer at a time, so that the version goes up in the order of what becomes visible."""
        with self._connections.transaction() as connection:
            connection.execute(CHANGED)
            yield connection
        with self._lock:
            self._known = None


def offered_by(answer: dict[str, Any]) -> Offered | None:
    """answer: the object as it went out."""
    choices = tuple(one["question"] for one in answer.get("options", ())) or tuple(answer.get("suggestions", ()))
    plan = answer.get("plan") or {}
    if answer.get("status") not in ("clarify", "refused") or not choices or not answer.get("question"):
        return None
    reason = plan.get("why") or plan.get("reason") or ""
    words = tuple(plan.get("words", ()))
    return Offered(answer["answer_id"], answer["question"], answer["status"], reason, words, choices)


def _row(learning: Learning) -> tuple[object, ...]:
    return (
        learning.learning_id,
        learning.kind,
        Jsonb(storable(payload_json(learning.payload))),
        learning.status,
        learning.reach,
        learning.owner,
        learning.author,
        learning.origin,
        storable(learning.identity),
        learning.created,
        storable(learning.evidence.words),
        learning.evidence.answer_id,
        list(learning.backers),
        learning.expires,
        learning.hits,
        learning.last_used,
    )


def _learning(row: tuple[Any, ...]) -> Learning:
    key, kind, payload, status, reach, owner, author, origin, identity, created, words, answer, backers, *rest = row
    expires, hits, last_used = rest
    return Learning(
        key,
        payload_from_json(kind, payload),
        LearningStatus(status),
        Reach(reach),
        owner,
        author,
        Origin(origin),
        identity,
        created,
        Evidence(words, answer),
        tuple(backers),
        expires,
        hits,
        last_used,
    )


def _one(row: tuple[Any, ...] | None) -> tuple[Any, ...]:
    if row is None:
        raise LookupError("a row that was there in this transaction is gone")
    return row
