"""The way of a question, whole: planning → Plan → SQL tree → guard → run → words. Read this first.

`ask` plans and then answers; `answer` takes a plan that is already there; `explain` stops before anything runs.
What is behind the plan stands in `answering`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from threading import Lock

from dash_agent.answering import Answering, Asked, OnProgress, Ran, Timer
from dash_agent.context.catalog import Catalog
from dash_agent.context.freshness import DataProblem
from dash_agent.context.runtime import live_values
from dash_agent.errors import WrongUse
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer, Status, Watermark
from dash_agent.models.plan import Executable, ListPlan, MetricPlan, PatternPlan, Plan
from dash_agent.models.principal import Principal
from dash_agent.planning import chain
from dash_agent.planning.parser import Parser
from dash_agent.planning.suggestions import suggestions
from dash_agent.planning.tokens import language_of
from dash_agent.ports import Answers, Ports, Turn
from dash_agent.semantic.marks import Since

__all__ = ["Dash", "Ports"]


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
    ) -> None:
        """lookups: the warehouse's schema of lookups for row scopes, None where it narrows nobody itself.

        access: the catalogue that says who may read what, where `catalog` is not the one in service.
        probing: whether answers look further than their own rows, at the span before and the like.
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

        now: aware; the clock's where it is None. A bad question is a refusal and a query that fails an answer of
        status 'error'; Unavailable is raised where the warehouse is not there.
        """
        timer = Timer()
        asked = self._asked(principal, now, language or language_of(question, principal.language))
        if on_progress is not None:
            on_progress("planning")
        plan = self._plan(question, asked, session, engine)
        timer.done("plan")
        answer = self._answering.answer(plan, asked, timer, on_progress)
        answer = replace(answer, question=question, session_id=session)
        if answer.status is Status.ANSWERED:
            calendar = self._answering.calendar(asked.now)
            asked_next = suggestions(plan, answer.rows, self.parser, calendar, asked.language)
            answer = replace(answer, suggestions=asked_next)
        self._keep(answer, plan, question, principal, session)
        return answer

    def answer(
        self, plan: Plan, principal: Principal, *, now: datetime | None = None, language: str | None = None
    ) -> Answer:
        """The answer to a plan that did not come from a question: a tile's, a digest's, a replay's."""
        answer = self._answering.answer(plan, self._asked(principal, now, language), Timer())
        self._save(answer, principal.user)
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
        asked = self._asked(principal, now, language or language_of(question, principal.language))
        plan = self._plan(question, asked, session, engine)
        timer.done("plan")
        answer = self._answering.explained(plan, asked, timer)
        return replace(answer, question=question, session_id=session)

    @property
    def catalog(self) -> Catalog:
        return self._catalog

    def wording(self, language: str) -> Wording:
        """How the names and numbers of answers are said in a language."""
        return self._answering.wording(language)

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
            replace(self._ports, answers=answers, contents=None, preflight=None, shelf=None),
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
        """Makes now what the first question would wait for."""
        _ = self.parser

    def _plan(self, question: str, asked: Asked, session: str | None, engine: str) -> Plan:
        if engine == "llm":
            raise WrongUse("no model is configured for --engine llm", "use --engine grounded")
        refused = chain.unfit(question)
        if refused is not None:
            return chain.with_examples(refused, self._catalog.rules.examples, asked.language)
        turn = self._ports.turns.last(asked.principal.user, session) if session else None
        previous = turn.plan if turn else None
        return chain.plan(question, self.parser, self._answering.calendar(asked.now), previous, asked.language)

    # Keeping

    def _keep(self, answer: Answer, plan: Plan, question: str, principal: Principal, session: str | None) -> None:
        if chain.unfit(question) is not None:
            return
        self._save(answer, principal.user)
        if session is not None and isinstance(plan, MetricPlan | ListPlan | PatternPlan):
            self._ports.turns.append(principal.user, session, Turn(question, plan))

    def _save(self, answer: Answer, user: str) -> None:
        """Keeps an answer, and before the first one the content that it was given by."""
        if self._ports.contents is not None and not self._content_kept:
            self._ports.contents.keep(self._catalog.version, self._catalog.files)
            self._content_kept = True
        self._ports.answers.save(answer, user)

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
