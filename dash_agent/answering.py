"""From a plan to an answer: SQL tree → guard → run → words. Nothing else in the product runs analytics SQL.

`Answering` is what `ask.Dash` answers through; it knows nothing of questions, turns or kept answers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from dash_agent.context.catalog import Catalog
from dash_agent.context.freshness import DataProblem, Freshness
from dash_agent.errors import OutOfScope, QueryError, QueryTimeout
from dash_agent.insight import charts, doubts, narrative, telling
from dash_agent.insight.failures import failure
from dash_agent.insight.messages import say
from dash_agent.insight.probes import Seen, probes
from dash_agent.insight.wording import Wording
from dash_agent.installed import code_stamp
from dash_agent.models.again import shown_again
from dash_agent.models.answer import Answer, Receipt, Status, Watermark
from dash_agent.models.plan import (
    Clarification,
    Executable,
    MetricPlan,
    Plan,
    Refusal,
    SqlPlan,
)
from dash_agent.models.principal import Principal, ScopeFilter
from dash_agent.models.sql import ResultSet, SafeQuery
from dash_agent.models.wire import cell_json
from dash_agent.ports import Kept, Ports
from dash_agent.reusing import Reusing, agreed, receipt_of
from dash_agent.semantic import marks
from dash_agent.semantic.columns import OutColumn
from dash_agent.sql.run import run
from dash_agent.sql.version import ENGINE
from dash_agent.statements import Statements

if TYPE_CHECKING:
    from dash_agent.semantic.generated.checks import Checked
    from dash_agent.semantic.generated.doubt import Doubt

OnProgress = Callable[[str], None]
Marks = tuple[Watermark, ...]

WORDED_BY: Final = ("insight", "semantic", "sql", "context", "models", "answering", "statements")
"""Packages and modules that make rows and words of a plan."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, as of when (aware), and the answer's language."""

    principal: Principal
    now: datetime
    language: str


@dataclass(slots=True)
class Timer:
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


