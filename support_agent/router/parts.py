"""The parts of a message and what each is about: its clauses, and its sentences of several clauses."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from support_agent.router.confidence import Reading
from support_agent.router.evidence import weigh
from support_agent.router.reading import Read
from support_agent.router.rules import Board, Rules
from support_agent.router.teaching import Taught

SHORTEST: Final = 3
"""Words of a clause that can be a matter; a shorter one belongs to the clause before it."""

LEAST: Final = 2
"""Words of a part that says anything by itself."""

MOST: Final = 12
"""Clauses that are looked at: a longer letter tells what it wants at its beginning or its end."""

_Place = tuple[frozenset[int], int]
"""The clauses of a part, and how many words they have."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one part says. place: of its first word in the message. sentence: its number. count: of its words.

    is_clause: or a sentence of several of them. scores: by category, and for what only tells a story.
    """

    text: str
    place: int
    sentence: int
    count: int
    is_clause: bool
    scores: Mapping[str, float]

    def lead(self, category: str) -> float:
        """Of a category over all else that the part may be."""
        return self.scores[category] - max((s for name, s in self.scores.items() if name != category), default=0.0)


def parts(read: Read, taught: Taught, rules: Rules, known: Mapping[str, object]) -> list[Part]:
    """Clauses first, in order; the whole message as the only one where it has no two."""
    clauses = [clauses for clauses, count in _clauses(read) if count >= LEAST]
    if len(clauses) < 2:
        return _said(read, [frozenset(word.clause for word in read.words)], 1, taught, rules, known)
    kept = clauses if len(clauses) <= MOST else [*clauses[: MOST // 2], *clauses[-MOST // 2 :]]
    sentences = [own for own in _sentences(read) if own not in clauses and any(one <= own for one in kept)]
    return _said(read, [*kept, *sentences], len(kept), taught, rules, known)


def _said(
    read: Read, chosen: list[frozenset[int]], clauses: int, taught: Taught, rules: Rules, known: Mapping[str, object]
) -> list[Part]:
    apart = [read.clauses(own) for own in chosen]
    found = []
    for at, (own, part, learned) in enumerate(zip(chosen, apart, taught.of_parts(apart), strict=True)):
        said = {name: one.strength for name, one in weigh(Board(part.words, part.hits), rules, known).items()}
        place, first = next((place, word) for place, word in enumerate(read.words) if word.clause in own)
        scores = Reading(said, learned).scores()
        found.append(Part(part.own, place, first.sentence, len(part.words), at < clauses, scores))
    return found


def _sentences(read: Read) -> Iterator[frozenset[int]]:
    for _, words in itertools.groupby(read.words, key=lambda word: word.sentence):
        yield frozenset(word.clause for word in words)


def _clauses(read: Read) -> Iterator[_Place]:
    """Short ones with the one before them."""
    for _, words in itertools.groupby(read.words, key=lambda word: word.sentence):
        found: list[_Place] = []
        for clause, group in itertools.groupby(words, key=lambda word: word.clause):
            count = len(list(group))
            if found and (count < SHORTEST or found[-1][1] < SHORTEST):
                before, words_before = found.pop()
                found.append((before | {clause}, words_before + count))
            else:
                found.append((frozenset({clause}), count))
        yield from found
