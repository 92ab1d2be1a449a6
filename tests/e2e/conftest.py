"""A real database for the tests that want one.

postgres: an embedded server, one a session (with xdist, one a worker).
database: a migrated database with roles and grants on it, one a session and without rows; who writes to it cleans up
    or takes `fresh_database`, which makes another in the same server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from dash_agent.warehouse.embedded import EmbeddedPostgres
from dash_agent.warehouse.migrate import migrate
from dash_agent.warehouse.roles import apply_grants
from tests.e2e.databases import Database, columns_not_personal


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres") / "data") as server:
        yield server


@pytest.fixture(scope="session")
def empty_database(postgres: EmbeddedPostgres) -> Callable[[], Database]:
    """Makes a database with nothing in it, at each call another."""
    numbers = count(1)

    def make() -> Database:
        name = f"test_{next(numbers)}"
        with psycopg.connect(postgres.url("owner"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        owner, app, reader = (
            make_conninfo(postgres.url(role), dbname=name) for role in ("owner", "app", "reader")
        )
        return Database(owner, app, reader, {})

    return make


@pytest.fixture(scope="session")
def fresh_database(empty_database: Callable[[], Database]) -> Callable[[], Database]:
    """Makes a migrated database with grants and no rows, at each call another."""

    def make() -> Database:
        made = empty_database()
        migrate(made.owner)
        readable = columns_not_personal(made.owner)
        apply_grants(made.owner, readable)
        return Database(made.owner, made.app, made.reader, readable)

    return make


@pytest.fixture(scope="session")
def database(fresh_database: Callable[[], Database]) -> Database:
    return fresh_database()


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A folder for a server of the test's own; whatever runs there is stopped after it."""
    folder = tmp_path / "data"
    yield folder
    EmbeddedPostgres(folder).stop(force=True)
