"""What was found in a question, sorted by kind, and how planning says no."""

from __future__ import annotations

from dataclasses import dataclass, field

from dash_agent.models.plan import AskBack, Clarification, Reading, Refusal, RefusalReason
from dash_agent.models.query import Grain
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.periods.spec import TimeSpec
from dash_agent.planning.terms import ValueTerm


@dataclass(slots=True)
class Parts:
    """What was found in a question. Positions are token numbers.

    commas: tokens that a comma stands before. divisors: tokens right behind a 'per'. things: words that name the
    rows of tables; in a metric's name ("stuck tickets") they begin where it begins.
    """

    metrics: list[tuple[str, int]] = field(default_factory=list)
    bundles: list[str] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)
    dimensions: list[tuple[str, int, bool]] = field(default_factory=list)
    values: list[tuple[ValueTerm, int, str]] = field(default_factory=list)
    subjects: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    commas: set[int] = field(default_factory=set)
    divisors: set[int] = field(default_factory=set)
    things: list[tuple[tuple[str, ...], int]] = field(default_factory=list)
    grains: list[tuple[Grain, int, bool]] = field(default_factory=list)
    times: list[tuple[TimeSpec, int, str]] = field(default_factory=list)
    numbers: list[tuple[int, int, str]] = field(default_factory=list)
    operators: list[tuple[Operator, int, str]] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)

    def add_metric(self, name: str, start: int) -> None:
        if name not in (known for known, _ in self.metrics):
            self.metrics.append((name, start))

    def metrics_at(self, start: int) -> str:
        return next(name for name, at in self.metrics if at == start)

    def has(self, *operators: Operator) -> bool:
        return any(found in operators for found, _, _ in self.operators)

    def words_of(self, *operators: Operator) -> tuple[str, ...]:
        return tuple(words for found, _, words in self.operators if found in operators)


class NotPlanned(Exception):
    """Carries the refusal or clarification that stands in for a plan."""

    def __init__(self, plan: Refusal | Clarification) -> None:
        super().__init__(str(plan))
        self.plan = plan


def unsupported(*words: str) -> NotPlanned:
    return NotPlanned(Refusal(RefusalReason.NOT_SUPPORTED, words))


def ask_back(why: AskBack, *words: str) -> NotPlanned:
    return NotPlanned(Clarification(why, words))
