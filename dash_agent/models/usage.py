"""What models took for an answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Usage:
    """calls: to a model. prompt, completion: tokens. cost_usd: by the price file; 0 where it has no price for a model.

    model: the last one that was called, None where none was. parts: what each took, where there were several.
    """

    model: str | None = None
    calls: int = 0
    prompt: int = 0
    completion: int = 0
    cost_usd: Decimal = Decimal(0)
    parts: tuple[Usage, ...] = ()

    @property
    def by_model(self) -> tuple[Usage, ...]:
        """One for each model that was called."""
        return self.parts or ((self,) if self.calls else ())

    def __add__(self, other: Usage) -> Usage:
        found: dict[str | None, Usage] = {}
        for one in (*self.by_model, *other.by_model):
            found[one.model] = found[one.model]._plus(one) if one.model in found else one
        return replace(self._plus(other), parts=tuple(found.values()) if len(found) > 1 else ())

    def _plus(self, other: Usage) -> Usage:
        return Usage(
            other.model or self.model,
            self.calls + other.calls,
            self.prompt + other.prompt,
            self.completion + other.completion,
            self.cost_usd + other.cost_usd,
        )


NOTHING = Usage()


class CostsBy(StrEnum):
    DAY = "day"
    USER = "user"
    MODEL = "model"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one day, user, model or answer (`key`) took together. answers: how many took anything."""

    key: str
    answers: int
    usage: Usage


@dataclass(frozen=True, slots=True)
class Budget:
    """usd_per_day: None for no limit. spent: USD, today. is_own: it was set for this user."""

    user: str
    usd_per_day: Decimal | None
    spent: Decimal
    is_own: bool
