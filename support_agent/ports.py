"""What the desk needs of the world. SQL, mail and models stand behind it in `adapters/`; tests have fakes of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from support_agent.models import (
    Arguments,
    Consent,
    Customer,
    Dialogue,
    DialogueState,
    DialogueStatus,
    Done,
    InboundMessage,
    NotPossible,
    Passage,
    Proposal,
    Route,
    Said,
    Shipment,
    Subscription,
    Task,
    Written,
)


class Dialogues(Protocol):
    """Conversations and their tickets. Every method is one transaction."""

    def opened(self, message: InboundMessage) -> Dialogue:
        """The dialogue of a thread, begun with its ticket at its first message."""
        ...

    def turn(self, dialog_id: str) -> AbstractContextManager[Dialogue]:
        """One turn at a time of one dialogue, over all processes, in the order in which they came.

        Gives the dialogue as it is then. Raises UnknownName, and Busy where others hold it for too long.
        """
        ...

    def get(self, dialog_id: str) -> Dialogue | None: ...

    def keep(self, dialogue: Dialogue, state: DialogueState, status: DialogueStatus | None = None) -> bool:
        """False, and nothing kept, where a person has taken over since: the epoch is another."""
        ...

    def heard(self, dialogue: Dialogue, message: InboundMessage) -> Said | None:
        """Keeps what a customer said; None where this message_id was kept before."""
        ...

    def said(self, dialogue: Dialogue, written: Written, *, sent: bool, latency_ms: int) -> Said | None:
        """Keeps a reply, with the ticket's stage, tokens and cost. None, and nothing kept, under an older epoch."""
        ...

    def messages(self, dialog_id: str) -> Sequence[Said]:
        """The oldest first."""
        ...

    def routed(self, dialogue: Dialogue, route: Route) -> None:
        """What the ticket is about, by its first route; later ones add a second category and raise the urgency."""
        ...

    def taken_over(self, dialog_id: str, by: str | None, reason: str) -> Dialogue:
        """A person has it from now on: the epoch rises. by: None where nobody has picked it up yet."""
        ...

    def released(self, dialog_id: str) -> Dialogue: ...

    def closed(self, dialog_id: str, reason: str) -> Dialogue: ...

    def failed(self, dialogue: Dialogue, error: str) -> None:
        """The ticket's status becomes 'Error' with its message."""
        ...


class Customers(Protocol):
    """The shop's records. Behind it our tables, or a CRM."""

    def by_email(self, email: str) -> Customer | None: ...

    def by_id(self, customer_id: int) -> Customer | None: ...

    def subscriptions(self, customer_id: int) -> Sequence[Subscription]:
        """The active first, then paused, then cancelled ones, the newest first."""
        ...

    def shipments(self, subscription_id: int, limit: int = 12) -> Sequence[Shipment]:
        """The latest box months first."""
        ...


class Changes(Protocol):
    """What tools may change, each one statement on a customer's own rows. Used by `Tasks.run` alone."""

    def pause(self, subscription_id: int, until: date | None) -> None:
        """until: None ends a pause."""
        ...

    def skip(self, subscription_id: int, box_month: date) -> int:
        """Marks the box of a month as skipped; the shipment's id."""
        ...

    def unskip(self, shipment_id: int) -> None: ...

    def set_frequency(self, subscription_id: int, frequency: str) -> None: ...

    def set_address(self, subscription_id: int, address: str) -> None: ...


class Action(Protocol):
    """What is done with a grant, in one transaction: its preconditions are looked at again, then it changes things."""

    def __call__(self, task: Task, customers: Customers, changes: Changes, now: datetime) -> Done | NotPossible: ...


class Tasks(Protocol):
    """Actions, their decisions and grants. `approvals` alone makes transitions."""

    def propose(self, ticket_id: int, proposal: Proposal, now: datetime, expires_at: datetime) -> Task:
        """Keeps it as pending. The same tool and arguments still pending on the ticket is that one again."""
        ...

    def get(self, task_id: int) -> Task | None: ...

    def of_ticket(self, ticket_id: int) -> Sequence[Task]: ...

    def of_customer(self, customer_id: int, tool: str, since: datetime) -> Sequence[Task]:
        """Done ones of a customer, for limits such as two pauses in twelve months."""
        ...

    def waiting(self, consent: Consent | None = None) -> Sequence[Task]:
        """The oldest first."""
        ...

    def decide(self, task_id: int, approved: bool, by: str, arguments_hash: str, now: datetime) -> Task | None:
        """Approved: makes the grant. None where it is decided, expired, or its arguments are others."""
        ...

    def run(self, task_id: int, action: Action, now: datetime) -> Task:
        """Uses the grant and acts, once and together: all of it is kept or none."""
        ...

    def expire(self, now: datetime) -> int: ...


class Codes(Protocol):
    """One-time codes of identification."""

    def issue(self, dialog_id: str, email: str, now: datetime) -> str | None:
        """A code to be mailed; None where too many were asked for. The same answer time for unknown addresses."""
        ...

    def verify(self, dialog_id: str, code: str, now: datetime) -> str | None:
        """The address whose code it is, once; None where it is wrong, old, used, or too many were tried."""
        ...


class Mail(Protocol):
    def send(self, to: str, subject: str, body: str) -> None:
        """Embedded: a file in the outbox folder. Raises NotSent."""
        ...


class Knowledge(Protocol):
    def search(self, text: str, language: str, category: str | None, limit: int = 4) -> Sequence[Passage]:
        """Of the documents for customers only, the best first; () where nothing fits."""
        ...


@dataclass(frozen=True, slots=True)
class Instructions:
    """A category's row of ai_answerer_instructions: persona, red lines, logic, format, examples."""

    category: str
    staging: str
    version: int
    parts: tuple[str, str, str, str, str]


class Prompts(Protocol):
    def instructions(self, category: str, staging: str) -> Instructions | None:
        """The enabled row of the highest version."""
        ...


class Router(Protocol):
    def route(self, text: str, history: Sequence[Said], language: str | None) -> Route:
        """What a message is about. Does not raise for what a model does: the deterministic router answers then."""
        ...


class Readiness(Protocol):
    def open_for_auto_send(self, category: str, language: str) -> bool:
        """Whether a team lead opened the category, it meets the thresholds, and was compared in the language."""
        ...


class Toolbench(Protocol):
    """What a brain may do in a turn. Every call passes identity, scope and preconditions, whoever asks."""

    @property
    def tools(self) -> Sequence[str]: ...

    def look(self, tool: str, arguments: Arguments) -> Done | NotPossible: ...

    def propose(self, tool: str, arguments: Arguments) -> Task | NotPossible:
        """Prepares an action. Nothing is changed: who decides is not the brain."""
        ...

    def escalate(self, reason: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Brief:
    """What a brain is told. layers: universal red lines, the category's instructions, examples by similarity."""

    category: str
    language: str
    layers: tuple[str, ...]
    history: Sequence[Said]
    customer: Customer | None
    passages: Sequence[Passage]
    state: DialogueState
    facts: Mapping[str, object]


class Brain(Protocol):
    """Writes a reply, with a model or from templates."""

    def write(self, brief: Brief, bench: Toolbench) -> Written: ...
