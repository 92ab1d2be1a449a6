"""How far tickets of a span got, and how long each stage took them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from dash_agent.insight.finding import exact
from dash_agent.models.answer import Answer
from dash_agent.models.plan import MetricPlan
from dash_agent.models.query import MetricQuery
from dash_agent.reports.narrowing import ALL, Narrowing, pattern
from dash_agent.reports.spans import Span
from dash_agent.reports.view import View, given

PATTERN: Final = "ticket_funnel"
STEPS: Final = {
    "time_to_ai_answer": "ai_answered",
    "time_to_draft": "resolved",
    "review_time": "sent",
    "response_time": "sent",
    "time_to_escalation": "escalated",
}
"""Metrics of time → the count of the tickets that they are of."""

SLOW: Final = Decimal("0.9")


@dataclass(frozen=True, slots=True)
class Stage:
    """share: of all tickets of the span, in %; None of no tickets."""

    name: str
    label: str
    tickets: int
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Step:
    """Minutes; None where no ticket made the step. slow: nine of ten took no longer."""

    metric: str
    label: str
    tickets: int
    median: Decimal | None
    slow: Decimal | None


@dataclass(frozen=True, slots=True)
class Funnel:
    """answer: of the stages, with its chart."""

    stages: tuple[Stage, ...]
    answer: Answer


@dataclass(frozen=True, slots=True)
class Steps:
    """answer: of the medians."""

    steps: tuple[Step, ...]
    answer: Answer


def funnel(view: View, span: Span, narrowing: Narrowing = ALL) -> Funnel:
    """Raises QueryError, WrongUse for a narrowing that the pattern has no place for, Unavailable."""
    answer = view.answered(pattern(view.catalog, PATTERN, narrowing, span.period))
    stages = []
    for name, tickets, share in answer.rows:
        label = view.wording.label(view.metric(str(name)).label, str(name))
        stages.append(Stage(str(name), label, int(exact(tickets) or 0), _decimal(exact(share))))
    return Funnel(tuple(stages), answer)


def time_in_stage(view: View, span: Span, narrowing: Narrowing = ALL) -> Steps:
    """Raises QueryError, Unavailable."""
    plain = MetricQuery((*STEPS, *dict.fromkeys(STEPS.values())), filters=narrowing.filters, period=span.period)
    slow = MetricQuery(tuple(STEPS), filters=narrowing.filters, period=span.period, parameters=(("percentile", SLOW),))
    first, second = map(given, view.answers((MetricPlan(plain), MetricPlan(slow))))
    middle = dict(zip(plain.metrics, map(exact, first.rows[0]), strict=True))
    tail = dict(zip(slow.metrics, map(exact, second.rows[0]), strict=True))
    steps = tuple(
        Step(
            name,
            view.wording.label(view.metric(name).label, name),
            int(middle[count] or 0),
            _decimal(middle[name]),
            _decimal(tail[name]),
        )
        for name, count in STEPS.items()
    )
    return Steps(steps, first)


def _decimal(value: Decimal | int | None) -> Decimal | None:
    return None if value is None else Decimal(value)
