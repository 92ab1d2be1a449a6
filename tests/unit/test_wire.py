"""Plans survive their JSON form, and cells keep what they are."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dash_agent.models.plan import (
    AskBack,
    Assumption,
    Clarification,
    ListPlan,
    MetricPlan,
    Option,
    PatternPlan,
    Plan,
    Reading,
    Refusal,
    RefusalReason,
    SqlPlan,
)
from dash_agent.models.query import Among, Filter, Grain, Having, ListQuery, MetricQuery, Op, Order, Period
from dash_agent.models.wire import BadPlan, cell_json, plan_from_json, plan_json

words = st.text(max_size=20)
names = st.text("abcdefgh_", min_size=1, max_size=12)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
scalars = st.one_of(st.none(), words, st.integers(-(10**9), 10**9), st.booleans())
many = st.lists(names, min_size=1, max_size=3).map(tuple)
periods = st.builds(Period, moments, moments, st.booleans(), words)
readings = st.lists(st.builds(Reading, words, words), max_size=3).map(tuple)
assumed = st.lists(st.sampled_from(Assumption), max_size=2).map(tuple)
values = st.lists(scalars, max_size=3).map(tuple)
narrowings = st.builds(Filter, names, st.sampled_from(Op), values)
filters = st.lists(narrowings, max_size=2)
counted = st.builds(Among, names, st.booleans())
among = st.lists(counted, max_size=2).map(tuple)
quarters = st.integers(-400, 400).map(lambda number: Decimal(number) / 4)
queries = st.builds(
    MetricQuery,
    metrics=many,
    dimensions=st.lists(names, max_size=2).map(tuple),
    filters=filters.map(tuple),
    period=st.none() | periods,
    grain=st.none() | st.sampled_from(Grain),
    compare=st.none() | periods,
    order=st.lists(st.builds(Order, names, st.booleans()), max_size=2).map(tuple),
    limit=st.none() | st.integers(1, 100),
    drop_null_groups=st.booleans(),
    with_ties=st.booleans(),
    parameters=st.dictionaries(names, scalars, max_size=2).map(lambda d: tuple(d.items())),
    share=st.booleans(),
    having=st.lists(st.builds(Having, names, st.sampled_from(Op), st.integers() | quarters), max_size=2).map(tuple),
    among=among,
    part=st.lists(narrowings | counted, max_size=3).map(tuple),
)
lists = st.builds(
    ListQuery,
    table=names,
    columns=many,
    metrics=st.lists(names, max_size=2).map(tuple),
    filters=filters.map(tuple),
    period=st.none() | periods,
    order=st.lists(st.builds(Order, names, st.booleans()), max_size=2).map(tuple),
    limit=st.none() | st.integers(1, 100),
    parameters=st.dictionaries(names, scalars, max_size=2).map(lambda d: tuple(d.items())),
    among=among,
)
plans: st.SearchStrategy[Plan] = st.one_of(
    st.builds(MetricPlan, queries, readings, assumed, st.booleans()),
    st.builds(ListPlan, lists, readings, assumed),
    st.builds(
        PatternPlan,
        names,
        st.dictionaries(names, scalars | values, max_size=3).map(lambda d: tuple(d.items())),
        st.none() | periods,
        readings,
        assumed,
    ),
    st.builds(SqlPlan, words, readings),
    st.builds(Clarification, st.sampled_from(AskBack), many, st.lists(st.builds(Option, words, words)).map(tuple)),
    st.builds(Refusal, st.sampled_from(RefusalReason), many, many),
)


@given(plans)
def test_a_plan_is_the_same_after_json(plan: Plan) -> None:
    assert plan_from_json(json.loads(json.dumps(plan_json(plan)))) == plan


@pytest.mark.parametrize(
    ("plan", "later"),
    [
        (MetricPlan(MetricQuery(("tickets",))), ("among", "part", "why")),
        (ListPlan(ListQuery("support_threads_data", ("ticket_id",))), ("among",)),
    ],
)
def test_a_plan_kept_before_there_were_these_parts_is_read(plan: Plan, later: tuple[str, ...]) -> None:
    kept = {name: value for name, value in plan_json(plan).items() if name not in later}
    assert len(kept) == len(plan_json(plan)) - len(later)
    assert plan_from_json(kept) == plan


@pytest.mark.parametrize(
    "condition", [None, {}, {"metric": "escalated"}, {"metric": 1, "counts": True}, {"dimension": "channel"}]
)
def test_what_is_no_condition_is_said_to_be_none(condition: object) -> None:
    whole = plan_json(MetricPlan(MetricQuery(("tickets",), share=True)))
    with pytest.raises(BadPlan):
        plan_from_json({**whole, "part": [condition]})


@pytest.mark.parametrize("data", [None, [], {}, {"kind": "metric"}, {"kind": "dance"}, {"kind": "sql", "sql": 1}])
def test_what_is_no_plan_is_said_to_be_none(data: object) -> None:
    with pytest.raises(BadPlan):
        plan_from_json(data)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (Decimal("73.20"), 73.2),
        (Decimal(12), 12),
        (Decimal("12.0"), 12.0),
        (Decimal("NaN"), None),
        (float("inf"), None),
        (0, 0),
        (False, False),
        ("", ""),
        (None, None),
        (date(2026, 11, 1), "2026-11-01"),
        (datetime(2026, 11, 1, 5, tzinfo=UTC), "2026-11-01T05:00:00+00:00"),
        (timedelta(minutes=2), 120.0),
        ((1, "a"), [1, "a"]),
    ],
)
def test_cells_go_out_as_what_they_are(cell: object, expected: object) -> None:
    out = cell_json(cell)  # type: ignore[arg-type]
    assert out == expected
    assert type(out) is type(expected)
