"""Ports without a world behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from zlib import crc32

from dash_agent.context.ranking import Lexical, fused
from dash_agent.errors import NotSent, QueryTimeout, TurnedAway, WrongUse
from dash_agent.models.alarm import Address, Alert, Look, Mute, Precision, Press, Telling, TellingKind
from dash_agent.models.alert import Verdict
from dash_agent.models.answer import Answer
from dash_agent.models.asked import SMALL_TALK, ContentUse, Unanswered, sees_questions_of_others
from dash_agent.models.conversation import Compared, Conversation, Wanted
from dash_agent.models.digest import Issue, IssueKey, Made, Outcome
from dash_agent.models.job import Transaction
from dash_agent.models.learning import Decision, Feedback, Learning, LearningStatus, Offered, RefusedWord
from dash_agent.models.message import Letter, Message, message_json
from dash_agent.models.operations import Operated, Service
from dash_agent.models.planned import Passage
from dash_agent.models.principal import Principal, ScopeFilter, sees_texts
from dash_agent.models.sql import ResultSet, SafeQuery
from dash_agent.models.wire import Json, answer_json
from dash_agent.ports import Arrivals, Doubles, Kept, LiveColumn, Pin, Session, Turn, Vector


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


@dataclass
class FakeSessions:
    """Of the answers that a `FakeAnswers` holds, in the order in which they were saved."""

    kept: FakeAnswers
    shared: set[tuple[str, str]] = field(default_factory=set)

    def of(self, user: str, words: str = "", limit: int = 50) -> Sequence[Session]:
        found = (one for one in self._all() if one.user == user)
        wanted = [word.lower() for word in words.split()]
        return tuple(one for one in found if self._says(one, wanted))[:limit]

    def named(self, session: str) -> Sequence[Session]:
        return tuple(one for one in self._all() if one.session == session)

    def answers(self, user: str, session: str, limit: int = 100) -> Sequence[Kept]:
        return tuple(self._of(user, session)[-limit:])

    def share(self, user: str, session: str, shared: bool) -> None:
        (self.shared.add if shared else self.shared.discard)((user, session))

    def is_shared(self, user: str, session: str) -> bool:
        return (user, session) in self.shared

    def _of(self, user: str, session: str) -> list[Kept]:
        saved = self.kept.saved.values()
        return [one for one in saved if (one.user, one.answer["session_id"]) == (user, session)]

    def _all(self) -> list[Session]:
        """The one with the latest answer first."""
        saved = reversed(self.kept.saved.values())
        keys = dict.fromkeys((one.user, str(one.answer["session_id"])) for one in saved if one.answer["session_id"])
        return [self._session(user, session) for user, session in keys]

    def _session(self, user: str, session: str) -> Session:
        found = self._of(user, session)
        title = next((str(one.answer["question"]) for one in found if one.answer["question"]), "")
        return Session(session, user, title, found[-1].at, len(found), (user, session) in self.shared)

    def _says(self, session: Session, wanted: Sequence[str]) -> bool:
        asked = [str(one.answer["question"] or "").lower() for one in self._of(session.user, session.session)]
        return not wanted or any(all(word in question for word in wanted) for question in asked)


@dataclass
class FakePins:
    kept: dict[str, list[Pin]] = field(default_factory=dict)
    most: int = 100

    def of(self, user: str) -> Sequence[Pin]:
        return tuple(self.kept.get(user, ()))

    def add(self, user: str, pin: Pin) -> None:
        pins = self.kept.setdefault(user, [])
        if len(pins) >= self.most:
            raise WrongUse(f"{user} has {len(pins)} pins, which is the most there can be")
        pins.append(pin)

    def remove(self, user: str, pin_id: str) -> bool:
        before = self.kept.get(user, [])
        self.kept[user] = [one for one in before if one.pin_id != pin_id]
        return len(self.kept[user]) < len(before)

    def move(self, user: str, pin_id: str, place: int) -> bool:
        pins = self.kept.get(user, [])
        moved = next((one for one in pins if one.pin_id == pin_id), None)
        if moved is None:
            return False
        pins.remove(moved)
        pins.insert(max(place, 0), moved)
        return True


@dataclass
class FakeQuestions:
    """Over kept answers, as of `now`."""

    kept: list[Kept] = field(default_factory=list)
    now: datetime = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def uses(self, days: int) -> Sequence[ContentUse]:
        found: dict[tuple[str, str], list[Kept]] = {}
        for one in self._since(days):
            for source in one.answer["sources"]:  # type: ignore[attr-defined]
                found.setdefault((source["layer"], source["name"]), []).append(one)
        uses = [ContentUse(*key, *_asked_and_shown(few), max(one.at for one in few)) for key, few in found.items()]
        return tuple(sorted(uses, key=lambda one: (-one.asked, -one.shown, one.layer, one.name)))

    def unanswered(self, principal: Principal, days: int, limit: int = 100) -> Sequence[Unanswered]:
        found: dict[tuple[str, str], list[Kept]] = {}
        for one in self._since(days):
            seen = sees_questions_of_others(principal) or one.user == principal.user
            reason = _reason(one)
            if seen and one.answer["status"] in ("refused", "clarify") and reason not in SMALL_TALK:
                plan = one.answer["plan"] or {}
                for word in {word.lower() for word in plan.get("words", ())} or {""}:  # type: ignore[attr-defined]
                    found.setdefault((word, "" if word else reason), []).append(one)
        told = [_unanswered(word, few) for (word, _), few in found.items()]
        told.sort(key=lambda one: one.words)
        return tuple(sorted(told, key=lambda one: (one.count, one.last), reverse=True)[:limit])

    def _since(self, days: int) -> Sequence[Kept]:
        return [one for one in self.kept if one.at >= self.now - timedelta(days=days)]


def _asked_and_shown(few: Sequence[Kept]) -> tuple[int, int]:
    asked = sum(one.answer["question"] is not None for one in few)
    return asked, len(few) - asked


def _reason(one: Kept) -> str:
    plan: Mapping[str, str] = one.answer["plan"] or {}  # type: ignore[assignment]
    return plan.get("why") or plan.get("reason") or ""


def _unanswered(word: str, few: Sequence[Kept]) -> Unanswered:
    last = max(few, key=lambda one: one.at)
    users = len({one.user for one in few})
    return Unanswered(word, _reason(last), len(few), users, last.at, str(last.answer["question"]))


@dataclass
class FakeConversations:
    """told: by ticket. compared: tickets to choose from. noted: every look, as (user, action, subject).

    Scopes are held on what a conversation says of itself: channel, language and category.
    """

    told: dict[int, Conversation] = field(default_factory=dict)
    compared: list[Compared] = field(default_factory=list)
    noted: list[tuple[str, str, str]] = field(default_factory=list)

    def get(self, ticket_id: int, principal: Principal) -> Conversation | None:
        self._look(principal, "conversation.read", f"ticket {ticket_id}")
        found = self.told.get(ticket_id)
        return found if found is not None and _within(found, principal.scope) else None

    def listed(self, wanted: Wanted, principal: Principal, limit: int = 50) -> Sequence[Compared]:
        self._look(principal, "conversations.listed", "")
        found = [one for one in self.compared if _is_wanted(one, wanted) and _within(one, principal.scope)]
        return tuple(sorted(found, key=lambda one: one.at, reverse=True)[:limit])

    def _look(self, principal: Principal, action: str, subject: str) -> None:
        self.noted.append((principal.user, action, subject))
        if not sees_texts(principal):
            raise WrongUse(f"{principal.user} is a {principal.role}, and admins alone read what customers wrote")


def _is_wanted(one: Compared, wanted: Wanted) -> bool:
    is_meant = wanted.verdict in (None, one.verdict) and wanted.error_type in (None, one.error_type)
    return wanted.start <= one.at < wanted.end and is_meant and _within(one, wanted.within)


def _within(one: Conversation | Compared, scope: Sequence[ScopeFilter]) -> bool:
    said = {"channel": one.channel, "language": one.language, "request_type": one.category}
    return all(said.get(narrowed.dimension) in narrowed.values for narrowed in scope)


@dataclass
class FakeOperations:
    """Over kept answers, as of `now`, whose zone says where days begin."""

    kept: list[Kept] = field(default_factory=list)
    now: datetime = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def lately(self, days: int) -> Operated:
        today = self.now.date()
        found: dict[date, list[Kept]] = {today - timedelta(days=number): [] for number in reversed(range(days))}
        for one in self.kept:
            day = one.at.astimezone(self.now.tzinfo).date()
            if day in found:
                found[day].append(one)
        every = [one for few in found.values() for one in few]
        return Operated(self.now, _service(every), {day: _service(few) for day, few in found.items()})


def _service(kept: Sequence[Kept]) -> Service:
    asked = [one.answer for one in kept if one.answer["question"]]
    ended = Counter(str(answer["status"]) for answer in asked)
    took = [answer["timings_ms"].get("total") for answer in asked]  # type: ignore[attr-defined]
    known = sorted(ms for ms in took if ms is not None)
    return Service(
        len(asked),
        ended["answered"],
        ended["clarify"],
        ended["refused"],
        ended["error"],
        sum((answer["status"], answer["engine"]) == ("answered", "llm") for answer in asked),
        sum(answer["cache"] is not None for answer in asked),
        _percentile(known, 0.5),
        _percentile(known, 0.95),
        len(kept) - len(asked),
    )


def _percentile(values: Sequence[float], share: float) -> float | None:
    """Between the two nearest, as far from each as the share says."""
    if not values:
        return None
    place = share * (len(values) - 1)
    low = values[int(place)]
    high = values[min(int(place) + 1, len(values) - 1)]
    return low + (high - low) * (place - int(place))


@dataclass
class FakePreferences:
    chosen: dict[str, str] = field(default_factory=dict)

    def language(self, user: str) -> str | None:
        return self.chosen.get(user)

    def set_language(self, user: str, language: str) -> None:
        self.chosen[user] = language


class FakeAlerts:
    """Port `Alerts`. Transactions are not looked at."""

    def __init__(self) -> None:
        self._alerts: dict[int, Alert] = {}
        self._tellings: dict[tuple[int, int], Telling] = {}
        self._presses: dict[tuple[int, str, str], Press] = {}
        self._mutes: dict[tuple[str, Address], Mute] = {}
        self._looks: list[Look] = []

    def hold(self, transaction: Transaction) -> None:
        pass

    def of(self, transaction: Transaction, address: Address, since: datetime) -> Sequence[Alert]:
        found = (one for one in self.listed(limit=10_000) if one.address == address)
        return [one for one in found if one.is_open or one.seen_at >= since]

    def keep(self, transaction: Transaction, alert: Alert) -> Alert:
        kept = replace(alert, alert_id=alert.alert_id or len(self._alerts) + 1)
        self._alerts[kept.alert_id] = kept
        return kept

    def order(
        self, transaction: Transaction, alert_id: int, kind: TellingKind, message: Message, at: datetime
    ) -> Telling:
        number = 1 + sum(one == alert_id for one, _ in self._tellings)
        made = Telling(alert_id, number, kind, Outcome.BUILT, "", at, message_json(message))
        self._tellings[alert_id, number] = made
        return made

    def alert(self, alert_id: int) -> Alert | None:
        found = self._alerts.get(alert_id)
        last = [one.outcome for (of, _), one in sorted(self._tellings.items()) if of == alert_id]
        return None if found is None else replace(found, last=last[-1] if last else None)

    def telling(self, alert_id: int, number: int) -> Telling | None:
        return self._tellings.get((alert_id, number))

    def settle(self, transaction: Transaction, telling: Telling) -> None:
        self.note(telling)

    def note(self, telling: Telling) -> None:
        self._tellings[telling.alert_id, telling.number] = telling

    def listed(self, *, only_open: bool = False, limit: int = 100) -> Sequence[Alert]:
        found = [one for number in self._alerts if (one := self.alert(number)) is not None]
        found.sort(key=lambda one: (one.seen_at, one.alert_id), reverse=True)
        return [one for one in found if one.is_open or not only_open][:limit]

    def tellings(self, limit: int = 100) -> Sequence[tuple[Alert, Telling]]:
        told = sorted(self._tellings.values(), key=lambda one: (one.at, one.alert_id, one.number), reverse=True)
        return [(alert, one) for one in told[:limit] if (alert := self.alert(one.alert_id)) is not None]

    def press(self, press: Press) -> None:
        key = press.alert_id, press.chat, press.user
        if key not in self._presses or self._presses[key].order < press.order:
            self._presses[key] = press

    def verdicts(self, alert_id: int) -> Precision:
        return _precision(one for one in self._presses.values() if one.alert_id == alert_id)

    def precision(self) -> Mapping[str, Precision]:
        rules = {self._alerts[one.alert_id].rule for one in self._presses.values()}
        of = {name: [p for p in self._presses.values() if self._alerts[p.alert_id].rule == name] for name in rules}
        return {name: _precision(found) for name, found in sorted(of.items())}

    def mutes(self) -> Sequence[Mute]:
        return sorted(self._mutes.values(), key=lambda one: (one.rule, one.address.channel, one.address.to))

    def mute(self, mute: Mute, transaction: Transaction | None = None) -> Mute:
        before = self._mutes.get((mute.rule, mute.address))
        kept = replace(mute, mute_id=before.mute_id if before else len(self._mutes) + 1)
        self._mutes[mute.rule, mute.address] = kept
        return kept

    def unmute(self, rule: str, address: Address | None = None) -> int:
        gone = [key for key in self._mutes if key[0] == rule and address in (None, key[1])]
        for key in gone:
            del self._mutes[key]
        return len(gone)

    def looked(self, look: Look, transaction: Transaction | None = None) -> None:
        self._looks.append(look)

    def looks(self, since: datetime) -> Sequence[Look]:
        found = sorted(enumerate(self._looks), key=lambda one: (one[1].at, one[0]), reverse=True)
        return [one for _, one in found if one.at >= since]

    def last_look(self, rules: Sequence[str] = (), scope: str | None = None) -> Look | None:
        of = (one for one in self.looks(datetime.min.replace(tzinfo=UTC)) if not one.error)
        return next((o for o in of if scope in (None, o.scope) and (not rules or set(rules) & set(o.rules))), None)


def _precision(presses: Iterable[Press]) -> Precision:
    made = [one.verdict for one in presses]
    return Precision(made.count(Verdict.USEFUL), made.count(Verdict.NOISE))


class FakeDigests:
    """Port `Digests`. Transactions are not looked at; times are a count, so that later is later."""

    def __init__(self) -> None:
        self._definitions: dict[str, Mapping[str, object]] = {}
        self._issues: dict[IssueKey, Issue] = {}
        self._now = datetime(2026, 11, 20, tzinfo=UTC)

    def definitions(self) -> Sequence[Mapping[str, object]]:
        return [self._definitions[name] for name in sorted(self._definitions)]

    def define(self, name: str, definition: Mapping[str, Json], by: str) -> None:
        self._definitions[name] = definition

    def forget(self, name: str) -> bool:
        return self._definitions.pop(name, None) is not None

    def get(self, key: IssueKey) -> Issue | None:
        return self._issues.get(key)

    def before(self, key: IssueKey) -> Issue | None:
        earlier = [
            one
            for one in self._issues.values()
            if one.outcome is Outcome.SENT
            and (one.key.digest, one.key.channel, one.key.address) == (key.digest, key.channel, key.address)
            and one.key.period < key.period
        ]
        return max(earlier, key=lambda one: one.key.period, default=None)

    def listed(
        self, digest: str | None = None, limit: int = 50, outcomes: Sequence[Outcome] | None = None
    ) -> Sequence[Issue]:
        found = [replace(one, numbers=(), messages=()) for one in self._issues.values()]
        found = [one for one in found if digest in (None, one.key.digest)]
        found = [one for one in found if outcomes is None or one.outcome in outcomes]
        return sorted(found, key=lambda one: one.at, reverse=True)[:limit]

    def latest(self) -> Sequence[Issue]:
        found: dict[tuple[str, str, str], Issue] = {}
        for one in sorted(self.listed(limit=10_000), key=lambda one: (one.due, one.at)):
            found[one.key.digest, one.key.channel, one.key.address] = one
        return [found[key] for key in sorted(found)]

    def note(self, issue: Issue) -> None:
        before = self._issues.get(issue.key, replace(issue, numbers=(), messages=()))
        self._put(replace(before, outcome=issue.outcome, why=issue.why))

    def keep(self, issue: Issue, made: Made) -> None:
        told = tuple(message_json(one) for one in made.messages)
        self._put(replace(issue, outcome=Outcome.BUILT, why=made.note, numbers=made.numbers, messages=told))

    def sent(self, transaction: Transaction, key: IssueKey, messages: Sequence[Message]) -> None:
        told = tuple(message_json(one, pictures=False) for one in messages)
        self._put(replace(self._issues[key], outcome=Outcome.SENT, messages=told))

    def _put(self, issue: Issue) -> None:
        self._now += timedelta(seconds=1)
        self._issues[issue.key] = replace(issue, at=self._now)


class FakeMessenger:
    """Port `Messenger`. sent: to whom, what, under which key. away: addresses that won't have it."""

    repeatable = False

    def __init__(self) -> None:
        self.sent: list[tuple[str, Message, str]] = []
        self.away: set[str] = set()

    def ready(self, to: str, message: Message) -> None:
        pass

    def send(self, to: str, message: Message, key: str) -> str | None:
        if isinstance(message, Letter):
            raise NotSent("a letter is nothing for a chat")
        if to in self.away:
            raise TurnedAway(f"the chat {to} does not take messages of this bot any more")
        self.sent.append((to, message, key))
        return str(len(self.sent))
