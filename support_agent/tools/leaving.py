"""Offers to stay, and the way out. Law: policies/retention-offers.md, policies/cancellation-and-refunds.md."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal

from pydantic import Field

from support_agent.models import Arguments, Consent, Done, NotPossible, Proposal, Subscription
from support_agent.ports import Changes
from support_agent.tools import packing
from support_agent.tools.tool import Situation, Tool, ToolArguments, alive_subscription, packed_box

OFFER_NAME: Final = "retention_offer"
LINK_NAME: Final = "generate_cancel_link"
MOST_PERCENT: Final = 20
BOXES: Final = 2
"""That an offer is for, and that a subscription has had before it."""
LAPSES_AFTER: Final = timedelta(days=7)
LINK_WORKS: Final = timedelta(hours=48)


class OfferArguments(ToolArguments):
    subscription_id: int | None = None
    discount_percent: int | None = Field(default=None, ge=1)
    boxes: Literal[2] = BOXES


class LinkArguments(ToolArguments):
    subscription_id: int | None = None


def check_offer(situation: Situation, given: OfferArguments) -> Proposal | NotPossible:
    found = alive_subscription(situation, given.subscription_id)
    if isinstance(found, NotPossible):
        return found
    percent = MOST_PERCENT if given.discount_percent is None else given.discount_percent
    if percent > MOST_PERCENT:
        return NotPossible("offer_too_high", {"limit": MOST_PERCENT})
    hindrance = _no_offer(situation, found)
    if hindrance is not None:
        return hindrance
    exact: Arguments = {"subscription_id": found.subscription_id, "discount_percent": percent, "boxes": BOXES}
    # Not told before a person approves it: not even the percentage.
    return Proposal(OFFER_NAME, exact, Consent.STAFF, {"plan": found.plan})


def _no_offer(situation: Situation, subscription: Subscription) -> NotPossible | None:
    if subscription.plan == "gift":
        return NotPossible("no_offer_for_gifts")
    boxes = [box for box in situation.shipments(subscription) if box.status not in (packing.PREPARING, packing.SKIPPED)]
    if len(boxes) < BOXES:
        return NotPossible("too_young_for_offer", {"boxes": BOXES})
    if boxes[0].status in ("lost", "returned"):
        return NotPossible("no_offer_in_trouble")
    offers = situation.done(OFFER_NAME, situation.year_ago)
    if any(offer.arguments.get("subscription_id") == subscription.subscription_id for offer in offers):
        return NotPossible("one_offer_a_year")
    return None


def do_offer(situation: Situation, proposal: Proposal, changes: Changes) -> Done:  # noqa: ARG001  nothing is changed
    offered = {name: proposal.arguments[name] for name in ("discount_percent", "boxes")}
    return Done({**proposal.told, **offered, "lapses": situation.now + LAPSES_AFTER})


def check_link(situation: Situation, given: LinkArguments) -> Proposal | NotPossible:
    found = alive_subscription(situation, given.subscription_id)
    if isinstance(found, NotPossible):
        return found
    if found.plan == "gift":
        return NotPossible("gift_of_others", staff=True)
    told = {"plan": found.plan, "hours": LINK_WORKS // timedelta(hours=1), "packed": packed_box(situation, found)}
    return Proposal(LINK_NAME, {"subscription_id": found.subscription_id}, Consent.CUSTOMER, told)


OFFER: Final = Tool(
    OFFER_NAME,
    "Asks a colleague for an offer to a customer who wants to leave: up to 20 per cent off the next two boxes. A "
    "person decides; never name a percentage before. Once, and never again after a no.",
    OfferArguments,
    Consent.STAFF,
    lifetime=LAPSES_AFTER,
    check=check_offer,
    do=do_offer,
)
LINK: Final = Tool(
    LINK_NAME,
    "Prepares the link with which the customer ends the subscription. Nothing is cancelled by it: the customer "
    "confirms on the page.",
    LinkArguments,
    Consent.CUSTOMER,
    check=check_link,
)
