"""What a tool is. Each module beside this one declares one, as a frozen value over small functions.

A lookup has `look`. A tool that changes something has `check`, which prepares a proposal from the live rows, and `do`,
which is run with a grant alone, after the same check has held once more with the rows locked. `undo` takes it back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, Generic, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, ValidationError

from support_agent.models import Arguments, Consent, Customer, Done, NotPossible, Proposal, Shipment, Subscription, Task
from support_agent.ports import Action, Changes, Customers, History, Knowledge
from support_agent.tools import packing

LIFETIME: Final = timedelta(hours=48)
"""How long a proposal waits for its yes."""

YEAR_OF_BOXES: Final = 24
"""Shipments that are looked at: more than a year of a monthly subscription, and those ahead."""


class ToolArguments(BaseModel):
    """What a model may give. Unknown names are refused, and numbers are numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True)


A = TypeVar("A", bound=ToolArguments)


@dataclass(frozen=True, slots=True)
class Situation:
    """What a tool may look at. customer: the identified one. photos: files of this dialogue that are pictures,
    however many a model speaks of; None where they were counted before.
    """

    customer: Customer | None
    customers: Customers
    history: History
    now: datetime
    zone: ZoneInfo
    language: str = "en"
    category: str | None = None
    photos: Sequence[str] | None = ()
    knowledge: Knowledge | None = field(default=None, repr=False)

    @property
    def today(self) -> date:
        return packing.today(self.now, self.zone)

    @property
    def year_ago(self) -> datetime:
        local = self.now.astimezone(self.zone)
        return datetime.combine(packing.months_after(local.date(), -12), local.timetz())

    def shipments(self, subscription: Subscription) -> Sequence[Shipment]:
        return self.customers.shipments(subscription.subscription_id, YEAR_OF_BOXES)

    def done(self, tool: str, since: datetime) -> Sequence[Task]:
        """What stands of the customer's done tasks of a tool: undone ones and undos left out."""
        if self.customer is None:
            return ()
        tasks = self.history.of_customer(self.customer.customer_id, tool, since)
        undone = {task.arguments.get("undoes") for task in tasks}
        return tuple(task for task in tasks if "undoes" not in task.arguments and task.task_id not in undone)


@dataclass(frozen=True, slots=True)
class Tool(Generic[A]):
    """name: as in ai_agent_tasks.task_type for one that changes something. description: what a model reads.

    consent: whose yes it needs; None for a lookup. identified: whether it needs to be known who writes.
    """

    name: str
    description: str
    arguments: type[A]
    consent: Consent | None = None
    identified: bool = True
    lifetime: timedelta = LIFETIME
    look: Callable[[Situation, A], Done | NotPossible] | None = None
    check: Callable[[Situation, A], Proposal | NotPossible] | None = None
    do: Callable[[Situation, Proposal, Changes], Done] | None = None
    undo: Callable[[Situation, Task, Changes], Done | NotPossible] | None = None

    def read(self, given: Arguments) -> A | NotPossible:
        """The arguments as their model takes them; what is wrong with them, by name, otherwise."""
        try:
            return self.arguments.model_validate({name: value for name, value in given.items() if value is not None})
        except ValidationError as error:
            names = tuple(dict.fromkeys(str(found["loc"][0]) for found in error.errors() if found["loc"]))
            return NotPossible("wrong_arguments", missing=names)

    def looked(self, situation: Situation, given: Arguments) -> Done | NotPossible:
        if self.look is None:
            return NotPossible("no_lookup")
        read = self._read_in(situation, given)
        return read if isinstance(read, NotPossible) else self.look(situation, read)

    def proposed(self, situation: Situation, given: Arguments) -> Proposal | NotPossible:
        """Nothing is changed: what would be, with exact arguments, or why it can't."""
        if self.check is None:
            return NotPossible("no_action")
        read = self._read_in(situation, given)
        return read if isinstance(read, NotPossible) else self.check(situation, read)

    def _read_in(self, situation: Situation, given: Arguments) -> A | NotPossible:
        if self.identified and situation.customer is None:
            return NotPossible("not_identified")
        return self.read(given)

    def action(self, zone: ZoneInfo) -> Action:
        """What is run with a grant."""

        def act(
            task: Task, customers: Customers, changes: Changes, history: History, now: datetime
        ) -> Done | NotPossible:
            customer = None if task.customer_id is None else customers.by_id(task.customer_id)
            situation = Situation(customer, customers, history, now, zone, photos=None)
            if "undoes" in task.arguments:
                return self._undone(situation, task, changes)
            found = self.proposed(situation, task.arguments)
            if isinstance(found, NotPossible):
                return found
            if dict(found.arguments) != dict(task.arguments):
                return NotPossible("other_arguments")
            return Done(found.told) if self.do is None else self.do(situation, found, changes)

        return act

    def _undone(self, situation: Situation, task: Task, changes: Changes) -> Done | NotPossible:
        original = may_undo(situation, task)
        if isinstance(original, NotPossible) or self.undo is None or original.tool != self.name:
            return original if isinstance(original, NotPossible) else NotPossible("no_undo")
        return self.undo(situation, original, changes)


