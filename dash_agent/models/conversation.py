"""What customers and agents wrote: the texts of one ticket, and tickets to choose from. Personal, all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from dash_agent.models.principal import ScopeFilter


@dataclass(frozen=True, slots=True)
class Wanted:
    """Tickets by a comparison of their answers that was made in the span [start, end).

    within: as filters of a question narrow comparisons; all of them hold. The others narrow where they are not None.
    """

    start: datetime
    end: datetime
    within: tuple[ScopeFilter, ...] = ()
    verdict: str | None = None
    error_type: str | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """A ticket to choose, by the comparison of its answers. No text of anybody's is in it."""

    ticket_id: int
    at: datetime
    category: str
    verdict: str
    error_type: str | None
    similarity: Decimal
    channel: str
    language: str


@dataclass(frozen=True, slots=True)
class Message:
    """role: 'customer', 'ai' or 'human'. author: a person's name or a model's id, None of a customer."""

    role: str
    author: str | None
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Comparison:
    """An AI's answer beside a person's. judge: who gave the verdict. penalty: 0 to 100, None where none was given."""

    at: datetime
    ai_answer: str
    human_answer: str
    similarity: Decimal
    penalty: Decimal | None
    verdict: str
    error_type: str | None
    judge: str


@dataclass(frozen=True, slots=True)
class Action:
    """Something the AI did or asked to do. decided_by: 'customer' or a person, None where nobody had to."""

    task_type: str
    status: str
    at: datetime
    decided_by: str | None


@dataclass(frozen=True, slots=True)
class Conversation:
    """One ticket as people wrote it. messages, comparisons, actions: the oldest first.

    agent: the person it is assigned to. model: what wrote the AI's answer.
    """

    ticket_id: int
    subject: str
    category: str
    channel: str
    language: str
    status: str
    created: datetime
    auto_sent: bool
    agent: str | None
    model: str | None
    messages: tuple[Message, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    actions: tuple[Action, ...] = ()
