"""How a reply goes out: by itself, as a draft, or not at all because a person takes over. A pure function.

The rules are those of knowledge/policies/auto-send.md (what waits), escalation-and-urgency.md and tone-and-red-lines.md
(what goes to a person); the thresholds stand in business/support.json, `gate`. Where several rules hold, the strictest
decides and all are named. A question back, a greeting or a request for a code is no answer: of the rules on drafts only
those on the writer and on what was found in the reply hold for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dash_agent.errors import ContentError, Problem
from support_agent.models import Gate, Incoming, Mood, Outgoing, Route, Urgency, Written
from support_agent.ports import Readiness

FILE: Final = "business/support.json"


class GateRules(BaseModel):
    """`gate` in business/support.json.

    least_confidence: of the main intent, 0 to 1, for an answer without review. answers_before_review: replies of
    substance in a dialogue after which the next one waits. messages_on_one_matter, misunderstood_before_handover,
    angry_after_answers: counts at which a person takes over. to_people: category → subtypes that a person decides.
    general_lookups: tools whose results are nobody's account.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    least_confidence: float = Field(ge=0, le=1)
    answers_before_review: int = Field(ge=0)
    messages_on_one_matter: int = Field(ge=1)
    misunderstood_before_handover: int = Field(ge=1)
    moods_to_review: frozenset[Mood]
    angry_after_answers: int = Field(ge=0)
    to_people: dict[str, frozenset[str]]
    general_lookups: frozenset[str]


@dataclass(frozen=True, slots=True)
class DialogueFacts:
    """What the gate knows of the dialogue.

    answered: replies of substance before this one. on_this_matter: messages of the customer about the same matter, this
    one counted. misunderstood: in a row. knows: False where the agent found no answer, or the knowledge contradicts
    itself. about_money: the reply speaks of money back, a replacement or an offer. about_health_or_law: it speaks of
    health or law.
    """

    identified: bool
    answered: int = 0
    on_this_matter: int = 1
    misunderstood: int = 0
    knows: bool = True
    about_money: bool = False
    about_health_or_law: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """reasons: codes, the strictest first; () where the reply goes out by itself."""

    gate: Gate
    reasons: tuple[str, ...] = ()


def gate(
    route: Route,
    written: Written,
    incoming: Incoming,
    facts: DialogueFacts,
    readiness: Readiness,
    rules: GateRules,
    outgoing: Outgoing | None = None,
) -> Verdict:
    """How a reply goes out. outgoing: what was found in it; a reply with a finding is never sent by itself."""
    to_person = tuple(dict.fromkeys(_escalations(route, written, incoming, facts, rules)))
    to_review = tuple(
        dict.fromkeys(_reviews(route, written, incoming, facts, readiness, rules, outgoing or Outgoing()))
    )
    if to_person:
        return Verdict(Gate.ESCALATE, (*to_person, *to_review))
    return Verdict(Gate.DRAFT if to_review else Gate.AUTO_SEND, to_review)


def read_gate_rules(root: Path) -> GateRules:
    """Of a content folder. Raises ContentError with all that is wrong."""
    try:
        return GateRules.model_validate(json.loads((root / FILE).read_text("utf-8"))["gate"])
    except ValidationError as error:
        problems = [Problem(FILE, ".".join(("gate", *map(str, each["loc"]))), each["msg"]) for each in error.errors()]
        raise ContentError(problems) from error


def _escalations(
    route: Route, written: Written, incoming: Incoming, facts: DialogueFacts, rules: GateRules
) -> Iterator[str]:
    yield from sorted(f"red_line:{line}" for line in incoming.red_lines)
    if written.substance:
        for intent in route.intents:
            if intent.subtype in rules.to_people.get(intent.category, ()):
                yield f"decided_by_people:{intent.subtype}"
    if not facts.knows or facts.misunderstood >= rules.misunderstood_before_handover:
        yield "does_not_know"
    if facts.on_this_matter >= rules.messages_on_one_matter:
        yield "same_matter_again"
    if route.mood is Mood.ANGRY and facts.answered >= rules.angry_after_answers:
        yield "still_angry"


def _reviews(
    route: Route,
    written: Written,
    incoming: Incoming,
    facts: DialogueFacts,
    readiness: Readiness,
    rules: GateRules,
    outgoing: Outgoing,
) -> Iterator[str]:
    yield from sorted(f"leak:{leak}" for leak in outgoing.leaks)
    if incoming.attacks and written.model is not None:
        yield "attack"
    if written.substance:
        yield from _reviews_of_message(route, readiness, rules)
        yield from _reviews_of_answer(written, facts, rules)


def _reviews_of_message(route: Route, readiness: Readiness, rules: GateRules) -> Iterator[str]:
    if not route.intents:
        yield "no_category"
    for at, intent in enumerate(route.intents):
        if not readiness.open_for_auto_send(intent.category, route.language):
            yield "second_request_not_open" if at else "category_not_open"
    if route.sure < rules.least_confidence:
        yield "not_sure"
    if route.urgency is Urgency.HIGH:
        yield "urgent"
    if route.outstanding:
        yield "outstanding"
    if route.mood in rules.moods_to_review:
        yield "mood"


def _reviews_of_answer(written: Written, facts: DialogueFacts, rules: GateRules) -> Iterator[str]:
    if facts.about_money:
        yield "money"
    if facts.about_health_or_law:
        yield "health_or_law"
    if not facts.identified and set(written.looked) - rules.general_lookups:
        yield "not_identified"
    if facts.answered >= rules.answers_before_review:
        yield "answered_before"
    if not written.sources:
        yield "no_document"
