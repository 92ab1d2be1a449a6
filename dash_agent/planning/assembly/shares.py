"""Shares: a rate that the catalogue knows, parts of a whole, or the part of each group that a condition holds for."""

from __future__ import annotations

from dash_agent.context.business import CountMetric, RatioMetric, SumMetric
from dash_agent.models.query import Among, Filter, Op
from dash_agent.planning.assembly.draft import Draft, is_base, is_condition
from dash_agent.planning.languages import LANGUAGES
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.parts import unsupported
from dash_agent.planning.sentence import AnyFound, Found, Sentence
from dash_agent.planning.terms import DimensionTerm, MetricTerm, ValueTerm

WITHIN = frozenset(word for language in LANGUAGES for word in language.within)
SMALL = frozenset(word for language in LANGUAGES for word in (*language.articles, *language.pronouns))
SHARES = frozenset(word for language in LANGUAGES for word in language.operators[Operator.SHARE])
PREDICATES = frozenset(word for language in LANGUAGES for word in language.predicates)


def as_rate(draft: Draft) -> None:
    """'The share of escalated tickets' is the escalation rate, where the catalogue has a rate of that count.

    In 'the share of WhatsApp in escalations' they are the whole, and there is no rate of them.
    """
    if len(draft.metrics) == 1 and not draft.sentence.has(Operator.SHARE):
        _turn(draft)
    if not draft.sentence.has(Operator.SHARE) or len(draft.metrics) != 1 or _is_the_whole(draft):
        return
    rates = draft.rates_of(draft.metrics[0])
    if len(rates) == 1:
        draft.metrics = rates
        draft.sentence.take(Operator.SHARE)


def often(draft: Draft) -> None:
    """'How often are tickets escalated' is the rate; of what has none, the number. Unused where neither is sure."""
    sentence = draft.sentence
    if not sentence.has(Operator.OFTEN) or len(draft.metrics) != 1 or draft.among:
        return
    metric = draft.metric(draft.metrics[0])
    rates = draft.rates_of(metric.name)
    if len(rates) == 1:
        draft.metrics = rates
    if len(rates) == 1 or metric.unit == "percent" or (isinstance(metric, CountMetric) and not rates):
        sentence.take(Operator.OFTEN)


def _turn(draft: Draft) -> None:
    """'What share of escalated tickets are urgent' is no escalation rate: the escalated ones are the whole."""
    sentence, metric = draft.sentence, draft.metric(draft.metrics[0])
    named = [found for found in sentence.all(MetricTerm) if found.term.name == metric.name]
    if not named or not isinstance(metric, RatioMetric) or not is_condition(draft.metric(metric.numerator)):
        return
    said = {token.norm for token in sentence.tokens[named[0].start : named[0].end]}
    values = [value for value in sentence.all(ValueTerm) if value.start >= named[0].end]
    if SHARES.isdisjoint(said) or not values:
        return
    between = {token.norm for token in sentence.tokens[named[0].end : values[0].start]}
    if not PREDICATES.isdisjoint(between):
        draft.turned, draft.metrics = named[0], (metric.numerator,)


def _is_the_whole(draft: Draft) -> bool:
    """Whether the metric that a share is asked with is what the parts are of."""
    sentence, name = draft.sentence, draft.metrics[0]
    metric = draft.metric(name)
    named = [found for found in sentence.all(MetricTerm) if found.term.name == name]
    if not named or not (isinstance(metric, CountMetric) and is_condition(metric)):
        return False
    if metric.time is not None and draft.base(metric.table, metric.time) is None and not draft.rates_of(name):
        return True
    said, whole = sentence.operators(Operator.SHARE)[0], named[0]
    values = sentence.all(ValueTerm)
    parts: list[AnyFound] = [*values, *sentence.all(DimensionTerm)]
    before = any(said.end <= part.start < whole.start for part in parts)
    if before and _word_before(sentence, whole) in WITHIN:
        return True
    behind = [value.start for value in values if value.start >= whole.end]
    return bool(behind) and any(sentence.tokens[at].norm in PREDICATES for at in range(whole.end, behind[0]))


def _word_before(sentence: Sentence, found: AnyFound) -> str:
    """The word that stands before it, over articles: 'of' in 'of all the escalations'."""
    at = found.start - 1
    while at >= 0 and sentence.tokens[at].norm in SMALL:
        at -= 1
    return sentence.tokens[at].norm if at >= 0 else ""


