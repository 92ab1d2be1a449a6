"""Targets: numbers that a metric can reach, for rows that are there."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from dash_agent.check.rule import Found, Rule
from dash_agent.check.subject import Subject
from dash_agent.context.business import CohortMetric, CountMetric, Metric, SumMetric
from dash_agent.context.files import nearest
from dash_agent.context.targets import TARGETS, Target
from dash_agent.semantic.resolve import applies


def targets_can_be_met(subject: Subject) -> Iterator[Found]:
    """A target is of a metric that has a good direction and does not grow with the period, and is a value that it can
    have: from 0, and of a percentage up to 100.
    """
    for index, target in enumerate(subject.content.targets):
        metric = subject.metrics_by_name.get(target.metric)
        if metric is None:
            continue
        said = _unfit(metric)
        if said is not None:
            yield Found(TARGETS, f"targets[{index}].metric", said)
        for place, value in _values(target):
            if value < 0 or (metric.unit == "percent" and value > 100):
                said = f"'{metric.name}' is in {metric.unit} and is never {value}"
                yield Found(TARGETS, f"targets[{index}].{place}", said)


def _unfit(metric: Metric) -> str | None:
    if metric.direction == "neutral":
        return f"'{metric.name}' has no good direction, so nothing says what meets a target; give it a 'direction'"
    if isinstance(metric, CountMetric | SumMetric | CohortMetric) and not metric.state:
        return f"'{metric.name}' grows with the period, and a target has none; name a rate, an average or a state"
    return None


def targets_are_of_one_thing(subject: Subject) -> Iterator[Found]:
    """A target has a value of its own, values of a dimension that its metric is split by, or both, and nothing is
    targeted twice.
    """
    seen: set[tuple[str, str | None]] = set()
    for index, target in enumerate(subject.content.targets):
        place = f"targets[{index}]"
        if (target.dimension is None) != (not target.values):
            yield Found(TARGETS, place, "'dimension' and 'values' go together: what is each value's target?")
        elif target.value is None and not target.values:
            yield Found(TARGETS, place, "give a 'value', or 'values' of a 'dimension'")
        for key in _targeted(target):
            if key in seen:
                of = f"'{target.metric}'" + (f" by '{key[1]}'" if key[1] else "")
                yield Found(TARGETS, place, f"{of} has a target already; leave one")
            seen.add(key)
        if subject.model is not None and _is_out_of_reach(subject, target):
            said = f"'{target.metric}' can't be split by '{target.dimension}'"
            yield Found(TARGETS, f"{place}.dimension", said)


def _is_out_of_reach(subject: Subject, target: Target) -> bool:
    model = subject.model
    if model is None or target.dimension is None or target.metric not in model.catalog.metrics:
        return False
    return target.dimension in model.catalog.dimensions and not applies(model, target.metric, target.dimension)


def target_values_are_there(subject: Subject) -> Iterator[Found]:
    """The values that have targets of their own are in values.json or in the database: no row would have another."""
    for index, target in enumerate(subject.content.targets):
        if target.dimension is None:
            continue
        known = {v for entry in subject.content.values if entry.dimension == target.dimension for v in entry.stored}
        known |= set(subject.live_values.get(target.dimension, ()))
        for value in target.values:
            if known and value not in known:
                said = f"'{target.dimension}' has no value '{value}'{nearest(value, sorted(known))}"
                yield Found(TARGETS, f"targets[{index}].values.{value}", said)


def _values(target: Target) -> Iterator[tuple[str, Decimal]]:
    if target.value is not None:
        yield "value", target.value
    for name, value in target.values.items():
        yield f"values.{name}", value


def _targeted(target: Target) -> Iterator[tuple[str, str | None]]:
    if target.value is not None:
        yield target.metric, None
    if target.dimension is not None:
        yield target.metric, target.dimension


RULES = (
    Rule("target-metric", targets_can_be_met),
    Rule("target-shape", targets_are_of_one_thing),
    Rule("target-value", target_values_are_there, "warning"),
)
