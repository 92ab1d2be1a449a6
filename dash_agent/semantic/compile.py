"""A MetricQuery as one SQL tree. Read `compile_query` first.

Each set of measures that shares a table and a time column is aggregated apart, in a leg; legs meet on their
dimensions by UNION ALL and one more GROUP BY, so no join multiplies rows and null groups meet too. Ratios, rounding,
order and limit come last, from sums. The previous period of a comparison is read in the same pass, by filters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlglot import exp

from dash_agent.context.business import AverageMetric, CountMetric, PercentileMetric, RatioMetric, SumMetric
from dash_agent.models.query import Filter, Grain, MetricQuery, Op, Order, Period, Scalar
from dash_agent.semantic import dialect, resolve
from dash_agent.semantic.joins import Step
from dash_agent.semantic.model import Measure, SemanticModel
from dash_agent.semantic.time import Calendar

PREVIOUS = "_previous"
CHANGE = "_change"
SHARE = "_share"
GROUPED = "grouped"
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


@dataclass(frozen=True, slots=True)
class Leg:
    """Measures counted from one table by one time column."""

    table: str
    time: exp.Expr | None
    state: bool
    measures: tuple[Measure, ...]


def compile_query(model: SemanticModel, query: MetricQuery, calendar: Calendar) -> Compiled:
    """One SELECT whose columns are bucket, dimensions, then metrics (with previous and change where compared).

    Raises UnknownName for a name that is not there, NoPath for a dimension that a metric's rows do not have.
    """
    return _Compilation(model, query, calendar).compiled()


class _Compilation:
    def __init__(self, model: SemanticModel, query: MetricQuery, calendar: Calendar) -> None:
        self.model = model
        self.query = query
        self.calendar = calendar
        self.measures = resolve.measures(model, query)
        for name in query.dimensions:
            resolve.dimension(model, name)

    @property
    def groups(self) -> tuple[str, ...]:
        bucket = (self.query.grain.value,) if self.query.grain else ()
        return (*bucket, *self.query.dimensions)

    @property
    def sums(self) -> tuple[str, ...]:
        """Columns of the measures, with the previous period's."""
        names = [m.metric.name for m in self.measures]
        return (*names, *(name + PREVIOUS for name in names)) if self.query.compare else tuple(names)

    def compiled(self) -> Compiled:
        legs = self._legs()
        selects = [self._leg_select(leg) for leg in legs]
        tree = exp.select()
        if len(selects) == 1:
            tree = tree.with_(GROUPED, as_=selects[0])
        else:
            for leg, select in zip(legs, selects, strict=True):
                tree = tree.with_(_leg_name(leg, legs), as_=select)
            tree = tree.with_(GROUPED, as_=self._met(legs))
        source = GROUPED
        if self._filled():
            tree = tree.with_("filled", as_=self._fill())
            source = "filled"
        return Compiled(self._outer(tree, source), self._columns(), tuple(dict.fromkeys(leg.table for leg in legs)))

    # One leg

    def _legs(self) -> list[Leg]:
        found: dict[tuple[str, str, bool], Leg] = {}
        for measure in self.measures:
            metric = measure.metric
            time = self._time(measure)
            key = (metric.table, time.sql() if time else "", metric.state)
            leg = found.get(key, Leg(metric.table, time, metric.state, ()))
            found[key] = Leg(leg.table, leg.time, leg.state, (*leg.measures, measure))
        return list(found.values())

    def _time(self, measure: Measure) -> exp.Expr | None:
        return self._of_table(measure.time, measure.metric.table) if measure.time else None

    def _leg_select(self, leg: Leg) -> exp.Select:
        select = exp.select().from_(exp.to_table(leg.table))
        steps: dict[str, Step] = {}
        for name in dict.fromkeys((*self.query.dimensions, *(f.dimension for f in self.query.filters))):
            for step in resolve.place(self.model, name, leg.table).steps:
                steps.setdefault(step.table, step)
        for step in steps.values():
            on = exp.column(step.column, step.source).eq(exp.column(step.key, step.table))
            select = select.join(exp.to_table(step.table), on=on, join_type="left")
        for position, (name, expression) in enumerate(self._group_columns(leg), 1):
            select = select.select(exp.alias_(expression, name)).group_by(exp.Literal.number(position))
        for measure in leg.measures:
            name = measure.metric.name
            narrowed = self._within(leg, self.query.period) if self.query.compare else None
            select = select.select(exp.alias_(self._aggregate(measure, narrowed), name))
        for measure in leg.measures if self.query.compare else ():
            narrowed = self._within(leg, self.query.compare)
            select = select.select(exp.alias_(self._aggregate(measure, narrowed), measure.metric.name + PREVIOUS))
        for condition in self._leg_conditions(leg):
            select = select.where(condition)
        return select

    def _group_columns(self, leg: Leg) -> Iterator[tuple[str, exp.Expr]]:
        if self.query.grain and leg.time is not None:
            bucket = dialect.bucket(leg.time.copy(), self.query.grain, self.calendar.zone.key)
            yield self.query.grain.value, bucket
        for name in self.query.dimensions:
            yield name, self._dimension(name, leg.table)

    def _dimension(self, name: str, table: str) -> exp.Expr:
        place = resolve.place(self.model, name, table)
        return exp.column(place.column, place.table)

    def _leg_conditions(self, leg: Leg) -> Iterator[exp.Expr]:
        within = [w for p in (self.query.period, self.query.compare) if (w := self._within(leg, p)) is not None]
        if within:
            yield exp.or_(*within)
        for narrowing in self.query.filters:
            yield _condition(self._dimension(narrowing.dimension, leg.table), narrowing)

    def _within(self, leg: Leg, period: Period | None) -> exp.Expr | None:
        if period is None or leg.time is None:
            return None
        since = exp.GTE(this=leg.time.copy(), expression=dialect.instant(period.start))
        bound = exp.LTE if period.to_now else exp.LT
        return exp.and_(since, bound(this=leg.time.copy(), expression=dialect.instant(period.end)))

    # One measure

    def _aggregate(self, measure: Measure, narrowed: exp.Expr | None) -> exp.Expr:
        metric = measure.metric
        where = self._of_table(measure.where, metric.table) if measure.where else None
        conditions = [c for c in (where, narrowed) if c is not None]
        condition = exp.and_(*conditions) if conditions else None
        value = self._of_table(measure.value, metric.table) if measure.value else None
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
                if self._parameters.get("aggregate") == "average":
                    return dialect.filtered(exp.Avg(this=value), condition)
                share = float(self._parameters.get("percentile") or metric.percentile)
                return dialect.filtered(dialect.percentile(value or exp.null(), share), condition)

    @property
    def _parameters(self) -> Mapping[str, Scalar]:
        return {**self.model.constants, **dict(self.query.parameters)}

    def _of_table(self, tree: exp.Expr, table: str) -> exp.Expr:
        """A measure's expression with its columns on `table` and its constants as numbers; `:now` stays."""
        parameters = self._parameters

        def placed(node: exp.Expr) -> exp.Expr:
            if isinstance(node, exp.Column):
                return exp.column(node.name, table)
            if isinstance(node, exp.Placeholder) and node.name in parameters:
                return dialect.scalar(parameters[node.name])
            return node

        return tree.copy().transform(placed)

    # Legs together

    def _met(self, legs: Sequence[Leg]) -> exp.Select:
        """Rows of every leg under one set of columns, then one row a group."""
        parts = []
        for leg in legs:
            own = {m.metric.name for m in leg.measures}
            part = exp.select(*(exp.column(group) for group in self.groups)).from_(_leg_name(leg, legs))
            for name in self.sums:
                here = name.removesuffix(PREVIOUS) in own
                empty = exp.cast(exp.null(), "numeric", dialect=dialect.NAME)
                part = part.select(exp.column(name) if here else exp.alias_(empty, name))
            parts.append(part)
        union: exp.Query = parts[0]
        for part in parts[1:]:
            union = exp.union(union, part, distinct=False, copy=False)
        met = exp.select(*(exp.column(group) for group in self.groups)).from_(union.subquery("legs"))
        for name in self.sums:
            met = met.select(exp.alias_(exp.Max(this=exp.column(name)), name))
        return met.group_by(*(exp.column(group) for group in self.groups)) if self.groups else met

    def _filled(self) -> bool:
        return self.query.grain is not None and self.query.period is not None

    def _fill(self) -> exp.Select:
        """Every bucket of the period: 0 for counts and sums, null for rates and averages."""
        grain, period = self.query.grain, self.query.period
        if grain is None or period is None:
            raise AssertionError("a spine needs a grain and a period")
        bucket = grain.value
        select = exp.select(exp.alias_(self._bucket_type(exp.column(bucket, "spine")), bucket))
        select = select.from_(self._spine(grain, period))
        on: exp.Expr = exp.column(bucket, GROUPED).eq(self._bucket_type(exp.column(bucket, "spine")))
        if self.query.dimensions:
            names = [exp.column(name) for name in self.query.dimensions]
            split = exp.select(*names).distinct().from_(GROUPED).subquery("split")
            select = select.join(split, join_type="cross")
            for name in self.query.dimensions:
                select = select.select(exp.column(name, "split"))
                same = exp.NullSafeEQ(this=exp.column(name, GROUPED), expression=exp.column(name, "split"))
                on = exp.and_(on, same)
        select = select.join(exp.to_table(GROUPED), on=on, join_type="left")
        for name in self.sums:
            value: exp.Expr = exp.column(name, GROUPED)
            counted = self.model.measure(name.removesuffix(PREVIOUS)).metric
            if isinstance(counted, CountMetric | SumMetric):
                value = exp.Coalesce(this=value, expressions=[exp.Literal.number(0)])
            select = select.select(exp.alias_(value, name))
        return select

    def _bucket_type(self, column: exp.Expr) -> exp.Expr:
        plain = self.query.grain in (Grain.HOUR, Grain.WEEKDAY, Grain.HOUR_OF_DAY)
        return column if plain else exp.cast(column, "date", dialect=dialect.NAME)

    def _spine(self, grain: Grain, period: Period) -> exp.Expr:
        if grain is Grain.HOUR:
            zone: ZoneInfo = self.calendar.zone
            local = [m.astimezone(zone).replace(tzinfo=None) for m in (period.start, period.end)]
            hours = [m.replace(minute=0, second=0, microsecond=0).isoformat(sep=" ") for m in local]
            first, last = (exp.Literal.string(hour) for hour in hours)
            return dialect.spine(grain, first, last, grain.value)
        days = [] if grain.cyclic else list(self.calendar.buckets(period, grain))
        ends = (dialect.day(days[0]), dialect.day(days[-1])) if days else (exp.null(), exp.null())
        return dialect.spine(grain, *ends, grain.value)

    # The outer select

    def _outer(self, tree: exp.Select, source: str) -> exp.Query:
        query = self.query
        select = tree.select(*(exp.column(group) for group in self.groups)).from_(source)
        for name in query.metrics:
            decimals = self.model.catalog.metrics[name].decimals
            now = self._final(name)
            select = select.select(exp.alias_(dialect.rounded(now, decimals), name))
            if query.compare:
                before = self._final(name, PREVIOUS)
                change = exp.Sub(this=_wrapped(now.copy()), expression=_wrapped(before.copy()))
                select = select.select(exp.alias_(dialect.rounded(before, decimals), name + PREVIOUS))
                select = select.select(exp.alias_(dialect.rounded(change, decimals), name + CHANGE))
        if query.share:
            name = query.metrics[0]
            whole = exp.Window(this=exp.Sum(this=self._final(name)))
            part = exp.Mul(this=exp.Literal.number("100.0"), expression=_wrapped(self._final(name)))
            share = exp.Div(this=part, expression=_or_null(whole))
            select = select.select(exp.alias_(dialect.rounded(share, 1), name + SHARE))
        if query.drop_null_groups:
            for name in query.dimensions:
                select = select.where(exp.column(name).is_(exp.null()).not_())
        return self._ordered(select)

    def _final(self, name: str, suffix: str = "") -> exp.Expr:
        """A metric from its sums, not rounded."""
        metric = self.model.catalog.metrics[name]
        if not isinstance(metric, RatioMetric):
            return exp.column(name + suffix)
        scaled = exp.Mul(this=exp.Literal.number(f"{metric.scale}.0"), expression=exp.column(metric.numerator + suffix))
        return exp.Div(this=scaled, expression=_or_null(exp.column(metric.denominator + suffix)))

    def _ordered(self, select: exp.Select) -> exp.Query:
        orders = list(self._order())
        limit = self.query.limit
        if limit is None or not self.query.with_ties:
            select = select.order_by(*orders)
            return select.limit(limit) if limit is not None else select
        rank = exp.Window(this=exp.Rank(), order=exp.Order(expressions=[orders[0].copy()]))
        ranked = select.select(exp.alias_(rank, RANK))
        names = [column.name for column in self._columns()]
        ctes = ranked.args.pop("with_")
        outer = exp.select(*(exp.column(name) for name in names)).from_(ranked.subquery("ranked"))
        outer.set("with_", ctes)
        within = exp.LTE(this=exp.column(RANK), expression=exp.Literal.number(limit))
        by_name = [exp.Ordered(this=exp.column(name), nulls_first=False) for name in self.groups]
        return outer.where(within).order_by(exp.column(RANK), *by_name)

    def _order(self) -> Iterator[exp.Ordered]:
        query = self.query
        given = query.order
        if not given and query.grain is None and query.dimensions:
            given = (Order(query.metrics[0]),)
        named = set()
        if not given and query.grain is not None:
            named.add(query.grain.value)
            yield exp.Ordered(this=exp.column(query.grain.value), nulls_first=False)
        for order in given:
            named.add(order.by)
            by = self._final(order.by) if order.by in query.metrics else exp.column(order.by)
            yield exp.Ordered(this=by, desc=order.desc, nulls_first=False)
        for name in self.groups:
            if name not in named:
                yield exp.Ordered(this=exp.column(name), nulls_first=False)

    def _columns(self) -> tuple[OutColumn, ...]:
        query = self.query
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


def _wrapped(tree: exp.Expr) -> exp.Expr:
    return exp.paren(tree, copy=False) if isinstance(tree, exp.Binary) else tree


def _or_null(tree: exp.Expr) -> exp.Expr:
    return exp.Nullif(this=tree, expression=exp.Literal.number(0))


def _leg_name(leg: Leg, legs: Sequence[Leg]) -> str:
    return f"leg_{legs.index(leg) + 1}"
