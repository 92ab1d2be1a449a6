"""The values that pass between the desk, its ports and its doors. All frozen; times are aware.

A conversation is a `Dialogue`, kept as one ticket. What a customer sends is an `InboundMessage`; what the desk makes of
it is an `Outcome`. Categories, channels and task types are data, so they are texts here and not enumerations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, get_args

Argument = str | int | bool | None
Arguments = Mapping[str, Argument]
"""What an action is done with: flat, as it is kept in ai_agent_tasks.arguments, dates in ISO form."""


# What comes in


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a customer sent. name: as they named it, never trusted. kind: 'image', 'document' or 'other'."""

    file_id: str
    name: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message of a customer, from any channel.

    thread: the conversation in its channel, as in support_threads_data.thread_key. message_id: the channel's own id of
    the message, '' where it has none; the same one is handled once. customer_id: proven by the channel (a shop's signed
    token), never by the text. language: what the channel says, None where the text decides. place: the network address
    that it came from, for limits.
    """

    channel: str
    thread: str
    text: str
    message_id: str = ""
    customer_id: int | None = None
    language: str | None = None
    attachments: tuple[Attachment, ...] = ()
    place: str | None = field(default=None, repr=False)


# What it means


class Urgency(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Mood(StrEnum):
    CALM = "calm"
    ANNOYED = "annoyed"
    ANGRY = "angry"
    DISTRESSED = "distressed"


@dataclass(frozen=True, slots=True)
class Intent:
    """One thing that the customer wants. confidence: 0 to 1. words: the part of the message that says it."""

    category: str
    confidence: float
    words: str
    subtype: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """What a message is about.

    intents: the main one first, none twice; () where nothing was recognised. summary: a line for staff without
    personal data, in English. email: the address that the message names, None where it names none or several.
    outstanding: fits no category well, or could become a story.
    """

    intents: tuple[Intent, ...]
    language: str
    urgency: Urgency
    mood: Mood
    summary: str
    email: str | None = None
    outstanding: bool = False

    @property
    def sure(self) -> float:
        """How sure the main intent is, 0 where there is none."""
        return self.intents[0].confidence if self.intents else 0.0


# What the guards find


class RedLine(StrEnum):
    """What goes to a person at once, whatever else the message says."""

    SELF_HARM = "self_harm"
    VIOLENCE = "violence"
    HEALTH = "health"
    LEGAL = "legal"
    CHARGEBACK = "chargeback"
    PRESS = "press"
    DATA_REQUEST = "data_request"
    DEATH = "death"
    WANTS_PERSON = "wants_person"


class Attack(StrEnum):
    """What a text tries with the agent itself."""

    INSTRUCTIONS = "instructions"
    ROLE = "role"
    PROMPT = "prompt"
    OTHERS_DATA = "others_data"
    SKIP_CHECKS = "skip_checks"
    SECRETS = "secrets"


class Leak(StrEnum):
    """What a reply must not hold."""

    SECRET = "secret"  # noqa: S105  the name of a finding
    OTHERS_DATA = "others_data"
    PERSONAL = "personal"
    PROMISE = "promise"
    CONFIRMED_TOO_EARLY = "confirmed_too_early"
    PROMPT = "prompt"
    WRONG_LANGUAGE = "wrong_language"
    HEALTH_OR_LAW = "health_or_law"
    LINK = "link"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Incoming:
    """What was found in what came in. words: the parts that show it, for staff."""

    red_lines: frozenset[RedLine] = frozenset()
    attacks: frozenset[Attack] = frozenset()
    words: tuple[str, ...] = ()

    @property
    def asked_for_person(self) -> bool:
        """Handed over by the customer's own wish or right, not stopped: a person, or their data, was asked for."""
        return bool(self.red_lines) and self.red_lines <= {RedLine.DATA_REQUEST, RedLine.WANTS_PERSON}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What was found in a reply before it was sent; a reply with any finding is not sent."""

    leaks: frozenset[Leak] = frozenset()
    words: tuple[str, ...] = ()


# Who and what it is about


@dataclass(frozen=True, slots=True)
class Customer:
    """An identified one. Only tools and the reply's greeting see it."""

    customer_id: int
    first_name: str
    email: str = field(repr=False)
    country: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Subscription:
    """As in `subscriptions`. The address is never said; tools compare it."""

    subscription_id: int
    customer_id: int
    plan: str
    frequency: str
    status: str
    price_usd: Decimal
    started_at: datetime
    paused_until: date | None
    cancelled_at: datetime | None
    shipping_address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Shipment:
    """As in `shipments`. box_month: the first day of its month."""

    shipment_id: int
    subscription_id: int
    box_month: date
    carrier: str
    tracking_number: str = field(repr=False)
    status: str
    shipped_at: datetime | None
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of the knowledge base for customers. source: its file, section: its heading.

    answer: what customers are answered from it in the language that was asked for, None where nobody wrote it.
    """

    source: str
    title: str
    section: str
    text: str
    score: float
    answer: str | None = None


# Actions


class TaskStatus(StrEnum):
    PENDING = "pending_approval"
    APPROVED = "approved"
    REJECTED = "rejected"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"


class Consent(StrEnum):
    """Whose yes an action needs."""

    NONE = "none"
    CUSTOMER = "customer"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An action that was prepared and not done: its preconditions hold now.

    arguments: exact and whole; the grant is for these and no others. told: what the customer is told will happen, as
    values for a text (dates, names of months, plan), not prose.
    """

    tool: str
    arguments: Arguments = field(repr=False)
    consent: Consent
    told: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Task:
    """A row of ai_agent_tasks. error: why it failed, a code such as 'already_packed'.

    customer_id: for whom it was proposed, None where nobody was identified. told: what the customer was told would
    happen; once it is done, what has. before: what it was, for an undo. undo_until: None where it can't be undone.
    """

    task_id: int
    ticket_id: int
    tool: str
    arguments: Arguments = field(repr=False)
    status: TaskStatus
    consent: Consent
    created_at: datetime
    expires_at: datetime | None = None
    decided_by: str | None = None
    finished_at: datetime | None = None
    error: str | None = None
    customer_id: int | None = None
    told: Mapping[str, object] = field(default_factory=dict, repr=False)
    before: Arguments = field(default_factory=dict, repr=False)
    undo_until: datetime | None = None


