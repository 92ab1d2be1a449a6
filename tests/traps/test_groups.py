"""Null groups, ties, shares, thresholds and filters."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dash_agent.context.business import Dimension
from dash_agent.context.catalog import Catalog
from dash_agent.errors import UnknownName, WrongUse
from dash_agent.models.query import Filter, Grain, Having, MetricQuery, Op, Order
from tests.e2e.databases import Database
from tests.traps.rows import A_DAY, NOVEMBER, OCTOBER, Asker, Rows, at, period

CHANNELS = ("channel",)


def by_channel(rows: Rows, **numbers: int) -> None:
    for channel, number in numbers.items():
        rows.tickets(number, channel=channel)


# Null groups


def test_a_null_group_is_shown_as_null(rows: Rows, ask: Asker) -> None:
    """Also a word for it that somebody might have stored would be another group."""
    rows.tickets(2, assigned_to=None)
    rows.ticket(assigned_to="Dana")
    rows.ticket(assigned_to="")
    query = MetricQuery(("tickets",), ("assigned_to",), period=NOVEMBER)
    assert ask(query) == [(None, 2), ("", 1), ("Dana", 1)]


def test_a_null_group_comes_last_among_equals(rows: Rows, ask: Asker) -> None:
    for agent in (None, "Noa", "Dana"):
        rows.ticket(assigned_to=agent)
    for desc, expected in ((False, ["Dana", "Noa", None]), (True, ["Noa", "Dana", None])):
        order = (Order("assigned_to", desc=desc),)
        found = ask(MetricQuery(("tickets",), ("assigned_to",), period=NOVEMBER, order=order))
        assert [agent for agent, _ in found] == expected
    assert [agent for agent, _ in ask(MetricQuery(("tickets",), ("assigned_to",), period=NOVEMBER))] == [
        "Dana", "Noa", None,
    ]  # fmt: skip


@pytest.mark.parametrize("desc", [True, False])
def test_a_null_value_comes_last_in_both_directions(desc: bool, rows: Rows, ask: Asker) -> None:
    """DESC alone puts nulls first: the best channel would be one that nobody rated."""
    for channel, csat in (("chat", None), ("email", 2), ("voice", 4)):
        rows.ticket(channel=channel, csat=csat)
    query = MetricQuery(("csat",), CHANNELS, period=NOVEMBER, order=(Order("csat", desc=desc),))
    assert [channel for channel, _ in ask(query)] == [*(("voice", "email") if desc else ("email", "voice")), "chat"]


def test_a_ranking_leaves_null_groups_out(rows: Rows, ask: Asker) -> None:
    """Before the limit: the top one is Dana, and not nobody."""
    rows.tickets(3, assigned_to=None)
    rows.ticket(assigned_to="Dana", model="gpt-5.1")
    rows.ticket(assigned_to="Noa", model=None)
    top = MetricQuery(("tickets",), ("assigned_to",), period=NOVEMBER, drop_null_groups=True, limit=1)
    assert ask(top) == [("Dana", 1)]
    both = MetricQuery(("tickets",), ("assigned_to", "model"), period=NOVEMBER, drop_null_groups=True)
    assert ask(both) == [("Dana", "gpt-5.1", 1)]


def test_a_code_of_two_letters_has_no_padding(rows: Rows, ask: Asker) -> None:
    """char(2) keeps 'x' as 'x ' and compares it without the blank."""
    rows.ticket(language="x")
    rows.ticket(language="en", customer_id=rows.customer(country="Y"))
    assert ask(MetricQuery(("tickets",), ("language",), period=NOVEMBER)) == [("en", 1), ("x", 1)]
    only = (Filter("language", Op.IN, ("x",)),)
    assert ask(MetricQuery(("tickets",), filters=only, period=NOVEMBER)) == [(1,)]
    assert ask(MetricQuery(("tickets",), ("country",), period=NOVEMBER)) == [("Y", 1), (None, 1)]


# Filters


def test_except_keeps_null_rows(rows: Rows, ask: Asker) -> None:
    """`model NOT IN ('a')` is unknown for null, and SQL leaves unknown out."""
    for model in ("a", "b", None):
        rows.ticket(model=model)

    def count(op: Op, *values: str | None) -> int:
        query = MetricQuery(("tickets",), filters=(Filter("model", op, values),), period=NOVEMBER)
        return int(ask(query)[0][0])

    assert count(Op.NOT_IN, "a") == 2
    assert count(Op.NOT_IN, "a", "c") == 2
    assert count(Op.NOT_IN, "a", None) == 1
    assert count(Op.NOT_IN, None) == 2
    assert count(Op.IN, "a", None) == 2
    assert count(Op.IN, None) == 1
    assert count(Op.IN, "a", "b") == 2
    assert count(Op.IS_NULL) == 1
    assert count(Op.NOT_NULL) == 2


def test_a_filter_reaches_what_has_no_customer(rows: Rows, ask: Asker) -> None:
    """Everything but Germany holds the tickets that nobody identified."""
    rows.ticket(customer_id=rows.customer(country="DE"))
    rows.ticket(customer_id=rows.customer(country="IL"))
    rows.ticket(customer_id=None)
    others = (Filter("country", Op.NOT_IN, ("DE",)),)
    assert ask(MetricQuery(("tickets",), filters=others, period=NOVEMBER)) == [(2,)]


def test_two_filters_both_hold(rows: Rows, ask: Asker) -> None:
    rows.ticket(channel="chat", urgency="high")
    rows.ticket(channel="chat", urgency="low")
    rows.ticket(channel="email", urgency="high")
    both = (Filter("channel", Op.IN, ("chat",)), Filter("urgency", Op.IN, ("high",)))
    assert ask(MetricQuery(("tickets",), filters=both, period=NOVEMBER)) == [(1,)]
    never = (Filter("channel", Op.IN, ("chat",)), Filter("channel", Op.NOT_IN, ("chat",)))
    assert ask(MetricQuery(("tickets",), filters=never, period=NOVEMBER)) == [(0,)]


def test_a_value_is_a_value_and_no_sql(rows: Rows, ask: Asker) -> None:
    for name in ("O'Neil", "x' OR 'a'='a", "50%", "a\\b", "_"):
        rows.ticket(assigned_to=name)
        one = (Filter("assigned_to", Op.IN, (name,)),)
        assert ask(MetricQuery(("tickets",), ("assigned_to",), one, NOVEMBER)) == [(name, 1)]


@pytest.mark.parametrize("op", [Op.LT, Op.LE, Op.GT, Op.GE])
def test_words_have_no_order(op: Op, rows: Rows, ask: Asker) -> None:
    """'low' is more than 'high' by the alphabet."""
    with pytest.raises(WrongUse):
        ask(MetricQuery(("tickets",), filters=(Filter("urgency", op, ("high",)),), period=NOVEMBER))


@pytest.mark.parametrize(("op", "kept"), [(Op.LT, 1), (Op.LE, 2), (Op.GT, 1), (Op.GE, 2)])
def test_numbers_have_an_order_and_null_stands_in_none(
    op: Op, kept: int, rows: Rows, trapped: Database, home: Catalog
) -> None:
    """No dimension of ours is a number yet, so this one is made here."""
    score = Dimension(name="score", label={"en": "Score"}, description="", column="support_threads_data.csat")
    asker = Asker(trapped, replace(home, dimensions={**home.dimensions, "score": score}))
    for csat in (2, 3, 4, None):
        rows.ticket(csat=csat)
    query = MetricQuery(("tickets",), filters=(Filter("score", op, (3,)),), period=NOVEMBER)
    assert asker(query) == [(kept,)]
    by_score = MetricQuery(("tickets",), ("score",), period=NOVEMBER, order=(Order("score", desc=False),))
    assert asker(by_score) == [(2, 1), (3, 1), (4, 1), (None, 1)]
    asker.close()


# Ties and limits


def test_ties_go_by_name(rows: Rows, ask: Asker) -> None:
    by_channel(rows, whatsapp=2, email=2, chat=1, voice=3)
    query = MetricQuery(("tickets",), CHANNELS, period=NOVEMBER)
    assert ask(query) == [("voice", 3), ("email", 2), ("whatsapp", 2), ("chat", 1)]
    lowest = MetricQuery(("tickets",), CHANNELS, period=NOVEMBER, order=(Order("tickets", desc=False),))
    assert ask(lowest) == [("chat", 1), ("email", 2), ("whatsapp", 2), ("voice", 3)]


def test_a_limit_may_keep_who_ties_with_the_last(rows: Rows, ask: Asker) -> None:
    by_channel(rows, whatsapp=2, email=2, chat=1, voice=3)

    def channels(limit: int, *, with_ties: bool) -> list[str]:
        query = MetricQuery(("tickets",), CHANNELS, period=NOVEMBER, limit=limit, with_ties=with_ties)
        return [channel for channel, _ in ask(query)]

    assert channels(2, with_ties=False) == ["voice", "email"]
    assert channels(2, with_ties=True) == ["voice", "email", "whatsapp"]
    assert channels(3, with_ties=True) == ["voice", "email", "whatsapp"]
    assert channels(1, with_ties=True) == ["voice"]
    assert channels(9, with_ties=True) == ["voice", "email", "whatsapp", "chat"]


def test_nulls_tie_with_each_other(rows: Rows, ask: Asker) -> None:
    for channel, csat in (("chat", None), ("email", 2), ("voice", None)):
        rows.ticket(channel=channel, csat=csat)
    query = MetricQuery(("csat",), CHANNELS, period=NOVEMBER, limit=2, with_ties=True)
    assert [channel for channel, _ in ask(query)] == ["email", "chat", "voice"]


def test_rounding_makes_no_ties(rows: Rows, ask: Asker) -> None:
    """500 of 1,000 and 501 of 1,001 are both 50.0 %, and the second is more: 50.05 of a hundred."""
    for channel, escalated, others in (("chat", 500, 500), ("whatsapp", 501, 500)):
        rows.tickets(escalated, channel=channel, escalated_at=A_DAY)
        rows.tickets(others, channel=channel)
    query = MetricQuery(("escalation_rate",), CHANNELS, period=NOVEMBER)
    assert ask(query) == [("whatsapp", Decimal("50.0")), ("chat", Decimal("50.0"))]
    first = MetricQuery(("escalation_rate",), CHANNELS, period=NOVEMBER, limit=1, with_ties=True)
    assert ask(first) == [("whatsapp", Decimal("50.0"))]


def test_two_orders_both_count(rows: Rows, ask: Asker) -> None:
    """Ties of the first go by the second, with ties or without; those of both go by name."""
    for channel, escalated in (("chat", 1), ("email", 2), ("voice", 2), ("whatsapp", 0)):
        for number in range(2):
            rows.ticket(channel=channel, escalated_at=A_DAY if number < escalated else None)
    order = (Order("tickets"), Order("escalated", desc=False))
    query = MetricQuery(("tickets", "escalated"), CHANNELS, period=NOVEMBER, order=order)
    expected = [("whatsapp", 2, 0), ("chat", 2, 1), ("email", 2, 2), ("voice", 2, 2)]
    assert ask(query) == expected
    third = MetricQuery(("tickets", "escalated"), CHANNELS, period=NOVEMBER, order=order, limit=3, with_ties=True)
    assert ask(third) == expected
    second = MetricQuery(("tickets", "escalated"), CHANNELS, period=NOVEMBER, order=order, limit=2, with_ties=True)
    assert ask(second) == expected[:2]


def test_names_go_by_their_letters_codes(rows: Rows, ask: Asker) -> None:
    """Capitals before small letters, and those before other scripts, on every machine alike."""
    for agent in ("ann", "Яна", "Zoe", "bob", "Émile"):
        rows.ticket(assigned_to=agent)
    found = ask(MetricQuery(("tickets",), ("assigned_to",), period=NOVEMBER))
    assert [agent for agent, _ in found] == ["Zoe", "ann", "bob", "Émile", "Яна"]


def test_an_order_may_go_by_the_change(rows: Rows, ask: Asker) -> None:
    by_channel(rows, chat=1, email=3)
    rows.tickets(4, at("2026-10-05"), channel="email")
    order = (Order("tickets_change"),)
    query = MetricQuery(("tickets",), CHANNELS, period=NOVEMBER, compare=OCTOBER, order=order)
    assert ask(query) == [("chat", 1, 0, 1), ("email", 3, 4, -1)]


def test_an_order_by_what_is_not_shown_is_refused(rows: Rows, ask: Asker) -> None:
    with pytest.raises(UnknownName):
        ask(MetricQuery(("tickets",), CHANNELS, period=NOVEMBER, order=(Order("escalated"),)))


# Shares


def test_null_groups_stay_in_the_whole(rows: Rows, ask: Asker) -> None:
    """Of four tickets Dana has one: 25 %, also where nobody's three are not shown."""
    rows.tickets(3, assigned_to=None)
    rows.ticket(assigned_to="Dana")
    query = MetricQuery(("tickets",), ("assigned_to",), period=NOVEMBER, share=True)
    assert ask(query) == [(None, 3, Decimal("75.0")), ("Dana", 1, Decimal("25.0"))]
    ranked = MetricQuery(("tickets",), ("assigned_to",), period=NOVEMBER, share=True, drop_null_groups=True)
    assert ask(ranked) == [("Dana", 1, Decimal("25.0"))]


