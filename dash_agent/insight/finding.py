"""What is worth telling of an answer: a sentence, the facts that it rests on, and how much it matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum
from fractions import Fraction

from dash_agent.context.business import AverageMetric, Metric, PercentileMetric, RatioMetric
from dash_agent.insight.facts import number
from dash_agent.insight.probes import Seen
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Fact
from dash_agent.models.plan import MetricPlan
from dash_agent.models.query import MetricQuery
from dash_agent.models.sql import Cell, ResultSet
from dash_agent.semantic.columns import OutColumn, Shows
from dash_agent.semantic.time import Calendar


class Rank(IntEnum):
    """What is told first, and what is left to the facts where there is much to tell."""

    CHANGE = 0
    DRIVERS = 1
    MIX = 2
    TARGET_MISSED = 3
    TREND = 4
    RECORD = 5
    OUTLIER = 6
    CONCENTRATION = 7
    SMALL_SAMPLE = 8
    TARGET_MET = 9


@dataclass(frozen=True, slots=True)
class Finding:
    """text: one sentence in the answer's language, '' where only the facts are kept."""

    rank: Rank
    text: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """All that a finding may rest on: the plan, its rows, and what the probes saw."""

    plan: MetricPlan
    columns: Sequence[OutColumn]
    result: ResultSet
    wording: Wording
    now: datetime
    seen: Sequence[Seen] = ()

    @property
    def query(self) -> MetricQuery:
        return self.plan.query

    @property
    def language(self) -> str:
        return self.wording.language

    @property
    def metric(self) -> Metric:
        """The first one, which the answer is about."""
        return self.wording.catalog.metrics[self.query.metrics[0]]

    @property
    def label(self) -> str:
        return self.wording.label(self.metric.label, self.metric.name)

    @property
    def calendar(self) -> Calendar:
        return Calendar(self.now, self.wording.zone)

    @property
    def first(self) -> int:
        """The first metric's column; before it stand the groups."""
        return next(at for at, column in enumerate(self.columns) if column.shows is Shows.METRIC)

    @property
    def is_single(self) -> bool:
        return self.first == 0 and len(self.result.rows) == 1

    @property
    def adds_up(self) -> bool:
        """Whether the metric's groups are parts of a sum, as far as its kind tells."""
        return adds_up(self.metric)

    def found(self, name: str) -> Seen | None:
        return next((one for one in self.seen if one.probe.name == name), None)

    def fact(
        self,
        kind: str,
        value: Decimal | int | None,
        *,
        unit: str | None = None,
        label: str | None = None,
        segment: str | None = None,
        period: str | None = None,
        previous: Decimal | int | None = None,
    ) -> Fact:
        """Of the first metric, in its unit and of the answer's period where nothing else is said."""
        own = self.wording.period(self.query.period, self.now) if self.query.period else None
        return Fact(
            kind,
            self.metric.name,
            label or self.label,
            value,
            unit or self.metric.unit,
            segment,
            period or own,
            previous,
        )

    def worded(self, value: Decimal | int | None) -> str:
        """A value of the first metric."""
        return self.wording.measure(value, self.metric.unit, self.metric.decimals)


def adds_up(metric: Metric) -> bool:
    return not isinstance(metric, RatioMetric | AverageMetric | PercentileMetric)


def exact(cell: Cell) -> Decimal | int | None:
    """A cell of a metric as an exact number."""
    value = number(cell)
    return Decimal(str(value)) if isinstance(value, float) else value


def rounded(value: Fraction | Decimal | int, decimals: int) -> Decimal:
    """Half away from zero, as the definitions say."""
    exactly = Fraction(value)
    scaled = exactly * 10**decimals
    whole = (abs(scaled) + Fraction(1, 2)).__floor__() * (1 if scaled >= 0 else -1)
    return (Decimal(whole) / Decimal(10**decimals)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
