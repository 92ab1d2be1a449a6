"""Months, days and lengths of a pause, as customers write them. today: what 'next month' is hangs on it."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from support_agent.router.readers.vocabulary import spoken, vocabulary

ISO: Final = re.compile(r"\b(20\d\d)-(\d\d?)-(\d\d?)\b")
DOTTED: Final = re.compile(r"\b(\d\d?)\.(\d\d?)\.(?:(20\d\d|\d\d)\b)?")
SLASHED: Final = re.compile(r"\b(\d\d?)/(\d\d?)(?:/(20\d\d|\d\d))?\b")
MIDDLE: Final = 15
BEFORE_MAY: Final = frozenset(
    "in until till the for of skip next this by from through end mid my our to and or last your box omit miss".split()
)
AFTER_MAY: Final = frozenset(
    "box boxes one ones delivery parcel package shipment please and or to only is order".split()
)


@dataclass(frozen=True, slots=True)
class PauseLength:
    """Either whole months, or days, or the last day of the pause."""

    months: int | None = None
    days: int | None = None
    until: date | None = None


def box_month(text: str, today: date) -> date | None:
    """The first day of the one month that is named: 'the May box', 'next month'. The next such month from today on.

    None where none is named, or several.
    """
    named = set(_months(spoken(text), today))
    return named.pop() if len(named) == 1 else None


def box_months(text: str, today: date) -> tuple[date, ...]:
    """Every month that is named, in their order in time."""
    return tuple(sorted(set(_months(spoken(text), today))))


def day(text: str, today: date) -> date | None:
    """One day: '5 September', '2026-09-05', '5.9.', '13/9'. None for a form that two countries read in two ways."""
    found = set(_written_days(text, today)) or set(_spoken_days(spoken(text), today))
    return found.pop() if len(found) == 1 else None


def pause_length(text: str, today: date) -> PauseLength | None:
    """'two months', '6 weeks', 'until the end of March', 'до сентября'.

    Until a month means the day before it begins; until its end, or through it, its last day. None where nothing or
    several things are named.
    """
    words = spoken(text)
    until = _until(text, words, today)
    if until is not None:
        return PauseLength(until=until)
    lengths = set(_lengths(words))
    return lengths.pop() if len(lengths) == 1 else None


def _until(text: str, words: Sequence[str], today: date) -> date | None:
    known = vocabulary()
    exact = day(text, today)
    if exact is not None:
        return exact
    named = _months(words, today)
    if not named:
        return None
    last = max(named)
    if known.has("end", words) or len(set(named)) > 1:
        return last.replace(day=calendar.monthrange(last.year, last.month)[1])
    if known.has("middle", words):
        return last.replace(day=MIDDLE)
    return date.fromordinal(last.toordinal() - 1)


def _months(words: Sequence[str], today: date) -> list[date]:
    known = vocabulary()
    named = [
        _coming(month, _year(words, at), today)
        for at, word in enumerate(words)
        if (month := known.month(word)) is not None and (word != "may" or _is_may(words, at))
    ]
    if named:
        return named
    if known.has("after_next", words):
        return [_shifted(today, 2)]
    months = {found.start for found in known.find("month", words)}
    for kind, by in (("next", 1), ("this", 0)):
        # 'The next two months' are a length, and no month.
        counted = [f for f in known.find(kind, words) if f.end < len(words) and (known.number(words[f.end]) or 0) > 1]
        if any(months & {f.start - 1, f.end, f.end + 1} for f in known.find(kind, words) if f not in counted):
            return [_shifted(today, by)]
    return []


def _is_may(words: Sequence[str], at: int) -> bool:
    """The month, and not 'may I': by its neighbours."""
    before = words[at - 1] if at else ""
    after = words[at + 1] if at + 1 < len(words) else ""
    return (
        len(words) <= 2
        or before in BEFORE_MAY
        or after in AFTER_MAY
        or not after
        or after.isdecimal()
        or before.isdecimal()
    )


def _year(words: Sequence[str], at: int) -> int | None:
    near = words[at + 1 : at + 3]
    return next((int(word) for word in near if re.fullmatch(r"20\d\d", word)), None)


def _coming(month: int, year: int | None, today: date) -> date:
    return date(year or today.year + (month < today.month), month, 1)


def _shifted(today: date, months: int) -> date:
    years, month = divmod(today.month - 1 + months, 12)
    return date(today.year + years, month + 1, 1)


def _written_days(text: str, today: date) -> list[date]:
    found = []
    for year, month, number in ISO.findall(text):
        found += _valid(int(year), int(month), int(number))
    for number, month, year in DOTTED.findall(text):
        found += _dated(int(number), int(month), year, today)
    for first, second, year in SLASHED.findall(text):
        one, two = int(first), int(second)
        if max(one, two) > 12 or one == two:
            found += _dated(max(one, two), min(one, two), year, today)
    return found


def _dated(number: int, month: int, year: str, today: date) -> list[date]:
    if year:
        return _valid(int(year) + (2000 if len(year) == 2 else 0), month, number)
    this = _valid(today.year, month, number)
    return this if this and this[0] >= today else _valid(today.year + 1, month, number)


def _spoken_days(words: Sequence[str], today: date) -> list[date]:
    known = vocabulary()
    found = []
    for at, word in enumerate(words):
        month = known.month(word)
        if month is None or (word == "may" and not _is_may(words, at)):
            continue
        near = [words[i] for i in (at - 1, at + 1, at - 2) if 0 <= i < len(words)]
        number = next((int(m.group()) for w in near if (m := re.match(r"\d\d?(?=(?:st|nd|rd|th|er|го)?$)", w))), None)
        if number is not None and 1 <= number <= 31:
            year = _year(words, at) or _year(words, at + 1)
            found += _dated(number, month, str(year or ""), today)
    return found


def _valid(year: int, month: int, number: int) -> list[date]:
    try:
        return [date(year, month, number)]
    except ValueError:
        return []


def _lengths(words: Sequence[str]) -> list[PauseLength]:
    """Every length that is named. 'A few months' is none."""
    known = vocabulary()
    if known.has("vague", words):
        return []
    found = [PauseLength(months=2) for _ in known.find("two_months", words)]
    found += [PauseLength(days=14) for _ in known.find("two_weeks", words)]
    if known.has("half", words) and not known.has("month", words):
        found.append(PauseLength(months=6))
    if known.has("quarter", words):
        found.append(PauseLength(months=3))
    for unit, days in (("month", 0), ("week", 7), ("day", 1), ("year", 0)):
        for place in known.find(unit, words):
            count = _count(words, place.start)
            if count is not None:
                months = count * (12 if unit == "year" else 1)
                found.append(PauseLength(days=count * days) if days else PauseLength(months=months))
    if len(words) == 1 and (alone := known.number(words[0])) is not None:
        found.append(PauseLength(months=alone))
    return found


def _count(words: Sequence[str], unit: int) -> int | None:
    """The number before a unit, one where nothing else of weight stands there; several ('2 or 3') are none."""
    known = vocabulary()
    before = [known.number(word) for word in words[max(0, unit - 4) : unit]]
    numbers = [number for number in before if number]
    if len(set(numbers)) > 1 and numbers[-1] > 1:
        return None if 1 not in numbers[:-1] or len(set(numbers)) > 2 else numbers[-1]
    if numbers:
        return numbers[-1]
    if unit and known.has("span", words[unit - 1 : unit]):
        return 1
    after = known.number(words[unit + 1]) if unit + 1 < len(words) else None
    if after:
        return after
    return 1 if len(words) <= 3 and not any(known.has(kind, words) for kind in ("next", "this", "after_next")) else None