def test_a_limit_leaves_the_whole_as_it_is(rows: Rows, ask: Asker) -> None:
    by_channel(rows, chat=1, email=3)
    query = MetricQuery(("tickets",), CHANNELS, period=NOVEMBER, share=True, limit=1)
    assert ask(query) == [("email", 3, Decimal("75.0"))]
    kept = MetricQuery(("tickets",), CHANNELS, period=NOVEMBER, share=True, having=(Having("tickets", Op.LT, 2),))
    assert ask(kept) == [("chat", 1, Decimal("25.0"))]


def test_a_filter_on_the_split_chooses_and_another_one_narrows(rows: Rows, ask: Asker) -> None:
    """The share of e-mail is of all channels; of urgent e-mail, of all that is urgent."""
    rows.tickets(3, channel="email", urgency="high")
    rows.tickets(1, channel="chat", urgency="high")
    rows.tickets(4, channel="chat", urgency="low")
    email, urgent = Filter("channel", Op.IN, ("email",)), Filter("urgency", Op.IN, ("high",))
    query = MetricQuery(("tickets",), CHANNELS, (email,), NOVEMBER, share=True)
    assert ask(query) == [("email", 3, Decimal("37.5"))]
    query = MetricQuery(("tickets",), CHANNELS, (email, urgent), NOVEMBER, share=True)
    assert ask(query) == [("email", 3, Decimal("75.0"))]


