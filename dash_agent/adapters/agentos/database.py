"""Agno's own tables, in schema `ai`, as the app role."""

from __future__ import annotations

from typing import Final
from weakref import WeakSet

import psycopg
from agno.db.postgres import PostgresDb
from sqlalchemy import create_engine

from dash_agent.warehouse.connections import connect

SCHEMA: Final = "ai"
DATABASE: Final = "dash"
"""Its id on AgentOS: the same at every start, so that a control plane finds it again."""


class AgnoDatabase:
    """Agno makes the tables that it needs; the schema is there and belongs to the app. Nothing is opened yet."""

    def __init__(self, url: str) -> None:
        """url: libpq's, of the app role."""
        self._url = url
        self._opened: WeakSet[psycopg.Connection] = WeakSet()
        self._engine = create_engine("postgresql+psycopg://", creator=self._connect, pool_pre_ping=True, pool_size=4)
        self.db = PostgresDb(id=DATABASE, db_engine=self._engine, db_schema=SCHEMA, create_schema=False)

    def close(self) -> None:
        """Closes every connection, those too that a thread of Agno's still holds: the pool forgets them."""
        self._engine.dispose()
        for connection in list(self._opened):
            connection.close()

    def _connect(self) -> psycopg.Connection:
        # By our own way of connecting: no prepared statements, which a pooler in between breaks.
        connection = connect(self._url)
        self._opened.add(connection)
        return connection
