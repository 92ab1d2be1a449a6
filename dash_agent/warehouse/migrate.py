"""Bringing our own database to this version's tables. A foreign warehouse is never migrated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg import Connection, errors

from dash_agent.errors import WarehouseUnavailable, WrongSchema
from dash_agent.warehouse import row_security
from dash_agent.warehouse.connections import connect, explaining_sql, where
from dash_agent.warehouse.roles import SCHEMA_LOCK

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

# What Alembic finds at the end of its two branches, kept here so that a start need not import it. A test compares.
HEADS = frozenset({"state_0012", "support_0002"})

SUPPORT_TABLES = (
    *("customers", "subscriptions", "shipments", "support_threads_data", "support_dialogs"),
    *("ai_human_comparison", "ai_agent_tasks", "ai_answerer_instructions"),
)

LOCK_WAIT = "60s"
FOUND = "SELECT pg_catalog.to_regclass('app.alembic_version') IS NOT NULL"
STRANGERS = "SELECT t FROM pg_catalog.unnest(%s::text[]) t WHERE pg_catalog.to_regclass('public.' || t) IS NOT NULL"


def migrate(owner_url: str) -> tuple[str, ...]:
    """Brings both branches to this version, all or nothing. Returns the revisions it is at now.

    Two at once wait for each other. Raises WarehouseUnavailable, DiskFull, and WrongSchema where a newer version
    or somebody else made the tables.
    """
    if current(owner_url) != HEADS:
        with explaining_sql(owner_url), _migration(owner_url) as (connection, config):
            _lock(connection, owner_url)
            _refuse_strange(connection, owner_url)
            connection.execute("CREATE SCHEMA IF NOT EXISTS app")
            # A column that a policy or a lookup names can't be changed. `prepare` sets them again,
            # since no record says any longer that they stand.
            row_security.lift(connection)
            connection.execute("COMMENT ON SCHEMA app IS NULL")
            _upgrade(config)
    return tuple(sorted(HEADS))


def current(url: str) -> frozenset[str]:
    """The revisions the database is at; empty for one that was never migrated. The app role may ask too."""
    with connect(url) as connection, explaining_sql(url):
        return _revisions(connection)


def check_current(url: str) -> None:
    """Raises WrongSchema where the database is not at this version's revisions."""
    at = current(url)
    if at == HEADS:
        return
    if at - _known():
        raise _newer(url, at)
    raise WrongSchema(f"{where(url)} has not the tables of this version", "run 'dash-agent db migrate'")


def _lock(connection: Connection, url: str) -> None:
    connection.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'".encode())
    try:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
    except errors.LockNotAvailable as error:
        raise WarehouseUnavailable(
            f"{where(url)} has been under another migration for {LOCK_WAIT}",
            "wait for it to end, then try again",
        ) from error


def _revisions(connection: Connection) -> frozenset[str]:
    found = connection.execute(FOUND).fetchone()
    if not found or not found[0]:
        return frozenset()
    rows = connection.execute("SELECT version_num FROM app.alembic_version").fetchall()
    return frozenset(str(row[0]) for row in rows)


def _refuse_strange(connection: Connection, url: str) -> None:
    at = _revisions(connection)
    if at - _known():
        raise _newer(url, at)
    if any(revision.startswith("support_") for revision in at):
        return
    strangers = connection.execute(STRANGERS, (list(SUPPORT_TABLES),)).fetchall()
    if strangers:
        names = ", ".join(str(row[0]) for row in strangers)
        raise WrongSchema(
            f"{where(url)} has tables that were not made here ({names})",
            "name an empty database in DATABASE_URL and DASH_OWNER_URL; "
            "to ask about an existing one, name it in DASH_WAREHOUSE_URL",
        )


def _newer(url: str, at: frozenset[str]) -> WrongSchema:
    unknown = ", ".join(sorted(at - _known()))
    return WrongSchema(f"{where(url)} was made by a newer version (revision {unknown})", "install that version here")


def _known() -> frozenset[str]:
    return frozenset(script.revision for script in _scripts().walk_revisions())


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    from alembic.config import Config

    folder = Path(__file__).with_name("migrations")
    config = Config()
    # A percent sign in the installation's path would be read as an interpolation.
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config


@contextmanager
def _migration(url: str) -> Iterator[tuple[Connection, Config]]:
    """A connection in a transaction, and Alembic's configuration bound to that same transaction."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import NullPool

    engine = create_engine("postgresql+psycopg://", creator=lambda: connect(url), poolclass=NullPool)
    try:
        with engine.begin() as bound:
            driver = bound.connection.driver_connection
            assert isinstance(driver, Connection)
            config = _config()
            config.attributes["connection"] = bound
            yield driver, config
    except DBAPIError as error:
        # As psycopg gave it, for those who explain its errors.
        raise error.orig or error from error


def _upgrade(config: Config) -> None:
    from alembic import command

    command.upgrade(config, "heads")
