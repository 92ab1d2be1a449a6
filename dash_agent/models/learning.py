"""What was learned from people's work with the product: a layer of context beside the files.

Nothing here is prose that anybody obeys: a learning names things of the catalogue, or repeats words of a person, which
are told as theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from dash_agent.models.principal import Principal, Role

LAYER = "learning"
"""Of `Source`, where an answer rests on a learning."""


class Target(StrEnum):
    """What words can stand for."""

    METRIC = "metric"
    DIMENSION = "dimension"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Synonym:
    """phrasings: words that mean it, each in one way of writing it. name: of the metric or dimension.

    values: as they are stored, () but for a value.
    """

    phrasings: tuple[str, ...]
    target: Target
    name: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """A question that was answered wrongly, or not at all.

    meant: a question that is read as the person wants, '' where only a plan is known. failed, problem, mended: a plan
    that did not run (SQL, or a plan as JSON), what stood against it, and what ran in its place.
    """

    question: str
    meant: str = ""
    failed: str = ""
    problem: str = ""
    mended: str = ""


@dataclass(frozen=True, slots=True)
class Gotcha:
    """A rule that runs before the next execution. Either part may be missing, not both.

    metric: whose numbers it is about. dimension, without: values that don't count, as they are stored.
    caveat: what to mind, in a person's words. start, end: the days [start, end] that it holds for, None without bounds.
    """

    metric: str
    dimension: str = ""
    without: tuple[str, ...] = ()
    caveat: str = ""
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class PatternCandidate:
    """A statement that answered a question well. name: what its file would be called, without the ending."""

    name: str
    question: str
    sql: str


class Habit(StrEnum):
    """What a person may prefer."""

    PERIOD = "period"
    SPLIT = "split"
    FILTER = "filter"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Preference:
    """What is taken where a question does not say.

    words: of a period, as a question would say it, or the language's code. name: of the dimension.
    values: of a filter, as they are stored.
    """

    habit: Habit
    words: str = ""
    name: str = ""
    values: tuple[str, ...] = ()


Payload = Synonym | Correction | Gotcha | PatternCandidate | Preference


class Kind(StrEnum):
    SYNONYM = "synonym"
    CORRECTION = "correction"
    GOTCHA = "gotcha"
    PATTERN = "pattern"
    PREFERENCE = "preference"


class LearningStatus(StrEnum):
    PROPOSED = "proposed"
    ACTIVE = "active"
    REJECTED = "rejected"
    RETIRED = "retired"

    @property
    def alive(self) -> bool:
        return self in (LearningStatus.PROPOSED, LearningStatus.ACTIVE)


class Reach(StrEnum):
    """Whose answers a learning changes."""

    USER = "user"
    TEAM = "team"
    ALL = "all"


class Origin(StrEnum):
    """Where a learning comes from."""

    CLARIFICATION = "clarification"
    FEEDBACK = "feedback"
    MENDED = "mended"
    TAUGHT = "taught"


AT_ONCE = (Kind.SYNONYM, Kind.CORRECTION, Kind.PREFERENCE)
"""Kinds that their author has before anybody reviewed them. A gotcha changes numbers, a pattern is a file."""

KINDS: dict[type[Payload], Kind] = {
    Synonym: Kind.SYNONYM,
    Correction: Kind.CORRECTION,
    Gotcha: Kind.GOTCHA,
    PatternCandidate: Kind.PATTERN,
    Preference: Kind.PREFERENCE,
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """answer_id: the answer that it comes from, None where none was given. words: as the person said it."""

    words: str = ""
    answer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Learning:
    """owner: the user or team that it is for, '' where it is for all. backers: who else said the same.

    identity: the same for two that say the same. expires: the moment from which it does not hold.
    """

    learning_id: str
    payload: Payload
    status: LearningStatus
    reach: Reach
    owner: str
    author: str
    origin: Origin
    identity: str
    created: datetime
    evidence: Evidence = Evidence()
    backers: tuple[str, ...] = ()
    expires: datetime | None = None
    hits: int = 0
    last_used: datetime | None = None

    @property
    def kind(self) -> Kind:
        return KINDS[type(self.payload)]

    def holds(self, now: datetime) -> bool:
        """Alive and not expired."""
        return self.status.alive and (self.expires is None or now < self.expires)

    def is_for(self, principal: Principal, now: datetime) -> bool:
        """Whether it changes this person's answers: an active one by its reach, a proposed one for who said it."""
        if not self.holds(now):
            return False
        if self.status is LearningStatus.PROPOSED:
            return self.kind in AT_ONCE and principal.user in (self.author, *self.backers)
        match self.reach:
            case Reach.USER:
                return self.owner == principal.user
            case Reach.TEAM:
                return bool(principal.team) and self.owner == principal.team
            case Reach.ALL:
                return True


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided on a learning. what: 'proposed', 'backed', 'approved', 'rejected', 'retired', …"""

    at: datetime
    user: str
    what: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What somebody thought of an answer. score: 1 or -1. learning_id: what was learned from it."""

    answer_id: str
    user: str
    at: datetime
    score: int
    comment: str = ""
    correction: str = ""
    learning_id: str | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """What the last answer of a session offered. words: that it could not place. choices: questions it offered."""

    answer_id: str
    question: str
    status: str
    reason: str
    words: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedWord:
    """Words that questions were refused for. count: of questions. users: how many asked. example: the latest one."""

    words: str
    count: int
    users: int
    example: str
    last: datetime = field(compare=False)


def may_review(principal: Principal) -> bool:
    """Analysts and admins decide on what others propose, and take patches."""
    return principal.role in (Role.ANALYST, Role.ADMIN)


class How(StrEnum):
    """What a learning did to an answer."""

    READ = "read"
    """Words were read as it says."""
    REREAD = "reread"
    """The question was read as another one."""
    LEFT_OUT = "left_out"
    """Rows that don't count were left out."""
    COUNTED = "counted"
    """Rows that don't count otherwise were counted, since the question names them or they can't be left out of it."""
    MIND = "mind"
    """Its caveat is told."""
    UNCHECKED = "unchecked"
    """Whether a statement of a model keeps the rule is not known."""
    PREFERRED = "preferred"
    """What the question did not say was taken from it."""
    MENDED = "mended"
    """The plan is the one that once ran in place of one that failed."""


@dataclass(frozen=True, slots=True)
class Use:
    """A learning that an answer rests on. words: of the question, where it read some."""

    learning: Learning
    how: How
    words: str = ""
