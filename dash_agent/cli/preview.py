"""A preview of a metric on a terminal or in a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dash_agent.cli.answer import SHOWN_ROWS, paragraph, print_body
from dash_agent.cli.styles import ASIDE, HEADING
from dash_agent.cli.terminal import printable
from dash_agent.insight.cells import NOTHING, decimals_of, shown
from dash_agent.insight.messages import say
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer, AnswerColumn, ColumnRole
from dash_agent.models.sql import Cell
from dash_agent.preview.against import Against, Outcome, Side
from dash_agent.preview.changes import Change, Value
from dash_agent.preview.messages import tell
from dash_agent.preview.metric import Wanted
from dash_agent.preview.words import described, listed, period_line

SHOWN_REASONS = 5
ADDED, REMOVED = "green", "red"


def print_preview(found: Wanted, answer: Answer, beside: Against | None, console: Console, wording: Wording) -> None:
    """The definition, the value with its SQL, and what was before."""
    metric = found.definition.metric
    paragraph(console, f"{wording.label(metric.label, metric.name)} ({metric.name})", HEADING)
    paragraph(console, metric.description, "")
    console.print()
    _print_definition(found, answer, console, wording)
    console.print()
    # A single value is in the text, and beside an earlier one the rows stand in one table with its.
    single = not found.plan.query.dimensions and found.plan.query.grain is None
    elsewhere = beside is not None and beside.outcome is Outcome.CHANGED and beside.sides
    print_body(replace(answer, rows=(), columns=()) if single or elsewhere else answer, console, wording)
    if beside is not None:
        console.print()
        paragraph(console, tell(wording.language, "against", revision=beside.past.name), HEADING)
        _print_beside(beside, answer, console, wording)


def _print_definition(found: Wanted, answer: Answer, console: Console, wording: Wording) -> None:
    rows = described(found.definition, wording)
    period = period_line(found.plan, wording, answer.as_of)
    if period is not None:
        rows.append((tell(wording.language, "period"), [period]))
    indent = max(len(heading) for heading, _ in rows) + 2
    for heading, lines in rows:
        _print_beside_heading(heading, lines, indent, console)


def _print_beside_heading(heading: str, lines: Sequence[str], indent: int, console: Console) -> None:
    """Not a rich table: it fills every line with blanks to the window's edge."""
    start = heading.ljust(indent)
    for line in lines:
        for piece in Text(printable(line)).wrap(console, max(console.width - indent, indent)):
            piece.rstrip()
            console.print(Text.assemble((start, HEADING), piece), soft_wrap=True)
            start = " " * indent


def _print_beside(beside: Against, answer: Answer, console: Console, wording: Wording) -> None:
    language, revision = wording.language, beside.past.name
    match beside.outcome:
        case Outcome.SAME:
            paragraph(console, tell(language, "same", revision=revision), "")
        case Outcome.ABSENT:
            kind, name = beside.missing or ("metric", answer.columns[0].name)
            paragraph(console, tell(language, f"absent.{kind}", revision=revision, name=name), "")
        case Outcome.BROKEN:
            paragraph(console, tell(language, "broken", revision=revision), "")
            for reason in listed(beside.reasons, language, SHOWN_REASONS):
                paragraph(console, f"  {reason}", "")
        case Outcome.CHANGED:
            pass
    if beside.outcome is Outcome.CHANGED and beside.sides:
        console.print(_sides(beside, answer, wording))
        _print_hidden(len(beside.sides), console, wording)
    _print_changes(beside, console, language)
    _print_diff(beside, console, language)


def _print_hidden(count: int, console: Console, wording: Wording) -> None:
    if count > SHOWN_ROWS:
        paragraph(console, say(wording.language, "more_rows", count=count - SHOWN_ROWS), ASIDE)


def _sides(beside: Against, answer: Answer, wording: Wording) -> Table:
    measured = next(index for index, column in enumerate(answer.columns) if column.role is ColumnRole.METRIC)
    groups, now = answer.columns[:measured], answer.columns[measured]
    then = next(column for column in (beside.answer or answer).columns if column.role is ColumnRole.METRIC)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in groups:
        table.add_column(Text(printable(column.label)), overflow="fold")
    for key in ("before", "after", "difference"):
        table.add_column(tell(wording.language, key), justify="right")
    for side in beside.sides[:SHOWN_ROWS]:
        keys = (shown(column, cell, wording) for column, cell in zip(groups, side.group, strict=True))
        cells = (
            _side(then, side.before, wording, there=side.in_before),
            _side(now, side.after, wording, there=side.in_after),
            _difference(now, side, wording),
        )
        table.add_row(*(Text(printable(cell)) for cell in (*keys, *cells)))
    return table


def _side(column: AnswerColumn, cell: Cell, wording: Wording, *, there: bool) -> str:
    return shown(column, cell, wording) if there else tell(wording.language, "no_group")


def _difference(column: AnswerColumn, side: Side, wording: Wording) -> str:
    if side.difference is None:
        return NOTHING
    decimals = decimals_of(side.difference)
    if column.unit == "percent":
        return say(wording.language, "points", value=wording.number(side.difference, None, decimals, signed=True))
    unit = column.unit if column.unit == "usd" else None
    return wording.number(side.difference, unit, decimals, signed=True)


def _print_changes(beside: Against, console: Console, language: str) -> None:
    if not beside.changes:
        if beside.sql_diff:
            paragraph(console, tell(language, "only_sql"), "")
        return
    paragraph(console, tell(language, "changed"), HEADING)
    for change in beside.changes:
        place = tell(language, f"of.{change.of}", name=change.name)
        paragraph(console, f"  {place}, {change.field}" if change.field else f"  {place}", "")
        for sign, said, style in _told(change, language):
            paragraph(console, f"    {sign} {said}", style)


def _told(change: Change, language: str) -> Iterator[tuple[str, str, str]]:
    """What was there and what is: of lists only the words that differ."""
    if not change.field:
        there = change.after is not None
        yield ("+", tell(language, "added"), ADDED) if there else ("-", tell(language, "removed"), REMOVED)
        return
    before, after = change.before, change.after
    if isinstance(before, tuple) and isinstance(after, tuple) and set(before) != set(after):
        kept = set(before) & set(after)
        before, after = (tuple(word for word in words if word not in kept) for words in (before, after))
    for sign, value, style in (("-", before, REMOVED), ("+", after, ADDED)):
        if value != ():
            yield sign, _said(value, language), style


def _said(value: Value, language: str) -> str:
    match value:
        case None:
            return tell(language, "nothing")
        case bool():
            return say(language, "yes" if value else "no")
        case tuple():
            return ", ".join(str(word) for word in value)
        case _:
            return str(value)


def _print_diff(beside: Against, console: Console, language: str) -> None:
    if not beside.sql_diff:
        if beside.outcome is Outcome.CHANGED and beside.sides:
            paragraph(console, tell(language, "sql_same"), "")
        return
    paragraph(console, tell(language, "sql_diff"), HEADING)
    styles = {"+": ADDED, "-": REMOVED, "@": ASIDE}
    for line in beside.sql_diff:
        console.print(Text(printable(line), style=styles.get(line[:1], "")), soft_wrap=True)
