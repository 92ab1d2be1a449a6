"""Anomalies: every segment of every rule held against what is usual, and what is too unlikely to be chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dash_agent.context.alerts import Alert
from dash_agent.context.catalog import Catalog
from dash_agent.models.alert import Finding
from dash_agent.models.principal import ScopeFilter
from dash_agent.reports.alerts.discovery import correlations, discovered, together
from dash_agent.reports.alerts.measures import Measured, measured
from dash_agent.reports.alerts.reading import Reading, lined_up, rule_window
from dash_agent.reports.alerts.tails import Floats
from dash_agent.reports.alerts.usual import Days
from dash_agent.reports.alerts.windows import DAYS, Reader, Window
from dash_agent.semantic.time import Calendar

HELD: Final = 1.645
"""Standard deviations: earlier windows in a row that are so far off, too, belong to what was found."""
WIDE: Final = 1.96
"""Standard deviations on both sides that are told as the usual range."""

Due = tuple[Calendar, Sequence[Alert]]
"""A moment, and the rules that are looked at together then."""


@dataclass(frozen=True, slots=True)
class Unusual:
    """findings: the most unlikely first. checked: segments that had enough to go by."""

    findings: tuple[Finding, ...]
    checked: int


@dataclass(frozen=True, slots=True)
class _Split:
    """The segments of one split of one rule, at several looks. looks: their places among all of those.

    signs, ways: metrics x looks x segments; ways: +1 where it is high. p: looks x segments, nan where there is too
    little to go by.
    """

    rule: Alert
    looks: tuple[int, ...]
    windows: tuple[Window, ...]
    segments: tuple[tuple[ScopeFilter, ...], ...]
    measured: tuple[Measured, ...]
    signs: Floats
    ways: NDArray[np.int64]
    p: Floats


def unusual(due: Sequence[Due], catalog: Catalog, reader: Reader) -> tuple[Unusual, ...]:
    """What rules of kind `anomaly` find, by look. Looks know nothing of each other. Raises as the reader does."""
    splits: list[_Split] = []
    for looks, rules in _at_once(due):
        calendars = [due[look][0] for look in looks]
        reading = Reading(catalog)
        for rule in rules:
            for metric in rule.metrics:
                for by in _dimensions(rule):
                    reading.want(rule, metric, by)
        reading.read(reader, calendars)
        splits += [one for rule in rules for one in _splits(rule, looks, calendars, reading)]
    by_look: list[dict[str, list[tuple[_Split, int]]]] = [{} for _ in due]
    for split in splits:
        for row, look in enumerate(split.looks):
            by_look[look].setdefault(split.rule.name, []).append((split, row))
    return tuple(_told(list(families.values())) for families in by_look)


def _at_once(due: Sequence[Due]) -> list[tuple[tuple[int, ...], list[Alert]]]:
    """Rules that are looked at at the same moments, read together. Nothing is told of a holiday."""
    moments: dict[str, list[int]] = {}
    rules: dict[str, Alert] = {}
    for look, (calendar, looked) in enumerate(due):
        for rule in looked:
            if not _is_over_holiday(rule, rule_window(rule, calendar)):
                moments.setdefault(rule.name, []).append(look)
                rules[rule.name] = rule
    found: dict[tuple[int, ...], list[Alert]] = {}
    for name, looks in moments.items():
        found.setdefault(tuple(looks), []).append(rules[name])
    return list(found.items())


def _dimensions(rule: Alert) -> tuple[str | None, ...]:
    return tuple(rule.by) or (None,)


def _is_over_holiday(rule: Alert, window: Window) -> bool:
    return any(rule.is_holiday(day.date()) for (day,) in _ends([window]))


def _splits(rule: Alert, looks: tuple[int, ...], calendars: Sequence[Calendar], reading: Reading) -> Iterator[_Split]:
    groups = [rule.metrics] if rule.together else [[metric] for metric in rule.metrics]
    windows = tuple(rule_window(rule, calendar) for calendar in calendars)
    for metrics in groups:
        for by in _dimensions(rule):
            yield from _split(rule, looks, windows, metrics, by, reading, whole=False)
        if rule.by:
            yield from _split(rule, looks, windows, metrics, rule.by[0], reading, whole=True)


def _split(
    rule: Alert,
    looks: tuple[int, ...],
    windows: tuple[Window, ...],
    metrics: Sequence[str],
    by: str | None,
    reading: Reading,
    *,
    whole: bool,
) -> Iterator[_Split]:
    stacks = [reading.stacks[reading.place(rule, metric, by)] for metric in metrics]
    values = tuple(dict.fromkeys(value for stack in stacks for value in stack.segments))
    if not values:
        return
    weekday, ordinary = _days(rule, windows)
    found = []
    for metric, stack in zip(metrics, stacks, strict=True):
        series = lined_up(stack, values)
        if whole:
            series = {name: rows.sum(axis=1, keepdims=True) for name, rows in series.items()}
        found.append(measured(reading.catalog.metrics[metric], rule, series, weekday, ordinary))
    if by is None or whole:
        segments: tuple[tuple[ScopeFilter, ...], ...] = (rule.rows,)
        has_name = np.ones(1, dtype=np.bool_)
    else:
        segments = tuple((*rule.rows, ScopeFilter(by, (str(value),))) for value in values)
        has_name = np.array([value is not None for value in values], dtype=np.bool_)
    signs = np.where(has_name, np.array([one.p for one in found]), np.nan)
    ways = np.array([one.way for one in found])
    off = np.array([one.off for one in found]) * ways[..., None]
    p = signs[0] if len(found) == 1 else together(signs, correlations(off[..., 1:]))
    yield _Split(rule, looks, windows, segments, tuple(found), signs, ways, p)


def _days(rule: Alert, windows: Sequence[Window]) -> tuple[NDArray[np.int64], Days]:
    """Of each look's windows: their weekdays, and whether they are without a holiday."""
    ago = np.arange(DAYS + 1)
    first, last = (np.array([one.toordinal() for one in days])[:, None] - ago for days in _ends(windows))
    known = range(int(first.min()), int(last.max()) + 1) if rule.holidays else ()
    holidays = [day for day in known if rule.is_holiday(date.fromordinal(day))]
    return (first - 1) % 7, ~(np.isin(first, holidays) | np.isin(last, holidays))


