"""Counting: each set of measures that shares a table and a time column is aggregated apart, in a leg.

Legs meet on their dimensions by UNION ALL and one more GROUP BY, so no join multiplies rows and null groups meet too.
The previous period of a comparison is read in the same pass, by filters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from dash_agent.context.business import AverageMetric, CountMetric, PercentileMetric, SumMetric
from dash_agent.models.query import Filter, MetricQuery, Op, Period, Scalar
from dash_agent.semantic import dialect, resolve
from dash_agent.semantic.joins import Step
from dash_agent.semantic.model import Measure, SemanticModel
from dash_agent.semantic.time import Calendar

PREVIOUS = "_previous"
GROUPED = "grouped"


@dataclass(frozen=True, slots=True)
class Request:
    """What is compiled: a query over a model, seen from a calendar."""

    model: SemanticModel
    query: MetricQuery
    calendar: Calendar

    @property
    def groups(self) -> tuple[str, ...]:
        bucket = (self.query.grain.value,) if self.query.grain else ()
        return (*bucket, *self.query.dimensions)

    @property
    def sums(self) -> tuple[str, ...]:
        """Columns of the measures, with the previous period's."""
        names = tuple(measure.metric.name for measure in resolve.measures(self.model, self.query))
        return (*names, *(name + PREVIOUS for name in names)) if self.query.compare else names

    def is_zero_over_nothing(self, sum_name: str) -> bool:
        """Counts and sums over no rows are 0; averages and percentiles are null."""
        metric = self.model.measure(sum_name.removesuffix(PREVIOUS)).metric
        return isinstance(metric, CountMetric | SumMetric)

    @property
    def parameters(self) -> Mapping[str, Scalar]:
        return {**self.model.constants, **dict(self.query.parameters)}


@dataclass(frozen=True, slots=True)
class Leg:
    """Measures counted from one table by one time column. name: of its relation in the statement."""

    table: str
    time: exp.Expr | None
    measures: tuple[Measure, ...]


def legs_of(request: Request) -> list[Leg]:
    found: dict[tuple[str, str], Leg] = {}
    for measure in resolve.measures(request.model, request.query):
        table = measure.metric.table
        time = _of_table(request, measure.time, table)
        key = (table, time.sql() if time else "")
        leg = found.get(key, Leg(table, time, ()))
        found[key] = Leg(leg.table, leg.time, (*leg.measures, measure))
    return list(found.values())


def with_grouped(request: Request) -> exp.Select:
    """A SELECT without columns yet, whose WITH ends in the relation `grouped`: one row a group, with every sum."""
    legs = legs_of(request)
    selects = [_select(request, leg) for leg in legs]
    if len(selects) == 1:
        return exp.select().with_(GROUPED, as_=selects[0])
    tree = exp.select()
    for number, select in enumerate(selects, 1):
        tree = tree.with_(_name(number), as_=select)
    return tree.with_(GROUPED, as_=_met(request, legs))


def _name(number: int) -> str:
    return f"leg_{number}"


def _select(request: Request, leg: Leg) -> exp.Select:
    select = exp.select().from_(exp.to_table(leg.table))
    steps: dict[str, Step] = {}
    for name in dict.fromkeys((*request.query.dimensions, *(f.dimension for f in request.query.filters))):
        for step in resolve.place(request.model, name, leg.table).steps:
            steps.setdefault(step.table, step)
    for step in steps.values():
        on = exp.column(step.column, step.source).eq(exp.column(step.key, step.table))
        select = select.join(exp.to_table(step.table), on=on, join_type="left")
    for position, (name, expression) in enumerate(_group_columns(request, leg), 1):
        select = select.select(exp.alias_(expression, name)).group_by(exp.Literal.number(position))
    for measure in leg.measures:
        name = measure.metric.name
        narrowed = _within(leg, request.query.period) if request.query.compare else None
        select = select.select(exp.alias_(_aggregate(request, measure, narrowed), name))
    for measure in leg.measures if request.query.compare else ():
        narrowed = _within(leg, request.query.compare)
        select = select.select(exp.alias_(_aggregate(request, measure, narrowed), measure.metric.name + PREVIOUS))
    for condition in _leg_conditions(request, leg):
        select = select.where(condition)
    return select


def _group_columns(request: Request, leg: Leg) -> Iterator[tuple[str, exp.Expr]]:
    if request.query.grain and leg.time is not None:
        bucket = dialect.bucket(leg.time.copy(), request.query.grain, request.calendar.zone.key)
        yield request.query.grain.value, bucket
    for name in request.query.dimensions:
        yield name, _dimension(request, name, leg.table)


