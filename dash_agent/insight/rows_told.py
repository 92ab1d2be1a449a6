"""Verified queries and lists in words: how many rows, the first of them, and what most have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from dash_agent.context.patterns import Pattern
from dash_agent.insight.cells import decimals_of, shown
from dash_agent.insight.facts import number
from dash_agent.insight.messages import counted, say
from dash_agent.insight.naming import metric_label, narrowed
from dash_agent.insight.narrative import Told
from dash_agent.insight.narrowing import lowered
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import AnswerColumn, ColumnRole, Fact
from dash_agent.models.query import ListQuery
from dash_agent.models.sql import Cell, ResultSet
from dash_agent.semantic.columns import OutColumn, Shows

MOST_CELLS = 4
FEWEST_ALIKE = 5
"""Rows below which it is no news that most are alike."""
FEWEST_APART = 3
"""Different values below which neither end is worth telling."""


def rows_text(result: ResultSet, wording: Wording) -> str:
    return counted(wording.language, "rows", len(result.rows))


def pattern_told(
    pattern: Pattern, columns: Sequence[AnswerColumn], result: ResultSet, wording: Wording, period: str
) -> Told:
    """One row of numbers is told in full, of several their number and the first."""
    label = wording.label(pattern.header.label, pattern.header.name)
    if not result.rows:
        return Told(say(wording.language, "rows_none", label=label))
    first = result.rows[0]
    numbers = [(c, cell) for c, cell in zip(columns, first, strict=True) if c.role is ColumnRole.METRIC]
    if len(result.rows) == 1 and len(numbers) == sum(c.role is not ColumnRole.HELPER for c in columns):
        items = "; ".join(f"{column.label}: {measured(column, cell, wording)}" for column, cell in numbers)
        text = say(wording.language, "several", items=items, narrowed="", period=period)
        return Told(text[:1].upper() + text[1:])
    text = say(wording.language, "rows", label=label, rows=rows_text(result, wording))
    count = Fact("value", pattern.header.name, label, len(result.rows), "count")
    ends = _ends(columns, result, wording)
    if ends is not None:
        return Told(f"{text} {ends[0]}", (count, *ends[1]))
    return Told(" ".join((text, *first_row(columns, first, numbers, wording))), (count,))


def _ends(columns: Sequence[AnswerColumn], result: ResultSet, wording: Wording) -> tuple[str, tuple[Fact, ...]] | None:
    """The highest and the lowest row of one number by groups, each where it is alone there.

    None where the rows are a ranking, whose first counts.
    """
    metrics = [at for at, column in enumerate(columns) if column.role is ColumnRole.METRIC]
    groups = [at for at, column in enumerate(columns) if column.role is ColumnRole.DIMENSION]
    if len(metrics) != 1 or not groups or result.truncated:
        return None
    at, column = metrics[0], columns[metrics[0]]
    known = [(value, row) for row in result.rows if (value := number(row[at])) is not None]
    values = [value for value, _ in known]
    if len(set(values)) < FEWEST_APART or values in (sorted(values), sorted(values, reverse=True)):
        return None
    told, facts = [], []
    for key, end in (("highest", max(values)), ("lowest", min(values))):
        rows = [row for value, row in known if value == end]
        if len(rows) == 1:
            name = ", ".join(shown(columns[group], rows[0][group], wording) for group in groups)
            shown_value = measured(column, rows[0][at], wording)
            told.append(say(wording.language, key, label=lowered(column.label), group=name, value=shown_value))
            facts.append(Fact("record", column.name, column.label, end, column.unit, name))
    return (" ".join(told), tuple(facts)) if told else None


def first_row(
    columns: Sequence[AnswerColumn],
    row: Sequence[Cell],
    numbers: Sequence[tuple[AnswerColumn, Cell]],
    wording: Wording,
) -> Iterator[str]:
    """The row at the top, with its groups and its first numbers."""
    names = [shown(c, cell, wording) for c, cell in zip(columns, row, strict=True) if c.role is ColumnRole.DIMENSION]
    items = ", ".join(
        say(wording.language, "cell", label=lowered(column.label), value=measured(column, cell, wording))
        for column, cell in numbers[:MOST_CELLS]
        if cell is not None
    )
    if items and names:
        yield say(wording.language, "first_row", group=", ".join(names), items=items)
    elif items:
        yield say(wording.language, "first_row.bare", items=items)


def list_told(
    query: ListQuery,
    columns: Sequence[OutColumn],
    shown_as: Sequence[AnswerColumn],
    result: ResultSet,
    wording: Wording,
    now: datetime,
) -> Told:
    """What is listed, how many rows of it there are, the span of their times, and what most have in common."""
    labels = [metric_label(name, wording) for name in query.metrics]
    label = ", ".join(labels) or wording.label(wording.catalog.tables[query.table].label, query.table)
    period = f", {wording.period(query.period, now)}" if query.period else ""
    told = f"{label}{narrowed((*query.filters, *query.among), wording, query.parameters)}{period}"
    if not result.rows:
        return Told(say(wording.language, "rows_none", label=told))
    name = query.metrics[0] if query.metrics else query.table
    facts = [Fact("value", name, label, len(result.rows), "count")]
    sentences = [say(wording.language, "rows", label=told, rows=rows_text(result, wording))]
    for text, fact in (*_span(name, shown_as, result, wording), *_commonest(name, columns, shown_as, result, wording)):
        sentences.append(text)
        facts.append(fact)
    return Told(" ".join(sentences), tuple(facts))


def _span(
    name: str, columns: Sequence[AnswerColumn], result: ResultSet, wording: Wording
) -> Iterator[tuple[str, Fact]]:
    """Of the first column of moments: the earliest and the latest."""
    for at, column in enumerate(columns):
        moments = [cell for row in result.rows if isinstance(cell := row[at], datetime)]
        if moments:
            first, last = (wording.moment(moment) for moment in (min(moments), max(moments)))
            key = "moment_of" if first == last else "span_of"
            text = say(wording.language, key, label=column.label, first=first, last=last)
            yield text, Fact("record", name, column.label, None, segment=first, period=f"{first} – {last}")
            return


def _commonest(
    name: str, columns: Sequence[OutColumn], shown_as: Sequence[AnswerColumn], result: ResultSet, wording: Wording
) -> Iterator[tuple[str, Fact]]:
    """The value that more than half of the rows share, of the first column of few values where there is one."""
    if len(result.rows) < FEWEST_ALIKE or result.truncated:
        return
    for at, (column, declared) in enumerate(zip(columns, shown_as, strict=True)):
        field = column.of.rpartition(".")[2]
        if column.shows is not Shows.DIMENSION and field not in wording.catalog.dimensions:
            continue
        values = Counter(row[at] for row in result.rows)
        value, count = values.most_common(1)[0]
        if len(values) > 1 and count * 2 > len(result.rows):
            told = wording.value(field, value)
            share = wording.number(Decimal(count), None, 0)
            item = say(wording.language, "common", label=lowered(declared.label), value=told, count=share)
            text = say(wording.language, "commonest", items=item)
            yield text, Fact("share", name, declared.label, count, "count", segment=told)
            return


def measured(column: AnswerColumn, cell: Cell, wording: Wording) -> str:
    value = number(cell)
    return wording.measure(value, column.unit, decimals_of(value) if value is not None else 0)
