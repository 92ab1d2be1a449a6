"""Lines over time. A bucket that the period's edge cuts is joined by a dashed line and drawn hollow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Final

from babel.dates import format_date, format_skeleton

from dash_agent.insight.charts import formats
from dash_agent.insight.charts.bars import aimed, reach
from dash_agent.insight.charts.formats import Measure
from dash_agent.insight.charts.frame import Values, ends_alt, framed, value_axis
from dash_agent.insight.charts.labels import escaped
from dash_agent.insight.charts.shape import Shape, Split, number_of
from dash_agent.insight.charts.theme import GRID, SERIES
from dash_agent.insight.charts.words import said
from dash_agent.insight.messages import locale
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Chart, ChartKind
from dash_agent.models.query import Grain
from dash_agent.models.sql import Cell

MARKED_UP_TO: Final = 40
"""Points of a line that are drawn as points, too."""
_TICKS: Final = 5


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    measure: Measure
    values: Sequence[float | None]


@dataclass(frozen=True)
class Times:
    """The buckets of a time axis. cut: places of those that are not whole."""

    split: Split
    cells: Sequence[Cell]
    cut: frozenset[int]

    @cached_property
    def at(self) -> list[str]:
        """As plotly reads them: local times without a zone."""
        return [
            cell.replace(tzinfo=None).isoformat() if isinstance(cell, datetime) else str(cell) for cell in self.cells
        ]

    @cached_property
    def names(self) -> list[str]:
        return [escaped(self.split.name(cell)) for cell in self.cells]


def line(shape: Shape) -> Chart:
    """One line a measure, and a dotted one where the target lies."""
    split = shape.splits[0]
    rows = shape.rows
    times = Times(split, [row[split.index] for row in rows], shape.partial)
    drawn = [Line(m.label, m, [number_of(row[m.index]) for row in rows]) for m in shape.measures]
    return _chart(shape, times, drawn)


def split_lines(shape: Shape, groups: Sequence[Cell]) -> Chart:
    """One line a group of the second split."""
    second, measure = shape.splits[1], shape.measures[0]
    times, found = by_time(shape, groups)
    drawn = [Line(second.name(group), measure, values) for group, values in zip(groups, found, strict=True)]
    return _chart(shape, times, drawn)


def by_time(shape: Shape, groups: Sequence[Cell]) -> tuple[Times, list[list[float | None]]]:
    """The buckets, and the first measure of each group in each; None where the answer has no row."""
    first, second = shape.splits
    measure = shape.measures[0]
    cells = list(dict.fromkeys(row[first.index] for row in shape.rows))
    cut = {row[first.index] for place, row in enumerate(shape.rows) if place in shape.partial}
    held = {(row[first.index], row[second.index]): number_of(row[measure.index]) for row in shape.rows}
    values = [[held.get((cell, group)) for cell in cells] for group in groups]
    places = frozenset(place for place, cell in enumerate(cells) if cell in cut)
    return Times(first, cells, places), values


def _chart(shape: Shape, times: Times, drawn: Sequence[Line]) -> Chart:
    data = [
        trace
        for number, one in enumerate(drawn)
        for trace in traces(one, times, SERIES[number], shape.wording, legend=len(drawn) > 1)
    ]
    values = [value for one in drawn for value in one.values]
    measure, target = drawn[0].measure, shape.targets.get(None)
    several = len({one.measure.label for one in drawn}) > 1
    ticked = formats.axis(measure, [*values, target], shape.wording) | within(measure, values, target)
    layout: Values = {
        "xaxis": time_axis(times, shape.wording),
        "yaxis": value_axis("" if several else measure.label, ticked),
        "hovermode": "closest" if len(drawn) == 1 else "x",
    }
    notes = [dashed(shape)] if times.cut else []
    if target is not None:
        layout |= aimed(target, standing=True)
        notes.append(said(shape.wording.language, "target", value=formats.worded(measure, target, shape.wording)))
    return framed(ChartKind.LINE, shape, data, layout, notes=notes, alt=ends_alt(shape))


def within(measure: Measure, values: Sequence[float | None], target: float | None = None) -> Values:
    """The range of a line's axis: from zero, but of rates and times that lie close together only as far as they go."""
    known = [value for value in (*values, target) if value is not None]
    if measure.counts or not known or min(known) < max(known) / 2:
        return reach(values, target)
    room = (max(known) - min(known)) * 0.15 or max(known) * 0.1
    top = max(known) + room
    return {"range": [min(known) - room, min(top, 101) if measure.unit == "percent" else top], "rangemode": "normal"}


