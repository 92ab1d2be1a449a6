"""What the core needs of the world.

Implementations live in `warehouse/` and `adapters/`; tests have fakes of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

# Names of types alone: who needs one port does not load the models of all.
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from dash_agent.models.alarm import Address, Alert, Look, Mute, Precision, Press, Telling, TellingKind
    from dash_agent.models.answer import Answer, Watermark
    from dash_agent.models.asked import ContentUse, Unanswered
    from dash_agent.models.conversation import Compared, Conversation, Wanted
    from dash_agent.models.digest import Issue, IssueKey, Made, Outcome
    from dash_agent.models.job import JobEntry, JobState, Payload, Schedule, Transaction
    from dash_agent.models.learning import Decision, Feedback, Learning, LearningStatus, Offered, RefusedWord
    from dash_agent.models.message import Button, Message
    from dash_agent.models.operations import Operated
    from dash_agent.models.plan import Executable, Plan
    from dash_agent.models.planned import Attempt, Brief, Passage, Planned, Prose, Question, Trial
    from dash_agent.models.principal import Principal, ScopeFilter
    from dash_agent.models.sql import ResultSet, SafeQuery
    from dash_agent.models.usage import Budget, Cost, CostsBy, Usage
    from dash_agent.models.wire import Json


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


@dataclass(frozen=True, slots=True)
class Found:
    """changes: of every table that is watched, what stays the same as long as its rows do. kept: the latest answer
    with the key that was looked for, of which no table has changed since; None where there is none.
    """

    changes: Mapping[str, str]
    kept: Kept | None = None


class Reuse(Protocol):
    """Answers whose rows would come out the same again."""

    def look(self, key: str) -> Found: ...


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
class Session:
    """A conversation of somebody. title: its first question, '' where it has none. last_at: of its latest answer, by
    the database's clock. shared: its link may be opened by others, as far as their rows reach.
    """

    session: str
    user: str
    title: str
    last_at: datetime
    answers: int
    shared: bool = False


class Sessions(Protocol):
    """Kept answers as the conversations that they were given in."""

    def of(self, user: str, words: str = "", limit: int = 50) -> Sequence[Session]:
        """Somebody's, the latest first. words: only those with a question that has all of them, in any case."""
        ...

    def named(self, session: str) -> Sequence[Session]:
        """Those of this id, one for each who asked in it, the latest first: ids are chosen by clients."""
        ...

    def answers(self, user: str, session: str, limit: int = 100) -> Sequence[Kept]:
        """The latest ones, the oldest of them first. Whether somebody else may see one is for the caller to look at."""
        ...

    def share(self, user: str, session: str, shared: bool) -> None:
        """Lets others open somebody's session, or no longer."""
        ...

    def is_shared(self, user: str, session: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Pin:
    """A question that somebody keeps in view. The plan is kept, not its rows.

    plan: without what was read in a question. as_of: when it was made, from which its relative periods are seen;
    `planning.rolling.rolled` gives the plan as of a later moment. language: of the title and of the answers.
    """

    pin_id: str
    title: str
    language: str
    plan: Executable
    as_of: datetime


class Pins(Protocol):
    """What people pinned, in an order of their own."""

    def of(self, user: str) -> Sequence[Pin]:
        """In their order. Pins whose plan can't be read any more are left out."""
        ...

    def add(self, user: str, pin: Pin) -> None:
        """As the last one. Raises WrongUse where somebody has very many."""
        ...

    def remove(self, user: str, pin_id: str) -> bool:
        """False where the user has no such one."""
        ...

    def move(self, user: str, pin_id: str, place: int) -> bool:
        """To a place from 0 on, among the others as they stand; beyond the end is the end. False as of `remove`."""
        ...


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

    def find(self, text: str, limit: int, also: Sequence[str] = ()) -> Sequence[Passage]:
        """The pieces of context nearest to a text, the best first. also: as of `Documents`."""
        ...

    def dry_run(self, plan: Executable) -> Trial:
        """Guard, EXPLAIN and a small sample of rows. What stands against the plan is in the trial, not raised."""
        ...


class Planner(Protocol):
    """A model that plans what the parser can't."""

    def warm_up(self) -> None:
        """Begins to make what the first question would wait for, and returns at once."""
        ...

    def plan(self, question: Question, bench: Workbench, brief: Brief, attempts: Sequence[Attempt] = ()) -> Planned:
        """Does not raise for what a model or its provider does: that is `Planned.problem`.

        attempts: plans for this question that failed when they were run, the oldest first.
        """
        ...

    def tell(self, question: Question, facts: Sequence[str]) -> Prose:
        """A sentence or two on facts. Whether their numbers are the facts' is for the caller to see. Does not raise."""
        ...


class Documents(Protocol):
    """The pieces of context, searched by words and by meaning."""

    def index(self, version: str, passages: Sequence[Passage]) -> None:
        """Keeps what is new of a content version and forgets what is in it no more."""
        ...

    def embed(self) -> None:
        """Finds out the meaning of what is new, which takes seconds. Until then words alone are searched."""
        ...

    def search(self, text: str, limit: int, also: Sequence[str] = ()) -> Sequence[Passage]:
        """The best first. also: texts that an answer might hold, which a model may make up to be found by."""
        ...


class Learnings(Protocol):
    """What was learned, and who decided on it."""

    def version(self) -> int:
        """Changes with every learning that comes, goes or is decided on, after a few seconds at the latest."""
        ...

    def alive(self) -> Sequence[Learning]:
        """Proposed and active ones, expired ones among them, the oldest first."""
        ...

    def all(self, status: LearningStatus | None = None) -> Sequence[Learning]:
        """Of any status where it is None, the newest first."""
        ...

    def get(self, learning_id: str) -> Learning | None: ...

    def propose(self, learning: Learning) -> Learning:
        """Keeps a new one. Where one of this identity, reach and owner is alive, its author backs that one instead.

        Returns what is kept then.
        """
        ...

    def change(self, learning: Learning, decision: Decision, expected: LearningStatus) -> bool:
        """Keeps status, reach, owner, payload, backers and expiry as they are now, with who decided so.

        expected: the status that it had; False, and nothing kept, where it has another meanwhile. Raises WrongUse where
        another one that is alive says the same for the same people.
        """
        ...

    def history(self, learning_id: str) -> Sequence[Decision]:
        """The oldest first."""
        ...

    def used(self, learning_ids: Sequence[str], at: datetime) -> None:
        """Counts a use of each."""
        ...

    def keep_feedback(self, feedback: Feedback) -> None: ...

    def feedback(self, answer_id: str) -> Sequence[Feedback]:
        """The oldest first."""
        ...

    def offered(self, user: str, session: str) -> Offered | None:
        """What the last answer of a session offered, None where it offered nothing."""
        ...

    def refused_words(self, limit: int) -> Sequence[RefusedWord]:
        """Words that questions were refused for lately, the most frequent first."""
        ...


class Spending(Protocol):
    """What models have cost whom, and what they may. A day is the business's, by the database's clock."""

    def is_over(self, user: str) -> bool:
        """Whether a user has used up what models may cost them today."""
        ...

    def note(self, user: str, usage: Usage) -> None:
        """Of what is not kept as an answer; saving an answer notes its usage."""
        ...

    def costs(self, by: CostsBy, since: date | None = None) -> Sequence[Cost]:
        """The dearest first, days in their order. since: the first day, None for all that is kept."""
        ...

    def budgets(self) -> Sequence[Budget]:
        """Of users who have one of their own, or spent something today."""
        ...

    def set_budget(self, user: str, usd_per_day: Decimal | None, by: str) -> None:
        """In place of the usual one. usd_per_day: None for no limit. by: who sets it."""
        ...

    def unset_budget(self, user: str) -> bool:
        """Back to the usual one; False where none was set."""
        ...


class Jobs(Protocol):
    """The only queue. What is put in is run by a worker, at least once, and its end is kept with its effect."""

    def put(self, kind: str, key: str, payload: Payload | None = None, *, run_at: datetime | None = None) -> bool:
        """False where a job of this key is there already, done or not. run_at: not before; None for at once."""
        ...

    def listed(self, state: JobState | None = None, limit: int = 50) -> Sequence[JobEntry]:
        """The newest first; dead ones by when they died."""
        ...

    def counts(self) -> Mapping[tuple[str, JobState], int]:
        """How many jobs of each kind and state are kept."""
        ...

    def retry(self, job_id: int) -> bool:
        """Gives a dead job all its attempts again; False where there is no such one."""
        ...


class Schedules(Protocol):
    """What is due again and again."""

    def listed(self) -> Sequence[Schedule]: ...

    def change(self, name: str, *, cron: str | None = None, enabled: bool | None = None) -> bool:
        """None leaves a thing as it is. What was missed before is not made up for. False where there is no such one."""
        ...


class Audit(Protocol):
    """Who did what, for good."""

    def note(self, user: str, action: str, subject: str, detail: Mapping[str, Json]) -> None: ...


class Messenger(Protocol):
    """Brings messages to a chat, a mailbox or a folder."""

    @property
    def repeatable(self) -> bool:
        """Whether a message that is sent twice under one key arrives once."""
        ...

    def ready(self, to: str, message: Message) -> None:
        """Waits until the other side takes one more, so that nothing is begun that then waits."""
        ...

    def send(self, to: str, message: Message, key: str) -> str | None:
        """The other side's reference, None where it gives none.

        Raises NotSent, or one of its kinds, where it has not left for sure, and InDoubt where nobody knows.
        """
        ...


class Digests(Protocol):
    """Digests that are no files, and what became of every one."""

    def definitions(self) -> Sequence[Mapping[str, object]]:
        """As files of business/digests have them."""
        ...

    def define(self, name: str, definition: Mapping[str, Json], by: str) -> None:
        """In place of the one of that name, if there is one. by: who does."""
        ...

    def forget(self, name: str) -> bool:
        """False where there is no such one."""
        ...

    def get(self, key: IssueKey) -> Issue | None: ...

    def before(self, key: IssueKey) -> Issue | None:
        """The latest that was sent to the same address for an earlier period, None where there is none."""
        ...

    def listed(
        self, digest: str | None = None, limit: int = 50, outcomes: Sequence[Outcome] | None = None
    ) -> Sequence[Issue]:
        """The latest change first, without numbers and messages. digest, outcomes: only those."""
        ...

    def latest(self) -> Sequence[Issue]:
        """Of each digest and address the one that was due last, without numbers and messages."""
        ...

    def note(self, issue: Issue) -> None:
        """Keeps an outcome and why, and leaves numbers and messages as they are."""
        ...

    def keep(self, issue: Issue, made: Made) -> None:
        """Keeps what is going to be sent, before the first message of it is."""
        ...

    def sent(self, transaction: Transaction, key: IssueKey, messages: Sequence[Message]) -> None:
        """That it has arrived, in the transaction that ends its job. Pictures are kept without their bytes."""
        ...


class Alerts(Protocol):
    """What holds for whom, what was told of it, and what they made of it."""

    def hold(self, transaction: Transaction) -> None:
        """Until the transaction's end nobody else decides what is told."""
        ...

    def of(self, transaction: Transaction, address: Address, since: datetime) -> Sequence[Alert]:
        """An address's: those that are open, and those that were seen since; the latest first."""
        ...

    def keep(self, transaction: Transaction, alert: Alert) -> Alert:
        """A new one, or what has become of one: stage, cause, times and what was told last."""
        ...

    def order(
        self, transaction: Transaction, alert_id: int, kind: TellingKind, message: Message, at: datetime
    ) -> Telling:
        """Keeps what is going to be sent, before it is."""
        ...

    def alert(self, alert_id: int) -> Alert | None: ...

    def telling(self, alert_id: int, number: int) -> Telling | None: ...

    def settle(self, transaction: Transaction, telling: Telling) -> None:
        """Keeps outcome and why, with the job's end."""
        ...

    def note(self, telling: Telling) -> None:
        """As `settle`, in a transaction of its own."""
        ...

    def listed(self, *, only_open: bool = False, limit: int = 100) -> Sequence[Alert]:
        """The latest seen first."""
        ...

    def tellings(self, limit: int = 100) -> Sequence[tuple[Alert, Telling]]:
        """What went out or was to, the latest first."""
        ...

    def press(self, press: Press) -> None:
        """One verdict for each who pressed; a later one takes the place of an earlier one."""
        ...

    def verdicts(self, alert_id: int) -> Precision: ...

    def precision(self) -> Mapping[str, Precision]:
        """By rule; rules that nobody has said anything about are not there."""
        ...

    def mutes(self) -> Sequence[Mute]: ...

    def mute(self, mute: Mute, transaction: Transaction | None = None) -> Mute:
        """Keeps one in place of what there is for its rule and address, in its own transaction if none is given."""
        ...

    def unmute(self, rule: str, address: Address | None = None) -> int:
        """How many mutes held or were proposed. address: None for all of them."""
        ...

    def looked(self, look: Look, transaction: Transaction | None = None) -> None: ...

    def looks(self, since: datetime) -> Sequence[Look]:
        """The latest first."""
        ...

    def last_look(self, rules: Sequence[str] = (), scope: str | None = None) -> Look | None:
        """The latest that did not fail; of any of the rules, or of all where none is named. scope: None for any."""
        ...


class Replies(Protocol):
    """Answers to what was pressed below a message. Both do nothing where it is too late."""

    def answer(self, query: str, text: str) -> None:
        """A line that shows up for a moment, up to 200 characters."""
        ...

    def relabel(self, chat: str, message: int, buttons: Sequence[Sequence[Button]]) -> None:
        """Other buttons below a message."""
        ...


class Operations(Protocol):
    """How answering has gone."""

    def lately(self, days: int) -> Operated:
        """days: how many, with today, by the database's clock."""
        ...


class Preferences(Protocol):
    """What people have set for themselves."""

    def language(self, user: str) -> str | None:
        """None where they have chosen none."""
        ...

    def set_language(self, user: str, language: str) -> None: ...


class Questions(Protocol):
    """What people asked. days: back from now, by the database's clock."""

    def uses(self, days: int) -> Sequence[ContentUse]:
        """How often each piece of the content was behind an answer, the most asked for first."""
        ...

    def unanswered(self, principal: Principal, days: int, limit: int = 100) -> Sequence[Unanswered]:
        """Questions that were refused or handed back, by the words that could not be placed; the most frequent first.

        Of everybody's where the principal may see those, else their own. A question with several such words is counted
        for each. Greetings are left out.
        """
        ...


class Conversations(Protocol):
    """What customers and agents wrote. Every call leaves its note in the audit, or nothing is read.

    All raise WrongUse where the principal may not read texts. Rows that are out of their scope are not there.
    """

    def get(self, ticket_id: int, principal: Principal) -> Conversation | None:
        """None where there is no such ticket within the principal's rows."""
        ...

    def listed(self, wanted: Wanted, principal: Principal, limit: int = 50) -> Sequence[Compared]:
        """Tickets whose answers were compared, the latest comparison first. Raises UnknownName for a filter's name."""
        ...


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
    learnings: Learnings | None = None
    reuse: Reuse | None = None
    spending: Spending | None = None
