"""Every statement that the files stand for, as it would run: metrics, patterns and derived tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from sqlglot import exp

from dash_agent.context.business import Metric
from dash_agent.context.content import METRICS, Content
from dash_agent.context.patterns import Parameter, Pattern
from dash_agent.context.targets import bound
from dash_agent.errors import ContentError, UnsafeSql, WrongUse
from dash_agent.models.query import MetricQuery, Period, Scalar
from dash_agent.models.sql import SafeQuery
from dash_agent.semantic import pattern as pattern_sql
from dash_agent.semantic.compile import compile_query
from dash_agent.semantic.derived import with_derived
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.resolve import applies
from dash_agent.semantic.time import Calendar
from dash_agent.sql.guard import GuardSchema, Moment, guard

WITHOUT_A_NARROWING: Final = "where a question does not narrow it"

SAMPLES: Final[dict[str, Scalar | tuple[Scalar, ...]]] = {"text": "x", "text[]": ("x",), "integer": 1, "numeric": 1}
"""What stands for a parameter while a statement is planned, by type."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """safe: the statement, None where it was `refused`, which says why. when: it is so, '' for always."""

    file: str
    place: str
    line: int | None
    safe: SafeQuery | None
    refused: str
    when: str = ""

    def told(self, message: str) -> str:
        return f"{self.when}: {message}" if self.when else message


@dataclass(frozen=True)
class Compiling:
    """Makes them over a sound model. Statements of metrics cover the default period, by the metric's default split.

    lines: of the files, where each pattern's SQL begins.
    """

    content: Content
    model: SemanticModel
    calendar: Calendar
    lines: Mapping[str, int | None]

    def all(self) -> Iterator[Compiled]:
        catalog = self.model.catalog
        for index, metric in enumerate(self.content.metrics):
            if metric.name in catalog.metrics:
                yield _made(METRICS, f"metrics[{index}]", lambda: self.metric(metric))  # noqa: B023
        for name, pattern in catalog.patterns.items():
            yield from self.both_ways(pattern, self.lines[name])
        for name, table in catalog.tables.items():
            if table.query is not None:
                yield _made(self.content.table_files[name], "query", lambda: self.derived(name))  # noqa: B023

    @cached_property
    def schema(self) -> GuardSchema:
        return GuardSchema(self.model.catalog.readable)

    @cached_property
    def moment(self) -> Moment:
        return Moment(self.calendar.now, self.calendar.zone.key)

    @cached_property
    def period(self) -> Period:
        return self.calendar.last_days(self.model.catalog.rules.default_days)

    def metric(self, metric: Metric) -> SafeQuery:
        metric = self.model.catalog.metrics[metric.name]
        split = metric.default_split
        dimensions = (split,) if split is not None and applies(self.model, metric.name, split) else ()
        period = None if self.model.catalog.is_state(metric) else self.period
        query = MetricQuery((metric.name,), dimensions, period=period)
        return guard(compile_query(self.model, query, self.calendar).tree, self.schema, self.moment)

    def both_ways(self, pattern: Pattern, line: int | None) -> Iterator[Compiled]:
        """Narrowed by every dimension that it can be narrowed by, then by none: other parts of it are left out then."""
        narrowed = _made(pattern.file, "", lambda: self.pattern(pattern, narrowed=True), line)
        yield narrowed
        if narrowed.safe is not None and any(map(_narrows, pattern.header.parameters.values())):
            free = _made(pattern.file, "", lambda: self.pattern(pattern, narrowed=False), line)
            yield replace(free, when=WITHOUT_A_NARROWING)

    def pattern(self, pattern: Pattern, *, narrowed: bool) -> SafeQuery:
        parameters = pattern.header.parameters.items()
        values = {name: self._sample(given) if narrowed or not _narrows(given) else None for name, given in parameters}
        bound = pattern_sql.bind(pattern, values, self.model.catalog.keys)
        return guard(bound.tree, self.schema, self.moment)

    def _sample(self, parameter: Parameter) -> Scalar | tuple[Scalar, ...]:
        kind, _, name = parameter.fills.partition(":")
        if kind == "constant":
            return self.model.catalog.constants[name].value
        if kind == "target":
            return bound(self.model.catalog.targets, name)
        ends = {"period.start": self.period.start, "period.end": self.period.end}
        return ends[kind].isoformat() if kind in ends else SAMPLES.get(parameter.type)

    def derived(self, name: str) -> SafeQuery:
        columns = (exp.column(column.name, name) for column in self.model.catalog.tables[name].columns)
        tree = exp.select(*columns).from_(exp.to_table(name))
        whole, _ = with_derived(self.model, tree, (name,), self.model.constants)
        return guard(whole, self.schema, self.moment)


def _narrows(parameter: Parameter) -> bool:
    return parameter.fills.startswith("dimension:")


def _made(file: str, place: str, make: Callable[[], SafeQuery], line: int | None = None) -> Compiled:
    try:
        return Compiled(file, place, line, make(), "")
    except (UnsafeSql, WrongUse, ContentError) as error:
        return Compiled(file, place, line, None, str(error))
