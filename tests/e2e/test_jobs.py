"""The queue with real workers: processes that are killed, stopped and compete. Effects are counted in tables."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from dash_agent.errors import LostLease, WarehouseUnavailable
from dash_agent.models.job import JobKind, JobState, Schedule, Work
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.deliveries import SqlDeliveries
from dash_agent.warehouse.jobs import SqlJobs
from dash_agent.warehouse.preparation import uri_of
from dash_agent.warehouse.schedules import SqlSchedules, leading
from dash_agent.worker.loop import Pace, Worker
from dash_agent.worker.schedules import due_at
from tests.conftest import ROOT, ZONE
from tests.e2e.databases import Database

Process = subprocess.Popen[bytes]


class Place:
    """A database with an empty queue, and the workers that a test has started."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.state = Connections(database.app)
        self.jobs = SqlJobs(self.state)
        self.processes: list[Process] = []

    def worker(self, seconds: float = 0.0, lease: float = 2.0) -> Process:
        command = [sys.executable, "-m", "tests.e2e.job_worker", uri_of(self.database.app), str(seconds), str(lease)]
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.processes.append(process)
        return process

    def ready(self, seconds: float, lease: float) -> Process:
        """A worker that takes jobs already."""
        process = self.worker(seconds, lease)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        return process

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database.owner) as connection:
            return connection.execute(statement.encode()).fetchall()

    def until(self, statement: str, seconds: float = 60.0) -> None:
        """Waits for a statement's one value to become true."""
        end = time.monotonic() + seconds
        while self.rows(statement) != [(True,)]:
            assert time.monotonic() < end, self.rows("SELECT key, attempts, error, dead_at FROM app.jobs")
            time.sleep(0.02)

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        self.state.close()


@pytest.fixture
def place(fresh_database: Callable[[], Database]) -> Iterator[Place]:
    made = fresh_database()
    with psycopg.connect(made.owner) as connection:
        connection.execute("CREATE TABLE public.ledger (key text); CREATE TABLE public.begun (key text)")
        connection.execute("GRANT INSERT ON public.ledger, public.begun TO dash_app")
    it = Place(made)
    yield it
    it.close()


DONE = "SELECT count(*) = {count} FROM app.jobs WHERE done_at IS NOT NULL AND kind = 'add' AND key LIKE 'k%'"


def end(process: Process, how: signal.Signals) -> int:
    process.send_signal(how)
    return process.wait(30)


def test_workers_that_are_killed_at_random_lose_and_double_nothing(place: Place) -> None:
    kills, each, dice = 6, 12, random.Random(7)
    running = [place.ready(0.2, 0.5), place.ready(0.2, 0.5)]
    for kill in range(kills):
        for number in range(each):
            assert place.jobs.put("add", f"k{kill}-{number}")
        time.sleep(dice.uniform(0.1, 0.7))
        victim = running.pop(dice.randrange(2))
        assert end(victim, signal.SIGKILL) == -signal.SIGKILL
        running.append(place.ready(0.2, 0.5))
    place.until(DONE.format(count=kills * each), 300)
    keys = sorted(row[0] for row in place.rows("SELECT key FROM public.ledger WHERE key LIKE 'k%'"))
    assert keys == sorted(f"k{kill}-{number}" for kill in range(kills) for number in range(each))
    begun = place.rows("SELECT count(*) FROM public.begun WHERE key LIKE 'k%'")[0][0]
    assert begun > kills * each, "no kill came between a job's beginning and its end, so nothing was shown"


def test_a_worker_that_is_stopped_ends_what_it_has_or_gives_it_back(place: Place) -> None:
    for number in range(4):
        place.jobs.put("add", f"k{number}")
    quick = place.worker(0.2, lease=60)
    place.until("SELECT count(*) = 2 FROM public.begun")
    assert end(quick, signal.SIGTERM) == 0
    done = place.rows("SELECT count(*) FROM public.ledger")[0][0]
    assert done in (2, 3, 4)
    assert place.rows("SELECT count(*) FROM app.jobs WHERE locked_by IS NOT NULL") == [(0,)]

    slow = place.worker(30, lease=60)
    if done == 4:
        place.jobs.put("add", "k4")
    place.until("SELECT count(*) > (SELECT count(*) FROM public.ledger) FROM public.begun")
    began = time.monotonic()
    assert end(slow, signal.SIGINT) == 0
    assert time.monotonic() - began < 10
    # At once, and as if it had not been begun: the lease of a minute is not waited for.
    assert place.rows("SELECT max(attempts), count(locked_by) FROM app.jobs WHERE done_at IS NULL AND key ~ '^k'") == [
        (0, 0)
    ]


