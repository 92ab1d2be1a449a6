"""Numbers that can't be what their column's name says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from sqlglot import exp

from dash_agent.context.catalog import Catalog
from dash_agent.models.sql import Cell, ResultColumn, ResultSet
from dash_agent.semantic.generated.doubt import Doubt
from dash_agent.semantic.generated.relations import Level

RATES: Final = frozenset(("rate", "percent", "percentage", "pct", "share", "доля", "процент"))
COUNTS: Final = frozenset(("count", "counts", "number", "num", "total", "tickets", "количество", "число"))
LENGTHS: Final = frozenset(("minutes", "hours", "days", "seconds", "ms", "duration", "latency", "минут", "часов"))
CHANGES: Final = frozenset(
    ("change", "changes", "growth", "delta", "diff", "difference", "vs", "lift", "drop", "points", "pp", "gap", "net")
)
"""A column with one of these may be negative and above 100."""

HUNDRED: Final = frozenset(("100", "100.0", "100.00"))


def is_rate(name: str, catalog: Catalog) -> bool:
    """Whether a column of this name is a percentage."""
    words = words_of(name)
    metric = catalog.metrics.get(name)
    return not words & CHANGES and (bool(words & RATES) or (metric is not None and metric.unit == "percent"))


def words_of(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", name.casefold()))


def strange_figures(result: ResultSet, levels: Sequence[Level], catalog: Catalog) -> Iterator[Doubt]:
    for index, column in enumerate(result.columns):
        if column.type in ("integer", "number"):
            cells = [number for row in result.rows if (number := _number(row[index])) is not None]
            yield from _of_column(column, cells, levels, catalog)


def _of_column(
    column: ResultColumn, cells: Sequence[Decimal], levels: Sequence[Level], catalog: Catalog
) -> Iterator[Doubt]:
    if not cells:
        return
    low, high = min(cells), max(cells)
    if is_rate(column.name, catalog):
        if low < 0 or high > 100:
            wrong = _plain(low if low < 0 else high)
            yield Doubt(
                "rate",
                f"'{column.name}' is a percentage, and {wrong} is not between 0 and 100",
                "count the part among the rows of the whole, each row once, or name the column for what it is",
                about=(column.name, wrong),
            )
        elif 0 < high <= 1 and (high < 1 or low != high) and not _scaled(column.name, levels):
            yield Doubt(
                "rate",
                f"'{column.name}' is a percentage, and its values are fractions of 1 (up to {_plain(high)})",
                "multiply by 100.0, since rates are told from 0 to 100",
                about=(column.name, _plain(high)),
            )
    elif low < 0 and not words_of(column.name) & CHANGES:
        if _counts(column.name, catalog):
            message = f"'{column.name}' is a count, and {_plain(low)} is below 0"
            yield Doubt("range", message, "look at what is taken off", about=(column.name, _plain(low)))
        elif words_of(column.name) & LENGTHS:
            hint = "subtract the earlier moment from the later one, and leave out rows where one is missing"
            message = f"'{column.name}' is a length of time, and {_plain(low)} is below 0"
            yield Doubt("range", message, hint, about=(column.name, _plain(low)))


def _counts(name: str, catalog: Catalog) -> bool:
    metric = catalog.metrics.get(name)
    return bool(words_of(name) & COUNTS) or (metric is not None and metric.unit == "count")


def _scaled(name: str, levels: Sequence[Level]) -> bool:
    """Whether a column of this name is multiplied by 100 anywhere: then small values are small percentages."""
    for level in levels:
        for shown in level.select.expressions:
            if shown.alias_or_name == name and any(one.name in HUNDRED for one in shown.find_all(exp.Literal)):
                return True
    return False


def _number(cell: Cell) -> Decimal | None:
    if isinstance(cell, bool) or not isinstance(cell, int | float | Decimal):
        return None
    number = Decimal(str(cell))
    return number if number.is_finite() else None


def _plain(number: Decimal) -> str:
    text = f"{number:.4f}"
    return text.rstrip("0").rstrip(".")
