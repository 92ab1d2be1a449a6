"""How urgent a message is, how its writer feels, and whether it could become a story: as the policies have it."""

from __future__ import annotations

import re
from typing import Final

from support_agent.models import Mood, Urgency
from support_agent.router.evidence import strongest
from support_agent.router.rules import Board, Rules

SHOUTED: Final = re.compile(r"!{2,}|\?{2,}|[!?]{3,}")
CAPITALS: Final = re.compile(r"\b[^\W\d_]{4,}\b")


def urgency(board: Board, rules: Rules) -> Urgency:
    """By *Escalation and urgency*: what harms or has a date is high, what is broken, lost or pressing medium."""
    found = strongest(rules.urgency, board)
    if found.get("high"):
        return Urgency.HIGH
    return Urgency.MEDIUM if found.get("medium") else Urgency.LOW


def mood(text: str, board: Board, rules: Rules) -> Mood:
    found = strongest(rules.mood, board)
    if found.get("distressed"):
        return Mood.DISTRESSED
    loud = _loud(text)
    if found.get("angry", 0) >= 2 or (loud and found.get("annoyed", 0) >= 1):
        return Mood.ANGRY
    return Mood.ANNOYED if loud or found.get("annoyed", 0) >= 1 or found.get("angry") else Mood.CALM


def story(board: Board, rules: Rules) -> bool:
    """Press, law, harm, grief: a team lead reads it, whatever the category."""
    return any(board.holds(expression) for expression in rules.story)


def _loud(text: str) -> bool:
    """Capitals, or several marks in a row."""
    words = CAPITALS.findall(text)
    shouted = [word for word in words if word.isupper()]
    return bool(SHOUTED.search(text)) or (len(shouted) >= 3 and 2 * len(shouted) > len(words))
