"""Making a database ready: beside other starts on the same server, and without a catalogue."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo

from dash_agent.context.catalog import Catalog
from dash_agent.errors import WarehouseUnavailable
from dash_agent.models.principal import ScopeFilter
from dash_agent.semantic.scope import policies, row_rules
from dash_agent.sql.guard import Moment, guard
from dash_agent.warehouse import preparation, roles
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.logins import ScopedReader, scoped_url
from dash_agent.warehouse.migrate import migrate
from dash_agent.warehouse.preparation import prepare
from dash_agent.warehouse.roles import EMBEDDED, RoleNames, Undone
from dash_agent.warehouse.row_security import LOOKUPS
from tests.conftest import NOW, ZONE
from tests.e2e.databases import Database
from tests.e2e.scopes import schema_of

Fresh = Callable[[], Database]
COUNTRIES = {"customers": ["country"]}
LANGUAGES = {"customers": ["language"]}
SCOPE = (ScopeFilter("channel", ("chat", "voice", "whatsapp")),)


def scoped(database: Database, home: Catalog, reader: str = EMBEDDED.reader) -> ScopedReader:
    ruled = policies(row_rules(home, SCOPE), LOOKUPS)
    return ScopedReader(scoped_url(database.app, reader, SCOPE), ruled.conditions, ruled.lookups)


def ready(made: Database, tables: dict[str, list[str]] | None) -> bool:
    """Whether there was nothing to do."""
    told = list[str]()
    prepare(made.owner, tables, EMBEDDED, told.append)
    return not told


def seen(database: Database) -> set[tuple[str, str]]:
    with psycopg.connect(database.owner) as owner:
        found = owner.execute(
            "SELECT table_name, column_name FROM information_schema.column_privileges"
            " WHERE table_schema = 'public' AND grantee = 'dash_reader' AND privilege_type = 'SELECT'"
        ).fetchall()
    return {(str(table), str(column)) for table, column in found}


def test_a_start_that_is_overtaken_records_nothing_over_the_others_rights(
    fresh_database: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, real, late = fresh_database(), roles.apply_grants, list[bool]()

    def overtaken(*given: object, **named: object) -> Undone:
        done = real(*given, **named)  # type: ignore[arg-type]
        monkeypatch.setattr(preparation, "apply_grants", real)
        late.append(ready(made, LANGUAGES))
        return done

    monkeypatch.setattr(preparation, "apply_grants", overtaken)
    ready(made, COUNTRIES)
    assert late == [False]
    assert seen(made) == {("customers", "language")}
    assert ready(made, LANGUAGES)
    assert not ready(made, COUNTRIES)
    assert seen(made) == {("customers", "country")}


def test_who_waited_for_the_same_rights_finds_them_set(fresh_database: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
    made, real = fresh_database(), migrate

    def overtaken(url: str) -> tuple[str, ...]:
        monkeypatch.setattr(preparation, "migrate", real)
        ready(made, COUNTRIES)
        with psycopg.connect(made.owner) as owner:
            owner.execute("GRANT SELECT (language) ON customers TO dash_reader")
        return real(url)

    monkeypatch.setattr(preparation, "migrate", overtaken)
    ready(made, COUNTRIES)
    # Set twice, the right that was given in between would be gone.
    assert seen(made) == {("customers", "country"), ("customers", "language")}


def test_a_migration_leaves_no_record_of_the_rights_it_took(fresh_database: Fresh) -> None:
    made = fresh_database()
    ready(made, COUNTRIES)
    with psycopg.connect(made.owner) as owner:
        owner.execute("DELETE FROM app.alembic_version WHERE version_num LIKE 'state_%'")
        owner.execute("DROP SCHEMA ai CASCADE")
        for (table,) in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'app'").fetchall():
            if table != "alembic_version":
                owner.execute(sql.SQL("DROP TABLE {} CASCADE").format(sql.Identifier("app", table)))
    assert not ready(made, COUNTRIES)
    with psycopg.connect(made.app) as app:
        app.execute("SELECT FROM app.answers")


def test_first_starts_at_once_on_one_server(fresh_database: Fresh, home: Catalog) -> None:
    """Their roles are the same ones: those of the server."""
    databases = [fresh_database() for _ in range(4)]
    for turn in range(4):
        names = RoleNames(EMBEDDED.owner, EMBEDDED.app, f"racing_{turn}")
        gate = threading.Barrier(len(databases))

        def start(made: Database, names: RoleNames = names, gate: threading.Barrier = gate) -> str:
            login = make_conninfo(made.owner, user=names.reader, password="p")
            gate.wait()
            prepare(
                made.owner,
                home.readable,
                names,
                lambda _: None,
                login=login,
                scoped=[scoped(made, home, names.reader)],
            )
            return login

        with ThreadPoolExecutor(len(databases)) as pool:
            logins = list(pool.map(start, databases))
        for made, login in zip(databases, logins, strict=True):
            for url in (login, scoped(made, home, names.reader).url):
                with psycopg.connect(url) as connection:
                    connection.execute("SELECT ticket_id FROM support_threads_data")


def test_a_collision_that_never_ends_is_told(fresh_database: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
    made = fresh_database()

    def colliding(*_: object) -> Sequence[str]:
        raise errors.InternalError_("tuple concurrently updated")

    monkeypatch.setattr(roles, "secure", colliding)
    with pytest.raises(WarehouseUnavailable, match=r"roles of .* could not be set"):
        ready(made, COUNTRIES)


def test_without_a_catalogue_the_readers_rights_stay(fresh_database: Fresh, home: Catalog) -> None:
    made = fresh_database()
    reader = scoped(made, home)
    prepare(made.owner, home.readable, EMBEDDED, lambda _: None, scoped=[reader])
    before = seen(made)
    with psycopg.connect(made.owner) as owner:
        owner.execute("COMMENT ON SCHEMA app IS NULL")
    assert not ready(made, None)
    assert ready(made, None)
    assert seen(made) == before
    assert len(before) > 50
    for url in (made.reader, reader.url):
        with psycopg.connect(url) as connection:
            connection.execute("SELECT ticket_id FROM support_threads_data")
    # A catalogue has the last word, though nothing was asked of the reader's rights in between.
    assert not ready(made, COUNTRIES)
    assert seen(made) == {("customers", "country")}


def test_without_a_catalogue_a_whole_table_stays_the_readers(fresh_database: Fresh) -> None:
    made = fresh_database()
    with psycopg.connect(made.owner) as owner:
        owner.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM dash_reader")
        owner.execute("GRANT SELECT ON ai_agent_tasks TO dash_reader")
    before = seen(made)
    assert len(before) > 5
    assert not ready(made, None)
    assert seen(made) == before


def test_a_login_that_was_made_again_is_read_with_by_a_running_server(fresh_database: Fresh, home: Catalog) -> None:
    made = fresh_database()
    reader = scoped(made, home)
    warehouse = PostgresWarehouse(made.reader, timezone=ZONE.key, login_of=lambda _: reader.url)
    counted = guard("SELECT count(*) FROM support_threads_data", schema_of(home, SCOPE), Moment(NOW, ZONE.key))

    def oid() -> tuple[object, ...] | None:
        with psycopg.connect(made.owner) as owner:
            return owner.execute("SELECT oid FROM pg_roles WHERE rolname = %s", (reader.name,)).fetchone()

    try:
        prepare(made.owner, home.readable, EMBEDDED, lambda _: None, scoped=[reader])
        assert warehouse.execute(counted).rows == ((0,),)
        first = oid()
        prepare(made.owner, home.readable, EMBEDDED, lambda _: None)
        assert oid() is None
        prepare(made.owner, home.readable, EMBEDDED, lambda _: None, scoped=[reader])
        assert oid() != first
        assert warehouse.execute(counted).rows == ((0,),)
        warehouse.explain(counted)
        prepare(made.owner, home.readable, EMBEDDED, lambda _: None)
        with pytest.raises(WarehouseUnavailable, match="within this scope"):
            warehouse.execute(counted)
    finally:
        warehouse.close()
