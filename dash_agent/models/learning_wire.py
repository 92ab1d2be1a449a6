"""Learnings as JSON: what is kept in the database and printed by `learn list --json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from dash_agent.models.learning import (
    Correction,
    Decision,
    Gotcha,
    Habit,
    Kind,
    Learning,
    PatternCandidate,
    Payload,
    Preference,
    Synonym,
    Target,
)
from dash_agent.models.wire import Json


class BadPayload(ValueError):
    """JSON that is not a payload of its kind."""


def payload_json(payload: Payload) -> dict[str, Json]:
    """The fields of a payload. `payload_from_json` gives back the same payload."""
    return {name: _plain(value) for name, value in asdict(payload).items()}


def _plain(value: object) -> Json:
    match value:
        case tuple():
            return [_plain(item) for item in value]
        case date():
            return value.isoformat()
        case None | str():
            return value
        case _:
            raise TypeError(f"{value!r} stands in no payload")


def payload_from_json(kind: str, data: object) -> Payload:
    """Raises BadPayload."""
    try:
        return _payload(Kind(kind), _Fields(data))
    except (KeyError, ValueError, TypeError) as error:
        raise BadPayload(f"not a {kind}: {error!r}") from error


class _Fields:
    def __init__(self, data: object) -> None:
        if not isinstance(data, Mapping):
            raise TypeError(f"{data!r} is not an object")
        self._data = data

    def text(self, name: str) -> str:
        found = self._data[name]
        if not isinstance(found, str):
            raise TypeError(f"{name} is not text")
        return found

    def texts(self, name: str) -> tuple[str, ...]:
        found = self._data[name]
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise TypeError(f"{name} is not a list of texts")
        return tuple(found)

    def day(self, name: str) -> date | None:
        return None if self._data[name] is None else date.fromisoformat(self.text(name))


def _payload(kind: Kind, f: _Fields) -> Payload:
    match kind:
        case Kind.SYNONYM:
            return Synonym(f.texts("phrasings"), Target(f.text("target")), f.text("name"), f.texts("values"))
        case Kind.CORRECTION:
            parts = ("question", "meant", "failed", "problem", "mended")
            return Correction(*map(f.text, parts))
        case Kind.GOTCHA:
            return Gotcha(
                f.text("metric"),
                f.text("dimension"),
                f.texts("without"),
                f.text("caveat"),
                f.day("start"),
                f.day("end"),
            )
        case Kind.PATTERN:
            return PatternCandidate(f.text("name"), f.text("question"), f.text("sql"))
        case Kind.PREFERENCE:
            return Preference(Habit(f.text("habit")), f.text("words"), f.text("name"), f.texts("values"))


def learning_json(learning: Learning, history: tuple[Decision, ...] = ()) -> dict[str, Json]:
    """history: left out where it is ()."""
    made: dict[str, Json] = {
        "learning_id": learning.learning_id,
        "kind": learning.kind.value,
        "status": learning.status.value,
        "scope": learning.reach.value,
        "owner": learning.owner,
        "author": learning.author,
        "backers": list(learning.backers),
        "origin": learning.origin.value,
        "words": learning.evidence.words,
        "answer_id": learning.evidence.answer_id,
        "payload": payload_json(learning.payload),
        "created_at": learning.created.isoformat(),
        "expires_at": learning.expires.isoformat() if learning.expires else None,
        "hits": learning.hits,
        "last_used_at": learning.last_used.isoformat() if learning.last_used else None,
    }
    if history:
        made["history"] = [
            {"at": one.at.isoformat(), "user": one.user, "decision": one.what, "reason": one.reason} for one in history
        ]
    return made
