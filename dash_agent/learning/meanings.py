"""What words name in the catalogue, and only where they name one thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash_agent.models.learning import Target
from dash_agent.models.plan import MetricPlan
from dash_agent.models.query import Op, Period
from dash_agent.planning.parser import Parser
from dash_agent.planning.terms import DimensionTerm, FillerTerm, MetricTerm, Span, SubjectTerm, ValueTerm
from dash_agent.semantic.time import Calendar


@dataclass(frozen=True, slots=True)
class Meaning:
    """As of `Synonym`. period: that was said beside it, None where none was."""

    target: Target
    name: str
    values: tuple[str, ...] = ()
    period: Period | None = None


def meaning(text: str, parser: Parser, calendar: Calendar) -> Meaning | None:
    """The one metric, dimension or value that a text names; None where it names none, several, or more than that."""
    content = [span for span in parser.parse(text).spans if not isinstance(span.term, FillerTerm | SubjectTerm)]
    return _of_spans(content) or _of_plan(text, parser, calendar)


def _of_spans(content: Sequence[Span]) -> Meaning | None:
    if len(content) != 1:
        return None
    match content[0].term:
        case MetricTerm(name):
            return Meaning(Target.METRIC, name)
        case DimensionTerm(name, ()):
            return Meaning(Target.DIMENSION, name)
        case ValueTerm(((name, values),)) if all(isinstance(value, str) for value in values):
            return Meaning(Target.VALUE, name, tuple(map(str, values)))
        case _:
            return None


def _of_plan(text: str, parser: Parser, calendar: Calendar) -> Meaning | None:
    """'Tickets with high urgency' names a value; 'CSAT in October' a metric and days."""
    plan = parser.plan(text, calendar)
    if not isinstance(plan, MetricPlan):
        return None
    query = plan.query
    shaped = query.dimensions or query.grain or query.having or query.among or query.limit or query.share
    if shaped or query.compare or len(query.metrics) != 1:
        return None
    period = query.period if not plan.assumptions else None
    if not query.filters:
        return Meaning(Target.METRIC, query.metrics[0], period=period)
    [*others, narrowing] = query.filters
    counted = query.metrics[0] == parser.model.catalog.rules.primary_metric
    plain = narrowing.op is Op.IN and all(isinstance(value, str) for value in narrowing.values)
    if others or not counted or not plain or period is not None:
        return None
    return Meaning(Target.VALUE, narrowing.dimension, tuple(map(str, narrowing.values)))
