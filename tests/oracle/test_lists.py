"""40 random lists of rows: each holds the rows, and the order, that it should."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from dash_agent.ask import Dash
from dash_agent.models.answer import Status
from dash_agent.models.plan import ListPlan
from dash_agent.models.wire import plan_json
from tests.conftest import NOW
from tests.oracle import lists
from tests.oracle.frames import Frames
from tests.oracle.test_queries import ANALYST, ROW_CAP, differences

LISTS = lists.lists()
FEATURES = {
    *("0 metrics", "1 metrics", "2 metrics", "period", "order", "limit"),
    *("filter in", "filter not_in", "filter is_null", "filter not_null"),
    *("counted among", "not counted among"),
}


@pytest.mark.parametrize("number", range(len(LISTS)))
def test_the_list_holds_what_the_definitions_give(number: int, dash: Dash, frames: Frames) -> None:
    query = LISTS[number]
    expected = lists.answer(query, frames, NOW)
    answer = dash.answer(ListPlan(query), ANALYST, now=NOW)
    said = json.dumps(plan_json(ListPlan(query)), indent=1, ensure_ascii=False)
    assert answer.status is Status.ANSWERED, f"{said}\n{answer.text}"
    assert tuple(column.name for column in answer.columns) == expected.columns
    differing = differences(answer.rows, expected.rows[:ROW_CAP])
    assert not differing, "\n".join([said, str(answer.sql), *differing[:5]])
    assert answer.truncated == (len(expected.rows) > ROW_CAP)


def test_every_feature_of_a_list_is_asked_for() -> None:
    seen = Counter(feature for query in LISTS for feature in lists.features(query))
    rare = {feature: seen[feature] for feature in FEATURES if seen[feature] < 3}
    assert not rare, f"change the odds in tests/oracle/lists.py: {rare}"
