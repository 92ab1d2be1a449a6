"""A question's own words, taken over into another question as they stood."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from dash_agent.planning.choice_words import ChoiceWords
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.terms import (
    FillerTerm,
    OperatorTerm,
    Span,
    Term,
    UnavailableTerm,
    UnknownTerm,
)
from dash_agent.planning.tokens import Token, normal

T = TypeVar("T", bound=Term)

JOINS = frozenset(
    {Operator.EXCEPT, Operator.AND, Operator.BY, Operator.ALONG, Operator.EACH, Operator.PER, Operator.ONLY}
)
"""Operators that go with what stands behind them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """linked: little words stand before it."""

    term: Term
    text: str
    linked: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A question, read: its text, its tokens with typos mended, and the spans that explain them."""

    text: str
    tokens: Sequence[Token]
    spans: Sequence[Span]
    words: ChoiceWords

    def pieces(self, *kinds: type[Term]) -> list[Piece]:
        """The parts of those kinds in their order, with the little words before them."""
        found: list[Piece] = []
        for at, span in enumerate(self.spans):
            if isinstance(span.term, kinds):
                start = self._begin(at)
                while not found and start < span.start and self._joins(start):
                    start += 1
                found.append(Piece(span.term, self._slice(start, span.end), start < span.start))
        return found

    def through(self, kind: type[Term]) -> str:
        """All from the first part of a kind to the last, with what stands between them."""
        of_kind = [at for at, span in enumerate(self.spans) if isinstance(span.term, kind)]
        return self._slice(self._begin(of_kind[0]), self.spans[of_kind[-1]].end) if of_kind else ""

    def without(self, dropped: Collection[int]) -> str:
        """The question but for those spans and the little words before them."""
        gone = {token for at in dropped for token in range(self._begin(at), self.spans[at].end)}
        left = [at for at in range(len(self.tokens)) if at not in gone]
        return " ".join(self._slice(first, last + 1) for first, last in _runs(left)).strip()

    def replaced(self, at: int, words: str) -> str:
        """The question with other words in the place of a span."""
        span = self.spans[at]
        before, behind = self._slice(0, span.start), self._slice(span.end, len(self.tokens))
        end = self.text[self.tokens[-1].end :].strip()
        return f"{before} {words} {behind}".strip() + end

    def all(self, kind: type[T]) -> list[T]:
        return [span.term for span in self.spans if isinstance(span.term, kind)]

    def texts(self, kind: type[Term]) -> list[str]:
        """The words of that kind's terms, without what stands before them."""
        return [self._slice(span.start, span.end) for span in self.spans if isinstance(span.term, kind)]

    def has(self, *operators: Operator) -> bool:
        return any(found.operator in operators for found in self.all(OperatorTerm))

    def word_before(self, at: int) -> str:
        start = self.spans[at].start
        return self.tokens[start - 1].norm if start else ""

    def unplaced(self, words: Sequence[str]) -> list[int]:
        """The spans that nothing explains, or that were named as what could not be used."""
        lost = [at for at, span in enumerate(self.spans) if isinstance(span.term, UnknownTerm | UnavailableTerm)]
        return lost or [at for at, span in enumerate(self.spans) if self._words(span) in words]

    def spans_of(self, words: str) -> list[int]:
        return [at for at, span in enumerate(self.spans) if self._words(span) == words]

    def _words(self, span: Span) -> str:
        return " ".join(token.text for token in self.tokens[span.start : span.end])

    def _begin(self, at: int) -> int:
        """Where the little words before a span begin."""
        while at > 0 and self._is_link(self.spans[at - 1]):
            at -= 1
        return self.spans[at].start

    def _is_link(self, span: Span) -> bool:
        if isinstance(span.term, OperatorTerm):
            return span.term.operator in JOINS
        return isinstance(span.term, FillerTerm) and self.tokens[span.start].norm in self.words.links

    def _joins(self, at: int) -> bool:
        """'and last week': at the beginning there is nothing to join."""
        return any(span.start <= at < span.end and span.term == OperatorTerm(Operator.AND) for span in self.spans)

    def _slice(self, start: int, end: int) -> str:
        """The text over the tokens, with the signs between them, and typos mended."""
        made = ""
        for at in range(start, end):
            token = self.tokens[at]
            between = self.text[self.tokens[at - 1].end : token.start] if at > start else ""
            made += between + (token.text if normal(token.text) == token.norm else token.norm)
        return made


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of numbers that follow one another."""
    start = 0
    for at in range(1, len(numbers) + 1):
        if at == len(numbers) or numbers[at] != numbers[at - 1] + 1:
            yield numbers[start], numbers[at - 1]
            start = at
