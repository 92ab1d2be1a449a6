"""What can go wrong, as types.

    DashError
    ├── WrongUse                 the caller's words are off (exit 2)
    │   └── UnknownName          a metric, dimension, value, table … that is not there, with the nearest ones
    ├── ContentError             the analysts' files have problems; all of them are listed (exit 1)
    ├── QueryError               a statement did not end in rows (exit 1)
    │   ├── UnsafeSql            the guard refused it
    │   │   └── OutOfScope       it reads a table that the asker's row scope does not reach
    │   ├── DoubtfulSql          a model wrote it, and its number would not be what it seems
    │   ├── QueryTimeout         it ran longer than the limit
    │   ├── QueryTooExpensive    its estimated cost is over the limit; nothing was run
    │   └── QueryFailed          the database reported an error
    ├── JobError                 a job's attempt ended otherwise than done or failed
    │   ├── LostLease            another worker has the job by now
    │   ├── Interrupted          the worker ends before the job does; it is begun again
    │   ├── PutOff               it is to be tried again later, and that is no failure
    │   ├── NotSent              what was to be sent has not left, for sure
    │   │   ├── Throttled        the other side says when to come again
    │   │   ├── TurnedAway       the other side will never take it: a chat that is gone, or that blocked us
    │   │   └── BadCredentials   the other side does not know us
    │   └── InDoubt              nobody knows whether something was sent, and it can't be sent twice
    └── Unavailable              a service or resource is not there (exit 3)
        ├── WarehouseUnavailable the database can't be reached or started
        ├── DiskFull             no room left for the database
        ├── NoPictures           no browser, or no package, to draw a chart with
        └── WrongSchema          the database is not at the version, or has not the tables, that the content names

Every error says what, where and what next. Bugs stay ordinary exceptions and are not caught.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Self


class DashError(Exception):
    """An error that a person is meant to read.

    `message` says what and where, `hint` what to do next ('' where there is nothing to add).
    `code` is stable and goes out over HTTP and JSON; `exit_code` is the process's. `reason`, `values`: what it was in
    particular, for whoever is told of it in another language; '' where the code says enough.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.reason = ""
        self.values: Mapping[str, str] = {}

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message

    def because(self, reason: str, **values: object) -> Self:
        self.reason, self.values = reason, {name: str(value) for name, value in values.items()}
        return self


class WrongUse(DashError):
    code = "wrong_use"
    exit_code = 2


class UnknownName(WrongUse):
    """A name that nothing answers to. `suggestions`: the nearest names there are, best first."""

    code = "unknown_name"

    def __init__(self, kind: str, name: str, suggestions: Sequence[str] = ()) -> None:
        near = ", ".join(f"'{s}'" for s in suggestions)
        super().__init__(f"there is no {kind} '{name}'", f"did you mean {near}?" if near else "")
        self.kind = kind
        self.name = name
        self.suggestions = tuple(suggestions)


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of one content file.

    file: path relative to the content folder. place: a JSON path such as `columns[3].type`, or `line 4, column 9`.
    severity: a warning is shown and stops nothing. rule: the stable name of what was broken (docs/rules.md).
    line: in the file, from 1, None where it is not known.
    """

    file: str
    place: str
    message: str
    severity: Literal["error", "warning"] = "error"
    rule: str = ""
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.file}: {self.place}: {self.message}" if self.place else f"{self.file}: {self.message}"


class ContentError(DashError):
    """The content folders do not hold together. `problems` lists every one found, in file order."""

    code = "content_error"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first = str(self.problems[0]) if self.problems else "no problem given"
        more = len(self.problems) - 1
        tail = f" (and {more} more)" if more > 0 else ""
        super().__init__(first + tail, "mend the file and start again")


class QueryError(DashError):
    code = "query_error"


class UnsafeSql(QueryError):
    """The guard's refusal. `message` is the reason, in words a person understands."""

    code = "unsafe_sql"


class OutOfScope(UnsafeSql):
    """table: what was to be read. dimensions: those that the asker is narrowed by. lacking: those it has not."""

    code = "out_of_scope"

    def __init__(self, table: str, dimensions: Sequence[str], lacking: Sequence[str]) -> None:
        super().__init__(
            f"you see rows by {_listed(dimensions)}, and the rows of {table} have no {_listed(lacking, 'or')}: "
            "they are out of your reach"
        )
        self.table = table
        self.dimensions = tuple(dimensions)
        self.lacking = tuple(lacking)


class DoubtfulSql(QueryError):
    """A check of SQL that a model wrote. `kind`: which one, such as 'fan_out'. `about`: what the message names."""

    code = "doubtful_sql"

    def __init__(self, message: str, hint: str = "", kind: str = "", about: Sequence[str] = ()) -> None:
        super().__init__(message, hint)
        self.kind = kind
        self.about = tuple(about)


def _listed(names: Sequence[str], last: str = "and") -> str:
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), names[-1])))


class QueryTimeout(QueryError):
    code = "query_timeout"


class QueryTooExpensive(QueryError):
    code = "query_too_expensive"


class QueryFailed(QueryError):
    """The database's own error. `sqlstate`: its five-letter code, '' where unknown."""

    code = "query_failed"

    def __init__(self, message: str, hint: str = "", sqlstate: str = "") -> None:
        super().__init__(message, hint)
        self.sqlstate = sqlstate


class JobError(DashError):
    code = "job_error"


class LostLease(JobError):
    code = "lost_lease"


class Interrupted(JobError):
    code = "interrupted"


class PutOff(JobError):
    """seconds: until it is tried again."""

    code = "put_off"

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class NotSent(JobError):
    code = "not_sent"


class Throttled(NotSent):
    """seconds: for which the other side takes nothing more."""

    code = "throttled"

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class TurnedAway(NotSent):
    code = "turned_away"


class BadCredentials(NotSent):
    code = "bad_credentials"


class InDoubt(JobError):
    code = "in_doubt"


class Unavailable(DashError):
    code = "unavailable"
    exit_code = 3


class WarehouseUnavailable(Unavailable):
    code = "warehouse_unavailable"


class DiskFull(Unavailable):
    code = "disk_full"


class NoPictures(Unavailable):
    code = "no_pictures"


class WrongSchema(Unavailable):
    code = "wrong_schema"