def test_a_worker_ends_with_who_started_it(place: Place) -> None:
    process = place.worker()
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(30) == 0


def test_a_notice_wakes_a_worker_that_looks_seldom(place: Place) -> None:
    process = place.worker()
    assert process.stdout is not None
    process.stdout.readline()
    place.until("SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'")
    for number in range(3):
        began = time.monotonic()
        place.jobs.put("add", f"k{number}")
        place.until(f"SELECT count(*) = {number + 1} FROM public.ledger WHERE key ~ '^k'", 20)
        # The tests' worker looks by itself every 30 seconds.
        assert time.monotonic() - began < 20


def test_a_key_is_one_job_for_good(place: Place) -> None:
    assert place.jobs.put("add", "k1", {"n": 1})
    assert not place.jobs.put("add", "k1", {"n": 2})
    place.worker()
    place.until(DONE.format(count=1))
    assert not place.jobs.put("add", "k1")
    assert place.rows("SELECT count(*), max(payload ->> 'n') FROM app.jobs WHERE key = 'k1'") == [(1, "1")]


def test_failures_are_tried_again_and_given_up(place: Place) -> None:
    for kind in ("flaky", "hopeless", "unfit"):
        place.jobs.put(kind, kind)
    place.worker()
    place.until("SELECT count(*) = 3 FROM app.jobs WHERE done_at IS NOT NULL OR dead_at IS NOT NULL")
    found = {entry.job.kind: entry for entry in place.jobs.listed()}
    assert (found["flaky"].state, found["flaky"].attempts, found["flaky"].error) == (JobState.DONE, 3, None)
    assert (found["hopeless"].state, found["hopeless"].attempts) == (JobState.DEAD, 3)
    assert found["hopeless"].error == "RuntimeError: the other side says no"
    assert (found["unfit"].state, found["unfit"].attempts) == (JobState.DEAD, 1)
    dead = place.jobs.listed(JobState.DEAD)
    assert {entry.job.kind for entry in dead} == {"hopeless", "unfit"}
    assert place.jobs.counts()["flaky", JobState.DONE] == 1

    assert place.jobs.retry(found["hopeless"].job.job_id)
    assert not place.jobs.retry(found["flaky"].job.job_id)
    place.until("SELECT attempts = 3 AND dead_at IS NOT NULL FROM app.jobs WHERE kind = 'hopeless'")


def test_pauses_grow_and_are_not_all_alike(place: Place) -> None:
    def fail(work: Work) -> None:
        raise OSError("away")

    pauses: dict[float, list[float]] = {}
    for chance in (0.0, 1.0):
        key = f"chance {chance}"
        place.jobs.put("fails", key)
        kinds = {"fails": JobKind(fail, attempts=4, pause_s=100)}
        pace = Pace(slots=1)
        worker = Worker(
            place.jobs, SqlDeliveries(place.state), kinds, name=key, pace=pace, chance=lambda chance=chance: chance
        )
        for _ in range(3):
            worker.run(Event(), drain=True)
            row = place.rows(
                f"SELECT extract(epoch FROM run_at - clock_timestamp())::float8 FROM app.jobs WHERE key = '{key}'"
            )
            pauses.setdefault(chance, []).append(row[0][0])
            place_now = f"UPDATE app.jobs SET run_at = clock_timestamp() WHERE key = '{key}' RETURNING true"
            assert place.rows(place_now) == [(True,)]
    assert [round(pause, -1) for pause in pauses[0.0]] == [100, 200, 400]
    assert [round(pause, -1) for pause in pauses[1.0]] == [50, 100, 200]


