"""What a query asks that has no answer: refused before anything is compiled, with what would do instead."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from difflib import get_close_matches

from dash_agent.context.business import CohortMetric, CountMetric, Metric, SumMetric
from dash_agent.errors import UnknownName, WrongUse
from dash_agent.models.query import Filter, Grain, MetricQuery, Op, Period
from dash_agent.semantic import resolve
from dash_agent.semantic.legs import CHANGE
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.postgres import POSTGRES
from dash_agent.semantic.rows import Rows, of_clock

ORDER_OPERATORS = (Op.LT, Op.LE, Op.GT, Op.GE)
CLOCKED = (Grain.HOUR, Grain.DAY, Grain.WEEKDAY, Grain.HOUR_OF_DAY)
"""Buckets that a filter by weekday or hour of the day leaves empty, or cuts."""

OF_THE_AGGREGATE = ("percentile", "aggregate")


def check(model: SemanticModel, query: MetricQuery) -> None:
    """Raises UnknownName, NoPath, WrongUse."""
    if not query.metrics:
        raise WrongUse("a metric query names no metric")
    shares = (query.metrics[0] + resolve.SHARE,) if query.share else ()
    bounded = (having.metric for having in query.having if having.metric not in shares)
    metrics = {name: resolve.metric(model, name) for name in (*query.metrics, *bounded)}
    _check_once("metric", query.metrics)
    _check_once("dimension", query.dimensions)
    for metric in metrics.values():
        for part in model.catalog.counted(metric):
            for name in (*query.dimensions, *(f.dimension for f in query.filters if not of_clock(f))):
                resolve.place(model, name, part.table)
            for condition in (*query.among, *query.part):
                Rows(model, POSTGRES, part.table).steps(condition)
    _check_periods(model, query, metrics.values())
    _check_order(query)
    _check_parameters(model, query)
    for having in query.having:
        if having.op not in ORDER_OPERATORS:
            raise WrongUse(f"'{having.op}' is no threshold for '{having.metric}'", "use lt, le, gt or ge")
    if query.grain in CLOCKED and any(of_clock(f) and not _is_within(f, query.grain) for f in query.filters):
        raise WrongUse(
            f"buckets by {query.grain.value} hold times that the filter leaves out",
            "split by week, month or a dimension",
        )
    if query.share:
        _check_share(query.metrics[0], metrics[query.metrics[0]])
    if query.part:
        _check_part(model, query)


def _is_within(condition: Filter, grain: Grain | None) -> bool:
    """Every day has the hours that are kept: a bucket of a day is what came in them."""
    return grain is Grain.DAY and condition.dimension == Grain.HOUR_OF_DAY.value


def _check_once(kind: str, names: tuple[str, ...]) -> None:
    for index, name in enumerate(names):
        if name in names[:index]:
            raise WrongUse(f"the {kind} '{name}' is named twice")


def _check_periods(model: SemanticModel, query: MetricQuery, metrics: Collection[Metric]) -> None:
    for period in (query.period, query.compare):
        if period is not None:
            check_period(period)
    if query.compare is not None and query.period is None:
        raise WrongUse("a comparison needs a period to compare with")
    if query.compare is not None and query.grain is not None and not query.grain.cyclic:
        raise WrongUse(
            f"two periods share no buckets by {query.grain.value}", "compare them as a whole, or show one by itself"
        )
    timed = [p.name for m in metrics for p in model.catalog.counted(m) if not p.state]
    of_now = any(a.counts and model.catalog.is_state(resolve.metric(model, a.metric)) for a in query.among)
    if timed and query.period is None and not of_now:
        raise WrongUse(f"'{timed[0]}' is of a period, and none is given")
    if query.period is not None or query.grain is not None:
        for part in (part for metric in metrics for part in model.catalog.counted(metric)):
            if model.measure(part.name).time is None:
                raise WrongUse(f"'{part.name}' counts rows that have no time, so no period or bucket goes by it")
    cohorts = [p.name for m in metrics for p in model.catalog.counted(m) if isinstance(p, CohortMetric)]
    if cohorts and query.grain is not None and query.grain.cyclic:
        raise WrongUse(
            f"'{cohorts[0]}' is of a period, and a {query.grain.value} is none", "take days, weeks or months"
        )


def check_period(period: Period) -> None:
    if period.start > period.end:
        raise WrongUse(f"the period begins at {period.start.isoformat()} and ends before, at {period.end.isoformat()}")


def _check_order(query: MetricQuery) -> None:
    changes = [name + CHANGE for name in query.metrics] if query.compare else []
    shares = [query.metrics[0] + resolve.SHARE] if query.share else []
    known = [*query.metrics, *query.dimensions, *changes, *shares, *([query.grain.value] if query.grain else [])]
    for order in query.order:
        if order.by not in known:
            raise UnknownName("column to order by", order.by, get_close_matches(order.by, known, 3))
    if query.limit is not None and query.limit < 1:
        raise WrongUse(f"a limit of {query.limit} leaves nothing")
    if query.with_ties and (query.limit is None or not (query.order or query.dimensions or query.grain)):
        raise WrongUse("ties need an order and a limit")


def _check_parameters(model: SemanticModel, query: MetricQuery) -> None:
    known = [*model.constants, *OF_THE_AGGREGATE]
    for name, value in query.parameters:
        if name not in known:
            raise UnknownName("parameter", name, get_close_matches(name, known, 3))
        if name == "aggregate" and value != "average":
            raise WrongUse(f"the parameter 'aggregate' is 'average' or not given, not {value!r}")
        if name == "percentile" and not (isinstance(value, Decimal) and 0 < value < 1):
            raise WrongUse(f"the parameter 'percentile' is a number between 0 and 1, not {value!r}")


def _check_part(model: SemanticModel, query: MetricQuery) -> None:
    if not query.share:
        raise WrongUse("a part is of a share, and none is asked for")
    if len(query.metrics) > 1 or query.compare is not None:
        raise WrongUse("the share of a part is of one metric and one period", "ask for one at a time")
    if isinstance(resolve.metric(model, query.metrics[0]), CohortMetric):
        raise WrongUse(f"'{query.metrics[0]}' is a population, which has no such part")


def _check_share(name: str, metric: Metric) -> None:
    if isinstance(metric, SumMetric | CohortMetric) or (isinstance(metric, CountMetric) and metric.distinct is None):
        return
    raise WrongUse(f"the parts of '{name}' do not add up to a whole", "a share is of a count or a sum")
