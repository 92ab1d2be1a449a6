"""`business/alerts/*.json`: what is looked for again and again, how far off it has to be, and who is told."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from typing import Final, Literal

from pydantic import Field

from dash_agent.context.business import AverageMetric, CountMetric, Metric, RatioMetric, SumMetric
from dash_agent.context.digests import Audience, Rows, Wrong, readers, twice
from dash_agent.context.files import FileModel, LocalText, nearest
from dash_agent.models.principal import ScopeFilter

ALERTS: Final = "business/alerts"

Kind = Literal["threshold", "anomaly", "pipeline_errors", "stuck", "response_targets"]
Severity = Literal["info", "warning", "critical"]
Direction = Literal["up", "down", "both", "worse"]
Window = Literal["hour", "day"]

SEVERITIES: Final[tuple[Severity, ...]] = ("info", "warning", "critical")
"""The least first."""

SEGMENT: Final = "{segment}"
"""In a question: the values of the segment that was found."""

OF_METRICS: Final = ("threshold", "anomaly")
"""Kinds that name their metrics; the others are about what a report of ours counts."""


class QuietHours(FileModel):
    """Hours of the business time zone in which nobody is told."""

    from_: str = Field(alias="from", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    """As '22:00'."""
    to: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    """As '07:00': the first minute in which people are told again. Earlier than `from`, it is of the next day."""
    except_: Severity | None = Field(default=None, alias="except")
    """From this severity on people are told all the same."""


class After(FileModel):
    """Changes of ours that something may get worse by: each row of a table is one."""

    table: str = Field(min_length=1)
    """The rows' table, which has a `time`: when the change was made."""
    dimension: str
    """What is looked at since: the rows of a metric that have the value of this dimension which was changed."""
    value: str = Field(min_length=1)
    """The column of the table that says which value that is."""
    where: dict[str, list[str]] = {}
    """Only rows whose columns have one of these values, as they are stored."""
    watch: int = Field(default=72, ge=6, le=336)
    """Hours after a change in which what came since is held against the days before it."""


class Alert(FileModel):
    """What is looked for again and again, and told where it is found."""

    schema_: str | None = Field(default=None, alias="$schema")
    """The file's JSON Schema, for editors."""
    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,59}$")
    """As the file is called."""
    title: LocalText
    """What it is about, by language."""
    kind: Kind
    """`threshold` holds metrics against a bound, `anomaly` against what is usual at this weekday and hour. The others
    hold what a report counts against a bound: errors of the pipeline, stuck tickets, tickets that are likely to miss
    their response target."""
    look: str
    """When it is looked: five fields of cron, in the business time zone."""
    severity: Severity = "warning"
    """How much it matters; quiet hours go by it."""
    audience: Audience = Audience()
    """Who is told, and of which rows."""
    cool_down: int = Field(default=24, ge=0, le=720)
    """Hours in which the same is not told again."""
    quiet_hours: QuietHours | None = None
    """When nobody is told; what still holds at their end is told then."""
    question: LocalText = {}
    """To look further, by language, in the words in which it would be asked. {segment} stands for the values found."""
    metrics: list[str] = []
    """Of `threshold` and `anomaly`: names of metrics.json."""
    by: list[str] = []
    """Dimensions that the metrics are split by, each by itself. The whole is looked at, too."""
    only: list[Rows] = []
    """The rows that are looked at: all of these hold. Without it, every row."""
    together: bool = False
    """Of `anomaly`: whether its metrics are signs of one thing. Then each segment is judged once, by all of them."""
    after: After | None = None
    """Of `anomaly`: looks only at what was changed lately, and at all that came since then. For rates and averages."""
    window: Window = "day"
    """What is held against the bound or against earlier weeks: the last whole hour, or 24 hours up to it."""
    settle: int = Field(default=0, ge=0, le=72)
    """Hours that rows take until they say what they will: the window ends so long before the look."""
    above: float | None = None
    """The bound: found where the number is higher."""
    below: float | None = None
    """The bound: found where the number is lower."""
    direction: Direction = "both"
    """Of `anomaly`: which way is worth telling. `worse` goes by each metric's own direction of metrics.json."""
    min_sample: int = Field(default=30, ge=1)
    """Rows that a number rests on at least: tickets of a count, the denominator of a rate, the values of an average. Of
    a count it is what is usual or what was found, whichever is more."""
    samples: dict[str, str] = {}
    """Of averages, percentiles and sums: the metric that counts their values, by metric."""
    min_change: float = Field(default=0.0, ge=0, le=10)
    """Of `anomaly`: how far off it is at least, in relation to what is usual: 0.2 is a fifth."""
    false_discovery: float = Field(default=0.01, gt=0, le=0.5)
    """Of `anomaly`: the share of findings that may be chance, over all segments of all rules of one look."""
    holidays: list[str] = []
    """Days that are like no other, as '12-25' or '2027-04-04': nothing is told of them, or learnt from them."""

    @property
    def named(self) -> tuple[str, ...]:
        """Metrics that it names, each once."""
        return tuple(dict.fromkeys([*self.metrics, *self.samples.values()]))

    @property
    def rows(self) -> tuple[ScopeFilter, ...]:
        """What `only` says."""
        return tuple(ScopeFilter(rows.dimension, tuple(sorted(rows.values))) for rows in self.only)

    def is_holiday(self, day: date) -> bool:
        written = day.isoformat()
        return written in self.holidays or written[5:] in self.holidays


