"""Clauses that open a question and only lead up to it: 'My boss keeps asking: how many …'."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dash_agent.planning.languages import LANGUAGES
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.terms import FillerTerm, OperatorTerm, Span, UnknownTerm
from dash_agent.planning.tokens import Token

INTRODUCTIONS: Final = frozenset(word for language in LANGUAGES for word in language.introductions)
LEADING: Final = frozenset(word for language in LANGUAGES for word in language.leading)
NARROWING: Final = (Operator.NOT, Operator.EXCEPT, Operator.ONLY)


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
