"""What a brain, or the scripted steps, may do in a turn. Every call passes identity, ownership and preconditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from support_agent.approvals import Approvals, ByCustomer
from support_agent.conversation.turn import Turn
from support_agent.models import Arguments, Done, NotPossible, Passage, Task
from support_agent.ports import Customers, History, Knowledge
from support_agent.tools import AnyTool, Situation

OF_REASON: Final = {"already_paused": "paused", "already_skipped": "skipped", "cancelled": "cancelled"}
"""States that a hindrance tells of."""


@dataclass(frozen=True, slots=True)
class Shop:
    """Where tools look and act. zone: the business's."""

    tools: Mapping[str, AnyTool]
    approvals: Approvals
    customers: Customers
    history: History
    knowledge: Knowledge | None
    zone: ZoneInfo


class Bench:
    """Port `Toolbench` for one turn. allowed: the category's tools, and no others."""

    def __init__(self, turn: Turn, shop: Shop, allowed: Sequence[str]) -> None:
        self._turn = turn
        self._shop = shop
        self._allowed = tuple(name for name in allowed if name in shop.tools)

    @property
    def tools(self) -> Sequence[str]:
        return self._allowed

    def look(self, tool: str, arguments: Arguments) -> Done | NotPossible:
        found = self._tool(tool)
        if isinstance(found, NotPossible):
            return found
        self._turn.looked.append(tool)
        given = found.looked(self._situation(), arguments)
        self._hear(given)
        return given

    def propose(self, tool: str, arguments: Arguments) -> Task | NotPossible:
        found = self._tool(tool)
        if isinstance(found, NotPossible):
            return found
        self._turn.tried.append(tool)
        proposal = found.proposed(self._situation(), arguments)
        if isinstance(proposal, NotPossible):
            self._hear(proposal)
            return proposal
        self._turn.grounds.extend(grounds({**proposal.arguments, **proposal.told}))
        dialogue, customer = self._turn.dialogue, self._turn.customer
        known = customer.customer_id if customer is not None else None
        task = self._shop.approvals.propose(dialogue.ticket_id, proposal, known, self._turn.now)
        self._turn.tasks.append(task)
        return task

    def _hear(self, given: Done | NotPossible) -> None:
        told = given.told if isinstance(given, Done) else {"state": OF_REASON.get(given.reason), **given.values}
        self._turn.grounds.extend(grounds(told))

    def takes(self, tool: str, argument: str) -> bool:
        return tool in self._allowed and argument in self._shop.tools[tool].arguments.model_fields

    def withdraw(self, task_id: int | None) -> None:
        """Another proposal has come in its place."""
        customer, dialogue = self._turn.customer, self._turn.dialogue
        if task_id is not None and customer is not None:
            by = ByCustomer(customer.customer_id, dialogue.ticket_id)
            self._shop.approvals.decide(task_id, False, by, self._turn.now)
            self._shop.approvals.told(task_id, self._turn.now)

    def escalate(self, reason: str) -> None:
        self._turn.hand_over(reason)

    def _tool(self, name: str) -> AnyTool | NotPossible:
        return self._shop.tools[name] if name in self._allowed else NotPossible("unknown_tool")

    def _situation(self) -> Situation:
        turn, shop = self._turn, self._shop
        return Situation(
            turn.customer,
            shop.customers,
            shop.history,
            turn.now,
            shop.zone,
            turn.language,
            turn.category,
            turn.state.attachments,
            shop.knowledge,
        )


def grounds(value: object) -> Iterator[str]:
    """What a value says, as texts; days in ISO form."""
    match value:
        case None | bool():
            return
        case str():
            yield value
        case datetime():
            yield value.date().isoformat()
        case date():
            yield value.isoformat()
        case Passage():
            yield from filter(None, (value.text, value.answer))
        case Mapping():
            for one in value.values():
                yield from grounds(one)
        case Sequence():
            for one in value:
                yield from grounds(one)
        case _:
            yield str(value)
