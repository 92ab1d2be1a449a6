"""The way of a question, whole: planning → Plan → SQL tree → guard → run → words. Read this first.

`ask` plans and then answers; `answer` takes a plan that is already there; `explain` stops before anything runs.
What is behind the plan stands in `answering`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from dash_agent.answering import Answering, Asked, OnProgress, Ran, Timer
from dash_agent.context.catalog import Catalog
from dash_agent.context.freshness import DataProblem
from dash_agent.context.prices import priced
from dash_agent.context.runtime import live_values
from dash_agent.engines import Answered, Engines, Ways
from dash_agent.insight import learned
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer, Status, Watermark
from dash_agent.models.plan import Executable, Plan
from dash_agent.models.planned import Mended, Question
from dash_agent.models.principal import Principal
from dash_agent.models.usage import Usage
from dash_agent.planning import chain
from dash_agent.planning.learned.taken import Taken, Taking
from dash_agent.planning.parser import Parser
from dash_agent.planning.suggestions import suggestions
from dash_agent.ports import Answers, Planner, Ports, Turn, Workbench
from dash_agent.reusing import as_kept
from dash_agent.semantic.marks import Since
from dash_agent.semantic.time import Calendar

if TYPE_CHECKING:
    from dash_agent.context.documents import Document
    from dash_agent.model_turn import ModelTurn
    from dash_agent.workbench import Library

__all__ = ["Dash", "Ports"]

Heard = Callable[[Answer, Principal], Answer]
HeardMended = Callable[[Mended, Principal], None]


class Dash:
    """Answers questions. Thread-safe; holds no state of a conversation."""

    def __init__(
        self,
        ports: Ports,
        catalog: Catalog,
        *,
        timezone: str,
        row_cap: int = 1_000,
        lookups: str | None = None,
        access: Catalog | None = None,
        probing: bool = True,
        double_check: bool = True,
        knowledge: Callable[[], Iterable[Document]] = tuple,
    ) -> None:
        """lookups: the warehouse's schema of lookups for row scopes, None where it narrows nobody itself.

        access: the catalogue that says who may read what, where `catalog` is not the one in service.
        probing: whether answers look further than their own rows, at the span before and the like.
        double_check: whether a model, where there is one, reads what the parser has read, and results are compared.
        knowledge: reads the knowledge base, when a model first looks something up.
        """
        self._ports = ports
        self._catalog = catalog
        self._access = access or catalog
        self._timezone = timezone
        self._row_cap = row_cap
        self._lookups = lookups
        self._answering = Answering(
            ports,
            catalog,
            timezone=timezone,
            row_cap=row_cap,
            lookups=lookups,
            access=self._access,
            probing=probing,
        )
        self._knowledge = knowledge
        self._taking = Taking(ports.learnings, ports.clock, self._answering.model)
        self._listeners: list[Heard] = []
        self._menders: list[HeardMended] = []
        turn = self._model_turn(ports.planner) if ports.planner is not None else None
        self._engines = Engines(turn, self._answering, self._taking, double_check=double_check, spending=ports.spending)
        self._content_kept = False
        self._lock = Lock()

    def ask(
        self,
        question: str,
        principal: Principal,
        *,
        session: str | None = None,
        now: datetime | None = None,
        engine: str = "auto",
        language: str | None = None,
        on_progress: OnProgress | None = None,
    ) -> Answer:
        """An answer to a question, kept as a receipt, and as a turn where a session is given.

        now: aware; the clock's where it is None. engine: 'auto' asks a model only where one is configured and the
        parser has no plan, or for a second reading; 'grounded' never; 'llm' asks it first. A bad question is a refusal
        and a query that fails an answer of status 'error'; Unavailable is raised where the warehouse is not there.
        """
        timer = Timer()
        asked = self._asked(principal, now, language or self._taking.language(question, principal))
        if on_progress is not None:
            on_progress("planning")
        self._engines.check(engine)
        earlier = self._ports.turns.last(principal.user, session) if session else None
        taken = self._plan(question, asked, earlier)
        timer.done("plan")

        def own() -> Answer:
            return self._answering.answer(taken.plan, asked, timer, on_progress)

        def tried(plan: Plan) -> Answer:
            timer.done("model")
            return self._answering.tried(plan, asked, timer, on_progress)

        made = self._engines.answered(
            _question(question, asked, earlier), asked, taken, engine, Ways(own, tried, on_progress)
        )
        plan = made.taken.plan
        answer = self._with_learned(replace(made.answer, question=question, session_id=session), made.taken)
        answer = replace(answer, usage=self._priced(answer.usage))
        if answer.status is Status.ANSWERED:
            calendar = self._answering.calendar(asked.now)
            asked_next = suggestions(plan, answer.rows, self.parser, calendar, asked.language)
            answer = replace(answer, suggestions=asked_next)
        answer = self._learned(answer, made, principal)
        self._keep(answer, plan, question, principal, session)
        return answer

    def answer(
        self,
        plan: Plan,
        principal: Principal,
        *,
        now: datetime | None = None,
        language: str | None = None,
        session: str | None = None,
    ) -> Answer:
        """The answer to a plan that did not come from a question: a tile's, a digest's, a replay's.

        session: where the plan is an earlier one of it that was changed; the next question goes on from this one.
        """
        taken = self._taking.ruled(plan, principal)
        answer = self._answering.answer(taken.plan, self._asked(principal, now, language), Timer())
        answer = replace(self._with_learned(answer, taken), session_id=session)
        self._save(answer, principal.user)
        if session is not None and isinstance(taken.plan, Executable):
            earlier = self._ports.turns.last(principal.user, session)
            question = earlier.question if earlier is not None else ""
            self._ports.turns.append(principal.user, session, Turn(question, taken.plan))
        return answer

    def explain(
        self,
        question: str,
        principal: Principal,
        *,
        session: str | None = None,
        now: datetime | None = None,
        engine: str = "auto",
        language: str | None = None,
    ) -> Answer:
        """The plan, its reading and the SQL of a question. Nothing is run and nothing is kept."""
        timer = Timer()
        asked = self._asked(principal, now, language or self._taking.language(question, principal))
        self._engines.check(engine)
        earlier = self._ports.turns.last(principal.user, session) if session else None
        taken = self._plan(question, asked, earlier)
        timer.done("plan")

        def explained(plan: Plan) -> Answer:
            return self._answering.explained(plan, asked, timer)

        ways = Ways(lambda: explained(taken.plan), explained, checks=False)
        made = self._engines.answered(_question(question, asked, earlier), asked, taken, engine, ways)
        usage = self._priced(made.answer.usage)
        if usage.calls and self._ports.spending is not None:
            self._ports.spending.note(principal.user, usage)
        answer = replace(made.answer, question=question, session_id=session, usage=usage)
        return self._with_learned(answer, made.taken)

    @property
    def catalog(self) -> Catalog:
        return self._catalog

    def wording(self, language: str) -> Wording:
        """How the names and numbers of answers are said in a language."""
        return self._answering.wording(language)

    def calendar(self, now: datetime) -> Calendar:
        """In the business time zone."""
        return self._answering.calendar(now)

    def preflight(self, tables: Iterable[str] | None = None, now: datetime | None = None) -> tuple[DataProblem, ...]:
        """What is wrong with the data of these tables, of all where it is None. Looks are kept for some minutes.

        Raises Unavailable.
        """
        return self._answering.preflight(tables, now or self._ports.clock.now())

    def over(self, catalog: Catalog, answers: Answers) -> Dash:
        """The same database by another catalogue, with answers kept elsewhere: a preview's. Raises ContentError.

        Who may read which columns and rows stays as the catalogue in service says.
        """
        return Dash(
            replace(
                self._ports,
                answers=answers,
                contents=None,
                preflight=None,
                shelf=None,
                reuse=None,
                learnings=None,
                documents=None,
            ),
            catalog,
            timezone=self._timezone,
            row_cap=self._row_cap,
            lookups=self._lookups,
            access=self._access,
            probing=False,
        )

    def _asked(self, principal: Principal, now: datetime | None, language: str | None) -> Asked:
        return Asked(principal, now or self._ports.clock.now(), language or principal.language)

    # Planning

    @cached_property
    def _parser_made(self) -> Parser:
        values = live_values(self._catalog, self._ports.introspection)
        return Parser(self._answering.model, values, self._ports.embedder, self._ports.shelf)

    @property
    def parser(self) -> Parser:
        """The parser, made at the first question: it reads the live values of small columns."""
        with self._lock:
            return self._parser_made

    def warm_up(self) -> None:
        """Makes now what the first question would wait for; what only a model needs, beside the caller."""
        if self._ports.planner is not None:
            self._ports.planner.warm_up()
        _ = self.parser

    def _plan(self, question: str, asked: Asked, earlier: Turn | None) -> Taken:
        """The parser's."""
        refused = chain.unfit(question)
        if refused is not None:
            return Taken(chain.with_examples(refused, self._catalog.rules.examples, asked.language))
        previous = earlier.plan if earlier else None
        calendar = self._answering.calendar(asked.now)
        return self._taking.plan(question, self.parser, calendar, previous, asked.language, principal=asked.principal)

    @cached_property
    def library(self) -> Library:
        """What a planner looks things up in."""
        from dash_agent.workbench import Library

        return Library(self._catalog, self._ports.introspection, self._ports.documents, self._knowledge)

    def workbench(self, principal: Principal, now: datetime) -> Workbench:
        """What a planner may look at and try for this person, as of a moment."""
        from dash_agent.workbench import Bench

        own = self._taking.passages(principal)
        return Bench(self.library, self._answering, self._ports.warehouse, principal, now, own)

    def _model_turn(self, planner: Planner) -> ModelTurn:
        from dash_agent.model_turn import ModelTurn

        return ModelTurn(
            planner,
            self._answering,
            lambda: live_values(self._catalog, self._ports.introspection),
            lambda asked: self.workbench(asked.principal, asked.now),
            lambda plan, principal: self._taking.ruled(plan, principal).plan,
            self._taking.failed_before,
        )

    def _priced(self, usage: Usage) -> Usage:
        """With what it cost by the price file, on the day that it is, whatever the question's now."""
        return priced(self._catalog.prices, usage, self._today()) if usage.calls else usage

    def _today(self) -> date:
        return self._answering.calendar(self._ports.clock.now()).today

    # Learnings

    def listen(self, heard: Heard) -> None:
        """heard: called with every answer to a question before it is kept, to learn from what came before it.

        It gives the answer back, with what it learned told in it.
        """
        self._listeners.append(heard)

    def listen_mended(self, heard: HeardMended) -> None:
        """heard: called where a model's plan failed and another one of it ran, to learn what mended it."""
        self._menders.append(heard)

    def _with_learned(self, answer: Answer, taken: Taken) -> Answer:
        """The answer with every learning that it rests on named."""
        if not taken.uses or answer.status is not Status.ANSWERED:
            return answer
        return learned.told(answer, taken.uses, self.wording(answer.language))

    def _learned(self, answer: Answer, made: Answered, principal: Principal) -> Answer:
        """The answer with what was learned from it told in it."""
        if answer.status is Status.ANSWERED:
            self._taking.used(made.taken)
        if made.mended is not None:
            for mender in self._menders:
                mender(made.mended, principal)
        for heard in self._listeners:
            answer = heard(answer, principal)
        return answer

    # Keeping

    def _keep(self, answer: Answer, plan: Plan, question: str, principal: Principal, session: str | None) -> None:
        if chain.unfit(question) is not None:
            return
        self._save(answer, principal.user)
        if session is not None and isinstance(plan, Executable):
            self._ports.turns.append(principal.user, session, Turn(question, plan))

    def _save(self, answer: Answer, user: str) -> None:
        """Keeps an answer, and before the first one the content that it was given by."""
        if self._ports.contents is not None and not self._content_kept:
            self._ports.contents.keep(self._catalog.version, self._catalog.files)
            self._content_kept = True
        self._ports.answers.save(as_kept(answer), user)

    # Asking again

    def ran(self, plan: Executable, principal: Principal, now: datetime) -> Ran:
        """A plan run bare, through the same guard: no words, no chart, nothing kept. Raises QueryError, WrongUse."""
        return self._answering.ran(plan, principal, now)

    def statement(self, plan: Executable, now: datetime) -> str:
        """The SQL of a plan before any row scope. Raises QueryError, WrongUse."""
        return self._answering.statement(plan, now)

    def since(
        self, plan: Executable, kept: Sequence[Watermark], principal: Principal, now: datetime, at: datetime
    ) -> tuple[Since | None, ...]:
        """What has become of the rows that an answer was counted from, in the order of its watermarks.

        now: the answer's. at: when it was kept. None for a table of which nothing can be told. Raises QueryError.
        """
        return self._answering.since(plan, kept, principal, now, at)


def _question(text: str, asked: Asked, earlier: Turn | None) -> Question:
    before = (earlier.question, earlier.plan) if earlier is not None else None
    return Question(text, asked.principal, asked.now, asked.language, before)
