"""A yes, a no, or an undo of the customer: decided by what they typed or pressed, never by a brain."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from support_agent.approvals import ByCustomer, Decided
from support_agent.conversation.bench import grounds
from support_agent.conversation.kit import Kit
from support_agent.conversation.turn import Turn
from support_agent.models import Done, Expecting, NotPossible, Task, TaskStatus, reason_of
from support_agent.speaking import matters

LINK: Final = "generate_cancel_link"


def decide(turn: Turn, kit: Kit, task_id: int, approved: bool) -> None:
    """The customer's answer to a pending action, and what came of it, in words."""
    if turn.customer is None:
        turn.say(turn.speaker.say("not.not_identified"))
        return
    by = ByCustomer(turn.customer.customer_id, turn.dialogue.ticket_id)
    decided = kit.approvals.decide(task_id, approved, by, turn.now)
    turn.change(expecting=Expecting.NOTHING, task_id=None)
    if isinstance(decided, NotPossible):
        turn.say(matters.hindered(turn.speaker, decided) or turn.speaker.say("not.else"))
    else:
        tell(turn, kit, decided.task, by_staff=False)
    turn.next_intent()


def not_possible(turn: Turn, error: str) -> str:
    return matters.hindered(turn.speaker, NotPossible(reason_of(error))) or turn.speaker.say("not.else")


def tell(turn: Turn, kit: Kit, task: Task, *, by_staff: bool) -> None:
    """How an action ended, once."""
    speaker = turn.speaker
    turn.grounds.extend(grounds({**task.arguments, **task.told, "undo_until": _local(turn, task.undo_until)}))
    match task.status:
        case TaskStatus.DONE:
            told = Done(task.told, task.undo_until)
            turn.say(matters.done(speaker, task.tool, _values(turn, kit, task), told), substance=True)
            turn.done.append(task)
            turn.change(matter=None, repeats=0)
        case TaskStatus.REJECTED:
            turn.say(speaker.say("rejected.staff" if by_staff else "rejected.customer"), substance=True)
        case TaskStatus.EXPIRED:
            turn.say(speaker.say("expired"))
        case _:
            turn.say(speaker.say("failed") if task.error is None else not_possible(turn, task.error))
            turn.hand_over(task.error or "failed")
    kit.approvals.told(task.task_id, turn.now)


def _values(turn: Turn, kit: Kit, task: Task) -> matters.Told:
    told = matters.told_of(task.arguments, task.told)
    if task.tool != LINK:
        return told
    link = kit.links.cancel(task)
    turn.links.append(link)
    return {**told, "link": link}


def _local(turn: Turn, moment: datetime | None) -> date | None:
    return None if moment is None else moment.astimezone(turn.speaker.zone).date()


def undo(turn: Turn, kit: Kit, task_id: int | None = None) -> bool:
    """Takes back the last thing that was done here, or the task that is named; False where there is nothing to take
    back.
    """
    if turn.customer is None:
        return False
    done = [task for task in kit.tasks.of_ticket(turn.dialogue.ticket_id) if _may_be_undone(task)]
    done = [task for task in done if task_id in (None, task.task_id)]
    if not done:
        return False
    last = max(done, key=lambda task: task.task_id)
    decided = kit.approvals.undo(last.task_id, ByCustomer(turn.customer.customer_id, turn.dialogue.ticket_id), turn.now)
    if isinstance(decided, Decided):
        turn.done.append(decided.task)
        turn.say(turn.speaker.say("undone"), substance=True)
        kit.approvals.told(decided.task.task_id, turn.now)
    else:
        turn.say(matters.hindered(turn.speaker, decided) or turn.speaker.say("not.no_undo"), substance=True)
    return True


def _may_be_undone(task: Task) -> bool:
    return task.status is TaskStatus.DONE and task.undo_until is not None and "undoes" not in task.arguments
