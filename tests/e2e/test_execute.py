"""PostgresWarehouse and PostgresIntrospection against a real server."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import psycopg
import pytest

from dash_agent.errors import QueryFailed, QueryTimeout, QueryTooExpensive, WarehouseUnavailable
from dash_agent.models.sql import _SEAL, SafeQuery
from dash_agent.sql.run import run
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.execute import AT_ONCE, PostgresWarehouse
from dash_agent.warehouse.introspect import PostgresIntrospection
from tests.e2e.databases import Database

ZONE = "Asia/Jerusalem"
TABLES = """
CREATE TABLE visits (id int PRIMARY KEY, channel text, email text, at timestamptz, score numeric, day date);
INSERT INTO visits SELECT i, (ARRAY['chat', 'email', NULL])[1 + i % 3], 'user' || i || '@example.com',
  timestamptz '2026-01-01 00:00:00+00' + i * interval '1 hour', i / 4.0, date '2026-01-01' + i
FROM generate_series(1, 2000) i;
CREATE TABLE empty_visits (at timestamptz, day date);
GRANT SELECT (id, channel, at, score, day) ON visits TO dash_reader;
GRANT SELECT ON empty_visits TO dash_reader;
"""


def sealed(text: str, cap: int = 1000) -> SafeQuery:
    """As if the guard had let it through."""
    return SafeQuery(text, (), cap, (), _SEAL)


@pytest.fixture(scope="module")
def visits(empty_database: Callable[[], Database]) -> Database:
    made = empty_database()
    with psycopg.connect(made.owner) as connection:
        connection.execute(TABLES.encode())
    return made


@pytest.fixture
def warehouse(visits: Database) -> Iterator[PostgresWarehouse]:
    made = PostgresWarehouse(visits.reader, timezone=ZONE, timeout_s=2)
    yield made
    made.close()


@pytest.fixture
def introspection(visits: Database) -> Iterator[PostgresIntrospection]:
    connections = Connections(visits.reader)
    yield PostgresIntrospection(connections)
    connections.close()


def test_types_and_values(warehouse: PostgresWarehouse) -> None:
    result = warehouse.execute(
        sealed(
            "SELECT 1 AS a, 1.50 AS b, 2::float8 AS c, 'x' AS d, true AS e, date '2026-01-02' AS f,"
            " timestamptz '2026-01-01 00:00:00+00' AS g, timestamp '2026-01-01 00:00' AS h, interval '90 min' AS i,"
            " ARRAY[1, 2] AS j, '{\"k\": 1}'::jsonb AS k, int4range(1, 3) AS l, NULL AS m"
        )
    )
    assert [column.type for column in result.columns] == [
        *("integer", "number", "number", "text", "boolean", "date", "timestamp", "timestamp", "text", "text"),
        *("text", "text", "text"),
    ]
    row = result.rows[0]
    assert row == (
        *(1, Decimal("1.50"), 2.0, "x", True, date(2026, 1, 2), datetime(2026, 1, 1, 2, tzinfo=ZoneInfo(ZONE))),
        *(datetime(2026, 1, 1), timedelta(minutes=90), (1, 2), '{"k": 1}', "[1, 3)", None),  # noqa: DTZ001
    )
    assert isinstance(row[1], Decimal)
    assert str(row[6]) == "2026-01-01 02:00:00+02:00"
    assert not result.truncated


def test_no_rows_keep_their_columns(warehouse: PostgresWarehouse) -> None:
    result = warehouse.execute(sealed("SELECT id, score FROM visits WHERE id < 0"))
    assert [(column.name, column.type) for column in result.columns] == [("id", "integer"), ("score", "number")]
    assert result.rows == ()


def test_days_are_the_businesss(warehouse: PostgresWarehouse) -> None:
    result = warehouse.execute(sealed("SELECT (timestamptz '2026-01-01 23:00:00+00')::date AS day"))
    assert result.rows == ((date(2026, 1, 2),),)


def test_rows_are_cut_at_the_cap(warehouse: PostgresWarehouse) -> None:
    whole = warehouse.execute(sealed("SELECT id FROM visits ORDER BY id LIMIT 10", cap=10))
    cut = warehouse.execute(sealed("SELECT id FROM visits ORDER BY id LIMIT 11", cap=10))
    assert (len(whole.rows), whole.truncated) == (10, False)
    assert (len(cut.rows), cut.truncated) == (10, True)
    assert cut.rows[-1] == (10,)


def test_bytes_are_cut(visits: Database) -> None:
    warehouse = PostgresWarehouse(visits.reader, timezone=ZONE, max_bytes=100_000)
    result = warehouse.execute(sealed("SELECT repeat('x', 10000) AS x FROM visits", cap=2000))
    assert result.truncated
    assert len(result.rows) < 11
    assert warehouse.execute(sealed("SELECT 1 AS one")).rows == ((1,),)
    warehouse.close()


def test_a_text_with_percent_signs_and_no_parameters(warehouse: PostgresWarehouse) -> None:
    result = warehouse.execute(sealed("SELECT count(*) FROM visits WHERE channel LIKE '%a%' AND id % 2 = 0"))
    assert result.rows[0][0] == 666


def test_a_slow_query_times_out_and_the_next_one_runs(visits: Database) -> None:
    warehouse = PostgresWarehouse(visits.reader, timezone=ZONE, timeout_s=0.2, max_cost=1e30)
    started = time.monotonic()
    with pytest.raises(QueryTimeout, match=r"0\.2 seconds"):
        warehouse.execute(sealed("SELECT count(*) FROM visits a, visits b, visits c WHERE a.id + b.id > c.id"))
    assert time.monotonic() - started < 2
    assert warehouse.execute(sealed("SELECT 1 AS one")).rows == ((1,),)
    warehouse.close()


def test_an_expensive_query_does_not_run(warehouse: PostgresWarehouse) -> None:
    started = time.monotonic()
    with pytest.raises(QueryTooExpensive, match="estimated cost"):
        warehouse.execute(sealed("SELECT count(*) FROM visits a, visits b, visits c, visits d"))
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "statement",
    ["SELECT 1; SELECT 2", "SELECT 1; COMMIT; DROP TABLE visits", "COMMIT", "SET statement_timeout = 0", "SHOW ALL"],
)
def test_only_one_query_goes_through(warehouse: PostgresWarehouse, statement: str) -> None:
    with pytest.raises(QueryFailed):
        warehouse.execute(sealed(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM visits",
        "SELECT email FROM visits",
        "WITH d AS (DELETE FROM visits RETURNING 1) SELECT * FROM d",
        "SELECT set_config('transaction_read_only', 'off', false)",
    ],
)
def test_the_reader_writes_nothing(warehouse: PostgresWarehouse, statement: str, visits: Database) -> None:
    with pytest.raises(QueryFailed):
        warehouse.execute(sealed(statement))
    with psycopg.connect(visits.owner) as connection:
        assert connection.execute("SELECT count(*) FROM visits").fetchone() == (2000,)


def test_settings_do_not_outlive_a_question(warehouse: PostgresWarehouse) -> None:
    warehouse.execute(sealed("SELECT set_config('statement_timeout', '0', false) AS x"))
    shown = warehouse.execute(sealed("SELECT current_setting('statement_timeout') AS x"))
    assert shown.rows == (("2s",),)


def test_a_message_shows_no_value_of_a_row(visits: Database) -> None:
    warehouse = PostgresWarehouse(visits.owner, timezone=ZONE)
    with pytest.raises(QueryFailed) as caught:
        warehouse.execute(sealed("SELECT email::int FROM visits"))
    assert "example.com" not in str(caught.value)
    assert "invalid input syntax" in str(caught.value)
    assert caught.value.sqlstate == "22P02"
    assert caught.value.__suppress_context__
    warehouse.close()


def test_a_wrong_name_is_named(warehouse: PostgresWarehouse) -> None:
    with pytest.raises(QueryFailed, match="nothing_here") as caught:
        warehouse.execute(sealed("SELECT nothing_here FROM visits"))
    assert caught.value.sqlstate == "42703"


def test_a_dropped_connection_is_replaced(warehouse: PostgresWarehouse, visits: Database) -> None:
    warehouse.execute(sealed("SELECT 1 AS one"))
    with psycopg.connect(visits.owner, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = 'dash_reader' AND datname = current_database()"
        )
    assert warehouse.execute(sealed("SELECT 2 AS two")).rows == ((2,),)


def test_no_server(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("none")
    warehouse = PostgresWarehouse(f"host={folder} user=nobody password=verysecret dbname=x", timezone=ZONE)
    with pytest.raises(WarehouseUnavailable) as caught:
        warehouse.execute(sealed("SELECT 1 AS one"))
    assert "verysecret" not in str(caught.value)


def test_threads_share_a_warehouse(warehouse: PostgresWarehouse) -> None:
    found: list[object] = []

    def ask(number: int) -> None:
        found.append(warehouse.execute(sealed(f"SELECT {number} AS n, count(*) FROM visits")).rows[0])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(repr, found)) == sorted(repr((number, 2000)) for number in range(12))


def test_a_rush_of_questions_waits_for_its_turn(visits: Database) -> None:
    """The reader's role has a limit of connections that a rush must not run into."""
    warehouse = PostgresWarehouse(visits.reader, timezone=ZONE, timeout_s=10)
    found: list[object] = []

    def ask() -> None:
        found.append(warehouse.execute(sealed("SELECT pg_sleep(0.5)::text AS slept")).rows[0])

    threads = [threading.Thread(target=ask) for _ in range(AT_ONCE * 3)]
    for thread in threads:
        thread.start()
    wait_for(visits, AT_ONCE)
    with pytest.raises(WarehouseUnavailable, match=f"{AT_ONCE} statements run already"):
        warehouse.within(0.01).execute(sealed("SELECT 1 AS one"))
    for thread in threads:
        thread.join()
    assert len(found) == AT_ONCE * 3
    warehouse.close()