def dashed(shape: Shape) -> str:
    return said(shape.wording.language, "dashed")


def traces(one: Line, times: Times, colour: str, wording: Wording, *, legend: bool) -> list[Values]:
    """The whole buckets as one line, and a dashed one to what is cut at each end.

    A dashed line begins at its whole neighbour, whose value it holds, too.
    """
    cut = times.cut
    solid = [None if place in cut else value for place, value in enumerate(one.values)]
    name = escaped(one.name)
    mode = "lines+markers" if len(one.values) <= MARKED_UP_TO else "lines"
    if len([v for v in solid if v is not None]) == 1:
        mode = "lines+markers"
    style: Values = {"type": "scatter", "name": name, "legendgroup": name}
    whole = style | {
        "mode": mode,
        "line": {"color": colour, "width": 2},
        "marker": {"color": colour, "size": 6},
        "showlegend": legend,
    }
    found = [] if len(cut) == len(one.values) else [whole | _points(one, times, solid, wording)]
    for run in _runs(sorted(cut), len(one.values)):
        held = [value if place in run else None for place, value in enumerate(one.values)]
        hollow = ["circle-open" if place in cut else "circle" for place in range(len(held))]
        part = style | {"mode": "lines+markers", "line": {"color": colour, "width": 2, "dash": "dot"}}
        part |= {"marker": {"color": colour, "size": 7, "symbol": hollow}}
        part["showlegend"] = legend and not found
        part |= _points(one, times, held, wording, note=said(wording.language, "not_whole"))
        # The whole neighbour has its own point on the other line.
        part["hovertemplate"] = [part["hovertemplate"] if place in cut else "" for place in range(len(held))]
        part["hoverinfo"] = ["all" if place in cut else "skip" for place in range(len(held))]
        found.append(part)
    return found


def _runs(cut: Sequence[int], length: int) -> list[set[int]]:
    """Places that each dashed line goes through: neighbours that are cut, with the whole ones beside them."""
    runs: list[set[int]] = []
    for place in cut:
        if runs and place - 1 in runs[-1]:
            runs[-1].add(place)
        else:
            runs.append({place})
    return [run | {place for p in run for place in (p - 1, p + 1) if 0 <= place < length} for run in runs]


def _points(one: Line, times: Times, values: Sequence[float | None], wording: Wording, note: str = "") -> Values:
    named = times.names
    if note:
        named = [f"{name} ({note})" if place in times.cut else name for place, name in enumerate(named)]
    points: Values = {"x": times.at, "y": list(values), "hovertext": named}
    points["hovertemplate"] = (
        "%{hovertext}<br>%{fullData.name}: " + formats.template(one.measure, "y", wording) + "<extra></extra>"
    )
    written = formats.spans(one.measure, values, wording)
    return points | ({"customdata": written} if written is not None else {})


def time_axis(times: Times, wording: Wording, most: int = _TICKS) -> Values:
    step = -(-len(times.cells) // most)
    places = range(0, len(times.cells), step)
    years = {cell.year for cell in times.cells if isinstance(cell, date)}
    return {
        "type": "date",
        "tickmode": "array",
        "tickvals": [times.at[place] for place in places],
        "ticktext": _ticked([times.cells[place] for place in places], times.split.grain, wording, len(years) > 1),
        "gridcolor": GRID,
        "showgrid": False,
        "ticks": "outside",
        "tickcolor": GRID,
        "linecolor": GRID,
        "showline": True,
        "automargin": True,
        "tickangle": 0,
        "fixedrange": True,
    }


def _ticked(cells: Sequence[Cell], grain: Grain | None, wording: Wording, years: bool) -> list[str]:
    """Short names, with the day of an hour and the year of a month below where they change."""
    here, told, last = locale(wording.language), [], ""
    for cell in cells:
        above, below = str(cell), ""
        match cell:
            case datetime():
                above, below = cell.strftime("%H:%M"), format_skeleton("MMMd", cell, locale=here)
            case date() if grain is Grain.MONTH:
                above, below = format_date(cell, "LLL", locale=here), str(cell.year)
            case date() if grain is Grain.QUARTER:
                above, below = format_date(cell, "QQQ", locale=here), str(cell.year)
            case date() if grain is Grain.YEAR:
                above = str(cell.year)
            case date():
                above, below = format_skeleton("MMMd", cell, locale=here), str(cell.year) if years else ""
        told.append(above if not below or below == last else f"{above}<br>{below}")
        last = below
    return told
