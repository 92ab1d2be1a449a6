"""What can't be asked is refused before anything is compiled, in words that say why and what would do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from dash_agent.errors import WrongUse
from dash_agent.models.query import Among, Filter, Grain, Having, ListQuery, MetricQuery, Op, Order, Period
from dash_agent.semantic.compile import compile_query
from dash_agent.semantic.lists import compile_list
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.time import Calendar
from tests.conftest import NOW, ZONE

CALENDAR = Calendar(NOW, ZONE)
MONTH = CALENDAR.previous(Grain.MONTH)
BEFORE = CALENDAR.previous(Grain.MONTH, back=2)
TICKETS = MetricQuery(("tickets",), period=MONTH)
BY_CHANNEL = replace(TICKETS, dimensions=("channel",))
ROWS = ListQuery("support_threads_data", ("ticket_id", "channel"))
PART = replace(BY_CHANNEL, share=True, part=(Among("escalated"),))
SUBSCRIPTIONS = MetricQuery(("active_subscriptions",))


def narrowed(dimension: str, op: Op, *values: object) -> MetricQuery:
    return replace(TICKETS, filters=(Filter(dimension, op, values),))  # type: ignore[arg-type]


REFUSED = [
    (MetricQuery(()), "names no metric"),
    (replace(TICKETS, metrics=("tickts",)), "no metric 'tickts'; did you mean 'tickets'"),
    (replace(TICKETS, dimensions=("chanel",)), "no dimension 'chanel'; did you mean 'channel'"),
    (replace(TICKETS, metrics=("tickets", "tickets")), "the metric 'tickets' is named twice"),
    (replace(TICKETS, dimensions=("channel", "channel")), "the dimension 'channel' is named twice"),
    (replace(TICKETS, metrics=("cost",), dimensions=("role",)), "has many rows of 'support_dialogs'"),
    (replace(TICKETS, dimensions=("task_type",)), "would count once for each"),
    (replace(TICKETS, metrics=("active_subscriptions",), dimensions=("channel",)), "does not apply to rows"),
    (replace(TICKETS, period=None), "'tickets' is of a period, and none is given"),
    (replace(TICKETS, metrics=("churn_rate",), period=None), "is of a period, and none is given"),
    (replace(TICKETS, metrics=("churn_rate",), grain=Grain.WEEKDAY), "a weekday is none"),
    (replace(TICKETS, metrics=("backlog",), period=None, compare=MONTH), "needs a period to compare with"),
    (replace(TICKETS, grain=Grain.DAY, compare=BEFORE), "two periods share no buckets by day"),
    (replace(TICKETS, period=Period(NOW, NOW - timedelta(days=1))), "and ends before"),
    (replace(BY_CHANNEL, order=(Order("chanel"),)), "no column to order by 'chanel'; did you mean 'channel'"),
    (replace(BY_CHANNEL, order=(Order("tickets_change"),)), "no column to order by 'tickets_change'"),
    (replace(BY_CHANNEL, limit=0), "a limit of 0 leaves nothing"),
    (replace(TICKETS, limit=1, with_ties=True), "ties need an order"),
    (replace(BY_CHANNEL, having=(Having("tickets", Op.IN, 5),)), "is no threshold"),
    (replace(BY_CHANNEL, having=(Having("ticket", Op.GT, 5),)), "no metric 'ticket'"),
    (replace(BY_CHANNEL, metrics=("csat",), share=True), "do not add up to a whole"),
    (replace(BY_CHANNEL, metrics=("resolution_rate",), share=True), "do not add up to a whole"),
    (replace(BY_CHANNEL, metrics=("tickets_with_messages",), share=True), "do not add up to a whole"),
    (replace(TICKETS, parameters=(("stuck_hour", 5),)), "no parameter 'stuck_hour'; did you mean 'stuck_hours'"),
    (replace(TICKETS, parameters=(("percentile", Decimal(90)),)), "between 0 and 1"),
    (replace(TICKETS, parameters=(("aggregate", "maximum"),)), "is 'average' or not given"),
    (narrowed("channel", Op.IN), "names no value"),
    (narrowed("channel", Op.IN, 5), "5 is no value of 'channel', which holds text"),
    (narrowed("channel", Op.GT, "email"), "holds words, which have no order"),
    (narrowed("channel", Op.IS_NULL, "email"), "takes no values"),
    (narrowed("weekday", Op.IN), "names no value"),
    (narrowed("weekday", Op.IN, "Monday"), "'Monday' is no value of 'weekday', which holds integer"),
    (narrowed("hour_of_day", Op.IS_NULL, 5), "takes no values"),
    (replace(TICKETS, dimensions=("weekday",)), "no dimension 'weekday'"),
    (
        replace(narrowed("weekday", Op.IN, 6, 7), grain=Grain.DAY),
        "buckets by day hold times that the filter leaves out",
    ),
    (replace(narrowed("hour_of_day", Op.IN, 9), grain=Grain.WEEKDAY), "buckets by weekday hold times"),
    (replace(narrowed("hour_of_day", Op.IN, 9), grain=Grain.HOUR), "buckets by hour hold times"),
    (replace(TICKETS, metrics=("churn_rate",), filters=(Filter("weekday", Op.IN, (1,)),)), "have no time"),
    (replace(TICKETS, among=(Among("escalatd"),)), "no metric 'escalatd'; did you mean 'escalated'"),
    (replace(TICKETS, among=(Among("csat"),)), "'csat' is no count, so no row can be told by it"),
    (replace(TICKETS, among=(Among("escalation_rate", counts=False),)), "'escalation_rate' is no count"),
    (replace(TICKETS, among=(Among("ai_errors"),)), "does not have one row of 'ai_human_comparison'"),
    (replace(SUBSCRIPTIONS, among=(Among("escalated"),)), "does not have one row of 'support_threads_data'"),
    (replace(TICKETS, metrics=("tickets", "active_subscriptions"), among=(Among("escalated"),)), "a row of 'subscript"),
    (replace(TICKETS, period=None, among=(Among("escalated"),)), "'tickets' is of a period, and none is given"),
    (replace(TICKETS, period=None, among=(Among("stuck", counts=False),)), "is of a period, and none is given"),
    (replace(PART, share=False), "a part is of a share, and none is asked for"),
    (replace(PART, metrics=("tickets", "cost")), "of one metric and one period"),
    (replace(PART, compare=BEFORE), "of one metric and one period"),
    (
        replace(PART, metrics=("subscriptions_at_start",), dimensions=(), part=(Filter("plan", Op.NOT_NULL),)),
        "population",
    ),
    (replace(PART, part=(Among("csat"),)), "'csat' is no count"),
    (replace(PART, part=(Among("ai_errors"),)), "does not have one row of 'ai_human_comparison'"),
    (replace(PART, part=(Filter("chanel", Op.IN, ("email",)),)), "no dimension 'chanel'; did you mean 'channel'"),
    (replace(PART, part=(Filter("role", Op.IN, ("ai",)),)), "has many rows of 'support_dialogs'"),
    (replace(PART, metrics=("csat",)), "do not add up to a whole"),
    (replace(BY_CHANNEL, order=(Order("tickets_share"),)), "no column to order by 'tickets_share'"),
    (replace(BY_CHANNEL, having=(Having("tickets_share", Op.GT, 5),)), "no metric 'tickets_share'"),
    (replace(PART, having=(Having("cost_share", Op.GT, 5),)), "no metric 'cost_share'"),
    (replace(PART, having=(Having("tickets_share", Op.IN, 5),)), "is no threshold"),
]


@pytest.mark.parametrize(("query", "told"), REFUSED, ids=[told for _, told in REFUSED])
def test_a_question_without_an_answer_is_refused(query: MetricQuery, told: str, model: SemanticModel) -> None:
    with pytest.raises(WrongUse) as refusal:
        compile_query(model, query, CALENDAR)
    assert told in str(refusal.value)


LISTS = [
    (replace(ROWS, table="support_thread_data"), "did you mean 'support_threads_data'"),
    (replace(ROWS, columns=()), "names no columns"),
    (replace(ROWS, columns=("subject",)), "no dimension 'subject'"),
    (replace(ROWS, columns=("role",)), "has many rows of 'support_dialogs'"),
    (replace(ROWS, metrics=("messages",)), "does not count rows of 'support_threads_data'"),
    (replace(ROWS, metrics=("csat",)), "does not count rows"),
    (replace(ROWS, limit=0), "leaves nothing"),
    (replace(ROWS, among=(Among("csat"),)), "'csat' is no count"),
    (replace(ROWS, among=(Among("ai_errors"),)), "does not have one row of 'ai_human_comparison'"),
    (replace(ROWS, filters=(Filter("weekday", Op.IN, (1,)),)), "have no time to take a weekday of"),
    (ListQuery("customers", ("customer_id", "full_name")), "no dimension 'full_name'"),
]


@pytest.mark.parametrize(("query", "told"), LISTS, ids=[told for _, told in LISTS])
def test_a_list_that_there_is_none_of_is_refused(query: ListQuery, told: str, model: SemanticModel) -> None:
    with pytest.raises(WrongUse) as refusal:
        compile_list(model, query)
    assert told in str(refusal.value)


def test_periods_carry_their_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Period(datetime(2026, 1, 1), datetime(2026, 2, 1))  # noqa: DTZ001
