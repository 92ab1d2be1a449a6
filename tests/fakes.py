"""Ports without a world behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import sqrt
from zlib import crc32

from dash_agent.context.ranking import Lexical, fused
from dash_agent.errors import QueryTimeout, WrongUse
from dash_agent.models.answer import Answer
from dash_agent.models.learning import Decision, Feedback, Learning, LearningStatus, Offered, RefusedWord
from dash_agent.models.planned import Passage
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


@dataclass
class FakeDocuments:
    """Searches by words. versions: those that were indexed, in order. failure: raised by every call."""

    versions: list[str] = field(default_factory=list)
    passages: tuple[Passage, ...] = ()
    embedded: bool = False
    failure: Exception | None = None

    def index(self, version: str, passages: Sequence[Passage]) -> None:
        self._fail()
        self.versions.append(version)
        self.passages = tuple(passages)

    def embed(self) -> None:
        self._fail()
        self.embedded = True

    def search(self, text: str, limit: int, also: Sequence[str] = ()) -> Sequence[Passage]:
        self._fail()
        ranked = Lexical(self.passages)
        return fused([ranked.search(one, limit) for one in (text, *also)], limit)

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure


@dataclass
class FakeLearnings:
    """kept: by id, in the order in which they came. said: what answers of sessions offered, by user and session."""

    kept: dict[str, Learning] = field(default_factory=dict)
    decisions: dict[str, list[Decision]] = field(default_factory=dict)
    given: list[Feedback] = field(default_factory=list)
    said: dict[tuple[str, str], Offered] = field(default_factory=dict)
    refused: Sequence[RefusedWord] = ()
    changes: int = 0
    reads: int = 0

    def version(self) -> int:
        return self.changes

    def alive(self) -> Sequence[Learning]:
        self.reads += 1
        return tuple(one for one in self.kept.values() if one.status.alive)

    def all(self, status: LearningStatus | None = None) -> Sequence[Learning]:
        found = [one for one in self.kept.values() if status is None or one.status is status]
        return tuple(sorted(found, key=lambda one: (one.created, one.learning_id), reverse=True))

    def get(self, learning_id: str) -> Learning | None:
        return self.kept.get(learning_id)

    def propose(self, learning: Learning) -> Learning:
        self.changes += 1
        same = self._same(learning)
        if same is None:
            self.kept[learning.learning_id] = learning
            self._decide(learning, Decision(learning.created, learning.author, "proposed", learning.origin))
            if learning.status is LearningStatus.ACTIVE:
                self._decide(learning, Decision(learning.created, learning.author, "approved", "its author's own"))
            return learning
        if learning.author not in (same.author, *same.backers):
            same = self.kept[same.learning_id] = replace(same, backers=(*same.backers, learning.author))
            self._decide(same, Decision(learning.created, learning.author, "backed", learning.origin))
        return same

    def change(self, learning: Learning, decision: Decision, expected: LearningStatus) -> bool:
        before = self.kept.get(learning.learning_id)
        if before is None or before.status is not expected:
            return False
        rival = self._same(learning)
        if learning.status.alive and rival is not None and rival.learning_id != learning.learning_id:
            raise WrongUse(f"another learning says the same as {learning.learning_id} for the same people")
        self.changes += 1
        self.kept[learning.learning_id] = replace(learning, hits=before.hits, last_used=before.last_used)
        self._decide(learning, decision)
        return True

    def history(self, learning_id: str) -> Sequence[Decision]:
        return tuple(self.decisions.get(learning_id, ()))

    def used(self, learning_ids: Sequence[str], at: datetime) -> None:
        for key in set(learning_ids) & set(self.kept):
            one = self.kept[key]
            self.kept[key] = replace(one, hits=one.hits + 1, last_used=max(at, one.last_used or at))

    def keep_feedback(self, feedback: Feedback) -> None:
        self.given.append(feedback)

    def feedback(self, answer_id: str) -> Sequence[Feedback]:
        return tuple(one for one in self.given if one.answer_id == answer_id)

    def offered(self, user: str, session: str) -> Offered | None:
        return self.said.get((user, session))

    def refused_words(self, limit: int) -> Sequence[RefusedWord]:
        return tuple(self.refused[:limit])

    def _same(self, learning: Learning) -> Learning | None:
        place = (learning.identity, learning.reach, learning.owner)
        found = (one for one in self.kept.values() if one.status.alive)
        return next((one for one in found if (one.identity, one.reach, one.owner) == place), None)

    def _decide(self, learning: Learning, decision: Decision) -> None:
        self.decisions.setdefault(learning.learning_id, []).append(decision)
