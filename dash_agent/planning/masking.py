"""What a question must not carry to a model's provider: addresses and numbers of people, as far as they show."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from dash_agent.models.plan import Clarification, Refusal
from dash_agent.models.planned import Question

MASKS: Final = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"\+\d[\d\s().-]{6,}\d"), "[phone]"),
    # Longer than a year, a date or a count: a phone, a card, an order.
    (re.compile(r"\b\d{9,}\b|\b(?:\d[ -]?){13,19}\b"), "[number]"),
)


def masked(text: str) -> str:
    """The text with a word in place of each."""
    for pattern, word in MASKS:
        text = pattern.sub(word, text)
    return text


def for_a_model(question: Question) -> Question:
    """The question, the one before and the words that were not placed, masked."""
    before = question.previous
    return replace(
        question,
        text=masked(question.text),
        previous=(masked(before[0]), before[1]) if before is not None else None,
        declined=_masked(question.declined),
    )


def _masked(plan: Refusal | Clarification | None) -> Refusal | Clarification | None:
    return None if plan is None else replace(plan, words=tuple(map(masked, plan.words)))
