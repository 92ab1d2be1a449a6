"""Row-level security alone: what a scope's login sees with no guard before it, by psycopg."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection, errors, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from dash_agent.context.catalog import Catalog
from dash_agent.errors import WarehouseUnavailable, WrongUse
from dash_agent.models.principal import ScopeFilter
from dash_agent.semantic.scope import policies, row_rules
from dash_agent.sql.guard import Moment, guard
from dash_agent.warehouse import roles, row_security
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.logins import ScopedReader, scope_key, scoped_url
from dash_agent.warehouse.preparation import prepare
from dash_agent.warehouse.readonly import ways_to_write
from dash_agent.warehouse.roles import EMBEDDED, READER_CONNECTIONS, READER_SETTINGS, RoleNames, apply_grants
from dash_agent.warehouse.row_security import LOOKUPS
from tests.conftest import NOW, ZONE
from tests.e2e.commands import on
from tests.e2e.databases import Database
from tests.e2e.scopes import NARROWED, ScopedDesk, login, schema_of

DENIED = (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction)
PLACES = [(name, table) for name, one in NARROWED.items() for table in sorted(one.reach)]


@pytest.fixture(scope="module")
def logged_in(scoped_desk: ScopedDesk) -> Iterator[Mapping[str, Connection]]:
    """As an attacker would have it: read-only switched off."""
    made = {}
    for name, narrowed in NARROWED.items():
        made[name] = psycopg.connect(login(scoped_desk.whole, narrowed.scope), autocommit=True)
        made[name].execute("SET default_transaction_read_only = off")
    yield made
    for connection in made.values():
        connection.close()


def listed(columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


@pytest.mark.parametrize(("name", "table"), PLACES)
def test_a_login_sees_the_rows_within_its_scope(
    name: str, table: str, logged_in: Mapping[str, Connection], scoped_desk: ScopedDesk, home: Catalog
) -> None:
    chosen = sql.SQL("SELECT {} FROM {} ORDER BY 1").format(listed(home.readable[table]), sql.Identifier(table))
    with psycopg.connect(scoped_desk.parts[name].owner) as part:
        expected = part.execute(chosen).fetchall()
    with psycopg.connect(scoped_desk.whole.reader) as reader:
        everything = reader.execute(chosen).fetchall()
    assert logged_in[name].execute(chosen).fetchall() == expected
    assert 0 < len(expected) < len(everything)


@pytest.mark.parametrize("name", NARROWED)
def test_other_tables_and_columns_are_closed(
    name: str, logged_in: Mapping[str, Connection], scoped_desk: ScopedDesk, home: Catalog
) -> None:
    with psycopg.connect(scoped_desk.whole.owner) as owner:
        rows = owner.execute(
            "SELECT n.nspname, c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " JOIN pg_attribute a ON a.attrelid = c.oid WHERE n.nspname IN ('public', 'app', 'ai', %s)"
            " AND c.relkind IN ('r', 'v') AND a.attnum > 0",
            (LOOKUPS,),
        ).fetchall()
    open_to = {(table, column) for table in NARROWED[name].reach for column in home.readable[table]}
    assert any(schema == LOOKUPS for schema, _, _ in rows)
    for schema, table, column in rows:
        if schema in ("app", "ai") or (schema == "public" and (table, column) not in open_to):
            chosen = sql.SQL("SELECT {} FROM {}").format(sql.Identifier(column), sql.Identifier(schema, table))
            with pytest.raises(errors.InsufficientPrivilege):
                logged_in[name].execute(chosen)


def test_a_lookup_gives_the_keys_of_one_filter_to_who_has_it(
    logged_in: Mapping[str, Connection], scoped_desk: ScopedDesk
) -> None:
    """All that a login sees of a table beyond its reach, where a filter's way leads through it."""
    american = "SELECT customer_id FROM customers WHERE country = 'US' ORDER BY 1"
    with psycopg.connect(scoped_desk.whole.owner) as owner:
        expected = owner.execute(american.encode()).fetchall()
        found = owner.execute("SELECT viewname, definition FROM pg_views WHERE schemaname = %s", (LOOKUPS,)).fetchall()
    (view,) = (name for name, definition in found if name.startswith("customers_") and "'US'" in definition)
    keys = sql.SQL("SELECT * FROM {} ORDER BY 1").format(sql.Identifier(LOOKUPS, view))
    assert logged_in["channel and country"].execute(keys).fetchall() == expected
    for name in ("channel", "country", "language"):
        with pytest.raises(errors.InsufficientPrivilege):
            logged_in[name].execute(keys)


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE dash_reader",
        "SET ROLE dash_app",
        "SET ROLE dash_owner",
        "SET ROLE pg_read_all_data",
        "SET SESSION AUTHORIZATION dash_reader",
        "ALTER TABLE support_threads_data DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE support_threads_data NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY dash_every_row ON support_threads_data",
        "ALTER POLICY dash_every_row ON support_threads_data TO PUBLIC",
        "CREATE POLICY mine ON support_threads_data USING (true)",
        "GRANT SELECT ON support_threads_data TO PUBLIC",
        "ALTER ROLE CURRENT_USER BYPASSRLS",
        "ALTER ROLE CURRENT_USER CONNECTION LIMIT 100",
        "CREATE TEMP TABLE t (a int)",
        "CREATE VIEW v AS SELECT 1",
        "CREATE FUNCTION public.f(text) RETURNS bool LANGUAGE sql COST 0.0001 AS 'SELECT true'",
        "DO $$ BEGIN RAISE NOTICE 'x'; END $$",
        "SELECT pg_sleep(1)",
        "SELECT query_to_xml('SELECT 1', true, true, '')",
        "SELECT stavalues1 FROM pg_statistic",
        "UPDATE support_threads_data SET channel = 'whatsapp'",
        "DELETE FROM support_threads_data",
        "INSERT INTO support_dialogs (ticket_id) VALUES (1)",
        "SELECT ticket_id FROM support_threads_data FOR UPDATE",
        "SET session_replication_role = replica",
    ],
)
def test_what_a_login_is_denied(statement: str, logged_in: Mapping[str, Connection]) -> None:
    with pytest.raises(DENIED):
        logged_in["channel"].execute(statement.encode())