def read(draft: Draft) -> None:
    """Fills share and part. Raises NotPlanned where there is no whole that a part could be of."""
    sentence = draft.sentence
    said: list[AnyFound] = [*sentence.operators(Operator.SHARE)]
    if draft.turned is not None:
        said = [draft.turned]
    if not said:
        return
    if all(draft.metric(name).unit == "percent" for name in draft.metrics):
        sentence.take(Operator.SHARE)
        return
    if len(draft.metrics) != 1 or draft.compare is not None:
        raise unsupported(*(found.words for found in said))
    metric = draft.metric(draft.metrics[0])
    if not isinstance(metric, CountMetric | SumMetric):
        raise unsupported(*(found.words for found in said))
    sentence.take(Operator.SHARE)
    draft.share = True
    whole = draft.turned is not None or _is_the_whole(draft)
    condition = isinstance(metric, CountMetric) and is_condition(metric) and not whole
    base = draft.base(metric.table, metric.time) if condition else None
    if base is not None:
        draft.metrics, draft.part = (base,), (Among(metric.name),)
        return
    if draft.among and isinstance(metric, CountMetric) and is_base(metric):
        draft.part, draft.among = draft.among, ()
        return
    _of_values(draft, said[0])


def _is_one_word(draft: Draft, part: Filter) -> bool:
    """One word for several values, such as 'retention', has one share."""
    words = [found for found in draft.sentence.all(ValueTerm) if _dimension(draft, found) == part.dimension]
    return len(words) == 1 and len(part.values) > 1


def _splits_the_whole(draft: Draft, said: AnyFound) -> bool:
    """'The share of each language among tickets from Germany': what is narrowed to is the whole."""
    dimensions = [found for found in draft.sentence.all(DimensionTerm) if found.start >= said.end]
    values = [found.start for found in draft.sentence.all(ValueTerm)]
    return (
        bool(dimensions and values)
        and dimensions[0].end <= min(values)
        and draft.sentence.follows(dimensions[0], Operator.SHARE, Operator.EACH) is not None
    )


def _rate_of(draft: Draft, part: Filter) -> str | None:
    """The rate of the count that the filter makes: 'the share of tasks done' is the success rate."""
    column = draft.column(part.dimension)[1]
    table = next(iter(draft.tables(*draft.metrics)))
    where = f"{column} = '{part.values[0]}'" if len(part.values) == 1 else None
    counts = {
        m.name
        for m in draft.catalog.metrics.values()
        if isinstance(m, CountMetric) and m.table == table and m.where == where
    }
    rates = [
        m.name
        for m in draft.catalog.metrics.values()
        if isinstance(m, RatioMetric) and m.numerator in counts and m.unit == "percent" and m.synonyms
    ]
    return rates[0] if len(rates) == 1 else None


def _of_values(draft: Draft, said: AnyFound) -> None:
    parts = _parts(draft, said)
    beside = [narrowing for narrowing in draft.filters if narrowing not in parts]
    if not parts:
        if draft.dimensions or (draft.grain is not None and not draft.filters):
            return
        raise unsupported(said.words)
    if _splits_the_whole(draft, said):
        return
    if len(parts) == 1 and parts[0].op is Op.IN and (rate := _rate_of(draft, parts[0])) is not None:
        draft.metrics, draft.filters, draft.share = (rate,), tuple(beside), False
        return
    if (
        len(parts) == 1
        and parts[0].op is Op.IN
        and not _is_one_word(draft, parts[0])
        and not draft.dimensions
        and draft.grain is None
    ):
        draft.dimensions = (parts[0].dimension,)
        return
    if all(part.dimension in draft.dimensions for part in parts):
        return
    draft.part, draft.filters = tuple(parts), tuple(beside)


def _parts(draft: Draft, said: AnyFound) -> list[Filter]:
    """The filters that make the part. Of several, those said before the rows: in 'the share of urgent tickets on
    WhatsApp' the tickets on WhatsApp are the whole.
    """
    values = draft.sentence.all(ValueTerm)
    dimensions = {found.at: _dimension(draft, found) for found in values}
    named = [f for f in draft.filters if f.dimension in dimensions.values()] or list(draft.filters)
    if len(named) <= 1:
        return named
    rows = [thing.begins for thing in draft.sentence.things if thing.begins >= said.end]
    first = rows[0] if rows else None
    if first is None:
        return named
    tokens = draft.sentence.tokens
    verbs = [at for at in range(first, values[-1].start if values else first) if tokens[at].norm in PREDICATES]
    if verbs:
        behind = {dimensions[found.at] for found in values if found.start > verbs[0]}
        return [narrowing for narrowing in named if narrowing.dimension in behind] or named
    early = {dimensions[found.at] for found in values if said.end <= found.start < first}
    return [narrowing for narrowing in named if narrowing.dimension in early] or named


def _dimension(draft: Draft, found: Found[ValueTerm]) -> str:
    known = {narrowing.dimension for narrowing in draft.filters}
    return next((dimension for dimension, _ in found.term.choices if dimension in known), "")
