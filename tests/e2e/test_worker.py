"""`dash-agent worker`, `jobs`, and the worker beside `up`: real commands on a real database."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.jobs import SqlJobs
from tests.e2e.commands import Shell, embedded, on, read_until
from tests.e2e.databases import Database


@pytest.fixture
def made(fresh_database: Callable[[], Database]) -> Database:
    return fresh_database()


@pytest.fixture
def shell(made: Database, tmp_path: Path) -> Shell:
    return on(made, tmp_path)


@pytest.fixture
def jobs(made: Database) -> Iterator[SqlJobs]:
    state = Connections(made.app)
    yield SqlJobs(state)
    state.close()


def rows(database: Database, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.owner) as connection:
        return connection.execute(statement.encode()).fetchall()


OLD = """
    INSERT INTO app.turns ("user", session, created_at, question, plan) VALUES
        ('anna', 'old', now() - interval '31 days', 'q', '{}'), ('anna', 'new', now() - interval '29 days', 'q', '{}');
    INSERT INTO app.content_files (hash, body) VALUES ('f1', 'one'), ('f2', 'two'), ('f3', 'three');
    INSERT INTO app.content_versions (version, kept_at, files) VALUES
        ('v1', now() - interval '500 days', '{"a": "f1"}'),
        ('v2', now() - interval '450 days', '{"a": "f2"}'),
        ('v3', now() - interval '420 days', '{"a": "f2", "b": "f3"}');
    INSERT INTO app.answers (answer_id, "user", created_at, kept_at, answer, context_version) VALUES
        ('gone', 'anna', now(), now() - interval '401 days', '{}', 'v1'),
        ('judged', 'anna', now(), now() - interval '401 days', '{}', 'v2'),
        ('young', 'anna', now(), now() - interval '399 days', '{}', 'v2');
    INSERT INTO app.feedback (answer_id, "user", at, score) VALUES ('judged', 'anna', now(), 1);
    INSERT INTO app.jobs (kind, key, done_at, dead_at) VALUES
        ('x', 'done long ago', now() - interval '15 days', NULL), ('x', 'done', now(), NULL),
        ('x', 'dead', NULL, now() - interval '100 days');
    INSERT INTO app.changes (table_name, n) VALUES ('customers', 2), ('customers', 3), ('shipments', 1);
    INSERT INTO app.learnings
        (learning_id, kind, status, scope, author, origin, identity, payload, created_at, expires_at)
    SELECT id, 'gotcha', status, 'all', 'anna', 'taught', id, '{}', now(), now() + stays
    FROM (VALUES ('over', 'active', interval '-1 hour'), ('holds', 'active', interval '1 hour'),
                 ('rejected', 'rejected', interval '-1 hour')) AS t (id, status, stays);
