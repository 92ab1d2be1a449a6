"""An answer's rows, facts, words and chart, read back from the object that went out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, cast

from dash_agent.models.answer import Answer, AnswerColumn, Chart, ChartKind, ColumnRole, Fact
from dash_agent.models.sql import Cell
from dash_agent.models.wire import answer_json

DATES: Final = {"date": date.fromisoformat, "timestamp": datetime.fromisoformat}
SHOWN: Final = ("text", "columns", "rows", "truncated", "facts", "caveats", "chart")


def shown_again(answer: Answer, kept: Mapping[str, Any]) -> Answer:
    """The answer with what `kept`, an answer object, shows: nothing else of it is taken."""
    columns = tuple(_column(data) for data in kept["columns"])
    return replace(
        answer,
        text=kept["text"],
        columns=columns,
        rows=tuple(tuple(_cell(c, cell) for c, cell in zip(columns, row, strict=True)) for row in kept["rows"]),
        truncated=kept["truncated"],
        facts=tuple(_fact(data) for data in kept["facts"]),
        caveats=tuple(kept["caveats"]),
        chart=_chart(kept["chart"]) if kept["chart"] else None,
    )


def reads_back(answer: Answer) -> bool:
    """Whether what it shows would be the same after a way through JSON: spans of time and lists have no type there."""
    told = answer_json(answer)
    try:
        again = shown_again(replace(answer, text="", columns=(), rows=(), facts=(), caveats=(), chart=None), told)
    except (KeyError, TypeError, ValueError):
        return False
    read = answer_json(again)
    return all(told[name] == read[name] for name in SHOWN) and _kinds(answer.rows) == _kinds(again.rows)


def _kinds(rows: Sequence[Sequence[Cell]]) -> list[list[type]]:
    return [[Decimal if isinstance(cell, float) else type(cell) for cell in row] for row in rows]


def _cell(column: AnswerColumn, cell: Any) -> Cell:
    if column.type in DATES and isinstance(cell, str):
        return DATES[column.type](cell)
    if column.type == "number" and isinstance(cell, int) and not isinstance(cell, bool):
        return Decimal(cell)
    return _exact(cell)


def _exact(value: Any) -> Decimal | int | None:
    """JSON's number as a value of ours; what is no number stays as it is."""
    return Decimal(str(value)) if isinstance(value, float) else cast("int | None", value)


def _column(data: Mapping[str, Any]) -> AnswerColumn:
    return AnswerColumn(data["name"], ColumnRole(data["role"]), data["type"], data["unit"], data["label"])


def _fact(data: Mapping[str, Any]) -> Fact:
    value, previous = _exact(data["value"]), _exact(data["previous"])
    return Fact(
        data["kind"], data["metric"], data["label"], value, data["unit"], data["segment"], data["period"], previous
    )


def _chart(figure: Mapping[str, Any]) -> Chart:
    layout = dict(figure["layout"])
    meta = layout.pop("meta")
    return Chart(ChartKind(meta["kind"]), tuple(figure["data"]), layout, meta["alt"])
