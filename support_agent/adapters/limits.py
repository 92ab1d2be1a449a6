"""How often, and what came before: `app.limits` and `app.idempotency_keys`. What is counted is kept as hashes."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final

from dash_agent.warehouse.connections import Connections
from support_agent.ports import Repeated

# Those over the limit are not counted: waiting always ends. Nobody waits for the disk: a count that a crash loses is
# no matter.
TAKE: Final = """
    INSERT INTO app.limits AS l (what_hash, since, until, n) VALUES (%(what)s, %(now)s, %(until)s, 1)
    ON CONFLICT (what_hash) DO UPDATE SET
        since = CASE WHEN l.until <= %(now)s THEN excluded.since ELSE l.since END,
        until = CASE WHEN l.until <= %(now)s THEN excluded.until ELSE l.until END,
        n = CASE WHEN l.until <= %(now)s THEN 1 ELSE least(l.n, %(limit)s) + 1 END
    RETURNING n, until, set_config('synchronous_commit', 'off', true)
"""
BEGIN: Final = """
    INSERT INTO app.idempotency_keys (scope, key, request_hash, begun_at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
BEFORE: Final = "SELECT request_hash, answer FROM app.idempotency_keys WHERE scope = %s AND key = %s"
END: Final = "UPDATE app.idempotency_keys SET answer = %s WHERE scope = %s AND key = %s"
FORGET: Final = "DELETE FROM app.idempotency_keys WHERE scope = %s AND key = %s AND answer IS NULL"


class SqlLimits:
    """Port `Limits`, on the app role."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def take(self, what: str, limit: int, per: timedelta, now: datetime) -> timedelta | None:
        given = {"what": _hash(what), "now": now, "until": now + per, "limit": limit}
        with self._connections.statement() as connection:
            row = connection.execute(TAKE, given).fetchone()
        assert row is not None
        taken, until, _ = row
        wait: timedelta = until - now
        return wait if taken > limit else None


class SqlRepeats:
    """Port `Repeats`, on the app role."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def begin(self, scope: str, key: str, request: str, now: datetime) -> Repeated | None:
        asked = _hash(request)
        with self._connections.transaction() as connection:
            if connection.execute(BEGIN, (scope, key, asked, now)).rowcount:
                return None
            row = connection.execute(BEFORE, (scope, key)).fetchone()
        return Repeated(None, True) if row is None else Repeated(row[1], bytes(row[0]) == asked)

    def end(self, scope: str, key: str, answer: str) -> None:
        with self._connections.statement() as connection:
            connection.execute(END, (answer.replace("\0", "\ufffd"), scope, key))

    def forget(self, scope: str, key: str) -> None:
        with self._connections.statement() as connection:
            connection.execute(FORGET, (scope, key))


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
