"""The guard alone: run as the reader of all rows, a scoped statement gives what the same statement gives on a copy of
the database from which the rows beyond the scope were deleted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dash_agent.context.catalog import Catalog
from dash_agent.errors import OutOfScope, QueryError, WarehouseUnavailable
from dash_agent.models.principal import ScopeFilter
from dash_agent.models.sql import ResultSet
from dash_agent.sql.guard import GuardSchema, Moment, guard
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.row_security import LOOKUPS
from tests.conftest import CASES, NOW, ZONE
from tests.e2e.scopes import NARROWED, ScopedDesk, schema_of
from tests.gold import plain

MOMENT = Moment(NOW, ZONE.key)
STATEMENTS = [json.loads(line) for line in (CASES / "scope_statements.jsonl").read_text("utf-8").splitlines()]
CAP = 100_000


@contextmanager
def reader_of_all(url: str) -> Iterator[PostgresWarehouse]:
    """The plain reader, whatever the scope: as on a warehouse that is somebody else's."""
    warehouse = PostgresWarehouse(url, timezone=ZONE.key, login_of=lambda _: url)
    yield warehouse
    warehouse.close()


@pytest.fixture(scope="module")
def whole(scoped_desk: ScopedDesk) -> Iterator[PostgresWarehouse]:
    with reader_of_all(scoped_desk.whole.reader) as warehouse:
        yield warehouse


@pytest.fixture(scope="module")
def owner(scoped_desk: ScopedDesk) -> Iterator[PostgresWarehouse]:
    with reader_of_all(scoped_desk.whole.owner) as warehouse:
        yield warehouse


@pytest.fixture(scope="module")
def parts(scoped_desk: ScopedDesk) -> Iterator[Mapping[str, PostgresWarehouse]]:
    made = {name: PostgresWarehouse(part.reader, timezone=ZONE.key) for name, part in scoped_desk.parts.items()}
    yield made
    for warehouse in made.values():
        warehouse.close()


def rows(result: ResultSet) -> Counter[str]:
    return Counter(repr(tuple(map(plain, row))) for row in result.rows)


class Asked:
    """The catalogue and the reader of all rows. Of a dataclass, hypothesis would print them whole."""

    def __init__(self, home: Catalog, warehouse: PostgresWarehouse) -> None:
        self.home = home
        self.warehouse = warehouse

    def rows(self, statement: str, *scope: ScopeFilter) -> Counter[str]:
        query = guard(statement, schema_of(self.home, scope), MOMENT, row_cap=CAP)
        return rows(self.warehouse.execute(query))


@pytest.fixture(scope="module")
def asked(home: Catalog, whole: PostgresWarehouse) -> Asked:
    return Asked(home, whole)


@pytest.mark.parametrize("name", NARROWED)
@pytest.mark.parametrize("case", STATEMENTS, ids=lambda case: case["id"])
def test_as_if_the_other_rows_were_not_there(
    case: dict[str, str],
    name: str,
    home: Catalog,
    whole: PostgresWarehouse,
    owner: PostgresWarehouse,
    parts: Mapping[str, PostgresWarehouse],
) -> None:
    narrowed = NARROWED[name]
    beyond = set(case["tables"]) - narrowed.reach
    if beyond:
        with pytest.raises(OutOfScope, match="out of your reach") as refused:
            guard(case["sql"], schema_of(home, narrowed.scope), MOMENT)
        assert any(table in str(refused.value) for table in beyond)
        return
    unscoped = guard(case["sql"], GuardSchema(home.readable), MOMENT, row_cap=CAP)
    expected = parts[name].execute(unscoped)
    # Over the tables themselves, and over lookups: the owner may read those, and no policy narrows it.
    for lookups, warehouse in ((None, whole), (LOOKUPS, owner)):
        scoped = guard(case["sql"], schema_of(home, narrowed.scope, lookups), MOMENT, row_cap=CAP)
        found = warehouse.execute(scoped)
        assert (scoped.scope, scoped.columns) == (narrowed.scope, unscoped.columns)
        assert found.columns == expected.columns
        assert not found.truncated
        assert rows(found) == rows(expected)


def test_the_cases_can_tell(home: Catalog, whole: PostgresWarehouse, parts: Mapping[str, PostgresWarehouse]) -> None:
    """Nearly every statement gives something else without the scope, so that an equal result means something."""
    schema = GuardSchema(home.readable)
    same = []
    for case in STATEMENTS:
        if set(case["tables"]) <= NARROWED["channel"].reach:
            query = guard(case["sql"], schema, MOMENT, row_cap=CAP)
            if rows(whole.execute(query)) == rows(parts["channel"].execute(query)):
                same.append(case["id"])
    assert same == ["no-table"]


def test_every_shape_is_printed_so_that_it_is_read_the_same_again(home: Catalog) -> None:
    """What was let through passes again as text, and the same comes out."""
    # The guard takes no columns in LIMIT, and the parser no sub-select in ARRAY(SELECT …), with or without a scope.
    not_twice = {"scalar-in-limit", "array-of-a-query"}
    for name in NARROWED:
        schema = schema_of(home, NARROWED[name].scope)
        for case in STATEMENTS:
            if set(case["tables"]) <= NARROWED[name].reach and case["id"] not in not_twice:
                once = guard(case["sql"], schema, MOMENT).text
                assert guard(once, GuardSchema(home.readable), MOMENT).text == once, case["id"]


