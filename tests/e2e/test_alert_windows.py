"""Windows that alerts read are what hand-written SQL counts."""

from __future__ import annotations

from datetime import datetime, timedelta

import psycopg
import pytest

from dash_agent.ask import Dash
from dash_agent.models.principal import Principal, Role, ScopeFilter
from dash_agent.reports.alerts.after import splits_of
from dash_agent.reports.alerts.live import LiveReader
from dash_agent.reports.alerts.windows import Wanted, Window
from dash_agent.reports.view import View
from tests.conftest import NOW, ZONE
from tests.e2e.databases import Database
from tests.e2e.reporting import ADMIN

SQL = """
SELECT count(*), coalesce(sum(csat), 0), count(csat) FROM support_threads_data
WHERE request_type = 'shipping_inquiry' AND created_at >= %s AND created_at < %s
"""


@pytest.mark.parametrize("hours", [1, 9, 17, 24])
def test_windows_of_a_segment(hours: int, dash: Dash, desk: Database) -> None:
    end = NOW.astimezone(ZONE).replace(minute=0, second=0, microsecond=0)
    wanted = Wanted(Window(end, hours), "request_type", ("tickets", "csat_ratings"), (("csat", "csat_ratings"),))
    (seen,) = LiveReader(View.of(dash, ADMIN, NOW, "en")).read([wanted], NOW)
    at = seen.segments.index("shipping_inquiry")
    with psycopg.connect(desk.owner) as connection:
        for ago in (0, 1, 7, 56):
            until = datetime.combine(end.date() - timedelta(days=ago), end.time(), ZONE)
            row = connection.execute(SQL.encode(), (until - timedelta(hours=hours), until)).fetchone()
            assert row is not None
            assert [seen.values["tickets"][at, ago], seen.values["csat_ratings"][at, ago]] == [row[0], row[2]]
            # An average is read as it is shown, with two decimals.
            assert seen.values["csat"][at, ago] == pytest.approx(float(row[1]), abs=0.01 * max(row[2], 1))


CHANGES = """
SELECT type, updated_at FROM ai_answerer_instructions WHERE staging = 'production' AND updated_at BETWEEN %s AND %s
"""


def test_changes_are_those_of_a_table(dash: Dash, desk: Database) -> None:
    """Of all rows: somebody's own rows are looked at since a change that is of everybody's."""
    after = dash.catalog.alerts["new_instructions"].after
    assert after is not None
    since = NOW - timedelta(days=1000)
    who = Principal("alerts", Role.MANAGER, scope=(ScopeFilter("channel", ("email",)),))
    found = LiveReader(View.of(dash, who, NOW, "en")).changes(after, since, NOW)
    with psycopg.connect(desk.owner) as connection:
        stored = connection.execute(CHANGES.encode(), (since, NOW)).fetchall()
    assert stored
    assert sorted(found) == sorted((value, at) for value, at in stored)


def test_a_live_look_holds_what_came_since_a_change_against_the_days_before(dash: Dash, desk: Database) -> None:
    rule = dash.catalog.alerts["new_instructions"]
    assert rule.after is not None
    with psycopg.connect(desk.owner) as connection:
        row = connection.execute(LATEST.encode()).fetchone()
        assert row is not None
        value, changed = row
        now = changed + timedelta(hours=40, minutes=30)
        start = (changed + timedelta(minutes=59, seconds=59)).replace(minute=0, second=0, microsecond=0)
        seen = connection.execute(SINCE.encode(), (value, start, start + timedelta(hours=40))).fetchone()
    wide = rule.model_copy(
        update={"false_discovery": 0.5, "direction": "both", "metrics": ["resolution_rate"], "together": False}
    )
    view = View.of(dash, ADMIN, now, "en")
    (split,) = splits_of(wide, view.calendar, dash.catalog, LiveReader(view))
    at = [one[-1].values[0] for one in split.segments].index(value)
    assert seen is not None
    assert seen[0] >= 3
    assert split.measured[0].sample[0, at] == seen[0]
    assert split.measured[0].observed[0, at] == pytest.approx(100 * seen[1] / seen[0])
    assert split.changed_at[at] == changed


LATEST = """
SELECT type, updated_at FROM ai_answerer_instructions WHERE staging = 'production'
AND updated_at < (SELECT max(created_at) FROM support_threads_data) - interval '3 days'
ORDER BY updated_at DESC, type LIMIT 1
"""
SINCE = """
SELECT count(*), count(draft_created_at) FROM support_threads_data
WHERE request_type = %s AND ai_answered_at IS NOT NULL AND created_at >= %s AND created_at < %s
"""