AnyTool = Tool[Any]


def may_undo(situation: Situation, task: Task) -> Task | NotPossible:
    """The task that another one undoes, where that may still be: it is the same customer's, done, and in its window."""
    undoes = task.arguments.get("undoes")
    original = situation.history.get(undoes) if isinstance(undoes, int) else None
    if original is None or original.customer_id is None or original.customer_id != task.customer_id:
        return NotPossible("no_such_task")
    standing = situation.done(original.tool, original.created_at)
    if original.task_id not in {one.task_id for one in standing}:
        return NotPossible("not_done")
    if original.undo_until is None:
        return NotPossible("no_undo")
    if situation.now >= original.undo_until:
        return NotPossible("already_packed")
    return original


def own_subscription(situation: Situation, subscription_id: int | None) -> Subscription | NotPossible:
    """The one that is meant: named, or the only one that is not cancelled. Never somebody else's."""
    if situation.customer is None:
        return NotPossible("not_identified")
    owned = [as_of(situation, one) for one in situation.customers.subscriptions(situation.customer.customer_id)]
    if subscription_id is not None:
        named = next((one for one in owned if one.subscription_id == subscription_id), None)
        return named or NotPossible("no_such_subscription")
    alive = [one for one in owned if one.status != "cancelled"]
    if len(alive) > 1:
        return NotPossible("which_subscription", {"subscriptions": tuple(map(shown, alive))}, ("subscription_id",))
    return alive[0] if alive else NotPossible("cancelled" if owned else "no_subscription")


def as_of(situation: Situation, subscription: Subscription) -> Subscription:
    """A pause ends by itself, whether or not somebody has noted it."""
    until = subscription.paused_until
    over = subscription.status == "paused" and until is not None and until < situation.today
    return replace(subscription, status="active", paused_until=None) if over else subscription


def of_proposal(situation: Situation, arguments: Arguments) -> Subscription:
    """The subscription that exact arguments name; the check that made or held them has found it."""
    named = arguments.get("subscription_id")
    found = own_subscription(situation, named if isinstance(named, int) else None)
    assert isinstance(found, Subscription)
    return found


def undo_window(situation: Situation, box: date | None) -> datetime | None:
    """Until the box concerned is packed; None where no box is concerned."""
    return None if box is None else packing.packed_from(box, situation.zone)


def packed_box(situation: Situation, subscription: Subscription) -> date | None:
    """The month of a box that still comes though nothing about it can be changed any more; None where none does."""
    shipments = situation.shipments(subscription)
    under_way = [box.box_month for box in shipments if box.status in (packing.PREPARING, "in_transit")]
    fixed = [month for month in under_way if packing.is_packed(month, shipments, situation.now, situation.zone)]
    return max(fixed, default=None)


def alive_subscription(situation: Situation, subscription_id: int | None) -> Subscription | NotPossible:
    found = own_subscription(situation, subscription_id)
    return NotPossible("cancelled") if isinstance(found, Subscription) and found.status == "cancelled" else found


def shown(subscription: Subscription) -> Mapping[str, object]:
    """What tells one subscription from another, without its address."""
    return {
        "subscription_id": subscription.subscription_id,
        "plan": subscription.plan,
        "frequency": subscription.frequency,
        "status": subscription.status,
        "started": subscription.started_at.date(),
    }