def test_a_scoped_statement_has_no_way_to_a_reader_of_all_rows(scoped_desk: ScopedDesk, home: Catalog) -> None:
    warehouse = PostgresWarehouse(scoped_desk.whole.reader, timezone=ZONE.key)
    query = guard("SELECT count(*) FROM support_threads_data", schema_of(home, NARROWED["channel"].scope), MOMENT)
    with pytest.raises(WarehouseUnavailable, match="it has no login"):
        warehouse.execute(query)
    warehouse.close()


def test_a_key_does_not_stand_for_its_row_within_a_scope(home: Catalog, whole: PostgresWarehouse) -> None:
    """PostgreSQL knows the keys of tables and not those of sub-selects: the error names the column to group by."""
    by_key = "SELECT t.ticket_id, t.channel, count(*) FROM support_threads_data t GROUP BY t.ticket_id"
    assert whole.execute(guard(by_key, GuardSchema(home.readable), MOMENT)).rows
    with pytest.raises(QueryError, match=r't.channel" must appear in the GROUP BY'):
        whole.execute(guard(by_key, schema_of(home, NARROWED["channel"].scope), MOMENT))


# Random scopes and random statements.

VALUES: Mapping[str, tuple[str, ...]] = {
    "channel": ("email", "chat", "whatsapp", "telegram", "voice", "facebook", "no such", "O'Brien", 'a"b\\', "€ 5%s"),
    "language": ("en", "he", "es", "fr", "ru", "de", "xx"),
    "country": ("DE", "FR", "US", "IL", "RU", "D'"),
    "status": ("Sent", "Escalated", "Error", "active"),
    "request_subtype": ("damaged", "late", "''"),
    "assigned_to": ("--", "$1", ":now"),
}
SCOPES = st.lists(
    st.sampled_from(sorted(VALUES)).flatmap(
        lambda dimension: st.lists(st.sampled_from(VALUES[dimension]), min_size=1, max_size=4, unique=True).map(
            lambda values: ScopeFilter(dimension, tuple(values))
        )
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda narrowed: narrowed.dimension,
).map(tuple)

KEYS = {
    "support_threads_data": "ticket_id",
    "support_dialogs": "message_id",
    "ai_human_comparison": "comparison_id",
    "ai_agent_tasks": "task_id",
}
SOURCES = st.sampled_from(sorted(KEYS))
CONDITIONS = st.sampled_from(
    (
        "TRUE",
        "t.ticket_id % 3 = 0",
        "t.ticket_id IN (SELECT u.ticket_id FROM ai_agent_tasks u)",
        "EXISTS (SELECT 1 FROM support_dialogs u WHERE u.ticket_id = t.ticket_id AND u.role = 'ai')",
        "t.created_at > timestamptz '2026-06-01' OR t.ticket_id < 500",
    )
)


@st.composite
def statements(draw: st.DrawFn) -> str:
    """Statements that can only lose rows where their tables do."""
    table = draw(SOURCES)
    chosen = f"SELECT t.{KEYS[table]} AS key, t.ticket_id FROM {table} t WHERE {draw(CONDITIONS)}"
    match draw(st.sampled_from(("plain", "joined", "with", "shadow", "union", "nested"))):
        case "joined":
            other = draw(SOURCES)
            return (
                f"SELECT t.{KEYS[table]}, o.{KEYS[other]} FROM {table} t JOIN {other} o USING (ticket_id)"
                f" WHERE {draw(CONDITIONS)}"
            )
        case "with":
            return f"WITH x AS ({chosen}) SELECT * FROM x WHERE ticket_id > 10"
        case "shadow":
            return f"WITH {table} AS ({chosen}) SELECT * FROM {table}"
        case "union":
            other = draw(SOURCES)
            return f"{chosen} UNION ALL SELECT {KEYS[other]}, ticket_id FROM {other}"
        case "nested":
            return f"SELECT * FROM (SELECT * FROM ({chosen}) a) b"
        case _:
            return chosen


@settings(max_examples=120, deadline=None)
@given(scope=SCOPES, statement=statements())
def test_a_scope_only_takes_rows_away(scope: tuple[ScopeFilter, ...], statement: str, asked: Asked) -> None:
    assert asked.rows(statement, *scope) <= asked.rows(statement)


@settings(max_examples=60, deadline=None)
@given(scope=SCOPES, table=SOURCES)
def test_several_filters_let_through_what_each_does(scope: tuple[ScopeFilter, ...], table: str, asked: Asked) -> None:
    statement = f"SELECT {KEYS[table]} FROM {table}"
    alone = [asked.rows(statement, narrowed) for narrowed in scope]
    together = alone[0]
    for one in alone[1:]:
        together &= one
    assert asked.rows(statement, *scope) == together
