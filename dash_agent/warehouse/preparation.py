"""Our own database made ready for one catalogue: tables, a reader's login, grants; nothing where nothing changed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import quote

from psycopg import Connection, errors, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from dash_agent.errors import WrongUse
from dash_agent.warehouse.connections import connect, explaining_sql, where
from dash_agent.warehouse.migrate import HEADS, current, migrate
from dash_agent.warehouse.roles import RoleNames, apply_grants, grants

Tables = Mapping[str, Sequence[str]]

SEEDING_LOCK = 0x73656564  # 'seed'

# Kept as the comment of schema `app`: everyone who may ask for the grants can read it, only the owner writes it.
RECORDED = """
    SELECT pg_catalog.obj_description(n.oid, 'pg_namespace') FROM pg_catalog.pg_namespace n WHERE n.nspname = 'app'
"""
LIVE_COLUMNS = """
    SELECT c.relname, a.attname
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
      AND a.attnum > 0 AND NOT a.attisdropped
"""


def prepare(
    owner_url: str,
    tables: Tables | None,
    names: RoleNames,
    on_progress: Callable[[str], None],
    *,
    login: str | None = None,
) -> None:
    """Migrates, and sets the grants for `tables` (columns that the reader sees, by table).

    tables: None leaves the reader's grants as they are, where there are any. Names that the database does not
    have are left out: whoever compares the catalogue with it tells. login: URL of the reader's role, which is made
    where it is not there. Raises WarehouseUnavailable, DiskFull, WrongSchema, WrongUse.
    """
    recorded = _recorded(owner_url)
    ready = recorded is not None and current(owner_url) == HEADS
    wanted = _fingerprint(tables or {}, names, login)
    if ready and (tables is None or recorded == wanted):
        return
    on_progress("Bringing the database's tables and rights up to date…")
    migrate(owner_url)
    if login is not None:
        _make_reader(owner_url, names.reader, str(conninfo_to_dict(login).get("password") or ""))
    apply_grants(owner_url, _present(owner_url, tables or {}), names)
    _record(owner_url, wanted)


def derived_reader(app_url: str) -> str:
    """The URL of the reader's login that `prepare` makes beside the app's.

    Its password comes from the app's by HMAC: every process that has DATABASE_URL knows it, nothing is stored,
    and nobody gets from it to the app's. Without a password there it has none. Raises WrongUse.
    """
    found = conninfo_to_dict(app_url)
    if not found.get("user"):
        raise WrongUse("DATABASE_URL names no role", "write it as postgresql://user:password@host:5432/database")
    reader = {"user": f"{found['user']}_reader"}
    if found.get("password"):
        digest = hmac.digest(str(found["password"]).encode(), b"dash-agent reader", "sha256")
        reader["password"] = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return make_conninfo(app_url, **reader)


def check_reachable(url: str) -> None:
    """Raises WarehouseUnavailable."""
    connect(url).close()


@contextmanager
def seeding(url: str, on_wait: Callable[[], None]) -> Iterator[None]:
    """Held by one process at a time for one database; on_wait is called where another has it.

    Raises WarehouseUnavailable. Goes away with the process that held it.
    """
    with connect(url, autocommit=True) as connection:
        with explaining_sql(url):
            got = connection.execute("SELECT pg_try_advisory_lock(%s)", (SEEDING_LOCK,)).fetchone()
            if not (got and got[0]):
                on_wait()
                connection.execute("SELECT pg_advisory_lock(%s)", (SEEDING_LOCK,))
        yield


def user_of(url: str) -> str:
    return str(conninfo_to_dict(url).get("user") or "")


def same_database(one: str, other: str) -> bool:
    """Whether two URLs name one database of one server."""
    return _place(one) == _place(other)


def uri_of(conninfo: str) -> str:
    """The same as a libpq URI, which other tools take too."""
    found = {key: str(value) for key, value in conninfo_to_dict(conninfo).items()}
    user, password, database = (quote(found.pop(key, ""), safe="") for key in ("user", "password", "dbname"))
    rest = "&".join(f"{key}={quote(value, safe='')}" for key, value in found.items())
    return f"postgresql://{user}:{password}@/{database}?{rest}"


def _place(url: str) -> tuple[str, str, str]:
    found = conninfo_to_dict(url)
    host = str(found.get("host") or "localhost").replace("127.0.0.1", "localhost")
    return host, str(found.get("port") or "5432"), str(found.get("dbname") or found.get("user") or "")


def _recorded(url: str) -> str | None:
    with connect(url) as connection, explaining_sql(url):
        row = connection.execute(RECORDED).fetchone()
    return str(row[0]) if row and row[0] else None


def _record(owner_url: str, fingerprint: str) -> None:
    with connect(owner_url) as connection, explaining_sql(owner_url):
        connection.execute(sql.SQL("COMMENT ON SCHEMA app IS {}").format(sql.Literal(fingerprint)))


def _fingerprint(tables: Tables, names: RoleNames, login: str | None) -> str:
    """Changes with the revisions, with any grant, and with the reader's login."""
    salted = hashlib.sha256(f"dash {login}".encode()).hexdigest()
    content = json.dumps([sorted(HEADS), grants(tables, names), salted])
    return f"dash-agent grants {hashlib.sha256(content.encode()).hexdigest()[:24]}"


def _present(owner_url: str, tables: Tables) -> Tables:
    """Of `tables`, what the database has."""
    with connect(owner_url) as connection, explaining_sql(owner_url):
        live = {(str(table), str(column)) for table, column in connection.execute(LIVE_COLUMNS).fetchall()}
    kept = {table: tuple(c for c in columns if (table, c) in live) for table, columns in tables.items()}
    return {table: columns for table, columns in kept.items() if columns}


def _make_reader(owner_url: str, name: str, password: str) -> None:
    with connect(owner_url) as connection, explaining_sql(owner_url):
        try:
            connection.execute(_reader_login(connection, name, password))
        except errors.InsufficientPrivilege:
            raise WrongUse(
                f"{where(owner_url)} may not make the reader's role '{name}'",
                "make a role that can only log in, and name it in DASH_WAREHOUSE_URL",
            ) from None


def _reader_login(connection: Connection, name: str, password: str) -> sql.Composed:
    """Only the password's hash goes to the server, so that no log of its own ever holds it."""
    exists = connection.execute("SELECT FROM pg_catalog.pg_roles WHERE rolname = %s", (name,)).fetchone()
    verb = sql.SQL("CREATE ROLE {} LOGIN" if exists is None else "ALTER ROLE {} LOGIN").format(sql.Identifier(name))
    if not password:
        return verb
    scrambled = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    return sql.SQL("{} PASSWORD {}").format(verb, sql.Literal(scrambled))
