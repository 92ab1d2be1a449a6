"""A MetricQuery as one SQL tree. Read `compile_query` first.

Counting is in `legs`, empty buckets in `spine`; here ratios, rounding, order and limit come last, from sums.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlglot import exp

from dash_agent.context.business import RatioMetric
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
    return Compiled(_outer(request, tree, source), _columns(request), tuple(tables))


def _outer(request: Request, tree: exp.Select, source: str) -> exp.Query:
    query = request.query
    select = tree.select(*(exp.column(group) for group in request.groups)).from_(source)
    for name in query.metrics:
        decimals = request.model.catalog.metrics[name].decimals
        now = _final(request, name)
        select = select.select(exp.alias_(dialect.rounded(now, decimals), name))
        if query.compare:
            before = _final(request, name, PREVIOUS)
            change = exp.Sub(this=_wrapped(now.copy()), expression=_wrapped(before.copy()))
            select = select.select(exp.alias_(dialect.rounded(before, decimals), name + PREVIOUS))
            select = select.select(exp.alias_(dialect.rounded(change, decimals), name + CHANGE))
    if query.share:
        name = query.metrics[0]
        whole = exp.Window(this=exp.Sum(this=_final(request, name)))
        part = exp.Mul(this=exp.Literal.number("100.0"), expression=_wrapped(_final(request, name)))
        share = exp.Div(this=part, expression=_or_null(whole))
        select = select.select(exp.alias_(dialect.rounded(share, 1), name + SHARE))
    if query.drop_null_groups:
        for name in query.dimensions:
            select = select.where(exp.column(name).is_(exp.null()).not_())
    return _ordered(request, select)


def _final(request: Request, name: str, suffix: str = "") -> exp.Expr:
    """A metric from its sums, not rounded."""
    metric = request.model.catalog.metrics[name]
    if not isinstance(metric, RatioMetric):
        return exp.column(name + suffix)
    scaled = exp.Mul(this=exp.Literal.number(f"{metric.scale}.0"), expression=exp.column(metric.numerator + suffix))
    return exp.Div(this=scaled, expression=_or_null(exp.column(metric.denominator + suffix)))


def _ordered(request: Request, select: exp.Select) -> exp.Query:
    orders = list(_order(request))
    limit = request.query.limit
    if limit is None or not request.query.with_ties:
        select = select.order_by(*orders)
        return select.limit(limit) if limit is not None else select
    rank = exp.Window(this=exp.Rank(), order=exp.Order(expressions=[orders[0].copy()]))
    ranked = select.select(exp.alias_(rank, RANK))
    names = [column.name for column in _columns(request)]
    ctes = ranked.args.pop("with_")
    outer = exp.select(*(exp.column(name) for name in names)).from_(ranked.subquery("ranked"))
    outer.set("with_", ctes)
    within = exp.LTE(this=exp.column(RANK), expression=exp.Literal.number(limit))
    by_name = [exp.Ordered(this=exp.column(name), nulls_first=False) for name in request.groups]
    return outer.where(within).order_by(exp.column(RANK), *by_name)


def _order(request: Request) -> Iterator[exp.Ordered]:
    query = request.query
    given = query.order
    if not given and query.grain is None and query.dimensions:
        given = (Order(query.metrics[0]),)
    named = set()
    if not given and query.grain is not None:
        named.add(query.grain.value)
        yield exp.Ordered(this=exp.column(query.grain.value), nulls_first=False)
    for order in given:
        named.add(order.by)
        by = _final(request, order.by) if order.by in query.metrics else exp.column(order.by)
        yield exp.Ordered(this=by, desc=order.desc, nulls_first=False)
    for name in request.groups:
        if name not in named:
            yield exp.Ordered(this=exp.column(name), nulls_first=False)


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
