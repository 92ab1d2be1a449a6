"""200 random questions: the answers equal what the definitions give when they are worked out by hand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from dash_agent.ask import Dash
from dash_agent.context.catalog import Catalog
from dash_agent.models.answer import Answer, Status
from dash_agent.models.plan import MetricPlan
from dash_agent.models.principal import Principal, Role
from dash_agent.models.query import Filter, Grain, MetricQuery, Op, Period
from dash_agent.models.wire import plan_json
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.resolve import applies
from tests.conftest import NOW, ZONE
from tests.oracle import oracle
from tests.oracle.frames import DIMENSIONS, Frames
from tests.oracle.metrics import METRICS
from tests.oracle.queries import features, queries

ANALYST = Principal("analyst@example.com", Role.ANALYST)
ROW_CAP = 1_000
QUERIES = queries(DIMENSIONS)

FEATURES = {
    *("1 metrics", "2 metrics", "3 metrics", "4 metrics", "metrics of several tables", "cohort"),
    *("0 dimensions", "1 dimensions", "2 dimensions", "3 dimensions", "series by a dimension"),
    *("grain hour", "grain day", "grain week", "grain month", "grain quarter", "grain year"),
    *("grain weekday", "grain hour_of_day"),
    *("filter in", "filter not_in", "filter is_null", "filter not_null", "in with null", "not_in with null"),
    *("period fixed", "period to_now", "period future", "period spring", "period autumn", "period empty"),
    *("state without a period", "compare", "share", "having", "order", "limit", "with ties", "null groups dropped"),
    *("parameter stuck_hours", "parameter percentile", "parameter aggregate"),
    *("counted among", "not counted among", "among of another table", "narrowed by weekday", "narrowed by hour_of_day"),
    *("part by a count", "part by a filter", "part of each group", "series of a part"),
    *("order by share", "bound on a share"),
}


@pytest.mark.parametrize("number", range(len(QUERIES)))
def test_the_answer_is_what_the_definitions_give(number: int, dash: Dash, frames: Frames) -> None:
    holds(QUERIES[number], dash, frames)


@pytest.mark.parametrize("split", [(), ("channel",)], ids=["whole", "split"])
def test_days_of_some_hours(split: tuple[str, ...], dash: Dash, frames: Frames) -> None:
    """Every day has the hours that a filter keeps, over the changes of the clock, too."""
    hours = Filter("hour_of_day", Op.IN, (1, 2, 9, 23))
    period = Period(datetime(2026, 3, 20, tzinfo=ZONE), datetime(2026, 4, 3, tzinfo=ZONE))
    holds(MetricQuery(("tickets", "csat"), split, (hours,), period, Grain.DAY), dash, frames)


def holds(query: MetricQuery, dash: Dash, frames: Frames) -> None:
    expected = oracle.answer(query, frames, NOW)
    answer = dash.answer(MetricPlan(query), ANALYST, now=NOW)
    assert answer.status is Status.ANSWERED, report(query, answer, [])
    assert tuple(column.name for column in answer.columns) == expected.columns
    differing = differences(answer.rows, expected.rows[:ROW_CAP])
    assert not differing, report(query, answer, differing)
    assert answer.truncated == (len(expected.rows) > ROW_CAP)


def differences(found: Sequence[Sequence[Any]], expected: Sequence[Sequence[Any]]) -> list[str]:
    """Rows that differ in a value or its type, said in words."""
    lines = [f"{len(found)} rows, expected {len(expected)}"] if len(found) != len(expected) else []
    for place, (row, wanted) in enumerate(zip(found, expected, strict=False)):
        if [(type(cell), cell) for cell in row] != [(type(cell), cell) for cell in wanted]:
            lines.append(f"row {place}: {tuple(row)!r}\n expected {tuple(wanted)!r}")
    return lines


def report(query: MetricQuery, answer: Answer, differing: list[str]) -> str:
    plan = json.dumps(plan_json(MetricPlan(query)), indent=1, ensure_ascii=False)
    return "\n".join([plan, str(answer.sql), answer.text, *differing[:5]])


def test_every_feature_of_a_query_is_asked_for_at_least_five_times() -> None:
    seen = Counter(feature for query in QUERIES for feature in features(query))
    rare = {feature: seen[feature] for feature in FEATURES if seen[feature] < 5}
    assert not rare, f"change the odds in tests/oracle/queries.py: {rare}"


def test_every_metric_is_worked_out_by_hand(home: Catalog) -> None:
    missing = set(home.metrics) - set(METRICS)
    assert not missing, f"add to METRICS in tests/oracle/metrics.py, from the page of definitions: {sorted(missing)}"
    gone = set(METRICS) - set(home.metrics)
    assert not gone, f"METRICS in tests/oracle/metrics.py has what business/metrics.json has not: {sorted(gone)}"


def test_every_dimension_is_looked_up_by_hand(home: Catalog, model: SemanticModel) -> None:
    """A metric can be split by exactly what the oracle knows of its table's rows."""
    for name, metric in METRICS.items():
        reached = {dimension for dimension in home.dimensions if applies(model, name, dimension)}
        assert reached == set(DIMENSIONS[metric.table]), f"{name}: see DIMENSIONS in tests/oracle/frames.py"
