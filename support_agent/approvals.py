"""Every transition of an action: proposed, approved or rejected, done or failed, expired, taken back.

`Approvals.decide` makes a grant and uses it at once. A process that ends in between leaves the grant and a job of kind
`support.resume`, whose handler calls `resume`. Two decisions at once, or the same one twice, act once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from dash_agent.models.principal import Principal, Role
from support_agent.grants import arguments_hash
from support_agent.models import Arguments, Consent, NotPossible, Proposal, Task, TaskStatus, reason_of
from support_agent.ports import RESUME, Action, Tasks

DECIDERS: Final = frozenset({Role.MANAGER, Role.ADMIN})
CUSTOMER: Final = "customer"
ALONE: Final = "policy"
"""Who grants what needs nobody's yes."""

__all__ = ["RESUME", "Acting", "Approvals", "ByCustomer", "ByStaff", "Decided"]


class Acting(Protocol):
    """What approvals need to know of a tool."""

    @property
    def lifetime(self) -> timedelta: ...

    def action(self, zone: ZoneInfo) -> Action: ...


@dataclass(frozen=True, slots=True)
class ByCustomer:
    """The identified customer of a dialogue, of which the ticket is the record."""

    customer_id: int
    ticket_id: int


@dataclass(frozen=True, slots=True)
class ByStaff:
    principal: Principal


Decider = ByCustomer | ByStaff


@dataclass(frozen=True, slots=True)
class Decided:
    """The task as it is now. changed: False where it had been decided before; its status says how."""

    task: Task
    changed: bool


class Approvals:
    """acting: the tools that change something, by name. zone: the business's."""

    def __init__(self, tasks: Tasks, acting: Mapping[str, Acting], zone: ZoneInfo) -> None:
        self._tasks = tasks
        self._acting = acting
        self._zone = zone

    def propose(self, ticket_id: int, proposal: Proposal, customer_id: int | None, now: datetime) -> Task:
        """Keeps a proposal as pending; one that needs nobody's yes is done at once."""
        tool = self._acting[proposal.tool]
        task = self._tasks.propose(ticket_id, proposal, now, now + tool.lifetime, customer_id)
        if proposal.consent is not Consent.NONE:
            return task
        self._tasks.decide(task.task_id, True, ALONE, _hash(task), now)
        return self._run(task, now)

    def decide(
        self, task_id: int, approved: bool, decider: Decider, now: datetime, seen: Arguments | None = None
    ) -> Decided | NotPossible:
        """A yes or a no, and what follows from it. Asked twice, it is done once.

        seen: the arguments that the decider was shown, where they are sent back; others than the task's are refused.
        Not possible: no_such_task, needs_staff, needs_customer, other_arguments, expired.
        """
        task = self._tasks.get(task_id)
        if task is None:
            return NotPossible("no_such_task")
        refused = _refusal(task, approved, decider)
        if refused is not None:
            return refused
        shown = task.arguments if seen is None else seen
        meant = arguments_hash(task.tool, shown, task.customer_id)
        if self._tasks.decide(task_id, approved, _name(decider), meant, now) is None:
            return self._undecided(task_id, meant, now)
        return Decided(self._after(task_id, approved, now), True)

    def _after(self, task_id: int, approved: bool, now: datetime) -> Task:
        task = self._tasks.get(task_id)
        assert task is not None
        return self._run(task, now) if approved else task

    def _undecided(self, task_id: int, meant: str, now: datetime) -> Decided | NotPossible:
        """Why the store took no decision: somebody was earlier, it is too late, or something else was meant."""
        task = self._tasks.get(task_id)
        assert task is not None
        if task.status is TaskStatus.APPROVED:
            task = self._run(task, now)
        if task.status is TaskStatus.EXPIRED:
            return NotPossible("expired")
        if task.status is TaskStatus.PENDING or _hash(task) != meant:
            return NotPossible("other_arguments")
        return Decided(task, False)

    def _run(self, task: Task, now: datetime) -> Task:
        tool = self._acting.get(task.tool)
        action: Action = _unknown if tool is None else tool.action(self._zone)
        return self._tasks.run(task.task_id, action, now)

    def undo(self, task_id: int, by: ByCustomer, now: datetime) -> Decided | NotPossible:
        """Takes back what was done, as a task of its own. The wish is its consent.

        Not possible: no_such_task, needs_staff, no_undo, not_done, already_packed, changed_since.
        """
        task = self._tasks.get(task_id)
        if task is None:
            return NotPossible("no_such_task")
        refused = _refusal(task, True, by)
        if refused is not None:
            return refused
        if task.undo_until is None or task.status is not TaskStatus.DONE:
            return NotPossible("no_undo" if task.status is TaskStatus.DONE else "not_done")
        if now >= task.undo_until:
            return NotPossible("already_packed")
        return self._undone(task, by, now)

    def _undone(self, task: Task, by: ByCustomer, now: datetime) -> Decided | NotPossible:
        proposal = Proposal(task.tool, {"undoes": task.task_id}, Consent.CUSTOMER)
        undo = self.propose(by.ticket_id, proposal, by.customer_id, now)
        decided = self.decide(undo.task_id, True, by, now)
        if isinstance(decided, Decided) and decided.task.status is TaskStatus.FAILED:
            return NotPossible(reason_of(decided.task.error))
        return decided

    def resume(self, task_id: int, now: datetime) -> Task | None:
        """For jobs of kind `support.resume`: does what was approved and not done yet.

        Gives the task for the customer to be told how it ended; None where there is nothing to tell, or they were told.
        Call it within the dialogue's turn, say it, then call `told`.
        """
        task = self._tasks.get(task_id)
        if task is None or task.status is TaskStatus.PENDING:
            return None
        if task.status is TaskStatus.APPROVED:
            task = self._run(task, now)
        return None if self._tasks.is_told(task_id) else task

    def told(self, task_id: int, now: datetime) -> bool:
        """The customer knows how it ended; False where that was noted before."""
        return self._tasks.tell(task_id, now)

    def expire(self, now: datetime) -> int:
        """Ends what waited for too long; how many."""
        return self._tasks.expire(now)


def _refusal(task: Task, approved: bool, decider: Decider) -> NotPossible | None:
    """Who may not decide on it. Another customer's task is not there."""
    match decider:
        case ByCustomer():
            if task.customer_id is None or task.customer_id != decider.customer_id:
                return NotPossible("no_such_task")
            return None if task.consent is Consent.CUSTOMER or not approved else NotPossible("needs_staff")
        case ByStaff():
            if decider.principal.role not in DECIDERS:
                return NotPossible("needs_staff")
            return NotPossible("needs_customer") if approved and task.consent is Consent.CUSTOMER else None


def _name(decider: Decider) -> str:
    return CUSTOMER if isinstance(decider, ByCustomer) else decider.principal.user


def _hash(task: Task) -> str:
    return arguments_hash(task.tool, task.arguments, task.customer_id)


def _unknown(task: Task, customers: object, changes: object, history: object, now: datetime) -> NotPossible:  # noqa: ARG001
    return NotPossible("unknown_tool")
