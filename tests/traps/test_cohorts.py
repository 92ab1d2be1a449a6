"""Who was there when a period began, and who of them left within it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dash_agent.errors import WrongUse
from dash_agent.models.query import Filter, Grain, MetricQuery, Op
from tests.conftest import NOW
from tests.traps.rows import NOVEMBER, OCTOBER, Asker, Rows, at, period, to_now

CHURN = ("subscriptions_at_start", "subscriptions_churned", "churn_rate")
MICROSECOND = timedelta(microseconds=1)
LONG_AGO = at("2026-01-05")


@pytest.mark.parametrize(
    ("started", "cancelled", "members", "churned"),
    [
        (LONG_AGO, None, 1, 0),
        (LONG_AGO, NOVEMBER.start - MICROSECOND, 0, 0),  # gone before it began
        (LONG_AGO, NOVEMBER.start, 1, 1),  # not cancelled before the start, and within
        (LONG_AGO, NOVEMBER.end - MICROSECOND, 1, 1),
        (LONG_AGO, NOVEMBER.end, 1, 0),
        (NOVEMBER.start - MICROSECOND, at("2026-11-09"), 1, 1),
        (NOVEMBER.start, at("2026-11-09"), 0, 0),  # began with the period, not before it
        (at("2026-11-05"), at("2026-11-09"), 0, 0),  # came and left within
    ],
)
def test_a_member_began_before_and_a_leaver_left_within(
    started: object, cancelled: object, members: int, churned: int, rows: Rows, ask: Asker
) -> None:
    rows.subscription(started_at=started, cancelled_at=cancelled)
    rate = Decimal(100 * churned) if members else None
    assert ask(MetricQuery(CHURN, period=NOVEMBER)) == [(members, churned, rate)]


def test_churn_is_of_members_and_not_of_all_cancellations(rows: Rows, ask: Asker) -> None:
    """Two of November's three cancellations were members: 2 of 4 and not 3 of 5."""
    for cancelled in (None, None, at("2026-11-10"), at("2026-11-20")):
        rows.subscription(started_at=LONG_AGO, cancelled_at=cancelled)
    rows.subscription(started_at=at("2026-11-02"), cancelled_at=at("2026-11-12"))
    query = MetricQuery((*CHURN, "cancellations"), period=NOVEMBER)
    assert ask(query) == [(4, 2, Decimal("50.0"), 3)]


def test_who_left_at_now_has_left(rows: Rows, ask: Asker) -> None:
    rows.subscription(started_at=LONG_AGO, cancelled_at=NOW)
    rows.subscription(started_at=LONG_AGO, cancelled_at=NOW + MICROSECOND)
    assert ask(MetricQuery(CHURN, period=to_now("2026-11-01"))) == [(2, 1, Decimal("50.0"))]


def test_each_month_has_members_of_its_own(rows: Rows, ask: Asker) -> None:
    """The first is a member of all three months and leaves in the last; a row counted in one bucket alone is a member
    of one. August 2, September 3 of whom 1 leaves, October 2 of whom 1 leaves."""
    rows.subscription(started_at=LONG_AGO, cancelled_at=at("2026-10-09"))
    rows.subscription(started_at=LONG_AGO, cancelled_at=at("2026-09-09"))
    rows.subscription(started_at=at("2026-08-20"))
    query = MetricQuery(CHURN, period=period("2026-08-01", "2026-11-01"), grain=Grain.MONTH)
    assert ask(query) == [
        (date(2026, 8, 1), 2, 0, Decimal("0.0")),
        (date(2026, 9, 1), 3, 1, Decimal("33.3")),
        (date(2026, 10, 1), 2, 1, Decimal("50.0")),
    ]


def test_months_at_the_edges_begin_and_end_with_the_period(rows: Rows, ask: Asker) -> None:
    """From 10 October to now, 20 November: who began on 5 October is a member of the cut month, too."""
    rows.subscription(started_at=at("2026-10-05"), cancelled_at=at("2026-11-05"))
    rows.subscription(started_at=LONG_AGO, cancelled_at=at("2026-11-25"))
    query = MetricQuery(CHURN, period=to_now("2026-10-10"), grain=Grain.MONTH)
    assert ask(query) == [(date(2026, 10, 1), 2, 0, Decimal("0.0")), (date(2026, 11, 1), 2, 1, Decimal("50.0"))]


