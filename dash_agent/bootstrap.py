"""The only wiring: settings become a database, ports and a `Dash`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Final

from pydantic import SecretStr

from dash_agent.adapters.clock import FrozenClock, SystemClock
from dash_agent.adapters.ids import UlidIds
from dash_agent.ask import Dash, Ports
from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.context.runtime import check_live
from dash_agent.errors import ContentError, DashError, WrongUse
from dash_agent.ports import Answers, Clock, Ids
from dash_agent.settings import Settings
from dash_agent.warehouse.connections import Connections, libpq_url
from dash_agent.warehouse.embedded import EmbeddedPostgres
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.introspect import PostgresIntrospection
from dash_agent.warehouse.migrate import check_current
from dash_agent.warehouse.preparation import check_reachable, derived_reader, prepare, same_database, user_of
from dash_agent.warehouse.readonly import assert_read_only
from dash_agent.warehouse.roles import EMBEDDED, RoleNames
from dash_agent.warehouse.state import SqlAnswers, SqlTurns

OnProgress = Callable[[str], None]

EXTENSIONS: Final = "dash_agent.extensions"
"""Entry-point group. An installed package that names an object here is loaded when the server starts."""


@dataclass(frozen=True, slots=True)
class Database:
    """Where our state and the analysed tables are. URLs hold passwords: never print one.

    owner: None where only reading and writing was allowed to us. foreign: the analysed tables are somebody
    else's: never migrated, granted or seeded.
    """

    owner: str | None
    app: str
    reader: str
    foreign: bool


@dataclass(frozen=True, slots=True)
class Running:
    """What commands and the server work with."""

    dash: Dash
    catalog: Catalog
    answers: Answers
    clock: Clock
    ids: Ids
    parts: Mapping[str, Connections]

    def components(self) -> Mapping[str, DashError | None]:
        """Each part that must answer, and its error where it does not."""
        return {name: _probe(connections) for name, connections in self.parts.items()}


@contextmanager
def open_dash(settings: Settings, *, on_progress: OnProgress) -> Iterator[Running]:
    """Everything a question needs, ready, and closed again afterwards.

    Raises ContentError, WrongUse, WarehouseUnavailable, DiskFull, WrongSchema.
    """
    catalog = load_catalog(settings.content_dir)
    with (
        open_database(settings, catalog, on_progress=on_progress) as database,
        open_on(database, catalog, settings) as it,
    ):
        yield it


@contextmanager
def open_on(database: Database, catalog: Catalog, settings: Settings) -> Iterator[Running]:
    """A `Dash` on a database that is ready. Raises ContentError where it has not what the catalogue names."""
    state, reader = Connections(database.app), Connections(database.reader)
    introspection = PostgresIntrospection(reader)
    warehouse = PostgresWarehouse(database.reader, timezone=settings.timezone, timeout_s=settings.statement_timeout)
    try:
        problems = check_live(catalog, introspection)
        if problems:
            raise ContentError(problems)
        clock, ids, answers = open_clock(settings), UlidIds(), SqlAnswers(state)
        ports = Ports(warehouse, introspection, answers, SqlTurns(state), clock, ids)
        dash = Dash(ports, catalog, timezone=settings.timezone, row_cap=settings.row_cap)
        yield Running(dash, catalog, answers, clock, ids, {"database": state, "warehouse": reader})
    finally:
        warehouse.close()
        state.close()
        reader.close()


@contextmanager
def open_database(
    settings: Settings, catalog: Catalog | None, *, on_progress: OnProgress, keep: bool = False
) -> Iterator[Database]:
    """Our own database, started where it is embedded, migrated and granted where we have its owner.

    catalog: None leaves the reader's grants as they are. keep: the embedded server stays up afterwards.
    """
    if settings.database_url is not None:
        yield _on_server(settings, settings.database_url, catalog, on_progress)
        return
    with EmbeddedPostgres(settings.data_dir, on_progress) as server:
        owner, app = server.url("owner"), server.url("app")
        named = _named_warehouse(settings)
        foreign = named is not None and not same_database(named, app)
        prepare(owner, None if foreign or catalog is None else catalog.readable, EMBEDDED, on_progress)
        if named is not None:
            assert_read_only(named)
        if keep:
            server.keep()
        yield Database(owner, app, named or server.url("reader"), foreign)


def _on_server(settings: Settings, given: SecretStr, catalog: Catalog | None, on_progress: OnProgress) -> Database:
    app = libpq_url(given.get_secret_value(), "DATABASE_URL")
    named = _named_warehouse(settings)
    foreign = named is not None and not same_database(named, app)
    login = derived_reader(app) if named is None or foreign else None
    owner = None
    check_reachable(app)
    if settings.owner_url is None:
        check_current(app)
    else:
        owner = libpq_url(settings.owner_url.get_secret_value(), "DASH_OWNER_URL")
        tables = None if foreign or catalog is None else catalog.readable
        prepare(owner, tables, _roles(owner, app, login or named or ""), on_progress, login=login)
    if named is not None:
        assert_read_only(named)
    return Database(owner, app, named or login or "", foreign)


def _roles(owner: str, app: str, reader: str) -> RoleNames:
    names = RoleNames(user_of(owner), user_of(app), user_of(reader))
    if len({names.owner, names.app, names.reader}) < 3:
        raise WrongUse(
            f"the database's owner, app and reader must be three roles, not {names.owner}, {names.app}, {names.reader}",
            "give DATABASE_URL, DASH_OWNER_URL and DASH_WAREHOUSE_URL roles of their own",
        )
    return names


def _named_warehouse(settings: Settings) -> str | None:
    if settings.warehouse_url is None:
        return None
    return libpq_url(settings.warehouse_url.get_secret_value(), "DASH_WAREHOUSE_URL")


def open_clock(settings: Settings) -> Clock:
    return FrozenClock(settings.now) if settings.now is not None else SystemClock()


def load_extensions() -> Mapping[str, object]:
    """The installed extensions by name. Raises WrongUse where one can't be loaded."""
    loaded: dict[str, object] = {}
    for entry in entry_points(group=EXTENSIONS):
        try:
            loaded[entry.name] = entry.load()
        except (ImportError, AttributeError) as error:
            raise WrongUse(f"the extension '{entry.name}' ({entry.value}) can't be loaded: {error}") from error
    return loaded


def _probe(connections: Connections) -> DashError | None:
    try:
        with connections.transaction() as connection:
            connection.execute("SELECT 1")
    except DashError as error:
        return error
    return None
