"""Follow-ups: a question that goes on from the last one keeps what it does not replace."""

from __future__ import annotations

from dash_agent.context.business import CountMetric, RatioMetric
from dash_agent.models.plan import ListPlan, MetricPlan, Plan
from dash_agent.models.query import Among, MetricQuery, Op, Order
from dash_agent.planning.assembly.draft import Draft, is_condition
from dash_agent.planning.languages import LANGUAGES
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.parts import unsupported
from dash_agent.planning.sentence import AnyFound, Sentence, is_operator
from dash_agent.planning.terms import (
    BundleTerm,
    DimensionTerm,
    FillerTerm,
    GrainTerm,
    MetricTerm,
    OperatorTerm,
    SubjectTerm,
    TimeTerm,
    ValueTerm,
)
from dash_agent.semantic.legs import CHANGE
from dash_agent.semantic.resolve import SHARE

TIED = frozenset(word for language in LANGUAGES for word in (*language.leading, *language.topical))
SHORT = 2
ASKED = (Operator.COUNT, Operator.SHOW)
OPENING = (Operator.SORT, Operator.AND, Operator.PER, Operator.GOING_ON, Operator.AFRESH, Operator.ALSO, Operator.ONLY)


def query_of(previous: Plan | None) -> MetricQuery | None:
    """What a follow-up goes on from: of a list, the count of its rows."""
    match previous:
        case MetricPlan():
            return previous.query
        case ListPlan(query):
            return MetricQuery(
                query.metrics,
                filters=query.filters,
                period=query.period,
                parameters=query.parameters,
                among=query.among,
            )
        case _:
            return None


def goes_on(sentence: Sentence, before: MetricQuery) -> bool:
    """It names no metric, opens as a follow-up ('and …', 'same for …'), points back ('of those'), or names the same
    metric and no period.
    """
    if not sentence.any(MetricTerm, BundleTerm) or sentence.has(Operator.THESE, Operator.INSTEAD):
        return True
    named = {found.term.name for found in sentence.all(MetricTerm)}
    if named and named <= set(before.metrics) and not sentence.any(TimeTerm, BundleTerm):
        return True
    if not sentence.any(TimeTerm, BundleTerm) and _is_short(sentence):
        return True
    first = next((found for found in sentence.found if not isinstance(found.term, FillerTerm)), None)
    return first is not None and (is_operator(first, *OPENING) or narrows(sentence, first))


def _is_short(sentence: Sentence) -> bool:
    """A bare metric, or one with one thing more, and no period: 'tokens', 'how many are escalated?'"""
    said = [found for found in sentence.found if not isinstance(found.term, FillerTerm | SubjectTerm)]
    heavy = [
        f for f in said if not (isinstance(f.term, OperatorTerm) and (f.term.operator.light or is_operator(f, *ASKED)))
    ]
    return len(heavy) <= SHORT


def narrows(sentence: Sentence, first: AnyFound) -> bool:
    """It opens with a condition: 'excluding escalated', 'with an error', 'от клиентов'."""
    if is_operator(first, Operator.NOT, Operator.EXCEPT):
        return True
    opens = sentence.tokens[0].norm
    asks = sentence.has(Operator.COUNT, Operator.SHOW, Operator.LIST, Operator.WHICH, Operator.SHARE)
    return isinstance(first.term, MetricTerm) and opens in TIED and first.start > 0 and not asks


def inherit(draft: Draft, before: MetricQuery) -> None:
    """Starts from the query before."""
    draft.among, draft.filters = before.among, before.filters
    draft.dimensions, draft.grain = before.dimensions, before.grain
    draft.period, draft.compare = before.period, before.compare
    draft.parameters = dict(before.parameters)
    draft.order, draft.limit, draft.with_ties = before.order, before.limit, before.with_ties
    draft.drop_null_groups, draft.having = before.drop_null_groups, before.having
    draft.share, draft.part = before.share, before.part
    _as_part(draft)


def _as_part(draft: Draft) -> None:
    """The share of one value is told as a row of its dimension; a new split takes it as the part of each group."""
    named = [f for f in draft.filters if f.dimension in draft.dimensions and f.op is Op.IN]
    if not draft.share or draft.part or len(draft.dimensions) != 1 or len(named) != 1:
        return
    if draft.sentence.any(DimensionTerm, GrainTerm):
        draft.part, draft.dimensions = tuple(named), ()
        draft.filters = tuple(f for f in draft.filters if f not in named)


def keep(draft: Draft, before: MetricQuery) -> None:
    """Puts the metrics of the question, where it names any, in the place of those before, and what hangs on them."""
    sentence = draft.sentence
    if not draft.metrics:
        draft.metrics = tuple(_sibling(draft, name) or name for name in _divided(draft, before))
        return
    if sentence.take(Operator.ALSO) or sentence.has(Operator.SORT):
        draft.metrics = tuple(dict.fromkeys((*before.metrics, *draft.metrics)))
        _check_kept(draft)
        return
    if sentence.has(Operator.THESE):
        narrowed = (Among(name) for name in before.metrics if is_condition(draft.metric(name)))
        draft.among = tuple(dict.fromkeys((*draft.among, *(a for a in narrowed if a.metric not in draft.metrics))))
    if draft.metrics != before.metrics:
        _check_kept(draft)
        draft.parameters = {}
        draft.share, draft.part, draft.having = False, (), ()
        draft.order = tuple(_renamed(order, before, draft.metrics[0]) for order in before.order)


def _check_kept(draft: Draft) -> None:
    """What the question before was split and narrowed by must apply to the new metric."""
    names = (*draft.dimensions, *(narrowing.dimension for narrowing in draft.filters))
    conditions = (among.metric for among in draft.among)
    tied = all(draft.reaches(metric, name) for name in conditions for metric in draft.metrics)
    if not tied or not all(draft.applies(name) for name in names):
        raise unsupported(*(found.words for found in draft.sentence.all(MetricTerm)))


def _divided(draft: Draft, before: MetricQuery) -> tuple[str, ...]:
    """'And per ticket?' asks for the quotient that has the metric before as its numerator."""
    sentence = draft.sentence
    per = [found for found in sentence.all(MetricTerm) if sentence.follows(found, Operator.PER) is not None]
    if not per:
        return before.metrics
    quotients = [
        metric.name
        for metric in draft.catalog.metrics.values()
        if isinstance(metric, RatioMetric) and metric.numerator in before.metrics and metric.unit != "percent"
    ]
    if len(quotients) != 1:
        raise unsupported(*(found.words for found in per))
    return (quotients[0],)


def _sibling(draft: Draft, name: str) -> str | None:
    """'And on pause?' behind 'active subscriptions' asks for the metric of that other status."""
    metric = draft.metric(name)
    if not isinstance(metric, CountMetric) or metric.where is None:
        return None
    for found in draft.sentence.all(ValueTerm):
        for dimension, stored in found.term.choices:
            column = draft.column(dimension)[1]
            others = [f"{column} = '{value}'" for value in stored]
            if not metric.where.startswith(f"{column} = ") or metric.where in others:
                continue
            counts = [m for m in draft.catalog.metrics.values() if isinstance(m, CountMetric)]
            siblings = [m.name for m in counts if m.table == metric.table and m.where in others]
            if len(siblings) == 1:
                draft.sentence.use(found, f"metric {siblings[0]}")
                return siblings[0]
    return None


def _renamed(order: Order, before: MetricQuery, name: str) -> Order:
    for suffix in ("", CHANGE, SHARE):
        if order.by in (metric + suffix for metric in before.metrics):
            return Order(name + ("" if suffix == SHARE else suffix), order.desc)
    return order
