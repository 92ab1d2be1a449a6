"""The one use case of the support agent: a customer's message becomes an outcome. Read this first.

    keep what was said → a person has it? → guards in → what was asked for last → what it is about → what is done about
    it → guards out → gate → keep and send

The steps stand in `conversation/`; tools act only by grants (`approvals.py`), and nothing is sent that the guards stop.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Final, Protocol

from dash_agent.errors import DashError, WrongUse
from dash_agent.ports import Clock
from support_agent.conversation import decisions, expected, finishing, intents
from support_agent.conversation.expected import Taken
from support_agent.conversation.kit import Kit
from support_agent.conversation.turn import Turn
from support_agent.guardrails import Likeness, incoming, ordinary_part
from support_agent.models import (
    Customer,
    Dialogue,
    DialogueStatus,
    Expecting,
    InboundMessage,
    Outcome,
    Said,
    SeenBefore,
    WithPeople,
)
from support_agent.ports import Brain, Dialogues, Router
from support_agent.router import is_of_same_script
from support_agent.speaking import NoWords, Speaker

log = logging.getLogger(__name__)

HISTORY: Final = 20
"""Messages that a turn looks back on."""
FILLED_IN: Final = frozenset(
    {Expecting.EMAIL, Expecting.CODE, Expecting.ARGUMENT, Expecting.WHICH_SUBSCRIPTION, Expecting.WHICH_INTENT}
)
"""Questions whose answers are no sentences."""
ENOUGH: Final = 5
"""Words of a message that tell the language of a conversation."""


class Closed(WrongUse):
    """The conversation has ended."""

    code = "closed"


class Detector(Protocol):
    def __call__(self, text: str, told: str | None) -> str:
        """The language of a message; `told` where it does not say."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """brain: a model's, None where there is none. finish: the way out of every turn. likeness: to known attacks."""

    dialogues: Dialogues
    router: Router
    clock: Clock
    kit: Kit
    finish: finishing.Finish
    language_of: Detector
    brain: Brain | None = None
    likeness: Likeness | None = None


