"""What opens a question and only leads up to it: 'My boss keeps asking: how many …', or a story of some sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dash_agent.planning.languages import LANGUAGES
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.terms import (
    BundleTerm,
    DimensionTerm,
    FillerTerm,
    GrainTerm,
    MeasureTerm,
    MetricTerm,
    NumberTerm,
    OperatorTerm,
    Span,
    SubjectTerm,
    TimeTerm,
    TopicTerm,
    UnavailableTerm,
    UnknownTerm,
    ValueTerm,
)
from dash_agent.planning.tokens import Token

INTRODUCTIONS: Final = frozenset(word for language in LANGUAGES for word in language.introductions)
LEADING: Final = frozenset(word for language in LANGUAGES for word in language.leading)
NARROWING: Final = (Operator.NOT, Operator.EXCEPT, Operator.ONLY)
SHORTEST_STORY: Final = 4
"""Words."""
RESTRICTING: Final = (Operator.EXCEPT, Operator.ONLY)
CONCLUSIONS: Final = frozenset(word for language in LANGUAGES for word in language.conclusions)
TOLD: Final = (
    *(MetricTerm, BundleTerm, DimensionTerm, TopicTerm, SubjectTerm, MeasureTerm, GrainTerm, NumberTerm),
    *(OperatorTerm, FillerTerm, UnknownTerm, UnavailableTerm, ValueTerm, TimeTerm),
)
"""What a story may speak of: none of it narrows a question that names its own number."""


def introduction(tokens: Sequence[Token], spans: Sequence[Span]) -> int | None:
    """The token that the question proper begins with; None where no such clause opens it.

    The clause speaks of the asker, knows no word of the data, and could not narrow: it is talk, and no condition.
    Every word that nothing explains stands in it.
    """
    ends = [
        at for at, token in enumerate(tokens) if at > 0 and (token.after_stop or token.after_comma or token.after_dash)
    ]
    strange = [span.start for span in spans if isinstance(span.term, UnknownTerm)]
    end = next((at for at in ends if strange and at > strange[-1]), None)
    if end is None or tokens[0].norm in LEADING:
        return None
    clause = [span for span in spans if span.start < end]
    said = {token.norm for token in tokens[:end]}
    if INTRODUCTIONS.isdisjoint(said) or not all(_is_talk(span) for span in clause):
        return None
    return end


def _is_talk(span: Span) -> bool:
    term = span.term
    light = isinstance(term, OperatorTerm) and term.operator.light and term.operator not in NARROWING
    return light or isinstance(term, FillerTerm | UnknownTerm)


def stories(tokens: Sequence[Token], spans: Sequence[Span]) -> tuple[int, ...]:
    """Tokens that the question proper may begin with, where whole sentences before it lead up to it.

    Every word that nothing explains stands in them, and no condition does but values and times, which count for
    nothing only where `is_said_again` finds them in the question, too.
    """
    strange = [span.start for span in spans if isinstance(span.term, UnknownTerm | UnavailableTerm)]
    if not strange:
        return ()
    ends = range(max(strange[-1] + 1, SHORTEST_STORY), len(tokens))
    return tuple(
        end
        for end in ends
        if _opens(tokens[end])
        and all(_is_told(span) for span in spans if span.start < end)
        and all(span.end <= end or span.start >= end for span in spans)
    )


def _opens(token: Token) -> bool:
    return token.after_stop or token.after_dash or (token.after_comma and token.norm in CONCLUSIONS)


def _is_told(span: Span) -> bool:
    restricts = isinstance(span.term, OperatorTerm) and span.term.operator in RESTRICTING
    return isinstance(span.term, TOLD) and not restricts


def is_said_again(story: Sequence[Span], question: Sequence[Span]) -> bool:
    """Whether a question names its number itself, and all values and some time where the story has them."""
    said = {span.term for span in question}
    named = any(isinstance(term, MetricTerm | BundleTerm | SubjectTerm) for term in said)
    dated = any(isinstance(term, TimeTerm) for term in said)
    values = all(span.term in said for span in story if isinstance(span.term, ValueTerm))
    return named and values and (dated or not any(isinstance(span.term, TimeTerm) for span in story))
