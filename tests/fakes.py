"""Ports without a world behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import sqrt
from zlib import crc32

from dash_agent.errors import QueryTimeout
from dash_agent.models.answer import Answer
from dash_agent.models.sql import ResultSet, SafeQuery
from dash_agent.models.wire import answer_json
from dash_agent.ports import Arrivals, Doubles, Kept, LiveColumn, Turn, Vector


@dataclass
class FakeWarehouse:
    """Gives the same rows to every statement, or fails as told. ran, explained: the statements, in order."""

    result: ResultSet
    failure: Exception | None = None
    ran: list[SafeQuery] = field(default_factory=list)
    explained: list[SafeQuery] = field(default_factory=list)

    def execute(self, query: SafeQuery) -> ResultSet:
        self.ran.append(query)
        if self.failure is not None:
            raise self.failure
        return self.result

    def explain(self, query: SafeQuery) -> None:
        self.explained.append(query)
        if self.failure is not None:
            raise self.failure


@dataclass
class FakeIntrospection:
    """values: distinct ones by (table, column). slow: columns that take too long to look through."""

    values: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    tables: Mapping[str, Sequence[LiveColumn]] = field(default_factory=dict)
    newest_at: datetime | None = None
    slow: frozenset[tuple[str, str]] = frozenset()

    def columns(self) -> Mapping[str, Sequence[LiveColumn]]:
        return self.tables

    def distinct_values(self, table: str, column: str, limit: int) -> Sequence[str] | None:
        if (table, column) in self.slow:
            raise QueryTimeout("a look at the warehouse took longer than 5 seconds")
        found = sorted(self.values.get((table, column), ()))
        return found if len(found) <= limit else None

    def newest(self, table: str, column: str) -> datetime | None:
        return self.newest_at


@dataclass
class FakeAnswers:
    """at: when they are kept, by the clock of the database that is not there."""

    saved: dict[str, Kept] = field(default_factory=dict)
    at: datetime = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def save(self, answer: Answer, user: str) -> None:
        told = answer_json(answer)
        if answer.receipt is None:
            self.saved[answer.answer_id] = Kept(told, user, self.at)
            return
        receipt = answer.receipt
        self.saved[answer.answer_id] = Kept(
            told, user, self.at, receipt.engine, receipt.scope, receipt.statement, receipt.watermarks
        )

    def get(self, answer_id: str) -> Mapping[str, object] | None:
        found = self.saved.get(answer_id)
        return found.answer if found else None

    def kept(self, answer_id: str) -> Kept | None:
        return self.saved.get(answer_id)


@dataclass
class FakeContents:
    kept: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def keep(self, version: str, files: Mapping[str, str]) -> None:
        self.kept.setdefault(version, dict(files))

    def files(self, version: str) -> Mapping[str, str] | None:
        return self.kept.get(version)


@dataclass
class FakePreflight:
    """Tells of every table what it was given. looks: tables that were looked at, in order."""

    came: Mapping[str, Arrivals] = field(default_factory=dict)
    twice: Mapping[str, Doubles] = field(default_factory=dict)
    failure: Exception | None = None
    looks: list[str] = field(default_factory=list)

    def arrivals(self, table: str, time: str, now: datetime) -> Arrivals:
        self.looks.append(table)
        if self.failure is not None:
            raise self.failure
        return self.came.get(table, Arrivals(None))

    def doubles(self, table: str, key: Sequence[str], time: str, now: datetime) -> Doubles | None:
        return self.twice.get(table, Doubles(0))


@dataclass
class FakeTurns:
    kept: dict[tuple[str, str], Turn] = field(default_factory=dict)

    def last(self, user: str, session: str) -> Turn | None:
        return self.kept.get((user, session))

    def append(self, user: str, session: str, turn: Turn) -> None:
        self.kept[user, session] = turn


@dataclass
class CountingIds:
    """'1', '2', '3' …"""

    given: int = 0

    def new(self) -> str:
        self.given += 1
        return str(self.given)


@dataclass
class FakeEmbedder:
    """Texts are near by the words that they share. meanings: what a word counts as. asked: the texts, in order."""

    meanings: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        self.asked.extend(texts)
        return tuple(map(self._vector, texts))

    def _vector(self, text: str) -> Vector:
        parts = [0.0] * 997
        for word in text.lower().split() or [""]:
            parts[crc32(self.meanings.get(word, word).encode()) % len(parts)] += 1
        length = sqrt(sum(part * part for part in parts))
        return Vector(tuple(part / length for part in parts))
