"""Which passages share the most telling words with a text, counted in memory: for where no database searches."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import log
from typing import Final

from dash_agent.models.planned import Passage

STEM: Final = 5
"""Letters that are compared of a word: endings differ in both languages, beginnings seldom."""

NAMED: Final = 3
"""How many times a word of the name or among the synonyms counts against one of the text."""

LONGEST_NAME: Final = 5
"""Words."""

SATURATION: Final = 1.2
LENGTH: Final = 0.4
"""k1 and b of BM25. Synonyms make a passage long without making it less of one thing, so length weighs little."""

Terms = Counter[str]


class Lexical:
    """Passages ranked by BM25 over the beginnings of their words."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._terms = [_terms_of(passage) for passage in passages]
        self._lengths = [sum(terms.values()) for terms in self._terms]
        self._usual = sum(self._lengths) / max(1, len(passages))
        self._held = Counter(term for terms in self._terms for term in terms)

    def search(self, text: str, limit: int) -> tuple[Passage, ...]:
        """The best first; only those that share a word."""
        asked = set(_stems(text))
        scored = ((self._score(asked, at), at) for at in range(len(self._passages)))
        best = sorted((-score, at) for score, at in scored if score > 0)[:limit]
        return tuple(replace(self._passages[at], score=-score) for score, at in best)

    def _score(self, asked: Iterable[str], at: int) -> float:
        terms, long = self._terms[at], self._lengths[at] / self._usual
        dampened = SATURATION * (1 - LENGTH + LENGTH * long)
        return sum(
            self._rarity(term) * terms[term] * (SATURATION + 1) / (terms[term] + dampened)
            for term in asked
            if term in terms
        )

    def _rarity(self, term: str) -> float:
        held = self._held[term]
        return log(1 + (len(self._passages) - held + 0.5) / (held + 0.5))


NAMED_LAYERS: Final = ("metric", "dimension", "value")


class Named:
    """Metrics, dimensions and values that a text calls by one of their names or synonyms, in full.

    One word that is a value's name tells more than many that a long text happens to share.
    """

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = [passage for passage in passages if passage.layer in NAMED_LAYERS]
        self._called: dict[tuple[str, ...], list[int]] = {}
        for at, passage in enumerate(self._passages):
            phrases = (passage.name, *passage.words.split(","))
            for phrase in {tuple(_stems(one)) for one in phrases} - {()}:
                if len(phrase) <= LONGEST_NAME:
                    self._called.setdefault(phrase, []).append(at)

    def search(self, text: str, limit: int) -> tuple[Passage, ...]:
        """The longest names first, of one length those that fewest are called by. score: words of the name."""
        stems = _stems(text)
        found: dict[int, tuple[int, int]] = {}
        for length in range(LONGEST_NAME, 0, -1):
            for start in range(len(stems) - length + 1):
                called = self._called.get(tuple(stems[start : start + length]), ())
                for at in called:
                    found.setdefault(at, (-length, len(called)))
        best = sorted(found, key=lambda at: (found[at], at))[:limit]
        return tuple(replace(self._passages[at], score=float(-found[at][0])) for at in best)


CLOSENESS: Final = 5
"""The constant of the fusion: how many places count nearly as much as the first. 60 is usual for long rankings of long
texts; here the first places tell most (ADR 16 has the measurements).
"""

HINTING: Final = 12


def fused(
    rankings: Sequence[Sequence[Passage]], limit: int, hints: Sequence[Sequence[Passage]] = ()
) -> tuple[Passage, ...]:
    """Reciprocal rank fusion: what stands high in several rankings comes first. Scores are the fusion's own.

    hints: rankings whose first places count for less.
    Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet", SIGIR 2009.
    """
    scores: dict[tuple[str, str], float] = {}
    found: dict[tuple[str, str], Passage] = {}
    weighed = [(CLOSENESS, ranking) for ranking in rankings] + [(HINTING, ranking) for ranking in hints]
    for constant, ranking in weighed:
        for place, passage in enumerate(ranking, 1):
            key = (passage.layer, passage.name)
            found.setdefault(key, passage)
            scores[key] = scores.get(key, 0.0) + 1 / (constant + place)
    best = sorted(scores, key=lambda key: -scores[key])[:limit]
    return tuple(replace(found[key], score=scores[key]) for key in best)


def _terms_of(passage: Passage) -> Terms:
    terms = Counter(_stems(passage.text))
    # A synonym that is listed in twenty forms says no more than in one.
    for term in set(_stems(f"{passage.name} {passage.words}")):
        terms[term] += NAMED
    return terms


def _stems(text: str) -> list[str]:
    words = re.findall(r"[^\W_]+", text.casefold().replace("ё", "е"))
    return [word[:STEM] for word in words if len(word) > 1]
