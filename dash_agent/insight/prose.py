"""A model's own words on a result: what it is told, and whether what it says may be shown.

Shown is only what can be held against the facts: each number is one of them, and stands beside the group that it is of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from dash_agent.insight.cells import decimals_of
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Fact

MOST_FACTS: Final = 40
LONGEST: Final = 600
"""Characters of a text that is shown."""

NUMBER: Final = re.compile(r"\d+(?:[.,:\u00a0\u202f]\d+)*")
SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")
UNCOUNTED: Final = re.compile(
    r"\b(double[ds]?|doubling|triple[ds]?|twice|thrice|half|halv\w+|thirds?|quarters?|dozens?|hundreds?|thousands?|"
    r"one|two|three|four|five|six|seven|eight|nine|ten|percent(age)? of all|"
    r"вдвое|втрое|удво\w+|утро\w+|половин\w*|трет[ьи]\w*|четверт\w*|дюжин\w*|сотн\w+|тысяч\w*|"
    r"од(ин|на|но)|два|две|три|четыре|пять|шесть|семь|восемь|девять|десять)\b",
    re.IGNORECASE,
)
"""Quantities in words: they can't be held against facts."""


@dataclass(frozen=True, slots=True)
class _Told:
    """A fact as a model is told it. numbers: its value's and the one before, as they are written."""

    line: str
    numbers: frozenset[str]
    segment: str


def lines(facts: Sequence[Fact], wording: Wording) -> tuple[str, ...]:
    """The facts as a model reads them: names as quoted data, numbers as answers write them."""
    return tuple(told.line for told in _told(facts, wording))


def holds(text: str, facts: Sequence[Fact], wording: Wording) -> bool:
    """Whether nothing in a text goes beyond the facts that a model was told."""
    told = tuple(_told(facts, wording))
    if not text or len(text) > LONGEST or UNCOUNTED.search(_without_names(text, told)):
        return False
    return all(_sentence_holds(sentence, told) for sentence in SENTENCE.split(text))


def _told(facts: Sequence[Fact], wording: Wording) -> Iterator[_Told]:
    for fact in facts[:MOST_FACTS]:
        value, previous = (_number(number, fact.unit, wording) for number in (fact.value, fact.previous))
        if value is None:
            continue
        about = [fact.label, *filter(None, (fact.segment, fact.period))]
        line = f"- {fact.kind} of {', '.join(json.dumps(one, ensure_ascii=False) for one in about)}: {value}"
        if previous is not None:
            line += f" (before: {previous})"
        written = f"{value} {previous or ''}"
        yield _Told(line, frozenset(NUMBER.findall(written)), fact.segment or "")


def _number(value: Decimal | float | None, unit: str | None, wording: Wording) -> str | None:
    if value is None:
        return None
    number = Decimal(str(value))
    return wording.number(number, None if unit == "points" else unit, decimals_of(number.normalize()))


def _sentence_holds(sentence: str, told: Sequence[_Told]) -> bool:
    """Each number is a fact's, and the group that stands before it (or, throughout, behind it) is that fact's.

    Numbers inside the name of a group or period are parts of the name.
    """
    names = sorted({one.segment for one in told if one.segment}, key=len, reverse=True)
    spans = sorted(_mentions(sentence, names))
    of_a_group: list[tuple[re.Match[str], frozenset[str]]] = []
    for found in NUMBER.finditer(_blanked(sentence, [(start, end) for start, end, _ in spans])):
        groups = frozenset(one.segment for one in told if found.group() in one.numbers)
        if not groups:
            return False
        if "" not in groups:
            of_a_group.append((found, groups))
    before = all(_last(name for _, end, name in spans if end <= at.start()) in groups for at, groups in of_a_group)
    behind = all(next((n for start, _, n in spans if start >= at.end()), None) in groups for at, groups in of_a_group)
    return before or behind


def _last(names: Iterable[str]) -> str | None:
    found = list(names)
    return found[-1] if found else None


def _mentions(sentence: str, names: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Where names stand, the longest first: 'chat' is not found again in 'live chat'."""
    taken: list[tuple[int, int]] = []
    for name in names:
        for found in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", sentence, re.IGNORECASE):
            if all(found.end() <= start or end <= found.start() for start, end in taken):
                taken.append(found.span())
                yield found.start(), found.end(), name


def _blanked(sentence: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in spans:
        sentence = sentence[:start] + " " * (end - start) + sentence[end:]
    return sentence


def _without_names(text: str, told: Sequence[_Told]) -> str:
    names = sorted({one.segment for one in told if one.segment}, key=len, reverse=True)
    return _blanked(text, [(start, end) for start, end, _ in _mentions(text, names)])
