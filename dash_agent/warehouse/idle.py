"""Connections kept open for the next question, by the row scope whose login they are of."""

from __future__ import annotations

import threading
from typing import Final

from psycopg import Connection

from dash_agent.warehouse.logins import Scope

OF_ONE_SCOPE: Final = 4
OVER_ALL: Final = 12


class IdleConnections:
    """Safe to share between threads."""

    def __init__(self) -> None:
        # The scope that was used last stands at the end.
        self._kept: dict[Scope, list[Connection]] = {}
        self._lock = threading.Lock()
        self._closed = False

    def take(self, scope: Scope) -> Connection | None:
        with self._lock:
            kept = self._kept.get(scope)
            return kept.pop() if kept else None

    def keep(self, connection: Connection, scope: Scope) -> None:
        """Closes one, where there are too many: this, or one of the scope that was asked for the longest ago."""
        with self._lock:
            surplus = self._kept_one_for(connection, scope)
        if surplus is not None:
            surplus.close()

    def _kept_one_for(self, connection: Connection, scope: Scope) -> Connection | None:
        mine = self._kept.pop(scope, [])
        if self._closed or len(mine) >= OF_ONE_SCOPE:
            self._kept[scope] = mine
            return connection
        self._kept[scope] = [*mine, connection]
        if sum(map(len, self._kept.values())) <= OVER_ALL:
            return None
        return next(connections.pop(0) for connections in self._kept.values() if connections)

    def close(self) -> None:
        with self._lock:
            kept, self._kept, self._closed = self._kept, {}, True
        for connections in kept.values():
            for connection in connections:
                connection.close()
