"""The Warehouse port over PostgreSQL: one statement, as its scope's reader, in a transaction that is rolled back.

The limits do not rely on the statement's good will: it goes out by the extended protocol, which takes exactly one
statement, EXPLAIN sees it first (and takes nothing but queries), rows are streamed and cut, and a watchdog on this
side cancels what has switched the server's own timeout off.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from copy import copy
from functools import partial
from typing import Final, TypeVar, cast
from zoneinfo import ZoneInfo

import psycopg
from psycopg import Connection, errors, sql

from dash_agent.errors import QueryTooExpensive, WarehouseUnavailable
from dash_agent.models.sql import Cell, ResultColumn, ResultSet, SafeQuery
from dash_agent.warehouse.cells import column, convert, prepare_cursor, size
from dash_agent.warehouse.connections import connect, unavailable
from dash_agent.warehouse.failures import explaining_query
from dash_agent.warehouse.idle import IdleConnections
from dash_agent.warehouse.logins import Scope
from dash_agent.warehouse.watchdog import Watchdog

TIMEOUT_S: Final = 15.0
LOCK_TIMEOUT_S: Final = 3.0
MAX_BYTES: Final = 32 * 1024 * 1024
# In the planner's units, about 0.01 a row: some 10^10 rows, which is minutes of work.
MAX_COST: Final = 1e8
WORK_MEM: Final = "32MB"
WATCHDOG_GRACE_S: Final = 1.0
CHUNK_ROWS: Final = 500
# Of one process. More would only slow each other down, and the reader's role has few connections for all processes.
AT_ONCE: Final = 8

# A session lock would outlive the transaction.
CLOSING: Final = b"ROLLBACK; SELECT pg_catalog.pg_advisory_unlock_all()"

Rows = tuple[tuple[Cell, ...], ...]
Result = TypeVar("Result")


class PostgresWarehouse:
    """conninfo: a libpq URL of the reader role, which sees every row. timezone: the business's, an IANA name.

    login_of: the URL of a row scope's reader; a foreign warehouse has but one. Without it scoped statements are
    refused: none ever falls back to the reader of all rows. timeout_s: of one statement, in seconds. max_bytes: of all
    rows together, as estimated. max_cost: as EXPLAIN estimates it. search_path: the schema that unqualified tables are
    in. Safe to share between threads: AT_ONCE statements run, others wait for as long as a statement may take.
    Connections are kept for the next question.
    """

    def __init__(
        self,
        conninfo: str,
        *,
        timezone: str,
        timeout_s: float = TIMEOUT_S,
        max_bytes: int = MAX_BYTES,
        max_cost: float = MAX_COST,
        work_mem: str = WORK_MEM,
        search_path: str = "public",
        login_of: Callable[[Scope], str] | None = None,
    ) -> None:
        self._url = conninfo
        self._login_of = login_of
        self._zone = ZoneInfo(timezone)
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._max_cost = max_cost
        self._opened = partial(_opening, timezone, work_mem=work_mem, search_path=search_path)
        self._opening = self._opened(timeout_s)
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._idle = IdleConnections()
        self._watchdog = Watchdog()

    def execute(self, query: SafeQuery) -> ResultSet:
        """Rows of one statement; `truncated` where the row or byte cap cut them.

        Raises QueryTimeout, QueryTooExpensive, QueryFailed, WarehouseUnavailable.
        """
        started = time.perf_counter()
        columns, rows, truncated = self._within_limits(query, self._fetch)
        return ResultSet(columns, rows, truncated, (time.perf_counter() - started) * 1000)

    def explain(self, query: SafeQuery) -> None:
        """Plans one statement and runs nothing. Raises QueryTimeout, QueryTooExpensive, QueryFailed,
        WarehouseUnavailable.
        """
        self._within_limits(query, lambda *_: None)

    def within(self, timeout_s: float) -> PostgresWarehouse:
        """The same over the same connections, with another timeout of one statement, in seconds."""
        other = copy(self)
        other._timeout_s, other._opening = timeout_s, self._opened(timeout_s)
        return other

    def close(self) -> None:
        self._idle.close()

    def _within_limits(self, query: SafeQuery, work: Callable[[Connection, SafeQuery], Result]) -> Result:
        with self._place(), explaining_query(self._url, self._timeout_s):
            kept = self._kept(query.scope)
            if kept is not None:
                # Its login may have been dropped and made again: the session is of the role that is gone.
                with suppress(errors.InsufficientPrivilege):
                    return self._on(kept, query, work)
            return self._on(self._new(query.scope), query, work)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=self._timeout_s):
            raise WarehouseUnavailable(
                f"{AT_ONCE} statements run already, and none ended in {self._timeout_s:.0f} s", "ask again in a minute"
            )
        try:
            yield
        finally:
            self._places.release()

    def _on(self, connection: Connection, query: SafeQuery, work: Callable[[Connection, SafeQuery], Result]) -> Result:
        limit = self._timeout_s + WATCHDOG_GRACE_S
        with self._given_back(connection, query.scope), self._watchdog.watching(connection, limit):
            self._refuse_expensive(connection, query)
            return work(connection, query)

    def _kept(self, scope: Scope) -> Connection | None:
        """A kept connection of the scope's reader in a read-only transaction with the limits set."""
        kept = self._idle.take(scope)
        if kept is not None:
            try:
                kept.execute(self._opening)
            except psycopg.Error:
                # The server, or a pooler in between, has dropped it meanwhile.
                kept.close()
                return None
        return kept

    def _new(self, scope: Scope) -> Connection:
        """The same on a new connection. Raises WarehouseUnavailable."""
        connection = self._connected(scope)
        try:
            connection.execute(self._opening)
        except psycopg.Error as error:
            connection.close()
            raise unavailable(self._url, error) from error
        return connection

    def _connected(self, scope: Scope) -> Connection:
        if not scope:
            return connect(self._url, autocommit=True)
        hint = "if the server is up, run 'dash-agent db migrate', which makes a login for each row scope"
        if self._login_of is None:
            raise WarehouseUnavailable("rows within a scope can't be read here: it has no login", hint)
        try:
            return connect(self._login_of(scope), autocommit=True)
        except WarehouseUnavailable as error:
            raise WarehouseUnavailable(f"rows within this scope can't be read: {error.message}", hint) from error

    @contextmanager
    def _given_back(self, connection: Connection, scope: Scope) -> Iterator[None]:
        """Keeps the connection for the next question, unless it lacked a right."""
        try:
            yield
        except errors.InsufficientPrivilege:
            connection.close()
            raise
        finally:
            self._give_back(connection, scope)

    def _give_back(self, connection: Connection, scope: Scope) -> None:
        try:
            connection.execute(CLOSING)
        except psycopg.Error:
            connection.close()
            return
        self._idle.keep(connection, scope)

    def _refuse_expensive(self, connection: Connection, query: SafeQuery) -> None:
        """Also refuses what is no query: EXPLAIN takes nothing that sets, locks, copies or shows."""
        with connection.cursor() as cursor:
            # stream, as below: of psycopg's ways to run a text without parameters, it is the one that always uses
            # the extended protocol, and needs no prepared statement, which poolers break.
            plans = [row[0] for row in cursor.stream(b"EXPLAIN (FORMAT JSON) " + query.text.encode())]
        cost = float(plans[0][0]["Plan"]["Total Cost"])
        if cost > self._max_cost:
            raise QueryTooExpensive(
                f"the query's estimated cost is {cost:.1e}, over the limit of {self._max_cost:.1e}",
                "ask for a shorter period or fewer combinations",
            )

    def _fetch(self, connection: Connection, query: SafeQuery) -> tuple[tuple[ResultColumn, ...], Rows, bool]:
        with connection.cursor() as cursor:
            prepare_cursor(cursor)
            stream = cast("Generator[tuple[object, ...]]", cursor.stream(query.text.encode(), size=CHUNK_ROWS))
            # Closing it early cancels the rest on the server.
            with closing(stream):
                rows, truncated = self._cut(stream, query.row_cap)
            columns = tuple(column(found.name, found.type_code) for found in cursor.description or ())
        return columns or _described(connection, query), rows, truncated

    def _cut(self, stream: Iterable[tuple[object, ...]], row_cap: int) -> tuple[Rows, bool]:
        rows: list[tuple[Cell, ...]] = []
        room = self._max_bytes
        for raw in stream:
            row = tuple(convert(value, self._zone) for value in raw)
            room -= size(row)
            if len(rows) >= row_cap or room < 0:
                return tuple(rows), True
            rows.append(row)
        return tuple(rows), False


