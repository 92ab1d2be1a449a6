"""A MetricQuery as one SQL tree. Read `compile_query` first.

Counting is in `legs`, empty buckets in `spine`; here ratios, rounding, order and limit come last, from sums.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlglot import exp

from dash_agent.context.business import CountMetric, RatioMetric
from dash_agent.models.query import MetricQuery, Order
from dash_agent.semantic import dialect, resolve
from dash_agent.semantic.legs import GROUPED, PREVIOUS, Request, legs_of, with_grouped
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.spine import FILLED, fill
from dash_agent.semantic.time import Calendar

CHANGE = "_change"
SHARE = "_share"
RANK = "place"


class Shows(StrEnum):
    """What an output column holds."""

    DIMENSION = "dimension"
    BUCKET = "bucket"
    METRIC = "metric"
    PREVIOUS = "previous"
    CHANGE = "change"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class OutColumn:
    """name: in the SQL. of: the dimension, grain or metric that it shows."""

    name: str
    shows: Shows
    of: str


@dataclass(frozen=True, slots=True)
class Compiled:
    tree: exp.Query
    columns: tuple[OutColumn, ...]
    tables: tuple[str, ...]


def compile_query(model: SemanticModel, query: MetricQuery, calendar: Calendar) -> Compiled:
    """One SELECT whose columns are bucket, dimensions, then metrics (with previous and change where compared).

    Raises UnknownName for a name that is not there, NoPath for a dimension that a metric's rows do not have.
    """
    request = Request(model, query, calendar)
    for name in query.dimensions:
        resolve.dimension(model, name)
    tree, source = with_grouped(request), GROUPED
    if query.grain is not None and query.period is not None:
        tree, source = tree.with_(FILLED, as_=fill(request, query.grain, query.period)), FILLED
    tables = dict.fromkeys(leg.table for leg in legs_of(request))
    return Compiled(_Outer(request, source).select(tree), _columns(request), tuple(tables))


@dataclass(frozen=True, slots=True)
class _Outer:
    """The outermost SELECT over one row a group. Columns are named with their relation: a bare name in ORDER BY
    would mean the rounded output column, and order goes by unrounded values.
    """

    request: Request
    source: str

    def select(self, tree: exp.Select) -> exp.Query:
        query = self.request.query
        select = tree.select(*(self.column(group) for group in self.request.groups)).from_(self.source)
        for name in query.metrics:
            select = select.select(exp.alias_(self.shown(name, self.final(name)), name))
            if query.compare:
                before = self.final(name, PREVIOUS)
                change = exp.Sub(this=_wrapped(self.final(name)), expression=_wrapped(before.copy()))
                select = select.select(exp.alias_(self.shown(name, before), name + PREVIOUS))
                select = select.select(exp.alias_(self.shown(name, change), name + CHANGE))
        if query.share:
            select = select.select(exp.alias_(self.share(query.metrics[0]), query.metrics[0] + SHARE))
        if query.drop_null_groups:
            for name in query.dimensions:
                select = select.where(self.column(name).is_(exp.null()).not_())
        return self.ordered(select)

    def column(self, name: str) -> exp.Column:
        return exp.column(name, self.source)

    def final(self, name: str, suffix: str = "") -> exp.Expr:
        """A metric from its sums, not rounded."""
        metric = self.request.model.catalog.metrics[name]
        if not isinstance(metric, RatioMetric):
            return self.column(name + suffix)
        scale = exp.Literal.number(f"{metric.scale}.0")
        scaled = exp.Mul(this=scale, expression=self.column(metric.numerator + suffix))
        return dialect.quotient(scaled, _or_null(self.column(metric.denominator + suffix)))

    def shown(self, name: str, value: exp.Expr) -> exp.Expr:
        metric = self.request.model.catalog.metrics[name]
        return value if isinstance(metric, CountMetric) else dialect.rounded(value, metric.decimals)

    def share(self, name: str) -> exp.Expr:
        whole = exp.Window(this=exp.Sum(this=self.final(name)))
        part = exp.Mul(this=exp.Literal.number("100.0"), expression=_wrapped(self.final(name)))
        return dialect.rounded(dialect.quotient(part, _or_null(whole)), 1)

    def ordered(self, select: exp.Select) -> exp.Query:
        orders, limit = list(self.order()), self.request.query.limit
        if limit is None or not self.request.query.with_ties:
            select = select.order_by(*orders) if orders else select
            return select.limit(limit) if limit is not None else select
        return self.first_with_ties(select, orders[0], limit)

    def first_with_ties(self, select: exp.Select, order: exp.Ordered, limit: int) -> exp.Query:
        rank = exp.Window(this=exp.Rank(), order=exp.Order(expressions=[order]))
        ranked = select.select(exp.alias_(rank, RANK))
        relations = ranked.args.pop("with_")
        names = (column.name for column in _columns(self.request))
        outer = exp.select(*(exp.column(name) for name in names)).from_(ranked.subquery("ranked"))
        outer.set("with_", relations)
        within = exp.LTE(this=exp.column(RANK), expression=exp.Literal.number(limit))
        by_name = [exp.Ordered(this=exp.column(name), nulls_first=False) for name in self.request.groups]
        return outer.where(within).order_by(exp.column(RANK), *by_name)

    def order(self) -> Iterator[exp.Ordered]:
        """The query's own order, or the definitions': buckets in time, groups by the first metric; ties by name."""
        query = self.request.query
        given = query.order
        if not given and query.grain is None and query.dimensions:
            given = (Order(query.metrics[0]),)
        for order in given:
            by = self.final(order.by) if order.by in query.metrics else self.column(order.by)
            yield exp.Ordered(this=by, desc=order.desc, nulls_first=False)
        named = {order.by for order in given}
        for name in self.request.groups:
            if name not in named:
                yield exp.Ordered(this=self.column(name), nulls_first=False)


def _columns(request: Request) -> tuple[OutColumn, ...]:
    query = request.query
    found = [OutColumn(query.grain.value, Shows.BUCKET, query.grain.value)] if query.grain else []
    found += [OutColumn(name, Shows.DIMENSION, name) for name in query.dimensions]
    for name in query.metrics:
        found.append(OutColumn(name, Shows.METRIC, name))
        if query.compare:
            found.append(OutColumn(name + PREVIOUS, Shows.PREVIOUS, name))
            found.append(OutColumn(name + CHANGE, Shows.CHANGE, name))
    if query.share:
        found.append(OutColumn(query.metrics[0] + SHARE, Shows.SHARE, query.metrics[0]))
    return tuple(found)


def _wrapped(tree: exp.Expr) -> exp.Expr:
    return exp.paren(tree, copy=False) if isinstance(tree, exp.Binary) else tree


def _or_null(tree: exp.Expr) -> exp.Expr:
    return exp.Nullif(this=tree, expression=exp.Literal.number(0))
