"""The hours of the demo period, and how busy a desk is in each of them."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from dash_agent.warehouse.demo import profile
from dash_agent.warehouse.demo.streams import Floats, Ints, Use, stream

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware moment, cut."""
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(milliseconds=1)


def from_ms(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last where it has no such day."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def period_start(now: datetime, months: int, zone: ZoneInfo) -> datetime:
    """00:00 in the zone of the day that many months before now, in UTC."""
    first = months_before(now.astimezone(zone).date(), months)
    return datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC)


def month_starts(start: datetime, now: datetime, zone: ZoneInfo) -> list[date]:
    """The first day of each month from the one that holds start to the one that holds now, in the zone."""
    last = now.astimezone(zone).date().replace(day=1)
    first = start.astimezone(zone).date().replace(day=1)
    count = (last.year - first.year) * 12 + last.month - first.month
    return [months_before(last, back) for back in range(count, -1, -1)]


@dataclass(frozen=True)
class Hours:
    """The hours from start to now: where each begins, its local clock, and its weight for arrivals.

    start_ms, length_ms: each hour's bounds (the last one is cut at now). hour 0-23, weekday 0-6 from Monday and
    month 0-11 are the business time zone's. weight: relative number of tickets.
    """

    start_ms: Ints
    length_ms: Ints
    hour: Ints
    weekday: Ints
    month: Ints
    weight: Floats


def hours_between(start: datetime, now_ms: int, zone: ZoneInfo, seed: int) -> Hours:
    start_ms = np.arange(to_ms(start), now_ms + 1, HOUR_MS, dtype=np.int64)
    length_ms = np.minimum(start_ms + HOUR_MS, now_ms + 1) - start_ms
    local = [from_ms(int(ms)).astimezone(zone) for ms in start_ms]
    hour = np.array([moment.hour for moment in local], dtype=np.int64)
    weekday = np.array([moment.weekday() for moment in local], dtype=np.int64)
    month = np.array([moment.month - 1 for moment in local], dtype=np.int64)
    day = np.array([moment.toordinal() for moment in local], dtype=np.int64)
    years = (start_ms - start_ms[0]) / (365 * DAY_MS)
    weight = (
        np.array(profile.HOUR_OF_DAY)[hour]
        * np.array(profile.WEEKDAY)[weekday]
        * np.array(profile.SEASON)[month]
        * (1 + profile.GROWTH_PER_YEAR * years)
        * _moods(seed, day)
        * (length_ms / HOUR_MS)
    )
    return Hours(start_ms, length_ms, hour, weekday, month, weight)


def _moods(seed: int, day: Ints) -> Floats:
    """A factor for each day: no two Mondays are alike."""
    index = day - day[0]
    moods: Floats = np.exp(stream(seed, Use.CALENDAR).normal(0.0, 0.06, int(index[-1]) + 1))
    of_hour: Floats = moods[index]
    return of_hour


def clock(ms: Ints, hours: Hours) -> tuple[Ints, Ints, Ints]:
    """The local hour of the day, weekday and month of moments in the period, numbered as in Hours."""
    place = np.clip(np.searchsorted(hours.start_ms, ms, side="right") - 1, 0, len(hours.start_ms) - 1)
    return hours.hour[place], hours.weekday[place], hours.month[place]
