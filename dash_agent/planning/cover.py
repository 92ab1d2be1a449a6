"""Choosing, of all overlapping readings of a question, the one that explains most with fewest terms."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from copy import copy
from itertools import groupby
from typing import Final

from dash_agent.planning.languages import LANGUAGES
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.lexicon import Lexicon
from dash_agent.planning.periods.grammar import PeriodGrammar
from dash_agent.planning.periods.spec import Before
from dash_agent.planning.quantities import QuantityGrammar
from dash_agent.planning.terms import (
    BundleTerm,
    DimensionTerm,
    FillerTerm,
    GrainTerm,
    MeasureTerm,
    MetricTerm,
    NumberTerm,
    OperatorTerm,
    OrderTerm,
    PatternTerm,
    PercentileTerm,
    PersonalTerm,
    Span,
    SubjectTerm,
    SuperlativeTerm,
    Term,
    ThresholdTerm,
    TimeTerm,
    TopicTerm,
    UnavailableTerm,
    UnknownTerm,
    ValueTerm,
)
from dash_agent.planning.tokens import Analyser, Token

UNKNOWN_COST = 10.0
FILLER_COST = 1.3
TERM_COST = 1.0
INEXACT_COST = 0.02
BARE_COST = 0.5
METRIC_GAIN = 0.0005
"""A word; settles ties: 'customer messages' from Germany, and not messages of 'customers from Germany'."""
WITHIN_COST = FILLER_COST + 0.02
FILLERS: Final = frozenset(word for language in LANGUAGES for word in language.fillers)
NAMED_GAIN = 0.5
"""A value beside its dimension's name is surer than any phrase that has only the name in it."""
EXCEPTING: Final = frozenset(text.split()[-1] for language in LANGUAGES for text in language.operators[Operator.EXCEPT])
INTERROGATIVES: Final = frozenset(word for language in LANGUAGES for word in language.interrogatives)
OPENING: Final = frozenset(
    word for language in LANGUAGES for text in language.operators[Operator.GREETING] for word in text.split()
)
DAYTIMES: Final = ("morning", "evening", "afternoon")
TIES: Final = frozenset(word for language in LANGUAGES for word in language.ties)

PREFERENCE: tuple[type[Term], ...] = (
    OrderTerm,
    PersonalTerm,
    PatternTerm,
    BundleTerm,
    MetricTerm,
    SuperlativeTerm,
    PercentileTerm,
    ThresholdTerm,
    TimeTerm,
    GrainTerm,
    ValueTerm,
    DimensionTerm,
    TopicTerm,
    MeasureTerm,
    UnavailableTerm,
    OperatorTerm,
    SubjectTerm,
    NumberTerm,
)
"""Which reading wins where several explain the same words: a small extra cost each, smaller than any term."""


class Cover:
    """Splits a question's tokens into spans, each explained by one term, leaving none out."""

    def __init__(self, lexicon: Lexicon, periods: PeriodGrammar, analyser: Analyser) -> None:
        self._lexicon = lexicon
        self._periods = periods
        self._quantities = QuantityGrammar(analyser)
        self._fillers = FILLERS

    def over(self, lexicon: Lexicon) -> Cover:
        """The same by another lexicon."""
        made = copy(self)
        made._lexicon = lexicon
        return made

    def spans(self, tokens: Sequence[Token], *, patterns: Collection[str] | None = None) -> tuple[Span, ...]:
        """The cheapest cover, from the first token to the last, with fillers and unknown words in it.

        patterns: the verified patterns that words may name, None for any.
        """
        best: list[tuple[float, tuple[Span, ...]]] = [(0.0, ())]
        ending = self._by_end(tokens, patterns=patterns)
        for end in range(1, len(tokens) + 1):
            options = [(best[span.start][0] + cost, (*best[span.start][1], span)) for span, cost in ending.get(end, ())]
            best.append(min(options, key=lambda option: option[0]))
        return best[-1][1]

    def _by_end(
        self, tokens: Sequence[Token], *, patterns: Collection[str] | None
    ) -> dict[int, list[tuple[Span, float]]]:
        found: dict[int, list[tuple[Span, float]]] = {}
        candidates = list(self._candidates(tokens))
        metrics = [span for span in candidates if isinstance(span.term, MetricTerm) and span.end - span.start > 1]
        named = [span for span in candidates if isinstance(span.term, ValueTerm) and not span.phrase]
        for span in candidates:
            if _is_light(span, tokens) or _names_a_value(span, named):
                continue
            if isinstance(span.term, PatternTerm) and patterns is not None and span.term.name not in patterns:
                continue
            found.setdefault(span.end, []).append((span, _cost(span) + _contested(span, metrics)))
        for index, token in enumerate(tokens):
            found.setdefault(index + 1, []).append(self._single(index, token))
        return found

    def _candidates(self, tokens: Sequence[Token]) -> Iterator[Span]:
        spans = [*self._lexicon.spans(tokens), *self._periods.spans(tokens), *self._quantities.spans(tokens)]
        for span in spans:
            loose = isinstance(span.term, ValueTerm) and not span.term.alone
            if not loose and not self._asks_late(span, tokens) and not _is_time_of_day(span, tokens):
                yield span
        yield from _named_values(spans, tokens)

    def _asks_late(self, span: Span, tokens: Sequence[Token]) -> bool:
        """'Who' names the agents where it opens the question, and in 'customers who wrote' nothing."""
        asks = isinstance(span.term, DimensionTerm) and tokens[span.start].norm in INTERROGATIVES
        return (
            asks
            and not all(self.is_filler(token) or token.norm in OPENING for token in tokens[: span.start])
            and not tokens[span.start].after_stop
        )

    def is_filler(self, token: Token) -> bool:
        """English fillers are listed in every form: 'created' is one, and 'create' asks for a change."""
        return token.norm in self._fillers or (not token.norm.isascii() and not token.lemmas.isdisjoint(self._fillers))

    def _single(self, index: int, token: Token) -> tuple[Span, float]:
        if self.is_filler(token) and not _is_a_name(token):
            return Span(FillerTerm(), index, index + 1), FILLER_COST
        return Span(UnknownTerm(), index, index + 1), UNKNOWN_COST