def is_looked_at(metric: Metric) -> bool:
    """Whether its windows can be put together from hours. What is counted once each, or a percentile, can't."""
    if isinstance(metric, CountMetric):
        return not metric.state and metric.distinct is None
    return isinstance(metric, RatioMetric) or (isinstance(metric, SumMetric | AverageMetric) and not metric.state)


_DAY: Final = re.compile(r"(\d{4}-)?\d{2}-\d{2}")


def problems(alert: Alert, metrics: Collection[str], dimensions: Collection[str]) -> Iterator[Wrong]:
    """Names that are not there, keys that the kind has no use for or lacks, and whoever would be told twice."""
    yield from _names(alert, metrics, dimensions)
    yield from _keys(alert)
    for index, day in enumerate(alert.holidays):
        if not _is_day(day):
            yield f"holidays[{index}]", f"'{day}' is no day; write '12-25' or '2027-04-04'", "wrong-value"
    yield from twice(alert)
    for place, reader in readers(alert):
        for index, rows in enumerate(reader.scope):
            yield from _unknown(f"{place}.scope[{index}].dimension", "dimension", rows.dimension, dimensions)


def _names(alert: Alert, metrics: Collection[str], dimensions: Collection[str]) -> Iterator[Wrong]:
    for index, name in enumerate(alert.metrics):
        yield from _unknown(f"metrics[{index}]", "metric", name, metrics)
    for name, counted in alert.samples.items():
        yield from _unknown(f"samples.{name}", "metric", name, alert.metrics)
        yield from _unknown(f"samples.{name}", "metric", counted, metrics)
    for index, name in enumerate(alert.by):
        yield from _unknown(f"by[{index}]", "dimension", name, dimensions)
    if alert.after is not None:
        yield from _unknown("after.dimension", "dimension", alert.after.dimension, dimensions)
    for index, rows in enumerate(alert.only):
        yield from _unknown(f"only[{index}].dimension", "dimension", rows.dimension, dimensions)


def _unknown(place: str, kind: str, name: str, known: Collection[str]) -> Iterator[Wrong]:
    if name not in known:
        yield place, f"there is no {kind} '{name}'{nearest(name, list(known))}", "unknown-name"


def _keys(alert: Alert) -> Iterator[Wrong]:
    bounded = alert.above is not None or alert.below is not None
    if alert.kind in OF_METRICS and not alert.metrics:
        yield "metrics", "name the 'metrics' that are looked at", "alert-part"
    if alert.kind not in OF_METRICS and (alert.metrics or alert.by or alert.below is not None):
        said = f"a rule of kind '{alert.kind}' names no metrics and dimensions of its own, and has a bound 'above' only"
        yield "kind", said, "alert-part"
    if alert.kind == "anomaly" and bounded:
        yield "kind", "an anomaly has no bound; make it a 'threshold', or take the bound out", "alert-part"
    if alert.after is not None and (alert.kind != "anomaly" or alert.by):
        said = "'after' is of an anomaly, which is split by its dimension; take 'after' or 'by' out"
        yield "after", said, "alert-part"
    if alert.after is not None and "window" in alert.model_fields_set:
        yield "window", "all since the change is looked at, whatever the 'window'; take it out", "alert-part"
    if alert.kind != "anomaly" and not bounded:
        yield "kind", f"a rule of kind '{alert.kind}' needs a bound: 'above' or 'below'", "alert-part"
    if set(alert.question) - {"en", "ru"}:
        yield "question", "a question is asked in 'en' and 'ru'", "wrong-value"


def _is_day(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text if len(text) > len("12-25") else f"2028-{text}")
    except ValueError:
        return False
    return True
