"""What a reply passes before it goes out: the guards of what leaves, and the gate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from support_agent.conversation.turn import Turn
from support_agent.gate import DialogueFacts, GateRules, gate
from support_agent.guardrails import Likeness, ReplyContext, outgoing, speaks_of_money
from support_agent.models import Consent, Gate, Intent, Mood, Outgoing, Route, TaskStatus, Written
from support_agent.ports import Customers, Readiness

REVIEWED: Final = "templates"
"""Stands for the document of a text that people wrote and read before: a template, or a page for customers."""


STATES: Final = frozenset({"paused", "skipped", "cancelled"})


class _Reviewed:
    """What people wrote is no answer of an AI that a category would have to be opened for."""

    def open_for_auto_send(self, category: str, language: str) -> bool:  # noqa: ARG002
        return True


@dataclass(frozen=True, slots=True)
class Checks:
    """readiness: of categories for what a model writes. likeness: to bad replies."""

    customers: Customers
    readiness: Readiness
    rules: GateRules
    likeness: Likeness | None = None

    def look_over(self, turn: Turn, written: Written) -> Outgoing:
        """What is found in a reply. Links that were made for it in this turn are no finding."""
        text = written.text
        for link in turn.links:
            text = text.replace(link, " ")
        return outgoing(text, self._context(turn, written), self.likeness if written.model is not None else None)

    def _context(self, turn: Turn, written: Written) -> ReplyContext:
        typed = (*(one.text for one in turn.history if one.role == "customer"), turn.text)
        return ReplyContext(
            turn.language,
            turn.customer,
            typed=typed,
            grounds=tuple(turn.grounds),
            tracking=tuple(turn.grounds),
            addresses=self._addresses(turn),
            done=frozenset(task.tool for task in turn.done if task.status is TaskStatus.DONE),
            states=STATES & frozenset(turn.grounds),
            instructions=tuple(turn.instructions) if written.model is not None else (),
        )

    def _addresses(self, turn: Turn) -> tuple[str, ...]:
        if turn.customer is None:
            return ()
        return tuple(one.shipping_address for one in self.customers.subscriptions(turn.customer.customer_id))

    def let_through(self, turn: Turn, written: Written) -> tuple[Gate, tuple[str, ...]]:
        """How a reply goes out, and why.

        What a model wrote passes every rule. A reply of templates was written and read by people: of the rules on
        drafts those on the ticket hold for it (urgent, outstanding, mood), where it answers something. One that asks
        for a yes, or tells what was done by it, is a step of a conversation and goes out.
        """
        facts, readiness = _facts(turn, written), self.readiness
        if written.model is None:
            is_step = bool(turn.tasks or turn.done) or turn.routed is None
            written = replace(written, substance=written.substance and not is_step, sources=(REVIEWED,))
            facts, readiness = replace(facts, about_money=False, answered=0), _Reviewed()
        found = gate(_route(turn), written, turn.found, facts, readiness, self.rules)
        return found.gate, found.reasons


def _route(turn: Turn) -> Route:
    """What the message is about; where it answered a question, what was worked on, as calm as a code is."""
    if turn.routed is not None:
        return replace(turn.routed, language=turn.language)
    waiting: tuple[Intent, ...] = turn.dialogue.state.queue or turn.state.queue
    sure = tuple(replace(one, confidence=1.0) for one in waiting)
    return Route(sure, turn.language, turn.state.urgency, Mood.CALM, "")


def _facts(turn: Turn, written: Written) -> DialogueFacts:
    state = turn.dialogue.state
    return DialogueFacts(
        identified=turn.customer is not None,
        answered=state.answered,
        on_this_matter=turn.state.repeats + 1,
        misunderstood=turn.state.misunderstood,
        about_money=speaks_of_money(written.text) or any(task.consent is Consent.STAFF for task in turn.tasks),
    )