Reason = Literal[
    "address_incomplete",
    "address_invalid",
    "already_packed",
    "already_paused",
    "already_skipped",
    "box_in_trouble",
    "cancelled",
    "changed_since",
    "claim_first",
    "expired",
    "gift_frequency",
    "gift_of_others",
    "how_often",
    "needs_customer",
    "needs_staff",
    "no_action",
    "no_box_in_month",
    "no_box_to_skip",
    "no_lookup",
    "no_offer_for_gifts",
    "no_offer_in_trouble",
    "no_pages",
    "no_photo",
    "no_such_box",
    "no_such_subscription",
    "no_such_task",
    "no_subscription",
    "no_undo",
    "not_done",
    "not_identified",
    "not_lost",
    "not_paused",
    "nothing_found",
    "offer_too_high",
    "one_offer_a_year",
    "one_per_box",
    "other_arguments",
    "other_country",
    "other_state",
    "pause_too_long",
    "pause_too_short",
    "photos",
    "reported_too_late",
    "same_address",
    "same_frequency",
    "second_claim",
    "temporary_address",
    "too_far_ahead",
    "too_few_items",
    "too_many_addresses",
    "too_many_pauses",
    "too_many_replacements",
    "too_many_skips",
    "too_young_for_offer",
    "unknown_tool",
    "until_when",
    "what_kind",
    "what_reason",
    "which_item",
    "which_subscription",
    "wrong_arguments",
]
"""Every reason that a tool or a decision gives. Each has words for customers, or is a colleague's matter."""


@dataclass(frozen=True, slots=True)
class NotPossible:
    """Why an action can't be prepared or done now. values fill the text of its reason.

    missing: names of arguments that the customer has to give first. staff: a person may decide on it all the same.
    """

    reason: Reason
    values: Mapping[str, object] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    staff: bool = False


def reason_of(code: str | None) -> Reason:
    """A reason as it was kept with a task; what is no reason any more is 'not_done'."""
    found: Mapping[str, Reason] = {one: one for one in get_args(Reason)}
    return found.get(code or "", "not_done")


