"""`ask` and `explain` as processes on a real database."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from tests.e2e.commands import Shell, on
from tests.e2e.databases import Database

QUESTION = "How many tickets were there in October 2026?"
GOLD = """
    SELECT count(*) FROM support_threads_data
    WHERE created_at >= '2026-10-01 00:00+03' AND created_at < '2026-11-01 00:00+02'
"""


@pytest.fixture
def shell(desk: Database, tmp_path: Path) -> Shell:
    return on(desk, tmp_path)


@pytest.fixture
def october(desk: Database) -> int:
    with psycopg.connect(desk.owner) as connection:
        row = connection.execute(GOLD.encode()).fetchone()
    assert row is not None
    return int(row[0])


def test_a_number_with_its_sql(shell: Shell, october: int) -> None:
    told = shell.run("ask", QUESTION)
    assert told.code == 0, told.err
    assert f"{october:,}" in told.out.splitlines()[0]
    assert "business/metrics.json" in told.out
    assert "SELECT" in told.out
    assert "\x1b" not in told.out


def test_the_answer_object(shell: Shell, october: int) -> None:
    told = shell.run("ask", QUESTION, "--json")
    answer = json.loads(told.out)
    assert told.code == 0
    assert answer["status"] == "answered"
    assert answer["rows"] == [[october]]
    assert answer["trust"] == "governed"
    assert answer["as_of"].startswith("2026-11-20T")


def test_a_session_is_followed_up(shell: Shell) -> None:
    first = shell.run("ask", QUESTION, "--session", "one", "--json")
    follow = shell.run("ask", "and by channel?", "--session", "one", "--json")
    assert json.loads(follow.out)["session_id"] == "one"
    split = json.loads(follow.out)
    assert split["status"] == "answered", split["text"]
    assert sum(row[-1] for row in split["rows"]) == json.loads(first.out)["rows"][0][0]


def test_rows_are_a_table_in_the_asked_language(shell: Shell) -> None:
    told = shell.run("ask", "tickets by channel in October 2026", "--lang", "ru")
    assert told.code == 0, told.err
    assert "whatsapp" in told.out.lower()
    assert "Тикеты" in told.out


def test_explain_shows_the_plan_and_runs_nothing(shell: Shell, desk: Database) -> None:
    with psycopg.connect(desk.owner) as connection:
        before = connection.execute("SELECT count(*) FROM app.answers").fetchone()
        told = shell.run("explain", QUESTION)
        assert connection.execute("SELECT count(*) FROM app.answers").fetchone() == before
    assert told.code == 0, told.err
    assert '"metrics": ["tickets"]' in told.out
    assert "SELECT" in told.out
    answer = json.loads(shell.run("explain", QUESTION, "--json").out)
    assert answer["rows"] == []
    assert answer["plan"]["metrics"] == ["tickets"]


def test_explain_of_what_cannot_be_planned(shell: Shell) -> None:
    told = shell.run("explain", "")
    assert told.code == 1
    assert "SELECT" not in told.out


def test_a_batch_answers_every_line_in_order(shell: Shell, october: int, tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": "plain", "question": QUESTION, "gold_sql": "ignored"}),
        "{",
        "",
        json.dumps({"id": 2, "question": None, "turns": [QUESTION, "and by channel?"]}),
        json.dumps({"id": "empty", "question": ""}),
        json.dumps({"id": "alone", "question": "and by channel?"}),
        json.dumps({"id": "nothing"}),
    ]
    (tmp_path / "questions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    told = shell.run("ask", "--jsonl", "questions.jsonl")
    answers = [json.loads(line) for line in told.out.splitlines()]
    assert told.code == 0, told.err
    assert [answer["id"] for answer in answers] == ["plain", "line:2", 2, "empty", "alone", "nothing"]
    plain, bad, talk, empty, alone, nothing = answers
    assert plain["rows"] == [[october]]
    assert plain["session_id"] is None
    assert sum(row[-1] for row in talk["rows"]) == october
    assert talk["session_id"]
    assert empty["status"] == "refused"
    assert alone["status"] != "answered"
    for line in (bad, nothing):
        assert line["status"] == "error"
        assert set(line["error"]) == {"code", "message", "hint"}


def test_a_batch_from_standard_input(shell: Shell) -> None:
    told = shell.run("ask", "--jsonl", "-", stdin=json.dumps({"id": "a", "question": QUESTION}).encode())
    assert json.loads(told.out)["id"] == "a"


def test_a_reader_of_a_pipe_may_leave_at_once(shell: Shell) -> None:
    process = shell.start("ask", QUESTION)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(60) == 0


def test_a_reader_of_a_pipe_may_leave_in_a_batch(shell: Shell, tmp_path: Path) -> None:
    lines = [json.dumps({"id": number, "question": QUESTION}) for number in range(200)]
    (tmp_path / "many.jsonl").write_text("\n".join(lines), encoding="utf-8")
    process = shell.start("ask", "--jsonl", "many.jsonl")
    assert process.stdout is not None
    said = process.stdout.readline()
    process.stdout.close()
    assert json.loads(said)["id"] == 0
    assert process.wait(60) == 0
