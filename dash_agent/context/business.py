"""Layer 2, human annotations: `business/{metrics,dimensions,values,rules}.json`."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from dash_agent.context.files import FileModel, LocalText, LocalWords

Unit = Literal["count", "percent", "minutes", "hours", "days", "milliseconds", "usd", "score", "tokens"]


class Superlatives(FileModel):
    """Adjectives that rank by a metric without naming it."""

    most: LocalWords = {}
    """For its highest values, by language: 'slowest' of a response time."""
    least: LocalWords = {}
    """For its lowest values, by language: 'fastest'."""


class _Metric(FileModel):
    """What every metric declares."""

    name: str
    """Unique; its words, with spaces for underscores, mean the metric too."""
    label: LocalText
    """What answers call it, by language."""
    description: str
    """What is counted, in one sentence."""
    synonyms: LocalWords = {}
    """The words that mean it, by language."""
    superlatives: Superlatives = Superlatives()
    """Adjectives that rank by it: 'the slowest channel' is one by response time."""
    unit: Unit
    """What the number is."""
    decimals: int = Field(default=0, ge=0, le=6)
    """Of the answer; rounding comes last."""
    direction: Literal["up", "down", "neutral"] = "neutral"
    """Which way is good."""
    personal_data: Literal["none", "pseudonymous"] = "none"
    """'pseudonymous' where it rests on a column that identifies a person (a customer's id, a colleague's name); it
    never rests on a personal one.
    """
    with_topic: dict[str, str] = {}
    """Another metric that is meant beside a topic, by topic: 'errors' of the AI are its mistakes."""
    default_split: str | None = None
    """The dimension that it is split by where a question asks why or where."""


class _Counted(_Metric):
    """A metric counted from the rows of one table."""

    table: str
    """Whose rows are counted."""
    where: str | None = None
    """SQL over the table's columns, true for rows that count."""
    time: str | None = None
    """SQL for the row's moment; the table's own where it is left out."""
    state: bool = False
    """True for a state of now, which takes no period."""
    with_period: str | None = None
    """The metric that is meant instead of a state where a question says a period ("cancelled in January")."""


class CountMetric(_Counted):
    """Rows; with `distinct`, different values of that SQL expression."""

    kind: Literal["count"]
    """A number of rows."""
    distinct: str | None = None
    """SQL whose different values are counted, instead of rows."""
    listed: bool = False
    """A question that asks to see them ("show stuck tickets") wants the rows, one by one."""


class SumMetric(_Counted):
    """The sum of a SQL expression; over nothing it is 0."""

    kind: Literal["sum"]
    """A sum."""
    value: str
    """SQL for the number that a row adds."""
    divisor: int = Field(default=1, ge=1, le=1_000_000_000)
    """What the sum is divided by, once, at the end: 60 where minutes are told in hours."""


class AverageMetric(_Counted):
    """The average of a SQL expression; over nothing there is none."""

    kind: Literal["average"]
    """An average."""
    value: str
    """SQL for a row's number; rows where it is null are left out."""


class PercentileMetric(_Counted):
    """percentile_cont of a SQL expression; over nothing there is none."""

    kind: Literal["percentile"]
    """A percentile."""
    value: str
    """SQL for a row's number; rows where it is null are left out."""
    percentile: float = Field(default=0.5, gt=0, lt=1)
    """Between 0 and 1; 0.5 is the median."""


class CohortMetric(_Metric):
    """A population as it stood when the period began: rows that had entered and not yet left."""

    kind: Literal["cohort"]
    """A population, or who left it."""
    table: str
    """Whose rows are counted."""
    enters: str
    """SQL for the moment from which the row belongs."""
    leaves: str
    """SQL for the moment when it left, null for who stays."""
    counts: Literal["members", "leavers"]
    """'members' of that population, or the 'leavers' among them, who left within the period."""
    where: str | None = None
    """SQL over the table's columns, true for rows that count at all."""

    @property
    def time(self) -> str:
        return self.enters

    @property
    def state(self) -> bool:
        """False: it is of a period, never of now."""
        return False

    @property
    def with_period(self) -> str | None:
        return None


class RatioMetric(_Metric):
    """Two counted metrics divided once, at the end: never an average of ratios."""

    kind: Literal["ratio"]
    """One metric divided by another."""
    numerator: str
    """A counted metric."""
    denominator: str
    """A counted metric; where it is 0 there is no ratio."""
    scale: int = Field(default=100, ge=1, le=1_000_000)
    """100 for a percentage, else 1."""


Metric = Annotated[
    CountMetric | SumMetric | AverageMetric | PercentileMetric | CohortMetric | RatioMetric,
    Field(discriminator="kind"),
]
Counted = CountMetric | SumMetric | AverageMetric | PercentileMetric | CohortMetric


