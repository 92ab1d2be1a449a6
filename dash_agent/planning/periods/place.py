"""Where a period lies on a calendar, what lies right before it, and what it is compared with."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from dash_agent.models.query import Grain, Period
from dash_agent.planning.periods.days import days_of
from dash_agent.planning.periods.spec import (
    Ago,
    Before,
    Current,
    Earlier,
    Ever,
    LastDays,
    LastHours,
    LastMinutes,
    LastWhole,
    Since,
    TimeSpec,
    UnitAway,
    Until,
)
from dash_agent.semantic.time import UNITS, Calendar, floor, shift

LONG_AGO = date(2000, 1, 1)
"""Where 'all time' begins."""


def place(spec: TimeSpec, calendar: Calendar, *, reference: Period | None = None, trend: bool = False) -> Period | None:
    """The period on a calendar; None for what no calendar has, and for what can't do without a reference.

    reference: the period that a relative one is seen from. trend: whole units up to the current one get the current
    one to date beside them.
    """
    try:
        match spec:
            case Before() | Current() | Earlier() | Ago():
                return _relative(spec, calendar, reference)
            case LastHours(hours):
                return calendar.last_hours(hours, _label(spec))
            case LastMinutes(minutes):
                return calendar.last_minutes(minutes, _label(spec))
            case LastWhole(of, count) if trend and spec.adds_current:
                return calendar.last_whole(of, count, _label(spec), with_current=True)
            case Since(said, exclusive):
                first, after = days_of(said, calendar.today)
                begins = after if exclusive else first
                return calendar.since(begins, f"since {begins.isoformat()}")
            case Until(said, exclusive):
                first, after = days_of(said, calendar.today)
                return calendar.days(LONG_AGO, first if exclusive else after)
            case Ever():
                return calendar.since(LONG_AGO, _label(spec))
            case _:
                return calendar.days(*days_of(spec, calendar.today), _label(spec))
    except (ValueError, OverflowError):
        return None


def before(spec: TimeSpec, period: Period, calendar: Calendar) -> Period:
    """The span right before `period`, which is `spec` placed: the same span of the earlier unit where it is unfinished.

    Finished units are taken whole; of the last N days both bounds lie N days back; hours slide.
    """
    match spec:
        case LastHours(hours):
            return _slid(period, timedelta(hours=hours))
        case LastMinutes(minutes):
            return _slid(period, timedelta(minutes=minutes))
        case _ if spec.unit is None:
            return calendar.before(period)
        case _:
            return calendar.shifted(period, spec.unit, -spec.count)


def same_span(period: Period, compare: Period, calendar: Calendar) -> Period | None:
    """As much of an earlier unit as has passed of the current one: this month to date, and October up to that day.

    period: runs from a unit's start to now. compare: a whole unit of the same kind before it. None where they are
    anything else, and each is taken as it stands.
    """
    if not period.to_now:
        return None
    first, earlier = _first_day(period, calendar), _first_day(compare, calendar)
    for unit in UNITS:
        if earlier < first == floor(calendar.today, unit) and _is_whole(compare, unit, calendar):
            return calendar.shifted(period, unit, -_apart(earlier, first, unit), compare.label)
    return None


def _relative(spec: Before | Current | Earlier | Ago, calendar: Calendar, reference: Period | None) -> Period | None:
    match spec:
        case Current():
            return _current(reference, calendar) if reference else None
        case Earlier(of, count):
            return calendar.shifted(reference, of, -count, f"{of.value} earlier") if reference else None
        case Ago(of, count):
            if reference is None or _is_one(reference, of, calendar) or not _is_shorter(reference, of, calendar):
                return calendar.previous(of, _label(UnitAway(of, count)), count)
            return calendar.shifted(reference, of, -count, f"{of.value} earlier")
        case Before(None, 1, True):
            return _two_back(reference, calendar) if reference else None
        case Before(None, 1):
            return _one_before(reference, calendar) if reference else None
        case Before(None, count):
            return _as_many_before(reference, count, calendar) if reference else None
        case Before(Grain() as of, count):
            return _some_before(spec, of, count, calendar, reference)
        case _:
            return None


def _some_before(spec: Before, of: Grain, count: int, calendar: Calendar, reference: Period | None) -> Period | None:
    if count == 1 and reference is not None and (spec.again or _is_one(reference, of, calendar)):
        first = floor(_first_day(reference, calendar), of)
        return calendar.days(shift(first, of, -1), first, f"{of.value} before")
    if count == 1:
        return calendar.days(*days_of(spec, calendar.today), _label(spec))
    if reference is None:
        return place(LastDays(count) if of is Grain.DAY else LastWhole(of, count), calendar)
    return _several_before(reference, of, count, calendar)


def _one_before(reference: Period, calendar: Calendar) -> Period:
    """The unit before where the reference is one, else its own length before."""
    unit = next((unit for unit in UNITS if _is_one(reference, unit, calendar)), None)
    if unit is None:
        return calendar.before(reference)
    first = _first_day(reference, calendar)
    return calendar.days(shift(first, unit, -1), first, f"{unit.value} before")


def _current(reference: Period, calendar: Calendar) -> Period | None:
    unit = next((unit for unit in UNITS if _is_one(reference, unit, calendar)), None)
    return calendar.current(unit, _label(UnitAway(unit))) if unit else None


def _two_back(reference: Period, calendar: Calendar) -> Period | None:
    """'А на позапрошлой?': of the units that the reference is one of, the one before last."""
    unit = next((unit for unit in UNITS if _is_one(reference, unit, calendar)), None)
    return calendar.previous(unit, _label(UnitAway(unit, 2)), 2) if unit else None


def _as_many_before(reference: Period, count: int, calendar: Calendar) -> Period | None:
    """Before a reference of so many days, weeks or months; None before any other."""
    first = _first_day(reference, calendar)
    for unit in UNITS:
        after = calendar.midnight(shift(first, unit, count))
        running = reference.to_now and shift(first, unit, count - 1) == floor(calendar.today, unit)
        if floor(first, unit) == first and (reference.end == after or running):
            return calendar.shifted(reference, unit, -count)
    return None


def _several_before(reference: Period, unit: Grain, count: int, calendar: Calendar) -> Period:
    """Up to where the reference begins; of the last N days both bounds lie N days back."""
    first = _first_day(reference, calendar)
    if unit is Grain.DAY and reference.to_now and shift(first, unit, count - 1) == calendar.today:
        return calendar.shifted(reference, unit, -count)
    return calendar.days(shift(floor(first, unit), unit, -count), floor(first, unit), f"{count} {unit.value}s before")


def _is_one(period: Period, unit: Grain, calendar: Calendar) -> bool:
    """One whole unit, or the current one to date."""
    current = period.to_now and _first_day(period, calendar) == floor(calendar.today, unit)
    return current or _is_whole(period, unit, calendar)


def _is_whole(period: Period, unit: Grain, calendar: Calendar) -> bool:
    first = _first_day(period, calendar)
    whole = calendar.midnight(first), calendar.midnight(shift(first, unit, 1))
    return floor(first, unit) == first and (period.start, period.end) == whole


def _is_shorter(period: Period, unit: Grain, calendar: Calendar) -> bool:
    return period.end < calendar.midnight(shift(_first_day(period, calendar), unit, 1))


def _first_day(period: Period, calendar: Calendar) -> date:
    return period.start.astimezone(calendar.zone).date()


def _apart(earlier: date, later: date, unit: Grain) -> int:
    """How many units lie between two first days of them."""
    match unit:
        case Grain.DAY:
            return (later - earlier).days
        case Grain.WEEK:
            return (later - earlier).days // 7
        case _:
            months = (later.year - earlier.year) * 12 + later.month - earlier.month
            return months // {Grain.QUARTER: 3, Grain.YEAR: 12}.get(unit, 1)


def _slid(period: Period, length: timedelta) -> Period:
    return Period(_back(period.start, length), _back(period.end, length))


def _back(moment: datetime, length: timedelta) -> datetime:
    return (moment.astimezone(UTC) - length).astimezone(moment.tzinfo)


def _label(spec: TimeSpec) -> str:
    match spec:
        case UnitAway(Grain.DAY, back) if back in (0, 1):
            return "yesterday" if back else "today"
        case UnitAway(of, 0):
            return f"this {of.value}"
        case UnitAway(of, 1) | Before(Grain() as of, 1, False):
            return f"last {of.value}"
        case UnitAway(of, -1):
            return f"next {of.value}"
        case UnitAway(of, back):
            return f"{back} {of.value}s ago"
        case LastDays(count):
            return _last(count, Grain.DAY.value)
        case LastHours(count):
            return _last(count, Grain.HOUR.value)
        case LastMinutes(count):
            return _last(count, "minute")
        case LastWhole(of, count):
            return _last(count, of.value)
        case Ever():
            return "all time"
        case _:
            return ""


def _last(count: int, unit: str) -> str:
    return f"last {count} {unit}s" if count != 1 else f"last {unit}"
