"""What rules want of a look, or of many, read together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from dash_agent.context.alerts import Alert
from dash_agent.context.catalog import Catalog
from dash_agent.models.query import Filter, Op
from dash_agent.reports.alerts.measures import needs
from dash_agent.reports.alerts.tails import Floats
from dash_agent.reports.alerts.windows import DAYS, Reader, Seen, Wanted, Window, window_of
from dash_agent.semantic.time import Calendar

Place = tuple[int, int, str | None, tuple[Filter, ...], frozenset[str]]
"""Hours and settle of the windows, the dimension, filters, tables."""


@dataclass(frozen=True, slots=True)
class Stack:
    """values: by metric, looks x segments x (1 + DAYS). segments: of any of the looks."""

    segments: tuple[str | None, ...]
    values: Mapping[str, Floats]


@dataclass(slots=True)
class Reading:
    """Metrics of the same tables, split and windows are read by one `Wanted`."""

    catalog: Catalog
    counts: dict[Place, dict[str, None]] = field(default_factory=dict)
    averages: dict[Place, dict[tuple[str, str], None]] = field(default_factory=dict)
    stacks: dict[Place, Stack] = field(default_factory=dict)

    def place(self, rule: Alert, metric: str, by: str | None) -> Place:
        filters = tuple(Filter(one.dimension, Op.IN, one.values) for one in rule.rows)
        counted = self.catalog.counted(self.catalog.metrics[metric])
        return hours_of(rule), rule.settle, by, filters, frozenset(part.table for part in counted)

    def want(self, rule: Alert, metric: str, by: str | None) -> None:
        place = self.place(rule, metric, by)
        counts, averages = needs(self.catalog.metrics[metric], rule.samples.get(metric))
        self.counts.setdefault(place, {}).update(dict.fromkeys(counts))
        self.averages.setdefault(place, {}).update(dict.fromkeys(averages))

    def read(self, reader: Reader, calendars: Sequence[Calendar]) -> None:
        """Raises as the reader does."""
        looks = [
            reader.read([self._wanted(place, calendar) for place in self.counts], calendar.now)
            for calendar in calendars
        ]
        for at, place in enumerate(self.counts):
            self.stacks[place] = _stacked([seen[at] for seen in looks])

    def _wanted(self, place: Place, calendar: Calendar) -> Wanted:
        hours, settle, by, filters, tables = place
        window = window_of(calendar, hours, settle)
        return Wanted(window, by, tuple(self.counts[place]), tuple(self.averages[place]), filters, tables)


def hours_of(rule: Alert) -> int:
    return 1 if rule.window == "hour" else 24


def rule_window(rule: Alert, calendar: Calendar) -> Window:
    return window_of(calendar, hours_of(rule), rule.settle)


def lined_up(stack: Stack, segments: Sequence[str | None]) -> dict[str, Floats]:
    """Values of those segments, in that order; zero of one that is not there."""
    if tuple(segments) == stack.segments:
        return dict(stack.values)
    at = {value: place for place, value in enumerate(stack.segments)}
    made = {}
    for name, rows in stack.values.items():
        made[name] = np.zeros((len(rows), len(segments), DAYS + 1))
        for place, value in enumerate(segments):
            if value in at:
                made[name][:, place] = rows[:, at[value]]
    return made


def _stacked(looks: Sequence[Seen]) -> Stack:
    segments = tuple(dict.fromkeys(value for seen in looks for value in seen.segments))
    single = [Stack(seen.segments, {name: rows[None] for name, rows in seen.values.items()}) for seen in looks]
    own = [lined_up(one, segments) for one in single]
    return Stack(segments, {name: np.concatenate([one[name] for one in own]) for name in own[0]})
