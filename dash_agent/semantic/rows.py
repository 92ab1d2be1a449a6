"""Rows of one table: the dimensions they reach, and the conditions that narrow them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from sqlglot import exp

from dash_agent.errors import WrongUse
from dash_agent.models.query import Among, Condition, Filter, Grain, Op, Period, Scalar
from dash_agent.semantic import resolve
from dash_agent.semantic.dialect import Dialect
from dash_agent.semantic.joins import Step, path
from dash_agent.semantic.model import SemanticModel

ORDERED: Final[Mapping[Op, type[exp.Binary]]] = {Op.LT: exp.LT, Op.LE: exp.LTE, Op.GT: exp.GT, Op.GE: exp.GTE}
NUMBERS: Final = ("bigint", "integer", "smallint", "numeric", "double precision")
TIMES: Final = ("date", "timestamptz")


CLOCK: Final = frozenset({Grain.WEEKDAY.value, Grain.HOUR_OF_DAY.value})
"""What rows can be narrowed by that is no dimension of the catalogue but a part of their time."""


def of_clock(condition: Condition) -> bool:
    return isinstance(condition, Filter) and condition.dimension in CLOCK


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment that rows go by, in a time zone."""

    time: exp.Expr
    zone: str

    def bucket(self, dialect: Dialect, name: str) -> exp.Expr:
        return dialect.bucket(self.time.copy(), Grain(name), self.zone)


@dataclass(frozen=True, slots=True)
class Rows:
    """FROM and WHERE of one table. Columns carry their table's name."""

    model: SemanticModel
    dialect: Dialect
    table: str

    def select(self, dimensions: Iterable[str], conditions: Iterable[Condition] = ()) -> exp.Select:
        """FROM the table, with a LEFT JOIN for each step to a dimension or condition; none multiplies a row."""
        select = exp.select().from_(exp.to_table(self.table), copy=False)
        steps: dict[str, Step] = {}
        for name in dimensions:
            for step in resolve.place(self.model, name, self.table).steps:
                steps.setdefault(step.table, step)
        for condition in conditions:
            for step in self.steps(condition):
                steps.setdefault(step.table, step)
        for step in steps.values():
            on = exp.column(step.column, step.source).eq(exp.column(step.key, step.table))
            select = select.join(exp.to_table(step.table), on=on, join_type="left", copy=False)
        return select

    def steps(self, condition: Condition) -> tuple[Step, ...]:
        if of_clock(condition):
            return ()
        if isinstance(condition, Filter):
            return resolve.place(self.model, condition.dimension, self.table).steps
        return path(self.model.catalog, self.table, resolve.row_metric(self.model, condition.metric).table)

    def dimension(self, name: str) -> exp.Column:
        place = resolve.place(self.model, name, self.table)
        return exp.column(place.column, place.table)

    def group(self, name: str) -> exp.Expr:
        """A dimension to group by or show: `char` comes padded, and text does not."""
        column, place = self.dimension(name), resolve.place(self.model, name, self.table)
        return self.unpadded(column, place.table, place.column)

    def unpadded(self, column: exp.Expr, table: str, name: str) -> exp.Expr:
        found = self.model.catalog.tables[table].column(name)
        return self.dialect.typed(column, "text") if found is not None and found.type == "char" else column

    def expression(self, tree: exp.Expr, parameters: Mapping[str, Scalar]) -> exp.Expr:
        """A measure's expression with its columns on the table and its constants as numbers; `:now` stays."""

        def placed(node: exp.Expr) -> exp.Expr:
            if isinstance(node, exp.Column):
                return exp.column(node.name, self.table)
            if isinstance(node, exp.Placeholder) and node.name in parameters:
                return self.dialect.scalar(parameters[node.name])
            return node

        return tree.copy().transform(placed)

    def within(self, time: exp.Expr, period: Period) -> exp.Expr:
        since = exp.GTE(this=time.copy(), expression=self.dialect.instant(period.start))
        bound = exp.LTE if period.to_now else exp.LT
        return exp.and_(since, bound(this=time.copy(), expression=self.dialect.instant(period.end)), copy=False)

    def narrowed(
        self, conditions: Iterable[Condition], parameters: Mapping[str, Scalar], clock: Clock | None = None
    ) -> Iterator[exp.Expr]:
        """clock: the rows' time, which weekdays and hours of the day are taken of."""
        for narrowing in conditions:
            if isinstance(narrowing, Filter) and of_clock(narrowing):
                if clock is None:
                    raise WrongUse(f"rows of '{self.table}' have no time to take a {narrowing.dimension} of")
                yield condition(self.dialect, clock.bucket(self.dialect, narrowing.dimension), narrowing, "integer")
            elif isinstance(narrowing, Filter):
                yield condition(self.dialect, self.dimension(narrowing.dimension), narrowing, self.type_of(narrowing))
            elif (counted := self.counted(narrowing, parameters)) is not None:
                yield counted

    def counted(self, among: Among, parameters: Mapping[str, Scalar]) -> exp.Expr | None:
        """None where the metric counts every row. What is neither true nor false is not counted."""
        metric = resolve.row_metric(self.model, among.metric)
        where = self.model.measure(metric.name).where
        if where is None:
            return None if among.counts else exp.false()
        condition = exp.paren(Rows(self.model, self.dialect, metric.table).expression(where, parameters), copy=False)
        return condition if among.counts else exp.Is(this=condition, expression=exp.true()).not_()

    def type_of(self, narrowing: Filter) -> str:
        place = resolve.place(self.model, narrowing.dimension, self.table)
        column = self.model.catalog.tables[place.table].column(place.column)
        return column.type if column else "text"


