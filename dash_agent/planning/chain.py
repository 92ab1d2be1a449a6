"""The order of planners: what a question is refused for at once, then the semantic parser and its patterns."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from dash_agent.models.plan import Clarification, Plan, Refusal, RefusalReason
from dash_agent.planning import choices
from dash_agent.planning.parser import Parser
from dash_agent.semantic.time import Calendar

LONGEST_QUESTION: Final = 1_000
"""Characters. A question of a person is shorter; a text that is longer is a paste or an attack."""

MOST_EXAMPLES: Final = 4


def plan(question: str, parser: Parser, calendar: Calendar, previous: Plan | None, language: str) -> Plan:
    """A whole plan. Clarifications and refusals carry questions that work as they stand."""
    made = unfit(question) or parser.plan(question, calendar, previous)
    match made:
        case Clarification():
            return choices.offered(question, made, parser, calendar, language)
        case Refusal():
            return choices.suggested(question, made, parser, calendar, language)
        case _:
            return made


def with_examples(refusal: Refusal, examples: Mapping[str, Sequence[str]], language: str) -> Refusal:
    """The refusal with questions of the content files that can be answered, in English where a language has none."""
    return replace(refusal, suggestions=_some(examples, language))


def _some(examples: Mapping[str, Sequence[str]], language: str) -> tuple[str, ...]:
    return tuple(examples.get(language) or examples.get("en") or ())[:MOST_EXAMPLES]


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
