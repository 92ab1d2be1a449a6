"""Answers asked again, on a real database: what moved them is named, and proven."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from dash_agent.adapters.clock import FrozenClock
from dash_agent.adapters.ids import UlidIds
from dash_agent.ask import Dash, Ports
from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.errors import UnknownName
from dash_agent.models.answer import Answer, Status
from dash_agent.models.plan import ListPlan, MetricPlan, PatternPlan, Plan, SqlPlan
from dash_agent.models.principal import Principal, Role, ScopeFilter
from dash_agent.models.query import Filter, ListQuery, MetricQuery, Op, Period
from dash_agent.replay.replay import Cause, Replay, replay
from dash_agent.replay.wire import replay_json
from dash_agent.replay.words import told
from dash_agent.semantic import marks
from dash_agent.semantic.time import Calendar
from dash_agent.sql.version import ENGINE
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.demo import DemoOptions, seed
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.introspect import PostgresIntrospection
from dash_agent.warehouse.roles import apply_grants
from dash_agent.warehouse.state import SqlAnswers, SqlContents, SqlTurns
from tests.conftest import NOW, ROOT, ZONE
from tests.e2e.commands import Shell, on
from tests.e2e.databases import Database
from tests.e2e.scopes import copied

ADMIN = Principal("admin", Role.ADMIN)
ANNA = Principal("anna@example.com", Role.VIEWER)
CHAT = Principal("chat@example.com", Role.VIEWER, scope=(ScopeFilter("channel", ("chat",)),))

OCTOBER = Calendar(NOW, ZONE).named_month(10, 2026)
RATE = MetricPlan(MetricQuery(("resolution_rate",), period=OCTOBER))
TICKETS = MetricPlan(MetricQuery(("tickets",), period=OCTOBER))
EMAILS = MetricPlan(MetricQuery(("tickets",), period=OCTOBER, filters=(Filter("channel", Op.IN, ("email",)),)))

IN_OCTOBER = "created_at >= '2026-10-01 00:00+03' AND created_at < '2026-11-01 00:00+02'"
NEW_TICKETS = """
    INSERT INTO support_threads_data (thread_key, channel, language, subject, request_type, urgency, status,
                                      created_at, updated_at)
    SELECT '{key}:' || n, '{channel}', 'en', 'Hello', 'other', 'low', 'Data collected', '{at}', '{at}'
    FROM generate_series(1, {count}) n
