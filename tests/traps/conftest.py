"""One database for all traps, emptied before each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from dash_agent.context.catalog import Catalog
from dash_agent.warehouse.roles import apply_grants
from tests.e2e.conftest import empty_database, fresh_database, postgres
from tests.e2e.databases import Database
from tests.traps.rows import Asker, Rows, inserting

__all__ = ["empty_database", "fresh_database", "postgres"]


@pytest.fixture(scope="session")
def trapped(fresh_database: Callable[[], Database], home: Catalog) -> Database:
    made = fresh_database()
    apply_grants(made.owner, home.readable)
    return made


@pytest.fixture(scope="session")
def ask(trapped: Database, home: Catalog) -> Iterator[Asker]:
    asker = Asker(trapped, home)
    yield asker
    asker.close()


@pytest.fixture(scope="session")
def inserter(trapped: Database) -> Iterator[Rows]:
    with inserting(trapped) as rows:
        yield rows


@pytest.fixture
def rows(inserter: Rows) -> Rows:
    inserter.clear()
    return inserter