class Desk:
    """Thread-safe; holds no state of a conversation."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def handle(self, message: InboundMessage) -> Outcome:
        """One message of a customer, answered. The messages of one dialogue are handled one after another.

        Raises Closed, Busy and Unavailable. What breaks otherwise is kept on the ticket, and a person takes over.
        """
        opened = self._parts.dialogues.opened(message)
        with self._parts.dialogues.turn(opened.dialog_id) as dialogue:
            if dialogue.status is DialogueStatus.CLOSED:
                raise Closed("this conversation is closed", "begin a new one")
            repeated = self._heard(dialogue, message)
            if repeated is not None:
                return repeated
            if _is_with_people(dialogue):
                return WithPeople()
            return self._turn(dialogue, message, self._answer)

    def decide(self, dialog_id: str, task_id: int, approved: bool) -> Outcome:
        """The customer pressed yes or no to a pending action."""
        return self._act(dialog_id, lambda turn: decisions.decide(turn, self._parts.kit, task_id, approved))

    def identify(
        self, dialog_id: str, email: str | None = None, code: str | None = None, place: str | None = None
    ) -> Outcome:
        """An address, or the code that went there, from a form. place: the network address it came from."""

        def step(turn: Turn) -> None:
            if code is not None and expected.identify(turn, self._parts.kit, code) is Taken.GO_ON:
                intents.work(turn, self._parts.kit, self._parts.brain, "")
            elif code is None and email is not None:
                expected.send_code(turn, self._parts.kit, email)

        return self._act(dialog_id, step, place)

    def undo(self, dialog_id: str, task_id: int | None = None) -> Outcome:
        """Takes back the last thing that was done, or what is named."""

        def step(turn: Turn) -> None:
            if not decisions.undo(turn, self._parts.kit, task_id):
                turn.say(turn.speaker.say("not.no_undo"))

        return self._act(dialog_id, step)

    def resume(self, task_id: int) -> bool:
        """Tells the customer how an action ended that staff decided on, or that a process left undone.

        False where there is nothing to tell, or a person has the conversation and tells it themselves.
        """
        task = self._parts.kit.tasks.get(task_id)
        dialogue = None if task is None else self._parts.dialogues.of_ticket(task.ticket_id)
        if dialogue is None:
            return False
        with self._parts.dialogues.turn(dialogue.dialog_id) as held:
            ended = self._parts.kit.approvals.resume(task_id, self._parts.clock.now())
            if ended is None or _is_with_people(held) or held.status is DialogueStatus.CLOSED:
                return False
            message = InboundMessage(held.channel, held.thread, "")
            kit = self._parts.kit
            self._turn(held, message, lambda turn: decisions.tell(turn, kit, ended, by_staff=True))
        return True

    def _act(self, dialog_id: str, step: Callable[[Turn], None], place: str | None = None) -> Outcome:
        with self._parts.dialogues.turn(dialog_id) as dialogue:
            if dialogue.status is DialogueStatus.CLOSED:
                raise Closed("this conversation is closed", "begin a new one")
            if _is_with_people(dialogue):
                return WithPeople()
            return self._turn(dialogue, InboundMessage(dialogue.channel, dialogue.thread, "", place=place), step)

    def _heard(self, dialogue: Dialogue, message: InboundMessage) -> SeenBefore | None:
        """Keeps the message. One that came before is answered as then; where that never ended, it is worked on now."""
        if self._parts.dialogues.heard(dialogue, message) is not None:
            return None
        said = self._parts.dialogues.messages(dialogue.dialog_id)
        if said and said[-1].role == "customer" and said[-1].text == message.text:
            return None
        last = next((one.text for one in reversed(said) if one.role != "customer"), None)
        return SeenBefore(last)

    def _turn(self, dialogue: Dialogue, message: InboundMessage, step: Callable[[Turn], None]) -> Outcome:
        began = perf_counter()
        turn = self._begun(dialogue, message)
        try:
            try:
                step(turn)
            except NoWords as missing:
                log.info("no words: %s", missing)
                turn.hand_over("no_words")
            return self._parts.finish(turn, int((perf_counter() - began) * 1000))
        except DashError:
            raise
        except Exception as error:  # whatever breaks, the customer is not left alone with it
            log.exception("a turn of dialogue %s broke", dialogue.dialog_id)
            self._parts.dialogues.failed(dialogue, type(error).__name__)
            return self._parts.finish.give_up(turn)

    def _begun(self, dialogue: Dialogue, message: InboundMessage) -> Turn:
        history = tuple(self._parts.dialogues.messages(dialogue.dialog_id))[-HISTORY:]
        state = dialogue.state
        known = message.customer_id or state.customer_id
        customer = None if known is None else self._parts.kit.shop.customers.by_id(known)
        language = self._language(dialogue, message, customer, history)
        speaker = Speaker(language, self._parts.kit.shop.zone)
        found = incoming(message.text, [file.name for file in message.attachments], likeness=self._parts.likeness)
        photos = tuple(file.file_id for file in message.attachments if file.kind == "image")
        turn = Turn(dialogue, message, self._parts.clock.now(), speaker, state, history, found, customer)
        turn.change(
            language=speaker.language,
            customer_id=None if customer is None else customer.customer_id,
            attachments=(*state.attachments, *photos),
        )
        return turn

    def _language(
        self, dialogue: Dialogue, message: InboundMessage, customer: Customer | None, history: Sequence[Said]
    ) -> str:
        """Of the message, where it says something: an address, a name or a code is in no language."""
        state = dialogue.state
        usual = self._parts.kit.categories.languages[0]
        known = state.language or message.language or (customer.language if customer else usual)
        if not message.text or (state.language is not None and state.expecting in FILLED_IN):
            return known
        said = self._parts.language_of(message.text, known)
        # Where they have written more, a word or two of another language in the same letters are chance: 'si', a name.
        is_settled = any(one.role == "customer" and _says_enough(one.text) for one in history)
        is_chance = is_settled and not _says_enough(message.text) and is_of_same_script(said, known)
        return known if is_chance else said

    def _answer(self, turn: Turn) -> None:
        """A message, from its red lines to what is done about it."""
        parts = self._parts
        if turn.found.red_lines:
            turn.red_line = finishing.gravest(turn.found.red_lines)
            turn.routed = finishing.as_urgent(turn.red_line, parts.router.route(turn.text, turn.history, turn.language))
            turn.heard_more(turn.routed.mood, turn.routed.urgency)
            turn.hand_over(f"red_line:{turn.red_line}")
            return
        if turn.language not in parts.kit.categories.languages:
            turn.routed = parts.router.route(turn.text, turn.history, turn.language)
            turn.hand_over("no_words")
            return
        text = ordinary_part(turn.text, parts.likeness) if turn.found.attacks else turn.text
        if turn.found.attacks and not text:
            turn.say(turn.speaker.say("attack"))
            return
        taken = expected.take(turn, parts.kit, parts.router)
        if taken is Taken.REPLIED:
            intents.use_named_address(turn, parts.kit)
            return
        if taken is Taken.GO_ON:
            intents.work(turn, parts.kit, parts.brain, "")
        elif intents.understand(turn, parts.kit, parts.router, text):
            intents.work(turn, parts.kit, parts.brain, text)


def _says_enough(text: str) -> bool:
    return len(text.split()) >= ENOUGH


def _is_with_people(dialogue: Dialogue) -> bool:
    return dialogue.taken_by is not None or dialogue.status is DialogueStatus.ESCALATED
