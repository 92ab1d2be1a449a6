"""Is a role of somebody else's warehouse really a reader?"""

from __future__ import annotations

from dash_agent.errors import WrongUse
from dash_agent.warehouse.connections import connect, explaining_sql, where

# Temporary tables are not among the reasons: PostgreSQL gives that right to everyone in every new database, nobody
# else sees what is in them, and neither the guard nor the read-only transaction lets one be made.
# mine: every role whose rights this one has or can take by SET ROLE, itself among them.
REASONS = r"""
WITH mine AS MATERIALIZED (
    SELECT r.oid, r.rolname FROM pg_catalog.pg_roles r WHERE pg_catalog.pg_has_role(r.oid, 'MEMBER')),
schemas AS MATERIALIZED (
    SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%'),
relations AS MATERIALIZED (
    SELECT c.oid, c.relkind, c.relowner, format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_catalog.pg_class c JOIN schemas n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S'))
SELECT 1 AS place, 'it is a superuser' AS reason FROM pg_catalog.pg_roles r JOIN mine USING (oid) WHERE r.rolsuper
UNION SELECT 2, 'it can create databases' FROM pg_catalog.pg_roles r JOIN mine USING (oid) WHERE r.rolcreatedb
UNION SELECT 3, 'it can create roles' FROM pg_catalog.pg_roles r JOIN mine USING (oid) WHERE r.rolcreaterole
UNION SELECT 4, 'it is a member of ' || rolname FROM mine WHERE rolname IN (
    'pg_write_all_data', 'pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files',
    'pg_maintain', 'pg_signal_backend', 'pg_checkpoint', 'pg_create_subscription', 'pg_database_owner')
UNION SELECT 5, 'it can create schemas in this database'
    FROM mine WHERE pg_catalog.has_database_privilege(oid, pg_catalog.current_database(), 'CREATE')
UNION SELECT 7, 'it can create objects in schema ' || n.nspname
    FROM schemas n, mine WHERE pg_catalog.has_schema_privilege(mine.oid, n.oid, 'CREATE')
UNION SELECT 8, 'it owns ' || name FROM relations JOIN mine ON mine.oid = relowner
UNION SELECT 9, 'it can write ' || name FROM relations, mine
    WHERE relkind <> 'S' AND (
        pg_catalog.has_table_privilege(mine.oid, relations.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
        OR pg_catalog.has_any_column_privilege(mine.oid, relations.oid, 'INSERT, UPDATE'))
UNION SELECT 10, 'it can move the sequence ' || name FROM relations, mine
    WHERE relkind = 'S' AND pg_catalog.has_sequence_privilege(mine.oid, relations.oid, 'USAGE, UPDATE')
ORDER BY place, reason
"""
SHOWN = 4


def ways_to_write(reader_url: str) -> tuple[str, ...]:
    """Why the role of this URL is more than a reader, worst first; () for a reader. Raises WarehouseUnavailable."""
    with connect(reader_url) as connection, explaining_sql(reader_url):
        return tuple(str(reason) for _, reason in connection.execute(REASONS.encode()).fetchall())


def assert_read_only(reader_url: str) -> None:
    """Raises WrongUse where the role of this URL can write, with the reasons."""
    reasons = ways_to_write(reader_url)
    if not reasons:
        return
    more = f" (and {len(reasons) - SHOWN} more)" if len(reasons) > SHOWN else ""
    raise WrongUse(
        f"DASH_WAREHOUSE_URL, {where(reader_url)}, is not a reader: {'; '.join(reasons[:SHOWN])}{more}",
        "give it a role that has SELECT alone",
    )
