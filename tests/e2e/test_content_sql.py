"""Every metric and pattern of the content folders runs, as the reader, on the schema that it is written for."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from dash_agent.context.business import RatioMetric
from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.context.patterns import Parameter, Pattern
from dash_agent.context.targets import bound
from dash_agent.models.query import MetricQuery, Period, Scalar
from dash_agent.semantic import pattern as pattern_sql
from dash_agent.semantic.compile import compile_query
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.resolve import applies
from dash_agent.semantic.time import Calendar
from dash_agent.sql.guard import GuardSchema, Moment, guard
from tests.conftest import CASES, NOW, ROOT, ZONE
from tests.e2e.databases import Database
from tests.gold import gold_rows, plain

TWITTER = ROOT / "tests" / "content" / "twitter"
REAL = ROOT.parent / "shared" / "real" / "twitter"
HOME = load_catalog(ROOT)
OTHER = load_catalog(TWITTER)
MOMENT = Moment(NOW, ZONE.key)
CALENDAR = Calendar(NOW, ZONE)
DEFINITIONS: Mapping[str, Any] = yaml.safe_load((CASES / "definitions.yaml").read_text(encoding="utf-8"))
PAGE: Mapping[str, Mapping[str, Any]] = DEFINITIONS["metrics"]
START, END = NOW - timedelta(days=29), NOW + timedelta(microseconds=1)

Row = tuple[Any, ...]


@pytest.fixture(scope="module")
def support(fresh_database: Callable[[], Database]) -> Database:
    """A few rows of every table: what the expected numbers rest on."""
    made = fresh_database()
    with psycopg.connect(made.owner) as connection:
        connection.execute(ROWS, prepare=False)
    return made


def moment(days: float = 0, hours: float = 0) -> str:
    return f"timestamptz '{(NOW - timedelta(days=days, hours=hours)).isoformat()}'"


# Tickets 1-60 of skip_month: all judged well and sent at once; 61-63 stand for what is not well.
ROWS = f"""
INSERT INTO customers (customer_id, full_name, email, country, language, created_at)
SELECT n, 'A', 'a' || n || '@example.com', CASE WHEN n = 1 THEN 'DE' ELSE 'US' END, 'en', {moment(300)}
FROM generate_series(1, 3) AS n;

INSERT INTO subscriptions (subscription_id, customer_id, plan, frequency, status, price_usd, started_at, cancelled_at,
                           shipping_address)
VALUES (1, 1, 'premium', 'monthly', 'active', 10, {moment(200)}, NULL, 'x'),
       (2, 2, 'standard', 'monthly', 'cancelled', 10, {moment(200)}, {moment(5)}, 'x'),
       (3, 3, 'standard', 'quarterly', 'paused', 10, {moment(2)}, NULL, 'x'),
       (4, 3, 'standard', 'quarterly', 'cancelled', 10, {moment(200)}, {moment(100)}, 'x');

INSERT INTO shipments (subscription_id, box_month, carrier, tracking_number, status, shipped_at, delivered_at)
VALUES (1, date '2026-11-01', 'DHL', 'a', 'delivered', {moment(10)}, {moment(8)}),
       (1, date '2026-11-01', 'DHL', 'b', 'lost', {moment(9)}, NULL),
       (2, date '2026-11-01', 'UPS', 'c', 'delivered', {moment(7)}, {moment(4)}),
       (2, date '2026-11-01', 'UPS', 'd', 'preparing', NULL, NULL);

INSERT INTO support_threads_data (ticket_id, thread_key, channel, language, customer_id, subject, request_type,
    request_subtype, urgency, status, auto_sent, assigned_to, model, prompt_tokens, completion_tokens, cost_usd, csat,
    created_at, ai_answered_at, draft_created_at, sent_at, updated_at)
