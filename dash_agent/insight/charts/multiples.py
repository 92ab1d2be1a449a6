"""Small charts side by side, two in a row: of many groups, or of measures that share no scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from dash_agent.insight.charts import formats
from dash_agent.insight.charts.bars import reach
from dash_agent.insight.charts.formats import Measure
from dash_agent.insight.charts.frame import Values, ends_alt, framed, name_axis, value_axis
from dash_agent.insight.charts.labels import escaped, shortened, told_apart
from dash_agent.insight.charts.lines import Line, Times, by_time, dashed, time_axis, traces, within
from dash_agent.insight.charts.shape import Shape, number_of
from dash_agent.insight.charts.theme import INK, SERIES
from dash_agent.insight.charts.words import said
from dash_agent.models.answer import Chart, ChartKind
from dash_agent.models.sql import Cell

MOST: Final = 6
"""Panels of one chart."""
BARS: Final = 10
"""Bars of one panel."""
_COLUMNS: Final = 2
_TICK: Final = 17
_BESIDE: Final = 0.1
"""Between two panels, of the width."""


@dataclass(slots=True)
class _Grid:
    """Panels by place, filled in turn."""

    count: int
    data: list[Values] = field(default_factory=list)
    layout: Values = field(default_factory=dict)
    titles: list[Values] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return -(-self.count // _COLUMNS)

    def add(self, place: int, title: str, drawn: Sequence[Values], across: Values, along: Values) -> None:
        """across, along: the axes x and y of this panel."""
        row, column = divmod(place, _COLUMNS)
        number = "" if place == 0 else str(place + 1)
        between = 0.16 if self.rows < 3 else 0.12
        wide, high = (1 - _BESIDE) / _COLUMNS, (1 - between * (self.rows - 1)) / self.rows
        start, top = column * (wide + _BESIDE), 1 - row * (high + between)
        self.data += [trace | {"xaxis": f"x{number}", "yaxis": f"y{number}"} for trace in drawn]
        self.layout[f"xaxis{number}"] = across | {"domain": [start, min(start + wide, 1)], "anchor": f"y{number}"}
        self.layout[f"yaxis{number}"] = along | {"domain": [max(top - high, 0), top], "anchor": f"x{number}"}
        self.titles.append(
            {
                "text": shortened(title, 20),
                "x": start,
                "xref": "paper",
                "xanchor": "left",
                "y": top,
                "yref": "paper",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 11, "color": INK},
            }
        )


def of_groups_over_time(shape: Shape, groups: Sequence[Cell], all_groups: int) -> Chart:
    """A line in each panel, all on one scale."""
    second, measure = shape.splits[1], shape.measures[0]
    times, found = by_time(shape, groups)
    everything = [value for values in found for value in values]
    ticked = _axis(measure, everything, shape) | within(measure, everything)
    grid, across = _Grid(len(groups)), time_axis(times, shape.wording, 3)
    for place, (group, values) in enumerate(zip(groups, found, strict=True)):
        one = Line(second.name(group), measure, values)
        drawn = traces(one, times, SERIES[0], shape.wording, legend=False)
        grid.add(place, second.name(group), drawn, across, ticked)
    return _chart(shape, grid, _left_out(shape, second.label, len(groups), all_groups), bool(times.cut))


def of_measures_over_time(shape: Shape) -> Chart:
    """A measure in each panel, on its own scale."""
    split, measures = shape.splits[0], shape.measures[:MOST]
    times = Times(split, [row[split.index] for row in shape.rows], shape.partial)
    grid, across = _Grid(len(measures)), time_axis(times, shape.wording, 3)
    for place, measure in enumerate(measures):
        values = [number_of(row[measure.index]) for row in shape.rows]
        drawn = traces(Line(measure.label, measure, values), times, SERIES[0], shape.wording, legend=False)
        axis = _axis(measure, values, shape) | within(measure, values)
        grid.add(place, measure.label, drawn, across, axis)
    return _chart(shape, grid, _fewer(shape), bool(times.cut))


def of_measures(shape: Shape) -> Chart:
    """Bars of one measure in each panel, the names once at the left."""
    split, measures = shape.splits[0], shape.measures[:MOST]
    kept = shape.rows[:BARS]
    names = [split.name(row[split.index]) for row in kept]
    columns = [(m.label, m, [number_of(row[m.index]) for row in kept]) for m in measures]
    notes = [_left_out(shape, split.label, len(kept), len(shape.rows)), _fewer(shape)]
    return _bars(shape, names, columns, " · ".join(filter(None, notes)), shared=False)


def of_groups(shape: Shape, outer: Sequence[Cell], inner: Sequence[Cell], all_outer: int, all_inner: int) -> Chart:
    """Bars by the first split in a panel for each group of the second, all on one scale."""
    first, second = shape.splits
    measure = shape.measures[0]
    held = {(row[first.index], row[second.index]): number_of(row[measure.index]) for row in shape.rows}
    names = [first.name(cell) for cell in outer]
    columns = [(second.name(group), measure, [held.get((cell, group)) for cell in outer]) for group in inner]
    notes = [
        _left_out(shape, first.label, len(outer), all_outer),
        _left_out(shape, second.label, len(inner), all_inner),
    ]
    return _bars(shape, names, columns, " · ".join(filter(None, notes)), shared=True)


def _bars(
    shape: Shape,
    names: Sequence[str],
    columns: Sequence[tuple[str, Measure, Sequence[float | None]]],
    note: str,
    *,
    shared: bool,
) -> Chart:
    apart = told_apart(names)
    grid = _Grid(len(columns))
    everything = [value for _, _, values in columns for value in values]
    for place, (title, measure, values) in enumerate(columns):
        texts = [shortened(name, _TICK) for name in names] if place % _COLUMNS == 0 else [""] * len(names)
        places = name_axis(apart, texts) | {"range": [len(names) - 0.5, -0.5]}
        places["tickfont"] = {"size": 11 if len(names) <= 6 else 10}
        axis = _axis(measure, everything if shared else values, shape)
        grid.add(place, title, [_bar(title, measure, apart, values, shape)], axis, places)
    return _chart(shape, grid, note, dash=False)


def _bar(title: str, measure: Measure, names: Sequence[str], values: Sequence[float | None], shape: Shape) -> Values:
    written = formats.spans(measure, values, shape.wording)
    trace: Values = {
        "type": "bar",
        "orientation": "h",
        "name": escaped(title),
        "x": list(values),
        "y": list(names),
        "marker": {"color": SERIES[0]},
        "showlegend": False,
        "hovertemplate": "%{y}<br>%{fullData.name}: "
        + formats.template(measure, "x", shape.wording)
        + "<extra></extra>",
    }
    return trace | ({"customdata": written} if written is not None else {})


def _axis(measure: Measure, values: Sequence[float | None], shape: Shape) -> Values:
    return value_axis("", formats.axis(measure, values, shape.wording, 3) | reach(values)) | {
        "tickfont": {"size": 11},
        "tickangle": 0,
    }


def _chart(shape: Shape, grid: _Grid, note: str, dash: bool) -> Chart:
    notes = [text for text in (note, dashed(shape) if dash else "") if text]
    layout = {**grid.layout, "annotations": grid.titles, "bargap": 0.25}
    return framed(ChartKind.MULTIPLES, shape, grid.data, layout, notes=notes, alt=ends_alt(shape), room=16)


def _left_out(shape: Shape, label: str, drawn: int, there: int) -> str:
    if drawn >= there:
        return ""
    return said(shape.wording.language, "first_groups", split=label, shown=drawn, all=there)


def _fewer(shape: Shape) -> str:
    there = len(shape.measures)
    return said(shape.wording.language, "first_measures", shown=MOST, all=there) if there > MOST else ""
