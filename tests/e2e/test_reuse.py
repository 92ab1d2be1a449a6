"""Answers shown again: the same as ones counted anew, faster, and never after a change of any kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dash_agent.adapters.clock import FrozenClock
from dash_agent.adapters.ids import UlidIds
from dash_agent.ask import Dash, Ports
from dash_agent.context.catalog import Catalog
from dash_agent.models.answer import Answer
from dash_agent.models.principal import Principal, Role, ScopeFilter
from dash_agent.models.wire import answer_json
from dash_agent.semantic.scope import policies, row_rules
from dash_agent.warehouse.changes import compact
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.demo import DemoOptions, seed
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.introspect import PostgresIntrospection
from dash_agent.warehouse.logins import ScopedReader, scoped_url
from dash_agent.warehouse.migrate import migrate
from dash_agent.warehouse.preflight import PostgresPreflight
from dash_agent.warehouse.preparation import uri_of
from dash_agent.warehouse.reuse import SqlReuse
from dash_agent.warehouse.roles import EMBEDDED, apply_grants
from dash_agent.warehouse.row_security import LOOKUPS
from dash_agent.warehouse.state import SqlAnswers, SqlTurns
from tests.conftest import NOW, ZONE
from tests.e2e.commands import on
from tests.e2e.databases import Database

BOSS = Principal("boss@example.com", Role.ADMIN)
OTHER = Principal("other@example.com", Role.MANAGER)
RATE = "what was the resolution rate in October 2026?"
COUNT = "how many tickets were there in October 2026?"


@dataclass
class Place:
    """A database of the module's own, with a Dash that shows answers again and one that never does."""

    database: Database
    dash: Dash
    anew: Dash

    def change(self, statement: str, role: str = "owner") -> int:
        with psycopg.connect(getattr(self.database, role)) as connection:
            return connection.execute(statement.encode()).rowcount

    def asks_twice(self, question: str, who: Principal = BOSS) -> tuple[Answer, Answer]:
        first = self.dash.ask(question, who)
        return first, self.dash.ask(question, who)