"""
CHANGED_AT = f"greatest(now(), '{NOW.isoformat()}'::timestamptz + interval '1 hour')"


@dataclass(frozen=True)
class Desk:
    """A database of one test, and a way to answer from it by some content."""

    database: Database
    home: Catalog

    def do(self, statement: str) -> None:
        with psycopg.connect(self.database.owner) as connection:
            connection.execute(statement.encode())

    def value(self, query: str) -> object:
        with psycopg.connect(self.database.owner) as connection:
            row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]

    @contextmanager
    def dash(self, catalog: Catalog | None = None) -> Iterator[tuple[Dash, SqlAnswers, SqlContents]]:
        state, reader = Connections(self.database.app), Connections(self.database.reader)
        # As on a foreign warehouse, where the guard alone narrows.
        warehouse = PostgresWarehouse(
            self.database.reader, timezone=ZONE.key, login_of=lambda scope: self.database.reader
        )
        answers, contents = SqlAnswers(state), SqlContents(state)
        ports = Ports(
            warehouse,
            PostgresIntrospection(reader),
            answers,
            SqlTurns(state),
            FrozenClock(NOW),
            UlidIds(),
            watermarks=warehouse.within(5),
            contents=contents,
        )
        try:
            yield Dash(ports, catalog or self.home, timezone=ZONE.key), answers, contents
        finally:
            warehouse.close()
            state.close()
            reader.close()

    def answer(self, plan: Plan, principal: Principal = ANNA, language: str = "en") -> Answer:
        with self.dash() as (dash, _, _):
            given = dash.answer(plan, principal, now=NOW, language=language)
        assert given.status is Status.ANSWERED, given.text
        return given

    def replay(self, answer_id: str, principal: Principal = ANNA, catalog: Catalog | None = None) -> Replay:
        with self.dash(catalog) as (dash, answers, contents):
            return replay(dash, answers, contents, answer_id, principal)

    def words(self, found: Replay, catalog: Catalog | None = None) -> str:
        with self.dash(catalog) as (dash, _, _):
            return "\n".join(line.text for line in told(found, dash.wording(found.language)))

    def data(self, found: Replay) -> object:
        with self.dash() as (dash, _, _):
            return replay_json(found, dash.wording("en"))["data"]


@pytest.fixture(scope="module")
def template(
    fresh_database: Callable[[], Database], home: Catalog, tmp_path_factory: pytest.TempPathFactory
) -> Database:
    made = fresh_database()
    incidents = tmp_path_factory.mktemp("replayed") / "incidents.json"
    seed(made.owner, DemoOptions(now=NOW, incidents_file=incidents, tickets=2_000), lambda _: None)
    apply_grants(made.owner, home.readable)
    return made


@pytest.fixture
def desk_of_one(template: Database, home: Catalog, request: pytest.FixtureRequest) -> Desk:
    return Desk(copied(template, request.node.name[:40]), home)


@pytest.fixture
def edited(tmp_path: Path) -> Callable[..., Catalog]:
    """The home content with texts replaced: file → (what stands there, what is to stand there)."""

    def make(**changes: tuple[str, str, str]) -> Catalog:
        root = tmp_path / "content"
        for folder in ("tables", "business", "queries", "knowledge"):
            shutil.copytree(ROOT / folder, root / folder, dirs_exist_ok=True)
        for file, old, new in changes.values():
            path = root / file
            text = path.read_text(encoding="utf-8")
            assert old in text
            path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return load_catalog(root)

    return make


DENOMINATOR = ("business/metrics.json", '"denominator": "ai_answered"', '"denominator": "tickets"')


def test_nothing_has_moved(desk_of_one: Desk) -> None:
    given = desk_of_one.answer(RATE)
    found = desk_of_one.replay(given.answer_id)
    assert (found.same, found.causes, found.idle) == (True, (), ())
    assert desk_of_one.words(found).startswith("The same: asked again as of")


def test_what_is_kept_of_the_data(desk_of_one: Desk) -> None:
    given = desk_of_one.answer(EMAILS)
    assert given.receipt is not None
    (mark,) = given.receipt.watermarks
    assert mark.table == "support_threads_data"
    assert mark.key == desk_of_one.value("SELECT max(ticket_id) FROM support_threads_data")
    assert mark.newest == desk_of_one.value("SELECT max(created_at) FROM support_threads_data")
    assert mark.rows == desk_of_one.value(
        f"SELECT count(*) FROM support_threads_data WHERE channel = 'email' AND {IN_OCTOBER}"
    )
    row = desk_of_one.value(
        "SELECT jsonb_build_array(context_version, engine_version, result_hash, row_count, statement)"
        f" FROM app.answers WHERE answer_id = '{given.answer_id}'"
    )
    assert row == [desk_of_one.home.version, ENGINE, given.receipt.result_hash, 1, None]


def test_rows_that_came_late(desk_of_one: Desk) -> None:
    given = desk_of_one.answer(TICKETS)
    desk_of_one.do(NEW_TICKETS.format(key="late", channel="email", at="2026-10-10 10:00Z", count=7))
    desk_of_one.do(NEW_TICKETS.format(key="other", channel="email", at="2026-09-10 10:00Z", count=3))
    found = desk_of_one.replay(given.answer_id)
    assert (found.same, found.causes) == (False, (Cause.DATA,))
    assert desk_of_one.data(found) == [{"table": "support_threads_data", "late": 7}]
    was = given.rows[0][0]
    assert isinstance(was, int)
    assert [value.rows for value in found.values] == [[[was]], [[was + 7]], [[was + 7]]]
    assert "Tickets: came late, with a time up to that moment: 7" in desk_of_one.words(found)


def test_rows_beyond_the_conditions_do_not_count(desk_of_one: Desk) -> None:
    given = desk_of_one.answer(EMAILS)
    desk_of_one.do(NEW_TICKETS.format(key="late", channel="chat", at="2026-10-10 10:00Z", count=7))
    assert desk_of_one.replay(given.answer_id).same
    desk_of_one.do(NEW_TICKETS.format(key="mail", channel="email", at="2026-10-10 10:00Z", count=2))
    assert desk_of_one.data(desk_of_one.replay(given.answer_id)) == [{"table": "support_threads_data", "late": 2}]


def test_rows_that_were_changed(desk_of_one: Desk) -> None:
    given = desk_of_one.answer(RATE)
    desk_of_one.do(
        f"UPDATE support_threads_data SET draft_created_at = NULL, updated_at = {CHANGED_AT} WHERE ticket_id IN"
        f" (SELECT ticket_id FROM support_threads_data WHERE draft_created_at IS NOT NULL AND {IN_OCTOBER} LIMIT 5)"
    )
    found = desk_of_one.replay(given.answer_id)
    assert found.causes == (Cause.DATA,)
    assert desk_of_one.data(found) == [{"table": "support_threads_data", "changed": 5}]


def test_rows_that_were_changed_and_left_no_time_of_it(desk_of_one: Desk) -> None:
    given = desk_of_one.answer(RATE)
    desk_of_one.do(f"UPDATE support_threads_data SET draft_created_at = NULL WHERE {IN_OCTOBER}")
    found = desk_of_one.replay(given.answer_id)
    assert desk_of_one.data(found) == [{"table": "support_threads_data", "untraced": True}]
    assert "no row says that it changed" in desk_of_one.words(found)


def test_rows_that_were_removed(desk_of_one: Desk) -> None:
    given = desk_of_one.answer(TICKETS)
    desk_of_one.do(
        f"CREATE TEMP TABLE gone AS SELECT ticket_id FROM support_threads_data WHERE {IN_OCTOBER} LIMIT 4;"
        "DELETE FROM support_dialogs WHERE ticket_id IN (SELECT * FROM gone);"
        "DELETE FROM ai_human_comparison WHERE ticket_id IN (SELECT * FROM gone);"
        "DELETE FROM ai_agent_tasks WHERE ticket_id IN (SELECT * FROM gone);"
        "DELETE FROM support_threads_data WHERE ticket_id IN (SELECT * FROM gone)"
    )
    found = desk_of_one.replay(given.answer_id)
    assert desk_of_one.data(found) == [{"table": "support_threads_data", "gone": 4}]


def test_more_rows_than_are_counted(desk_of_one: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "MOST_ROWS", 20)
    given = desk_of_one.answer(TICKETS)
    assert given.receipt is not None
    assert given.receipt.watermarks[0].rows is None
    desk_of_one.do(NEW_TICKETS.format(key="late", channel="email", at="2026-10-10 10:00Z", count=7))
    found = desk_of_one.replay(given.answer_id)
    assert desk_of_one.data(found) == [{"table": "support_threads_data", "late": 7, "uncounted": True}]


def test_late_and_removed_at_once_are_told_apart(desk_of_one: Desk) -> None:
    given = desk_of_one.answer(replace(RATE, query=replace(RATE.query, metrics=("tasks",))))
    desk_of_one.do(
        f"DELETE FROM ai_agent_tasks WHERE task_id IN (SELECT task_id FROM ai_agent_tasks WHERE {IN_OCTOBER} LIMIT 2);"
        "INSERT INTO ai_agent_tasks (ticket_id, task_type, status, requires_approval, created_at)"
        " SELECT min(ticket_id), 'skip_month', 'done', false, '2026-10-05 10:00Z' FROM support_threads_data"
        " GROUP BY ticket_id % 3"
    )
    found = desk_of_one.replay(given.answer_id)
    assert desk_of_one.data(found) == [{"table": "ai_agent_tasks", "late": 3, "gone": 2}]


def test_a_definition_that_changed(desk_of_one: Desk, edited: Callable[..., Catalog]) -> None:
    given = desk_of_one.answer(RATE)
    stale = ("tables/ai_agent_tasks.json", '"fresh_hours": 72', '"fresh_hours": 71')
    today = edited(metric=DENOMINATOR, other=stale)
    found = desk_of_one.replay(given.answer_id, catalog=today)
    assert (found.same, found.causes, found.engines) == (False, (Cause.DEFINITION,), None)
    (one,) = found.definitions
    assert (one.file, one.change.of, one.change.name) == ("business/metrics.json", "metric", "resolution_rate")
    assert (one.change.field, one.change.before, one.change.after) == ("denominator", "ai_answered", "tickets")
    assert found.others == ("tables/ai_agent_tasks.json",)
    expected = desk_of_one.value(
        "SELECT round(100.0 * count(draft_created_at) / count(*), 1)::float8 FROM support_threads_data"
        f" WHERE {IN_OCTOBER}"
    )
    assert [value.step for value in found.values] == ["then", "data", "now"]
    assert found.values[0].rows == found.values[1].rows
    assert found.values[2].rows == [[expected]]
    words = desk_of_one.words(found, today)
    assert "business/metrics.json: metric resolution_rate.denominator was 'ai_answered', is 'tickets'" in words


def test_data_and_definition_at_once(desk_of_one: Desk, edited: Callable[..., Catalog]) -> None:
    given = desk_of_one.answer(RATE, language="ru")
    desk_of_one.do(
        f"UPDATE support_threads_data SET draft_created_at = NULL, updated_at = {CHANGED_AT} WHERE {IN_OCTOBER}"
        " AND channel = 'email'"
    )
    found = desk_of_one.replay(given.answer_id, catalog=edited(metric=DENOMINATOR))
    assert found.causes == (Cause.DATA, Cause.DEFINITION)
    rate = "SELECT round(100.0 * count(draft_created_at) / count({by}), 1)::float8 FROM support_threads_data WHERE "
    kept_sql = desk_of_one.value(rate.format(by="ai_answered_at") + IN_OCTOBER)
    today = desk_of_one.value(rate.format(by="*") + IN_OCTOBER)
    assert [value.rows for value in found.values[1:]] == [[[kept_sql]], [[today]]]
    words = desk_of_one.words(found)
    assert "Изменились данные" in words
    assert "Изменилось определение" in words


def test_a_definition_that_changed_elsewhere(desk_of_one: Desk, edited: Callable[..., Catalog]) -> None:
    given = desk_of_one.answer(TICKETS)
    found = desk_of_one.replay(given.answer_id, catalog=edited(metric=DENOMINATOR))
    assert (found.same, found.definitions, found.others) == (True, (), ("business/metrics.json",))


def test_a_definition_that_moved_nothing(desk_of_one: Desk, edited: Callable[..., Catalog]) -> None:
    given = desk_of_one.answer(RATE)
    where = '"where": "draft_created_at IS NOT NULL"'
    today = edited(metric=("business/metrics.json", where, where.replace('NULL"', "NULL AND channel <> ''\"")))
    found = desk_of_one.replay(given.answer_id, catalog=today)
    assert (found.same, found.causes, found.idle) == (True, (), (Cause.DEFINITION,))
    assert "moved nothing here" in desk_of_one.words(found, today)


def test_a_metric_that_is_gone(desk_of_one: Desk, edited: Callable[..., Catalog]) -> None:
    given = desk_of_one.answer(replace(RATE, query=replace(RATE.query, metrics=("delivery_days",))))
    renamed = edited(metric=("business/metrics.json", '"name": "delivery_days"', '"name": "days_on_the_way"'))
    found = desk_of_one.replay(given.answer_id, catalog=renamed)
    assert found.causes == (Cause.DEFINITION,)
    assert "business/metrics.json: metric delivery_days is gone" in desk_of_one.words(found, renamed)
    assert "delivery_days" in found.failed


def test_a_query_pattern_that_changed(desk_of_one: Desk, edited: Callable[..., Catalog]) -> None:
    given = desk_of_one.answer(PatternPlan("instructions_in_production", (("request_types", None),)))
    sql = desk_of_one.home.patterns["instructions_in_production"].sql
    today = edited(pattern=("queries/instructions_in_production.sql", sql, sql + "\nLIMIT 1"))
    found = desk_of_one.replay(given.answer_id, catalog=today)
    assert found.causes == (Cause.DEFINITION,)
    assert [(one.file, one.change.field) for one in found.definitions] == [
        ("queries/instructions_in_production.sql", "sql")
    ]
    assert desk_of_one.replay(given.answer_id).same


def test_content_that_was_not_kept(desk_of_one: Desk, edited: Callable[..., Catalog]) -> None:
    given = desk_of_one.answer(RATE)
    desk_of_one.do("DELETE FROM app.content_versions")
    today = edited(metric=DENOMINATOR)
    found = desk_of_one.replay(given.answer_id, catalog=today)
    assert found.causes == (Cause.DEFINITION,)
    assert "can't be told from the engine" in desk_of_one.words(found, today)


def test_content_that_no_longer_holds(desk_of_one: Desk, edited: Callable[..., Catalog]) -> None:
    given = desk_of_one.answer(RATE)
    desk_of_one.do("UPDATE app.content_files SET body = '{' WHERE body LIKE '%\"metrics\": [%'")
    today = edited(metric=DENOMINATOR)
    found = desk_of_one.replay(given.answer_id, catalog=today)
    assert found.is_content_bad
    assert "does not hold by today's rules" in desk_of_one.words(found, today)


def test_an_engine_that_writes_other_sql(desk_of_one: Desk) -> None:
    """As an earlier version may have: the kept SQL rounds to whole numbers, and its result is what was kept."""
    given = desk_of_one.answer(RATE)
    assert given.sql is not None
    earlier = given.sql.replace("DECIMAL), 1)", "DECIMAL), 0)")
    assert earlier != given.sql
    older = desk_of_one.answer(SqlPlan(earlier))
    desk_of_one.do(
        "UPDATE app.answers a SET answer = a.answer || jsonb_build_object('sql', o.answer -> 'sql',"
        " 'rows', o.answer -> 'rows', 'receipt', o.answer -> 'receipt'), engine_version = 'dash-agent 0.0.1'"
        f" FROM app.answers o WHERE o.answer_id = '{older.answer_id}' AND a.answer_id = '{given.answer_id}'"
    )
    found = desk_of_one.replay(given.answer_id)
    assert (found.same, found.causes) == (False, (Cause.ENGINE,))
    assert found.engines == ("dash-agent 0.0.1", ENGINE)
    rows = {value.step: value.rows for value in found.values}
    assert rows["then"] == rows["data"] != rows["engine"] == rows["now"]
    assert "then dash-agent 0.0.1, now" in desk_of_one.words(found)


def test_an_engine_that_writes_other_sql_of_the_same_result(desk_of_one: Desk) -> None:
    given = desk_of_one.answer(RATE)
    desk_of_one.do(
        "UPDATE app.answers SET answer = jsonb_set(answer, '{sql}', to_jsonb(replace(answer ->> 'sql', '1001', '7')))"
        f" WHERE answer_id = '{given.answer_id}'"
    )
    found = desk_of_one.replay(given.answer_id)
    assert (found.same, found.causes, found.idle) == (True, (), (Cause.ENGINE,))


def test_a_period_that_was_running(desk_of_one: Desk) -> None:
    running = Period(NOW - timedelta(days=30), NOW, to_now=True)
    given = desk_of_one.answer(MetricPlan(MetricQuery(("tickets",), period=running)))
    later = (NOW + timedelta(hours=1)).isoformat()
    desk_of_one.do(NEW_TICKETS.format(key="later", channel="email", at=later, count=9))
    assert desk_of_one.replay(given.answer_id).same
    desk_of_one.do(NEW_TICKETS.format(key="late", channel="email", at=NOW.isoformat(), count=1))
    assert desk_of_one.data(desk_of_one.replay(given.answer_id)) == [{"table": "support_threads_data", "late": 1}]


def test_a_figure_of_now(desk_of_one: Desk) -> None:
    given = desk_of_one.answer(MetricPlan(MetricQuery(("backlog",))))
    later = (NOW + timedelta(hours=1)).isoformat()
    desk_of_one.do(NEW_TICKETS.format(key="later", channel="email", at=later, count=9))
    found = desk_of_one.replay(given.answer_id)
    assert desk_of_one.data(found) == [{"table": "support_threads_data", "since": 9}]
    assert "A figure of now has no history" in desk_of_one.words(found)


def test_a_list_of_rows(desk_of_one: Desk) -> None:
    given = desk_of_one.answer(ListPlan(ListQuery("support_threads_data", ("ticket_id", "channel"), period=OCTOBER)))
    assert desk_of_one.replay(given.answer_id).same
    desk_of_one.do(NEW_TICKETS.format(key="late", channel="email", at="2026-10-10 10:00Z", count=2))
    found = desk_of_one.replay(given.answer_id)
    assert found.row_counts == (len(given.rows), len(given.rows) + 2)
    assert desk_of_one.data(found) == [{"table": "support_threads_data", "late": 2}]


def test_only_who_asked_and_the_admin(desk_of_one: Desk) -> None:
    given = desk_of_one.answer(RATE)
    assert desk_of_one.replay(given.answer_id, ADMIN).same
    boris = Principal("boris@example.com", Role.MANAGER)
    for answer_id, principal in ((given.answer_id, boris), ("01UNKNOWN", ADMIN)):
        with pytest.raises(UnknownName, match="there is no answer"):
            desk_of_one.replay(answer_id, principal)


def test_within_a_row_scope(desk_of_one: Desk) -> None:
    given = desk_of_one.answer(TICKETS, CHAT)
    in_chat = f"SELECT count(*) FROM support_threads_data WHERE channel = 'chat' AND {IN_OCTOBER}"
    assert given.rows == ((desk_of_one.value(in_chat),),)
    desk_of_one.do(NEW_TICKETS.format(key="mail", channel="email", at="2026-10-10 10:00Z", count=4))
    assert desk_of_one.replay(given.answer_id, CHAT).same
    assert desk_of_one.replay(given.answer_id, ADMIN).same
    desk_of_one.do(NEW_TICKETS.format(key="chat", channel="chat", at="2026-10-10 10:00Z", count=3))
    for principal in (CHAT, ADMIN):
        found = desk_of_one.replay(given.answer_id, principal)
        assert (found.causes, desk_of_one.data(found)) == (
            (Cause.DATA,),
            [{"table": "support_threads_data", "late": 3}],
        )


def test_rights_that_changed(desk_of_one: Desk) -> None:
    given = desk_of_one.answer(TICKETS, CHAT)
    narrowed = replace(CHAT, scope=(ScopeFilter("channel", ("email",)),))
    found = desk_of_one.replay(given.answer_id, narrowed)
    assert (found.same, found.causes) == (False, (Cause.SCOPE,))
    assert found.values == ()
    assert desk_of_one.words(found).count("channel: ") == 2


def test_questions_that_were_not_answered(desk_of_one: Desk) -> None:
    with desk_of_one.dash() as (dash, answers, contents):
        for question, status in (("Delete all tickets", Status.REFUSED), ("Which is best?", Status.CLARIFY)):
            given = dash.ask(question, ANNA, now=NOW)
            assert given.status is status
            found = replay(dash, answers, contents, given.answer_id, ANNA)
            assert (found.same, found.causes) == (True, ())
        desk_of_one.do(
            "UPDATE app.answers SET answer = jsonb_set(answer, '{question}', '\"How many tickets in October?\"')"
            f" WHERE answer_id = '{given.answer_id}'"
        )
        found = replay(dash, answers, contents, given.answer_id, ANNA)
        assert (found.same, found.causes) == (False, (Cause.PLAN,))
    expected = "Read otherwise: the question was asked back, and is answered by a plan (metric) today."
    assert desk_of_one.words(found) == expected


def test_each_text_of_the_content_is_kept_once(desk_of_one: Desk, edited: Callable[..., Catalog]) -> None:
    desk_of_one.answer(RATE)
    desk_of_one.answer(TICKETS)
    today = edited(metric=DENOMINATOR)
    with desk_of_one.dash(today) as (dash, _, contents):
        dash.answer(RATE, ANNA, now=NOW)
        assert contents.files(today.version) == today.files
        assert contents.files(desk_of_one.home.version) == desk_of_one.home.files
    assert desk_of_one.value("SELECT count(*) FROM app.content_versions") == 2
    assert desk_of_one.value("SELECT count(*) FROM app.content_files") == len(today.files) + 1


def test_the_command(template: Database, tmp_path: Path, home: Catalog) -> None:
    desk = Desk(copied(template, "replay command"), home)
    shell: Shell = on(desk.database, tmp_path)
    given = json.loads(shell.run("ask", "How many tickets were there in October 2026?", "--json").out)
    same = shell.run("replay", given["answer_id"])
    assert (same.code, same.out.startswith("The same:")) == (0, True), same.err
    desk.do(NEW_TICKETS.format(key="late", channel="email", at="2026-10-10 10:00Z", count=6))
    moved = shell.run("replay", given["answer_id"], "--json")
    assert moved.code == 1
    told_of = json.loads(moved.out)
    assert (told_of["same"], told_of["causes"]) == (False, ["data"])
    assert told_of["data"] == [{"table": "support_threads_data", "late": 6}]
    assert shell.run("replay", "01UNKNOWN").code == 2
    assert "there is no answer '01UNKNOWN'" in shell.run("replay", "01UNKNOWN").error
