"""What an answer is narrowed by, in words: filters, conditions on the counted rows, bounds."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from dash_agent.insight.cells import decimals_of
from dash_agent.insight.messages import say
from dash_agent.insight.wording import Wording
from dash_agent.models.query import Among, Condition, Grain, Having, Op
from dash_agent.semantic.resolve import SHARE
from dash_agent.semantic.rows import of_clock

SIGNS: Final = {Op.LT: "<", Op.LE: "≤", Op.GT: ">", Op.GE: "≥"}


def narrowed_by(conditions: Sequence[Condition | Having], wording: Wording) -> str:
    """All conditions in one line, '' where there are none."""
    return "; ".join(_condition(one, wording) for one in conditions)


def lowered(label: str) -> str:
    """A name of several capitals ("CSAT") keeps them."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def _condition(narrowing: Condition | Having, wording: Wording) -> str:
    if isinstance(narrowing, Having):
        return _bound(narrowing, wording)
    if isinstance(narrowing, Among):
        metric = wording.catalog.metrics[narrowing.metric]
        label = lowered(wording.label(metric.label, metric.name))
        return label if narrowing.counts else say(wording.language, "not", items=label)
    if of_clock(narrowing):
        grain = Grain(narrowing.dimension)
        values, label = ", ".join(wording.bucket(grain, value) for value in narrowing.values), grain.value
    else:
        values = ", ".join(wording.value(narrowing.dimension, value) for value in narrowing.values)
        label = wording.label(wording.catalog.dimensions[narrowing.dimension].label, narrowing.dimension)
    match narrowing.op:
        case Op.IN:
            return values
        case Op.NOT_IN:
            return say(wording.language, "not", items=values)
        case Op.IS_NULL | Op.NOT_NULL:
            return say(wording.language, f"{narrowing.op}", label=label)
        case _:
            return f"{label} {SIGNS[narrowing.op]} {values}"


def _bound(having: Having, wording: Wording) -> str:
    name = having.metric.removesuffix(SHARE)
    found = wording.catalog.metrics[name]
    unit = "percent" if name != having.metric else found.unit
    bound = wording.number(Decimal(having.value), unit, decimals_of(Decimal(having.value)))
    return f"{lowered(wording.label(found.label, name))} {SIGNS[having.op]} {bound}"
