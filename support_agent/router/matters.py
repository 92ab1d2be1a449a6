"""Which categories are matters of a message: by the whole of it, and by its parts.

Two logistic regressions, fitted on messages of many hands by `python -m tests.router_fit`, which prints `AT_ALL` and
`AS_WELL`. The first says of each category how likely it is a matter of the message at all; the likeliest is the one
that the message is about. The second says of each other one how likely it is a matter beside that.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from support_agent.router.confidence import Reading
from support_agent.router.evidence import Evidence
from support_agent.router.examples import STORY
from support_agent.router.parts import Part, parts
from support_agent.router.reading import Read
from support_agent.router.rules import Rules
from support_agent.router.teaching import Taught

SECOND: Final = 0.4
"""From this likelihood on a matter is one beside the main one.

Of messages with one matter 5 in 100 have another one above it; of those with two it finds both in about 85."""

USUAL: Final = math.log(12)
"""The logarithm of a message's words, from which shorter and longer ones are told."""

LONG: Final = 80
"""Words, from which on a letter is long: one of four pages wants no less."""

MOST_TIMES: Final = 3
MOST_SAID: Final = 8.0
NONE: Final = 0.25
"""The odds of a message's being about nothing that is known; with it `sure` is right about as often as it says."""

SURELY_NOT: Final = 1e-6
"""Likelihoods are told apart down to this one."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """at_none: for a row of zeros. weights: of each number of a row."""

    at_none: float
    weights: tuple[float, ...]

    def share(self, row: Sequence[float]) -> float:
        shown = self.at_none + sum(weight * value for weight, value in zip(self.weights, row, strict=True))
        return 1 / (1 + math.exp(-shown))


AT_ALL: Final = Logistic(
    -4.8,
    (
        2.11,
        2.04,
        1.65,
        3.08,
        0.804,
        0.645,
        -0.0238,
        1.28,
        1.85,
        -0.986,
        -1.53,
        -0.21,
        0.668,
        0.0378,
        -0.365,
        -0.388,
        -0.54,
    ),
)
AS_WELL: Final = Logistic(-1.61, (0.897, 0.842, 0.623, 0.602, -0.512))


@dataclass(frozen=True, slots=True)
class Told:
    """A message as it is weighed. whole: scores of all of it, by category. said: by the rules. count: of words."""

    whole: Mapping[str, float]
    said: Mapping[str, float]
    parts: Sequence[Part]
    count: int

    @property
    def length(self) -> float:
        return math.log(min(max(self.count, 2), LONG)) - USUAL

    def clearest(self, category: str) -> Part:
        """The part that is about a category more than any other part is."""
        return max(self.parts, key=lambda part: part.lead(category))


def tell(read: Read, found: Mapping[str, Evidence], taught: Taught, rules: Rules, known: Mapping[str, object]) -> Told:
    """found: what the rules find in all of it."""
    said = {name: evidence.strength for name, evidence in found.items()}
    scores = Reading(said, taught.of_part(read)).scores()
    whole = {name: score for name, score in scores.items() if name != STORY}
    return Told(whole, said, parts(read, taught, rules, known), len(read.words))


def likely(told: Told) -> dict[str, float]:
    """How likely each category is a matter of the message at all."""
    return {category: AT_ALL.share(shown(told, category)) for category in told.whole}


def beside(told: Told, main: str, shares: Mapping[str, float]) -> dict[str, float]:
    """The other matters of the message, and how likely each is one. shares: of `likely`."""
    found = {name: AS_WELL.share(shown_beside(told, name, main, shares[name])) for name in shares if name != main}
    return {name: share for name, share in found.items() if share >= SECOND}


def sure(shares: Mapping[str, float], category: str, chosen: Collection[str]) -> float:
    """How sure it is that a message is about a category and no other that was not chosen, nor about none of them.

    shares: of `likely`. A category that a page has just been written for is seldom likely by itself, and may still
    be the only one that is.
    """
    odds = {name: share / (1 - share) for name, share in ((name, _inside(share)) for name, share in shares.items())}
    rivals = sum(chance for name, chance in odds.items() if name != category and name not in chosen)
    return odds[category] / (NONE + odds[category] + rivals)


def shown(told: Told, category: str) -> list[float]:
    """What the message shows of a category: eight numbers, the same by its length, and whether it has one part."""
    whole = told.whole[category]
    fullest = max(told.parts, key=lambda part: part.scores[category])
    row = [
        whole,
        whole - max((score for name, score in told.whole.items() if name != category), default=0.0),
        fullest.scores[category],
        told.clearest(category).lead(category),
        max(part.scores[category] - part.scores.get(STORY, 0.0) for part in told.parts),
        min(sum(part.is_clause and part.lead(category) > 0 for part in told.parts), MOST_TIMES),
        min(told.said.get(category, 0.0), MOST_SAID),
        math.log(fullest.count),
    ]
    return [*row, *(told.length * number for number in row), float(len(told.parts) == 1)]


def shown_beside(told: Told, category: str, main: str, share: float) -> list[float]:
    """What it shows of a category beside the main one. share: how likely the category is a matter at all."""
    part = told.clearest(category)
    inside = _inside(share)
    return [
        math.log(inside / (1 - inside)),
        part.scores[category] - part.scores[main],
        math.log(part.count),
        float(part.sentence != told.clearest(main).sentence),
        told.length,
    ]


def _inside(share: float) -> float:
    return min(max(share, SURELY_NOT), 1 - SURELY_NOT)
