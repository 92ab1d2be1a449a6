"""What the classes of a rule make together, for the rules of every language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash_agent.models.query import Grain
from dash_agent.planning.periods.spec import (
    ANY_YEAR,
    Ago,
    Before,
    Between,
    Day,
    Earlier,
    HalfOf,
    InYear,
    LastDays,
    LastHours,
    LastMinutes,
    LastWhole,
    Months,
    Part,
    Since,
    TimeSpec,
    UnitAway,
    Until,
    Weekday,
)

DAYS_OF = {Grain.WEEK: 7, Grain.MONTH: 30, Grain.QUARTER: 90, Grain.YEAR: 365}
"""Lengths in days of a bare unit up to now, as in 'за месяц'."""

Block = tuple[Grain, int, int, bool]
"""Part of a longer period: unit, how many are skipped, how many it is, from its end."""


def always(value: Any) -> Callable[..., Any]:
    return lambda *_: value


def same(value: Any) -> Any:
    return value


def away(back: int) -> Callable[[Grain], TimeSpec]:
    return lambda unit: UnitAway(unit, back)


def day_away(back: int) -> TimeSpec:
    return UnitAway(Grain.DAY, back)


LONGEST = 1_000
"""Units of a length: what is longer is a year by its number."""


def length(count: int, unit: Grain) -> TimeSpec | None:
    """A number of units up to now: hours slide, days hold today, longer ones are whole."""
    if count > LONGEST:
        return None
    if unit is Grain.HOUR:
        return LastHours(count)
    return LastDays(count) if unit is Grain.DAY else LastWhole(unit, count)


def length_behind(count: int, unit: Grain) -> TimeSpec | None:
    """'10 last days'; of 'rated 1 last month' the number belongs to what stands before."""
    return length(count, unit) if count > 1 else None


def full_length(count: int, unit: Grain) -> TimeSpec | None:
    return None if unit is Grain.HOUR else LastWhole(unit, count, full=True)


def bare_length(unit: Grain) -> TimeSpec:
    """'За сутки', 'over the past month'."""
    return LastHours(24) if unit is Grain.DAY else LastDays(DAYS_OF[unit])


def minutes(count: int) -> TimeSpec:
    return LastMinutes(count)


def ago(count: int, unit: Grain) -> TimeSpec | None:
    return None if unit is Grain.HOUR else Ago(unit, count)


def one_ago(unit: Grain) -> TimeSpec:
    return Ago(unit)


def one_before(unit: Grain) -> TimeSpec:
    return Before(unit)


def again_before(unit: Grain) -> TimeSpec:
    return Before(unit, again=True)


def several_before(count: int, unit: Grain) -> TimeSpec | None:
    return None if unit is Grain.HOUR else Before(unit, count)


def as_many_before(count: int) -> TimeSpec:
    """'The previous 7', of whatever there are 7 of."""
    return Before(None, count)


def earlier(count: int, unit: Grain) -> TimeSpec | None:
    return None if unit is Grain.HOUR else Earlier(unit, count)


def one_earlier(unit: Grain) -> TimeSpec:
    return Earlier(unit)


def of_year(months: int) -> Callable[..., TimeSpec]:
    """The number-th month, quarter or half of a year: of one that is said, or the latest."""
    return lambda number, year=ANY_YEAR: Months((number - 1) * months + 1, months, year)


def of_year_first(months: int) -> Callable[[int, int], TimeSpec]:
    return lambda year, number: Months((number - 1) * months + 1, months, InYear(year))


def over(months: int) -> Callable[[int], TimeSpec]:
    """The latest that has ended: 'last October'."""
    return lambda number: Months((number - 1) * months + 1, months, InYear(over=True))


def of_this_year(number: int) -> TimeSpec:
    return Months(number, 1, InYear(ago=0))


def season(first: int, year: InYear = ANY_YEAR) -> TimeSpec:
    return Months(first, 3, year)


def this_season(first: int) -> TimeSpec:
    """Of this year; this winter is the latest that has begun, as it lies in two."""
    return Months(first, 3, ANY_YEAR if first == 12 else InYear(ago=0))


def last_season(first: int) -> TimeSpec:
    return Months(first, 3, InYear(over=True))


def season_of_two(first: int, year: int, following: int) -> TimeSpec | None:
    """'Winter 2025/2026'."""
    return Months(first, 3, InYear(year)) if first == 12 and following == year + 1 else None


def whole_year(number: int) -> TimeSpec:
    return Months(1, 12, InYear(number))


def within(limit: int) -> Callable[[int], int | None]:
    return lambda number: number if 1 <= number <= limit else None


def date(day: int, month: int, year: InYear = ANY_YEAR) -> TimeSpec:
    return Day(day, month, year)


def date_month_first(month: int, day: int, year: InYear = ANY_YEAR) -> TimeSpec:
    return Day(day, month, year)


def days_of_month(first: int, last: int, month: int, year: InYear = ANY_YEAR) -> TimeSpec | None:
    return Between(Day(first, month, year), Day(last, month, year)) if first < last else None


def month_and_days(month: int, first: int, last: int, year: InYear = ANY_YEAR) -> TimeSpec | None:
    return days_of_month(first, last, month, year)


def days_of_the_latest(first: int, last: int) -> TimeSpec | None:
    return Between(Day(first), Day(last)) if first < last else None


def part(block: Block, whole: TimeSpec) -> TimeSpec:
    unit, skip, units, from_end = block
    return Part(whole, unit, skip, units, from_end)


def since(first: TimeSpec) -> TimeSpec:
    """Since the current unit began is that unit to date."""
    return first if isinstance(first, UnitAway) and first.back == 0 else Since(first)


def since_day(day: int) -> TimeSpec:
    """Of the month in which that day came last."""
    return Since(Day(day))


def after(first: TimeSpec) -> TimeSpec:
    return Since(first, after=True)


def until(last: TimeSpec) -> TimeSpec:
    return Until(last)


def until_before(last: TimeSpec) -> TimeSpec:
    return Until(last, before=True)


def between_wholes(first: TimeSpec, last: TimeSpec) -> TimeSpec | None:
    """'2024-2025', and not 'winter 2025-2026', whose second year belongs to the first."""
    years = [isinstance(end, Months) and end.months == 12 for end in (first, last)]
    return Between(first, last) if years[0] or not years[1] else None


def day_of_month(day: int, whole: TimeSpec) -> TimeSpec | None:
    """'The 5th of last month'."""
    return days_of_a_month(day, day, whole)


def days_of_a_month(first: int, last: int, whole: TimeSpec) -> TimeSpec | None:
    is_month = isinstance(whole, UnitAway | Ago | Before) and whole.unit is Grain.MONTH
    return Part(whole, Grain.DAY, first - 1, last - first + 1) if is_month and first <= last else None


def part_of_current(block: Block, unit: Grain) -> TimeSpec | None:
    return part(block, UnitAway(unit)) if block[0] is not unit else None


def first_blocks(count: int, unit: Grain) -> Block | None:
    return None if unit is Grain.HOUR else (unit, 0, count, False)


def first_block(unit: Grain) -> Block:
    return unit, 0, 1, False


def nth_block(number: int, unit: Grain) -> Block:
    return unit, number - 1, 1, False


def last_blocks(count: int, unit: Grain) -> Block | None:
    return None if unit is Grain.HOUR else (unit, 0, count, True)


def last_block(unit: Grain) -> Block:
    return unit, 0, 1, True


def half(number: int, whole: TimeSpec) -> TimeSpec | None:
    """Of a year the named half, so that the one before it is known."""
    if number > 2 or isinstance(whole, Before):
        return None
    match whole:
        case Months(1, 12, year):
            return Months(number * 6 - 5, 6, year)
        case UnitAway(Grain.YEAR, back):
            return Months(number * 6 - 5, 6, InYear(ago=back))
        case _:
            return HalfOf(whole, second=number == 2)


def half_of_current(number: int, unit: Grain) -> TimeSpec | None:
    return half(number, UnitAway(unit)) if unit in (Grain.MONTH, Grain.YEAR) else None


def weekday_of(day: int, whole: TimeSpec) -> TimeSpec | None:
    """A day of a week that is named by itself."""
    is_week = isinstance(whole, UnitAway | Ago | Before) and whole.unit is Grain.WEEK
    return Part(whole, Grain.DAY, day, 1) if is_week else None


def over_weekday(day: int) -> TimeSpec:
    return Weekday(day, over=True)
