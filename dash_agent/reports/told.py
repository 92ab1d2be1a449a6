"""Answers that reports are made of, read by the names of their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from dash_agent.models.answer import Answer
from dash_agent.models.sql import Cell

Row = Mapping[str, Cell]
Number = Decimal | int | float | None


def rows(answer: Answer) -> Sequence[Row]:
    names = [column.name for column in answer.columns]
    return [dict(zip(names, row, strict=True)) for row in answer.rows]


def number(cell: Cell) -> Number:
    """None of what is no number."""
    return cell if isinstance(cell, Decimal | int | float) else None
