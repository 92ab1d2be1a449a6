"""A model's own words on a result: what it is told, and whether what it says may be shown.

Shown is only what can be held against the facts: each number is one of them and stands beside the group that it is of,
and what is said to have risen or fallen did.
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
from dash_agent.semantic.generated.figures import CHANGES, words_of

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


UP: Final = re.compile(
    r"\b(ris(e|es|en|ing)|rose|gr(ow|ows|ew|own|owing|owth)|increas(e|es|ed|ing)|climb(s|ed|ing)?|went up|go(es)? up|"
    r"gain(s|ed)?|jump(s|ed)?|soar(s|ed)?|surg(e|es|ed)|skyrocket\w*|"
    r"(вы|воз|под)?рос(л[аои])?|(вы|воз|под)раст\w+|раст[её]т|растут|(при)?рост\w*|увелич\w+|возраст\w+|повы[сш]\w+|"
    r"подня(лся|лась|лось|лись)|прибави\w+|взлет\w+|подскочи\w+)\b",
    re.IGNORECASE,
)
DOWN: Final = re.compile(
    r"\b(f[ae]ll(s|en|ing)?|drop(s|ped|ping)?|declin(e|es|ed|ing)|decreas(e|es|ed|ing)|went down|go(es)? down|"
    r"shr(ank|ink|inks|unk)|dip(s|ped)?|sank|los(t|es)|plummet\w*|plung\w+|tumbl\w+|slump\w*|slid|"
    r"(у|с)?пал[аои]?|пада(ет|ют|л[аои]?)|(с)?падени\w+|сни[зж]\w+|уменьш\w+|сократи\w+|сокращ\w+|опусти\w+|"
    r"убави\w+|просе(л|ла|ло|ли)|обвали\w+)\b",
    re.IGNORECASE,
)
LEVEL: Final = re.compile(
    r"\b(unchanged|stayed the same|stays the same|did not change|flat|stable|steady|"
    r"не измени\w+|без изменений|стабил\w+|осталась? (преж\w+|так\w+ же)|осталось (преж\w+|столько же))\b",
    re.IGNORECASE,
)
COURSES: Final = {1: UP, -1: DOWN, 0: LEVEL}
"""Words for the way that a figure went. What is said of it must be the sign of its change."""

UNTOLD: Final = re.compile(
    r"\b(improv\w+|worse\w*|better|doubl\w+|recover\w+|deteriorat\w+|trend\w*|"
    r"record|because|due to|thanks to|caused?|"
    r"улучш\w+|ухудш\w+|лучше|хуже|восстан\w+|тренд\w*|тенденц\w+|рекорд\w*|потому что|из-за|благодаря|причин\w+)\b",
    re.IGNORECASE,
)
"""What facts of a statement never say: judgements, courses over many buckets, reasons."""

NEGATED: Final = re.compile(r"\b(not|n't|never|no longer|hardly|не|ни)\b(?! измени)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Told:
    """A fact as a model is told it. numbers: its value's and the one before, as they are written.

    course: 1 where it grew, -1 where it fell, 0 where it stayed; None where nothing tells of a change.
    """

    line: str
    numbers: frozenset[str]
    segment: str
    course: int | None = None


def lines(facts: Sequence[Fact], wording: Wording) -> tuple[str, ...]:
    """The facts as a model reads them: names as quoted data, numbers as answers write them."""
    return tuple(told.line for told in _told(facts, wording))


def holds(text: str, facts: Sequence[Fact], wording: Wording) -> bool:
    """Whether nothing in a text goes beyond the facts that a model was told."""
    told = tuple(_told(facts, wording))
    bare = _without_names(text, told)
    if not text or len(text) > LONGEST or UNCOUNTED.search(bare) or UNTOLD.search(bare):
        return False
    return all(_sentence_holds(sentence, told) and _moves(sentence, told) for sentence in SENTENCE.split(text))


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
        yield _Told(line, frozenset(NUMBER.findall(written)), fact.segment or "", _course(fact))


def _course(fact: Fact) -> int | None:
    is_change = fact.kind == "change" or bool(words_of(fact.metric) & CHANGES)
    if is_change and fact.value is not None:
        moved = Decimal(str(fact.value))
    elif fact.value is not None and fact.previous is not None:
        moved = Decimal(str(fact.value)) - Decimal(str(fact.previous))
    else:
        return None
    return (moved > 0) - (moved < 0)


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


def _moves(sentence: str, told: Sequence[_Told]) -> bool:
    """Whether every word for a course has a fact of that course, of the group that is spoken of where one is."""
    names = sorted({one.segment for one in told if one.segment}, key=len, reverse=True)
    spans = list(_mentions(sentence, names))
    bare = _blanked(sentence, [(start, end) for start, end, _ in spans])
    said = [course for course, words in COURSES.items() if words.search(bare)]
    if not said:
        return True
    if len(said) > 1 or NEGATED.search(bare):
        # Which group each is said of, or whether it is meant at all, can't be told.
        return False
    about = {name for _, _, name in spans}
    known = [one.course for one in told if one.course is not None and (not about or one.segment in about)]
    return bool(known) and all(course == said[0] for course in known)


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
