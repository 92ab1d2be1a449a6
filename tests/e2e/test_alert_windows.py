"""Windows that alerts read are what hand-written SQL counts."""

from __future__ import annotations

from datetime import datetime, timedelta

import psycopg
import pytest

from dash_agent.ask import Dash
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


@pytest.mark.parametrize("hours", [1, 24])
def test_windows_of_a_segment(hours: int, dash: Dash, desk: Database) -> None:
    end = NOW.astimezone(ZONE).replace(minute=0, second=0, microsecond=0)
    wanted = Wanted(Window(end, hours), "request_type", ("tickets", "csat_ratings"), (("csat", "csat_ratings"),))
    (seen,) = LiveReader(View.of(dash, ADMIN, NOW, "en")).read([wanted])
    at = seen.segments.index("shipping_inquiry")
    with psycopg.connect(desk.owner) as connection:
        for ago in (0, 1, 7, 56):
            until = datetime.combine(end.date() - timedelta(days=ago), end.time(), ZONE)
            row = connection.execute(SQL.encode(), (until - timedelta(hours=hours), until)).fetchone()
            assert row is not None
            assert [seen.values["tickets"][at, ago], seen.values["csat_ratings"][at, ago]] == [row[0], row[2]]
            # An average is read as it is shown, with two decimals.
            assert seen.values["csat"][at, ago] == pytest.approx(float(row[1]), abs=0.01 * max(row[2], 1))
