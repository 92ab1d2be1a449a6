"""Three roles, and one for each row scope, and what each may do.

owner: has the database and its schemas, runs migrations. The embedded one is the cluster's superuser; on a server it
       may be any role that owns the database, and then what only a superuser can close stays as it was.
app:   writes the product's state and the support tables; changes no table.
reader: sees the documented columns that are not personal, and can do nothing else. Analytics runs as this one.
a scope's: as the reader, and of the rows sees those within the scope (`row_security`).

The grants are the wall: what the guard lets through by mistake fails here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg import Connection, errors, sql
from psycopg.conninfo import conninfo_to_dict

from dash_agent.errors import WarehouseUnavailable, WrongUse
from dash_agent.warehouse.changes import watch
from dash_agent.warehouse.collisions import with_collisions
from dash_agent.warehouse.connections import connect, explaining_sql, where
from dash_agent.warehouse.functions import close_functions
from dash_agent.warehouse.logins import ScopedReader, make_login
from dash_agent.warehouse.row_security import secure

# Shared with the migrations: grants and tables never change under each other.
SCHEMA_LOCK = 0x64617368  # 'dash'

LOCK_WAIT = "60s"

# Kept as the comment of schema `app`: everyone who may ask for the grants can read it, only the owner writes it.
RECORDED = """
    SELECT pg_catalog.obj_description(n.oid, 'pg_namespace') FROM pg_catalog.pg_namespace n WHERE n.nspname = 'app'
"""
# What was granted to a role by name, whether column by column or a table whole.
SEEN = """
    SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
      AND a.attnum > 0 AND NOT a.attisdropped
      AND EXISTS (
          SELECT FROM pg_catalog.aclexplode(pg_catalog.array_cat(c.relacl, a.attacl)) x
          WHERE x.privilege_type = 'SELECT' AND x.grantee = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = %s))
    GROUP BY 1
