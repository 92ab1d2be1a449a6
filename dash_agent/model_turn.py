"""A model's turn: it plans what the parser could not, until a plan runs, and reads again what the parser has read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from dash_agent.answering import Answering, Asked
from dash_agent.errors import QueryError, WrongUse
from dash_agent.insight import prose
from dash_agent.insight.second_reading import difference, same_values
from dash_agent.models.answer import Answer, DoubleCheck, Engine, Status
from dash_agent.models.plan import (
    AskBack,
    Clarification,
    Executable,
    ListPlan,
    MetricPlan,
    PatternPlan,
    Plan,
    Refusal,
    RefusalReason,
    SqlPlan,
)
from dash_agent.models.planned import Attempt, Brief, Question, Shortfall
from dash_agent.models.principal import Principal
from dash_agent.models.usage import NOTHING, Usage
from dash_agent.planning.briefing import SEEN, briefing
from dash_agent.planning.masking import for_a_model
from dash_agent.planning.submission import Submissions
from dash_agent.ports import Planner, Workbench

TRIES: Final = 3
"""Plans of a model that are run for one question; what stood against one is told to the next."""

NEVER: Final = (
    *(RefusalReason.EMPTY, RefusalReason.TOO_LONG, RefusalReason.UNREADABLE),
    *(RefusalReason.WRITE, RefusalReason.PERSONAL, RefusalReason.INSTRUCTION),
    *(AskBack.GREETING, AskBack.THANKS, AskBack.HELP),
)
"""What the parser says for good: no model is asked."""

Way = Callable[[Plan], Answer]
"""From a plan to its answer. Raises QueryError and WrongUse, which are the model's to mend, and Unavailable."""

Ruled = Callable[[Plan, Principal], Plan]

FailedBefore = Callable[[Plan, Principal], str]


@dataclass(frozen=True, slots=True)
class Turned:
    """answer: None where no plan ran, for the reasons in `shortfalls`, or else in the last of `failed`.

    failed: the plans that did not run, the oldest first.
    """

    answer: Answer | None
    plan: Plan | None = None
    usage: Usage = NOTHING
    failed: tuple[Attempt, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()


class ModelTurn:
    """Of one catalogue and one planner. Thread-safe."""

    def __init__(
        self,
        planner: Planner,
        answering: Answering,
        values: Callable[[], Mapping[str, Sequence[str]]],
        bench: Callable[[Asked], Workbench],
        ruled: Ruled,
        failed_before: FailedBefore,
    ) -> None:
        """values: live ones by dimension, looked up when they are first needed. bench: of whoever asks.
        ruled: a plan with the rules that are about it. failed_before: why a plan is known to fail, '' where it is not.
        """
        self._planner = planner
        self._answering = answering
        self._values = values
        self._bench = bench
        self._ruled = ruled
        self._failed_before = failed_before

    @staticmethod
    def is_final(plan: Plan) -> bool:
        """Whether a model has nothing to add to what the parser says."""
        match plan:
            case Refusal():
                return plan.reason in NEVER
            case Clarification():
                return plan.why in NEVER
            case _:
                return False

    def answer(self, question: Question, asked: Asked, way: Way) -> Turned:
        """A model's plan, run. What the database or a check says against it goes back, TRIES plans in all."""
        question, bench = for_a_model(question), self._bench(asked)
        brief = self._brief(question, bench)
        usage, failed, told = NOTHING, list[Attempt](), set[str]()
        for _ in range(TRIES):
            planned = self._planner.plan(question, bench, brief, failed)
            usage += planned.usage
            plan = planned.plan
            if plan is None:
                return Turned(None, None, usage, tuple(failed), planned.shortfalls)
            failed += planned.attempts
            known = self._failed_before(plan, asked.principal)
            if known and not isinstance(plan, Refusal | Clarification) and known not in told:
                # It is told once; a model that insists may know that things have changed, and is tried.
                told.add(known)
                failed.append(Attempt(plan, known))
                continue
            try:
                answer = replace(way(plan), engine=Engine.LLM, usage=usage)
            except (QueryError, WrongUse) as error:
                if isinstance(plan, Refusal | Clarification):
                    raise
                failed.append(Attempt(plan, str(error), error))
                continue
            answer = self._told(answer, question, asked)
            return Turned(answer, plan, answer.usage, failed=tuple(one for one in failed if one.problem not in told))
        return Turned(None, None, usage, tuple(failed))

    def second_reading(self, answer: Answer, plan: Executable, question: Question, asked: Asked) -> Answer:
        """The answer with what a model's own plan of the question gives: the same values, or what differs.

        Unchanged but for its usage where no model plans, or its plan does not run.
        """
        question, bench = for_a_model(question), self._bench(asked)
        planned = self._planner.plan(question, bench, self._brief(question, bench))
        answer = replace(answer, usage=answer.usage + planned.usage)
        other = self._ruled(planned.plan, asked.principal) if planned.plan is not None else None
        if other is None or isinstance(other, Refusal | Clarification):
            return answer
        return self.compared(answer, plan, other, asked)

    def compared(
        self, answer: Answer, plan: Executable, other: Executable, asked: Asked, *, by_model: bool = True
    ) -> Answer:
        """The answer with how it agrees with another plan's result. by_model: whose the other plan is."""
        if _same(plan, other):
            return replace(answer, double_check=DoubleCheck(agrees=True))
        try:
            self._answering.checked(other, asked.now)
            ran = self._answering.ran(other, asked.principal, asked.now)
        except (QueryError, WrongUse):
            return answer
        if answer.truncated or ran.result.truncated:
            return answer
        if same_values(answer.rows, ran.result.rows):
            return replace(answer, double_check=DoubleCheck(agrees=True))
        told = difference(plan, other, self._answering.wording(asked.language), asked.now, by_model=by_model)
        return replace(answer, double_check=DoubleCheck(agrees=False, difference=told), caveats=(*answer.caveats, told))

    @cached_property
    def _submissions(self) -> Submissions:
        return Submissions(self._answering.model, self._values())

    def _brief(self, question: Question, bench: Workbench) -> Brief:
        calendar, submissions = self._answering.calendar(question.now), self._submissions
        text = briefing(question, self._answering.model.catalog, bench.find(question.text, SEEN), calendar.zone)
        return Brief(text, submissions.schema, lambda submitted: submissions.plan(submitted, calendar))

    def _told(self, answer: Answer, question: Question, asked: Asked) -> Answer:
        """A statement's rows in a model's words, where each number in them is a fact; else in our own."""
        if answer.status is not Status.ANSWERED or not isinstance(answer.plan, SqlPlan) or not answer.facts:
            return answer
        wording = self._answering.wording(asked.language)
        told = self._planner.tell(question, prose.lines(answer.facts, wording))
        answer = replace(answer, usage=answer.usage + told.usage)
        if told.text is None or not prose.holds(told.text, answer.facts, wording):
            return answer
        return replace(answer, text=told.text)


def _same(one: Executable, other: Executable) -> bool:
    """Whether two plans ask the same, however they came to it."""
    if isinstance(one, PatternPlan) and isinstance(other, PatternPlan):
        return (one.name, one.parameters) == (other.name, other.parameters)
    if isinstance(one, MetricPlan | ListPlan) and isinstance(other, MetricPlan | ListPlan):
        return one.query == other.query
    return False
