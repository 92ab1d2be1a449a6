"""The frame of every chart: title and what it is narrowed by, margins, axes, legend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from dash_agent.insight.charts.formats import separators, worded
from dash_agent.insight.charts.labels import LINE, broken, lines_of
from dash_agent.insight.charts.shape import Row, Shape, number_of
from dash_agent.insight.charts.theme import FONT, GRID, GROUND, INK
from dash_agent.insight.charts.words import said
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Chart, ChartKind

Values = dict[str, object]

TITLE_LETTERS: Final = 42
NOTE_LETTERS: Final = 54
"""What goes into a line on a telephone."""
_TITLE, _NOTE = 20, 16


def framed(
    kind: ChartKind,
    shape: Shape,
    data: Sequence[Values],
    layout: Mapping[str, object],
    *,
    title: str = "",
    notes: Sequence[str] = (),
    alt: str = "",
    room: int = 0,
) -> Chart:
    """A chart with the shape's title.

    notes: what else is to stand under it. alt: what its numbers say. room: above the plot, in pixels.
    """
    said_above = " · ".join((*shape.about, *notes))
    told = title or shape.title
    head, top = _head(told, said_above)
    legend = sum(bool(trace.get("showlegend")) for trace in data) > 1
    whole: Values = {
        "title": head,
        "font": {"family": FONT, "size": 12, "color": INK},
        "paper_bgcolor": GROUND,
        "plot_bgcolor": GROUND,
        "separators": separators(shape.wording.language),
        "margin": {"l": 24, "r": 24, "t": top + room, "b": 24, "pad": 4},
        "showlegend": legend,
        "hoverlabel": {"align": "left"},
        **layout,
    }
    if legend:
        whole["legend"] = _legend()
    return Chart(kind, tuple(data), whole, _alt(kind, told, said_above, alt, shape.wording))


def _legend() -> Values:
    """Along the lower edge, where it takes room from no other text."""
    place: Values = {"x": 0, "xanchor": "left", "xref": "container", "y": 0, "yanchor": "bottom", "yref": "container"}
    return {"orientation": "h", "traceorder": "normal", **place}


def _head(title: str, notes: str) -> tuple[Values, int]:
    """The title and the space that it takes, in pixels."""
    above, below = lines_of(title, TITLE_LETTERS, 3), lines_of(notes, NOTE_LETTERS, 4) if notes else []
    text = LINE.join(above)
    # Plotly moves a title of several lines up by half a line each.
    above_it = 14 + 9 * (len(above) - 1)
    head: Values = {
        "text": text,
        "font": {"size": 15, "color": INK},
        "x": 0,
        "xref": "container",
        "xanchor": "left",
        "y": 1,
        "yref": "container",
        "yanchor": "top",
        "pad": {"t": above_it, "l": 16},
    }
    if below:
        head["subtitle"] = {"text": LINE.join(below), "font": {"size": 12, "color": INK}}
    return head, above_it + _TITLE * len(above) + _NOTE * len(below) + 22


def _alt(kind: ChartKind, title: str, notes: str, numbers: str, wording: Wording) -> str:
    told = said(wording.language, "alt", kind=said(wording.language, kind), title=title, notes=notes)
    return " ".join(filter(None, (told.rstrip(" .") + ".", numbers)))


def ends_alt(shape: Shape) -> str:
    """The highest and the lowest value of the first measure, by name; '' where there are not two."""
    measure, wording = shape.measures[0], shape.wording
    whole = [row for position, row in enumerate(shape.rows) if position not in shape.partial] or shape.rows
    valued = [(value, row) for row in whole if (value := number_of(row[measure.index])) is not None]
    if len(valued) < 2:
        return ""
    high, low = max(valued, key=lambda pair: pair[0]), min(valued, key=lambda pair: pair[0])

    return said(
        wording.language,
        "alt_ends",
        high=worded(measure, high[0], wording),
        first=_named(high[1], shape),
        low=worded(measure, low[0], wording),
        last=_named(low[1], shape),
    )


def _named(row: Row, shape: Shape) -> str:
    return ", ".join(split.name(row[split.index]) for split in shape.splits)


def value_axis(title: str, ticked: Mapping[str, object]) -> Values:
    return {
        "title": {"text": broken(title, 32), "font": {"size": 12}, "standoff": 10},
        "gridcolor": GRID,
        "zerolinecolor": GRID,
        "rangemode": "tozero",
        "automargin": True,
        "fixedrange": True,
        **ticked,
    }


def name_axis(names: Sequence[str], texts: Sequence[str]) -> Values:
    """names: as the traces hold them. texts: as they are drawn."""
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": list(names),
        "range": [-0.5, len(names) - 0.5],
        "tickmode": "array",
        "tickvals": list(names),
        "ticktext": list(texts),
        "ticks": "",
        "showgrid": False,
        "automargin": True,
        "fixedrange": True,
    }
