"""What goes in and out over HTTP: the shapes of the dialogue API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from support_agent.models import (
    Dialogue,
    DialogueStatus,
    Handoff,
    NeedsApproval,
    Outcome,
    PendingAction,
    Reply,
    Said,
    SeenBefore,
    Task,
)
from support_agent.ports import Draft, Record

Object = dict[str, Any]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
AGENT: Final = "support"
PERSON: Final = "human"


class Body(BaseModel):
    """Unknown names are ignored; values are never repeated in an error."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Create(Body):
    initial_message: Text
    customer_token: str | None = Field(default=None, max_length=4_000)
    customer_id: int | None = Field(default=None, ge=1)
    channel: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,20}$")] = "chat"
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] | None = None


class Message(Body):
    message: Text


class Identify(Body):
    email: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254)] | None = None
    code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)] | None = None


class Decision(Body):
    decision: Literal["approve", "reject"]
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)] | None = None
    reason: Annotated[str, StringConstraints(max_length=500)] | None = None


class Thumb(Body):
    message_id: int
    score: Literal[1, -1]


class Csat(Body):
    score: Annotated[int, Field(ge=1, le=5)]


class Close(Body):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] = "resolved"


def text_of(outcome: Outcome) -> str:
    """What the customer reads, '' where nothing is sent: a person has the dialogue."""
    match outcome:
        case Reply() | Handoff():
            return outcome.text
        case NeedsApproval():
            return outcome.reply.text
        case SeenBefore():
            return outcome.outcome_text or ""
        case _:
            return ""


def reply_of(outcome: Outcome) -> Reply | None:
    return outcome.reply if isinstance(outcome, NeedsApproval) else outcome if isinstance(outcome, Reply) else None


def pending_shape(pending: Sequence[PendingAction]) -> list[Object]:
    return [
        {
            "task_id": one.task_id,
            "task_type": one.task_type,
            "arguments": dict(one.arguments),
            "expires_at": one.expires_at.isoformat(),
        }
        for one in pending
    ]


def agent_of(dialogue: Dialogue) -> str:
    """Who has it: a person, the category that is worked on, or the agent as a whole."""
    if dialogue.taken_by is not None or dialogue.status is DialogueStatus.ESCALATED:
        return PERSON
    queue = dialogue.state.queue
    return queue[0].category if queue else dialogue.state.matter or AGENT


def message_shape(said: Said) -> Object:
    return {"message_id": said.message_id, "role": said.role, "message": said.text, "created_at": said.at.isoformat()}


def dialogue_shape(dialogue: Dialogue, messages: Sequence[Said], record: Record, pending: list[Object]) -> Object:
    return {
        "dialog_id": dialogue.dialog_id,
        "customer_id": dialogue.state.customer_id,
        "channel": dialogue.channel,
        "language": dialogue.state.language,
        "current_agent": agent_of(dialogue),
        "status": dialogue.status.value,
        "created_at": dialogue.created_at.isoformat(),
        "closed_at": _iso(dialogue.closed_at),
        "messages": [message_shape(one) for one in messages],
        "message_count": len(messages),
        "total_tokens": record.total_tokens,
        "handoffs": [
            {
                "at": one.at.isoformat(),
                "taken_by": one.taken_by,
                "reason": one.reason,
                "released_at": _iso(one.released_at),
            }
            for one in record.handoffs
        ],
        "pending_actions": pending,
    }


def closed_shape(dialogue: Dialogue, reason: str, messages: int, record: Record) -> Object:
    ended = dialogue.closed_at or dialogue.created_at
    return {
        "dialog_id": dialogue.dialog_id,
        "status": dialogue.status.value,
        "reason": reason,
        "closed_at": ended.isoformat(),
        "summary": {
            "total_messages": messages,
            "total_tokens": record.total_tokens,
            "duration_minutes": round((ended - dialogue.created_at).total_seconds() / 60, 2),
            "resolution": record.resolution,
        },
    }


def task_shape(task: Task) -> Object:
    """For staff: with what it would be done, and where it stands."""
    return {
        "task_id": task.task_id,
        "ticket_id": task.ticket_id,
        "task_type": task.tool,
        "arguments": dict(task.arguments),
        "status": task.status.value,
        "customer_id": task.customer_id,
        "created_at": task.created_at.isoformat(),
        "expires_at": _iso(task.expires_at),
        "decided_by": task.decided_by,
        "error": task.error,
    }


def draft_shape(draft: Draft) -> Object:
    return {
        "draft_id": draft.draft_id,
        "dialog_id": draft.dialog_id,
        "text": draft.text,
        "language": draft.language,
        "status": draft.status,
        "created_at": draft.created_at.isoformat(),
        "decided_by": draft.decided_by,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
