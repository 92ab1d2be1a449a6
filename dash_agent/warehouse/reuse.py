"""Port `Reuse`: kept answers that would come out the same again. What has changed is told by `changes`."""

from __future__ import annotations

from typing import Final

from dash_agent.ports import Found
from dash_agent.warehouse.changes import CURRENT
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.state import KEPT_COLUMNS, kept_of

# One statement, so one snapshot: nothing comes in between the state of the tables and the answer.
LOOK: Final = f"""
    WITH now AS MATERIALIZED (SELECT ({CURRENT}) AS changes)
    SELECT now.changes, a.answer_id IS NOT NULL, {KEPT_COLUMNS}
    FROM now LEFT JOIN LATERAL (
        SELECT * FROM app.answers k WHERE k.reuse_key = %s AND k.changes <@ now.changes ORDER BY k.kept_at DESC LIMIT 1
    ) a ON true
"""  # noqa: S608  our own words


class SqlReuse:
    """Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def look(self, key: str) -> Found:
        with self._connections.transaction() as connection:
            row = connection.execute(LOOK, (key,)).fetchone()
        assert row is not None
        changes, is_there, *kept = row
        return Found(changes, kept_of(kept) if is_there else None)
