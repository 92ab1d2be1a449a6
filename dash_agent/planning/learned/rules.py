"""Gotchas: rules that people set, applied to a plan before it runs, whichever engine made it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

from dash_agent.models.learning import Gotcha, How, Learning, Use
from dash_agent.models.plan import Executable, ListPlan, MetricPlan, PatternPlan, SqlPlan
from dash_agent.models.query import Filter, ListQuery, MetricQuery, Op, Period
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.resolve import applies


def ruled(
    plan: Executable, gotchas: Sequence[tuple[Learning, Gotcha]], model: SemanticModel
) -> tuple[Executable, tuple[Use, ...]]:
    """The plan with every rule that is about it, and what each did. Twice is as good as once."""
    uses: list[Use] = []
    for learning, gotcha in gotchas:
        if gotcha.metric not in model.catalog.metrics:
            continue
        match plan:
            case MetricPlan() | ListPlan():
                plan, found = _counting(plan, learning, gotcha, model)
                uses.extend(found)
            case PatternPlan():
                uses.extend(_pattern(plan, learning, gotcha, model))
            case SqlPlan():
                uses.extend(_statement(plan, learning, gotcha, model))
    return plan, tuple(uses)


def _counting(
    plan: MetricPlan | ListPlan, learning: Learning, gotcha: Gotcha, model: SemanticModel
) -> tuple[MetricPlan | ListPlan, tuple[Use, ...]]:
    query = plan.query
    if gotcha.metric not in query.metrics or not _touches(gotcha, query):
        return plan, ()
    caveat = (Use(learning, How.MIND),) if gotcha.caveat else ()
    if not gotcha.without:
        return plan, caveat
    leaving = Filter(gotcha.dimension, Op.NOT_IN, gotcha.without)
    if leaving in query.filters:
        return plan, (Use(learning, How.LEFT_OUT), *caveat)
    named = [narrowing for narrowing in query.filters if narrowing.dimension == gotcha.dimension]
    if named:
        counted = any(_keeps(narrowing, gotcha.without) for narrowing in named)
        return plan, ((Use(learning, How.COUNTED),) if counted else ()) + caveat
    if not _can_leave_out(gotcha, query, model):
        return plan, (Use(learning, How.COUNTED), *caveat)
    return narrowed(plan, leaving), (Use(learning, How.LEFT_OUT), *caveat)


def narrowed(plan: MetricPlan | ListPlan, narrowing: Filter) -> MetricPlan | ListPlan:
    """The plan with a condition more."""
    filters = (*plan.query.filters, narrowing)
    if isinstance(plan, ListPlan):
        return replace(plan, query=replace(plan.query, filters=filters))
    return replace(plan, query=replace(plan.query, filters=filters))


def _keeps(narrowing: Filter, without: Sequence[str]) -> bool:
    """Whether rows with one of the values pass."""
    match narrowing.op:
        case Op.IN:
            return bool(set(narrowing.values) & set(without))
        case Op.NOT_IN:
            return not set(without) <= set(narrowing.values)
        case _:
            return True


def _can_leave_out(gotcha: Gotcha, query: MetricQuery | ListQuery, model: SemanticModel) -> bool:
    """A condition narrows the whole query: other metrics in it, or days that the rule does not hold for, forbid it."""
    if set(query.metrics) != {gotcha.metric} or not applies(model, gotcha.metric, gotcha.dimension):
        return False
    return all(_covers(gotcha, period) for period in _periods(query))


def _periods(query: MetricQuery | ListQuery) -> tuple[Period | None, ...]:
    compare = query.compare if isinstance(query, MetricQuery) else None
    return (query.period, compare) if compare is not None else (query.period,)


def _touches(gotcha: Gotcha, query: MetricQuery | ListQuery) -> bool:
    """Whether the rule holds on one of the days that are asked about. A state of now has no days: bounds rule it out
    of none.
    """
    return any(_overlaps(gotcha, period) for period in _periods(query))


def _overlaps(gotcha: Gotcha, period: Period | None) -> bool:
    if period is None:
        return True
    start, end = _bounds(gotcha, period)
    return (start is None or start < period.end) and (end is None or period.start < end)


def _covers(gotcha: Gotcha, period: Period | None) -> bool:
    if period is None:
        return gotcha.start is None and gotcha.end is None
    start, end = _bounds(gotcha, period)
    return (start is None or start <= period.start) and (end is None or period.end <= end)


def _bounds(gotcha: Gotcha, period: Period) -> tuple[datetime | None, datetime | None]:
    """The rule's days as moments in the period's own time zone, the end exclusive."""
    zone = period.start.tzinfo
    start = datetime.combine(gotcha.start, time(), zone) if gotcha.start else None
    end = datetime.combine(gotcha.end + timedelta(days=1), time(), zone) if gotcha.end else None
    return start, end


def _pattern(plan: PatternPlan, learning: Learning, gotcha: Gotcha, model: SemanticModel) -> Iterator[Use]:
    """A verified statement stays as its author wrote it; what stands against it is told."""
    pattern = model.catalog.patterns.get(plan.name)
    if pattern is None or pattern.header.metric != gotcha.metric or not _overlaps(gotcha, plan.period):
        return
    if gotcha.without:
        yield Use(learning, How.COUNTED)
    if gotcha.caveat:
        yield Use(learning, How.MIND)


def _statement(plan: SqlPlan, learning: Learning, gotcha: Gotcha, model: SemanticModel) -> Iterator[Use]:
    tables = {part.table for part in model.catalog.counted(model.catalog.metrics[gotcha.metric])}
    if any(re.search(rf"\b{re.escape(table)}\b", plan.sql) for table in tables):
        yield Use(learning, How.UNCHECKED)
