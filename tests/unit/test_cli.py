"""The command line's own rules, without a database."""

from __future__ import annotations

import json
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from dash_agent.cli import run
from dash_agent.cli.batch import BadLine, Line, parse_line, read_lines
from dash_agent.cli.guard import read_columns
from dash_agent.cli.listening import is_loopback, listen
from dash_agent.cli.options import moment, principal
from dash_agent.cli.terminal import printable
from dash_agent.errors import Unavailable, UnknownName, WrongUse
from dash_agent.models.principal import Principal, Role
from dash_agent.settings import Settings
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No .env, no content folder, and a data folder that nothing may be made in."""
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.validation_alias), raising=False)
    monkeypatch.setenv("DASH_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["bogus"], "No such command 'bogus'; see dash-agent --help"),
        (["ask"], "ask takes a question or --jsonl FILE"),
        (["ask", "x", "--jsonl", "f"], "and not both"),
        (["ask", "--jsonl", "f", "--session", "s"], "`turns`"),
        (["ask", "x", "--lang", "xx"], "'en', 'ru'"),
        (["ask", "x", "--engine", "magic"], "'auto', 'grounded', 'llm'"),
        (["ask", "x", "--now", "junk"], "write it like 2026-11-20T12:00:00+00:00"),
        (["ask", "x", "--as", "nobody@example.com"], "there is no user 'nobody@example.com'"),
        (["ask", "--jsonl", "missing.jsonl"], "missing.jsonl: No such file or directory"),
        (["guard", "missing.jsonl", "--columns", "missing.json"], "missing.json: No such file or directory"),
        (["db"], "Missing command; see dash-agent db --help"),
        (["db", "url", "--role", "root"], "'owner', 'app', 'reader'"),
        (["db", "seed", "--tickets", "-5"], "--tickets"),
        (["up", "--host", "0.0.0.0"], "OS_SECURITY_KEY is not set"),
    ],
)
def test_wrong_use_is_one_line_and_exit_2(
    arguments: list[str], says: str, nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("dash-agent: ")
    assert told.err.count("\n") == 1
    assert says in told.err
    assert not (nowhere / "data").exists()


def test_no_content_folder_is_exit_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ask", "how many tickets"]) == 1
    assert "set DASH_CONTENT_DIR" in capsys.readouterr().err


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    commands = ([], ["up"], ["ask"], ["explain"], ["guard"], ["db"], ["db", "start"], ["db", "stop"], ["db", "url"])
    for command in (*commands, ["metric"], ["db", "migrate"], ["db", "seed"]):
        assert run([*command, "--help"]) == 0
        assert "Usage:" in capsys.readouterr().out


def test_the_command_line_is_the_admin() -> None:
    settings = Settings(content_dir=ROOT)
    assert principal(None, settings) == Principal("admin", Role.ADMIN)
    narrowed = principal(" Vera@Example.COM ", settings)
    assert (narrowed.user, narrowed.role) == ("vera@example.com", Role.VIEWER)
    assert narrowed.scope
    with pytest.raises(UnknownName, match=r"did you mean 'vera@example\.com'"):
        principal("vera@example.org", settings)


def test_now_is_optional() -> None:
    assert moment(None, Settings()) is None


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b'{"id": "a", "question": "q"}', Line("a", ("q",))),
        (b'{"id": 7, "question": null, "turns": ["p", "q"], "gold_sql": "x"}', Line(7, ("p", "q"))),
        (b'{"id": null, "question": "q", "turns": null}\r', Line("line:3", ("q",))),
        (b'{"question": "\\ud800"}', Line("line:3", ("\ud800",))),
    ],
)
def test_a_line_of_a_batch(raw: bytes, line: Line) -> None:
    assert parse_line(raw, 3) == line


@pytest.mark.parametrize(
    ("raw", "identity"),
    [
        (b"{", "line:3"),
        (b"[1]", "line:3"),
        (b"\xff\xfe", "line:3"),
        (b"[" * 100_000, "line:3"),
        (b"1" * 5_000, "line:3"),
        (b'{"id": "a"}', "a"),
        (b'{"id": "a", "question": 5}', "a"),
        (b'{"id": "a", "turns": []}', "a"),
        (b'{"id": "a", "turns": ["q", null]}', "a"),
        (b'{"id": "a", "turns": "q"}', "a"),
    ],
)
def test_a_bad_line_keeps_its_id(raw: bytes, identity: str) -> None:
    with pytest.raises(BadLine) as caught:
        parse_line(raw, 3)
    assert caught.value.id == identity
    assert caught.value.hint


def test_a_file_may_begin_with_a_byte_order_mark(nowhere: Path) -> None:
    (nowhere / "q.jsonl").write_bytes(b"\xef\xbb\xbf{}\n\n{}")
    assert read_lines(nowhere / "q.jsonl") == [b"{}", b"", b"{}"]


@pytest.mark.parametrize("content", ["", "[]", '{"t": "c"}', '{"t": [1]}', '{"t": null}', "[" * 50_000])
def test_a_bad_columns_file(content: str, nowhere: Path) -> None:
    (nowhere / "columns.json").write_text(content, encoding="utf-8")
    with pytest.raises(WrongUse, match=r"columns\.json"):
        read_columns(nowhere / "columns.json")


def test_guard_judges_each_line(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (nowhere / "columns.json").write_text('{"tickets": ["id", "status"]}', encoding="utf-8")
    statements = [
        {"id": "good", "sql": "SELECT status, count(*) FROM tickets GROUP BY 1"},
        {"id": "bad", "sql": "DELETE FROM tickets"},
        {"id": "hidden", "sql": "SELECT email FROM tickets"},
        {"sql": 5},
    ]
    text = "\n".join([*map(json.dumps, statements), "{"])
    (nowhere / "in.jsonl").write_text(text, encoding="utf-8")
    assert run(["guard", "in.jsonl", "--columns", "columns.json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["id"], line["allowed"]) for line in told] == [
        ("good", True),
        ("bad", False),
        ("hidden", False),
        ("line:4", False),
        ("line:5", False),
    ]
    assert all(bool(line["reason"]) is not line["allowed"] for line in told)


def test_guard_takes_a_plain_statement_from_a_pipe(
    nowhere: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (nowhere / "columns.json").write_text('{"tickets": ["id", "status"]}', encoding="utf-8")
    for statement, allowed in (("SELECT status\nFROM tickets", True), ("SELECT 1;\nDROP TABLE tickets", False)):
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(statement.encode())))
        assert run(["guard", "--columns", "columns.json"]) == 0
        (told,) = (json.loads(line) for line in capsys.readouterr().out.splitlines())
        assert told["allowed"] is allowed


def test_nothing_printed_steers_a_terminal() -> None:
    assert printable("a\x1b[31mb\x07\udcff\nc\té") == "a\ufffd[31mb\ufffd\ufffd\nc\té"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.com", ""])
def test_other_machines(host: str) -> None:
    assert not is_loopback(host)


def test_a_port_that_is_taken() -> None:
    with listen("127.0.0.1", 0) as first, pytest.raises(Unavailable, match="--port"):
        listen("127.0.0.1", first.getsockname()[1])


def test_an_address_of_another_machine() -> None:
    with pytest.raises(WrongUse, match="--host"):
        listen("203.0.113.1", 0)
