"""What the core needs of the world.

Implementations live in `warehouse/` and `adapters/`; tests have fakes of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dash_agent.models.answer import Answer, Watermark
from dash_agent.models.plan import Executable, Plan
from dash_agent.models.planned import Attempt, Passage, Planned, Question, Trial
from dash_agent.models.principal import ScopeFilter
from dash_agent.models.sql import ResultSet, SafeQuery


class Warehouse(Protocol):
    """Runs checked statements as the reader."""

    def execute(self, query: SafeQuery) -> ResultSet:
        """Rows of one statement, read-only, within the limits of time, memory, rows and bytes.

        Raises QueryTimeout, QueryTooExpensive, QueryFailed, WarehouseUnavailable.
        """
        ...

    def explain(self, query: SafeQuery) -> None:
        """Plans one statement and runs nothing. Raises what `execute` raises, where planning alone shows it."""
        ...


@dataclass(frozen=True, slots=True)
class LiveColumn:
    """type: PostgreSQL's name as format_type gives it, such as 'timestamp with time zone'."""

    name: str
    type: str
    nullable: bool


class Introspection(Protocol):
    """What the warehouse really holds, seen as the reader."""

    def columns(self) -> Mapping[str, Sequence[LiveColumn]]:
        """Readable columns by table, in the order of the table."""
        ...

    def distinct_values(self, table: str, column: str, limit: int) -> Sequence[str] | None:
        """Distinct non-null values as text, sorted; None where there are more than `limit`."""
        ...

    def newest(self, table: str, column: str) -> datetime | None:
        """The latest time in a column, None for an empty table."""
        ...


@dataclass(frozen=True, slots=True)
class Arrivals:
    """newest: the latest time up to the moment that was looked from, None where there is no row.

    usual: rows in the same hours one to four weeks earlier, each counted up to a few: what came between then and now
    if nothing had stopped.
    """

    newest: datetime | None
    usual: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Doubles:
    """Rows beyond the first of their natural key, among the latest ones. first, last: the span of their times."""

    count: int
    first: datetime | None = None
    last: datetime | None = None


class Preflight(Protocol):
    """Cheap looks at whether a table can be relied on. Both raise QueryError where a look takes too long."""

    def arrivals(self, table: str, time: str, now: datetime) -> Arrivals:
        """How rows came in, up to `now`."""
        ...

    def doubles(self, table: str, key: Sequence[str], time: str, now: datetime) -> Doubles | None:
        """Rows that came twice, up to `now`; None where the key's columns are closed to us."""
        ...


class Clock(Protocol):
    def now(self) -> datetime:
        """An aware datetime."""
        ...


class Ids(Protocol):
    def new(self) -> str:
        """A fresh ULID."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """A receipt as it is kept. answer: the object as it went out. user: who asked. at: when it was kept, by the
    database's clock. engine: '' where none was kept. scope, statement, watermarks: as of `Receipt`.
    """

    answer: Mapping[str, object]
    user: str
    at: datetime
    engine: str = ""
    scope: tuple[ScopeFilter, ...] = ()
    statement: str | None = None
    watermarks: tuple[Watermark, ...] = ()


class Answers(Protocol):
    """Receipts: every answer kept as it was given."""

    def save(self, answer: Answer, user: str) -> None: ...

    def get(self, answer_id: str) -> Mapping[str, object] | None:
        """The answer object as it went out, None where there is none."""
        ...

    def kept(self, answer_id: str) -> Kept | None:
        """The answer with what else is kept of it, None where there is none."""
        ...


class Contents(Protocol):
    """The content files of every version that answers were given by."""

    def keep(self, version: str, files: Mapping[str, str]) -> None:
        """files: texts by path, relative to the content folder. A version that is kept already stays as it is."""
        ...

    def files(self, version: str) -> Mapping[str, str] | None:
        """What was kept, None where it was not."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """A question of a session and what it was read as."""

    question: str
    plan: Plan


class Turns(Protocol):
    """The only memory of follow-ups, by user and session."""

    def last(self, user: str, session: str) -> Turn | None: ...

    def append(self, user: str, session: str, turn: Turn) -> None: ...


@dataclass(frozen=True, slots=True)
class Vector:
    """Where a text lies among meanings: its parts, of length 1 all together."""

    parts: tuple[float, ...]

    def similarity(self, other: Vector) -> float:
        """The cosine: 1 for the same meaning, near 0 for strangers."""
        return sum(one * two for one, two in zip(self.parts, other.parts, strict=True))


class Embedder(Protocol):
    """Puts texts of any language where texts of like meaning lie near."""

    def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """A vector for each text, always the same for the same one. Of a very long text the beginning counts."""
        ...


class Shelf(Protocol):
    """Keeps texts that can be made again, for other processes. It may lose any at any time, and gives none in part."""

    def get(self, name: str, key: str) -> str | None:
        """What was last put under a name, None where that was under another key, or is gone or damaged."""
        ...

    def put(self, name: str, key: str, text: str) -> None:
        """In place of what the name had. Does not fail: what can't be kept is not there."""
        ...


class Workbench(Protocol):
    """What a planner may look at and try. All passes the guard as the one who asks; nothing personal comes out."""

    def find(self, text: str, limit: int) -> Sequence[Passage]:
        """The pieces of context nearest to a text, the best first."""
        ...

    def dry_run(self, plan: Executable) -> Trial:
        """Guard, EXPLAIN and a small sample of rows. What stands against the plan is in the trial, not raised."""
        ...


class Planner(Protocol):
    """A model that plans what the parser can't."""

    def plan(self, question: Question, bench: Workbench, attempts: Sequence[Attempt] = ()) -> Planned:
        """Does not raise for what a model or its provider does: that is `Planned.problem`.

        attempts: plans for this question that failed when they were run, the oldest first.
        """
        ...


class Documents(Protocol):
    """The pieces of context, searched by words and by meaning."""

    def index(self, version: str, passages: Sequence[Passage]) -> None:
        """Keeps what is new of a content version and forgets what is in it no more."""
        ...

    def search(self, text: str, limit: int) -> Sequence[Passage]: ...


@dataclass(frozen=True, slots=True)
class Ports:
    """watermarks: the warehouse again, with less patience: what an answer's receipt is worth waiting for.

    Without one of the next three, receipts tell less, and answers nothing of the data's state. shelf: for what the next
    process need not make again. planner: None where no model is configured.
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
    documents: Documents | None = None
    planner: Planner | None = None
