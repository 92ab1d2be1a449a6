"""The grammar of quantities: bounds that numbers set, and percentiles, the same for every language."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final, Generic, TypeVar

from dash_agent.models.query import Op
from dash_agent.planning.numbers import Number, NumberGrammar, Tokens, by_lemma, first_of
from dash_agent.planning.quantity_words import QUANTITIES, Amount
from dash_agent.planning.terms import NumberTerm, PercentileTerm, Span, ThresholdTerm
from dash_agent.planning.tokens import Analyser, Token, normal

YEARS: Final = range(2001, 2100)
OPPOSITE: Final = {Op.GT: Op.LE, Op.GE: Op.LT, Op.LT: Op.GE, Op.LE: Op.GT}
TIME_UNITS: Final = frozenset({"minute", "hour", "day", "week", "month"})
DAY_AND_MONTH: Final = re.compile(r"(?:[1-9]|[12]\d|3[01])[.,](?:0[1-9]|1[0-2])")
Words = tuple[str, ...]
T = TypeVar("T")


class Phrases(Generic[T]):
    """Sequences of words, each with what it means, found by the form that they stand in."""

    def __init__(self, known: Iterable[tuple[str, T]]) -> None:
        self._by_first: dict[str, list[tuple[Words, T]]] = defaultdict(list)
        for text, meaning in known:
            words = tuple(normal(text).split())
            self._by_first[words[0]].append((words, meaning))
        for found in self._by_first.values():
            found.sort(key=lambda pair: -len(pair[0]))

    def at(self, tokens: Tokens, start: int) -> Iterator[tuple[T, int]]:
        """What stands at `start` and where it ends, the longest first."""
        if start >= len(tokens):
            return
        for words, meaning in self._by_first.get(tokens[start].norm, ()):
            end = start + len(words)
            if end <= len(tokens) and all(t.norm == w for t, w in zip(tokens[start:end], words, strict=True)):
                yield meaning, end

    def longest(self, tokens: Tokens, start: int) -> tuple[T, int] | None:
        return next(self.at(tokens, start), None)


class QuantityGrammar:
    """Finds numbers, bounds and percentiles in token sequences."""

    def __init__(self, analyser: Analyser) -> None:
        self._number = NumberGrammar(analyser).at
        units = ((word, unit) for words in QUANTITIES for unit, named in words.units.items() for word in named)
        self._units = by_lemma(units, analyser)
        self._verbs = by_lemma(_pairs(words.verbs for words in QUANTITIES), analyser)
        self._ordinals = by_lemma((pair for w in QUANTITIES for pair in w.ordinals.items()), analyser)
        self._dates = by_lemma(((word, True) for words in QUANTITIES for word in words.dates), analyser)
        names = ((word, True) for words in QUANTITIES for word in words.percentiles)
        self._percentiles = by_lemma(names, analyser)
        self._bounds = Phrases(_pairs(words.bounds for words in QUANTITIES))
        self._weak = Phrases(_pairs(words.weak for words in QUANTITIES))
        self._behind = Phrases(_pairs(words.behind for words in QUANTITIES))
        self._links = Phrases((text, None) for words in QUANTITIES for text in words.links)
        self._leads = Phrases((text, None) for words in QUANTITIES for text in words.leads)
        self._amounts = Phrases(pair for words in QUANTITIES for pair in words.amounts.items())
        self._nots = frozenset(word for words in QUANTITIES for word in words.nots)
        self._ps = frozenset(word for words in QUANTITIES for word in words.ps)
        self._tos = frozenset(word for words in QUANTITIES for word in words.tos)
        self._uncounted = frozenset(word for words in QUANTITIES for word in words.uncounted)
        self._suffixes = frozenset(word for words in QUANTITIES for word in words.suffixes)

    def spans(self, tokens: Tokens) -> Iterator[Span]:
        """Every quantity at every place, overlaps included."""
        for start in range(len(tokens)):
            yield from self._bounded(tokens, start)
            yield from self._led(tokens, start)
            number = self._number(tokens, start)
            if number is not None:
                if number.value == int(number.value):
                    yield Span(NumberTerm(int(number.value)), start, number.end)
                yield from self._open_ended(tokens, start, number)
            yield from self._percentile(tokens, start, number)

    # Bounds

    def _bounded(self, tokens: Tokens, start: int) -> Iterator[Span]:
        """'more than 500', 'не выше 15 %'."""
        op, at, weak = self._bound(tokens, start)
        if op is None:
            return
        link = self._links.longest(tokens, at)
        if link is not None:
            at = link[1]
        found = self._amount(tokens, at, weak=weak)
        if found is not None:
            (value, unit), end = found
            unit = unit or self._unit_of_the_upper_end(tokens, end, weak=weak)
            yield Span(ThresholdTerm(op, value, unit), start, end)

    def _bound(self, tokens: Tokens, start: int) -> tuple[Op | None, int, bool]:
        """The bound's operator, where its words end, and whether dates take it, too."""
        negated = tokens[start].norm in self._nots
        at = start + 1 if negated else start
        strong, weak = self._bounds.longest(tokens, at), None
        if strong is None and at < len(tokens):
            verb = first_of(self._verbs, tokens[at])
            strong = None if verb is None else (verb, at + 1)
        if strong is None and not negated:
            weak = self._weak.longest(tokens, at)
        found = strong or weak
        if found is None:
            return None, start, False
        return OPPOSITE[found[0]] if negated else found[0], found[1], strong is None

    def _amount(self, tokens: Tokens, start: int, *, weak: bool) -> tuple[Amount, int] | None:
        """A number with its unit, unless it is a date or a time to whoever reads it."""
        whole = None if weak else self._amounts.longest(tokens, start)
        if whole is not None:
            return None if self._is_dated(tokens, whole[1]) else whole
        money = start < len(tokens) and first_of(self._units, tokens[start]) == "usd"
        number = self._number(tokens, start + money)
        if number is None or self._is_dated(tokens, number.end):
            return None
        if weak and not money and self._looks_like_time(tokens, start, number):
            return None
        unit, end = ("usd", number.end) if money else self._unit(tokens, number.end)
        return None if self._is_dated(tokens, end) else ((number.value, unit), end)

    def _unit(self, tokens: Tokens, at: int) -> tuple[str, int]:
        unit = first_of(self._units, tokens[at]) if at < len(tokens) else None
        return ("", at) if unit is None else (unit, at + 1)

    def _unit_of_the_upper_end(self, tokens: Tokens, at: int, *, weak: bool) -> str:
        """In 'от 5 до 10 часов' both numbers are hours."""
        op, end, upper_weak = self._bound(tokens, at) if weak and at < len(tokens) else (None, at, False)
        upper = self._amount(tokens, end, weak=True) if op is Op.LE and upper_weak else None
        return upper[0][1] if upper else ""

    def _led(self, tokens: Tokens, start: int) -> Iterator[Span]:
        """'for over 48 hours', 'уже больше двух суток': the word before a length of time goes with it."""
        for _, at in self._leads.at(tokens, start):
            if at < len(tokens):
                for span in self._bounded(tokens, at):
                    if isinstance(span.term, ThresholdTerm) and span.term.unit in TIME_UNITS:
                        yield Span(span.term, start, span.end)

    def _open_ended(self, tokens: Tokens, start: int, number: Number) -> Iterator[Span]:
        """'500 or more', '10+', '48 часов и дольше'."""
        if start and first_of(self._units, tokens[start - 1]) == "usd":
            start, (unit, at) = start - 1, ("usd", number.end)
        else:
            unit, at = self._unit(tokens, number.end)
        for op, end in self._behind.at(tokens, at):
            tail, unit_behind = end, unit
            if not unit:
                unit_behind, tail = self._unit(tokens, end)
            if not self._goes_on(tokens, end) and not self._is_dated(tokens, tail):
                yield Span(ThresholdTerm(op, number.value, unit_behind), start, tail)

    def _goes_on(self, tokens: Tokens, at: int) -> bool:
        """'5 or more than 10': the bound is that of the next number."""
        return at < len(tokens) and (tokens[at].norm == "than" or self._number(tokens, at) is not None)

    def _is_dated(self, tokens: Tokens, at: int) -> bool:
        """'до 5 октября', 'more than 3 days ago', 'over 5th': what came before is a date or a moment."""
        if at >= len(tokens):
            return False
        glued = tokens[at].start - tokens[at - 1].end <= 1
        return first_of(self._dates, tokens[at]) is not None or (glued and tokens[at].norm in self._suffixes)

    def _looks_like_time(self, tokens: Tokens, start: int, number: Number) -> bool:
        """'до 2026', 'up to 5.10', 'from 1 to 5 October'; and 'from 5 countries' sets no bound, either."""
        if number.digits and _may_be_a_date(tokens[start]):
            return True
        unit, end = self._unit(tokens, number.end)
        if end < len(tokens) and tokens[end].norm in self._tos:
            upper = self._number(tokens, end + 1)
            return upper is not None and self._is_dated(tokens, upper.end)
        counts = not unit and end < len(tokens) and not tokens[end].after_comma
        return counts and tokens[start - 1].norm in self._uncounted

    # Percentiles

    def _percentile(self, tokens: Tokens, start: int, number: Number | None) -> Iterator[Span]:
        """'90th percentile', 'перцентиль 95', 'p90'."""
        for value, at in self._ordinal(tokens, start, number):
            if at < len(tokens) and first_of(self._percentiles, tokens[at]):
                yield from _percentiles(value, start, at + 1)
        if tokens[start].norm in self._ps or first_of(self._percentiles, tokens[start]):
            behind = self._number(tokens, start + 1)
            if behind is not None and behind.digits and not self._unit(tokens, behind.end)[0]:
                yield from _percentiles(behind.value, start, behind.end)

    def _ordinal(self, tokens: Tokens, start: int, number: Number | None) -> Iterator[tuple[Decimal, int]]:
        """'90', '90th', 'ninetieth', 'ninety fifth', with where they end."""
        ordinal = first_of(self._ordinals, tokens[start])
        if ordinal is not None:
            yield Decimal(ordinal), start + 1
        if number is None:
            return
        yield number.value, number.end
        if number.end == len(tokens):
            return
        if tokens[number.end].norm in self._suffixes:
            yield number.value, number.end + 1
        unit = first_of(self._ordinals, tokens[number.end])
        if unit is not None and unit < 10 and number.value % 10 == 0:
            yield number.value + unit, number.end + 1


def _percentiles(value: Decimal, start: int, end: int) -> Iterator[Span]:
    if 0 < value < 100:
        yield Span(PercentileTerm(value / 100), start, end)


def _may_be_a_date(token: Token) -> bool:
    """'до 2026', 'up to 5.10'."""
    return (token.text.isdigit() and int(token.text) in YEARS) or DAY_AND_MONTH.fullmatch(token.text) is not None


def _pairs(tables: Iterable[Mapping[Op, Words]]) -> Iterator[tuple[str, Op]]:
    for table in tables:
        for op, texts in table.items():
            for text in texts:
                yield text, op
