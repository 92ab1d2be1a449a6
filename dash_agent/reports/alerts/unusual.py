"""Anomalies: every segment of every rule held against what is usual for it, and what is too unlikely to be chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dash_agent.context.alerts import Alert
from dash_agent.context.catalog import Catalog
from dash_agent.models.alert import Finding
from dash_agent.models.principal import ScopeFilter
from dash_agent.models.query import Filter, Op
from dash_agent.reports.alerts.discovery import discovered, together
from dash_agent.reports.alerts.measures import Measured, measured, needs
from dash_agent.reports.alerts.tails import Floats
from dash_agent.reports.alerts.usual import FEWEST
from dash_agent.reports.alerts.windows import DAYS, Reader, Seen, Wanted, Window, window_of
from dash_agent.semantic.time import Calendar

HELD: Final = 1.645
"""Standard deviations: earlier windows in a row that are so far off, too, belong to what was found."""
WIDE: Final = 1.96
"""Standard deviations on both sides that are told as the usual range."""


@dataclass(frozen=True, slots=True)
class Unusual:
    """findings: the most unlikely first. checked: segments that had enough to go by."""

    findings: tuple[Finding, ...]
    checked: int


@dataclass(frozen=True, slots=True)
class _Split:
    """The segments of one split of one rule. signs, ways: by metric, then segment; ways: +1 where it is high.

    p: by segment, nan where there is too little to go by.
    """

    rule: Alert
    window: Window
    segments: tuple[tuple[ScopeFilter, ...], ...]
    measured: tuple[Measured, ...]
    signs: Floats
    ways: NDArray[np.int64]
    p: Floats


Place = tuple[Window, str | None, tuple[Filter, ...], frozenset[str]]


@dataclass(slots=True)
class _Reading:
    """What all rules want, read together: metrics of the same tables, split and windows by one `Wanted`."""

    catalog: Catalog
    calendar: Calendar
    counts: dict[Place, dict[str, None]] = field(default_factory=dict)
    averages: dict[Place, dict[tuple[str, str], None]] = field(default_factory=dict)
    seen: dict[Place, Seen] = field(default_factory=dict)

    def place(self, rule: Alert, metric: str, by: str | None) -> Place:
        filters = tuple(Filter(one.dimension, Op.IN, one.values) for one in rule.rows)
        counted = self.catalog.counted(self.catalog.metrics[metric])
        window = window_of(self.calendar, hours_of(rule), rule.settle)
        return window, by, filters, frozenset(part.table for part in counted)

    def want(self, rule: Alert, metric: str, by: str | None) -> None:
        place = self.place(rule, metric, by)
        counts, averages = needs(self.catalog.metrics[metric], rule.samples.get(metric))
        self.counts.setdefault(place, {}).update(dict.fromkeys(counts))
        self.averages.setdefault(place, {}).update(dict.fromkeys(averages))

    def read(self, reader: Reader) -> None:
        wanted = [
            Wanted(place[0], place[1], tuple(counts), tuple(self.averages[place]), place[2], place[3])
            for place, counts in self.counts.items()
        ]
        self.seen = dict(zip(self.counts, reader.read(wanted), strict=True))


def hours_of(rule: Alert) -> int:
    return 1 if rule.window == "hour" else 24


def _dimensions(rule: Alert) -> tuple[str | None, ...]:
    return tuple(rule.by) or (None,)


def unusual(rules: Sequence[Alert], catalog: Catalog, calendar: Calendar, reader: Reader) -> Unusual:
    """What rules of kind `anomaly` find that are looked at together. Raises as the reader does."""
    reading = _Reading(catalog, calendar)
    rules = [rule for rule in rules if not _is_over_holiday(rule, window_of(calendar, hours_of(rule), rule.settle))]
    for rule in rules:
        for metric in rule.metrics:
            for by in _dimensions(rule):
                reading.want(rule, metric, by)
    reading.read(reader)
    families = [[split for split in _splits(rule, reading) if len(split.p)] for rule in rules]
    return _told(families)


def _is_over_holiday(rule: Alert, window: Window, ago: int = 0) -> bool:
    """Whether a holiday lies within the window so many days ago."""
    first, last = window.start, window.end - timedelta(seconds=1)
    return any(rule.is_holiday(day.date() - timedelta(days=ago)) for day in (first, last))


def _splits(rule: Alert, reading: _Reading) -> Iterator[_Split]:
    groups = [rule.metrics] if rule.together else [[metric] for metric in rule.metrics]
    for metrics in groups:
        for by in _dimensions(rule):
            yield _split(rule, metrics, by, reading, whole=False)
        if rule.by:
            yield _split(rule, metrics, rule.by[0], reading, whole=True)


def _split(rule: Alert, metrics: Sequence[str], by: str | None, reading: _Reading, *, whole: bool) -> _Split:
    places = [reading.place(rule, metric, by) for metric in metrics]
    window = places[0][0]
    values = tuple(dict.fromkeys(value for place in places for value in reading.seen[place].segments))
    weekday, holiday = _days(rule, window)
    found = []
    for metric, place in zip(metrics, places, strict=True):
        series = _lined_up(reading.seen[place], values, whole=whole)
        told = reading.catalog.metrics[metric]
        found.append(measured(told, rule, series, weekday, ~holiday))
    if by is None or whole:
        segments: tuple[tuple[ScopeFilter, ...], ...] = (rule.rows,) if values else ()
        has_name = np.ones(len(segments), dtype=np.bool_)
    else:
        segments = tuple((*rule.rows, ScopeFilter(by, (str(value),))) for value in values)
        has_name = np.array([value is not None for value in values], dtype=np.bool_)
    signs = np.array([one.p for one in found]).reshape(len(found), -1)
    signs = np.where(has_name[None, :], signs, np.nan)
    p = signs[0] if len(found) == 1 else _of_several(signs, found)
    return _Split(rule, window, segments, tuple(found), signs, np.array([one.way for one in found]), p)


def _days(rule: Alert, window: Window) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Of each window: its weekday, and whether a holiday lies within it."""
    ago = np.arange(DAYS + 1)
    found = np.zeros(DAYS + 1, dtype=np.bool_)
    if rule.holidays:
        found = np.array([_is_over_holiday(rule, window, int(days)) for days in ago])
    return (window.start.weekday() - ago) % 7, found


