"""A message that answers what was asked for last: an address, a code, a yes, a missing word, a choice."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import Final, assert_never

from support_agent.approvals import ByCustomer
from support_agent.conversation import decisions, leaving
from support_agent.conversation.kit import Kit
from support_agent.conversation.turn import Turn
from support_agent.identification import Asked, Refused
from support_agent.models import Expecting, Intent, NotPossible
from support_agent.ports import Router

FREE: Final = frozenset({"items", "recipient", "street", "postal_code", "town"})
"""What is taken as it is written where it was asked for."""
LONGEST_PART: Final = 160


OPEN: Final = frozenset({Expecting.ARGUMENT, Expecting.REASON, Expecting.ALTERNATIVE})
"""What may be answered in any words."""
CLEAR: Final = 0.97
"""How sure a route must be for an answer to be taken as a new wish."""
WORDS_OF_A_WISH: Final = 3


class Taken(Enum):
    """NOT: the message says something else. GO_ON: it gave what the intent waited for. REPLIED: all is said."""

    NOT = "not"
    GO_ON = "go_on"
    REPLIED = "replied"


def take(turn: Turn, kit: Kit, router: Router) -> Taken:
    """Reads the message as what was asked for. One that asks for something else to be done is none."""
    if turn.state.expecting in OPEN and _wants_else(turn, kit, router):
        turn.change(offered=turn.state.offered or turn.state.expecting is Expecting.ALTERNATIVE)
        return Taken.NOT
    match turn.state.expecting:
        case Expecting.NOTHING:
            return Taken.NOT
        case Expecting.EMAIL:
            return _email(turn, kit)
        case Expecting.CODE:
            return _code(turn, kit)
        case Expecting.CONSENT:
            return _consent(turn, kit)
        case Expecting.ARGUMENT:
            return _argument(turn, kit)
        case Expecting.WHICH_SUBSCRIPTION:
            return _subscription(turn, kit)
        case Expecting.WHICH_INTENT:
            return _intent(turn, kit)
        case Expecting.REASON:
            return _reason(turn, kit)
        case Expecting.ALTERNATIVE:
            return _alternative(turn, kit)
        case _:
            assert_never(turn.state.expecting)


def _wants_else(turn: Turn, kit: Kit, router: Router) -> bool:
    """Whether another matter than the present one is named clearly, and something can be done about it."""
    if turn.intent is None or len(turn.text.split()) < WORDS_OF_A_WISH or kit.reading.consent(turn.text, turn.language):
        return False
    if turn.state.expecting is Expecting.REASON and _told_reason(turn, kit) is not None:
        return False
    route = router.route(turn.text, turn.history, turn.language)
    named = {intent.category for intent in route.intents}
    return (
        route.sure >= CLEAR
        and turn.intent.category not in named
        and bool(kit.categories[route.intents[0].category].act)
    )


def _email(turn: Turn, kit: Kit) -> Taken:
    email = kit.reading.email(turn.text)
    if email is None:
        return Taken.NOT
    send_code(turn, kit, email)
    return Taken.REPLIED


def send_code(turn: Turn, kit: Kit, email: str) -> None:
    """The same words, whether anybody has the address or not."""
    asked = kit.identification.ask(turn.dialogue.dialog_id, email, turn.language, turn.now, turn.message.place)
    match asked:
        case Asked.SENT:
            turn.say(turn.speaker.say("ask.code"))
            turn.change(expecting=Expecting.CODE, email=email)
        case Asked.NOT_AN_ADDRESS:
            turn.say(turn.speaker.say("ask.email.again"))
        case Asked.TOO_MANY:
            turn.say(turn.speaker.say("ask.code.pause"))
            turn.hand_over("too_many_codes")
        case _:
            assert_never(asked)


def _code(turn: Turn, kit: Kit) -> Taken:
    code = kit.reading.code(turn.text)
    if code is None:
        return _email(turn, kit)
    return identify(turn, kit, code)


def identify(turn: Turn, kit: Kit, code: str) -> Taken:
    """Who writes is known by a right code, and what waited for it goes on."""
    found = kit.identification.answer(turn.dialogue.dialog_id, code, turn.now, turn.message.place)
    if isinstance(found, Refused):
        turn.say(turn.speaker.say("ask.code.wrong" if found is Refused.WRONG else "ask.code.pause"))
        if found is Refused.TOO_MANY:
            turn.hand_over("too_many_codes")
        return Taken.REPLIED
    turn.customer = found
    turn.change(customer_id=found.customer_id, expecting=Expecting.NOTHING)
    turn.say(turn.speaker.say("identified", name=found.first_name))
    if turn.intent is None:
        turn.say(turn.speaker.say("anything_else"))
        return Taken.REPLIED
    return Taken.GO_ON


def _consent(turn: Turn, kit: Kit) -> Taken:
    said = kit.reading.consent(turn.text, turn.language, turn.state.tool)
    if turn.state.task_id is None:
        return Taken.NOT
    if said is None:
        return _otherwise(turn, kit, turn.state.task_id)
    decisions.decide(turn, kit, turn.state.task_id, said)
    return Taken.GO_ON if turn.intent is not None else Taken.REPLIED


def _otherwise(turn: Turn, kit: Kit, task_id: int) -> Taken:
    """ "Make it one month instead": what was prepared is refused, and prepared anew."""
    said = kit.reading.arguments(str(turn.state.tool), turn.text, turn.language, turn.today)
    if not said or turn.intent is None or turn.customer is None or "?" in turn.text:
        return Taken.NOT
    by = ByCustomer(turn.customer.customer_id, turn.dialogue.ticket_id)
    if kit.categories[turn.intent.category].leaving or isinstance(
        kit.approvals.decide(task_id, False, by, turn.now), NotPossible
    ):
        return Taken.NOT
    kit.approvals.told(task_id, turn.now)
    # Whatever comes up again is what they said last.
    queue = (replace(turn.intent, words=turn.text), *turn.state.queue[1:])
    turn.change(expecting=Expecting.NOTHING, task_id=None, arguments=dict(said), queue=queue)
    return Taken.GO_ON


def _argument(turn: Turn, kit: Kit) -> Taken:
    """Photos count as an answer by themselves; otherwise the words have to hold something that the tool takes."""
    tool, asked = str(turn.state.tool), str(turn.state.asked)
    said = dict(kit.reading.arguments(tool, turn.text, turn.language, turn.today))
    if asked not in said and asked in FREE and 0 < len(turn.text.strip()) <= LONGEST_PART and "?" not in turn.text:
        said[asked] = turn.text.strip(" .\n")
    if not said and not (turn.message.attachments and "photo" in asked):
        return Taken.NOT
    turn.change(expecting=Expecting.NOTHING, asked=None, arguments={**turn.state.arguments, **said})
    return Taken.GO_ON


def _subscription(turn: Turn, kit: Kit) -> Taken:
    if turn.customer is None:
        return Taken.NOT
    owned = [one for one in kit.shop.customers.subscriptions(turn.customer.customer_id) if one.status != "cancelled"]
    words = [
        f"{turn.speaker.worded('plan', one.plan)} {turn.speaker.worded('frequency', one.frequency)}" for one in owned
    ]
    place = kit.reading.choice(turn.text, turn.language, words)
    if place is None:
        return Taken.NOT
    turn.change(expecting=Expecting.NOTHING, subscription_id=owned[place].subscription_id)
    return Taken.GO_ON


def _intent(turn: Turn, kit: Kit) -> Taken:
    """One of the two that were named."""
    named = str(turn.state.asked).split("|")
    words = [turn.speaker.say(f"category.{name}") for name in named]
    place = kit.reading.choice(turn.text, turn.language, words)
    if place is None:
        return Taken.NOT
    waited = Intent(named[place], 1.0, turn.text)
    turn.change(expecting=Expecting.NOTHING, asked=None, queue=(waited, *turn.state.queue))
    return Taken.GO_ON


def _reason(turn: Turn, kit: Kit) -> Taken:
    """Whatever they say is a reason; with one that is known something may fit."""
    reason = _told_reason(turn, kit)
    if turn.intent is not None and reason is not None:
        first = Intent(turn.intent.category, turn.intent.confidence, turn.intent.words, reason)
        turn.change(queue=(first, *turn.state.queue[1:]))
    turn.change(expecting=Expecting.NOTHING)
    return Taken.GO_ON


def _told_reason(turn: Turn, kit: Kit) -> str | None:
    said = kit.reading.arguments("leaving", turn.text, turn.language, turn.today).get("reason")
    return said if isinstance(said, str) else None


def _alternative(turn: Turn, kit: Kit) -> Taken:
    """A yes, or words that fit it, take what was named; a no gets the link. Anything else is a message of its own."""
    said = kit.reading.consent(turn.text, turn.language)
    firm = kit.reading.is_firm(turn.text, turn.language)
    fits = bool(kit.reading.arguments(str(turn.state.asked), turn.text, turn.language, turn.today))
    if said is False or firm:
        leaving.send_link(turn, kit)
    elif said or fits:
        leaving.take_alternative(turn, kit)
    else:
        return Taken.NOT
    return Taken.REPLIED
