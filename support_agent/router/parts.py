"""The parts of a message that may each be a matter of its own: its sentences, and long clauses of them."""

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

MOST: Final = 12
"""Parts that are looked at: a longer letter tells what it wants at its beginning or its end."""

CLEAR: Final = 0.55
"""What a part's category must score to be a matter beside the main one."""

UNSAID: Final = 0.65
"""What it must score where the rules do not find it in the part."""

TELLING: Final = 4
"""Words that it must have there: 'where do I put it' is about what stands before it."""

HINT: Final = 1.0
"""What the rules must say to find it."""

AHEAD: Final = 0.3
"""How far it must be ahead of the next.

Of the 115 messages of tests/cases/support/messages with two matters 106 are told so; of 1,478 with one, 57 are taken
for two.
"""


@dataclass(frozen=True, slots=True)
class Matter:
    """What one part is about. place: of its first word in the message."""

    category: str
    clauses: frozenset[int]
    place: int
    score: float
    lead: float
    said: bool
    """Whether the rules find it as well."""


def matters(read: Read, taught: Taught, rules: Rules, known: Mapping[str, object]) -> list[Matter]:
    """What the parts say clearly, in order; none where the message is a single part."""
    inside = list(_parts(read))
    if len(inside) < 2:
        return []
    kept = inside if len(inside) <= MOST else [*inside[: MOST // 2], *inside[-MOST // 2 :]]
    found = [_matter(read, clauses, taught, rules, known) for clauses in kept]
    return [matter for matter in found if matter is not None and matter.lead >= AHEAD]


def _matter(
    read: Read, clauses: frozenset[int], taught: Taught, rules: Rules, known: Mapping[str, object]
) -> Matter | None:
    """None where the part says nothing clearly."""
    part = read.clauses(clauses)
    said = {name: evidence.strength for name, evidence in weigh(Board(part.words, part.hits), rules, known).items()}
    scores = Reading(said, taught.scores(part)).scores()
    best, second = sorted(scores, key=lambda name: -scores[name])[:2] if len(scores) > 1 else (*scores, *scores)
    is_said = said.get(best, 0.0) >= HINT
    if scores[best] < (CLEAR if is_said else UNSAID) or not (is_said or len(part.words) >= TELLING):
        return None
    place = next(at for at, word in enumerate(read.words) if word.clause in clauses)
    lead = scores[best] - (scores[second] if second != best else 0.0)
    return Matter(best, clauses, place, scores[best], lead, is_said)


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
