"""What is offered after an answer: over all questions of tests/cases, each works and keeps conditions and period."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
import yaml

from dash_agent.models.plan import Executable, ListPlan, MetricPlan, PatternPlan, Plan
from dash_agent.models.query import Among, Condition, Filter, Period
from dash_agent.planning.parser import Parser
from dash_agent.planning.suggestions import suggestions
from dash_agent.planning.tokens import language_of
from dash_agent.semantic.time import Calendar
from tests.conftest import CASES

PLANS: list[dict[str, Any]] = yaml.safe_load((CASES / "plans.yaml").read_text(encoding="utf-8"))
ASKED = [case for file in sorted((CASES / "asked").glob("*.yaml")) for case in yaml.safe_load(file.read_text("utf-8"))]
QUESTIONS = [[case["ask"]] if "ask" in case else case["turns"] for case in PLANS]
QUESTIONS += [case.get("turns") or [case["question"]] for case in ASKED]
ALL = {" / ".join(turns): turns for turns in QUESTIONS}
OTHER = {"en": "ru", "ru": "en"}


def planned(turns: Sequence[str], parser: Parser, calendar: Calendar) -> Plan:
    plan: Plan | None = None
    for question in turns:
        plan = parser.plan(question, calendar, plan)
    assert plan is not None
    return plan


def span(plan: Plan) -> object:
    period: Period | None = plan.period if isinstance(plan, PatternPlan) else plan.query.period  # type: ignore[union-attr]
    return period and (period.start, period.end)


def told(condition: Condition) -> tuple[object, ...]:
    if isinstance(condition, Among):
        return condition.metric, condition.counts
    return condition.dimension, condition.op, frozenset(condition.values)


def narrowed(plan: Plan) -> set[tuple[object, ...]]:
    """By dimensions: filters, and what a share is of."""
    if isinstance(plan, PatternPlan):
        return set()
    conditions = (*plan.query.filters, *(plan.query.part if isinstance(plan, MetricPlan) else ()))  # type: ignore[union-attr]
    return {told(one) for one in conditions if isinstance(one, Filter)}


def counted(plan: Plan) -> set[tuple[object, ...]]:
    """By metrics: rows that one counts. A list is of the rows that all of its metrics count."""
    if isinstance(plan, PatternPlan):
        return set()
    part = plan.query.part if isinstance(plan, MetricPlan) else ()  # type: ignore[union-attr]
    found = {told(one) for one in (*plan.query.among, *part) if isinstance(one, Among)}  # type: ignore[union-attr]
    return found | {(name, True) for name in plan.query.metrics if isinstance(plan, ListPlan)}  # type: ignore[union-attr]


def asks(plan: Plan) -> object:
    if isinstance(plan, PatternPlan):
        return plan.name, plan.parameters
    assert isinstance(plan, MetricPlan | ListPlan)
    return plan.query, isinstance(plan, MetricPlan) and plan.why


def check(plan: Executable, offered: Sequence[str], language: str, parser: Parser, calendar: Calendar) -> None:
    assert len(offered) == len(set(offered)) <= 3
    for question in offered:
        assert language_of(question, "") in (language, "en"), question
        assert "  " not in question
        made = parser.plan(question, calendar)
        assert isinstance(made, Executable), question
        assert asks(made) != asks(plan), question
        assert span(made) == span(plan), question
        if isinstance(plan, PatternPlan) or isinstance(made, PatternPlan):
            continue
        assert narrowed(made) == narrowed(plan), question
        named = {(name, True) for name in made.query.metrics} if isinstance(made, MetricPlan) else set()
        assert counted(plan) <= counted(made) | named, question
        if isinstance(plan, MetricPlan):
            assert counted(plan) == counted(made) - {(name, True) for name in plan.query.metrics}, question


@pytest.mark.parametrize("turns", ALL.values(), ids=ALL)
def test_every_suggestion_is_answered_about_the_same_rows(turns: list[str], parser: Parser, calendar: Calendar) -> None:
    plan = planned(turns, parser, calendar)
    if not isinstance(plan, Executable):
        assert suggestions(plan, (), parser, calendar, "en") == ()
        return
    language = language_of(turns[-1], "en")
    for spoken in (language, OTHER[language]):
        offered = suggestions(plan, (), parser, calendar, spoken)
        check(plan, offered, spoken, parser, calendar)
        assert turns[-1].strip(" ?!.").lower() not in {one.strip(" ?!.").lower() for one in offered}


def test_nearly_every_answer_has_one(parser: Parser, calendar: Calendar) -> None:
    plans = [planned(turns, parser, calendar) for turns in ALL.values()]
    executable = [plan for plan in plans if isinstance(plan, Executable)]
    bare = [plan for plan in executable if not suggestions(plan, (), parser, calendar, "en")]
    assert len(executable) > 500
    assert len(bare) * 50 <= len(executable)


@pytest.mark.parametrize(
    ("question", "language", "offered"),
    [
        ("How many tickets last week?", "en", "Why did tickets change last week?"),
        ("How many tickets last week?", "en", "Tickets by day last week"),
        ("How many tickets last week?", "ru", "Почему изменились тикеты на прошлой неделе?"),
        ("escalation rate by week this year", "en", "Why did escalation rate change this year?"),
        ("tickets by channel last month", "en", "Share of tickets by channel last month"),
        ("тикеты по каналам за прошлый месяц", "ru", "Доля тикетов по каналам в прошлом месяце"),
        ("escalations in October vs September", "en", "Why did escalations change last month?"),
        ("Show stuck tickets", "en", "Stuck cases by category"),
        ("Покажи застрявшие тикеты", "ru", "Застрявшие тикеты по каналам"),
        ("How many stuck tickets are there?", "en", "Show stuck cases"),
        ("average response time in October", "en", "Average response time by category last month"),
        ("tickets of cancel_subscription last week", "en", "Tickets by day for Cancel subscription last week"),
        ("тикеты в Telegram с 3 по 9 октября", "ru", "Тикеты по дням (Telegram) с 3 октября 2026 по 9 октября 2026"),
        ("Ticket funnel for last month", "en", "Distribution of CSAT last month"),
    ],
)
def test_what_is_worth_asking(question: str, language: str, offered: str, parser: Parser, calendar: Calendar) -> None:
    found = suggestions(parser.plan(question, calendar), (), parser, calendar, language)
    assert offered in found


@pytest.mark.parametrize(
    ("question", "rows", "first"),
    [
        (
            "tickets by channel last month",
            [("email", 9), ("chat", 20), (None, 30)],
            "Tickets by week for Chat last month",
        ),
        (
            "resolution rate by channel last month",
            [("email", Decimal("70.1")), ("chat", Decimal("60.2"))],
            "Resolution rate by week for Chat last month",
        ),
        ("тикеты по каналам вчера", [("chat", 9), ("telegram", 3)], "Тикеты по часам (Чат) вчера"),
        ("active subscriptions by status", [("active", 9), ("paused", 3)], None),
    ],
)
def test_the_group_that_stands_out_is_looked_at(
    question: str, rows: list[tuple[object, ...]], first: str | None, parser: Parser, calendar: Calendar
) -> None:
    plan = parser.plan(question, calendar)
    found = suggestions(plan, rows, parser, calendar, language_of(question, "en"))  # type: ignore[arg-type]
    assert first is None or found[0] == first


def test_a_text_that_is_no_value_makes_no_question(parser: Parser, calendar: Calendar) -> None:
    plan = parser.plan("tickets by channel last month", calendar)
    found = suggestions(plan, [("jane@example.com", 9), ("my parcel is lost", 3)], parser, calendar, "en")
    assert found
    assert not any("example" in one or "parcel" in one for one in found)
