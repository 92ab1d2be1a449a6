"""Looks at pages, as Streamlit's own test runner gives them, on the demo desk of the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest, app_test

from dash_agent.bootstrap import Database as Opened
from dash_agent.bootstrap import Running, open_on
from dash_agent.context.access import load_principals
from dash_agent.context.catalog import Catalog
from dash_agent.semantic.scope import policies, row_rules
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.logins import ScopedReader
from dash_agent.warehouse.roles import EMBEDDED, apply_grants
from dash_agent.warehouse.row_security import LOOKUPS
from dashboard import opened, signin
from dashboard.opened import House
from tests.conftest import NOW, ROOT
from tests.e2e.databases import Database
from tests.e2e.scopes import login
from tests.e2e.serving import settings

Look = Callable[..., AppTest]


class _Pages(PagesManager):
    """As in a process where st.navigation was called. The test runner forgets that before each run, takes the folder
    pages/ for the other way to have pages, and runs a page's file without app.py.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        PagesManager.uses_pages_directory = False
        super().__init__(*given, **named)


app_test.PagesManager = _Pages


def house_on(running: Running, data_dir: Path) -> House:
    return House(running, settings(content_dir=ROOT, data_dir=data_dir, now=NOW))


@pytest.fixture(scope="session")
def running(desk: Database, home: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Everything that a dashboard's process opens, frozen at NOW."""
    folder = tmp_path_factory.mktemp("dashboard")
    apply_grants(desk.owner, home.readable, EMBEDDED, scoped_readers(desk, home))
    given = Opened(desk.owner, desk.app, desk.reader, False, lambda _: None)
    with open_on(given, home, settings(content_dir=ROOT, data_dir=folder, now=NOW)) as it:
        it.dash.warm_up()
        yield it


def scoped_readers(desk: Database, home: Catalog) -> list[ScopedReader]:
    """A login for each row scope of the people of the access file."""
    scopes = {principal.scope for principal in load_principals(ROOT).values() if principal.scope}
    ruled = {scope: policies(row_rules(home, scope), LOOKUPS) for scope in scopes}
    return [ScopedReader(login(desk, scope), rules.conditions, rules.lookups) for scope, rules in ruled.items()]


@pytest.fixture
def house(running: Running, tmp_path: Path) -> Iterator[House]:
    made = house_on(running, tmp_path)
    opened.use(made)
    yield made
    opened.close()


@pytest.fixture
def look(house: House) -> Look:
    """`look('overview', user='maria@example.com', language='ru', period='…')`: the page as that person sees it."""
    return looking


def looking(page: str, *, user: str = "admin", language: str | None = None, **address: str) -> AppTest:
    test = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60)
    test.session_state[signin.USER] = user
    if language is not None:
        test.session_state[signin.LANGUAGE] = language
    if page != "ask":
        # Only a look that called st.navigation tells the runner which pages there are.
        test.run().switch_page(f"pages/{page}.py")
    for name, value in address.items():
        test.query_params[name] = value
    return test.run()


def away(connections: Connections) -> str:
    """Cuts off the database that these connect to, as far as they know; returns the URL to put back."""
    url, connections.url = connections.url, "postgresql://dash_app:secret@127.0.0.1:1/nowhere"
    connections.close()
    return url


def texts(test: AppTest) -> str:
    """Everything that is written on a page, for looking words up in."""
    found = []
    for kind in ("title", "header", "subheader", "markdown", "caption", "text", "error", "info", "warning", "success"):
        found += [element.value for element in test.get(kind)]
    return "\n".join(map(str, found))


__all__ = ["Look", "away", "house_on", "looking", "texts"]
