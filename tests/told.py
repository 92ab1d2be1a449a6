"""Numbers of an answer's text, and whether each is a fact or stands in the plan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from dash_agent.insight.cells import shown
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer, ColumnRole, Fact
from dash_agent.models.plan import ListPlan, MetricPlan, PatternPlan, SqlPlan
from dash_agent.models.query import Filter, Period, Scalar

NUMBER = re.compile(r"\d+(?:[.,:\u00a0\u202f]\d+)*")


def strange_numbers(answer: Answer, wording: Wording) -> list[str]:
    """Numbers of the text that no fact holds, as it is worded, and no period, bound, limit or name of the plan."""
    allowed = {number for text in _allowed(answer, wording) for number in numbers(text)}
    return [number for number in numbers(answer.text) if number not in allowed]


def numbers(text: str) -> list[str]:
    return NUMBER.findall(text)


def _allowed(answer: Answer, wording: Wording) -> Iterator[str]:
    for fact in answer.facts:
        yield from _of_fact(fact, wording)
    yield from _of_plan(answer, wording)
    # Names of what is told: labels of columns, and groups of verified queries, whose rows have no segment.
    yield from (column.label for column in answer.columns)
    groups = [at for at, column in enumerate(answer.columns) if column.role is ColumnRole.DIMENSION]
    yield from (shown(answer.columns[at], row[at], wording) for row in answer.rows for at in groups)


def _of_fact(fact: Fact, wording: Wording) -> Iterator[str]:
    yield from (text for text in (fact.segment, fact.period, fact.label) if text)
    metric = wording.catalog.metrics.get(fact.metric)
    for value in (fact.value, fact.previous):
        if value is None:
            continue
        size = abs(Decimal(str(value)))
        exponent = size.as_tuple().exponent
        own = max(-exponent, 0) if isinstance(exponent, int) else 0
        unit = None if fact.unit == "points" else fact.unit
        for decimals in {own, metric.decimals if metric else own, 0 if fact.unit == "count" else own}:
            if size == round(size, decimals):
                yield wording.number(size, unit, decimals)


def _of_plan(answer: Answer, wording: Wording) -> Iterator[str]:
    plan = answer.plan
    match plan:
        case MetricPlan():
            query = plan.query
            yield from _of_periods((query.period, query.compare), answer, wording)
            yield from _of_filters((*query.filters, *query.part), wording)
            yield from _of_parameters(query.parameters)
            yield from (wording.number(Decimal(h.value), None, places) for h in query.having for places in (0, 1, 2))
            yield from (wording.label(wording.catalog.metrics[name].label, name) for name in query.metrics)
        case ListPlan():
            yield from _of_periods((plan.query.period,), answer, wording)
            yield from _of_filters(plan.query.filters, wording)
            yield from _of_parameters(plan.query.parameters)
        case PatternPlan():
            yield from _of_periods((plan.period,), answer, wording)
            pattern = wording.catalog.patterns[plan.name]
            yield wording.label(pattern.header.label, plan.name)
        case SqlPlan() | _:
            pass


def _of_parameters(parameters: tuple[tuple[str, Scalar], ...]) -> Iterator[str]:
    """The numbers that a question puts into a definition: 48 hours, the 95th percentile."""
    for name, value in parameters:
        if name != "aggregate":
            number = Decimal(str(value)) * (100 if name == "percentile" else 1)
            yield f"{number.normalize():f}"


def _of_periods(periods: tuple[Period | None, ...], answer: Answer, wording: Wording) -> Iterator[str]:
    yield wording.period(None, answer.as_of)
    yield from (wording.period(period, answer.as_of) for period in periods if period is not None)


def _of_filters(conditions: tuple[object, ...], wording: Wording) -> Iterator[str]:
    for condition in conditions:
        if isinstance(condition, Filter):
            for value in condition.values:
                yield str(value)
                yield f"{value}:00"
                if isinstance(value, str):
                    yield wording.value(condition.dimension, value)
