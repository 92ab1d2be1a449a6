"""Our own database made ready for one catalogue: tables, logins, grants, row scopes; nothing where nothing changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

from dash_agent.errors import WrongUse
from dash_agent.warehouse.connections import connect, explaining_sql
from dash_agent.warehouse.logins import ScopedReader, derived_url
from dash_agent.warehouse.migrate import HEADS, current, migrate
from dash_agent.warehouse.roles import RoleNames, apply_grants, grants, recorded
from dash_agent.warehouse.row_security import LOOKUP

Tables = Mapping[str, Sequence[str]]

SEEDING_LOCK = 0x73656564  # 'seed'

MAKES_ROLES = "SELECT r.rolsuper OR r.rolcreaterole FROM pg_catalog.pg_roles r WHERE r.rolname = CURRENT_USER"
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
    scoped: Sequence[ScopedReader] = (),
) -> None:
    """Migrates, and sets the grants for `tables` (columns that the reader sees, by table).

    tables: None leaves the reader's grants and the row scopes as they are. Names that the database does not
    have are left out: whoever compares the catalogue with it tells. login: URL of the reader's role, which is made
    where it is not there. scoped: the readers of row scopes; those whose logins this owner may not make are told of,
    and made when it may. Raises WarehouseUnavailable, DiskFull, WrongSchema, WrongUse.
    """
    found = _recorded(owner_url)
    ready = found is not None and current(owner_url) == HEADS
    wanted = _fingerprint(tables, names, login, scoped, makes_roles=bool(scoped) and _makes_roles(owner_url))
    if ready and (tables is None or found == wanted):
        return
    on_progress("Bringing the database's tables and rights up to date…")
    migrate(owner_url)
    present = None if tables is None else _present(owner_url, tables)
    made = apply_grants(owner_url, present, names, scoped, login=login, fingerprint=wanted)
    if made.without_login:
        on_progress(_told_of(made.without_login, names.owner))


def derived_reader(app_url: str) -> str:
    """The URL of the reader's login that `prepare` makes beside the app's.

    Raises WrongUse.
    """
    user = user_of(app_url)
    if not user:
        raise WrongUse("DATABASE_URL names no role", "write it as postgresql://user:password@host:5432/database")
    return derived_url(app_url, f"{user}_reader", "dash-agent reader")


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
        return recorded(connection)


def _makes_roles(owner_url: str) -> bool:
    with connect(owner_url) as connection, explaining_sql(owner_url):
        return connection.execute(MAKES_ROLES).fetchone() == (True,)


def _told_of(logins: Sequence[str], owner: str) -> str:
    return (
        f"Row scopes without a login of their own: {', '.join(logins)}. Who is narrowed to them is refused until an "
        f"administrator lets {owner} make roles (ALTER ROLE {owner} CREATEROLE) and 'dash-agent db migrate' has run."
    )


def _fingerprint(
    tables: Tables | None, names: RoleNames, login: str | None, scoped: Sequence[ScopedReader], *, makes_roles: bool
) -> str:
    """Changes with the revisions, with any grant, login or rule of a row scope, and with the right to make logins."""
    secrets = [login, *(one.url for one in scoped)]
    salted = hashlib.sha256(f"dash {secrets}".encode()).hexdigest()
    rules = [[one.name, sorted(one.conditions.items()), sorted(one.lookups.items())] for one in scoped]
    granted = [names.reader, names.app] if tables is None else grants(tables, names)
    content = json.dumps([sorted(HEADS), granted, salted, rules, LOOKUP, makes_roles])
    return f"dash-agent grants {hashlib.sha256(content.encode()).hexdigest()[:24]}"


def _present(owner_url: str, tables: Tables) -> Tables:
    """Of `tables`, what the database has."""
    with connect(owner_url) as connection, explaining_sql(owner_url):
        live = {(str(table), str(column)) for table, column in connection.execute(LIVE_COLUMNS).fetchall()}
    kept = {table: tuple(c for c in columns if (table, c) in live) for table, columns in tables.items()}
    return {table: columns for table, columns in kept.items() if columns}
