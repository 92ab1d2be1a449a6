"""Late loads, loads that stopped and rows that came twice, on real rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import psycopg
import pytest

from dash_agent.adapters.clock import FrozenClock
from dash_agent.adapters.ids import UlidIds
from dash_agent.ask import Dash, Ports
from dash_agent.context.catalog import Catalog
from dash_agent.context.freshness import Doubt
from dash_agent.errors import QueryTimeout
from dash_agent.models.plan import MetricPlan
from dash_agent.models.principal import Principal, Role
from dash_agent.models.query import MetricQuery, Period
from dash_agent.ports import Arrivals, Doubles
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.introspect import PostgresIntrospection
from dash_agent.warehouse.preflight import PostgresPreflight
from tests.conftest import NOW, ZONE
from tests.e2e.databases import Database
from tests.fakes import FakeAnswers, FakeTurns

ADMIN = Principal("admin", Role.ADMIN)
TICKETS = "support_threads_data"
INSERT = """
    INSERT INTO support_threads_data (thread_key, channel, language, subject, request_type, urgency, status,
                                      created_at, updated_at)
    SELECT %(key)s || n, 'email', 'en', 'Hello', 'other', 'low', 'Data collected', %(at)s, %(at)s
    FROM generate_series(1, %(count)s) n
"""


@pytest.fixture
def database(fresh_database: Callable[[], Database]) -> Database:
    return fresh_database()


def insert(database: Database, at: datetime, count: int, key: str | None = None) -> None:
    with psycopg.connect(database.owner) as connection:
        connection.execute(INSERT, {"key": key or f"{at.isoformat()}:", "at": at, "count": count})


def do(database: Database, statement: str) -> None:
    with psycopg.connect(database.owner) as connection:
        connection.execute(statement.encode())


def weeks(database: Database, hour: datetime, count: int) -> None:
    """So many tickets in the hour of each of the four weeks before."""
    for week in range(1, 5):
        insert(database, hour - timedelta(weeks=week), count)


@contextmanager
def looks(url: str, **options: float) -> Iterator[PostgresPreflight]:
    connections = Connections(url)
    try:
        yield PostgresPreflight(connections, timezone=ZONE.key, **options)
    finally:
        connections.close()


@contextmanager
def opened(database: Database, catalog: Catalog, now: datetime = NOW) -> Iterator[Dash]:
    state, reader = Connections(database.app), Connections(database.reader)
    warehouse = PostgresWarehouse(database.reader, timezone=ZONE.key)
    ports = Ports(
        warehouse,
        PostgresIntrospection(reader),
        FakeAnswers(),
        FakeTurns(),
        FrozenClock(now),
        UlidIds(),
        preflight=PostgresPreflight(state, timezone=ZONE.key),
    )
    try:
        yield Dash(ports, catalog, timezone=ZONE.key)
    finally:
        warehouse.close()
        state.close()
        reader.close()


def caveats(dash: Dash, now: datetime, days: int = 7) -> str:
    period = Period(now - timedelta(days=days), now)
    return "\n".join(dash.answer(MetricPlan(MetricQuery(("tickets",), period=period)), ADMIN, now=now).caveats)


def test_how_rows_came_in(database: Database) -> None:
    newest = NOW - timedelta(hours=9)
    insert(database, newest, 1)
    insert(database, NOW + timedelta(hours=1), 1)
    for week, count in ((1, 3), (2, 25), (4, 10)):
        insert(database, NOW - timedelta(weeks=week, hours=2), count)
    insert(database, newest - timedelta(weeks=3), 5)
    with looks(database.app) as preflight:
        found = preflight.arrivals(TICKETS, "created_at", NOW)
    # Up to ten of a week are counted; the hour of the newest row itself is before the span.
    assert found == Arrivals(newest, (3, 10, 0, 10))


def test_an_empty_table(database: Database) -> None:
    with looks(database.app) as preflight:
        assert preflight.arrivals(TICKETS, "created_at", NOW) == Arrivals(None)


def test_the_same_hours_of_a_week_are_by_the_local_clock(database: Database) -> None:
    """In Israel summer time ended on 25 October 2026: an hour of the day is another instant before it."""
    monday = datetime(2026, 10, 26, 12, tzinfo=ZONE)
    insert(database, monday - timedelta(hours=2), 1)
    insert(database, datetime(2026, 10, 19, 11, 30, tzinfo=ZONE), 4)
    with looks(database.app) as preflight:
        assert preflight.arrivals(TICKETS, "created_at", monday).usual == (4, 0, 0, 0)


def test_a_load_that_stopped(database: Database, home: Catalog) -> None:
    insert(database, NOW - timedelta(hours=9), 1)
    weeks(database, NOW - timedelta(hours=3), 12)
    with opened(database, home) as dash:
        assert [(p.doubt, p.table) for p in dash.preflight()] == [(Doubt.STOPPED, TICKETS)]
        told = caveats(dash, NOW)
        assert "“Tickets”: the newest row is from 05:00, 9 hours ago" in told
        # A period that ended before the load did is whole.
        period = Period(NOW - timedelta(days=9), NOW - timedelta(days=2))
        whole = dash.answer(MetricPlan(MetricQuery(("tickets",), period=period)), ADMIN, now=NOW)
        assert whole.caveats == ()


def test_a_load_that_has_not(database: Database, home: Catalog) -> None:
    insert(database, NOW - timedelta(minutes=20), 1)
    weeks(database, NOW - timedelta(hours=3), 12)
    with opened(database, home) as dash:
        assert dash.preflight() == ()


def test_a_quiet_night_is_no_stop(database: Database, home: Catalog) -> None:
    insert(database, NOW - timedelta(hours=9), 1)
    weeks(database, NOW - timedelta(hours=10), 50)
    with opened(database, home) as dash:
        assert dash.preflight() == ()


def test_a_newest_row_that_is_too_old(database: Database, home: Catalog) -> None:
    insert(database, NOW - timedelta(days=3), 1)
    with opened(database, home) as dash:
        (problem,) = dash.preflight([TICKETS])
        assert (problem.doubt, problem.since) == (Doubt.LATE, NOW - timedelta(days=3))
        assert "3 days ago; a load may have stopped" in caveats(dash, NOW)


def test_a_now_in_the_past_is_judged_by_itself(database: Database, home: Catalog) -> None:
    past = NOW - timedelta(days=100)
    insert(database, past - timedelta(hours=1), 1)
    with opened(database, home) as dash:
        assert caveats(dash, past) == ""
        assert "a load may have stopped" in caveats(dash, NOW)


def test_rows_that_came_twice(database: Database, home: Catalog) -> None:
    do(database, "ALTER TABLE support_threads_data DROP CONSTRAINT support_threads_data_thread_key_key")
    insert(database, NOW - timedelta(hours=2), 5, "a:")
    insert(database, NOW - timedelta(hours=1), 5, "a:")
    insert(database, NOW - timedelta(hours=1), 9, "b:")
    with looks(database.app) as preflight:
        found = preflight.doubles(TICKETS, ["thread_key"], "created_at", NOW)
        assert found == Doubles(5, NOW - timedelta(hours=2), NOW - timedelta(hours=1))
    with looks(database.reader) as preflight:
        assert preflight.doubles(TICKETS, ["thread_key"], "created_at", NOW) is None
    with opened(database, home) as dash:
        assert "rows that came twice, by the same thread_key: 5; figures may be too high" in caveats(dash, NOW)


def test_a_unique_index_answers_for_the_rows(database: Database) -> None:
    insert(database, NOW - timedelta(hours=1), 3)
    with looks(database.reader) as preflight:
        assert preflight.doubles(TICKETS, ["thread_key"], "created_at", NOW) == Doubles(0)
        # An index on more columns says nothing.
        assert preflight.doubles(TICKETS, ["channel"], "created_at", NOW) == Doubles(
            2, NOW - timedelta(hours=1), NOW - timedelta(hours=1)
        )


def test_a_look_has_its_time(database: Database) -> None:
    do(database, "CREATE VIEW slow AS SELECT pg_sleep(5) IS NULL AS key, now() AS at; GRANT SELECT ON slow TO PUBLIC")
    with looks(database.owner, timeout_s=0.2) as preflight, pytest.raises(QueryTimeout):
        preflight.doubles("slow", ["key"], "at", NOW + timedelta(days=36_500))
