"""Where periods begin and end, and by which of a row's moments it is dated."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dash_agent.errors import WrongUse
from dash_agent.models.query import Grain, MetricQuery, Period
from dash_agent.semantic.time import Calendar
from tests.conftest import NOW, ZONE
from tests.traps.rows import NOVEMBER, OCTOBER, Asker, Rows, at, period, to_now, utc, wall

MICROSECOND = timedelta(microseconds=1)


def test_a_period_has_its_start_and_not_its_end(rows: Rows, ask: Asker) -> None:
    """BETWEEN would count the first moment of December, too."""
    for moment in (NOVEMBER.start - MICROSECOND, NOVEMBER.start, NOVEMBER.end - MICROSECOND, NOVEMBER.end):
        rows.ticket(moment)
    assert ask(MetricQuery(("tickets",), period=NOVEMBER)) == [(2,)]


def test_an_unfinished_period_has_now_itself(rows: Rows, ask: Asker) -> None:
    for moment in (NOW, NOW + MICROSECOND):
        rows.ticket(moment)
    assert ask(MetricQuery(("tickets",), period=to_now("2026-11-20"))) == [(1,)]
    by_day = MetricQuery(("tickets",), period=to_now("2026-11-19"), grain=Grain.DAY)
    assert ask(by_day) == [(date(2026, 11, 19), 0), (date(2026, 11, 20), 1)]


def test_a_period_up_to_now_at_midnight_has_the_new_day(rows: Rows, ask: Asker) -> None:
    """A ticket of this very moment is of today, which is one moment old."""
    midnight = at("2026-11-20")
    rows.ticket(midnight)
    query = MetricQuery(("tickets",), period=to_now("2026-11-19", midnight), grain=Grain.DAY)
    assert ask(query, now=midnight) == [(date(2026, 11, 19), 0), (date(2026, 11, 20), 1)]


def test_this_month_is_compared_with_the_same_span_of_the_last(rows: Rows, ask: Asker) -> None:
    """Up to 20 November 14:00 against up to 20 October 14:00; the whole October would draw a drop of 3 to 2."""
    for day in ("2026-11-02 10:00", "2026-11-20 13:00"):
        rows.ticket(at(day))
    for day in ("2026-10-02 10:00", "2026-10-20 13:59", "2026-10-20 14:01"):
        rows.ticket(at(day))
    calendar = Calendar(NOW, ZONE)
    this = calendar.current(Grain.MONTH)
    same_span = MetricQuery(("tickets",), period=this, compare=calendar.shifted(this, Grain.MONTH))
    assert ask(same_span) == [(2, 2, 0)]
    assert ask(MetricQuery(("tickets",), period=this, compare=OCTOBER)) == [(2, 3, -1)]


def test_the_31st_is_clamped_to_the_shorter_month(rows: Rows, ask: Asker) -> None:
    """31 March 10:00 one month back is 28 February 10:00, not 3 March."""
    now = at("2026-03-31 10:00")
    rows.ticket(at("2026-03-31 09:00"))
    for moment in ("2026-02-28 09:59", "2026-02-28 10:01", "2026-03-01 00:00"):
        rows.ticket(at(moment))
    calendar = Calendar(now, ZONE)
    this = calendar.current(Grain.MONTH)
    query = MetricQuery(("tickets",), period=this, compare=calendar.shifted(this, Grain.MONTH))
    assert ask(query, now=now) == [(2, 1, 1)]


def test_a_compared_period_ends_before_its_end(rows: Rows, ask: Asker) -> None:
    """Only the period that ends at now holds its last moment."""
    rows.ticket(NOW)
    rows.ticket(NOW - timedelta(days=1))
    start = at("2026-11-20")
    yesterday = Period(start - timedelta(days=1), NOW - timedelta(days=1))
    query = MetricQuery(("tickets",), period=to_now("2026-11-20"), compare=yesterday)
    assert ask(query) == [(1, 0, 1)]


def test_a_row_may_be_in_both_of_two_periods(rows: Rows, ask: Asker) -> None:
    """Periods that overlap: a row that goes to the one or the other would be lost for one of them."""
    rows.ticket(at("2026-11-05"))
    query = MetricQuery(("tickets",), period=NOVEMBER, compare=period("2026-10-01", "2026-11-10"))
    assert ask(query) == [(1, 1, 0)]


def test_a_group_of_either_period_is_compared(rows: Rows, ask: Asker) -> None:
    rows.ticket(at("2026-11-05"), channel="email")
    rows.ticket(at("2026-10-05"), channel="chat", escalated_at=at("2026-10-05"))
    query = MetricQuery(("tickets", "escalation_rate"), ("channel",), period=NOVEMBER, compare=OCTOBER)
    assert ask(query) == [
        ("email", 1, 0, 1, Decimal("0.0"), None, None),
        ("chat", 0, 1, -1, None, Decimal("100.0"), None),
    ]


@pytest.mark.parametrize("grain", [Grain.HOUR, Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR])
def test_two_periods_share_no_buckets_of_a_calendar(grain: Grain, rows: Rows, ask: Asker) -> None:
    with pytest.raises(WrongUse, match="bucket"):
        ask(MetricQuery(("tickets",), period=NOVEMBER, compare=OCTOBER, grain=grain))


def test_weekdays_of_two_periods_stand_beside_each_other(rows: Rows, ask: Asker) -> None:
    rows.ticket(at("2026-11-09"))
    rows.ticket(at("2026-11-02"))
    rows.ticket(at("2026-11-03"))
    this, last = period("2026-11-09", "2026-11-11"), period("2026-11-02", "2026-11-04")
    query = MetricQuery(("tickets",), period=this, compare=last, grain=Grain.WEEKDAY)
    assert ask(query) == [(1, 1, 1, 0), (2, 0, 1, -1)]


def test_a_series_has_every_bucket(rows: Rows, ask: Asker) -> None:
    """0 for counts and sums, null for rates and averages, also of a group that has rows on other days."""
    moment = at("2026-11-04")
    rows.ticket(moment, channel="chat", csat=4, cost_usd=1, ai_answered_at=moment)
    rows.ticket(at("2026-11-02"), channel="email")
    query = MetricQuery(
        ("tickets", "cost", "csat", "resolution_rate", "response_time"),
        ("channel",),
        period=period("2026-11-02", "2026-11-05"),
        grain=Grain.DAY,
    )
    nothing = (0, Decimal("0.00"), None, None, None)
    assert ask(query) == [
        (date(2026, 11, 2), "chat", *nothing),
        (date(2026, 11, 2), "email", 1, Decimal("0.00"), None, None, None),
        (date(2026, 11, 3), "chat", *nothing),
        (date(2026, 11, 3), "email", *nothing),
        (date(2026, 11, 4), "chat", 1, Decimal("1.00"), Decimal("4.00"), Decimal("0.0"), None),
        (date(2026, 11, 4), "email", *nothing),
    ]


def test_buckets_at_the_edges_are_cut(rows: Rows, ask: Asker) -> None:
    """The week of 26 October is there for its Sunday alone."""
    for day in ("2026-10-31 23:59", "2026-11-01 00:00", "2026-11-02 00:00", "2026-11-04 00:00"):
        rows.ticket(at(day))
    query = MetricQuery(("tickets",), period=period("2026-11-01", "2026-11-04"), grain=Grain.WEEK)
    assert ask(query) == [(date(2026, 10, 26), 1), (date(2026, 11, 2), 1)]


def test_a_future_period_is_0_or_nothing(rows: Rows, ask: Asker) -> None:
    rows.ticket()
    future = period("2026-12-01", "2026-12-03")
    assert ask(MetricQuery(("tickets", "csat"), period=future)) == [(0, None)]
    assert ask(MetricQuery(("tickets",), ("channel",), period=future)) == []
    by_day = MetricQuery(("tickets",), period=future, grain=Grain.DAY)
    assert ask(by_day) == [(date(2026, 12, 1), 0), (date(2026, 12, 2), 0)]
    assert ask(MetricQuery(("tickets",), ("channel",), period=future, grain=Grain.DAY)) == []


def test_a_period_without_length_holds_nothing(rows: Rows, ask: Asker) -> None:
    moment = at("2026-11-03")
    rows.ticket(moment)
    assert ask(MetricQuery(("tickets",), period=Period(moment, moment))) == [(0,)]
    assert ask(MetricQuery(("tickets",), period=Period(moment, moment), grain=Grain.DAY)) == []


def test_a_period_that_ends_before_it_begins_is_refused(rows: Rows, ask: Asker) -> None:
    with pytest.raises(WrongUse):
        ask(MetricQuery(("tickets",), period=Period(NOVEMBER.end, NOVEMBER.start)))


@pytest.mark.parametrize("metric", ["tickets", "cost", "csat", "resolution_rate", "churn_rate"])
def test_what_is_no_state_of_now_wants_a_period(metric: str, rows: Rows, ask: Asker) -> None:
    """All of time is nobody's question; the default of 30 days is the planner's to give."""
    with pytest.raises(WrongUse, match="period"):
        ask(MetricQuery((metric,)))


def test_a_state_of_now_takes_no_period(rows: Rows, ask: Asker) -> None:
    """The oldest open ticket is the one that matters most."""
    rows.ticket(at("2025-01-05"), status="Escalated")
    rows.ticket(at("2026-11-05"), status="Draft Created")
    rows.ticket(at("2026-11-05"), status="Escalated", sent_at=at("2026-11-05"))
    rows.ticket(at("2026-11-05"), status="Sent", sent_at=at("2026-11-05"))
    assert ask(MetricQuery(("backlog",))) == [(2,)]
    assert ask(MetricQuery(("backlog",), period=NOVEMBER)) == [(1,)]


def test_stuck_is_more_than_24_hours_without_a_change(rows: Rows, ask: Asker) -> None:
    """A ticket of last year that was touched an hour ago is not stuck; one at exactly 24 hours is not yet."""
    day = timedelta(hours=24)
    rows.ticket(at("2025-11-05"), updated_at=NOW - timedelta(hours=1))
    rows.ticket(NOW - day, updated_at=NOW - day)
    rows.ticket(NOW - day, updated_at=NOW - day - MICROSECOND)
    rows.ticket(at("2026-11-01"), updated_at=NOW - timedelta(hours=49), status="AI Answered")
    rows.ticket(at("2026-11-01"), status="Escalated")
    rows.ticket(at("2026-11-01"), status="Error")
    assert ask(MetricQuery(("stuck",))) == [(2,)]
    assert ask(MetricQuery(("stuck",), parameters=(("stuck_hours", 48),))) == [(1,)]


def test_24_hours_are_hours_over_a_change_of_clocks(rows: Rows, ask: Asker) -> None:
    """At 12:00 on the long Sunday, 24 hours ago is 13:00 on Saturday; a day ago would be 12:00."""
    now = at("2026-10-25 12:00")
    rows.ticket(at("2026-10-24 12:30"))
    rows.ticket(at("2026-10-24 13:00"))
    assert ask(MetricQuery(("stuck",)), now=now) == [(1,)]


def test_an_error_is_dated_by_its_last_change(rows: Rows, ask: Asker) -> None:
    """A ticket of October that broke in November: an error of November, and a part of October's error rate."""
    rows.ticket(at("2026-10-31 23:00"), updated_at=at("2026-11-01 01:00"), status="Error")
    rows.ticket(at("2026-10-30"), status="Sent")
    metrics = ("tickets", "errors", "error_rate")
    assert ask(MetricQuery(metrics, period=OCTOBER)) == [(2, 0, Decimal("50.0"))]
    assert ask(MetricQuery(metrics, period=NOVEMBER)) == [(0, 1, None)]
    by_month = MetricQuery(metrics, period=period("2026-10-01", "2026-12-01"), grain=Grain.MONTH)
    assert ask(by_month) == [(date(2026, 10, 1), 2, 0, Decimal("50.0")), (date(2026, 11, 1), 0, 1, None)]