def wait_for(visits: Database, sleepers: int) -> None:
    """Until so many statements run at once. Fails where there are ever more."""
    running, deadline = 0, time.monotonic() + 60
    with psycopg.connect(visits.owner, autocommit=True) as connection:
        while running < sleepers:
            found = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
                " AND usename = 'dash_reader'"
            ).fetchone()
            assert found is not None
            running = found[0]
            assert running <= sleepers
            assert time.monotonic() < deadline


def test_little_time_goes_beside_the_query(warehouse: PostgresWarehouse) -> None:
    warehouse.execute(sealed("SELECT 1 AS one"))
    taken = [warehouse.execute(sealed("SELECT 1 AS one")).elapsed_ms for _ in range(30)]
    assert statistics.median(taken) < 20


def test_run_takes_only_what_the_guard_made(warehouse: PostgresWarehouse) -> None:
    with pytest.raises(TypeError):
        run("SELECT 1", warehouse)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        SafeQuery("SELECT 1", ("x",), 10, (), object())


def test_columns_that_the_reader_sees(introspection: PostgresIntrospection) -> None:
    columns = introspection.columns()
    assert [column.name for column in columns["visits"]] == ["id", "channel", "at", "score", "day"]
    assert columns["visits"][2].type == "timestamp with time zone"
    assert [column.nullable for column in columns["visits"][:2]] == [False, True]


def test_distinct_values(introspection: PostgresIntrospection) -> None:
    assert introspection.distinct_values("visits", "channel", 5) == ["chat", "email"]
    assert introspection.distinct_values("visits", "channel", 1) is None
    assert introspection.distinct_values("empty_visits", "day", 1) == []


def test_newest(introspection: PostgresIntrospection) -> None:
    assert introspection.newest("visits", "at") == datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=2000)
    assert introspection.newest("visits", "day") == datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=2000)
    assert introspection.newest("empty_visits", "at") is None
