"""A rest of one to three months with an end, and its early end. Law: policies/pausing-and-skipping.md."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import takewhile
from typing import Final

from pydantic import Field

from support_agent.models import Arguments, Consent, Done, NotPossible, Proposal, Subscription, Task
from support_agent.ports import Changes
from support_agent.tools import packing
from support_agent.tools.tool import (
    Situation,
    Tool,
    ToolArguments,
    alive_subscription,
    of_proposal,
    packed_box,
    undo_window,
)

NAME: Final = "pause_subscription"
LONGEST: Final = 3
"""Months."""
IN_A_YEAR: Final = 2
WAITED: Final = timedelta(days=2)
"""A pause that was proposed as one month is still one when the yes comes."""


class PauseArguments(ToolArguments):
    """months, or until: the last day of the pause. Or end: the pause that there is ends today."""

    subscription_id: int | None = None
    months: int | None = Field(default=None, ge=1)
    until: date | None = None
    end: bool = False


def check(situation: Situation, given: PauseArguments) -> Proposal | NotPossible:
    found = alive_subscription(situation, given.subscription_id)
    if isinstance(found, NotPossible):
        return found
    return _ending(situation, found) if given.end else _pausing(situation, found, given)


def _pausing(situation: Situation, subscription: Subscription, given: PauseArguments) -> Proposal | NotPossible:
    if subscription.status == "paused":
        return NotPossible("already_paused", {"until": subscription.paused_until})
    until = _until(situation, given)
    if isinstance(until, NotPossible):
        return until
    pauses = [task for task in situation.done(NAME, situation.year_ago) if not task.arguments.get("end")]
    if len(pauses) >= IN_A_YEAR:
        return NotPossible("too_many_pauses", {"limit": IN_A_YEAR}, staff=True)
    paused = replace(subscription, status="paused", paused_until=until)
    told = {
        "plan": subscription.plan,
        "until": until,
        "stays_away": _staying_away(situation, subscription, until),
        "packed": packed_box(situation, subscription),
        "next_box": _next_box(situation, paused),
    }
    return Proposal(NAME, _exact(subscription, until=until.isoformat()), Consent.CUSTOMER, told)


def _ending(situation: Situation, subscription: Subscription) -> Proposal | NotPossible:
    if subscription.status != "paused":
        return NotPossible("not_paused")
    active = replace(subscription, status="active", paused_until=None)
    told = {"plan": subscription.plan, "ended": True, "next_box": _next_box(situation, active)}
    return Proposal(NAME, _exact(subscription, end=True), Consent.CUSTOMER, told)


def _exact(subscription: Subscription, **more: str | bool) -> Arguments:
    return {"subscription_id": subscription.subscription_id, **more}


def _until(situation: Situation, given: PauseArguments) -> date | NotPossible:
    """The last day. Months are counted from today, so that each holds one packing day."""
    last = packing.months_after(situation.today, LONGEST)
    first = packing.months_after(situation.today - WAITED, 1) - timedelta(days=1)
    bounds = {"shortest": first, "longest": last, "months": LONGEST}
    if given.until is not None:
        until = given.until
    elif given.months is not None:
        until = packing.months_after(situation.today, min(given.months, LONGEST + 1)) - timedelta(days=1)
    else:
        return NotPossible("until_when", bounds, ("months",))
    if until > last:
        return NotPossible("pause_too_long", bounds, ("months",))
    return until if until >= first else NotPossible("pause_too_short", bounds, ("months",))


def _staying_away(situation: Situation, subscription: Subscription, until: date) -> tuple[date, ...]:
    """Months of the boxes that would come in the pause if there were none."""
    active = replace(subscription, status="active", paused_until=None)
    coming = packing.coming_boxes(active, situation.shipments(subscription), situation.now, situation.zone)
    return tuple(takewhile(lambda month: packing.packing_day(month) <= until, coming))


def _next_box(situation: Situation, subscription: Subscription) -> date | None:
    return packing.next_box(subscription, situation.shipments(subscription), situation.now, situation.zone)


def do(situation: Situation, proposal: Proposal, changes: Changes) -> Done:
    found = of_proposal(situation, proposal.arguments)
    until = proposal.arguments.get("until")
    changes.pause(found.subscription_id, date.fromisoformat(until) if isinstance(until, str) else None)
    before = {"until": found.paused_until.isoformat() if found.paused_until else None}
    away = proposal.told.get("stays_away")
    box = away[0] if isinstance(away, tuple) and away else proposal.told.get("next_box")
    return Done(proposal.told, undo_window(situation, box if isinstance(box, date) else None), before)


def undo(situation: Situation, original: Task, changes: Changes) -> Done | NotPossible:
    found = of_proposal(situation, original.arguments)
    was, made = original.before.get("until"), original.arguments.get("until")
    until = found.paused_until.isoformat() if found.status == "paused" and found.paused_until else None
    if found.status == "cancelled" or until != made:
        return NotPossible("changed_since")
    back = date.fromisoformat(was) if isinstance(was, str) and date.fromisoformat(was) >= situation.today else None
    changes.pause(found.subscription_id, back)
    again = replace(found, status="paused" if back else "active", paused_until=back)
    return Done({"plan": found.plan, "undone": True, "until": back, "next_box": _next_box(situation, again)})


PAUSE: Final = Tool(
    NAME,
    "Prepares a pause of a subscription of one to three months, or the early end of its pause. Give months, or until "
    "(the pause's last day), or end. Nothing is changed before the customer says yes.",
    PauseArguments,
    Consent.CUSTOMER,
    check=check,
    do=do,
    undo=undo,
)
