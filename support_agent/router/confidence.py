"""How sure a reading is: a figure from 0 to 1 that is right about as often as it says."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

ASK_BELOW: Final = 0.7
"""Under this the agent asks what is meant and prepares nothing; a second matter under it is left out.

Of the 1,945 messages with one matter in tests/cases/support/messages 1,899 are above it and 1,875 of them right; of the
46 below it 31 are: asking costs a sentence, preparing the wrong thing trust.
"""

SAID: Final = 0.05
"""What a point of the rules counts beside what was learned; from 0.03 to 0.1 it made little difference."""

LEAST: Final = 0.6
"""The least that the rules must say for a category at all, where nothing was learned."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From a lead over the next category to a share of right ones: logistic."""

    at_none: float
    per_lead: float
    per_point: float = 0.0
    """What the score itself adds: what leads only because the rest says nothing is seldom right."""

    def share(self, lead: float, score: float = 0.0) -> float:
        return 1 / (1 + math.exp(-(self.at_none + self.per_lead * lead + self.per_point * score)))


BY_RULES: Final = Scale(-0.8, 1.25)
BY_ALL: Final = Scale(-1.5, 6.0, 5.0)


@dataclass(frozen=True, slots=True)
class Reading:
    """Of one message by category: what the rules say, and what was learned from examples ({} where nothing was)."""

    said: Mapping[str, float]
    learned: Mapping[str, float]

    def scores(self) -> dict[str, float]:
        if not self.learned:
            return dict(self.said)
        return {name: score + SAID * self.said.get(name, 0.0) for name, score in self.learned.items()}

    def top(self) -> str | None:
        scores = self.scores()
        best = max(scores, key=lambda name: scores[name], default=None)
        return best if best is not None and (self.learned or scores[best] >= LEAST) else None

    def sure(self, category: str, chosen: Collection[str], *, alone: bool) -> float:
        """alone: by everything that is known; else by what the rules say of it. chosen: it need not lead over them."""
        scores, scale = (self.scores(), BY_ALL if self.learned else BY_RULES) if alone else (self.said, BY_RULES)
        rivals = [score for name, score in scores.items() if name != category and name not in chosen]
        score = scores.get(category, 0.0)
        return scale.share(score - max([*rivals, 0.0]), score)
