"""A server of one's own, by its URLs: who is migrated, granted, read and left alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from dash_agent.warehouse.preparation import derived_reader, same_database, uri_of
from tests.e2e.commands import Shell, on
from tests.e2e.databases import Database

QUESTION = "How many tickets were there in the last 30 days?"


@pytest.fixture
def empty(empty_database: Callable[[], Database]) -> Database:
    return empty_database()


@pytest.fixture
def bare(empty: Database, tmp_path: Path) -> Shell:
    """Knows our own database's app and owner, and nothing else."""
    return on(empty, tmp_path).having(DASH_WAREHOUSE_URL="")


def answer(shell: Shell) -> dict[str, object]:
    told = shell.run("ask", QUESTION, "--json")
    assert told.code == 0, told.err
    return dict(json.loads(told.out))


def test_the_owner_migrates_and_the_reader_is_derived(bare: Shell, empty: Database) -> None:
    assert "state_" in bare.run("db", "migrate").out
    assert answer(bare)["rows"] == [[0]]
    # Without the owner's URL too: nothing is left to do for it.
    assert answer(bare.having(DASH_OWNER_URL=""))["rows"] == [[0]]
    url = bare.run("db", "url", "--role", "reader").out.strip()
    assert url.startswith("postgresql://dash_app_reader:")
    with psycopg.connect(url) as reader:
        assert reader.execute("SELECT count(*) FROM support_threads_data").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("SELECT email FROM customers")
    with psycopg.connect(url) as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("SELECT count(*) FROM app.answers")


def test_a_changed_catalogue_changes_the_grants(bare: Shell, empty: Database, tmp_path: Path) -> None:
    content = tmp_path / "content"
    home = Path(bare.variables["DASH_CONTENT_DIR"])
    for name in ("tables", "queries", "business"):
        shutil.copytree(home / name, content / name)
    shell = bare.having(DASH_CONTENT_DIR=str(content))
    assert answer(shell)["rows"] == [[0]]
    file = content / "tables" / "customers.json"
    described = json.loads(file.read_text("utf-8"))
    (email,) = (column for column in described["columns"] if column["name"] == "email")
    email["personal"] = False
    file.write_text(json.dumps(described), "utf-8")
    assert answer(shell)["rows"] == [[0]]
    with psycopg.connect(shell.run("db", "url", "--role", "reader").out.strip()) as reader:
        assert reader.execute("SELECT count(email) FROM customers").fetchone() == (0,)


def test_a_warehouse_of_somebody_else_is_only_read(bare: Shell, empty: Database, desk: Database) -> None:
    shell = bare.having(DASH_WAREHOUSE_URL=uri_of(desk.reader))
    found = answer(shell)
    assert found["rows"] != [[0]]
    with psycopg.connect(empty.owner) as own:
        kept = own.execute("SELECT count(*) FROM app.answers WHERE answer_id = %s", (found["answer_id"],)).fetchone()
        assert kept == (1,)
    told = shell.run("db", "seed", "--tickets", "5", "--reset")
    assert told.code == 2
    assert "never written" in told.error


def test_migrating_needs_the_owner(bare: Shell) -> None:
    told = bare.having(DASH_OWNER_URL="").run("db", "migrate")
    assert told.code == 2
    assert "DASH_OWNER_URL is not set" in told.error


def test_no_embedded_database_beside_a_server(bare: Shell) -> None:
    for command in ("start", "stop"):
        told = bare.run("db", command)
        assert told.code == 2
        assert "DATABASE_URL" in told.error


def test_the_derived_password_follows_the_apps() -> None:
    one, other = (derived_reader(f"postgresql://app:{word}@db:5432/dash") for word in ("one", "other"))
    assert one == derived_reader("postgresql://app:one@db:5432/dash")
    assert one != other
    assert "one" not in uri_of(one).partition("@")[0]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("postgresql://b@localhost/dash", True),
        ("postgresql://b:x@127.0.0.1:5432/dash?sslmode=require", True),
        ("postgresql://b@localhost/other", False),
        ("postgresql://b@localhost:5433/dash", False),
        ("postgresql://b@warehouse/dash", False),
    ],
)
def test_two_urls_of_one_database(other: str, *, same: bool) -> None:
    assert same_database("postgresql://a@localhost:5432/dash", other) is same
