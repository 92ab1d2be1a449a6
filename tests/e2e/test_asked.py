"""Questions as managers word them, held against SQL that was written by hand from the definitions.

tests/cases/asked/open.txt names those that are asked back or refused although they could be answered; an answer to one
of them must be right, too. No case may be answered wrong.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dash_agent.ask import Dash
from dash_agent.models.answer import Answer, Status
from dash_agent.models.principal import Principal, Role
from tests.conftest import CASES, NOW
from tests.e2e.conftest import Database
from tests.gold import agrees, gold_rows
from tests.told import strange_numbers

Case = dict[str, Any]
MANAGER = Principal("manager@example.com", Role.MANAGER)
ASKED = CASES / "asked"
OPEN = {line.split()[0] for line in (ASKED / "open.txt").read_text(encoding="utf-8").splitlines() if line.strip()}
WANTED = {"clarify": {Status.CLARIFY}, "refuse": {Status.REFUSED}, "declined": {Status.CLARIFY, Status.REFUSED}}


def cases(file: Path) -> list[Case]:
    return list(yaml.safe_load(file.read_text(encoding="utf-8")))


LISTED = [case for file in sorted(ASKED.glob("*.yaml")) for case in cases(file)]


def asked(case: Case, dash: Dash) -> Answer:
    answer = None
    for question in case.get("turns") or [case["question"]]:
        answer = dash.ask(question, MANAGER, session=case["id"], now=NOW)
    assert answer is not None
    return answer


@pytest.mark.parametrize("case", LISTED, ids=lambda case: case["id"])
def test_the_answer_is_right_or_honest(case: Case, dash: Dash, desk: Database) -> None:
    answer = asked(case, dash)
    if case["kind"] != "answer":
        assert answer.status is not Status.ANSWERED, answer.sql
        assert answer.status in WANTED[case["kind"]] or case["id"] in OPEN, answer.text
        return
    if answer.status is not Status.ANSWERED:
        assert answer.status in (Status.CLARIFY, Status.REFUSED), answer.text
        assert case["id"] in OPEN, answer.text
        return
    assert strange_numbers(answer, dash.wording(answer.language)) == [], answer.text
    golds = [gold_rows(desk.owner, sql, NOW) for sql in (case["gold_sql"], *case.get("alt", ()))]
    if case.get("rows") == "ids":
        golds = [[row[:1] for row in gold] for gold in golds]
    held = (agrees(answer, gold, ordered=bool(case["order"]), first_only="top" in case) for gold in golds)
    assert any(held), (answer.sql, answer.rows[:3], golds[0][:3])


def test_few_questions_that_could_be_answered_are_not() -> None:
    answerable = [case for case in LISTED if case["kind"] == "answer"]
    left = [case["id"] for case in answerable if case["id"] in OPEN]
    assert len(left) <= len(answerable) * 3 // 100
    assert {case["id"] for case in LISTED} >= OPEN
