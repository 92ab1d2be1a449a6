"""What the roles can't do, tried on a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import Connection, errors, sql
from psycopg.conninfo import make_conninfo

from dash_agent.errors import WrongUse
from dash_agent.warehouse.migrate import migrate
from dash_agent.warehouse.readonly import assert_read_only, ways_to_write
from dash_agent.warehouse.roles import EMBEDDED, RoleNames, Undone, apply_grants, grants
from tests.e2e.databases import PERSONAL, Database

DENIED = (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction)


@pytest.fixture
def reader(database: Database) -> Iterator[Connection]:
    """As an attacker would have it: read-only switched off."""
    with psycopg.connect(database.reader, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute("SET transaction_read_only = off")
        yield connection


@pytest.fixture
def app(database: Database) -> Iterator[Connection]:
    with psycopg.connect(database.app) as connection:
        yield connection
        connection.rollback()


def test_the_reader_sees_every_column_that_is_not_personal(reader: Connection, database: Database) -> None:
    assert len(database.readable) == 8
    for table, columns in database.readable.items():
        listed = sql.SQL(", ").join(map(sql.Identifier, columns))
        reader.execute(sql.SQL("SELECT {}, count(*) OVER () FROM {}").format(listed, sql.Identifier(table)))


def test_the_reader_sees_nothing_personal(reader: Connection, database: Database) -> None:
    with psycopg.connect(database.owner) as owner:
        places = owner.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name = ANY (%s)",
            (list(PERSONAL),),
        ).fetchall()
    assert len(places) == 13
    for table, column in places:
        with pytest.raises(errors.InsufficientPrivilege):
            reader.execute(sql.SQL("SELECT {} FROM {}").format(sql.Identifier(column), sql.Identifier(table)))
        with pytest.raises(errors.InsufficientPrivilege):
            reader.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO customers (country) VALUES ('US')",
        "UPDATE customers SET country = 'US'",
        "DELETE FROM support_threads_data",
        "TRUNCATE support_threads_data",
        "WITH d AS (DELETE FROM customers RETURNING customer_id) SELECT * FROM d",
        "SELECT customer_id FROM customers FOR UPDATE",
        "SELECT nextval('customers_customer_id_seq')",
        "CREATE TABLE public.t (a int)",
        "CREATE TABLE pg_temp.t (a int)",
        "CREATE TEMP TABLE t (a int)",
        "SELECT customer_id INTO TEMP t FROM customers",
        "CREATE TEMP VIEW v AS SELECT 1",
        "CREATE SCHEMA s",
        "CREATE DATABASE d",
        "CREATE ROLE r",
        "CREATE EXTENSION dblink",
        "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DO $$ BEGIN PERFORM 1; END $$",
        "DROP TABLE customers",
        "ALTER TABLE customers ADD COLUMN x int",
        "ALTER ROLE dash_reader CONNECTION LIMIT 100",
        "ALTER SYSTEM SET work_mem = '1GB'",
        "SET temp_file_limit = -1",
        "SET session_replication_role = replica",
        "SET ROLE dash_owner",
        "SET ROLE dash_app",
        "SET ROLE pg_read_all_data",
        "SET SESSION AUTHORIZATION dash_app",
        "SELECT * FROM app.answers",
        "SELECT * FROM app.alembic_version",
        "CREATE TABLE ai.t (a int)",
        "COPY (SELECT 1) TO '/tmp/x'",
        "COPY (SELECT 1) TO PROGRAM 'id'",
        "COPY customers (country) FROM '/etc/passwd'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_read_binary_file('PG_VERSION')",
        "SELECT pg_ls_dir('.')",
        "SELECT pg_stat_file('PG_VERSION')",
        "SELECT lo_creat(-1)",
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT lo_put(1, 0, 'x')",
        "SELECT lo_unlink(1)",
        "SELECT lo_import('/etc/passwd')",
        "SELECT lo_export(1, '/tmp/x')",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_try_advisory_xact_lock(1, 2)",
        "SELECT pg_notify('a', 'b')",
        "SELECT pg_sleep(10)",
        "SELECT pg_cancel_backend(1)",
        "SELECT pg_terminate_backend(1)",
        "SELECT pg_reload_conf()",
        "SELECT pg_rotate_logfile()",
        "SELECT pg_switch_wal()",
        "SELECT pg_create_restore_point('x')",
        "SELECT pg_export_snapshot()",
        "SELECT pg_logical_emit_message(true, 'a', 'b')",
        "SELECT pg_current_logfile()",
        "SELECT pg_current_xact_id()",
        "SELECT pg_stat_reset()",
        "SELECT query_to_xml('SELECT 1', true, true, '')",
        "SELECT table_to_xml('customers', true, true, '')",
        "SELECT database_to_xml(true, true, '')",
        "SELECT * FROM ts_stat('SELECT ''a b''::tsvector')",
        "SELECT ts_rewrite('a'::tsquery, 'SELECT ''a''::tsquery, ''b''::tsquery')",
        "SELECT * FROM pg_authid",
        "SELECT * FROM pg_statistic",
        "SELECT * FROM pg_user_mapping",
        "SELECT * FROM pg_hba_file_rules",
    ],
)
def test_what_the_reader_is_denied(reader: Connection, statement: str) -> None:
    with pytest.raises(DENIED):
        reader.execute(statement.encode())


def test_what_analytics_needs_is_not_denied(reader: Connection) -> None:
    reader.execute(
        "SELECT date_trunc('week', t.created_at AT TIME ZONE 'Asia/Jerusalem'), count(*), avg(csat),"
        " percentile_cont(0.9) WITHIN GROUP (ORDER BY sent_at - t.created_at), string_agg(channel, ','),"
        " sum(cost_usd) FILTER (WHERE auto_sent), rank() OVER (ORDER BY count(*) DESC),"
        " round(100.0 * count(*) / nullif(sum(count(*)) OVER (), 0), 1), max(length(channel)), now(), clock_timestamp()"
        " FROM support_threads_data t JOIN customers USING (customer_id) GROUP BY 1"
    )
    reader.execute("SELECT * FROM generate_series(now() - interval '1 week', now(), '1 day') ORDER BY random()")
    reader.execute("EXPLAIN (FORMAT JSON) SELECT count(*) FROM support_threads_data")
    reader.execute("SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute")
    reader.execute("SELECT * FROM information_schema.columns")
    reader.execute("SELECT * FROM pg_stats")
    reader.execute("SELECT pg_advisory_unlock_all()")
    reader.execute("SELECT set_config('statement_timeout', '5s', false), current_setting('timezone')")


def test_the_readers_settings(database: Database) -> None:
    with psycopg.connect(database.reader) as connection:
        shown = {
            name: connection.execute(sql.SQL("SHOW {}").format(sql.Identifier(name))).fetchone()
            for name in (
                "default_transaction_read_only",
                "temp_file_limit",
                "statement_timeout",
                "search_path",
            )
        }
        with pytest.raises(errors.ReadOnlySqlTransaction):
            connection.execute("CREATE TABLE t (a int)")
    assert shown == {
        "default_transaction_read_only": ("on",),
        "temp_file_limit": ("512MB",),
        "statement_timeout": ("30s",),
        "search_path": ("public",),
    }


def test_the_app_writes(app: Connection) -> None:
    app.execute(
        "INSERT INTO customers (full_name, email, country, language, created_at)"
        " VALUES ('A', 'a@example.org', 'US', 'en', now())"
    )
    app.execute("UPDATE customers SET country = 'IL'")
    app.execute("DELETE FROM customers")
    app.execute("INSERT INTO app.turns (\"user\", session, question, plan) VALUES ('u', 's', 'q', '{}')")
    app.execute("INSERT INTO app.audit (\"user\", action, subject) VALUES ('u', 'a', 's')")
    app.execute("SELECT * FROM app.audit")
    app.execute("SELECT pg_advisory_xact_lock(1), pg_notify('a', 'b')")
    app.execute("SELECT pg_try_advisory_lock(2), pg_advisory_unlock(2)")
    app.execute("CREATE TABLE ai.sessions (id bigserial PRIMARY KEY, v vector(3), note text)")
    app.execute("INSERT INTO ai.sessions (v) VALUES ('[1,2,3]')")
    app.execute("CREATE INDEX ON ai.sessions USING hnsw (v vector_l2_ops)")
    app.execute("CREATE INDEX ON ai.sessions USING gin (note gin_trgm_ops)")
    app.execute("SELECT v <-> '[3,2,1]' FROM ai.sessions")


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE customers ADD COLUMN x int",
        "DROP TABLE customers",
        "TRUNCATE customers",
        "CREATE INDEX ON customers (country)",
        "CREATE TABLE public.t (a int)",
        "CREATE TABLE app.t (a int)",
        "CREATE TEMP TABLE t (a int)",
        "CREATE ROLE r",
        "SET ROLE dash_owner",
        "GRANT SELECT ON customers TO dash_reader",
        "UPDATE app.audit SET action = 'nothing'",
        "DELETE FROM app.audit",
        "UPDATE app.alembic_version SET version_num = 'x'",
        "COPY customers TO '/tmp/x'",
        "SELECT pg_read_file('/etc/passwd')",
        "ALTER ROLE dash_reader CONNECTION LIMIT 100",
    ],
)
def test_what_the_app_is_denied(app: Connection, statement: str) -> None:
    # GRANT of what one does not hold with grant option only warns, where some right is held.
    if statement.startswith("GRANT"):
        app.execute(statement.encode())
        rights = "SELECT has_table_privilege('dash_reader', 'public.customers', 'SELECT')"
        assert app.execute(rights.encode()).fetchone() == (False,)
        return
    with pytest.raises(errors.InsufficientPrivilege):
        app.execute(statement.encode())


def test_grants_replace_what_was_there(fresh_database: Callable[[], Database]) -> None:
    made = fresh_database()
    with psycopg.connect(made.owner) as owner:
        owner.execute("GRANT SELECT, INSERT ON customers TO dash_reader")
        owner.execute("GRANT SELECT (email) ON customers TO PUBLIC")
        owner.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
    assert ways_to_write(made.reader) != ()
    for _ in range(2):
        assert apply_grants(made.owner, {"customers": ["country"]}) == Undone()
    assert ways_to_write(made.reader) == ()
    with psycopg.connect(made.reader) as connection:
        connection.execute("SELECT country FROM customers")
        for closed in ("SELECT email FROM customers", "SELECT count(*) FROM support_threads_data"):
            with pytest.raises(errors.InsufficientPrivilege), connection.transaction():
                connection.execute(closed.encode())


def test_names_are_quoted() -> None:
    made = grants({'t"; DROP TABLE x': ["a b", 'c"']}, RoleNames("o", "a-p", "r d"))
    assert made[-1] == 'GRANT SELECT ("a b", "c""") ON public."t""; DROP TABLE x" TO "r d"'
    assert all('"a-p"' in statement or '"r d"' in statement for statement in made)


