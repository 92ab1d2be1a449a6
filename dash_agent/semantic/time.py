"""Periods and buckets in the business time zone (definitions: docs/definitions.md, "Time").

A day, week or month is a span between local midnights, so it is 23 or 25 hours long where the clocks change.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dash_agent.models.query import Grain, Period

DAY_GRAIN_UP_TO = timedelta(days=31)
WEEK_GRAIN_UP_TO = timedelta(weeks=26)

UNITS = (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)
"""Grains that a calendar is made of."""

_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


def floor(day: date, unit: Grain) -> date:
    """The first day of the unit that holds `day`; weeks start on Monday."""
    match unit:
        case Grain.WEEK:
            return day - timedelta(days=day.weekday())
        case Grain.MONTH:
            return day.replace(day=1)
        case Grain.QUARTER:
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case Grain.YEAR:
            return day.replace(month=1, day=1)
        case _:
            return day


def shift(day: date, unit: Grain, count: int) -> date:
    """`day` moved by `count` units; a day that the month lacks becomes the month's last."""
    if unit in _MONTHS:
        index = day.year * 12 + day.month - 1 + count * _MONTHS[unit]
        year, month = index // 12, index % 12 + 1
        return date(year, month, min(day.day, monthrange(year, month)[1]))
    return day + timedelta(days=count * (7 if unit is Grain.WEEK else 1))


