"""Agno's own tables, in schema `ai`, as the app role."""

from __future__ import annotations

import threading
from typing import Final

import psycopg
from agno.db.postgres import PostgresDb
from sqlalchemy import create_engine

from dash_agent.errors import WarehouseUnavailable
from dash_agent.warehouse.connections import connect

SCHEMA: Final = "ai"
DATABASE: Final = "dash"
"""Its id on AgentOS: the same at every start, so that a control plane finds it again."""


class AgnoDatabase:
    """Agno makes the tables that it needs; the schema is there and belongs to the app. Nothing is opened yet."""

    def __init__(self, url: str) -> None:
        """url: libpq's, of the app role."""
        self._url = url
        self._opened: list[psycopg.Connection] = []
        self._closed = False
        self._lock = threading.Lock()
        self._engine = create_engine("postgresql+psycopg://", creator=self._connect, pool_pre_ping=True, pool_size=4)
        self.db = PostgresDb(id=DATABASE, db_engine=self._engine, db_schema=SCHEMA, create_schema=False)

    def close(self) -> None:
        """Closes every connection, those too that a thread of Agno's still holds: the pool forgets them."""
        with self._lock:
            self._closed = True
        self._engine.dispose()
        for connection in self._opened:
            connection.close()

    def _connect(self) -> psycopg.Connection:
        """Raises WarehouseUnavailable, also once it is closed: a run that outlived the server opens nothing anew."""
        # By our own way of connecting: no prepared statements, which a pooler in between breaks.
        connection = connect(self._url)
        with self._lock:
            if not self._closed:
                self._opened = [*(kept for kept in self._opened if not kept.closed), connection]
                return connection
        connection.close()
        raise WarehouseUnavailable("the server is stopping", "ask again when it is up")
