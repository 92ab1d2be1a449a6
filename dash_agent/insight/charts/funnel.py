"""A funnel: how many reached each stage, and what part of the first that is."""

from __future__ import annotations

from typing import Final

from dash_agent.insight.charts import formats
from dash_agent.insight.charts.formats import Measure
from dash_agent.insight.charts.frame import Values, ends_alt, framed, name_axis
from dash_agent.insight.charts.labels import broken, told_apart
from dash_agent.insight.charts.shape import Shape, number_of
from dash_agent.insight.charts.theme import GRID, SERIES
from dash_agent.models.answer import Chart, ChartKind

PERCENT: Final = Measure("share", "", "percent", 1, -1)


def funnel(shape: Shape) -> Chart:
    split, measure = shape.splits[0], shape.measures[0]
    names = [split.name(row[split.index]) for row in shape.rows]
    values = [number_of(row[measure.index]) for row in shape.rows]
    return _chart(shape, names, values)


def of_measures(shape: Shape) -> Chart:
    """Stages as the measures of one row."""
    row = shape.rows[0]
    return _chart(shape, [m.label for m in shape.measures], [number_of(row[m.index]) for m in shape.measures])


def _chart(shape: Shape, names: list[str], values: list[int | float | None]) -> Chart:
    apart = told_apart(names)
    before, after = formats.affixes(PERCENT, shape.wording)
    share = f"{before}%{{customdata:,.1f}}{after}"
    whole = values[0]
    shares = [100 * value / whole if value is not None and whole else None for value in values]
    trace: Values = {
        "type": "funnel",
        "orientation": "h",
        "y": apart,
        "x": values,
        "customdata": shares,
        "texttemplate": "%{x:,.0f}<br>" + share,
        "textposition": "inside",
        "hovertemplate": "%{y}: %{x:,.0f}<br>" + share + "<extra></extra>",
        "marker": {"color": SERIES[0]},
        "connector": {"fillcolor": GRID, "line": {"width": 0}},
        "showlegend": False,
    }
    along = name_axis(apart, [broken(name, 16) for name in names]) | {"range": [len(names) - 0.5, -0.5]}
    layout: Values = {"yaxis": along, "xaxis": {"visible": False, "fixedrange": True}, "funnelgap": 0.15}
    return framed(ChartKind.FUNNEL, shape, [trace], layout, alt=ends_alt(shape))
