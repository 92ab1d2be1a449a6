"""What a message is about, and what is done about it, one intent after another."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Final

from support_agent.conversation import leaving
from support_agent.conversation.briefing import brief
from support_agent.conversation.decisions import LINK, undo
from support_agent.conversation.expected import send_code
from support_agent.conversation.kit import Kit
from support_agent.conversation.turn import Turn
from support_agent.models import Consent, Expecting, Intent, Route, Task, TaskStatus
from support_agent.ports import Brain, NoReply, Router
from support_agent.router import ASK_BELOW

log = logging.getLogger(__name__)

AT_ONCE: Final = 2
"""Intents that one reply may answer."""
AGAIN: Final = {
    Expecting.EMAIL: "ask.email.again",
    Expecting.CODE: "ask.code.again",
    Expecting.CONSENT: "ask.yes_or_no",
}
"""What is said to who does not answer what was asked."""
PATIENCE: Final = 2
"""Messages in a row that are not understood before a person goes on."""


def understand(turn: Turn, kit: Kit, router: Router, text: str) -> bool:
    """Finds out what the message is about. False where the reply is whole already: small talk, or a question back."""
    if _small_talk(turn, kit, text):
        return False
    if _takes_back(turn, kit, text) and undo(turn, kit):
        return False
    route = router.route(text, turn.history, turn.language)
    turn.heard_more(route.mood, route.urgency)
    turn.routed = route
    if route.sure < ASK_BELOW:
        _ask_back(turn, route)
        return False
    turn.change(misunderstood=0)
    if _is_of_another(turn, kit, route):
        turn.say(turn.speaker.say("other_account"))
        return False
    _queue(turn, route)
    return True


def _is_of_another(turn: Turn, kit: Kit, route: Route) -> bool:
    """Whether a message about what lies in an account names an address that is not the customer's.

    Their own account is not shown or changed as if it were that one's.
    """
    entry = kit.categories[route.intents[0].category]
    email = kit.reading.email(turn.text) if entry.look or entry.act else None
    return turn.customer is not None and email is not None and email.casefold() != turn.customer.email.casefold()


def _small_talk(turn: Turn, kit: Kit, text: str) -> bool:
    """Greetings, thanks, and whether it is a machine that answers."""
    reading, speaker = kit.reading, turn.speaker
    if reading.asks_if_machine(text, turn.language):
        turn.say(speaker.say("machine"), substance=True)
    elif reading.is_closing(text, turn.language):
        turn.say(speaker.say("thanks"))
    elif reading.is_greeting(text, turn.language):
        turn.say(speaker.say("ask.help"))
    else:
        return False
    return True


def _takes_back(turn: Turn, kit: Kit, text: str) -> bool:
    """A bare "cancel that" is about what was done last, where nothing else was spoken of since."""
    if kit.reading.is_undo(text, turn.language):
        return True
    return turn.intent is None and turn.state.matter is None and kit.reading.is_taken_back(text, turn.language)


def _ask_back(turn: Turn, route: Route) -> None:
    """Never an action on a guess. What was pending stays."""
    missed = turn.state.misunderstood + 1
    turn.change(misunderstood=missed)
    again = AGAIN.get(turn.state.expecting)
    if missed >= PATIENCE:
        turn.hand_over("not_understood")
    elif again is not None and not route.intents:
        turn.say(turn.speaker.say(again))
    elif len(route.intents) > 1 and turn.speaker.has(*(f"category.{one.category}" for one in route.intents[:2])):
        first, second = (turn.speaker.say(f"category.{intent.category}") for intent in route.intents[:2])
        turn.say(turn.speaker.say("ask.which_intent", first=first, second=second))
        named = "|".join(intent.category for intent in route.intents[:2])
        turn.change(expecting=Expecting.WHICH_INTENT, asked=named)
    else:
        turn.say(turn.speaker.say("ask.what"))


def _queue(turn: Turn, route: Route) -> None:
    """What is new comes first; what was asked for before is asked again in its own time."""
    main = route.intents[0].category
    again = main == turn.state.matter and turn.state.answered > 0 and turn.state.tool is None
    turn.change(matter=main, repeats=turn.state.repeats + 1 if again else 0)
    found = route.intents
    if len(found) == 1:
        # Alone it is what the whole message is about, and details may stand anywhere in it.
        found = (replace(found[0], words=turn.text),)
    waiting = [one for one in turn.state.queue if one.category not in {intent.category for intent in found}]
    if turn.state.expecting is Expecting.ALTERNATIVE and main == leaving.OF_TOOL.get(str(turn.state.asked)):
        # What was named instead of leaving is what they want, in words of their own.
        waiting = waiting[1:]
    present = turn.intent
    if present is not None and present.category == main:
        found = (replace(found[0], subtype=found[0].subtype or present.subtype), *found[1:])
        turn.change(queue=(*found, *waiting))
        return
    arguments: dict[str, str] = {}
    turn.change(queue=(*found, *waiting), tool=None, arguments=arguments, asked=None, expecting=Expecting.NOTHING)


def work(turn: Turn, kit: Kit, brain: Brain | None, text: str) -> None:
    """Works on what waits until something is asked. text: what was said of it now, '' where it answered a question."""
    pending = turn.state.task_id
    for _ in range(AT_ONCE):
        intent = turn.intent
        if intent is None or turn.handoff is not None:
            break
        before = len(turn.state.queue)
        begun = turn.state.tool is not None
        _one(turn, kit, brain, intent, intent.words if text or not begun else "")
        if len(turn.state.queue) == before:
            break
    use_named_address(turn, kit)
    _mention_what_waits(turn, pending)


def use_named_address(turn: Turn, kit: Kit) -> None:
    """Who has named their address already, now or earlier, is not asked for it."""
    question = turn.speaker.say("ask.email")
    if turn.state.expecting is not Expecting.EMAIL or question not in turn.said:
        return
    own = [turn.text, *(one.text for one in reversed(turn.history) if one.role == "customer")]
    email = next((found for text in own if (found := kit.reading.email(text)) is not None), None)
    if email is not None:
        turn.said.remove(question)
        send_code(turn, kit, email)


def _one(turn: Turn, kit: Kit, brain: Brain | None, intent: Intent, text: str) -> None:
    entry = kit.categories[intent.category]
    if brain is not None and _by_brain(turn, kit, brain, intent):
        return
    if entry.leaving and turn.state.tool in (None, LINK):
        leaving.leave(turn, kit, text)
    else:
        kit.step(turn, intent.category, text).work()


def _by_brain(turn: Turn, kit: Kit, brain: Brain, intent: Intent) -> bool:
    """A model writes, on the same bench. What it has prepared waits for its yes like anything else.

    False where it gave nothing: then the scripted steps go on from the same place.
    """
    bench = kit.bench(turn, intent.category)
    before = len(turn.tasks)
    told = brief(turn, bench, intent, kit.prompts, kit.examples)
    turn.instructions.extend(told.layers[: told.instructions])
    try:
        written = brain.write(told, bench)
    except NoReply as nothing:
        log.warning("no model wrote a reply: %s", nothing)
        return False
    turn.written.append(written)
    waiting = [task for task in turn.tasks[before:] if _waits_for_customer(task)]
    if waiting and turn.handoff is None:
        # What will happen is told in words that people wrote; whatever the model said of it is left out.
        kit.step(turn, intent.category, "").proposed(waiting[-1])
        turn.change(tool=waiting[-1].tool)
        return True
    found = kit.checks.look_over(turn, written)
    if found.leaks:
        log.warning("a model's reply was left out: %s", ", ".join(sorted(found.leaks)))
        return False
    turn.by_model = True
    turn.sources.extend(written.sources)
    turn.say(written.text, substance=written.substance)
    if written.substance:
        turn.next_intent()
    return True


def _waits_for_customer(task: Task) -> bool:
    return task.consent is Consent.CUSTOMER and task.status is TaskStatus.PENDING


def _mention_what_waits(turn: Turn, pending: int | None) -> None:
    if turn.handoff is not None:
        return
    if pending is not None and turn.state.task_id == pending and turn.state.expecting is Expecting.NOTHING:
        turn.say(turn.speaker.say("still_pending"))
        turn.change(expecting=Expecting.CONSENT)
    elif len(turn.state.queue) > 1 and turn.routed is not None:
        second = turn.state.queue[1].category
        if turn.speaker.has(f"category.{second}"):
            turn.say(turn.speaker.say("then_next", category=turn.speaker.say(f"category.{second}")))
