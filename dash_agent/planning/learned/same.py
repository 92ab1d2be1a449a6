"""When two texts say the same: a question in another look, and words that differ by a slip."""

from __future__ import annotations

from typing import Final

from rapidfuzz import fuzz

from dash_agent.models.learning import (
    Correction,
    Gotcha,
    PatternCandidate,
    Payload,
    Preference,
    Synonym,
)
from dash_agent.planning.lexicon import ARTICLES
from dash_agent.planning.tokens import WORD, normal

NEAR: Final = 88.0
"""Of 100: words of one target that are so alike are one learning."""


def look(question: str) -> tuple[str, ...]:
    """The same for a question in other letter case, spacing and punctuation, with or without articles.

    Every other word counts, and so does their order: 'to us' and 'from us' are two questions.
    """
    norms = (normal(word) for word in WORD.findall(question))
    return tuple(norm for norm in norms if norm not in ARTICLES)


def plain(text: str) -> str:
    return " ".join(look(text))


def near(one: str, other: str) -> bool:
    """Words that differ by a slip of the pen, or by their order."""
    return fuzz.token_sort_ratio(plain(one), plain(other)) >= NEAR


def identity(payload: Payload) -> str:
    """The same for two payloads that say the same, however they are written."""
    match payload:
        case Synonym():
            said = sorted({plain(words) for words in payload.phrasings})
            return "|".join(("synonym", payload.target, payload.name, *payload.values, said[0] if said else ""))
        case Correction():
            right = plain(payload.meant) if payload.meant else f"{payload.failed}|{payload.mended}"
            return f"correction|{plain(payload.question)}|{right}"
        case Gotcha():
            span = f"{payload.start or ''}..{payload.end or ''}"
            values = ",".join(sorted(payload.without))
            return "|".join(("gotcha", payload.metric, payload.dimension, values, span, plain(payload.caveat)))
        case PatternCandidate():
            return f"pattern|{' '.join(payload.sql.split())}"
        case Preference():
            return "|".join(("preference", payload.habit, plain(payload.words), payload.name, *sorted(payload.values)))
