"""The answer to a MetricQuery, worked out naively: read `answer` first.

Rows are grouped in pandas, numbers are exact (int and Fraction), and rounding comes last, half away from zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

import pandas as pd

from dash_agent.models.query import Among, Condition, Filter, Grain, Having, MetricQuery, Op, Period
from tests.oracle.buckets import bucket_of, buckets_of, span_of
from tests.oracle.frames import Frames, dimension, row_of
from tests.oracle.metrics import METRICS, Asked, ByHand, Number, Span, is_member, records

Key = tuple[Any, ...]
Exact = Any
CLOCK = ("weekday", "hour_of_day")

OPERATORS: Mapping[Op, Callable[[Any, Any], bool]] = {
    Op.LT: lambda a, b: a < b,
    Op.LE: lambda a, b: a <= b,
    Op.GT: lambda a, b: a > b,
    Op.GE: lambda a, b: a >= b,
}


@dataclass(frozen=True)
class Expected:
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass
class _Line:
    """One row of the answer, unrounded. key: its bucket, then its dimensions."""

    key: Key
    exact: dict[str, Exact] = field(default_factory=dict)


def answer(query: MetricQuery, frames: Frames, now: datetime) -> Expected:
    return Oracle(query, frames, now).answer()


@dataclass
class Oracle:
    query: MetricQuery
    frames: Frames
    now: datetime

    def answer(self) -> Expected:
        lines = [line for line in self.lines() if self.is_shown(line)]
        lines = self.limited(self.ordered(lines))
        return Expected(self.columns, tuple((*line.key, *self.shown(line)) for line in lines))

    # Rows

    @property
    def asked_metrics(self) -> tuple[str, ...]:
        bounded = (having.metric for having in self.query.having if having.metric != self.share_name)
        return tuple(dict.fromkeys((*self.query.metrics, *bounded)))

    @property
    def share_name(self) -> str:
        return f"{self.query.metrics[0]}_share"

    @property
    def key_names(self) -> tuple[str, ...]:
        return (*((self.query.grain.value,) if self.query.grain else ()), *self.query.dimensions)

    def lines(self) -> list[_Line]:
        now = {name: self.groups(name, span_of_period(self.query.period)) for name in self.asked_metrics}
        compared = self.query.metrics if self.query.compare else ()
        before = {name: self.groups(name, span_of_period(self.query.compare)) for name in compared}
        lines = []
        # A threshold keeps groups and brings none of its own.
        for key in self.keys([*(now[name] for name in self.query.metrics), *before.values()]):
            line = _Line(key)
            for name in self.asked_metrics:
                line.exact[name] = self.value(name, self.of_part(name, now[name]), key, self.query.period)
            for name in compared:
                line.exact[f"{name}_previous"] = self.value(name, before[name], key, self.query.compare)
                line.exact[f"{name}_change"] = minus(line.exact[name], line.exact[f"{name}_previous"])
            if self.query.share:
                first = self.query.metrics[0]
                group = self.value(first, now[first], key, self.query.period)
                line.exact[self.share_name] = part(
                    line.exact[first], group if self.query.part else self.whole(first, key)
                )
            lines.append(line)
        return lines

    def keys(self, found: Sequence[Mapping[Key, pd.DataFrame]]) -> list[Key]:
        """Every group with a row, and in a time series each of them in every bucket."""
        keys = {key for groups in found for key in groups}
        if not self.key_names:
            return [()]
        if self.query.grain is None or self.query.period is None:
            return list(keys)
        splits = {key[1:] for key in keys} if self.query.dimensions else {()}
        buckets = self.buckets(span_of_period(self.query.period))
        return [(bucket, *split) for bucket in buckets for split in splits]

    def buckets(self, span: Span | None) -> list[Any]:
        return buckets_of(span, self.query.grain, self.frames.zone) if span and self.query.grain else []

    def groups(
        self, name: str, span: Span | None, filters: Sequence[Filter] | None = None, split: Sequence[str] | None = None
    ) -> Mapping[Key, pd.DataFrame]:
        """The rows that a metric is counted from, by group."""
        metric = METRICS[name]
        conditions = (*(self.query.filters if filters is None else filters), *self.query.among)
        rows = self.kept(self.frames.tables[metric.table], conditions, metric)
        dimensions = self.query.dimensions if split is None else split
        if metric.cohort:
            return self.cohorts(rows, span, dimensions)
        if span is not None:
            rows = only(rows, [span.holds(moment) for moment in rows[metric.dated]])
        if self.query.grain is None:
            return grouped(rows, dimensions, None)
        moments = rows[metric.dated]
        buckets = [bucket_of(moment, self.query.grain, self.frames.zone) for moment in moments]
        return grouped(rows, dimensions, buckets)

    def cohorts(self, rows: pd.DataFrame, span: Span | None, dimensions: Sequence[str]) -> Mapping[Key, pd.DataFrame]:
        """Members as each period, or each bucket of it, began: one row may be in many."""
        if span is None:
            raise ValueError("a cohort is of a period")
        if self.query.grain is None:
            return grouped(members(rows, span.start), dimensions, None)
        found: dict[Key, pd.DataFrame] = {}
        for bucket in self.buckets(span):
            cut = span_of(bucket, self.query.grain, span, self.frames.zone)
            present = members(rows, cut.start)
            found.update(grouped(present, dimensions, [bucket] * len(present)))
        return found

    def of_part(self, name: str, groups: Mapping[Key, pd.DataFrame]) -> Mapping[Key, pd.DataFrame]:
        """Of each group's rows those that the part is made of; groups without any stay."""
        if not self.query.part:
            return groups
        return {key: self.kept(rows, self.query.part, METRICS[name]) for key, rows in groups.items()}

    def kept(self, rows: pd.DataFrame, conditions: Sequence[Condition], metric: ByHand) -> pd.DataFrame:
        for condition in conditions:
            rows = only(rows, self.holding(rows, condition, metric))
        return rows

    def holding(self, rows: pd.DataFrame, condition: Condition, metric: ByHand) -> list[bool]:
        if isinstance(condition, Among):
            return counted(rows, condition, Asked(self.now, dict(self.query.parameters)))
        if condition.dimension in CLOCK:
            grain = Grain(condition.dimension)
            return [passes(bucket_of(m, grain, self.frames.zone), condition) for m in rows[metric.dated]]
        return [passes(value, condition) for value in rows[dimension(condition.dimension)]]

    # Values

    def value(self, name: str, groups: Mapping[Key, pd.DataFrame], key: Key, period: Period | None) -> Number | None:
        metric = METRICS[name]
        rows = groups.get(key)
        if rows is None:
            rows = self.frames.tables[metric.table].iloc[:0]
        return metric.value(rows, self.asked(metric, key, span_of_period(period)))

    def asked(self, metric: ByHand, key: Key, span: Span | None) -> Asked:
        if metric.cohort and self.query.grain is not None and span is not None:
            span = span_of(key[0], self.query.grain, span, self.frames.zone)
        return Asked(self.now, dict(self.query.parameters), span)

    def whole(self, name: str, key: Key) -> Number | None:
        """The metric over every group of the period, or of the bucket where there are groups beside it."""
        if self.query.grain is None or self.query.dimensions:
            return self.value(name, self.undivided, key[:1] if self.query.grain else (), self.query.period)
        return sum(self.value(name, self.undivided, bucket, self.query.period) or 0 for bucket in self.undivided)

    @cached_property
    def undivided(self) -> Mapping[Key, pd.DataFrame]:
        """Rows of the first metric by bucket alone; no filter on a dimension of the split holds."""
        narrowed = [f for f in self.query.filters if f.dimension not in self.query.dimensions]
        return self.groups(self.query.metrics[0], span_of_period(self.query.period), narrowed, ())

    # What is shown

    def is_shown(self, line: _Line) -> bool:
        nulls = None in line.key[len(self.key_names) - len(self.query.dimensions) :]
        if self.query.drop_null_groups and nulls:
            return False
        return all(stands(line.exact[having.metric], having) for having in self.query.having)

    def ordered(self, lines: list[_Line]) -> list[_Line]:
        """By the order asked for, or the first metric's where there is no time; then by name. Nulls last."""
        for position in reversed(range(len(self.key_names))):
            lines = by(lines, lambda line, at=position: line.key[at], desc=False)
        for name, desc in reversed(self.order()):
            lines = by(lines, lambda line, name=name: self.cell(line, name), desc=desc)
        return lines

    def order(self) -> list[tuple[str, bool]]:
        if self.query.order:
            return [(order.by, order.desc) for order in self.query.order]
        if self.query.grain is None and self.query.dimensions:
            return [(self.share_name if self.query.part else self.query.metrics[0], True)]
        return []

    def cell(self, line: _Line, name: str) -> Any:
        return line.key[self.key_names.index(name)] if name in self.key_names else line.exact[name]

    def limited(self, lines: list[_Line]) -> list[_Line]:
        limit = self.query.limit
        if limit is None or len(lines) <= limit:
            return lines
        if not self.query.with_ties:
            return lines[:limit]
        names = [name for name, _ in self.order()] or list(self.key_names[:1])
        place = [self.cell(lines[limit - 1], name) for name in names]
        return lines[:limit] + [line for line in lines[limit:] if [self.cell(line, name) for name in names] == place]

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.key_names, *(name for name, _ in self.cells()))

    def cells(self) -> list[tuple[str, int | None]]:
        """Columns of numbers with their decimals; None for whole numbers."""
        found: list[tuple[str, int | None]] = []
        for name in self.query.metrics:
            decimals = None if METRICS[name].whole_number else METRICS[name].decimals
            compared = (f"{name}_previous", f"{name}_change") if self.query.compare else ()
            found += [(column, decimals) for column in (name, *compared)]
        return [*found, (self.share_name, 1)] if self.query.share else found

    def shown(self, line: _Line) -> list[int | Decimal | None]:
        return [rounded(line.exact[name], decimals) for name, decimals in self.cells()]