def test_our_reader_is_one(database: Database) -> None:
    assert_read_only(database.reader)


@pytest.mark.parametrize(
    ("makes", "reason"),
    [
        ("ALTER ROLE {} SUPERUSER", "it is a superuser"),
        ("ALTER ROLE {} CREATEDB", "it can create databases"),
        ("ALTER ROLE {} CREATEROLE", "it can create roles"),
        ("GRANT pg_write_all_data TO {}", "it is a member of pg_write_all_data"),
        ("GRANT pg_execute_server_program TO {}", "it is a member of pg_execute_server_program"),
        ("GRANT CREATE ON DATABASE {database} TO {}", "it can create schemas in this database"),
        ("GRANT CREATE ON SCHEMA public TO {}", "it can create objects in schema public"),
        ("GRANT DELETE ON customers TO {}", "it can write public.customers"),
        ("GRANT UPDATE (country) ON customers TO {}", "it can write public.customers"),
        ("GRANT UPDATE ON SEQUENCE customers_customer_id_seq TO {}", "it can move the sequence"),
        ("ALTER TABLE customers OWNER TO {}", "it owns public.customers"),
        # A right that is only one SET ROLE away.
        ("ALTER ROLE {} NOINHERIT; GRANT dash_app TO {}", "it can write public.customers"),
    ],
)
def test_a_foreign_reader_that_can_write(fresh_database: Callable[[], Database], makes: str, reason: str) -> None:
    made = fresh_database()
    role = sql.Identifier("somebody")
    with psycopg.connect(made.owner, autocommit=True) as owner:
        database = sql.Identifier(owner.info.dbname)
        owner.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'p'").format(role))
        try:
            owner.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, role))
            url = make_conninfo(made.reader, user="somebody", password="p")
            assert ways_to_write(url) == ()
            owner.execute(sql.SQL(makes.replace("{}", "{role}")).format(role=role, database=database))
            assert any(found.startswith(reason) for found in ways_to_write(url)), ways_to_write(url)
            with pytest.raises(WrongUse, match="is not a reader"):
                assert_read_only(url)
        finally:
            owner.execute(sql.SQL("REASSIGN OWNED BY {} TO {}").format(role, sql.Identifier(EMBEDDED.owner)))
            owner.execute(sql.SQL("DROP OWNED BY {}; DROP ROLE {}").format(role, role))


