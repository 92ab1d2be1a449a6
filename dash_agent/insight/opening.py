"""The first sentence of an answer to a metric question: what was asked, and the number."""

from __future__ import annotations

from dash_agent.insight.facts import Ends, ends, partial_rows
from dash_agent.insight.finding import Case, exact
from dash_agent.insight.messages import say
from dash_agent.insight.naming import group, listed, metric_label, narrowed, split_label
from dash_agent.models.sql import Cell
from dash_agent.semantic.columns import Shows

LISTED_ROWS = 5
"""A ranking up to so many rows is told in full."""


def opening(case: Case) -> str:
    query = case.query
    # The group that a share is of is named beside it.
    filters = [f for f in query.filters if not query.share or query.part or f.dimension not in query.dimensions]
    names = {
        "narrowed": narrowed((*filters, *query.among, *query.part, *query.having), case.wording, query.parameters),
        "period": period_of(case),
    }
    if not case.result.rows:
        return say(case.language, "none", **names)
    if case.first == 0:
        return _single(case, names)
    if query.share and not query.part and len(case.result.rows) == 1:
        return _share_of_one(case, names)
    label = say(case.language, "share_of", label=case.label) if query.share else case.label
    split = ", ".join(split_label(column, case.wording) for column in case.columns[: case.first])
    return say(case.language, "split", label=label, split=split, body=_body(case), **names)


def period_of(case: Case) -> str:
    """An unfinished unit of the calendar is told as such."""
    told = case.wording.period(case.query.period, case.now)
    running = case.query.period is not None and case.calendar.is_running(case.query.period)
    return say(case.language, "so_far", period=told) if running else told


def _single(case: Case, names: dict[str, str]) -> str:
    row = case.result.rows[0]
    if len(case.query.metrics) > 1:
        return _several(case, names)
    if row[0] is None:
        return say(case.language, "no_value", label=case.label, **names)
    value = case.worded(exact(row[0]))
    if case.query.part:
        return say(case.language, "part", label=case.label, value=value, share=_share(row[-1], case), **names)
    return say(case.language, "value" if case.query.period else "value_now", label=case.label, value=value, **names)


def _several(case: Case, names: dict[str, str]) -> str:
    """Every metric with its value, and where compared with its change."""
    row, catalog = case.result.rows[0], case.wording.catalog
    items = []
    for at, column in enumerate(case.columns):
        if column.shows is not Shows.METRIC:
            continue
        metric = catalog.metrics[column.of]
        told = case.wording.measure(exact(row[at]), metric.unit, metric.decimals)
        change = exact(row[at + 2]) if case.query.compare else None
        if change is not None:
            moved = case.wording.difference(change, metric.unit, metric.decimals, signed=True)
            told = say(case.language, "relative", change=told, relative=moved)
        items.append(f"{metric_label(column.of, case.wording)}: {told}")
    text = say(case.language, "several", items="; ".join(items), **names).strip()
    return text[:1].upper() + text[1:]


def _share_of_one(case: Case, names: dict[str, str]) -> str:
    row = case.result.rows[0]
    told = {
        "label": case.label,
        "first": group(case.columns[: case.first], row, case.wording),
        "share": _share(row[-1], case),
        "value": case.worded(exact(row[case.first])),
    }
    return say(case.language, "share", **told, **names)


def _body(case: Case) -> str:
    """What the groups or buckets say."""
    rows = case.result.rows
    at = len(case.columns) - 1 if case.query.share else case.first
    edges = ends(case.result, at, _left_out(case))
    if edges is None:
        return say(case.language, "body.nothing")
    if len(rows) == 1:
        return say(case.language, "body.one", first=_group(case, 0), value=_told(case, rows[0][at]))
    if case.query.limit is not None and case.query.grain is None and len(rows) <= LISTED_ROWS:
        items = (f"{_group(case, place)} ({_told(case, row[at])})" for place, row in enumerate(rows))
        return say(case.language, "body.listed", items=listed(items, case.wording))
    if case.query.compare is not None:
        return _changed(case) or _between(case, edges, at)
    return _between(case, edges, at)


def _left_out(case: Case) -> frozenset[int]:
    """Buckets that are cut, and where groups are judged those that are not known."""
    cut = partial_rows(case.query, case.result, case.wording, case.now)
    if case.adds_up or case.query.grain is not None:
        return cut
    rows = enumerate(case.result.rows)
    return cut | {place for place, row in rows if None in row[: case.first]}


def _between(case: Case, edges: Ends, at: int) -> str:
    high, low = case.result.rows[edges.high], case.result.rows[edges.low]
    if high[at] == low[at]:
        return say(case.language, "body.same", value=_told(case, high[at]))
    told = {
        "high": _group(case, edges.high),
        "high_value": _told(case, high[at]),
        "low": _group(case, edges.low),
        "low_value": _told(case, low[at]),
    }
    if case.query.grain is not None:
        return say(case.language, "body.series", **told)
    if case.adds_up and not case.query.part:  # the parts of a whole, as numbers or in %
        return say(case.language, "body.most", **told)
    if case.metric.direction == "neutral" or case.query.part:
        return say(case.language, "body.higher", **told)
    if case.metric.direction == "down":
        told = {
            "high": told["low"],
            "high_value": told["low_value"],
            "low": told["high"],
            "low_value": told["high_value"],
        }
    return say(case.language, "body.better", **told)


def _changed(case: Case) -> str | None:
    """The groups that rose and fell most; None where none did."""
    at = case.first
    moved = [(change, place) for place, row in enumerate(case.result.rows) if (change := exact(row[at + 2]))]
    if not moved:
        return None
    change, place = max(moved, key=lambda pair: (abs(pair[0]), -pair[1]))
    body = say(case.language, "body.changed", first=_group(case, place), **_moved(case, place))
    other = [pair for pair in moved if (pair[0] > 0) != (change > 0)]
    if not other:
        return body
    _, place = max(other, key=lambda pair: (abs(pair[0]), -pair[1]))
    return say(case.language, "body.turned", body=body, last=_group(case, place), **_moved(case, place))


def _moved(case: Case, place: int) -> dict[str, str]:
    value, previous, change = (exact(cell) for cell in case.result.rows[place][case.first : case.first + 3])
    metric = case.metric
    return {
        "change": case.wording.difference(change or 0, metric.unit, metric.decimals, signed=True),
        "previous": case.worded(previous),
        "value": case.worded(value),
    }


def _group(case: Case, place: int) -> str:
    return group(case.columns[: case.first], case.result.rows[place], case.wording)


def _told(case: Case, cell: Cell) -> str:
    return _share(cell, case) if case.query.share else case.worded(exact(cell))


def _share(cell: Cell, case: Case) -> str:
    return case.wording.measure(exact(cell), "percent", 1)