def _names_a_value(span: Span, named: Sequence[Span]) -> bool:
    """'Had the secondary intent' is a number, but in 'had the secondary intent skip month' its end names a value."""
    return isinstance(span.term, MetricTerm) and any(span.start < n.start < span.end < n.end for n in named)


def _contested(span: Span, metrics: Sequence[Span]) -> float:
    """A value's phrase that shares a word with a metric's has its little words not for nothing: in 'customer messages
    from Germany' the customers belong to the messages.
    """
    if not isinstance(span.term, ValueTerm):
        return 0
    shares = any(m.start < span.start < m.end < span.end or span.start < m.start < span.end < m.end for m in metrics)
    return WITHIN_COST * sum(word in FILLERS for word in span.phrase) if shares else 0


def _is_time_of_day(span: Span, tokens: Sequence[Token]) -> bool:
    """'Morning!' greets where it stands apart at the beginning; in 'this morning' it does not."""
    if not isinstance(span.term, OperatorTerm) or span.term.operator is not Operator.GREETING:
        return False
    end = span.end
    apart = end == len(tokens) or tokens[end].after_comma or tokens[end].after_stop
    return span.phrase[:1] in [(word,) for word in DAYTIMES] and not (span.start == 0 and apart)


def _is_light(span: Span, tokens: Sequence[Token]) -> bool:
    """A name inside a sentence that looks like a form of a word which changes nothing."""
    light = isinstance(span.term, OperatorTerm) and span.term.operator.light
    return light and span.end - span.start == 1 and _is_a_name(tokens[span.start])


def _is_a_name(token: Token) -> bool:
    """A capital inside a sentence: a name that only happens to look like a form of an ordinary word ('Даны')."""
    return not token.after_stop and len(token.text) > 1 and token.text[0].isupper() and token.text[1:].islower()


def _cost(span: Span) -> float:
    if isinstance(span.term, TimeTerm) and span.term.spec == Before():
        return FILLER_COST + TERM_COST
    if isinstance(span.term, FillerTerm):
        return FILLER_COST
    if isinstance(span.term, GrainTerm) and span.term.bare:
        return TERM_COST + BARE_COST
    gain = NAMED_GAIN if isinstance(span.term, ValueTerm) and not span.phrase else 0.0
    if isinstance(span.term, MetricTerm):
        gain = METRIC_GAIN * (span.end - span.start)
    preference = PREFERENCE.index(type(span.term)) / 1000
    return TERM_COST + preference + span.inexact * INEXACT_COST - (span.end - span.start) / 100 - gain


def _over(tokens: Sequence[Token], place: int, step: int) -> Iterator[int]:
    """The place beside, and beyond the little words that tie a value to a name: 'a payment issue as the intent'."""
    yield place
    while 0 <= (at := place if step > 0 else place - 1) < len(tokens) and tokens[at].norm in TIES:
        place += step
        yield place


def _named_values(spans: Sequence[Span], tokens: Sequence[Token]) -> Iterator[Span]:
    """A value beside the name of its dimension ("status Escalated", "channel email") is that dimension's value."""
    values = [span for span in spans if isinstance(span.term, ValueTerm)]
    by_start = {start: list(group) for start, group in groupby(sorted(values, key=_start), key=_start)}
    by_end = {end: list(group) for end, group in groupby(sorted(values, key=_end), key=_end)}
    for value in values:
        # 'Categories except other': the dimension may stand further off.
        if value.start and tokens[value.start - 1].norm in EXCEPTING:
            for span in spans:
                if isinstance(span.term, DimensionTerm) and span.end < value.start:
                    yield from _named(span, value, value.start, value.end)
    for span in spans:
        if not isinstance(span.term, DimensionTerm):
            continue
        for start in _over(tokens, span.end, 1):
            for value in by_start.get(start, ()):
                yield from _named(span, value, span.start, value.end)
        for end in _over(tokens, span.start, -1):
            for value in by_end.get(end, ()):
                yield from _named(span, value, value.start, span.end)


def _named(dimension: Span, value: Span, start: int, end: int) -> Iterator[Span]:
    if isinstance(dimension.term, DimensionTerm) and isinstance(value.term, ValueTerm):
        known = (*value.term.choices, *value.term.twins)
        choices = tuple(choice for choice in known if choice[0] in dimension.term.names)
        if choices:
            yield Span(ValueTerm(choices), start, end)


def _start(span: Span) -> int:
    return span.start


def _end(span: Span) -> int:
    return span.end
