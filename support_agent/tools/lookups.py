"""What is looked up for the customer who is identified, and in the pages that anybody may read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from pydantic import Field

from support_agent.models import Done, NotPossible, Shipment, Subscription
from support_agent.tools import packing
from support_agent.tools.tool import (
    Situation,
    Tool,
    ToolArguments,
    as_of,
    own_subscription,
    packed_box,
    shown,
)

USUAL_DAYS: Final = 10
"""Working days that a box travels."""
LOST_AFTER: Final = 20
BOXES_SHOWN: Final = 6


class SubscriptionArguments(ToolArguments):
    subscription_id: int | None = None


class BoxArguments(ToolArguments):
    """month: a day of the month of the box; the latest that left where none is named."""

    subscription_id: int | None = None
    month: date | None = None


class SearchArguments(ToolArguments):
    text: str = Field(min_length=2, max_length=500)


def look_subscription(situation: Situation, given: SubscriptionArguments) -> Done | NotPossible:
    """All of the customer's, or the one that is named."""
    assert situation.customer is not None
    owned = [as_of(situation, one) for one in situation.customers.subscriptions(situation.customer.customer_id)]
    if given.subscription_id is not None:
        owned = [one for one in owned if one.subscription_id == given.subscription_id]
        if not owned:
            return NotPossible("no_such_subscription")
    return Done({"subscriptions": tuple(_told(situation, one) for one in owned)})


def _told(situation: Situation, subscription: Subscription) -> Mapping[str, object]:
    shipments = situation.shipments(subscription)
    coming = packing.next_box(subscription, shipments, situation.now, situation.zone)
    return {
        **shown(subscription),
        **_price(subscription),
        "paused_until": subscription.paused_until,
        "next_box": coming,
        "packed": packed_box(situation, subscription),
        "change_until": packing.last_day(coming) if coming else None,
    }


def _price(subscription: Subscription) -> Mapping[str, object]:
    """Who receives a gift does not learn its price."""
    return {} if subscription.plan == "gift" else {"price_usd": subscription.price_usd}


def look_orders(situation: Situation, given: SubscriptionArguments) -> Done | NotPossible:
    """The latest boxes with their states, and what each was charged."""
    found = own_subscription(situation, given.subscription_id)
    if isinstance(found, NotPossible):
        return found
    boxes = situation.shipments(found)[:BOXES_SHOWN]
    assert situation.customer is not None
    owned = situation.customers.subscriptions(situation.customer.customer_id)
    alive = [one for one in owned if one.status != "cancelled"]
    told = {
        **shown(found),
        **_price(found),
        "boxes": tuple(_box(situation, box) for box in boxes),
        "subscriptions_in_all": len(alive),
    }
    return Done(told)


def _box(situation: Situation, box: Shipment) -> Mapping[str, object]:
    charged = box.status != packing.SKIPPED and packing.is_packed(box.box_month, (box,), situation.now, situation.zone)
    return {"month": box.box_month, "status": box.status, "charged": charged}


def look_tracking(situation: Situation, given: BoxArguments) -> Done | NotPossible:
    """Where a box is, and how long it has been under way against the usual time."""
    found = own_subscription(situation, given.subscription_id)
    if isinstance(found, NotPossible):
        return found
    boxes = situation.shipments(found)
    if given.month is not None:
        box = packing.of_month(boxes, packing.month_of(given.month))
    else:
        box = next((one for one in boxes if one.status != packing.SKIPPED), None)
    if box is None:
        coming = packing.next_box(found, boxes, situation.now, situation.zone)
        return NotPossible("no_such_box", {"month": given.month, "next_box": coming})
    return Done({"plan": found.plan, **_journey(situation, box)})


def _journey(situation: Situation, box: Shipment) -> Mapping[str, object]:
    left = None if box.shipped_at is None else packing.today(box.shipped_at, situation.zone)
    under_way = box.status == "in_transit" and left is not None
    days = packing.working_days(left, situation.today) if left is not None else None
    arrived = None if box.delivered_at is None else packing.today(box.delivered_at, situation.zone)
    return {
        "month": box.box_month,
        "status": box.status,
        "carrier": box.carrier,
        "tracking_number": box.tracking_number if left is not None else None,
        "left": left,
        "arrived": arrived,
        "working_days": days if under_way else None,
        "usual_days": USUAL_DAYS,
        "late": under_way and days is not None and days > USUAL_DAYS,
        "lost": box.status == "lost" or (under_way and days is not None and days >= LOST_AFTER),
    }


def look_pages(situation: Situation, given: SearchArguments) -> Done | NotPossible:
    """Pieces of the pages for customers, each with its source."""
    if situation.knowledge is None:
        return NotPossible("no_pages")
    found = situation.knowledge.search(given.text, situation.language, situation.category)
    if not found:
        return NotPossible("nothing_found")
    return Done({"passages": tuple(found), "sources": tuple(dict.fromkeys(one.source for one in found))})


SUBSCRIPTION: Final = Tool(
    "subscription",
    "The customer's subscriptions: plan, frequency, state, price, the month of the next box and until when it can be "
    "changed.",
    SubscriptionArguments,
    look=look_subscription,
)
ORDERS: Final = Tool(
    "orders",
    "The latest boxes of a subscription with their states and whether each was charged.",
    SubscriptionArguments,
    look=look_orders,
)
TRACKING: Final = Tool(
    "tracking",
    "Where a box is: state, carrier, tracking number, how long it has been under way and whether that is late. month: "
    "any day of the box's month; without it the latest.",
    BoxArguments,
    look=look_tracking,
)
PAGES: Final = Tool(
    "search",
    "Looks for an answer in the pages for customers and gives pieces of them with their sources.",
    SearchArguments,
    identified=False,
    look=look_pages,
)
