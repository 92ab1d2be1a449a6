"""Cost and health: what is on the page with data, without any, with the database down, and for whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from psycopg.types.json import Jsonb
from streamlit.testing.v1 import AppTest

from dash_agent.bootstrap import Database as Opened
from dash_agent.bootstrap import Running, open_on
from dash_agent.context.catalog import Catalog
from dash_agent.models.usage import Usage
from dashboard import opened
from tests.conftest import NOW, ROOT, ZONE
from tests.e2e.dashboard.conftest import away, house_on, looking, texts
from tests.e2e.databases import Database
from tests.e2e.serving import settings

HEALTH = ("Database", "Support data", "Definitions", "Fresh data", "Worker", "Models")


@pytest.fixture(scope="module")
def own_desk(
    fresh_database: Callable[[], Database], home: Catalog, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Running]]:
    """A database that these tests fill, and what runs on it."""
    made, folder = fresh_database(), tmp_path_factory.mktemp("costs")
    given = Opened(made.owner, made.app, made.reader, False, lambda _: None)
    with open_on(given, home, settings(content_dir=ROOT, data_dir=folder, now=NOW, budget=Decimal("0.50"))) as running:
        yield made, running


@pytest.fixture
def running(own_desk: tuple[Database, Running], tmp_path: Path) -> Iterator[Running]:
    made, running = own_desk
    with psycopg.connect(made.owner, autocommit=True) as connection:
        connection.execute("TRUNCATE app.answers, app.usage, app.jobs, app.budgets, app.preferences CASCADE")
    house = house_on(running, tmp_path)
    opened.use(replace(house, settings=house.settings.model_copy(update={"budget": Decimal("0.50")})))
    yield running
    opened.close()


@pytest.fixture
def filled(own_desk: tuple[Database, Running], running: Running) -> Database:
    """Ten questions of yesterday, one of them failed and two by a model; a dead job; a dollar spent today."""
    made, _ = own_desk
    at = datetime.now(ZONE) - timedelta(days=1)
    with psycopg.connect(made.owner, autocommit=True) as connection:
        for number in range(10):
            answer = {
                "status": "error" if number == 9 else "answered",
                "engine": "llm" if number < 2 else "grounded",
                "timings_ms": {"total": 100.0 * (number + 1)},
                "cache": {"answer_id": "earlier"} if number == 5 else None,
                "sources": [],
            }
            connection.execute(
                'INSERT INTO app.answers (answer_id, "user", created_at, kept_at, question, answer)'
                " VALUES (%s, 'maria@example.com', %s, %s, 'How many?', %s)",
                (f"a{number}", at, at, Jsonb(answer)),
            )
        connection.execute(
            "INSERT INTO app.jobs (kind, key, attempts, error, dead_at)"
            " VALUES ('digest.send', 'monday', 8, 'mail.example.com refused', now())"
        )
    assert running.ports is not None
    assert running.ports.spending is not None
    running.ports.spending.note("maria@example.com", Usage("gpt-5.4-mini", 3, 1_000, 200, Decimal("1.00")))
    return made


def metrics(test: AppTest) -> dict[str, str]:
    return {one.label: one.value for one in test.metric}


def test_what_stands_there(filled: Database) -> None:
    test = looking("costs")
    assert not test.exception
    assert metrics(test) == {
        "Questions": "10",
        "Answered": "90.0%",
        "Handed back": "0.0%",
        "Failed": "1",
        "Median time": "550 ms",
        "95th percentile": "955 ms",
        "Planned by a model": "22.2%",
        "Shown again": "10.0%",
        "Cost": "$1.00",
        "Calls": "3",
        "Tokens read": "1,000",
        "Tokens written": "200",
    }
    shown = texts(test)
    assert all(f"**{name}**" in shown for name in HEALTH)
    tables = [one.value for one in test.dataframe]
    assert tables[0].iloc[0].to_dict() == {
        "user": "maria@example.com",
        "spent": "$1.0000",
        "budget": "$0.50",
        "share": 200.0,
    }
    assert list(tables[1]["key"]) == ["maria@example.com"]
    assert list(tables[2]["key"]) == ["gpt-5.4-mini"]
    assert tables[3].to_dict("records") == [{"kind": "digest.send", "waiting": 0, "running": 0, "done": 0, "dead": 1}]
    assert "mail.example.com refused" in [one.value for one in test.code]


def test_in_russian(filled: Database) -> None:
    test = looking("costs", language="ru")
    assert not test.exception
    found = metrics(test)
    assert (found["С ответом"], found["Медиана"], found["Стоимость"]) == ("90,0\N{NO-BREAK SPACE}%", "550 мс", "$1,00")


def test_a_span_is_kept_in_the_address(filled: Database) -> None:
    test = looking("costs", days="7")
    assert test.get("button_group")[0].value == 7
    wrong = looking("costs", days="everything")
    assert not wrong.exception
    assert metrics(wrong)["Questions"] == "10"


def test_with_nothing_it_says_what_will_stand_there(running: Running) -> None:
    test = looking("costs")
    assert not test.exception
    assert not test.metric
    told = [one.value for one in test.info]
    assert [text.split(".")[0] for text in told] == [
        "Nobody has asked anything in this time",
        "No model was called in this time",
        "The queue is empty",
    ]


def test_an_admin_gives_a_dead_job_its_attempts_again(filled: Database, running: Running) -> None:
    test = looking("costs")
    (button,) = [one for one in test.button if one.label == "Try again"]
    button.click().run()
    assert not test.exception
    assert not [one for one in test.button if one.label == "Try again"]
    with psycopg.connect(filled.owner) as connection:
        assert connection.execute("SELECT attempts, dead_at FROM app.jobs").fetchall() == [(0, None)]


@pytest.mark.parametrize("user", ["maria@example.com", "anton@example.com"])
def test_managers_and_analysts_look_and_retry_nothing(filled: Database, user: str) -> None:
    test = looking("costs", user=user)
    assert not test.exception
    assert metrics(test)["Questions"] == "10"
    assert not [one for one in test.button if one.label == "Try again"]


def test_a_viewer_has_no_such_page(filled: Database) -> None:
    test = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60)
    test.session_state["user"] = "vera@example.com"
    test.run()
    with pytest.raises(ValueError, match=r"pages/costs\.py"):
        test.switch_page("pages/costs.py").run()


def test_with_the_database_down_it_says_so_and_offers_a_way_on(running: Running) -> None:
    test = looking("costs")
    database = running.parts["database"]
    url = away(database)
    try:
        test.run()
        assert not test.exception
        said = [one.value for one in test.error]
        assert said
        assert set(said) == {"The database can't be reached. As soon as it is back, the numbers are, too."}
        assert any("Problem" in one.value for one in test.markdown)
        assert "secret" not in texts(test)
        assert [one.label for one in test.button].count("Try again") == len(said)
    finally:
        database.url = url
    test.run()
    assert not test.error
