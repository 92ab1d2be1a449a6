"""What words of a question can mean."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from dash_agent.models.query import Grain, Op, Scalar
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.periods.spec import TimeSpec


@dataclass(frozen=True, slots=True)
class MetricTerm:
    name: str


@dataclass(frozen=True, slots=True)
class SuperlativeTerm:
    """'Slowest': the most of a metric (its least where `most` is false), which need not be named beside it.

    metrics: more than one where several have the word; the one that the question's dimensions apply to is meant.
    """

    metrics: tuple[str, ...]
    most: bool


@dataclass(frozen=True, slots=True)
class BundleTerm:
    name: str


@dataclass(frozen=True, slots=True)
class PatternTerm:
    name: str


@dataclass(frozen=True, slots=True)
class DimensionTerm:
    """others: dimensions that have the same word: the 'type' of a task, or of an error. The metric's rows decide."""

    name: str
    others: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.others)


@dataclass(frozen=True, slots=True)
class TopicTerm:
    """What some metrics are about by themselves, and no other is."""

    name: str


@dataclass(frozen=True, slots=True)
class MeasureTerm:
    """Words for what a number is told in ('minutes', 'how long'): explained by a metric in one of the units."""

    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ValueTerm:
    """choices: (dimension, stored values): more than one where several dimensions have this word.

    alone: the word means the value by itself; where not, only beside its dimension's name ("category other").
    twins: the same for dimensions that hold the same kind of values, where only their name beside it tells them apart
    ("the customer's language Spanish").
    """

    choices: tuple[tuple[str, tuple[Scalar, ...]], ...]
    alone: bool = True
    twins: tuple[tuple[str, tuple[Scalar, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class SubjectTerm:
    """The things that a table's rows are ("AI answers"): explained where a metric counts that table."""

    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GrainTerm:
    """bare: the unit alone ('day'), a bucket only where days are ranked or chosen."""

    grain: Grain
    bare: bool = False


@dataclass(frozen=True, slots=True)
class OperatorTerm:
    operator: Operator


@dataclass(frozen=True, slots=True)
class TimeTerm:
    spec: TimeSpec


@dataclass(frozen=True, slots=True)
class NumberTerm:
    value: int


@dataclass(frozen=True, slots=True)
class ThresholdTerm:
    """A bound that a number stands in `op` (an order operator) to: 'more than 500', 'не выше 15 %'.

    unit: '' where none is said, 'percent', 'usd', or a unit of time ('minute', 'hour', 'day', 'week', 'month').
    """

    op: Op
    value: Decimal
    unit: str = ""


@dataclass(frozen=True, slots=True)
class PercentileTerm:
    """fraction: above 0 and below 1 ('p90' is 0.9)."""

    fraction: Decimal


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
    | SuperlativeTerm
    | BundleTerm
    | PatternTerm
    | DimensionTerm
    | TopicTerm
    | MeasureTerm
    | ValueTerm
    | SubjectTerm
    | GrainTerm
    | OperatorTerm
    | TimeTerm
    | NumberTerm
    | ThresholdTerm
    | PercentileTerm
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
