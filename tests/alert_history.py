"""A whole history, read once, and walked over by the same detection that looks at the database.

Rows are as they became in the end: a rating that came a week later is there from the first hour on.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from dash_agent.context.catalog import Catalog
from dash_agent.models.query import Filter, Grain, MetricQuery, Period
from dash_agent.models.sql import ResultSet
from dash_agent.reports.alerts.windows import DAYS, Seen, Wanted, names_of
from dash_agent.semantic.time import Calendar

Key = tuple[str | None, frozenset[str], tuple[Filter, ...]]
Floats = NDArray[np.float64]
CHUNK = timedelta(days=120)


@dataclass(slots=True)
class Cube:
    """values: by metric, segments x local hours from `first` on, as running sums that begin with 0."""

    first: date
    segments: tuple[str | None, ...]
    values: dict[str, Floats]

    def windows(self, names: Sequence[str], end: datetime, hours: int) -> Seen:
        at = (end.date() - self.first).days * 24 + end.hour - 24 * np.arange(DAYS + 1)
        size = self.values[names[0]].shape[1] - 1
        stop, start = (np.clip(place, 0, size) for place in (at, at - hours))
        return Seen(self.segments, {name: self.values[name][:, stop] - self.values[name][:, start] for name in names})


class NotKept(LookupError):
    """What a kept history does not hold."""


def not_kept(query: MetricQuery) -> ResultSet:
    raise NotKept(", ".join(query.metrics))


@dataclass(slots=True)
class History:
    """A reader over a history. start, now: of what is read. ran: runs a query that is not in the cubes yet."""

    catalog: Catalog
    zone: ZoneInfo
    start: datetime
    now: datetime
    ran: Callable[[MetricQuery], ResultSet] = not_kept
    cubes: dict[Key, Cube] = field(default_factory=dict)

    def calendar(self, moment: datetime) -> Calendar:
        return Calendar(moment, self.zone)

    def keep(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pickle.dumps(self.cubes))

    def recall(self, file: Path) -> None:
        self.cubes = pickle.loads(file.read_bytes())

    def read(self, wanted: Sequence[Wanted]) -> tuple[Seen, ...]:
        return tuple(self._cube(one).windows(names_of(one), one.window.end, one.window.hours) for one in wanted)

    def _cube(self, wanted: Wanted) -> Cube:
        """Rules that are due at other hours want other metrics of the same rows: each is read once."""
        key = (wanted.by, wanted.tables, wanted.filters)
        kept = self.cubes.get(key)
        if kept is None or not set(names_of(wanted)) <= set(kept.values):
            read = self._read(wanted)
            values = {**(kept.values if kept is not None and kept.segments == read.segments else {}), **read.values}
            self.cubes[key] = Cube(read.first, read.segments, values)
        return self.cubes[key]

    def _read(self, wanted: Wanted) -> Cube:
        names = names_of(wanted)
        first = self.calendar(self.start).today
        last = self.calendar(self.now).today
        hours = ((last - first).days + 1) * 24
        found: dict[str | None, Floats] = {}
        for period in self._periods(first):
            query = MetricQuery(names, (wanted.by,) if wanted.by else (), wanted.filters, period, Grain.HOUR)
            result = self.ran(query)
            assert not result.truncated
            for row in result.rows:
                bucket, value = row[0], row[1] if wanted.by else None
                assert isinstance(bucket, datetime)
                numbers = [float(cell or 0) for cell in row[2 if wanted.by else 1 :]]  # type: ignore[arg-type]
                own = found.setdefault(None if value is None else str(value), np.zeros((len(names), hours)))
                own[:, (bucket.date() - first).days * 24 + bucket.hour] += numbers
        segments = tuple(sorted(found, key=lambda value: (value is None, value or "")))
        rows = np.array([found[value] for value in segments]).reshape(-1, len(names), hours)
        for name, number in wanted.averages:
            rows[:, names.index(name)] *= rows[:, names.index(number)]
        sums = np.concatenate([np.zeros((*rows.shape[:2], 1)), rows.cumsum(axis=2)], axis=2)
        return Cube(first, segments, {name: sums[:, at] for at, name in enumerate(names)})

    def _periods(self, first: date) -> Iterator[Period]:
        start = datetime.combine(first, time.min, self.zone)
        while start < self.now:
            end = datetime.combine(start.date() + CHUNK, time.min, self.zone)
            yield Period(start, end) if end < self.now else Period(start, self.now, to_now=True)
            start = end