def test_switching_row_security_off_is_an_error_and_no_way_round(logged_in: Mapping[str, Connection]) -> None:
    connection = logged_in["channel"]
    connection.execute("SET row_security = off")
    with pytest.raises(errors.InsufficientPrivilege, match="would be affected by row-level security"):
        connection.execute("SELECT count(*) FROM support_threads_data")
    connection.execute("SET row_security = on")


@pytest.mark.parametrize(
    "condition",
    [
        "1 / (CASE WHEN channel IN ('telegram', 'whatsapp') THEN 1 ELSE 0 END) = 1",
        "CASE WHEN channel = 'email' THEN channel::int = 1 ELSE TRUE END",
        "length(repeat('x', CASE WHEN channel = 'email' THEN 2000000000 ELSE 1 END)) = 1",
        "to_date(CASE WHEN channel = 'email' THEN 'no date' ELSE '2026' END, 'YYYY') IS NOT NULL",
        "(SELECT 1 FROM generate_series(1, CASE WHEN channel = 'email' THEN 2 ELSE 1 END)) = 1",
        "sqrt(CASE WHEN channel = 'email' THEN -1 ELSE 1 END) = 1",
    ],
)
def test_a_condition_that_fails_on_hidden_rows_meets_none(
    condition: str, logged_in: Mapping[str, Connection], scoped_desk: ScopedDesk
) -> None:
    statement = f"SELECT count(*) FROM support_threads_data WHERE {condition}".encode()
    with psycopg.connect(scoped_desk.parts["channel"].owner) as part:
        expected = part.execute("SELECT count(*) FROM support_threads_data").fetchone()
    assert logged_in["channel"].execute(statement).fetchone() == expected
    # To whom the rows are not hidden, it fails: so it would tell.
    with psycopg.connect(scoped_desk.whole.reader) as reader, pytest.raises(psycopg.Error):
        reader.execute(statement)


WIDE = (ScopeFilter("country", ("AT", "CA", "DE", "ES", "FR", "GB", "IT", "US")),)


@pytest.fixture(scope="module")
def widely_narrowed(fresh_database: Callable[[], Database], home: Catalog) -> Iterator[tuple[Connection, str]]:
    """A login that looks up the customers of eight countries, and the lookup's name. Customer 1 is of a ninth.

    The more values, the dearer the view's own condition, and the sooner another would go first.
    """
    made = fresh_database()
    apply_grants(made.owner, home.readable, EMBEDDED, [scoped_reader(made, home, WIDE)])
    with psycopg.connect(made.owner) as owner:
        owner.execute(
            "INSERT INTO customers (customer_id, full_name, email, country, language, created_at)"
            " SELECT i, 'A', i || '@example.com', (ARRAY['IL', 'DE', 'AT', 'US'])[i], 'de', now()"
            " FROM generate_series(1, 4) i"
        )
        found = owner.execute("SELECT viewname FROM pg_views WHERE schemaname = %s", (LOOKUPS,)).fetchall()
    (view,) = (name for (name,) in found if name.startswith("customers_"))
    with psycopg.connect(login(made, WIDE), autocommit=True) as connection:
        yield connection, view


