"""Buckets of time on a wall clock, by walking the clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dash_agent.models.query import Grain
from tests.oracle.metrics import Span

Bucket = date | datetime | int


def bucket_of(moment: datetime, grain: Grain, zone: ZoneInfo) -> Bucket:
    """An hour is a local timestamp, a day and longer the date of the first day, weekdays count from Monday, 1."""
    local = moment.astimezone(zone)
    match grain:
        case Grain.HOUR:
            return local.replace(minute=0, second=0, microsecond=0, tzinfo=None, fold=0)
        case Grain.WEEKDAY:
            return local.isoweekday()
        case Grain.HOUR_OF_DAY:
            return local.hour
        case _:
            return first_day(local.date(), grain)


def first_day(day: date, grain: Grain) -> date:
    match grain:
        case Grain.WEEK:
            return day - timedelta(days=day.weekday())
        case Grain.MONTH:
            return date(day.year, day.month, 1)
        case Grain.QUARTER:
            return date(day.year, {0: 1, 1: 4, 2: 7, 3: 10}[(day.month - 1) // 3], 1)
        case Grain.YEAR:
            return date(day.year, 1, 1)
        case _:
            return day


def buckets_of(span: Span, grain: Grain, zone: ZoneInfo) -> list[Bucket]:
    """Every bucket that holds some moment of the span."""
    return sorted({bucket_of(moment, grain, zone) for moment in _moments(span, grain, zone)})  # type: ignore[type-var]


def _moments(span: Span, grain: Grain, zone: ZoneInfo) -> Iterator[datetime]:
    """The span's first moment and then one of every quarter of an hour, or of every local noon and midnight."""
    if span.holds(span.start):
        yield span.start
    if span.inclusive and span.start <= span.end:
        yield span.end
    if grain in (Grain.HOUR, Grain.HOUR_OF_DAY):
        quarter = span.start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        end = min(span.end.astimezone(UTC), quarter + timedelta(days=40)) if grain is Grain.HOUR_OF_DAY else span.end
        while quarter <= end:
            if span.holds(quarter):
                yield quarter
            quarter += timedelta(minutes=15)
        return
    day = span.start.astimezone(zone).date()
    while day <= span.end.astimezone(zone).date():
        midnight = datetime.combine(day, time.min, zone)
        if span.holds(midnight):
            yield midnight
        day += timedelta(days=1)


def span_of(bucket: Bucket, grain: Grain, span: Span, zone: ZoneInfo) -> Span:
    """A bucket of a calendar grain as a period of its own, cut by the edges of the span that it lies in.

    An hour that comes twice is one bucket of two hours; `fold=0` is the first of them, and the moment of a gap.
    """
    if isinstance(bucket, datetime):
        first, after = bucket.replace(tzinfo=zone), (bucket + timedelta(hours=1)).replace(tzinfo=zone)
    elif isinstance(bucket, date):
        first, after = (datetime.combine(day, time.min, zone) for day in (bucket, next_day(bucket, grain)))
    else:
        raise TypeError(f"a {grain} comes round again, so it is no period")
    start = max(first.astimezone(UTC), span.start)
    return Span(start, span.end, span.inclusive) if span.end < after.astimezone(UTC) else Span(start, after)


def next_day(bucket: date, grain: Grain) -> date:
    """The first day after a bucket."""
    day = bucket
    while first_day(day, grain) == bucket:
        day += timedelta(days=1)
    return day
