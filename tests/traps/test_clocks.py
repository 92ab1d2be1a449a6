"""Days of 23 and 25 hours, and other clocks than UTC's.

In Jerusalem 2026-03-27 has no 02:00 to 03:00, and 2026-10-25 has 01:00 to 02:00 twice.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dash_agent.models.query import Grain, MetricQuery, Period
from tests.conftest import ZONE
from tests.traps.rows import Asker, Rows, at, period, utc, wall

NEW_YORK, KOLKATA = ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")
SPRING, AUTUMN = period("2026-03-27", "2026-03-28"), period("2026-10-25", "2026-10-26")


def test_the_days_are_as_long_as_this_suite_takes_them() -> None:
    def hours(day: str, after: str) -> float:
        return (utc_of(after) - utc_of(day)) / timedelta(hours=1)

    def utc_of(day: str) -> datetime:
        return at(day).astimezone(ZoneInfo("UTC"))

    assert hours("2026-03-27", "2026-03-28") == 23
    assert hours("2026-10-25", "2026-10-26") == 25
    assert utc("2026-03-27 00:00").astimezone(ZONE).hour == 3
    assert [utc(f"2026-10-24 {hour}:30").astimezone(ZONE).hour for hour in (22, 23)] == [1, 1]


def test_a_day_of_23_hours_ends_at_its_own_midnight(rows: Rows, ask: Asker) -> None:
    """Twenty-four hours from midnight take in the first hour of the next day."""
    rows.ticket(at("2026-03-27 00:00"))
    rows.ticket(at("2026-03-27 23:59"))
    rows.ticket(at("2026-03-28 00:00"))
    query = MetricQuery(("tickets",), period=period("2026-03-26", "2026-03-29"), grain=Grain.DAY)
    assert ask(query) == [(date(2026, 3, 26), 0), (date(2026, 3, 27), 2), (date(2026, 3, 28), 1)]
    assert ask(MetricQuery(("tickets",), period=SPRING)) == [(2,)]


def test_a_day_of_25_hours_has_all_of_them(rows: Rows, ask: Asker) -> None:
    """Twenty-four hours from midnight leave out the last: 21:30 UTC is 23:30 of the same local day."""
    rows.ticket(utc("2026-10-24 21:00"))
    rows.ticket(utc("2026-10-25 21:30"))
    rows.ticket(utc("2026-10-25 22:00"))
    query = MetricQuery(("tickets",), period=period("2026-10-25", "2026-10-27"), grain=Grain.DAY)
    assert ask(query) == [(date(2026, 10, 25), 2), (date(2026, 10, 26), 1)]
    assert ask(MetricQuery(("tickets",), period=AUTUMN)) == [(2,)]


def test_an_hour_that_does_not_exist_is_no_bucket(rows: Rows, ask: Asker) -> None:
    rows.ticket(utc("2026-03-26 23:59"))  # 01:59
    rows.ticket(utc("2026-03-27 00:00"))  # 03:00
    found = ask(MetricQuery(("tickets",), period=SPRING, grain=Grain.HOUR))
    assert [hour.hour for hour, _ in found] == [0, 1, *range(3, 24)]
    assert [(hour.hour, tickets) for hour, tickets in found if tickets] == [(1, 1), (3, 1)]
    assert all(hour.tzinfo is None and hour.date() == date(2026, 3, 27) for hour, _ in found)


def test_an_hour_that_comes_twice_is_one_bucket(rows: Rows, ask: Asker) -> None:
    """01:30 in summer time and 01:30 in winter time: one hour on the wall, and no row lost or shown twice."""
    rows.ticket(utc("2026-10-24 22:30"))
    rows.ticket(utc("2026-10-24 23:30"))
    rows.ticket(utc("2026-10-25 00:30"))  # 02:30
    found = ask(MetricQuery(("tickets",), period=AUTUMN, grain=Grain.HOUR))
    assert [hour.hour for hour, _ in found] == list(range(24))
    assert [(hour.hour, tickets) for hour, tickets in found if tickets] == [(1, 2), (2, 1)]
    assert dict(ask(MetricQuery(("tickets",), period=AUTUMN, grain=Grain.HOUR_OF_DAY)))[1] == 2


def test_a_period_may_begin_within_the_hour_that_comes_twice(rows: Rows, ask: Asker) -> None:
    """From the second 01:00, which is 23:00 UTC: the first 01:30 is before it."""
    rows.ticket(utc("2026-10-24 22:30"))
    rows.ticket(utc("2026-10-24 23:30"))
    second = Period(utc("2026-10-24 23:00"), at("2026-10-25 03:00"))
    within = MetricQuery(("tickets",), period=second, grain=Grain.HOUR)
    assert ask(within) == [(wall("2026-10-25 01:00"), 1), (wall("2026-10-25 02:00"), 0)]


def test_hours_of_the_day_go_by_the_clock_on_the_wall(rows: Rows, ask: Asker) -> None:
    """09:00 is 07:00 UTC in winter and 06:00 UTC in summer: a fixed offset would split them."""
    rows.ticket(utc("2026-01-15 07:00"))
    rows.ticket(utc("2026-07-15 06:00"))
    query = MetricQuery(("tickets",), period=period("2026-01-01", "2026-08-01"), grain=Grain.HOUR_OF_DAY)
    found = ask(query)
    assert [hour for hour, _ in found] == list(range(24))
    assert [hour for hour, tickets in found if tickets] == [9]
    assert dict(found)[9] == 2


def test_weekdays_are_the_local_ones_from_monday(rows: Rows, ask: Asker) -> None:
    """22:30 UTC on Sunday is Monday in Jerusalem."""
    rows.ticket(utc("2026-11-08 22:30"))
    rows.ticket(utc("2026-11-15 21:59"))
    query = MetricQuery(("tickets",), period=period("2026-11-09", "2026-11-16"), grain=Grain.WEEKDAY)
    assert ask(query) == [(1, 1), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 1)]


def test_weekdays_are_those_of_the_period(rows: Rows, ask: Asker) -> None:
    """Monday to Wednesday has no Thursday with 0 tickets."""
    rows.ticket(at("2026-11-10 12:00"))
    query = MetricQuery(("tickets",), period=period("2026-11-09", "2026-11-12"), grain=Grain.WEEKDAY)
    assert ask(query) == [(1, 0), (2, 1), (3, 0)]


def test_a_week_with_a_change_of_clocks_begins_on_monday_midnight(rows: Rows, ask: Asker) -> None:
    """The last week of summer time is 169 hours long."""
    rows.ticket(at("2026-10-18 23:59:59"))
    rows.ticket(at("2026-10-19 00:00"))
    rows.ticket(at("2026-10-25 23:59:59"))
    rows.ticket(at("2026-10-26 00:00"))
    query = MetricQuery(("tickets",), period=period("2026-10-12", "2026-11-02"), grain=Grain.WEEK)
    assert ask(query) == [(date(2026, 10, 12), 1), (date(2026, 10, 19), 2), (date(2026, 10, 26), 1)]


def test_weeks_are_named_by_their_monday_over_the_new_year(rows: Rows, ask: Asker) -> None:
    """2026-01-01 is a Thursday: its week began in the old year, and the year's bucket does not."""
    rows.ticket(at("2026-01-01 12:00"))
    within = period("2026-01-01", "2026-01-06")
    assert ask(MetricQuery(("tickets",), period=within, grain=Grain.WEEK)) == [
        (date(2025, 12, 29), 1), (date(2026, 1, 5), 0),
    ]  # fmt: skip
    assert ask(MetricQuery(("tickets",), period=within, grain=Grain.YEAR)) == [(date(2026, 1, 1), 1)]


