"""A planner's bench and the answers to SQL of a model, on a real database: what holds is shown, what does not, told."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
import pytest

from dash_agent.adapters.clock import FrozenClock
from dash_agent.ask import Dash, Ports
from dash_agent.context.catalog import Catalog
from dash_agent.models.answer import Answer, ChartKind, ColumnRole, Status, Trust
from dash_agent.models.plan import MetricPlan, PatternPlan, SqlPlan
from dash_agent.models.planned import Trial
from dash_agent.models.principal import Principal, Role
from dash_agent.models.query import MetricQuery
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.introspect import PostgresIntrospection
from dash_agent.warehouse.row_security import LOOKUPS
from dash_agent.workbench import SAMPLE
from tests.conftest import NOW, ZONE
from tests.e2e.databases import Database
from tests.e2e.scopes import NARROWED, ScopedDesk, login
from tests.fakes import CountingIds, FakeAnswers, FakeTurns

ADMIN = Principal("admin", Role.ADMIN)

MESSAGES = """
    SELECT t.channel, round(avg(m.n), 2) AS messages_per_ticket
    FROM support_threads_data t JOIN (SELECT ticket_id, count(*) AS n FROM support_dialogs GROUP BY ticket_id) m
    ON m.ticket_id = t.ticket_id GROUP BY t.channel ORDER BY 2 DESC
