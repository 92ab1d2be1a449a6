"""A plan in the making."""

from __future__ import annotations

from dataclasses import dataclass, field

from dash_agent.context.business import CohortMetric, CountMetric, Metric, RatioMetric
from dash_agent.context.catalog import Catalog
from dash_agent.models.plan import Assumption
from dash_agent.models.query import Among, Condition, Filter, Grain, Having, MetricQuery, Order, Period, Scalar
from dash_agent.planning.sentence import Found, Sentence
from dash_agent.planning.terms import MetricTerm
from dash_agent.semantic.joins import NoPath, path
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.resolve import applies
from dash_agent.semantic.rows import CLOCK
from dash_agent.semantic.time import Calendar


@dataclass(frozen=True, slots=True)
class Setting:
    """What a question is read against. before: the query that a follow-up goes on from."""

    model: SemanticModel
    calendar: Calendar
    before: MetricQuery | None

    @property
    def catalog(self) -> Catalog:
        return self.model.catalog


@dataclass(slots=True)
class Draft:
    """The parts of a MetricQuery, filled in one after the other. bounds: thresholds by the metric that they are on.

    turned: the words that ask what part of a rate's rows is of a value: 'what share of escalations are urgent'.
    """

    setting: Setting
    sentence: Sentence
    metrics: tuple[str, ...] = ()
    among: tuple[Among, ...] = ()
    dimensions: tuple[str, ...] = ()
    grain: Grain | None = None
    filters: tuple[Filter, ...] = ()
    period: Period | None = None
    compare: Period | None = None
    parameters: dict[str, Scalar] = field(default_factory=dict)
    order: tuple[Order, ...] = ()
    limit: int | None = None
    with_ties: bool = False
    drop_null_groups: bool = False
    having: tuple[Having, ...] = ()
    share: bool = False
    part: tuple[Condition, ...] = ()
    assumed: list[Assumption] = field(default_factory=list)
    why: bool = False
    turned: Found[MetricTerm] | None = None

    @property
    def catalog(self) -> Catalog:
        return self.setting.catalog

    def metric(self, name: str) -> Metric:
        return self.catalog.metrics[name]

    def tables(self, *metrics: str) -> frozenset[str]:
        """Whose rows the metrics are counted from."""
        return frozenset(part.table for name in metrics for part in self.catalog.counted(self.metric(name)))

    def applies(self, dimension: str, metrics: tuple[str, ...] | None = None) -> bool:
        if dimension in CLOCK:
            return self.timed(metrics or self.metrics)
        return all(applies(self.setting.model, name, dimension) for name in metrics or self.metrics)

    def column(self, dimension: str) -> tuple[str, str]:
        """Table and column of a dimension; blank for a weekday or an hour, which are of no column."""
        found = self.catalog.dimensions.get(dimension)
        table, _, name = found.column.partition(".") if found is not None else ("", "", "")
        return table, name

    def timed(self, metrics: tuple[str, ...]) -> bool:
        """Whether every row that the metrics count has a moment of its own, and a weekday with it."""
        parts = [part for name in metrics for part in self.catalog.counted(self.metric(name))]
        return all(
            not part.state
            and not isinstance(part, CohortMetric)
            and self.setting.model.measure(part.name).time is not None
            for part in parts
        )

    def at_home(self, dimension: str) -> bool:
        """The dimension's column is on the table that the metrics count."""
        if dimension in CLOCK:
            return True
        found = self.catalog.dimensions[dimension]
        return all(found.on.get(table, found.column).startswith(f"{table}.") for table in self.tables(*self.metrics))

    def base(self, table: str, time: str | None = None) -> str | None:
        """The metric that counts all rows of a table, by their own time or another."""
        found = (
            metric.name
            for metric in self.catalog.metrics.values()
            if isinstance(metric, CountMetric) and metric.table == table and metric.time == time and counts_all(metric)
        )
        return next(found, None)

    def rates_of(self, count: str) -> tuple[str, ...]:
        """The rates in % that have the count above their line, or a count of the same rows by another time."""
        counted, metrics = self.metric(count), self.catalog.metrics
        same = {
            metric.name
            for metric in metrics.values()
            if isinstance(counted, CountMetric) and isinstance(metric, CountMetric) and is_condition(metric)
            if (metric.table, metric.where, metric.distinct) == (counted.table, counted.where, counted.distinct)
        }
        return tuple(
            metric.name
            for metric in metrics.values()
            if isinstance(metric, RatioMetric) and metric.numerator in {count, *same} and metric.unit == "percent"
        )

    def reaches(self, metric: str, condition: str) -> bool:
        """Whether every row that `metric` rests on has the one row that `condition` counts or not."""
        counted = self.metric(condition)
        if not isinstance(counted, CountMetric):
            return False
        try:
            for table in self.tables(metric):
                path(self.catalog, table, counted.table)
        except NoPath:
            return False
        return True

    def query(self) -> MetricQuery:
        return MetricQuery(
            metrics=self.metrics,
            dimensions=self.dimensions,
            filters=self.filters,
            period=self.period,
            grain=self.grain,
            compare=self.compare,
            order=self.order,
            limit=self.limit,
            drop_null_groups=self.drop_null_groups,
            with_ties=self.with_ties,
            parameters=tuple(self.parameters.items()),
            share=self.share,
            having=self.having,
            among=self.among,
            part=self.part,
        )


def is_base(metric: Metric) -> bool:
    """It counts every row of its table, so its word is the name of the rows: 'messages', 'shipments'."""
    return isinstance(metric, CountMetric) and counts_all(metric) and metric.time is None


def counts_all(metric: CountMetric) -> bool:
    return metric.where is None and metric.distinct is None


def is_condition(metric: Metric) -> bool:
    """It counts some of the rows, so it can say which of them are meant."""
    return isinstance(metric, CountMetric) and metric.where is not None and metric.distinct is None
