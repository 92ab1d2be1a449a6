"""Joins that multiply rows, and totals that don't add up."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dash_agent.errors import WrongUse
from dash_agent.models.query import Filter, MetricQuery, Op
from tests.traps.rows import NOVEMBER, Asker, Rows, at


def test_messages_do_not_multiply_their_ticket(rows: Rows, ask: Asker) -> None:
    """Joining first counts the ticket three times and adds its cost three times: 3 and 1.50."""
    ticket = rows.ticket(cost_usd=Decimal("0.50000"))
    for _ in range(3):
        rows.message(ticket)
    query = MetricQuery(("tickets", "cost", "messages"), period=NOVEMBER)
    assert ask(query) == [(1, Decimal("0.50"), 3)]


def test_two_branches_of_a_ticket_do_not_multiply_each_other(rows: Rows, ask: Asker) -> None:
    """The chasm: 3 messages times 2 comparisons times 2 tasks would be 12 of each."""
    ticket = rows.ticket()
    for _ in range(3):
        rows.message(ticket)
    for verdict in ("equal", "human_better"):
        rows.comparison(ticket, verdict=verdict)
        rows.task(ticket)
    query = MetricQuery(("messages", "comparisons", "ai_win_rate", "tasks", "tickets"), ("channel",), period=NOVEMBER)
    assert ask(query) == [("email", 3, 2, Decimal("50.0"), 2, 1)]


@pytest.mark.parametrize(
    ("metric", "dimension"),
    [
        ("cost", "role"),
        ("tickets", "role"),
        ("csat", "verdict"),
        ("tickets", "task_type"),
        ("new_customers", "channel"),
    ],
)
def test_a_split_by_what_a_row_has_many_of_is_refused(metric: str, dimension: str, rows: Rows, ask: Asker) -> None:
    """A ticket has messages of several roles: its cost belongs to none of them."""
    with pytest.raises(WrongUse):
        ask(MetricQuery((metric,), (dimension,), period=NOVEMBER))


def test_a_filter_by_what_a_row_has_many_of_is_refused(rows: Rows, ask: Asker) -> None:
    with pytest.raises(WrongUse):
        ask(MetricQuery(("cost",), filters=(Filter("role", Op.IN, ("ai",)),), period=NOVEMBER))


def test_a_filter_over_a_join_does_not_multiply(rows: Rows, ask: Asker) -> None:
    """Two subscriptions of one customer, and a ticket of theirs: the country is the ticket's through the customer."""
    customer = rows.customer(country="DE")
    rows.subscription(customer_id=customer)
    rows.subscription(customer_id=customer)
    rows.ticket(customer_id=customer, cost_usd=1)
    query = MetricQuery(("tickets", "cost"), filters=(Filter("country", Op.IN, ("DE",)),), period=NOVEMBER)
    assert ask(query) == [(1, Decimal("1.00"))]


def test_metrics_with_different_groups_keep_all_of_them(rows: Rows, ask: Asker) -> None:
    """An inner join of the two keeps chat alone; a left join loses telegram, whose ticket is older."""
    rows.ticket(channel="email")
    rows.message(rows.ticket(channel="chat"))
    rows.message(rows.ticket(at("2026-09-01"), channel="telegram"))
    query = MetricQuery(("tickets", "messages", "messages_per_ticket"), ("channel",), period=NOVEMBER)
    assert ask(query) == [
        ("chat", 1, 1, Decimal("1.00")),
        ("email", 1, 0, None),
        ("telegram", 0, 1, Decimal("1.00")),
    ]


def test_two_tables_meet_on_null_groups(rows: Rows, ask: Asker) -> None:
    """`ON a.model = b.model` never meets on null: it would show the null group twice, with zeros."""
    rows.message(rows.ticket(model=None))
    assert ask(MetricQuery(("tickets", "messages"), ("model",), period=NOVEMBER)) == [(None, 1, 1)]


def test_a_comparison_has_a_category_of_its_own(rows: Rows, ask: Asker) -> None:
    """The judge saw another category than the ticket has; each metric goes by its own rows."""
    rows.comparison(rows.ticket(request_type="other"), request_type="skip_month")
    query = MetricQuery(("tickets", "comparisons"), ("request_type",), period=NOVEMBER)
    assert ask(query) == [("other", 1, 0), ("skip_month", 0, 1)]


def test_a_name_that_two_tables_have_is_each_ones_own(rows: Rows, ask: Asker) -> None:
    """`status` of a task is the task's: joined to its ticket, a bare name would be the wrong one or ambiguous."""
    rows.task(rows.ticket(status="Escalated"), status="failed")
    query = MetricQuery(("tickets", "tasks"), ("status",), period=NOVEMBER)
    assert ask(query) == [("Escalated", 1, 0), ("failed", 0, 1)]
    query = MetricQuery(("tasks",), ("channel", "task_status"), (Filter("status", Op.IN, ("failed",)),), NOVEMBER)
    assert ask(query) == [("email", "failed", 1)]


