"""Which chart an answer gets. The rules stand in docs/charts.md, and one answer in tests/e2e for each."""

from __future__ import annotations

from collections.abc import Sequence

from dash_agent.insight.charts import bars, funnel, heatmap, lines, multiples
from dash_agent.insight.charts.number import numbers
from dash_agent.insight.charts.shape import Shape, Split, metric_shape, number_of, pattern_shape, statement_shape
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer, Chart
from dash_agent.models.plan import Executable, MetricPlan, PatternPlan, SqlPlan
from dash_agent.models.query import Grain
from dash_agent.models.sql import Cell
from dash_agent.semantic.columns import OutColumn

LINES = 5
"""Lines of one chart; more groups get panels."""
SIDE_BY_SIDE = 4
"""Bars of different colours beside each other; more get panels."""
GROUPS = 8
"""Groups of bars of one chart by two splits."""


def chart(answer: Answer, plan: Executable, columns: Sequence[OutColumn], wording: Wording) -> Chart | None:
    """answer: with its columns, rows and facts. None where a picture says no more than the words, and for lists."""
    match plan:
        case MetricPlan():
            shape = metric_shape(answer, plan, columns, wording)
        case PatternPlan() if wording.catalog.patterns[plan.name].header.kind == "report":
            shape = pattern_shape(answer, plan, wording)
        case SqlPlan():
            shape = statement_shape(answer, wording)
        case _:
            return None
    if not any(number_of(row[m.index]) is not None for row in shape.rows for m in shape.measures):
        return None
    return _drawn(shape)


def _drawn(shape: Shape) -> Chart | None:
    if len(shape.rows) == 1:
        return _of_one_row(shape)
    match shape.splits:
        case [split]:
            return _by_one(shape, split)
        case [first, second]:
            return _by_two(shape, first, second)
        case _:
            return None


def _of_one_row(shape: Shape) -> Chart | None:
    """A number beside nothing needs no picture."""
    if [measure.name for measure in shape.measures][:3] == ["tickets", "ai_answered", "resolved"]:
        return funnel.of_measures(shape)
    return numbers(shape) if any(measure.previous is not None for measure in shape.measures) else None


def _by_one(shape: Shape, split: Split) -> Chart:
    if shape.funnel:
        return funnel.funnel(shape)
    alike = len({measure.unit for measure in shape.measures}) == 1 and len(shape.measures) <= SIDE_BY_SIDE
    if split.flows:
        return lines.line(shape) if alike else multiples.of_measures_over_time(shape)
    if len(shape.measures) == 1:
        return bars.bars(shape)
    return bars.grouped(shape) if alike else multiples.of_measures(shape)


def _by_two(shape: Shape, first: Split, second: Split) -> Chart | None:
    if _is_matrix(shape, first, second):
        measure = shape.measures[-1] if shape.measures[-1].unit == "percent" else shape.measures[0]
        return heatmap.heatmap(shape, measure, heatmap.drawn_alone(shape, measure))
    if shape.ranked and not first.ordered and not second.ordered:
        return bars.bars(shape)
    if second.flows:
        return None
    groups = _by_size(shape, second)
    if first.flows:
        if len(groups) <= LINES:
            return lines.split_lines(shape, groups)
        return multiples.of_groups_over_time(shape, groups[: multiples.MOST], len(groups))
    outer = _by_size(shape, first)
    if len(groups) <= SIDE_BY_SIDE:
        return bars.crossed(shape, outer[:24] if first.ordered else outer[:GROUPS], groups, len(outer))
    kept = outer[:24] if first.ordered else outer[: multiples.BARS]
    return multiples.of_groups(shape, kept, groups[: multiples.MOST], len(outer), len(groups))


def _is_matrix(shape: Shape, first: Split, second: Split) -> bool:
    """Weekday against hour, and time against a number that counts on from it."""
    if {first.grain, second.grain} == {Grain.WEEKDAY, Grain.HOUR_OF_DAY}:
        return True
    counted = all(isinstance(row[second.index], int) for row in shape.rows)
    return first.flows and second.grain is None and counted


def _by_size(shape: Shape, split: Split) -> list[Cell]:
    """The groups of a split, the largest in sum first; in their own order where they have one or don't add up."""
    measure = shape.measures[0]
    found = list(dict.fromkeys(row[split.index] for row in shape.rows))
    if split.ordered or not measure.counts:
        return found
    sums = dict.fromkeys(found, 0.0)
    for row in shape.rows:
        sums[row[split.index]] += number_of(row[measure.index]) or 0
    return sorted(found, key=lambda group: -sums[group])
