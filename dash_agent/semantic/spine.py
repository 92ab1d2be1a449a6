"""A time series has every bucket of its period: 0 for counts and sums, null for rates and averages."""

from __future__ import annotations

from sqlglot import exp

from dash_agent.models.query import Grain, Period
from dash_agent.semantic import dialect
from dash_agent.semantic.legs import GROUPED, Request

FILLED = "filled"


def fill(request: Request, grain: Grain, period: Period) -> exp.Select:
    """`grouped` with a row for every bucket of the period, for each split that has a row at all."""
    bucket = grain.value
    select = exp.select(exp.alias_(_typed(grain, exp.column(bucket, "spine")), bucket))
    select = select.from_(_spine(request, grain, period))
    on: exp.Expr = exp.column(bucket, GROUPED).eq(_typed(grain, exp.column(bucket, "spine")))
    if request.query.dimensions:
        names = [exp.column(name) for name in request.query.dimensions]
        split = exp.select(*names).distinct().from_(GROUPED).subquery("split")
        select = select.join(split, join_type="cross")
        for name in request.query.dimensions:
            select = select.select(exp.column(name, "split"))
            same = exp.NullSafeEQ(this=exp.column(name, GROUPED), expression=exp.column(name, "split"))
            on = exp.and_(on, same)
    select = select.join(exp.to_table(GROUPED), on=on, join_type="left")
    for name in request.sums:
        value: exp.Expr = exp.column(name, GROUPED)
        if request.is_zero_over_nothing(name):
            value = exp.Coalesce(this=value, expressions=[exp.Literal.number(0)])
        select = select.select(exp.alias_(value, name))
    return select


def _typed(grain: Grain, column: exp.Expr) -> exp.Expr:
    plain = grain in (Grain.HOUR, Grain.WEEKDAY, Grain.HOUR_OF_DAY)
    return column if plain else exp.cast(column, "date", dialect=dialect.NAME)


def _spine(request: Request, grain: Grain, period: Period) -> exp.Expr:
    if grain is Grain.HOUR:
        zone = request.calendar.zone
        local = [m.astimezone(zone).replace(tzinfo=None) for m in (period.start, period.end)]
        hours = [m.replace(minute=0, second=0, microsecond=0).isoformat(sep=" ") for m in local]
        first, last = (exp.Literal.string(hour) for hour in hours)
        return dialect.spine(grain, first, last, grain.value)
    days = [] if grain.cyclic else list(request.calendar.buckets(period, grain))
    ends = (dialect.day(days[0]), dialect.day(days[-1])) if days else (exp.null(), exp.null())
    return dialect.spine(grain, *ends, grain.value)
