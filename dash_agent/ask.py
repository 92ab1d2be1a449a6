"""The way of a question, whole: planning → Plan → SQL tree → guard → run → words. Read this first.

`ask` plans and then answers; `answer` takes a plan that is already there; `explain` stops before anything runs.
Nothing else in the product runs analytics SQL.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, partial
from threading import Lock
from time import perf_counter
from typing import assert_never
from zoneinfo import ZoneInfo

from dash_agent.context.catalog import Catalog
from dash_agent.context.freshness import DataProblem, Freshness
from dash_agent.context.runtime import live_values
from dash_agent.errors import OutOfScope, QueryError, QueryTimeout, WrongUse
from dash_agent.insight import charts, doubts, narrative, telling
from dash_agent.insight.messages import say
from dash_agent.insight.probes import Seen, probes
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer, Receipt, Status, Watermark
from dash_agent.models.plan import (
    Clarification,
    Executable,
    ListPlan,
    MetricPlan,
    PatternPlan,
    Plan,
    Refusal,
    SqlPlan,
)
from dash_agent.models.principal import Principal, ScopeFilter
from dash_agent.models.sql import ResultSet, SafeQuery
from dash_agent.models.wire import cell_json
from dash_agent.planning import chain
from dash_agent.planning.parser import Parser
from dash_agent.planning.suggestions import suggestions
from dash_agent.planning.tokens import language_of
from dash_agent.ports import (
    Answers,
    Clock,
    Contents,
    Embedder,
    Ids,
    Introspection,
    Preflight,
    Shelf,
    Turn,
    Turns,
    Warehouse,
)
from dash_agent.semantic import marks
from dash_agent.semantic import pattern as pattern_sql
from dash_agent.semantic.columns import OutColumn
from dash_agent.semantic.compile import compile_query
from dash_agent.semantic.lists import compile_list
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.scope import row_rules, through_lookups
from dash_agent.semantic.time import Calendar
from dash_agent.sql.guard import GuardSchema, Moment, Unchecked, guard
from dash_agent.sql.run import run
from dash_agent.sql.version import ENGINE

OnProgress = Callable[[str], None]
Marks = tuple[Watermark, ...]


@dataclass(frozen=True, slots=True)
class Ports:
    """watermarks: the warehouse again, with less patience: what an answer's receipt is worth waiting for.

    Without one of the next three, receipts tell less, and answers nothing of the data's state. shelf: for what the next
    process need not make again.
    """

    warehouse: Warehouse
    introspection: Introspection
    answers: Answers
    turns: Turns
    clock: Clock
    ids: Ids
    embedder: Embedder | None = None
    watermarks: Warehouse | None = None
    contents: Contents | None = None
    preflight: Preflight | None = None
    shelf: Shelf | None = None


@dataclass(slots=True)
class _Timer:
    """Milliseconds by stage."""

    started: float = field(default_factory=perf_counter)
    stages: dict[str, float] = field(default_factory=dict)
    last: float = field(default_factory=perf_counter)

    def done(self, stage: str) -> None:
        now = perf_counter()
        self.stages[stage] = (now - self.last) * 1000
        self.last = now

    def timings(self) -> tuple[tuple[str, float], ...]:
        return (*self.stages.items(), ("total", (perf_counter() - self.started) * 1000))


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A plan turned into a checked statement. columns: of a metric or list plan. tables: that it reads."""

    safe: SafeQuery
    columns: tuple[OutColumn, ...]
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ran:
    """A plan's bare result, for whoever compares. statement: its SQL without a row scope. hash: of the result."""

    statement: str
    result: ResultSet
    hash: str


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
        self._access = access or catalog
        self._probing = probing
        self._catalog = catalog
        self._zone = ZoneInfo(timezone)
        self._row_cap = row_cap
        self._lookups = lookups
        self._model = SemanticModel(catalog)
        self._schemas: dict[tuple[ScopeFilter, ...], GuardSchema] = {}
        self._freshness = Freshness(catalog, ports.preflight, ports.clock) if ports.preflight else None
        self._content_kept = False
        self._beginnings: dict[tuple[str, tuple[ScopeFilter, ...]], datetime | None] = {}
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
        timer = _Timer()
        now = now or self._ports.clock.now()
        language = language or language_of(question, principal.language)
        _tell(on_progress, "planning")
        plan = self._plan(question, principal, session, now, engine, language)
        timer.done("plan")
        answer = self._answered(plan, principal, now, language, timer, on_progress)
        answer = replace(answer, question=question, session_id=session)
        if answer.status is Status.ANSWERED:
            asked_next = suggestions(plan, answer.rows, self.parser, Calendar(now, self._zone), language)
            answer = replace(answer, suggestions=asked_next)
        self._keep(answer, plan, question, principal, session)
        return answer

    def answer(
        self, plan: Plan, principal: Principal, *, now: datetime | None = None, language: str | None = None
    ) -> Answer:
        """The answer to a plan that did not come from a question: a tile's, a digest's, a replay's."""
        now = now or self._ports.clock.now()
        answer = self._answered(plan, principal, now, language or principal.language, _Timer(), None)
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
        timer = _Timer()
        now = now or self._ports.clock.now()
        language = language or language_of(question, principal.language)
        plan = self._plan(question, principal, session, now, engine, language)
        timer.done("plan")
        if isinstance(plan, Refusal | Clarification):
            answer = self._declined(plan, now, language, timer)
        else:
            safe = self._prepared(plan, principal, now).safe
            answer = self._base(plan, now, language, timer, Status.ANSWERED, "")
            answer = telling.described(answer, plan, safe, self.wording(language), now)
        return replace(answer, question=question, session_id=session)

    @property
    def catalog(self) -> Catalog:
        return self._catalog

    def preflight(self, tables: Iterable[str] | None = None, now: datetime | None = None) -> tuple[DataProblem, ...]:
        """What is wrong with the data of these tables, of all where it is None. Looks are kept for some minutes.

        Raises Unavailable.
        """
        if self._freshness is None:
            return ()
        return self._freshness.preflight(tables, now or self._ports.clock.now())

    def over(self, catalog: Catalog, answers: Answers) -> Dash:
        """The same database by another catalogue, with answers kept elsewhere: a preview's. Raises ContentError.

        Who may read which columns and rows stays as the catalogue in service says.
        """
        return Dash(
            replace(self._ports, answers=answers, contents=None, preflight=None, shelf=None),
            catalog,
            timezone=self._zone.key,
            row_cap=self._row_cap,
            lookups=self._lookups,
            access=self._access,
            probing=False,
        )

    # Planning

    @cached_property
    def _parser_made(self) -> Parser:
        values = live_values(self._catalog, self._ports.introspection)
        return Parser(self._model, values, self._ports.embedder, self._ports.shelf)

    @property
    def parser(self) -> Parser:
        """The parser, made at the first question: it reads the live values of small columns."""
        with self._lock:
            return self._parser_made

    def warm_up(self) -> None:
        """Makes now what the first question would wait for."""
        _ = self.parser

    def _plan(
        self, question: str, principal: Principal, session: str | None, now: datetime, engine: str, language: str
    ) -> Plan:
        if engine == "llm":
            raise WrongUse("no model is configured for --engine llm", "use --engine grounded")
        refused = chain.unfit(question)
        if refused is not None:
            return chain.with_examples(refused, self._catalog.rules.examples, language)
        turn = self._ports.turns.last(principal.user, session) if session else None
        previous = turn.plan if turn else None
        return chain.plan(question, self.parser, Calendar(now, self._zone), previous, language)

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
        result = run(self._prepared(plan, principal, now).safe, self._ports.warehouse)
        return Ran(self.statement(plan, now), result, result_hash(result))

    def statement(self, plan: Executable, now: datetime) -> str:
        """The SQL of a plan before any row scope. Raises QueryError, WrongUse."""
        return self._guarded(self._tree(plan, now)[0], (), now).text

    def since(
        self,
        plan: Executable,
        kept: Sequence[Watermark],
        principal: Principal,
        now: datetime,
        at: datetime,
    ) -> tuple[marks.Since | None, ...]:
        """What has become of the rows that an answer was counted from, in the order of its watermarks.

        now: the answer's. at: when it was kept. None for a table of which nothing can be told. Raises QueryError.
        """
        found = self._counted(plan, now)
        if [one.table for one in found] != [mark.table for mark in kept]:
            return tuple(None for _ in kept)
        rows = []
        for one, mark in zip(found, kept, strict=True):
            safe = self._guarded(marks.since(one, mark, now, at), principal.scope, now)
            rows.append(run(safe, self._ports.warehouse).rows[0])
        return tuple(map(marks.since_of, rows))

    def _counted(self, plan: Executable, now: datetime) -> tuple[marks.Counted, ...]:
        tables = self._tree(plan, now)[2]
        return marks.counted(self._model, plan, tables, Calendar(now, self._zone))

    def _watermarks(self, plan: Executable, tables: tuple[str, ...], principal: Principal, now: datetime) -> Marks:
        """() where the tables can't be looked at in time: an answer does not fail for its receipt."""
        if self._ports.watermarks is None:
            return ()
        found = marks.counted(self._model, plan, tables, Calendar(now, self._zone))
        if not found:
            return ()
        for counting in (True, False):
            try:
                safe = self._guarded(marks.watermark(found, counting=counting), principal.scope, now)
                return marks.watermarks(found, run(safe, self._ports.watermarks).rows[0])
            except QueryTimeout:
                continue
            except QueryError:
                break
        return ()

    # Answering

    def _answered(
        self,
        plan: Plan,
        principal: Principal,
        now: datetime,
        language: str,
        timer: _Timer,
        on_progress: OnProgress | None,
    ) -> Answer:
        if isinstance(plan, Refusal | Clarification):
            return self._declined(plan, now, language, timer)
        try:
            tree, columns, tables = self._tree(plan, now)
            timer.done("compile")
            prepared = _Prepared(self._guarded(tree, principal.scope, now), columns, tables)
            timer.done("guard")
            # Before the rows: what comes in between is in the answer, and told as come later, never the other way.
            filled = self._watermarks(plan, prepared.tables, principal, now)
            timer.done("watermark")
            _tell(on_progress, "running")
            result = run(prepared.safe, self._ports.warehouse)
            timer.done("run")
            data_as_of = self._data_as_of(prepared.tables, principal, now, filled)
        except QueryError as error:
            return self._failed(plan, error, now, language, timer)
        wording = self.wording(language)
        answer = self._base(plan, now, language, timer, Status.ANSWERED, "")
        answer = telling.described(answer, plan, prepared.safe, wording, now)
        seen = self._probed(plan, result, principal, now)
        timer.done("probes")
        answer = telling.told(answer, plan, prepared.columns, result, wording, now, seen)
        doubtful = self.preflight(prepared.tables, now)
        told = doubts.told_of(doubtful, plan, wording, now, scoped=bool(principal.scope))
        answer = replace(answer, caveats=(*answer.caveats, *told))
        answer = replace(answer, chart=charts.chart(answer, plan, prepared.columns, wording))
        timer.done("insight")
        statement = self.statement(plan, now) if principal.scope else None
        receipt = Receipt(
            self._catalog.version, data_as_of, result_hash(result), ENGINE, principal.scope, statement, filled
        )
        return replace(answer, receipt=receipt, timings_ms=timer.timings())

    def _probed(self, plan: Executable, result: ResultSet, principal: Principal, now: datetime) -> tuple[Seen, ...]:
        """What further queries found; one that fails is left out, and what it would have told with it."""
        if not self._probing:
            return ()
        found = []
        begins = partial(self._begins, principal, now)
        for probe in probes(plan, result, self._catalog, Calendar(now, self._zone), begins):
            try:
                prepared = self._prepared(MetricPlan(probe.query), principal, now)
                found.append(Seen(probe, prepared.columns, run(prepared.safe, self._ports.warehouse)))
            except QueryError:
                continue
        return tuple(found)

    def _begins(self, principal: Principal, now: datetime, table: str) -> datetime | None:
        """When a table's rows begin, as far as the principal sees them; looked up once. None where nothing says."""
        key = (table, principal.scope)
        if key not in self._beginnings:
            self._beginnings[key] = self._oldest(principal, now, table)
        return self._beginnings[key]

    def _oldest(self, principal: Principal, now: datetime, table: str) -> datetime | None:
        column = self._catalog.tables[table].time
        if column is None or self._catalog.tables[table].query is not None:
            return None
        statement = f'SELECT min("{column}") AS oldest FROM "{table}"'  # noqa: S608  the guard reads it
        try:
            found = run(self._guarded(statement, principal.scope, now), self._ports.warehouse).rows[0][0]
        except QueryError:
            return None
        return found if isinstance(found, datetime) and found.tzinfo is not None else None

    def _prepared(self, plan: Executable, principal: Principal, now: datetime) -> _Prepared:
        """Raises UnsafeSql; OutOfScope where it reads what the principal may not see."""
        tree, columns, tables = self._tree(plan, now)
        return _Prepared(self._guarded(tree, principal.scope, now), columns, tables)

    def _guarded(self, statement: Unchecked, scope: tuple[ScopeFilter, ...], now: datetime) -> SafeQuery:
        return guard(statement, self._schema_for(scope), Moment(now, self._zone.key), row_cap=self._row_cap)

    def _tree(self, plan: Executable, now: datetime) -> tuple[Unchecked, tuple[OutColumn, ...], tuple[str, ...]]:
        """The statement before the guard, its columns, and the tables of the catalogue that it reads."""
        match plan:
            case MetricPlan():
                compiled = compile_query(self._model, plan.query, Calendar(now, self._zone))
                return compiled.tree, compiled.columns, compiled.tables
            case ListPlan():
                compiled = compile_list(self._model, plan.query)
                return compiled.tree, compiled.columns, compiled.tables
            case PatternPlan():
                bound = pattern_sql.bind(self._catalog.patterns[plan.name], dict(plan.parameters), self._catalog.keys)
                return bound.tree, (), tuple(name for name in bound.tables if name in self._catalog.tables)
            case SqlPlan():
                return plan.sql, (), ()
            case _:
                assert_never(plan)

    @property
    def _readable(self) -> Mapping[str, tuple[str, ...]]:
        """Columns by table that both catalogues let be read."""
        allowed = self._access.readable
        return {
            table: tuple(column for column in columns if column in allowed[table])
            for table, columns in self._catalog.readable.items()
            if table in allowed
        }

    def _schema_for(self, scope: tuple[ScopeFilter, ...]) -> GuardSchema:
        """What who has this row scope may read, made once for each."""
        with self._lock:
            schema = self._schemas.get(scope)
            if schema is None:
                rules = row_rules(self._access, scope)
                if self._lookups is not None:
                    rules, _ = through_lookups(rules, self._lookups)
                schema = GuardSchema(self._readable, rules.scope, rules.conditions, rules.lacking)
                self._schemas[scope] = schema
            return schema

    def _base(self, plan: Plan, now: datetime, language: str, timer: _Timer, status: Status, text: str) -> Answer:
        return Answer(
            answer_id=self._ports.ids.new(),
            session_id=None,
            question=None,
            language=language,
            as_of=now,
            status=status,
            text=text,
            plan=plan,
            timings_ms=timer.timings(),
        )

    def _declined(self, plan: Refusal | Clarification, now: datetime, language: str, timer: _Timer) -> Answer:
        status = Status.REFUSED if isinstance(plan, Refusal) else Status.CLARIFY
        answer = self._base(plan, now, language, timer, status, narrative.refusal(plan, language))
        if isinstance(plan, Refusal):
            return replace(answer, suggestions=plan.suggestions)
        return replace(answer, options=plan.options)

    def _failed(self, plan: Plan, error: QueryError, now: datetime, language: str, timer: _Timer) -> Answer:
        if isinstance(error, OutOfScope):
            text = narrative.out_of_scope(error, self.wording(language))
        else:
            text = say(language, "error", message=error.message)
        return replace(self._base(plan, now, language, timer, Status.ERROR, text), error_code=error.code)

    def _data_as_of(
        self, tables: tuple[str, ...], principal: Principal, now: datetime, filled: Marks
    ) -> datetime | None:
        """The newest row time of the first table that was read and has one; of a scope, among its own rows."""
        if filled:
            return next((mark.newest for mark in filled if mark.newest is not None), None)
        for name in tables:
            column = self._catalog.tables[name].time
            if column is not None and principal.scope:
                newest = f'SELECT max("{column}") AS newest FROM "{name}"'  # noqa: S608  the guard reads it
                found = run(self._guarded(newest, principal.scope, now), self._ports.warehouse).rows[0][0]
                return found if isinstance(found, datetime) and found.tzinfo is not None else None
            if column is not None:
                return self._ports.introspection.newest(name, column)
        return None

    def wording(self, language: str) -> Wording:
        """How the names and numbers of answers are said in a language."""
        return Wording(self._catalog, language, self._zone)


def result_hash(result: ResultSet) -> str:
    """Of the column names and rows, the same for the same result on any machine."""
    content: Mapping[str, object] = {
        "columns": [column.name for column in result.columns],
        "rows": [[cell_json(cell) for cell in row] for row in result.rows],
    }
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:16]


def _tell(on_progress: OnProgress | None, stage: str) -> None:
    if on_progress is not None:
        on_progress(stage)
