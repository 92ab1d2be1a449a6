"""Who plans an answer: the parser alone, a model where the parser declines, or one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dash_agent.answering import Answering, Asked, OnProgress
from dash_agent.errors import WrongUse
from dash_agent.insight.failures import attempted, shortfall
from dash_agent.insight.messages import say
from dash_agent.models.answer import Answer, Status
from dash_agent.models.learning import How
from dash_agent.models.plan import Clarification, Plan, Refusal
from dash_agent.models.planned import Mended, Question
from dash_agent.planning.learned.taken import Taken, Taking
from dash_agent.ports import Spending

if TYPE_CHECKING:
    from dash_agent.model_turn import ModelTurn, Turned, Way


@dataclass(frozen=True, slots=True)
class Ways:
    """own: answers by the parser's plan. tried: by a model's, and raises what a model can mend.

    told: is called when a model's turn begins. checks: whether results of two plans may be compared.
    """

    own: Callable[[], Answer]
    tried: Way
    told: OnProgress | None = None
    checks: bool = True


@dataclass(frozen=True, slots=True)
class Answered:
    """taken: the plan that was answered by. mended: what a model mended on the way, for whoever learns."""

    answer: Answer
    taken: Taken
    mended: Mended | None = None


class Engines:
    """Of one catalogue. model: None where none is configured."""

    def __init__(
        self,
        model: ModelTurn | None,
        answering: Answering,
        taking: Taking,
        *,
        double_check: bool,
        spending: Spending | None = None,
    ) -> None:
        """spending: None where models may cost what they like."""
        self._model = model
        self._spending = spending
        self._answering = answering
        self._taking = taking
        self._double_check = double_check

    def check(self, engine: str) -> None:
        """Raises WrongUse where there is no such engine here."""
        if engine == "llm" and self._model is None:
            raise WrongUse(
                "no model is configured for --engine llm",
                "set OPENAI_API_KEY, OPENAI_BASE_URL or ANTHROPIC_API_KEY, or use --engine grounded",
            )

    def answered(self, question: Question, asked: Asked, taken: Taken, engine: str, ways: Ways) -> Answered:
        """taken: the parser's plan. engine: 'auto', 'grounded' or 'llm'."""
        meant = self._taking.meant(taken)
        if meant:
            # A model is asked what the person means, too, and not left to find it among what was learned.
            question = replace(question, text=meant, previous=None)
        if self._model is None or engine == "grounded" or self._model.is_final(taken.plan):
            return Answered(ways.own(), taken)
        declines = isinstance(taken.plan, Refusal | Clarification)
        if (declines or engine == "llm") and self._is_spent(asked):
            return Answered(self._without_model(ways.own(), asked), taken)
        if isinstance(taken.plan, Refusal | Clarification):
            return self._by_model(self._model, replace(question, declined=taken.plan), asked, taken, ways)
        if engine == "llm":
            return self._by_model(self._model, question, asked, taken, ways)
        answer = ways.own()
        if self._compares(answer, ways) and self._is_spent(asked):
            answer = self._without_model(answer, asked)
        elif self._compares(answer, ways):
            answer = self._model.second_reading(answer, taken.plan, question, asked)
        return Answered(answer, taken)

    def _is_spent(self, asked: Asked) -> bool:
        return self._spending is not None and self._spending.is_over(asked.principal.user)

    def _without_model(self, answer: Answer, asked: Asked) -> Answer:
        return _with_note(answer, say(asked.language, "model.spent"))

    def _compares(self, answer: Answer, ways: Ways) -> bool:
        """A cached answer was compared when it was new."""
        return self._double_check and ways.checks and answer.status is Status.ANSWERED and answer.cached is None

    def _by_model(self, model: ModelTurn, question: Question, asked: Asked, taken: Taken, ways: Ways) -> Answered:
        if ways.told is not None:
            ways.told("model")
        made: list[Taken] = []

        def way(plan: Plan) -> Answer:
            made.append(self._taking.ruled(plan, asked.principal))
            return ways.tried(made[-1].plan)

        turned = model.answer(question, asked, way)
        if turned.answer is None:
            note = _why_not(turned, asked.language)
            return Answered(_with_note(replace(ways.own(), usage=turned.usage), note), taken)
        answer, own = turned.answer, made[-1]
        own = replace(own, uses=(*(use for use in taken.uses if use.how is How.REREAD), *own.uses))
        if isinstance(own.plan, Refusal | Clarification):
            return Answered(answer, own)
        mended = Mended(question.text, own.plan, turned.failed, answer.answer_id) if turned.failed else None
        if not isinstance(taken.plan, Refusal | Clarification) and self._compares(answer, ways):
            answer = model.compared(answer, own.plan, taken.plan, asked, by_model=False)
        return Answered(answer, own, mended if answer.status is Status.ANSWERED else None)


def _why_not(turned: Turned, language: str) -> str:
    if turned.failed:
        return say(language, "model.failed", problem=attempted(turned.failed[-1], language))
    return say(language, "model.absent", problem=shortfall(turned.shortfalls, language))


def _with_note(answer: Answer, note: str) -> Answer:
    """What the parser says by itself, with why no model did."""
    if answer.status is Status.ANSWERED:
        return replace(answer, caveats=(*answer.caveats, note))
    return replace(answer, text=f"{answer.text} {note}")
