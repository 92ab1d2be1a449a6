"""How often the box comes. Law: policies/pausing-and-skipping.md."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final, Literal

from support_agent.models import Arguments, Consent, Done, NotPossible, Proposal, Subscription, Task
from support_agent.ports import Changes
from support_agent.tools import packing
from support_agent.tools.tool import Situation, Tool, ToolArguments, alive_subscription, of_proposal, undo_window

NAME: Final = "change_frequency"


class FrequencyArguments(ToolArguments):
    subscription_id: int | None = None
    frequency: Literal["monthly", "bimonthly", "quarterly"] | None = None


def check(situation: Situation, given: FrequencyArguments) -> Proposal | NotPossible:
    found = alive_subscription(situation, given.subscription_id)
    if isinstance(found, NotPossible):
        return found
    if found.plan == "gift":
        return NotPossible("gift_frequency", staff=True)
    if given.frequency is None:
        return NotPossible("how_often", {"frequency": found.frequency}, ("frequency",))
    if given.frequency == found.frequency:
        return NotPossible("same_frequency", {"frequency": found.frequency, "next_box": _next_box(situation, found)})
    told = {
        "plan": found.plan,
        "was": found.frequency,
        "frequency": given.frequency,
        "next_box": _next_box(situation, replace(found, frequency=given.frequency)),
    }
    exact: Arguments = {"subscription_id": found.subscription_id, "frequency": given.frequency}
    return Proposal(NAME, exact, Consent.CUSTOMER, told)


def _next_box(situation: Situation, subscription: Subscription) -> date | None:
    return packing.next_box(subscription, situation.shipments(subscription), situation.now, situation.zone)


def do(situation: Situation, proposal: Proposal, changes: Changes) -> Done:
    found = of_proposal(situation, proposal.arguments)
    wanted = replace(found, frequency=str(proposal.arguments["frequency"]))
    changes.set_frequency(found.subscription_id, wanted.frequency)
    # Either rhythm may have a box sooner than the other: from its packing day on, taking it back would change the past.
    boxes = [box for box in (_next_box(situation, found), _next_box(situation, wanted)) if box is not None]
    return Done(proposal.told, undo_window(situation, min(boxes, default=None)), {"frequency": found.frequency})


def undo(situation: Situation, original: Task, changes: Changes) -> Done | NotPossible:
    found = of_proposal(situation, original.arguments)
    if found.status == "cancelled" or found.frequency != original.arguments["frequency"]:
        return NotPossible("changed_since")
    back = replace(found, frequency=str(original.before["frequency"]))
    changes.set_frequency(found.subscription_id, back.frequency)
    told = {"plan": found.plan, "undone": True, "frequency": back.frequency, "next_box": _next_box(situation, back)}
    return Done(told)


FREQUENCY: Final = Tool(
    NAME,
    "Prepares another rhythm: monthly, bimonthly (every two months) or quarterly (every three). Nothing is changed "
    "before the customer says yes.",
    FrequencyArguments,
    Consent.CUSTOMER,
    check=check,
    do=do,
    undo=undo,
)