SELECT n, 'k' || n, 'email', 'en', 1 + n % 2, 's', 'skip_month', 'next_month', 'low', 'Sent', true, NULL, 'gpt-5.1',
    100, 20, 0.01, 5, {moment(3)}, {moment(3)}, {moment(3)}, {moment(2, 12)}, {moment(2, 12)}
FROM generate_series(1, 60) AS n;

INSERT INTO support_threads_data (ticket_id, thread_key, channel, language, subject, request_type, urgency, status,
    is_outstanding, assigned_to, error_message, created_at, escalated_at, updated_at)
VALUES (61, 'k61', 'whatsapp', 'he', 's', 'cancel_subscription', 'high', 'Data collected', false, NULL, NULL,
        {moment(3)}, NULL, {moment(2)}),
       (62, 'k62', 'chat', 'en', 's', 'payment_issue', 'high', 'Escalated', true, 'Dana', NULL,
        {moment(4)}, {moment(3)}, {moment(3)}),
       (63, 'k63', 'chat', 'en', 's', 'payment_issue', 'low', 'Error', false, NULL, 'e',
        {moment(4)}, NULL, {moment(0, 1)});

INSERT INTO support_dialogs (ticket_id, role, author, message, latency_ms, feedback, created_at)
VALUES (1, 'customer', NULL, 'm', NULL, NULL, {moment(3)}), (1, 'ai', 'gpt-5.1', 'm', 900, -1, {moment(3)}),
       (2, 'ai', 'gpt-5.1', 'm', 700, 1, {moment(3)}), (62, 'human', 'Dana', 'm', NULL, NULL, {moment(3)});

INSERT INTO ai_human_comparison (ticket_id, request_type, ai_answer, human_answer, similarity, penalty_score, verdict,
    error_type, judge_model, created_at)
SELECT n, 'skip_month', 'a', 'h', 0.9, CASE WHEN n > 50 THEN '' ELSE '10' END,
    CASE WHEN n > 55 THEN 'human_better' ELSE 'equal' END, CASE WHEN n > 57 THEN 'wrong_tone' END, 'j', {moment(2)}
FROM generate_series(1, 60) AS n;

INSERT INTO ai_agent_tasks (ticket_id, task_type, status, requires_approval, created_at)
VALUES (1, 'skip_month', 'done', false, {moment(1)}), (2, 'skip_month', 'failed', true, {moment(1)}),
       (61, 'issue_replacement', 'pending_approval', true, {moment(1)});

INSERT INTO ai_answerer_instructions (type, staging, status, version, instruction_1, instruction_2, instruction_3,
    instruction_4, instruction_5, updated_at)
VALUES ('skip_month', 'production', 'enabled', 3, 'x', 'x', 'x', 'x', 'x', {moment(9)}),
       ('skip_month', 'staging', 'enabled', 4, 'x', 'x', 'x', 'x', 'x', {moment(1)});
