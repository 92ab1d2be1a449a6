"""The narrower segment that most of what was found comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np

from dash_agent.context.alerts import Alert, is_looked_at
from dash_agent.context.business import CountMetric, SumMetric
from dash_agent.context.catalog import Catalog
from dash_agent.models.alert import Cause, Finding
from dash_agent.models.principal import ScopeFilter
from dash_agent.models.query import Filter, Op
from dash_agent.reports.alerts.measures import needs
from dash_agent.reports.alerts.tails import Floats
from dash_agent.reports.alerts.windows import Reader, Seen, Wanted, Window
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.resolve import applies

MOST: Final = 0.5
"""The part of what is too much (or too little) that a driver has at least."""
BEYOND: Final = 1.25
"""How much more than its usual part of the rows that is, at least: a driver is not just where most rows are."""
LIKE: Final = (7, 14, 21, 28)
"""Days ago: the windows that a driver is held against."""


def with_driver(catalog: Catalog, cause: Cause, rules: Sequence[Alert], reader: Reader, now: datetime) -> Cause:
    """The cause, with the driver of its chief. Raises QueryError and Unavailable."""
    rule = next(rule for rule in rules if rule.name == cause.chief.rule)
    chief = cause.chief
    if rule.kind != "anomaly" or not is_looked_at(catalog.metrics[chief.metric]):
        return cause
    taken = {rows.dimension for rows in chief.segment}
    model = SemanticModel(catalog)
    open_to = [name for name in catalog.rules.drivers if name not in taken and applies(model, chief.metric, name)]
    wanted = [_wanted(catalog, chief, rule.samples.get(chief.metric), name) for name in open_to]
    splits = zip(open_to, reader.read(wanted, now), strict=True)
    found = [(lift, name, value) for name, seen in splits for lift, value in _leading(catalog, chief, rule, seen)]
    if not found:
        return cause
    _, name, value = max(found)
    return replace(cause, chief=replace(chief, driver=(*chief.segment, ScopeFilter(name, (value,)))))


def _wanted(catalog: Catalog, chief: Finding, sample: str | None, by: str) -> Wanted:
    counts, averages = needs(catalog.metrics[chief.metric], sample)
    filters = tuple(Filter(rows.dimension, Op.IN, rows.values) for rows in chief.segment)
    hours = round((chief.end - chief.start).total_seconds() / 3600)
    return Wanted(Window(chief.end, 1 if hours == 1 else 24), by, counts, averages, filters)


def _leading(catalog: Catalog, chief: Finding, rule: Alert, seen: Seen) -> list[tuple[float, str]]:
    """How much more of what was found than of the rows each value has that has most of it."""
    excess, rows = _excess(catalog, chief, rule, seen)
    whole, usual = float(excess.sum()), float(rows.sum())
    if len(seen.segments) < 2 or not whole or not usual:
        return []
    found = []
    for value, part, own in zip(seen.segments, excess / whole, rows / usual, strict=True):
        if value is not None and part >= MOST and part >= BEYOND * own:
            found.append((float(part - own), value))
    return found


def _excess(catalog: Catalog, chief: Finding, rule: Alert, seen: Seen) -> tuple[Floats, Floats]:
    """By value: how much more there is than usual, and the rows that there usually are."""
    metric = catalog.metrics[chief.metric]
    counts, averages = needs(metric, rule.samples.get(chief.metric))
    like = list(LIKE)
    if isinstance(metric, CountMetric | SumMetric):
        values = seen.values[metric.name]
        usual = values[:, like].mean(axis=1)
        return values[:, 0] - usual, usual
    part, whole = averages[0] if averages else (counts[0], counts[1])
    parts, wholes = seen.values[part], seen.values[whole]
    level = parts[:, 1:].sum(axis=1) / np.maximum(wholes[:, 1:].sum(axis=1), 1.0)
    return parts[:, 0] - level * wholes[:, 0], wholes[:, 0]
