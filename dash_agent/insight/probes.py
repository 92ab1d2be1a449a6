"""Further queries that what is told rests on: the span before, the splits that explain a change, how many rows stand
behind a group.

A plain question costs at most one statement more; only "why" asks several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from dash_agent.context.business import AverageMetric, CountMetric, Metric, PercentileMetric, RatioMetric
from dash_agent.context.catalog import Catalog
from dash_agent.models.plan import Executable, MetricPlan
from dash_agent.models.query import MetricQuery, Op, Period
from dash_agent.models.sql import ResultSet
from dash_agent.semantic.columns import OutColumn
from dash_agent.semantic.joins import NoPath, path
from dash_agent.semantic.model import SUM, VALUES
from dash_agent.semantic.time import Calendar

BEFORE: Final = "before"
"""The comparable span before a single value's."""

SIZES: Final = "sizes"
"""The rows behind each group's rate, average or percentile."""

BY: Final = "by "
"""Begins the name of a split that may explain a change."""

MOST_DRIVERS: Final = 6

Begins = Callable[[str], datetime | None]
"""When a table's rows begin, None where that is not known."""


@dataclass(frozen=True, slots=True)
class Probe:
    """name: what it is for ('before', 'by channel')."""

    name: str
    query: MetricQuery


@dataclass(frozen=True, slots=True)
class Seen:
    """What a probe found."""

    probe: Probe
    columns: tuple[OutColumn, ...]
    result: ResultSet


def probes(
    plan: Executable,
    result: ResultSet,
    catalog: Catalog,
    calendar: Calendar,
    begins: Begins,
) -> tuple[Probe, ...]:
    """Every one runs as a statement of its own, by the same door, after the answer's own."""
    if not isinstance(plan, MetricPlan) or not result.rows:
        return ()
    query, metric = plan.query, catalog.metrics[plan.query.metrics[0]]
    if plan.why and query.compare is not None and query.grain is None:
        return tuple(_drivers(query, metric, catalog))
    if query.grain is not None or query.compare is not None or len(query.metrics) > 1:
        return ()
    if query.dimensions:
        return _sizes(query, metric)
    return tuple(_before(query, metric, catalog, calendar, begins))


def is_average(query: MetricQuery, metric: Metric) -> bool:
    """Whether it is a sum divided by a count, so that its change has parts."""
    of_percentile = isinstance(metric, PercentileMetric) and dict(query.parameters).get("aggregate") == "average"
    return isinstance(metric, AverageMetric) or of_percentile


def _before(
    query: MetricQuery, metric: Metric, catalog: Catalog, calendar: Calendar, begins: Begins
) -> Iterator[Probe]:
    """A count's earlier value alone tells its change. A rate's change is worked out from all four counts, so both
    periods are read, with the rows behind them.
    """
    if query.period is None or catalog.is_state(metric):
        return
    earlier = calendar.comparable(query.period)
    if not _is_read(earlier, metric, catalog, begins):
        return
    if query.part or isinstance(metric, CountMetric):
        yield Probe(BEFORE, replace(query, period=earlier))
        return
    behind = rows_behind(metric)
    yield Probe(BEFORE, replace(query, metrics=(metric.name, *([behind] if behind else [])), compare=earlier))


def _is_read(period: Period, metric: Metric, catalog: Catalog, begins: Begins) -> bool:
    """Whether the tables reach back to where a period starts: before that, everything would be a rise from nothing."""
    starts = [begins(part.table) for part in catalog.counted(metric)]
    return all(start is not None and start <= period.start for start in starts)


def _sizes(query: MetricQuery, metric: Metric) -> tuple[Probe, ...]:
    behind = rows_behind(metric)
    if behind is None or query.share:
        return ()
    plain = replace(query, metrics=(behind,), order=(), limit=None, with_ties=False, having=(), parameters=())
    return (Probe(SIZES, plain),)


def rows_behind(metric: Metric) -> str | None:
    """What counts the rows that a rate, an average or a percentile is of."""
    match metric:
        case RatioMetric():
            return metric.denominator
        case AverageMetric() | PercentileMetric():
            return metric.name + VALUES
        case _:
            return None


def _drivers(query: MetricQuery, metric: Metric, catalog: Catalog) -> Iterator[Probe]:
    parts = _parts(query, metric)
    for name in (query.dimensions or drivers(query, metric, catalog))[:MOST_DRIVERS]:
        yield Probe(
            BY + name,
            replace(query, metrics=parts, dimensions=(name,), order=(), limit=None, with_ties=False, having=()),
        )


def _parts(query: MetricQuery, metric: Metric) -> tuple[str, ...]:
    """What the groups' effects are worked out from."""
    if isinstance(metric, RatioMetric):
        return (metric.numerator, metric.denominator)
    if is_average(query, metric):
        return (metric.name + SUM, metric.name + VALUES)
    if isinstance(metric, PercentileMetric):
        return (metric.name, metric.name + VALUES)
    return (metric.name,)


def drivers(query: MetricQuery, metric: Metric, catalog: Catalog) -> tuple[str, ...]:
    """Dimensions to look for a change in: the metric's own split, then the rules' list, as far as they apply and the
    question has not narrowed to one value.
    """
    fixed = {f.dimension for f in query.filters if f.op is Op.IS_NULL or (f.op is Op.IN and len(f.values) == 1)}
    own = (metric.default_split,) if metric.default_split else ()
    named = dict.fromkeys((*own, *catalog.rules.drivers))
    return tuple(name for name in named if name not in fixed and _applies(name, metric, catalog))


def _applies(name: str, metric: Metric, catalog: Catalog) -> bool:
    dimension = catalog.dimensions[name]
    try:
        for part in catalog.counted(metric):
            home = dimension.on.get(part.table, dimension.column).partition(".")[0]
            path(catalog, part.table, home)
    except NoPath:
        return False
    return True
