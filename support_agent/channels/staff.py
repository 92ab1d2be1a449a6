"""What staff call: conversations that they take over, and what waits for their decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dash_agent.models.principal import Principal
from support_agent.approvals import ByStaff, Decided
from support_agent.channels import shapes
from support_agent.channels.answers import Answers
from support_agent.channels.failures import Refused
from support_agent.channels.guard import Caller, Guard
from support_agent.channels.office import Office
from support_agent.channels.shapes import Object
from support_agent.models import Consent, Dialogue, DialogueStatus, NotPossible

STATUS_OF: Final[Mapping[str, int]] = {
    "no_such_task": 404,
    "needs_customer": 403,
    "needs_staff": 403,
}


class StaffDoor:
    def __init__(self, office: Office, guard: Guard, answers: Answers) -> None:
        self._office = office
        self._guard = guard
        self._answers = answers

    def takeover(self, caller: Caller, dialog_id: str) -> Object:
        principal, dialogue = self._opened(caller, dialog_id)
        if dialogue.taken_by not in (None, principal.user):
            raise Refused(409, "a colleague has this conversation", "it can be taken when they release it")
        return self._held(self._office.dialogues.taken_over(dialog_id, principal.user, "takeover"))

    def reply(self, caller: Caller, dialog_id: str, text: str) -> Object:
        principal, dialogue = self._opened(caller, dialog_id)
        if dialogue.taken_by is None:
            raise Refused(409, "nobody has taken this conversation over", "take it over first")
        if dialogue.taken_by != principal.user:
            raise Refused(409, "a colleague has this conversation", "it can be taken when they release it")
        said = self._office.dialogues.answered(dialog_id, principal.user, text)
        return {**self._held(self._answers.dialogue(dialog_id)), **shapes.message_shape(said)}

    def release(self, caller: Caller, dialog_id: str) -> Object:
        self._opened(caller, dialog_id)
        return self._held(self._office.dialogues.released(dialog_id))

    def _opened(self, caller: Caller, dialog_id: str) -> tuple[Principal, Dialogue]:
        """Who calls, and the conversation, where it is open and among their rows. Raises Refused, Closed."""
        principal = self._guard.staff(caller)
        dialogue = self._answers.dialogue(dialog_id)
        self._guard.staff_of(caller, dialogue)
        return principal, self._answers.open(dialog_id)

    def _held(self, dialogue: Dialogue) -> Object:
        return {"dialog_id": dialogue.dialog_id, "status": dialogue.status.value, "taken_by": dialogue.taken_by}

    def approvals(self, caller: Caller) -> Object:
        principal = self._guard.staff(caller)
        tasks = self._office.tasks.waiting(Consent.STAFF)
        drafts = {draft: self._answers.dialogue(draft.dialog_id).ticket_id for draft in self._office.drafts.waiting()}
        seen = self._guard.within(principal, {*(task.ticket_id for task in tasks), *drafts.values()})
        return {
            "actions": [shapes.task_shape(task) for task in tasks if task.ticket_id in seen],
            "drafts": [shapes.draft_shape(draft) for draft, ticket in drafts.items() if ticket in seen],
        }

    def approve(self, caller: Caller, task_id: int, body: shapes.Decision) -> Object:
        principal = self._guard.staff(caller)
        task = self._office.tasks.get(task_id)
        if task is not None and not self._guard.within(principal, (task.ticket_id,)):
            raise _refusal(NotPossible("no_such_task"))
        now = self._office.clock.now()
        found = self._office.approvals.decide(task_id, body.decision == "approve", ByStaff(principal), now)
        if isinstance(found, Decided):
            return {**shapes.task_shape(found.task), "changed": found.changed}
        raise _refusal(found)

    def draft(self, caller: Caller, draft_id: int, body: shapes.Decision) -> Object:
        principal, drafts = self._guard.staff(caller), self._office.drafts
        draft = drafts.get(draft_id)
        ticket = self._answers.dialogue(draft.dialog_id).ticket_id if draft is not None else 0
        if draft is None or not self._guard.within(principal, (ticket,)):
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
            dialogue = self._answers.dialogue(dialog_id)
            dialogues.keep(dialogue, dialogue.state, DialogueStatus.ACTIVE)
        else:
            dialogues.taken_over(dialog_id, principal.user, "draft_rejected")


def _refusal(found: NotPossible) -> Refused:
    return Refused(STATUS_OF.get(found.reason, 409), f"not possible: {found.reason}", "look at the list again")
