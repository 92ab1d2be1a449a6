"""How proposals, results, lookups and hindrances are said. Values come from tools; nothing here decides anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from support_agent.models import Arguments, Consent, Done, NotPossible, Passage, Reason
from support_agent.speaking import NoWords, Speaker

Told = Mapping[str, object]

WHOLE: Final = 3
"""Missing parts from which on all of it is asked for at once."""

STILL_COMES: Final = frozenset({"generate_cancel_link"})
"""Tools of which it is told afterwards that a packed box still comes: their yes is asked for elsewhere."""


def proposed(speaker: Speaker, tool: str, told: Told, consent: Consent) -> str:
    """What will happen, and the question for a yes; for staff, that a colleague looks at it."""
    if consent is Consent.STAFF:
        return speaker.say(f"staff.{tool}", **told)
    return _joined(speaker.say(_variant(f"propose.{tool}", told), **told), *_packed(speaker, tool, told))


def done(speaker: Speaker, tool: str, told: Told, done: Done) -> str:
    """What has really happened, and until when it can be taken back."""
    if told.get("undone"):
        return speaker.say("undone")
    key = f"done.{tool}.end" if told.get("ended") else f"done.{tool}"
    undo = [speaker.say("undo_until", undo_until=done.undo_until)] if done.undo_until is not None else []
    still = _packed(speaker, tool, told) if tool in STILL_COMES else []
    return _joined(speaker.say(key, **told), *still, *undo)


PEOPLES: Final[frozenset[Reason]] = frozenset(
    {
        *("box_in_trouble", "claim_first", "needs_customer", "needs_staff", "no_action", "no_lookup"),
        *("no_offer_for_gifts", "no_offer_in_trouble", "no_pages", "no_photo", "no_such_task", "not_done"),
        *("offer_too_high", "one_offer_a_year", "other_arguments", "too_young_for_offer", "unknown_tool"),
        "wrong_arguments",
    }
)
"""Reasons that customers get no words for: a colleague takes over."""
ASKED: Final[frozenset[Reason]] = frozenset(
    {"how_often", "photos", "until_when", "what_kind", "what_reason", "which_item", "which_subscription"}
)
"""Reasons that are a question for what is missing."""


def hindered(speaker: Speaker, hindrance: NotPossible) -> str | None:
    """Why it can't be, for the customer. None where there are no words for it: it is a colleague's matter then."""
    values = {name: value for name, value in hindrance.values.items() if value is not None}
    for key in (f"not.{hindrance.reason}", f"not.{hindrance.reason}.plain"):
        try:
            return speaker.say(key, **values)
        except (NoWords, KeyError):
            continue
    return None


def asked(speaker: Speaker, tool: str, hindrance: NotPossible) -> str | None:
    """The question for what is missing first, or for all of it at once; None where there are no words for it."""
    if len(hindrance.missing) >= WHOLE and speaker.has(f"ask.{tool}.all"):
        return speaker.say(f"ask.{tool}.all")
    for name in hindrance.missing:
        for key in (f"ask.{tool}.{name}", f"ask.address_part.{name}"):
            if speaker.has(key):
                return speaker.say(key)
    return None


def choices(speaker: Speaker, subscriptions: Sequence[Told]) -> str:
    lines = [
        speaker.say("choice.subscription", number=number, **one) for number, one in enumerate(subscriptions, start=1)
    ]
    return speaker.say("ask.which_subscription", choices="\n".join(lines))


def looked(speaker: Speaker, tool: str, told: Told) -> str:
    """A lookup's result in words. Raises NoWords for a tool whose results are not for customers' eyes as they are."""
    say = LOOKS.get(tool)
    if say is None:
        raise NoWords(f"{speaker.language}: look.{tool}")
    return say(speaker, told)


def _subscriptions(speaker: Speaker, told: Told) -> str:
    found = told["subscriptions"]
    owned: Sequence[Told] = found if isinstance(found, Sequence) else ()
    if not owned:
        return speaker.say("not.no_subscription")
    lines = [_subscription(speaker, one) for one in owned]
    return "\n".join([speaker.say("look.subscription", count=len(owned)), *lines])


def _subscription(speaker: Speaker, told: Told) -> str:
    status = str(told["status"])
    if status == "active" and told.get("next_box") is None:
        status = "no_box"
    return speaker.say(f"look.subscription.{status}", **told)


def _orders(speaker: Speaker, told: Told) -> str:
    found = told["boxes"]
    boxes: Sequence[Told] = found if isinstance(found, Sequence) else ()
    if not boxes:
        return speaker.say("not.no_such_box.plain")
    lines = [speaker.say("look.orders.box" if box["charged"] else "look.orders.box.free", **box) for box in boxes]
    return speaker.say("look.orders", boxes="\n".join(lines))


def _tracking(speaker: Speaker, told: Told) -> str:
    status = "lost" if told["lost"] else "late" if told["late"] else str(told["status"])
    return speaker.say(f"look.tracking.{status}", **told)


LOOKS: Final[Mapping[str, Callable[[Speaker, Told], str]]] = {
    "subscription": _subscriptions,
    "orders": _orders,
    "tracking": _tracking,
}


def page(speaker: Speaker, passage: Passage) -> str | None:
    """What a page answers, with where it is from; None where it has no answer in the language."""
    if passage.answer is None:
        return None
    return speaker.say("page", text=passage.answer, title=passage.title)


def _variant(key: str, told: Told) -> str:
    """The text that fits what is told: a pause that ends, a pause that keeps boxes away."""
    if told.get("ended"):
        return f"{key}.end"
    return f"{key}.away" if told.get("stays_away") else key


def _packed(speaker: Speaker, tool: str, told: Told) -> list[str]:
    """A box that is packed already goes its way, and the customer knows it before the yes."""
    if told.get("packed") is None:
        return []
    return [speaker.say("packed_old_address" if tool == "change_address" else "packed_still_comes", **told)]


def _joined(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def told_of(arguments: Arguments, told: Told) -> Told:
    """What a text may name: what was told, over what was meant."""
    return {**arguments, **told}
