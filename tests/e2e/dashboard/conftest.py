"""Looks at pages, as Streamlit's own test runner gives them, on the demo desk of the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dash_agent.bootstrap import Database as Opened
from dash_agent.bootstrap import Running, open_on
from dash_agent.context.catalog import Catalog
from dashboard import opened, signin
from dashboard.opened import House
from tests.conftest import NOW, ROOT
from tests.e2e.databases import Database
from tests.e2e.serving import settings

Look = Callable[..., AppTest]


def house_on(running: Running, data_dir: Path) -> House:
    return House(running, settings(content_dir=ROOT, data_dir=data_dir, now=NOW))


@pytest.fixture(scope="session")
def running(desk: Database, home: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Everything that a dashboard's process opens, frozen at NOW."""
    folder = tmp_path_factory.mktemp("dashboard")
    given = Opened(desk.owner, desk.app, desk.reader, False, lambda _: None)
    with open_on(given, home, settings(content_dir=ROOT, data_dir=folder, now=NOW)) as it:
        it.dash.warm_up()
        yield it


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


def texts(test: AppTest) -> str:
    """Everything that is written on a page, for looking words up in."""
    found = []
    for kind in ("title", "header", "subheader", "markdown", "caption", "text", "error", "info", "warning", "success"):
        found += [element.value for element in test.get(kind)]
    return "\n".join(map(str, found))


__all__ = ["Look", "house_on", "looking", "texts"]