"""

NARROWED = {
    "request_type": ("skip_month",),
    "channel": ("email", "chat"),
    "country": ("DE",),
    "language": ("en",),
    "task_type": ("skip_month",),
    "carrier": ("DHL",),
    "plan": ("premium", "standard"),
    "company": ("AppleSupport",),
}


def filled(catalog: Catalog, parameter: Parameter, narrowed: Mapping[str, tuple[str, ...]]) -> Scalar | tuple[str, ...]:
    kind, _, target = parameter.fills.partition(":")
    match kind:
        case "constant":
            return catalog.constants[target].value
        case "target":
            return bound(catalog.targets, target)
        case "dimension":
            return narrowed.get(target)
        case "period.start":
            return START.isoformat()
        case _:
            return END.isoformat()


def asked(
    url: str, catalog: Catalog, pattern: Pattern, narrowed: Mapping[str, tuple[str, ...]]
) -> tuple[list[str], list[Row]]:
    """Columns and rows of a pattern, run as the product runs it."""
    parameters = pattern.header.parameters
    values = {name: filled(catalog, parameter, narrowed) for name, parameter in parameters.items()}
    safe = guard(pattern_sql.bind(pattern, values).tree, GuardSchema(catalog.readable), MOMENT)
    return run(url, safe.text)


def run(url: str, text: str) -> tuple[list[str], list[Row]]:
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('TimeZone', %s, true)", (ZONE.key,))
        found = connection.execute(text, prepare=False)
        assert found.description is not None
        return [column.name for column in found.description], found.fetchall()


@pytest.mark.parametrize("name", HOME.metrics)
def test_a_metric_runs_alone_and_by_every_dimension_that_it_has(name: str, support: Database) -> None:
    model = SemanticModel(HOME)
    metric = HOME.metrics[name]
    period = None if HOME.is_state(metric) else CALENDAR.last_days(30)
    splits = [(), *((dimension,) for dimension in HOME.dimensions if applies(model, name, dimension))]
    assert len(splits) > 1
    for split in splits:
        query = MetricQuery(metrics=(name,), dimensions=split, period=period)
        safe = guard(compile_query(model, query, CALENDAR).tree, GuardSchema(HOME.readable), MOMENT)
        columns, rows = run(support.reader, safe.text)
        assert columns[: len(split) + 1] == [*split, name]
        assert len(rows) == 1 or split


@pytest.mark.parametrize("name", HOME.patterns)
def test_a_pattern_gives_the_columns_that_it_declares(name: str, support: Database) -> None:
    pattern = HOME.patterns[name]
    for narrowed in ({}, NARROWED):
        columns, _ = asked(support.reader, HOME, pattern, narrowed)
        assert columns == list(pattern.header.columns)


EXPECTED_METRICS: Mapping[str, object] = {
    "tickets": 63,
    "ai_answered": 60,
    "resolution_rate": Decimal("100.0"),
    "auto_send_rate": Decimal("100.0"),
    "escalation_rate": Decimal("1.6"),
    "errors": 1,
    "error_rate": Decimal("1.6"),
    "unidentified_rate": Decimal("4.8"),
    "response_time": Decimal("720.0"),
    "stuck": 1,
    "backlog": 2,
    "csat": Decimal("5.00"),
    "cost": Decimal("0.60"),
    "cost_per_ticket": Decimal("0.0100"),
    "tokens": 7200,
    "hours_saved": Decimal("8.0"),
    "penalty": Decimal("10.00"),
    "similarity": Decimal("0.900"),
    "ai_win_rate": Decimal("91.7"),
    "ai_errors": 3,
    "ai_error_rate": Decimal("5.0"),
    "task_success_rate": Decimal("50.0"),
    "approval_rate": Decimal("100.0"),
    "pending_approvals": 1,
    "messages_per_ticket": Decimal("1.33"),
    "negative_feedback_rate": Decimal("50.0"),
    "ai_latency": Decimal(800),
    "active_subscriptions": 1,
    "cancelled_subscriptions": 2,
    "cancellations": 1,
    "churn_rate": Decimal("50.0"),
    "deliveries_lost": 1,
    "delivery_days": Decimal("2.5"),
    "shipments": 4,
    "customers_with_tickets": 2,
    "time_to_ai_answer": Decimal("0.0"),
    "time_to_draft": Decimal("0.0"),
    "review_time": Decimal("720.0"),
    "time_to_escalation": Decimal("1440.0"),
    "csat_ratings": 60,
    "prompt_tokens": 6000,
    "completion_tokens": 1200,
    "approval_time": None,
    "thumbs_up": 1,
    "positive_feedback_rate": Decimal("50.0"),
    "average_price": Decimal("10.00"),
    "customers_total": 3,
    "new_customers": 0,
}


@pytest.mark.parametrize("name", EXPECTED_METRICS)
def test_a_metric_is_what_the_definitions_say(name: str, support: Database) -> None:
    period = None if HOME.is_state(HOME.metrics[name]) else CALENDAR.last_days(30)
    query = MetricQuery(metrics=(name,), period=period)
    compiled = compile_query(SemanticModel(HOME), query, CALENDAR)
    _, rows = run(support.reader, guard(compiled.tree, GuardSchema(HOME.readable), MOMENT).text)
    assert rows == [(EXPECTED_METRICS[name],)]


OWN_COLUMN = {
    "support_threads_data": ("channel", "channel"),
    "ai_human_comparison": ("request_type", "request_type"),
    "ai_agent_tasks": ("task_type", "task_type"),
    "support_dialogs": ("role", "role"),
    "subscriptions": ("plan", "plan"),
    "shipments": ("carrier", "carrier"),
}
"""A dimension of each table that metrics are counted from, and the column that it stands in."""

LOCAL: Mapping[str, tuple[str, str | None]] = {
    "the last 30 days": ("2026-10-22", None),
    "October": ("2026-10-01", "2026-11-01"),
    "the second quarter": ("2026-04-01", "2026-07-01"),
}
"""Local days [first, after); None for now."""

PERIODS: Mapping[str, Period] = {
    "the last 30 days": CALENDAR.last_days(30),
    "October": CALENDAR.named_month(10, 2026),
    "the second quarter": CALENDAR.named_quarter(2, 2026),
}


def page_sql(name: str, by: str, days: tuple[str, str | None]) -> str:
    """The sentence of the page as a statement, split by a column of its own table."""
    page = PAGE[name]
    statement = f"SELECT {by}, {page['sql']} FROM {page['table']}"
    if page["time"] == "now":
        return f"{statement} GROUP BY 1"
    first, after = days
    until = f"< timestamp '{after}' AT TIME ZONE '{ZONE.key}'" if after else "<= :now"
    since = f">= timestamp '{first}' AT TIME ZONE '{ZONE.key}'"
    return f"{statement} WHERE {page['time']} {since} AND {page['time']} {until} GROUP BY 1"


SENTENCES = [
    (name, label)
    for name, page in PAGE.items()
    if "sql" in page
    for label in (("now",) if page["time"] == "now" else LOCAL)
]


@pytest.mark.parametrize(("name", "label"), SENTENCES)
def test_a_metric_is_the_sentence_of_the_page(name: str, label: str, desk: Database) -> None:
    model = SemanticModel(HOME)
    dimension, column = OWN_COLUMN[PAGE[name]["table"]]
    days = LOCAL.get(label, ("", None))
    gold: dict[object, object] = dict(gold_rows(desk.owner, page_sql(name, column, days), NOW))
    query = MetricQuery(metrics=(name,), dimensions=(dimension,), period=PERIODS.get(label))
    safe = guard(compile_query(model, query, CALENDAR).tree, GuardSchema(HOME.readable), MOMENT)
    _, rows = run(desk.reader, safe.text)
    assert gold
    assert {group: plain(value) for group, value in rows} == gold


EXPECTED_ROWS: Mapping[str, list[Row]] = {
    "ready_for_auto_send": [
        ("skip_month", 60, Decimal("91.7"), Decimal("10.00"), Decimal("0.0")),
    ],
    "ticket_funnel": [
        ("tickets", 63, Decimal("100.0")),
        ("ai_answered", 60, Decimal("95.2")),
        ("resolved", 60, Decimal("95.2")),
        ("sent", 60, Decimal("95.2")),
    ],
    "stuck_by_status": [("Data collected", 1, Decimal("48.0"), Decimal("48.0"))],
    "agent_load": [("Dana", 1, 1, 1, Decimal("96.0"))],
    "lost_shipments_by_carrier": [("DHL", Decimal("50.0"), 1, 2), ("UPS", Decimal("0.0"), 0, 1)],
    "repeat_contacts": [(30, 2, Decimal(60), Decimal("100.0"))],
    "cancellation_reasons": [(None, 1, Decimal("100.0"))],
    "tasks_by_outcome": [
        ("skip_month", 2, 1, 1, 0, 0, 0, 0, Decimal("50.0")),
        ("issue_replacement", 1, 0, 0, 1, 0, 0, 0, None),
    ],
    "quality_by_model": [
        (
            *("gpt-5.1", 60, Decimal("91.7"), Decimal("0.900"), Decimal("10.00"), Decimal("5.00")),
            Decimal("0.0100"),
        )
    ],
    "error_matrix": [("skip_month", "wrong_tone", 3, Decimal("5.0"))],
    "ai_error_types": [("wrong_tone", 3, Decimal("100.0"))],
    "ai_vs_human_by_category": [
        ("skip_month", 60, 0, 55, 5, Decimal("91.7"), Decimal("0.900"), Decimal("10.00"), 3),
    ],
    "auto_send_readiness": [
        ("skip_month", 60, Decimal("91.7"), Decimal("10.00"), Decimal("0.0"), None, True),
        (
            *("cancel_subscription", 0, None, None, Decimal("0.0")),
            *("comparisons, ai_win_rate, penalty", False),
        ),
        (
            *("payment_issue", 0, None, None, Decimal("50.0")),
            *("comparisons, ai_win_rate, penalty, error_rate", False),
        ),
    ],
    "ticket_stages": [
        ("created to AI answer", 60, Decimal("0.0"), Decimal("0.0")),
        ("AI answer to draft", 60, Decimal("0.0"), Decimal("0.0")),
        ("draft to sent", 60, Decimal("720.0"), Decimal("720.0")),
        ("created to sent", 60, Decimal("720.0"), Decimal("720.0")),
        ("created to escalated", 1, Decimal("1440.0"), Decimal("1440.0")),
    ],
    # NOW is a Friday, 14:00 in the business zone.
    "arrivals_heatmap": [(1, 14, 2), (2, 14, 61)],
    "backlog_by_age": [
        ("under 4 hours", 0, 0, 0, 0),
        ("4 to 24 hours", 0, 0, 0, 0),
        ("1 to 3 days", 0, 0, 0, 0),
        ("3 to 7 days", 2, 1, 2, 1),
        ("7 days and more", 0, 0, 0, 0),
    ],
    "cost_by_model": [("gpt-5.1", 60, 6000, 1200, Decimal("0.60"), Decimal("0.0100"), Decimal("100.0"))],
    "csat_distribution": [
        (5, 60, Decimal("100.0")),
        (4, 0, Decimal("0.0")),
        (3, 0, Decimal("0.0")),
        (2, 0, Decimal("0.0")),
        (1, 0, Decimal("0.0")),
    ],
    "agent_results": [("Dana", 1, 0, 1, 1, None, None)],
    "delivery_by_carrier": [
        ("DHL", 2, 1, 0, 1, 0, Decimal("2.0"), Decimal("2.0")),
        ("UPS", 2, 1, 0, 0, 0, Decimal("3.0"), Decimal("3.0")),
    ],
    "feedback_by_model": [("gpt-5.1", 2, 1, 1, Decimal("50.0"), Decimal(800))],
    "category_scorecard": [
        (
            *("skip_month", 60, Decimal("100.0"), Decimal("100.0"), Decimal("0.0"), Decimal("0.0")),
            *(Decimal("720.0"), Decimal("5.00")),
        ),
        ("payment_issue", 2, None, None, Decimal("50.0"), Decimal("50.0"), None, None),
        ("cancel_subscription", 1, None, None, Decimal("0.0"), Decimal("0.0"), None, None),
    ],
}


@pytest.mark.parametrize("name", EXPECTED_ROWS)
def test_a_report_says_what_the_rows_say(name: str, support: Database) -> None:
    _, rows = asked(support.reader, HOME, HOME.patterns[name], {})
    assert rows == EXPECTED_ROWS[name]


def test_a_cohort_is_followed_month_by_month(support: Database) -> None:
    """Three of 2026-05 (200 days before NOW), of whom one was cancelled in August and one this month."""
    _, rows = asked(support.reader, HOME, HOME.patterns["cohort_retention"], {})
    kept = {number: (subscriptions, kept, rate) for _, number, subscriptions, kept, rate in rows}
    assert {str(month) for month, *_ in rows} == {"2026-05-01"}
    whole, less = (3, 3, Decimal("100.0")), (3, 2, Decimal("66.7"))
    assert kept == {0: whole, 1: whole, 2: whole, 3: less, 4: less, 5: less}


COHORTS = """
SELECT m.month::date, n, count(*), count(*) FILTER (WHERE last_day >= until), round(100.0 * count(*) FILTER
    (WHERE last_day >= until) / count(*), 1)
