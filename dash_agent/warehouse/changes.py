"""Whether tables of our own database have changed: a count that moves with every commit that wrote to them.

A trigger a table and statement, which fires always (`ENABLE ALWAYS`, so for replicated rows too), notes the
transaction in `app.changes`. PostgreSQL's own statistics would cost nothing and come ten seconds late; a table's keys
and times don't tell of an UPDATE.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from psycopg import Connection, sql

TRIGGER: Final = "dash_changes"

# A write to a part of a table does not fire the whole's trigger.
UNWATCHED: Final = """
    SELECT c.relname FROM pg_catalog.pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (%(tables)s)
      AND c.relkind = 'r' AND NOT c.relhassubclass AND NOT c.relispartition
      AND NOT EXISTS (
          SELECT FROM pg_catalog.pg_trigger t
          WHERE t.tgrelid = c.oid AND t.tgname = 'dash_changes' AND t.tgenabled = 'A')
    ORDER BY 1
"""

# By table: the file that it is in, the trigger as it was last altered, and the count. All three, since rows may also
# have changed by TRUNCATE of an older version, or while somebody had the trigger off.
CURRENT: Final = """
    SELECT coalesce(jsonb_object_agg(c.relname, concat_ws(' ', c.relfilenode, t.xmin, coalesce(s.n, 0))), '{}')
    FROM pg_catalog.pg_trigger t
    JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
    LEFT JOIN (SELECT table_name, sum(n) AS n FROM app.changes GROUP BY 1) s ON s.table_name = c.relname
    WHERE t.tgname = 'dash_changes' AND t.tgenabled = 'A' AND c.relnamespace = 'public'::regnamespace
      AND c.relkind = 'r' AND NOT c.relhassubclass AND NOT c.relispartition
"""
"""One value: an object of table → text, which is another one after any change of the table's rows."""

COMPACT: Final = """
    WITH gone AS (DELETE FROM app.changes RETURNING table_name, n)
    INSERT INTO app.changes (table_name, n) SELECT table_name, sum(n) FROM gone GROUP BY 1
"""


def watch(connection: Connection, tables: Iterable[str]) -> None:
    """Sets the trigger on those of `tables` that have none yet; by the tables' owner, in a transaction."""
    for (table,) in connection.execute(UNWATCHED, {"tables": sorted(tables)}).fetchall():
        name, trigger = sql.Identifier("public", table), sql.Identifier(TRIGGER)
        connection.execute(
            sql.SQL(
                "CREATE OR REPLACE TRIGGER {} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {}"
                " FOR EACH STATEMENT EXECUTE FUNCTION app.note_change()"
            ).format(trigger, name)
        )
        connection.execute(sql.SQL("ALTER TABLE {} ENABLE ALWAYS TRIGGER {}").format(name, trigger))


def compact(connection: Connection) -> int:
    """Leaves one row a table, with the same count for whoever looks before or after. How many rows there are then."""
    return connection.execute(COMPACT).rowcount
