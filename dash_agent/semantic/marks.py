"""Which rows an answer was counted from, table by table, and how far each table was filled: what a replay compares.

A table's keys are taken to grow as rows come in, as PostgreSQL's identity columns do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlglot import exp

from dash_agent.context.business import CohortMetric
from dash_agent.models.answer import Watermark
from dash_agent.models.plan import Executable, ListPlan, MetricPlan, PatternPlan
from dash_agent.models.query import Among, Condition, ListQuery, MetricQuery, Period
from dash_agent.models.sql import Cell
from dash_agent.semantic.legs import Leg, Request, legs_of
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.postgres import POSTGRES
from dash_agent.semantic.rows import Clock, Rows
from dash_agent.semantic.time import Calendar

MOST_ROWS: Final = 20_000
"""More are not counted: an answer does not wait for its receipt."""

WHOLE: Final = ("bigint", "integer", "smallint")
CHANGED_AT: Final = "updated_at"
"""The column that says when a row was last changed, where a table has it."""

COUNTS: Final = ("rows", "late", "since", "changed")


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows of one table of the database: `rows` is a SELECT of those within the answer's period and conditions.

    key: a primary key of whole numbers. time, changed: columns with the row's time and that of its last change. Each
    None where there is none that may be read.
    """

    table: str
    key: str | None
    time: str | None
    changed: str | None
    rows: exp.Select


@dataclass(frozen=True, slots=True)
class Since:
    """Of one table's rows, counted later: all, and of these the ones with a higher key whose time is up to the
    answer's now (`late`) or after it (`since`), and those that were there and have changed. None: can't be told.
    """

    rows: int
    late: int | None
    since: int | None
    changed: int | None


def counted(model: SemanticModel, plan: Executable, tables: Sequence[str], calendar: Calendar) -> tuple[Counted, ...]:
    """tables: of the database, that the plan's statement reads. Names are taken to have been checked."""
    match plan:
        case MetricPlan():
            return tuple(_of_query(model, plan.query, tables, calendar))
        case ListPlan() if plan.query.table in model.catalog.readable:
            return (_of_list(model, plan.query),)
        case ListPlan():
            return tuple(_of_table(model, table, plan.query.period) for table in tables)
        case PatternPlan():
            return tuple(_of_table(model, table, plan.period) for table in tables)
        case _:
            return tuple(_of_table(model, table, None) for table in tables)


def watermark(found: Sequence[Counted], *, counting: bool = True) -> exp.Select:
    """One row: the highest key, the newest time and the number of rows of each, in order.

    Not `counting`, the numbers are null, and an index on key and time is all that is read.
    """
    select = exp.select()
    for place, one in enumerate(found):
        capped = one.rows.copy().limit(MOST_ROWS + 1, copy=False).subquery("counted", copy=False)
        count = exp.select(exp.Count(this=exp.Star())).from_(capped, copy=False)
        parts = {
            "key": _highest(one.table, one.key),
            "newest": _highest(one.table, one.time),
            "rows": count if counting else None,
        }
        for name, part in parts.items():
            value = exp.null() if part is None else part.subquery(copy=False)
            select = select.select(exp.alias_(value, f"{name}_{place}", copy=False), copy=False)
    return select


def watermarks(found: Sequence[Counted], row: Sequence[Cell]) -> tuple[Watermark, ...]:
    """What `watermark` gave."""
    return tuple(_mark(one.table, *row[place * 3 : place * 3 + 3]) for place, one in enumerate(found))


def since(one: Counted, mark: Watermark, now: datetime, kept: datetime) -> exp.Select:
    """One row: what `Since` has, in its order. now: the answer's. kept: when it was given, by the clock."""
    none: exp.Expr = exp.null()
    late, later, changed = none, none, none
    if one.key is not None and mark.key is not None:
        key, last = exp.column(one.key, one.table), exp.Literal.number(mark.key)
        newer = exp.GT(this=key.copy(), expression=last.copy())
        if one.time is not None:
            time, moment = exp.column(one.time, one.table), POSTGRES.instant(now)
            is_late = exp.LTE(this=time.copy(), expression=moment.copy())
            late, later = _counting(newer, is_late), _counting(newer, exp.not_(is_late))
        else:
            late = _counting(newer)
        if one.changed is not None:
            touched = exp.GT(this=exp.column(one.changed, one.table), expression=POSTGRES.instant(max(now, kept)))
            changed = _counting(exp.LTE(this=key.copy(), expression=last.copy()), touched)
    parts = dict(zip(COUNTS, (exp.Count(this=exp.Star()), late, later, changed), strict=True))
    select = one.rows.copy()
    select.set("expressions", [exp.alias_(part, name, copy=False) for name, part in parts.items()])
    return select


