"""What one process learned of a model's errors and people's corrections, in the next process and by either engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dash_agent.context.catalog import Catalog
from dash_agent.warehouse.demo import DemoOptions, seed
from dash_agent.warehouse.roles import apply_grants
from tests.conftest import NOW
from tests.e2e.commands import Shell, on
from tests.e2e.databases import Database
from tests.e2e.modelled import LAST_WEEK, WHATSAPP_LAST_WEEK, sql, submitted
from tests.stubs.openai_server import KEY, openai_server
from tests.stubs.scripted import Provider, Reply, Request, Text

MARIA, OLGA = "maria@example.com", "olga@example.com"
STRANGE = "How hectic did WhatsApp get last week?"
REWORDED = "last week: was WhatsApp hectic?"
WRONG = f"SELECT count(*) / 0 AS tickets FROM support_threads_data WHERE channel = 'whatsapp' AND {LAST_WEEK}"
RIGHT = f"SELECT count(*) AS tickets FROM support_threads_data WHERE channel = 'whatsapp' AND {LAST_WEEK}"


@pytest.fixture(scope="module")
def small_desk(
    fresh_database: Callable[[], Database], home: Catalog, tmp_path_factory: pytest.TempPathFactory
) -> Database:
    made = fresh_database()
    incidents = tmp_path_factory.mktemp("taught") / "incidents.json"
    seed(made.owner, DemoOptions(now=NOW, incidents_file=incidents, tickets=1_000), lambda _: None)
    apply_grants(made.owner, home.readable)
    return made


@pytest.fixture
def shell(small_desk: Database, tmp_path: Path) -> Iterator[Shell]:
    yield on(small_desk, tmp_path)
    with psycopg.connect(small_desk.owner, autocommit=True) as owner:
        owner.execute("TRUNCATE app.learnings, app.learning_decisions, app.feedback, app.turns CASCADE")
        owner.execute("UPDATE app.learnings_version SET version = version + 1")


def asked(shell: Shell, provider: Provider, question: str, *more: str, user: str = MARIA) -> dict[str, Any]:
    """By a process of its own."""
    reached = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{provider.url}/v1", "DASH_MODEL": "openai:stub"}
    told = shell.having(**reached).run("ask", question, "--json", "--as", user, *more)
    assert "Traceback" not in told.err, told.err
    assert told.out, told.err
    return dict(json.loads(told.out))


def learnings(shell: Shell) -> list[dict[str, Any]]:
    return list(json.loads(shell.run("learn", "list", "--json").out)["learnings"])


def counted(database: Database, statement: str) -> list[list[Any]]:
    with psycopg.connect(database.owner) as connection:
        return [list(row) for row in connection.execute(statement.encode()).fetchall()]


def plan_of(statement: str) -> Callable[[Request], Reply]:
    return lambda request: sql(statement) if request.body.get("tools") else Text("")


def mended_once(shell: Shell) -> dict[str, Any]:
    with openai_server(sql(WRONG), sql(RIGHT), otherwise=Text("")) as provider:
        return asked(shell, provider, STRANGE, "--engine", "llm")


def who_reads(request: Request) -> Reply:
    """A model that writes the wrong statement unless it was told of it."""
    if not request.body.get("tools"):
        return Text("")
    return sql(RIGHT if "division by zero" in request.told and "What ran" in request.told else WRONG)


@pytest.mark.parametrize("question", [STRANGE, REWORDED])
def test_an_error_mended_does_not_come_again_in_a_new_process(
    question: str, shell: Shell, small_desk: Database
) -> None:
    first = mended_once(shell)
    assert first["rows"] == counted(small_desk, RIGHT)
    (learned,) = learnings(shell)
    assert (learned["kind"], learned["origin"], learned["payload"]["mended"]) == ("correction", "mended", RIGHT)

    with openai_server(otherwise=who_reads) as provider:
        again = asked(shell, provider, question, "--engine", "llm")
        planned = [request for request in provider.requests if request.body.get("tools")]
    assert again["rows"] == first["rows"]
    assert len(planned) == 1
    assert learned["learning_id"] in [source["name"] for source in again["sources"]]
    assert any("failed once" in told for told in again["assumptions"])
    assert [(one["learning_id"], one["hits"]) for one in learnings(shell)] == [(learned["learning_id"], 1)]


def test_a_model_that_forgets_is_stopped_before_the_statement_runs(shell: Shell, small_desk: Database) -> None:
    mended_once(shell)
    with openai_server(sql(WRONG.replace(" AS ", "\n AS ")), sql(RIGHT), otherwise=Text("")) as provider:
        again = asked(shell, provider, STRANGE, "--engine", "llm")
        told = provider.requests[1].told
    assert again["rows"] == counted(small_desk, RIGHT)
    assert "this plan failed before" in told
    assert len(learnings(shell)) == 1


def test_another_person_learns_of_it_after_review(shell: Shell) -> None:
    mended_once(shell)
    with openai_server(otherwise=who_reads) as provider:
        asked(shell, provider, STRANGE, "--engine", "llm", user=OLGA)
        assert "What ran" not in provider.requests[0].told
    for one in learnings(shell):
        assert shell.run("learn", "approve", one["learning_id"]).code == 0
    with openai_server(otherwise=who_reads) as provider:
        asked(shell, provider, STRANGE, "--engine", "llm", user=OLGA)
        assert "What ran" in provider.requests[0].told


def test_the_parser_does_not_repeat_it_either(shell: Shell) -> None:
    mended_once(shell)
    with openai_server() as provider:
        declined = asked(shell, provider, STRANGE, "--engine", "grounded")
        assert provider.requests == []
    assert declined["status"] in ("refused", "clarify")
    assert "division" not in declined["text"]


@pytest.mark.parametrize("engine", ["grounded", "llm", "auto"])
def test_a_correction_of_a_bad_answer_holds_in_a_new_process(engine: str, shell: Shell, small_desk: Database) -> None:
    """The model answered something else than was meant; its reader corrects it."""
    meant = "How many tickets came by WhatsApp last week?"
    email = {**WHATSAPP_LAST_WEEK, "filters": [{"dimension": "channel", "op": "in", "values": ["email"]}]}
    with openai_server(submitted(**email)) as provider:
        wrong = asked(shell, provider, STRANGE)
    correct(shell, wrong["answer_id"], meant)

    def who_obeys(request: Request) -> Reply:
        question = request.body["messages"][-1]["content"]
        return submitted(**(WHATSAPP_LAST_WEEK if question == meant else email))

    with openai_server(otherwise=who_obeys) as provider:
        right = asked(shell, provider, STRANGE, "--engine", engine)
    assert right["rows"] == counted(small_desk, RIGHT) != wrong["rows"]
    assert right["engine"] == ("llm" if engine == "llm" else "grounded")
    assert any(meant in told for told in right["assumptions"])
    assert "learning" in [source["layer"] for source in right["sources"]]
    if engine != "grounded":
        assert right["double_check"] == {"agrees": True, "difference": None}


def correct(shell: Shell, answer_id: str, correction: str) -> None:
    from dash_agent.bootstrap import open_dash
    from dash_agent.learning.feedback import Opinion
    from dash_agent.settings import Settings

    with open_dash(Settings.model_validate(shell.variables), on_progress=lambda _: None) as running:
        kept = running.answers.get(answer_id)
        assert kept is not None
        given = running.lessons.opinion(kept, Opinion(-1, "", correction), running.principals[MARIA])
        assert given.learning is not None, given.problem


@pytest.mark.parametrize("engine", ["grounded", "llm"])
def test_a_clarification_answered_holds_in_a_new_process(engine: str, shell: Shell) -> None:
    with openai_server() as provider:
        first = asked(shell, provider, "tickets from whazzapp last week", "--engine", "grounded", "--session", "s")
        chosen = next(one for one in first["suggestions"] if "WhatsApp" in one)
        taught = asked(shell, provider, chosen, "--engine", "grounded", "--session", "s")
    assert any("whazzapp" in told for told in taught["assumptions"])

    def who_reads_words(request: Request) -> Reply:
        known = "'whazzapp' means" in request.told.replace("\\", "")
        return submitted(**WHATSAPP_LAST_WEEK) if known else Text("What is whazzapp?")

    with openai_server(otherwise=who_reads_words) as provider:
        later = asked(shell, provider, "how many tickets from whazzapp last week?", "--engine", engine)
    assert (later["status"], later["engine"]) == ("answered", engine)
    assert later["rows"] == taught["rows"]
