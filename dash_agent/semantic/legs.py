"""Counting: each set of measures that shares a table and a time is aggregated apart, in a leg.

Legs meet on their dimensions (`meet.py`). The previous period of a comparison is read in the same pass, by filters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp

from dash_agent.context.business import (
    AverageMetric,
    CohortMetric,
    CountMetric,
    Metric,
    PercentileMetric,
    SumMetric,
)
from dash_agent.models.query import Condition, Filter, MetricQuery, Period, Scalar
from dash_agent.semantic import resolve
from dash_agent.semantic.dialect import Dialect
from dash_agent.semantic.model import Measure, SemanticModel
from dash_agent.semantic.postgres import POSTGRES
from dash_agent.semantic.rows import Clock, Rows
from dash_agent.semantic.time import Calendar

PREVIOUS = "_previous"
WHOLE = "whole"
"""The column of what a share is of."""

CHANGE = "_change"


@dataclass(frozen=True, slots=True)
class Request:
    """What is compiled: a query over a model, seen from a calendar, for an engine."""

    model: SemanticModel
    query: MetricQuery
    calendar: Calendar
    dialect: Dialect = POSTGRES

    @property
    def groups(self) -> tuple[str, ...]:
        bucket = (self.query.grain.value,) if self.query.grain else ()
        return (*bucket, *self.query.dimensions)

    @property
    def sums(self) -> tuple[str, ...]:
        """Columns of the measures, with the previous period's."""
        names = tuple(measure.metric.name for measure in resolve.measures(self.model, self.query))
        whole = (WHOLE,) if self.query.part else ()
        return (*names, *(name + PREVIOUS for name in names if self.query.compare), *whole)

    def measured(self, sum_name: str) -> str:
        """The measure that a sum is of."""
        return self.query.metrics[0] if sum_name == WHOLE else sum_name.removesuffix(PREVIOUS)

    def is_zero_over_nothing(self, sum_name: str) -> bool:
        """Counts and sums over no rows are 0; averages and percentiles are null."""
        metric = self.model.measure(self.measured(sum_name)).metric
        return isinstance(metric, CountMetric | SumMetric | CohortMetric)

    def is_whole(self, sum_name: str) -> bool:
        metric = self.model.measure(self.measured(sum_name)).metric
        return isinstance(metric, CountMetric | CohortMetric)

    @property
    def parameters(self) -> Mapping[str, Scalar]:
        return {**self.model.constants, **dict(self.query.parameters)}

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What chooses rows. Where a share is asked for, filters on the split choose groups afterwards."""
        return (*(f for f in self.query.filters if f not in self.shown_filters), *self.query.among)

    @property
    def shown_filters(self) -> tuple[Filter, ...]:
        if not self.query.share or self.query.part:
            return ()
        return tuple(f for f in self.query.filters if f.dimension in self.query.dimensions)

    def rows(self, table: str) -> Rows:
        return Rows(self.model, self.dialect, table)

    def metric(self, name: str) -> Metric:
        return resolve.metric(self.model, name)

    def tables(self) -> tuple[str, ...]:
        """Tables that rows are counted from, each once."""
        found = (measure.metric.table for measure in resolve.measures(self.model, self.query))
        return tuple(dict.fromkeys(found))

    def periods(self) -> Iterator[tuple[str, Period | None]]:
        """The period and the one that it is compared with, each with the suffix of its columns."""
        yield "", self.query.period
        if self.query.compare is not None:
            yield PREVIOUS, self.query.compare


@dataclass(frozen=True, slots=True)
class Leg:
    """Measures counted from one table by one time. leaves: of a cohort's rows, None for other measures."""

    table: str
    time: exp.Expr | None
    leaves: exp.Expr | None
    measures: tuple[Measure, ...]


def legs_of(request: Request) -> tuple[Leg, ...]:
    found: dict[tuple[str, ...], Leg] = {}
    for measure in resolve.measures(request.model, request.query):
        table = measure.metric.table
        time, leaves = (placed(request, tree, table) for tree in (measure.time, measure.leaves))
        key = (table, *("" if tree is None else tree.sql() for tree in (time, leaves)))
        before = found[key].measures if key in found else ()
        found[key] = Leg(table, time, leaves, (*before, measure))
    return tuple(found.values())


def placed(request: Request, tree: exp.Expr | None, table: str) -> exp.Expr | None:
    return None if tree is None else request.rows(table).expression(tree, request.parameters)


def counted(request: Request, leg: Leg) -> exp.Select:
    """One row a group: bucket, dimensions, and the leg's sums for each period."""
    rows, query = request.rows(leg.table), request.query
    clock = None if leg.time is None else Clock(leg.time, request.calendar.zone.key)
    select = grouped(request, rows, bucket(request, leg))
    for suffix, period in request.periods():
        for measure in leg.measures:
            # One period stands in WHERE; two are told apart by filters.
            within = _within(request, leg, period) if query.compare else None
            aggregate = _aggregate(
                request, measure, within, part=tuple(rows.narrowed(query.part, request.parameters, clock))
            )
            select = select.select(exp.alias_(aggregate, measure.metric.name + suffix, copy=False), copy=False)
            if query.part and measure.metric.name == query.metrics[0]:
                whole = _aggregate(request, measure, within)
                select = select.select(exp.alias_(whole, WHOLE, copy=False), copy=False)
    spans = [w for _, period in request.periods() if (w := _within(request, leg, period)) is not None]
    return select.where(
        *([exp.or_(*spans, copy=False)] if spans else []),
        *rows.narrowed(request.conditions, request.parameters, clock),
        copy=False,
    )


def _within(request: Request, leg: Leg, period: Period | None) -> exp.Expr | None:
    return None if leg.time is None or period is None else request.rows(leg.table).within(leg.time, period)


def grouped(request: Request, rows: Rows, bucket: exp.Expr | None) -> exp.Select:
    """FROM, the group columns and GROUP BY them."""
    select = rows.select(request.query.dimensions, (*request.conditions, *request.query.part))
    columns = [] if bucket is None or request.query.grain is None else [(request.query.grain.value, bucket)]
    columns += [(name, rows.group(name)) for name in request.query.dimensions]
    for position, (name, column) in enumerate(columns, 1):
        select = select.select(exp.alias_(column, name, copy=False), copy=False).group_by(
            exp.Literal.number(position), copy=False
        )
    return select


def bucket(request: Request, leg: Leg) -> exp.Expr | None:
    grain = request.query.grain
    if grain is None or leg.time is None:
        return None
    return request.dialect.bucket(leg.time.copy(), grain, request.calendar.zone.key)


def _aggregate(
    request: Request, measure: Measure, within: exp.Expr | None, part: tuple[exp.Expr, ...] = ()
) -> exp.Expr:
    metric, dialect = measure.metric, request.dialect
    conditions = [c for c in (placed(request, measure.where, metric.table), within, *part) if c is not None]
    condition = exp.and_(*conditions, copy=False) if conditions else None
    value = placed(request, measure.value, metric.table) or exp.null()
    match metric:
        case CountMetric():
            counted = exp.Distinct(expressions=[value]) if metric.distinct is not None else exp.Star()
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
            # As a number of 15 digits: two percentiles that differ in the last bit of a double are the same.
            return dialect.typed(dialect.filtered(dialect.percentile(value, share), condition), "numeric")
        case CohortMetric():
            raise TypeError(f"'{metric.name}' is counted by cohorts.py")
