"""The columns of an answer: role, type, unit and a label in the answer's language."""

from __future__ import annotations

from collections.abc import Sequence

from dash_agent.context.patterns import Pattern
from dash_agent.insight.facts import unit_of
from dash_agent.insight.messages import say
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import AnswerColumn, ColumnRole
from dash_agent.models.sql import ResultSet
from dash_agent.semantic.columns import OutColumn, Shows


def metric_columns(columns: Sequence[OutColumn], result: ResultSet, wording: Wording) -> tuple[AnswerColumn, ...]:
    pairs = zip(columns, result.columns, strict=True)
    return tuple(_metric_column(column, live.type, wording) for column, live in pairs)


def _metric_column(column: OutColumn, live_type: str, wording: Wording) -> AnswerColumn:
    match column.shows:
        case Shows.BUCKET:
            label = say(wording.language, f"grain.{column.of}")
            return AnswerColumn(column.name, ColumnRole.DIMENSION, live_type, None, label[:1].upper() + label[1:])
        case Shows.DIMENSION:
            dimension = wording.catalog.dimensions[column.of]
            label = wording.label(dimension.label, column.of)
            return AnswerColumn(column.name, ColumnRole.DIMENSION, live_type, None, label)
        case _:
            metric = wording.catalog.metrics[column.of]
            label = wording.label(metric.label, column.of)
            if column.shows is not Shows.METRIC:
                label = say(wording.language, f"{column.shows}_of", label=label)
            kind = "integer" if metric.decimals == 0 and column.shows is not Shows.SHARE else "number"
            unit = unit_of(column, metric.unit)
            return AnswerColumn(column.name, ColumnRole.METRIC, kind, unit, label)


def list_columns(columns: Sequence[OutColumn], result: ResultSet, wording: Wording) -> tuple[AnswerColumn, ...]:
    """Columns of a list of rows: dimensions, and fields of the table with the label that its file gives them."""
    return tuple(_list_column(column, live.type, wording) for column, live in zip(columns, result.columns, strict=True))


def _list_column(column: OutColumn, live_type: str, wording: Wording) -> AnswerColumn:
    if column.shows is Shows.DIMENSION:
        return _metric_column(column, live_type, wording)
    table, _, name = column.of.partition(".")
    field = wording.catalog.tables[table].column(name)
    label = wording.label(field.label, name) if field else name
    return AnswerColumn(column.name, ColumnRole.HELPER, live_type, None, label)


def pattern_columns(pattern: Pattern, result: ResultSet, wording: Wording) -> tuple[AnswerColumn, ...]:
    """Columns as the pattern's header declares them; one that it does not is a helper."""
    found = []
    for live in result.columns:
        declared = pattern.header.columns.get(live.name)
        if declared is None:
            found.append(AnswerColumn(live.name, ColumnRole.HELPER, live.type, None, live.name))
            continue
        role = ColumnRole(declared.role)
        found.append(
            AnswerColumn(live.name, role, live.type, declared.unit, _label(live.name, declared.label, wording))
        )
    return tuple(found)


def _label(name: str, given: dict[str, str], wording: Wording) -> str:
    if given:
        return wording.label(given, name)
    for known in (wording.catalog.dimensions.get(name), wording.catalog.metrics.get(name)):
        if known is not None:
            return wording.label(known.label, name)
    return name
