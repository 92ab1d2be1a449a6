"""Questions become the plans of cases/plans.yaml."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import yaml

from dash_agent.context.catalog import Catalog
from dash_agent.models.plan import Clarification, ListPlan, MetricPlan, PatternPlan, Plan, Refusal
from dash_agent.models.query import Among, MetricQuery, Period
from dash_agent.planning import chain
from dash_agent.planning.parser import Parser
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.time import Calendar
from tests.conftest import CASES, ZONE

Case = dict[str, Any]
LISTED: list[Case] = yaml.safe_load((CASES / "plans.yaml").read_text(encoding="utf-8"))


def name(case: Case) -> str:
    return str(case["ask"] if "ask" in case else " / ".join(case["turns"]))


def planned(case: Case, parser: Parser, calendar: Calendar) -> Plan:
    plan: Plan | None = None
    for question in case.get("turns") or [case["ask"]]:
        plan = chain.plan(question, parser, calendar, plan, "en")
    assert plan is not None
    return plan


def days(period: Period | None) -> list[str] | None:
    """First and last local day, 'now' for an end that is now, a moment where it ends within a day."""
    if period is None:
        return None
    start, end = period.start.astimezone(ZONE), period.end.astimezone(ZONE)
    if period.to_now:
        return [str(start.date()), "now"]
    if end.time() != end.min.time():
        return [str(start.date()), end.strftime("%Y-%m-%d %H:%M")]
    return [str(start.date()), str((end - timedelta(days=1)).date())]


def among(condition: Among) -> str:
    return condition.metric if condition.counts else f"not {condition.metric}"


def seen(plan: MetricPlan) -> Case:
    """A plan in the words of a case: everything that is there, nothing that is not."""
    query = plan.query
    order = [query.order[0].by, "desc" if query.order[0].desc else "asc"] if query.order else None
    hours = None
    if query.period and query.period.start.astimezone(ZONE).time() != datetime.min.time():
        hours = (query.period.end - query.period.start) / timedelta(hours=1)
    found = {
        "metrics": list(query.metrics),
        "dimensions": list(query.dimensions),
        "filters": [[f.dimension, f.op.value, list(f.values)] for f in query.filters],
        "period": None if hours else days(query.period),
        "hours": hours,
        "compare": days(query.compare),
        "grain": query.grain.value if query.grain else None,
        "order": order,
        "limit": query.limit,
        "ties": query.with_ties,
        "share": query.share,
        "part": [among(c) if isinstance(c, Among) else [c.dimension, c.op.value, list(c.values)] for c in query.part],
        "among": [among(condition) for condition in query.among],
        "having": [[h.metric, h.op.value, h.value] for h in query.having],
        "why": plan.why,
        "parameters": dict(query.parameters),
        "assumed": [assumption.value for assumption in plan.assumptions],
    }
    return {key: value for key, value in found.items() if value}


@pytest.mark.parametrize("case", [c for c in LISTED if "metrics" in c], ids=name)
def test_metric_plans(case: Case, parser: Parser, calendar: Calendar) -> None:
    plan = planned(case, parser, calendar)
    assert isinstance(plan, MetricPlan)
    expected = {key: value for key, value in case.items() if key not in ("ask", "turns")}
    for key in ("period", "compare"):
        if key in expected:
            expected[key] = [str(day) for day in expected[key]]
    assert seen(plan) == expected


@pytest.mark.parametrize("case", [c for c in LISTED if "list" in c], ids=name)
def test_list_plans(case: Case, parser: Parser, calendar: Calendar) -> None:
    plan = planned(case, parser, calendar)
    assert isinstance(plan, ListPlan)
    query = plan.query
    as_metric = MetricQuery(
        query.metrics,
        (),
        query.filters,
        query.period,
        limit=query.limit,
        parameters=query.parameters,
        among=query.among,
    )
    found = seen(MetricPlan(as_metric, (), plan.assumptions))
    expected = {key: value for key, value in case.items() if key not in ("ask", "turns", "list")}
    if "period" in expected:
        expected["period"] = [str(day) for day in expected["period"]]
    assert found == {"metrics": case["list"], **expected}


@pytest.mark.parametrize("case", [c for c in LISTED if "pattern" in c], ids=name)
def test_pattern_plans(case: Case, parser: Parser, calendar: Calendar) -> None:
    plan = planned(case, parser, calendar)
    assert isinstance(plan, PatternPlan)
    assert plan.name == case["pattern"]
    assert {key: dict(plan.parameters)[key] for key in case.get("values", {})} == case.get("values", {})


@pytest.mark.parametrize("case", [c for c in LISTED if "clarify" in c], ids=name)
def test_vague_questions_are_asked_back_with_choices_that_work(case: Case, parser: Parser, calendar: Calendar) -> None:
    plan = planned(case, parser, calendar)
    assert isinstance(plan, Clarification)
    assert plan.why.value == case["clarify"]
    assert 2 <= len(plan.options) <= 4
    for option in plan.options:
        made = chain.plan(option.question, parser, calendar, None, "en")
        assert isinstance(made, MetricPlan | ListPlan | PatternPlan), option


@pytest.mark.parametrize("case", [c for c in LISTED if "refused" in c], ids=name)
def test_refusals_name_their_reason_and_what_can_be_asked(case: Case, parser: Parser, calendar: Calendar) -> None:
    plan = planned(case, parser, calendar)
    assert isinstance(plan, Refusal)
    assert plan.reason.value == case["refused"]
    assert plan.suggestions


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_examples_of_the_content_work(language: str, parser: Parser, calendar: Calendar) -> None:
    examples = parser.examples[language]
    assert len(examples) >= 4
    for example in examples:
        assert isinstance(chain.plan(example, parser, calendar, None, language), MetricPlan | ListPlan | PatternPlan), (
            example
        )


@pytest.mark.parametrize("text", ["x" * 100_000, "\udcff\udcfe", "\x00\x01", "a\x1b[31mb"])
def test_what_is_no_question_is_refused(text: str, parser: Parser, calendar: Calendar) -> None:
    assert isinstance(chain.plan(text, parser, calendar, None, "en"), Refusal)


def test_the_examples_of_a_pattern_lead_to_it(home: Catalog, parser: Parser, calendar: Calendar) -> None:
    astray = []
    for pattern in home.patterns.values():
        for questions in pattern.header.questions.values():
            for question in questions:
                plan = chain.plan(question, parser, calendar, None, "en")
                if not isinstance(plan, PatternPlan) or plan.name != pattern.header.name:
                    astray.append((pattern.header.name, question, plan))
    assert not astray


def test_a_value_that_no_row_has_just_now_is_known(model: SemanticModel, calendar: Calendar) -> None:
    plan = Parser(model, {}).plan("How many tickets are stuck on status Data collected?", calendar)
    assert isinstance(plan, MetricPlan)
    assert [narrowing.values for narrowing in plan.query.filters] == [("Data collected",)]
