"""Colours, and the same figure on a light or a dark ground.

A figure as it is made goes on both: its ground is see-through, its ink a middle grey, and its series are of the
Okabe-Ito palette, which colour-blind eyes tell apart. `themed` puts it on a ground of its own with stronger ink.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dash_agent.models.answer import Chart

Values = Mapping[str, object]

SERIES: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
PALE: Final = "rgba(128,134,145,0.55)"
GOOD, BAD = SERIES[0], SERIES[1]
INK: Final = "#767d89"
GRID: Final = "rgba(128,134,145,0.25)"
GROUND: Final = "rgba(0,0,0,0)"
HEAT: Final = "Viridis"
FONT: Final = "Inter, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', Arial, sans-serif"

_LIGHT: Final = {INK: "#2b313b", GRID: "#e3e6ea", GROUND: "#ffffff"}
_DARK: Final = {
    INK: "#dfe3e8",
    GRID: "#343a44",
    GROUND: "#14171c",
    "#0072b2": "#4a9fd8",
    "#d55e00": "#f0803c",
    "#009e73": "#2fc296",
}


def themed(chart: Chart, dark: bool) -> dict[str, object]:
    """The figure, `data` and `layout`, for a light or a dark ground."""
    return recoloured({"data": list(chart.data), "layout": chart.layout}, dark)


def recoloured(figure: Values, dark: bool) -> dict[str, object]:
    """The same for a figure that came out of an answer as JSON."""
    colours = _DARK if dark else _LIGHT
    return {key: _placed(value, colours) for key, value in figure.items()}


def _placed(value: object, colours: Mapping[str, str]) -> object:
    match value:
        case str():
            return colours.get(value, value)
        case Mapping():
            return {key: _placed(item, colours) for key, item in value.items()}
        case list() | tuple():
            return [_placed(item, colours) for item in value]
        case _:
            return value
