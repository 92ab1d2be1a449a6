"""An answer on a terminal or in a pipe."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dash_agent.cli.terminal import printable
from dash_agent.insight.cells import shown
from dash_agent.insight.messages import say
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer, ColumnRole
from dash_agent.models.query import Grain
from dash_agent.models.wire import plan_json

SHOWN_ROWS = 50
HEADING = "bold"
ASIDE = "dim"


def print_answer(answer: Answer, console: Console, wording: Wording) -> None:
    """Text, rows, SQL, what it rests on. At most SHOWN_ROWS rows, and says how many more there are."""
    paragraph(console, answer.text, HEADING)
    if len(answer.rows) > 1 or len(answer.columns) > 1:
        console.print(_rows(answer, wording))
    hidden = len(answer.rows) - SHOWN_ROWS
    if hidden > 0:
        paragraph(console, say(wording.language, "more_rows", count=hidden), ASIDE)
    _offers(console, answer)
    _list(console, answer, "assumed", answer.assumptions)
    _list(console, answer, "caveats", answer.caveats)
    _list(console, answer, "sources", [f"{s.layer} {s.name} ({s.file})" for s in answer.sources])
    _sql(console, answer)


def print_plan(answer: Answer, console: Console) -> None:
    """How the words were read, the plan, and the SQL that would run."""
    if answer.text:
        paragraph(console, answer.text, HEADING)
    _offers(console, answer)
    _list(console, answer, "reading", [f"{reading.words}: {reading.became}" for reading in answer.reading])
    _list(console, answer, "assumed", answer.assumptions)
    if answer.plan is not None:
        told = ("reading", "assumed")
        plan = {key: value for key, value in plan_json(answer.plan).items() if key not in told}
        _list(console, answer, "plan", [json.dumps(plan, ensure_ascii=False)])
    _sql(console, answer)


def _offers(console: Console, answer: Answer) -> None:
    """Questions to go on with. A choice whose label is the question itself is told once."""
    choices = [o.question if o.label == o.question else f"{o.label}: {o.question}" for o in answer.options]
    _list(console, answer, "choices", choices)
    _list(console, answer, "suggestions", answer.suggestions)


def _rows(answer: Answer, wording: Wording) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in answer.columns:
        number = column.role is ColumnRole.METRIC or column.type in ("integer", "number")
        named = number and column.name not in list(Grain)
        table.add_column(Text(printable(column.label)), justify="right" if named else "left", overflow="fold")
    for row in answer.rows[:SHOWN_ROWS]:
        cells = (shown(column, cell, wording) for column, cell in zip(answer.columns, row, strict=True))
        table.add_row(*(Text(printable(cell)) for cell in cells))
    return table


def _sql(console: Console, answer: Answer) -> None:
    if answer.sql:
        console.print(Text("SQL", style=HEADING))
        # Unbroken, so that it can be copied; the terminal wraps what is too long.
        console.print(Text(printable(answer.sql)), soft_wrap=True)


def paragraph(console: Console, text: str, style: str) -> None:
    console.print(Text(printable(text), style=style))


def _list(console: Console, answer: Answer, heading: str, lines: Sequence[str]) -> None:
    if lines:
        console.print(Text(say(answer.language, f"heading.{heading}"), style=HEADING))
        for line in lines:
            console.print(Text(f"  {printable(line)}"))
