"""The average, the median or a percentile of a metric that has them."""

from __future__ import annotations

from dash_agent.context.business import (
    AverageMetric,
    PercentileMetric,
    RatioMetric,
)
from dash_agent.planning.assembly.draft import Draft
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.parts import unsupported
from dash_agent.planning.sentence import AnyFound
from dash_agent.planning.terms import (
    PercentileTerm,
)


def read(draft: Draft) -> None:
    """The average, the median or a percentile of a metric that has them."""
    sentence, kinds = draft.sentence, [draft.metric(name) for name in draft.metrics]
    percentile = any(isinstance(metric, PercentileMetric) for metric in kinds)
    _check_one_variant(draft)
    for found in sentence.all(PercentileTerm):
        if not percentile:
            raise unsupported(found.words)
        draft.parameters["percentile"] = found.term.fraction
        draft.parameters.pop("aggregate", None)
        sentence.use(found, f"percentile {found.term.fraction}")
    if _unused(draft, Operator.MEDIAN):
        if not percentile:
            raise unsupported(*sentence.words_of(Operator.MEDIAN))
        draft.parameters = {k: v for k, v in draft.parameters.items() if k not in ("aggregate", "percentile")}
        sentence.take(Operator.MEDIAN)
    if _unused(draft, Operator.AVERAGE):
        if not percentile and not any(isinstance(metric, AverageMetric | RatioMetric) for metric in kinds):
            raise unsupported(*sentence.words_of(Operator.AVERAGE))
        if percentile:
            draft.parameters.pop("percentile", None)
            draft.parameters["aggregate"] = "average"
        sentence.take(Operator.AVERAGE)


def _check_one_variant(draft: Draft) -> None:
    """'Median and p95' are two numbers of one metric, and a query has one."""
    sentence = draft.sentence
    said: list[AnyFound] = [*sentence.operators(Operator.AVERAGE, Operator.MEDIAN), *sentence.all(PercentileTerm)]
    for found in said:
        denied = sentence.follows(found, Operator.NOT)
        if denied is not None and len(said) > 1:
            sentence.use(denied, Operator.NOT.value)
            sentence.use(found, f"not {found.words}")
    said = [found for found in said if not sentence.used(found)]
    if len({found.term for found in said}) > 1:
        raise unsupported(*(found.words for found in said))


def _unused(draft: Draft, operator: Operator) -> bool:
    return any(not draft.sentence.used(found) for found in draft.sentence.operators(operator))
