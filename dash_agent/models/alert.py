"""An alert: what a rule found, whom it was told to, and what they made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dash_agent.models.principal import ScopeFilter


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found at one look.

    rule: its name. metric: '' of a rule that counts no metric. segment: the rows that it is about, all of them where
    it is empty. since: when what was found began, as far as can be told. start, end: the time that `observed` is about.
    expected: None of a rule with a fixed bound. sample: how many things the number rests on. p: how likely something
    as far off is where all is as usual, None of a fixed bound. usual: the range that nineteen in twenty are in, None of
    a fixed bound. driver: the narrower segment that most of it comes from, empty where there is none. answers: receipts
    behind the numbers. changed_at: the change of ours that it is looked since, None of everything else.
    """

    rule: str
    metric: str
    segment: tuple[ScopeFilter, ...]
    since: datetime
    start: datetime
    end: datetime
    observed: float
    expected: float | None
    sample: int
    p: float | None = None
    driver: tuple[ScopeFilter, ...] = ()
    usual: tuple[float, float] | None = None
    answers: tuple[str, ...] = ()
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """Findings that tell of one thing; `chief` is the one that is told. also: the others."""

    chief: Finding
    also: tuple[Finding, ...] = ()

    @property
    def key(self) -> str:
        """The same at every look, as long as it is the same thing: rule and segment of the chief."""
        rows = ";".join(f"{one.dimension}={','.join(one.values)}" for one in self.chief.segment)
        return f"{self.chief.rule}|{rows}"


class Verdict(StrEnum):
    """What somebody who got it pressed."""

    USEFUL = "useful"
    NOISE = "noise"


class Stage(StrEnum):
    """QUIET: found in quiet hours, told at their end if it still holds. OVER: it holds no more."""

    TOLD = "told"
    QUIET = "quiet"
    MUTED = "muted"
    OVER = "over"
