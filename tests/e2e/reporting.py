"""What the tests of reports look through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dash_agent.adapters.clock import FrozenClock
from dash_agent.adapters.ids import UlidIds
from dash_agent.ask import Dash, Ports
from dash_agent.context.catalog import Catalog
from dash_agent.models.principal import Principal, Role
from dash_agent.reports.view import View
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.introspect import PostgresIntrospection
from dash_agent.warehouse.state import SqlAnswers, SqlTurns
from tests.conftest import NOW, ZONE
from tests.e2e.databases import Database

ADMIN = Principal("admin", Role.ADMIN)


@contextmanager
def viewed(database: Database, catalog: Catalog) -> Iterator[View]:
    """A database as the administrator sees it at NOW."""
    state, reader = Connections(database.app), Connections(database.reader)
    warehouse = PostgresWarehouse(database.reader, timezone=ZONE.key)
    introspection = PostgresIntrospection(reader)
    ports = Ports(warehouse, introspection, SqlAnswers(state), SqlTurns(state), FrozenClock(NOW), UlidIds())
    yield View.of(Dash(ports, catalog, timezone=ZONE.key), ADMIN, NOW, "en")
    warehouse.close()
    state.close()
    reader.close()
