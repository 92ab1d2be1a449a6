"""What the desk needs of the world. SQL, mail and models stand behind it in `adapters/`; tests have fakes of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from dash_agent.errors import Unavailable
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

RESUME: Final = "support.resume"
"""Kind of the job that is queued with every decision; payload {"task_id"}."""


class Busy(Unavailable):
    """Somebody else has it for longer than we wait."""

    code = "busy"


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

    def of_ticket(self, ticket_id: int) -> Dialogue | None: ...

    def keep(self, dialogue: Dialogue, state: DialogueState, status: DialogueStatus | None = None) -> bool:
        """False, and nothing kept, where a person has taken over since: the epoch is another."""
        ...

    def heard(self, dialogue: Dialogue, message: InboundMessage) -> Said | None:
        """Keeps what a customer said; None where this message_id was kept before."""
        ...

    def said(self, dialogue: Dialogue, written: Written, *, sent: bool, latency_ms: int) -> Said | None:
        """Keeps a reply, with the ticket's stage, tokens and cost. None, and nothing kept, under an older epoch.

        sent: False keeps it as a draft: its role is 'draft', and message_id is the draft's id.
        """
        ...

    def answered(self, dialog_id: str, by: str, text: str) -> Said:
        """Keeps what a person wrote to the customer."""
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


class History(Protocol):
    """What was done before, for limits and for undoing it."""

    def get(self, task_id: int) -> Task | None: ...

    def of_customer(self, customer_id: int, tool: str, since: datetime) -> Sequence[Task]:
        """Done ones of a customer, for limits such as two pauses in twelve months; undos are among them."""
        ...


class Action(Protocol):
    """What is done with a grant, in one transaction: its preconditions are looked at again, then it changes things."""

    def __call__(
        self, task: Task, customers: Customers, changes: Changes, history: History, now: datetime
    ) -> Done | NotPossible: ...


class Tasks(Protocol):
    """Actions, their decisions and grants. `approvals` alone makes transitions."""

    def propose(
        self, ticket_id: int, proposal: Proposal, now: datetime, expires_at: datetime, customer_id: int | None
    ) -> Task:
        """Keeps it as pending. The same for the same customer still pending on the ticket is that one again, and so is
        an undo that is done.
        """
        ...

    def get(self, task_id: int) -> Task | None: ...

    def of_ticket(self, ticket_id: int) -> Sequence[Task]: ...

    def of_customer(self, customer_id: int, tool: str, since: datetime) -> Sequence[Task]:
        """As of `History`."""
        ...

    def waiting(self, consent: Consent | None = None) -> Sequence[Task]:
        """The oldest first."""
        ...

    def decide(self, task_id: int, approved: bool, by: str, arguments_hash: str, now: datetime) -> Task | None:
        """Approved: makes the grant. None where it is decided, expired, or its arguments are others.

        arguments_hash: of what was decided on, as `grants.arguments_hash` makes it. A job of kind `support.resume` is
        queued with the decision, so that what was approved is done and told even if this process ends now.
        """
        ...

    def run(self, task_id: int, action: Action, now: datetime) -> Task:
        """Uses the grant and acts, once and together: all of it is kept or none.

        What is not approved, or done already, comes back as it is. A grant that is for something else or too old, and
        an action that is not possible any more, make it failed.
        """
        ...

    def expire(self, now: datetime) -> int:
        """Ends what waited for too long; how many. What waited for staff is told like a decision."""
        ...

    def is_told(self, task_id: int) -> bool: ...

    def tell(self, task_id: int, now: datetime) -> bool:
        """Notes that the customer is told how it ended; False where it was noted before."""
        ...


class Codes(Protocol):
    """One-time codes of identification."""

    def issue(self, dialog_id: str, email: str, now: datetime) -> str | None:
        """A code to be mailed; None where too many were asked for. The same answer time for unknown addresses."""
        ...

    def verify(self, dialog_id: str, code: str, now: datetime) -> str | None:
        """The address whose code it is, once; None where it is wrong, old, used, or too many were tried."""
        ...

    def is_paused(self, dialog_id: str, now: datetime) -> bool:
        """Whether so many were tried that no code counts for a while."""
        ...


class Limits(Protocol):
    """How often something may be done."""

    def take(self, what: str, limit: int, per: timedelta, now: datetime) -> timedelta | None:
        """Counts one of `what`; how long to wait where there were `limit` of it already. `what` is kept as a hash."""
        ...


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply that staff see before the customer does. status: pending, sent, rejected or dropped."""

    draft_id: int
    dialog_id: str
    text: str
    language: str
    status: str
    created_at: datetime
    decided_by: str | None = None