def condition(dialect: Dialect, column: exp.Expr, narrowing: Filter, type_name: str) -> exp.Expr:
    """A filter as a condition on a column of a content file's type. Raises WrongUse where its values do not fit."""
    values = [_literal(dialect, narrowing, value, type_name) for value in narrowing.values if value is not None]
    with_null = None in narrowing.values
    is_null = column.copy().is_(exp.null())
    match narrowing.op:
        case Op.IS_NULL | Op.NOT_NULL:
            if narrowing.values:
                raise WrongUse(f"a filter '{narrowing.op}' on '{narrowing.dimension}' takes no values")
            return is_null if narrowing.op is Op.IS_NULL else is_null.not_()
        case Op.IN | Op.NOT_IN if not narrowing.values:
            raise WrongUse(f"a filter on '{narrowing.dimension}' names no value")
        case Op.IN:
            known = _among(column, values)
            return exp.or_(known, is_null, copy=False) if known and with_null else known or is_null
        case Op.NOT_IN:
            others = known.not_() if (known := _among(column, values)) is not None else None
            if with_null:
                return exp.and_(others, is_null.not_(), copy=False) if others is not None else is_null.not_()
            return exp.or_(others, is_null, copy=False)
        case _:
            return _ordered(column, narrowing, values, type_name)


def _among(column: exp.Expr, values: list[exp.Expr]) -> exp.Expr | None:
    if not values:
        return None
    if len(values) == 1:
        return exp.EQ(this=column.copy(), expression=values[0])
    return exp.In(this=column.copy(), expressions=values)


def _ordered(column: exp.Expr, narrowing: Filter, values: list[exp.Expr], type_name: str) -> exp.Expr:
    if len(values) != 1 or len(narrowing.values) != 1:
        raise WrongUse(f"a filter '{narrowing.op}' on '{narrowing.dimension}' takes one value")
    if type_name not in (*NUMBERS, *TIMES):
        raise WrongUse(f"'{narrowing.dimension}' holds words, which have no order", "name the values that are meant")
    return ORDERED[narrowing.op](this=column.copy(), expression=values[0])


def _literal(dialect: Dialect, narrowing: Filter, value: Scalar, type_name: str) -> exp.Expr:
    if type_name == "boolean" and isinstance(value, bool):
        return dialect.scalar(value)
    if type_name in NUMBERS and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return dialect.scalar(value)
    if type_name in TIMES and isinstance(value, str) and _is_moment(value, type_name):
        return dialect.typed(dialect.scalar(value), type_name)
    if type_name in ("text", "char") and isinstance(value, str):
        return dialect.scalar(value)
    raise WrongUse(f"{value!r} is no value of '{narrowing.dimension}', which holds {type_name}")


def _is_moment(value: str, type_name: str) -> bool:
    """A day, or a time with its offset: without one the server would take its own zone."""
    try:
        if type_name == "date":
            date.fromisoformat(value)
            return True
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
