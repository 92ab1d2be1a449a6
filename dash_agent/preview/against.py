"""A metric by its definition of an earlier revision, beside today's. Read `against` first."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from dash_agent.ask import Dash
from dash_agent.context.business import Metric
from dash_agent.context.revision import PastContent
from dash_agent.errors import ContentError, WrongUse
from dash_agent.models.answer import Answer, AnswerColumn, ColumnRole, Status
from dash_agent.models.plan import MetricPlan
from dash_agent.models.query import Grain, MetricQuery
from dash_agent.models.sql import Cell
from dash_agent.preview.changes import Change, changes
from dash_agent.preview.metric import Asker, answered
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.resolve import applies


class Outcome(StrEnum):
    """What became of the earlier definition.

    ABSENT: the metric, or the split, was not there. BROKEN: the content does not hold together, or its SQL does not run
    on this database.
    """

    SAME = "same"
    CHANGED = "changed"
    ABSENT = "absent"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Side:
    """One group, () for the whole. in_before, in_after: whether that answer has the group; its value may be null.

    difference: of the rounded values, None where there are not two in one unit.
    """

    group: tuple[Cell, ...]
    before: Cell
    after: Cell
    difference: Decimal | int | float | None
    in_before: bool
    in_after: bool


@dataclass(frozen=True, slots=True)
class Against:
    """missing: where ABSENT, what was not there: 'metric', 'dimension' or 'split', and its name.

    reasons: where BROKEN, why. sql_diff: lines of a unified diff, () where the statements are equal.
    """

    past: PastContent
    outcome: Outcome
    missing: tuple[str, str] | None = None
    reasons: tuple[str, ...] = ()
    metric: Metric | None = None
    answer: Answer | None = None
    changes: tuple[Change, ...] = ()
    sides: tuple[Side, ...] = ()
    sql_diff: tuple[str, ...] = ()


def against(dash: Dash, plan: MetricPlan, after: Answer, past: PastContent, asker: Asker) -> Against:
    """The same query by the content of a revision, on the same database at the same now.

    after: its answer by today's content.
    """
    name = plan.query.metrics[0]
    if past.catalog is None:
        return Against(past, Outcome.BROKEN, reasons=tuple(map(str, past.problems)))
    catalog = past.catalog
    try:
        model = SemanticModel(catalog)
    except ContentError as error:
        return Against(past, Outcome.BROKEN, reasons=tuple(map(str, error.problems)))
    missing = _missing(model, plan.query)
    if missing is not None:
        return Against(past, Outcome.ABSENT, missing=missing)
    found = changes(model, SemanticModel(dash.catalog), name, plan.query.dimensions)
    described = Against(past, Outcome.CHANGED, metric=catalog.metrics[name], changes=found)
    try:
        before = answered(dash, catalog, plan, asker)
    except WrongUse as error:
        return replace(described, outcome=Outcome.BROKEN, reasons=(str(error),))
    if before.status is not Status.ANSWERED:
        return replace(described, outcome=Outcome.BROKEN, reasons=(before.text,), answer=before)
    return _beside(described, before, after)


def _beside(described: Against, before: Answer, after: Answer) -> Against:
    if after.status is not Status.ANSWERED:
        return replace(described, answer=before)
    if before.sql == after.sql:
        # One statement has one result: rows that came in between the two runs are no change of the definition.
        before = replace(before, rows=after.rows, truncated=after.truncated)
    same = before.sql == after.sql and not described.changes
    return replace(
        described,
        outcome=Outcome.SAME if same else Outcome.CHANGED,
        answer=before,
        sides=side_by_side(before, after),
        sql_diff=_diff(before.sql or "", after.sql or "", described.past.name),
    )


def _missing(model: SemanticModel, query: MetricQuery) -> tuple[str, str] | None:
    name = query.metrics[0]
    if name not in model.catalog.metrics:
        return "metric", name
    for dimension in query.dimensions:
        if dimension not in model.catalog.dimensions:
            return "dimension", dimension
        if not applies(model, name, dimension):
            return "split", dimension
    return None


def side_by_side(before: Answer, after: Answer) -> tuple[Side, ...]:
    """A row for each group of either answer: those of `after` in its order, then the others; buckets by time.

    Where either was cut, groups of both alone: one that only one has may well be in what the other left off.
    """
    was, is_now = _by_group(before), _by_group(after)
    if before.truncated or after.truncated:
        was, is_now = (
            {group: side[group] for group in side if group in was and group in is_now} for side in (was, is_now)
        )
    one_unit = _measured(before).unit == _measured(after).unit
    sides = [
        Side(
            group=group,
            before=was.get(group),
            after=is_now.get(group),
            difference=_difference(was.get(group), is_now.get(group)) if one_unit else None,
            in_before=group in was,
            in_after=group in is_now,
        )
        for group in dict.fromkeys((*is_now, *was))
    ]
    if after.columns[0].name in list(Grain):
        sides.sort(key=lambda side: str(side.group[0]).zfill(2))
    return tuple(sides)


def _measured(answer: Answer) -> AnswerColumn:
    return next(column for column in answer.columns if column.role is ColumnRole.METRIC)


def _by_group(answer: Answer) -> Mapping[tuple[Cell, ...], Cell]:
    at = answer.columns.index(_measured(answer))
    return {row[:at]: row[at] for row in answer.rows}


def _difference(before: Cell, after: Cell) -> Decimal | int | float | None:
    if not isinstance(before, Decimal | int | float) or not isinstance(after, Decimal | int | float):
        return None
    if isinstance(before, float) or isinstance(after, float):
        return float(after) - float(before)
    return after - before


def _diff(before: str, after: str, name: str) -> tuple[str, ...]:
    return tuple(difflib.unified_diff(before.splitlines(), after.splitlines(), name, "now", lineterm=""))
