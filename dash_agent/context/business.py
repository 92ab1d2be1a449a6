"""Layer 2, human annotations: `business/{metrics,dimensions,values,rules}.json`."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from dash_agent.context.files import FileModel, LocalText, LocalWords

Unit = Literal["count", "percent", "minutes", "hours", "days", "milliseconds", "usd", "score", "tokens"]


class _Metric(FileModel):
    """What every metric declares.

    synonyms: by language, the words that mean it. decimals: of the answer; rounding comes last.
    direction: which way is good. note: said beside the number.
    """

    name: str
    label: LocalText
    description: str
    synonyms: LocalWords = {}
    unit: Unit
    decimals: int = Field(default=0, ge=0, le=6)
    direction: Literal["up", "down", "neutral"] = "neutral"
    default_split: str | None = None


class _Counted(_Metric):
    """A metric counted from the rows of one table.

    where: SQL over the table's columns; rows that count. time: SQL for the row's moment, the table's own by default.
    state: true for a state of now, which takes no period. with_period: the metric that is meant instead of a state
    where a question says a period ("cancelled in January").
    """

    table: str
    where: str | None = None
    time: str | None = None
    state: bool = False
    with_period: str | None = None


class CountMetric(_Counted):
    """Rows; with `distinct`, different values of that SQL expression."""

    kind: Literal["count"]
    distinct: str | None = None


class SumMetric(_Counted):
    """The sum of a SQL expression; over nothing it is 0."""

    kind: Literal["sum"]
    value: str


class AverageMetric(_Counted):
    kind: Literal["average"]
    value: str


class PercentileMetric(_Counted):
    """percentile_cont of a SQL expression. percentile: between 0 and 1."""

    kind: Literal["percentile"]
    value: str
    percentile: float = Field(default=0.5, gt=0, lt=1)


class RatioMetric(_Metric):
    """Two counted metrics divided once, at the end: never an average of ratios. scale: 100 for a percentage."""

    kind: Literal["ratio"]
    numerator: str
    denominator: str
    scale: int = 100


Metric = Annotated[
    CountMetric | SumMetric | AverageMetric | PercentileMetric | RatioMetric, Field(discriminator="kind")
]
Counted = CountMetric | SumMetric | AverageMetric | PercentileMetric


class Dimension(FileModel):
    """column: `table.column`, reached from a metric's table over declared joins. on: other homes, by metric table."""

    name: str
    label: LocalText
    description: str
    column: str
    on: dict[str, str] = {}
    synonyms: LocalWords = {}


class Value(FileModel):
    """Words for a stored value, or with `values` for several at once (`name` then names the group)."""

    dimension: str
    value: str | None = None
    values: list[str] = []
    name: str | None = None
    label: LocalText = {}
    synonyms: LocalWords = {}

    @property
    def stored(self) -> tuple[str, ...]:
        return (self.value,) if self.value is not None else tuple(self.values)


class MetricsFile(FileModel):
    schema_: str | None = Field(default=None, alias="$schema")
    metrics: list[Metric]


class DimensionsFile(FileModel):
    schema_: str | None = Field(default=None, alias="$schema")
    dimensions: list[Dimension]


class ValuesFile(FileModel):
    schema_: str | None = Field(default=None, alias="$schema")
    values: list[Value]


class Constant(FileModel):
    """A number that definitions use by name, as `:name` in SQL. A question's length of time replaces one in hours."""

    name: str
    unit: Literal["hours", "minutes", "percent", "score", "count"]
    value: Decimal = Field(strict=False)
    description: str


class Bundle(FileModel):
    """Several metrics that are asked for together, under words of their own."""

    name: str
    label: LocalText
    metrics: list[str]
    synonyms: LocalWords


class RulesFile(FileModel):
    """default_days: the period of a question that gives none, in days up to now.

    primary_metric: what "busiest" and a bare "tickets" count.
    unavailable: subjects people ask about that the data does not hold; a question naming one is refused.
    """

    schema_: str | None = Field(default=None, alias="$schema")
    default_days: int = Field(gt=0)
    primary_metric: str
    constants: list[Constant] = []
    bundles: list[Bundle] = []
    unavailable: LocalWords = {}
    examples: LocalWords = {}