def test_a_job_that_kills_its_workers_is_given_up(place: Place) -> None:
    place.jobs.put("deadly", "k1")
    for _ in range(3):
        assert place.jobs.claim("somebody", ["deadly"], lease_s=0) is not None
    ran: list[Work] = []
    kinds = {"deadly": JobKind(ran.append, attempts=3)}
    Worker(place.jobs, SqlDeliveries(place.state), kinds, name="next", pace=Pace(slots=1), chance=lambda: 0.0).run(
        Event(), drain=True
    )
    assert not ran
    (entry,) = place.jobs.listed(JobState.DEAD)
    assert "its worker was lost" in str(entry.error)


def test_who_lost_the_lease_changes_nothing(place: Place) -> None:
    place.jobs.put("add", "k1")
    first = place.jobs.claim("first", ["add"], lease_s=0)
    second = place.jobs.claim("second", ["add"], lease_s=60)
    assert first is not None
    assert second is not None
    assert second.job.attempt == 2
    for act in (
        lambda: place.jobs.again(first, "late", 0),
        lambda: place.jobs.bury(first, "late"),
        lambda: place.jobs.give_back(first),
    ):
        with pytest.raises(LostLease):
            act()
    with pytest.raises(LostLease), place.jobs.finishing(first) as connection:
        connection.execute("INSERT INTO public.ledger VALUES ('first')")
    with place.jobs.finishing(second) as connection:
        connection.execute("INSERT INTO public.ledger VALUES ('second')")
    assert place.rows("SELECT key FROM public.ledger") == [("second",)]


def test_a_lease_is_renewed_while_its_job_runs(place: Place) -> None:
    place.jobs.put("add", "k1")
    place.worker(2.5, lease=1.0)
    place.until("SELECT count(*) = 1 FROM public.begun WHERE key = 'k1'")
    place.worker(2.5, lease=1.0)
    place.until(DONE.format(count=1))
    assert place.rows("SELECT count(*) FROM public.begun WHERE key = 'k1'") == [(1,)]


def test_an_effect_that_fails_leaves_neither_effect_nor_end(place: Place) -> None:
    place.jobs.put("add", "k1")
    claim = place.jobs.claim("one", ["add"], lease_s=60)
    assert claim is not None
    with pytest.raises(psycopg.errors.DivisionByZero), place.jobs.finishing(claim) as connection:
        connection.execute("INSERT INTO public.ledger VALUES ('k1'); SELECT 1 / 0")
    assert place.rows("SELECT count(*) FROM public.ledger") == [(0,)]
    assert place.rows("SELECT done_at IS NULL FROM app.jobs") == [(True,)]


@pytest.mark.parametrize(("kind", "lines"), [("mail", 1), ("known", 2)])
def test_a_delivery_that_is_cut_off(place: Place, tmp_path: Path, kind: str, lines: int) -> None:
    """Killed after the other side has it and before that is noted: sent again only where the other side knows keys."""
    box = tmp_path / "box"
    place.jobs.put(kind, "k1", {"box": str(box), "wait": 60})
    place.worker(lease=1.0)
    place.until("SELECT count(*) = 1 FROM app.deliveries")
    while not box.exists() or not box.read_text():
        time.sleep(0.02)
    end(place.processes[0], signal.SIGKILL)
    place.rows("UPDATE app.jobs SET payload = payload || '{\"wait\": 0}' RETURNING true")
    place.worker(lease=1.0)
    place.until("SELECT done_at IS NOT NULL OR dead_at IS NOT NULL FROM app.jobs WHERE key = 'k1'")
    assert box.read_text().splitlines() == ["k1 file box"] * lines
    (entry,) = place.jobs.listed()
    if kind == "known":
        assert entry.state is JobState.DONE
        assert place.rows("SELECT reference FROM app.deliveries") == [("ref",)]
        return
    assert entry.state is JobState.DEAD
    assert "it may have arrived" in str(entry.error)
    # A person has looked, and wants it sent.
    place.jobs.retry(entry.job.job_id)
    place.until("SELECT done_at IS NOT NULL FROM app.jobs WHERE key = 'k1'")
    assert len(box.read_text().splitlines()) == 2


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("cron", "last", "now", "due"),
    [
        ("0 9 * * *", "2026-11-19T09:00", "2026-11-20T08:59:59", None),
        ("0 9 * * *", "2026-11-19T09:00", "2026-11-20T09:00", "2026-11-20T09:00"),
        ("0 9 * * *", "2026-11-20T09:00", "2026-11-20T09:00:30", None),
        # Down for three days: the latest one counts.
        ("0 9 * * *", "2026-11-17T09:00", "2026-11-20T15:00", "2026-11-20T09:00"),
        ("0 9 * * mon", "2026-11-16T09:00", "2026-11-22T15:00", None),
        ("*/15 * * * *", "2026-11-20T10:00", "2026-11-20T10:31", "2026-11-20T10:30"),
        # 02:30 is not on the clock that night; it is due when the clock has moved.
        ("30 2 * * *", "2026-03-26T02:30", "2026-03-27T04:00", "2026-03-27T03:00"),
    ],
)
def test_when_a_schedule_is_due(cron: str, last: str, now: str, due: str | None) -> None:
    found = due_at(Schedule("one", "add", cron, last_at=at(last)), at(now).astimezone(UTC), ZONE)
    assert found == (at(due) if due else None)
    assert due_at(Schedule("one", "add", cron, enabled=False, last_at=at(last)), at(now), ZONE) is None


