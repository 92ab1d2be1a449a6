"""How answering has gone: the ports' fakes and the real ones on PostgreSQL, and counting many receipts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta

import psycopg
import pytest
from psycopg.types.json import Jsonb

from dash_agent.models.answer import Answer, Engine, Status
from dash_agent.models.operations import Service
from dash_agent.models.wire import answer_json
from dash_agent.ports import Kept, Operations, Preferences
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.operations import SERVICE, SqlOperations, SqlPreferences
from tests.conftest import NOW, ZONE
from tests.e2e.databases import Database
from tests.fakes import FakeOperations, FakePreferences

TODAY = datetime.now(ZONE).date()
"""The database goes by its own clock."""
DAY = TODAY - timedelta(days=9)
NOON = datetime.combine(DAY, time(12), ZONE)
QUESTION = Answer("q", None, "How many tickets?", "en", NOW, Status.ANSWERED, "5.", None, timings_ms=(("total", 10.0),))

Given = Callable[[list[tuple[datetime, Answer]]], Operations]


@pytest.fixture
def made(fresh_database: Callable[[], Database]) -> Database:
    return fresh_database()


@pytest.fixture
def state(made: Database) -> Iterator[Connections]:
    connections = Connections(made.app)
    yield connections
    connections.close()


@pytest.fixture(params=["fake", "real"])
def having(request: pytest.FixtureRequest) -> Given:
    if request.param == "fake":
        return _fake
    state = request.getfixturevalue("state")
    return lambda given: _real(state, given)


def _fake(given: list[tuple[datetime, Answer]]) -> Operations:
    return FakeOperations(
        [Kept(answer_json(answer), "anna@example.com", at) for at, answer in given], datetime.now(ZONE)
    )


def _real(state: Connections, given: list[tuple[datetime, Answer]]) -> Operations:
    with state.transaction() as connection:
        for number, (at, answer) in enumerate(given):
            row = (f"a{number}", "anna@example.com", at, at, answer.question, Jsonb(answer_json(answer)))
            connection.execute(
                'INSERT INTO app.answers (answer_id, "user", created_at, kept_at, question, answer)'
                " VALUES (%s, %s, %s, %s, %s, %s)",
                row,
            )
    return SqlOperations(state, timezone=ZONE.key)


def test_questions_are_counted_by_day_and_by_their_end(having: Given) -> None:
    day = timedelta(days=1)
    given = [
        (NOON - 2 * day, QUESTION),
        (NOON, QUESTION),
        (NOON, replace(QUESTION, engine=Engine.LLM, timings_ms=(("total", 30.0),))),
        (NOON, replace(QUESTION, engine=Engine.LLM, status=Status.REFUSED, timings_ms=(("total", 20.0),))),
        (NOON, replace(QUESTION, cached="earlier", timings_ms=(("total", 40.0),))),
        (NOON, replace(QUESTION, question=None, timings_ms=(("total", 9_000.0),))),
        (NOON + day, replace(QUESTION, status=Status.CLARIFY, timings_ms=())),
        (NOON + day, replace(QUESTION, status=Status.ERROR, timings_ms=(("total", 100.0),))),
    ]
    found = having(given).lately(10)
    assert list(found.days) == [DAY + number * day for number in range(10)]
    assert {at: one for at, one in found.days.items() if one != Service()} == {
        DAY: Service(4, 3, 0, 1, 0, 1, 1, 25.0, 38.5, 1),
        DAY + day: Service(2, 0, 1, 0, 1, 0, 0, 100.0, 100.0, 0),
    }
    assert found.whole == Service(6, 3, 1, 1, 1, 1, 1, 30.0, pytest.approx(88.0), 1)


def test_a_day_begins_with_the_business(having: Given) -> None:
    late = datetime.combine(DAY, time(23, 30), ZONE)
    found = having([(late, QUESTION), (late + timedelta(hours=1), QUESTION)]).lately(10)
    assert [at for at, one in found.days.items() if one.questions] == [DAY, DAY + timedelta(days=1)]


def test_where_nothing_was_asked(having: Given) -> None:
    found = having([]).lately(2)
    assert (found.whole, found.days) == (Service(), {TODAY - timedelta(days=1): Service(), TODAY: Service()})
    assert found.at.astimezone(ZONE).date() == TODAY


def test_many_receipts_are_counted_without_opening_one(made: Database, state: Connections) -> None:
    """The plan reads the index alone: receipts hold kilobytes each."""
    body = Jsonb(answer_json(QUESTION))
    with state.transaction() as connection:
        connection.execute(
            """INSERT INTO app.answers (answer_id, "user", created_at, kept_at, question, answer)
               SELECT 'a' || n, 'anna@example.com', %(now)s, %(now)s - n * interval '25 s', 'q', %(body)s
               FROM generate_series(1, 20000) n""",
            {"now": NOON, "body": body},
        )
    with psycopg.connect(made.owner, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE app.answers")
    with state.transaction() as connection:
        given = {"zone": ZONE.key, "before": 13}
        plan = connection.execute(f"EXPLAIN {SERVICE}".encode(), given).fetchall()
    assert any("Index Only Scan using answers_by_time" in line for (line,) in plan), plan
    assert SqlOperations(state, timezone=ZONE.key).lately(30).whole.questions == 20_000


@pytest.fixture(params=["fake", "real"])
def preferences(request: pytest.FixtureRequest) -> Preferences:
    return FakePreferences() if request.param == "fake" else SqlPreferences(request.getfixturevalue("state"))


def test_a_language_is_a_persons_own_and_the_last_one_holds(preferences: Preferences) -> None:
    assert preferences.language("anna@example.com") is None
    preferences.set_language("anna@example.com", "ru")
    preferences.set_language("boris@example.com", "en")
    assert preferences.language("anna@example.com") == "ru"
    preferences.set_language("anna@example.com", "en")
    assert preferences.language("anna@example.com") == "en"