@dataclass(frozen=True, slots=True)
class Calendar:
    """Makes periods as they stand at `now` (aware) in `zone`."""

    now: datetime
    zone: ZoneInfo

    @property
    def local_now(self) -> datetime:
        return self.now.astimezone(self.zone)

    @property
    def today(self) -> date:
        return self.local_now.date()

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self.zone)

    def days(self, first: date, after: date, label: str = "") -> Period:
        """From the start of `first` to the start of `after`, cut at now where it would run past it.

        A span that lies wholly in the future stays as it is.
        """
        start, end = self.midnight(first), self.midnight(after)
        if start <= self.now < end:
            return Period(start, self.local_now, to_now=True, label=label)
        return Period(start, end, label=label)

    def current(self, unit: Grain, label: str = "") -> Period:
        first = floor(self.today, unit)
        return self.days(first, shift(first, unit, 1), label)

    def previous(self, unit: Grain, label: str = "", back: int = 1) -> Period:
        """The whole unit `back` units before the current one."""
        first = shift(floor(self.today, unit), unit, -back)
        return self.days(first, shift(first, unit, 1), label)

    def last_days(self, count: int, label: str = "") -> Period:
        """`count` days up to now, today included."""
        first = self.today - timedelta(days=count - 1)
        return self.days(first, self.today + timedelta(days=1), label)

    def last_hours(self, count: int, label: str = "") -> Period:
        """A window that slides with now."""
        return self.last_minutes(count * 60, label)

    def last_minutes(self, count: int, label: str = "") -> Period:
        start = (self.now.astimezone(UTC) - timedelta(minutes=count)).astimezone(self.zone)
        return Period(start, self.local_now, to_now=True, label=label)

    def last_whole(self, unit: Grain, count: int, label: str = "", *, with_current: bool = False) -> Period:
        """`count` whole units before the current one; a trend adds the current one to date."""
        current = floor(self.today, unit)
        first = shift(current, unit, -count)
        if with_current:
            return self.days(first, shift(current, unit, 1), label)
        return self.days(first, current, label)

    def named_month(self, month: int, year: int | None = None, label: str = "") -> Period:
        """A month; without a year the latest one that has begun."""
        if year is None:
            year = self.today.year - (1 if month > self.today.month else 0)
        first = date(year, month, 1)
        return self.days(first, shift(first, Grain.MONTH, 1), label)

    def named_quarter(self, quarter: int, year: int | None = None, label: str = "") -> Period:
        month = quarter * 3 - 2
        if year is None:
            year = self.today.year - (1 if month > self.today.month else 0)
        first = date(year, month, 1)
        return self.days(first, shift(first, Grain.QUARTER, 1), label)

    def named_year(self, year: int, label: str = "") -> Period:
        return self.days(date(year, 1, 1), date(year + 1, 1, 1), label)

    def since(self, first: date, label: str = "") -> Period:
        start = self.midnight(first)
        if start > self.now:
            return Period(start, start, label=label)
        return Period(start, self.local_now, to_now=True, label=label)

    def shifted(self, period: Period, unit: Grain, count: int = -1, label: str = "") -> Period:
        """Both ends moved by calendar units at the same local time: the comparable span of an unfinished period."""
        return Period(self._moved(period.start, unit, count), self._moved(period.end, unit, count), label=label)

    def before(self, period: Period, label: str = "") -> Period:
        """The span of the same length right before: whole local days where it starts with one, else its own hours."""
        if self._local(period.start).time() != time.min:
            span = period.end.astimezone(UTC) - period.start.astimezone(UTC)
            start, end = (moment.astimezone(UTC) - span for moment in (period.start, period.end))
            return Period(start.astimezone(self.zone), end.astimezone(self.zone), label=label)
        length = (self._local(period.end).date() - self._local(period.start).date()).days
        length += 1 if period.to_now else 0
        return self.shifted(period, Grain.DAY, -max(length, 1), label)

    def is_running(self, period: Period) -> bool:
        """True for the current day, week, month, quarter or year to date."""
        local = self._local(period.start)
        whole = local.time() == time.min
        return period.to_now and whole and any(local.date() == floor(self.today, unit) for unit in UNITS)

    def comparable(self, period: Period) -> Period:
        """What a period is naturally held against: the unit before a whole one, the same span of the unit before where
        it is unfinished, as many months before whole months, else the span of the same length right before.

        A label ('this week') tells which unit is meant where a period is several (a Monday that is a week's, and a
        month's, first day).
        """
        if self._local(period.start).time() != time.min:
            return self.before(period)
        first = self._local(period.start).date()
        units = sorted(UNITS, key=lambda unit: not period.label.endswith(unit.value))
        for unit in units:
            if period.to_now and first == floor(self.today, unit):
                return self.shifted(period, unit, -1)
            if not period.to_now and period == replace(self.days(first, shift(first, unit, 1)), label=period.label):
                return self.days(shift(first, unit, -1), first)
        last = self._local(period.end).date()
        if not period.to_now and first.day == last.day == 1 and self._local(period.end).time() == time.min:
            months = (last.year - first.year) * 12 + last.month - first.month
            return self.days(shift(first, Grain.MONTH, -months), first)
        return self.before(period)

    def _moved(self, moment: datetime, unit: Grain, count: int) -> datetime:
        local = self._local(moment)
        return datetime.combine(shift(local.date(), unit, count), local.time(), self.zone)

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)

    def default_grain(self, period: Period) -> Grain:
        """By day up to 31 days, by week up to 26 weeks, then by month."""
        length = self._local(period.end).date() - self._local(period.start).date()
        if length <= DAY_GRAIN_UP_TO:
            return Grain.DAY
        return Grain.WEEK if length <= WEEK_GRAIN_UP_TO else Grain.MONTH

    def buckets(self, period: Period, grain: Grain) -> Iterator[date]:
        """First days of every bucket of a calendar grain that the period touches."""
        last = self._local(period.end)
        closing = last.date() if period.to_now or last.time() != time.min else last.date() - timedelta(days=1)
        day = floor(self._local(period.start).date(), grain)
        while day <= closing:
            yield day
            day = shift(day, grain, 1)

    def is_partial(self, bucket: date, period: Period, grain: Grain) -> bool:
        """True where the period's edge cuts the bucket."""
        start, end = self.midnight(bucket), self.midnight(shift(bucket, grain, 1))
        return start < period.start or end > period.end