def test_an_average_is_over_rows_and_not_over_groups(rows: Rows, ask: Asker) -> None:
    """Chat 5.00 and e-mail 1.00 average to 3.00; the three tickets to (1 + 1 + 5) / 3 = 2.33."""
    rows.ticket(channel="email", csat=1)
    rows.ticket(channel="email", csat=1)
    rows.ticket(channel="chat", csat=5)
    assert ask(MetricQuery(("csat",), period=NOVEMBER)) == [(Decimal("2.33"),)]


def test_a_rate_is_divided_once(rows: Rows, ask: Asker) -> None:
    """Days of 100 % (1 of 1) and 0 % (0 of 3) average to 50 %; of the four tickets one was escalated: 25 %."""
    rows.ticket(at("2026-11-02"), escalated_at=at("2026-11-02"))
    for _ in range(3):
        rows.ticket(at("2026-11-03"))
    query = MetricQuery(("escalation_rate",), period=NOVEMBER)
    assert ask(query) == [(Decimal("25.0"),)]


def test_a_rate_of_no_rows_in_its_denominator_counts_for_its_group_alone(rows: Rows, ask: Asker) -> None:
    """E-mail has no answered ticket: null there, and the whole is 1 of 2, not an average with a 0."""
    moment = at("2026-11-03")
    rows.ticket(channel="email")
    rows.ticket(channel="chat", ai_answered_at=moment, draft_created_at=moment)
    rows.ticket(channel="chat", ai_answered_at=moment)
    by_channel = MetricQuery(("resolution_rate",), ("channel",), period=NOVEMBER)
    assert ask(by_channel) == [("chat", Decimal("50.0")), ("email", None)]
    assert ask(MetricQuery(("resolution_rate",), period=NOVEMBER)) == [(Decimal("50.0"),)]


def test_distinct_counts_of_groups_do_not_add_up(rows: Rows, ask: Asker) -> None:
    """One ticket with messages of three roles is one ticket in each role, and one in all: 3 messages / 1 ticket."""
    ticket = rows.ticket()
    for role in ("customer", "ai", "human"):
        rows.message(ticket, role=role)
    metrics = ("messages_per_ticket", "tickets_with_messages")
    one = Decimal("1.00")
    assert ask(MetricQuery(metrics, ("role",), period=NOVEMBER)) == [
        ("ai", one, 1), ("customer", one, 1), ("human", one, 1),
    ]  # fmt: skip
    assert ask(MetricQuery(metrics, period=NOVEMBER)) == [(Decimal("3.00"), 1)]


def test_a_distinct_count_has_no_share(rows: Rows, ask: Asker) -> None:
    """Its parts overlap, so they are parts of no whole. The same goes for rates and averages."""
    for metric in ("tickets_with_messages", "escalation_rate", "csat", "response_time"):
        with pytest.raises(WrongUse):
            ask(MetricQuery((metric,), ("channel",), period=NOVEMBER, share=True))


def test_a_customer_is_who_the_id_says(rows: Rows, ask: Asker) -> None:
    """Two spellings of one address, and a ticket that nobody identified: a join on e-mail would lose the first and
    take in the last."""
    ann = rows.customer(email="a@example.com", country="IL")
    rows.ticket(customer_id=ann, customer_email="A@Example.com")
    rows.ticket(customer_id=ann, customer_email="a@example.com")
    rows.ticket(customer_id=None, customer_email="a@example.com")
    assert ask(MetricQuery(("tickets",), ("country",), period=NOVEMBER)) == [("IL", 2), (None, 1)]
    metrics = ("customers_with_tickets", "identified", "identification_rate")
    assert ask(MetricQuery(metrics, period=NOVEMBER)) == [(1, 2, Decimal("66.7"))]


def test_a_ticket_without_a_customer_is_counted(rows: Rows, ask: Asker) -> None:
    """An inner join to customers would leave the ticket out of every split by country."""
    rows.ticket(customer_id=None)
    query = MetricQuery(("tickets",), ("country", "customer_language"), period=NOVEMBER)
    assert ask(query) == [(None, None, 1)]


def test_a_first_reply_is_one_row_a_ticket(rows: Rows, ask: Asker) -> None:
    """The customer's own message is none, the second reply does not count, and a ticket without one has none. A reply
    of December is November's, as its ticket is."""
    answered, late = rows.ticket(at("2026-11-03 09:00")), rows.ticket(at("2026-11-30 23:55"))
    rows.ticket(at("2026-11-03 09:00"))
    rows.message(answered, at("2026-11-03 09:00"), role="customer")
    rows.message(answered, at("2026-11-03 09:30"), role="human")
    rows.message(answered, at("2026-11-03 09:04"), role="ai")
    rows.message(late, at("2026-12-01 00:05"), role="human")
    query = MetricQuery(("time_to_first_message", "tickets"), period=NOVEMBER)
    assert ask(query, now=at("2026-12-02")) == [(Decimal("7.0"), 3)]
    by_role = MetricQuery(("time_to_first_message",), ("role",), period=NOVEMBER)
    assert ask(by_role, now=at("2026-12-02")) == [("human", Decimal("10.0")), ("ai", Decimal("4.0"))]