def test_a_month_without_members_has_no_rate(rows: Rows, ask: Asker) -> None:
    rows.subscription(started_at=at("2026-10-15"))
    query = MetricQuery(CHURN, period=period("2026-10-01", "2026-12-01"), grain=Grain.MONTH)
    assert ask(query) == [(date(2026, 10, 1), 0, 0, None), (date(2026, 11, 1), 1, 0, Decimal("0.0"))]


def test_days_of_a_cohort_are_as_long_as_they_are(rows: Rows, ask: Asker) -> None:
    """Cancelled at 23:30 on the day of 25 hours."""
    rows.subscription(started_at=LONG_AGO, cancelled_at=at("2026-10-25 23:30"))
    query = MetricQuery(CHURN, period=period("2026-10-24", "2026-10-27"), grain=Grain.DAY)
    assert ask(query) == [
        (date(2026, 10, 24), 1, 0, Decimal("0.0")),
        (date(2026, 10, 25), 1, 1, Decimal("100.0")),
        (date(2026, 10, 26), 0, 0, None),
    ]


def test_churn_is_compared_between_two_populations(rows: Rows, ask: Asker) -> None:
    """Who left in October is no member of November: 1 of 4, then 1 of 3."""
    for cancelled in (None, None, at("2026-11-10"), at("2026-10-10")):
        rows.subscription(started_at=LONG_AGO, cancelled_at=cancelled)
    query = MetricQuery(("churn_rate", "subscriptions_at_start"), period=NOVEMBER, compare=OCTOBER)
    assert ask(query) == [(Decimal("33.3"), Decimal("25.0"), Decimal("8.3"), 3, 4, -1)]


def test_a_plan_without_members_has_no_rate(rows: Rows, ask: Asker) -> None:
    """Alone it has no row in the population; beside its new subscriptions it is there, and null."""
    rows.subscription(plan="standard", started_at=LONG_AGO, cancelled_at=at("2026-11-05"))
    rows.subscription(plan="premium", started_at=LONG_AGO)
    rows.subscription(plan="gift", started_at=at("2026-11-05"))
    by_plan = MetricQuery(("churn_rate",), ("plan",), period=NOVEMBER)
    assert ask(by_plan) == [("standard", Decimal("100.0")), ("premium", Decimal("0.0"))]
    beside = MetricQuery(("churn_rate", "new_subscriptions"), ("plan",), period=NOVEMBER)
    assert ask(beside) == [("standard", Decimal("100.0"), 0), ("premium", Decimal("0.0"), 0), ("gift", None, 1)]


def test_churn_by_what_the_customer_has(rows: Rows, ask: Asker) -> None:
    german, other = rows.customer(country="DE"), rows.customer(country="IL")
    rows.subscription(customer_id=german, started_at=LONG_AGO, cancelled_at=at("2026-11-05"))
    rows.subscription(customer_id=german, started_at=LONG_AGO)
    rows.subscription(customer_id=other, started_at=LONG_AGO)
    query = MetricQuery(("churn_rate",), ("country",), period=NOVEMBER)
    assert ask(query) == [("DE", Decimal("50.0")), ("IL", Decimal("0.0"))]
    only = (Filter("country", Op.IN, ("DE",)),)
    assert ask(MetricQuery(CHURN, filters=only, period=NOVEMBER)) == [(2, 1, Decimal("50.0"))]


@pytest.mark.parametrize("grain", [Grain.WEEKDAY, Grain.HOUR_OF_DAY])
@pytest.mark.parametrize("metric", CHURN)
def test_a_weekday_is_no_period_with_a_beginning(metric: str, grain: Grain, rows: Rows, ask: Asker) -> None:
    with pytest.raises(WrongUse, match=f"{grain}"):
        ask(MetricQuery((metric,), period=NOVEMBER, grain=grain))


def test_a_future_cohort_has_nobody_left_yet(rows: Rows, ask: Asker) -> None:
    rows.subscription(started_at=LONG_AGO)
    rows.subscription(started_at=LONG_AGO, cancelled_at=at("2026-11-05"))
    assert ask(MetricQuery(CHURN, period=period("2026-12-01", "2027-01-01"))) == [(1, 0, Decimal("0.0"))]
