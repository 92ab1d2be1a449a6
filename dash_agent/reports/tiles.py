"""Metrics of a span at a glance: value, change, course and target, all of them from a few answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from dash_agent.context.business import Metric
from dash_agent.insight.changes import relative
from dash_agent.insight.finding import exact
from dash_agent.insight.targets import is_met, target_of
from dash_agent.models.answer import Answer, Status
from dash_agent.models.plan import MetricPlan
from dash_agent.models.query import Grain, MetricQuery, Period
from dash_agent.models.sql import Cell
from dash_agent.reports.narrowing import ALL, Narrowing
from dash_agent.reports.spans import Span
from dash_agent.reports.view import View
from dash_agent.semantic.legs import CHANGE, PREVIOUS

HOURS_UP_TO: Final = timedelta(days=2)
"""Spans up to so long are drawn by the hour."""

Number = Decimal | int


class Judged(StrEnum):
    """What a change is, by the metric's direction. NONE: the metric has none, or nothing to see has changed."""

    BETTER = "better"
    WORSE = "worse"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Point:
    """A bucket of the course, by its first day, or of an hour by its local time.

    cut: an edge of the span, or now, lies within it: it is no drop.
    """

    bucket: Cell
    value: Number | None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Tile:
    """A metric of a span. unit, decimals: of the value; a change of a percentage is in points.

    value, previous: None where there is nothing to count. relative: the change in %, of what adds up. series: () of a
    state of now. grain: of its buckets. plan: the question behind it alone. answer_id: of the answer that the value
    comes from. problem: why there is no value, in words; '' where there is an answer.
    """

    metric: str
    label: str
    unit: str
    decimals: int
    value: Number | None
    previous: Number | None
    change: Number | None
    relative: Decimal | None
    judged: Judged
    target: Decimal | None
    met: bool | None
    series: tuple[Point, ...]
    grain: Grain | None
    caveats: tuple[str, ...]
    plan: MetricPlan
    answer_id: str
    problem: str = ""


def tiles(view: View, metrics: Sequence[str], span: Span, narrowing: Narrowing = ALL) -> tuple[Tile, ...]:
    """In the order of the names. Raises UnknownName, Unavailable.

    Metrics of the same tables are counted by one statement, and their courses by another.
    """
    groups = list(_groups(view, metrics, span, narrowing))
    found = view.answers([plan for group in groups for plan in group.plans])
    made: dict[str, Tile] = {}
    at = 0
    for group in groups:
        values, *course = found[at : at + len(group.plans)]
        at += len(group.plans)
        for name in group.metrics:
            made[name] = _tile(view, name, group, values, course[0] if course else None)
    return tuple(made[name] for name in dict.fromkeys(metrics))


def grain_of(view: View, period: Period) -> Grain:
    """The bucket that a course is drawn by."""
    short = period.end - period.start <= HOURS_UP_TO
    return Grain.HOUR if short else view.calendar.default_grain(period)


@dataclass(frozen=True, slots=True)
class _Group:
    """Metrics that one statement counts. course: None of states of now."""

    metrics: tuple[str, ...]
    values: MetricQuery
    course: MetricQuery | None

    @property
    def plans(self) -> tuple[MetricPlan, ...]:
        return tuple(MetricPlan(query) for query in (self.values, self.course) if query is not None)


def _groups(view: View, metrics: Sequence[str], span: Span, narrowing: Narrowing) -> Iterator[_Group]:
    """By tables and by whether they are states: a table that somebody may not see fails its own metrics only."""
    found: dict[tuple[bool, frozenset[str]], list[str]] = {}
    for name in dict.fromkeys(metrics):
        metric = view.metric(name)
        tables = frozenset(part.table for part in view.catalog.counted(metric))
        found.setdefault((view.catalog.is_state(metric), tables), []).append(name)
    for (state, _), names in found.items():
        if state:
            yield _Group(tuple(names), MetricQuery(tuple(names), filters=narrowing.filters), None)
            continue
        values = MetricQuery(tuple(names), filters=narrowing.filters, period=span.period, compare=span.compare)
        yield _Group(tuple(names), values, course_query(view, names, span.period, narrowing))


def course_query(view: View, metrics: Sequence[str], period: Period, narrowing: Narrowing) -> MetricQuery:
    return MetricQuery(tuple(metrics), filters=narrowing.filters, period=period, grain=grain_of(view, period))


def _tile(view: View, name: str, group: _Group, values: Answer, course: Answer | None) -> Tile:
    metric = view.catalog.metrics[name]
    query = group.values
    row = _row(values)
    value, previous, change = (row.get(key) for key in (name, name + PREVIOUS, name + CHANGE))
    target = target_of(view.catalog.targets, name, query.filters)
    alone = MetricQuery((name,), filters=query.filters, period=query.period, compare=query.compare)
    return Tile(
        metric=name,
        label=view.wording.label(metric.label, name),
        unit=metric.unit,
        decimals=metric.decimals,
        value=value,
        previous=previous,
        change=change,
        relative=relative(metric, previous, change, view.catalog.rules.small_sample),
        judged=_judged(view, metric, value, previous, change),
        target=target,
        met=is_met(metric, value, target) if value is not None and target is not None else None,
        series=points(view, course, name, query.period) if course is not None and query.period is not None else (),
        grain=group.course.grain if group.course is not None else None,
        caveats=values.caveats,
        plan=MetricPlan(alone),
        answer_id=values.answer_id,
        problem="" if values.status is Status.ANSWERED else values.text,
    )


def _row(answer: Answer) -> Mapping[str, Number | None]:
    """The one row's numbers by column; {} where there is none."""
    if answer.status is not Status.ANSWERED or not answer.rows:
        return {}
    return {column.name: exact(cell) for column, cell in zip(answer.columns, answer.rows[0], strict=True)}


def points(view: View, course: Answer, metric: str, period: Period) -> tuple[Point, ...]:
    """A metric's course over the buckets of a span; () where there is no answer."""
    if course.status is not Status.ANSWERED:
        return ()
    at = next(place for place, column in enumerate(course.columns) if column.name == metric)
    grain = grain_of(view, period)
    return tuple(Point(row[0], exact(row[at]), _is_cut(view, row[0], period, grain)) for row in course.rows)


def _is_cut(view: View, bucket: Cell, period: Period, grain: Grain) -> bool:
    if isinstance(bucket, datetime):
        start = bucket if bucket.tzinfo else bucket.replace(tzinfo=view.wording.zone)
        return start < period.start or start + timedelta(hours=1) > period.end
    return isinstance(bucket, date) and view.calendar.is_partial(bucket, period, grain)


def _judged(view: View, metric: Metric, value: Number | None, previous: Number | None, change: Number | None) -> Judged:
    """Values that are written alike have not changed as far as anybody sees."""
    if metric.direction == "neutral" or not change or value is None or previous is None:
        return Judged.NONE
    shown = [view.wording.measure(number, metric.unit, metric.decimals) for number in (value, previous)]
    if shown[0] == shown[1]:
        return Judged.NONE
    return Judged.BETTER if (change > 0) == (metric.direction == "up") else Judged.WORSE
