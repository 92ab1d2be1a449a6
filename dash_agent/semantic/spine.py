"""Every bucket of a period: what a time series is filled from, and what a cohort is counted for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlglot import exp

from dash_agent.models.query import Grain, Period
from dash_agent.semantic.legs import Request

FILLED = "filled"
STEP = "step"
SINCE = "since"
UNTIL = "until"

AFTER_NOW = timedelta(microseconds=1)
"""PostgreSQL's resolution: a period up to now, taken as half-open, holds now itself."""

ALL_WEEKDAYS = timedelta(days=8)
ALL_HOURS = timedelta(days=2)
"""A span this long has every weekday, or hour of the day, in it, whatever the clocks do."""


def end_of(period: Period) -> datetime:
    """The end of the period as a half-open one."""
    return period.end + AFTER_NOW if period.to_now else period.end


def filled(request: Request, grain: Grain, period: Period, grouped: str) -> exp.Select:
    """`grouped` with a row for every bucket of the period, for each split that has a row at all.

    0 for counts and sums, null for rates and averages.
    """
    bucket = grain.value
    select = exp.select(exp.column(bucket, "spine"), copy=False).from_(
        buckets(request, grain, period).subquery("spine", copy=False), copy=False
    )
    on: exp.Expr = exp.column(bucket, grouped).eq(exp.column(bucket, "spine"))
    if request.query.dimensions:
        names = [exp.column(name) for name in request.query.dimensions]
        split = (
            exp.select(*names, copy=False).distinct(copy=False).from_(grouped, copy=False).subquery("split", copy=False)
        )
        select = select.join(split, join_type="cross", copy=False)
        for name in request.query.dimensions:
            select = select.select(exp.column(name, "split"), copy=False)
            same = exp.NullSafeEQ(this=exp.column(name, grouped), expression=exp.column(name, "split"))
            on = exp.and_(on, same, copy=False)
    select = select.join(exp.to_table(grouped), on=on, join_type="left", copy=False)
    for name in request.sums:
        value: exp.Expr = exp.column(name, grouped)
        if request.is_zero_over_nothing(name):
            value = exp.Coalesce(this=value, expressions=[exp.Literal.number(0)])
        select = select.select(exp.alias_(value, name, copy=False), copy=False)
    return select


def buckets(request: Request, grain: Grain, period: Period) -> exp.Select:
    """One column, named after the grain: the buckets that the period touches."""
    dialect, zone = request.dialect, request.calendar.zone.key
    if grain.cyclic:
        numbers = sorted(_cyclic(request, grain, period)) or [0]
        select = exp.select(exp.alias_(exp.column(STEP), grain.value, copy=False), copy=False).from_(
            dialect.numbers(numbers, STEP), copy=False
        )
        return select if _touches(period) else select.where(exp.false(), copy=False)
    if grain is Grain.HOUR:
        hour = dialect.bucket(exp.column(STEP), grain, zone)
        return (
            exp.select(exp.alias_(hour, grain.value, copy=False), copy=False)
            .distinct(copy=False)
            .from_(_hours(request, period), copy=False)
        )
    return exp.select(exp.alias_(dialect.typed(exp.column(STEP), "date"), grain.value, copy=False), copy=False).from_(
        _units(request, grain, period), copy=False
    )


def spans(request: Request, grain: Grain, period: Period) -> exp.Select:
    """Columns: the bucket, and the instants SINCE and UNTIL that it holds of the period, half-open."""
    dialect, zone = request.dialect, request.calendar.zone.key
    since, until = dialect.instant(period.start), dialect.instant(end_of(period))
    if grain is Grain.HOUR:
        # The hour that comes twice when the clocks go back is one bucket.
        opens = exp.Min(this=_greatest(exp.column(STEP), since))
        closes = exp.Max(this=_least(dialect.stepped(exp.column(STEP), grain), until))
        hour = exp.alias_(dialect.bucket(exp.column(STEP), grain, zone), grain.value, copy=False)
        select = exp.select(
            hour, exp.alias_(opens, SINCE, copy=False), exp.alias_(closes, UNTIL, copy=False), copy=False
        )
        return select.from_(_hours(request, period), copy=False).group_by(exp.Literal.number(1), copy=False)
    first = _greatest(dialect.instant_of(exp.column(STEP), zone), since)
    last = _least(dialect.instant_of(dialect.stepped(exp.column(STEP), grain), zone), until)
    day = exp.alias_(dialect.typed(exp.column(STEP), "date"), grain.value, copy=False)
    return exp.select(day, exp.alias_(first, SINCE, copy=False), exp.alias_(last, UNTIL, copy=False), copy=False).from_(
        _units(request, grain, period), copy=False
    )


def _units(request: Request, grain: Grain, period: Period) -> exp.Expr:
    """Local midnights that open the days, weeks, months … of a period."""
    days = list(request.calendar.buckets(period, grain)) if _touches(period) else []
    # An empty series has its ends the wrong way round.
    opening = period.start.astimezone(request.calendar.zone).date()
    ends = (days[0], days[-1]) if days else (opening, opening - timedelta(days=1))
    first, last = (request.dialect.typed(request.dialect.day(day), "timestamp") for day in ends)
    return request.dialect.steps(first, last, grain, STEP)


def _hours(request: Request, period: Period) -> exp.Expr:
    """Instants an hour apart: local hours that the clocks skip do not come up."""
    local = period.start.astimezone(request.calendar.zone)
    past_the_hour = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    first = (local.astimezone(UTC) - past_the_hour).astimezone(request.calendar.zone)
    last = end_of(period) - AFTER_NOW
    return request.dialect.steps(request.dialect.instant(first), request.dialect.instant(last), Grain.HOUR, STEP)


def _cyclic(request: Request, grain: Grain, period: Period) -> Iterator[int]:
    """Weekdays or hours of the day that come up in the period."""
    zone = request.calendar.zone
    every = ALL_WEEKDAYS if grain is Grain.WEEKDAY else ALL_HOURS
    moment, end = period.start.astimezone(UTC), min(end_of(period), period.start + every).astimezone(UTC)
    seen = set[int]()
    while moment < end:
        seen.add(_number(moment.astimezone(zone), grain))
        moment += timedelta(hours=1)
    if _touches(period):
        seen.add(_number((end - AFTER_NOW).astimezone(zone), grain))
    yield from seen


def _number(local: datetime, grain: Grain) -> int:
    return local.isoweekday() if grain is Grain.WEEKDAY else local.hour


def _touches(period: Period) -> bool:
    """Whether there is any moment in the period."""
    return period.start < end_of(period)


def _greatest(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    return exp.Greatest(this=one, expressions=[other])


def _least(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    return exp.Least(this=one, expressions=[other])