FROM (SELECT *, coalesce(cancelled_at AT TIME ZONE 'Asia/Jerusalem', 'infinity') AS last_day,
        date_trunc('month', started_at AT TIME ZONE 'Asia/Jerusalem') AS month FROM subscriptions) AS m
CROSS JOIN generate_series(0, 11) AS n
CROSS JOIN LATERAL (SELECT m.month + (n + 1) * interval '1 month' AS until) AS u
WHERE until <= timestamp '2026-11-01' AND month >= timestamp '2025-11-01'
GROUP BY 1, 2 ORDER BY 1, 2
"""


def test_cohorts_are_those_of_the_rows(desk: Database) -> None:
    _, rows = asked(desk.reader, HOME, HOME.patterns["cohort_retention"], {})
    assert [tuple(plain(cell) for cell in row) for row in rows] == gold_rows(desk.owner, COHORTS, NOW)
    assert len(rows) > 12


INSTRUCTIONS = """
SELECT type, version, updated_at, (SELECT max(s.version) FROM ai_answerer_instructions AS s WHERE s.type = p.type
    AND s.staging = 'staging' AND s.status = 'enabled' AND s.version > p.version)
FROM ai_answerer_instructions AS p WHERE staging = 'production' AND status = 'enabled' ORDER BY 1, 2 DESC
"""


def test_instructions_are_those_of_the_rows(desk: Database) -> None:
    _, rows = asked(desk.reader, HOME, HOME.patterns["instructions_in_production"], {})
    assert [tuple(plain(cell) for cell in row) for row in rows] == gold_rows(desk.owner, INSTRUCTIONS, NOW)
    assert rows


SHARES = {
    "csat_distribution": "SELECT csat, count(*), round(100.0 * count(*) / (SELECT count(csat) FROM t), 1) FROM t"
    " WHERE csat IS NOT NULL GROUP BY 1 ORDER BY 1 DESC",
    "cancellation_reasons": "SELECT request_subtype, count(*), round(100.0 * count(*) / (SELECT count(*) FROM t WHERE"
    " request_type = 'cancel_subscription'), 1) FROM t WHERE request_type = 'cancel_subscription' GROUP BY 1"
    " ORDER BY 2 DESC, 1 NULLS LAST",
    "ticket_funnel": "SELECT s, n, round(100.0 * n / (SELECT count(*) FROM t), 1) FROM (SELECT 'tickets' AS s, count(*)"
    " AS n FROM t UNION ALL SELECT 'ai_answered', count(ai_answered_at) FROM t UNION ALL SELECT 'resolved',"
    " count(draft_created_at) FROM t UNION ALL SELECT 'sent', count(sent_at) FROM t) AS f ORDER BY n DESC",
    "repeat_contacts": "SELECT n, count(*), sum(n), round(100.0 * count(*) / (SELECT count(DISTINCT customer_id)"
    " FROM t), 1) FROM (SELECT count(*) AS n FROM t WHERE customer_id IS NOT NULL GROUP BY customer_id) AS c"
    " GROUP BY 1 ORDER BY 1",
}


@pytest.mark.parametrize("name", SHARES)
def test_shares_are_those_of_the_rows(name: str, desk: Database) -> None:
    within = f"created_at >= timestamptz '{START.isoformat()}' AND created_at <= :now"
    gold = gold_rows(desk.owner, f"WITH t AS (SELECT * FROM support_threads_data WHERE {within}) {SHARES[name]}", NOW)
    _, rows = asked(desk.reader, HOME, HOME.patterns[name], {})
    assert [tuple(plain(cell) for cell in row) for row in rows] == gold


def test_urgent_tickets_that_nobody_has_are_listed(support: Database) -> None:
    _, rows = asked(support.reader, HOME, HOME.patterns["unassigned_urgent"], {})
    assert [row[0] for row in rows] == [61]


@pytest.fixture(scope="module")
def conversations(empty_database: Callable[[], Database]) -> Database:
    """Another team's schema with its real rows."""
    if not REAL.is_dir():
        pytest.skip(f"the real conversations are not at {REAL.relative_to(ROOT.parent)}")
    made = empty_database()
    with psycopg.connect(made.owner) as connection:
        connection.execute((REAL / "schema.sql").read_text(encoding="utf-8"), prepare=False)
        for table in ("support_threads_data", "support_dialogs"):
            _load(connection, table, REAL / f"{table}.csv")
        reader = sql.Identifier(conninfo_to_dict(made.reader)["user"])
        for table, columns in OTHER.readable.items():
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            grant = sql.SQL("GRANT SELECT ({}) ON {} TO {}")
            connection.execute(grant.format(names, sql.Identifier(table), reader))
    return made


