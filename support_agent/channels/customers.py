"""What customers call; what staff may call as well comes last."""

from __future__ import annotations

from uuid import uuid4

from support_agent.channels import shapes
from support_agent.channels.answers import Answers
from support_agent.channels.failures import Refused
from support_agent.channels.guard import Caller, Guard
from support_agent.channels.office import Office
from support_agent.channels.shapes import Object
from support_agent.desk import Closed
from support_agent.models import Attachment, Consent, Dialogue, DialogueStatus, InboundMessage
from support_agent.settings import HOUR


class CustomersDoor:
    def __init__(self, office: Office, guard: Guard, answers: Answers) -> None:
        self._office = office
        self._guard = guard
        self._answers = answers

    def create(self, caller: Caller, body: shapes.Create) -> Object:
        self._guard.check_length(body.initial_message)
        self._guard.take(f"dialogues of {caller.address}", self._office.settings.dialogues_an_hour, HOUR)
        customer = self._guard.proven(body)
        dialog_id = str(uuid4())
        message = InboundMessage(
            body.channel,
            f"chat:{dialog_id}",
            body.initial_message,
            customer_id=customer,
            language=body.language,
            place=caller.address,
        )
        self._guard.take_message(dialog_id, customer)
        outcome = self._office.desk.handle(message)
        dialogue = self._answers.dialogue(dialog_id)
        return {
            "dialog_id": dialog_id,
            "dialogue_token": self._office.passes.give(dialog_id),
            "customer_id": dialogue.state.customer_id,
            "assigned_agent": shapes.agent_of(dialogue),
            "status": dialogue.status.value,
            "response": shapes.text_of(outcome),
            "created_at": dialogue.created_at.isoformat(),
            "pending_actions": self._answers.pending(dialogue),
        }

    def may_write(self, caller: Caller, dialog_id: str) -> Dialogue:
        """The dialogue, where its customer calls and it is open. Raises Refused."""
        dialogue = self._answers.dialogue(dialog_id)
        self._guard.check_customer(caller, dialogue)
        if dialogue.status is DialogueStatus.CLOSED:
            raise Closed("this conversation is closed", "begin a new one")
        return dialogue

    def message(self, caller: Caller, dialog_id: str, text: str) -> Object:
        self._guard.check_length(text)
        dialogue = self.may_write(caller, dialog_id)
        self._guard.take_message(dialog_id, dialogue.state.customer_id)
        return self._said(dialogue, text, caller)

    def _said(self, dialogue: Dialogue, text: str, caller: Caller, *files: Attachment) -> Object:
        message = InboundMessage(dialogue.channel, dialogue.thread, text, attachments=files, place=caller.address)
        return self._answers.answered(dialogue.dialog_id, lambda: self._office.desk.handle(message))

    def identify(self, caller: Caller, dialog_id: str, body: shapes.Identify) -> Object:
        if (body.email is None) == (body.code is None):
            raise Refused(422, "one of email and code is needed", "send the address first, then the code")
        dialogue = self.may_write(caller, dialog_id)
        self._guard.take_message(dialog_id, dialogue.state.customer_id)
        desk = self._office.desk
        answer = self._answers.answered(
            dialog_id, lambda: desk.identify(dialog_id, body.email, body.code, caller.address)
        )
        return {**answer, "identified": self._answers.dialogue(dialog_id).state.customer_id is not None}

    def decide(self, caller: Caller, dialog_id: str, task_id: int, body: shapes.Decision) -> Object:
        dialogue = self.may_write(caller, dialog_id)
        task = self._answers.task_of(dialogue, task_id)
        approved = body.decision == "approve"
        if approved and task.consent is not Consent.CUSTOMER:
            raise Refused(403, "a colleague decides on this", "wait for the answer here")
        answer = self._answers.answered(dialog_id, lambda: self._office.desk.decide(dialog_id, task_id, approved))
        return {**answer, **self._answers.state_of(task_id)}

    def undo(self, caller: Caller, dialog_id: str, task_id: int) -> Object:
        dialogue = self.may_write(caller, dialog_id)
        self._answers.task_of(dialogue, task_id)
        answer = self._answers.answered(dialog_id, lambda: self._office.desk.undo(dialog_id, task_id))
        return {**answer, **self._answers.state_of(task_id)}

    def feedback(self, caller: Caller, dialog_id: str, body: shapes.Thumb) -> Object:
        self._guard.check_customer(caller, self._answers.dialogue(dialog_id))
        if not self._office.ratings.message(dialog_id, body.message_id, body.score):
            raise Refused(404, "there is no such reply in this conversation")
        return {"dialog_id": dialog_id, "message_id": body.message_id, "score": body.score}

    def csat(self, caller: Caller, dialog_id: str, body: shapes.Csat) -> Object:
        self._guard.check_customer(caller, self._answers.dialogue(dialog_id))
        self._office.ratings.dialogue(dialog_id, body.score)
        return {"dialog_id": dialog_id, "score": body.score}

    def file(self, caller: Caller, dialog_id: str, file: Attachment) -> Object:
        dialogue = self.may_write(caller, dialog_id)
        self._guard.take_message(dialog_id, dialogue.state.customer_id)
        about = {"file_id": file.file_id, "kind": file.kind, "size": file.size}
        return {**self._said(dialogue, "", caller, file), **about}

    def show(self, caller: Caller, dialog_id: str) -> Object:
        dialogue = self._answers.dialogue(dialog_id)
        self._guard.check_either(caller, dialogue)
        messages = self._office.dialogues.messages(dialog_id)
        return shapes.dialogue_shape(
            dialogue, messages, self._answers.record(dialog_id), self._answers.pending(dialogue)
        )

    def close(self, caller: Caller, dialog_id: str, reason: str) -> Object:
        dialogue = self._answers.dialogue(dialog_id)
        self._guard.check_either(caller, dialogue)
        if dialogue.status is DialogueStatus.CLOSED:
            raise Closed("this conversation is closed already")
        closed = self._office.dialogues.closed(dialog_id, reason)
        count = len(self._office.dialogues.messages(dialog_id))
        return shapes.closed_shape(closed, reason, count, self._answers.record(dialog_id))
