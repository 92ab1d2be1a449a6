"""Rules with a fixed bound against what hand-written SQL counts, and rules that are withheld."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from dash_agent.adapters.clock import FrozenClock
from dash_agent.adapters.ids import UlidIds
from dash_agent.ask import Dash, Ports
from dash_agent.context.alerts import Alert
from dash_agent.context.catalog import Catalog
from dash_agent.models.alert import Finding
from dash_agent.reports.alerts.bounds import beyond
from dash_agent.reports.alerts.look import look
from dash_agent.reports.view import View
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.introspect import PostgresIntrospection
from dash_agent.warehouse.preflight import PostgresPreflight
from dash_agent.warehouse.state import SqlAnswers, SqlTurns
from tests.conftest import NOW, ZONE
from tests.e2e.databases import Database
from tests.e2e.reporting import ADMIN, viewed

DAY = timedelta(days=1)
WINDOW = (NOW - DAY, NOW)
CHANNELS = "SELECT channel, count(*) FROM support_threads_data WHERE created_at >= %s AND created_at < %s GROUP BY 1"
DRAFTED = """
SELECT channel, count(draft_created_at), count(*) FROM support_threads_data
WHERE ai_answered_at IS NOT NULL AND created_at >= %s AND created_at < %s GROUP BY 1
"""
STUCK = """
SELECT count(*), min(updated_at) FROM support_threads_data
WHERE status IN ('Data collected', 'AI Answered', 'Draft Created') AND updated_at < %s
"""
TICKET = """
INSERT INTO support_threads_data
  (ticket_id, thread_key, channel, language, subject, request_type, urgency, status, created_at, sent_at, updated_at)
