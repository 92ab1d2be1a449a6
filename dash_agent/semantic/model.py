"""The catalogue's SQL expressions, parsed once and checked against the documented columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from dash_agent.context.business import AverageMetric, Counted, CountMetric, PercentileMetric, RatioMetric, SumMetric
from dash_agent.context.catalog import METRICS, Catalog
from dash_agent.context.files import nearest
from dash_agent.context.tables import Table
from dash_agent.errors import ContentError, Problem
from dash_agent.models.query import Scalar

NOT_IN_A_METRIC = (exp.Query, exp.AggFunc, exp.Window, exp.Command, exp.DDL, exp.DML)


@dataclass(frozen=True, slots=True)
class Measure:
    """A counted metric with its expressions as trees over the bare columns of `metric.table`."""

    metric: Counted
    where: exp.Expr | None
    value: exp.Expr | None
    time: exp.Expr | None


class SemanticModel:
    """Measures by metric name. Raises ContentError with every expression that does not parse or fit its table."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._problems: list[Problem] = []
        self._measures: dict[str, Measure] = {}
        for index, metric in enumerate(catalog.metrics.values()):
            if not isinstance(metric, RatioMetric):
                self._measures[metric.name] = self._measure(metric, f"metrics[{index}]")
        if self._problems:
            raise ContentError(self._problems)

    def measure(self, name: str) -> Measure:
        return self._measures[name]

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
            time=self._parse(time, table, f"{place}.time"),
        )

    def _parse(self, sql: str | None, table: Table, place: str) -> exp.Expr | None:
        if sql is None:
            return None
        try:
            tree = sqlglot.parse_one(sql, dialect="postgres")
        except (ParseError, TokenError) as error:
            self._problems.append(Problem(METRICS, place, f"not valid SQL: {_first_line(error)}"))
            return None
        self._problems.extend(self._expression_problems(tree, table, place))
        return tree

    def _expression_problems(self, tree: exp.Expr, table: Table, place: str) -> Iterator[Problem]:
        for node in tree.find_all(*NOT_IN_A_METRIC):
            kind = type(node).__name__.lower()
            yield Problem(METRICS, place, f"an expression over one row is wanted, and this holds a {kind}")
        names = [column.name for column in table.columns]
        for column in tree.find_all(exp.Column):
            if column.name not in names:
                message = f"'{table.table}' has no column '{column.name}'{nearest(column.name, names)}"
                yield Problem(METRICS, place, message)
            elif column.name not in table.readable:
                yield Problem(METRICS, place, f"'{table.table}.{column.name}' is personal")
        known = [*self.catalog.constants, "now"]
        for placeholder in tree.find_all(exp.Placeholder):
            if placeholder.name not in known:
                message = f"rules.json has no constant '{placeholder.name}'{nearest(placeholder.name, known)}"
                yield Problem(METRICS, place, message)


def _value(metric: Counted) -> str | None:
    match metric:
        case CountMetric():
            return metric.distinct
        case SumMetric() | AverageMetric() | PercentileMetric():
            return metric.value


def _value_key(metric: Counted) -> str:
    return "distinct" if isinstance(metric, CountMetric) else "value"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].replace("\x1b[4m", "").replace("\x1b[0m", "")
