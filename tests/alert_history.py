"""A whole history, read once, and walked over by the same detection that looks at the database.

A look sees what was known at its hour: a rating that came a day later is not there yet.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from dash_agent.context.alerts import After
from dash_agent.context.catalog import Catalog
from dash_agent.models.query import Filter, Grain, ListQuery, MetricQuery, Period
from dash_agent.models.sql import Cell, ResultSet
from dash_agent.reports.alerts.windows import DAYS, Seen, Wanted, names_of
from dash_agent.semantic.time import Calendar

Key = tuple[str | None, frozenset[str], tuple[Filter, ...]]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Part = tuple[str | None, int, float, float]
"""Of a metric: the segment, the local hour since the first day, when it was known, and how much."""
CHUNK = timedelta(days=60)

CAME: Final = "came"
TIMES: Final[Mapping[str, Mapping[str, object]]] = {
    CAME: {
        "column": "support_threads_data.created_at",
        "on": {"support_dialogs": "support_dialogs.created_at"},
    },
    "known_last": {"column": "support_threads_data.updated_at"},
}
"""Dimensions that the report's catalogue has besides: a row's own time, and when the last thing happened to its ticket.
"""
KNOWN_BY: Final[Mapping[str, str | None]] = {
    "tickets": None,
    "comparisons": None,
    "penalty": None,
    "ai_wins": None,
    # Within minutes of the ticket, and looked at later than that.
    "ai_answered": None,
    "cost": None,
    "resolved": None,
    "auto_sent": None,
    # Neither stars nor thumbs have a time: they are there when the last thing has happened to the ticket. Of stars that
    # is no earlier than in life; of thumbs nobody knows.
    "csat": "known_last",
    "csat_ratings": "known_last",
    "thumbs_down": "known_last",
    "feedback_given": "known_last",
}
"""By metric; None where a row is there from its own time on."""


@dataclass(frozen=True, slots=True)
class Late:
    """Parts of a metric that were known after their hour was over. hour, known: local hours since the cube's first
    day; sorted by hour. segment: its place.
    """

    segment: Ints
    hour: Ints
    known: Floats
    amount: Floats

    def missing(self, segments: int, stop: int, hours: int, now: float) -> Floats:
        """What a look at `now` does not see of a window that ends at `stop`, and of its like of earlier days."""
        found = np.zeros((segments, DAYS + 1))
        if not len(self.hour):
            return found
        longest = float((self.known - self.hour).max())
        rows = np.arange(*np.searchsorted(self.hour, [now - longest, now]))
        rows = rows[self.known[rows] > now]
        ago = (stop - 1 - self.hour[rows]) // 24
        inside = (ago >= 0) & (ago <= DAYS) & (self.hour[rows] >= stop - 24 * ago - hours)
        np.add.at(found, (self.segment[rows[inside]], ago[inside]), self.amount[rows[inside]])
        return found


@dataclass(slots=True)
class Cube:
    """values: by metric, segments x local hours from `first` on, as running sums that begin with 0. late: by metric."""

    wanted: Wanted
    first: date
    segments: tuple[str | None, ...]
    values: dict[str, Floats] = field(default_factory=dict)
    late: dict[str, Late] = field(default_factory=dict)

    def put(self, name: str, parts: Sequence[Part], hours: int) -> None:
        place = {value: at for at, value in enumerate(self.segments)}
        rows = sorted(parts, key=lambda part: part[1])
        segment = np.array([place[value] for value, *_ in rows], dtype=np.int64)
        hour = np.array([hour for _, hour, *_ in rows], dtype=np.int64)
        known, amount = (np.array([row[at] for row in rows], dtype=np.float64) for at in (2, 3))
        sums = np.zeros((len(self.segments), hours + 1))
        np.add.at(sums, (segment, hour + 1), amount)
        late = known > hour + 1
        self.values[name] = sums.cumsum(axis=1)
        self.late[name] = Late(segment[late], hour[late], known[late], amount[late])

    def windows(self, names: Sequence[str], end: datetime, hours: int, now: datetime) -> Seen:
        """now: local."""
        at = int(hours_since(self.first, end)) - 24 * np.arange(DAYS + 1)
        size = self.values[names[0]].shape[1] - 1
        stop, start = (np.clip(place, 0, size) for place in (at, at - hours))
        seen = {}
        for name in names:
            sums = self.values[name]
            missing = self.late[name].missing(len(self.segments), int(at[0]), hours, hours_since(self.first, now))
            seen[name] = sums[:, stop] - sums[:, start] - missing
        return Seen(self.segments, seen)


class NotKept(LookupError):
    """What a kept history does not hold."""


def not_kept(query: MetricQuery | ListQuery) -> ResultSet:
    raise NotKept(", ".join(query.metrics) if isinstance(query, MetricQuery) else query.table)


@dataclass(slots=True)
class History:
    """A reader over a history. start, now: of what is read. ran: runs a query that is not in the cubes yet."""

    catalog: Catalog
    zone: ZoneInfo
    start: datetime
    now: datetime
    ran: Callable[[MetricQuery | ListQuery], ResultSet] = not_kept
    cubes: dict[Key, Cube] = field(default_factory=dict)
    changed: dict[str, list[tuple[str, datetime]]] = field(default_factory=dict)

    def calendar(self, moment: datetime) -> Calendar:
        return Calendar(moment, self.zone)

    def keep(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pickle.dumps((self.cubes, self.changed)))

    def recall(self, file: Path) -> None:
        self.cubes, self.changed = pickle.loads(file.read_bytes())

    def read(self, wanted: Sequence[Wanted], now: datetime) -> tuple[Seen, ...]:
        local = now.astimezone(self.zone)
        return tuple(self._cube(one).windows(names_of(one), one.window.end, one.window.hours, local) for one in wanted)

    def changes(self, after: After, since: datetime, until: datetime) -> Sequence[tuple[str, datetime]]:
        """All there are: those of other times are for the reader to leave out."""
        if repr(after) not in self.changed:
            time, kept = self.catalog.tables[after.table].time, sorted(after.where)
            assert time is not None
            rows = self.ran(ListQuery(after.table, (after.value, time, *kept), limit=10_000)).rows
            self.changed[repr(after)] = [
                (str(value), at)
                for value, at, *others in rows
                if isinstance(at, datetime)
                and all(str(cell) in after.where[name] for name, cell in zip(kept, others, strict=True))
            ]
        return self.changed[repr(after)]

    def _cube(self, wanted: Wanted) -> Cube:
        """Rules that are due at other hours want other metrics of the same rows: then all of them are read anew."""
        key = (wanted.by, wanted.tables, wanted.filters)
        kept = self.cubes.get(key)
        if kept is None or not set(names_of(wanted)) <= set(kept.values):
            self.cubes[key] = self._read(wanted if kept is None else both(kept.wanted, wanted))
        return self.cubes[key]

    def _read(self, wanted: Wanted) -> Cube:
        first, last = self.calendar(self.start).today, self.calendar(self.now).today
        groups: dict[str | None, list[str]] = {}
        for name in names_of(wanted):
            groups.setdefault(KNOWN_BY[name], []).append(name)
        parts = {name: part for known, names in groups.items() for name, part in self._parts(wanted, known, names)}
        found = {value for part in parts.values() for value, *_ in part}
        cube = Cube(wanted, first, tuple(sorted(found, key=lambda value: (value is None, value or ""))))
        for name, part in parts.items():
            cube.put(name, part, ((last - first).days + 1) * 24)
        return cube

    def _parts(self, wanted: Wanted, known: str | None, names: Sequence[str]) -> Iterator[tuple[str, list[Part]]]:
        """By metric. An average's are its sums."""
        first = self.calendar(self.start).today
        split = (wanted.by,) if wanted.by else ()
        by = (*split, *((CAME, known) if known is not None else ()))
        numbers = {name: number for name, number in wanted.averages if name in names}
        parts: dict[str, list[Part]] = {name: [] for name in names}
        for period in self._periods(first):
            # By the hour there is a row of each hour for each group: too many, where groups are moments.
            result = self.ran(
                MetricQuery(tuple(names), by, wanted.filters, period, Grain.HOUR if known is None else None)
            )
            assert not result.truncated
            for row in result.rows:
                keys, cells = row[: -len(names)], row[-len(names) :]
                value = keys[0 if known is not None else 1] if wanted.by else None
                hour = self._place(first, keys[-2 if known is not None else 0])
                later = hour if known is None or keys[-1] is None else self._place(first, keys[-1])
                told = dict(zip(names, (float(cell or 0) for cell in cells), strict=True))  # type: ignore[arg-type]
                for name, amount in told.items():
                    whole = amount * told[numbers[name]] if name in numbers else amount
                    parts[name] += [(None if value is None else str(value), int(hour), later, whole)] if whole else []
        yield from parts.items()

    def _place(self, first: date, cell: Cell) -> float:
        """Buckets are local hours without a zone, columns are moments."""
        assert isinstance(cell, datetime)
        return hours_since(first, cell if cell.tzinfo is None else cell.astimezone(self.zone))

    def _periods(self, first: date) -> Iterator[Period]:
        start = datetime.combine(first, time.min, self.zone)
        while start < self.now:
            end = datetime.combine(start.date() + CHUNK, time.min, self.zone)
            yield Period(start, end) if end < self.now else Period(start, self.now, to_now=True)
            start = end


def hours_since(first: date, moment: datetime) -> float:
    """As a local clock counts them. moment: local."""
    return (moment.date() - first).days * 24 + moment.hour + moment.minute / 60 + moment.second / 3600


def both(one: Wanted, other: Wanted) -> Wanted:
    """All metrics of two that want the same rows."""
    counts = tuple(dict.fromkeys((*one.counts, *other.counts)))
    return replace(one, counts=counts, averages=tuple(dict.fromkeys((*one.averages, *other.averages))))