def _described(connection: Connection, query: SafeQuery) -> tuple[ResultColumn, ...]:
    """The columns of a query that gave no rows: a stream does not tell them then."""
    connection.pgconn.prepare(b"", query.text.encode())
    found = connection.pgconn.describe_prepared(b"")
    return tuple(column((found.fname(i) or b"").decode(), found.ftype(i)) for i in range(found.nfields))


def _opening(timezone: str, timeout_s: float, *, work_mem: str, search_path: str) -> bytes:
    """What begins every transaction, in one message. standard_conforming_strings: the guard's printer relies on it."""
    settings = {
        "TimeZone": timezone,
        "statement_timeout": f"{int(timeout_s * 1000)}ms",
        "lock_timeout": f"{int(LOCK_TIMEOUT_S * 1000)}ms",
        "idle_in_transaction_session_timeout": "60s",
        "work_mem": work_mem,
        "search_path": search_path,
        "standard_conforming_strings": "on",
        "DateStyle": "ISO, MDY",
        "IntervalStyle": "postgres",
        "jit": "off",
    }
    begin = sql.SQL("BEGIN READ ONLY")
    sets = [
        sql.SQL("SET LOCAL {} = {}").format(sql.Identifier(name), sql.Literal(value))
        for name, value in settings.items()
    ]
    return sql.SQL("; ").join([begin, *sets]).as_bytes(None)
