"""Rows of SQL that a model wrote, told soberly: what the columns hold is known by their types and names alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dash_agent.insight.facts import statement_facts
from dash_agent.insight.messages import say
from dash_agent.insight.narrative import Told
from dash_agent.insight.rows_told import first_row, measured, rows_text
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import AnswerColumn, ColumnRole, Fact
from dash_agent.models.query import Grain
from dash_agent.models.sql import ResultColumn, ResultSet
from dash_agent.semantic.generated.figures import is_rate

NUMBERS: Final = ("integer", "number")
CLOCK: Final = frozenset((*Grain, "year", "month_number", "day_of_week", "dow", "hour"))
"""Names of whole numbers that tell rows apart, and measure nothing."""


def columns(result: ResultSet, wording: Wording) -> tuple[AnswerColumn, ...]:
    """Numbers as metrics, keys as helpers, all else as what tells rows apart."""
    return tuple(_column(column, wording) for column in result.columns)


def _column(column: ResultColumn, wording: Wording) -> AnswerColumn:
    role = _role(column)
    unit = "percent" if role is ColumnRole.METRIC and is_rate(column.name, wording.catalog) else None
    return AnswerColumn(column.name, role, column.type, unit, _label(column.name, role, wording))


def _role(column: ResultColumn) -> ColumnRole:
    if column.name == "id" or column.name.endswith("_id"):
        return ColumnRole.HELPER
    if column.type in NUMBERS and column.name not in CLOCK:
        return ColumnRole.METRIC
    return ColumnRole.DIMENSION


def _label(name: str, role: ColumnRole, wording: Wording) -> str:
    """A dimension's own label where it is one; a number is called as the model named it, never as a metric of ours."""
    known = wording.catalog.dimensions.get(name) if role is ColumnRole.DIMENSION else None
    if known is not None:
        return wording.label(known.label, name)
    words = " ".join(name.replace("_", " ").split())
    return words[:1].upper() + words[1:]


def told(shown: Sequence[AnswerColumn], result: ResultSet, wording: Wording) -> Told:
    """One row of numbers in full; of several rows how many there are, and the first."""
    facts = tuple(statement_facts(shown, result))
    if not result.rows:
        return Told(say(wording.language, "generated.nothing"))
    first = result.rows[0]
    numbers = [(column, cell) for column, cell in zip(shown, first, strict=True) if column.role is ColumnRole.METRIC]
    if len(result.rows) == 1 and len(numbers) == len(shown):
        items = "; ".join(f"{column.label}: {measured(column, cell, wording)}" for column, cell in numbers)
        return Told(f"{items}.", facts)
    count = Fact("value", "rows", say(wording.language, "generated.rows"), len(result.rows), "count")
    sentences = (f"{rows_text(result, wording)}.", *first_row(shown, first, numbers, wording))
    return Told(" ".join(sentences), (count, *facts))


def caveat(language: str) -> str:
    return say(language, "generated.caveat")
