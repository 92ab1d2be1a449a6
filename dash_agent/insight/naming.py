"""Names of metrics, splits and groups in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from dash_agent.insight.cells import decimals_of
from dash_agent.insight.facts import group_name
from dash_agent.insight.messages import say
from dash_agent.insight.narrowing import lowered, narrowed_by
from dash_agent.insight.wording import Wording
from dash_agent.models.query import Condition, Grain, Having, Scalar
from dash_agent.models.sql import Cell
from dash_agent.semantic.columns import OutColumn, Shows


def metric_label(name: str, wording: Wording) -> str:
    return wording.label(wording.catalog.metrics[name].label, name)


def dimension_label(name: str, wording: Wording) -> str:
    """As it stands in the middle of a sentence."""
    return lowered(wording.label(wording.catalog.dimensions[name].label, name))


def split_label(column: OutColumn, wording: Wording) -> str:
    if column.shows is Shows.BUCKET:
        return say(wording.language, f"grain.{column.of}")
    return dimension_label(column.of, wording)


def group(columns: Sequence[OutColumn], row: Sequence[Cell], wording: Wording) -> str:
    """A row's groups; a week by its first day, and as one."""
    names = (
        bucket(Grain(column.of), row[at], wording)
        if column.shows is Shows.BUCKET
        else group_name(column, row[at], wording)
        for at, column in enumerate(columns)
    )
    return " / ".join(names)


def bucket(grain: Grain, cell: Cell, wording: Wording) -> str:
    name = wording.bucket(grain, cell)
    is_week = grain is Grain.WEEK and isinstance(cell, date)
    return say(wording.language, "week_of", day=name) if is_week else name


def narrowed(
    conditions: Sequence[Condition | Having], wording: Wording, parameters: Sequence[tuple[str, Scalar]] = ()
) -> str:
    """In parentheses, behind what it narrows. parameters: of the definition, that the question replaced."""
    items = [*(_parameter(name, value, wording) for name, value in parameters)]
    items += [narrowed_by(conditions, wording)] if conditions else []
    return say(wording.language, "narrowed", items="; ".join(items)) if items else ""


def _parameter(name: str, value: Scalar, wording: Wording) -> str:
    """'p95', 'average', '48 hr'."""
    if name == "aggregate":
        return say(wording.language, "average")
    number = Decimal(str(value))
    if name == "percentile":
        return f"p{wording.number(number * 100, None, decimals_of((number * 100).normalize()))}"
    return wording.number(number, wording.catalog.constants[name].unit, decimals_of(number))


def listed(items: Iterable[str], wording: Wording) -> str:
    """'a, b and c'."""
    *some, last = items
    return say(wording.language, "and", items=", ".join(some), last=last) if some else last
