"""Who did what: `app.audit`, to which rows are only added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from psycopg.types.json import Jsonb

from dash_agent.models.wire import Json
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.state import storable

NOTE: Final = 'INSERT INTO app.audit ("user", action, subject, detail) VALUES (%s, %s, %s, %s)'


class SqlAudit:
    """Port `Audit`. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def note(self, user: str, action: str, subject: str, detail: Mapping[str, Json]) -> None:
        with self._connections.transaction() as connection:
            connection.execute(NOTE, (user, action, storable(subject), Jsonb(storable(dict(detail)))))
