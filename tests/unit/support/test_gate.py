"""The gate against knowledge/policies: what waits, what goes to a person, what goes out by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from support_agent.gate import DialogueFacts, gate, read_gate_rules
from support_agent.models import Attack, Gate, Incoming, Intent, Leak, Mood, Outgoing, RedLine, Route, Urgency, Written

RULES = read_gate_rules(Path(__file__).parents[3])
ROUTE = Route((Intent("skip_month", 0.9, "skip June"),), "en", Urgency.LOW, Mood.CALM, "wants to skip a month")
ANSWER = Written("The June box stays away.", "en", substance=True, sources=("pausing.md",), looked=("subscription",))
FACTS = DialogueFacts(identified=True)


class Opened:
    def __init__(self, *categories: str) -> None:
        self._categories = categories

    def open_for_auto_send(self, category: str, language: str) -> bool:
        return category in self._categories and language == "en"


OPEN = Opened("skip_month", "payment_issue")


def with_subtype(category: str, subtype: str) -> Route:
    return replace(ROUTE, intents=(Intent(category, 0.9, "…", subtype),))


def test_a_known_answer_in_an_open_category_goes_out() -> None:
    assert gate(ROUTE, ANSWER, Incoming(), FACTS, OPEN, RULES).gate is Gate.AUTO_SEND


@pytest.mark.parametrize(
    ("reason", "route", "written", "facts"),
    [
        ("category_not_open", replace(ROUTE, intents=(Intent("change_address", 0.9, "…"),)), ANSWER, FACTS),
        ("category_not_open", replace(ROUTE, language="ru"), ANSWER, FACTS),
        ("second_request_not_open", replace(ROUTE, intents=(*ROUTE.intents, Intent("other", 0.9, "…"))), ANSWER, FACTS),
        ("no_category", replace(ROUTE, intents=()), ANSWER, FACTS),
        ("not_sure", replace(ROUTE, intents=(Intent("skip_month", 0.4, "…"),)), ANSWER, FACTS),
        ("urgent", replace(ROUTE, urgency=Urgency.HIGH), ANSWER, FACTS),
        ("outstanding", replace(ROUTE, outstanding=True), ANSWER, FACTS),
        ("mood", replace(ROUTE, mood=Mood.DISTRESSED), ANSWER, FACTS),
        ("money", ROUTE, ANSWER, replace(FACTS, about_money=True)),
        ("health_or_law", ROUTE, ANSWER, replace(FACTS, about_health_or_law=True)),
        ("not_identified", ROUTE, ANSWER, replace(FACTS, identified=False)),
        ("answered_before", ROUTE, ANSWER, replace(FACTS, answered=2)),
        ("no_document", ROUTE, replace(ANSWER, sources=()), FACTS),
    ],
)
def test_what_policy_holds_back_waits(reason: str, route: Route, written: Written, facts: DialogueFacts) -> None:
    verdict = gate(route, written, Incoming(), facts, OPEN, RULES)
    assert verdict.gate is Gate.DRAFT
    assert reason in verdict.reasons


@pytest.mark.parametrize(
    ("reason", "route", "facts"),
    [
        ("decided_by_people:refund_request", with_subtype("payment_issue", "refund_request"), FACTS),
        ("decided_by_people:double_charge", with_subtype("payment_issue", "double_charge"), FACTS),
        ("does_not_know", ROUTE, replace(FACTS, knows=False)),
        ("does_not_know", ROUTE, replace(FACTS, misunderstood=2)),
        ("same_matter_again", ROUTE, replace(FACTS, on_this_matter=3)),
        ("still_angry", replace(ROUTE, mood=Mood.ANGRY), replace(FACTS, answered=2)),
    ],
)
def test_what_policy_gives_to_people_is_handed_over(reason: str, route: Route, facts: DialogueFacts) -> None:
    verdict = gate(route, ANSWER, Incoming(), facts, OPEN, RULES)
    assert verdict.gate is Gate.ESCALATE
    assert reason in verdict.reasons


@pytest.mark.parametrize("line", RedLine)
def test_a_red_line_goes_before_everything(line: RedLine) -> None:
    question = replace(ANSWER, substance=False)
    verdict = gate(ROUTE, question, Incoming(frozenset({line})), FACTS, Opened(), RULES)
    assert (verdict.gate, verdict.reasons) == (Gate.ESCALATE, (f"red_line:{line}",))


def test_a_question_back_goes_out_in_a_closed_category() -> None:
    question = replace(ANSWER, substance=False, sources=(), looked=())
    assert gate(ROUTE, question, Incoming(), FACTS, Opened(), RULES).gate is Gate.AUTO_SEND


def test_after_an_attack_the_words_of_a_model_wait_and_those_of_a_template_do_not() -> None:
    attacked = Incoming(attacks=frozenset({Attack.ROLE}))
    assert gate(ROUTE, ANSWER, attacked, FACTS, OPEN, RULES).gate is Gate.AUTO_SEND
    assert gate(ROUTE, replace(ANSWER, model="m"), attacked, FACTS, OPEN, RULES).gate is Gate.DRAFT


def test_a_reply_with_a_leak_is_never_sent_by_itself() -> None:
    leaky = Outgoing(frozenset({Leak.PROMISE}))
    assert gate(ROUTE, ANSWER, Incoming(), FACTS, OPEN, RULES, leaky).reasons == ("leak:promise",)
