"""`dash-agent check` as a process: with a database, without one, and what it prints where."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg

from tests.conftest import NOW, ROOT
from tests.e2e.commands import Shell, embedded, on
from tests.e2e.databases import Database

CONTENT = ROOT / "tests" / "content"
LIVE = CONTENT / "broken" / "live"

TICKET = """
INSERT INTO support_threads_data (thread_key, channel, language, subject, request_type, urgency, status, created_at,
    updated_at)
VALUES ('k', 'email', 'en', 's', 'payment_issue', 'low', 'Sent', now(), now())
"""


def offline(folder: Path, content: Path) -> Shell:
    variables = {"DASH_DATA_DIR": str(folder / "data"), "DASH_NOW": NOW.isoformat()}
    return Shell(folder, {**variables, "DASH_CONTENT_DIR": str(content)})


def test_files_are_held_against_the_database(fresh_database: Callable[[], Database], tmp_path: Path) -> None:
    made = fresh_database()
    with psycopg.connect(made.owner) as connection:
        connection.execute(TICKET)
    told = on(made, tmp_path).having(DASH_CONTENT_DIR=str(LIVE)).run("check")
    assert told.out == (CONTENT / "broken" / "live.txt").read_text(encoding="utf-8")
    assert told.code == 1
    assert "Checking the content files against the database" in told.err


def test_our_own_content_is_clean_on_the_demo_desk(desk: Database, tmp_path: Path) -> None:
    told = on(desk, tmp_path).run("check")
    assert (told.out.splitlines()[-1].endswith("files, no problems"), told.code) == (True, 0), told.out


def test_files_with_errors_change_no_rights(fresh_database: Callable[[], Database], tmp_path: Path) -> None:
    """What the reader may not read yet is there all the same: it is not said to be missing."""
    made = fresh_database()
    shell = on(made, tmp_path)
    assert shell.having(DASH_CONTENT_DIR=str(CONTENT / "small")).run("db", "migrate").code == 0
    content = Path(shutil.copytree(CONTENT / "broken" / "sql", tmp_path / "content"))
    shutil.copy(CONTENT / "broken" / "access" / "tables" / "shipments.json", content / "tables")
    told = shell.having(DASH_CONTENT_DIR=str(content)).run("check")
    expected = (CONTENT / "broken" / "sql.txt").read_text(encoding="utf-8")
    assert told.out.rpartition("\n\n")[0] == expected.rpartition("\n\n")[0]
    with psycopg.connect(made.reader) as connection:
        granted = connection.execute(
            "SELECT has_column_privilege('customers', 'country', 'SELECT'),"
            " has_column_privilege('shipments', 'carrier', 'SELECT')"
        ).fetchone()
    assert granted == (True, False)


def test_an_embedded_database_without_rows_will_do(data_dir: Path, tmp_path: Path) -> None:
    told = (
        embedded(tmp_path, data_dir)
        .having(DASH_CONTENT_DIR=str(CONTENT / "small"), DASH_NOW=NOW.isoformat())
        .run("check")
    )
    assert (told.out, told.code) == ("10 files, no problems\n", 0)


def test_offline_starts_nothing_and_says_the_same_in_json(tmp_path: Path) -> None:
    told = offline(tmp_path, CONTENT / "broken" / "names").run("check", "--offline", "--format", "json")
    found = json.loads(told.out)
    assert (told.code, told.err) == (1, "")
    assert (found["errors"], found["warnings"], found["files"], len(found["problems"])) == (15, 0, 7, 15)
    assert not (tmp_path / "data").exists()


def test_annotations_name_files_from_the_working_folder(tmp_path: Path) -> None:
    shutil.copytree(CONTENT / "broken" / "syntax", tmp_path / "content")
    told = offline(tmp_path, tmp_path / "content").run("check", "--offline", "--format", "github")
    assert told.out.splitlines()[0].startswith("::error file=content/business/dimensions.json,line=25,title=syntax::")
    assert told.err == "6 errors in 6 of 7 files\n"


def test_warnings_alone_are_no_failure(tmp_path: Path) -> None:
    shell = offline(tmp_path, CONTENT / "small").having(DASH_NOW="2027-03-02T12:00:00+00:00")
    told = shell.run("check", "--offline")
    assert told.code == 0
    assert told.out.endswith("2 warnings in 2 of 10 files\n")


def test_no_folder_and_no_database_are_told(tmp_path: Path) -> None:
    told = offline(tmp_path, tmp_path / "elsewhere").run("check", "--offline")
    assert (told.code, told.out) == (1, "")
    assert "set DASH_CONTENT_DIR to the content folder" in told.error
    nobody = "postgresql://nobody:x@localhost:1/none"
    told = offline(tmp_path, CONTENT / "small").having(DATABASE_URL=nobody).run("check")
    assert (told.code, told.out) == (3, "")
    assert "no connection to" in told.error