def _dimension(request: Request, name: str, table: str) -> exp.Expr:
    place = resolve.place(request.model, name, table)
    return exp.column(place.column, place.table)


def _leg_conditions(request: Request, leg: Leg) -> Iterator[exp.Expr]:
    within = [w for p in (request.query.period, request.query.compare) if (w := _within(leg, p)) is not None]
    if within:
        yield exp.or_(*within)
    for narrowing in request.query.filters:
        yield _condition(_dimension(request, narrowing.dimension, leg.table), narrowing)


def _within(leg: Leg, period: Period | None) -> exp.Expr | None:
    if period is None or leg.time is None:
        return None
    since = exp.GTE(this=leg.time.copy(), expression=dialect.instant(period.start))
    bound = exp.LTE if period.to_now else exp.LT
    return exp.and_(since, bound(this=leg.time.copy(), expression=dialect.instant(period.end)))


def _aggregate(request: Request, measure: Measure, narrowed: exp.Expr | None) -> exp.Expr:
    metric = measure.metric
    where = _of_table(request, measure.where, metric.table)
    conditions = [c for c in (where, narrowed) if c is not None]
    condition = exp.and_(*conditions) if conditions else None
    value = _of_table(request, measure.value, metric.table)
    match metric:
        case CountMetric():
            counted = exp.Distinct(expressions=[value]) if value is not None else exp.Star()
            return dialect.filtered(exp.Count(this=counted), condition)
        case SumMetric():
            total = dialect.filtered(exp.Sum(this=value), condition)
            return exp.Coalesce(this=total, expressions=[exp.Literal.number(0)])
        case AverageMetric():
            return dialect.filtered(exp.Avg(this=value), condition)
        case PercentileMetric():
            if request.parameters.get("aggregate") == "average":
                return dialect.filtered(exp.Avg(this=value), condition)
            share = float(request.parameters.get("percentile") or metric.percentile)
            return dialect.filtered(dialect.percentile(value or exp.null(), share), condition)


def _of_table(request: Request, tree: exp.Expr | None, table: str) -> exp.Expr | None:
    """A measure's expression with its columns on `table` and its constants as numbers; `:now` stays."""
    if tree is None:
        return None
    parameters = request.parameters

    def placed(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column):
            return exp.column(node.name, table)
        if isinstance(node, exp.Placeholder) and node.name in parameters:
            return dialect.scalar(parameters[node.name])
        return node

    return tree.copy().transform(placed)


def _met(request: Request, legs: Sequence[Leg]) -> exp.Select:
    """Rows of every leg under one set of columns, then one row a group."""
    parts = []
    for number, leg in enumerate(legs, 1):
        own = {m.metric.name for m in leg.measures}
        part = exp.select(*(exp.column(group) for group in request.groups)).from_(_name(number))
        for name in request.sums:
            here = name.removesuffix(PREVIOUS) in own
            empty = exp.cast(exp.null(), "numeric", dialect=dialect.NAME)
            part = part.select(exp.column(name) if here else exp.alias_(empty, name))
        parts.append(part)
    union: exp.Query = parts[0]
    for part in parts[1:]:
        union = exp.union(union, part, distinct=False, copy=False)
    met = exp.select(*(exp.column(group) for group in request.groups)).from_(union.subquery("legs"))
    for name in request.sums:
        value: exp.Expr = exp.Max(this=exp.column(name))
        if request.is_zero_over_nothing(name):
            value = exp.Coalesce(this=value, expressions=[exp.Literal.number(0)])
        met = met.select(exp.alias_(value, name))
    return met.group_by(*(exp.column(group) for group in request.groups)) if request.groups else met


def _condition(column: exp.Expr, narrowing: Filter) -> exp.Expr:
    values = [dialect.scalar(value) for value in narrowing.values]
    match narrowing.op:
        case Op.IN:
            return column.eq(values[0]) if len(values) == 1 else exp.In(this=column, expressions=values)
        case Op.NOT_IN:
            outside = exp.In(this=column.copy(), expressions=values).not_()
            return exp.or_(outside, column.is_(exp.null()))
        case Op.IS_NULL:
            return column.is_(exp.null())
        case Op.NOT_NULL:
            return column.is_(exp.null()).not_()
        case Op.LT | Op.LE | Op.GT | Op.GE:
            comparison = {Op.LT: exp.LT, Op.LE: exp.LTE, Op.GT: exp.GT, Op.GE: exp.GTE}[narrowing.op]
            return comparison(this=column, expression=values[0])
