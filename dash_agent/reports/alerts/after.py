"""What became worse since a change of ours, such as a new version of instructions: all rows since, held against the
same segment's days before it.

That a change has just been made makes a fault likelier, and its rows are pooled for as long as it is watched. So less
is enough here than where something may begin at any hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import zip_longest

import numpy as np

from dash_agent.context.alerts import After, Alert
from dash_agent.context.catalog import Catalog
from dash_agent.models.principal import ScopeFilter
from dash_agent.models.query import Filter, Op
from dash_agent.reports.alerts.measures import measured, needs
from dash_agent.reports.alerts.splits import Split, Unusual, told, weighed
from dash_agent.reports.alerts.tails import Floats
from dash_agent.reports.alerts.unusual import Due, days_of
from dash_agent.reports.alerts.windows import DAYS, Reader, Seen, Wanted, Window, window_of
from dash_agent.semantic.time import Calendar


def since_changes(due: Sequence[Due], catalog: Catalog, reader: Reader) -> tuple[Unusual, ...]:
    """What rules with `after` find, by look. Each is judged by itself. Raises as the reader does."""
    return tuple(_looked(calendar, rules, catalog, reader) for calendar, rules in due)


def _looked(calendar: Calendar, rules: Sequence[Alert], catalog: Catalog, reader: Reader) -> Unusual:
    """Rules don't share what may be chance: what has just been changed is few, and each is watched for a while."""
    own = [[(split, 0) for split in splits_of(rule, calendar, catalog, reader)] for rule in rules]
    found = [told([splits]) for splits in own if splits]
    return Unusual(tuple(one for each in found for one in each.findings), sum(each.checked for each in found))


def splits_of(rule: Alert, calendar: Calendar, catalog: Catalog, reader: Reader) -> Iterator[Split]:
    """One for each hour in which something was changed that is still watched."""
    if rule.after is None:
        return
    end = window_of(calendar, 1, rule.settle).end
    begun: dict[datetime, dict[str, datetime]] = {}
    for value, at in _latest(rule.after, calendar, reader).items():
        begun.setdefault(_whole_hour(at.astimezone(calendar.zone)), {})[value] = at
    groups = [rule.metrics] if rule.together else [[metric] for metric in rule.metrics]
    for start, changed in begun.items():
        if start < end:
            since = Window(end, round((_clock(end) - _clock(start)) / timedelta(hours=1)))
            for metrics in groups:
                yield _split(rule, rule.after, metrics, since, changed, catalog, reader, calendar.now)


def _latest(after: After, calendar: Calendar, reader: Reader) -> Mapping[str, datetime]:
    """By value, the last change that is still watched."""
    since = calendar.now - timedelta(hours=after.watch)
    made = sorted((at, value) for value, at in reader.changes(after, since, calendar.now) if since <= at < calendar.now)
    return {value: at for at, value in made}


def _whole_hour(at: datetime) -> datetime:
    """The first one that is wholly after it."""
    floor = at.replace(minute=0, second=0, microsecond=0)
    return floor if floor == at else floor + timedelta(hours=1)


def _clock(at: datetime) -> datetime:
    """As the hours are that windows are put together from: a clock's, without the one that it skips."""
    return at.replace(tzinfo=None)


def _split(
    rule: Alert,
    after: After,
    metrics: Sequence[str],
    since: Window,
    changed: Mapping[str, datetime],
    catalog: Catalog,
    reader: Reader,
    now: datetime,
) -> Split:
    """All segments, of which those that have changed are judged."""
    values, series = _read(rule, after.dimension, metrics, since, catalog, reader, now)
    weekday, ordinary = days_of(rule, [Window(since.start + timedelta(days=1), 24)])
    found = [measured(catalog.metrics[name], rule, series, weekday, ordinary) for name in metrics]
    segments = tuple((*rule.rows, ScopeFilter(after.dimension, (str(value),))) for value in values)
    judged = np.array([value in changed for value in values], dtype=np.bool_)
    made = weighed(rule, (0,), (since,), segments, found, judged)
    return replace(made, changed_at=tuple(None if value is None else changed.get(value) for value in values))


def _read(
    rule: Alert, by: str, metrics: Sequence[str], since: Window, catalog: Catalog, reader: Reader, now: datetime
) -> tuple[tuple[str | None, ...], Mapping[str, Floats]]:
    """By metric, one look x segments x (1 + DAYS): what there is since the change, then the days before it."""
    days, rest = divmod(since.hours, 24)
    whole = Window(since.start + timedelta(days=days), 24)
    wanted = list(_wanted(rule, by, metrics, whole, catalog))
    lasting = [replace(one, window=Window(since.end, rest)) for one in wanted] if rest else []
    seen = reader.read([*wanted, *lasting], now)
    values = tuple(dict.fromkeys(value for one in seen for value in one.segments))
    series: dict[str, Floats] = {}
    for one, last in zip_longest(seen[: len(wanted)], seen[len(wanted) :]):
        for name, rows in one.values.items():
            known = _lined_up(one, rows, values)
            series[name] = np.zeros((1, len(values), DAYS + 1))
            series[name][0, :, 0] = known[:, :days].sum(axis=1)
            series[name][0, :, 1 : DAYS + 2 - days] = known[:, days : DAYS + 1][:, :DAYS]
            if last is not None:
                series[name][0, :, 0] += _lined_up(last, last.values[name], values)[:, 0]
    return values, series


def _wanted(rule: Alert, by: str, metrics: Sequence[str], window: Window, catalog: Catalog) -> Iterator[Wanted]:
    filters = tuple(Filter(one.dimension, Op.IN, one.values) for one in rule.rows)
    together: dict[frozenset[str], list[str]] = {}
    for name in metrics:
        tables = frozenset(part.table for part in catalog.counted(catalog.metrics[name]))
        together.setdefault(tables, []).append(name)
    for tables, names in together.items():
        needed = [needs(catalog.metrics[name], rule.samples.get(name)) for name in names]
        counts = tuple(dict.fromkeys(one for own, _ in needed for one in own))
        averages = tuple(dict.fromkeys(one for _, own in needed for one in own))
        yield Wanted(window, by, counts, averages, filters, tables)


def _lined_up(seen: Seen, rows: Floats, values: Sequence[str | None]) -> Floats:
    made = np.zeros((len(values), rows.shape[1]))
    for place, value in enumerate(seen.segments):
        made[values.index(value)] = rows[place]
    return made
