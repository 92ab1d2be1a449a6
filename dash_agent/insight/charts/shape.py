"""What of an answer is drawn: its splits, its figures and what the title is to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from dash_agent.insight.cells import decimals_of, shown
from dash_agent.insight.charts.formats import Measure
from dash_agent.insight.charts.words import said
from dash_agent.insight.facts import group_name, partial_rows
from dash_agent.insight.narrowing import lowered, narrowed_by
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer, AnswerColumn, ColumnRole
from dash_agent.models.plan import MetricPlan, PatternPlan
from dash_agent.models.query import Filter, Grain, MetricQuery, Op, Scalar
from dash_agent.models.sql import Cell, ResultSet
from dash_agent.models.wire import cell_json
from dash_agent.semantic.columns import OutColumn, Shows

Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Split:
    """A column that tells rows apart. grain: of a column of time. name: of a cell, as a person calls it."""

    index: int
    label: str
    grain: Grain | None
    name: Callable[[Cell], str]

    @property
    def flows(self) -> bool:
        """True for time that goes on, which is drawn as a line."""
        return self.grain is not None and not self.grain.cyclic

    @property
    def ordered(self) -> bool:
        return self.grain is not None


@dataclass(frozen=True, slots=True)
class Shape:
    """rows: as the answer has them. partial: those of a time bucket that is not whole.

    ranked: the rows' order is what was asked for. called: the name of a pattern.
    about: the lines under the title. periods: of a comparison. targets: by group, of all rows under None.
    """

    splits: tuple[Split, ...]
    measures: tuple[Measure, ...]
    rows: Sequence[Row]
    partial: frozenset[int]
    about: tuple[str, ...]
    wording: Wording
    funnel: bool = False
    ranked: bool = False
    periods: tuple[str, str] | None = None
    called: str = ""
    targets: Mapping[Cell, float] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The figures and what they are split by, where the answer has no name of its own."""
        if self.called:
            return self.called
        language = self.wording.language
        names = [said(language, f"grain.{s.grain}") if s.grain else lowered(s.label) for s in self.splits]
        label = ", ".join(measure.label for measure in self.measures)
        return said(language, "by", label=label, split=said(language, "and").join(names)) if names else label


def number_of(cell: Cell) -> int | float | None:
    """A cell as a plain number; what is none has no place on an axis."""
    if type(cell) is int:
        return cell
    value = cell_json(cell)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def metric_shape(answer: Answer, plan: MetricPlan, columns: Sequence[OutColumn], wording: Wording) -> Shape:
    query = plan.query
    pairs = list(zip(columns, answer.columns, strict=True))
    splits = tuple(
        _metric_split(index, column, labelled, wording)
        for index, (column, labelled) in enumerate(pairs)
        if column.shows in (Shows.BUCKET, Shows.DIMENSION)
    )
    narrowed = narrowed_by((*query.filters, *query.among, *query.part, *query.having), wording)
    period = wording.period(query.period, answer.as_of)
    periods = (period, wording.period(query.compare, answer.as_of)) if query.compare else None
    if periods:
        period = said(wording.language, "against", period=period, compare=periods[1])
    measures = _metric_measures(plan, columns, answer, wording)
    return Shape(
        splits,
        measures,
        answer.rows,
        _partial(query, answer, wording),
        tuple(filter(None, (narrowed, period))),
        wording,
        ranked=bool(query.order or query.limit),
        periods=periods,
        targets=_targets(query, measures, wording),
    )


def _partial(query: MetricQuery, answer: Answer, wording: Wording) -> frozenset[int]:
    """Rows of buckets that are not whole. Of a split series each bucket is looked at once."""
    if query.grain is None:
        return frozenset()
    buckets = list(dict.fromkeys(row[0] for row in answer.rows))
    result = ResultSet((), tuple((bucket,) for bucket in buckets), answer.truncated, 0.0)
    cut = {buckets[place] for place in partial_rows(query, result, wording, answer.as_of)}
    return frozenset(place for place, row in enumerate(answer.rows) if row[0] in cut)


def _targets(query: MetricQuery, measures: Sequence[Measure], wording: Wording) -> dict[Cell, float]:
    """What the one measure should be: of each group that has a target of its own, and under None of all rows.

    A count has none: what it should be hangs on the rows that it is counted from.
    """
    if len(measures) != 1 or measures[0].counts or query.compare:
        return {}
    found: dict[Cell, float] = {}
    for target in wording.catalog.targets:
        if target.metric != measures[0].name:
            continue
        if target.value is not None:
            found[None] = float(target.value)
        if target.dimension in query.dimensions:
            found |= {value: float(bound) for value, bound in target.values.items()}
        for narrowed in query.filters:
            if narrowed.dimension == target.dimension and narrowed.op is Op.IN and len(narrowed.values) == 1:
                own = target.values.get(str(narrowed.values[0]))
                found |= {None: float(own)} if own is not None else {}
    return found


