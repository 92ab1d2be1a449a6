"""Questions of managers, answered on demo data and held against hand-written SQL."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from babel.numbers import parse_decimal

from dash_agent.ask import Dash
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer, Status
from dash_agent.models.plan import MetricPlan, PatternPlan
from dash_agent.models.principal import Principal, Role
from tests.conftest import CASES, NOW, ZONE
from tests.e2e.conftest import Database
from tests.gold import gold_rows, holds, plain

Case = dict[str, Any]
LISTED: list[Case] = [json.loads(line) for line in (CASES / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
MANAGER = Principal("manager@example.com", Role.MANAGER)


@pytest.mark.parametrize("case", LISTED, ids=lambda case: case["id"])
def test_the_answer_is_what_the_gold_says(case: Case, dash: Dash, desk: Database) -> None:
    answer = None
    for question in case.get("turns") or [case["question"]]:
        answer = dash.ask(question, MANAGER, session=case["id"], now=NOW)
    assert answer is not None
    wanted = {"answer": Status.ANSWERED, "clarify": Status.CLARIFY, "refuse": Status.REFUSED}[case["kind"]]
    assert answer.status is wanted, answer.text
    assert answer.language == case["lang"]
    if case["kind"] != "answer":
        assert not answer.rows
        return
    gold = gold_rows(desk.owner, case["gold_sql"], NOW)
    found = [row[:1] for row in gold] if case.get("rows") == "ids" else gold
    assert holds(answer, found, ordered=bool(case["order"]), first_only="top" in case), (
        answer.sql,
        answer.rows[:3],
    )
    assert answer.sql
    assert answer.receipt is not None


def without_names(answer: Answer, wording: Wording) -> str:
    """The text less the names in it that may hold digits: of periods, of buckets, of groups such as a model."""
    plan, text = answer.plan, answer.text
    names = []
    if isinstance(plan, PatternPlan):
        names.append(wording.period(plan.period, NOW))
    if isinstance(plan, MetricPlan):
        names += [wording.period(period, NOW) for period in (plan.query.period, plan.query.compare)]
    for row in answer.rows:
        if isinstance(plan, MetricPlan) and plan.query.grain is not None:
            names.append(wording.bucket(plan.query.grain, row[0]))
        pairs = zip(answer.columns, row, strict=True)
        names += [wording.value(column.name, cell) for column, cell in pairs if isinstance(cell, str)]
    for name in names:
        text = text.replace(name, "").replace(name.rstrip("."), "")
    return text


def numbers_of(text: str, language: str) -> list[Decimal]:
    """Every number that a text says, without its sign."""
    written = (found.strip().rstrip(".,") for found in re.findall(r"\d[\d\s.,]*", text))
    return [abs(parse_decimal(number.replace(" ", "\N{NO-BREAK SPACE}"), locale=language)) for number in written]


ANSWERED = [case["question"] for case in LISTED if case["kind"] == "answer" and case.get("question")]
# Units and shapes that the list above has not: four decimals of a dollar, a pattern of one row, hours, durations.
ANSWERED += [
    "Сколько стоит один тикет?",
    "AI cost per ticket by model last month",
    "churn rate last month",
    "Отток подписчиков за октябрь",
    "hours saved this month vs last month",
    "AI latency by model",
    "delivery days by carrier",
    "similarity by category",
]


@pytest.mark.parametrize("question", ANSWERED)
def test_every_number_in_the_text_stands_in_a_row(question: str, dash: Dash) -> None:
    answer = dash.ask(question, MANAGER, now=NOW)
    said = numbers_of(without_names(answer, Wording(dash.catalog, answer.language, ZONE)), answer.language)
    cells = [plain(cell) for row in answer.rows for cell in row]
    held = {abs(cell) for cell in cells if isinstance(cell, Decimal)} | {Decimal(len(answer.rows))}
    assert bool(said) == bool(answer.rows), answer.text
    assert [number for number in said if number not in held] == []
