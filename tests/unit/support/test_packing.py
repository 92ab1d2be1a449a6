"""The packing day at the ends of months, across clock changes and in leap years. Israel unless it says otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from support_agent.models import Shipment, Subscription
from support_agent.tools import packing
from tests.conftest import ZONE

MONTHLY = Subscription(
    1, 1, "standard", "monthly", "active", Decimal(29), datetime(2025, 1, 5, tzinfo=UTC), None, None, "somewhere"
)


def box(month: str, status: str = "delivered") -> Shipment:
    return Shipment(1, 1, date.fromisoformat(f"{month}-01"), "DHL", month, status, None, None)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("month", "day"),
    [
        ("2026-05-01", "2026-04-20"),
        ("2027-01-01", "2026-12-20"),
        ("2024-03-31", "2024-02-20"),
        ("2026-12-31", "2026-11-20"),
    ],
)
def test_a_box_is_packed_on_the_20th_of_the_month_before(month: str, day: str) -> None:
    assert packing.packing_day(date.fromisoformat(month)) == date.fromisoformat(day)
    assert packing.last_day(date.fromisoformat(month)) == date.fromisoformat(day) - timedelta(days=1)


@pytest.mark.parametrize(
    ("month", "utc"),
    [
        # UTC+2 in winter, UTC+3 in summer. In 2026 Israel's clocks change on 27 March and on 25 October.
        ("2026-12-01", "2026-11-19T22:00:00+00:00"),
        ("2026-08-01", "2026-07-19T21:00:00+00:00"),
        ("2026-04-01", "2026-03-19T22:00:00+00:00"),
        ("2026-05-01", "2026-04-19T21:00:00+00:00"),
        ("2026-11-01", "2026-10-19T21:00:00+00:00"),
    ],
)
def test_the_20th_begins_at_midnight_of_the_business(month: str, utc: str) -> None:
    day = date.fromisoformat(month)
    assert packing.packed_from(day, ZONE) == at(utc)
    assert not packing.is_packed(day, (), at(utc) - timedelta(seconds=1), ZONE)
    assert packing.is_packed(day, (), at(utc), ZONE)


def test_a_clock_change_on_the_packing_day_itself() -> None:
    """Sao Paulo, 20 October 2013: there is no midnight, and the day begins at 1."""
    zone = ZoneInfo("America/Sao_Paulo")
    begins = packing.packed_from(date(2013, 11, 1), zone)
    assert begins.astimezone(UTC) == at("2013-10-20T03:00:00+00:00")


def test_packed_is_what_the_shipment_says_before_the_day() -> None:
    now = at("2026-11-10T09:00:00+00:00")
    december = date(2026, 12, 1)
    assert not packing.is_packed(december, (box("2026-12", "preparing"),), now, ZONE)
    assert not packing.is_packed(december, (box("2026-12", "skipped"),), now, ZONE)
    for status in ("in_transit", "delivered", "lost", "returned"):
        assert packing.is_packed(december, (box("2026-12", status),), now, ZONE)


def test_a_box_that_still_waits_after_its_day_is_for_a_person() -> None:
    now, boxes = at("2026-11-21T09:00:00+00:00"), (box("2026-12", "preparing"),)
    assert packing.is_packed(date(2026, 12, 1), boxes, now, ZONE)
    assert packing.waits_past_its_day(date(2026, 12, 1), boxes, now, ZONE)
    assert not packing.waits_past_its_day(date(2026, 12, 1), (), now, ZONE)


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", -12, "2023-02-28"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
    ],
)
def test_months_end_where_the_shorter_one_does(day: str, months: int, after: str) -> None:
    assert packing.months_after(date.fromisoformat(day), months) == date.fromisoformat(after)


@pytest.mark.parametrize(
    ("now", "coming"),
    [
        ("2026-11-19T21:59:59+00:00", "2026-12-01"),
        ("2026-11-19T22:00:00+00:00", "2027-01-01"),
        ("2026-11-30T23:59:00+00:00", "2027-01-01"),
        ("2026-12-01T00:00:00+00:00", "2027-01-01"),
        ("2026-12-19T22:00:00+00:00", "2027-02-01"),
    ],
)
def test_the_next_box_is_the_next_that_is_not_packed(now: str, coming: str) -> None:
    assert packing.next_box(MONTHLY, (box("2026-11"),), at(now), ZONE) == date.fromisoformat(coming)


@pytest.mark.parametrize(
    ("frequency", "last", "coming"),
    [
        ("monthly", "2026-11", "2026-12-01"),
        ("bimonthly", "2026-11", "2027-01-01"),
        ("quarterly", "2026-10", "2027-01-01"),
    ],
)
def test_the_rhythm_goes_on_from_the_latest_box(frequency: str, last: str, coming: str) -> None:
    kept = replace(MONTHLY, frequency=frequency)
    now = at("2026-11-10T09:00:00+00:00")
    assert packing.next_box(kept, (box(last), box("2026-08")), now, ZONE) == date.fromisoformat(coming)


def test_boxes_that_are_skipped_ahead_do_not_move_the_rhythm() -> None:
    now = at("2026-11-10T09:00:00+00:00")
    boxes = (box("2027-03", "skipped"), box("2026-12", "skipped"), box("2026-11"))
    coming = packing.coming_boxes(MONTHLY, boxes, now, ZONE)
    assert [next(coming).isoformat()[:7] for _ in range(3)] == ["2027-01", "2027-02", "2027-04"]


def test_a_pause_keeps_away_what_would_be_packed_in_it() -> None:
    now = at("2026-11-10T09:00:00+00:00")
    until = [("2026-11-19", "2026-12-01"), ("2026-11-20", "2027-01-01"), ("2026-12-19", "2027-01-01")]
    for last, coming in until:
        paused = replace(MONTHLY, status="paused", paused_until=date.fromisoformat(last))
        assert packing.next_box(paused, (box("2026-11"),), now, ZONE) == date.fromisoformat(coming)


def test_the_first_box_is_packed_with_the_next_packing_day() -> None:
    now = at("2026-11-10T09:00:00+00:00")
    for started, coming in (("2026-11-09T09:00:00+00:00", "2026-12-01"), ("2026-10-25T09:00:00+00:00", "2026-12-01")):
        new = replace(MONTHLY, started_at=at(started))
        assert packing.next_box(new, (), now, ZONE) == date.fromisoformat(coming)
    assert packing.next_box(replace(MONTHLY, status="cancelled"), (), now, ZONE) is None


def test_the_fullest_twelve_months() -> None:
    year = [date(2026, month, 1) for month in (1, 6, 12)]
    assert packing.most_in_a_year(year, date(2026, 7, 1)) == 4
    assert packing.most_in_a_year(year, date(2027, 1, 1)) == 3
    assert packing.most_in_a_year([date(2026, 2, 1)] * 2, date(2027, 1, 1)) == 3
    assert packing.most_in_a_year([date(2026, 1, 1)], date(2027, 1, 1)) == 1


def test_working_days_are_sunday_to_thursday() -> None:
    # Thursday to Sunday: one. A week has five.
    assert packing.working_days(date(2026, 11, 19), date(2026, 11, 22)) == 1
    assert packing.working_days(date(2026, 11, 15), date(2026, 11, 22)) == 5
    assert packing.working_days(date(2026, 11, 22), date(2026, 11, 22)) == 0


@pytest.mark.parametrize("year", [2024, 2026, 2027])
def test_every_calendar_month_has_one_packing_day(year: int) -> None:
    """So a pause of n months keeps away n boxes of a monthly subscription, whenever it begins."""
    day = date(year, 1, 1)
    while day.year == year:
        last = packing.months_after(day, 1) - timedelta(days=1)
        days = [packing.packing_day(packing.months_after(day.replace(day=1), ahead)) for ahead in range(4)]
        assert sum(day <= one <= last for one in days) == 1, day
        day += timedelta(days=1)