VALUES (%s, gen_random_uuid()::text, 'chat', 'en', 's', 'payment_issue', 'medium', %s, %s, %s, %s)
"""
ERRORS = """
SELECT count(*) FROM support_threads_data WHERE status = 'Error' AND updated_at >= %s AND updated_at < %s
"""


@pytest.fixture(scope="module")
def view(dash: Dash) -> View:
    return View.of(dash, ADMIN, NOW, "en")


def rule(kind: str, **changes: Any) -> Alert:
    return Alert.model_validate({"name": "mine", "title": {"en": "Mine"}, "kind": kind, "look": "0 * * * *", **changes})


def rows(desk: Database, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(desk.owner) as connection:
        return connection.execute(sql.encode(), values).fetchall()


def by_segment(found: tuple[Finding, ...]) -> dict[str, float]:
    return {",".join(value for rows in one.segment for value in rows.values): one.observed for one in found}


def test_a_count_above_its_bound(view: View, desk: Database) -> None:
    counted = dict(rows(desk, CHANNELS, *WINDOW))
    middle = sorted(counted.values())[len(counted) // 2]
    found = beyond(view, rule("threshold", metrics=["tickets"], by=["channel"], above=middle))
    over = {channel: count for channel, count in counted.items() if count > middle}
    assert 0 < len(over) < len(counted)
    assert by_segment(found) == {"": sum(counted.values()), **over}
    assert {(one.start, one.end, one.expected) for one in found} == {(*WINDOW, None)}
    assert not beyond(view, rule("threshold", metrics=["tickets"], by=["channel"], above=sum(counted.values())))


def test_a_rate_below_its_bound_needs_its_sample(view: View, desk: Database) -> None:
    drafted = {channel: (100 * count / answered, answered) for channel, count, answered in rows(desk, DRAFTED, *WINDOW)}
    least = max(answered for _, answered in drafted.values())
    judged = rule("threshold", metrics=["resolution_rate"], by=["channel"], below=101, min_sample=least)
    found = {name: value for name, value in by_segment(beyond(view, judged)).items() if name}
    expected = {channel: rate for channel, (rate, answered) in drafted.items() if answered >= least}
    assert 0 < len(expected) < len(drafted)
    assert found == pytest.approx({channel: float(rate) for channel, rate in expected.items()}, abs=0.05)
    assert not beyond(view, judged.model_copy(update={"below": 1.0}))


def test_stuck_tickets(view: View, desk: Database) -> None:
    ((count, oldest),) = rows(desk, STUCK, NOW - timedelta(hours=24))
    (found,) = beyond(view, rule("stuck", above=count - 1))
    assert (found.observed, found.since) == (count, oldest + timedelta(hours=24))
    assert not beyond(view, rule("stuck", above=count))


def test_errors_of_the_last_hour(view: View, desk: Database) -> None:
    last = rows(desk, "SELECT max(updated_at) FROM support_threads_data WHERE status = 'Error'")[0][0]
    later = View.of(view.dash, ADMIN, last + timedelta(minutes=30), "en")
    ((count,),) = rows(desk, ERRORS, later.now - timedelta(hours=1), later.now)
    (found,) = beyond(later, rule("pipeline_errors", window="hour", above=count - 1))
    assert found.observed == count > 0
    assert not beyond(later, rule("pipeline_errors", window="hour", above=count))


def test_response_targets(fresh_database: Callable[[], Database], home: Catalog) -> None:
    """Everything of the last weeks was answered an hour late, so whatever waits now is likely to be."""
    desk = fresh_database()
    past = [(NOW - timedelta(days=5, minutes=one), NOW - timedelta(days=5, minutes=one - 60)) for one in range(40)]
    waiting = [(NOW - timedelta(minutes=one), None) for one in (2, 4, 6)]
    with psycopg.connect(desk.owner) as connection:
        for number, (created, sent) in enumerate([*past, *waiting], 1):
            status, updated = ("Sent", sent) if sent else ("Data collected", created)
            connection.execute(TICKET.encode(), (number, status, created, sent, updated))
    with viewed(desk, home) as view:
        (found,) = beyond(view, rule("response_targets", above=2))
        assert (found.observed, found.sample, found.since) == (3, 3, NOW - timedelta(minutes=6))
        assert not beyond(view, rule("response_targets", above=3))


@pytest.fixture
def watched(desk: Database, home: Catalog) -> Iterator[Dash]:
    """With looks at whether the data is fresh."""
    state, reader = Connections(desk.app), Connections(desk.reader)
    warehouse = PostgresWarehouse(desk.reader, timezone=ZONE.key)
    ports = Ports(
        warehouse,
        PostgresIntrospection(reader),
        SqlAnswers(state),
        SqlTurns(state),
        FrozenClock(NOW),
        UlidIds(),
        preflight=PostgresPreflight(state, timezone=ZONE.key),
    )
    yield Dash(ports, home, timezone=ZONE.key)
    warehouse.close()
    state.close()
    reader.close()


def test_late_data_withholds_a_rule_and_nothing_is_told(watched: Dash, home: Catalog) -> None:
    rules = [home.alerts["ticket_volume"], rule("threshold", metrics=["tickets"], above=0)]
    late = look(View.of(watched, ADMIN, NOW + 3 * DAY, "en"), rules)
    assert {(one.rule, one.problems[0].table) for one in late.withheld} == {
        ("ticket_volume", "support_threads_data"),
        ("mine", "support_threads_data"),
    }
    assert (late.causes, late.checked) == ((), 0)


def test_fresh_data_is_looked_at(watched: Dash) -> None:
    found = look(View.of(watched, ADMIN, NOW, "en"), [rule("threshold", metrics=["tickets"], above=0)])
    assert not found.withheld
    (cause,) = found.causes
    assert cause.chief.answers


def test_a_metric_that_is_gone_withholds_its_rule_alone(view: View) -> None:
    gone = rule("threshold", metrics=["tickets"], above=0).model_copy(update={"metrics": ["tickts"], "name": "gone"})
    found = look(view, [gone, rule("threshold", metrics=["tickets"], above=0)])
    assert [(one.rule, str(one.why)) for one in found.withheld] == [("gone", "there is no metric 'tickts'")]
    assert [cause.chief.rule for cause in found.causes] == ["mine"]
