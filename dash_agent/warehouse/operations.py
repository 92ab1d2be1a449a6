"""How answering has gone, counted from kept answers, and what people have set for themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from dash_agent.models.operations import Operated, Service
from dash_agent.warehouse.connections import Connections

FIRST: Final = "(date_trunc('day', now() AT TIME ZONE %(zone)s) - %(before)s * interval '1 day')"
# All columns are of one index.
SERVICE: Final = f"""
    SELECT (kept_at AT TIME ZONE %(zone)s)::date AS day,
           count(*) FILTER (WHERE asked),
           count(*) FILTER (WHERE asked AND status = 'answered'),
           count(*) FILTER (WHERE asked AND status = 'clarify'),
           count(*) FILTER (WHERE asked AND status = 'refused'),
           count(*) FILTER (WHERE asked AND status = 'error'),
           count(*) FILTER (WHERE asked AND status = 'answered' AND engine = 'llm'),
           count(*) FILTER (WHERE asked AND reused),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY took_ms) FILTER (WHERE asked),
           percentile_cont(0.95) WITHIN GROUP (ORDER BY took_ms) FILTER (WHERE asked),
           count(*) FILTER (WHERE NOT asked)
    FROM app.answers
    WHERE kept_at >= {FIRST} AT TIME ZONE %(zone)s
    GROUP BY GROUPING SETS ((1), ())
"""  # noqa: S608  our own words
NOW: Final = f"SELECT now(), {FIRST}::date"
LANGUAGE: Final = 'SELECT language FROM app.preferences WHERE "user" = %s'
SET_LANGUAGE: Final = """
    INSERT INTO app.preferences ("user", language) VALUES (%s, %s)
    ON CONFLICT ("user") DO UPDATE SET language = excluded.language, set_at = now()
"""


class SqlOperations:
    """Port `Operations`. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections, *, timezone: str) -> None:
        self._connections = connections
        self._zone = timezone

    def lately(self, days: int) -> Operated:
        given = {"zone": self._zone, "before": days - 1}
        with self._connections.transaction() as connection:
            now = connection.execute(NOW.encode(), given).fetchone()
            rows = connection.execute(SERVICE.encode(), given).fetchall()
        assert now is not None
        at, first = now
        found = {day: Service(*counts) for day, *counts in rows}
        every = [first + timedelta(days=number) for number in range(days)]
        return Operated(at, found[None], {day: found.get(day, Service()) for day in every})


class SqlPreferences:
    """Port `Preferences`. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def language(self, user: str) -> str | None:
        with self._connections.transaction() as connection:
            row = connection.execute(LANGUAGE, (user,)).fetchone()
        return str(row[0]) if row else None

    def set_language(self, user: str, language: str) -> None:
        with self._connections.transaction() as connection:
            connection.execute(SET_LANGUAGE, (user, language))
