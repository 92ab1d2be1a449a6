"""Plans that are asked again later. What they become is what the same question would be read as then."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dash_agent.context.catalog import Catalog
from dash_agent.models.plan import ListPlan, MetricPlan, PatternPlan, SqlPlan
from dash_agent.models.query import Period
from dash_agent.planning.editing import unread
from dash_agent.planning.parser import Parser
from dash_agent.planning.rolling import rolled
from dash_agent.semantic.time import Calendar
from tests.conftest import ZONE

LATER = [
    datetime(2026, 11, 23, 6, 30, tzinfo=UTC),  # the next Monday
    datetime(2027, 1, 5, 9, tzinfo=UTC),
    datetime(2027, 3, 31, 20, 59, tzinfo=UTC),  # the clocks have changed
]
RELATIVE = [
    "Tickets today",
    "Tickets yesterday",
    "Tickets last week",
    "Tickets this month by channel",
    "Tickets 2 weeks ago",
    "Tickets in the last 7 days",
    "Tickets in the last day",
    "Tickets in the last 24 hours",
    "Tickets in the last 90 minutes",
    "Tickets by month for the last 6 months",
    "Tickets over the last 2 quarters",
    "Tickets since October 1, 2026",
    "Tickets of all time",
    "How many tickets?",
    "Tickets last week vs the week before",
    "Tickets this week vs last week",
    "Tickets this month compared to last month",
    "Tickets this month compared to the same month last year",
    "Tickets in the last 7 days compared with the previous 7 days",
    "Resolution rate last month by category vs the month before",
    "Ticket funnel for last week",
    "Ticket funnel",
    "Сводка по категориям за прошлый месяц",
    "Сколько тикетов за последние 30 дней",
    "Show stuck tickets created this week",
]
ABSOLUTE = [
    "Tickets in October 2026",
    "Tickets on November 3, 2026",
    "Tickets in Q3 2026",
    "Tickets from October 5 to October 9, 2026",
    "Tickets in October 2026 vs September 2026",
    "Ticket funnel for October 2026",
]


def read(parser: Parser, question: str, calendar: Calendar) -> MetricPlan | ListPlan | PatternPlan:
    plan = parser.plan(question, calendar)
    assert isinstance(plan, MetricPlan | ListPlan | PatternPlan), plan
    found = unread(plan)
    assert not isinstance(found, SqlPlan)
    return found


@pytest.mark.parametrize("later", LATER, ids=str)
@pytest.mark.parametrize("question", RELATIVE)
def test_what_was_said_from_now_moves_on(
    parser: Parser, home: Catalog, calendar: Calendar, question: str, later: datetime
) -> None:
    then = Calendar(later, ZONE)
    assert rolled(read(parser, question, calendar), calendar, then, home) == read(parser, question, then)


@pytest.mark.parametrize("question", ABSOLUTE)
def test_what_was_said_by_dates_stays(parser: Parser, home: Catalog, calendar: Calendar, question: str) -> None:
    plan = read(parser, question, calendar)
    assert rolled(plan, calendar, Calendar(LATER[1], ZONE), home) == plan


@pytest.mark.parametrize("question", [*RELATIVE, *ABSOLUTE])
def test_at_once_it_is_the_same_plan(parser: Parser, home: Catalog, calendar: Calendar, question: str) -> None:
    plan = read(parser, question, calendar)
    assert rolled(plan, calendar, calendar, home) == plan


def test_a_month_that_was_not_over_is_not_taken_for_an_open_end(
    parser: Parser, home: Catalog, calendar: Calendar
) -> None:
    """'In November' is asked on the 20th. Nothing in the plan tells it from 'since November 1', so it stays."""
    plan = read(parser, "Tickets in November", calendar)
    assert rolled(plan, calendar, Calendar(LATER[1], ZONE), home) == plan


def test_labels_that_nobody_here_wrote(parser: Parser, home: Catalog, calendar: Calendar) -> None:
    """A model may call a period what it likes: what its dates don't agree with is not believed."""
    plan = read(parser, "Tickets in October 2026", calendar)
    assert isinstance(plan, MetricPlan)
    assert plan.query.period is not None
    for label in (
        "last week",
        "since yesterday",
        "since 2026-99-99",
        "last 0 days",
        "last 99999999999 years",
        "x" * 999,
    ):
        period = Period(plan.query.period.start, plan.query.period.end, label=label)
        odd = MetricPlan(plan.query.__class__(("tickets",), period=period))
        assert rolled(odd, calendar, Calendar(LATER[0], ZONE), home) == odd


def test_sql_is_left_alone(home: Catalog, calendar: Calendar) -> None:
    """Its now() is read anew whenever it runs."""
    plan = SqlPlan("SELECT count(*) FROM support_threads_data WHERE created_at > now() - interval '1 day'")
    assert rolled(plan, calendar, Calendar(LATER[0], ZONE), home) == plan
