"""The worker's loop: claim, run, end, each job in a thread of its own.

A lease is renewed for as long as this process lives, so a job is another's a minute after a `kill -9`, and not before.
Effects in our database are kept together with the job's end, so the other begins from nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Condition, Event, Lock, Thread
from time import monotonic
from typing import Final

import structlog

from dash_agent.errors import DashError, InDoubt, Interrupted, LostLease, PutOff, Unavailable, WrongUse
from dash_agent.models.job import Job, JobKind, Transaction
from dash_agent.warehouse.deliveries import SqlDeliveries
from dash_agent.warehouse.jobs import Claim, SqlJobs

logger = structlog.get_logger(__name__)

LONGEST_PAUSE_S: Final = 3600.0
OUTAGE_PAUSE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. lease_s: for which a job is a worker's without a sign of life. poll_s: between two looks at the queue
    where no notice comes. grace_s: for which running jobs may go on when the worker is to end. slots: jobs at a time.
    """

    slots: int = 2
    lease_s: float = 60.0
    poll_s: float = 5.0
    grace_s: float = 20.0


@dataclass(slots=True)
class _Task:
    """Port `Work`."""

    claim: Claim
    jobs: SqlJobs
    deliveries: SqlDeliveries
    stop: Event
    is_ended: bool = False

    @property
    def job(self) -> Job:
        return self.claim.job

    @property
    def is_stopping(self) -> bool:
        return self.stop.is_set()

    def finishing(self) -> AbstractContextManager[Transaction]:
        self.is_ended = True
        return self.jobs.finishing(self.claim)

    def send_once(
        self,
        channel: str,
        recipient: str,
        send: Callable[[str], str | None],
        *,
        repeatable: bool,
        part: str = "",
    ) -> bool:
        key = " ".join(filter(None, (self.job.key, channel, recipient, part)))
        return self.deliveries.once(key, channel, recipient, send, repeatable=repeatable)


@dataclass(slots=True)
class Bell:
    """Wakes whoever waits for work. A ring between a look and the wait is not lost."""

    _rings: int = 0
    _condition: Condition = field(default_factory=Condition)

    def ring(self) -> None:
        with self._condition:
            self._rings += 1
            self._condition.notify_all()

    @property
    def rings(self) -> int:
        return self._rings

    def wait(self, rings: int, seconds: float) -> None:
        """Until it rings beyond the `rings` that were heard, or for so long."""
        with self._condition:
            self._condition.wait_for(lambda: self._rings != rings, timeout=seconds)


class Worker:
    """name: of this process alone. chance: a random number from 0 to 1."""

    def __init__(
        self,
        jobs: SqlJobs,
        deliveries: SqlDeliveries,
        kinds: Mapping[str, JobKind],
        *,
        name: str,
        pace: Pace,
        chance: Callable[[], float],
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        """alive: called several times a second while there is somebody to run a job."""
        self._jobs = jobs
        self._deliveries = deliveries
        self._kinds = kinds
        self._name = name
        self._pace = pace
        self._chance = chance
        self._alive = alive
        self._running: set[int] = set()
        self._lock = Lock()
        self.bell = Bell()

    def run(self, stop: Event, *, drain: bool = False) -> None:
        """Until `stop`, or with `drain` until nothing is due. What runs then may end within the grace."""
        slots = [Thread(target=self._slot, args=(stop, drain), name=f"dash-job-{n}") for n in range(self._pace.slots)]
        over = Event()
        renewing = Thread(target=self._renew, args=(over,), name="dash-lease", daemon=True)
        for thread in (renewing, *slots):
            thread.daemon = True
            thread.start()
        while not stop.is_set() and any(slot.is_alive() for slot in slots):
            self._alive()
            stop.wait(0.2)
        self.bell.ring()
        until = monotonic() + self._pace.grace_s
        for slot in slots:
            slot.join(max(0.0, until - monotonic()))
        over.set()
        if any(slot.is_alive() for slot in slots):
            self._give_up()

    def _give_up(self) -> None:
        """What runs longer than the grace goes back to the queue; its effects end with this process."""
        try:
            released = self._jobs.release(self._name)
        except DashError as error:
            logger.warning("jobs not given back; their leases run out", reason=str(error))
        else:
            logger.warning("jobs given back before their end", jobs=released)

    def _slot(self, stop: Event, drain: bool) -> None:
        while not stop.is_set():
            heard = self.bell.rings
            try:
                claim = self._jobs.claim(self._name, tuple(self._kinds), self._pace.lease_s)
                if claim is not None:
                    self._handle(claim, stop)
                    continue
                pause = self._jobs.next_in(tuple(self._kinds))
            except Unavailable as error:
                logger.warning("the queue can't be reached", reason=str(error))
                stop.wait(OUTAGE_PAUSE_S)
                continue
            except Exception:  # a slot's edge: the others and the next job go on
                logger.exception("a slot of the worker failed")
                stop.wait(OUTAGE_PAUSE_S)
                continue
            if drain:
                return
            nearest = self._pace.poll_s if pause is None else min(max(pause, 0.01), self._pace.poll_s)
            self.bell.wait(heard, nearest)

    def _handle(self, claim: Claim, stop: Event) -> None:
        job, kind = claim.job, self._kinds[claim.job.kind]
        log = logger.bind(job=job.job_id, kind=job.kind, key=job.key, attempt=job.attempt)
        with self._lock:
            self._running.add(job.job_id)
        try:
            self._attempt(claim, kind, stop)
            log.info("job done")
        except LostLease as error:
            log.warning("job left to another worker", reason=str(error))
        finally:
            with self._lock:
                self._running.discard(job.job_id)

    def _attempt(self, claim: Claim, kind: JobKind, stop: Event) -> None:
        """Raises LostLease, and Unavailable where our own database is away: then the lease runs out."""
        job = claim.job
        if job.attempt > kind.attempts:
            self._jobs.bury(claim, f"given up after {kind.attempts} attempts: its worker was lost in the last one")
            return
        task = _Task(claim, self._jobs, self._deliveries, stop)
        try:
            kind.handler(task)
            if not task.is_ended:
                with self._jobs.finishing(claim):
                    pass
        except LostLease:
            raise
        except Interrupted:
            self._jobs.give_back(claim)
        except PutOff as later:
            self._jobs.put_off(claim, str(later), later.seconds)
        except (WrongUse, InDoubt) as error:
            self._jobs.bury(claim, str(error))
        except Exception as error:  # a job's edge: whatever its handler raises is a failed attempt
            logger.exception("job failed", job=job.job_id, kind=job.kind, attempt=job.attempt)
            self._fail(claim, kind, f"{type(error).__name__}: {error}")

    def _fail(self, claim: Claim, kind: JobKind, error: str) -> None:
        if claim.job.attempt >= kind.attempts:
            self._jobs.bury(claim, error)
            return
        pause = min(kind.pause_s * 2 ** (claim.job.attempt - 1), LONGEST_PAUSE_S)
        self._jobs.again(claim, error, pause * (1 - self._chance() / 2))

    def _renew(self, over: Event) -> None:
        while not over.wait(self._pace.lease_s / 3):
            with self._lock:
                running = sorted(self._running)
            try:
                if running:
                    self._jobs.renew(self._name, running, self._pace.lease_s)
            except DashError as error:
                logger.warning("leases not renewed", reason=str(error))
