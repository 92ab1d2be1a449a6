"""An answer on a terminal or in a pipe."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from dash_agent.cli.figures import headline, movers, rows
from dash_agent.cli.layout import wrapped
from dash_agent.cli.messages import tell
from dash_agent.cli.styles import ASIDE, HEADING
from dash_agent.cli.terminal import printable
from dash_agent.insight.definitions import definitions
from dash_agent.insight.messages import say
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer, Status
from dash_agent.models.wire import plan_json

SHOWN_ROWS = 50
LINE = 100
"""Characters: longer lines of prose are read badly, however wide the window is."""


def print_answer(answer: Answer, console: Console, wording: Wording) -> None:
    """The number, then what print_body prints, then how to ask it again."""
    first = headline(answer, wording)
    if first is not None:
        console.print(first, soft_wrap=True)
    print_body(answer, console, wording)
    if answer.status is Status.ANSWERED:
        console.print()
        paragraph(console, tell(answer.language, "receipt", id=answer.answer_id), ASIDE)


def print_body(answer: Answer, console: Console, wording: Wording) -> None:
    """Text, rows, what it rests on, SQL. At most SHOWN_ROWS rows, and says how many more there are."""
    paragraph(console, answer.text, "" if answer.status is Status.ANSWERED else HEADING)
    for line in rows(answer, wording, console, SHOWN_ROWS):
        console.print(line, soft_wrap=True)
    hidden = len(answer.rows) - SHOWN_ROWS
    if hidden > 0:
        paragraph(console, say(wording.language, "more_rows", count=hidden), ASIDE)
    for line in movers(answer, wording, console):
        console.print(line, soft_wrap=True)
    _list(console, answer, "choices", _choices(answer))
    _list(console, answer, "assumed", answer.assumptions)
    _list(console, answer, "caveats", answer.caveats)
    _list(console, answer, "sources", list(definitions(answer.sources, wording.catalog)))
    _sql(console, answer)
    _list(console, answer, "suggestions", answer.suggestions)


def print_plan(answer: Answer, console: Console) -> None:
    """How the words were read, the plan, and the SQL that would run."""
    if answer.text:
        paragraph(console, answer.text, HEADING)
    _list(console, answer, "choices", _choices(answer))
    _list(console, answer, "suggestions", answer.suggestions)
    _list(console, answer, "reading", [f"{reading.words}: {reading.became}" for reading in answer.reading])
    _list(console, answer, "assumed", answer.assumptions)
    if answer.plan is not None:
        told = ("reading", "assumed")
        plan = {key: value for key, value in plan_json(answer.plan).items() if key not in told}
        said = ((key, json.dumps(value, ensure_ascii=False)) for key, value in plan.items() if value not in EMPTY)
        _list(console, answer, "plan", [f'"{key}": {value}' for key, value in said])
    _sql(console, answer)


EMPTY: tuple[object, ...] = (None, False, [], {})


def _choices(answer: Answer) -> list[str]:
    """Questions to go on with. A choice whose label is the question itself is told once."""
    return [o.question if o.label == o.question else f"{o.label}: {o.question}" for o in answer.options]


def _sql(console: Console, answer: Answer) -> None:
    if not answer.sql:
        return
    console.print()
    console.print(Text("SQL", style=HEADING))
    # Unbroken, so that it can be copied; the terminal wraps what is too long.
    console.print(_coloured(printable(answer.sql), console), soft_wrap=True)


def _coloured(sql: str, console: Console) -> Text:
    if console.color_system is None:
        return Text(sql)
    from rich.syntax import Syntax

    made = Syntax("", "postgresql", theme="ansi_dark", background_color="default").highlight(sql)
    made.rstrip()
    return made


def paragraph(console: Console, text: str, style: str) -> None:
    """Every line begins as far in as the text does."""
    start = text[: len(text) - len(text.lstrip(" "))]
    for line in wrapped(printable(text), min(console.width, LINE), first=start, indent=start):
        console.print(Text(line, style=style), soft_wrap=True)


def _list(console: Console, answer: Answer, heading: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    console.print()
    console.print(Text(say(answer.language, f"heading.{heading}"), style=HEADING))
    for line in lines:
        for piece in wrapped(printable(line), min(console.width, LINE), first="  ", indent="    "):
            console.print(Text(piece), soft_wrap=True)
