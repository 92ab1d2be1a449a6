"""Work that is done later, by the worker: `docs/jobs.md`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from dash_agent.models.wire import Json

Payload = Mapping[str, Json]


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Job:
    """key: of this job alone; what is sent carries it, so that a second attempt is known as one. attempt: from 1."""

    job_id: int
    kind: str
    key: str
    payload: Payload
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class JobEntry:
    """A job as it is listed. attempts: begun ones. error: of the last attempt. ended_at: None while it is not."""

    job: Job
    state: JobState
    attempts: int
    run_at: datetime
    created_at: datetime
    ended_at: datetime | None = None
    error: str | None = None


class Transaction(Protocol):
    """A connection to our database, as the app role, in a transaction."""

    def execute(self, query: Any, params: Any = None, /) -> Any: ...


class Work(Protocol):
    """A job in the hands of its handler."""

    @property
    def job(self) -> Job: ...

    @property
    def is_stopping(self) -> bool:
        """Whether the worker wants to end. A long handler looks now and then, and raises `Interrupted`."""
        ...

    def finishing(self) -> AbstractContextManager[Transaction]:
        """The transaction that ends the job: what is done in it and the job's end are kept together or not at all.

        Raises LostLease where another worker has the job by now: the effect is the other's to make.
        """
        ...

    def send_once(
        self,
        channel: str,
        recipient: str,
        send: Callable[[str], str | None],
        *,
        repeatable: bool,
        part: str = "",
    ) -> bool:
        """Calls `send` with a key of this delivery, unless it was sent before; whether it was called.

        send: returns the other side's reference, None where it gives none. repeatable: whether the other side knows a
        key again. If it does not, a delivery that was begun and cut off raises InDoubt, and a person decides.
        part: tells several that one job sends to one recipient apart.
        """
        ...


Handler = Callable[[Work], None]
"""Ends the job in `Work.finishing`, or else it is ended when the handler returns. What it raises is a failed attempt;
WrongUse is one that no other attempt mends."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """attempts: that are made before the job is a dead letter. pause_s: seconds before the second one, doubled for each
    further one, up to an hour, and shortened by up to half at random. cron: when one is put in by itself, under the
    kind's name; None where others put them in.
    """

    handler: Handler
    attempts: int = 8
    pause_s: float = 2.0
    cron: str | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """cron: five fields, in the business time zone. last_at: the latest time that a job was made for."""

    name: str
    kind: str
    cron: str
    payload: Payload = field(default_factory=dict)
    enabled: bool = True
    last_at: datetime | None = None