class Answering:
    """Answers plans by one catalogue. Thread-safe."""

    def __init__(
        self,
        ports: Ports,
        catalog: Catalog,
        *,
        timezone: str,
        row_cap: int,
        lookups: str | None,
        access: Catalog,
        probing: bool,
    ) -> None:
        """As of `ask.Dash`."""
        zone = ZoneInfo(timezone)
        self._statements = Statements(catalog, access, ports.introspection, zone=zone, row_cap=row_cap, lookups=lookups)
        self.model = self._statements.model
        self.calendar = self._statements.calendar
        self._ports = ports
        self._catalog = catalog
        self._zone = zone
        self._probing = probing
        self._freshness = Freshness(catalog, ports.preflight, ports.clock) if ports.preflight else None
        # Without the code, a file that changed between two releases would go on showing the words of the old one.
        code = code_stamp(*WORDED_BY) if ports.reuse is not None else ""
        fixed = (catalog.version, ENGINE, code, probing)
        self._reusing = Reusing(ports.reuse, ports.learnings, self._zone, fixed)
        self._beginnings: dict[tuple[str, tuple[ScopeFilter, ...]], datetime | None] = {}

    def answer(self, plan: Plan, asked: Asked, timer: Timer, on_progress: OnProgress | None = None) -> Answer:
        """A query that fails is an answer of status 'error'. Raises Unavailable."""
        if isinstance(plan, Refusal | Clarification):
            return self._declined(plan, asked, timer)
        try:
            return self._answered(plan, asked, timer, on_progress)
        except QueryError as error:
            return self._failed(plan, error, asked, timer)

    def tried(self, plan: Plan, asked: Asked, timer: Timer, on_progress: OnProgress | None = None) -> Answer:
        """As `answer`, for a plan that can be mended: raises QueryError and WrongUse, which say how, and Unavailable.

        What the asker may not see is no mistake of a plan, and is answered as such.
        """
        if isinstance(plan, Refusal | Clarification):
            return self._declined(plan, asked, timer)
        try:
            return self._answered(plan, asked, timer, on_progress)
        except OutOfScope as error:
            return self._failed(plan, error, asked, timer)

    def explained(self, plan: Plan, asked: Asked, timer: Timer) -> Answer:
        """The reading and SQL of a plan; nothing is run. Raises QueryError."""
        if isinstance(plan, Refusal | Clarification):
            return self._declined(plan, asked, timer)
        safe = self._statements.safe(plan, asked.principal.scope, asked.now)
        answer = self._base(plan, asked, timer, Status.ANSWERED, "")
        return telling.described(answer, plan, safe, self.wording(asked.language), asked.now)

    def wording(self, language: str) -> Wording:
        """How the names and numbers of answers are said in a language."""
        return Wording(self._catalog, language, self._zone)

    def preflight(self, tables: Iterable[str] | None, now: datetime) -> tuple[DataProblem, ...]:
        """As of `ask.Dash`. Raises Unavailable."""
        return self._freshness.preflight(tables, now) if self._freshness is not None else ()

    # Bare results

    def ran(self, plan: Executable, principal: Principal, now: datetime) -> Ran:
        """A plan run bare, through the same guard: no words, no chart, nothing kept. Raises QueryError, WrongUse."""
        result = run(self._statements.safe(plan, principal.scope, now), self._ports.warehouse)
        return Ran(self.statement(plan, now), result, result_hash(result))

    def statement(self, plan: Executable, now: datetime) -> str:
        """The SQL of a plan before any row scope. Raises QueryError, WrongUse."""
        return self._statements.safe(plan, (), now).text

    def since(
        self, plan: Executable, kept: Sequence[Watermark], principal: Principal, now: datetime, at: datetime
    ) -> tuple[marks.Since | None, ...]:
        """What has become of the rows that an answer was counted from, in the order of its watermarks.

        now: the answer's. at: when it was kept. None for a table of which nothing can be told. Raises QueryError.
        """
        found = self._counted(plan, self._statements.tree(plan, now).tables, now)
        if [one.table for one in found] != [mark.table for mark in kept]:
            return tuple(None for _ in kept)
        rows = []
        for one, mark in zip(found, kept, strict=True):
            safe = self._statements.guarded(marks.since(one, mark, now, at), principal.scope, now)
            rows.append(run(safe, self._ports.warehouse).rows[0])
        return tuple(map(marks.since_of, rows))

    def _counted(self, plan: Executable, tables: tuple[str, ...], now: datetime) -> tuple[marks.Counted, ...]:
        return marks.counted(self.model, plan, tables, self.calendar(now))

    def _watermarks(self, plan: Executable, tables: tuple[str, ...], asked: Asked) -> Marks:
        """() where the tables can't be looked at in time: an answer does not fail for its receipt."""
        if self._ports.watermarks is None:
            return ()
        found = self._counted(plan, tables, asked.now)
        if not found:
            return ()
        for counting in (True, False):
            try:
                safe = self._statements.guarded(
                    marks.watermark(found, counting=counting), asked.principal.scope, asked.now
                )
                return marks.watermarks(found, run(safe, self._ports.watermarks).rows[0])
            except QueryTimeout:
                continue
            except QueryError:
                break
        return ()

    # What a model wrote

    def safe(self, plan: Executable, principal: Principal, now: datetime, row_cap: int) -> SafeQuery:
        """The statement of a plan as it may run, for a sample of rows. Raises QueryError, WrongUse."""
        return self._statements.safe(plan, principal.scope, now, row_cap)

    def checked(self, plan: Executable, now: datetime) -> Checked | None:
        """What was read of SQL that the guard lets through, None for other plans. Raises DoubtfulSql, Unavailable."""
        if not isinstance(plan, SqlPlan):
            return None
        checked = self._statements.checks.statement(self.statement(plan, now))
        self._statements.checks.refuse(checked.doubts)
        return checked

    def doubts_of(self, checked: Checked, result: ResultSet) -> tuple[Doubt, ...]:
        """What is to be minded of a statement and its rows. Raises DoubtfulSql for what can't be shown."""
        found = (*checked.doubts, *self._statements.checks.rows(checked, result))
        self._statements.checks.refuse(found)
        return found

    def _minded(self, checked: Checked, result: ResultSet, language: str) -> tuple[str, ...]:
        kinds = dict.fromkeys(doubt.kind for doubt in self.doubts_of(checked, result))
        return tuple(say(language, f"doubt.{kind}", zone=self._zone.key) for kind in kinds)

    # Answers

    def _answered(self, plan: Executable, asked: Asked, timer: Timer, on_progress: OnProgress | None) -> Answer:
        scope, now = asked.principal.scope, asked.now
        tree = self._statements.tree(plan, now)
        timer.done("compile")
        prepared = _Prepared(self._statements.guarded(tree.sql, scope, now), tree.columns, tree.tables)
        checked = self.checked(plan, now)
        timer.done("guard")
        doubtful = self._doubts(plan, prepared.tables, asked)
        # Before all rows: what changes from here on makes the answer one that is not shown again.
        looked = self._reusing.look(plan, prepared.safe, now, asked.language, doubtful)
        timer.done("reuse")
        if looked is not None and looked.kept is not None:
            return self._shown_again(plan, prepared, looked.kept, asked, timer)
        # Before the rows: what comes in between is in the answer, and told as come later, never the other way.
        filled = self._watermarks(plan, prepared.tables, asked)
        timer.done("watermark")
        if on_progress is not None:
            on_progress("running")
        result = run(prepared.safe, self._ports.warehouse)
        timer.done("run")
        if checked is not None:
            doubtful = (*doubtful, *self._minded(checked, result, asked.language))
        data_as_of = self._data_as_of(prepared.tables, asked, filled)
        seen, others = self._probed(plan, result, asked)
        timer.done("probes")
        answer = self._told(plan, prepared, result, seen, doubtful, asked, timer)
        timer.done("insight")
        statement = self.statement(plan, now) if scope else None
        receipt = Receipt(self._catalog.version, data_as_of, result_hash(result), ENGINE, scope, statement, filled)
        if looked is not None and others is not None:
            reusable = looked.reusable(answer, self._within(asked, {*prepared.tables, *others}))
            receipt = replace(receipt, reusable=reusable)
        return replace(answer, receipt=receipt, timings_ms=timer.timings())

    def _shown_again(self, plan: Executable, prepared: _Prepared, kept: Kept, asked: Asked, timer: Timer) -> Answer:
        """A kept answer's rows and words, under this plan's own reading."""
        answer = self._base(plan, asked, timer, Status.ANSWERED, "")
        answer = telling.described(answer, plan, prepared.safe, self.wording(asked.language), asked.now)
        return replace(
            shown_again(answer, kept.answer),
            receipt=receipt_of(kept),
            double_check=agreed(kept),
            cached=str(kept.answer["answer_id"]),
            timings_ms=timer.timings(),
        )

    def _within(self, asked: Asked, tables: set[str]) -> set[str]:
        """With those that rows of a scope may hang on: any that leads to them."""
        return {*tables, *self._catalog.readable} if asked.principal.scope else tables

    def _told(
        self,
        plan: Executable,
        prepared: _Prepared,
        result: ResultSet,
        seen: tuple[Seen, ...],
        doubtful: tuple[str, ...],
        asked: Asked,
        timer: Timer,
    ) -> Answer:
        """Rows as facts, words and a chart, with what is doubtful about the data."""
        wording = self.wording(asked.language)
        answer = self._base(plan, asked, timer, Status.ANSWERED, "")
        answer = telling.described(answer, plan, prepared.safe, wording, asked.now)
        answer = telling.told(answer, plan, prepared.columns, result, wording, asked.now, seen)
        answer = replace(answer, caveats=(*answer.caveats, *doubtful))
        return replace(answer, chart=charts.chart(answer, plan, prepared.columns, wording))

    def _doubts(self, plan: Executable, tables: tuple[str, ...], asked: Asked) -> tuple[str, ...]:
        """What is doubtful about the data, in words."""
        problems = self.preflight(tables, asked.now)
        wording = self.wording(asked.language)
        return doubts.told_of(problems, plan, wording, asked.now, scoped=bool(asked.principal.scope))

    def _probed(self, plan: Executable, result: ResultSet, asked: Asked) -> tuple[tuple[Seen, ...], set[str] | None]:
        """What further queries found, and the tables that they read; one that fails is left out, and what it would
        have told with it: then None for the tables.
        """
        if not self._probing:
            return (), set()
        found, tables, failed = [], set[str](), False
        begins = partial(self._begins, asked)
        for probe in probes(plan, result, self._catalog, self.calendar(asked.now), begins):
            try:
                tree = self._statements.tree(MetricPlan(probe.query), asked.now)
                tables.update(tree.tables)
                safe = self._statements.guarded(tree.sql, asked.principal.scope, asked.now)
                found.append(Seen(probe, tree.columns, run(safe, self._ports.warehouse)))
            except QueryError:
                failed = True
        return tuple(found), None if failed else tables

    def _begins(self, asked: Asked, table: str) -> datetime | None:
        """When a table's rows begin, as far as the principal sees them; looked up once. None where nothing says."""
        key = (table, asked.principal.scope)
        if key not in self._beginnings:
            self._beginnings[key] = self._oldest(asked, table)
        return self._beginnings[key]

    def _oldest(self, asked: Asked, table: str) -> datetime | None:
        column = self._catalog.tables[table].time
        if column is None or self._catalog.tables[table].query is not None:
            return None
        try:
            return self._moment(f'SELECT min("{column}") AS oldest FROM "{table}"', asked)  # noqa: S608  guarded
        except QueryError:
            return None

    def _data_as_of(self, tables: tuple[str, ...], asked: Asked, filled: Marks) -> datetime | None:
        """The newest row time of the first table that was read and has one; of a scope, among its own rows."""
        if filled:
            return next((mark.newest for mark in filled if mark.newest is not None), None)
        for name in tables:
            column = self._catalog.tables[name].time
            if column is not None and asked.principal.scope:
                return self._moment(f'SELECT max("{column}") AS newest FROM "{name}"', asked)  # noqa: S608  guarded
            if column is not None:
                return self._ports.introspection.newest(name, column)
        return None

    def _moment(self, statement: str, asked: Asked) -> datetime | None:
        """The one time that a statement finds. Raises QueryError."""
        found = run(self._statements.guarded(statement, asked.principal.scope, asked.now), self._ports.warehouse).rows[
            0
        ][0]
        return found if isinstance(found, datetime) and found.tzinfo is not None else None

    def _base(self, plan: Plan, asked: Asked, timer: Timer, status: Status, text: str) -> Answer:
        return Answer(
            answer_id=self._ports.ids.new(),
            session_id=None,
            question=None,
            language=asked.language,
            as_of=asked.now,
            status=status,
            text=text,
            plan=plan,
            timings_ms=timer.timings(),
        )

    def _declined(self, plan: Refusal | Clarification, asked: Asked, timer: Timer) -> Answer:
        status = Status.REFUSED if isinstance(plan, Refusal) else Status.CLARIFY
        answer = self._base(plan, asked, timer, status, narrative.refusal(plan, asked.language))
        if isinstance(plan, Refusal):
            return replace(answer, suggestions=plan.suggestions)
        return replace(answer, options=plan.options)

    def _failed(self, plan: Plan, error: QueryError, asked: Asked, timer: Timer) -> Answer:
        if isinstance(error, OutOfScope):
            text = narrative.out_of_scope(error, self.wording(asked.language))
        else:
            text = say(asked.language, "error", message=failure(error, asked.language))
        return replace(self._base(plan, asked, timer, Status.ERROR, text), error_code=error.code)


def result_hash(result: ResultSet) -> str:
    """Of the column names and rows, the same for the same result on any machine."""
    content: Mapping[str, object] = {
        "columns": [column.name for column in result.columns],
        "rows": [[cell_json(cell) for cell in row] for row in result.rows],
    }
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:16]