def _lined_up(seen: Seen, values: Sequence[str | None], *, whole: bool) -> Mapping[str, Floats]:
    at = {value: place for place, value in enumerate(seen.segments)}
    made = {}
    for name, rows in seen.values.items():
        empty = np.zeros(DAYS + 1)
        lined = np.array([rows[at[value]] if value in at else empty for value in values]).reshape(-1, DAYS + 1)
        made[name] = lined.sum(axis=0, keepdims=True) if whole and len(values) else lined
    return made


def _of_several(signs: Floats, found: Sequence[Measured]) -> Floats:
    """By segment, of the metrics that have enough to go by."""
    courses = np.array([(one.off * one.way[:, None])[:, 1:].ravel() for one in found])
    still = np.all(np.isfinite(courses) & (np.abs(courses) < 3), axis=0) & np.any(courses != 0, axis=0)
    known = np.corrcoef(courses[:, still]) if still.sum() >= FEWEST else np.ones((len(found), len(found)))
    correlation = np.nan_to_num(known, nan=1.0)
    p = np.full(signs.shape[1], np.nan)
    there = np.isfinite(signs)
    for pattern in {tuple(column) for column in there.T if column.any()}:
        rows = np.array(pattern)
        segments = np.all(there == rows[:, None], axis=0)
        p[segments] = together(signs[np.ix_(rows, segments)], correlation[np.ix_(rows, rows)])
    return p


def _told(families: Sequence[Sequence[_Split]]) -> Unusual:
    known = [[np.flatnonzero(np.isfinite(split.p)) for split in own] for own in families]
    p = [
        np.concatenate([split.p[at] for split, at in zip(own, places, strict=True)]) if own else np.zeros(0)
        for own, places in zip(families, known, strict=True)
    ]
    findings = []
    for own, places, rates in zip(families, known, discovered(p), strict=True):
        spots = [(split, int(at)) for split, found in zip(own, places, strict=True) for at in found]
        for (split, at), rate in zip(spots, rates, strict=True):
            if rate <= split.rule.false_discovery:
                findings += [_finding(split, at)] if _matters(split, at) else []
    findings.sort(key=lambda one: (one.p or 0.0, one.rule, one.metric, repr(one.segment)))
    return Unusual(tuple(findings), sum(map(len, p)))


def _sign(split: _Split, at: int) -> int:
    """The metric that shows it most."""
    return int(np.nanargmin(split.signs[:, at]))


def _matters(split: _Split, at: int) -> bool:
    one = split.measured[_sign(split, at)]
    change = abs(one.observed[at] - one.expected[at])
    return bool(change >= split.rule.min_change * abs(one.expected[at]))


def _finding(split: _Split, at: int) -> Finding:
    sign = _sign(split, at)
    one, way = split.measured[sign], int(split.ways[sign, at])
    held = 0
    for ago in range(1, DAYS + 1):
        if not one.learn[ago] or one.off[at, ago] * way < HELD:
            break
        held = ago
    low, high = (one.expected[at] + side * WIDE * one.spread[at] for side in (-1, 1))
    return Finding(
        rule=split.rule.name,
        metric=one.metric,
        segment=split.segments[at],
        since=_back(split.window.start, held),
        start=split.window.start,
        end=split.window.end,
        observed=float(one.observed[at]),
        expected=float(one.expected[at]),
        sample=round(float(one.sample[at])),
        p=float(split.p[at]),
        usual=(max(0.0, float(low)), float(high)),
    )


def _back(moment: datetime, days: int) -> datetime:
    """At the same local time."""
    return moment - timedelta(days=days)