def _metric_split(index: int, column: OutColumn, labelled: AnswerColumn, wording: Wording) -> Split:
    grain = Grain(column.of) if column.shows is Shows.BUCKET else None

    def name(cell: Cell) -> str:
        return shown(labelled, cell, wording) if isinstance(cell, bool) else group_name(column, cell, wording)

    return Split(index, labelled.label, grain, name)


def _metric_measures(
    plan: MetricPlan, columns: Sequence[OutColumn], answer: Answer, wording: Wording
) -> tuple[Measure, ...]:
    """The share alone where one was asked for; the change where rows are in its order."""
    query, found = plan.query, []
    ordered = query.order[0].by if query.order else ""
    for index, column in enumerate(columns):
        if column.shows in (Shows.BUCKET, Shows.DIMENSION):
            continue
        metric, unit = wording.catalog.metrics[column.of], answer.columns[index].unit
        label = wording.label(metric.label, column.of)
        if column.shows is Shows.SHARE:
            return (Measure(column.name, said(wording.language, "share", label=label), unit, 1, index),)
        if column.shows is Shows.CHANGE and column.name == ordered and len(answer.rows) > 1:
            changed = said(wording.language, "change", label=label)
            return (Measure(column.name, changed, unit, metric.decimals, index, None, metric.direction),)
        if column.shows is Shows.METRIC:
            previous = index + 1 if query.compare else None
            found.append(Measure(column.name, label, unit, metric.decimals, index, previous, metric.direction))
    return tuple(found)


def pattern_shape(answer: Answer, plan: PatternPlan, wording: Wording) -> Shape:
    """By the columns that the pattern's header declares."""
    header = wording.catalog.patterns[plan.name].header
    splits, measures = [], []
    for index, column in enumerate(answer.columns):
        if column.role is ColumnRole.DIMENSION:
            splits.append(_pattern_split(index, column, answer.rows, wording))
        elif column.role is ColumnRole.METRIC:
            decimals = header.columns[column.name].decimals or 0
            measures.append(Measure(column.name, column.label, column.unit, decimals, index))
    first = splits[0].index if splits else None
    period = wording.period(plan.period, answer.as_of)
    return Shape(
        tuple(splits),
        _without_shares(measures),
        answer.rows,
        frozenset(),
        tuple(filter(None, (_narrowed(plan, wording), period))),
        wording,
        called=wording.label(header.label, header.name),
        funnel=first is not None and answer.columns[first].name == "stage" and _narrows(answer.rows, measures),
    )


def _without_shares(measures: Sequence[Measure]) -> tuple[Measure, ...]:
    """A share beside its own count says the same twice."""
    kept = tuple(measure for measure in measures if measure.name != "share")
    return kept or tuple(measures)


def _narrows(rows: Sequence[Row], measures: Sequence[Measure]) -> bool:
    """True where each stage is a part of the one before: counts never rise, shares of the whole stand beside."""
    if len(rows) < 2 or [measure.unit for measure in measures] != ["count", "percent"]:
        return False
    counts = [number_of(row[measures[0].index]) or 0 for row in rows]
    return all(after <= before for before, after in pairwise(counts))


def _pattern_split(index: int, column: AnswerColumn, rows: Sequence[Row], wording: Wording) -> Split:
    grain = Grain(column.name) if column.name in list(Grain) else None
    days = [row[index] for row in rows]
    if grain is None and days and all(isinstance(day, date) and not isinstance(day, datetime) for day in days):
        grain = Grain.MONTH if all(isinstance(day, date) and day.day == 1 for day in days) else Grain.DAY

    def name(cell: Cell) -> str:
        return shown(column, cell, wording) if grain is None or cell is None else wording.bucket(grain, cell)

    return Split(index, column.label, grain, name)


def _narrowed(plan: PatternPlan, wording: Wording) -> str:
    """The dimensions that the pattern's parameters were filled by."""
    parameters = wording.catalog.patterns[plan.name].header.parameters
    filters = []
    for name, value in plan.parameters:
        kind, _, dimension = parameters[name].fills.partition(":")
        if kind == "dimension" and value is not None:
            values: tuple[Scalar, ...] = value if isinstance(value, tuple) else (value,)
            filters.append(Filter(dimension, Op.IN, values))
    return narrowed_by(filters, wording)


def statement_shape(answer: Answer, wording: Wording) -> Shape:
    """By the types of the columns that a model's statement gave; nothing else is known of them."""
    splits, measures = [], []
    for index, column in enumerate(answer.columns):
        if column.role is ColumnRole.DIMENSION:
            splits.append(_pattern_split(index, column, answer.rows, wording))
        elif column.role is ColumnRole.METRIC:
            decimals = max((decimals_of(cell) for row in answer.rows if (cell := _decimal(row[index]))), default=0)
            measures.append(Measure(column.name, column.label, column.unit, min(decimals, 2), index))
    return Shape(tuple(splits), tuple(measures), answer.rows, frozenset(), (), wording)


def _decimal(cell: Cell) -> Decimal | float | None:
    return cell if isinstance(cell, Decimal | float) else None
