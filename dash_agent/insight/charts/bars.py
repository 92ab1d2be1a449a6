"""Bars: one split, or two with few groups in the second. Names that are long lie beside their bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from dash_agent.insight.charts import formats
from dash_agent.insight.charts.formats import Measure
from dash_agent.insight.charts.frame import Values, ends_alt, framed, name_axis, value_axis
from dash_agent.insight.charts.labels import broken, escaped, lines_of, told_apart
from dash_agent.insight.charts.shape import Shape, Split, number_of
from dash_agent.insight.charts.theme import BAD, GOOD, INK, PALE, SERIES
from dash_agent.insight.charts.words import said
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Chart, ChartKind
from dash_agent.models.query import Grain
from dash_agent.models.sql import Cell

MOST: Final = 15
"""Bars, or groups of them, that one chart holds; of the hours of a day all 24."""
UPRIGHT_LETTERS: Final = 44
"""Letters that names take side by side under upright bars on a telephone."""
_TICK: Final = 18
_UNDER: Final = 10
"""Letters of a line under a standing bar."""


@dataclass(frozen=True, slots=True)
class Bars:
    """One colour of bars. text: beside each."""

    name: str
    measure: Measure
    values: Sequence[float | None]
    colour: str | Sequence[str]
    text: bool


def bars(shape: Shape) -> Chart:
    """One bar a row, a paler one beside it for the earlier period; a line where the target lies, or a mark a bar."""
    split, measure = joined(shape), shape.measures[0]
    kept = shape.rows[: _most(split)]
    names = [split.name(_key(shape, row)) for row in kept]
    values = [number_of(row[measure.index]) for row in kept]
    drawn = [Bars(measure.label, measure, values, _colours(measure, values), True)]
    if measure.previous is not None and shape.periods is not None:
        before = [number_of(row[measure.previous]) for row in kept]
        drawn = [
            replace(drawn[0], name=shape.periods[0]),
            Bars(shape.periods[1], measure, before, PALE, False),
        ]
    aims = [shape.targets.get(_key(shape, row)) for row in kept]
    return _chart(ChartKind.BAR, shape, split, names, drawn, aims=aims)


def grouped(shape: Shape) -> Chart:
    """Bars of several measures of one unit side by side."""
    split = shape.splits[0]
    kept = shape.rows[: _most(split)]
    names = [split.name(row[split.index]) for row in kept]
    drawn = [
        Bars(measure.label, measure, [number_of(row[measure.index]) for row in kept], SERIES[number], False)
        for number, measure in enumerate(shape.measures)
    ]
    return _chart(ChartKind.GROUPED, shape, split, names, drawn)


def crossed(shape: Shape, outer: Sequence[Cell], inner: Sequence[Cell], all_outer: int) -> Chart:
    """Bars of one measure by two splits. outer, inner: the groups to be drawn. all_outer: how many there are."""
    first, second = shape.splits
    measure = shape.measures[0]
    cells = {(row[first.index], row[second.index]): number_of(row[measure.index]) for row in shape.rows}
    drawn = [
        Bars(second.name(group), measure, [cells.get((name, group)) for name in outer], SERIES[number], False)
        for number, group in enumerate(inner)
    ]
    names = [first.name(name) for name in outer]
    return _chart(ChartKind.GROUPED, shape, first, names, drawn, groups=all_outer)


def joined(shape: Shape) -> Split:
    """The split of a chart with one axis of names; two are said together."""
    if len(shape.splits) == 1:
        return shape.splits[0]
    first, second = shape.splits

    def name(cells: Cell) -> str:
        assert isinstance(cells, tuple)
        return f"{first.name(cells[0])} · {second.name(cells[1])}"

    return Split(-1, f"{first.label}, {second.label}", None, name)


def _key(shape: Shape, row: Sequence[Cell]) -> Cell:
    cells = tuple(row[split.index] for split in shape.splits)
    return cells[0] if len(cells) == 1 else cells


def _most(split: Split) -> int:
    return 24 if split.grain is Grain.HOUR_OF_DAY else MOST


def _colours(measure: Measure, values: Sequence[float | None]) -> str | list[str]:
    """One colour; a change goes by good and bad."""
    if not measure.name.endswith("_change") or measure.direction == "neutral":
        return SERIES[0]
    rising = measure.direction == "up"
    return [GOOD if ((value or 0) >= 0) == rising else BAD for value in values]


def upright(split: Split, names: Sequence[str]) -> bool:
    """True where names fit side by side under their bars."""
    if split.ordered:
        return True
    if any(len(name) > _TICK or any(len(word) > _UNDER for word in name.replace("-", " ").split()) for name in names):
        return False
    longest = max(len(line) for name in names for line in lines_of(name, _UNDER, 3))
    return len(names) * (longest + 2) <= UPRIGHT_LETTERS


def _chart(
    kind: ChartKind,
    shape: Shape,
    split: Split,
    names: Sequence[str],
    drawn: Sequence[Bars],
    groups: int | None = None,
    aims: Sequence[float | None] = (),
) -> Chart:
    """groups: how many there are, where they are not the rows. aims: targets of single bars."""
    standing = upright(split, names)
    apart = told_apart(names)
    data = [_trace(one, apart, standing, len(drawn), shape) for one in drawn]
    whole = [value for one in drawn for value in one.values]
    measure = drawn[0].measure
    own = any(aim is not None for aim in aims)
    target = None if own or kind is not ChartKind.BAR else shape.targets.get(None)
    if own:
        data.append(_marks(apart, aims, standing, measure, shape))
    # Several measures are told apart by the legend: their axis has the name of none.
    several = len({one.measure.label for one in drawn}) > 1
    ticked = formats.axis(measure, [*whole, *aims, target], shape.wording) | reach(
        [*whole, *aims], target, text=any(one.text for one in drawn)
    )
    numbers = value_axis("" if several else measure.label, ticked)
    layout: Values = {"barmode": "group", "bargap": 0.28 if len(names) > 3 else 0.5, "bargroupgap": 0.04}
    places = name_axis(apart, ticks(split, names, standing, shape.wording))
    if standing:
        layout |= {"xaxis": places | {"tickangle": 0}, "yaxis": numbers}
    else:
        places["range"] = [len(names) - 0.5, -0.5]
        layout |= {"xaxis": numbers, "yaxis": places}
    notes = [left_out(shape, len(names), groups if groups is not None else len(shape.rows), split, kind)]
    if own:
        notes.append(said(shape.wording.language, "marks"))
    if target is not None:
        layout |= aimed(target, standing)
        notes.append(said(shape.wording.language, "target", value=formats.worded(measure, target, shape.wording)))
    return framed(kind, shape, data, layout, notes=[n for n in notes if n], alt=ends_alt(shape))


def ticks(split: Split, names: Sequence[str], standing: bool, wording: Wording) -> list[str]:
    if split.grain is Grain.HOUR_OF_DAY:
        return [escaped(name) if number % 4 == 0 else "" for number, name in enumerate(names)]
    if split.grain is Grain.WEEKDAY:
        names = formats.short_weekdays(names, wording)
    return [broken(name, _UNDER if standing else _TICK, 3 if standing else 2) for name in names]


def _trace(one: Bars, names: Sequence[str], standing: bool, among: int, shape: Shape) -> Values:
    along, across = ("y", "x") if standing else ("x", "y")
    wording = shape.wording
    signed = one.measure.name.endswith("_change")
    written = formats.spans(one.measure, one.values, wording)
    trace: Values = {
        "type": "bar",
        "orientation": "v" if standing else "h",
        "name": escaped(one.name),
        across: list(names),
        along: list(one.values),
        "marker": {"color": one.colour},
        "showlegend": among > 1,
        "hovertemplate": f"%{{{across}}}<br>%{{fullData.name}}: "
        + formats.template(one.measure, along, wording, signed=signed)
        + "<extra></extra>",
    }
    if written is not None:
        trace["customdata"] = written
    if one.text and (not standing or len(names) <= 8):
        trace["texttemplate"] = formats.template(one.measure, along, wording, signed=signed)
        trace |= {"textposition": "outside", "cliponaxis": False, "textangle": 0}
        trace["textfont"] = {"color": INK, "size": 11}
    return trace


def _marks(
    names: Sequence[str], aims: Sequence[float | None], standing: bool, measure: Measure, shape: Shape
) -> Values:
    """A short stroke across each bar that has a target of its own."""
    along, across = ("y", "x") if standing else ("x", "y")
    written = formats.spans(measure, aims, shape.wording)
    told = said(shape.wording.language, "target", value=formats.template(measure, along, shape.wording))
    stroke = {"symbol": "line-ew" if standing else "line-ns", "size": 36, "line": {"color": INK, "width": 3}}
    marks: Values = {"type": "scatter", "mode": "markers", across: list(names), along: list(aims), "marker": stroke}
    marks |= {"showlegend": False, "hovertemplate": f"%{{{across}}}<br>{told}<extra></extra>"}
    return marks | ({"customdata": written} if written is not None else {})


def reach(values: Sequence[float | None], target: float | None = None, *, text: bool = False) -> Values:
    """The range of an axis: from zero, with room for the text at the bars' ends."""
    known = [value for value in (*values, target) if value is not None]
    low, high = min([0, *known]), max([0, *known])
    if low == high == 0:
        return {"range": [0, 1], "tickvals": [0], "tickmode": "array", "ticktext": ["0"]}
    room = (high - low) * (0.18 if text else 0.05)
    whole: Values = {"range": [low - room if low < 0 else 0, high + room if high > 0 else 0]}
    return whole | ({"zerolinecolor": INK} if low < 0 else {})


def aimed(target: float, standing: bool) -> Values:
    """A line across the bars where the target lies."""
    at, over = ("y", "x") if standing else ("x", "y")
    line: Values = {"type": "line", f"{at}0": target, f"{at}1": target, f"{over}0": 0, f"{over}1": 1}
    line |= {f"{over}ref": "paper", "line": {"color": INK, "width": 1.5, "dash": "dot"}}
    return {"shapes": [line]}


def left_out(shape: Shape, drawn: int, there: int, split: Split, kind: ChartKind) -> str:
    """What the chart does not show."""
    language = shape.wording.language
    if drawn >= there:
        return ""
    if kind is ChartKind.BAR:
        return said(language, "first_of", shown=drawn, all=there)
    return said(language, "first_groups", split=split.label, shown=drawn, all=there)
