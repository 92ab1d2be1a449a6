"""The Preflight port over PostgreSQL: small looks, each bounded in rows and time, that give counts and times alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from psycopg import errors, sql

from dash_agent.errors import QueryFailed, QueryTimeout
from dash_agent.ports import Arrivals, Doubles
from dash_agent.warehouse.connections import Connections

TIMEOUT_S: Final = 1.0

WEEKS: Final = 4
ENOUGH: Final = 10
"""Rows of an earlier week that are counted: that many in each make none in this one no chance."""

LATEST: Final = 20_000
"""Rows that are looked through for those that came twice."""

NEWEST: Final = "SELECT max({time}) FROM {table} WHERE {time} <= %(now)s"
USUAL: Final = """
SELECT (SELECT count(*) FROM (
    SELECT FROM {table}
    WHERE {time} > %(newest)s::timestamptz - week * interval '7 days'
      AND {time} <= %(now)s::timestamptz - week * interval '7 days'
    LIMIT {enough}) counted)
FROM generate_series(1, {weeks}) week ORDER BY week
"""
# A unique index of just these columns says that there are none.
HELD: Final = """
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_index i
    WHERE i.indrelid = to_regclass(%(table)s) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
      AND i.indexprs IS NULL
      AND (SELECT array_agg(a.attname::text ORDER BY a.attname::text) FROM pg_catalog.pg_attribute a
           WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])) = %(key)s)
"""
TWICE: Final = """
SELECT coalesce(sum(alike - 1), 0)::bigint, min(first), max(last)
FROM (SELECT count(*) AS alike, min({time}) AS first, max({time}) AS last
      FROM (SELECT {key}, {time} FROM {table} WHERE {time} <= %(now)s AND {known}
            ORDER BY {time} DESC LIMIT {latest}) newest
      GROUP BY {key} HAVING count(*) > 1) twice
"""


class PostgresPreflight:
    """connections: of a role that reads the tables. schema: where they are. timezone: the business's, by whose clock a
    week has the same hours. timeout_s: of one look, in seconds.
    """

    def __init__(
        self, connections: Connections, *, timezone: str, schema: str = "public", timeout_s: float = TIMEOUT_S
    ) -> None:
        self._connections = connections
        self._timezone = timezone
        self._schema = schema
        self._timeout_s = timeout_s

    def arrivals(self, table: str, time: str, now: datetime) -> Arrivals:
        """Raises WarehouseUnavailable, WrongSchema, QueryTimeout, QueryFailed."""
        newest = self._rows(self._query(NEWEST, table, time), {"now": now})[0][0]
        if not isinstance(newest, datetime):
            return Arrivals(None)
        query = self._query(USUAL, table, time, enough=sql.Literal(ENOUGH), weeks=sql.Literal(WEEKS))
        counts = self._rows(query, {"now": now, "newest": newest})
        return Arrivals(newest, tuple(row[0] for row in counts if isinstance(row[0], int)))

    def doubles(self, table: str, key: Sequence[str], time: str, now: datetime) -> Doubles | None:
        """Raises WarehouseUnavailable, WrongSchema, QueryTimeout, QueryFailed."""
        named = self._table(table).as_string(None)
        if self._rows(sql.SQL(HELD), {"table": named, "key": sorted(key)})[0][0]:
            return Doubles(0)
        columns = list(map(sql.Identifier, key))
        known = sql.SQL(" AND ").join(sql.SQL("{} IS NOT NULL").format(column) for column in columns)
        listed = sql.SQL(", ").join(columns)
        query = self._query(TWICE, table, time, key=listed, known=known, latest=sql.Literal(LATEST))
        try:
            count, first, last = self._rows(query, {"now": now})[0]
        except QueryFailed as error:
            if error.sqlstate == errors.InsufficientPrivilege.sqlstate:
                return None
            raise
        span = [moment if isinstance(moment, datetime) else None for moment in (first, last)]
        return Doubles(count if isinstance(count, int) else 0, *span)

    def _query(self, text: str, table: str, time: str, **parts: sql.Composable) -> sql.Composed:
        return sql.SQL(text).format(table=self._table(table), time=sql.Identifier(time), **parts)

    def _table(self, table: str) -> sql.Identifier:
        return sql.Identifier(self._schema, table)

    def _rows(self, query: sql.SQL | sql.Composed, parameters: Mapping[str, object]) -> Sequence[tuple[object, ...]]:
        settings = sql.SQL(
            "SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = {}; SET LOCAL TIME ZONE {}; SET LOCAL jit = off"
        ).format(sql.Literal(f"{int(self._timeout_s * 1000)}ms"), sql.Literal(self._timezone))
        with self._connections.transaction() as connection:
            connection.execute(settings)
            try:
                return connection.execute(query, parameters).fetchall()
            except errors.QueryCanceled as error:
                raise QueryTimeout(f"a look at the data took longer than {self._timeout_s:g} seconds") from error
            except (errors.DataError, errors.UndefinedFunction, errors.InsufficientPrivilege) as error:
                raise QueryFailed("a look at the data failed", sqlstate=error.sqlstate or "") from error