@dataclass(frozen=True, slots=True)
class Done:
    """What an action or a lookup gave: values for a text, none of them secret to the customer.

    before: what was there before a change, for its undo. It is kept and never told.
    """

    told: Mapping[str, object] = field(repr=False)
    undo_until: datetime | None = None
    before: Arguments = field(default_factory=dict, repr=False)


# What goes out


class Gate(StrEnum):
    """How a reply goes out."""

    AUTO_SEND = "auto-send"
    DRAFT = "draft"
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True)
class Written:
    """A reply as a brain wrote it, before guards and gate. substance: not only a question back or a greeting.

    sources: of the knowledge base. looked: names of the lookups whose results it rests on.
    """

    text: str
    language: str
    substance: bool
    sources: tuple[str, ...] = ()
    looked: tuple[str, ...] = ()
    model: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class PendingAction:
    """An action that waits for the customer's decision."""

    task_id: int
    task_type: str
    arguments: Arguments
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """What the customer reads now. draft_id: of the reply that staff see first; `text` is a holding sentence then."""

    text: str
    language: str
    gate: Gate
    pending: tuple[PendingAction, ...] = ()
    draft_id: int | None = None
    message_id: int | None = None
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class NeedsApproval:
    """The customer reads `reply`; the tasks wait for staff."""

    reply: Reply
    tasks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HandoffNote:
    """What a person needs to go on: no secrets, no codes, no whole address."""

    reason: str
    summary: str
    category: str | None
    customer_id: int | None
    mood: Mood
    urgency: Urgency
    tried: tuple[str, ...] = ()
    pending: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Handoff:
    """A person takes over: `text` is the last that is sent until they release the dialogue."""

    text: str
    language: str
    note: HandoffNote
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class WithPeople:
    """A person has the dialogue: the message was kept, and nothing is sent."""


@dataclass(frozen=True, slots=True)
class SeenBefore:
    """The channel sent the same message again; `outcome_text` is what was answered then, None while it is worked on."""

    outcome_text: str | None = None


Outcome = Reply | NeedsApproval | Handoff | WithPeople | SeenBefore


# What is remembered


class DialogueStatus(StrEnum):
    ACTIVE = "active"
    WAITING = "waiting"
    ESCALATED = "escalated"
    CLOSED = "closed"


class Expecting(StrEnum):
    """What the agent asked for last."""

    NOTHING = "nothing"
    EMAIL = "email"
    CODE = "code"
    CONSENT = "consent"
    ARGUMENT = "argument"
    WHICH_INTENT = "which_intent"
    WHICH_SUBSCRIPTION = "which_subscription"
    REASON = "reason"
    ALTERNATIVE = "alternative"


@dataclass(frozen=True, slots=True)
class DialogueState:
    """Where a conversation stands; kept after every turn, so that any process can go on with it.

    queue: intents that still wait, the present one first. tool and arguments: the action being prepared. asked: what
    `expecting` asks for by name. answered: replies of substance so far. offered: an alternative to leaving was named.
    matter: the category of the last message that was about something. repeats: messages before this one that came back
    to it after an answer.
    """

    language: str | None = None
    customer_id: int | None = None
    email: str | None = field(default=None, repr=False)
    queue: tuple[Intent, ...] = ()
    expecting: Expecting = Expecting.NOTHING
    asked: str | None = None
    tool: str | None = None
    arguments: Arguments = field(default_factory=dict)
    task_id: int | None = None
    subscription_id: int | None = None
    mood: Mood = Mood.CALM
    urgency: Urgency = Urgency.LOW
    answered: int = 0
    misunderstood: int = 0
    offered: bool = False
    matter: str | None = None
    repeats: int = 0
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One conversation, one ticket. epoch: raised when a person takes over; what was computed under an older one is
    dropped. taken_by: the person who has it.
    """

    dialog_id: str
    ticket_id: int
    thread: str
    channel: str
    status: DialogueStatus
    epoch: int
    state: DialogueState
    created_at: datetime
    taken_by: str | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a dialogue as it is kept. role: customer, ai or human."""

    message_id: int
    role: str
    text: str
    author: str | None
    at: datetime
