"""The Introspection port over PostgreSQL: what the reader can see, and small facts about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from datetime import time as midnight
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import errors, sql

from dash_agent.errors import QueryTimeout
from dash_agent.ports import LiveColumn
from dash_agent.warehouse.connections import Connections

TIMEOUT_S: Final = 5.0

COLUMNS: Final = """
SELECT c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), NOT a.attnotnull
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
  AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')
ORDER BY c.relname, a.attnum
"""

# Counts of changes begin anew when the server was killed, hence its start.
STAMP: Final = """
SELECT pg_catalog.concat_ws(' ', pg_catalog.pg_relation_filenode(c.oid), pg_catalog.pg_relation_size(c.oid),
    pg_catalog.pg_stat_get_tuples_inserted(c.oid), pg_catalog.pg_stat_get_tuples_updated(c.oid),
    pg_catalog.pg_stat_get_tuples_deleted(c.oid), pg_catalog.pg_postmaster_start_time())
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND c.relkind = 'r' AND NOT c.relhassubclass
"""


class PostgresIntrospection:
    """reader: connections of the reader role. schema: where the tables are. timeout_s: of one look, in seconds."""

    def __init__(self, reader: Connections, *, schema: str = "public", timeout_s: float = TIMEOUT_S) -> None:
        self._reader = reader
        self._schema = schema
        self._timeout_s = timeout_s

    def columns(self) -> Mapping[str, Sequence[LiveColumn]]:
        """Readable columns by table, in the order of the table. Raises WarehouseUnavailable, QueryTimeout."""
        found: dict[str, list[LiveColumn]] = {}
        for table, name, kind, nullable in self._rows(sql.SQL(COLUMNS), (self._schema,)):
            found.setdefault(str(table), []).append(LiveColumn(str(name), str(kind), bool(nullable)))
        return found

    def distinct_values(self, table: str, column: str, limit: int) -> Sequence[str] | None:
        """Distinct non-null values as text, sorted; None where there are more than `limit`.

        Raises WarehouseUnavailable, WrongSchema, QueryTimeout.
        """
        query = sql.SQL("SELECT DISTINCT {column}::text FROM {table} WHERE {column} IS NOT NULL LIMIT {limit}").format(
            column=sql.Identifier(column), table=self._table(table), limit=sql.Literal(limit + 1)
        )
        values = sorted(str(row[0]) for row in self._rows(query))
        return values if len(values) <= limit else None

    def newest(self, table: str, column: str) -> datetime | None:
        """The latest time in a column, aware (in UTC where the column has no zone), None for an empty table.

        Raises WarehouseUnavailable, WrongSchema, QueryTimeout.
        """
        query = sql.SQL("SELECT max({column}) FROM {table}").format(
            column=sql.Identifier(column), table=self._table(table)
        )
        value = self._rows(query)[0][0]
        if isinstance(value, datetime):
            return value if value.tzinfo is not None else value.replace(tzinfo=ZoneInfo("UTC"))
        if isinstance(value, date):
            return datetime.combine(value, midnight(), ZoneInfo("UTC"))
        return None

    def stamp(self, table: str) -> str | None:
        """Another text when the table's rows have changed, None for a view and whatever else has no rows of its own.

        Raises WarehouseUnavailable, QueryTimeout.
        """
        rows = self._rows(sql.SQL(STAMP), (self._schema, table))
        return str(rows[0][0]) if rows else None

    def _table(self, table: str) -> sql.Identifier:
        return sql.Identifier(self._schema, table)

    def _rows(self, query: sql.SQL | sql.Composed, parameters: Sequence[object] = ()) -> Sequence[tuple[object, ...]]:
        with self._reader.transaction() as connection:
            connection.execute(
                sql.SQL("SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = {}").format(
                    sql.Literal(f"{int(self._timeout_s * 1000)}ms")
                )
            )
            try:
                return connection.execute(query, parameters).fetchall()
            except errors.QueryCanceled as error:
                raise QueryTimeout(f"a look at the warehouse took longer than {self._timeout_s:g} seconds") from error
