"""Of verified patterns that share their words the one that explains the question is taken, or it is asked back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.models.plan import AskBack, Clarification, PatternPlan, Plan, Refusal
from dash_agent.planning import chain
from dash_agent.planning.parser import Parser
from dash_agent.ports import Embedder
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.time import Calendar
from tests.conftest import ROOT
from tests.fakes import FakeEmbedder

CONTENT = ROOT / "tests" / "content"
LIVE = {"channel": ["email", "chat"], "country": ["FR", "DE"]}
MEANINGS = {"happiness": "mood", "настроение": "mood", "клиентов": "customer", "report": "customer"}
"""By these a report on happiness is the customers' mood, and no load of the desk."""


def desk(folder: Path, *changes: tuple[str, str, str]) -> Catalog:
    """The small desk with two patterns that share phrases. changes: (file, what stands there, what shall)."""
    shutil.copytree(CONTENT / "small", folder, dirs_exist_ok=True)
    shutil.copytree(CONTENT / "twins", folder, dirs_exist_ok=True)
    for name, old, new in changes:
        file = folder / "queries" / name
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")
    return load_catalog(folder)


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return desk(tmp_path_factory.mktemp("twins"))


def asked(question: str, catalog: Catalog, calendar: Calendar, embedder: Embedder | None = None) -> Plan:
    return chain.plan(question, Parser(SemanticModel(catalog), LIVE, embedder), calendar, None, "en")


def taken(plan: Plan) -> str:
    assert isinstance(plan, PatternPlan), plan
    return plan.name


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Show the desk report for last week", "desk_mood"),
        ("Desk report by country", "desk_load"),
        ("Desk report by channel", "desk_mood"),
        ("Покажи отчёт отдела за прошлую неделю", "desk_mood"),
        ("Отчёт отдела по странам", "desk_load"),
    ],
)
def test_the_pattern_whose_slots_explain_the_question_is_taken(
    question: str, name: str, twins: Catalog, calendar: Calendar
) -> None:
    assert taken(asked(question, twins, calendar)) == name


@pytest.mark.parametrize("question", ["Show the ticket desk report", "Desk report tickets"])
def test_the_pattern_whose_phrases_explain_more_words_is_taken(
    question: str, twins: Catalog, calendar: Calendar
) -> None:
    assert taken(asked(question, twins, calendar)) == "desk_load"


def test_words_of_the_header_tell_patterns_apart(twins: Catalog, calendar: Calendar) -> None:
    assert taken(asked("Waiting report", twins, calendar)) == "desk_load"


@pytest.mark.parametrize(
    ("question", "name"),
    [("Cohort retention", "cohort_retention"), ("Retention cohorts", "subscription_cohorts")],
)
def test_words_that_stand_as_the_phrase_has_them_win(
    question: str, name: str, parser: Parser, calendar: Calendar
) -> None:
    assert taken(parser.plan(question, calendar)) == name


def test_an_example_leads_to_its_own_pattern(tmp_path: Path, calendar: Calendar) -> None:
    example = ("desk_mood.sql", "[Show the customer mood,", "[Show the ticket desk report,")
    assert taken(asked("Show the ticket desk report", desk(tmp_path, example), calendar)) == "desk_mood"


@pytest.mark.parametrize("question", ["Show the desk report", "Happiness report", "Покажи отчёт отдела"])
def test_a_tie_is_asked_back_without_an_embedder(question: str, twins: Catalog, calendar: Calendar) -> None:
    plan = asked(question, twins, calendar)
    assert isinstance(plan, Clarification)
    assert plan.why is AskBack.AMBIGUOUS
    assert {taken(asked(o.question, twins, calendar)) for o in plan.options} == {"desk_mood", "desk_load"}


def test_the_choices_are_in_the_language_of_the_question(twins: Catalog, calendar: Calendar) -> None:
    plan = asked("Покажи отчёт отдела", twins, calendar)
    assert isinstance(plan, Clarification)
    assert {option.question for option in plan.options} == {"Покажи настроение клиентов", "Покажи загрузку поддержки"}
    assert {option.label for option in plan.options} == {"Настроение клиентов", "Загрузка поддержки"}


