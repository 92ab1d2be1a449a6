"""Anomalies: every segment of every rule held against what is usual, and what is too unlikely to be chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from dash_agent.context.alerts import Alert
from dash_agent.context.catalog import Catalog
from dash_agent.models.principal import ScopeFilter
from dash_agent.reports.alerts.measures import measured
from dash_agent.reports.alerts.reading import Reading, lined_up, rule_window
from dash_agent.reports.alerts.splits import Split, Unusual, told, weighed
from dash_agent.reports.alerts.usual import Days
from dash_agent.reports.alerts.windows import DAYS, Reader, Window
from dash_agent.semantic.time import Calendar

Due = tuple[Calendar, Sequence[Alert]]
"""A moment, and the rules that are looked at together then."""


def unusual(due: Sequence[Due], catalog: Catalog, reader: Reader) -> tuple[Unusual, ...]:
    """What rules of kind `anomaly` find, by look. Looks know nothing of each other. Raises as the reader does."""
    splits: list[Split] = []
    for looks, rules in _at_once(due):
        calendars = [due[look][0] for look in looks]
        reading = Reading(catalog)
        for rule in rules:
            for metric in rule.metrics:
                for by in _dimensions(rule):
                    reading.want(rule, metric, by)
        reading.read(reader, calendars)
        splits += [one for rule in rules for one in _splits(rule, looks, calendars, reading)]
    by_look: list[dict[str, list[tuple[Split, int]]]] = [{} for _ in due]
    for split in splits:
        for row, look in enumerate(split.looks):
            by_look[look].setdefault(split.rule.name, []).append((split, row))
    return tuple(told(list(families.values())) for families in by_look)


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


def _splits(rule: Alert, looks: tuple[int, ...], calendars: Sequence[Calendar], reading: Reading) -> Iterator[Split]:
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
) -> Iterator[Split]:
    stacks = [reading.stacks[reading.place(rule, metric, by)] for metric in metrics]
    values = tuple(dict.fromkeys(value for stack in stacks for value in stack.segments))
    if not values:
        return
    weekday, ordinary = days_of(rule, windows)
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
    yield weighed(rule, looks, windows, segments, found, has_name)


def days_of(rule: Alert, windows: Sequence[Window]) -> tuple[NDArray[np.int64], Days]:
    """Of each look's windows: their weekdays, and whether they are without a holiday."""
    ago = np.arange(DAYS + 1)
    first, last = (np.array([one.toordinal() for one in days])[:, None] - ago for days in _ends(windows))
    known = range(int(first.min()), int(last.max()) + 1) if rule.holidays else ()
    holidays = [day for day in known if rule.is_holiday(date.fromordinal(day))]
    return (first - 1) % 7, ~(np.isin(first, holidays) | np.isin(last, holidays))


def _ends(windows: Sequence[Window]) -> tuple[list[datetime], list[datetime]]:
    return [one.start for one in windows], [one.end - timedelta(seconds=1) for one in windows]