def span_of_period(period: Period | None) -> Span | None:
    return None if period is None else Span(period.start, period.end, period.to_now)


def members(rows: pd.DataFrame, start: datetime) -> pd.DataFrame:
    return only(rows, [is_member(row, start) for row in records(rows)])


def only(rows: pd.DataFrame, mask: Sequence[bool]) -> pd.DataFrame:
    return rows[pd.Series(mask, index=rows.index, dtype=bool)]


def counted(rows: pd.DataFrame, among: Among, asked: Asked) -> list[bool]:
    """Whether the metric counts the row, or the one row of its own table that this one belongs to."""
    metric = METRICS[among.metric]
    if metric.where is None:
        raise ValueError(f"'{among.metric}' counts no rows")
    return [bool(metric.where(row, asked)) is among.counts for row in rows[row_of(metric.table)]]


def grouped(rows: pd.DataFrame, dimensions: Sequence[str], buckets: Sequence[Any] | None) -> Mapping[Key, pd.DataFrame]:
    """Frames by bucket and dimensions; null groups have None in their key."""
    by_columns = [rows[dimension(name)] for name in dimensions]
    if buckets is not None:
        by_columns.insert(0, pd.Series(buckets, index=rows.index, dtype=object))
    if not by_columns:
        return {(): rows} if len(rows) else {}
    found: dict[Key, list[Any]] = {}
    for index, *key in zip(rows.index, *by_columns, strict=True):
        found.setdefault(tuple(key), []).append(index)
    return {key: rows.loc[indexes] for key, indexes in found.items()}


