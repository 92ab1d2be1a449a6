"""The spans that a page or a digest looks at, each with the one that it is held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from dash_agent.errors import WrongUse
from dash_agent.models.query import Grain, Period
from dash_agent.semantic.time import Calendar

LONGEST_DAYS: Final = 1_100
"""Of a free span: three years."""


class Preset(StrEnum):
    """Values stand in addresses: a page's link says them."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    LAST_7_DAYS = "last_7_full_days"
    LAST_30_DAYS = "last_30_days"
    THIS_WEEK = "this_week"
    LAST_WEEK = "last_week"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    THIS_QUARTER = "this_quarter"
    LAST_QUARTER = "last_quarter"


@dataclass(frozen=True, slots=True)
class Span:
    """A period and the comparable one before it.

    An unfinished period is held against the same part of the earlier one, a whole one against a whole one.
    preset: None of a free span.
    """

    period: Period
    compare: Period
    preset: Preset | None = None

    @property
    def unfinished(self) -> bool:
        return self.period.to_now

    @property
    def name(self) -> str:
        """As an address says it: a preset, or '2026-11-01..2026-11-15' with both days in it."""
        if self.preset is not None:
            return self.preset
        last = self.period.end if self.period.to_now else self.period.end - timedelta(microseconds=1)
        return f"{self.period.start.date()}..{last.date()}"


def span(preset: Preset, calendar: Calendar) -> Span:
    return Span(*_MADE[preset](calendar), preset)


def free(first: date, last: date, calendar: Calendar) -> Span:
    """Both days are in it. Raises WrongUse for days that are not there yet, in the wrong order or far too many."""
    if first > last:
        raise WrongUse(f"a span from {first} to {last} ends before it begins", "name the earlier day first")
    if first > calendar.today:
        raise WrongUse(f"{first} has not come yet", "name a day up to today")
    if (last - first).days > LONGEST_DAYS:
        raise WrongUse(f"{first} to {last} is longer than three years", "name a shorter span")
    period = calendar.days(first, min(last, calendar.today) + timedelta(days=1))
    return Span(period, calendar.before(period))


def named(name: str, calendar: Calendar) -> Span:
    """What an address says. Raises WrongUse."""
    if name in set(Preset):
        return span(Preset(name), calendar)
    first, dots, last = name.partition("..")
    try:
        return free(date.fromisoformat(first), date.fromisoformat(last), calendar)
    except ValueError:
        raise WrongUse(
            f"'{name[:40]}' is no span" if dots else f"there is no span '{name[:40]}'",
            f"write {Preset.LAST_30_DAYS}, or two days such as 2026-11-01..2026-11-15",
        ) from None


def _last_days(calendar: Calendar, count: int) -> tuple[Period, Period]:
    period = calendar.last_days(count, f"last {count} days")
    return period, calendar.before(period)


def _full_days(calendar: Calendar, count: int) -> tuple[Period, Period]:
    period = calendar.days(calendar.today - timedelta(days=count), calendar.today)
    return period, calendar.before(period)


def _yesterday(calendar: Calendar) -> tuple[Period, Period]:
    return calendar.previous(Grain.DAY, "yesterday"), calendar.previous(Grain.DAY, back=2)


def _current(unit: Grain, label: str) -> Callable[[Calendar], tuple[Period, Period]]:
    def made(calendar: Calendar) -> tuple[Period, Period]:
        period = calendar.current(unit, label)
        return period, calendar.shifted(period, unit, -1)

    return made


def _whole(unit: Grain, label: str) -> Callable[[Calendar], tuple[Period, Period]]:
    return lambda calendar: (calendar.previous(unit, label), calendar.previous(unit, back=2))


_MADE: Final[Mapping[Preset, Callable[[Calendar], tuple[Period, Period]]]] = {
    Preset.TODAY: _current(Grain.DAY, "today"),
    Preset.YESTERDAY: _yesterday,
    Preset.LAST_7_DAYS: lambda calendar: _full_days(calendar, 7),
    Preset.LAST_30_DAYS: lambda calendar: _last_days(calendar, 30),
    Preset.THIS_WEEK: _current(Grain.WEEK, "this week"),
    Preset.LAST_WEEK: _whole(Grain.WEEK, "last week"),
    Preset.THIS_MONTH: _current(Grain.MONTH, "this month"),
    Preset.LAST_MONTH: _whole(Grain.MONTH, "last month"),
    Preset.THIS_QUARTER: _current(Grain.QUARTER, "this quarter"),
    Preset.LAST_QUARTER: _whole(Grain.QUARTER, "last quarter"),
}
