"""Why a query or a model gave nothing, in the answer's language. What an error says itself is English, for models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dash_agent.errors import (
    DoubtfulSql,
    QueryError,
    QueryFailed,
    QueryTimeout,
    QueryTooExpensive,
    UnsafeSql,
    WrongUse,
)
from dash_agent.insight.messages import FALLBACK, MESSAGES, say
from dash_agent.models.planned import Attempt, Shortfall, Why

DOUBTS: Final = ("fan_out", "value", "rate", "range")
LONGEST: Final = 200
"""Characters of a database's or provider's own words."""


def failure(error: QueryError | WrongUse, language: str) -> str:
    """As a part of a sentence, without its full stop. In English, the error's own message."""
    if _is_english(language):
        return error.message
    match error:
        case DoubtfulSql(kind=kind) if kind in DOUBTS:
            column, found, near = (*error.about, "", "", "")[:3]
            nearest = say(language, "failed.nearest", value=near) if near else ""
            return say(language, f"failed.{kind}", column=column, found=found, nearest=nearest)
        case UnsafeSql():
            return say(language, "failed.unsafe")
        case QueryTimeout():
            return say(language, "failed.timeout")
        case QueryTooExpensive():
            return say(language, "failed.expensive")
        case QueryFailed():
            return say(language, "failed.database", words=_reported(error.message))
        case WrongUse():
            return say(language, "failed.plan")
        case _:
            return say(language, "failed.query")


def attempted(attempt: Attempt, language: str) -> str:
    """What stood against a model's plan."""
    if _is_english(language):
        return attempt.problem
    return failure(attempt.error, language) if attempt.error is not None else say(language, "failed.query")


def shortfall(found: Sequence[Shortfall], language: str) -> str:
    """Why no model planned: each with its name. A provider's own words stay as they are."""
    return "; ".join(f"{one.model}: {_fell_short(one, language)}" for one in found) or say(language, "model.no_plan")


def _fell_short(one: Shortfall, language: str) -> str:
    if one.why is Why.PROVIDER or (one.words and _is_english(language)):
        return one.words[:LONGEST]
    return say(language, f"model.{one.why}")


def _reported(message: str) -> str:
    return message.removeprefix("the database reported: ")[:LONGEST]


def _is_english(language: str) -> bool:
    return language == FALLBACK or language not in MESSAGES
