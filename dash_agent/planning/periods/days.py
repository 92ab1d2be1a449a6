"""From a period as it is said to its first day and the day after its last, whole, future included.

A named thing without a year (a month, a date, a weekday, a season) is the latest that has begun by a given day.
Raises ValueError for what no calendar has.
"""

from __future__ import annotations

from datetime import date, timedelta

from dash_agent.models.query import Grain
from dash_agent.planning.periods.spec import (
    ANY_YEAR,
    Ago,
    Before,
    Between,
    Day,
    HalfOf,
    InYear,
    LastDays,
    LastWhole,
    Months,
    Part,
    TimeSpec,
    UnitAway,
    Weekday,
    Weekend,
)
from dash_agent.semantic.time import floor, shift

Days = tuple[date, date]
DAY = timedelta(days=1)
MIDDLE_OF_MONTH = 15
LEAP_YEARS_APART = 8
"""Years between two 29ths of February at most."""


def days_of(spec: TimeSpec, today: date, begun_by: date | None = None) -> Days:
    """First day and the day after the last. begun_by: the day that stands in for today where the latest is meant."""
    latest = begun_by or today
    match spec:
        case UnitAway(of, back) | Ago(of, back):
            return _unit(shift(floor(today, of), of, -back), of)
        case Before(of, 1, again) if of is not None:
            return _unit(shift(floor(today, of), of, -2 if again else -1), of)
        case LastDays(count):
            return today - (count - 1) * DAY, today + DAY
        case LastWhole(of, count):
            return shift(floor(today, of), of, -count), floor(today, of)
        case Months():
            return _months(spec, today, latest)
        case Day():
            first = _day(spec, today, latest)
            return first, first + DAY
        case Weekday(day, over):
            last = min(latest, today - DAY) if over else latest
            first = last - (last.weekday() - day) % 7 * DAY
            return first, first + DAY
        case Weekend(back):
            return _weekend(back, today, latest)
        case Part():
            return _part(spec, *days_of(spec.whole, today, begun_by))
        case HalfOf(whole, second):
            return _half(*days_of(whole, today, begun_by), second=second)
        case Between(first_said, last_said):
            return _between(first_said, last_said, today, latest)
        case _:
            raise ValueError(f"{spec} has no days of its own")


def _unit(first: date, unit: Grain) -> Days:
    return first, shift(first, unit, 1)


def _months(spec: Months, today: date, latest: date) -> Days:
    def of_year(year: int) -> Days:
        first = date(year, spec.first, 1)
        return first, shift(first, Grain.MONTH, spec.months)

    if spec.year.number is not None or spec.year.ago is not None:
        return of_year(_year(spec.year, today))
    first, after = of_year(latest.year)
    while first > latest or (spec.year.over and after > today):
        first, after = of_year(first.year - 1)
    return first, after


def _year(said: InYear, today: date) -> int:
    return said.number if said.number is not None else today.year - (said.ago or 0)


def _day(spec: Day, today: date, latest: date) -> date:
    if spec.month is None:
        return next(day for months in range(3) if (day := _of_month(latest, -months, spec.day)) and day <= latest)
    if spec.year != ANY_YEAR:
        return date(_year(spec.year, today), spec.month, spec.day)
    for year in range(latest.year, latest.year - LEAP_YEARS_APART - 1, -1):
        try:
            day = date(year, spec.month, spec.day)
        except ValueError:
            continue
        if day <= latest:
            return day
    raise ValueError(f"no month {spec.month} has a day {spec.day}")


def _of_month(latest: date, months: int, day: int) -> date | None:
    try:
        return shift(floor(latest, Grain.MONTH), Grain.MONTH, months).replace(day=day)
    except ValueError:
        return None


def _weekend(back: int | None, today: date, latest: date) -> Days:
    saturday = floor(latest if back is None else today, Grain.WEEK) + 5 * DAY
    if back is not None:
        saturday -= 7 * back * DAY
    elif saturday > latest:
        saturday -= 7 * DAY
    return saturday, saturday + 2 * DAY


def _part(spec: Part, first: date, after: date) -> Days:
    if spec.from_end:
        end = shift(after, spec.of, -spec.skip)
        start = shift(end, spec.of, -spec.units)
    else:
        start = shift(first, spec.of, spec.skip)
        end = shift(start, spec.of, spec.units)
        if spec.of is Grain.WEEK and spec.units == 1:
            end = min(end, after)
    if not first <= start < end <= after:
        raise ValueError(f"{spec} is not within {first} to {after}")
    return start, end


def _half(first: date, after: date, *, second: bool) -> Days:
    if after == shift(first, Grain.MONTH, 1):
        middle = first + MIDDLE_OF_MONTH * DAY
    elif after == shift(first, Grain.YEAR, 1):
        middle = shift(first, Grain.MONTH, 6)
    else:
        raise ValueError("only months and years have halves")
    return (middle, after) if second else (first, middle)


def _between(first: TimeSpec, last: TimeSpec, today: date, latest: date) -> Days:
    """Where one end is fixed the other is the nearest to it; else it begins at the latest time round."""
    if _fixed(last) and not _fixed(first):
        end_first, after = days_of(last, today)
        start = days_of(first, today, end_first)[0]
    else:
        start = days_of(first, today, latest)[0]
        after = days_of(last, today, None if _fixed(last) else _once_round(last, start))[1]
    if after <= start:
        raise ValueError(f"{first} to {last} ends before it begins")
    return start, after


def _fixed(spec: TimeSpec) -> bool:
    """It stands by itself, free of what is the latest."""
    match spec:
        case Months(year=year):
            return year != ANY_YEAR
        case Day(month=month, year=year):
            return month is not None and year != ANY_YEAR
        case Weekday() | Weekend(None):
            return False
        case Part(whole) | HalfOf(whole):
            return _fixed(whole)
        case _:
            return True


def _once_round(spec: TimeSpec, start: date) -> date:
    """The last day by which the first such period from `start` on has begun."""
    match spec:
        case Weekday() | Weekend():
            return start + 6 * DAY
        case Day(month=None):
            return shift(start, Grain.MONTH, 1) - DAY
        case _:
            return shift(start, Grain.YEAR, 1) - DAY
