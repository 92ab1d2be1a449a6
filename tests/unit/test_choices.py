"""What is offered where a question can't be planned: cases/choices.yaml, and what holds for every offer."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from dash_agent.models.plan import (
    AskBack,
    Clarification,
    ListPlan,
    MetricPlan,
    PatternPlan,
    Plan,
    Refusal,
    RefusalReason,
)
from dash_agent.models.query import MetricQuery
from dash_agent.planning import chain, choices
from dash_agent.planning.inflection import Agreeing, Name
from dash_agent.planning.parser import Parser
from dash_agent.planning.tokens import language_of
from dash_agent.semantic.time import Calendar
from tests.conftest import CASES

Case = dict[str, Any]
LISTED: dict[str, list[Any]] = yaml.safe_load((CASES / "choices.yaml").read_text(encoding="utf-8"))
ASKED: list[str] = [case["ask"] for case in (*LISTED["offers"], *LISTED["refused"])] + LISTED["vague"]


def planned(question: str, parser: Parser, calendar: Calendar) -> Plan:
    return chain.plan(question, parser, calendar, None, language_of(question, "en"))


def offered(plan: Plan) -> list[str]:
    if isinstance(plan, Clarification):
        return [option.question for option in plan.options]
    assert isinstance(plan, Refusal), plan
    return list(plan.suggestions)


def asks(question: str, parser: Parser, calendar: Calendar) -> object:
    """What a question asks for, free of its words."""
    plan = parser.plan(question, calendar)
    if isinstance(plan, PatternPlan):
        return plan.name, plan.parameters, plan.period
    assert isinstance(plan, MetricPlan | ListPlan), f"'{question}' does not work: {plan}"
    return plan.query


@pytest.mark.parametrize("case", LISTED["offers"], ids=lambda case: str(case["ask"]))
def test_vague_questions_get_choices_near_them(case: Case, parser: Parser, calendar: Calendar) -> None:
    plan = planned(case["ask"], parser, calendar)
    assert isinstance(plan, Clarification)
    assert set(case["offers"]) <= set(offered(plan))


@pytest.mark.parametrize("case", LISTED["refused"], ids=lambda case: str(case["ask"]))
def test_refusals_name_the_nearest_questions(case: Case, parser: Parser, calendar: Calendar) -> None:
    plan = planned(case["ask"], parser, calendar)
    assert isinstance(plan, Refusal)
    assert plan.words
    assert set(case["offers"]) <= set(plan.suggestions)


@pytest.mark.parametrize("question", LISTED["never_reworded"])
def test_what_may_be_an_attack_is_given_examples_only(question: str, parser: Parser, calendar: Calendar) -> None:
    plan = planned(question, parser, calendar)
    assert isinstance(plan, Refusal)
    assert plan.reason in (RefusalReason.WRITE, RefusalReason.INSTRUCTION, RefusalReason.PERSONAL)
    examples = parser.examples[language_of(question, "en")]
    assert plan.suggestions
    assert set(plan.suggestions) <= set(examples)


@pytest.mark.parametrize("question", ASKED)
def test_every_offer_works_and_is_another_question(question: str, parser: Parser, calendar: Calendar) -> None:
    plan = planned(question, parser, calendar)
    texts = offered(plan)
    assert (2 if isinstance(plan, Clarification) else 1) <= len(texts) <= 4
    assert question not in texts
    meanings = [asks(text, parser, calendar) for text in texts]
    assert all(meaning not in meanings[:at] for at, meaning in enumerate(meanings))


@pytest.mark.parametrize("question", ASKED)
def test_every_offer_is_in_the_askers_language(question: str, parser: Parser, calendar: Calendar) -> None:
    language = language_of(question, "en")
    for text in offered(planned(question, parser, calendar)):
        assert language_of(text, "en") == language, text


def test_there_are_enough_questions_in_both_languages() -> None:
    assert sum(language_of(question, "en") == "ru" for question in ASKED) >= 30
    assert sum(language_of(question, "en") == "en" for question in ASKED) >= 30


@pytest.mark.parametrize(
    ("question", "language", "first", "values"),
    [
        ("show me the numbers for last week on WhatsApp", "en", "Tickets last week on WhatsApp", ("whatsapp",)),
        ("data for WhatsApp and email", "en", "Tickets for WhatsApp and email", ("whatsapp", "email")),
        ("цифры за прошлую неделю по WhatsApp", "ru", "Тикеты за прошлую неделю по WhatsApp", ("whatsapp",)),
    ],
)
def test_choices_keep_the_values_that_were_said(
    question: str, language: str, first: str, values: tuple[str, ...], parser: Parser, calendar: Calendar
) -> None:
    plan = choices.offered(question, Clarification(AskBack.NO_METRIC), parser, calendar, language)
    assert plan.options[0].question == first
    for option in plan.options:
        query = asks(option.question, parser, calendar)
        assert isinstance(query, MetricQuery)
        assert [(narrowed.dimension, narrowed.values) for narrowed in query.filters] == [("channel", values)]


def test_choices_keep_the_period_that_was_said(parser: Parser, calendar: Calendar) -> None:
    week = asks("tickets last week", parser, calendar)
    assert isinstance(week, MetricQuery)
    for text in offered(planned("and last week?", parser, calendar)):
        query = asks(text, parser, calendar)
        assert isinstance(query, MetricQuery)
        assert query.period == week.period


def test_a_word_of_two_meanings_is_offered_with_each(parser: Parser, calendar: Calendar) -> None:
    made = Clarification(AskBack.AMBIGUOUS, ("lost", "request_subtype", "shipment_status"))
    plan = choices.offered("shipments and tickets lost last week", made, parser, calendar, "en")
    assert plan.words == ("lost",)
    for option in plan.options:
        asks(option.question, parser, calendar)


def test_an_ambiguous_metric_word_is_replaced_by_the_names(parser: Parser, calendar: Calendar) -> None:
    made = Clarification(AskBack.AMBIGUOUS, ("messages", "customer_messages", "ai_messages"))
    plan = choices.offered("messages last week?", made, parser, calendar, "en")
    assert [option.question for option in plan.options] == ["customer messages last week?", "AI messages last week?"]


def test_options_that_are_there_already_stay(parser: Parser, calendar: Calendar) -> None:
    made = planned("compare", parser, calendar)
    assert isinstance(made, Clarification)
    assert choices.offered("anything else", made, parser, calendar, "en") == made


@pytest.mark.parametrize(
    ("name", "case", "expected"),
    [
        ("агент", "gent", "агента"),
        ("категория", "datv,plur", "категориям"),
        ("вторая категория", "gent", "второй категории"),
        ("тип ошибки", "datv,plur", "типам ошибки"),
        ("Германия", "gent", "Германии"),
        ("WhatsApp", "gent", "WhatsApp"),
        ("кто решил", "datv", "кто решил"),
    ],
)
def test_names_take_cases(name: str, case: str, expected: str) -> None:
    assert format(Name(name), case) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("доля решённых", "самая высокая"),
        ("время ответа", "самое высокое"),
        ("затраты на AI", "самые высокие"),
        ("CSAT", "самый высокий"),
    ],
)
def test_adjectives_agree_with_names(name: str, expected: str) -> None:
    assert format(Agreeing("самый высокий", name), "nomn") == expected