def test_a_share_beside_time_is_of_its_bucket(rows: Rows, ask: Asker) -> None:
    """By day and channel it is of the day; by day alone of all days."""
    rows.ticket(at("2026-11-02"), channel="chat")
    rows.ticket(at("2026-11-03"), channel="chat")
    rows.tickets(2, at("2026-11-03"), channel="email")
    within = period("2026-11-02", "2026-11-05")
    second, third, fourth = date(2026, 11, 2), date(2026, 11, 3), date(2026, 11, 4)
    split = MetricQuery(("tickets",), CHANNELS, period=within, grain=Grain.DAY, share=True)
    assert ask(split) == [
        (second, "chat", 1, Decimal("100.0")),
        (second, "email", 0, Decimal("0.0")),
        (third, "chat", 1, Decimal("33.3")),
        (third, "email", 2, Decimal("66.7")),
        (fourth, "chat", 0, None),  # of nothing
        (fourth, "email", 0, None),
    ]
    alone = MetricQuery(("tickets",), period=within, grain=Grain.DAY, share=True)
    assert ask(alone) == [
        (second, 1, Decimal("25.0")), (third, 3, Decimal("75.0")), (fourth, 0, Decimal("0.0")),
    ]  # fmt: skip


def test_a_share_of_nothing_is_null(rows: Rows, ask: Asker) -> None:
    rows.ticket()
    query = MetricQuery(("escalated",), CHANNELS, period=NOVEMBER, share=True)
    assert ask(query) == [("email", 0, None)]
    assert ask(MetricQuery(("escalated",), period=NOVEMBER, share=True)) == [(0, None)]


