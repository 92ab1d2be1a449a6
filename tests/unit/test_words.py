"""Words of managers, in both languages and between them, mean what the page of definitions says: cases/words.jsonl.

Held here is what is counted, how it is split and what it is narrowed to; periods and order are in cases/plans.yaml.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from dash_agent.models.plan import MetricPlan
from dash_agent.models.query import Op
from dash_agent.planning.parser import Parser
from dash_agent.semantic.time import Calendar
from tests.conftest import CASES

Case = dict[str, Any]
LISTED: list[Case] = [json.loads(line) for line in (CASES / "words.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", LISTED, ids=lambda case: case["question"])
def test_a_manager_s_words_are_understood(case: Case, parser: Parser, calendar: Calendar) -> None:
    plan = parser.plan(case["question"], calendar)
    assert isinstance(plan, MetricPlan), plan
    query = plan.query
    assert {narrowing.op for narrowing in query.filters} <= {Op.IN}
    found = {
        "metrics": list(query.metrics),
        "dimensions": list(query.dimensions),
        "filters": {narrowing.dimension: sorted(map(str, narrowing.values)) for narrowing in query.filters},
    }
    assert found == {
        "metrics": case["metrics"],
        "dimensions": case.get("dimensions", []),
        "filters": {name: sorted(values) for name, values in case.get("filters", {}).items()},
    }
