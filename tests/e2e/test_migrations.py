"""Migrations on a real server: from nothing, twice, at once, and against what they must not touch."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from alembic import command

from dash_agent.errors import WarehouseUnavailable, WrongSchema
from dash_agent.warehouse import migrate as migrations
from dash_agent.warehouse.migrate import check_current, current, migrate
from tests.e2e.databases import Database

CONTRACT = Path(__file__).parent / "data/support_schema.sql"

COLUMNS = """
    SELECT c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
           a.attgenerated, pg_get_expr(d.adbin, d.adrelid)
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, contype, convalidated, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY 1, 2
"""


def shape(url: str) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    with psycopg.connect(url) as connection:
        connection.execute("SET search_path = public")
        return connection.execute(COLUMNS).fetchall(), connection.execute(CONSTRAINTS).fetchall()


def test_from_nothing_and_again(empty_database: Callable[[], Database]) -> None:
    made = empty_database()
    assert current(made.owner) == frozenset()
    with pytest.raises(WrongSchema, match="has not the tables"):
        check_current(made.owner)
    assert frozenset(migrate(made.owner)) == migrations.HEADS
    before = shape(made.owner)
    assert frozenset(migrate(made.owner)) == migrations.HEADS
    assert shape(made.owner) == before
    assert current(made.owner) == migrations.HEADS
    check_current(made.owner)


def test_the_support_tables_are_the_contract(empty_database: Callable[[], Database], database: Database) -> None:
    contract = empty_database()
    with psycopg.connect(contract.owner) as connection:
        connection.execute(CONTRACT.read_bytes())
    columns, constraints = shape(contract.owner)
    assert len({row[0] for row in columns}) == 8
    assert shape(database.owner) == (columns, constraints)


def test_two_at_once(empty_database: Callable[[], Database]) -> None:
    made = empty_database()
    code = "import sys; from dash_agent.warehouse.migrate import migrate; migrate(sys.argv[1])"
    both = [
        subprocess.Popen([sys.executable, "-c", code, made.owner], stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for process in both:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    assert current(made.owner) == migrations.HEADS


def test_a_migration_that_keeps_the_lock_too_long(
    empty_database: Callable[[], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = empty_database()
    monkeypatch.setattr(migrations, "LOCK_WAIT", "200ms")
    with psycopg.connect(made.owner) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", (migrations.SCHEMA_LOCK,))
        with pytest.raises(WarehouseUnavailable, match="another migration"):
            migrate(made.owner)
    migrate(made.owner)


def test_a_failure_leaves_nothing_behind(
    empty_database: Callable[[], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = empty_database()

    def fail(config: object) -> None:
        upgrade(config)
        raise RuntimeError("power cut")

    upgrade = migrations._upgrade
    monkeypatch.setattr(migrations, "_upgrade", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        migrate(made.owner)
    assert current(made.owner) == frozenset()
    assert shape(made.owner) == ([], [])


def test_a_database_of_a_newer_version(fresh_database: Callable[[], Database]) -> None:
    made = fresh_database()
    with psycopg.connect(made.owner) as connection:
        connection.execute("UPDATE app.alembic_version SET version_num = 'state_9999' WHERE version_num ~ 'state'")
    for use in (migrate, check_current):
        with pytest.raises(WrongSchema, match=r"newer version .*state_9999"):
            use(made.owner)


def test_tables_of_somebody_else_are_left_alone(empty_database: Callable[[], Database]) -> None:
    made = empty_database()
    with psycopg.connect(made.owner) as connection:
        connection.execute("CREATE TABLE customers (id int); INSERT INTO customers VALUES (1)")
    with pytest.raises(WrongSchema, match=r"not made here \(customers\).*DASH_WAREHOUSE_URL"):
        migrate(made.owner)
    with psycopg.connect(made.owner) as connection:
        assert connection.execute("SELECT id FROM customers").fetchall() == [(1,)]
        assert connection.execute("SELECT to_regnamespace('app')").fetchone() == (None,)


def test_a_role_that_may_not_migrate(empty_database: Callable[[], Database]) -> None:
    made = empty_database()
    with psycopg.connect(made.owner) as connection:
        connection.execute("SELECT 1")
    with pytest.raises(WrongSchema, match="lacks a right"):
        migrate(made.app)


def test_no_server_and_no_password_in_the_error() -> None:
    with pytest.raises(WarehouseUnavailable) as caught:
        migrate("postgresql://someone:s3cret@localhost:1/nowhere")
    assert "s3cret" not in str(caught.value)
    assert "database 'nowhere' at localhost:1 as 'someone'" in str(caught.value)


def test_the_known_heads_are_those_of_the_branches() -> None:
    scripts = migrations._scripts()
    assert frozenset(scripts.get_heads()) == migrations.HEADS
    labels = {label for head in scripts.get_heads() for label in scripts.get_revision(head).branch_labels}
    assert labels == {"state", "support"}


def test_a_start_does_not_load_alembic(database: Database) -> None:
    code = (
        "import sys; from dash_agent.warehouse.migrate import check_current; check_current(sys.argv[1]);"
        "assert not {'alembic', 'sqlalchemy'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, database.app], check=False).returncode == 0


RECEIPTS = """
    SELECT column_name::text FROM information_schema.columns
    WHERE table_schema = 'app' AND table_name IN ('answers', 'content_files', 'content_versions') ORDER BY 1
"""
OLD_ANSWER = """
    INSERT INTO app.answers (answer_id, "user", created_at, answer)
    VALUES ('01OLD', 'anna', '2026-11-20 12:00Z',
            '{"row_count": 3, "receipt": {"context_version": "abc", "result_hash": "def"}}')
"""


def test_receipts_up_and_down(empty_database: Callable[[], Database]) -> None:
    """Answers that were kept before get what can be told of them, and keep it on the way back."""
    made = empty_database()
    migrate(made.owner)
    with psycopg.connect(made.owner) as connection:
        up = connection.execute(RECEIPTS).fetchall()
    with migrations._migration(made.owner) as (connection, config):
        command.downgrade(config, "state@state_0001")
        connection.execute(OLD_ANSWER)
        down = connection.execute(RECEIPTS).fetchall()
    assert [row[0] for row in down] == ["answer", "answer_id", "created_at", "question", "session", "user"]
    migrate(made.owner)
    with psycopg.connect(made.owner) as connection:
        assert connection.execute(RECEIPTS).fetchall() == up
        kept = connection.execute(
            "SELECT context_version, result_hash, row_count, kept_at = created_at, scope, watermarks FROM app.answers"
        ).fetchall()
        assert kept == [("abc", "def", 3, True, [], [])]
