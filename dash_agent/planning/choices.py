"""What is offered where a question could not be planned: questions near it that work as they stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final

from dash_agent.models.plan import (
    AskBack,
    Clarification,
    ListPlan,
    MetricPlan,
    Option,
    PatternPlan,
    Plan,
    Refusal,
    RefusalReason,
)
from dash_agent.planning.candidates import Candidate, Candidates
from dash_agent.planning.parser import Parser
from dash_agent.planning.tokens import language_of, normal
from dash_agent.semantic.time import Calendar

MOST_OPTIONS: Final = 4
MOST_SUGGESTIONS: Final = 3
FEWEST_OPTIONS: Final = 2
MOST_TRIED: Final = 8
"""Candidates that are planned for one question."""
KEPT_FOR_EXAMPLES: Final = 2
"""Of these, what is left for the examples of the content files."""

REWORDED: Final = (RefusalReason.NO_SUCH_DATA, RefusalReason.NOT_SUPPORTED)
"""Refusals whose question is worth another wording; a write or an attack is given none."""


def offered(question: str, made: Clarification, parser: Parser, calendar: Calendar, language: str) -> Clarification:
    """The clarification with two to four questions that work, each of its own meaning."""
    if made.options:
        return made
    candidates = Candidates(question, parser, language)
    tried = _Tried(question, candidates.language, parser, calendar, MOST_OPTIONS)
    tried.take(_near(candidates, made), MOST_TRIED - KEPT_FOR_EXAMPLES)
    if len(tried.kept) < FEWEST_OPTIONS:
        tried.take(candidates.examples(), MOST_TRIED)
    words = made.words[:1] if made.why is AskBack.AMBIGUOUS else made.words
    return replace(made, words=words, options=tuple(Option(one.label, one.question) for one in tried.kept))


def suggested(question: str, made: Refusal, parser: Parser, calendar: Calendar, language: str) -> Refusal:
    """The refusal with up to three questions that work."""
    candidates = Candidates(question, parser, language)
    tried = _Tried(question, candidates.language, parser, calendar, MOST_SUGGESTIONS)
    if made.reason in REWORDED:
        near = chain(candidates.nearest(), candidates.remains(made.words))
        tried.take(near, MOST_TRIED - KEPT_FOR_EXAMPLES)
    tried.take(candidates.examples(), MOST_TRIED)
    return replace(made, suggestions=tuple(one.question for one in tried.kept))


def _near(candidates: Candidates, made: Clarification) -> Iterable[Candidate]:
    match made.why:
        case AskBack.AMBIGUOUS:
            word, *meanings = made.words
            return candidates.readings(word, meanings)
        case AskBack.NO_CRITERION:
            return candidates.criteria()
        case AskBack.NO_SUBJECT:
            return candidates.subjects()
        case AskBack.NO_METRIC | AskBack.NOTHING_TO_FOLLOW:
            return candidates.metrics()
        case AskBack.GREETING | AskBack.THANKS | AskBack.HELP:
            return candidates.examples()


@dataclass(slots=True)
class _Tried:
    """Keeps, of what it is given, the questions that become plans unlike those already kept, up to `most`."""

    asked: str
    language: str
    parser: Parser
    calendar: Calendar
    most: int
    kept: list[Candidate] = field(default_factory=list)
    seen: set[object] = field(default_factory=set)
    tries: int = 0

    def take(self, candidates: Iterable[Candidate], until: int) -> None:
        """until: how many may have been planned in all."""
        for candidate in candidates:
            if len(self.kept) == self.most or self.tries >= until:
                return
            plain = _plain(candidate.question)
            if plain in self.seen or plain == _plain(self.asked) or not self._is_spoken(candidate.question):
                continue
            self.seen.add(plain)
            self.tries += 1
            plan = self.parser.plan(candidate.question, self.calendar)
            if _is_of(plan, candidate.metric) and (meaning := _meaning(plan)) not in self.seen:
                self.seen.add(meaning)
                self.kept.append(candidate)

    def _is_spoken(self, question: str) -> bool:
        """What was said in another language, or a label that is the same in all, makes no question of this one."""
        return language_of(question, self.language) == self.language


def _is_of(plan: Plan, metric: str) -> bool:
    if isinstance(plan, MetricPlan | ListPlan):
        return not metric or metric in plan.query.metrics
    return isinstance(plan, PatternPlan) and not metric


def _meaning(plan: Plan) -> object:
    """The same for two plans that ask for the same thing."""
    if isinstance(plan, MetricPlan | ListPlan):
        return plan.query
    return (plan.name, plan.parameters, plan.period) if isinstance(plan, PatternPlan) else plan


def _plain(question: str) -> str:
    return " ".join(normal(question).strip(" ?!.").split())
