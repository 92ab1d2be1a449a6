"""Cells of an answer as a person reads them: names for stored values, numbers and times in the language."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from dash_agent.insight.messages import say
from dash_agent.insight.wording import NOTHING as NOTHING
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import AnswerColumn, ColumnRole
from dash_agent.models.query import Grain
from dash_agent.models.sql import Cell

UNITS_SHOWN = ("percent", "usd")
"""Other units stand in the column's label: 'minutes' a hundred times over would hide the numbers."""


def shown(column: AnswerColumn, cell: Cell, wording: Wording) -> str:
    if column.role is ColumnRole.DIMENSION and column.name in list(Grain) and cell is not None:
        return wording.bucket(Grain(column.name), cell)
    match cell:
        case None:
            return say(wording.language, "unknown_group") if column.role is ColumnRole.DIMENSION else NOTHING
        case bool():
            return say(wording.language, "yes" if cell else "no")
        case int() if column.role is not ColumnRole.METRIC:
            return str(cell)
        case int() | float() | Decimal() if column.unit == "points":
            return say(wording.language, "points", value=wording.number(cell, None, decimals_of(cell), signed=True))
        case int() | float() | Decimal():
            unit = column.unit if column.unit in UNITS_SHOWN else None
            return wording.number(cell, unit, decimals_of(cell))
        case datetime():
            return cell.strftime("%Y-%m-%d %H:%M")
        case date():
            return cell.isoformat()
        case str() if cell in wording.catalog.metrics:
            return wording.label(wording.catalog.metrics[cell].label, cell)
        case str():
            return wording.value(column.name, cell)
        case _:
            return str(cell)


def decimals_of(number: Decimal | float) -> int:
    """Decimals that a number was rounded to; a float, which does not know, gets two."""
    if isinstance(number, float):
        return 2
    exponent = Decimal(number).as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0
