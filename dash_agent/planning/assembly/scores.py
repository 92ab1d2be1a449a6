"""Bounds on the number of a single row: 'tickets rated 1 or 2', 'tickets with a CSAT below 3'.

A metric that averages a plain column can choose rows by it where the catalogue has a dimension of that column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dash_agent.context.business import AverageMetric, CountMetric
from dash_agent.models.query import Filter, Op
from dash_agent.planning.assembly.draft import Draft
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.sentence import AnyFound, Found
from dash_agent.planning.terms import DimensionTerm, GrainTerm, MetricTerm, NumberTerm, ThresholdTerm

GIVEN: Final = " IS NOT NULL"


def without_rows_bounds(draft: Draft, named: Sequence[Found[MetricTerm]]) -> list[Found[MetricTerm]]:
    """The metrics that are still asked for; the others have become filters of the draft."""
    kept = []
    for found in named:
        others = [other for other in named if other is not found and other.term != found.term]
        counts = _counts_scored(draft, found)
        narrowed = _filter(draft, found) if counts or _bounds_rows(draft, found, others) else None
        if narrowed is not None:
            draft.filters = (*(f for f in draft.filters if f.dimension != narrowed.dimension), narrowed)
            draft.sentence.use(found, f"{narrowed.dimension} {narrowed.op.value} {_said(narrowed)}")
        if narrowed is None or counts:
            kept.append(found)
    return kept


def _counts_scored(draft: Draft, found: Found[MetricTerm]) -> bool:
    """'Tickets with a CSAT' of 1: its words name the rows, and its rows are those that have a score."""
    rows = any(found.start <= thing.start < thing.end < found.end for thing in draft.sentence.things)
    return rows and isinstance(draft.metric(found.term.name), CountMetric)


def _bounds_rows(draft: Draft, found: Found[MetricTerm], others: Sequence[Found[MetricTerm]]) -> bool:
    """Rows are named before it, something else is counted of them, and no split stands between to be bounded."""
    tables = draft.tables(found.term.name)
    rows = [thing for thing in draft.sentence.things if thing.end <= found.start and tables & set(thing.tables)]
    counted = [other for other in others if tables & draft.tables(other.term.name)]
    splits: list[AnyFound] = [*draft.sentence.all(DimensionTerm), *draft.sentence.all(GrainTerm)]
    return bool(rows and counted) and not any(split.start < found.start for split in splits)


def _filter(draft: Draft, found: Found[MetricTerm]) -> Filter | None:
    dimension = _dimension(draft, found.term.name)
    if dimension is None:
        return None
    bound = draft.sentence.behind(found)
    if bound is not None and isinstance(bound.term, ThresholdTerm) and not bound.term.unit:
        draft.sentence.use(bound, f"{dimension} {bound.term.op.value} {bound.term.value}")
        return Filter(dimension, bound.term.op, (bound.term.value,))
    numbers = list(_numbers(draft, found))
    for number in numbers:
        draft.sentence.use(number, f"{dimension} {number.term.value}")
    return Filter(dimension, Op.IN, tuple(number.term.value for number in numbers)) if numbers else None


def _numbers(draft: Draft, found: AnyFound) -> Iterator[Found[NumberTerm]]:
    """'1', '1 or 2', '1, 2 and 3', right behind."""
    behind = draft.sentence.behind(found, Operator.AND, Operator.OR)
    while behind is not None and isinstance(behind.term, NumberTerm):
        yield behind
        behind = draft.sentence.behind(behind, Operator.AND, Operator.OR)


def _dimension(draft: Draft, name: str) -> str | None:
    """The dimension of the very column that the metric averages, or counts the given values of."""
    metric = draft.metric(name)
    if isinstance(metric, AverageMetric):
        scored = metric.value
    elif isinstance(metric, CountMetric) and (metric.where or "").endswith(GIVEN):
        scored = (metric.where or "").removesuffix(GIVEN)
    else:
        return None
    return next((d.name for d in draft.catalog.dimensions.values() if d.column == f"{metric.table}.{scored}"), None)


def _said(narrowed: Filter) -> str:
    return ", ".join(str(value) for value in narrowed.values)
