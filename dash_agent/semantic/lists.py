"""A ListQuery as one SQL tree: rows of one table, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from sqlglot import exp

from dash_agent.context.business import CountMetric
from dash_agent.context.tables import Table
from dash_agent.errors import UnknownName, WrongUse
from dash_agent.models.query import ListQuery, Order, Scalar
from dash_agent.semantic import resolve
from dash_agent.semantic.checks import check_period
from dash_agent.semantic.columns import OutColumn, Shows
from dash_agent.semantic.compile import Compiled
from dash_agent.semantic.derived import with_derived
from dash_agent.semantic.model import Measure, SemanticModel
from dash_agent.semantic.postgres import POSTGRES
from dash_agent.semantic.rows import Rows


def compile_list(model: SemanticModel, query: ListQuery) -> Compiled:
    """One SELECT with the columns of the query, in order.

    Raises UnknownName for a name that is not there, NoPath for a dimension that the rows do not have, WrongUse for a
    metric whose rows they are not.
    """
    return _List(model, query).compiled()


@dataclass(frozen=True, slots=True)
class _List:
    model: SemanticModel
    query: ListQuery

    def compiled(self) -> Compiled:
        query = self.query
        if not query.columns:
            raise WrongUse("a list names no columns")
        if query.limit is not None and query.limit < 1:
            raise WrongUse(f"a limit of {query.limit} leaves nothing")
        if query.period is not None:
            check_period(query.period)
        rows = Rows(self.model, POSTGRES, query.table)
        dimensions = [name for name in (*query.columns, *(o.by for o in query.order)) if not self.is_field(name)]
        select = rows.select(dict.fromkeys(dimensions), (*query.filters, *query.among))
        select = select.select(
            *(exp.alias_(self.value(name, rows), name, copy=False) for name in query.columns), copy=False
        )
        select = select.where(*self.conditions(rows), copy=False).order_by(*self.order(rows), copy=False)
        if query.limit is not None:
            select = select.limit(query.limit, copy=False)
        tree, tables = with_derived(self.model, select, (query.table,), self.parameters)
        return Compiled(tree, tuple(self.columns()), tables)

    @property
    def table(self) -> Table:
        known = self.model.catalog.tables
        if self.query.table not in known:
            raise UnknownName("table", self.query.table, get_close_matches(self.query.table, list(known), 3))
        return known[self.query.table]

    @property
    def parameters(self) -> Mapping[str, Scalar]:
        return {**self.model.constants, **dict(self.query.parameters)}

    def is_field(self, name: str) -> bool:
        return name in self.table.readable

    def value(self, name: str, rows: Rows) -> exp.Expr:
        if not self.is_field(name):
            return rows.group(name)
        return rows.unpadded(exp.column(name, self.query.table), self.query.table, name)

    def columns(self) -> Iterator[OutColumn]:
        """A field that is a dimension's home is shown as the dimension, with its words."""
        dimensions = self.model.catalog.dimensions
        for name in self.query.columns:
            found = dimensions.get(name)
            home = found.on.get(self.query.table, found.column) if found else ""
            if not self.is_field(name) or home == f"{self.query.table}.{name}":
                yield OutColumn(name, Shows.DIMENSION, name)
            else:
                yield OutColumn(name, Shows.FIELD, f"{self.query.table}.{name}")

    def conditions(self, rows: Rows) -> Iterator[exp.Expr]:
        measures = [self.measure(name) for name in self.query.metrics]
        for measure in measures:
            if measure.where is not None:
                yield exp.paren(rows.expression(measure.where, self.parameters), copy=False)
        if self.query.period is not None:
            yield rows.within(self.time(measures, rows), self.query.period)
        yield from rows.narrowed((*self.query.filters, *self.query.among), self.parameters)

    def time(self, measures: list[Measure], rows: Rows) -> exp.Expr:
        own = measures[0].time if measures else None
        if own is not None:
            return rows.expression(own, self.parameters)
        if self.table.time is None:
            raise WrongUse(f"rows of '{self.query.table}' have no time that a period could go by")
        return exp.column(self.table.time, self.query.table)

    def measure(self, name: str) -> Measure:
        metric = resolve.metric(self.model, name)
        if not isinstance(metric, CountMetric) or metric.table != self.query.table:
            raise WrongUse(f"'{name}' does not count rows of '{self.query.table}', so none can be listed for it")
        return self.model.measure(name)

    def order(self, rows: Rows) -> Iterator[exp.Expr]:
        table = self.table
        given = self.query.order or tuple(Order(name, desc=False) for name in (table.listed_by or table.time,) if name)
        for order in given:
            yield exp.Ordered(this=self.value(order.by, rows), desc=order.desc, nulls_first=False)
        if table.primary_key not in (order.by for order in given):
            yield exp.Ordered(this=exp.column(table.primary_key, table.table), nulls_first=False)
