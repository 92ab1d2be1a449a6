"""Thresholds: which metric a bound is on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from dash_agent.context.business import CountMetric, Metric
from dash_agent.models.plan import AskBack
from dash_agent.models.query import Having
from dash_agent.planning.assembly.draft import Draft, is_base
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.parts import ask_back, unsupported
from dash_agent.planning.sentence import Found
from dash_agent.planning.terms import MetricTerm, ThresholdTerm
from dash_agent.semantic.resolve import SHARE

PASSING: Final = (Operator.AND, Operator.BY, Operator.ALONG)
WHOLE_IN_PERCENT: Final = 100
MINUTES: Final[Mapping[str, int]] = {"minute": 1, "hour": 60, "day": 1440, "week": 10080}
IN_MINUTES: Final[Mapping[str, Decimal]] = {
    "minutes": Decimal(1),
    "hours": Decimal(60),
    "days": Decimal(1440),
    "milliseconds": Decimal(1) / 60_000,
}


def bounded(draft: Draft, named: Sequence[Found[MetricTerm]]) -> list[Found[MetricTerm]]:
    """Metrics beside a bound: 'channels with more than 500 tickets', 'where the escalation rate is above 10 %'."""
    bounds = draft.sentence.all(ThresholdTerm)
    plain = [bound for bound in bounds if bound.term.unit == ""]
    behind = [m for m in named if any(draft.sentence.behind(bound) == m for bound in plain)]
    before = [
        m
        for m in named
        if any(draft.sentence.before(b) == m and _fits(draft.metric(m.term.name), b.term) for b in bounds)
    ]
    return [m for m in named if m in behind or m in before]


def as_share(draft: Draft) -> None:
    """'Where more than 15 % of tickets are escalated' bounds the rate of that count, or the groups' shares of all."""
    sentence = draft.sentence
    percents = [found for found in sentence.all(ThresholdTerm) if found.term.unit == "percent"]
    if not percents or sentence.has(Operator.SHARE, Operator.CHANGE, Operator.DROP):
        return
    counted = [name for name in draft.metrics if not is_base(draft.metric(name))] or list(draft.metrics)
    if len(counted) != 1:
        return
    metric = draft.metric(counted[0])
    if metric.unit == "percent" or not isinstance(metric, CountMetric):
        return
    rates = draft.rates_of(metric.name)
    if len(rates) == 1:
        draft.metrics = rates
    elif is_base(metric) and draft.dimensions:
        draft.share = True


def read(draft: Draft) -> None:
    """Groups that pass: `having`. Where there are no groups, there is nothing to choose among."""
    sentence = draft.sentence
    bounds = [found for found in sentence.all(ThresholdTerm) if not sentence.used(found)]
    if not bounds:
        return
    if not draft.dimensions and draft.grain is None:
        raise unsupported(*(found.words for found in bounds))
    said = set[str]()
    for found in bounds:
        name = _metric_of(draft, found)
        if draft.part and name == draft.metrics[0]:
            # Its column counts the part, and the bound may mean the whole.
            raise unsupported(found.words)
        if name not in said:
            draft.having = tuple(having for having in draft.having if having.metric != name)
        said.add(name)
        draft.having = (*draft.having, Having(name, found.term.op, _value(draft, found, name)))
        sentence.use(found, f"{name} {found.term.op.value} {draft.having[-1].value}")


def _metric_of(draft: Draft, bound: Found[ThresholdTerm]) -> str:
    """The one right behind it, else the nearest before that has its unit, else the only one that has."""
    named = draft.sentence.all(MetricTerm)
    behind = draft.sentence.behind(bound)
    shares = draft.share and bound.term.unit in ("percent", "")
    if not bound.term.unit and behind is not None and isinstance(behind.term, MetricTerm):
        return behind.term.name
    if shares:
        if bound.term.value >= WHOLE_IN_PERCENT:
            raise unsupported(bound.words)
        return draft.metrics[0] + SHARE
    fitting = [found for found in named if _fits(draft.metric(found.term.name), bound.term)]
    before = [found for found in fitting if found.end <= bound.start]
    if before:
        return before[-1].term.name
    if len(fitting) == 1:
        return fitting[0].term.name
    known = [name for name in draft.metrics if _fits(draft.metric(name), bound.term)]
    if len(known) == 1:
        return known[0]
    if not draft.metrics:
        raise ask_back(AskBack.NO_METRIC)
    raise unsupported(bound.words)


def _fits(metric: Metric, bound: ThresholdTerm) -> bool:
    match bound.unit:
        case "":
            return True
        case "percent":
            return metric.unit == "percent"
        case "usd":
            return metric.unit == "usd"
        case _:
            return metric.unit in IN_MINUTES and bound.unit in MINUTES


def _value(draft: Draft, found: Found[ThresholdTerm], name: str) -> Decimal:
    """In the metric's own unit."""
    bound = found.term
    if bound.unit not in MINUTES:
        return bound.value
    return (bound.value * MINUTES[bound.unit] / IN_MINUTES[draft.metric(name).unit]).normalize()
