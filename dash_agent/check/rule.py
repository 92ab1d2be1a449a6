"""A rule: one function that yields what it finds, under a stable name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from dash_agent.errors import Problem

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Found:
    """Something that breaks a rule. line: in the file, where it is known without looking the place up."""

    file: str
    place: str
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Rule(Generic[Seen]):
    """find: over everything that the rule may look at; its docstring is the rule's meaning (docs/rules.md)."""

    code: str
    find: Callable[[Seen], Iterator[Found]]
    severity: Literal["error", "warning"] = "error"

    @property
    def meaning(self) -> str:
        return " ".join((self.find.__doc__ or "").split())

    def problems(self, seen: Seen) -> Iterator[Problem]:
        for found in self.find(seen):
            yield Problem(found.file, found.place, found.message, self.severity, self.code, found.line)
