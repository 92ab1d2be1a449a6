"""PostgreSQL's forms of what differs between engines: buckets, percentiles, instants, filtered aggregates."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlglot import exp

from dash_agent.models.query import Grain, Scalar

NAME = "postgres"


def instant(moment: datetime) -> exp.Expr:
    return exp.cast(exp.Literal.string(moment.isoformat(sep=" ")), "timestamptz", dialect=NAME)


def day(value: date) -> exp.Expr:
    return exp.cast(exp.Literal.string(value.isoformat()), "date", dialect=NAME)


def scalar(value: Scalar) -> exp.Expr:
    match value:
        case None:
            return exp.null()
        case bool():
            return exp.Boolean(this=value)
        case int() | Decimal():
            return exp.Literal.number(str(value))
        case _:
            return exp.Literal.string(value)


def bucket(moment: exp.Expr, grain: Grain, zone: str) -> exp.Expr:
    """The bucket of a timestamptz in the business zone: a date, an hour's local timestamp, or a small integer."""
    local = exp.AtTimeZone(this=exp.paren(moment) if isinstance(moment, exp.Binary) else moment, zone=_text(zone))
    match grain:
        case Grain.WEEKDAY:
            return exp.cast(exp.Extract(this=exp.var("ISODOW"), expression=local), "int", dialect=NAME)
        case Grain.HOUR_OF_DAY:
            return exp.cast(exp.Extract(this=exp.var("HOUR"), expression=local), "int", dialect=NAME)
        case Grain.HOUR:
            return exp.TimestampTrunc(this=local, unit=exp.var("HOUR"))
        case _:
            return exp.cast(exp.TimestampTrunc(this=local, unit=exp.var(grain.name)), "date", dialect=NAME)


def spine(grain: Grain, first: exp.Expr, last: exp.Expr, alias: str) -> exp.Expr:
    """A relation with every bucket from `first` to `last`, in a column of the name `alias`.

    first, last: dates of the outer buckets for calendar grains; local timestamps for hours; ignored for cyclic ones.
    """
    match grain:
        case Grain.WEEKDAY:
            return _series(exp.Literal.number(1), exp.Literal.number(7), None, alias)
        case Grain.HOUR_OF_DAY:
            return _series(exp.Literal.number(0), exp.Literal.number(23), None, alias)
        case _:
            count, unit = (3, "MONTH") if grain is Grain.QUARTER else (1, grain.name)
            step = exp.Interval(this=exp.Literal.string(str(count)), unit=exp.var(unit))
            ends = [exp.cast(end, "timestamp", dialect=NAME) for end in (first, last)]
            return _series(ends[0], ends[1], step, alias)


def _series(first: exp.Expr, last: exp.Expr, step: exp.Expr | None, alias: str) -> exp.Expr:
    column = exp.TableAlias(this=exp.to_identifier("spine"), columns=[exp.to_identifier(alias)])
    return exp.Table(this=exp.ExplodingGenerateSeries(start=first, end=last, step=step), alias=column)


def filtered(aggregate: exp.Expr, condition: exp.Expr | None) -> exp.Expr:
    if condition is None:
        return aggregate
    return exp.Filter(this=aggregate, expression=exp.Where(this=condition))


def percentile(value: exp.Expr, share: float) -> exp.Expr:
    ordered = exp.Order(expressions=[exp.Ordered(this=value, nulls_first=False)])
    point = exp.PercentileCont(this=exp.Literal.number(str(share)))
    return exp.WithinGroup(this=point, expression=ordered)


def quotient(dividend: exp.Expr, divisor: exp.Expr) -> exp.Expr:
    """Division as it stands: `typed` keeps the generator from casting to double precision, which rounds otherwise."""
    return exp.Div(this=dividend, expression=divisor, typed=True)


def rounded(value: exp.Expr, decimals: int) -> exp.Expr:
    """Half away from zero: PostgreSQL's round over numeric does so, over double precision it does not."""
    return exp.Round(this=exp.cast(value, "numeric", dialect=NAME), decimals=exp.Literal.number(decimals))


def _text(value: str) -> exp.Expr:
    return exp.Literal.string(value)
