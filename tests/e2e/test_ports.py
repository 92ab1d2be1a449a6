"""One suite for every port: the fake that other tests use, and the real one on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dash_agent.context.catalog import Catalog
from dash_agent.errors import QueryFailed
from dash_agent.models.answer import Answer, Receipt, Status, Watermark
from dash_agent.models.plan import MetricPlan, PatternPlan, Reading
from dash_agent.models.principal import ScopeFilter
from dash_agent.models.query import Filter, MetricQuery, Op
from dash_agent.models.sql import ResultSet
from dash_agent.models.wire import answer_json
from dash_agent.ports import Answers, Contents, Introspection, Turn, Turns, Warehouse
from dash_agent.sql.guard import GuardSchema, Moment, guard
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.introspect import PostgresIntrospection
from dash_agent.warehouse.state import SqlAnswers, SqlContents, SqlTurns
from tests.conftest import NOW, ZONE
from tests.e2e.databases import Database
from tests.fakes import FakeAnswers, FakeContents, FakeIntrospection, FakeTurns, FakeWarehouse

PLAN = MetricPlan(
    MetricQuery(("tickets",), filters=(Filter("channel", Op.IN, ("email",)),)), (Reading("e-mail", "channel"),)
)
ANSWER = Answer("a-1", "s", "Сколько тикетов?", "ru", NOW, Status.ANSWERED, "Тикеты: 5.", PLAN, rows=((5,),))

HALTS = QueryFailed("the database reported: operator does not exist: text + integer", sqlstate="42883")


@pytest.fixture
def state(desk: Database) -> Iterator[Connections]:
    connections = Connections(desk.app)
    yield connections
    connections.close()


@pytest.fixture(params=["fake", "real"])
def answers(request: pytest.FixtureRequest, state: Connections) -> Answers:
    return FakeAnswers() if request.param == "fake" else SqlAnswers(state)


@pytest.fixture(params=["fake", "real"])
def turns(request: pytest.FixtureRequest, state: Connections) -> Turns:
    return FakeTurns() if request.param == "fake" else SqlTurns(state)


@pytest.fixture(params=["fake", "real"])
def introspection(request: pytest.FixtureRequest, desk: Database) -> Iterator[Introspection]:
    channels = ("chat", "email", "facebook", "telegram", "voice", "whatsapp")
    reader = Connections(desk.reader)
    fake = FakeIntrospection({("support_threads_data", "channel"): tuple(reversed(channels))})
    yield fake if request.param == "fake" else PostgresIntrospection(reader)
    reader.close()


@pytest.fixture(params=["fake", "real"])
def warehouse(request: pytest.FixtureRequest, desk: Database) -> Iterator[Warehouse]:
    real = PostgresWarehouse(desk.reader, timezone=ZONE.key)
    yield FakeWarehouse(ResultSet((), (), False, 0.0), HALTS) if request.param == "fake" else real
    real.close()


def test_explaining_tells_what_running_would(warehouse: Warehouse, home: Catalog) -> None:
    """The guard does not look at types, and the database does."""
    query = guard(
        "SELECT channel + 1 AS x FROM support_threads_data", GuardSchema(home.readable), Moment(NOW, ZONE.key)
    )
    with pytest.raises(QueryFailed, match="operator does not exist: text"):
        warehouse.explain(query)
    with pytest.raises(QueryFailed, match="operator does not exist: text"):
        warehouse.execute(query)


def test_explaining_runs_nothing(desk: Database, home: Catalog) -> None:
    """A division by zero is seen only where a row is read."""
    warehouse = PostgresWarehouse(desk.reader, timezone=ZONE.key)
    sql = "SELECT 1 / (ticket_id - ticket_id) AS x FROM support_threads_data"
    query = guard(sql, GuardSchema(home.readable), Moment(NOW, ZONE.key))
    warehouse.explain(query)
    with pytest.raises(QueryFailed, match="division by zero"):
        warehouse.execute(query)
    warehouse.close()


def test_an_answer_comes_back_as_it_went_out(answers: Answers, request: pytest.FixtureRequest) -> None:
    kept = replace(ANSWER, answer_id=f"kept-{request.node.name}")
    answers.save(kept, "anna@example.com")
    assert answers.get(kept.answer_id) == answer_json(kept)
    assert answers.get("no such answer") is None


def test_what_is_kept_beside_an_answer(answers: Answers, request: pytest.FixtureRequest) -> None:
    marks = (Watermark("support_threads_data", 8_000, NOW, 12), Watermark("notes", None, None, None))
    scope = (ScopeFilter("channel", ("chat", "email")), ScopeFilter("country", ("US",)))
    receipt = Receipt("abc", NOW, "def", "dash-agent 1", scope, "SELECT 1", marks)
    given = replace(ANSWER, answer_id=f"receipt-{request.node.name}", receipt=receipt)
    answers.save(given, "anna@example.com")
    kept = answers.kept(given.answer_id)
    assert kept is not None
    assert (kept.answer, kept.user, kept.engine) == (answer_json(given), "anna@example.com", "dash-agent 1")
    assert (kept.scope, kept.statement, kept.watermarks) == (scope, "SELECT 1", marks)
    assert kept.at.tzinfo is not None
    assert answers.kept("no such answer") is None


@pytest.fixture(params=["fake", "real"])
def contents(request: pytest.FixtureRequest, state: Connections) -> Contents:
    return FakeContents() if request.param == "fake" else SqlContents(state)


def test_a_version_of_the_content_stays_as_it_was_kept(contents: Contents, request: pytest.FixtureRequest) -> None:
    version, files = request.node.name, {"business/rules.json": "{}\r\n", "tables/a.json": "«ж»"}
    assert contents.files(version) is None
    contents.keep(version, files)
    contents.keep(version, {"business/rules.json": "[]"})
    assert contents.files(version) == files


def test_the_last_turn_is_the_users_and_the_sessions(turns: Turns, request: pytest.FixtureRequest) -> None:
    session = request.node.name
    first, second = Turn("Сколько тикетов?", PLAN), Turn("Stuck ones?", PatternPlan("stuck_tickets"))
    assert turns.last("anna@example.com", session) is None
    turns.append("anna@example.com", session, first)
    turns.append("anna@example.com", session, second)
    assert turns.last("anna@example.com", session) == second
    assert turns.last("boris@example.com", session) is None
    assert turns.last("anna@example.com", "another session") is None


def test_distinct_values_are_sorted_and_few(introspection: Introspection) -> None:
    found = introspection.distinct_values("support_threads_data", "channel", 6)
    assert found is not None
    assert list(found) == ["chat", "email", "facebook", "telegram", "voice", "whatsapp"]
    assert introspection.distinct_values("support_threads_data", "channel", 5) is None
