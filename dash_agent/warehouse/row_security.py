"""Row-level security: what stands behind the guard where the database is our own.

Each row scope has a login of its own, with SELECT on the tables within its reach and a policy on each. A condition
that leads to another table reads a lookup: a view of the keys that one filter lets through. The login may read that,
and the table below it only as far as all of its filters go. Tables give nothing to a role that no policy names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import psycopg
from psycopg import Connection, errors, sql

from dash_agent.errors import WrongUse
from dash_agent.warehouse.logins import ScopedReader, make_login

LOOKUPS: Final = "dash_scopes"
# A barrier: else a cheap condition of the statement goes before the view's own, and its errors tell of hidden rows.
LOOKUP: Final = "CREATE VIEW {} WITH (security_barrier) AS {}"
EVERY_ROW: Final = "dash_every_row"
IN_SCOPE: Final = "dash_scope"

OURS: Final = """
    SELECT c.relname, p.polname, ARRAY(SELECT r.rolname FROM pg_catalog.pg_roles r WHERE r.oid = ANY (p.polroles))
    FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
    WHERE c.relnamespace = 'public'::regnamespace AND p.polname ~ '^dash_(every_row|scope_[0-9a-f]{8})$'
"""
TABLES: Final = """
    SELECT c.relname FROM pg_catalog.pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
"""
LOGINS: Final = """
    SELECT r.rolname FROM pg_catalog.pg_roles r
    WHERE pg_catalog.starts_with(r.rolname, %(reader)s || '_')
      AND substr(r.rolname, length(%(reader)s) + 2) ~ '^[0-9a-f]{8}$'
"""
MORE_THAN_A_READER: Final = """
    SELECT FROM pg_catalog.pg_roles r
    WHERE r.rolname = %s AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole
        OR EXISTS (SELECT FROM pg_catalog.pg_auth_members m WHERE m.member = r.oid))
"""

# Of the catalogue's own making: names or types that the database has otherwise. Whoever compares the two tells.
MISMATCH: Final = (errors.UndefinedTable, errors.UndefinedColumn, errors.UndefinedFunction, psycopg.DataError)


def lift(connection: Connection) -> frozenset[str]:
    """Takes away every policy of ours and all that rests on one: nothing stands in the way of a change of tables.

    Logins of scopes lose their tables in the same transaction, so that none ever sees one without its policy.
    Returns those logins.
    """
    found = connection.execute(OURS).fetchall()
    logins = frozenset(str(role) for _, policy, roles in found if policy != EVERY_ROW for role in roles)
    for role in sorted(logins):
        connection.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(sql.Identifier(role)))
    for table, policy, _ in found:
        connection.execute(sql.SQL("DROP POLICY {} ON public.{}").format(sql.Identifier(policy), sql.Identifier(table)))
    for table in sorted({str(table) for table, _, _ in found}):
        connection.execute(sql.SQL("ALTER TABLE public.{} DISABLE ROW LEVEL SECURITY").format(sql.Identifier(table)))
    if connection.execute("SELECT pg_catalog.to_regnamespace(%s)", (LOOKUPS,)).fetchone() != (None,):
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(LOOKUPS)))
    return logins


def secure(
    connection: Connection,
    tables: Mapping[str, Sequence[str]],
    everybody: Sequence[str],
    reader: str,
    scoped: Sequence[ScopedReader],
) -> tuple[str, ...]:
    """Sets the policies of `tables` and the logins of scopes, whatever they were. Returns the logins made.

    tables: readable columns by table. everybody: roles that see every row. reader: whose name the logins begin with;
    those of scopes that are gone are locked out here, and dropped where no other database of the server knows them.
    A login that the connection's role may not make is left out. Raises WrongUse for one that is more than a reader.
    """
    before = lift(connection) | {str(row[0]) for row in connection.execute(LOGINS, {"reader": reader}).fetchall()}
    _lock_out(connection, before - {one.name for one in scoped})
    real = {str(row[0]) for row in connection.execute(TABLES).fetchall()}
    kept = {table: columns for table, columns in tables.items() if table in real and columns}
    for table in kept:
        connection.execute(sql.SQL("ALTER TABLE public.{} ENABLE ROW LEVEL SECURITY").format(sql.Identifier(table)))
        connection.execute(_policy(EVERY_ROW, table, everybody, "ALL", "true"))
    made = tuple(one for one in scoped if _made(connection, one))
    _make_lookups(connection, made)
    for one in made:
        _let_in(connection, one, kept)
    return tuple(one.name for one in made)


def _made(connection: Connection, one: ScopedReader) -> bool:
    try:
        with connection.transaction():
            make_login(connection, one.url)
    except errors.InsufficientPrivilege:
        return False
    if connection.execute(MORE_THAN_A_READER, (one.name,)).fetchone() is not None:
        raise WrongUse(f"the role '{one.name}' is more than a reader of a row scope", "drop it, and start again")
    return True


def _make_lookups(connection: Connection, made: Sequence[ScopedReader]) -> None:
    schema = sql.Identifier(LOOKUPS)
    if made:
        logins = sql.SQL(", ").join(sql.Identifier(one.name) for one in made)
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, logins))
    for name, query in {name: query for one in made for name, query in one.lookups.items()}.items():
        readers = sql.SQL(", ").join(sql.Identifier(one.name) for one in made if name in one.lookups)
        view = sql.Identifier(LOOKUPS, name)
        _tolerantly(
            connection,
            sql.SQL(LOOKUP).format(view, sql.SQL(query)),
            sql.SQL("GRANT SELECT ON {} TO {}").format(view, readers),
        )


def _let_in(connection: Connection, one: ScopedReader, tables: Mapping[str, Sequence[str]]) -> None:
    role = sql.Identifier(one.name)
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, role))
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role))
    for table, columns in tables.items():
        if table in one.conditions:
            policy = f"{IN_SCOPE}_{one.name[-8:]}"
            listed = sql.SQL(", ").join(map(sql.Identifier, columns))
            _tolerantly(
                connection,
                _policy(policy, table, [one.name], "SELECT", one.conditions[table]),
                sql.SQL("GRANT SELECT ({}) ON public.{} TO {}").format(listed, sql.Identifier(table), role),
            )


def _policy(name: str, table: str, roles: Sequence[str], command: str, condition: str) -> sql.Composed:
    """Without a WITH CHECK of its own a policy checks what is written by its USING."""
    return sql.SQL("CREATE POLICY {} ON public.{} FOR {} TO {} USING ({})").format(
        sql.Identifier(name),
        sql.Identifier(table),
        sql.SQL(command),
        sql.SQL(", ").join(map(sql.Identifier, roles)),
        sql.SQL(condition),
    )


def _tolerantly(connection: Connection, *statements: sql.Composed) -> None:
    """All of them, or none where the catalogue names what the database has not: the table stays closed then."""
    try:
        with connection.transaction():
            for statement in statements:
                connection.execute(statement)
    except MISMATCH:
        return


def _lock_out(connection: Connection, gone: Iterable[str]) -> None:
    for role in sorted(gone):
        name, database = sql.Identifier(role), sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(database, name))
        connection.execute(sql.SQL("REVOKE ALL ON SCHEMA public FROM {}").format(name))
        try:
            with connection.transaction():
                connection.execute(sql.SQL("DROP ROLE {}").format(name))
        except (errors.DependentObjectsStillExist, errors.InsufficientPrivilege):
            continue