@pytest.mark.parametrize(
    "condition",
    [
        "1 / (customer_id - 1) < 5",
        "ln(customer_id - 1) IS NOT NULL",
        "sqrt(customer_id - 2) IS NOT NULL",
        "chr((customer_id - 1)::int) IS NOT NULL",
    ],
)
def test_a_condition_on_a_lookup_meets_no_hidden_rows(condition: str, widely_narrowed: tuple[Connection, str]) -> None:
    connection, view = widely_narrowed
    lookup = sql.Identifier(LOOKUPS, view)
    counted = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(lookup, sql.SQL(condition))
    assert connection.execute(counted).fetchone() == (3,)


def test_statistics_of_narrowed_tables_are_not_shown(
    logged_in: Mapping[str, Connection], scoped_desk: ScopedDesk
) -> None:
    shown = "SELECT count(*) FROM pg_stats WHERE tablename = 'support_threads_data'"
    with psycopg.connect(scoped_desk.whole.owner, autocommit=True) as owner:
        owner.execute("ANALYZE support_threads_data")
        assert owner.execute(shown).fetchone() != (0,)
    assert logged_in["channel"].execute(shown).fetchone() == (0,)


def test_a_login_is_a_reader_with_a_readers_limits(scoped_desk: ScopedDesk) -> None:
    for narrowed in NARROWED.values():
        url = login(scoped_desk.whole, narrowed.scope)
        assert ways_to_write(url) == ()
        with psycopg.connect(url) as connection:
            found = connection.execute(
                "SELECT rolconfig, rolconnlimit FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
        assert found == ([f"{setting}={value}" for setting, value in READER_SETTINGS.items()], READER_CONNECTIONS)


def test_the_app_and_the_reader_see_every_row(scoped_desk: ScopedDesk) -> None:
    for table in ("support_threads_data", "customers", "ai_answerer_instructions"):
        counted = f"SELECT count(*) FROM {table}".encode()
        with psycopg.connect(scoped_desk.whole.owner) as owner:
            expected = owner.execute(counted).fetchone()
        for url in (scoped_desk.whole.app, scoped_desk.whole.reader):
            with psycopg.connect(url) as connection:
                assert connection.execute(counted).fetchone() == expected


def test_the_app_writes_under_row_security(scoped_desk: ScopedDesk) -> None:
    with psycopg.connect(scoped_desk.whole.app) as app:
        changed = app.execute("UPDATE support_threads_data SET urgency = urgency WHERE channel = 'email'").rowcount
        made = app.execute(
            "INSERT INTO customers (full_name, email, country, language, created_at)"
            " VALUES ('A', 'new@example.com', 'DE', 'de', now()) RETURNING customer_id"
        ).fetchall()
        removed = app.execute("DELETE FROM customers WHERE email = 'new@example.com'").rowcount
        app.rollback()
    assert (changed > 0, len(made), removed) == (True, 1, 1)


def test_a_table_gives_nothing_to_whom_no_policy_names(fresh_database: Callable[[], Database]) -> None:
    made = fresh_database()
    apply_grants(made.owner, {"customers": ["country"]})
    with psycopg.connect(made.owner) as owner:
        owner.execute("INSERT INTO customers VALUES (1, 'A', 'a@example.com', 'DE', 'de', now())")
        owner.execute("CREATE ROLE stranger; GRANT USAGE ON SCHEMA public TO stranger")
        owner.execute("GRANT SELECT ON customers TO stranger; SET LOCAL ROLE stranger")
        assert owner.execute("SELECT count(*) FROM customers").fetchone() == (0,)
        owner.rollback()


# Making ready.

CHANNEL = (ScopeFilter("channel", ("whatsapp",)),)
COUNTRY = (ScopeFilter("country", ("DE",)), ScopeFilter("channel", ("chat", "email")))


def scoped_reader(database: Database, home: Catalog, scope: tuple[ScopeFilter, ...]) -> ScopedReader:
    ruled = policies(row_rules(home, scope), LOOKUPS)
    return ScopedReader(login(database, scope), ruled.conditions, ruled.lookups)


def roles_of(database: Database) -> set[str]:
    with psycopg.connect(database.owner) as owner:
        found = owner.execute(
            "SELECT DISTINCT grantee FROM information_schema.column_privileges"
            " WHERE table_schema = 'public' AND grantee LIKE 'dash_reader\\_%'"
        ).fetchall()
    return {str(role) for (role,) in found}


def test_scopes_come_and_go_with_the_access_file(fresh_database: Callable[[], Database], home: Catalog) -> None:
    made, told = fresh_database(), list[str]()
    channel, country = (scoped_reader(made, home, scope) for scope in (CHANNEL, COUNTRY))

    def ready(*scoped: ScopedReader) -> bool:
        """Whether there was something to do."""
        told.clear()
        prepare(made.owner, home.readable, EMBEDDED, told.append, scoped=scoped)
        return bool(told)

    assert ready(channel)
    assert not ready(channel)
    assert roles_of(made) == {channel.name}
    assert ready(channel, country)
    assert roles_of(made) == {channel.name, country.name}
    with psycopg.connect(channel.url, autocommit=True) as connection:
        connection.execute("SELECT channel FROM public.support_threads_data")
        assert ready(country)
        # A session of a login that is gone sees nothing more.
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("SELECT channel FROM public.support_threads_data")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(channel.url)
    assert roles_of(made) == {country.name}
    assert ready()
    assert roles_of(made) == set()
    assert not ready()


def test_a_login_that_another_database_uses_stays_for_it(fresh_database: Callable[[], Database], home: Catalog) -> None:
    one, other = fresh_database(), fresh_database()
    for made in (one, other):
        apply_grants(made.owner, home.readable, EMBEDDED, [scoped_reader(made, home, CHANNEL)])
    apply_grants(one.owner, home.readable)
    with psycopg.connect(login(other, CHANNEL)) as connection:
        connection.execute("SELECT channel FROM public.support_threads_data")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(login(one, CHANNEL))
    apply_grants(other.owner, home.readable)
    with pytest.raises(psycopg.OperationalError, match=r"password authentication failed|does not exist"):
        psycopg.connect(login(other, CHANNEL))


def test_lifting_lets_a_migration_change_what_policies_name(
    fresh_database: Callable[[], Database], home: Catalog
) -> None:
    made = fresh_database()
    apply_grants(made.owner, home.readable, EMBEDDED, [scoped_reader(made, home, COUNTRY)])
    change = (
        "ALTER TABLE customers ALTER COLUMN country TYPE text; ALTER TABLE support_threads_data DROP COLUMN channel"
    )
    with psycopg.connect(made.owner) as owner:
        with pytest.raises(errors.FeatureNotSupported), owner.transaction():
            owner.execute(change.encode())
        row_security.lift(owner)
        owner.execute(change.encode())
    with psycopg.connect(login(made, COUNTRY)) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("SELECT ticket_id FROM support_threads_data")
    with psycopg.connect(made.reader) as reader:
        reader.execute("SELECT ticket_id FROM support_threads_data")
    # And what the catalogue names though it is gone leaves its tables closed to the scope, and nothing else.
    left = {
        table: [c for c in columns if (table, c) != ("support_threads_data", "channel")]
        for table, columns in home.readable.items()
    }
    both = [scoped_reader(made, home, scope) for scope in (COUNTRY, (ScopeFilter("country", ("DE",)),))]
    apply_grants(made.owner, left, EMBEDDED, both)
    with psycopg.connect(both[0].url) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("SELECT ticket_id FROM support_threads_data")
    with psycopg.connect(both[1].url) as connection:
        connection.execute("SELECT ticket_id FROM support_threads_data")


def test_a_role_that_is_more_than_a_reader_is_not_taken_for_a_login(
    fresh_database: Callable[[], Database], home: Catalog
) -> None:
    made = fresh_database()
    reader = scoped_reader(made, home, (ScopeFilter("channel", ("voice",)),))
    role = sql.Identifier(reader.name)
    with psycopg.connect(made.owner, autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE ROLE {} BYPASSRLS").format(role))
        with pytest.raises(WrongUse, match="more than a reader"):
            apply_grants(made.owner, home.readable, EMBEDDED, [reader])
        owner.execute(sql.SQL("DROP ROLE {}").format(role))


def test_a_session_that_keeps_a_table_stops_it_with_a_reason(
    fresh_database: Callable[[], Database], home: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = fresh_database()
    monkeypatch.setattr(roles, "LOCK_WAIT", "200ms")
    with psycopg.connect(made.owner) as other:
        other.execute("SELECT count(*) FROM customers")
        with pytest.raises(WarehouseUnavailable, match="another session has kept tables"):
            apply_grants(made.owner, home.readable)


def test_passwords_are_derived_and_differ(scoped_desk: ScopedDesk) -> None:
    def password(app: str, scope: tuple[ScopeFilter, ...]) -> str:
        return str(conninfo_to_dict(scoped_url(app, "dash_reader", scope))["password"])

    apps = ["postgresql://app:one@db/dash", "postgresql://app:two@db/dash"]
    made = {password(app, scope) for app in apps for scope in (CHANNEL, COUNTRY)}
    assert len(made) == 4
    assert not any(word in secret for secret in made for word in ("one", "two"))
    assert password(apps[0], CHANNEL) == password(apps[0], CHANNEL)


def test_a_scope_is_the_same_in_any_order() -> None:
    turned = (ScopeFilter("channel", ("email", "chat", "email")), ScopeFilter("country", ("DE",)))
    assert scope_key(turned) == scope_key(COUNTRY)
    assert scope_key(COUNTRY) != scope_key(COUNTRY[:1])
    assert scope_key(()) != scope_key(CHANNEL)


def test_an_owner_who_may_not_make_roles(fresh_database: Callable[[], Database], home: Catalog) -> None:
    """Unscoped questions go on, scoped ones are refused, and who can mend it is told how."""
    made = fresh_database()
    names = RoleNames("modest_owner", "modest_app", "modest_reader")
    with psycopg.connect(made.owner, autocommit=True) as owner:
        for role in ("owner", "app", "reader"):
            owner.execute(f"CREATE ROLE modest_{role} LOGIN PASSWORD 'p'".encode())
        owner.execute("CREATE DATABASE modest OWNER modest_owner")
    urls = {
        role: make_conninfo(made.owner, user=f"modest_{role}", password="p", dbname="modest")
        for role in ("owner", "app", "reader")
    }
    database = Database(urls["owner"], urls["app"], urls["reader"], home.readable)
    ruled = policies(row_rules(home, CHANNEL), LOOKUPS)
    url = scoped_url(database.app, names.reader, CHANNEL)
    scoped, told = ScopedReader(url, ruled.conditions, ruled.lookups), list[str]()

    def ready() -> str:
        told.clear()
        prepare(database.owner, home.readable, names, told.append, scoped=[scoped])
        return "\n".join(told)

    assert "ALTER ROLE modest_owner CREATEROLE" in ready()
    assert ready() == ""
    warehouse = PostgresWarehouse(database.reader, timezone=ZONE.key, login_of=lambda _: url)
    counted, moment = "SELECT count(*) FROM support_threads_data", Moment(NOW, ZONE.key)
    try:
        assert warehouse.execute(guard(counted, schema_of(home, ()), moment)).rows == ((0,),)
        with pytest.raises(WarehouseUnavailable, match="db migrate") as refused:
            warehouse.execute(guard(counted, schema_of(home, CHANNEL), moment))
        assert str(conninfo_to_dict(url)["password"]) not in str(refused.value)
        with psycopg.connect(made.owner, autocommit=True) as owner:
            owner.execute("ALTER ROLE modest_owner CREATEROLE")
        assert "without a login" not in ready()
        assert warehouse.execute(guard(counted, schema_of(home, CHANNEL), moment)).rows == ((0,),)
    finally:
        warehouse.close()


def test_migrate_on_the_command_line_makes_the_logins_of_the_access_file(
    empty_database: Callable[[], Database], tmp_path: Path, home: Catalog
) -> None:
    made = empty_database()
    shell = on(made, tmp_path).having(DASH_WAREHOUSE_URL="")
    told = shell.run("db", "migrate")
    assert told.code == 0, told.err
    access = json.loads(Path(shell.variables["DASH_CONTENT_DIR"], "business/access.json").read_text("utf-8"))
    scopes = {
        tuple(ScopeFilter(narrowed["dimension"], tuple(narrowed["values"])) for narrowed in user["scope"])
        for user in access["users"]
        if user.get("scope")
    }
    assert len(scopes) == 3
    for scope in scopes:
        url = scoped_url(made.app, "dash_app_reader", scope)
        assert str(conninfo_to_dict(url)["password"]) not in told.out + told.err
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM support_threads_data").fetchone() == (0,)
