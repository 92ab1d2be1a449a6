"""A heat map: weekday against hour, or a cohort's months one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from dash_agent.insight.charts import formats
from dash_agent.insight.charts.formats import Measure
from dash_agent.insight.charts.frame import Values, ends_alt, framed, name_axis
from dash_agent.insight.charts.labels import broken, escaped, told_apart
from dash_agent.insight.charts.shape import Shape, Split, number_of
from dash_agent.insight.charts.theme import GROUND, HEAT
from dash_agent.insight.charts.words import said
from dash_agent.models.answer import Chart, ChartKind
from dash_agent.models.query import Grain
from dash_agent.models.sql import Cell

_WHOLE: Final = {Grain.WEEKDAY: range(1, 8), Grain.HOUR_OF_DAY: range(24)}
"""All that there are: what has no row is left white."""
_TICKS: Final = 6


def heatmap(shape: Shape, measure: Measure, notes: Sequence[str] = ()) -> Chart:
    """The first split downwards, the second to the right."""
    first, second = shape.splits
    down, right = _groups(shape, first), _groups(shape, second)
    held = {(row[first.index], row[second.index]): number_of(row[measure.index]) for row in shape.rows}
    values = [[held.get((y, x)) for x in right] for y in down]
    before, after = formats.affixes(measure, shape.wording)
    rows, columns = told_apart([first.name(y) for y in down]), told_apart([second.name(x) for x in right])
    trace: Values = {
        "type": "heatmap",
        "name": escaped(measure.label),
        "x": columns,
        "y": rows,
        "z": values,
        "colorscale": HEAT,
        "xgap": 1,
        "ygap": 1,
        "hoverongaps": False,
        "hovertemplate": "%{y}, %{x}<br>%{fullData.name}: "
        + f"{before}%{{z:,.{measure.decimals}f}}{after}<extra></extra>",
        "colorbar": {
            "orientation": "h",
            "thickness": 10,
            "len": 1,
            "x": 0.5,
            "y": -0.16,
            "yanchor": "top",
            "outlinewidth": 0,
            "tickformat": f",.{max(measure.decimals, 1)}~f",
            "tickprefix": before,
            "ticksuffix": after,
            "nticks": 6,
            "bgcolor": GROUND,
        },
    }
    step = -(-len(right) // _TICKS)
    short = [escaped(second.name(x)) if place % step == 0 else "" for place, x in enumerate(right)]
    across = name_axis(columns, short) | {"tickangle": 0}
    across["title"] = {"text": broken(second.label, 40), "font": {"size": 12}, "standoff": 6}
    along = name_axis(rows, [broken(first.name(y), 16) for y in down]) | {"range": [len(rows) - 0.5, -0.5]}
    alone = replace(shape, measures=(measure,))
    layout: Values = {"xaxis": across, "yaxis": along}
    return framed(ChartKind.HEATMAP, alone, [trace], layout, notes=notes, alt=ends_alt(alone))


def _groups(shape: Shape, split: Split) -> Sequence[Cell]:
    if split.grain in _WHOLE:
        return list(_WHOLE[split.grain])
    return list(dict.fromkeys(row[split.index] for row in shape.rows))


def drawn_alone(shape: Shape, measure: Measure) -> list[str]:
    """A note where the answer has more figures than the one that is drawn."""
    if len(shape.measures) == 1:
        return []
    return [said(shape.wording.language, "only_measure", label=measure.label)]
