"""What is worth asking after a plan: its neighbours, the likeliest first, free of any language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import Final, assert_never

from dash_agent.context.business import CountMetric, Metric, SumMetric
from dash_agent.context.catalog import Catalog
from dash_agent.models.plan import Executable, ListPlan, MetricPlan, PatternPlan, SqlPlan
from dash_agent.models.query import Among, Filter, Grain, ListQuery, MetricQuery, Op, Period, Scalar
from dash_agent.models.sql import Cell
from dash_agent.planning.parser import Parser
from dash_agent.semantic.resolve import applies

FEW_DAYS: Final = 2
SOME_DAYS: Final = 14
MANY_DAYS: Final = 182
NEIGHBOURS: Final = 2
"""Patterns that are offered beside one."""

Rows = Sequence[Sequence[Cell]]


class Form(StrEnum):
    """What is asked: the names of templates."""

    SPLIT = "split"
    TREND = "trend"
    WHY = "why"
    SHARE = "share"
    LIST = "listed"
    COUNT = "counted"
    COMPARED = "compared"
    PATTERN = "pattern"


@dataclass(frozen=True, slots=True)
class Next:
    """A question to come. compare: the other period where it is another than the one right before.

    name: of a pattern.
    """

    form: Form
    metric: str = ""
    dimensions: tuple[str, ...] = ()
    grain: Grain | None = None
    filters: tuple[Filter, ...] = ()
    among: tuple[Among, ...] = ()
    period: Period | None = None
    compare: Period | None = None
    parameters: tuple[tuple[str, Scalar], ...] = ()
    name: str = ""


def after(plan: Executable, rows: Rows, parser: Parser) -> Iterator[Next]:
    """rows: the answer's, whose extreme group is worth a closer look."""
    match plan:
        case MetricPlan():
            yield from _Metrics(plan, parser).all(rows)
        case ListPlan():
            yield from _after_list(plan.query, parser)
        case PatternPlan():
            yield from _after_pattern(plan, parser)
        case SqlPlan():
            return
        case _:
            assert_never(plan)


class _Metrics:
    """What follows a plan of metrics. Of several, the one whose direction is good or bad is gone on with."""

    def __init__(self, plan: MetricPlan, parser: Parser) -> None:
        self._plan, self._query, self._parser = plan, plan.query, parser
        self._catalog = parser.model.catalog
        self._metric = _telling(plan.query, self._catalog)
        part = tuple(one for one in plan.query.part if isinstance(one, Filter))
        counted = tuple(one for one in plan.query.part if isinstance(one, Among))
        self._next = Next(
            Form.COUNT,
            self._metric.name,
            filters=(*plan.query.filters, *part),
            among=(*plan.query.among, *counted),
            period=plan.query.period,
            parameters=plan.query.parameters,
        )

    def all(self, rows: Rows) -> Iterator[Next]:
        query = self._query
        if self._plan.why:
            yield from self._compared(*self._unsplit(NEIGHBOURS))
            yield from self._trend()
        elif query.compare is not None:
            yield from self._why()
            yield from self._compared(*self._unsplit(1))
            yield from self._trend()
        elif query.grain is not None:
            yield from self._why()
            yield from self._splits(NEIGHBOURS)
            yield from self._compared()
        elif query.dimensions:
            yield from self._after_groups(rows)
        elif self._catalog.is_state(self._metric):
            yield from self._list()
            yield from self._splits(NEIGHBOURS + 1)
        else:
            yield from self._splits(1)
            yield from self._trend()
            yield from self._why()
            yield from self._splits(NEIGHBOURS)
            yield from self._list()

    def _after_groups(self, rows: Rows) -> Iterator[Next]:
        """The extreme group over time, the parts of the whole, the change and another split."""
        yield from self._closer(rows)
        dimensions = self._query.dimensions
        summed = isinstance(self._metric, CountMetric | SumMetric)
        if summed and not self._query.share and len(dimensions) == 1:
            yield replace(self._next, form=Form.SHARE, dimensions=dimensions)
        yield from self._why()
        yield from self._compared(*dimensions)
        yield from self._splits(NEIGHBOURS)
        yield from self._list()

    def _closer(self, rows: Rows) -> Iterator[Next]:
        group = self._extreme(rows)
        if group is None:
            return
        dimension = self._query.dimensions[0]
        others = tuple(one for one in self._next.filters if one.dimension != dimension)
        filters = (*others, Filter(dimension, Op.IN, (group,)))
        grain = _grain(self._query.period)
        if grain is not None and self._timed:
            yield replace(self._next, form=Form.TREND, grain=grain, filters=filters)
            return
        for name in islice(self._unsplit(NEIGHBOURS, {dimension}), 1):
            yield replace(self._next, form=Form.SPLIT, dimensions=(name,), filters=filters)

    def _extreme(self, rows: Rows) -> str | None:
        """The group that stands out: the lowest where more is better, else the highest."""
        if len(self._query.dimensions) != 1 or len(rows) < NEIGHBOURS:
            return None
        column = 1 + self._query.metrics.index(self._metric.name)
        known = [row for row in rows if isinstance(row[0], str) and row[column] is not None]
        if not known:
            return None
        best = min if self._metric.direction == "up" and self._metric.unit == "percent" else max
        group = best(known, key=lambda row: row[column])[0]  # type: ignore[arg-type,return-value]  # a number column
        return group if isinstance(group, str) else None

    @property
    def _timed(self) -> bool:
        return self._query.period is not None and not self._catalog.is_state(self._metric)

    def _why(self) -> Iterator[Next]:
        if self._timed:
            yield replace(self._next, form=Form.WHY, compare=self._query.compare)

    def _trend(self) -> Iterator[Next]:
        grain = _grain(self._query.period)
        if grain is not None and self._timed:
            yield replace(self._next, form=Form.TREND, grain=grain)

    def _compared(self, *dimensions: str) -> Iterator[Next]:
        if not self._timed:
            return
        compare = self._query.compare
        if self._query.grain is not None or self._query.compare is None:
            yield replace(self._next, form=Form.COMPARED, dimensions=dimensions)
            return
        for name in dimensions:
            yield replace(self._next, form=Form.COMPARED, dimensions=(name,), compare=compare)

    def _splits(self, count: int) -> Iterator[Next]:
        for name in self._unsplit(count):
            yield replace(self._next, form=Form.SPLIT, dimensions=(name,))

    def _list(self) -> Iterator[Next]:
        if isinstance(self._metric, CountMetric) and self._metric.distinct is None:
            yield replace(self._next, form=Form.LIST)

    def _unsplit(self, count: int, besides: set[str] | None = None) -> Iterator[str]:
        """The best dimensions that it is neither split by nor narrowed to one value of."""
        taken = {*self._query.dimensions, *_narrowed(self._next.filters), *(besides or ())}
        yield from islice(_dimensions(self._metric, self._parser, taken), count)