def since_of(row: Sequence[Cell]) -> Since:
    rows, *others = (value if isinstance(value, int) else None for value in row)
    return Since(rows or 0, *others)


def _mark(table: str, key: Cell, newest: Cell, rows: Cell) -> Watermark:
    return Watermark(
        table,
        key if isinstance(key, int) else None,
        newest if isinstance(newest, datetime) and newest.tzinfo is not None else None,
        rows if isinstance(rows, int) and rows <= MOST_ROWS else None,
    )


def _highest(table: str, column: str | None) -> exp.Select | None:
    if column is None:
        return None
    return exp.select(exp.Max(this=exp.column(column, table))).from_(exp.to_table(table), copy=False)


def _counting(*conditions: exp.Expr) -> exp.Expr:
    return POSTGRES.filtered(exp.Count(this=exp.Star()), exp.and_(*conditions))


def _of_query(model: SemanticModel, query: MetricQuery, tables: Sequence[str], calendar: Calendar) -> Iterator[Counted]:
    """One for each leg. Of a derived table, the ones below it by their own time."""
    request = Request(model, query, calendar)
    legs = legs_of(request)
    for leg in legs:
        if leg.table in model.catalog.readable:
            yield _table(model, leg.table, _of_leg(request, leg))
    if any(leg.table not in model.catalog.readable for leg in legs):
        yield from (_of_table(model, table, query.period) for table in tables)


def _of_leg(request: Request, leg: Leg) -> exp.Select:
    rows = request.rows(leg.table)
    select = rows.select((), request.conditions).select(exp.Literal.number(1), copy=False)
    clock = None if leg.time is None else Clock(leg.time, request.calendar.zone.key)
    conditions = list(rows.narrowed(request.conditions, request.parameters, clock))
    cohort = any(isinstance(measure.metric, CohortMetric) for measure in leg.measures)
    periods = [period for _, period in request.periods() if period is not None]
    if leg.time is not None and periods and not cohort:
        conditions.append(exp.or_(*(rows.within(leg.time, period) for period in periods), copy=False))
    return select.where(*conditions, copy=False)


def _of_list(model: SemanticModel, query: ListQuery) -> Counted:
    rows = Rows(model, POSTGRES, query.table)
    parameters = {**model.constants, **dict(query.parameters)}
    counts = tuple(Among(name) for name in query.metrics)
    conditions: tuple[Condition, ...] = (*query.filters, *query.among, *counts)
    select = rows.select((), conditions).select(exp.Literal.number(1), copy=False)
    select = select.where(*rows.narrowed(conditions, parameters), copy=False)
    moment = _time(model, query)
    if query.period is not None and moment is not None:
        moment = rows.expression(moment, parameters)
        select = select.where(rows.within(moment, query.period), copy=False)
    return _table(model, query.table, select)


def _time(model: SemanticModel, query: ListQuery) -> exp.Expr | None:
    own = model.measure(query.metrics[0]).time if query.metrics else None
    time = model.catalog.tables[query.table].time
    return own if own is not None or time is None else exp.column(time)


def _of_table(model: SemanticModel, table: str, period: Period | None) -> Counted:
    """By the table's own time, whatever else the statement narrows it by."""
    time = model.catalog.tables[table].time
    select = exp.select(exp.Literal.number(1)).from_(exp.to_table(table), copy=False)
    if period is not None and time is not None:
        select = select.where(Rows(model, POSTGRES, table).within(exp.column(time, table), period), copy=False)
    return _table(model, table, select)


def _table(model: SemanticModel, name: str, rows: exp.Select) -> Counted:
    table = model.catalog.tables[name]

    def of_type(column: str | None, types: Sequence[str]) -> str | None:
        found = table.column(column) if column is not None else None
        return found.name if found is not None and not found.personal and found.type in types else None

    return Counted(
        table=name,
        key=of_type(table.primary_key, WHOLE),
        time=of_type(table.time, ("timestamptz",)),
        changed=of_type(CHANGED_AT, ("timestamptz",)),
        rows=rows,
    )
