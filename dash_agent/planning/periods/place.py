"""Where a period lies on a calendar."""

from __future__ import annotations

from datetime import date

from dash_agent.models.query import Grain, Period
from dash_agent.planning.periods.spec import TimeSpec
from dash_agent.semantic.time import Calendar


def place(spec: TimeSpec, calendar: Calendar, *, trend: bool = False) -> Period | None:
    """The period on a calendar, None for a date that no calendar has.

    trend: whole units up to the current one get the current one to date beside them.
    """
    label = _label(spec)
    unit = spec.unit or Grain.DAY
    try:
        match spec.kind:
            case "current":
                return calendar.current(unit, label)
            case "previous":
                return calendar.previous(unit, label, spec.count)
            case "last" if unit is Grain.HOUR:
                return calendar.last_hours(spec.count, label)
            case "last" if unit is Grain.DAY:
                return calendar.last_days(spec.count, label)
            case "last":
                return calendar.last_whole(unit, spec.count, label, with_current=trend)
            case "quarter":
                return calendar.named_quarter(spec.count, spec.year, label)
            case "year":
                return calendar.named_year(spec.year or calendar.today.year, label)
            case "month":
                return calendar.named_month(spec.month or 1, _year_of(spec, calendar), label)
            case _:
                day = _day(spec, calendar)
                return calendar.since(day, label) if spec.kind == "since" else calendar.days(day, _next(day), label)
    except ValueError:
        return None


def _year_of(spec: TimeSpec, calendar: Calendar) -> int | None:
    return calendar.today.year + spec.count if spec.year is None and spec.count <= 0 else spec.year


def _day(spec: TimeSpec, calendar: Calendar) -> date:
    """The latest such day that has begun where no year is said."""
    month, day = spec.month or 1, spec.day or 1
    if spec.year is not None:
        return date(spec.year, month, day)
    this_year = date(calendar.today.year, month, day)
    return this_year if this_year <= calendar.today else date(calendar.today.year - 1, month, day)


def _next(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def _label(spec: TimeSpec) -> str:
    unit = spec.unit.value if spec.unit else ""
    match spec.kind:
        case "current":
            return "today" if unit == "day" else f"this {unit}"
        case "previous":
            return "yesterday" if unit == "day" else f"last {unit}"
        case "last":
            return f"last {spec.count} {unit}s" if spec.count != 1 else f"last {unit}"
        case _:
            return ""
