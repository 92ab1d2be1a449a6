"""The hinge of a question: what planning hands to everything after it.

Consumers `match` a Plan and end in `assert_never`. Plans hold no prose: the narrative words them in a language.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from dash_agent.models.query import ListQuery, MetricQuery, Period, Scalar

TYPO_OF = "typo of "
"""Begins what a mistyped word became."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How some words of the question were read: `words` as they stood there, `became` as a name of the catalogue."""

    words: str
    became: str


class Assumption(StrEnum):
    """What the definitions settled without the question saying it."""

    DEFAULT_PERIOD = "default_period"
    TREND_INCLUDES_CURRENT = "trend_includes_current"
    BY_CREATION = "by_creation"
    SAME_SPAN = "same_span"
    STATE_OF_NOW = "state_of_now"
    PERIOD_BEFORE = "period_before"
    LEFT_ASIDE = "left_aside"


@dataclass(frozen=True, slots=True)
class MetricPlan:
    """why: the question was what moved the metric between the query's two periods."""

    query: MetricQuery
    reading: tuple[Reading, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    why: bool = False


@dataclass(frozen=True, slots=True)
class ListPlan:
    query: ListQuery
    reading: tuple[Reading, ...] = ()
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True, slots=True)
class PatternPlan:
    """A verified pattern by name, with a value for each parameter it declares (None: not narrowed)."""

    name: str
    parameters: tuple[tuple[str, Scalar | tuple[Scalar, ...]], ...] = ()
    period: Period | None = None
    reading: tuple[Reading, ...] = ()
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True, slots=True)
class SqlPlan:
    """A statement written by a model or a person. It passes the guard like every other."""

    sql: str
    reading: tuple[Reading, ...] = ()


class AskBack(StrEnum):
    """Why a question is handed back."""

    NO_METRIC = "no_metric"
    NO_CRITERION = "no_criterion"
    NO_SUBJECT = "no_subject"
    NOTHING_TO_FOLLOW = "nothing_to_follow"
    AMBIGUOUS = "ambiguous"
    GREETING = "greeting"
    THANKS = "thanks"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Option:
    """One concrete choice: `question` works when it is asked as it stands."""

    label: str
    question: str


@dataclass(frozen=True, slots=True)
class Clarification:
    why: AskBack
    words: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()


class RefusalReason(StrEnum):
    EMPTY = "empty"
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    WRITE = "write"
    PERSONAL = "personal"
    INSTRUCTION = "instruction"
    NO_SUCH_DATA = "no_such_data"
    NOT_SUPPORTED = "not_supported"


@dataclass(frozen=True, slots=True)
class Refusal:
    """words: what could not be placed, as it stood in the question. suggestions: questions that can be answered."""

    reason: RefusalReason
    words: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = field(default=())


Plan = MetricPlan | ListPlan | PatternPlan | SqlPlan | Clarification | Refusal
Executable = MetricPlan | ListPlan | PatternPlan | SqlPlan
