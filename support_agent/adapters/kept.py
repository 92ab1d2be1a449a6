"""Values as they are kept in JSON columns, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from dash_agent.models.wire import Json
from dash_agent.warehouse.state import storable
from support_agent.models import Arguments, DialogueState, Expecting, Intent, Mood, Urgency

DATE: Final = "$date"
TIME: Final = "$time"
NUMBER: Final = "$number"


def told_json(told: object) -> Json:
    """Values for a text; dates, times and decimal numbers come back as what they were, sequences as tuples."""
    match told:
        case None | bool() | int() | str():
            return storable(told)
        case datetime():
            return {TIME: told.isoformat()}
        case date():
            return {DATE: told.isoformat()}
        case Decimal():
            return {NUMBER: str(told)}
        case Mapping():
            return {str(name): told_json(value) for name, value in told.items()}
        case list() | tuple():
            return [told_json(value) for value in told]
        case _:
            raise TypeError(f"a {type(told).__name__} can't be kept for a text")


def told_from(data: Json) -> Any:
    match data:
        case {"$time": str(text)}:
            return datetime.fromisoformat(text)
        case {"$date": str(text)}:
            return date.fromisoformat(text)
        case {"$number": str(text)}:
            return Decimal(text)
        case dict():
            return {name: told_from(value) for name, value in data.items()}
        case list():
            return tuple(map(told_from, data))
        case _:
            return data


def arguments_json(arguments: Arguments) -> Json:
    return storable(dict(arguments))


def state_json(state: DialogueState) -> Json:
    kept: dict[str, Json] = {
        "language": state.language,
        "customer_id": state.customer_id,
        "email": state.email,
        "queue": [_intent_json(intent) for intent in state.queue],
        "expecting": state.expecting.value,
        "asked": state.asked,
        "tool": state.tool,
        "arguments": dict(state.arguments),
        "task_id": state.task_id,
        "subscription_id": state.subscription_id,
        "mood": state.mood.value,
        "urgency": state.urgency.value,
        "answered": state.answered,
        "misunderstood": state.misunderstood,
        "offered": state.offered,
        "matter": state.matter,
        "repeats": state.repeats,
        "attachments": list(state.attachments),
    }
    return storable(kept)


def state_from(data: Mapping[str, Any]) -> DialogueState:
    """What an earlier version did not keep is as in a new dialogue."""
    new = DialogueState()
    return DialogueState(
        language=data.get("language"),
        customer_id=data.get("customer_id"),
        email=data.get("email"),
        queue=tuple(Intent(**intent) for intent in data.get("queue", ())),
        expecting=Expecting(data.get("expecting", new.expecting)),
        asked=data.get("asked"),
        tool=data.get("tool"),
        arguments=dict(data.get("arguments", {})),
        task_id=data.get("task_id"),
        subscription_id=data.get("subscription_id"),
        mood=Mood(data.get("mood", new.mood)),
        urgency=Urgency(data.get("urgency", new.urgency)),
        answered=data.get("answered", 0),
        misunderstood=data.get("misunderstood", 0),
        offered=data.get("offered", False),
        matter=data.get("matter"),
        repeats=data.get("repeats", 0),
        attachments=tuple(data.get("attachments", ())),
    )


def _intent_json(intent: Intent) -> Json:
    return {
        "category": intent.category,
        "confidence": intent.confidence,
        "words": intent.words,
        "subtype": intent.subtype,
    }