def _telling(query: MetricQuery, catalog: Catalog) -> Metric:
    metrics = [catalog.metrics[name] for name in query.metrics]
    return next((metric for metric in metrics if metric.direction != "neutral"), metrics[0])


def _narrowed(filters: Sequence[Filter]) -> set[str]:
    return {one.dimension for one in filters if one.op is Op.IN and len(one.values) == 1}


def _dimensions(metric: Metric, parser: Parser, taken: set[str]) -> Iterator[str]:
    first = () if metric.default_split is None else (metric.default_split,)
    for name in dict.fromkeys((*first, *parser.favourites.dimensions)):
        known = name in parser.model.catalog.dimensions and name not in taken
        if known and applies(parser.model, metric.name, name):
            yield name


def _grain(period: Period | None) -> Grain | None:
    """Buckets of which a period holds a handful or a few dozen."""
    if period is None:
        return None
    days = (period.end - period.start).total_seconds() / 86_400
    if days <= FEW_DAYS:
        return Grain.HOUR
    if days <= SOME_DAYS:
        return Grain.DAY
    return Grain.WEEK if days <= MANY_DAYS else Grain.MONTH


def _after_list(query: ListQuery, parser: Parser) -> Iterator[Next]:
    """How many of them there are, and of which groups."""
    metric = _counting(query, parser.model.catalog)
    if metric is None:
        return
    rest = tuple(Among(name) for name in query.metrics if name != metric.name)
    made = Next(
        Form.COUNT,
        metric.name,
        filters=query.filters,
        among=(*query.among, *rest),
        period=query.period,
        parameters=query.parameters,
    )
    taken = _narrowed(query.filters)
    for name in islice(_dimensions(metric, parser, taken), NEIGHBOURS):
        yield replace(made, form=Form.SPLIT, dimensions=(name,))
    grain = _grain(query.period)
    if grain is not None and not parser.model.catalog.is_state(metric):
        yield replace(made, form=Form.TREND, grain=grain)
    yield made


def _counting(query: ListQuery, catalog: Catalog) -> Metric | None:
    """The count whose rows are listed; of a list of all rows, the one that counts them all."""
    if query.metrics:
        return catalog.metrics[query.metrics[0]]
    counts = (m for m in catalog.metrics.values() if isinstance(m, CountMetric) and m.table == query.table)
    return next((m for m in counts if m.where is None and m.distinct is None and m.synonyms), None)


def _after_pattern(plan: PatternPlan, parser: Parser) -> Iterator[Next]:
    """Patterns that show the same columns, and the metrics among its own columns by its groups."""
    catalog = parser.model.catalog
    header = catalog.patterns[plan.name].header
    made = Next(Form.PATTERN, filters=pattern_filters(plan, catalog), period=plan.period)
    dimensions = [name for name in header.columns if name in catalog.dimensions]
    metrics = [name for name in header.columns if name in catalog.metrics]
    for name in islice(_near(plan.name, catalog), NEIGHBOURS):
        yield replace(made, name=name)
    for metric in metrics or [catalog.rules.primary_metric]:
        timed = made.period is not None and not catalog.is_state(catalog.metrics[metric])
        grain = _grain(made.period)
        for dimension in dimensions[:1]:
            if applies(parser.model, metric, dimension):
                yield replace(made, form=Form.SPLIT, metric=metric, dimensions=(dimension,))
        if timed and grain is not None:
            yield replace(made, form=Form.TREND, metric=metric, grain=grain)


def _near(name: str, catalog: Catalog) -> list[str]:
    """Other patterns by how much they share with one; those that share nothing are left out."""
    own = catalog.patterns[name]
    shared = {
        other: _in_common(own.header.columns, catalog.patterns[other].header.columns) for other in catalog.patterns
    }
    return sorted((other for other in shared if other != name and shared[other]), key=lambda other: -shared[other])


def _in_common(one: Iterable[str], other: Iterable[str]) -> int:
    return len({*one} & {*other})


def pattern_filters(plan: PatternPlan, catalog: Catalog) -> tuple[Filter, ...]:
    declared = catalog.patterns[plan.name].header.parameters
    found = []
    for name, value in plan.parameters:
        kind, _, target = declared[name].fills.partition(":")
        if kind == "dimension" and value is not None:
            found.append(Filter(target, Op.IN, value if isinstance(value, tuple) else (value,)))
    return tuple(found)
