"""Turns and answers on the app role, and connections that outlive their server."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from psycopg import errors

from dash_agent.errors import WarehouseUnavailable, WrongSchema, WrongUse
from dash_agent.models.answer import Answer, Status
from dash_agent.models.plan import MetricPlan, PatternPlan, Plan, Refusal, RefusalReason, SqlPlan
from dash_agent.models.query import Filter, Grain, MetricQuery, Op, Period
from dash_agent.models.wire import answer_json
from dash_agent.ports import Turn
from dash_agent.warehouse.connections import Connections, connect, libpq_url, where
from dash_agent.warehouse.embedded import EmbeddedPostgres
from dash_agent.warehouse.state import SqlAnswers, SqlTurns
from tests.e2e.databases import Database

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
METRIC = MetricPlan(
    MetricQuery(
        ("tickets",),
        filters=(Filter("channel", Op.IN, ("whatsapp",)),),
        period=Period(NOW, NOW, label="now"),
        grain=Grain.WEEK,
    )
)


@pytest.fixture
def connections(database: Database) -> Iterator[Connections]:
    with closing(Connections(database.app)) as kept:
        yield kept


def answer(answer_id: str, question: str | None = "Сколько тикетов?") -> Answer:
    return Answer(answer_id, "s", question, "ru", NOW, Status.ANSWERED, "12", METRIC)


@pytest.mark.parametrize(
    "plan",
    [
        METRIC,
        PatternPlan("ready", (("n", 5), ("x", None))),
        SqlPlan("SELECT 1"),
        Refusal(RefusalReason.WRITE),
    ],
)
def test_the_last_turn_of_a_session(connections: Connections, plan: Plan) -> None:
    turns = SqlTurns(connections)
    session = f"session {plan!r}"
    assert turns.last("anna", session) is None
    turns.append("anna", session, Turn("first", SqlPlan("SELECT 0")))
    turns.append("anna", session, Turn("second", plan))
    turns.append("boris", session, Turn("other", SqlPlan("SELECT 0")))
    assert turns.last("anna", session) == Turn("second", plan)
    assert turns.last("anna", "another") is None


def test_an_answer_as_it_went_out(connections: Connections) -> None:
    answers = SqlAnswers(connections)
    given = answer("01J0")
    answers.save(given, "anna")
    assert answers.get("01J0") == answer_json(given)
    assert answers.get("01J1") is None


def test_what_postgresql_has_no_text_for(connections: Connections) -> None:
    SqlAnswers(connections).save(answer("01J2", "a\0b\ud800c😀"), "anna")
    kept = SqlAnswers(connections).get("01J2")
    assert kept is not None
    assert kept["question"] == "a\ufffdb\ufffdc😀"
    SqlTurns(connections).append("anna", "odd", Turn("\0", SqlPlan("\udfff")))
    assert SqlTurns(connections).last("anna", "odd") == Turn("\ufffd", SqlPlan("\ufffd"))


def test_connections_are_used_again_and_errors_roll_back(connections: Connections) -> None:
    with connections.transaction() as first:
        pid = first.info.backend_pid
    with pytest.raises(errors.DivisionByZero), connections.transaction() as second:  # noqa: PT012  one transaction
        second.execute("INSERT INTO app.audit (\"user\", action, subject) VALUES ('u', 'lost', 's')")
        second.execute("SELECT 1 / 0")
    with connections.transaction() as third:
        assert third.info.backend_pid == pid
        assert third.execute("SELECT FROM app.audit WHERE action = 'lost'").fetchall() == []


def test_a_server_that_went_and_came_back(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server, closing(Connections(server.url("app"))) as connections:
        with connections.transaction() as connection:
            connection.execute("SELECT 1")
        os.kill(int((data_dir / "postgres/data/postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
        with EmbeddedPostgres(data_dir), connections.transaction() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        server.stop(force=True)
        with pytest.raises(WarehouseUnavailable), connections.transaction():
            pass


def test_a_database_without_our_tables(postgres: EmbeddedPostgres) -> None:
    with closing(Connections(postgres.url("owner"))) as none, pytest.raises(WrongSchema, match="db migrate"):
        SqlAnswers(none).get("x")


def test_urls() -> None:
    assert libpq_url("postgresql+psycopg://u:p@h/d") == "postgresql://u:p@h/d"
    assert where("postgresql://u:s3cret@h:5433/d") == "database 'd' at h:5433 as 'u'"
    for bad in ("sqlite:///s3cret", "postgres//u:s3cret@h/d", "s3cret", ""):
        with pytest.raises(WrongUse, match="DATABASE_URL") as caught:
            libpq_url(bad)
        assert "s3cret" not in str(caught.value)


def test_no_password_in_a_failed_connection() -> None:
    with pytest.raises(WarehouseUnavailable) as caught:
        connect("postgresql://u:s3cret@/d?host=/nowhere")
    assert "s3cret" not in str(caught.value)
