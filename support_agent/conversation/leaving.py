"""Who wants to leave is asked why once, is named one thing that fits, and gets the link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from support_agent.conversation.decisions import LINK, decide
from support_agent.conversation.kit import Kit
from support_agent.conversation.turn import Turn
from support_agent.models import Arguments, Consent, Expecting, Intent, Task

ALTERNATIVES: Final[Mapping[str, tuple[str, str]]] = {
    "too_expensive": ("offer.frequency", "change_frequency"),
    "temporary": ("offer.pause", "pause_subscription"),
    "moving": ("offer.address", "change_address"),
    "too_many_items": ("offer.frequency", "change_frequency"),
    "travel": ("offer.pause", "pause_subscription"),
    "budget": ("offer.pause", "pause_subscription"),
}
"""By the reason: what may be named once, and its tool. Other reasons get the link at once."""

OF_TOOL: Final[Mapping[str, str]] = {
    "pause_subscription": "pause_subscription",
    "change_frequency": "change_frequency",
    "change_address": "change_address",
}
"""The category whose tools an alternative is among."""


def leave(turn: Turn, kit: Kit, text: str) -> None:
    """The next step of the way out."""
    intent = turn.intent
    reason = intent.subtype if intent is not None else None
    if turn.state.offered or (text and kit.reading.is_firm(text, turn.language)):
        send_link(turn, kit)
    elif reason in ALTERNATIVES:
        _offer(turn, str(reason))
    elif reason is None and turn.state.asked != "reason":
        turn.say(turn.speaker.say("ask.reason"))
        turn.change(expecting=Expecting.REASON, asked="reason")
    else:
        send_link(turn, kit)


def _offer(turn: Turn, reason: str) -> None:
    """One alternative, and only once; whoever does not want it gets the link."""
    text, tool = ALTERNATIVES[reason]
    turn.say(turn.speaker.say(text), substance=True)
    turn.change(offered=True, expecting=Expecting.ALTERNATIVE, asked=tool)


def take_alternative(turn: Turn, kit: Kit) -> None:
    """They would rather have what was named."""
    tool = str(turn.state.asked)
    category = OF_TOOL[tool]
    instead = Intent(category, 1.0, turn.text)
    turn.change(
        expecting=Expecting.NOTHING, asked=None, tool=tool, arguments={}, queue=(instead, *turn.state.queue[1:])
    )
    kit.step(turn, category, turn.text).act(tool)


def send_link(turn: Turn, kit: Kit) -> None:
    """The wish to leave, said firmly or again, is the yes: the link itself ends nothing."""
    turn.change(expecting=Expecting.NOTHING, asked=None, offered=True)
    step = kit.step(turn, str(turn.category), "")
    chosen = turn.state.subscription_id
    given: Arguments = {} if chosen is None else {"subscription_id": chosen}
    found = step.bench.propose(LINK, given)
    if isinstance(found, Task) and found.consent is Consent.CUSTOMER:
        decide(turn, kit, found.task_id, approved=True)
    elif isinstance(found, Task):
        step.proposed(found)
    else:
        turn.change(tool=LINK)
        step.hindered(LINK, found)
