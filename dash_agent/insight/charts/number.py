"""One number, large, with its change against the other period."""

from __future__ import annotations

from typing import Final

from dash_agent.insight.charts import formats
from dash_agent.insight.charts.formats import Measure
from dash_agent.insight.charts.frame import Values, framed
from dash_agent.insight.charts.labels import escaped, shortened
from dash_agent.insight.charts.shape import Shape, number_of
from dash_agent.insight.charts.theme import BAD, GOOD, INK
from dash_agent.insight.charts.words import said
from dash_agent.models.answer import Chart, ChartKind

MOST: Final = 4
"""Numbers side by side."""


def numbers(shape: Shape) -> Chart | None:
    """The measures of one row; None where none of them has a value."""
    row = shape.rows[0]
    known = [m for m in shape.measures if number_of(row[m.index]) is not None][:MOST]
    if not known:
        return None
    data = [_trace(measure, shape, place, len(known)) for place, measure in enumerate(known)]
    notes = [split.name(row[split.index]) for split in shape.splits]
    if len(known) == 1 and known[0].previous is not None:
        before = number_of(row[known[0].previous])
        if before is not None:
            notes.append(_before(known[0], before, shape))
    return framed(ChartKind.NUMBER, shape, data, {}, notes=notes, alt=_alt(known, shape))


def _before(measure: Measure, previous: float, shape: Shape) -> str:
    """The earlier value; a span of time is written out, and the new one with it."""
    told = said(shape.wording.language, "before", value=formats.worded(measure, previous, shape.wording))
    value = number_of(shape.rows[0][measure.index])
    if measure.unit not in formats.SPANS or value is None:
        return told
    return f"{formats.worded(measure, value, shape.wording)}, {told}"


def _trace(measure: Measure, shape: Shape, place: int, among: int) -> Values:
    row = shape.rows[0]
    before, after = formats.affixes(measure, shape.wording)
    trace: Values = {
        "type": "indicator",
        "mode": "number",
        "value": number_of(row[measure.index]),
        "number": {
            "valueformat": f",.{measure.decimals}f",
            "prefix": before,
            "suffix": after,
            "font": {"size": 56 if among == 1 else 30, "color": INK},
        },
        "domain": _domain(place, among),
    }
    if among > 1:
        trace["title"] = {"text": shortened(measure.label, 24), "font": {"size": 12, "color": INK}}
    previous = number_of(row[measure.previous]) if measure.previous is not None else None
    if previous is not None:
        rising, falling = _colours(measure.direction)
        points = said(shape.wording.language, "points") if measure.unit == "percent" else after
        trace["mode"] = "number+delta"
        trace["delta"] = {
            "reference": previous,
            "valueformat": f",.{measure.decimals}f",
            "prefix": before,
            "suffix": points,
            "increasing": {"color": rising, "symbol": "▲ "},
            "decreasing": {"color": falling, "symbol": "▼ "},
            "font": {"size": 22 if among == 1 else 15},
        }
    return trace


def _domain(place: int, among: int) -> Values:
    if among == 1:
        return {"x": [0, 1], "y": [0, 1]}
    row, column = divmod(place, 2)
    rows = -(-among // 2)
    high = 1 / rows
    return {"x": [column / 2 + 0.02, (column + 1) / 2 - 0.02], "y": [1 - (row + 1) * high, 1 - row * high - 0.1]}


def _colours(direction: str) -> tuple[str, str]:
    """Of a rise and of a fall."""
    match direction:
        case "up":
            return GOOD, BAD
        case "down":
            return BAD, GOOD
        case _:
            return INK, INK


def _alt(measures: list[Measure], shape: Shape) -> str:
    row, told = shape.rows[0], []
    for measure in measures:
        value, previous = number_of(row[measure.index]), None
        if measure.previous is not None:
            previous = number_of(row[measure.previous])
        if value is not None and previous is not None:
            now, before = (
                formats.worded(measure, value, shape.wording),
                formats.worded(measure, previous, shape.wording),
            )
            told.append(said(shape.wording.language, "alt_one", value=now, previous=before))
    return escaped(" ".join(told)) if told else ""