def test_a_share_beside_a_comparison_is_of_the_period(rows: Rows, ask: Asker) -> None:
    by_channel(rows, chat=1, email=3)
    rows.tickets(16, at("2026-10-05"), channel="chat")
    query = MetricQuery(("tickets",), CHANNELS, period=NOVEMBER, compare=OCTOBER, share=True)
    assert ask(query) == [("email", 3, 0, 3, Decimal("75.0")), ("chat", 1, 16, -15, Decimal("25.0"))]


# Thresholds


def test_a_threshold_may_be_of_what_is_not_shown(rows: Rows, ask: Asker) -> None:
    by_channel(rows, chat=1, email=3)
    rows.message(rows.ticket(channel="voice"))
    query = MetricQuery(("escalation_rate",), CHANNELS, period=NOVEMBER, having=(Having("tickets", Op.GE, 3),))
    assert ask(query) == [("email", Decimal("0.0"))]
    of_another_table = MetricQuery(("tickets",), CHANNELS, period=NOVEMBER, having=(Having("messages", Op.GT, 0),))
    assert ask(of_another_table) == [("voice", 1)]
    of_nothing = MetricQuery(("tickets",), CHANNELS, period=NOVEMBER, having=(Having("messages", Op.LT, 1),))
    assert ask(of_nothing) == [("email", 3), ("chat", 1)]


