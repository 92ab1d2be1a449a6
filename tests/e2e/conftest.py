"""A real database for the tests that want one.

postgres: an embedded server, one a session (with xdist, one a worker).
database: a migrated database with roles and grants on it, one a session and without rows; who writes to it cleans up
    or takes `fresh_database`, which makes another in the same server.
desk: a database with 8,000 tickets of demo data as of NOW, which nobody changes. dash: answers from it.
staffed: what a server on it works with. staffed_by_scope: the same on `scoped_desk`, with its logins.
scoped_desk: one with 2,000, logins of row scopes, and copies that hold the rows of one scope alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from dash_agent.adapters.clock import FrozenClock
from dash_agent.adapters.ids import UlidIds
from dash_agent.ask import Dash, Ports
from dash_agent.bootstrap import Running
from dash_agent.context.access import load_principals
from dash_agent.context.catalog import Catalog
from dash_agent.in_service import InService, Serving
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.demo import DemoOptions, seed
from dash_agent.warehouse.embedded import EmbeddedPostgres
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.introspect import PostgresIntrospection
from dash_agent.warehouse.migrate import migrate
from dash_agent.warehouse.roles import EMBEDDED, apply_grants
from dash_agent.warehouse.row_security import LOOKUPS
from dash_agent.warehouse.state import SqlAnswers, SqlTurns
from tests.conftest import NOW, ROOT, ZONE
from tests.e2e.databases import Database, columns_not_personal
from tests.e2e.scopes import NARROWED, ScopedDesk, copied, login, part_of, readers


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    folder = tmp_path_factory.mktemp("postgres")
    with EmbeddedPostgres(folder / "data") as server:
        yield server
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def empty_database(postgres: EmbeddedPostgres) -> Callable[[], Database]:
    """Makes a database with nothing in it, at each call another."""
    numbers = count(1)

    def make() -> Database:
        name = f"test_{next(numbers)}"
        with psycopg.connect(postgres.url("owner"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        owner, app, reader = (make_conninfo(postgres.url(role), dbname=name) for role in ("owner", "app", "reader"))
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
    # pytest keeps the folders of three sessions, and a server's takes 60 MB.
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def desk(fresh_database: Callable[[], Database], home: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Database:
    made = fresh_database()
    incidents = tmp_path_factory.mktemp("demo") / "incidents.json"
    seed(made.owner, DemoOptions(now=NOW, incidents_file=incidents, tickets=8_000), lambda _: None)
    apply_grants(made.owner, home.readable)
    return made


@pytest.fixture(scope="session")
def dash(desk: Database, home: Catalog) -> Iterator[Dash]:
    state, reader = Connections(desk.app), Connections(desk.reader)
    warehouse = PostgresWarehouse(desk.reader, timezone=ZONE.key)
    ports = Ports(
        warehouse,
        PostgresIntrospection(reader),
        SqlAnswers(state),
        SqlTurns(state),
        FrozenClock(NOW),
        UlidIds(),
    )
    yield Dash(ports, home, timezone=ZONE.key)
    warehouse.close()
    state.close()
    reader.close()


@pytest.fixture(scope="session")
def scoped_desk(
    fresh_database: Callable[[], Database], home: Catalog, tmp_path_factory: pytest.TempPathFactory
) -> ScopedDesk:
    made = fresh_database()
    incidents = tmp_path_factory.mktemp("scoped") / "incidents.json"
    seed(made.owner, DemoOptions(now=NOW, incidents_file=incidents, tickets=2_000), lambda _: None)
    apply_grants(made.owner, home.readable, EMBEDDED, readers(made, home))
    whole = Database(made.owner, made.app, made.reader, home.readable)
    parts = {name: part_of(whole, name, narrowed) for name, narrowed in NARROWED.items()}
    return ScopedDesk(whole, copied(whole, "commands"), parts)


@pytest.fixture(scope="session")
def staffed(dash: Dash, home: Catalog, desk: Database) -> Iterator[Running]:
    with running_on(dash, home, desk) as running:
        yield running


@pytest.fixture(scope="session")
def staffed_by_scope(home: Catalog, scoped_desk: ScopedDesk) -> Iterator[Running]:
    whole = scoped_desk.whole
    state, reader = Connections(whole.app), Connections(whole.reader)
    warehouse = PostgresWarehouse(whole.reader, timezone=ZONE.key, login_of=lambda scope: login(whole, scope))
    introspection = PostgresIntrospection(reader)
    ports = Ports(warehouse, introspection, SqlAnswers(state), SqlTurns(state), FrozenClock(NOW), UlidIds())
    with running_on(Dash(ports, home, timezone=ZONE.key, lookups=LOOKUPS), home, whole) as running:
        yield running
    warehouse.close()
    state.close()
    reader.close()


@contextmanager
def running_on(dash: Dash, home: Catalog, database: Database) -> Iterator[Running]:
    """What a server works with, with the people of the access file."""
    state, reader = Connections(database.app), Connections(database.reader)
    people = load_principals(ROOT)
    content = InService(Serving(dash, home, people), (), lambda: (), lambda: Serving(dash, home, people))
    parts = {"database": state, "warehouse": reader}
    yield Running(content, SqlAnswers(state), FrozenClock(NOW), UlidIds(), parts)
    state.close()
    reader.close()