class Drafts(Protocol):
    """Replies that the gate held."""

    def get(self, draft_id: int) -> Draft | None: ...

    def waiting(self) -> Sequence[Draft]:
        """The oldest first."""
        ...

    def send(self, draft_id: int, by: str, text: str | None = None) -> Said | None:
        """The customer gets it. text: as the person changed it. None where it is decided or dropped."""
        ...

    def reject(self, draft_id: int, by: str, reason: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Repeated:
    """A request that came before. answer: what was answered then, None while it is worked on. same: whether it asked
    for the same thing.
    """

    answer: str | None
    same: bool


class Repeats(Protocol):
    """Requests by the key that their sender gives them, so that each is handled once."""

    def begin(self, scope: str, key: str, request: str, now: datetime) -> Repeated | None:
        """None where it is new. request: what is asked, kept as a hash."""
        ...

    def end(self, scope: str, key: str, answer: str) -> None: ...

    def forget(self, scope: str, key: str) -> None:
        """It was not handled, and may come again."""
        ...


class Passes(Protocol):
    """The tokens that open a dialogue over HTTP; only their hashes are kept."""

    def give(self, dialog_id: str) -> str:
        """A new token in place of the one before."""
        ...

    def opens(self, dialog_id: str, token: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class HandedOver:
    """taken_by: None where nobody had picked it up. released_at: None while a person has it."""

    at: datetime
    taken_by: str | None
    reason: str
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What else is known of a dialogue. resolution: its ticket's status."""

    total_tokens: int
    resolution: str
    handoffs: tuple[HandedOver, ...] = ()


class Records(Protocol):
    def of(self, dialog_id: str) -> Record | None: ...


class Ratings(Protocol):
    """What customers think of it."""

    def message(self, dialog_id: str, message_id: int, score: int) -> bool:
        """score: 1 or -1. False where the dialogue has no such reply."""
        ...

    def dialogue(self, dialog_id: str, csat: int) -> None:
        """csat: 1 to 5."""
        ...


class Links(Protocol):
    """Makes the address of a page on which a customer confirms that a subscription ends."""

    def cancel(self, task: Task) -> str:
        """For a done task of generate_cancel_link. Never kept: made anew whenever it is told."""
        ...


class Cancellations(Protocol):
    def cancel(self, jti: str, customer_id: int, subscription_id: int, now: datetime) -> bool:
        """Ends a subscription and burns the link's id, together. False where it was burned before."""
        ...

    def is_burned(self, jti: str) -> bool: ...


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
    """What a brain is told. layers: universal red lines, the category's instructions, examples by similarity.

    instructions: how many of the layers, from the first, are for nobody else's eyes.
    """

    category: str
    language: str
    layers: tuple[str, ...]
    history: Sequence[Said]
    customer: Customer | None
    passages: Sequence[Passage]
    state: DialogueState
    facts: Mapping[str, object]
    instructions: int = 0


class Brain(Protocol):
    """Writes a reply, with a model or from templates."""

    def write(self, brief: Brief, bench: Toolbench) -> Written: ...


class Wish(StrEnum):
    """What a customer wants of a matter."""

    DO = "do"
    STATE = "state"
    RULE = "rule"


class Reading(Protocol):
    """What customers type in answer to a question, in their language. Each gives None where the text says none."""

    def consent(self, text: str, language: str, tool: str | None = None) -> bool | None:
        """A clear yes or a clear no. "Yes, but …" and "yes?" are neither. tool: what the yes is for."""
        ...

    def email(self, text: str) -> str | None: ...

    def code(self, text: str) -> str | None: ...

    def choice(self, text: str, language: str, options: Sequence[str]) -> int | None:
        """The place of the option that is meant, by its number or its words, from 0."""
        ...

    def wish(self, text: str, language: str) -> Wish:
        """Whether something is to be done, or its state or the rules for it are asked for."""
        ...

    def arguments(self, tool: str, text: str, language: str, today: date) -> Arguments:
        """What the text says of a tool's arguments, by their names; {} where nothing."""
        ...

    def is_undo(self, text: str, language: str) -> bool: ...

    def is_taken_back(self, text: str, language: str) -> bool:
        """A bare "cancel that", and nothing else: of what was done just before."""
        ...

    def is_firm(self, text: str, language: str) -> bool:
        """A wish that leaves no room: "cancel it now, no offers"."""
        ...

    def is_closing(self, text: str, language: str) -> bool:
        """Thanks or a goodbye, and nothing else."""
        ...

    def is_greeting(self, text: str, language: str) -> bool:
        """A greeting and nothing else."""
        ...

    def asks_if_machine(self, text: str, language: str) -> bool: ...


class Examples(Protocol):
    """What customers have written, by category."""

    def near(self, text: str, category: str, language: str, limit: int) -> Sequence[str]:
        """The most similar ones of a category, in the language where there are any."""
        ...


class NoReply(Exception):
    """No model gave a reply that can be used. What it says is for the log."""
