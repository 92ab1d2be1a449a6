"""A question's explained words, and which of them a plan has used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from dash_agent.models.plan import Reading
from dash_agent.planning.languages import LANGUAGES
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.terms import (
    FillerTerm,
    GrainTerm,
    OperatorTerm,
    Span,
    SubjectTerm,
    Term,
    ValueTerm,
)
from dash_agent.planning.tokens import Token

T = TypeVar("T", bound=Term)

RELATIVES: Final = frozenset(word for language in LANGUAGES for word in language.relatives)
LINKS = (Operator.AND, Operator.OR, Operator.VERSUS)
"""What joins two things of a kind."""


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A term over the tokens [start, end). at: its number among the spans. plural: its words may be a plural."""

    term: T
    start: int
    end: int
    at: int
    words: str
    plural: bool


AnyFound = Found[Any]


@dataclass(frozen=True, slots=True)
class Thing:
    """Words that name the rows of tables. begins: where the metric begins in whose name they stand, else themselves."""

    tables: tuple[str, ...]
    start: int
    end: int
    begins: int


class Sentence:
    """Hands out terms by kind and keeps account of their use. What is left in the end is not understood."""

    def __init__(self, tokens: Sequence[Token], spans: Sequence[Span], things: Sequence[Thing]) -> None:
        self.tokens = tuple(tokens)
        self.things = tuple(things)
        self.found: tuple[AnyFound, ...] = tuple(_found(self.tokens, span, at) for at, span in enumerate(spans))
        self._became: dict[int, str] = {}

    def all(self, kind: type[T]) -> list[Found[T]]:
        return [found for found in self.found if isinstance(found.term, kind)]

    def any(self, *kinds: type[Any]) -> bool:
        return any(isinstance(found.term, kinds) for found in self.found)

    def operators(self, *operators: Operator) -> list[Found[OperatorTerm]]:
        return [found for found in self.all(OperatorTerm) if found.term.operator in operators]

    def has(self, *operators: Operator) -> bool:
        return bool(self.operators(*operators))

    def words_of(self, *operators: Operator) -> tuple[str, ...]:
        return tuple(found.words for found in self.operators(*operators))

    def take(self, *operators: Operator) -> bool:
        """Whether one of the operators stands there; it is used then."""
        taken = self.operators(*operators)
        for found in taken:
            self.use(found, found.term.operator.value)
        return bool(taken)

    def use(self, found: AnyFound, became: str) -> None:
        self._became[found.at] = became

    def used(self, found: AnyFound) -> bool:
        return found.at in self._became

    def unused(self) -> list[AnyFound]:
        """Words that carry something and were not used."""
        return [found for found in self.found if found.at not in self._became and not _is_light(found.term)]

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What became of the words, in their order."""
        return tuple(Reading(self.found[at].words, became) for at, became in sorted(self._became.items()))

    def near(self, at: int, step: int, passing: Iterable[Operator] = ()) -> AnyFound | None:
        """The next term before (-1) or behind (1) the span number `at`, over fillers and the passing operators."""
        over = set(passing)
        at += step
        while 0 <= at < len(self.found):
            term = self.found[at].term
            light = isinstance(term, FillerTerm) or (isinstance(term, OperatorTerm) and term.operator in over)
            if not light:
                return self.found[at]
            at += step
        return None

    def before(self, found: AnyFound, *passing: Operator) -> AnyFound | None:
        return self.near(found.at, -1, passing)

    def behind(self, found: AnyFound, *passing: Operator) -> AnyFound | None:
        return self.near(found.at, 1, passing)

    def follows(self, found: AnyFound, *operators: Operator) -> Found[OperatorTerm] | None:
        """The operator that stands right before, over fillers."""
        near = self.before(found)
        return near if near is not None and is_operator(near, *operators) else None

    @property
    def choosing(self) -> bool:
        """Whether an 'or' sets two things against each other."""
        return any(self.used(found) for found in self.operators(Operator.OR))

    def counted_again(self, count: AnyFound) -> AnyFound | None:
        """Of 'how many by email and how many by chat' the second value, for the second 'how many'."""
        value = self.behind(count, Operator.BY, Operator.ALONG)
        if value is None or not isinstance(value.term, ValueTerm):
            return None
        own = {name for name, _ in value.term.choices}
        before = (found for found in self.all(ValueTerm) if found.end <= count.start)
        return value if any(own & {name for name, _ in found.term.choices} for found in before) else None

    def joined(self, found: AnyFound) -> bool:
        """An 'and', an 'or', a 'vs' or a comma joins it to what stands before."""
        near = self.before(found, Operator.COUNT)
        return self.comma_before(found.start) or (near is not None and is_operator(near, *LINKS))

    def comma_between(self, one: AnyFound, other: AnyFound) -> bool:
        return any(self.comma_before(at) for at in range(one.end, other.start + 1))

    def comma_before(self, at: int) -> bool:
        """Whether a comma parts the token from what stands before it, and does not only open a clause about it."""
        token = self.tokens[at]
        opens = token.participle or not RELATIVES.isdisjoint(token.lemmas)
        clause = opens and any(thing.end == at for thing in self.things)
        return token.after_comma and not clause

    def word_before(self, found: AnyFound) -> str:
        """The token right before, '' at the beginning."""
        return self.tokens[found.start - 1].norm if found.start > 0 else ""


def is_operator(found: AnyFound, *operators: Operator) -> bool:
    return isinstance(found.term, OperatorTerm) and found.term.operator in operators


def _found(tokens: Sequence[Token], span: Span, at: int) -> AnyFound:
    words = " ".join(token.text for token in tokens[span.start : span.end])
    first, last = tokens[span.start], tokens[span.end - 1]
    plural = first.plural or (last.plural and not isinstance(span.term, GrainTerm))
    return Found(span.term, span.start, span.end, at, words, plural)


def _is_light(term: Term) -> bool:
    """What may stand in a question without changing what is asked."""
    return isinstance(term, FillerTerm | SubjectTerm) or (isinstance(term, OperatorTerm) and term.operator.light)
