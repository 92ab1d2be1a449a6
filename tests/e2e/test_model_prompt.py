"""What a question costs: tokens of the first prompt, and calls."""

from __future__ import annotations

import json

import pytest

from dash_agent.context.catalog import Catalog
from dash_agent.models.answer import Status
from tests.conftest import CASES
from tests.e2e.databases import Database
from tests.e2e.modelled import WHATSAPP_LAST_WEEK, modelled, submitted
from tests.stubs.scripted import Call

MOST_TOKENS = 6_000
MOST_CALLS = 2
LONGEST = ("Насколько жарко было в WhatsApp на прошлой неделе, если считать только эскалации? " * 12)[:1_000]


def questions() -> list[str]:
    lines = (CASES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines if line.strip()]
    return [turn for case in cases for turn in case.get("turns") or [case["question"]]]


def test_the_first_prompt_of_every_question_is_within_bounds(desk: Database, home: Catalog) -> None:
    """Forced, so that each reaches the model, but what is refused for good; one conversation, so that it has a past."""
    plan = submitted(**WHATSAPP_LAST_WEEK)
    asked = [*questions(), LONGEST]
    with modelled(desk, home, otherwise=plan, options={"double_check": False, "probing": False}) as made:
        for question in asked:
            answer = made.ask(question, session="one", engine="llm")
            assert answer.usage.calls <= MOST_CALLS
        found = [request.tokens for request in made.provider.requests]
    assert len(found) > len(asked) * 0.8
    assert max(found) <= MOST_TOKENS, sorted(found)[-5:]


def test_a_prompt_holds_the_definition_that_its_question_needs(desk: Database, home: Catalog) -> None:
    with modelled(desk, home, otherwise=submitted(**WHATSAPP_LAST_WEEK)) as made:
        made.ask("Какой resolution rate по retention кейсам за январь?", engine="llm")
        prompt = made.provider.requests[0].body["messages"][0]["content"]
    assert "resolution_rate" in prompt
    assert "cancel_subscription" in prompt


@pytest.mark.parametrize("first", [[], [Call("search_context", {"text": "tickets"})]], ids=["at once", "after a look"])
def test_a_governed_question_takes_at_most_two_calls(first: list[Call], desk: Database, home: Catalog) -> None:
    with modelled(desk, home, *first, submitted(**WHATSAPP_LAST_WEEK)) as made:
        answer = made.ask("How hectic did WhatsApp get last week?")
    assert answer.status is Status.ANSWERED
    assert answer.usage.calls == 1 + len(first) <= MOST_CALLS


def test_nothing_of_a_row_of_a_customer_is_in_a_prompt(desk: Database, home: Catalog) -> None:
    with modelled(desk, home, otherwise=submitted(**WHATSAPP_LAST_WEEK)) as made:
        for question in questions()[:10]:
            made.ask(question, engine="llm")
        told = " ".join(made.told)
    assert "@example.com" not in told
