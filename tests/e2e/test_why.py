"""What moved a number, against hand-written SQL and against what the demo desk says went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import psycopg
import pytest

from dash_agent.adapters.clock import FrozenClock
from dash_agent.adapters.ids import UlidIds
from dash_agent.ask import Dash, Ports
from dash_agent.context.catalog import Catalog
from dash_agent.models.answer import Answer, Fact
from dash_agent.models.plan import MetricPlan
from dash_agent.models.principal import Principal, Role
from dash_agent.models.query import Grain, MetricQuery
from dash_agent.semantic.time import Calendar, shift
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.demo import BadInstruction, CarrierOutage, DemoOptions, seed
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.introspect import PostgresIntrospection
from dash_agent.warehouse.roles import apply_grants
from dash_agent.warehouse.state import SqlAnswers, SqlTurns
from tests.conftest import NOW, ZONE
from tests.e2e.conftest import Database

MANAGER = Principal("manager@example.com", Role.MANAGER)
CALENDAR = Calendar(NOW, ZONE)
OCTOBER = CALENDAR.previous(Grain.MONTH)
SEPTEMBER = CALENDAR.previous(Grain.MONTH, back=2)


def of_kind(answer: Answer, kind: str) -> list[Fact]:
    return [fact for fact in answer.facts if fact.kind == kind]


def rows(url: str, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        connection.execute(f"SET TIME ZONE '{ZONE.key}'")
        return connection.execute(sql).fetchall()  # type: ignore[arg-type]


def why(metric: str, dash: Dash, *dimensions: str) -> Answer:
    query = MetricQuery((metric,), dimensions=dimensions, period=OCTOBER, compare=SEPTEMBER)
    return dash.answer(MetricPlan(query, why=True), MANAGER, now=NOW)


def test_a_single_value_is_told_with_the_span_before(dash: Dash, desk: Database) -> None:
    (found,) = rows(
        desk.owner,
        """SELECT count(*) FILTER (WHERE created_at >= '2026-11-09'), count(*) FILTER (WHERE created_at < '2026-11-09')
           FROM support_threads_data WHERE created_at >= '2026-11-02' AND created_at < '2026-11-16'""",
    )
    week = CALENDAR.previous(Grain.WEEK)
    answer = dash.answer(MetricPlan(MetricQuery(("tickets",), period=week)), MANAGER, now=NOW)
    change = of_kind(answer, "change")[0]
    assert answer.rows == ((found[0],),)
    assert (change.value, change.previous) == (int(str(found[0])) - int(str(found[1])), found[1])
    assert f"({found[1]}" in answer.text


def test_an_unfinished_month_is_held_against_the_same_span(dash: Dash, desk: Database) -> None:
    ((earlier,),) = rows(
        desk.owner,
        """SELECT count(*) FROM support_threads_data
           WHERE created_at >= '2026-10-01' AND created_at < '2026-10-20 14:00'""",
    )
    answer = dash.ask("tickets this month", MANAGER, now=NOW)
    assert of_kind(answer, "change")[0].previous == earlier
    assert "so far" in answer.text
    assert "the same span before" in answer.text


def test_nothing_is_compared_with_days_before_the_data_begins(dash: Dash, desk: Database) -> None:
    ((oldest,),) = rows(desk.owner, "SELECT min(created_at) FROM support_threads_data")
    assert isinstance(oldest, datetime)
    first = shift(oldest.astimezone(ZONE).date().replace(day=1), Grain.MONTH, 1)
    month = CALENDAR.days(first, shift(first, Grain.MONTH, 1))
    after = CALENDAR.days(month.end.date(), shift(month.end.date(), Grain.MONTH, 1))
    for period, compared in ((month, False), (after, True)):
        answer = dash.answer(MetricPlan(MetricQuery(("tickets",), period=period)), MANAGER, now=NOW)
        assert bool(of_kind(answer, "change")) is compared, answer.text


def test_groups_of_a_count_account_for_what_they_differ_by(dash: Dash, desk: Database) -> None:
    answer = why("tickets", dash, "channel")
    differences = dict(
        rows(
            desk.owner,
            """SELECT channel, count(*) FILTER (WHERE created_at >= '2026-10-01')
                             - count(*) FILTER (WHERE created_at < '2026-10-01')
               FROM support_threads_data WHERE created_at >= '2026-09-01' AND created_at < '2026-11-01' GROUP BY 1""",
        )  # type: ignore[arg-type]
    )
    told = {fact.segment: fact.value for fact in of_kind(answer, "contribution")}
    labels = {dash.wording("en").value("channel", name): change for name, change in differences.items()}
    assert told
    assert told == {name: labels[str(name)] for name in told}


@pytest.mark.parametrize(("metric", "scale"), [("escalation_rate", 100), ("csat", 1)])
def test_effects_of_a_rate_by_hand(metric: str, scale: int, dash: Dash, desk: Database) -> None:
    """Each group's effect from its four numbers, by the formula of the ADR."""
    above, below = {
        "escalation_rate": ("count(*) FILTER (WHERE escalated_at IS NOT NULL AND {0})", "count(*) FILTER (WHERE {0})"),
        "csat": ("coalesce(sum(csat) FILTER (WHERE {0}), 0)", "count(csat) FILTER (WHERE {0})"),
    }[metric]
    time = "created_at"
    now, before = f"{time} >= '2026-10-01'", f"{time} < '2026-10-01'"
    numbers = ", ".join(part.format(when) for when in (now, before) for part in (above, below))
    found = rows(
        desk.owner,
        f"""SELECT urgency, {numbers} FROM support_threads_data
            WHERE {time} >= '2026-09-01' AND {time} < '2026-11-01' GROUP BY 1""",
    )
    groups = {row[0]: [Fraction(str(cell)) for cell in row[1:]] for row in found}
    whole = [sum(group[at] for group in groups.values()) for at in range(4)]
    rates = whole[0] / whole[1], whole[2] / whole[3]
    effects = {
        name: (a / whole[1] - c / whole[3]) - (b / whole[1] - d / whole[3]) * (rates[0] + rates[1]) / 2
        for name, (a, b, c, d) in groups.items()
    }
    assert sum(effects.values()) == rates[0] - rates[1]
    wording = dash.wording("en")
    named = {wording.value("urgency", name): effect * scale for name, effect in effects.items()}
    answer = why(metric, dash, "urgency")
    step = Decimal(1).scaleb(-wording.catalog.metrics[metric].decimals)
    assert of_kind(answer, "contribution") or "No group stands out" in answer.text
    for fact in of_kind(answer, "contribution"):
        assert abs(Fraction(str(fact.value)) - named[str(fact.segment)]) <= Fraction(step) / 2
    parts = [Fraction(str(fact.value)) for fact in of_kind(answer, "mix")]
    if parts:
        assert abs(sum(parts) - (rates[0] - rates[1]) * scale) <= Fraction(step)


