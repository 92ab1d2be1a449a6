"""What the steps of a turn work with."""

from __future__ import annotations

from dataclasses import dataclass

from support_agent.approvals import Approvals
from support_agent.categories import Categories
from support_agent.conversation.bench import Bench, Shop
from support_agent.conversation.checks import Checks
from support_agent.conversation.scripted import PAGES, Step
from support_agent.conversation.turn import Turn
from support_agent.identification import Identification
from support_agent.ports import Examples, Links, Prompts, Reading, Tasks


@dataclass(frozen=True, slots=True)
class Kit:
    shop: Shop
    categories: Categories
    identification: Identification
    tasks: Tasks
    links: Links
    reading: Reading
    prompts: Prompts
    checks: Checks
    examples: Examples | None = None

    @property
    def approvals(self) -> Approvals:
        return self.shop.approvals

    def bench(self, turn: Turn, category: str) -> Bench:
        """The tools of a category, and no others."""
        entry = self.categories[category]
        return Bench(turn, self.shop, (PAGES, *entry.look, *entry.act))

    def step(self, turn: Turn, category: str, text: str) -> Step:
        return Step(turn, self.bench(turn, category), self.categories[category], self.reading, text)
