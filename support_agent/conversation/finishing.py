"""The way out of every turn: what was written passes the guards and the gate, or a person takes over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from support_agent.conversation.kit import Kit
from support_agent.conversation.turn import Turn
from support_agent.models import (
    Consent,
    DialogueStatus,
    Expecting,
    Gate,
    Handoff,
    HandoffNote,
    NeedsApproval,
    Outcome,
    Outgoing,
    PendingAction,
    RedLine,
    Reply,
    Route,
    Task,
    TaskStatus,
    Urgency,
    WithPeople,
    Written,
)
from support_agent.ports import Dialogues
from support_agent.speaking import NoWords

log = logging.getLogger(__name__)

GRAVITY: Final = (
    *(RedLine.SELF_HARM, RedLine.HEALTH, RedLine.DEATH, RedLine.VIOLENCE, RedLine.LEGAL, RedLine.CHARGEBACK),
    *(RedLine.PRESS, RedLine.DATA_REQUEST, RedLine.WANTS_PERSON),
)
"""The gravest first: it is what the customer is answered."""

URGENT: Final = frozenset({RedLine.SELF_HARM, RedLine.HEALTH, RedLine.VIOLENCE, RedLine.CHARGEBACK})
"""Red lines of which somebody looks at once."""

SAID_FOR: Final = frozenset({"money", "angry"})
"""Reasons of handing over that have a text of their own."""


class LookOver(Protocol):
    """What is found in a reply before it is sent."""

    def __call__(self, turn: Turn, written: Written) -> Outgoing: ...


class LetThrough(Protocol):
    """How a reply goes out, and why."""

    def __call__(self, turn: Turn, written: Written) -> tuple[Gate, tuple[str, ...]]: ...


def gravest(found: Iterable[RedLine]) -> RedLine:
    return min(found, key=GRAVITY.index)


def as_urgent(line: RedLine, route: Route) -> Route:
    return replace(route, urgency=Urgency.HIGH) if line in URGENT else route


@dataclass(frozen=True, slots=True)
class Finish:
    """Callable with a turn whose reply is gathered. summary: a line for staff, without personal data."""

    dialogues: Dialogues
    kit: Kit
    look_over: LookOver
    let_through: LetThrough
    summary: Callable[[Turn], str]

    def __call__(self, turn: Turn, latency_ms: int) -> Outcome:
        if turn.routed is not None:
            self.dialogues.routed(turn.dialogue, turn.routed)
        if turn.handoff is not None:
            return self._handed_over(turn, latency_ms)
        if not turn.said:
            turn.say(turn.speaker.say("anything_else"))
        written = self._greeted(turn)
        found = self.look_over(turn, written)
        if found.leaks:
            log.warning("a reply was stopped: %s", ", ".join(sorted(found.leaks)))
            turn.said.clear()
            turn.hand_over(f"stopped:{min(found.leaks)}")
            return self._handed_over(turn, latency_ms)
        gate, reasons = self.let_through(turn, written)
        if gate is Gate.ESCALATE:
            turn.hand_over(reasons[0] if reasons else "gate")
            return self._handed_over(turn, latency_ms)
        return self._replied(turn, written, gate, latency_ms)

    def give_up(self, turn: Turn) -> Outcome:
        """Something broke: the customer is told that a person goes on, in words that need nothing else."""
        turn.said.clear()
        turn.say(turn.speaker.say("failed") if turn.speaker.has("failed") else turn.speaker.say("handoff", when=""))
        turn.hand_over("failed")
        return self._handed_over(turn, 0)

    # Ways out

    def _replied(self, turn: Turn, written: Written, gate: Gate, latency_ms: int) -> Outcome:
        if written.substance:
            turn.change(answered=turn.state.answered + 1)
        kept = replace(written, text=_without_links(written.text, turn.links))
        said = self.dialogues.said(turn.dialogue, kept, sent=gate is Gate.AUTO_SEND, latency_ms=latency_ms)
        status = DialogueStatus.WAITING if gate is Gate.DRAFT else DialogueStatus.ACTIVE
        if said is None or not self.dialogues.keep(turn.dialogue, turn.state, status):
            return WithPeople()
        held = gate is Gate.DRAFT
        text = turn.speaker.say("holding") if held else written.text
        tokens = written.prompt_tokens + written.completion_tokens
        place = said.message_id
        reply = Reply(
            text,
            written.language,
            gate,
            self._pending(turn),
            draft_id=place if held else None,
            message_id=None if held else place,
            tokens=tokens,
        )
        waiting = tuple(task.task_id for task in turn.tasks if _is_staffs(task))
        return NeedsApproval(reply, waiting) if waiting else reply

    def _handed_over(self, turn: Turn, latency_ms: int) -> Outcome:
        """The last that is sent until a person releases the conversation."""
        text = self._last_words(turn)
        written = replace(turn.as_written(), text=text, substance=False)
        if self.look_over(turn, written).leaks:
            text = turn.speaker.say("handoff.wants_person")
            written = replace(written, text=text)
        said = self.dialogues.said(turn.dialogue, written, sent=True, latency_ms=latency_ms)
        turn.change(expecting=Expecting.NOTHING)
        if said is None or not self.dialogues.keep(turn.dialogue, turn.state, DialogueStatus.ESCALATED):
            return WithPeople()
        reason = turn.handoff or "gate"
        note = self._note(turn, reason)
        self.dialogues.taken_over(turn.dialogue.dialog_id, None, reason)
        return Handoff(text, written.language, note, said.message_id)

    def _last_words(self, turn: Turn) -> str:
        speaker = turn.speaker
        try:
            when = speaker.say("handoff.when", within=speaker.say(f"handoff.within.{turn.state.urgency}"))
            if turn.red_line is not None:
                return speaker.say(f"handoff.{turn.red_line}")
            key = f"handoff.{turn.handoff}" if turn.handoff in SAID_FOR else "handoff"
            if turn.handoff == "no_words":
                return speaker.say("held_language")
            return "\n\n".join([*turn.said, speaker.say(key, when=when)])
        except NoWords:
            return speaker.say("held_language")

    def _note(self, turn: Turn, reason: str) -> HandoffNote:
        pending = tuple(task.task_id for task in self.kit.tasks.of_ticket(turn.dialogue.ticket_id) if _waits(task))
        return HandoffNote(
            reason,
            self.summary(turn),
            turn.category,
            turn.state.customer_id,
            turn.state.mood,
            turn.state.urgency,
            tuple(dict.fromkeys([*turn.looked, *turn.tried])),
            pending,
        )

    def _greeted(self, turn: Turn) -> Written:
        """The first reply of a conversation begins with a greeting."""
        written = turn.as_written()
        if any(one.role != "customer" for one in turn.history) or written.model is not None:
            return written
        name = turn.customer.first_name if turn.customer is not None else None
        hello = turn.speaker.say("hello.named", name=name) if name else turn.speaker.say("hello")
        return replace(written, text=f"{hello} {written.text}")

    def _pending(self, turn: Turn) -> tuple[PendingAction, ...]:
        tasks = self.kit.tasks.of_ticket(turn.dialogue.ticket_id)
        return tuple(
            PendingAction(task.task_id, task.tool, task.arguments, task.expires_at)
            for task in tasks
            if _waits(task) and task.consent is Consent.CUSTOMER and task.expires_at is not None
        )


def _without_links(text: str, links: Iterable[str]) -> str:
    """As it is kept: a link that acts is for who was sent it, and is in no table."""
    for link in links:
        text = text.replace(link, "…")
    return text


def _waits(task: Task) -> bool:
    return task.status is TaskStatus.PENDING


def _is_staffs(task: Task) -> bool:
    return _waits(task) and task.consent is Consent.STAFF