def test_no_cause_is_claimed(dash: Dash) -> None:
    for metric in ("tickets", "escalation_rate", "csat", "response_time", "cost"):
        assert "because" not in why(metric, dash).text.lower()


# What went wrong at the desk


@pytest.fixture(scope="module")
def troubled(
    fresh_database: Callable[[], Database], home: Catalog, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dash]:
    """A desk with an outage in March and a bad instruction in July."""
    made = fresh_database()
    july, march = (datetime(2026, month, 8, tzinfo=ZONE) for month in (7, 3))
    incidents = (
        BadInstruction(july, july + timedelta(days=16), penalty_added=60.0, instruction_version=2),
        CarrierOutage(march, march + timedelta(days=14), carrier="DHL", factor=2.8),
    )
    file = tmp_path_factory.mktemp("troubled") / "incidents.json"
    seed(made.owner, DemoOptions(now=NOW, incidents_file=file, tickets=30_000, incidents=incidents), lambda _: None)
    apply_grants(made.owner, home.readable)
    state, reader = Connections(made.app), Connections(made.reader)
    warehouse = PostgresWarehouse(made.reader, timezone=ZONE.key)
    looks = PostgresIntrospection(reader)
    ports = Ports(warehouse, looks, SqlAnswers(state), SqlTurns(state), FrozenClock(NOW), UlidIds())
    yield Dash(ports, home, timezone=ZONE.key)
    for opened in (warehouse, state, reader):
        opened.close()


@pytest.mark.parametrize(
    ("question", "segment"),
    [
        ("Why did the number of tickets grow in March?", "Shipping"),
        ("Почему выросло число тикетов в марте?", "Доставка"),
        ("Why did the penalty rise in July?", "Payment issue"),
        ("Почему вырос штраф в июле?", "Проблема с оплатой"),
    ],
)
def test_why_names_the_segment_of_the_incident_first(question: str, segment: str, troubled: Dash) -> None:
    answer = troubled.ask(question, MANAGER, now=NOW)
    assert of_kind(answer, "contribution")[0].segment == segment, answer.text
    assert segment in answer.text.split(". ")[2], answer.text
