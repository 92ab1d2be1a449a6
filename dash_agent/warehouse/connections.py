"""Connections to PostgreSQL, with errors that name the server and never a password."""

from __future__ import annotations

import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import Connection, errors
from psycopg.conninfo import conninfo_to_dict

from dash_agent.errors import DiskFull, Unavailable, WarehouseUnavailable, WrongSchema, WrongUse

CONNECT_SECONDS = 10


def libpq_url(url: str, setting: str = "DATABASE_URL") -> str:
    """A URL in libpq's form; SQLAlchemy's `postgresql+psycopg://` is taken too.

    Raises WrongUse where it is no PostgreSQL URL; the text of it, which may hold a password, is not repeated.
    """
    scheme, separator, rest = url.partition("://")
    plain = f"{scheme.partition('+')[0]}{separator}{rest}"
    try:
        if conninfo_to_dict(plain):
            return plain
    except psycopg.Error:
        pass
    raise WrongUse(f"{setting} is not a PostgreSQL URL", "write it as postgresql://user:password@host:5432/database")


def where(url: str) -> str:
    """Database, server and role of a URL, for people: without its password."""
    found = conninfo_to_dict(url)
    host = found.get("host") or "localhost"
    port = f":{found['port']}" if found.get("port") and not str(host).startswith("/") else ""
    return f"database '{found.get('dbname', '')}' at {host}{port} as '{found.get('user', '')}'"


def connect(url: str, *, autocommit: bool = False) -> Connection:
    """One connection. Raises WarehouseUnavailable."""
    try:
        # A transaction pooler in between (Supabase's port 6543) breaks prepared statements.
        return psycopg.connect(
            url,
            autocommit=autocommit,
            prepare_threshold=None,
            connect_timeout=CONNECT_SECONDS,
            application_name="dash-agent",
        )
    except psycopg.OperationalError as error:
        raise unavailable(url, error) from error


def unavailable(url: str, error: psycopg.Error) -> WarehouseUnavailable:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = (lines[-1] if lines else type(error).__name__).rpartition("FATAL:  ")[2]
    return WarehouseUnavailable(f"no connection to {where(url)}: {reason}", "is the server up, and its URL right?")


@contextmanager
def explaining_sql(url: str) -> Iterator[None]:
    """Turns what a store can't help into errors for people; other errors of the database stay as they are."""
    try:
        yield
    except errors.DiskFull as error:
        raise DiskFull(
            f"no room left on the disk of {where(url)}", "free some space there; what was committed is kept"
        ) from error
    except (errors.UndefinedTable, errors.UndefinedColumn, errors.InvalidSchemaName) as error:
        raise wrong_schema(url) from error
    except errors.InsufficientPrivilege as error:
        raise WrongSchema(
            f"{where(url)} lacks a right: {error.diag.message_primary}",
            "run 'dash-agent db migrate', which grants it",
        ) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise unavailable(url, error) from error


def wrong_schema(url: str) -> Unavailable:
    return WrongSchema(f"{where(url)} has not the tables of this version", "run 'dash-agent db migrate'")


class Connections:
    """Connections of one role, kept for the next use. Threads may share one object; a connection serves one at a
    time. idle_limit: how many are kept open while unused.
    """

    def __init__(self, url: str, idle_limit: int = 4) -> None:
        self.url = url
        self._idle: list[Connection] = []
        self._idle_limit = idle_limit
        self._lock = threading.Lock()
        self._closed = False
        self._used = 0

    @property
    def idle(self) -> int:
        """Connections that are open and unused."""
        return len(self._idle)

    @property
    def used(self) -> int:
        """Connections that somebody works with."""
        return self._used

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection in a transaction of its own: committed at the end of the block, rolled back on an error.

        Raises WarehouseUnavailable, DiskFull, WrongSchema.
        """
        with self._lent() as connection, connection.transaction():
            yield connection

    @contextmanager
    def statement(self) -> Iterator[Connection]:
        """A connection for a single statement, which is a transaction by itself: one way to the server and back
        instead of three.

        Raises WarehouseUnavailable, DiskFull, WrongSchema.
        """
        with self._lent() as connection:
            yield connection

    @contextmanager
    def _lent(self) -> Iterator[Connection]:
        connection = self._take()
        with self._lock:
            self._used += 1
        try:
            with explaining_sql(self.url):
                yield connection
        finally:
            self._give_back(connection)

    def close(self) -> None:
        with self._lock:
            idle, self._idle, self._closed = self._idle, [], True
        for connection in idle:
            connection.close()

    def _take(self) -> Connection:
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                return connect(self.url, autocommit=True)
            if _is_fresh(connection):
                return connection
            connection.close()

    def _give_back(self, connection: Connection) -> None:
        with self._lock:
            self._used -= 1
            if not connection.closed and not self._closed and len(self._idle) < self._idle_limit:
                self._idle.append(connection)
                return
        with suppress(psycopg.Error):
            connection.close()


def _is_fresh(connection: Connection) -> bool:
    """False where the server has gone meanwhile: an idle connection has nothing to read but its end."""
    if connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)
