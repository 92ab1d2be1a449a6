"""What words of a question can mean."""

from __future__ import annotations

from dataclasses import dataclass

from dash_agent.models.query import Grain
from dash_agent.planning.languages.language import Operator


@dataclass(frozen=True, slots=True)
class MetricTerm:
    name: str


@dataclass(frozen=True, slots=True)
class BundleTerm:
    name: str


@dataclass(frozen=True, slots=True)
class PatternTerm:
    name: str


@dataclass(frozen=True, slots=True)
class DimensionTerm:
    name: str


@dataclass(frozen=True, slots=True)
class ValueTerm:
    """choices: (dimension, stored values): more than one where several dimensions have this word.

    alone: the word means the value by itself; where not, only beside its dimension's name ("category other").
    """

    choices: tuple[tuple[str, tuple[str, ...]], ...]
    alone: bool = True


@dataclass(frozen=True, slots=True)
class SubjectTerm:
    """The things that a table's rows are ("AI answers"): explained where a metric counts that table."""

    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GrainTerm:
    grain: Grain


@dataclass(frozen=True, slots=True)
class OperatorTerm:
    operator: Operator


@dataclass(frozen=True, slots=True)
class TimeSpec:
    """A period before it is placed on a calendar.

    kind: 'current', 'previous', 'last' (up to now), 'month', 'quarter', 'year', 'date' or 'since'.
    unit is None in 'previous' where the question leaves it to the period before ("and the previous one?").
    """

    kind: str
    unit: Grain | None = None
    count: int = 1
    day: int | None = None
    month: int | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class TimeTerm:
    spec: TimeSpec


@dataclass(frozen=True, slots=True)
class NumberTerm:
    value: int


@dataclass(frozen=True, slots=True)
class UnavailableTerm:
    """A subject that the data does not hold."""


@dataclass(frozen=True, slots=True)
class PersonalTerm:
    pass


@dataclass(frozen=True, slots=True)
class OrderTerm:
    """An attempt to set the rules aside."""


@dataclass(frozen=True, slots=True)
class FillerTerm:
    pass


@dataclass(frozen=True, slots=True)
class UnknownTerm:
    pass


Term = (
    MetricTerm
    | BundleTerm
    | PatternTerm
    | DimensionTerm
    | ValueTerm
    | SubjectTerm
    | GrainTerm
    | OperatorTerm
    | TimeTerm
    | NumberTerm
    | UnavailableTerm
    | PersonalTerm
    | OrderTerm
    | FillerTerm
    | UnknownTerm
)


@dataclass(frozen=True, slots=True)
class Span:
    """A term over the tokens [start, end).

    phrase: the known words as the content or language writes them, () for what grammar found.
    inexact: how many of its English words stand in another form than the phrase's: 'opened' is nearer to 'opened' than
    to 'open'. Russian words inflect with every case, so their form tells nothing.
    """

    term: Term
    start: int
    end: int
    phrase: tuple[str, ...] = ()
    inexact: int = 0
