"""Houses on databases of a test's own: one that holds nothing, one that is gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from dash_agent.bootstrap import Database as Opened
from dash_agent.bootstrap import open_on
from dash_agent.context.catalog import load_catalog
from dash_agent.in_service import stamp_of
from dash_agent.warehouse.roles import apply_grants
from dashboard import opened
from dashboard.opened import House
from tests.conftest import NOW, ROOT
from tests.e2e.databases import Database
from tests.e2e.serving import settings


@contextmanager
def housed(database: Database, folder: Path, content: Path = ROOT) -> Iterator[House]:
    """Everything that a dashboard's process opens, on this database, as of NOW; pages are looked at in it."""
    catalog = load_catalog(content)
    apply_grants(database.owner, catalog.readable)
    given = Opened(database.owner, database.app, database.reader, False, lambda _: None)
    chosen = settings(content_dir=content, data_dir=folder, now=NOW)
    with open_on(given, catalog, chosen, stamp_of(content)) as running:
        running.dash.warm_up()
        house = House(running, chosen)
        opened.use(house)
        try:
            yield house
        finally:
            opened.close()


def drop(database: Database) -> None:
    """Takes the database away from whoever is connected to it."""
    with psycopg.connect(database.owner) as connection:
        name = connection.info.dbname
    with psycopg.connect(make_conninfo(database.owner, dbname="postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
