"""Periods and buckets, against dates worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dash_agent.models.query import Grain, Period
from dash_agent.semantic.time import Calendar, floor, shift

JERUSALEM = ZoneInfo("Asia/Jerusalem")
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # Friday, 14:00 in Jerusalem


def calendar(now: datetime = NOW, zone: ZoneInfo = JERUSALEM) -> Calendar:
    return Calendar(now, zone)


def local(period: Period) -> tuple[str, str, bool]:
    ends = (moment.astimezone(JERUSALEM).strftime("%Y-%m-%d %H:%M") for moment in (period.start, period.end))
    return (*ends, period.to_now)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        (Grain.DAY, ("2026-11-20 00:00", "2026-11-20 14:00", True)),
        (Grain.WEEK, ("2026-11-16 00:00", "2026-11-20 14:00", True)),
        (Grain.MONTH, ("2026-11-01 00:00", "2026-11-20 14:00", True)),
        (Grain.QUARTER, ("2026-10-01 00:00", "2026-11-20 14:00", True)),
        (Grain.YEAR, ("2026-01-01 00:00", "2026-11-20 14:00", True)),
    ],
)
def test_the_current_unit_runs_from_its_start_to_now(unit: Grain, expected: tuple[str, str, bool]) -> None:
    assert local(calendar().current(unit)) == expected


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        (Grain.DAY, ("2026-11-19 00:00", "2026-11-20 00:00", False)),
        (Grain.WEEK, ("2026-11-09 00:00", "2026-11-16 00:00", False)),
        (Grain.MONTH, ("2026-10-01 00:00", "2026-11-01 00:00", False)),
        (Grain.QUARTER, ("2026-07-01 00:00", "2026-10-01 00:00", False)),
        (Grain.YEAR, ("2025-01-01 00:00", "2026-01-01 00:00", False)),
    ],
)
def test_the_last_unit_is_the_previous_whole_one(unit: Grain, expected: tuple[str, str, bool]) -> None:
    assert local(calendar().previous(unit)) == expected


def test_last_days_hold_today() -> None:
    assert local(calendar().last_days(30)) == ("2026-10-22 00:00", "2026-11-20 14:00", True)


def test_last_hours_slide_over_the_change_of_clocks() -> None:
    after_the_change = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 after 02:00 came twice
    period = calendar(after_the_change).last_hours(2)
    assert (period.end - period.start.astimezone(UTC)).total_seconds() == 2 * 3600


def test_whole_units_leave_the_current_one_out_unless_a_trend_wants_it() -> None:
    assert local(calendar().last_whole(Grain.MONTH, 6)) == ("2026-05-01 00:00", "2026-11-01 00:00", False)
    with_current = calendar().last_whole(Grain.MONTH, 6, with_current=True)
    assert local(with_current) == ("2026-05-01 00:00", "2026-11-20 14:00", True)


@pytest.mark.parametrize(
    ("month", "year", "expected"),
    [
        (1, None, ("2026-01-01 00:00", "2026-02-01 00:00", False)),
        (11, None, ("2026-11-01 00:00", "2026-11-20 14:00", True)),
        (12, None, ("2025-12-01 00:00", "2026-01-01 00:00", False)),
        (12, 2026, ("2026-12-01 00:00", "2027-01-01 00:00", False)),
    ],
)
def test_a_month_alone_is_the_latest_that_has_begun(
    month: int, year: int | None, expected: tuple[str, str, bool]
) -> None:
    assert local(calendar().named_month(month, year)) == expected


def test_today_is_the_business_day_not_the_one_of_utc() -> None:
    late = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)  # 00:30 on the 21st in Jerusalem
    assert calendar(late).today == date(2026, 11, 21)


def test_the_comparable_span_ends_at_the_same_local_time_and_clamps_the_day() -> None:
    march = calendar(datetime(2026, 3, 31, 9, 0, tzinfo=UTC))  # 12:00 in Jerusalem, summer time
    this_month = march.current(Grain.MONTH)
    assert local(march.shifted(this_month, Grain.MONTH)) == ("2026-02-01 00:00", "2026-02-28 12:00", False)


def test_days_are_23_and_25_hours_long_where_the_clocks_change() -> None:
    spring = calendar().days(date(2026, 3, 27), date(2026, 3, 28))
    autumn = calendar().days(date(2026, 10, 25), date(2026, 10, 26))
    lengths = [(p.end.astimezone(UTC) - p.start.astimezone(UTC)).total_seconds() / 3600 for p in (spring, autumn)]
    assert lengths == [23, 25]


@pytest.mark.parametrize(
    ("days", "grain"), [(1, Grain.DAY), (31, Grain.DAY), (40, Grain.WEEK), (180, Grain.WEEK), (200, Grain.MONTH)]
)
def test_a_trend_with_no_grain_goes_by_its_length(days: int, grain: Grain) -> None:
    assert calendar().default_grain(calendar().last_days(days)) is grain


def test_buckets_are_every_one_that_the_period_touches() -> None:
    weeks = list(calendar().buckets(calendar().last_days(14), Grain.WEEK))
    assert weeks == [date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16)]
    assert list(calendar().buckets(calendar().previous(Grain.MONTH), Grain.MONTH)) == [date(2026, 10, 1)]


def test_buckets_cut_at_an_edge_are_partial() -> None:
    period = calendar().last_days(14)
    partial = [calendar().is_partial(week, period, Grain.WEEK) for week in calendar().buckets(period, Grain.WEEK)]
    assert partial == [True, False, True]


@pytest.mark.parametrize(
    ("day", "unit", "count", "expected"),
    [
        (date(2024, 2, 29), Grain.YEAR, 1, date(2025, 2, 28)),
        (date(2026, 1, 31), Grain.MONTH, 1, date(2026, 2, 28)),
        (date(2026, 1, 31), Grain.MONTH, -2, date(2025, 11, 30)),
        (date(2026, 11, 20), Grain.WEEK, -1, date(2026, 11, 13)),
    ],
)
def test_shifting_clamps_to_the_months_last_day(day: date, unit: Grain, count: int, expected: date) -> None:
    assert shift(day, unit, count) == expected


def test_a_week_starts_on_monday() -> None:
    assert floor(date(2026, 11, 22), Grain.WEEK) == date(2026, 11, 16)


def test_a_period_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Period(datetime(2026, 1, 1), datetime(2026, 2, 1))  # noqa: DTZ001


def test_the_span_before_hours_is_as_many_hours() -> None:
    period = calendar().last_hours(24)
    before = calendar().before(period)
    assert (period.start - before.start, period.end - before.end) == (timedelta(hours=24), timedelta(hours=24))
    assert before.end == period.start


def test_the_span_before_days_is_as_many_local_days_through_a_change_of_the_clocks() -> None:
    monday = calendar(datetime(2026, 10, 26, 12, tzinfo=UTC))
    before = monday.before(monday.last_days(2))
    assert [str(moment) for moment in (before.start, before.end)] == [
        "2026-10-23 00:00:00+03:00",
        "2026-10-24 14:00:00+03:00",
    ]
