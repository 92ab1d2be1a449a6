"""What the dialogue API does, without HTTP: who may, how often, and what the desk is asked. All of it blocks."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock, Thread
from time import perf_counter
from typing import Final
from uuid import uuid4

from dash_agent.models.principal import Principal
from support_agent.approvals import DECIDERS, ByStaff, Decided
from support_agent.channels import shapes
from support_agent.channels.failures import Refused
from support_agent.channels.office import Office
from support_agent.channels.shapes import Object
from support_agent.desk import Closed
from support_agent.identification import customer_of_token
from support_agent.models import (
    Attachment,
    Consent,
    Dialogue,
    DialogueStatus,
    InboundMessage,
    NotPossible,
    Outcome,
    PendingAction,
    Task,
    TaskStatus,
)
from support_agent.ports import Record
from support_agent.settings import HOUR, MINUTE

log = logging.getLogger(__name__)

Staff = Callable[[Mapping[str, str]], Principal]
NO_RECORD: Final = Record(0, "")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. headers: names in lower case. address: of the network. bearer: the token that was sent, or ''."""

    headers: Mapping[str, str] = field(repr=False)
    address: str

    @property
    def bearer(self) -> str:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


class Door:
    """staff: the server's own credentials. is_open: there are none, and whoever reaches this machine is staff."""

    def __init__(self, office: Office, staff: Staff, *, is_open: bool) -> None:
        self._office = office
        self._staff = staff
        self._is_open = is_open
        self._is_warming = Lock()

    # The customer's side

    def create(self, caller: Caller, body: shapes.Create) -> Object:
        self._check_length(body.initial_message)
        self._warm_beside()
        self._take(f"dialogues of {caller.address}", self._office.settings.dialogues_an_hour, HOUR)
        customer = self._proven(body)
        dialog_id = str(uuid4())
        message = InboundMessage(
            body.channel,
            f"chat:{dialog_id}",
            body.initial_message,
            customer_id=customer,
            language=body.language,
            place=caller.address,
        )
        self._take_message(dialog_id, customer)
        outcome = self._office.desk.handle(message)
        dialogue = self._dialogue(dialog_id)
        return {
            "dialog_id": dialog_id,
            "dialogue_token": self._office.passes.give(dialog_id),
            "customer_id": dialogue.state.customer_id,
            "assigned_agent": shapes.agent_of(dialogue),
            "status": dialogue.status.value,
            "response": shapes.text_of(outcome),
            "created_at": dialogue.created_at.isoformat(),
            "pending_actions": self._pending(dialogue),
        }

    def may_write(self, caller: Caller, dialog_id: str) -> Dialogue:
        """The dialogue, where its customer calls and it is open. Raises Refused."""
        dialogue = self._dialogue(dialog_id)
        self._check_customer(caller, dialogue)
        if dialogue.status is DialogueStatus.CLOSED:
            raise Closed("this conversation is closed", "begin a new one")
        return dialogue

    def message(self, caller: Caller, dialog_id: str, text: str) -> Object:
        self._check_length(text)
        dialogue = self.may_write(caller, dialog_id)
        self._take_message(dialog_id, dialogue.state.customer_id)
        return self._said(dialogue, text, caller)

    def _said(self, dialogue: Dialogue, text: str, caller: Caller, *files: Attachment) -> Object:
        message = InboundMessage(dialogue.channel, dialogue.thread, text, attachments=files, place=caller.address)
        return self._answered(dialogue.dialog_id, lambda: self._office.desk.handle(message))

    def identify(self, caller: Caller, dialog_id: str, body: shapes.Identify) -> Object:
        if (body.email is None) == (body.code is None):
            raise Refused(422, "one of email and code is needed", "send the address first, then the code")
        dialogue = self.may_write(caller, dialog_id)
        self._take_message(dialog_id, dialogue.state.customer_id)
        desk = self._office.desk
        answer = self._answered(dialog_id, lambda: desk.identify(dialog_id, body.email, body.code, caller.address))
        return {**answer, "identified": self._dialogue(dialog_id).state.customer_id is not None}

    def decide(self, caller: Caller, dialog_id: str, task_id: int, body: shapes.Decision) -> Object:
        dialogue = self.may_write(caller, dialog_id)
        task = self._task_of(dialogue, task_id)
        approved = body.decision == "approve"
        if approved and task.consent is not Consent.CUSTOMER:
            raise Refused(403, "a colleague decides on this", "wait for the answer here")
        answer = self._answered(dialog_id, lambda: self._office.desk.decide(dialog_id, task_id, approved))
        return {**answer, **self._state_of(task_id)}

    def undo(self, caller: Caller, dialog_id: str, task_id: int) -> Object:
        dialogue = self.may_write(caller, dialog_id)
        self._task_of(dialogue, task_id)
        answer = self._answered(dialog_id, lambda: self._office.desk.undo(dialog_id, task_id))
        return {**answer, **self._state_of(task_id)}

    def feedback(self, caller: Caller, dialog_id: str, body: shapes.Thumb) -> Object:
        self._check_customer(caller, self._dialogue(dialog_id))
        if not self._office.ratings.message(dialog_id, body.message_id, body.score):
            raise Refused(404, "there is no such reply in this conversation")
        return {"dialog_id": dialog_id, "message_id": body.message_id, "score": body.score}

    def csat(self, caller: Caller, dialog_id: str, body: shapes.Csat) -> Object:
        self._check_customer(caller, self._dialogue(dialog_id))
        self._office.ratings.dialogue(dialog_id, body.score)
        return {"dialog_id": dialog_id, "score": body.score}

    def file(self, caller: Caller, dialog_id: str, file: Attachment) -> Object:
        dialogue = self.may_write(caller, dialog_id)
        self._take_message(dialog_id, dialogue.state.customer_id)
        about = {"file_id": file.file_id, "kind": file.kind, "size": file.size}
        return {**self._said(dialogue, "", caller, file), **about}

    # Both sides

    def show(self, caller: Caller, dialog_id: str) -> Object:
        dialogue = self._dialogue(dialog_id)
        self._check_either(caller, dialogue)
        messages = self._office.dialogues.messages(dialog_id)
        return shapes.dialogue_shape(dialogue, messages, self._record(dialog_id), self._pending(dialogue))

    def close(self, caller: Caller, dialog_id: str, reason: str) -> Object:
        dialogue = self._dialogue(dialog_id)
        self._check_either(caller, dialogue)
        if dialogue.status is DialogueStatus.CLOSED:
            raise Closed("this conversation is closed already")
        closed = self._office.dialogues.closed(dialog_id, reason)
        count = len(self._office.dialogues.messages(dialog_id))
        return shapes.closed_shape(closed, reason, count, self._record(dialog_id))

    # Staff

    def staff(self, caller: Caller) -> Principal:
        """Who decides. Raises NotStaff, and Refused for a role that does not."""
        principal = self._staff(caller.headers)
        if principal.role not in DECIDERS:
            raise Refused(403, "managers take over conversations and decide", "ask a manager")
        return principal

    def takeover(self, caller: Caller, dialog_id: str) -> Object:
        principal, dialogue = self.staff(caller), self._open(dialog_id)
        if dialogue.taken_by not in (None, principal.user):
            raise Refused(409, "a colleague has this conversation", "it can be taken when they release it")
        return self._held(self._office.dialogues.taken_over(dialog_id, principal.user, "takeover"))

    def reply(self, caller: Caller, dialog_id: str, text: str) -> Object:
        principal, dialogue = self.staff(caller), self._open(dialog_id)
        if dialogue.taken_by is None:
            raise Refused(409, "nobody has taken this conversation over", "take it over first")
        if dialogue.taken_by != principal.user:
            raise Refused(409, "a colleague has this conversation", "it can be taken when they release it")
        said = self._office.dialogues.answered(dialog_id, principal.user, text)
        return {**self._held(self._dialogue(dialog_id)), **shapes.message_shape(said)}

    def release(self, caller: Caller, dialog_id: str) -> Object:
        self.staff(caller)
        self._open(dialog_id)
        return self._held(self._office.dialogues.released(dialog_id))

    def approvals(self, caller: Caller) -> Object:
        self.staff(caller)
        waiting = self._office.tasks.waiting(Consent.STAFF)
        return {
            "actions": [shapes.task_shape(task) for task in waiting],
            "drafts": [shapes.draft_shape(draft) for draft in self._office.drafts.waiting()],
        }

    def approve(self, caller: Caller, task_id: int, body: shapes.Decision) -> Object:
        by = ByStaff(self.staff(caller))
        found = self._office.approvals.decide(task_id, body.decision == "approve", by, self._office.clock.now())
        if isinstance(found, Decided):
            return {**shapes.task_shape(found.task), "changed": found.changed}
        raise _refusal(found)

    def draft(self, caller: Caller, draft_id: int, body: shapes.Decision) -> Object:
        principal, drafts = self.staff(caller), self._office.drafts
        draft = drafts.get(draft_id)
        if draft is None:
            raise Refused(404, "there is no such draft")
        if body.decision == "approve":
            is_decided = drafts.send(draft_id, principal.user, body.text) is not None
        else:
            is_decided = drafts.reject(draft_id, principal.user, body.reason or "")
        if not is_decided:
            raise Refused(409, "this draft was decided, or the conversation has moved on", "look at the list again")
        self._go_on(draft.dialog_id, principal, sent=body.decision == "approve")
        decided = drafts.get(draft_id)
        return shapes.draft_shape(decided or draft)

    def _go_on(self, dialog_id: str, principal: Principal, *, sent: bool) -> None:
        """After a draft: the agent goes on where it was sent, and who refused it answers."""
        dialogues = self._office.dialogues
        if sent:
            dialogue = self._dialogue(dialog_id)
            dialogues.keep(dialogue, dialogue.state, DialogueStatus.ACTIVE)
        else:
            dialogues.taken_over(dialog_id, principal.user, "draft_rejected")

    def _warm_beside(self) -> None:
        """From the first conversation on: a server that no customer talks to spends nothing on it."""
        if self._is_warming.acquire(blocking=False):
            Thread(target=self._warm, name="support-warming", daemon=True).start()

    def _warm(self) -> None:
        try:
            self._office.warm()
        except Exception:  # the desk reads words without it
            log.exception("examples and pages could not be embedded")

    # Who and how often

    def take_call(self, caller: Caller) -> None:
        self._take(f"calls of {caller.address}", self._office.settings.calls_a_minute, MINUTE)

    def _take_message(self, dialog_id: str, customer_id: int | None) -> None:
        who = f"dialogue {dialog_id}" if customer_id is None else f"customer {customer_id}"
        self._take(f"messages of {who}", self._office.settings.messages_a_minute, MINUTE)

    def _take(self, what: str, limit: int, per: timedelta) -> None:
        wait = self._office.limits.take(what, limit, per, self._office.clock.now())
        if wait is not None:
            raise Refused(429, "that is too many at once", "wait, and try again", wait)

    def _check_length(self, text: str) -> None:
        longest = self._office.settings.longest_message
        if len(text) > longest:
            raise Refused(422, f"a message has at most {longest} characters", "send it in parts")

    def _proven(self, body: shapes.Create) -> int | None:
        """The customer of the shop's token. A customer_id by itself proves nothing."""
        key = self._office.settings.shop_key
        if body.customer_token is None:
            if body.customer_id is not None:
                raise Refused(
                    422, "customer_id counts with the shop's customer_token only", "leave it out, or send both"
                )
            return None
        now = self._office.clock.now()
        proven = customer_of_token(body.customer_token, key.get_secret_value(), now) if key is not None else None
        if proven is None or body.customer_id not in (None, proven) or not self._office.customers.by_id(proven):
            raise Refused(422, "the customer_token is not valid", "get a new one from the shop")
        return proven

    def _check_customer(self, caller: Caller, dialogue: Dialogue) -> None:
        if not self._office.passes.opens(dialogue.dialog_id, caller.bearer):
            raise Refused(
                401, "this token does not open this conversation", "send Authorization: Bearer <dialogue_token>"
            )

    def _check_either(self, caller: Caller, dialogue: Dialogue) -> None:
        if caller.bearer and self._office.passes.opens(dialogue.dialog_id, caller.bearer):
            return
        if caller.bearer and self._is_open:
            raise Refused(401, "this token does not open this conversation")
        self.staff(caller)

    # Parts of answers

    def _answered(self, dialog_id: str, ask: Callable[[], Outcome]) -> Object:
        began = perf_counter()
        outcome = ask()
        dialogue = self._dialogue(dialog_id)
        reply = shapes.reply_of(outcome)
        return {
            "dialog_id": dialog_id,
            "current_agent": shapes.agent_of(dialogue),
            "response": shapes.text_of(outcome),
            "status": dialogue.status.value,
            "tokens_used": reply.tokens if reply is not None else 0,
            "processing_time": round(perf_counter() - began, 4),
            "message_id": getattr(reply or outcome, "message_id", None),
            "pending_actions": self._pending(dialogue),
        }

    def _dialogue(self, dialog_id: str) -> Dialogue:
        found = self._office.dialogues.get(dialog_id)
        if found is None:
            raise Refused(404, "there is no such conversation")
        return found

    def _open(self, dialog_id: str) -> Dialogue:
        dialogue = self._dialogue(dialog_id)
        if dialogue.status is DialogueStatus.CLOSED:
            raise Closed("this conversation is closed")
        return dialogue

    def _task_of(self, dialogue: Dialogue, task_id: int) -> Task:
        task = self._office.tasks.get(task_id)
        if task is None or task.ticket_id != dialogue.ticket_id:
            raise Refused(404, "there is no such action in this conversation")
        return task

    def _state_of(self, task_id: int) -> Object:
        task = self._office.tasks.get(task_id)
        return {"task_id": task_id, "task_status": task.status.value if task is not None else None}

    def _pending(self, dialogue: Dialogue) -> list[Object]:
        """What waits for the customer."""
        now = self._office.clock.now()
        waiting = [
            PendingAction(task.task_id, task.tool, task.arguments, task.expires_at)
            for task in self._office.tasks.of_ticket(dialogue.ticket_id)
            if task.status is TaskStatus.PENDING and task.consent is Consent.CUSTOMER
            if task.expires_at is not None and now < task.expires_at
        ]
        return shapes.pending_shape(waiting)

    def _record(self, dialog_id: str) -> Record:
        return self._office.records.of(dialog_id) or NO_RECORD

    def _held(self, dialogue: Dialogue) -> Object:
        return {"dialog_id": dialogue.dialog_id, "status": dialogue.status.value, "taken_by": dialogue.taken_by}

    # Once

    def once(self, caller: Caller, scope: str, request: str, do: Callable[[], Object]) -> Object:
        """Handles what comes with an Idempotency-Key once; the same again is answered as then."""
        key = caller.headers.get("idempotency-key", "")
        if not key:
            return do()
        if len(key) > LONGEST_KEY or not key.isprintable():
            raise Refused(422, f"an Idempotency-Key has at most {LONGEST_KEY} printable characters")
        repeats = self._office.repeats
        before = repeats.begin(scope, key, request, self._office.clock.now())
        if before is None:
            try:
                answer = do()
            except BaseException:
                repeats.forget(scope, key)
                raise
            repeats.end(scope, key, self._kept(answer))
            return answer
        if not before.same:
            raise Refused(422, "this Idempotency-Key was sent with another request", "take a new key")
        if before.answer is None:
            raise Refused(409, "this request is being answered", "wait for it")
        return self._again(json.loads(before.answer))

    def _kept(self, answer: Object) -> str:
        """Without tokens, and without links that act."""
        plain = {name: value for name, value in answer.items() if name != TOKEN}
        text = json.dumps({**plain, **({TOKEN: None} if TOKEN in answer else {})}, ensure_ascii=False)
        return self._office.links.masked(text)

    def _again(self, answer: Object) -> Object:
        """A token is not kept: who asks again gets a new one in its place."""
        return {**answer, TOKEN: self._office.passes.give(answer["dialog_id"])} if TOKEN in answer else answer


TOKEN: Final = "dialogue_token"  # noqa: S105  the name of a field
LONGEST_KEY: Final = 200
STATUS_OF: Final[Mapping[str, int]] = {
    "no_such_task": 404,
    "needs_customer": 403,
    "needs_staff": 403,
}


def _refusal(found: NotPossible) -> Refused:
    return Refused(STATUS_OF.get(found.reason, 409), f"not possible: {found.reason}", "look at the list again")
