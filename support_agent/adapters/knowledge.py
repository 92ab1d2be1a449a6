"""The pages for customers, searched by words and by meaning. Pages for staff are not among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Final

import numpy as np

from dash_agent.context.documents import Document
from dash_agent.context.pieces import pieces
from dash_agent.context.ranking import Lexical
from dash_agent.models.planned import Passage as Piece
from dash_agent.ports import Embedder, Shelf
from support_agent.models import Passage
from support_agent.teaching import EMBEDDED, Floats, Meanings

FITS: Final = 0.32
"""The similarity from which on a piece is about what was asked. See tests/unit/support/test_knowledge.py."""
SAME_MATTER: Final = 0.04
"""What a page about the category is nearer by."""
BY_WORDS: Final = 0.04
"""What the best piece by words is nearer by; half of it for the second, and so on."""
BY_CLEAR_WORDS: Final = 0.06
CLEARLY: Final = 2.0
"""What it is nearer by besides, where it is that many times as good as the second."""
ONE_PAGE: Final = 2
"""Pieces of one page among those that are found."""
BEGINNING: Final = 160
"""Characters of a piece that are embedded; what it is called is embedded by itself."""
PARTS: Final = 3
"""What is embedded of a piece: what it is called, how it begins, and what it settles."""
AHEAD: Final = 1.25
"""By how much the best piece must lead where words alone decide in a language that the pages are not written in."""
SHELF: Final = "support-pages"


@dataclass(frozen=True, slots=True)
class _Shelved:
    passage: Passage
    category: str | None
    words: str
    answers: Mapping[str, str]
    summary: str


class PagesForCustomers:
    """Port `Knowledge`. documents: of any audience. embedder: None searches by words alone. shelf: keeps vectors.

    May be called from many threads. Until `warm` was called, and has ended, words alone are searched.
    """

    def __init__(self, documents: Iterable[Document], embedder: Embedder | None, shelf: Shelf | None = None) -> None:
        self._pieces = tuple(one for document in documents if _is_open(document) for one in _shelved(document))
        self._lexical = Lexical([_piece(at, one) for at, one in enumerate(self._pieces)])
        self._meanings = None if embedder is None else Meanings(embedder, shelf, SHELF)
        self._embedder = embedder
        self._vectors: Floats | None = None
        self._lock = Lock()

    def warm(self) -> None:
        """Finds out what the pieces mean, which takes seconds where the shelf does not have it."""
        with self._lock:
            if self._meanings is not None and self._vectors is None:
                self._vectors = self._meanings.of_all(self._texts())

    def is_kept(self) -> bool:
        """Whether `warm` takes no time."""
        return self._meanings is None or self._meanings.has_all(self._texts())

    def search(self, text: str, language: str, category: str | None, limit: int = 4) -> Sequence[Passage]:
        """language: of the answers. The pages are in English; what is asked in another language is found by meaning,
        and by the words of the answers.
        """
        nearest = self._nearest(text, language)
        scored = [(score + self._of_category(at, category), at) for at, score in nearest.items() if score >= FITS]
        return tuple(self._spread(sorted(scored, reverse=True), language, limit))

    def _texts(self) -> Sequence[str]:
        return [text for one in self._pieces for text in _texts(one)]

    def _nearest(self, text: str, language: str) -> dict[int, float]:
        if language not in EMBEDDED:
            return self._by_words(text) if self._is_clear(text) else {}
        if self._embedder is None or self._vectors is None or not self._pieces:
            return self._by_words(text)
        return self._by_meaning(self._embedder, self._vectors, text)

    def _is_clear(self, text: str, ahead: float = AHEAD) -> bool:
        """Whether the best piece by words leads by that much."""
        best = [found.score for found in self._lexical.search(text, 2)]
        return bool(best) and (len(best) == 1 or best[0] >= ahead * best[1])

    def _by_meaning(self, embedder: Embedder, vectors: Floats, text: str) -> dict[int, float]:
        (asked,) = embedder.embed((text,))
        near = vectors @ np.array(asked.parts, dtype=np.float32)
        scores: dict[int, float] = dict(enumerate(near.reshape(-1, PARTS).max(axis=1).tolist()))
        for place, at in enumerate(self._found_by_words(text)):
            scores[at] += BY_WORDS / (place + 1)
            scores[at] += BY_CLEAR_WORDS if place == 0 and self._is_clear(text, CLEARLY) else 0.0
        return scores

    def _by_words(self, text: str) -> dict[int, float]:
        """The best few, as near as words alone can say."""
        return {at: FITS + BY_WORDS / (place + 1) for place, at in enumerate(self._found_by_words(text))}

    def _found_by_words(self, text: str) -> list[int]:
        return [int(found.name) for found in self._lexical.search(text, 8)]

    def _of_category(self, at: int, category: str | None) -> float:
        return SAME_MATTER if category is not None and self._pieces[at].category == category else 0.0

    def _spread(self, scored: Iterable[tuple[float, int]], language: str, limit: int) -> Iterator[Passage]:
        """The best first, at most a few of one page."""
        taken: dict[str, int] = {}
        for score, at in scored:
            passage, answers = self._pieces[at].passage, self._pieces[at].answers
            if taken.get(passage.source, 0) < ONE_PAGE and sum(taken.values()) < limit:
                taken[passage.source] = taken.get(passage.source, 0) + 1
                yield replace(passage, score=round(score, 4), answer=answers.get(language))


def _is_open(document: Document) -> bool:
    return document.front.audience == "customers"


def _shelved(document: Document) -> Iterator[_Shelved]:
    front = document.front
    for piece in pieces(document):
        passage = Passage(document.file, front.title, piece.heading, piece.text, 0.0)
        answers = front.section_answers.get(piece.heading, {}) if piece.heading else front.answers
        told = answers.get("en", front.title) if piece.heading else front.summary
        yield _Shelved(passage, front.category, ", ".join((front.title, piece.heading, *front.tags)), answers, told)


def _texts(one: _Shelved) -> tuple[str, str, str]:
    passage = one.passage
    called = ". ".join(filter(None, (passage.title, passage.section)))
    return called, passage.text[:BEGINNING], one.summary[:BEGINNING]


def _piece(at: int, one: _Shelved) -> Piece:
    spoken = (text for language, text in one.answers.items() if language != "en")
    return Piece("document", str(at), one.passage.source, "\n".join((one.passage.text, *spoken)), words=one.words)
