"""The queue in `app.jobs`, on the app role. Times are the database's, so that all workers go by one clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.types.json import Jsonb

from dash_agent.errors import LostLease
from dash_agent.models.job import Job, JobEntry, JobState, Payload, Transaction
from dash_agent.warehouse.connections import Connections

CHANNEL: Final = "dash_jobs"
"""Of NOTIFY: something may be due."""

PUT: Final = """
    INSERT INTO app.jobs (kind, key, payload, run_at) VALUES (%s, %s, %s, coalesce(%s, now())) ON CONFLICT DO NOTHING
"""
NOTIFY: Final = f"SELECT pg_catalog.pg_notify('{CHANNEL}', '')"
CLAIM: Final = """
    UPDATE app.jobs SET attempts = attempts + 1, locked_by = %(worker)s,
                        locked_until = clock_timestamp() + %(lease)s * interval '1 second'
    WHERE job_id = (
        SELECT job_id FROM app.jobs
        WHERE done_at IS NULL AND dead_at IS NULL AND run_at <= clock_timestamp()
          AND (locked_until IS NULL OR locked_until < clock_timestamp()) AND kind = ANY (%(kinds)s)
        ORDER BY run_at, job_id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING job_id, kind, key, payload, attempts
"""
# Of what may be taken then: a job that waits for its time, or for the end of a lease.
NEXT: Final = """
    SELECT extract(epoch FROM min(greatest(run_at, locked_until)) - clock_timestamp())::float8 FROM app.jobs
    WHERE done_at IS NULL AND dead_at IS NULL AND kind = ANY (%s)
"""
# A row that is locked is being ended; whoever waits for it would keep the other leases from being renewed.
RENEW: Final = """
    UPDATE app.jobs SET locked_until = clock_timestamp() + %(lease)s * interval '1 second'
    WHERE job_id IN (
        SELECT job_id FROM app.jobs WHERE job_id = ANY (%(ids)s) AND locked_by = %(worker)s FOR UPDATE SKIP LOCKED)
"""
HOLD: Final = """
    SELECT FROM app.jobs WHERE job_id = %s AND locked_by = %s AND attempts = %s AND done_at IS NULL FOR UPDATE
"""
DONE: Final = """
    UPDATE app.jobs SET done_at = clock_timestamp(), locked_until = NULL, locked_by = NULL, error = NULL
    WHERE job_id = %s
"""
AGAIN: Final = """
    UPDATE app.jobs SET run_at = clock_timestamp() + %s * interval '1 second', error = %s,
                        locked_until = NULL, locked_by = NULL
    WHERE job_id = %s
"""
DEAD: Final = """
    UPDATE app.jobs SET dead_at = clock_timestamp(), error = %s, locked_until = NULL, locked_by = NULL
    WHERE job_id = %s
"""
RELEASE: Final = """
    UPDATE app.jobs SET attempts = attempts - 1, locked_until = NULL, locked_by = NULL
    WHERE job_id IN (SELECT job_id FROM app.jobs WHERE locked_by = %s AND done_at IS NULL FOR UPDATE SKIP LOCKED)
"""
GIVE_BACK: Final = """
    UPDATE app.jobs SET attempts = attempts - 1, locked_until = NULL, locked_by = NULL WHERE job_id = %s
"""
PUT_OFF: Final = """
    UPDATE app.jobs SET attempts = attempts - 1, run_at = clock_timestamp() + %s * interval '1 second', error = %s,
                        locked_until = NULL, locked_by = NULL
    WHERE job_id = %s
"""
RETRY: Final = """
    UPDATE app.jobs SET dead_at = NULL, attempts = 0, run_at = clock_timestamp()
    WHERE job_id = %s AND dead_at IS NOT NULL RETURNING key
"""
# A person has looked whether it arrived.
UNDOUBT: Final = "DELETE FROM app.deliveries WHERE sent_at IS NULL AND starts_with(key, %s || ' ')"
STATE: Final = """
    CASE WHEN done_at IS NOT NULL THEN 'done' WHEN dead_at IS NOT NULL THEN 'dead'
         WHEN locked_until > clock_timestamp() THEN 'running' ELSE 'waiting' END
"""
LISTED: Final = f"""
    SELECT job_id, kind, key, payload, attempts, state, run_at, created_at, coalesce(done_at, dead_at), error
    FROM (SELECT *, {STATE} AS state FROM app.jobs) j
    WHERE %(state)s::text IS NULL OR state = %(state)s
    ORDER BY coalesce(dead_at, created_at) DESC, job_id DESC LIMIT %(limit)s
"""  # noqa: S608  our own words
COUNTS: Final = f"SELECT kind, {STATE}, count(*) FROM app.jobs GROUP BY 1, 2 ORDER BY 1, 2"  # noqa: S608

LONGEST_ERROR: Final = 2_000


@dataclass(frozen=True, slots=True)
class Claim:
    """A job and the worker that has its lease."""

    job: Job
    worker: str


def put(
    connection: Transaction, kind: str, key: str, payload: Payload | None = None, run_at: datetime | None = None
) -> bool:
    """As of `Jobs.put`, in a transaction of the caller's: the job is there if what it follows from is."""
    done = connection.execute(PUT, (kind, key, Jsonb(dict(payload or {})), run_at)).rowcount
    connection.execute(NOTIFY)
    return bool(done)


class SqlJobs:
    """Port `Jobs`, and what a worker needs beside it. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def put(self, kind: str, key: str, payload: Payload | None = None, *, run_at: datetime | None = None) -> bool:
        with self._connections.transaction() as connection:
            return put(connection, kind, key, payload, run_at)

    def listed(self, state: JobState | None = None, limit: int = 50) -> Sequence[JobEntry]:
        with self._connections.transaction() as connection:
            rows = connection.execute(LISTED, {"state": state, "limit": limit}).fetchall()
        return tuple(map(_entry, rows))

    def counts(self) -> Mapping[tuple[str, JobState], int]:
        with self._connections.transaction() as connection:
            rows = connection.execute(COUNTS).fetchall()
        return {(kind, JobState(state)): count for kind, state, count in rows}

    def retry(self, job_id: int) -> bool:
        with self._connections.transaction() as connection:
            found = connection.execute(RETRY, (job_id,)).fetchone()
            if found is not None:
                connection.execute(UNDOUBT, (found[0],))
            connection.execute(NOTIFY)
        return found is not None

    # A worker's

    def claim(self, worker: str, kinds: Sequence[str], lease_s: float) -> Claim | None:
        """The job that has been due for longest, leased to the worker; None where none is due."""
        with self._connections.transaction() as connection:
            given = {"worker": worker, "kinds": list(kinds), "lease": lease_s}
            row = connection.execute(CLAIM, given).fetchone()
        return Claim(Job(*row), worker) if row else None

    def next_in(self, kinds: Sequence[str]) -> float | None:
        """Seconds until one may be due, None where none waits."""
        with self._connections.transaction() as connection:
            row = connection.execute(NEXT, (list(kinds),)).fetchone()
        return None if row is None or row[0] is None else float(row[0])

    def renew(self, worker: str, job_ids: Sequence[int], lease_s: float) -> None:
        with self._connections.transaction() as connection:
            connection.execute(RENEW, {"worker": worker, "ids": list(job_ids), "lease": lease_s})

    @contextmanager
    def finishing(self, claim: Claim) -> Iterator[Connection]:
        """A transaction at whose end the job is done. Raises LostLease."""
        with self._held(claim) as connection:
            yield connection
            connection.execute(DONE, (claim.job.job_id,))

    def again(self, claim: Claim, error: str, pause_s: float) -> None:
        """Puts it off after a failed attempt. Raises LostLease."""
        with self._held(claim) as connection:
            connection.execute(AGAIN, (pause_s, _cut(error), claim.job.job_id))

    def put_off(self, claim: Claim, reason: str, pause_s: float) -> None:
        """As if it had not begun, and not before the pause is over. Raises LostLease."""
        with self._held(claim) as connection:
            connection.execute(PUT_OFF, (pause_s, _cut(reason), claim.job.job_id))

    def bury(self, claim: Claim, error: str) -> None:
        """Makes it a dead letter. Raises LostLease."""
        with self._held(claim) as connection:
            connection.execute(DEAD, (_cut(error), claim.job.job_id))

    def give_back(self, claim: Claim) -> None:
        """As if it had not begun. Raises LostLease."""
        with self._held(claim) as connection:
            connection.execute(GIVE_BACK, (claim.job.job_id,))
            connection.execute(NOTIFY)

    def release(self, worker: str) -> int:
        """Gives back all that a worker has but what is being ended right now; how many."""
        with self._connections.transaction() as connection:
            released = connection.execute(RELEASE, (worker,)).rowcount
            connection.execute(NOTIFY)
        return released

    @contextmanager
    def _held(self, claim: Claim) -> Iterator[Connection]:
        with self._connections.transaction() as connection:
            job = claim.job
            if connection.execute(HOLD, (job.job_id, claim.worker, job.attempt)).fetchone() is None:
                raise LostLease(f"job {job.job_id} ({job.kind}) is another worker's by now", "nothing is to be done")
            yield connection


def _cut(error: str) -> str:
    return error.replace("\0", "\ufffd")[:LONGEST_ERROR]


def _entry(row: Sequence[Any]) -> JobEntry:
    job_id, kind, key, payload, attempts, state, run_at, created_at, ended_at, error = row
    job = Job(job_id, kind, key, payload, max(attempts, 1))
    return JobEntry(job, JobState(state), attempts, run_at, created_at, ended_at, error)
