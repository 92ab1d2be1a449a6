"""What goes wrong outside: each with its clear line and exit code, and no traceback."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from dash_agent.warehouse.preparation import uri_of
from tests.conftest import ROOT
from tests.e2e.commands import Shell, embedded, on, read_until
from tests.e2e.databases import Database


@pytest.fixture
def shell(desk: Database, tmp_path: Path) -> Shell:
    return on(desk, tmp_path)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """The home content, to spoil."""
    folder = tmp_path / "content"
    for name in ("tables", "queries", "business"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


@pytest.mark.parametrize(
    "question",
    [
        b"",
        b"   ",
        b"\xff\xfe\x80\x81 \x01\x02",
        b"a" * 100_000,
        "сколько ".encode() * 6_000,
        b"\x1b[31mhow many tickets\x1b[0m",
    ],
    ids=["empty", "blank", "binary", "100 kB", "100 kB of words", "escapes"],
)
def test_a_question_that_is_none(question: bytes, shell: Shell) -> None:
    told = shell.run("ask", question)
    assert told.code == 1
    assert told.out.strip()
    assert "dash-agent: " not in told.err
    assert "Traceback" not in told.err
    assert "\x1b" not in told.out
    answer = json.loads(shell.run("ask", question, "--json").out)
    assert answer["status"] in ("refused", "clarify")
    assert answer["rows"] == []


def test_a_bad_now(shell: Shell) -> None:
    told = shell.run("ask", "how many tickets", "--now", "next tuesday")
    assert told.code == 2
    assert "'next tuesday' is not an ISO date and time; write it like 2026-11-20T12:00:00+00:00" in told.error


def test_a_bad_frozen_now(shell: Shell) -> None:
    told = shell.having(DASH_NOW="noon").run("ask", "how many tickets")
    assert told.code == 2
    assert told.error.startswith("dash-agent: DASH_NOW: 'noon'")


def test_an_unknown_table_in_a_content_file(shell: Shell, content: Path) -> None:
    file = content / "business" / "metrics.json"
    file.write_text(file.read_text("utf-8").replace('"support_threads_data"', '"support_thread_data"', 1), "utf-8")
    told = shell.having(DASH_CONTENT_DIR=str(content)).run("ask", "how many tickets")
    assert told.code == 1
    assert "business/metrics.json: metrics[0].table: there is no table 'support_thread_data'" in told.error
    assert "support_threads_data" in told.error


def test_a_table_that_the_database_has_not(shell: Shell, content: Path) -> None:
    described = json.loads((content / "tables" / "shipments.json").read_text("utf-8"))
    described["table"] = "shipment_events"
    (content / "tables" / "shipment_events.json").write_text(json.dumps(described), "utf-8")
    told = shell.having(DASH_CONTENT_DIR=str(content)).run("ask", "how many tickets")
    assert told.code == 1
    assert "tables/shipment_events.json" in told.err
    assert "no readable table 'shipment_events'" in told.err
    assert "Traceback" not in told.err


def test_a_syntax_error_in_json_with_its_place(shell: Shell, content: Path) -> None:
    file = content / "tables" / "customers.json"
    lines = file.read_text("utf-8").splitlines()
    lines[2] = lines[2].replace('"', "", 1)
    file.write_text("\n".join(lines), "utf-8")
    told = shell.having(DASH_CONTENT_DIR=str(content)).run("ask", "how many tickets")
    assert told.code == 1
    assert "tables/customers.json: line 3, column " in told.err
    assert "Traceback" not in told.err


def test_every_problem_of_the_content_is_told(shell: Shell, content: Path) -> None:
    (content / "tables" / "customers.json").write_text("{", "utf-8")
    (content / "tables" / "shipments.json").write_bytes(b"\xff\xfe")
    told = shell.having(DASH_CONTENT_DIR=str(content)).run("guard", stdin=b"")
    assert told.code == 1
    assert "tables/customers.json" in told.err
    assert "tables/shipments.json" in told.err


def test_no_content_folder(shell: Shell, tmp_path: Path) -> None:
    told = shell.having(DASH_CONTENT_DIR=str(tmp_path)).run("ask", "how many tickets")
    assert told.code == 1
    assert "DASH_CONTENT_DIR" in told.error


def test_the_database_is_down(shell: Shell) -> None:
    nobody = "postgresql://app:hunter2@127.0.0.1:1/dash"
    told = shell.having(DATABASE_URL=nobody, DASH_OWNER_URL="", DASH_WAREHOUSE_URL="").run("ask", "how many tickets")
    assert told.code == 3
    assert "no connection to database 'dash' at 127.0.0.1:1 as 'app'" in told.error
    assert "hunter2" not in told.err


def test_a_database_that_was_never_migrated(empty_database: Callable[[], Database], shell: Shell) -> None:
    empty = empty_database()
    told = shell.having(DATABASE_URL=uri_of(empty.owner), DASH_OWNER_URL="", DASH_WAREHOUSE_URL="").run(
        "ask", "how many tickets"
    )
    assert told.code == 3
    assert "has not the tables of this version; run 'dash-agent db migrate'" in told.error


def test_a_database_with_tables_of_somebody_else(empty_database: Callable[[], Database], tmp_path: Path) -> None:
    strange = empty_database()
    with psycopg.connect(strange.owner) as connection:
        connection.execute("CREATE TABLE customers (id int)")
    told = on(strange, tmp_path).run("ask", "how many tickets")
    assert told.code == 3
    assert "tables that were not made here (customers)" in told.error
    assert "DASH_WAREHOUSE_URL" in told.error


def test_a_warehouse_that_can_be_written(desk: Database, shell: Shell, fresh_database: Callable[[], Database]) -> None:
    other = fresh_database()
    told = shell.having(DASH_WAREHOUSE_URL=uri_of(other.app)).run("ask", "how many tickets")
    assert told.code == 2
    assert "is not a reader" in told.error


def test_one_role_for_everything(desk: Database, shell: Shell) -> None:
    told = shell.having(DATABASE_URL=uri_of(desk.owner), DASH_WAREHOUSE_URL="").run("ask", "how many tickets")
    assert told.code == 2
    assert "must be three roles" in told.error


def test_seeding_over_rows(desk: Database, shell: Shell) -> None:
    told = shell.run("db", "seed", "--tickets", "10")
    assert told.code == 2
    assert "--reset" in told.error


def test_an_interrupted_seeding_leaves_nothing(tmp_path: Path, data_dir: Path) -> None:
    shell = embedded(tmp_path, data_dir)
    process = shell.start("db", "seed", "--tickets", "200000")
    read_until(process, "tickets…")
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "dash-agent: interrupted; nothing was changed"
    assert shell.run("db", "seed", "--tickets", "50").code == 0
    answer = json.loads(shell.run("ask", "how many tickets in the last 500 days", "--json").out)
    assert answer["rows"] == [[50]], answer["text"]
