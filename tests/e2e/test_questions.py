"""Questions of managers, answered on demo data and held against hand-written SQL."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dash_agent.ask import Dash
from dash_agent.models.answer import Status
from dash_agent.models.principal import Principal, Role
from tests.conftest import CASES, NOW
from tests.e2e.conftest import Database
from tests.gold import gold_rows, holds
from tests.told import numbers, strange_numbers

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
def test_every_number_in_the_text_is_a_fact(question: str, dash: Dash) -> None:
    answer = dash.ask(question, MANAGER, now=NOW)
    assert bool(numbers(answer.text)) == bool(answer.rows), answer.text
    assert strange_numbers(answer, dash.wording(answer.language)) == [], answer.text
