"""What the words of a message say about each category, and which of it belongs together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from support_agent.router.rules import Board, Expression, Match, Rules
from support_agent.router.words import Token

MORE: Final = 0.15
"""What every further sign of a category adds, beside its strongest."""

MOST: Final = 4
"""Further signs that count: a long letter is no surer than a short one."""


LEAVING: Final = "cancel_subscription"
FEEDBACK: Final = "other"
BEFORE_LEAVING: Final = 2.4
"""What the words must say for a matter that a threat to leave stands behind."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """strength: the strongest sign and what others add. core: the words of the strongest. all: of every sign."""

    category: str
    strength: float
    core: frozenset[int]
    all: frozenset[int]

    @property
    def first(self) -> int:
        return min(self.core)


def weigh(board: Board, rules: Rules, known: Iterable[str]) -> dict[str, Evidence]:
    """By category, in no order; categories without a sign are left out."""
    found = {}
    for category in known:
        evidence = _of(category, board, rules.intents.get(category, ()))
        if evidence is not None:
            found[category] = evidence
    return _behind_requests(_behind_threats(_absorbed(found, board, rules), board, rules), board, rules)


def _of(category: str, board: Board, listed: Sequence[tuple[Expression, float]]) -> Evidence | None:
    signs: list[tuple[float, Match]] = []
    for expression, weight in listed:
        match = board.match(expression)
        if match is not None:
            signs.append((weight * match.strength, match))
    if not signs:
        return None
    signs.sort(key=lambda sign: -sign[0])
    strongest = signs[0]
    more = sum(weight for weight, _ in signs[1 : 1 + MOST])
    words = frozenset(at for _, match in signs for at in match.words)
    return Evidence(category, strongest[0] + MORE * more, strongest[1].words, words)


def _absorbed(found: dict[str, Evidence], board: Board, rules: Rules) -> dict[str, Evidence]:
    for keep, drop, when in rules.absorbs:
        if keep in found and drop in found and board.holds(when):
            del found[drop]
    return found


def _behind_threats(found: dict[str, Evidence], board: Board, rules: Rules) -> dict[str, Evidence]:
    """'…or I cancel': the matter comes first, leaving second."""
    leaving = found.get(LEAVING)
    others = [evidence.strength for name, evidence in found.items() if name != LEAVING]
    if leaving and others and max(others) >= BEFORE_LEAVING and any(board.holds(threat) for threat in rules.threats):
        found[LEAVING] = replace(leaving, strength=min(leaving.strength, 0.75 * max(others)))
    return found


def _behind_requests(found: dict[str, Evidence], board: Board, rules: Rules) -> dict[str, Evidence]:
    """Praise or criticism with a request in it is the request."""
    feedback = found.get(FEEDBACK)
    others = [evidence.strength for name, evidence in found.items() if name != FEEDBACK]
    if feedback and others and max(others) >= BEFORE_LEAVING and not board.holds(rules.asks_by_itself):
        found[FEEDBACK] = replace(feedback, strength=min(feedback.strength, 0.5 * max(others)))
    return found


def separate(one: Evidence, main: Evidence, words: Sequence[Token]) -> bool:
    """Whether a second matter is said in a clause of its own, with words that the main one does not need."""
    own = one.core - main.core
    clauses = {words[at].clause for at in main.core}
    return bool(own) and any(words[at].clause not in clauses for at in own)


def said_in(evidence: Evidence, words: Sequence[Token], text: str) -> str:
    """The part of the message that says it: the clauses of its words."""
    clauses = {words[at].clause for at in evidence.core}
    inside = [word for word in words if word.clause in clauses]
    return text[inside[0].start : inside[-1].end] if inside else ""


def subtype(category: str, board: Board, rules: Rules) -> str | None:
    for kind, expressions in rules.subtypes.get(category, ()):
        if any(board.holds(expression) for expression in expressions):
            return kind
    return None


def strongest(weighed: Mapping[str, Sequence[tuple[Expression, float]]], board: Board) -> dict[str, float]:
    """By level, the sum of the signs that hold."""
    return {
        level: sum(weight for expression, weight in listed if board.holds(expression))
        for level, listed in weighed.items()
    }
