"""A statement of a model that somebody found right, from its answer to a verified pattern of the files."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dash_agent.bootstrap import open_dash
from dash_agent.context.catalog import Catalog
from dash_agent.learning.feedback import Opinion
from dash_agent.settings import Settings
from dash_agent.warehouse.demo import DemoOptions, seed
from dash_agent.warehouse.roles import apply_grants
from tests.conftest import NOW, ROOT
from tests.e2e.commands import Shell, on
from tests.e2e.databases import Database
from tests.e2e.modelled import sql
from tests.stubs.openai_server import KEY, openai_server
from tests.stubs.scripted import Text

ANTON = "anton@example.com"
FOLDERS = ("tables", "business", "queries", "knowledge")
CASES = [
    (
        "Which mailboxes are the chattiest?",
        """SELECT t.channel, count(*) AS messages
        FROM support_dialogs d JOIN support_threads_data t ON t.ticket_id = d.ticket_id
        WHERE d.created_at >= now() - interval '30 days' GROUP BY t.channel ORDER BY messages DESC, t.channel""",
    ),
    (
        "Где чаще всего пишут по ночам?",
        """SELECT channel, count(*) AS tickets, round(100.0 * count(*) FILTER
        (WHERE extract(hour FROM created_at) < 6) / nullif(count(*), 0), 1) AS night_percent
        FROM support_threads_data GROUP BY channel ORDER BY night_percent DESC, channel""",
    ),
]


@pytest.fixture(scope="module")
def liked_desk(
    fresh_database: Callable[[], Database], home: Catalog, tmp_path_factory: pytest.TempPathFactory
) -> Database:
    made = fresh_database()
    incidents = tmp_path_factory.mktemp("liked") / "incidents.json"
    seed(made.owner, DemoOptions(now=NOW, incidents_file=incidents, tickets=1_000), lambda _: None)
    apply_grants(made.owner, home.readable)
    return made


@pytest.fixture
def shell(liked_desk: Database, tmp_path: Path) -> Iterator[Shell]:
    """On content files of its own, in a git repository."""
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / "content" / folder)
    git(tmp_path / "content", "init", "--quiet")
    yield on(liked_desk, tmp_path).having(DASH_CONTENT_DIR=str(tmp_path / "content"))
    with psycopg.connect(liked_desk.owner, autocommit=True) as owner:
        owner.execute("TRUNCATE app.learnings, app.learning_decisions, app.feedback CASCADE")


def git(folder: Path, *arguments: str, stdin: str | None = None) -> None:
    done = subprocess.run(["git", *arguments], cwd=folder, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def asked(shell: Shell, question: str, *more: str) -> dict[str, Any]:
    told = shell.run("ask", question, "--json", *more)
    assert told.out, told.err
    return dict(json.loads(told.out))


@pytest.mark.parametrize(("question", "statement"), CASES, ids=["English", "Russian"])
def test_a_liked_statement_becomes_a_verified_pattern(
    question: str, statement: str, shell: Shell, tmp_path: Path
) -> None:
    with openai_server(sql(statement), otherwise=Text("")) as provider:
        reached = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{provider.url}/v1", "DASH_MODEL": "openai:stub"}
        first = asked(shell.having(**reached), question)
    assert (first["trust"], first["status"]) == ("generated", "answered"), first["text"]
    with open_dash(Settings.model_validate(shell.variables), on_progress=lambda _: None) as running:
        kept = running.answers.get(first["answer_id"])
        assert kept is not None
        given = running.lessons.opinion(kept, Opinion(1), running.principals[ANTON])
        assert given.learning is not None, given.problem

    promoted = shell.run("learn", "promote", given.learning.learning_id, "--as", ANTON)
    assert promoted.code == 0, promoted.err
    git(tmp_path / "content", "apply", "-", stdin=promoted.out)
    checked = shell.run("check")
    assert checked.code == 0, checked.out

    verified = asked(shell, question)
    assert (verified["engine"], verified["trust"]) == ("grounded", "verified"), verified["text"]
    assert verified["rows"] == first["rows"]
    assert [source["layer"] for source in verified["sources"]][:1] == ["pattern"]
