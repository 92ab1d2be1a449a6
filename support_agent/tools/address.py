"""Where boxes go. Law: policies/changing-address.md. The stored address is compared and never told."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from support_agent.models import Arguments, Consent, Done, NotPossible, Proposal, Subscription, Task
from support_agent.ports import Changes
from support_agent.tools import packing, postal
from support_agent.tools.tool import (
    Situation,
    Tool,
    ToolArguments,
    alive_subscription,
    of_proposal,
    packed_box,
    undo_window,
)

NAME: Final = "change_address"
WITHIN: Final = timedelta(days=30)
IN_A_ROW: Final = 2
"""Changes within that time; whoever wants another talks to a person."""

PARTS: Final = ("recipient", "street", "flat", "postal_code", "town", "country")
"""In the order that they are asked for. A flat is not asked for: not everybody has one."""
TROUBLE: Final = ("lost", "returned")


class AddressArguments(ToolArguments):
    """recipient: the name at the door. street: with its number. country: its name or code, else the customer's.

    boxes: for how many boxes only, where the address is not for good.
    """

    subscription_id: int | None = None
    recipient: str = ""
    street: str = ""
    flat: str = ""
    postal_code: str = ""
    town: str = ""
    country: str = ""
    boxes: int | None = None


def check(situation: Situation, given: AddressArguments) -> Proposal | NotPossible:
    found = alive_subscription(situation, given.subscription_id)
    if isinstance(found, NotPossible):
        return found
    address = _address(situation, given)
    if isinstance(address, NotPossible):
        return address
    if postal.same_place(address.line, found.shipping_address):
        return NotPossible("same_address")
    return _for_a_person(situation, found, given) or _proposal(situation, found, address)


def _address(situation: Situation, given: AddressArguments) -> postal.Address | NotPossible:
    assert situation.customer is not None
    home = situation.customer.country
    country = postal.country_code(given.country) if given.country else home
    if country != home:
        return NotPossible("other_country", staff=True)
    parts = {name: str(getattr(given, name)) for name in PARTS if name != "country"}
    missing = tuple(name for name, text in parts.items() if not text and name != "flat")
    if missing:
        return NotPossible("address_incomplete", missing=missing)
    wrong = postal.wrong_parts(parts, home)
    if wrong:
        return NotPossible("address_invalid", {"parts": wrong}, wrong)
    return postal.Address(**parts, country=home)


def _for_a_person(situation: Situation, subscription: Subscription, given: AddressArguments) -> NotPossible | None:
    if given.boxes is not None:
        return NotPossible("temporary_address", {"boxes": given.boxes}, staff=True)
    if len(situation.done(NAME, situation.now - WITHIN)) >= IN_A_ROW:
        return NotPossible("too_many_addresses", {"limit": IN_A_ROW}, staff=True)
    latest = [box for box in situation.shipments(subscription) if box.status != packing.SKIPPED][:2]
    if any(box.status in TROUBLE for box in latest) or situation.done("issue_replacement", situation.now - WITHIN):
        return NotPossible("box_in_trouble", staff=True)
    return None


def _proposal(situation: Situation, subscription: Subscription, address: postal.Address) -> Proposal:
    parts = {name: str(getattr(address, name)) for name in PARTS if getattr(address, name)}
    exact: Arguments = {"subscription_id": subscription.subscription_id, **parts}
    told = {
        "plan": subscription.plan,
        "address": address.line,
        "first_box": packing.next_box(subscription, situation.shipments(subscription), situation.now, situation.zone),
        "packed": packed_box(situation, subscription),
    }
    return Proposal(NAME, exact, Consent.CUSTOMER, told)


def do(situation: Situation, proposal: Proposal, changes: Changes) -> Done:
    found = of_proposal(situation, proposal.arguments)
    changes.set_address(found.subscription_id, _line(proposal.arguments))
    first = packing.next_box(found, situation.shipments(found), situation.now, situation.zone)
    return Done(proposal.told, undo_window(situation, first), {"shipping_address": found.shipping_address})


def _line(exact: Arguments) -> str:
    return postal.Address(**{name: str(exact.get(name, "")) for name in PARTS}).line


def undo(situation: Situation, original: Task, changes: Changes) -> Done | NotPossible:
    found = of_proposal(situation, original.arguments)
    if found.status == "cancelled" or found.shipping_address != _line(original.arguments):
        return NotPossible("changed_since")
    changes.set_address(found.subscription_id, str(original.before["shipping_address"]))
    return Done({"plan": found.plan, "undone": True})


ADDRESS: Final = Tool(
    NAME,
    "Prepares a new address for all later boxes: recipient (name at the door), street with its number, flat where "
    "there is one, postal_code, town, country. Give the parts as the customer wrote them. Nothing is changed "
    "before the customer has read it back and said yes. The stored address is not known to you.",
    AddressArguments,
    Consent.CUSTOMER,
    check=check,
    do=do,
    undo=undo,
)
