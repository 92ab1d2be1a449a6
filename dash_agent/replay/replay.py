"""A kept answer's plan run again, as of its own now, and what of data, definitions and engine moved the result.

The three are told apart by runs: the kept SQL on today's data, today's SQL of the plan by the content of then, and by
today's. Each passes today's guard, in the asker's row scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from dash_agent.answering import Ran
from dash_agent.ask import Dash
from dash_agent.errors import ContentError, QueryError, UnknownName, WrongUse
from dash_agent.models.answer import Status, Watermark
from dash_agent.models.plan import Clarification, Executable, MetricPlan, Plan, Refusal, SqlPlan
from dash_agent.models.principal import Principal, Role, ScopeFilter
from dash_agent.models.wire import Json, cell_json, plan_from_json, plan_json
from dash_agent.ports import Answers, Contents, Kept
from dash_agent.preview.metric import NotKept
from dash_agent.replay.content import then
from dash_agent.replay.definitions import Moved, moved
from dash_agent.semantic.marks import Since
from dash_agent.sql.version import ENGINE


class Cause(StrEnum):
    """What differs. SCOPE: who asks sees other rows than who asked then. PLAN: the question is read otherwise."""

    DATA = "data"
    DEFINITION = "definition"
    ENGINE = "engine"
    SCOPE = "scope"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Come:
    """One table's watermark, and what has become of its rows; None where that can't be told."""

    mark: Watermark
    since: Since | None


@dataclass(frozen=True, slots=True)
class Value:
    """A result on the way from then to now. rows: as JSON has them, () where it is not a single row."""

    step: str
    rows: Json


@dataclass(frozen=True, slots=True)
class Replay:
    """same: whether the result, or for a question that was not answered its reading, is what it was.

    causes: what moved it, in the order of the proofs; a difference that moved nothing is among `idle`.
    values: single rows as kept ('then'), by the kept SQL now ('data'), by today's SQL of the content of then
    ('engine'), by today's content ('now'). came: of the tables that the answer was counted from.
    others: content files that changed and are no part of it. failed: today's error.
    unproven: why causes can't be told apart; is_content_bad: it is about the content of then.
    """

    answer_id: str
    language: str
    question: str | None
    as_of: datetime
    same: bool
    causes: tuple[Cause, ...] = ()
    idle: tuple[Cause, ...] = ()
    values: tuple[Value, ...] = ()
    row_counts: tuple[int, int] | None = None
    came: tuple[Come, ...] = ()
    definitions: tuple[Moved, ...] = ()
    others: tuple[str, ...] = ()
    engines: tuple[str, str] | None = None
    statements: tuple[str, str] | None = None
    plans: tuple[Json, Json] | None = None
    scopes: tuple[tuple[ScopeFilter, ...], tuple[ScopeFilter, ...]] | None = None
    is_state: bool = False
    is_content_bad: bool = False
    unproven: str = ""
    failed: str = ""


def replay(dash: Dash, answers: Answers, contents: Contents | None, answer_id: str, principal: Principal) -> Replay:
    """Raises UnknownName where there is no such answer, or it is somebody else's; Unavailable."""
    kept = answers.kept(answer_id)
    if kept is None or not may_see(principal, kept):
        raise UnknownName("answer", answer_id[:40])
    plan = plan_from_json(kept.answer["plan"])
    if isinstance(plan, Clarification | Refusal) or kept.answer["status"] != Status.ANSWERED:
        return _asked_again(dash, kept, plan, principal)
    return _Replaying(dash, contents, kept, plan, _narrowed(principal, kept)).replay()


def may_see(principal: Principal, kept: Kept) -> bool:
    return principal.role is Role.ADMIN or principal.user == kept.user


def _narrowed(principal: Principal, kept: Kept) -> Principal:
    """Who sees all rows is narrowed to those that the answer was counted from; nobody ever sees more than their own."""
    return principal if principal.scope else replace(principal, scope=kept.scope)


@dataclass(frozen=True, slots=True)
class _Again:
    """A plan by some content, today. ran: None where it failed, and `error` says why."""

    statement: str
    ran: Ran | None
    error: str = ""


