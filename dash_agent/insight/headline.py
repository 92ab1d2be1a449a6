"""The one number that an answer is, with its change."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from dash_agent.insight.cells import decimals_of
from dash_agent.insight.messages import say
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer, ColumnRole, Fact
from dash_agent.models.plan import MetricPlan

CHANGE = "_change"
Number = Decimal | int | float


@dataclass(frozen=True, slots=True)
class Headline:
    """value: has a value. changes: of it, in its own unit first and then in per cent, each once. previous: of before,
    None where nothing was before.
    """

    value: Fact
    changes: tuple[Fact, ...]
    previous: Number | None


def headline(answer: Answer) -> Headline | None:
    """None for an answer that is many numbers, or none."""
    if not isinstance(answer.plan, MetricPlan) or len(answer.rows) != 1 or len(answer.plan.query.metrics) != 1:
        return None
    compared = answer.columns[-1].name.endswith(CHANGE)
    if answer.columns[0].role is not ColumnRole.METRIC or (len(answer.columns) > 1 and not compared):
        return None
    value = next((fact for fact in answer.facts if fact.kind == "value" and fact.segment is None), None)
    if value is None or value.value is None:
        return None
    changes = _changes(answer, value)
    previous = next((one.previous for one in changes if one.previous is not None), value.previous)
    return Headline(value, changes, previous)


def verdict(metric: str, value: Number | None, wording: Wording) -> bool | None:
    """Whether a change is for the better, by the direction that is good for its metric; None where neither is."""
    known = wording.catalog.metrics.get(metric)
    if known is None or known.direction == "neutral" or not value:
        return None
    return (value > 0) is (known.direction == "up")


def said(value: Number, unit: str | None, wording: Wording, *, signed: bool = False) -> str:
    """A number as it was rounded, with its unit."""
    if unit == "points":
        return say(wording.language, "points", value=wording.number(value, None, decimals_of(value), signed=True))
    return wording.number(value, unit, decimals_of(value), signed=signed)


def _changes(answer: Answer, value: Fact) -> tuple[Fact, ...]:
    found = {
        fact.unit: fact
        for fact in reversed(answer.facts)
        if fact.kind == "change" and fact.metric == value.metric and fact.segment is None and fact.value is not None
    }
    return tuple(sorted(found.values(), key=lambda fact: fact.unit == "percent"))