def test_late_messages_belong_to_the_day_they_were_written(rows: Rows, ask: Asker) -> None:
    """A message of November to a ticket of October: joined first, it would be dated with its ticket."""
    ticket = rows.ticket(at("2026-10-15"))
    rows.message(ticket, at("2026-10-15"))
    rows.message(ticket, at("2026-11-15"))
    query = MetricQuery(("messages", "messages_per_ticket", "tickets"), period=NOVEMBER)
    assert ask(query) == [(1, Decimal("1.00"), 0)]


def test_a_ticket_sent_later_is_of_the_day_it_came_in(rows: Rows, ask: Asker) -> None:
    rows.ticket(at("2026-10-31"), sent_at=at("2026-11-02"), escalated_at=at("2026-11-02"), status="Sent")
    assert ask(MetricQuery(("sent", "escalated"), period=OCTOBER)) == [(1, 1)]
    assert ask(MetricQuery(("sent", "escalated"), period=NOVEMBER)) == [(0, 0)]


def test_a_box_that_was_not_shipped_is_dated_by_its_month(rows: Rows, ask: Asker) -> None:
    """1 November is a midnight in Jerusalem, 22:00 UTC on 31 October: taken as UTC it would still be inside, but
    2 hours late; the second of the months it begins is out of a period that ends at 01:00."""
    rows.shipment(status="preparing", box_month="2026-11-01")
    assert ask(MetricQuery(("shipments",), period=NOVEMBER)) == [(1,)]
    assert ask(MetricQuery(("shipments",), period=OCTOBER)) == [(0,)]
    first_hour = period("2026-11-01 00:00", "2026-11-01 01:00")
    assert ask(MetricQuery(("shipments",), period=first_hour, grain=Grain.HOUR)) == [(wall("2026-11-01 00:00"), 1)]


def test_a_box_is_dated_by_its_shipping_where_it_has_one(rows: Rows, ask: Asker) -> None:
    """November's box, shipped at 23:30 on 31 October: it is lost in October."""
    rows.shipment(status="lost", box_month="2026-11-01", shipped_at=utc("2026-10-31 21:30"))
    assert ask(MetricQuery(("deliveries_lost", "shipments"), period=OCTOBER)) == [(1, 1)]
    assert ask(MetricQuery(("deliveries_lost", "shipments"), period=NOVEMBER)) == [(0, 0)]


def test_cancellations_go_by_their_own_time(rows: Rows, ask: Asker) -> None:
    """Whatever the status now: one came back. Without a period, cancelled is who is cancelled now."""
    rows.subscription(started_at=at("2026-01-01"), cancelled_at=at("2026-11-05"), status="cancelled")
    rows.subscription(started_at=at("2026-01-01"), cancelled_at=at("2026-11-05"), status="active")
    rows.subscription(started_at=at("2026-11-05"))
    assert ask(MetricQuery(("cancellations", "new_subscriptions"), period=NOVEMBER)) == [(2, 1)]
    assert ask(MetricQuery(("cancelled_subscriptions", "active_subscriptions"))) == [(1, 2)]