class _Replaying:
    """One replay of an answer that has rows."""

    def __init__(
        self, dash: Dash, contents: Contents | None, kept: Kept, plan: Executable, principal: Principal
    ) -> None:
        self.dash, self.kept, self.plan, self.principal = dash, kept, plan, principal
        answer = kept.answer
        self.now = datetime.fromisoformat(str(answer["as_of"]))
        receipt = answer["receipt"]
        assert isinstance(receipt, Mapping)
        version, self.hash = str(receipt["context_version"]), str(receipt["result_hash"])
        files = contents.files(version) if contents is not None else None
        self.then = then(version, files, dash.catalog)
        self.sql = kept.statement or str(answer["sql"])

    def replay(self) -> Replay:
        today = self.again(self.dash, self.plan)
        found = replace(self.described(), others=self.others(()), failed=today.error)
        if self.principal.scope != self.kept.scope:
            scopes = (self.kept.scope, self.principal.scope)
            same = today.ran is not None and self.is_same(today.ran)
            return replace(found, same=same, causes=() if same else (Cause.SCOPE,), scopes=scopes)
        if today.statement == self.sql and today.ran is not None:
            return self.by_data_alone(found, today.ran)
        return self.by_runs(found, today)

    def described(self) -> Replay:
        answer = self.kept.answer
        question = answer["question"]
        return Replay(
            answer_id=str(answer["answer_id"]),
            language=str(answer["language"]),
            question=question if isinstance(question, str) else None,
            as_of=self.now,
            same=False,
        )

    def by_data_alone(self, found: Replay, today: Ran) -> Replay:
        """The statement is the one of then."""
        definitions = self.definitions()
        found = replace(found, definitions=definitions, others=self.others(definitions))
        idle = (Cause.DEFINITION,) if definitions else ()
        if self.is_same(today):
            return replace(found, same=True, idle=idle)
        return replace(
            found,
            causes=(Cause.DATA,),
            idle=idle,
            values=self.values(data=today, now=today),
            row_counts=(len(self.rows()), len(today.result.rows)),
            came=self.came(self.dash),
            is_state=self.is_state(),
        )

    def by_runs(self, found: Replay, today: _Again) -> Replay:
        """The statement is another: by the kept one, and by today's for the content of then."""
        definitions = self.definitions()
        old = self.over_then()
        engine = self.again(old, self.plan) if old is not None else None
        data = self.again(self.dash, SqlPlan(self.sql))
        if data.ran is None and engine is not None and engine.statement == self.sql:
            data = engine
        is_engine = engine is not None and engine.statement != self.sql
        is_definition = bool(definitions) or engine is None or engine.statement != today.statement
        steps = [
            (Cause.DATA, None, data.ran),
            (Cause.ENGINE, data.ran, engine.ran if engine else data.ran),
            (Cause.DEFINITION, engine.ran if engine else data.ran, today.ran),
        ]
        present = {Cause.DATA: False, Cause.ENGINE: is_engine, Cause.DEFINITION: is_definition}
        moved_by = [
            cause
            for cause, before, after in steps
            if (after is None and present[cause])
            or (after is not None and not (self.is_same(after) if before is None else _is_same(before, after)))
        ]
        same = today.ran is not None and self.is_same(today.ran)
        idle = tuple(cause for cause, is_there in present.items() if is_there and cause not in moved_by)
        return replace(
            found,
            same=same,
            causes=tuple(moved_by),
            idle=idle,
            values=self.values(data=data.ran, engine=engine.ran if engine and is_engine else None, now=today.ran),
            row_counts=(len(self.rows()), len(today.ran.result.rows)) if today.ran else None,
            came=self.came(old or self.dash) if Cause.DATA in moved_by else (),
            definitions=definitions,
            others=self.others(definitions),
            engines=(self.kept.engine, ENGINE) if is_engine else None,
            statements=(self.sql, today.statement),
            is_state=self.is_state(),
            is_content_bad=not data.error and bool(self.then.reason),
            unproven=data.error or ("" if engine is not None else self.then.reason or "content"),
        )

    def again(self, dash: Dash, plan: Executable) -> _Again:
        statement = ""
        try:
            statement = dash.statement(plan, self.now)
            return _Again(statement, dash.ran(plan, self.principal, self.now))
        except (QueryError, WrongUse, ContentError) as error:
            return _Again(statement, None, str(error))
        except KeyError:
            # A pattern by a name that the content no longer has.
            return _Again(statement, None, str(UnknownName("query pattern", getattr(plan, "name", ""))))

    def over_then(self) -> Dash | None:
        if self.then.catalog is None:
            return None
        try:
            return self.dash.over(self.then.catalog, NotKept())
        except ContentError:
            return None

    def definitions(self) -> tuple[Moved, ...]:
        catalog = self.then.catalog
        if catalog is None or catalog is self.dash.catalog:
            return ()
        return moved(catalog, self.dash.catalog, self.plan)

    def others(self, definitions: tuple[Moved, ...]) -> tuple[str, ...]:
        part = {one.file for one in definitions}
        return tuple(file for file in self.then.changed if file not in part)

    def came(self, dash: Dash) -> tuple[Come, ...]:
        marks = self.kept.watermarks
        try:
            since = dash.since(self.plan, marks, self.principal, self.now, self.kept.at)
        except (QueryError, WrongUse, KeyError):
            since = tuple(None for _ in marks)
        return tuple(Come(mark, found) for mark, found in zip(marks, since, strict=True))

    def is_state(self) -> bool:
        if not isinstance(self.plan, MetricPlan):
            return False
        metrics = self.dash.catalog.metrics
        return any(name in metrics and self.dash.catalog.is_state(metrics[name]) for name in self.plan.query.metrics)

    def rows(self) -> list[Json]:
        rows = self.kept.answer["rows"]
        return rows if isinstance(rows, list) else []

    def is_same(self, ran: Ran) -> bool:
        """The kept result; rows in another order are the same ones."""
        if ran.hash == self.hash:
            return True
        return _alike(self.rows(), _rows(ran)) and [c.name for c in ran.result.columns] == self.names()

    def names(self) -> list[str]:
        columns = self.kept.answer["columns"]
        return [str(one["name"]) for one in columns] if isinstance(columns, list) else []

    def values(self, **steps: Ran | None) -> tuple[Value, ...]:
        """Of single rows, which are told; longer results are only counted."""
        kept = self.rows()
        told = [Value("then", kept)]
        told += [Value(step, _rows(ran)) for step, ran in steps.items() if ran is not None]
        return tuple(told) if all(isinstance(v.rows, list) and len(v.rows) == 1 for v in told) else ()


