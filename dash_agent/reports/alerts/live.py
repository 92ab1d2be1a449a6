"""Windows read from the database as of now: two grouped statements for a day's window, one for an hour's.

They are run bare: of hundreds of numbers an hour nobody wants a receipt. What is told is asked anew, and has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import numpy as np

from dash_agent.insight.finding import exact
from dash_agent.models.plan import MetricPlan
from dash_agent.models.query import Filter, Grain, MetricQuery, Op, Period
from dash_agent.models.sql import Cell
from dash_agent.reports.alerts.tails import Floats
from dash_agent.reports.alerts.windows import DAYS, Seen, Wanted, names_of
from dash_agent.reports.view import AT_ONCE, View

HOUR = Grain.HOUR_OF_DAY.value


@dataclass(frozen=True, slots=True)
class _Part:
    """Hours of local days that windows are put together from. last: the day of the window that is judged."""

    query: MetricQuery
    last: date


@dataclass(frozen=True, slots=True)
class LiveReader:
    """Raises QueryError and Unavailable."""

    view: View

    def read(self, wanted: Sequence[Wanted]) -> tuple[Seen, ...]:
        parts = [list(self._parts(one)) for one in wanted]
        queries = [part.query for own in parts for part in own]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = iter(list(pool.map(self._rows, queries)))
        return tuple(_seen(one, [(part, next(found)) for part in own]) for one, own in zip(wanted, parts, strict=True))

    def _rows(self, query: MetricQuery) -> list[tuple[Cell, ...]]:
        """All rows; where they would be cut off, those of both halves of the period."""
        result = self.view.dash.ran(MetricPlan(query), self.view.principal, self.view.now).result
        period = query.period
        if not result.truncated or period is None or period.end - period.start < 2 * timedelta(days=1):
            return list(result.rows)
        days = (period.end.date() - period.start.date()).days // 2
        middle = datetime.combine(period.start.date() + timedelta(days=days), time.min, period.start.tzinfo)
        halves = Period(period.start, middle), Period(middle, period.end)
        return [row for half in halves for row in self._rows(replace(query, period=half))]

    def _parts(self, wanted: Wanted) -> Iterator[_Part]:
        """A window of 24 hours is the end of one local day and the beginning of the next."""
        end = wanted.window.end.astimezone(self.view.calendar.zone)
        if wanted.window.hours == 1:
            begun = end - timedelta(hours=1)
            yield self._part(wanted, begun.date(), range(begun.hour, begun.hour + 1), end)
            return
        if end.hour:
            yield self._part(wanted, end.date(), range(end.hour), end)
        yield self._part(wanted, end.date() - timedelta(days=1), range(end.hour, 24), end)

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
