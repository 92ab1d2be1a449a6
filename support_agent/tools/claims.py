"""Damage claims and new boxes. Law: policies/damaged-items.md, policies/replacements.md. A person decides on both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, Literal

from pydantic import Field

from support_agent.models import Arguments, Consent, NotPossible, Proposal, Shipment, Subscription, Task
from support_agent.tools import packing
from support_agent.tools.tool import Situation, Tool, ToolArguments, own_subscription, packed_box

CLAIM_NAME: Final = "create_damage_claim"
REPLACEMENT_NAME: Final = "issue_replacement"
REPORTED_WITHIN: Final = timedelta(days=14)
PHOTOS: Final = {"broken": 2, "leaked": 2, "wrong_item": 1, "expired": 1, "wrong_box": 1, "missing_item": 0}
"""Kind → pictures that are asked for: of the item, and of the box where it may have been hurt on its way."""
MANY_ITEMS: Final = 3
"""From so many damaged items on, the whole box is replaced."""
LOST_AFTER: Final = 20
"""Working days."""
REPLACEMENTS_IN_A_YEAR: Final = 2

Kind = Literal["broken", "leaked", "missing_item", "wrong_item", "expired", "wrong_box"]
Reason = Literal["lost", "damaged", "wrong_box", "returned"]


class ClaimArguments(ToolArguments):
    """month: a day of the month of the box. items: what is concerned, in the customer's words. photos: how many there
    are; no_photo: the customer can't take any.
    """

    subscription_id: int | None = None
    month: date | None = None
    kind: Kind | None = None
    items: str = Field(default="", max_length=200)
    count: int = Field(default=1, ge=1, le=50)
    photos: int = Field(default=0, ge=0, le=50)
    no_photo: bool = False


class ReplacementArguments(ToolArguments):
    subscription_id: int | None = None
    month: date | None = None
    reason: Reason | None = None


def check_claim(situation: Situation, given: ClaimArguments) -> Proposal | NotPossible:
    found = _box(situation, given.subscription_id, given.month, "delivered")
    if isinstance(found, NotPossible):
        return found
    subscription, box = found
    if given.kind is None:
        return NotPossible("what_kind", missing=("kind",))
    if given.kind == "missing_item" and not given.items:
        return NotPossible("which_item", missing=("items",))
    if box.delivered_at is None or situation.now - box.delivered_at > REPORTED_WITHIN:
        return NotPossible("reported_too_late", {"month": box.box_month, "days": REPORTED_WITHIN.days}, staff=True)
    if _of_box(situation, CLAIM_NAME, subscription, box):
        return NotPossible("second_claim", {"month": box.box_month}, staff=True)
    photos = given.photos if situation.photos is None else len(situation.photos)
    if photos < PHOTOS[given.kind]:
        wanted = {"photos": PHOTOS[given.kind], "there": photos}
        return NotPossible("no_photo" if given.no_photo else "photos", wanted, ("photos",), staff=given.no_photo)
    exact: Arguments = {
        "subscription_id": subscription.subscription_id,
        "month": box.box_month.isoformat(),
        "kind": given.kind,
        "count": given.count,
        "photos": photos,
        **({"items": given.items} if given.items else {}),
    }
    told = {"plan": subscription.plan, "month": box.box_month, "kind": given.kind}
    return Proposal(CLAIM_NAME, exact, Consent.STAFF, told)


def check_replacement(situation: Situation, given: ReplacementArguments) -> Proposal | NotPossible:
    if given.reason is None:
        return NotPossible("what_reason", missing=("reason",))
    found = _box(situation, given.subscription_id, given.month, *_states(given.reason))
    if isinstance(found, NotPossible):
        return found
    subscription, box = found
    hindrance = _unfounded(situation, subscription, box, given.reason)
    if hindrance is not None:
        return hindrance
    if _of_box(situation, REPLACEMENT_NAME, subscription, box):
        return NotPossible("one_per_box", {"month": box.box_month}, staff=True)
    if len(situation.done(REPLACEMENT_NAME, situation.year_ago)) >= REPLACEMENTS_IN_A_YEAR:
        return NotPossible("too_many_replacements", {"limit": REPLACEMENTS_IN_A_YEAR}, staff=True)
    exact: Arguments = {
        "subscription_id": subscription.subscription_id,
        "month": box.box_month.isoformat(),
        "reason": given.reason,
    }
    return Proposal(REPLACEMENT_NAME, exact, Consent.STAFF, {"plan": subscription.plan, "month": box.box_month})


def _states(reason: Reason) -> tuple[str, ...]:
    return {"lost": ("lost", "in_transit"), "returned": ("returned",)}.get(reason, ("delivered",))


def _unfounded(situation: Situation, subscription: Subscription, box: Shipment, reason: Reason) -> NotPossible | None:
    """Why there is no reason of the list, as far as the records show."""
    if reason == "lost":
        gone = box.status == "lost" or (box.shipped_at is not None and _days_under_way(situation, box) >= LOST_AFTER)
        return None if gone else NotPossible("not_lost", {"month": box.box_month, "days": LOST_AFTER}, staff=True)
    if reason == "returned":
        return None
    claims = [claim.arguments for claim in _of_box(situation, CLAIM_NAME, subscription, box)]
    if not claims:
        return NotPossible("claim_first", {"month": box.box_month})
    if reason == "damaged" and not any(_count(claim) >= MANY_ITEMS for claim in claims):
        return NotPossible("too_few_items", {"month": box.box_month, "items": MANY_ITEMS}, staff=True)
    if reason == "wrong_box" and not any(claim.get("kind") == "wrong_box" for claim in claims):
        return NotPossible("claim_first", {"month": box.box_month})
    return None


def _count(claim: Arguments) -> int:
    count = claim.get("count")
    return count if isinstance(count, int) else 1


def _days_under_way(situation: Situation, box: Shipment) -> int:
    assert box.shipped_at is not None
    return packing.working_days(packing.today(box.shipped_at, situation.zone), situation.today)


def _of_box(situation: Situation, tool: str, subscription: Subscription, box: Shipment) -> Sequence[Task]:
    """Done tasks of a tool for a box."""
    box_of = (subscription.subscription_id, box.box_month.isoformat())
    tasks = situation.done(tool, situation.now - timedelta(days=400))
    return [task for task in tasks if (task.arguments.get("subscription_id"), task.arguments.get("month")) == box_of]


def _box(
    situation: Situation, subscription_id: int | None, month: date | None, *states: str
) -> tuple[Subscription, Shipment] | NotPossible:
    """The box that is meant: of a month that is named, or the latest in one of the states."""
    found = own_subscription(situation, subscription_id)
    if isinstance(found, NotPossible):
        return found
    wanted = packing.month_of(month) if month else None
    of_it = [box for box in situation.shipments(found) if wanted is None or box.box_month == wanted]
    box = next((box for box in of_it if box.status in states), None)
    if box is not None:
        return found, box
    if of_it and wanted is not None:
        return NotPossible("other_state", {"month": wanted, "status": of_it[0].status})
    return NotPossible("no_such_box", {"month": wanted, "packed": packed_box(situation, found)}, ("month",))


CLAIM: Final = Tool(
    CLAIM_NAME,
    "Prepares a damage claim for a delivered box, on which a person decides. kind: broken, leaked, missing_item, "
    "wrong_item, expired or wrong_box; items in the customer's words; count: how many items. It tells how many photos "
    "are needed; no_photo where the customer can't take any. Not for anything that concerns health: hand that over.",
    ClaimArguments,
    Consent.STAFF,
    check=check_claim,
)
REPLACEMENT: Final = Tool(
    REPLACEMENT_NAME,
    "Prepares a new box for one that is lost, damaged (three items or more, with a claim), the wrong one, or came "
    "back. A person decides; never say that it will be sent.",
    ReplacementArguments,
    Consent.STAFF,
    check=check_replacement,
)