def passes(value: object, narrowing: Filter) -> bool:
    """NOT_IN without None keeps null rows; no order holds for a null."""
    match narrowing.op:
        case Op.IN:
            return value in narrowing.values
        case Op.NOT_IN:
            return value not in narrowing.values
        case Op.IS_NULL:
            return value is None
        case Op.NOT_NULL:
            return value is not None
        case _:
            return value is not None and OPERATORS[narrowing.op](value, narrowing.values[0])


def stands(value: Number | None, having: Having) -> bool:
    return value is not None and OPERATORS[having.op](Fraction(value), Fraction(having.value))


def minus(now: Number | None, before: Number | None) -> Number | None:
    return None if now is None or before is None else now - before


def part(number: Number | None, whole: Number | None) -> Fraction | None:
    return None if number is None or not whole else Fraction(100 * number) / whole


def rounded(number: Number | None, decimals: int | None) -> int | Decimal | None:
    """Half away from zero; whole numbers stay int."""
    if number is None or decimals is None:
        return number  # type: ignore[return-value]
    scaled = abs(number) * 10**decimals
    whole = int(scaled + Fraction(1, 2))
    return Decimal(-whole if number < 0 else whole).scaleb(-decimals) + 0


def by(lines: list[_Line], key: Callable[[_Line], Any], *, desc: bool) -> list[_Line]:
    """Sorted, what ties left in its order, nulls last in both directions."""
    known = [line for line in lines if key(line) is not None]
    nulls = [line for line in lines if key(line) is None]
    return sorted(known, key=key, reverse=desc) + nulls