def _asked_again(dash: Dash, kept: Kept, plan: Plan, principal: Principal) -> Replay:
    """A question that was asked back, refused or not answered is planned again; one that failed is run again."""
    answer = kept.answer
    question, now = answer["question"], datetime.fromisoformat(str(answer["as_of"]))
    session = answer["session_id"]
    asker = _narrowed(replace(principal, user=kept.user), kept)
    found = Replay(
        answer_id=str(answer["answer_id"]),
        language=str(answer["language"]),
        question=question if isinstance(question, str) else None,
        as_of=now,
        same=False,
    )
    planned, failed = plan, ""
    if isinstance(question, str) and isinstance(plan, Clarification | Refusal):
        try:
            told = dash.explain(
                question,
                asker,
                session=session if isinstance(session, str) else None,
                now=now,
                language=found.language,
            )
            planned = told.plan or plan
        except QueryError as error:
            failed = str(error)
    elif not isinstance(plan, Clarification | Refusal):
        try:
            dash.ran(plan, asker, now)
        except (QueryError, WrongUse) as error:
            failed = str(error)
    before, after = plan_json(plan), plan_json(planned)
    if not isinstance(plan, Clarification | Refusal):
        return replace(found, same=bool(failed), causes=() if failed else (Cause.DATA,), failed=failed)
    same = before == after and not failed
    return replace(found, same=same, causes=() if same else (Cause.PLAN,), plans=(before, after), failed=failed)


def _is_same(one: Ran, other: Ran) -> bool:
    return one.hash == other.hash or _alike(_rows(one), _rows(other))


def _rows(ran: Ran) -> list[Json]:
    return [[cell_json(cell) for cell in row] for row in ran.result.rows]


def _alike(some: list[Json], others: list[Json]) -> bool:
    return len(some) == len(others) and sorted(map(repr, some)) == sorted(map(repr, others))
