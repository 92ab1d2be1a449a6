"""What answers are made of: dialogues, their actions, and what the desk said."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Final

from support_agent.channels import shapes
from support_agent.channels.failures import Refused
from support_agent.channels.guard import NO_CONVERSATION
from support_agent.channels.office import Office
from support_agent.channels.shapes import Object
from support_agent.desk import Closed
from support_agent.models import Consent, Dialogue, DialogueStatus, Outcome, PendingAction, Task, TaskStatus
from support_agent.ports import Record

NO_RECORD: Final = Record(0, "")


class Answers:
    def __init__(self, office: Office) -> None:
        self._office = office

    def answered(self, dialog_id: str, ask: Callable[[], Outcome]) -> Object:
        began = perf_counter()
        outcome = ask()
        dialogue = self.dialogue(dialog_id)
        reply = shapes.reply_of(outcome)
        return {
            "dialog_id": dialog_id,
            "current_agent": shapes.agent_of(dialogue),
            "response": shapes.text_of(outcome),
            "status": dialogue.status.value,
            "tokens_used": reply.tokens if reply is not None else 0,
            "processing_time": round(perf_counter() - began, 4),
            "message_id": getattr(reply or outcome, "message_id", None),
            "pending_actions": self.pending(dialogue),
        }

    def dialogue(self, dialog_id: str) -> Dialogue:
        found = self._office.dialogues.get(dialog_id)
        if found is None:
            raise Refused(404, NO_CONVERSATION)
        return found

    def open(self, dialog_id: str) -> Dialogue:
        dialogue = self.dialogue(dialog_id)
        if dialogue.status is DialogueStatus.CLOSED:
            raise Closed("this conversation is closed")
        return dialogue

    def task_of(self, dialogue: Dialogue, task_id: int) -> Task:
        task = self._office.tasks.get(task_id)
        if task is None or task.ticket_id != dialogue.ticket_id:
            raise Refused(404, "there is no such action in this conversation")
        return task

    def state_of(self, task_id: int) -> Object:
        task = self._office.tasks.get(task_id)
        return {"task_id": task_id, "task_status": task.status.value if task is not None else None}

    def pending(self, dialogue: Dialogue) -> list[Object]:
        """What waits for the customer."""
        now = self._office.clock.now()
        waiting = [
            PendingAction(task.task_id, task.tool, task.arguments, task.expires_at)
            for task in self._office.tasks.of_ticket(dialogue.ticket_id)
            if task.status is TaskStatus.PENDING and task.consent is Consent.CUSTOMER
            if task.expires_at is not None and now < task.expires_at
        ]
        return shapes.pending_shape(waiting)

    def record(self, dialog_id: str) -> Record:
        return self._office.records.of(dialog_id) or NO_RECORD
