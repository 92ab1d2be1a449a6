"""Numbers of an answer on a terminal: the one that was asked for, the rows with bars, and what moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from dash_agent.cli.layout import (
    GAP,
    LONGEST_BAR,
    SHORTEST_BAR,
    Column,
    Grid,
    Number,
    bar,
    grid,
    records,
    sparkline,
    wrapped,
)
from dash_agent.cli.messages import tell
from dash_agent.cli.styles import ASIDE, BAD, BAR, GOOD, HEAD, HEADING
from dash_agent.cli.terminal import printable
from dash_agent.insight.cells import shown
from dash_agent.insight.headline import CHANGE, said, verdict
from dash_agent.insight.headline import headline as headline_of
from dash_agent.insight.wording import Wording, unit_name
from dash_agent.models.answer import Answer, AnswerColumn, ColumnRole, Fact
from dash_agent.models.plan import MetricPlan
from dash_agent.models.query import Grain
from dash_agent.models.sql import Cell

MOST_MOVERS = 6


def headline(answer: Answer, wording: Wording) -> Text | None:
    """The one number that an answer is, with its change; None where it is many or none."""
    found = headline_of(answer)
    if found is None:
        return None
    value = found.value
    line = Text.assemble((printable(value.label), ""), "  ", (_number(value, wording), HEADING))
    if found.changes:
        told = [_number(change, wording, signed=True) for change in found.changes]
        more = f" ({', '.join(told[1:])})" if told[1:] else ""
        style = _verdict(value.metric, found.changes[0].value, wording)
        line.append(f"  {_arrow(found.changes[0].value)} {told[0]}{more}", style=style)
    if found.previous is not None:
        before = tell(answer.language, "before", value=said(found.previous, value.unit, wording))
        line.append(f"  {before}", style=ASIDE)
    return line


def _number(fact: Fact, wording: Wording, *, signed: bool = False) -> str:
    return "" if fact.value is None else said(fact.value, fact.unit, wording, signed=signed)


def _arrow(value: Number | None) -> str:
    return "=" if not value else "▲" if value > 0 else "▼"


def _verdict(metric: str, value: Number | None, wording: Wording) -> str:
    """Of a change, by the direction that is good for its metric."""
    better = verdict(metric, value, wording)
    return HEADING if better is None else f"bold {GOOD if better else BAD}"


def rows(answer: Answer, wording: Wording, console: Console, most: int) -> Iterator[Text]:
    """The rows, at most so many: beside one another with bars, a single one under its labels."""
    columns, cells = answer.columns, answer.rows[:most]
    if not cells or (len(columns) == 1 and len(answer.rows) == 1):
        return
    if headline(answer, wording) is not None:
        return
    yield Text()
    yield from _sparkline(answer, wording, console)
    heads = [Column(printable(_label(column, wording)), _is_number(column)) for column in columns]
    texts = [[_cell(column, cell, wording) for column, cell in zip(columns, row, strict=True)] for row in cells]
    if len(cells) == 1:
        yield from _single(heads, texts[0], console.width)
        return
    made = grid(heads, texts, console.width)
    if made is None:
        yield from _records(answer, heads, texts, console)
        return
    measured = _measured(answer, console, made)
    yield from (Text(line, style=HEAD) for line in made.header)
    for drawn, row in zip(made.rows, cells, strict=True):
        yield from _row(drawn, row, columns, made, measured, wording, console)


def _row(
    lines: Sequence[str],
    row: Sequence[Cell],
    columns: Sequence[AnswerColumn],
    made: Grid,
    measured: tuple[int, Number] | None,
    wording: Wording,
    console: Console,
) -> Iterator[Text]:
    first, *more = lines
    text = Text(first)
    last = columns[-1]
    if last.name.endswith(CHANGE) and (value := _value(row[-1])):
        style = _verdict(last.name.removesuffix(CHANGE), value, wording)
        text.stylize(style, len(first) - len(_cell(last, row[-1], wording)))
    if measured is not None:
        index, most = measured
        room = min(LONGEST_BAR, console.width - made.width - len(GAP))
        drawn = bar(_value(row[index]), most, room)
        if drawn:
            text.append(" " * (made.width - cell_len(first) + len(GAP)))
            text.append(drawn, style=BAR)
    yield text
    yield from map(Text, more)


def _records(
    answer: Answer, heads: Sequence[Column], texts: Sequence[Sequence[str]], console: Console
) -> Iterator[Text]:
    """Where the window is too narrow for the columns, which is said."""
    told = tell(answer.language, "records", count=len(heads), width=console.width)
    yield from (Text(line, style=ASIDE) for line in wrapped(told, console.width))
    for lines in records(heads, texts, console.width):
        yield Text()
        yield from map(Text, lines)


def _single(heads: Sequence[Column], texts: Sequence[str], width: int) -> Iterator[Text]:
    """Labels at the left and their numbers under one another."""
    pairs = [[head.label, text] for head, text in zip(heads, texts, strict=True)]
    made = grid([Column(""), Column("", number=all(head.number for head in heads))], pairs, width)
    if made is None:
        for lines in records(heads, [texts], width):
            yield from map(Text, lines)
        return
    yield from (Text(line) for lines in made.rows for line in lines)


def _measured(answer: Answer, console: Console, made: Grid) -> tuple[int, Number] | None:
    """The column that bars are drawn of and its highest value: the only metric of several groups, on a terminal."""
    metrics = [index for index, column in enumerate(answer.columns) if column.role is ColumnRole.METRIC]
    groups = [column for column in answer.columns if column.role is ColumnRole.DIMENSION]
    shares = [index for index in metrics if answer.columns[index].name.endswith("_share")]
    index = shares[0] if len(metrics) == 2 and shares else metrics[0] if len(metrics) == 1 else None
    narrow = console.width - made.width - len(GAP) < SHORTEST_BAR
    if index is None or not groups or narrow or not console.is_terminal:
        return None
    values = [value for row in answer.rows if (value := _value(row[index])) is not None]
    if not values or min(values) < 0 or max(values) <= 0:
        return None
    return index, max(values)


def _sparkline(answer: Answer, wording: Wording, console: Console) -> Iterator[Text]:
    """A series of one number in a line, above its buckets, on a terminal."""
    del wording
    grain = isinstance(answer.plan, MetricPlan) and answer.plan.query.grain
    metrics = [index for index, column in enumerate(answer.columns) if column.role is ColumnRole.METRIC]
    if not grain or len(answer.columns) != 2 or len(metrics) != 1 or not console.is_terminal:
        return
    drawn = sparkline([_value(row[metrics[0]]) for row in answer.rows])
    if drawn and len(answer.rows) <= console.width and len(answer.rows) > 2:
        yield Text(drawn, style=BAR)
        yield Text()


def movers(answer: Answer, wording: Wording, console: Console) -> Iterator[Text]:
    """The groups that a change is made of, as the facts have them: before, now and what each contributes."""
    made = [fact for fact in answer.facts if fact.kind == "contribution" and fact.segment and fact.value is not None]
    if not made or not isinstance(answer.plan, MetricPlan) or not answer.plan.why:
        return
    told = [_mover(fact, answer, wording) for fact in made[:MOST_MOVERS]]
    heads = [Column(tell(answer.language, key), key != "group") for key in ("group", "was", "became", "change")]
    drawn = grid(heads, told, console.width)
    yield Text()
    yield Text(tell(answer.language, "moved"), style=HEADING)
    if drawn is None:
        for lines in records(heads, told, console.width):
            yield from map(Text, lines)
        return
    yield from (Text(line, style=HEAD) for line in drawn.header)
    for fact, cut, cells in zip(made, drawn.rows, told, strict=False):
        text = Text(cut[0])
        text.stylize(_verdict(fact.metric, fact.value, wording), len(cut[0]) - len(cells[-1]))
        yield from (text, *map(Text, cut[1:]))


def _mover(fact: Fact, answer: Answer, wording: Wording) -> list[str]:
    beside = (f for f in answer.facts if f.kind == "value" and f.segment == fact.segment and f.metric == fact.metric)
    value = next(beside, None)
    before, now = (value.previous, value.value) if value is not None else (None, None)
    told = ["" if one is None else said(one, value.unit if value else None, wording) for one in (before, now)]
    return [printable(fact.segment or ""), *told, f"{_arrow(fact.value)} {_number(fact, wording, signed=True)}"]


# Cells


def _label(column: AnswerColumn, wording: Wording) -> str:
    """With the unit that its cells do not name."""
    unit = unit_name(column.unit, wording.language) if column.role is ColumnRole.METRIC else ""
    return f"{column.label}, {unit}" if unit else column.label


def _cell(column: AnswerColumn, cell: Cell, wording: Wording) -> str:
    text = printable(shown(column, cell, wording))
    value = _value(cell)
    if not column.name.endswith(CHANGE) or value is None:
        return text
    return f"{_arrow(value)} {text if value <= 0 or text.startswith('+') else '+' + text}"


def _is_number(column: AnswerColumn) -> bool:
    number = column.role is ColumnRole.METRIC or column.type in ("integer", "number")
    return number and column.name not in list(Grain)


def _value(cell: Cell) -> Number | None:
    """A cell that is a number."""
    return cell if isinstance(cell, Number) and not isinstance(cell, bool) else None
