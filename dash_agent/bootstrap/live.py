"""The database for a check of the content files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dash_agent.bootstrap.databases import OnProgress, known_principals, open_database
from dash_agent.bootstrap.running import Running
from dash_agent.check.database import Live
from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.errors import ContentError, WrongUse
from dash_agent.semantic.model import SemanticModel
from dash_agent.settings import Settings
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.introspect import PostgresIntrospection


@contextmanager
def open_live(settings: Settings, *, on_progress: OnProgress) -> Iterator[Live]:
    """The database for a check of the files. On a server nothing is changed, whoever's owner is known: a check of a
    branch is no deployment. An embedded one that no question has been asked yet is made ready as for one.

    Raises ContentError where there is no content folder, WrongUse, WarehouseUnavailable, DiskFull, WrongSchema.
    """
    looking = settings.model_copy(update={"owner_url": None})
    with open_database(looking, None, on_progress=on_progress) as database:
        state, reader = Connections(database.app), Connections(database.reader)
        warehouse = PostgresWarehouse(database.reader, timezone=settings.timezone, timeout_s=settings.statement_timeout)
        looks = PostgresIntrospection(reader)
        try:
            # The app's role sees every column of our own tables, the personal ones among them.
            columns = looks.columns() if database.foreign else PostgresIntrospection(state).columns()
            catalog = _clean(settings)
            fresh = catalog is not None and database.owner is not None and not looks.columns()
            if fresh and catalog is not None:
                database.grant(catalog)
            granted = fresh or database.foreign
            yield Live(columns, not database.foreign, looks, warehouse, granted)
        finally:
            warehouse.close()
            state.close()
            reader.close()


def live_of(running: Running) -> Live:
    """The database for a check of the files by a process that has it open. Raises WarehouseUnavailable, WrongUse."""
    if running.ports is None:
        raise WrongUse("this process has no database to check against", "check the files alone")
    looks, foreign = PostgresIntrospection(running.parts["warehouse"]), running.conversations is None
    columns = looks.columns() if foreign else PostgresIntrospection(running.parts["database"]).columns()
    return Live(columns, not foreign, looks, running.ports.warehouse, granted=not running.content.problems)


def _clean(settings: Settings) -> Catalog | None:
    """The catalogue, None where the files have errors that would stop a start."""
    try:
        catalog = load_catalog(settings.content_dir)
        known_principals(settings, catalog)
        SemanticModel(catalog)
    except ContentError:
        return None
    return catalog
