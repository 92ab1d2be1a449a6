"""The outermost SELECT over one row a group: what is made from sums, and only once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from dash_agent.context.business import AverageMetric, CohortMetric, CountMetric, RatioMetric, SumMetric
from dash_agent.models.query import Having, Order
from dash_agent.semantic.columns import columns_of
from dash_agent.semantic.legs import CHANGE, PREVIOUS, WHOLE, Request
from dash_agent.semantic.resolve import SHARE
from dash_agent.semantic.rows import ORDERED, condition

RANK = "place"
SAME_DIGITS = 12
"""A quotient has 16 digits or 20, as its operands are, so equal ones differ at the end. Cut here they are equal."""


def totalled(request: Request, source: str) -> exp.Select:
    """`source` with the whole that shares are of: over all groups, or all of a bucket where there are both."""
    query = request.query
    total = exp.Sum(this=exp.column(query.metrics[0]))
    beside = [exp.column(query.grain.value)] if query.grain and query.dimensions else []
    whole = exp.Window(this=total, partition_by=beside)
    columns = (exp.column(name) for name in (*request.groups, *request.sums))
    return exp.select(*columns, exp.alias_(whole, WHOLE, copy=False), copy=False).from_(source, copy=False)


@dataclass(frozen=True, slots=True)
class Outer:
    """Columns are named with their relation: a bare name in ORDER BY would mean the rounded output column, and
    thresholds and order go by unrounded values.
    """

    request: Request
    source: str

    def select(self, tree: exp.Select) -> exp.Query:
        """tree: what holds the WITH, without columns yet."""
        query = self.request.query
        select = tree.select(*(self.column(group) for group in self.request.groups), copy=False).from_(
            self.source, copy=False
        )
        for name in query.metrics:
            select = select.select(exp.alias_(self.shown(name, self.final(name)), name, copy=False), copy=False)
            if query.compare:
                before = self.final(name, PREVIOUS)
                select = select.select(exp.alias_(self.shown(name, before), name + PREVIOUS, copy=False), copy=False)
                select = select.select(
                    exp.alias_(self.shown(name, self.change(name)), name + CHANGE, copy=False), copy=False
                )
        if query.share:
            select = select.select(
                exp.alias_(self.share(query.metrics[0]), query.metrics[0] + SHARE, copy=False), copy=False
            )
        return self.ordered(select.where(*self.chosen(), copy=False))

    def column(self, name: str) -> exp.Column:
        return exp.column(name, self.source)

    def final(self, name: str, suffix: str = "") -> exp.Expr:
        """A metric from its sums, not rounded."""
        metric = self.request.metric(name)
        if isinstance(metric, SumMetric) and metric.divisor != 1:
            return self.request.dialect.quotient(self.column(name + suffix), exp.Literal.number(f"{metric.divisor}.0"))
        if not isinstance(metric, RatioMetric):
            return self.column(name + suffix)
        scale = exp.Literal.number(f"{metric.scale}.0")
        scaled = exp.Mul(this=scale, expression=self.column(metric.numerator + suffix))
        return self.request.dialect.quotient(scaled, _or_null(self.column(metric.denominator + suffix)))

    def change(self, name: str) -> exp.Expr:
        """Exact: two quotients have their digits cut at different places, and their difference would show it."""
        metric, dialect = self.request.metric(name), self.request.dialect
        now, before = self.column(name), self.column(name + PREVIOUS)
        match metric:
            case RatioMetric():
                return self.change_of_ratio(metric)
            case SumMetric() if metric.divisor != 1:
                moved = exp.paren(exp.Sub(this=now, expression=before), copy=False)
                return dialect.quotient(moved, exp.Literal.number(f"{metric.divisor}.0"))
            case AverageMetric():
                rounded = [dialect.rounded(average, SAME_DIGITS) for average in (now, before)]
                return exp.Sub(this=rounded[0], expression=rounded[1])
            case _:
                return exp.Sub(this=now, expression=before)

    def change_of_ratio(self, metric: RatioMetric) -> exp.Expr:
        """a/b - c/d as (a*d - c*b) / (b*d)."""
        a, b = self.column(metric.numerator), self.column(metric.denominator)
        c, d = self.column(metric.numerator + PREVIOUS), self.column(metric.denominator + PREVIOUS)
        scale = exp.Literal.number(f"{metric.scale}.0")
        # A factor with decimals stands in front, so that counts are multiplied as numerics and none overflows.
        gained, lost = _product(scale, a, d), _product(scale, c, b)
        whole = _product(exp.Literal.number("1.0"), b, d)
        return self.request.dialect.quotient(
            exp.paren(exp.Sub(this=gained, expression=lost), copy=False), _or_null(whole)
        )

    def shown(self, name: str, value: exp.Expr) -> exp.Expr:
        metric = self.request.metric(name)
        whole = isinstance(metric, CountMetric | CohortMetric)
        return value if whole else self.request.dialect.rounded(value, metric.decimals)

    def share(self, name: str) -> exp.Expr:
        return self.request.dialect.rounded(self.exact_share(name), 1)

    def exact_share(self, name: str) -> exp.Expr:
        part = exp.Mul(this=exp.Literal.number("100.0"), expression=self.column(name))
        return self.request.dialect.quotient(part, _or_null(self.column(WHOLE)))

    def chosen(self) -> Iterator[exp.Expr]:
        """Which groups are shown."""
        query = self.request.query
        for having in query.having:
            yield self.passes(having)
        if query.drop_null_groups:
            yield from (self.column(name).is_(exp.null()).not_() for name in query.dimensions)
        table = next(iter(self.request.tables()))
        for narrowing in self.request.shown_filters:
            type_name = self.request.rows(table).type_of(narrowing)
            yield condition(self.request.dialect, self.column(narrowing.dimension), narrowing, type_name)

    def passes(self, having: Having) -> exp.Expr:
        bound = self.request.dialect.scalar(having.value)
        by_share = having.metric == self.request.query.metrics[0] + SHARE
        value = self.exact_share(self.request.query.metrics[0]) if by_share else self.final(having.metric)
        return ORDERED[having.op](this=_wrapped(value), expression=bound)

    def ordered(self, select: exp.Select) -> exp.Query:
        orders, limit = list(self.order()), self.request.query.limit
        if limit is None or not self.request.query.with_ties:
            select = select.order_by(*orders, copy=False) if orders else select
            return select.limit(limit, copy=False) if limit is not None else select
        return self.first_with_ties(select, limit)

    def first_with_ties(self, select: exp.Select, limit: int) -> exp.Query:
        rank = exp.Window(this=exp.Rank(), order=exp.Order(expressions=list(self.given_order())))
        ranked = select.select(exp.alias_(rank, RANK, copy=False), copy=False)
        relations = ranked.args.pop("with_")
        names = (column.name for column in columns_of(self.request))
        outer = exp.select(*(exp.column(name) for name in names), copy=False).from_(
            ranked.subquery("ranked", copy=False), copy=False
        )
        outer.set("with_", relations)
        within = exp.LTE(this=exp.column(RANK), expression=exp.Literal.number(limit))
        by_name = [exp.Ordered(this=exp.column(name), nulls_first=False) for name in self.request.groups]
        return outer.where(within, copy=False).order_by(exp.column(RANK), *by_name, copy=False)

    def order(self) -> Iterator[exp.Ordered]:
        """The order that is given, then groups by name."""
        yield from self.given_order()
        named = {order.by for order in self.orders}
        for name in self.request.groups:
            if name not in named:
                yield exp.Ordered(this=self.column(name), nulls_first=False)

    def given_order(self) -> Iterator[exp.Ordered]:
        for order in self.orders:
            yield exp.Ordered(this=self.ordered_by(order.by), desc=order.desc, nulls_first=False)

    @property
    def orders(self) -> tuple[Order, ...]:
        """The query's own, or the definitions': buckets in time, groups by the first metric."""
        query = self.request.query
        if query.order or not (query.grain or query.dimensions):
            return query.order
        first = query.metrics[0] + (SHARE if query.part else "")
        return (Order(query.grain.value, desc=False),) if query.grain else (Order(first),)

    def ordered_by(self, name: str) -> exp.Expr:
        query = self.request.query
        changed = name.removesuffix(CHANGE)
        if name in query.metrics:
            return self.comparable(name, self.final(name))
        if name == query.metrics[0] + SHARE:
            return self.request.dialect.rounded(self.exact_share(query.metrics[0]), SAME_DIGITS)
        if query.compare and changed in query.metrics:
            return self.comparable(changed, self.change(changed))
        return self.column(name)

    def comparable(self, name: str, value: exp.Expr) -> exp.Expr:
        """A value that ties with its equals."""
        quotient = isinstance(self.request.metric(name), RatioMetric | AverageMetric)
        return self.request.dialect.rounded(value, SAME_DIGITS) if quotient else value


def _product(*factors: exp.Expr) -> exp.Expr:
    product = factors[0].copy()
    for factor in factors[1:]:
        product = exp.Mul(this=product, expression=factor.copy())
    return product


def _wrapped(tree: exp.Expr) -> exp.Expr:
    return exp.paren(tree, copy=False) if isinstance(tree, exp.Binary) else tree


def _or_null(tree: exp.Expr) -> exp.Expr:
    return exp.Nullif(this=tree, expression=exp.Literal.number(0))
