"""Windows read from the database as of now: by one grouped statement for each local day that they touch.

They are run bare: of hundreds of numbers an hour nobody wants a receipt. What is told is asked anew, and has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final

import numpy as np

from dash_agent.context.alerts import After
from dash_agent.errors import QueryError
from dash_agent.insight.finding import exact
from dash_agent.models.plan import ListPlan, MetricPlan
from dash_agent.models.query import Filter, Grain, ListQuery, MetricQuery, Op, Period
from dash_agent.models.sql import Cell
from dash_agent.reports.alerts.tails import Floats
from dash_agent.reports.alerts.windows import DAYS, Seen, Wanted, names_of
from dash_agent.reports.view import AT_ONCE, View

HOUR: Final = Grain.HOUR_OF_DAY.value
MOST: Final = 2000
"""Changes within the time that is watched. Where there are more, the rows were loaded anew."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Hours of local days that windows are put together from. last: the day of the window that is judged."""

    query: MetricQuery
    last: date


@dataclass(frozen=True, slots=True)
class LiveReader:
    """Raises QueryError and Unavailable."""

    view: View

    def read(self, wanted: Sequence[Wanted], now: datetime) -> tuple[Seen, ...]:
        parts = [list(self._parts(one)) for one in wanted]
        queries = [part.query for own in parts for part in own]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = iter(list(pool.map(partial(self._rows, now=now), queries)))
        return tuple(_seen(one, [(part, next(found)) for part in own]) for one, own in zip(wanted, parts, strict=True))

    def changes(self, after: After, since: datetime, until: datetime) -> Sequence[tuple[str, datetime]]:
        """Of all rows, whatever the view's scope is: they only say since when its own rows are looked at."""
        table = self.view.catalog.tables.get(after.table)
        if table is None or table.time is None:
            raise QueryError(f"there is no table '{after.table}' with a time of its rows")
        kept = sorted(after.where)
        period = Period(since, until, to_now=until == self.view.now)
        query = ListQuery(after.table, (after.value, table.time, *kept), period=period, limit=MOST)
        whole = replace(self.view.principal, scope=())
        result = self.view.dash.ran(ListPlan(query), whole, self.view.now).result
        if result.truncated or len(result.rows) >= MOST:
            raise QueryError(f"too much was changed in '{after.table}' at once to look at what came since")
        found = []
        for value, at, *others in result.rows:
            wanted = (str(cell) in after.where[name] for name, cell in zip(kept, others, strict=True))
            if value is not None and isinstance(at, datetime) and all(wanted):
                found.append((str(value), at))
        return found

    def _rows(self, query: MetricQuery, now: datetime) -> list[tuple[Cell, ...]]:
        """All rows; where they would be cut off, those of both halves of the period."""
        result = self.view.dash.ran(MetricPlan(query), self.view.principal, now).result
        period = query.period
        if not result.truncated or period is None or period.end - period.start < 2 * timedelta(days=1):
            return list(result.rows)
        days = (period.end.date() - period.start.date()).days // 2
        middle = datetime.combine(period.start.date() + timedelta(days=days), time.min, period.start.tzinfo)
        halves = Period(period.start, middle), Period(middle, period.end)
        return [row for half in halves for row in self._rows(replace(query, period=half), now)]

    def _parts(self, wanted: Wanted) -> Iterator[_Part]:
        """A window is within one local day, or the end of one and the beginning of the next."""
        end = wanted.window.end.astimezone(self.view.calendar.zone)
        first = end.hour - wanted.window.hours
        if end.hour:
            yield self._part(wanted, end.date(), range(max(first, 0), end.hour), end)
        if first < 0:
            yield self._part(wanted, end.date() - timedelta(days=1), range(24 + first, 24), end)

    def _part(self, wanted: Wanted, last: date, hours: range, end: datetime) -> _Part:
        start = datetime.combine(last - timedelta(days=DAYS), time.min, end.tzinfo)
        until = min(datetime.combine(last + timedelta(days=1), time.min, end.tzinfo), end)
        inside = () if len(hours) == 24 else (Filter(HOUR, Op.IN, tuple(hours)),)
        query = MetricQuery(
            names_of(wanted),
            (wanted.by,) if wanted.by else (),
            (*wanted.filters, *inside),
            Period(start, until),
            Grain.DAY,
        )
        return _Part(query, last)


def _seen(wanted: Wanted, parts: Sequence[tuple[_Part, Sequence[tuple[Cell, ...]]]]) -> Seen:
    made: dict[str | None, dict[str, Floats]] = {}
    names = names_of(wanted)
    for part, rows in parts:
        for row in rows:
            _add(made, row, part.last, wanted, names)
    segments = tuple(sorted(made, key=lambda value: (value is None, value or "")))
    values = {name: np.array([made[one][name] for one in segments]).reshape(-1, DAYS + 1) for name in names}
    return Seen(segments, values)


def _add(
    made: dict[str | None, dict[str, Floats]],
    row: tuple[Cell, ...],
    last: date,
    wanted: Wanted,
    names: tuple[str, ...],
) -> None:
    """A row: day, group, metrics in the order of `names`. One window is put together from rows of two parts."""
    day, value = row[0], row[1] if wanted.by else None
    assert isinstance(day, date)
    ago = (last - day).days
    if not 0 <= ago <= DAYS:
        return
    numbers = dict(zip(names, (float(exact(cell) or 0) for cell in row[2 if wanted.by else 1 :]), strict=True))
    segment = made.setdefault(None if value is None else str(value), {name: np.zeros(DAYS + 1) for name in names})
    for name, number in wanted.averages:
        numbers[name] *= numbers[number]
    for name in names:
        segment[name][ago] += numbers[name]
