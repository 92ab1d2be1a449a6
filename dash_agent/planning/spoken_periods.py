"""A period in the words of a question that means it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from dash_agent.models.query import Grain, Period
from dash_agent.planning.next_words import NextWords
from dash_agent.planning.periods.place import LONG_AGO
from dash_agent.semantic.time import UNITS, Calendar, floor, shift

MOST_UNITS: Final = 12
"""Weeks or months that are counted rather than dated."""


class Spoken(NamedTuple):
    """kind: the same for periods that are said alike."""

    kind: str
    text: str


def spoken(period: Period, calendar: Calendar, words: NextWords) -> Iterator[Spoken]:
    """The shortest words first: 'last week', then its dates. Nothing for hours of a day that do not end now."""
    start, end = period.start.astimezone(calendar.zone), period.end.astimezone(calendar.zone)
    if start != calendar.midnight(start.date()):
        yield from _hours(period, words)
        return
    if period.to_now:
        yield from _up_to_now(start.date(), calendar, words)
    elif end == calendar.midnight(end.date()) and start < end:
        begun = start <= calendar.now
        for said in _ended(start.date(), end.date(), calendar, words):
            yield said if begun else Spoken(f"{said.kind} to come", said.text)


def _hours(period: Period, words: NextWords) -> Iterator[Spoken]:
    hours, rest = divmod(period.end - period.start, timedelta(hours=1))
    if period.to_now and not rest:
        yield Spoken("hours", _last(Grain.HOUR, hours, words))


def _up_to_now(first: date, calendar: Calendar, words: NextWords) -> Iterator[Spoken]:
    if first == LONG_AGO:
        yield Spoken("ever", words.ever)
        return
    for unit in UNITS:
        if first == floor(calendar.today, unit):
            yield Spoken(f"this {unit}", words.relative[unit, 0])
            return
    since = Spoken("since", words.since.format(first=_date(first, words)))
    days = Spoken("last days", _last(Grain.DAY, (calendar.today - first).days + 1, words))
    yield from (since, days) if first.day == 1 else (days, since)


def _ended(first: date, after: date, calendar: Calendar, words: NextWords) -> Iterator[Spoken]:
    unit = next((unit for unit in UNITS if floor(first, unit) == first and shift(first, unit, 1) == after), None)
    if unit is not None and after == floor(calendar.today, unit):
        yield Spoken(f"last {unit}", words.relative[unit, 1])
    elif unit is None:
        yield from _last_whole(first, after, calendar, words)
    yield _dated(unit, first, after, words)


def _last_whole(first: date, after: date, calendar: Calendar, words: NextWords) -> Iterator[Spoken]:
    for unit in (Grain.MONTH, Grain.WEEK):
        counts = (count for count in range(2, MOST_UNITS + 1) if shift(after, unit, -count) == first)
        if after == floor(calendar.today, unit) and (count := next(counts, None)) is not None:
            yield Spoken(f"last {unit}s", _last(unit, count, words))
            return


def _dated(unit: Grain | None, first: date, after: date, words: NextWords) -> Spoken:
    match unit:
        case Grain.DAY:
            return Spoken("day", words.day.format(first=_date(first, words)))
        case Grain.MONTH:
            month = words.in_months[first.month - 1]
            return Spoken(f"month {first.month}", words.month.format(month=month, year=first.year))
        case Grain.QUARTER:
            return Spoken("quarter", words.quarter.format(quarter=(first.month + 2) // 3, year=first.year))
        case Grain.YEAR:
            return Spoken("year", words.year.format(year=first.year))
        case _:
            last = after - timedelta(days=1)
            return Spoken("days", words.days.format(first=_date(first, words), last=_date(last, words)))


def _date(day: date, words: NextWords) -> str:
    return words.date.format(day=day.day, month=words.months[day.month - 1], year=day.year)


def _last(unit: Grain, count: int, words: NextWords) -> str:
    forms = words.last[unit]
    return forms["single"] if count == 1 else forms[words.plural(count)].format(count=count)
