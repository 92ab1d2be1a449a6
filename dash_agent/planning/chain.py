"""The order of planners: what a question is refused for at once, then the semantic parser and its patterns."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from dash_agent.models.plan import (
    AskBack,
    Clarification,
    ListPlan,
    MetricPlan,
    Option,
    PatternPlan,
    Plan,
    Refusal,
    RefusalReason,
)
from dash_agent.planning.parser import Parser
from dash_agent.semantic.time import Calendar

LONGEST_QUESTION: Final = 1_000
"""Characters. A question of a person is shorter; a text that is longer is a paste or an attack."""

MOST_OPTIONS: Final = 4


def plan(question: str, parser: Parser, calendar: Calendar, previous: Plan | None, language: str) -> Plan:
    """A whole plan. Clarifications and refusals carry questions that work as they stand."""
    made = unfit(question) or parser.plan(question, calendar, previous)
    match made:
        case Clarification(why=AskBack.AMBIGUOUS, words=(word, *dimensions)):
            options = _readings(question, word, dimensions, parser, calendar, language)
            return replace(made, words=(word,), options=options)
        case Clarification(options=()):
            options = tuple(Option(text, text) for text in _some(parser.examples, language))
            return replace(made, options=options)
        case Refusal(suggestions=()):
            return with_examples(made, parser.examples, language)
        case _:
            return made


def with_examples(refusal: Refusal, examples: Mapping[str, Sequence[str]], language: str) -> Refusal:
    """The refusal with questions of the content files that can be answered, in English where a language has none."""
    return replace(refusal, suggestions=_some(examples, language))


def _some(examples: Mapping[str, Sequence[str]], language: str) -> tuple[str, ...]:
    return tuple(examples.get(language) or examples.get("en") or ())[:MOST_OPTIONS]


def _readings(
    question: str, word: str, dimensions: list[str], parser: Parser, calendar: Calendar, language: str
) -> tuple[Option, ...]:
    """The question once for each dimension that has the word, with the dimension named: those that then work."""
    found = []
    for name in dict.fromkeys(dimensions):
        label = parser.dimension_label(name, language)
        clearer = question.replace(word, f"{label.lower()} {word}", 1)
        if isinstance(parser.plan(clearer, calendar), MetricPlan | ListPlan | PatternPlan):
            found.append(Option(label, clearer))
    return tuple(found[:MOST_OPTIONS])


def unfit(question: str) -> Refusal | None:
    """The refusal of a text that is no question at all: empty, too long, or not text."""
    if len(question) > LONGEST_QUESTION:
        return Refusal(RefusalReason.TOO_LONG)
    if any(_is_unreadable(character) for character in question):
        return Refusal(RefusalReason.UNREADABLE)
    return None if question.strip() else Refusal(RefusalReason.EMPTY)


def _is_unreadable(character: str) -> bool:
    """Surrogates stand for bytes that are no UTF-8; control characters other than space are no writing."""
    return unicodedata.category(character) in ("Cs", "Cc", "Cn", "Co") and character not in "\n\r\t"