def test_meaning_settles_a_tie(twins: Catalog, calendar: Calendar) -> None:
    assert taken(asked("Happiness report", twins, calendar, FakeEmbedder(MEANINGS))) == "desk_mood"


def test_what_lies_level_by_meaning_is_asked_back(twins: Catalog, calendar: Calendar) -> None:
    assert isinstance(asked("Happiness report", twins, calendar, FakeEmbedder()), Clarification)


def test_slots_are_filled_behind_a_settled_tie(twins: Catalog, calendar: Calendar) -> None:
    plan = asked("Happiness report for chat", twins, calendar, FakeEmbedder(MEANINGS))
    assert isinstance(plan, PatternPlan)
    assert dict(plan.parameters)["channels"] == ("chat",)


def test_periods_and_values_are_not_embedded(twins: Catalog, calendar: Calendar) -> None:
    embedder = FakeEmbedder()
    asked("Happiness report for chat", twins, calendar, embedder)
    assert embedder.asked
    assert not [text for text in embedder.asked if {"chat", "email", "week", "неделю"} & set(text.split())]


def test_examples_are_embedded_once_and_only_for_a_tie(twins: Catalog, calendar: Calendar) -> None:
    embedder = FakeEmbedder(MEANINGS)
    parser = Parser(SemanticModel(twins), LIVE, embedder)
    for question in ("Show the desk load", "Waiting report", "How many tickets last week?"):
        parser.plan(question, calendar)
    assert not embedder.asked
    parser.plan("Happiness report", calendar)
    first = list(embedder.asked)
    parser.plan("Happiness report", calendar)
    assert embedder.asked == [*first, first[0]]


def test_two_patterns_side_by_side_are_neither(tmp_path: Path, calendar: Calendar) -> None:
    catalog = desk(tmp_path, ("desk_mood.sql", "[desk report,", "[country list, desk report,"))
    assert isinstance(asked("Desk load, country list", catalog, calendar), Refusal)


def test_twins_that_not_even_their_examples_tell_apart_are_refused(tmp_path: Path, calendar: Calendar) -> None:
    catalog = desk(
        tmp_path,
        ("desk_load.sql", "[Show the desk load, Desk load in chat]", "[Desk report]"),
        ("desk_mood.sql", "[Show the customer mood, Customer mood in email last week]", "[Desk report]"),
    )
    plan = asked("Show the desk report", catalog, calendar)
    assert isinstance(plan, Refusal)
    assert plan.words == ("desk report",)


@pytest.mark.parametrize(
    "question",
    [
        "Desk load without email",
        "Top 3 of the desk load",
        "Desk load last week",
        "Desk load of Zorbia",
        "Desk load in FR",
        "Desk load over 500",
        "Desk load for over 48 hours",
        "Customer mood by country",
        "Customer mood of the previous one",
        "Customer mood last week and last month",
        "Queue for less than 48 hours",
        "Queue last week",
    ],
)
def test_a_word_without_a_slot_drops_the_pattern(question: str, twins: Catalog, calendar: Calendar) -> None:
    assert not isinstance(asked(question, twins, calendar), PatternPlan)


def test_a_slot_for_one_value_takes_no_two(tmp_path: Path, calendar: Calendar) -> None:
    catalog = desk(
        tmp_path,
        ("desk_load.sql", "{type: 'text[]', fills: 'dimension:channel'}", "{type: text, fills: 'dimension:channel'}"),
    )
    assert taken(asked("Desk load in chat", catalog, calendar)) == "desk_load"
    assert not isinstance(asked("Desk load in chat and email", catalog, calendar), PatternPlan)


@pytest.mark.parametrize(
    ("question", "hours"),
    [("Queue", 24), ("Queue for 48 hours", 48), ("Queue for over 36 hours", 36), ("Очередь больше двух суток", 48)],
)
def test_a_length_of_time_fills_a_slot_of_hours(question: str, hours: int, twins: Catalog, calendar: Calendar) -> None:
    plan = asked(question, twins, calendar)
    assert isinstance(plan, PatternPlan)
    assert dict(plan.parameters)["hours"] == hours
