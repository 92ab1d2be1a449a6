"""Charts of numbers by day that are about ourselves, in the style of answers' charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from babel.dates import format_skeleton

from dash_agent.insight.charts.formats import separators
from dash_agent.insight.charts.frame import name_axis, value_axis
from dash_agent.insight.charts.theme import FONT, GROUND, INK
from dash_agent.insight.messages import locale
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Chart, ChartKind

TICKS: Final = 4
"""Names of days that stand beside one another on a telephone."""
HEIGHT: Final = 260


@dataclass(frozen=True, slots=True)
class Course:
    """A number by day. told: the same in words, for whoever points at it. values: None where there is none."""

    name: str
    values: Sequence[float | None]
    told: Sequence[str]
    colour: str


def bars(days: Sequence[date], courses: Sequence[Course], unit: str | None, wording: Wording, alt: str) -> Chart:
    """Parts of a whole, on one another. Courses without any number are left out."""
    shown = [course for course in courses if any(course.values)] or courses[:1]
    data = [{"type": "bar", "marker": {"color": one.colour}, **_trace(one, days, wording)} for one in shown]
    layout = {**_layout(days, shown, unit, wording), "barmode": "stack", "bargap": 0.2}
    return Chart(ChartKind.BAR, tuple(data), layout, alt)


def lines(days: Sequence[date], courses: Sequence[Course], unit: str | None, wording: Wording, alt: str) -> Chart:
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "line": {"color": one.colour, "width": 2},
            "marker": {"color": one.colour, "size": 5},
            **_trace(one, days, wording),
        }
        for one in courses
    ]
    return Chart(ChartKind.LINE, tuple(data), _layout(days, courses, unit, wording), alt)


def _trace(course: Course, days: Sequence[date], wording: Wording) -> Mapping[str, Any]:
    told = [f"{_named(day, wording)}<br>{course.name}: {text}" for day, text in zip(days, course.told, strict=True)]
    return {
        "name": course.name,
        "x": [day.isoformat() for day in days],
        "y": list(course.values),
        "hovertext": told,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _layout(days: Sequence[date], courses: Sequence[Course], unit: str | None, wording: Wording) -> Mapping[str, Any]:
    step = -(-len(days) // TICKS)
    # From the last one back, so that today has its name.
    kept = days[::-1][::step][::-1]
    across = name_axis([day.isoformat() for day in days], [])
    across.update(tickvals=[day.isoformat() for day in kept], ticktext=[_named(day, wording) for day in kept])
    before, _, after = wording.number(1, unit, 0).partition("1")
    across["tickangle"] = 0
    return {
        "font": {"family": FONT, "size": 12, "color": INK},
        "paper_bgcolor": GROUND,
        "plot_bgcolor": GROUND,
        "separators": separators(wording.language),
        "height": HEIGHT,
        "margin": {"l": 24, "r": 12, "t": 12, "b": 76 if len(courses) > 1 else 24, "pad": 4},
        "showlegend": len(courses) > 1,
        "legend": {"orientation": "h", "x": 0, "xref": "container", "y": 0, "yref": "container", "yanchor": "bottom"},
        "hoverlabel": {"align": "left"},
        "xaxis": across,
        "yaxis": value_axis("", {"nticks": 5, "tickprefix": before, "ticksuffix": after, "tickformat": ","}),
    }


def _named(day: date, wording: Wording) -> str:
    return format_skeleton("MMMd", day, locale=locale(wording.language))
