"""Which parts of a message are matters of their own, beside the main one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from support_agent.router.parts import Matter

LEAST: Final = 0.3
"""From this likelihood on a part is a matter of its own: missing one is worse than naming one too many."""


@dataclass(frozen=True, slots=True)
class Beside:
    """From what a part says to how likely it is a matter of its own: logistic.

    whole: weighs the score of its category in the whole message; over_main, over_story, over_next: its lead in the part
    over the main matter, over a story, and over the next category; words: the logarithm of their number.
    """

    at_none: float
    whole: float
    over_main: float
    over_story: float
    over_next: float
    words: float

    def share(self, matter: Matter, main: str, whole: float) -> float:
        shown = (
            self.whole * whole
            + self.over_main * matter.over(main)
            + self.over_story * matter.over_story
            + self.over_next * matter.lead
            + self.words * math.log(matter.count)
        )
        return 1 / (1 + math.exp(-(self.at_none + shown)))


FITTED: Final = Beside(-7.1, whole=7.3, over_main=2.3, over_story=0.8, over_next=2.1, words=0.8)
"""On 2,033 messages of tests/cases/support/messages, checked tenth by tenth on those that were left out."""


def beside(apart: Sequence[Matter], main: str, whole: Mapping[str, float]) -> dict[str, float]:
    """How likely each category but the main one is a matter of the message; those under LEAST are left out.

    whole: scores of the whole message by category. Of several parts about one category the clearest counts.
    """
    found: dict[str, Matter] = {}
    for matter in apart:
        before = found.get(matter.category)
        if matter.category != main and (before is None or matter.clear > before.clear):
            found[matter.category] = matter
    shares = {name: FITTED.share(matter, main, whole.get(name, 0.0)) for name, matter in found.items()}
    return {name: share for name, share in shares.items() if share >= LEAST}