def test_one_leads_and_what_it_leaves_another_takes_up(place: Place) -> None:
    with leading(place.database.app) as first:
        assert first is not None
        with leading(place.database.app) as second:
            assert second is None
    with leading(place.database.app) as third:
        assert third is not None


def test_two_leaders_by_mistake_make_one_job(place: Place) -> None:
    """A connection that seemed lost: both put, and the key lets one in."""
    SqlSchedules(place.state).add([Schedule("one", "add", "* * * * *")])
    moment = at("2026-11-20T09:00")
    with leading(place.database.app) as leadership:
        assert leadership is not None
        assert [leadership.put_due(lambda schedule, now: moment) for _ in range(2)] == [1, 0]
    assert place.rows("SELECT key FROM app.jobs") == [("schedule one 2026-11-20T09:00",)]


def test_workers_put_in_what_is_due_once(place: Place) -> None:
    place.worker()
    place.worker()
    place.until("SELECT count(*) = 1 FROM app.schedules")
    place.rows("UPDATE app.schedules SET last_at = now() - interval '1 hour' RETURNING true")
    place.until("SELECT count(*) >= 1 FROM public.ledger WHERE key LIKE 'schedule each-minute %'")
    keys = place.rows("SELECT key FROM public.ledger")
    assert len(keys) == len(set(keys))


def test_schedules_that_somebody_has_changed_stay_so(place: Place) -> None:
    kept = SqlSchedules(place.state)
    kept.add([Schedule("one", "add", "0 9 * * *")])
    assert kept.change("one", cron="0 7 * * *", enabled=False)
    kept.add([Schedule("one", "add", "0 9 * * *"), Schedule("two", "add", "0 8 * * *")])
    assert [(one.name, one.cron, one.enabled) for one in kept.listed()] == [
        ("one", "0 7 * * *", False),
        ("two", "0 8 * * *", True),
    ]
    assert not kept.change("three", enabled=True)


def test_the_database_going_away_only_delays(place: Place, tmp_path: Path) -> None:
    """Every connection of the worker is cut, twice; it comes back by itself."""
    stop, ran = Event(), list[str]()
    kinds = {"note": JobKind(lambda work: ran.append(work.job.key))}
    worker = Worker(
        place.jobs, SqlDeliveries(place.state), kinds, name="one", pace=Pace(slots=1, poll_s=0.2), chance=lambda: 0.0
    )
    thread = Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        for number in range(3):
            place.jobs.put("note", f"n{number}")
            place.until(f"SELECT count(*) = {number + 1} FROM app.jobs WHERE done_at IS NOT NULL")
            place.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            # Ours are cut, too, and are made anew once that is seen.
            with suppress(WarehouseUnavailable):
                place.jobs.next_in(["note"])
    finally:
        stop.set()
        thread.join(30)
    assert ran == ["n0", "n1", "n2"]


def test_jobs_of_the_future_wait(place: Place) -> None:
    now = datetime.now(ZoneInfo("UTC"))
    place.jobs.put("add", "k1", run_at=now + timedelta(hours=1))
    assert place.jobs.claim("one", ["add"], 60) is None
    assert 3500 < (place.jobs.next_in(["add"]) or 0) <= 3600
    assert place.jobs.claim("one", ["other"], 60) is None
