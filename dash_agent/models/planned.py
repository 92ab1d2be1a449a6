"""What a planner is asked, what it may look at, and what it brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dash_agent.errors import QueryError, WrongUse
from dash_agent.models.plan import Clarification, Executable, Plan, Refusal
from dash_agent.models.principal import Principal
from dash_agent.models.sql import Cell
from dash_agent.models.usage import NOTHING, Usage


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of one of the six layers of context. layer: as of `Source`, or column, document, live, learning.

    name: in its layer. text: what a model reads. words: what else it is found by, in any language.
    score: higher is nearer.
    """

    layer: str
    name: str
    file: str
    text: str
    score: float = 0.0
    words: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question as a planner gets it. previous: the turn before, with its plan. declined: what the parser said."""

    text: str
    principal: Principal
    now: datetime
    language: str
    previous: tuple[str, Plan] | None = None
    declined: Refusal | Clarification | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What a dry run showed: columns and the first rows, or what stands against the plan.

    problem: one line, as the guard, the database or a check says it, with what to do about it; None where it holds.
    warnings: what does not stand against it and is to be minded, a line each.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    problem: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """A plan that did not work out, and why, as `Trial.problem` says it. error: None where it was a dry run."""

    plan: Executable
    problem: str
    error: QueryError | WrongUse | None = None


@dataclass(frozen=True, slots=True)
class Brief:
    """What a model is told and how it answers. text: the system's message. schema: JSON Schema of `submit_plan`.

    read: turns what was submitted into a plan; raises WrongUse, which says to the model how to mend its call.
    """

    text: str
    schema: Mapping[str, object]
    read: Callable[[Mapping[str, object]], Plan]


class Why(StrEnum):
    """Why a model gave no plan."""

    PROVIDER = "provider"
    """Its provider failed, in the words that it said."""
    UNFIT = "unfit"
    """What it submitted could not be read."""
    LIMITED = "limited"
    """Its provider wants to be left alone for a while."""
    NO_PLAN = "no_plan"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A model that gave nothing. words: the provider's own, or in English what was wrong; '' where `why` says it."""

    model: str
    why: Why
    words: str = ""

    def __str__(self) -> str:
        return f"{self.model}: {self.words or self.why}"


@dataclass(frozen=True, slots=True)
class Planned:
    """plan: None where the planner can't, for the reasons in `shortfalls`, one for each model that was asked."""

    plan: Plan | None
    usage: Usage = NOTHING
    attempts: tuple[Attempt, ...] = field(default=())
    shortfalls: tuple[Shortfall, ...] = ()

    @property
    def problem(self) -> str:
        """'' where nothing fell short."""
        return "; ".join(map(str, self.shortfalls))


@dataclass(frozen=True, slots=True)
class Mended:
    """A model's plans that failed for a question, the oldest first, and the one that then answered it."""

    question: str
    plan: Executable
    failed: tuple[Attempt, ...]
    answer_id: str


@dataclass(frozen=True, slots=True)
class Prose:
    """text: None where no model told anything, for the reasons in `shortfalls`."""

    text: str | None
    usage: Usage = NOTHING
    shortfalls: tuple[Shortfall, ...] = ()

    @property
    def problem(self) -> str:
        """'' where nothing fell short."""
        return "; ".join(map(str, self.shortfalls))
