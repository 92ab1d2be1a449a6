"""The parts of a message that may each be a matter of its own: its sentences, and long clauses of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from support_agent.router.confidence import Reading
from support_agent.router.evidence import weigh
from support_agent.router.examples import STORY
from support_agent.router.reading import Read
from support_agent.router.rules import Board, Rules
from support_agent.router.teaching import Taught

SHORTEST: Final = 3
"""Words of a clause that can be a matter; a shorter one belongs to the clause before it."""

MOST: Final = 12
"""Parts that are looked at: a longer letter tells what it wants at its beginning or its end."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What one part is about. place: of its first word in the message. count: of its words.

    lead: over the next category. over_story: over being told around a matter.
    """

    category: str
    place: int
    count: int
    scores: Mapping[str, float]
    lead: float
    over_story: float

    @property
    def clear(self) -> float:
        return self.scores[self.category]

    def over(self, category: str) -> float:
        return self.scores[self.category] - self.scores.get(category, 0.0)


def matters(read: Read, taught: Taught, rules: Rules, known: Mapping[str, object]) -> list[Matter]:
    """What each part is about, in order, stories left out; none where the message is a single part."""
    inside = list(_parts(read))
    if len(inside) < 2:
        return []
    kept = inside if len(inside) <= MOST else [*inside[: MOST // 2], *inside[-MOST // 2 :]]
    found = (_matter(read, clauses, taught, rules, known) for clauses in kept)
    return [matter for matter in found if matter is not None]


def _matter(
    read: Read, clauses: frozenset[int], taught: Taught, rules: Rules, known: Mapping[str, object]
) -> Matter | None:
    """None for a story."""
    part = read.clauses(clauses)
    said = {name: evidence.strength for name, evidence in weigh(Board(part.words, part.hits), rules, known).items()}
    scores = Reading(said, taught.of_part(part)).scores()
    best, *others = sorted(scores, key=lambda name: -scores[name])
    if best == STORY:
        return None
    place = next(at for at, word in enumerate(read.words) if word.clause in clauses)
    lead = scores[best] - max((scores[name] for name in others), default=0.0)
    return Matter(best, place, len(part.words), scores, lead, scores[best] - scores.get(STORY, 0.0))


def _parts(read: Read) -> Iterator[frozenset[int]]:
    for _, words in itertools.groupby(read.words, key=lambda word: word.sentence):
        clauses: list[tuple[frozenset[int], int]] = []
        for clause, group in itertools.groupby(words, key=lambda word: word.clause):
            count = len(list(group))
            if clauses and (count < SHORTEST or clauses[-1][1] < SHORTEST):
                before, words_before = clauses.pop()
                clauses.append((before | {clause}, words_before + count))
            else:
                clauses.append((frozenset({clause}), count))
        yield from (clause for clause, count in clauses if count >= 2)
