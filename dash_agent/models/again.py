"""An answer, or what it shows, read back from the object that went out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, cast

from dash_agent.models.answer import (
    Answer,
    AnswerColumn,
    Chart,
    ChartKind,
    ColumnRole,
    DoubleCheck,
    Engine,
    Fact,
    Receipt,
    Source,
    Status,
    Trust,
)
from dash_agent.models.plan import Option, Reading
from dash_agent.models.sql import Cell
from dash_agent.models.usage import Usage
from dash_agent.models.wire import answer_json, plan_from_json

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


class BadAnswer(ValueError):
    """JSON that is not an answer."""


def answer_of(kept: Mapping[str, Any]) -> Answer:
    """The answer that `kept`, an answer object as it went out, was. Raises BadAnswer.

    Of the receipt, what went out; spans of time are seconds and lists are lists, as JSON has them.
    """
    try:
        plan = kept["plan"]
        bare = Answer(
            answer_id=kept["answer_id"],
            session_id=kept["session_id"],
            question=kept["question"],
            language=kept["language"],
            as_of=datetime.fromisoformat(kept["as_of"]),
            status=Status(kept["status"]),
            text=kept["text"],
            plan=plan_from_json(plan) if plan is not None else None,
            engine=Engine(kept["engine"]),
            trust=Trust(kept["trust"]) if kept["trust"] else None,
            reading=tuple(Reading(one["words"], one["became"]) for one in kept["reading"]),
            sql=kept["sql"],
            assumptions=tuple(kept["assumptions"]),
            sources=tuple(Source(one["layer"], one["name"], one["file"]) for one in kept["sources"]),
            options=tuple(Option(one["label"], one["question"]) for one in kept["options"]),
            suggestions=tuple(kept["suggestions"]),
            receipt=_receipt(kept["receipt"]) if kept["receipt"] else None,
            timings_ms=tuple(kept["timings_ms"].items()),
            error_code=kept["error"]["code"] if kept.get("error") else None,
            usage=_usage(kept),
            double_check=_double_check(kept.get("double_check")),
            cached=kept["cache"]["answer_id"] if kept.get("cache") else None,
        )
        return shown_again(bare, kept)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadAnswer(f"not an answer: {error!r}") from error


def _receipt(data: Mapping[str, Any]) -> Receipt:
    filled = data["data_as_of"]
    return Receipt(data["context_version"], datetime.fromisoformat(filled) if filled else None, data["result_hash"])


def _usage(kept: Mapping[str, Any]) -> Usage:
    tokens = kept.get("tokens") or {}
    cost = Decimal(str(kept.get("cost_usd") or 0))
    return Usage(prompt=tokens.get("prompt", 0), completion=tokens.get("completion", 0), cost_usd=cost)


def _double_check(data: Mapping[str, Any] | None) -> DoubleCheck | None:
    return DoubleCheck(data["agrees"], data["difference"]) if data else None
