"""The guard's cases on a real database: what it lets through gives the rows it gave before, and the role alone holds
what the guard would refuse."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from dash_agent.errors import QueryError, QueryTimeout
from dash_agent.models.sql import _SEAL, SafeQuery
from dash_agent.sql.guard import GuardSchema, Moment, guard, judge
from dash_agent.sql.run import run
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.functions import close_functions
from dash_agent.warehouse.roles import EMBEDDED
from tests.e2e.databases import Database

CASES = Path(__file__).parents[1] / "cases"
ZONE = "Europe/Moscow"
PASSWORD = "guard"


def cases(*files: str) -> list[dict[str, str]]:
    return [json.loads(line) for file in files for line in (CASES / file).read_text("utf-8").splitlines()]


def schema(file: str) -> GuardSchema:
    return GuardSchema({table: tuple(columns) for table, columns in json.loads((CASES / file).read_text()).items()})


LEGIT = cases("guard_legit.jsonl", "guard_legit_own.jsonl")
ATTACKS = cases("guard_attacks.jsonl", "guard_attacks_own.jsonl")
FULL, PUBLIC = schema("guard_columns.json"), schema("guard_columns_public.json")


@dataclass(frozen=True)
class GuardDatabase:
    owner: str
    reader: str
    full_reader: str


@pytest.fixture(scope="module")
def guard_database(empty_database: Callable[[], Database]) -> GuardDatabase:
    """guard_schema.sql, its role, and a second role that reads the personal columns too."""
    owner = empty_database().owner
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute((CASES / "guard_schema.sql").read_bytes())
        connection.execute(
            "DO $$ BEGIN CREATE ROLE guard_full LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
        for role in ("guard_ro", "guard_full"):
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(PASSWORD)))
            connection.execute(sql.SQL("ALTER ROLE {} SET temp_file_limit = '64MB'").format(sql.Identifier(role)))
            close_functions(connection, EMBEDDED.app, role)
        for table, columns in FULL.relations.items():
            connection.execute(
                sql.SQL("GRANT SELECT ({}) ON {} TO guard_full").format(
                    sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table)
                )
            )
        name = connection.info.dbname
        connection.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    readers = (make_conninfo(owner, user=role, password=PASSWORD) for role in ("guard_ro", "guard_full"))
    return GuardDatabase(owner, *readers)


@pytest.fixture(scope="module")
def warehouse(guard_database: GuardDatabase) -> Iterator[PostgresWarehouse]:
    made = PostgresWarehouse(guard_database.full_reader, timezone=ZONE, timeout_s=5)
    yield made
    made.close()


@pytest.fixture(scope="module")
def role_alone(guard_database: GuardDatabase) -> Iterator[PostgresWarehouse]:
    made = PostgresWarehouse(guard_database.reader, timezone=ZONE, timeout_s=0.3, max_bytes=1_000_000)
    yield made
    made.close()


def plain(value: object) -> object:
    """A value without what may differ between the two ways: number types and the last digits of a float."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float | Decimal):
        return round(float(value), 6)
    if isinstance(value, list | tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.timestamp()
    return str(value)


RANDOM = ("tablesample", "random(")


@pytest.mark.parametrize("case", LEGIT, ids=lambda case: case["id"])
def test_rows_are_the_same_through_the_guard(
    case: Mapping[str, str], guard_database: GuardDatabase, warehouse: PostgresWarehouse
) -> None:
    with psycopg.connect(guard_database.owner) as connection:
        connection.execute(f"SET TIME ZONE '{ZONE}'")
        row = connection.execute("SELECT now()").fetchone()
        assert row is not None
        cursor = connection.execute(
            case["sql"].encode().replace(b":now", b"now()").replace(b":tz", f"'{ZONE}'".encode())
        )
        expected = cursor.fetchall()
        names = [column.name for column in cursor.description or ()]
    result = run(guard(case["sql"], FULL, Moment(row[0], ZONE)), warehouse)
    assert [column.name for column in result.columns] == names
    if any(word in case["sql"].lower() for word in RANDOM):
        return
    if "json" not in case["sql"].lower():
        assert sorted(map(repr, map(plain, result.rows))) == sorted(map(repr, map(plain, expected)))
    assert len(result.rows) == len(expected)


@dataclass(frozen=True)
class State:
    """What no attack may change."""

    tables: object
    relations: object
    sequence: object
    large_objects: object
    settings: object


def state(owner: str) -> State:
    with psycopg.connect(owner) as connection:

        def one(query: str) -> object:
            return connection.execute(query.encode()).fetchall()

        return State(
            one(
                "SELECT (SELECT md5(string_agg(t::text, '' ORDER BY ticket_id)) FROM support_threads_data t),"
                " (SELECT md5(string_agg(d::text, '' ORDER BY dialog_id)) FROM support_dialogs d),"
                " (SELECT count(*) FROM ai_human_comparison), (SELECT count(*) FROM app_users)"
            ),
            one("SELECT relname FROM pg_class WHERE relname !~ '^pg_toast' ORDER BY 1"),
            one("SELECT last_value, is_called FROM ticket_seq"),
            one("SELECT oid FROM pg_largeobject_metadata ORDER BY 1"),
            one("SELECT setconfig FROM pg_db_role_setting ORDER BY 1"),
        )


SECRETS = ("SECRET", "@example.com", "about order", "root:")


def unguarded(statement: str) -> SafeQuery:
    """A statement sealed as if the guard had let it through."""
    return SafeQuery(statement, (), 1000, (), _SEAL)


def test_the_role_alone_holds_every_attack(guard_database: GuardDatabase, role_alone: PostgresWarehouse) -> None:
    before = state(guard_database.owner)
    with psycopg.connect(guard_database.reader) as other, psycopg.connect(guard_database.owner) as watcher:
        began = watcher.execute("SELECT pg_postmaster_start_time()").fetchone()
        for case in ATTACKS:
            started = time.monotonic()
            try:
                shown = repr(role_alone.execute(unguarded(case["sql"])))
            except QueryError as error:
                shown = str(error)
            except (UnicodeError, ValueError, psycopg.DataError):
                shown = ""
            assert not any(secret in shown for secret in SECRETS), (case["id"], shown)
            assert time.monotonic() - started < 6, case["id"]
            assert other.execute("SELECT 1").fetchone() == (1,), case["id"]
            other.rollback()
        # A crash of one server process restarts them all.
        assert watcher.execute("SELECT pg_postmaster_start_time()").fetchone() == began
    assert state(guard_database.owner) == before
    assert role_alone.execute(unguarded("SELECT 1 AS one")).rows == ((1,),)


@pytest.mark.parametrize("case", [c for c in ATTACKS if c["expect"] == "refuse_or_bound"], ids=lambda case: case["id"])
def test_what_the_guard_only_bounds_stays_in_its_limits(case: Mapping[str, str], guard_database: GuardDatabase) -> None:
    if not judge(case["sql"], FULL, Moment(datetime.now(ZoneInfo(ZONE)), ZONE)).allowed:
        return
    warehouse = PostgresWarehouse(guard_database.full_reader, timezone=ZONE, timeout_s=1)
    try:
        query = guard(case["sql"], FULL, Moment(datetime.now(ZoneInfo(ZONE)), ZONE), row_cap=100)
        started = time.monotonic()
        with suppress(QueryError):
            assert len(run(query, warehouse).rows) <= 100
        assert time.monotonic() - started < 4
        assert warehouse.execute(unguarded("SELECT 1 AS one")).rows == ((1,),)
    finally:
        warehouse.close()


def test_the_watchdog_cancels_what_switched_the_timeout_off(guard_database: GuardDatabase) -> None:
    warehouse = PostgresWarehouse(guard_database.owner, timezone=ZONE, timeout_s=1)
    warehouse._opening += b"; SET LOCAL statement_timeout = 0"
    started = time.monotonic()
    with pytest.raises(QueryTimeout):
        warehouse.execute(unguarded("SELECT pg_sleep(9)"))
    assert time.monotonic() - started < 5
    assert warehouse.execute(unguarded("SELECT 1 AS one")).rows == ((1,),)
    warehouse.close()