class Dimension(FileModel):
    """What metrics are split and narrowed by."""

    name: str
    """Unique; its words, with spaces for underscores, mean the dimension too."""
    label: LocalText
    """What answers call it, by language."""
    description: str
    """What it tells apart."""
    column: str
    """`table.column`, reached from a metric's table over declared joins."""
    on: dict[str, str] = {}
    """Another `table.column` for metrics of some tables, by table."""
    synonyms: LocalWords = {}
    """The words that mean it, by language."""
    values_of: str | None = None
    """Another dimension that holds the same values; its words mean this one's beside this one's name."""
    counts: str | None = None
    """The metric that is meant where a question names values of it, or it alone, and no metric; by default all rows
    of the column's table, for values only.
    """


class Value(FileModel):
    """Words for a stored value, or with `values` for several at once."""

    dimension: str
    """Whose value it is."""
    value: str | None = None
    """As it is stored."""
    values: list[str] = []
    """Several stored values that one word means."""
    name: str | None = None
    """Names the group of `values`."""
    label: LocalText = {}
    """What answers call it, by language."""
    synonyms: LocalWords = {}
    """The words that mean it, by language."""

    @property
    def stored(self) -> tuple[str, ...]:
        return (self.value,) if self.value is not None else tuple(self.values)


class MetricsFile(FileModel):
    """What can be asked for."""

    schema_: str | None = Field(default=None, alias="$schema")
    """The file's JSON Schema, for editors."""
    metrics: list[Metric]
    """In any order."""


class DimensionsFile(FileModel):
    """What metrics can be split and narrowed by."""

    schema_: str | None = Field(default=None, alias="$schema")
    """The file's JSON Schema, for editors."""
    dimensions: list[Dimension]
    """In any order."""


class ValuesFile(FileModel):
    """Words for stored values."""

    schema_: str | None = Field(default=None, alias="$schema")
    """The file's JSON Schema, for editors."""
    values: list[Value]
    """In any order."""


class Constant(FileModel):
    """A number that definitions use by name, as `:name` in SQL."""

    name: str
    """Unique."""
    unit: Literal["hours", "minutes", "percent", "score", "count"]
    """What the number is. A question's length of time replaces one in hours."""
    value: Decimal = Field(strict=False, ge=-1_000_000, le=1_000_000, decimal_places=6)
    """The number, within a million either way."""
    description: str
    """What hangs on it."""


class Bundle(FileModel):
    """Several metrics that are asked for together, under words of their own."""

    name: str
    """Unique."""
    label: LocalText
    """What answers call it, by language."""
    metrics: list[str]
    """In the order of the answer."""
    synonyms: LocalWords
    """The words that mean it, by language."""


class Topic(FileModel):
    """A word that some metrics are about by themselves: 'AI' beside the resolution rate tells nothing more.

    Beside any other metric it would narrow, and the question is refused.
    """

    name: str
    """Unique."""
    synonyms: LocalWords
    """The words that mean it, by language."""
    metrics: list[str]
    """Those that are about it."""
    doings: list[str] = []
    """Those of the metrics that count what it does itself, and nobody else."""
    others: list[str] = []
    """Dimensions that name others who do things: beside one of the doings the topic must be said, or it is theirs."""


class SharedWords(FileModel):
    """Meanings that may have words in common, and why that misleads nobody."""

    meanings: list[str] = Field(min_length=2)
    """Of 'metric NAME', 'value DIMENSION', 'dimension NAME', 'bundle NAME', 'pattern NAME', 'topic NAME', 'most' and
    'least' (superlatives), 'unavailable'.
    """
    reason: str
    """Why nobody is misled."""


class RulesFile(FileModel):
    """Rules of the whole."""

    schema_: str | None = Field(default=None, alias="$schema")
    """The file's JSON Schema, for editors."""
    default_days: int = Field(ge=1, le=3660)
    """The period of a question that gives none, in days up to now."""
    primary_metric: str
    """What "busiest" and a bare "tickets" count."""
    constants: list[Constant] = []
    """Numbers that definitions use by name."""
    bundles: list[Bundle] = []
    """Metrics that are asked for together."""
    topics: list[Topic] = []
    """Words that some metrics are about by themselves."""
    unavailable: LocalWords = {}
    """Subjects people ask about that the data does not hold; a question naming one is refused."""
    examples: LocalWords = {}
    """Questions that are offered where one can't be answered, by language."""
    drivers: list[str] = []
    """Dimensions that a change is looked for in where a question asks why, the likeliest first."""
    small_sample: int = Field(default=30, ge=1, le=100_000)
    """A rate, an average or a percentile of fewer rows is told with the warning that they are few."""
    shared_words: list[SharedWords] = []
    """Exceptions from the rule that a phrase means one thing."""
