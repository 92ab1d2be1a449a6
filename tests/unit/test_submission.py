"""What a model submits: the form is the catalogue's, and every slip is told with what would be right."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dash_agent.context.catalog import Catalog
from dash_agent.errors import WrongUse
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
from dash_agent.models.query import Among, Filter, Grain, Having, Op, Order
from dash_agent.models.wire import plan_json
from dash_agent.planning.parser import Parser
from dash_agent.planning.submission import Submissions
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.time import Calendar
from tests.conftest import CASES, ZONE


@pytest.fixture(scope="module")
def submissions(model: SemanticModel, live: Mapping[str, Sequence[str]]) -> Submissions:
    return Submissions(model, live)


def metric(submissions: Submissions, calendar: Calendar, **fields: Any) -> MetricPlan:
    plan = submissions.plan({"kind": "metric", "metrics": ["tickets"], **fields}, calendar)
    assert isinstance(plan, MetricPlan)
    return plan


def midnight(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=ZONE)


def test_every_part_of_a_metric_plan(submissions: Submissions, calendar: Calendar) -> None:
    plan = metric(
        submissions,
        calendar,
        dimensions=["request_type"],
        filters=[
            {"dimension": "channel", "op": "in", "values": ["whatsapp"]},
            {"dimension": "urgency", "op": "not_null", "values": []},
            {"dimension": "score_given", "op": "gt", "values": [2.5]},
        ],
        among=[{"metric": "escalated", "counts": False}],
        period={"label": "last week"},
        having=[{"metric": "tickets", "op": "ge", "value": 10}],
        order=[{"by": "tickets", "desc": True}],
        limit=3,
        share=True,
        reading=[{"words": "hectic", "became": "metric tickets"}],
        grain=None,
        sql=None,
        options=[],
    )
    query = plan.query
    assert (query.metrics, query.dimensions) == (("tickets",), ("request_type",))
    assert query.filters == (
        Filter("channel", Op.IN, ("whatsapp",)),
        Filter("urgency", Op.NOT_NULL),
        Filter("score_given", Op.GT, (Decimal("2.5"),)),
    )
    assert query.among == (Among("escalated", counts=False),)
    assert query.period is not None
    assert (query.period.start, query.period.end) == (midnight(2026, 11, 9), midnight(2026, 11, 16))
    assert query.having == (Having("tickets", Op.GE, 10),)
    assert query.order == (Order("tickets"),)
    assert (query.limit, query.share, query.drop_null_groups) == (3, True, True)
    assert plan.reading == (Reading("hectic", "metric tickets"),)


@pytest.mark.parametrize(
    ("period", "start", "end", "to_now"),
    [
        ({"label": "last week"}, date(2026, 11, 9), date(2026, 11, 16), False),
        ({"label": "октябрь"}, date(2026, 10, 1), date(2026, 11, 1), False),
        ({"label": "last 7 days"}, date(2026, 11, 14), date(2026, 11, 20), True),
        ({"label": "2026-09"}, date(2026, 9, 1), date(2026, 10, 1), False),
        ({"start": "2026-10-01", "end": "2026-11-01"}, date(2026, 10, 1), date(2026, 11, 1), False),
        ({"start": "2026-11-01", "end": "2026-12-01"}, date(2026, 11, 1), date(2026, 11, 20), True),
        ({"start": "2026-11-01"}, date(2026, 11, 1), date(2026, 11, 20), True),
        ({"start": "2026-10-01T00:00:00+03:00", "end": "2026-10-02"}, date(2026, 10, 1), date(2026, 10, 2), False),
    ],
)
def test_periods_in_words_and_in_dates(
    period: dict[str, str], start: date, end: date, to_now: bool, submissions: Submissions, calendar: Calendar
) -> None:
    found = metric(submissions, calendar, period=period).query.period
    assert found is not None
    assert (found.start.astimezone(ZONE).date(), found.end.astimezone(ZONE).date()) == (start, end)
    assert found.to_now is to_now


def test_a_comparison_with_the_span_before(submissions: Submissions, calendar: Calendar) -> None:
    month = metric(submissions, calendar, period={"label": "last month"}, compare={"label": "previous"}).query.compare
    assert month is not None
    assert (month.start, month.end) == (midnight(2026, 9, 1), midnight(2026, 10, 1))
    running = metric(submissions, calendar, period={"label": "this month"}, compare={"label": "last month"}).query
    assert running.compare is not None
    assert running.compare.start == midnight(2026, 10, 1)
    assert running.compare.end == datetime(2026, 10, 20, 14, 0, tzinfo=ZONE)


def test_no_period_is_the_default_and_of_a_state_none(submissions: Submissions, calendar: Calendar) -> None:
    plan = metric(submissions, calendar)
    assert plan.assumptions == (Assumption.DEFAULT_PERIOD,)
    assert plan.query.period is not None
    assert metric(submissions, calendar, metrics=["backlog"]).query.period is None


def test_words_for_values_are_what_is_stored(submissions: Submissions, calendar: Calendar) -> None:
    plan = metric(
        submissions,
        calendar,
        filters=[
            {"dimension": "channel", "op": "in", "values": ["WhatsApp"]},
            {"dimension": "request_type", "op": "in", "values": ["retention"]},
            {"dimension": "weekday", "op": "in", "values": [6, 7]},
        ],
        period={"label": "last week"},
    )
    assert [one.values for one in plan.query.filters] == [
        ("whatsapp",),
        ("cancel_subscription", "pause_subscription"),
        (6, 7),
    ]


def test_patterns_with_their_parameters(submissions: Submissions, calendar: Calendar) -> None:
    load = submissions.plan({"kind": "pattern", "name": "agent_load", "parameters": {"channels": ["email"]}}, calendar)
    assert isinstance(load, PatternPlan)
    assert dict(load.parameters) == {"request_types": None, "channels": ("email",), "languages": None, "agents": None}
    stuck = submissions.plan(
        {"kind": "pattern", "name": "stuck_by_status", "parameters": {"stuck_hours": 48}}, calendar
    )
    assert isinstance(stuck, PatternPlan)
    assert dict(stuck.parameters)["stuck_hours"] == 48
    carriers = submissions.plan(
        {"kind": "pattern", "name": "delivery_by_carrier", "period": {"label": "October 2026"}}, calendar
    )
    assert isinstance(carriers, PatternPlan)
    assert dict(carriers.parameters)["start"] == "2026-10-01T00:00:00+03:00"
    assert dict(carriers.parameters)["end"] == "2026-11-01T00:00:00+02:00"


def test_the_other_kinds(submissions: Submissions, calendar: Calendar, home: Catalog) -> None:
    assert submissions.plan({"kind": "sql", "sql": " SELECT 1; "}, calendar) == SqlPlan("SELECT 1")
    asked = {"kind": "clarify", "words": "busy", "options": {"label": "Tickets", "question": "How many tickets?"}}
    options = (Option("Tickets", "How many tickets?"),)
    assert submissions.plan(asked, calendar) == Clarification(AskBack.AMBIGUOUS, ("busy",), options)
    refused = {"kind": "refuse", "reason": "no_such_data", "words": ["weather"]}
    assert submissions.plan(refused, calendar) == Refusal(RefusalReason.NO_SUCH_DATA, ("weather",))
    listed = submissions.plan({"kind": "list", "table": "support_threads_data", "metrics": ["stuck"]}, calendar)
    assert isinstance(listed, ListPlan)
    assert listed.query.columns == tuple(home.tables["support_threads_data"].show)


SLIPS: list[tuple[dict[str, Any], str]] = [
    ({"kind": "metrics"}, "there is no kind of plan 'metrics'; did you mean 'metric'"),
    ({}, "there is no kind of plan 'None'"),
    ({"kind": "metric", "metrics": ["ticket"]}, "there is no metric 'ticket'; did you mean 'tickets'"),
    ({"kind": "metric", "metrics": []}, "metrics: Field required"),
    ({"kind": "metric", "metrics": ["tickets"], "dimensions": ["chanel"]}, "did you mean 'channel'"),
    ({"kind": "metric", "metrics": ["tickets"], "dimension": ["channel"]}, "did you mean dimensions"),
    ({"kind": "metric", "metrics": ["tickets"], "sql": "SELECT 1"}, "a plan of kind 'metric' has no 'sql'"),
    ({"kind": "metric", "metrics": ["tickets"], "dimensions": ["carrier"]}, "'carrier' does not apply to rows of"),
    ({"kind": "metric", "metrics": ["tickets"], "limit": 0}, "limit: Input should be greater than or equal to 1"),
    ({"kind": "metric", "metrics": ["tickets"], "grain": "fortnight"}, "grain: Input should be"),
    ({"kind": "metric", "metrics": ["tickets"], "period": {"label": "whenever"}}, "'whenever' is not understood"),
    ({"kind": "metric", "metrics": ["tickets"], "period": {"start": "soon"}}, "'soon' is no ISO date"),
    ({"kind": "metric", "metrics": ["tickets"], "period": {"start": "2026-10-02", "end": "2026-10-01"}}, "ends at"),
    ({"kind": "metric", "metrics": ["backlog"], "compare": {"label": "last week"}}, "is a state of now"),
    ({"kind": "metric", "metrics": ["tickets"], "order": [{"by": "csat", "desc": True}]}, "column to order by"),
    (
        {"kind": "metric", "metrics": ["tickets"], "filters": [{"dimension": "channel", "values": ["Watsapp"]}]},
        "there is no value of channel 'Watsapp'; did you mean 'whatsapp'?",
    ),
    (
        {"kind": "metric", "metrics": ["tickets"], "filters": [{"dimension": "channel", "op": "in"}]},
        "the filter on channel names no value",
    ),
    (
        {
            "kind": "metric",
            "metrics": ["tickets"],
            "filters": [{"dimension": "channel", "op": "like", "values": ["x"]}],
        },
        "filters.0.op: Input should be",
    ),
    ({"kind": "pattern", "name": "agent_loads"}, "there is no pattern 'agent_loads'; did you mean 'agent_load'"),
    (
        {"kind": "pattern", "name": "agent_load", "parameters": {"chanels": ["email"]}},
        "there is no parameter of agent_load 'chanels'; did you mean 'channels'",
    ),
    ({"kind": "pattern", "name": "agent_load", "period": {"label": "last week"}}, "is of now and takes no period"),
    (
        {"kind": "pattern", "name": "stuck_by_status", "parameters": {"stuck_hours": "long"}},
        "the parameter 'stuck_hours' is a whole number, not 'long'",
    ),
    ({"kind": "list", "table": "customers", "columns": ["email"]}, "there is no column of customers 'email'"),
    ({"kind": "list", "table": "tickets"}, "there is no table 'tickets'"),
    ({"kind": "sql", "sql": ""}, "sql: Field required"),
    ({"kind": "clarify", "words": ["x"], "options": []}, "options: Field required"),
    ({"kind": "refuse", "reason": "lazy", "words": []}, "reason: Input should be"),
]


@pytest.mark.parametrize(("submitted", "told"), SLIPS, ids=[told[:40] for _, told in SLIPS])
def test_slips_are_told(submitted: dict[str, Any], told: str, submissions: Submissions, calendar: Calendar) -> None:
    with pytest.raises(WrongUse) as raised:
        submissions.plan(submitted, calendar)
    assert told in str(raised.value)
    assert len(str(raised.value)) < 600


def questions() -> list[list[str]]:
    lines = (CASES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines if line.strip()]
    return [case.get("turns") or [case["question"]] for case in cases]


def test_the_form_says_whatever_the_parser_plans(submissions: Submissions, calendar: Calendar, parser: Parser) -> None:
    """Every plan, as answers carry it, is read back: a model may change a word of the plan before and send it."""
    plans: list[Plan] = []
    for turns in questions():
        previous: Plan | None = None
        for turn in turns:
            previous = parser.plan(turn, calendar, previous)
            plans.append(previous)
    asked = [plan for plan in plans if isinstance(plan, MetricPlan | ListPlan | PatternPlan)]
    assert len(asked) > 25
    for plan in asked:
        again = submissions.plan(plan_json(plan), calendar)
        assert _asks(again) == _asks(plan), plan_json(plan)


def _asks(plan: Plan) -> object:
    """What a plan asks, without the label of its periods."""
    match plan:
        case MetricPlan(query):
            bare = tuple(period and replace(period, label="") for period in (query.period, query.compare))
            return replace(query, period=bare[0], compare=bare[1]), plan.why
        case ListPlan(query):
            return replace(query, period=query.period and replace(query.period, label=""))
        case PatternPlan():
            return plan.name, plan.parameters
        case _:
            return plan


def test_the_schema_is_made_from_the_catalogue(submissions: Submissions, home: Catalog) -> None:
    schema: Any = submissions.schema
    Draft202012Validator.check_schema(schema)
    fields = schema["properties"]
    assert fields["metrics"]["items"]["enum"] == list(home.metrics)
    assert fields["name"]["enum"] == list(home.patterns)
    assert set(home.dimensions) < set(fields["filters"]["items"]["properties"]["dimension"]["enum"])
    assert fields["grain"]["enum"] == [grain.value for grain in Grain]
    assert fields["parameters"]["properties"]["stuck_hours"]["type"] in ("integer", "number")
    Draft202012Validator(schema).validate({"kind": "metric", "metrics": ["tickets"], "period": {"label": "today"}})
