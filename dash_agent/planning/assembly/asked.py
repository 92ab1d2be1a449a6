"""Which metrics are asked for, and which only say of what rows: 'CSAT of escalated tickets' is one number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dash_agent.context.business import (
    RatioMetric,
)
from dash_agent.models.query import Among, MetricQuery
from dash_agent.planning.assembly import following
from dash_agent.planning.assembly.bounds import bounded
from dash_agent.planning.assembly.draft import Draft, is_base, is_condition
from dash_agent.planning.assembly.implied import as_events, beside_topic, implied
from dash_agent.planning.assembly.relations import check_related, divides, is_negated, less_rows, related, side_by_side
from dash_agent.planning.assembly.scores import without_rows_bounds
from dash_agent.planning.languages import LANGUAGES
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.parts import unsupported
from dash_agent.planning.sentence import AnyFound, Found
from dash_agent.planning.terms import (
    BundleTerm,
    DimensionTerm,
    GrainTerm,
    MetricTerm,
    SuperlativeTerm,
    TimeTerm,
    ValueTerm,
)

RATES = frozenset(word for language in LANGUAGES for word in language.rates)
"""Words that name a rate as one."""


def read(draft: Draft) -> None:
    """Fills metrics, among and parameters; leaves metrics empty where the question names none."""
    sentence = draft.sentence
    named = _once(sentence.all(MetricTerm))
    before = draft.setting.before
    if before is not None and _names_only_rows(draft, before, named):
        sentence.use(named[0], "rows")
        return
    named = [found for found in named if not _is_divisor(draft, found)]
    named = without_rows_bounds(draft, named)
    held = bounded(draft, named)
    asked = [found for found in named if found not in held]
    asked = list(less_rows(draft, asked)) if asked else held
    heads, conditions = related(draft, asked)
    if before is not None and heads and _only_conditions(draft, heads):
        heads, conditions = [], [*conditions, *heads]
    check_related(draft, heads)
    _check_beside_bundle(draft, heads)
    names = [*_bundles(draft, heads), *(_meant(draft, found) for found in heads)]
    if names:
        names += [found.term.name for found in held if found not in asked]
    if not names and conditions and before is None:
        names = _rows_of(draft, conditions)
    if not names and not conditions:
        names = list(implied(draft))
    draft.metrics = tuple(dict.fromkeys(names))
    draft.among = tuple(dict.fromkeys((*draft.among, *(_among(draft, found) for found in conditions))))
    as_events(draft)
    _use_versus(draft, heads)
    for found in sentence.all(MetricTerm):
        if not sentence.used(found) and found.term in [known.term for known in named]:
            sentence.use(found, _became(found, conditions, draft))
    _check_every_count(draft)
    draft.sentence.take(Operator.COUNT)


def _check_every_count(draft: Draft) -> None:
    """'How many offers went out and how many succeeded' is two numbers, of which the second has but a condition."""
    sentence = draft.sentence
    counts = [found for found in sentence.operators(Operator.COUNT) if not sentence.used(found)]
    counts = [found for found in counts if sentence.counted_again(found) is None]
    values = [found for count in counts if isinstance((found := sentence.behind(count) or count).term, ValueTerm)]
    if values and len(counts) > max(len(draft.metrics), 1):
        raise unsupported(*(found.words for found in values))


def _check_beside_bundle(draft: Draft, heads: Sequence[AnyFound]) -> None:
    """'Who answers better, AI or people': what stands beside the figures of a name is a part of it, or in a list."""
    for bundle in draft.sentence.all(BundleTerm):
        own = draft.catalog.bundles[bundle.term.name].metrics
        others = [head for head in heads if head.term.name not in own]
        loose = [head for head in others if not side_by_side(draft, *sorted((bundle, head), key=lambda f: f.start))]
        if loose:
            raise unsupported(*(head.words for head in loose), bundle.words)


def _use_versus(draft: Draft, heads: Sequence[AnyFound]) -> None:
    """A 'vs' between two metrics sets them side by side, and compares no periods."""
    for head in heads[1:]:
        versus = draft.sentence.follows(head, Operator.VERSUS)
        if versus is not None:
            draft.sentence.use(versus, Operator.VERSUS.value)


def _only_conditions(draft: Draft, heads: Sequence[Found[MetricTerm]]) -> bool:
    """A follow-up that opens with a preposition narrows what was asked before."""
    opens = following.narrows(draft.sentence, heads[0])
    return opens and all(is_condition(draft.metric(found.term.name)) for found in heads)


def _is_divisor(draft: Draft, found: Found[MetricTerm]) -> bool:
    """'Cheapest per ticket': the superlative is of a quotient by that."""
    quotients = [name for s in draft.sentence.all(SuperlativeTerm) for name in s.term.metrics]
    known = any(isinstance(draft.metric(name), RatioMetric) for name in quotients)
    if not known or not divides(draft, found):
        return False
    draft.sentence.use(found, "divisor")
    return True


def _once(found: Sequence[Found[MetricTerm]]) -> list[Found[MetricTerm]]:
    return list({metric.term.name: metric for metric in reversed(found)}.values())[::-1]


def _became(found: Found[MetricTerm], conditions: Sequence[Found[MetricTerm]], draft: Draft) -> str:
    if found in conditions:
        return f"only {found.term.name}" if is_negated(draft, found) is None else f"not {found.term.name}"
    return f"metric {found.term.name}"


def _names_only_rows(draft: Draft, before: MetricQuery, named: Sequence[Found[MetricTerm]]) -> bool:
    """In a follow-up 'tickets' is the thing, not a new number: 'and only for tickets in Hebrew?'"""
    sentence = draft.sentence
    if len(named) != 1 or sentence.has(Operator.COUNT) or not is_base(draft.metric(named[0].term.name)):
        return False
    changed = sentence.any(ValueTerm, DimensionTerm, TimeTerm, GrainTerm) or divides(draft, named[0])
    return bool(changed) and all(draft.reaches(name, named[0].term.name) for name in before.metrics)


def _meant(draft: Draft, found: Found[MetricTerm]) -> str:
    """'How many negative feedbacks' counts what 'negative feedback' is the rate of; a state in a period is an event."""
    metric = draft.metric(found.term.name)
    words = {token.norm for token in draft.sentence.tokens[found.start : found.end]}
    counted = draft.sentence.follows(found, Operator.COUNT) is not None and not words & RATES
    if counted and isinstance(metric, RatioMetric) and metric.unit == "percent":
        return metric.numerator
    return found.term.name if is_base(metric) else beside_topic(draft, found.term.name)


def _bundles(draft: Draft, heads: Sequence[Found[MetricTerm]]) -> Iterator[str]:
    """All figures of a name; of 'the similarity of AI and human answers' the one that is named."""
    for found in draft.sentence.all(BundleTerm):
        draft.sentence.use(found, f"metrics of {found.term.name}")
        draft.sentence.take(Operator.COMPARE)
        own = draft.catalog.bundles[found.term.name].metrics
        if not heads or any(head.term.name not in own for head in heads):
            yield from own


def _rows_of(draft: Draft, conditions: Sequence[Found[MetricTerm]]) -> list[str]:
    """'Tickets without an answer' counts tickets: all rows of the table that the conditions are on."""
    tables = draft.tables(*(found.term.name for found in conditions))
    base = draft.base(next(iter(tables))) if len(tables) == 1 else None
    if base is None:
        raise unsupported(*(found.words for found in conditions))
    return [base]


def _among(draft: Draft, found: Found[MetricTerm]) -> Among:
    return Among(found.term.name, counts=is_negated(draft, found) is None)