"""

# The app adds to these and never rewrites them.
APPEND_ONLY = ("audit", "learning_decisions")


@dataclass(frozen=True, slots=True)
class RoleNames:
    owner: str
    app: str
    reader: str


@dataclass(frozen=True, slots=True)
class Undone:
    """What the owner was not let do; nothing of it for a superuser.

    limits: in words. without_login: names that the readers of row scopes would have.
    """

    limits: tuple[str, ...] = ()
    without_login: tuple[str, ...] = ()


EMBEDDED = RoleNames("dash_owner", "dash_app", "dash_reader")

# Of the role, so that they hold where a session forgets to set its own. A session can raise most of them;
# it can't raise temp_file_limit.
READER_SETTINGS: Mapping[str, str] = {
    "default_transaction_read_only": "on",
    "search_path": "public",
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    "work_mem": "32MB",
    "temp_file_limit": "512MB",
}
READER_CONNECTIONS = 40
"""Of all processes: each runs a few statements at once and keeps as many connections for the next ones."""


def grants(tables: Mapping[str, Sequence[str]], names: RoleNames = EMBEDDED) -> tuple[str, ...]:
    """The statements that make the roles' rights what they should be, whatever they were.

    tables: table of schema public → the columns that the reader sees (documented and not personal).
    """
    return tuple(statement.as_string(None) for statement in (*_revokes(names), *_gives(tables, names)))


def apply_grants(
    owner_url: str,
    tables: Mapping[str, Sequence[str]] | None,
    names: RoleNames = EMBEDDED,
    scoped: Sequence[ScopedReader] = (),
    *,
    login: str | None = None,
    fingerprint: str | None = None,
) -> Undone:
    """Sets the roles' rights and the rows that each sees, in one transaction; twice is as good as once.

    tables: None leaves the reader what it sees and the row scopes as they are; `scoped` is not looked at then.
    login: URL of the reader's role, made where it is not there. fingerprint: recorded with the rights; where it is
    the recorded one already, nothing is done. Returns what this owner may not do: on a server an administrator does
    these. Raises WarehouseUnavailable, WrongUse, WrongSchema where a table or column is not there.
    """

    def once() -> Undone:
        connection.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'".encode())
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
        if fingerprint is not None and recorded(connection) == fingerprint:
            return Undone()
        if login is not None:
            _make_reader(connection, owner_url, login)
        undone = _set(connection, tables, names, scoped)
        if fingerprint is not None:
            connection.execute(sql.SQL("COMMENT ON SCHEMA app IS {}").format(sql.Literal(fingerprint)))
        return undone

    with (
        connect(owner_url, autocommit=True) as connection,
        explaining_sql(owner_url),
        _not_waiting_for_ever(owner_url),
    ):
        return with_collisions(owner_url, connection, once)


def recorded(connection: Connection) -> str | None:
    """The fingerprint that the rights were set with; None where none was recorded."""
    row = connection.execute(RECORDED).fetchone()
    return str(row[0]) if row and row[0] else None


def _set(
    connection: Connection,
    tables: Mapping[str, Sequence[str]] | None,
    names: RoleNames,
    scoped: Sequence[ScopedReader],
) -> Undone:
    seen = _seen(connection, names.reader) if tables is None else tables
    connection.execute(_close_database(connection, names))
    for statement in grants(seen, names):
        connection.execute(statement.encode())
    if tables is None:
        return Undone(tuple(_beyond_owner(connection, names, ())))
    made = secure(connection, tables, (names.app, names.reader), names.reader, scoped)
    watch(connection, tables)
    without = tuple(one.name for one in scoped if one.name not in made)
    return Undone(tuple(_beyond_owner(connection, names, made)), without)


def _seen(connection: Connection, reader: str) -> Mapping[str, Sequence[str]]:
    return {str(table): columns for table, columns in connection.execute(SEEN, (reader,)).fetchall()}


def _make_reader(connection: Connection, owner_url: str, login: str) -> None:
    try:
        make_login(connection, login)
    except errors.InsufficientPrivilege:
        raise WrongUse(
            f"{where(owner_url)} may not make the reader's role '{conninfo_to_dict(login).get('user')}'",
            "make a role that can only log in, and name it in DASH_WAREHOUSE_URL",
        ) from None


@contextmanager
def _not_waiting_for_ever(url: str) -> Iterator[None]:
    """Policies wait for the statements that read their tables, and every later one waits for them."""
    try:
        yield
    except errors.LockNotAvailable as error:
        raise WarehouseUnavailable(
            f"another session has kept tables of {where(url)} for {LOCK_WAIT}, so rights could not be set",
            "end it, or wait for it, and start again",
        ) from error


def _revokes(names: RoleNames) -> Iterator[sql.Composed]:
    everyone = sql.SQL("PUBLIC, {}, {}").format(sql.Identifier(names.app), sql.Identifier(names.reader))
    for schema in ("public", "app"):
        where = sql.Identifier(schema)
        yield sql.SQL("REVOKE ALL ON SCHEMA {} FROM {}").format(where, everyone)
        # Rights on single columns go with those on their table.
        yield sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA {} FROM {}").format(where, everyone)
        yield sql.SQL("REVOKE ALL ON ALL SEQUENCES IN SCHEMA {} FROM {}").format(where, everyone)
    # Tables in `ai` are the app's own.
    yield sql.SQL("REVOKE ALL ON SCHEMA ai FROM PUBLIC, {}").format(sql.Identifier(names.reader))


def _gives(tables: Mapping[str, Sequence[str]], names: RoleNames) -> Iterator[sql.Composed]:
    app, reader = sql.Identifier(names.app), sql.Identifier(names.reader)
    yield sql.SQL("GRANT USAGE ON SCHEMA public TO {}, {}").format(app, reader)
    yield sql.SQL("GRANT USAGE ON SCHEMA app TO {}").format(app)
    yield sql.SQL("GRANT USAGE, CREATE ON SCHEMA ai TO {}").format(app)
    for schema in ("public", "app"):
        where = sql.Identifier(schema)
        yield sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {} TO {}").format(where, app)
    yield sql.SQL("REVOKE INSERT, UPDATE, DELETE ON app.alembic_version FROM {}").format(app)
    for table in APPEND_ONLY:
        yield sql.SQL("REVOKE UPDATE, DELETE ON app.{} FROM {}").format(sql.Identifier(table), app)
    for table, columns in tables.items():
        if columns:
            listed = sql.SQL(", ").join(map(sql.Identifier, columns))
            yield sql.SQL("GRANT SELECT ({}) ON public.{} TO {}").format(listed, sql.Identifier(table), reader)


def _close_database(connection: Connection, names: RoleNames) -> sql.Composed:
    """Nobody but our roles comes into the database, and only the owner makes anything in it."""
    database, app, reader = map(sql.Identifier, (connection.info.dbname, names.app, names.reader))
    return sql.SQL(
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC, {app}, {reader};"
        "GRANT CONNECT ON DATABASE {database} TO {app}, {reader}"
    ).format(database=database, app=app, reader=reader)


def _beyond_owner(connection: Connection, names: RoleNames, scoped: Sequence[str]) -> Iterator[str]:
    """Does what a superuser may, or the owner where the server lets it; yields what it was not let.

    scoped: logins of row scopes. Functions and languages that are closed to everyone are closed to them, too.
    """
    limits = [statement for role in (names.reader, *scoped) for statement in _limits(role)]
    language = sql.SQL("REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC, {}").format(sql.Identifier(names.reader))
    app_owns_ai = sql.SQL("ALTER SCHEMA ai OWNER TO {}").format(sql.Identifier(names.app))
    for statement in (*limits, app_owns_ai):
        try:
            with connection.transaction():
                connection.execute(statement)
        except errors.InsufficientPrivilege:
            yield statement.as_string(None)
    if connection.info.parameter_status("is_superuser") == "on":
        connection.execute(language)
        close_functions(connection, names.app, names.reader)
    else:
        yield "what PUBLIC may run (pg_sleep, advisory locks, large objects): only a superuser can close it"


def _limits(role: str) -> Iterator[sql.Composed]:
    name = sql.Identifier(role)
    for setting, value in READER_SETTINGS.items():
        yield sql.SQL("ALTER ROLE {} SET {} = {}").format(name, sql.Identifier(setting), sql.Literal(value))
    yield sql.SQL("ALTER ROLE {} CONNECTION LIMIT {}").format(name, sql.Literal(READER_CONNECTIONS))
