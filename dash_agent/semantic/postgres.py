"""PostgreSQL's forms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import ClassVar, Final

from sqlglot import exp

from dash_agent.models.query import Grain, Scalar
from dash_agent.semantic.dialect import Dialect


class Postgres(Dialect):
    name: ClassVar[str] = "postgres"

    def instant(self, moment: datetime) -> exp.Expr:
        return self.typed(exp.Literal.string(moment.isoformat(sep=" ")), "timestamptz")

    def day(self, value: date) -> exp.Expr:
        return self.typed(exp.Literal.string(value.isoformat()), "date")

    def typed(self, tree: exp.Expr, type_name: str) -> exp.Expr:
        return exp.Cast(this=tree, to=_type(type_name).copy())

    def scalar(self, value: Scalar) -> exp.Expr:
        match value:
            case None:
                return exp.null()
            case bool():
                return exp.Boolean(this=value)
            case int() | Decimal():
                return exp.Literal.number(str(value)) if value >= 0 else exp.Neg(this=exp.Literal.number(str(-value)))
            case _:
                return exp.Literal.string(value)

    def bucket(self, moment: exp.Expr, grain: Grain, zone: str) -> exp.Expr:
        inner = exp.paren(moment, copy=False) if isinstance(moment, exp.Binary) else moment
        local = exp.AtTimeZone(this=inner, zone=exp.Literal.string(zone))
        match grain:
            case Grain.WEEKDAY:
                return self.typed(exp.Extract(this=exp.var("ISODOW"), expression=local), "int")
            case Grain.HOUR_OF_DAY:
                return self.typed(exp.Extract(this=exp.var("HOUR"), expression=local), "int")
            case Grain.HOUR:
                return exp.TimestampTrunc(this=local, unit=exp.var("HOUR"))
            case _:
                return self.typed(exp.TimestampTrunc(this=local, unit=exp.var(grain.name)), "date")

    def steps(self, first: exp.Expr, last: exp.Expr, grain: Grain, column: str) -> exp.Expr:
        series = exp.ExplodingGenerateSeries(start=first, end=last, step=_interval(grain))
        return exp.Table(this=series, alias=_named("steps", column))

    def stepped(self, start: exp.Expr, grain: Grain) -> exp.Expr:
        return exp.Add(this=start, expression=_interval(grain))

    def numbers(self, values: Sequence[int], column: str) -> exp.Expr:
        rows = [exp.Tuple(expressions=[exp.Literal.number(value)]) for value in values]
        return exp.Values(expressions=rows, alias=_named("steps", column))

    def instant_of(self, local: exp.Expr, zone: str) -> exp.Expr:
        inner = exp.paren(local, copy=False) if isinstance(local, exp.Binary) else local
        return exp.AtTimeZone(this=inner, zone=exp.Literal.string(zone))

    def filtered(self, aggregate: exp.Expr, condition: exp.Expr | None) -> exp.Expr:
        if condition is None:
            return aggregate
        return exp.Filter(this=aggregate, expression=exp.Where(this=condition))

    def percentile(self, value: exp.Expr, share: float) -> exp.Expr:
        ordered = exp.Order(expressions=[exp.Ordered(this=value, nulls_first=False)])
        return exp.WithinGroup(this=exp.PercentileCont(this=exp.Literal.number(str(share))), expression=ordered)

    def quotient(self, dividend: exp.Expr, divisor: exp.Expr) -> exp.Expr:
        # `typed` keeps the generator from casting to double precision, which rounds otherwise.
        return exp.Div(this=dividend, expression=divisor, typed=True)

    def rounded(self, value: exp.Expr, decimals: int) -> exp.Expr:
        # Over numeric, round goes half away from zero; over double precision it does not.
        return exp.Round(this=self.typed(value, "numeric"), decimals=exp.Literal.number(decimals))


POSTGRES: Final[Dialect] = Postgres()


@lru_cache(maxsize=32)
def _type(name: str) -> exp.DataType:
    return exp.DataType.build(name, dialect=Postgres.name)


def _interval(grain: Grain) -> exp.Expr:
    count, unit = (3, "MONTH") if grain is Grain.QUARTER else (1, grain.name)
    return exp.Interval(this=exp.Literal.string(str(count)), unit=exp.var(unit))


def _named(relation: str, column: str) -> exp.TableAlias:
    return exp.TableAlias(this=exp.to_identifier(relation), columns=[exp.to_identifier(column)])
