"""What the product remembers, in schema `app`, on the app role."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from dash_agent.models.answer import Answer, Watermark
from dash_agent.models.principal import ScopeFilter
from dash_agent.models.wire import Json, answer_json, plan_from_json, plan_json
from dash_agent.ports import Kept, Turn
from dash_agent.warehouse.connections import Connections

SAVE_ANSWER = """
    INSERT INTO app.answers (answer_id, "user", session, created_at, question, answer, context_version,
                             engine_version, result_hash, row_count, scope, statement, watermarks, reuse_key, changes)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
SAVE_USAGE = """
    INSERT INTO app.usage (answer_id, "user", model, calls, prompt, completion, cost_usd)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
GET_ANSWER = "SELECT answer FROM app.answers WHERE answer_id = %s"
KEPT_COLUMNS = """answer, "user", kept_at, coalesce(engine_version, ''), scope, statement, watermarks"""
GET_KEPT = f"SELECT {KEPT_COLUMNS} FROM app.answers WHERE answer_id = %s"  # noqa: S608  our own words
HAS_VERSION = "SELECT FROM app.content_versions WHERE version = %s"
KEEP_FILES = """
    INSERT INTO app.content_files (hash, body) SELECT * FROM unnest(%s::text[], %s::text[]) ON CONFLICT DO NOTHING
"""
KEEP_VERSION = "INSERT INTO app.content_versions (version, files) VALUES (%s, %s) ON CONFLICT DO NOTHING"
GET_FILES = """
    SELECT f.key, c.body
    FROM app.content_versions v, jsonb_each_text(v.files) f JOIN app.content_files c ON c.hash = f.value
    WHERE v.version = %s
"""
APPEND_TURN = 'INSERT INTO app.turns ("user", session, question, plan) VALUES (%s, %s, %s, %s)'
LAST_TURN = """
    SELECT question, plan FROM app.turns WHERE "user" = %s AND session = %s ORDER BY turn_id DESC LIMIT 1
"""


UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def storable(value: Json) -> Json:
    """The value with what PostgreSQL has no text for (NUL, half a surrogate pair) replaced by U+FFFD."""
    match value:
        case str() if not UNSTORABLE.search(value):
            return value
        case str():
            return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [storable(item) for item in value]
        case dict():
            return {str(storable(key)): storable(item) for key, item in value.items()}
        case _:
            return value


class SqlAnswers:
    """Port `Answers`. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def save(self, answer: Answer, user: str) -> None:
        receipt, used = answer.receipt, answer.usage
        reusable = receipt.reusable if receipt else None
        row = (
            answer.answer_id,
            user,
            answer.session_id,
            answer.as_of,
            storable(answer.question),
            Jsonb(storable(answer_json(answer))),
            receipt.context_version if receipt else None,
            receipt.engine if receipt else None,
            receipt.result_hash if receipt else None,
            len(answer.rows),
            Jsonb([[one.dimension, *one.values] for one in receipt.scope] if receipt else []),
            receipt.statement if receipt else None,
            Jsonb([_mark_json(mark) for mark in receipt.watermarks] if receipt else []),
            reusable.key if reusable else None,
            Jsonb(dict(reusable.changes)) if reusable else None,
        )
        with self._connections.transaction() as connection:
            connection.execute(SAVE_ANSWER, row)
            for one in used.by_model:
                spent = (one.calls, one.prompt, one.completion, one.cost_usd)
                connection.execute(SAVE_USAGE, (answer.answer_id, user, one.model or "", *spent))

    def get(self, answer_id: str) -> Mapping[str, object] | None:
        with self._connections.transaction() as connection:
            row = connection.execute(GET_ANSWER, (answer_id,)).fetchone()
        return dict(row[0]) if row else None

    def kept(self, answer_id: str) -> Kept | None:
        with self._connections.transaction() as connection:
            row = connection.execute(GET_KEPT, (answer_id,)).fetchone()
        return None if row is None else kept_of(row)


def kept_of(row: Sequence[Any]) -> Kept:
    """A row of the columns that GET_KEPT names."""
    answer, user, at, engine, scope, statement, watermarks = row
    narrowed = tuple(ScopeFilter(dimension, tuple(values)) for dimension, *values in scope)
    return Kept(answer, user, at, engine, narrowed, statement, tuple(map(_mark, watermarks)))


def _mark_json(mark: Watermark) -> dict[str, Json]:
    newest = mark.newest.isoformat() if mark.newest else None
    return {"table": mark.table, "key": mark.key, "newest": newest, "rows": mark.rows}


def _mark(data: Mapping[str, object]) -> Watermark:
    table, key, newest, rows = (data.get(name) for name in ("table", "key", "newest", "rows"))
    return Watermark(
        str(table),
        key if isinstance(key, int) else None,
        datetime.fromisoformat(newest) if isinstance(newest, str) else None,
        rows if isinstance(rows, int) else None,
    )


class SqlContents:
    """Port `Contents`. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def keep(self, version: str, files: Mapping[str, str]) -> None:
        hashes = {path: hashlib.sha256(body.encode()).hexdigest() for path, body in files.items()}
        bodies = {hashes[path]: body for path, body in files.items()}
        with self._connections.transaction() as connection:
            if connection.execute(HAS_VERSION, (version,)).fetchone() is not None:
                return
            connection.execute(KEEP_FILES, (list(bodies), list(bodies.values())))
            connection.execute(KEEP_VERSION, (version, Jsonb(hashes)))

    def files(self, version: str) -> Mapping[str, str] | None:
        with self._connections.transaction() as connection:
            rows = connection.execute(GET_FILES, (version,)).fetchall()
        return {str(path): str(body) for path, body in rows} or None


class SqlTurns:
    """Port `Turns`. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def last(self, user: str, session: str) -> Turn | None:
        with self._connections.transaction() as connection:
            row = connection.execute(LAST_TURN, (user, session)).fetchone()
        return Turn(row[0], plan_from_json(row[1])) if row else None

    def append(self, user: str, session: str, turn: Turn) -> None:
        row = (user, session, storable(turn.question), Jsonb(storable(plan_json(turn.plan))))
        with self._connections.transaction() as connection:
            connection.execute(APPEND_TURN, row)
