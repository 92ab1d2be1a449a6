"""One box is left out. Law: policies/pausing-and-skipping.md."""

from __future__ import annotations

from datetime import date
from typing import Final

from support_agent.models import Consent, Done, NotPossible, Proposal, Subscription, Task
from support_agent.ports import Changes
from support_agent.tools import packing
from support_agent.tools.tool import Situation, Tool, ToolArguments, alive_subscription, of_proposal, undo_window

NAME: Final = "skip_month"
AHEAD: Final = 6
"""Months."""
IN_A_YEAR: Final = 3


class SkipArguments(ToolArguments):
    """month: a day of the month of the box; the next one that is not packed where none is named."""

    subscription_id: int | None = None
    month: date | None = None


def check(situation: Situation, given: SkipArguments) -> Proposal | NotPossible:
    found = alive_subscription(situation, given.subscription_id)
    if isinstance(found, NotPossible):
        return found
    shipments = situation.shipments(found)
    coming = list(packing.coming_boxes(found, shipments, situation.now, situation.zone))
    month = packing.month_of(given.month) if given.month else next(iter(coming), None)
    if month is None:
        return NotPossible("no_box_to_skip")
    hindrance = _hindrance(situation, found, month, coming)
    if hindrance is not None:
        return hindrance
    told = {
        "plan": found.plan,
        "month": month,
        "next_box": packing.next_box(found, shipments, situation.now, situation.zone, without={month}),
    }
    return Proposal(
        NAME, {"subscription_id": found.subscription_id, "month": month.isoformat()}, Consent.CUSTOMER, told
    )


def _hindrance(situation: Situation, subscription: Subscription, month: date, coming: list[date]) -> NotPossible | None:
    shipments = situation.shipments(subscription)
    told = {"month": month, "next_box": next(iter(coming), None)}
    box = packing.of_month(shipments, month)
    if packing.is_packed(month, shipments, situation.now, situation.zone):
        still = packing.waits_past_its_day(month, shipments, situation.now, situation.zone)
        return NotPossible("already_packed", told, staff=still)
    if box is not None and box.status == packing.SKIPPED:
        return NotPossible("already_skipped", told)
    if packing.months_between(situation.today, month) > AHEAD:
        return NotPossible("too_far_ahead", {**told, "months": AHEAD}, ("month",))
    if month not in coming:
        return NotPossible("no_box_in_month", told, ("month",))
    if packing.most_in_a_year(_skipped(situation), month) > IN_A_YEAR:
        return NotPossible("too_many_skips", {**told, "limit": IN_A_YEAR}, staff=True)
    return None


def _skipped(situation: Situation) -> list[date]:
    """Months of the customer's skipped boxes, of all subscriptions; two boxes of one month are two."""
    assert situation.customer is not None
    owned = situation.customers.subscriptions(situation.customer.customer_id)
    return [box.box_month for one in owned for box in situation.shipments(one) if box.status == packing.SKIPPED]


def do(situation: Situation, proposal: Proposal, changes: Changes) -> Done:
    month = date.fromisoformat(str(proposal.arguments["month"]))
    shipment_id = changes.skip(of_proposal(situation, proposal.arguments).subscription_id, month)
    return Done(proposal.told, undo_window(situation, month), {"shipment_id": shipment_id})


def undo(situation: Situation, original: Task, changes: Changes) -> Done | NotPossible:
    found = of_proposal(situation, original.arguments)
    month = date.fromisoformat(str(original.arguments["month"]))
    box = packing.of_month(situation.shipments(found), month)
    if box is None or box.status != packing.SKIPPED or box.shipment_id != original.before.get("shipment_id"):
        return NotPossible("changed_since")
    changes.unskip(box.shipment_id)
    return Done({"plan": found.plan, "undone": True, "month": month, "next_box": month})


SKIP: Final = Tool(
    NAME,
    "Prepares leaving out one box. month: any day of the box's month; without it the next box that is not packed. "
    "Nothing is changed before the customer says yes.",
    SkipArguments,
    Consent.CUSTOMER,
    check=check,
    do=do,
    undo=undo,
)
