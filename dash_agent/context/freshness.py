"""Can the data be relied on now? Loads that are late or have stopped, and rows that came twice.

Three rules, table by table, for tables with a time. Late: the newest row is older than `fresh_hours`. Stopped: no row
has come for some hours, and in each of the last four weeks the same hours had ten or more. Doubled: among the latest
20,000 rows some are alike in all columns of `natural_key`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import Final

from dash_agent.context.catalog import Catalog
from dash_agent.context.tables import Table
from dash_agent.errors import QueryError
from dash_agent.ports import Arrivals, Clock, Doubles, Preflight

KEPT_FOR: Final = timedelta(minutes=5)
"""A look at a table is not repeated for so long."""

USUAL_ROWS: Final = 10
USUAL_WEEKS: Final = 4


class Doubt(StrEnum):
    LATE = "late"
    STOPPED = "stopped"
    DOUBLED = "doubled"


@dataclass(frozen=True, slots=True)
class DataProblem:
    """What is wrong with a table's data. since: the newest row where they stopped, the first one that came twice.

    until: the moment that was looked from, or the last row that came twice. rows: that came twice.
    """

    doubt: Doubt
    table: str
    since: datetime
    until: datetime
    rows: int = 0


@dataclass(frozen=True, slots=True)
class _Look:
    """at: by the clock. now: what was looked from. arrivals, doubles: None where they can't be had."""

    at: datetime
    now: datetime
    arrivals: Arrivals | None
    doubles: Doubles | None


class Freshness:
    """Looks at tables, and keeps what it saw for a few minutes of the clock. Thread-safe."""

    def __init__(self, catalog: Catalog, looks: Preflight, clock: Clock) -> None:
        self._catalog = catalog
        self._looks = looks
        self._clock = clock
        self._seen: dict[str, _Look] = {}
        self._lock = Lock()

    def preflight(self, tables: Iterable[str] | None, now: datetime) -> tuple[DataProblem, ...]:
        """Problems of tables of the catalogue as of `now`, of all where `tables` is None.

        A table that can't be looked at in time has none. Raises Unavailable.
        """
        known = self._catalog.tables
        names = known if tables is None else dict.fromkeys(tables)
        return tuple(problem for name in names if name in known for problem in self._of(known[name], now))

    def _of(self, table: Table, now: datetime) -> Iterator[DataProblem]:
        if not _is_watched(table):
            return
        look = self._look(table, now)
        if look.arrivals is not None and look.arrivals.newest is not None:
            yield from _arrived(table, look.arrivals, look.arrivals.newest, now)
        found = look.doubles
        if found is not None and found.count and found.first is not None and found.last is not None:
            yield DataProblem(Doubt.DOUBLED, table.table, found.first, found.last, found.count)

    def _look(self, table: Table, now: datetime) -> _Look:
        at = self._clock.now()
        with self._lock:
            kept = self._seen.get(table.table)
        if kept is not None and _is_near(kept.at, at) and _is_near(kept.now, now):
            return kept
        assert table.time is not None
        arrivals = doubles = None
        try:
            if table.fresh_hours is not None:
                arrivals = self._looks.arrivals(table.table, table.time, now)
            if table.natural_key:
                doubles = self._looks.doubles(table.table, table.natural_key, table.time, now)
        except QueryError:
            # Kept too: what took too long is not tried again at each question.
            pass
        look = _Look(at, now, arrivals, doubles)
        with self._lock:
            self._seen[table.table] = look
        return look


def _is_watched(table: Table) -> bool:
    column = table.column(table.time) if table.time is not None and table.query is None else None
    is_timed = column is not None and column.type == "timestamptz"
    return is_timed and (table.fresh_hours is not None or bool(table.natural_key))


def _is_near(then: datetime, now: datetime) -> bool:
    return timedelta(0) <= now - then < KEPT_FOR


def _arrived(table: Table, seen: Arrivals, newest: datetime, now: datetime) -> Iterator[DataProblem]:
    assert table.fresh_hours is not None
    if now - newest > timedelta(hours=table.fresh_hours):
        yield DataProblem(Doubt.LATE, table.table, newest, now)
    elif len(seen.usual) >= USUAL_WEEKS and min(seen.usual) >= USUAL_ROWS:
        yield DataProblem(Doubt.STOPPED, table.table, newest, now)


def touching(problems: Iterable[DataProblem], periods: Iterable[tuple[datetime, datetime]]) -> tuple[DataProblem, ...]:
    """Those that matter for answers over these spans; without spans, all: a state of now rests on every row."""
    spans = tuple(periods)
    return tuple(p for p in problems if not spans or any(start <= p.until and end > p.since for start, end in spans))


def by_doubt(problems: Iterable[DataProblem]) -> Mapping[str, int]:
    """How many tables have each."""
    found = tuple(problems)
    return {doubt.value: len({p.table for p in found if p.doubt is doubt}) for doubt in Doubt}
