"""Charts of rows that no database gave, for the tests of shapes."""

from __future__ import annotations

from collections.abc import Sequence

from dash_agent.context.catalog import Catalog
from dash_agent.insight.charts import chart
from dash_agent.insight.columns import metric_columns, pattern_columns
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer, Chart, Fact, Status
from dash_agent.models.plan import MetricPlan, PatternPlan
from dash_agent.models.query import MetricQuery, Period
from dash_agent.models.sql import Cell, ResultColumn, ResultSet
from dash_agent.semantic.columns import OutColumn, Shows
from tests.conftest import NOW, ZONE

Rows = Sequence[tuple[Cell, ...]]


def out_columns(query: MetricQuery) -> tuple[OutColumn, ...]:
    found = [OutColumn(query.grain.value, Shows.BUCKET, query.grain.value)] if query.grain else []
    found += [OutColumn(name, Shows.DIMENSION, name) for name in query.dimensions]
    for name in query.metrics:
        found.append(OutColumn(name, Shows.METRIC, name))
        if query.compare:
            found.append(OutColumn(f"{name}_previous", Shows.PREVIOUS, name))
            found.append(OutColumn(f"{name}_change", Shows.CHANGE, name))
    if query.share:
        found.append(OutColumn(f"{query.metrics[0]}_share", Shows.SHARE, query.metrics[0]))
    return tuple(found)


def drawn(
    home: Catalog, query: MetricQuery, rows: Rows, language: str = "en", facts: Sequence[Fact] = ()
) -> Chart | None:
    """The chart of a metric plan with these rows."""
    wording, columns, plan = Wording(home, language, ZONE), out_columns(query), MetricPlan(query)
    result = ResultSet(tuple(ResultColumn(c.name, "text") for c in columns), tuple(rows), truncated=False, elapsed_ms=0)
    answer = Answer(
        "a", None, None, language, NOW, Status.ANSWERED, "", plan,
        columns=metric_columns(columns, result, wording), rows=tuple(rows), facts=tuple(facts),
    )  # fmt: skip
    return chart(answer, plan, columns, wording)


def drawn_pattern(
    home: Catalog, name: str, rows: Rows, language: str = "en", period: Period | None = None
) -> Chart | None:
    """The chart of a pattern with these rows, in the order of its header's columns."""
    wording, pattern = Wording(home, language, ZONE), home.patterns[name]
    found = tuple(ResultColumn(column, "text") for column in pattern.header.columns)
    result = ResultSet(found, tuple(rows), truncated=False, elapsed_ms=0)
    plan = PatternPlan(name, tuple((parameter, None) for parameter in pattern.header.parameters), period)
    answer = Answer(
        "a", None, None, language, NOW, Status.ANSWERED, "", plan,
        columns=pattern_columns(pattern, result, wording), rows=tuple(rows),
    )  # fmt: skip
    return chart(answer, plan, (), wording)