@pytest.fixture(scope="module")
def place(
    fresh_database: Callable[[], Database], home: Catalog, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    made = fresh_database()
    incidents = tmp_path_factory.mktemp("reuse") / "incidents.json"
    seed(made.owner, DemoOptions(now=NOW, incidents_file=incidents, tickets=2_000), lambda _: None)
    apply_grants(made.owner, home.readable)
    state, reader = Connections(made.app), Connections(made.reader)
    warehouse = PostgresWarehouse(made.reader, timezone=ZONE.key)
    ports = Ports(
        warehouse,
        PostgresIntrospection(reader),
        SqlAnswers(state),
        SqlTurns(state),
        FrozenClock(NOW),
        UlidIds(),
        watermarks=warehouse,
        preflight=PostgresPreflight(state, timezone=ZONE.key),
        reuse=SqlReuse(state),
    )
    dash, anew = (Dash(each, home, timezone=ZONE.key) for each in (ports, replace(ports, reuse=None)))
    yield Place(made, dash, anew)
    warehouse.close()
    state.close()
    reader.close()


def told(answer: Answer) -> dict[str, Any]:
    """All of an answer but what each has of its own."""
    own = ("answer_id", "cache", "timings_ms", "question")
    return {name: value for name, value in answer_json(answer).items() if name not in own}


QUESTIONS = (
    RATE,
    COUNT,
    "tickets by channel in October 2026",
    "resolution rate by week in the third quarter of 2026",
    "average response time in October compared with September 2026",
    "why did the resolution rate change in October 2026?",
    "list escalated tickets of October 2026",
    "сколько обращений было в октябре 2026 по каналам?",
    "tickets by day in the last 30 days",
    "how many tickets are stuck?",
    "churn by plan in September 2026",
    "top 5 categories by tickets in October 2026",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_shown_again_is_what_would_be_counted_anew(place: Place, question: str) -> None:
    first, second = place.asks_twice(question)
    assert first.status == "answered", first.text
    assert (first.cached, second.cached) == (None, first.answer_id)
    assert told(second) == told(first) == told(place.anew.ask(question, BOSS))
    assert [type(cell) for row in second.rows for cell in row] == [type(cell) for row in first.rows for cell in row]
    assert "run" in dict(first.timings_ms)
    assert "run" not in dict(second.timings_ms)


def test_a_chain_of_hits_names_the_answer_that_was_counted(place: Place) -> None:
    place.change("UPDATE support_threads_data SET csat = csat WHERE false")
    first, second = place.asks_twice(COUNT)
    third = place.dash.ask("count of tickets in October 2026", BOSS)
    assert (second.cached, third.cached) == (first.answer_id, first.answer_id)
    assert place.dash.ask(COUNT, OTHER).cached == first.answer_id


TICKET = "SELECT min(ticket_id) FROM support_threads_data WHERE created_at >= '2026-10-05' AND sent_at IS NOT NULL"
LATE = """
    INSERT INTO support_threads_data
        (thread_key, created_at, updated_at, channel, status, language, subject, request_type, urgency)
    SELECT 'late:' || gen_random_uuid(), '2026-10-07 10:00Z', '2026-10-07 10:00Z', channel, status, language, '',
           request_type, urgency
    FROM support_threads_data LIMIT 1"""
CHANGES = {
    "an update of neither key nor newest": f"""
        UPDATE support_threads_data SET sent_at = NULL, status = 'AI Answered' WHERE ticket_id = ({TICKET})""",
    "a late row": LATE,
    "a row that is gone": """
        DELETE FROM support_threads_data
        WHERE ticket_id = (SELECT max(ticket_id) FROM support_threads_data WHERE thread_key LIKE 'late:%')""",
}


@pytest.mark.parametrize("role", ["owner", "app"])
@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES)
def test_no_change_is_missed(place: Place, statement: str, role: str) -> None:
    place.change(LATE)
    _, second = place.asks_twice(RATE)
    assert second.cached is not None
    assert place.change(statement, role) == 1
    after = place.dash.ask(RATE, BOSS)
    assert after.cached is None
    assert told(after) == told(place.anew.ask(RATE, BOSS))
    assert place.dash.ask(RATE, BOSS).cached == after.answer_id


def test_a_status_that_changes_shows_in_the_number(place: Place) -> None:
    """An update that moves no key, no newest time and no number of rows: only the count of changes tells."""
    question = "how many escalated tickets were there in October 2026?"
    first, second = place.asks_twice(question)
    assert second.cached == first.answer_id
    done = place.change(
        "UPDATE support_threads_data SET status = 'Escalated', escalated_at = created_at + interval '1 hour'"
        " WHERE ticket_id = (SELECT ticket_id FROM support_threads_data WHERE escalated_at IS NULL"
        " AND created_at BETWEEN '2026-10-06' AND '2026-10-20' ORDER BY ticket_id LIMIT 1)"
    )
    assert done == 1
    after = place.dash.ask(question, BOSS)
    assert after.cached is None
    assert after.rows[0][0] == first.rows[0][0] + 1  # type: ignore[operator]


def test_a_change_that_is_not_committed_is_none(place: Place) -> None:
    first = place.dash.ask(COUNT, BOSS)
    with psycopg.connect(place.database.owner) as connection:
        connection.execute("UPDATE support_threads_data SET created_at = '2026-01-05' WHERE created_at > '2026-10-05'")
        shown = place.dash.ask(COUNT, BOSS)
        connection.rollback()
    assert shown.cached in (first.answer_id, first.cached)
    assert place.dash.ask(COUNT, BOSS).rows == first.rows


def test_transactions_that_commit_in_another_order_than_they_began(place: Place) -> None:
    """The one that began first and ends last is not hidden behind the other's greater transaction id."""
    one, two = (psycopg.connect(place.database.owner) for _ in range(2))
    with one, two:
        one.execute("UPDATE support_threads_data SET csat = 1 WHERE created_at < '2026-10-03'")
        two.execute("UPDATE support_threads_data SET csat = 5 WHERE created_at > '2026-11-05'")
        two.commit()
        _, second = place.asks_twice(COUNT)
        assert second.cached is not None
        one.commit()
        assert place.dash.ask(COUNT, BOSS).cached is None


def test_another_table_leaves_an_answer_alone(place: Place) -> None:
    _, second = place.asks_twice(COUNT)
    place.change("UPDATE shipments SET shipped_at = shipped_at")
    assert place.dash.ask(COUNT, BOSS).cached == second.cached


def test_a_table_that_only_a_split_reads_counts_too(place: Place) -> None:
    question = "tickets by country in October 2026"
    _, second = place.asks_twice(question)
    assert second.cached is not None
    place.change("UPDATE customers SET country = 'NL' WHERE customer_id = (SELECT min(customer_id) FROM customers)")
    assert place.dash.ask(question, BOSS).cached is None


@pytest.mark.parametrize(
    "way",
    [
        "SET session_replication_role = replica;"
        "UPDATE support_threads_data SET created_at = created_at - interval '40 days' WHERE ticket_id % 7 = 1",
        "TRUNCATE support_dialogs CASCADE; UPDATE support_threads_data SET csat = NULL WHERE ticket_id % 9 = 1",
        "ALTER TABLE support_threads_data DISABLE TRIGGER dash_changes;"
        "UPDATE support_threads_data SET created_at = created_at - interval '40 days' WHERE ticket_id % 11 = 1;"
        "ALTER TABLE support_threads_data ENABLE ALWAYS TRIGGER dash_changes",
    ],
    ids=["replicated", "truncated", "trigger off for a while"],
)
def test_no_way_round_the_trigger(place: Place, way: str) -> None:
    _, second = place.asks_twice(COUNT)
    assert second.cached is not None
    place.change(way)
    after = place.dash.ask(COUNT, BOSS)
    assert after.cached is None
    assert told(after) == told(place.anew.ask(COUNT, BOSS))


def test_a_table_without_its_trigger_is_never_trusted(place: Place, home: Catalog) -> None:
    place.change("ALTER TABLE support_threads_data DISABLE TRIGGER dash_changes")
    try:
        first, second = place.asks_twice(COUNT)
        assert (first.cached, second.cached) == (None, None)
    finally:
        apply_grants(place.database.owner, home.readable)
    _, second = place.asks_twice(COUNT)
    assert second.cached is not None


def test_compacting_neither_hides_nor_makes_a_change(place: Place) -> None:
    state = Connections(place.database.app)
    _, second = place.asks_twice(COUNT)
    with state.transaction() as connection:
        assert compact(connection) > 0
    assert place.dash.ask(COUNT, BOSS).cached == second.cached
    place.change("UPDATE support_threads_data SET csat = 3 WHERE ticket_id % 13 = 1")
    with state.transaction() as connection:
        compact(connection)
    assert place.dash.ask(COUNT, BOSS).cached is None
    state.close()


def test_now_language_and_reading(place: Place) -> None:
    running = "tickets by day in the last 7 days"
    _, second = place.asks_twice(running)
    assert second.cached is not None
    assert place.dash.ask(running, BOSS, now=NOW + timedelta(seconds=1)).cached is None
    closed = place.dash.ask(COUNT, BOSS)
    assert place.dash.ask(COUNT, BOSS, now=NOW + timedelta(minutes=5)).cached in (closed.answer_id, closed.cached)
    assert place.dash.ask(COUNT, BOSS, language="ru").cached is None
    slip = place.dash.ask("how many tikets were there in October 2026?", BOSS)
    assert slip.cached is not None
    assert "tikets" in " ".join(slip.assumptions)


def test_each_scope_has_answers_of_its_own(
    fresh_database: Callable[[], Database], home: Catalog, tmp_path: Path
) -> None:
    made = fresh_database()
    options = DemoOptions(now=NOW, incidents_file=tmp_path / "incidents.json", tickets=500)
    seed(made.owner, options, lambda _: None)
    narrowed = (ScopeFilter("country", ("DE",)),)
    ruled = policies(row_rules(home, narrowed), LOOKUPS)
    reader = ScopedReader(scoped_url(made.app, EMBEDDED.reader, narrowed), ruled.conditions, ruled.lookups)
    apply_grants(made.owner, home.readable, EMBEDDED, [reader])
    state, plain = Connections(made.app), Connections(made.reader)
    warehouse = PostgresWarehouse(made.reader, timezone=ZONE.key, login_of=lambda scope: reader.url)
    looks = PostgresIntrospection(plain)
    ports = Ports(warehouse, looks, SqlAnswers(state), SqlTurns(state), FrozenClock(NOW), UlidIds())
    dash = Dash(replace(ports, reuse=SqlReuse(state)), home, timezone=ZONE.key, lookups=LOOKUPS)
    narrow = Principal("narrow@example.com", Role.VIEWER, scope=narrowed)
    whole, part = dash.ask(COUNT, BOSS), dash.ask(COUNT, narrow)
    assert part.cached is None
    assert part.rows < whole.rows
    assert dash.ask(COUNT, narrow).cached == part.answer_id
    with psycopg.connect(made.owner) as connection:
        connection.execute("UPDATE customers SET country = 'FR' WHERE country = 'DE'")
    moved = dash.ask(COUNT, narrow)
    assert (moved.cached, moved.rows) == (None, ((0,),))
    for each in (warehouse, state, plain):
        each.close()


def test_databases_that_were_there_before(fresh_database: Callable[[], Database], home: Catalog) -> None:
    """Rights that were set before triggers were get theirs at the next start; down and up again leaves none behind."""
    from alembic import command

    from dash_agent.warehouse import migrate as migrations

    made = fresh_database()
    with migrations._migration(made.owner) as (_, config):
        command.downgrade(config, "state@state_0004")
    with psycopg.connect(made.owner) as connection:
        connection.execute("UPDATE support_threads_data SET csat = 1")
    migrate(made.owner)
    state = Connections(made.app)
    apply_grants(made.owner, None)
    assert SqlReuse(state).look("any").changes == {}
    apply_grants(made.owner, home.readable)
    assert SqlReuse(state).look("any").changes.keys() == home.readable.keys()
    state.close()


def test_the_command_names_the_hit_and_can_do_without(place: Place, tmp_path: Path) -> None:
    shell = on(place.database, tmp_path)
    asked = [json.loads(shell.run("ask", COUNT, "--json").out) for _ in range(2)]
    assert asked[1]["cache"] is not None
    assert asked[1]["rows"] == asked[0]["rows"]
    off = json.loads(shell.having(DASH_ANSWER_CACHE="false").run("ask", COUNT, "--json").out)
    assert off["cache"] is None
    plain = [
        shell.having(DASH_ANSWER_CACHE=on).run("ask", "tickets by channel in October 2026").out
        for on in ("false", "true")
    ]
    assert plain[0].splitlines()[:12] == plain[1].splitlines()[:12]
    replayed = shell.run("replay", asked[1]["answer_id"])
    assert replayed.code == 0, replayed.out


def test_a_foreign_warehouse_is_counted_each_time(
    place: Place, fresh_database: Callable[[], Database], tmp_path: Path
) -> None:
    """Nothing of ours stands in it that could tell of a change."""
    shell = on(fresh_database(), tmp_path).having(DASH_WAREHOUSE_URL=uri_of(place.database.reader))
    asked = [json.loads(shell.run("ask", COUNT, "--json").out) for _ in range(2)]
    assert [answer["cache"] for answer in asked] == [None, None]
    assert asked[0]["rows"] == asked[1]["rows"] != [[0]]
