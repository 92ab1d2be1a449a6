"""The catalogue's SQL expressions, parsed once and checked against the documented columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from dash_agent.context.business import (
    AverageMetric,
    CohortMetric,
    Counted,
    CountMetric,
    PercentileMetric,
    RatioMetric,
    SumMetric,
)
from dash_agent.context.catalog import METRICS, Catalog
from dash_agent.context.tables import Table
from dash_agent.errors import ContentError, Problem
from dash_agent.models.query import Scalar
from dash_agent.semantic.expressions import Mistake, mistakes, parsed, syntax_words


@dataclass(frozen=True, slots=True)
class Measure:
    """A counted metric with its expressions as trees over the bare columns of `metric.table`.

    time: the moment that a period goes by; a cohort's is when a row entered. leaves: of a cohort.
    """

    metric: Counted
    where: exp.Expr | None
    value: exp.Expr | None
    time: exp.Expr | None
    leaves: exp.Expr | None = None


VALUES, SUM = "__values", "__sum"
"""End the names of what an average is made from: how many values there are, and their sum, not rounded."""


EXACT = 6
"""Decimals of such a sum, as many as a metric may have."""


class SemanticModel:
    """Measures by metric name. Raises ContentError with every expression that does not parse or fit its table."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._problems: list[Problem] = []
        self._measures: dict[str, Measure] = {}
        self.derived: Mapping[str, exp.Expr] = {
            name: query for name, table in catalog.tables.items() if (query := self._query(table)) is not None
        }
        for index, metric in enumerate(catalog.metrics.values()):
            if not isinstance(metric, RatioMetric):
                self._measures[metric.name] = self._measure(metric, f"metrics[{index}]")
        if self._problems:
            raise ContentError(self._problems)

    def measure(self, name: str) -> Measure:
        return self._measures[name]

    def part(self, name: str) -> Counted | None:
        """What an average or a percentile is made from, under its name with VALUES or SUM; None for any other name."""
        if name not in self._measures and name.endswith((VALUES, SUM)):
            base = self._measures.get(name.removesuffix(VALUES).removesuffix(SUM))
            if base is None or not isinstance(base.metric, AverageMetric | PercentileMetric) or base.value is None:
                return None
            self._measures[name] = _part(base, base.metric, base.value, name)
        found = self._measures.get(name)
        return found.metric if found is not None else None

    @property
    def constants(self) -> Mapping[str, Scalar]:
        return {name: constant.value for name, constant in self.catalog.constants.items()}

    def _measure(self, metric: Counted, place: str) -> Measure:
        table = self.catalog.tables[metric.table]
        time = metric.time or table.time
        return Measure(
            metric=metric,
            where=self._parse(metric.where, table, f"{place}.where"),
            value=self._parse(_value(metric), table, f"{place}.{_value_key(metric)}"),
            time=self._parse(time, table, f"{place}.{'enters' if isinstance(metric, CohortMetric) else 'time'}"),
            leaves=self._parse(metric.leaves, table, f"{place}.leaves") if isinstance(metric, CohortMetric) else None,
        )

    def _query(self, table: Table) -> exp.Expr | None:
        """A derived table's statement."""
        if table.query is None:
            return None
        file = f"tables/{table.table}.json"
        try:
            trees = [tree for tree in sqlglot.parse(table.query, dialect="postgres") if tree is not None]
        except SqlglotError as error:
            self._problems.append(Problem(file, "query", syntax_words(error), rule="sql-syntax"))
            return None
        if len(trees) != 1 or not isinstance(trees[0], exp.Query):
            self._problems.append(Problem(file, "query", "one SELECT is wanted", rule="one-select"))
            return None
        return trees[0]

    def _parse(self, sql: str | None, table: Table, place: str) -> exp.Expr | None:
        if sql is None:
            return None
        tree = parsed(sql)
        found = [tree] if isinstance(tree, Mistake) else mistakes(tree, table, self.catalog.constants)
        self._problems.extend(Problem(METRICS, place, mistake.message, rule=mistake.rule) for mistake in found)
        return None if isinstance(tree, Mistake) else tree


def _part(base: Measure, metric: AverageMetric | PercentileMetric, value: exp.Expr, name: str) -> Measure:
    own = metric.model_dump(include={"label", "description", "table", "where", "time", "state"})
    if name.endswith(SUM):
        total = SumMetric(**own, kind="sum", name=name, unit=metric.unit, value=metric.value, decimals=EXACT)
        return replace(base, metric=total)
    valued = value.copy().is_(exp.null()).not_()
    where = valued if base.where is None else exp.and_(base.where.copy(), valued)
    return replace(base, metric=CountMetric(**own, kind="count", name=name, unit="count"), where=where)


def _value(metric: Counted) -> str | None:
    match metric:
        case CountMetric():
            return metric.distinct
        case SumMetric() | AverageMetric() | PercentileMetric():
            return metric.value
        case CohortMetric():
            return None


def _value_key(metric: Counted) -> str:
    return "distinct" if isinstance(metric, CountMetric) else "value"
