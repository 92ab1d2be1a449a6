"""Numbers that rows hold, each with what it is a number of. The narrative says nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from dash_agent.insight.wording import Wording
from dash_agent.models.answer import AnswerColumn, ColumnRole, Fact
from dash_agent.models.query import Grain, MetricQuery
from dash_agent.models.sql import Cell, ResultSet
from dash_agent.semantic.columns import OutColumn, Shows
from dash_agent.semantic.time import Calendar

KINDS = {Shows.METRIC: "value", Shows.CHANGE: "change", Shows.SHARE: "share"}
"""Kinds of fact by what a column holds."""


@dataclass(frozen=True, slots=True)
class Ends:
    """The rows with the highest and the lowest value of a column, nulls left out. Ties: the first such row."""

    high: int
    low: int


def number(cell: Cell) -> Decimal | int | float | None:
    """A cell as a number; None for null. A cell that is no number is a mistake of the caller."""
    if cell is None or (isinstance(cell, Decimal | int | float) and not isinstance(cell, bool)):
        return cell
    raise TypeError(f"{cell!r} is not a number")


def metric_facts(
    query: MetricQuery, columns: Sequence[OutColumn], result: ResultSet, wording: Wording, now: datetime
) -> list[Fact]:
    """One `value` fact a metric and row, with the previous value where compared; `change` and `share` beside."""
    facts: list[Fact] = []
    period = wording.period(query.period, now) if query.period else None
    for row in result.rows:
        segment = _segment(columns, row, wording)
        for index, column in enumerate(columns):
            if column.shows not in KINDS:
                continue
            metric = wording.catalog.metrics[column.of]
            value = number(row[index])
            facts.append(
                Fact(
                    kind=KINDS[column.shows],
                    metric=column.of,
                    label=wording.label(metric.label, metric.name),
                    value=value,
                    unit=unit_of(column, metric.unit),
                    segment=segment,
                    period=period,
                    previous=number(row[index + 1]) if query.compare and column.shows is Shows.METRIC else None,
                )
            )
    return facts


def unit_of(column: OutColumn, unit: str) -> str:
    """A share is in %; two rates differ by points."""
    if column.shows is Shows.SHARE:
        return "percent"
    return "points" if column.shows is Shows.CHANGE and unit == "percent" else unit


def pattern_facts(columns: Sequence[AnswerColumn], result: ResultSet) -> list[Fact]:
    """One `value` fact a metric column and row."""
    return [
        Fact(kind="value", metric=column.name, label=column.label, value=number(cell), unit=column.unit)
        for row in result.rows
        for column, cell in zip(columns, row, strict=True)
        if column.role is ColumnRole.METRIC
    ]


MOST_OF_A_STATEMENT = 200
"""Facts of a statement that nobody described: beyond them, its rows speak for themselves."""


def statement_facts(columns: Sequence[AnswerColumn], result: ResultSet) -> list[Fact]:
    """One `value` fact a number of a statement that nobody described, beside the texts and times of its row."""
    found = []
    for row in result.rows:
        told = ", ".join(str(cell) for cell in row if isinstance(cell, str | date))
        for column, cell in zip(columns, row, strict=True):
            if column.role is ColumnRole.METRIC and cell is not None:
                found.append(Fact("value", column.name, column.label, number(cell), column.unit, segment=told or None))
    return found[:MOST_OF_A_STATEMENT]


def _segment(columns: Sequence[OutColumn], row: Sequence[Cell], wording: Wording) -> str | None:
    parts = [group_name(column, row[index], wording) for index, column in enumerate(columns) if _is_group(column)]
    return ", ".join(parts) or None


def _is_group(column: OutColumn) -> bool:
    return column.shows in (Shows.DIMENSION, Shows.BUCKET)


def group_name(column: OutColumn, cell: Cell, wording: Wording) -> str:
    if column.shows is Shows.BUCKET:
        return wording.bucket(Grain(column.of), cell)
    return wording.value(column.of, cell)


def partial_rows(query: MetricQuery, result: ResultSet, wording: Wording, now: datetime) -> frozenset[int]:
    """Rows of a time series whose bucket the period's edge cuts. Their counts are no drop and no low."""
    grain, period = query.grain, query.period
    if grain is None or period is None or grain.cyclic or grain is Grain.HOUR:
        return frozenset()
    calendar = Calendar(now, wording.zone)
    buckets = ((position, row[0]) for position, row in enumerate(result.rows))
    return frozenset(p for p, day in buckets if isinstance(day, date) and calendar.is_partial(day, period, grain))


def ends(result: ResultSet, index: int, left_out: frozenset[int] = frozenset()) -> Ends | None:
    """None where no row has a value. left_out: rows that count only where there are no others."""
    values = [(number(row[index]), position) for position, row in enumerate(result.rows)]
    valued = [(value, position) for value, position in values if value is not None]
    known = [pair for pair in valued if pair[1] not in left_out] or valued
    if not known:
        return None
    high = max(known, key=lambda pair: (pair[0], -pair[1]))
    low = min(known, key=lambda pair: (pair[0], pair[1]))
    return Ends(high[1], low[1])
