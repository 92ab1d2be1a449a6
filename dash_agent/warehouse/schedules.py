"""What is due again and again, in `app.schedules`; put into the queue by the one worker that leads."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.types.json import Jsonb

from dash_agent.models.job import Schedule
from dash_agent.warehouse.connections import Connections, connect, explaining_sql
from dash_agent.warehouse.jobs import CHANNEL, put

LEADER_LOCK: Final = 0x6C656164  # 'lead'

ADD: Final = """
    INSERT INTO app.schedules (name, kind, cron, payload, last_at) VALUES (%s, %s, %s, %s, clock_timestamp())
    ON CONFLICT DO NOTHING
"""
LISTED: Final = "SELECT name, kind, cron, payload, enabled, last_at FROM app.schedules ORDER BY name"
CHANGE: Final = """
    UPDATE app.schedules SET cron = coalesce(%(cron)s, cron), enabled = coalesce(%(enabled)s, enabled),
                             last_at = clock_timestamp()
    WHERE name = %(name)s
"""
MADE: Final = "UPDATE app.schedules SET last_at = %(at)s WHERE name = %(name)s AND last_at < %(at)s"
NOW: Final = "SELECT clock_timestamp()"
LEAD: Final = "SELECT pg_try_advisory_lock(%s)"

Due = Callable[[Schedule, datetime], datetime | None]
"""The latest time up to a moment that a schedule was due at, None where that was dealt with."""


class SqlSchedules:
    """Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def add(self, schedules: Iterable[Schedule]) -> None:
        """Those that are not there by name: what somebody has changed or switched off stays so."""
        rows = [(one.name, one.kind, one.cron, Jsonb(dict(one.payload))) for one in schedules]
        with self._connections.transaction() as connection, connection.cursor() as cursor:
            cursor.executemany(ADD, rows)

    def listed(self) -> Sequence[Schedule]:
        with self._connections.transaction() as connection:
            return _listed(connection)

    def change(self, name: str, *, cron: str | None = None, enabled: bool | None = None) -> bool:
        """None leaves a thing as it is. What was missed before is not made up for. False where there is no such one."""
        with self._connections.transaction() as connection:
            return bool(connection.execute(CHANGE, {"name": name, "cron": cron, "enabled": enabled}).rowcount)


class Leadership:
    """A connection that holds the lock of the one leader: who loses the connection leads no more."""

    def __init__(self, connection: Connection, url: str) -> None:
        self._connection = connection
        self._url = url

    def put_due(self, due: Due) -> int:
        """A job for the latest time of each schedule that is due, and how many. Raises WarehouseUnavailable."""
        with explaining_sql(self._url), self._connection.transaction():
            now = _moment(self._connection)
            return sum(self._put(one, at) for one in _listed(self._connection) if (at := due(one, now)) is not None)

    def _put(self, schedule: Schedule, at: datetime) -> bool:
        # By the local clock: a time that it shows twice, as clocks go back, is due once.
        key = f"schedule {schedule.name} {at.replace(tzinfo=None).isoformat(timespec='minutes')}"
        self._connection.execute(MADE, {"name": schedule.name, "at": at})
        return put(self._connection, schedule.kind, key, {**schedule.payload, "due": at.isoformat()})


@contextmanager
def leading(url: str) -> Iterator[Leadership | None]:
    """None where another leads. Raises WarehouseUnavailable."""
    with connect(url, autocommit=True) as connection:
        with explaining_sql(url):
            row = connection.execute(LEAD, (LEADER_LOCK,)).fetchone()
        yield Leadership(connection, url) if row and row[0] else None


def notices(url: str, seconds: float) -> Generator[bool]:
    """Yields whenever something may be due, True for a notice and False after so many seconds without one; for ever.

    Raises WarehouseUnavailable.
    """
    with connect(url, autocommit=True) as connection:
        with explaining_sql(url):
            connection.execute(f"LISTEN {CHANNEL}".encode())
        yield True
        while True:
            with explaining_sql(url):
                found = list(connection.notifies(timeout=seconds, stop_after=1))
            yield bool(found)


def _listed(connection: Connection) -> tuple[Schedule, ...]:
    return tuple(Schedule(*row) for row in connection.execute(LISTED).fetchall())


def _moment(connection: Connection) -> datetime:
    row: Any = connection.execute(NOW).fetchone()
    found: datetime = row[0]
    return found
