"""What people think of answers, and what it teaches."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dash_agent.errors import WrongUse
from dash_agent.learning.intake import Conflict, Intake, Proposal
from dash_agent.learning.teaching import NotRead, read, tidy
from dash_agent.models.learning import (
    Correction,
    Evidence,
    Feedback,
    Learning,
    Origin,
    PatternCandidate,
    Payload,
    Reach,
)
from dash_agent.models.plan import Clarification, Refusal
from dash_agent.models.principal import Principal
from dash_agent.planning.parser import Parser
from dash_agent.ports import Clock, Learnings
from dash_agent.semantic.time import Calendar

LONGEST: Final = 2_000
"""Characters of a comment or a correction that are kept."""


@dataclass(frozen=True, slots=True)
class Given:
    """feedback: as kept. learning: what was learned from it, None where nothing was, for the reason in `problem`."""

    feedback: Feedback
    learning: Learning | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Opinion:
    """score: 1 or -1. correction: what the question means, or a sentence that teaches."""

    score: int
    comment: str = ""
    correction: str = ""


class FeedbackDesk:
    """Takes feedback on kept answers."""

    def __init__(self, learnings: Learnings, intake: Intake, clock: Clock) -> None:
        self._learnings = learnings
        self._intake = intake
        self._clock = clock

    def take(
        self,
        answer: Mapping[str, object],
        opinion: Opinion,
        principal: Principal,
        parser: Parser,
        calendar: Calendar,
    ) -> Given:
        """answer: the object as it went out. Feedback is kept whatever is learned from it. Raises WrongUse."""
        if opinion.score not in (1, -1):
            raise WrongUse(f"a score of {opinion.score} says nothing", "give 1 or -1")
        learning, problem = None, ""
        payload: Payload | None
        try:
            payload = self._taught(answer, opinion, parser, calendar)
            if payload is not None:
                learning = self._intake.take(_proposal(payload, answer, opinion, principal))
        except (NotRead, Conflict) as error:
            problem = str(error)
        feedback = Feedback(
            str(answer["answer_id"]),
            principal.user,
            self._clock.now(),
            opinion.score,
            tidy(opinion.comment)[:LONGEST],
            tidy(opinion.correction)[:LONGEST],
            learning.learning_id if learning else None,
        )
        self._learnings.keep_feedback(feedback)
        return Given(feedback, learning, problem)

    def _taught(
        self, answer: Mapping[str, object], opinion: Opinion, parser: Parser, calendar: Calendar
    ) -> Payload | None:
        if tidy(opinion.correction):
            return _corrected(answer, tidy(opinion.correction), parser, calendar)
        return _pattern(answer) if opinion.score == 1 else None


def _corrected(answer: Mapping[str, object], correction: str, parser: Parser, calendar: Calendar) -> Payload:
    """A sentence that teaches, or the question that was meant. Raises NotRead."""
    question = answer.get("question")
    try:
        return read(correction, parser, calendar)
    except NotRead as not_read:
        meant = parser.plan(correction, calendar)
        if not isinstance(question, str) or isinstance(meant, Clarification | Refusal):
            raise not_read from None
        if answer.get("session_id") is not None and _follows_up(question, answer, parser, calendar):
            raise NotRead(
                f"“{question}” went on from the question before it, so what it means depends on that one",
                "ask it as a whole question, and correct that answer",
            ) from None
        return Correction(question, correction)


def _follows_up(question: str, answer: Mapping[str, object], parser: Parser, calendar: Calendar) -> bool:
    """It was answered, and by itself can't be."""
    return answer.get("status") == "answered" and isinstance(parser.plan(question, calendar), Clarification)


def _pattern(answer: Mapping[str, object]) -> Payload | None:
    """A statement of a model that somebody found right is worth an analyst's look."""
    question, sql, plan = answer.get("question"), answer.get("sql"), answer.get("plan")
    if answer.get("trust") != "generated" or not isinstance(plan, Mapping) or not isinstance(question, str):
        return None
    written = plan.get("sql") or sql
    return PatternCandidate(name_of(question), question, written) if isinstance(written, str) else None


def name_of(question: str) -> str:
    """A file's name after a question: its first Latin words, 'learned_pattern' where it has none."""
    words = re.findall(r"[a-z]+", question.lower())
    return "_".join(words[:6]) or "learned_pattern"


def _proposal(payload: Payload, answer: Mapping[str, object], opinion: Opinion, principal: Principal) -> Proposal:
    said = tidy(opinion.correction) or str(answer.get("question") or "")
    return Proposal(payload, principal, Reach.ALL, Origin.FEEDBACK, Evidence(said, str(answer["answer_id"])))