def test_an_owner_that_is_no_superuser(fresh_database: Callable[[], Database]) -> None:
    """As on a managed server: what only an administrator can close is told, and the rest holds."""
    made = fresh_database()
    names = RoleNames("plain_owner", "plain_app", "plain_reader")
    with psycopg.connect(made.owner, autocommit=True) as owner:
        owner.execute("CREATE ROLE plain_owner LOGIN PASSWORD 'p' CREATEROLE")
        owner.execute("CREATE ROLE plain_app LOGIN PASSWORD 'p'; CREATE ROLE plain_reader LOGIN PASSWORD 'p'")
        owner.execute("CREATE DATABASE plain OWNER plain_owner")
    plain = {
        role: make_conninfo(made.owner, user=f"plain_{role}", password="p", dbname="plain")
        for role in ("owner", "app", "reader")
    }
    migrate(plain["owner"])
    with psycopg.connect(plain["owner"]) as connection:
        assert connection.execute("SELECT extname FROM pg_extension WHERE extname = 'vector'").fetchall() == []
    left = apply_grants(plain["owner"], {"customers": ["country"]}, names).limits
    assert any("superuser" in line for line in left)
    assert ways_to_write(plain["reader"]) == ()
    with psycopg.connect(plain["reader"]) as connection:
        connection.execute("SELECT country FROM customers")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("SELECT email FROM customers")
    with psycopg.connect(plain["app"]) as connection:
        connection.execute("CREATE TABLE ai.t (a int)")