"""
MULTIPLIED = "SELECT count(*) AS tickets FROM support_threads_data t JOIN support_dialogs d USING (ticket_id)"


def tried(dash: Dash, sql: str, principal: Principal = ADMIN) -> Trial:
    return dash.workbench(principal, NOW).dry_run(SqlPlan(sql))


def answered(dash: Dash, sql: str, language: str = "en") -> Answer:
    return dash.answer(SqlPlan(sql), ADMIN, now=NOW, language=language)


def rows(desk: Database, sql: str) -> Sequence[tuple[object, ...]]:
    with psycopg.connect(desk.owner) as connection:
        return connection.execute(sql.encode()).fetchall()


# Trying


def test_a_statement_that_holds(dash: Dash, desk: Database) -> None:
    trial = tried(dash, MESSAGES)
    assert trial.problem is None
    assert trial.columns == ("channel", "messages_per_ticket")
    assert list(trial.rows) == rows(desk, MESSAGES)


def test_a_sample_is_small(dash: Dash) -> None:
    trial = tried(dash, "SELECT ticket_id FROM support_threads_data")
    assert len(trial.rows) == SAMPLE


def test_metrics_and_patterns_can_be_tried(dash: Dash) -> None:
    bench = dash.workbench(ADMIN, NOW)
    assert bench.dry_run(MetricPlan(MetricQuery(("backlog",), ("channel",)))).columns == ("channel", "backlog")
    assert "has no value" in str(bench.dry_run(PatternPlan("agent_load")).problem)


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("DELETE FROM support_threads_data", "only"),
        ("SELECT email FROM customers", "email"),
        ("SELECT chanel FROM support_threads_data", "chanel"),
        ("SELECT 1 / 0 AS x", "division by zero"),
        ("SELECT sum(channel) AS x FROM support_threads_data", "sum"),
        (MULTIPLIED, "count(DISTINCT t.ticket_id)"),
        ("SELECT count(*) AS n FROM support_threads_data WHERE channel = 'Watsapp'", "did you mean 'whatsapp'?"),
        ("SELECT count(*) AS n FROM support_threads_data WHERE urgency = 'urgent'", "it holds 'high', 'low', 'medium'"),
        ("SELECT count(csat) * 1.0 / count(*) AS rated_share FROM support_threads_data", "multiply by 100.0"),
        ("SELECT 100.0 * count(*) / count(csat) AS rated_share FROM support_threads_data", "not between 0 and 100"),
        ("SELECT avg(EXTRACT(epoch FROM created_at - sent_at)) / 3600 AS hours FROM support_threads_data", "below 0"),
        ("not sql at all", ""),
        ("", ""),
    ],
)
def test_what_stands_against_a_statement(sql: str, says: str, dash: Dash) -> None:
    trial = tried(dash, sql)
    assert trial.problem is not None
    assert says in trial.problem
    assert len(trial.problem.splitlines()) == 1
    assert trial.rows == ()


def test_what_is_to_be_minded(dash: Dash) -> None:
    trial = tried(
        dash, "SELECT (created_at AT TIME ZONE 'UTC')::date AS day, count(*) AS n FROM support_threads_data GROUP BY 1"
    )
    assert trial.problem is None
    assert ["days are counted in 'UTC'" in warning for warning in trial.warnings] == [True]
    [warning] = tried(dash, "SELECT channel FROM support_threads_data WHERE false").warnings
    assert "gives no value at all" in warning


def test_a_narrowed_asker_tries_within_the_scope(home: Catalog, scoped_desk: ScopedDesk) -> None:
    narrowed = next(iter(NARROWED.values()))
    whole = scoped_desk.whole
    part = next(iter(scoped_desk.parts.values()))
    reader = Connections(whole.reader)
    warehouse = PostgresWarehouse(whole.reader, timezone=ZONE.key, login_of=lambda scope: login(whole, scope))
    looks = PostgresIntrospection(reader)
    ports = Ports(warehouse, looks, FakeAnswers(), FakeTurns(), FrozenClock(NOW), CountingIds())
    try:
        trial = tried(
            Dash(ports, home, timezone=ZONE.key, lookups=LOOKUPS),
            "SELECT count(*) AS n FROM support_threads_data",
            narrowed.principal,
        )
    finally:
        warehouse.close()
        reader.close()
    assert trial.problem is None
    assert list(trial.rows) == rows(part, "SELECT count(*) FROM support_threads_data")
    assert trial.rows != tuple(rows(whole, "SELECT count(*) FROM support_threads_data"))


# Answers


def test_an_answer_says_who_wrote_it(dash: Dash, desk: Database) -> None:
    answer = answered(dash, MESSAGES)
    expected = rows(desk, MESSAGES)
    assert answer.status is Status.ANSWERED
    assert answer.trust is Trust.GENERATED
    assert (
        answer.caveats[0] == "A model wrote this SQL, and no analyst has checked it: see that it says what you asked."
    )
    assert [column.role for column in answer.columns] == [ColumnRole.DIMENSION, ColumnRole.METRIC]
    assert [column.label for column in answer.columns] == ["Channel", "Messages per ticket"]
    assert list(answer.rows) == expected
    assert answer.text.startswith(f"{len(expected)} rows. First comes ")
    assert str(expected[0][1]) in answer.text
    assert answer.chart is not None
    assert answer.chart.kind is ChartKind.BAR
    assert {fact.value for fact in answer.facts} >= {row[1] for row in expected}
    assert answer.receipt is not None
    assert answer.receipt.data_as_of is not None


def test_the_same_in_russian(dash: Dash) -> None:
    answer = answered(dash, MESSAGES, "ru")
    assert answer.caveats[0].startswith("Этот SQL написала модель, аналитик его не проверял")
    assert "строк" in answer.text


def test_one_number(dash: Dash, desk: Database) -> None:
    sql = "SELECT round(100.0 * count(csat) / count(*), 1) AS rated_share FROM support_threads_data"
    answer = answered(dash, sql)
    assert answer.text == f"Rated share: {rows(desk, sql)[0][0]}%."
    assert answer.columns[0].unit == "percent"
    assert answer.chart is None


def test_a_series_is_a_line(dash: Dash) -> None:
    months = "SELECT date_trunc('month', created_at)::date AS month, count(*) AS n FROM support_threads_data"
    answer = answered(dash, f"{months} GROUP BY 1 ORDER BY 1")
    assert answer.chart is not None
    assert answer.chart.kind is ChartKind.LINE


def test_keys_are_not_measured(dash: Dash) -> None:
    answer = answered(
        dash, "SELECT ticket_id, csat FROM support_threads_data WHERE csat = 1 ORDER BY ticket_id LIMIT 3"
    )
    assert [column.role for column in answer.columns] == [ColumnRole.HELPER, ColumnRole.METRIC]


def test_no_name_of_ours_is_given_to_a_model_s_number(dash: Dash) -> None:
    answer = answered(dash, "SELECT count(*) AS csat_ratings FROM support_threads_data")
    assert answer.columns[0].label == "Csat ratings"


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        (MULTIPLIED, "counts too much"),
        ("SELECT count(*) AS n FROM support_threads_data WHERE channel = 'Watsapp'", "no row of support_threads_data"),
        ("SELECT 250.0 AS success_rate", "not between 0 and 100"),
    ],
)
def test_a_doubtful_number_is_not_shown(sql: str, says: str, dash: Dash) -> None:
    answer = answered(dash, sql)
    assert answer.status is Status.ERROR
    assert answer.error_code == "doubtful_sql"
    assert answer.rows == ()
    assert says in answer.text


def test_an_empty_result_is_told(dash: Dash) -> None:
    answer = answered(dash, "SELECT channel FROM support_threads_data WHERE created_at > now() + interval '1 year'")
    assert answer.text == "The query gave no rows."
    assert "The query gave no value: its conditions may not hold together." in answer.caveats


def test_days_of_another_clock_are_told(dash: Dash) -> None:
    answer = answered(dash, "SELECT count(*) AS n FROM support_threads_data WHERE created_at >= '2026-11-01T00:00:00Z'")
    assert any("Asia/Jerusalem" in caveat for caveat in answer.caveats)