def _load(connection: psycopg.Connection[Any], table: str, path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        header = ", ".join(next(csv.reader(file)))
    with connection.cursor().copy(f"COPY {table} ({header}) FROM STDIN (FORMAT csv, HEADER)") as copy:
        copy.write(path.read_bytes())


def test_the_other_schema_answers_by_its_own_content(conversations: Database) -> None:
    model = SemanticModel(OTHER)
    period = CALENDAR.named_month(3, 2020)
    with psycopg.connect(conversations.owner) as connection:
        gold = connection.execute(
            "SELECT count(*) FROM support_threads_data WHERE created_at >= '2020-03-01 00:00 Asia/Jerusalem'"
            " AND created_at < '2020-04-01 00:00 Asia/Jerusalem'"
        ).fetchall()
    for name, metric in OTHER.metrics.items():
        query = MetricQuery(metrics=(name,), dimensions=(), period=period)
        safe = guard(compile_query(model, query, CALENDAR).tree, GuardSchema(OTHER.readable), MOMENT)
        _, rows = run(conversations.reader, safe.text)
        assert rows[0][0] is not None
        if name == "tickets":
            assert rows == gold
        if isinstance(metric, RatioMetric) and metric.unit == "percent":
            assert rows == [(Decimal("100.0"),)]


@pytest.mark.parametrize("name", OTHER.patterns)
def test_first_replies_are_those_of_the_rows(name: str, conversations: Database) -> None:
    pattern = OTHER.patterns[name]
    values = {"start": "2020-03-01T00:00:00+02:00", "end": "2020-04-01T00:00:00+03:00", "companies": ("AppleSupport",)}
    safe = guard(pattern_sql.bind(pattern, values).tree, GuardSchema(OTHER.readable), MOMENT)
    columns, rows = run(conversations.reader, safe.text)
    assert columns == list(pattern.header.columns)
    with psycopg.connect(conversations.owner) as connection:
        gold = connection.execute(
            "SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY m)::numeric, 1), count(*) FROM ("
            " SELECT extract(epoch FROM (SELECT d.created_at FROM support_dialogs d WHERE d.ticket_id = t.ticket_id"
            "  AND d.role = 'agent' ORDER BY d.created_at LIMIT 1) - t.created_at) / 60 AS m"
            " FROM support_threads_data t WHERE t.request_type = 'AppleSupport'"
            " AND t.created_at >= %(start)s AND t.created_at < %(end)s) AS x WHERE m IS NOT NULL",
            values,
        ).fetchall()
    assert [row[-2:] for row in rows] == gold
