"""Once corrected, never wrong that way again: each question here is asked in a process of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dash_agent.bootstrap import open_dash
from dash_agent.context.catalog import Catalog
from dash_agent.models.answer import Status
from dash_agent.models.learning import Origin
from dash_agent.settings import Settings
from dash_agent.warehouse.demo import DemoOptions, seed
from dash_agent.warehouse.roles import apply_grants
from tests.conftest import NOW, ROOT
from tests.e2e.commands import Shell, on
from tests.e2e.databases import Database
from tests.e2e.serving import served

MARIA, OLGA, ANTON = "maria@example.com", "olga@example.com", "anton@example.com"
WHATSAPP_LAST_WEEK = """
    SELECT count(*) FROM support_threads_data
    WHERE channel = 'whatsapp' AND created_at >= '2026-11-09T00:00+02' AND created_at < '2026-11-16T00:00+02'
"""
CSAT_WITHOUT_VOICE = """
    SELECT round(avg(csat), 2) FROM support_threads_data
    WHERE channel <> 'voice' AND created_at >= '2026-10-01T00:00+03' AND created_at < '2026-11-01T00:00+02'
"""
FOLDERS = ("tables", "business", "queries", "knowledge")


@pytest.fixture(scope="module")
def learned_desk(
    fresh_database: Callable[[], Database], home: Catalog, tmp_path_factory: pytest.TempPathFactory
) -> Database:
    """A small desk that these tests write to."""
    made = fresh_database()
    incidents = tmp_path_factory.mktemp("learned") / "incidents.json"
    seed(made.owner, DemoOptions(now=NOW, incidents_file=incidents, tickets=2_000), lambda _: None)
    apply_grants(made.owner, home.readable)
    return made


@pytest.fixture
def shell(learned_desk: Database, tmp_path: Path) -> Iterator[Shell]:
    """On content files of its own."""
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / "content" / folder)
    yield on(learned_desk, tmp_path).having(DASH_CONTENT_DIR=str(tmp_path / "content"))
    with psycopg.connect(learned_desk.owner, autocommit=True) as owner:
        owner.execute("TRUNCATE app.learnings, app.learning_decisions, app.feedback CASCADE")
        owner.execute("UPDATE app.learnings_version SET version = version + 1")


def asked(shell: Shell, question: str, user: str | None = None, session: str | None = None) -> dict[str, Any]:
    who = ["--as", user] if user else []
    where = ["--session", session] if session else []
    told = shell.run("ask", question, "--json", *who, *where)
    assert "Traceback" not in told.err, told.err
    return dict(json.loads(told.out))


def settings_of(shell: Shell) -> Settings:
    return Settings.model_validate(shell.variables)


def number(database: Database, statement: str) -> float:
    with psycopg.connect(database.owner) as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return float(row[0])


def test_a_word_from_its_first_use_to_the_file(shell: Shell, learned_desk: Database) -> None:
    question = "tickets from boots last week"
    assert asked(shell, question, MARIA)["status"] == "refused"
    taught = shell.run("teach", '"boots" means WhatsApp', "--as", MARIA)
    assert taught.code == 0, taught.err
    answer = asked(shell, question, MARIA)
    assert answer["rows"][0][0] == number(learned_desk, WHATSAPP_LAST_WEEK)
    [learning] = [source["name"] for source in answer["sources"] if source["layer"] == "learning"]
    assert any(MARIA in told for told in answer["assumptions"])
    assert asked(shell, question, OLGA)["status"] == "refused"

    refused = shell.run("learn", "approve", learning, "--as", MARIA)
    assert (refused.code, "analysts" in refused.error) == (2, True)
    assert shell.run("learn", "approve", learning, "--as", ANTON).code == 0
    assert asked(shell, question, OLGA)["rows"] == answer["rows"]

    printed = shell.run("learn", "promote", learning, "--as", ANTON)
    assert '"boots"' in printed.out
    applied = shell.run("learn", "promote", learning, "--as", ANTON, "--apply")
    assert applied.code == 0, applied.err
    changed = [line for line in applied.out.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert len(changed) <= 3
    assert shell.run("check", "--offline").code == 0
    by_file = asked(shell, question, OLGA)
    assert by_file["rows"] == answer["rows"]
    assert "learning" not in [source["layer"] for source in by_file["sources"]]
    shown = json.loads(shell.run("learn", "show", learning, "--json").out)
    assert [one["decision"] for one in shown["history"]] == ["proposed", "approved", "retired"]


def test_a_rule_holds_in_the_next_process(shell: Shell, learned_desk: Database) -> None:
    shell.run("teach", "не считай голос в CSAT", "--as", OLGA)
    before = asked(shell, "CSAT last month", MARIA)
    [proposed] = json.loads(shell.run("learn", "list", "--json").out)["learnings"]
    assert (proposed["status"], proposed["kind"]) == ("proposed", "gotcha")
    assert shell.run("learn", "approve", proposed["learning_id"]).code == 0
    after = asked(shell, "CSAT last month", MARIA)
    assert after["rows"][0][0] == number(learned_desk, CSAT_WITHOUT_VOICE)
    assert "learning" not in [source["layer"] for source in before["sources"]]
    assert proposed["learning_id"] in [source["name"] for source in after["sources"]]


def test_a_choice_is_remembered_by_the_next_process(shell: Shell) -> None:
    with open_dash(settings_of(shell), on_progress=lambda _: None) as running:
        maria, olga = (running.principals[email] for email in (MARIA, OLGA))
        refused = running.dash.ask("tickets from whazzapp last week", maria, session="s")
        assert refused.status is Status.REFUSED
        chosen = next(one for one in refused.suggestions if "WhatsApp" in one)
        taught = running.dash.ask(chosen, maria, session="s")
        assert any("whazzapp" in told for told in taught.assumptions)
        [proposed] = running.lessons.learnings.alive()
        assert (proposed.origin, proposed.author) == (Origin.CLARIFICATION, MARIA)
        assert proposed.evidence.answer_id == refused.answer_id
        assert running.dash.ask("CSAT in whazzapp last month", olga).status is Status.REFUSED
    assert asked(shell, "CSAT in whazzapp last month", MARIA)["status"] == "answered"


def test_a_correction_over_http_holds_in_the_next_process(shell: Shell) -> None:
    question = "inbox pressure last week"
    with open_dash(settings_of(shell), on_progress=lambda _: None) as running, served(running) as client:
        wrong = client.post("/api/v1/ask", json={"question": question}).json()
        assert wrong["status"] == "refused"
        path = f"/api/v1/answers/{wrong['answer_id']}/feedback"
        given = client.post(path, json={"score": -1, "correction": "tickets by channel last week"})
        assert given.status_code == 200, given.text
        assert given.json()["learning"]["kind"] == "correction"
        right = client.post("/api/v1/ask", json={"question": question}).json()
        assert right["status"] == "answered"
        unread = client.post(path, json={"score": -1, "correction": "it is all wrong"}).json()
        assert (unread["learning"], bool(unread["problem"])) == (None, True)
        assert client.post(path, json={"score": 5}).status_code == 422
        assert client.post("/api/v1/answers/01NOPE/feedback", json={"score": 1}).status_code == 404
    later = asked(shell, "Inbox pressure, last week?")
    assert later["rows"] == right["rows"]
    assert asked(shell, question, OLGA)["status"] == "refused"


def test_what_can_not_be_taught_is_said_in_one_line(shell: Shell) -> None:
    told = shell.run("teach", '"magic" means DROP TABLE customers')
    assert told.code == 2
    assert "DROP TABLE customers" in told.error
    assert "sentences that I can read" in told.error


def test_refused_words_are_counted_for_reviewers(shell: Shell) -> None:
    with open_dash(settings_of(shell), on_progress=lambda _: None) as running:
        for _ in range(2):
            running.dash.ask("tickets by zodiac", running.principals[MARIA])
    refused = json.loads(shell.run("learn", "list", "--json").out)["refused"]
    assert next(one for one in refused if "zodiac" in one["words"])["count"] == 2
    assert json.loads(shell.run("learn", "list", "--json", "--as", MARIA).out)["refused"] == []
