"""An answer on a terminal or in a pipe."""

from __future__ import annotations

import json
from decimal import Decimal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dash_agent.cli.terminal import printable
from dash_agent.models.answer import Answer, ColumnRole
from dash_agent.models.sql import Cell
from dash_agent.models.wire import plan_json

SHOWN_ROWS = 50
HEADING = "bold"
ASIDE = "dim"


def print_answer(answer: Answer, console: Console) -> None:
    """Text, rows, SQL, what it rests on. At most SHOWN_ROWS rows, and says how many more there are."""
    _paragraph(console, answer.text, HEADING)
    if len(answer.rows) > 1 or len(answer.columns) > 1:
        console.print(_rows(answer))
    hidden = len(answer.rows) - SHOWN_ROWS
    if hidden > 0:
        _paragraph(console, f"… {hidden} more rows; --json prints all", ASIDE)
    if answer.truncated:
        _paragraph(console, "The row limit cut the rest off; narrow the question.", ASIDE)
    _list(console, "Choices", [f"{option.label}: {option.question}" for option in answer.options])
    _list(console, "You could ask", answer.suggestions)
    _list(console, "Assumed", answer.assumptions)
    _list(console, "Mind", answer.caveats)
    _list(console, "Rests on", [f"{s.layer} {s.name} ({s.file})" for s in answer.sources])
    _sql(console, answer)


def print_plan(answer: Answer, console: Console) -> None:
    """How the words were read, the plan, and the SQL that would run."""
    if answer.text:
        _paragraph(console, answer.text, HEADING)
    _list(console, "Choices", [f"{option.label}: {option.question}" for option in answer.options])
    _list(console, "You could ask", answer.suggestions)
    _list(console, "Read as", [f"{reading.words}: {reading.became}" for reading in answer.reading])
    _list(console, "Assumed", answer.assumptions)
    if answer.plan is not None:
        told = ("reading", "assumed")
        plan = {key: value for key, value in plan_json(answer.plan).items() if key not in told}
        _list(console, "Plan", [json.dumps(plan, ensure_ascii=False)])
    _sql(console, answer)


def _rows(answer: Answer) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in answer.columns:
        number = column.role is ColumnRole.METRIC or column.type in ("integer", "number")
        header = Text(printable(column.label))
        table.add_column(header, justify="right" if number else "left", overflow="fold")
    for row in answer.rows[:SHOWN_ROWS]:
        table.add_row(*(Text(_cell(cell)) for cell in row))
    return table


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return "–"
        case bool():
            return "yes" if cell else "no"
        case int():
            return f"{cell:,}"
        case float() | Decimal():
            return f"{cell:,}"
        case _:
            return printable(str(cell))


def _sql(console: Console, answer: Answer) -> None:
    if answer.sql:
        console.print(Text("SQL", style=HEADING))
        # Unbroken, so that it can be copied; the terminal wraps what is too long.
        console.print(Text(printable(answer.sql)), soft_wrap=True)


def _paragraph(console: Console, text: str, style: str) -> None:
    console.print(Text(printable(text), style=style))


def _list(console: Console, title: str, lines: tuple[str, ...] | list[str]) -> None:
    if lines:
        console.print(Text(title, style=HEADING))
        for line in lines:
            console.print(Text(f"  {printable(line)}"))
