"""One turn of a dialogue at a time, in the order of arrival, over all processes on a database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

from psycopg import Connection, errors

from dash_agent.warehouse.connections import Connections
from support_agent.ports import Busy

TURN: Final = 0x7475726E
"""Class of the advisory locks of turns. Who waits for one gets it in order of arrival."""
WAIT_S: Final = 30
LINE: Final = 8
"""Turns of one dialogue that wait in this process; each has a connection."""
WAIT: Final = "SELECT set_config('lock_timeout', %s, true), pg_advisory_xact_lock(%s, hashtext(%s))"


class WaitingLine:
    """wait_s: how long a turn waits for the one before it."""

    def __init__(self, connections: Connections, wait_s: float = WAIT_S) -> None:
        self._connections = connections
        self._wait_s = wait_s
        self._waiting: dict[str, int] = {}
        self._lock = Lock()

    @contextmanager
    def turn(self, dialog_id: str) -> Iterator[Connection]:
        """The connection that holds the turn. Raises Busy."""
        self._join(dialog_id)
        try:
            with self._connections.transaction() as connection:
                self._wait(connection, dialog_id)
                yield connection
        finally:
            self._leave(dialog_id)

    def _join(self, dialog_id: str) -> None:
        with self._lock:
            waiting = self._waiting.get(dialog_id, 0)
            if waiting >= LINE:
                raise Busy("too many messages of this conversation are waiting", "send one after another")
            self._waiting[dialog_id] = waiting + 1

    def _leave(self, dialog_id: str) -> None:
        with self._lock:
            self._waiting[dialog_id] -= 1
            if not self._waiting[dialog_id]:
                del self._waiting[dialog_id]

    def _wait(self, connection: Connection, dialog_id: str) -> None:
        try:
            connection.execute(WAIT, (f"{int(self._wait_s * 1000)}ms", TURN, dialog_id))
        except errors.LockNotAvailable:
            raise Busy("the message before this one is still being answered", "send it again in a while") from None