def test_quarters_and_months_are_local(rows: Rows, ask: Asker) -> None:
    """22:30 UTC on 31 December is the first quarter of the next year in Jerusalem."""
    rows.ticket(utc("2025-12-31 22:30"))
    within = period("2025-10-01", "2026-04-01")
    assert ask(MetricQuery(("tickets",), period=within, grain=Grain.QUARTER)) == [
        (date(2025, 10, 1), 0), (date(2026, 1, 1), 1),
    ]  # fmt: skip
    months = ask(MetricQuery(("tickets",), period=within, grain=Grain.MONTH))
    assert [day for day, tickets in months if tickets] == [date(2026, 1, 1)]
    assert len(months) == 6


@pytest.mark.parametrize(
    ("zone", "last", "first"),
    [
        # Days of New York end at 04:00 UTC in summer, those of Kolkata at 18:30 UTC.
        (NEW_YORK, "2026-07-11 03:59", "2026-07-11 04:00"),
        (KOLKATA, "2026-07-10 18:29", "2026-07-10 18:30"),
    ],
)
def test_a_day_is_the_business_zones(zone: ZoneInfo, last: str, first: str, rows: Rows, ask: Asker) -> None:
    rows.ticket(utc(last))
    rows.ticket(utc(first))
    query = MetricQuery(("tickets",), period=period("2026-07-10", "2026-07-12", zone), grain=Grain.DAY)
    assert ask(query, zone=zone) == [(date(2026, 7, 10), 1), (date(2026, 7, 11), 1)]


def test_hours_of_a_zone_of_half_hours(rows: Rows, ask: Asker) -> None:
    """In Kolkata 10:00 is 04:30 UTC: hours cut in UTC would be off by half an hour."""
    rows.ticket(utc("2026-07-10 04:29"))
    rows.ticket(utc("2026-07-10 04:30"))
    within = period("2026-07-10 09:00", "2026-07-10 11:00", KOLKATA)
    found = ask(MetricQuery(("tickets",), period=within, grain=Grain.HOUR), zone=KOLKATA)
    assert found == [(wall("2026-07-10 09:00"), 1), (wall("2026-07-10 10:00"), 1)]


def test_new_york_changes_its_clocks_on_its_own_days(rows: Rows, ask: Asker) -> None:
    """There 2026-03-08 has no 02:00, and 2026-11-01 has 01:00 twice."""
    rows.ticket(utc("2026-03-08 07:00"))  # 03:00
    rows.ticket(utc("2026-11-01 05:30"))  # 01:30, the first
    rows.ticket(utc("2026-11-01 06:30"))  # 01:30, the second
    spring = MetricQuery(("tickets",), period=period("2026-03-08", "2026-03-09", NEW_YORK), grain=Grain.HOUR)
    hours = ask(spring, zone=NEW_YORK)
    assert [hour.hour for hour, _ in hours] == [0, 1, *range(3, 24)]
    assert [hour.hour for hour, tickets in hours if tickets] == [3]
    autumn = MetricQuery(("tickets",), period=period("2026-11-01", "2026-11-02", NEW_YORK), grain=Grain.HOUR)
    hours = ask(autumn, zone=NEW_YORK)
    assert len(hours) == 24
    assert [(hour.hour, tickets) for hour, tickets in hours if tickets] == [(1, 2)]