def test_a_threshold_brings_no_groups(rows: Rows, ask: Asker) -> None:
    """Voice has messages in November, and no ticket: there is no group to keep."""
    rows.message(rows.ticket(at("2026-10-05"), channel="voice"))
    query = MetricQuery(("tickets",), CHANNELS, period=NOVEMBER, having=(Having("messages", Op.GT, 0),))
    assert ask(query) == []


def test_a_threshold_is_held_against_the_unrounded_value(rows: Rows, ask: Asker) -> None:
    """2 of 3 is 66.7 rounded, and less than that: 66.666…"""
    rows.tickets(2, escalated_at=A_DAY)
    rows.ticket()
    over = MetricQuery(
        ("escalation_rate",), CHANNELS, period=NOVEMBER, having=(Having("escalation_rate", Op.GE, Decimal("66.7")),)
    )
    assert ask(over) == []


@pytest.mark.parametrize(("op", "kept"), [(Op.LT, 1), (Op.LE, 2), (Op.GT, 1), (Op.GE, 2)])
def test_thresholds_hold_at_their_edge(op: Op, kept: int, rows: Rows, ask: Asker) -> None:
    by_channel(rows, chat=1, email=2, voice=3)
    query = MetricQuery(("tickets",), CHANNELS, period=NOVEMBER, having=(Having("tickets", op, 2),))
    assert len(ask(query)) == kept


@pytest.mark.parametrize("op", [Op.LT, Op.GE])
def test_a_null_stands_in_no_order(op: Op, rows: Rows, ask: Asker) -> None:
    """An average that nobody gave is neither less than 3 nor 3."""
    rows.ticket(csat=None)
    query = MetricQuery(("tickets",), CHANNELS, period=NOVEMBER, having=(Having("csat", op, 3),))
    assert ask(query) == []


def test_all_thresholds_hold(rows: Rows, ask: Asker) -> None:
    by_channel(rows, chat=1, email=2, voice=3)
    having = (Having("tickets", Op.GT, 1), Having("tickets", Op.LT, 3))
    assert ask(MetricQuery(("tickets",), CHANNELS, period=NOVEMBER, having=having)) == [("email", 2)]


def test_empty_buckets_stand_before_a_threshold(rows: Rows, ask: Asker) -> None:
    """Days with less than one ticket are the days without any."""
    rows.ticket(at("2026-11-03"))
    within = period("2026-11-02", "2026-11-05")
    query = MetricQuery(("tickets",), period=within, grain=Grain.DAY, having=(Having("tickets", Op.LT, 1),))
    assert ask(query) == [(date(2026, 11, 2), 0), (date(2026, 11, 4), 0)]
