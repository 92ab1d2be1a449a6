"""Time tables: what cron says in words that people choose, and the times that come, over daylight saving."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dash_agent.sending.timetable import Kind, Often, TimeTable, is_valid, next_at, often, read

ZONE = ZoneInfo("Asia/Jerusalem")
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")


@pytest.mark.parametrize(
    ("cron", "told"),
    [
        ("0 8 * * *", TimeTable(Kind.DAILY, 8, 0)),
        ("30 9 * * mon-fri", TimeTable(Kind.WEEKLY, 9, 30, WORKDAYS)),
        ("30 9 * * 1-5", TimeTable(Kind.WEEKLY, 9, 30, WORKDAYS)),
        ("5 18 * * SUN,wed", TimeTable(Kind.WEEKLY, 18, 5, ("wed", "sun"))),
        ("0 8 * * 0", TimeTable(Kind.WEEKLY, 8, 0, ("sun",))),
        ("0 8 * * 7", TimeTable(Kind.WEEKLY, 8, 0, ("sun",))),
        ("0 8 * * 0-2", TimeTable(Kind.WEEKLY, 8, 0, ("mon", "tue", "sun"))),
        ("0 9 1 * *", TimeTable(Kind.MONTHLY, 9, 0, day=1)),
        ("0 9 2 1,4,7,10 *", TimeTable(Kind.QUARTERLY, 9, 0, day=2)),
        ("0 9 2 */3 *", TimeTable(Kind.QUARTERLY, 9, 0, day=2)),
        *((cron, TimeTable(Kind.OWN, own=cron)) for cron in ("*/5 * * * *", "0 8 1 * mon", "0 8 * 3 *", "x", "")),
    ],
)
def test_read(cron: str, told: TimeTable) -> None:
    assert read(cron) == told
    assert read(told.cron) == told


@pytest.mark.parametrize(
    ("cron", "told"),
    [
        ("*/30 * * * *", Often(minutes=30)),
        ("5 * * * *", Often(at=5, every=1)),
        ("20 */2 * * *", Often(at=20, every=2)),
        ("10 18,6,12 * * *", Often(at=10, hours=(6, 12, 18))),
        ("10 6 * * mon", None),
        ("10-20 6 * * *", None),
        ("", None),
    ],
)
def test_often(cron: str, told: Often | None) -> None:
    assert often(cron) == told


@pytest.mark.parametrize("cron", ["", "0 8 * *", "61 8 * * *", "0 8 31 2 *", "@daily", "every day", "0 8 * * * *"])
def test_what_is_no_time_table(cron: str) -> None:
    assert not is_valid(cron)
    assert next_at(cron, datetime(2026, 11, 20, 12, tzinfo=ZONE), ZONE) is None


@pytest.mark.parametrize(
    ("cron", "now", "following"),
    [
        ("0 8 * * *", "2026-11-20T14:00+02:00", "2026-11-21T08:00+02:00"),
        ("0 8 * * *", "2026-11-20T08:00+02:00", "2026-11-21T08:00+02:00"),
        # Clocks go forward on 26 March 2027 at two, and back on 25 October 2026 at two: eight is eight.
        ("0 8 * * *", "2027-03-25T12:00+02:00", "2027-03-26T08:00+03:00"),
        ("0 8 * * *", "2026-10-24T12:00+03:00", "2026-10-25T08:00+02:00"),
        # A time that clocks show twice is due once.
        ("30 1 * * *", "2026-10-25T01:29+03:00", "2026-10-25T01:30+03:00"),
        ("30 1 * * *", "2026-10-25T01:31+03:00", "2026-10-26T01:30+02:00"),
        ("0 9 1 * *", "2026-11-20T14:00+02:00", "2026-12-01T09:00+02:00"),
    ],
)
def test_next(cron: str, now: str, following: str) -> None:
    found = next_at(cron, datetime.fromisoformat(now), ZONE)
    # A time that clocks show twice equals none of another zone.
    assert found is not None
    assert found.astimezone(UTC) == datetime.fromisoformat(following)
