"""Which rows: values of dimensions, said, listed or excluded."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dash_agent.context.business import CountMetric, Metric, RatioMetric
from dash_agent.models.plan import AskBack
from dash_agent.models.query import Filter, Op, Scalar
from dash_agent.planning.assembly.draft import Draft
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.parts import ask_back, unsupported
from dash_agent.planning.sentence import AnyFound, Found, is_operator
from dash_agent.planning.terms import DimensionTerm, MetricTerm, ValueTerm

NEGATIONS = (Operator.EXCEPT, Operator.NOT)


def read(draft: Draft) -> None:
    """Fills filters: those of the question before, less those on the dimensions that this one names."""
    found = list(_filters(draft))
    draft.filters = _merged(draft, found)


def _filters(draft: Draft) -> Iterator[Filter]:
    """One for each dimension and operator, in the order of the question."""
    values: dict[tuple[str, Op], dict[Scalar, None]] = {}
    previous: tuple[Found[ValueTerm], str, Op] | None = None
    for found in draft.sentence.all(ValueTerm):
        if draft.sentence.used(found):
            continue
        dimension, stored = chosen(draft, found)
        if _replaced(draft, found, dimension, stored):
            continue
        if _says_again(draft, found, dimension, stored):
            draft.sentence.use(found, "said again")
            continue
        op = _operator(draft, found, dimension, previous)
        if previous is not None and previous[1] == dimension and _parted(draft, previous[0], found):
            raise unsupported(previous[0].words, found.words)
        values.setdefault((dimension, op), {}).update(dict.fromkeys(stored))
        said = ", ".join("none" if value is None else str(value) for value in stored)
        draft.sentence.use(found, f"{dimension} {op.value} {said}")
        _check_no_contradiction(draft, found, dimension, stored)
        previous = (found, dimension, op)
    yield from (Filter(name, op, tuple(known)) for (name, op), known in values.items())
    yield from _unknown(draft)


def _check_no_contradiction(draft: Draft, found: Found[ValueTerm], dimension: str, stored: tuple[Scalar, ...]) -> None:
    """'Active subscriptions' that are paused are none, and nobody means to ask for none."""
    column = draft.column(dimension)[1]
    if any(_decides(draft, draft.metric(name), dimension) for name in draft.metrics):
        raise unsupported(found.words)
    for metric in map(draft.metric, draft.metrics):
        where = metric.where or "" if isinstance(metric, CountMetric) else ""
        if where.startswith(f"{column} IN (") and not all(f"'{value}'" in where for value in stored):
            raise unsupported(found.words)
        states = [other for other in draft.catalog.metrics.values() if getattr(other, "with_period", "") == metric.name]
        for state in (metric, *states):
            known = state.where or "" if isinstance(state, CountMetric) else ""
            if known.startswith(f"{column} = ") and known not in [f"{column} = '{value}'" for value in stored]:
                raise unsupported(found.words)


def _says_again(draft: Draft, found: AnyFound, dimension: str, stored: tuple[Scalar, ...]) -> bool:
    """'Subscriptions lost (cancelled) in May' are those that were cancelled then, whatever they are now."""
    if draft.sentence.follows(found, *NEGATIONS) is not None or len(draft.metrics) != 1:
        return False
    column = draft.column(dimension)[1]
    states = (m for m in draft.catalog.metrics.values() if isinstance(m, CountMetric) and m.with_period)
    return any(
        state.with_period == draft.metrics[0] and [state.where] == [f"{column} = '{value}'" for value in stored]
        for state in states
    )


def _decides(draft: Draft, metric: Metric, dimension: str) -> bool:
    """Whether what the rate counts is told apart by the dimension: 'approval rate of approved tasks' says nothing."""
    if not isinstance(metric, RatioMetric):
        return False
    table, column = draft.column(dimension)
    parts = (draft.metric(name) for name in (metric.numerator, metric.denominator))
    wheres = (part.where or "" for part in parts if isinstance(part, CountMetric) and part.table == table)
    return any(re.search(rf"\b{column}\b", where) for where in wheres)


def _replaced(draft: Draft, found: Found[ValueTerm], dimension: str, stored: tuple[Scalar, ...]) -> bool:
    """'Spain instead of France': France goes, and another value of the dimension must come."""
    sentence = draft.sentence
    if sentence.follows(found, Operator.INSTEAD) is None:
        return False
    others = [other for other in sentence.all(ValueTerm) if other is not found]
    if not any(name == dimension for other in others for name, _ in other.term.choices):
        raise unsupported(found.words)
    sentence.use(found, f"not {', '.join(map(str, stored))}")
    return True


def _parted(draft: Draft, one: AnyFound, other: AnyFound) -> bool:
    """'The rate on WhatsApp and the CSAT on email': each value belongs to a metric of its own."""
    sentence = draft.sentence
    if any(one.end <= found.start < other.start for found in sentence.all(ValueTerm)):
        return True
    between = (found for found in sentence.all(MetricTerm) if one.end <= found.start < other.start)
    return len(draft.metrics) > 1 and any(found.term.name in draft.metrics for found in between)


def _operator(
    draft: Draft, found: Found[ValueTerm], dimension: str, previous: tuple[Found[ValueTerm], str, Op] | None
) -> Op:
    """'Except email and chat' leaves both out; 'except email from Germany' only the first."""
    sentence = draft.sentence
    near = sentence.before(found, Operator.WHICH, Operator.BY, Operator.ALONG, Operator.PER)
    if near is not None and is_operator(near, *NEGATIONS):
        sentence.use(near, near.term.operator.value)
        return Op.NOT_IN
    if (
        previous is not None
        and previous[1] == dimension
        and sentence.before(found, Operator.AND, Operator.OR) == previous[0]
    ):
        return previous[2]
    return Op.IN


def _unknown(draft: Draft) -> Iterator[Filter]:
    """'Without a model': the rows that have none."""
    sentence = draft.sentence
    for found in sentence.all(DimensionTerm):
        negation = sentence.follows(found, *NEGATIONS)
        if negation is not None and not sentence.used(negation):
            sentence.use(negation, negation.term.operator.value)
            yield Filter(found.term.name, Op.IS_NULL)


def without(draft: Draft) -> set[AnyFound]:
    """Dimensions that are only named to say that a row has none."""
    sentence = draft.sentence
    return {
        found
        for found in sentence.all(DimensionTerm)
        if (near := sentence.before(found)) is not None and is_operator(near, *NEGATIONS)
    }


def chosen(draft: Draft, found: Found[ValueTerm]) -> tuple[str, tuple[Scalar, ...]]:
    """The one meaning of a value's word that fits the metrics; asks back where several do."""
    fitting = [choice for choice in found.term.choices if draft.applies(choice[0])]
    if not fitting:
        raise unsupported(found.words)
    before = {narrowing.dimension for narrowing in draft.filters}
    split = [choice for choice in fitting if choice[0] in draft.dimensions]
    known = [choice for choice in fitting if choice[0] in before]
    at_home = [choice for choice in fitting if draft.at_home(choice[0])]
    for preferred in (split, known, at_home, fitting):
        if len(preferred) == 1:
            return preferred[0]
    raise ask_back(AskBack.AMBIGUOUS, found.words, *(dimension for dimension, _ in fitting))


def _merged(draft: Draft, found: list[Filter]) -> tuple[Filter, ...]:
    """A filter on the same dimension takes the place of the one before; 'without email' takes a value out of it."""
    before = {narrowing.dimension: narrowing for narrowing in draft.filters}
    also = draft.sentence.take(Operator.ALSO)
    merged = [_grown(before.get(new.dimension), new, also=also) for new in found]
    replaced = {narrowing.dimension for narrowing in merged}
    return (*(old for old in draft.filters if old.dimension not in replaced), *merged)


def _grown(before: Filter | None, new: Filter, *, also: bool) -> Filter:
    if before is None or before.op is not Op.IN:
        return new
    if new.op is Op.NOT_IN and set(new.values) & set(before.values):
        left = tuple(value for value in before.values if value not in new.values)
        return Filter(new.dimension, Op.IN, left) if left else new
    if also and new.op is Op.IN:
        return Filter(new.dimension, Op.IN, tuple(dict.fromkeys((*before.values, *new.values))))
    return new