def _ends(windows: Sequence[Window]) -> tuple[list[datetime], list[datetime]]:
    return [one.start for one in windows], [one.end - timedelta(seconds=1) for one in windows]


def _told(families: Sequence[Sequence[tuple[_Split, int]]]) -> Unusual:
    known = [[np.flatnonzero(np.isfinite(split.p[row])) for split, row in own] for own in families]
    p = [
        np.concatenate([split.p[row, at] for (split, row), at in zip(own, places, strict=True)])
        for own, places in zip(families, known, strict=True)
    ]
    findings = []
    for own, places, rates in zip(families, known, discovered(p), strict=True):
        spots = [(split, row, int(at)) for (split, row), found in zip(own, places, strict=True) for at in found]
        for (split, row, at), rate in zip(spots, rates, strict=True):
            if rate <= split.rule.false_discovery:
                findings += [_finding(split, row, at)] if _matters(split, row, at) else []
    findings.sort(key=lambda one: (one.p or 0.0, one.rule, one.metric, repr(one.segment)))
    return Unusual(tuple(findings), sum(map(len, p)))


def _sign(split: _Split, row: int, at: int) -> int:
    """The metric that shows it most."""
    return int(np.nanargmin(split.signs[:, row, at]))


def _matters(split: _Split, row: int, at: int) -> bool:
    one = split.measured[_sign(split, row, at)]
    change = abs(one.observed[row, at] - one.expected[row, at])
    return bool(change >= split.rule.min_change * abs(one.expected[row, at]))


def _finding(split: _Split, row: int, at: int) -> Finding:
    sign = _sign(split, row, at)
    one, way, window = split.measured[sign], int(split.ways[sign, row, at]), split.windows[row]
    held = 0
    for ago in range(1, DAYS + 1):
        if not one.learn[row, ago] or one.off[row, at, ago] * way < HELD:
            break
        held = ago
    expected = float(one.expected[row, at])
    low, high = (expected + side * WIDE * float(one.spread[row, at]) for side in (-1, 1))
    return Finding(
        rule=split.rule.name,
        metric=one.metric,
        segment=split.segments[at],
        since=window.start - timedelta(days=held),
        start=window.start,
        end=window.end,
        observed=float(one.observed[row, at]),
        expected=expected,
        sample=round(float(one.sample[row, at])),
        p=float(split.p[row, at]),
        usual=(max(0.0, low), high),
    )
