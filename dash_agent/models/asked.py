"""What people asked: how often the content was behind an answer, and which questions had none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dash_agent.models.principal import Principal, Role

SMALL_TALK = ("greeting", "thanks", "help")
"""Why a question is handed back that wanted no number."""


@dataclass(frozen=True, slots=True)
class ContentUse:
    """asked: answers to questions that rest on it. shown: others, of tiles and digests. last: the latest of all."""

    layer: str
    name: str
    asked: int
    shown: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Questions that were refused or handed back for the same words.

    words: in lower case, '' where all were understood and something was missing. reason: of the latest one, as of
    `RefusalReason` and `AskBack`. users: how many asked. example: the latest one.
    """

    words: str
    reason: str
    count: int
    users: int
    last: datetime
    example: str


def sees_questions_of_others(principal: Principal) -> bool:
    """Questions may hold names and addresses: those who mend what could not be answered see them."""
    return principal.role in (Role.ANALYST, Role.ADMIN)