"""
KINDS = ("state.prune", "learnings.expire", "changes.compact", "values.refresh", "documents.index")


def test_housekeeping(shell: Shell, made: Database, jobs: SqlJobs) -> None:
    with psycopg.connect(made.owner) as connection:
        connection.execute(OLD)
        version = connection.execute("SELECT version FROM app.learnings_version").fetchone()
    for kind in KINDS:
        jobs.put(kind, kind)
    told = shell.run("worker", "--drain")
    assert told.code == 0, told.err
    ended = rows(made, "SELECT kind, error FROM app.jobs WHERE done_at IS NOT NULL AND key <> 'done'")
    assert sorted(ended) == sorted((kind, None) for kind in KINDS), told.err

    assert rows(made, "SELECT session FROM app.turns") == [("new",)]
    assert rows(made, "SELECT answer_id FROM app.answers ORDER BY 1") == [("judged",), ("young",)]
    # v1 had one answer, which is gone; v3 none, but it is the latest.
    assert rows(made, "SELECT version FROM app.content_versions ORDER BY 1") == [("v2",), ("v3",)]
    assert rows(made, "SELECT hash FROM app.content_files ORDER BY 1") == [("f2",), ("f3",)]
    assert rows(made, "SELECT key FROM app.jobs WHERE kind = 'x' ORDER BY 1") == [("dead",), ("done",)]
    assert rows(made, "SELECT table_name, n FROM app.changes ORDER BY 1") == [("customers", 5), ("shipments", 1)]
    assert rows(made, "SELECT learning_id, status FROM app.learnings ORDER BY 1") == [
        ("holds", "active"),
        ("over", "retired"),
        ("rejected", "rejected"),
    ]
    assert rows(made, 'SELECT learning_id, "user", decision FROM app.learning_decisions') == [
        ("over", "worker", "retired")
    ]
    assert rows(made, "SELECT version FROM app.learnings_version") != [version]


def test_the_queue_by_command(shell: Shell, made: Database, jobs: SqlJobs) -> None:
    jobs.put("nobody.knows", "k1", {"to": "anna"})
    rows(made, "UPDATE app.jobs SET dead_at = now(), attempts = 8, error = 'no answer' RETURNING true")
    jobs.put("nobody.knows", "k2")
    dead = [json.loads(line) for line in shell.run("jobs", "list", "--state", "dead", "--json").out.splitlines()]
    assert [(one["key"], one["payload"], one["attempts"], one["error"]) for one in dead] == [
        ("k1", {"to": "anna"}, 8, "no answer")
    ]
    assert "k2" in shell.run("jobs", "list").out
    wrong = shell.run("jobs", "retry", "999")
    assert (wrong.code, "there is no dead job 999" in wrong.error) == (2, True)
    assert shell.run("jobs", "retry").code == 2
    assert "Back in the queue: 1." in shell.run("jobs", "retry", str(dead[0]["job_id"])).out
    assert shell.run("jobs", "list", "--state", "dead", "--json").out == ""
    # A kind that no worker here knows stays for one that does.
    assert shell.run("worker", "--drain").code == 0
    assert rows(made, "SELECT count(*) FROM app.jobs WHERE done_at IS NULL AND attempts = 0") == [(2,)]

    listed = {one["name"]: one for one in map(json.loads, shell.run("jobs", "schedules", "--json").out.splitlines())}
    assert listed["prune"]["cron"] == "45 3 * * *"
    assert shell.run("jobs", "schedule", "prune", "--cron", "0 2 * * sun", "--off").code == 0
    changed = rows(made, "SELECT cron, enabled FROM app.schedules WHERE name = 'prune'")
    assert changed == [("0 2 * * sun", False)]
    wrong = shell.run("jobs", "schedule", "prune", "--cron", "every day")
    assert (wrong.code, "is no time table" in wrong.error) == (2, True)
    wrong = shell.run("jobs", "schedule", "prun", "--on")
    assert (wrong.code, "did you mean 'prune'" in wrong.error) == (2, True)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_worker_runs_until_it_is_told(shell: Shell, jobs: SqlJobs, how: signal.Signals) -> None:
    process = shell.start("worker")
    try:
        read_until(process, "worker ready")
        jobs.put("changes.compact", "k1")
        read_until(process, "k1")
    finally:
        process.send_signal(how)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "worker stopped" in said
    assert "Traceback" not in said


def worker_of(pid: int, but: int = 0) -> psutil.Process:
    """The worker that a process has started, once it is there."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for child in psutil.Process(pid).children():
            if "worker" in child.cmdline() and child.pid != but:
                return child
        time.sleep(0.1)
    raise AssertionError("no worker")


def test_up_has_a_worker_begins_it_anew_and_ends_it(tmp_path: Path, data_dir: Path) -> None:
    process = embedded(tmp_path, data_dir).start("up", "--port", "0", "--no-demo")
    try:
        read_until(process, "Ctrl-C")
        first = worker_of(process.pid)
        os.kill(first.pid, signal.SIGKILL)
        read_until(process, "it is begun anew")
        second = worker_of(process.pid, but=first.pid)
        read_until(process, "worker ready")
    finally:
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert not second.is_running()


def test_the_worker_of_an_up_that_is_killed_ends_too(tmp_path: Path, data_dir: Path) -> None:
    process = embedded(tmp_path, data_dir).start("up", "--port", "0", "--no-demo")
    worker = None
    try:
        read_until(process, "worker ready")
        worker = worker_of(process.pid)
    finally:
        process.kill()
        process.wait()
    worker.wait(60)
    assert process.stdout is not None
    process.stdout.close()
