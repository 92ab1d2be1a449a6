"""Both layers: a principal's scope on every kind of plan, from the plan to the rows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
import sqlglot
from sqlglot import exp

from dash_agent.adapters.clock import FrozenClock
from dash_agent.ask import Dash, Ports
from dash_agent.context.access import load_principals
from dash_agent.context.catalog import Catalog
from dash_agent.errors import WarehouseUnavailable
from dash_agent.models.answer import Answer, Status
from dash_agent.models.plan import MetricPlan, PatternPlan, SqlPlan
from dash_agent.models.principal import Principal, Role, ScopeFilter
from dash_agent.models.query import MetricQuery, Period, Scalar
from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.execute import PostgresWarehouse
from dash_agent.warehouse.introspect import PostgresIntrospection
from dash_agent.warehouse.preparation import uri_of
from dash_agent.warehouse.row_security import LOOKUPS
from tests.conftest import NOW, ROOT, ZONE
from tests.e2e.commands import Shell, on
from tests.e2e.databases import Database
from tests.e2e.scopes import NARROWED, ScopedDesk, login
from tests.fakes import CountingIds, FakeAnswers, FakeTurns
from tests.gold import gold_rows, holds

ADMIN = Principal("admin", Role.ADMIN)
START, END = datetime(2026, 8, 1, tzinfo=ZONE), datetime(2026, 11, 1, tzinfo=ZONE)
HOME_METRICS = [metric["name"] for metric in json.loads((ROOT / "business/metrics.json").read_text("utf-8"))["metrics"]]
HOME_PATTERNS = sorted(path.stem for path in (ROOT / "queries").glob("*.sql"))


@pytest.fixture(scope="module")
def opened(home: Catalog, scoped_desk: ScopedDesk) -> Iterator[Callable[[Database], Dash]]:
    """A `Dash` on a database, with the logins of scopes where there are any."""
    with ExitStack() as stack:

        def made(database: Database) -> Dash:
            reader = Connections(database.reader)
            warehouse = PostgresWarehouse(
                database.reader, timezone=ZONE.key, login_of=lambda scope: login(database, scope)
            )
            stack.callback(reader.close)
            stack.callback(warehouse.close)
            introspection = PostgresIntrospection(reader)
            ports = Ports(warehouse, introspection, FakeAnswers(), FakeTurns(), FrozenClock(NOW), CountingIds())
            return Dash(ports, home, timezone=ZONE.key, lookups=LOOKUPS)

        yield made


@pytest.fixture(scope="module")
def whole(opened: Callable[[Database], Dash], scoped_desk: ScopedDesk) -> Dash:
    return opened(scoped_desk.whole)


@pytest.fixture(scope="module")
def parts(opened: Callable[[Database], Dash], scoped_desk: ScopedDesk) -> Mapping[str, Dash]:
    return {name: opened(part) for name, part in scoped_desk.parts.items()}


def tables(answer: Answer, home: Catalog) -> frozenset[str]:
    """Of the database that the statement reads."""
    tree = sqlglot.parse_one(answer.sql or "", dialect="postgres")
    return frozenset(table.name for table in tree.find_all(exp.Table)) & frozenset(home.readable)


def check(plan: MetricPlan | PatternPlan, name: str, home: Catalog, whole: Dash, part: Dash) -> None:
    """The scoped answer is the unscoped one of the copy that holds the scope's rows alone, or a refusal."""
    narrowed = NARROWED[name]
    expected = part.answer(plan, ADMIN)
    assert expected.status is Status.ANSWERED, expected.text
    found = whole.answer(plan, narrowed.principal)
    beyond = tables(expected, home) - narrowed.reach
    if beyond:
        assert (found.status, found.error_code) == (Status.ERROR, "out_of_scope")
        assert found.rows == ()
        assert "out of your reach" in found.text
        return
    assert found.status is Status.ANSWERED, found.text
    assert list(map(repr, found.rows)) == list(map(repr, expected.rows))
    assert found.columns == expected.columns
    assert found.text == expected.text
    assert found.facts == expected.facts
    assert found.receipt is not None
    assert expected.receipt is not None
    assert found.receipt.result_hash == expected.receipt.result_hash
    assert found.receipt.data_as_of == expected.receipt.data_as_of


@pytest.mark.parametrize("metric", HOME_METRICS)
@pytest.mark.parametrize("name", NARROWED)
def test_every_metric_by_its_split(
    metric: str, name: str, home: Catalog, whole: Dash, parts: Mapping[str, Dash]
) -> None:
    described = home.metrics[metric]
    period = None if home.is_state(described) else Period(START, END)
    split = (described.default_split,) if described.default_split else ()
    check(MetricPlan(MetricQuery((metric,), split, period=period)), name, home, whole, parts[name])


def filled(home: Catalog, pattern: str) -> tuple[tuple[str, Scalar], ...]:
    made: dict[str, Scalar] = {}
    for name, parameter in home.patterns[pattern].header.parameters.items():
        kind, _, target = parameter.fills.partition(":")
        ends = {"period.start": START.isoformat(), "period.end": END.isoformat()}
        made[name] = home.constants[target].value if kind == "constant" else ends.get(kind)
    return tuple(made.items())


@pytest.mark.parametrize("pattern", HOME_PATTERNS)
@pytest.mark.parametrize("name", NARROWED)
def test_every_pattern(pattern: str, name: str, home: Catalog, whole: Dash, parts: Mapping[str, Dash]) -> None:
    check(PatternPlan(pattern, filled(home, pattern)), name, home, whole, parts[name])


# Asked and held against SQL that a person wrote.

SCOPED_SQL = [
    (
        "channel",
        "How many tickets were there in October 2026?",
        "SELECT count(*) FROM support_threads_data WHERE channel IN ('whatsapp', 'telegram')"
        " AND created_at >= '2026-10-01 00:00+03' AND created_at < '2026-11-01 00:00+02'",
    ),
    (
        "channel",
        "tickets by channel in October 2026",
        "SELECT channel, count(*) FROM support_threads_data WHERE channel IN ('whatsapp', 'telegram')"
        " AND created_at >= '2026-10-01 00:00+03' AND created_at < '2026-11-01 00:00+02' GROUP BY 1",
    ),
    (
        "channel",
        "Сколько тикетов в email в октябре 2026?",
        "SELECT 0::bigint",
    ),
    (
        "country",
        "tickets by country in October 2026",
        "SELECT country, count(*) FROM support_threads_data JOIN customers USING (customer_id)"
        " WHERE country IN ('DE', 'FR') AND support_threads_data.created_at >= '2026-10-01 00:00+03'"
        " AND support_threads_data.created_at < '2026-11-01 00:00+02' GROUP BY 1",
    ),
    (
        "country",
        "How many new customers were there in October 2026?",
        "SELECT count(*) FROM customers WHERE country IN ('DE', 'FR')"
        " AND created_at >= '2026-10-01 00:00+03' AND created_at < '2026-11-01 00:00+02'",
    ),
    (
        "language",
        "How many tickets were there in October 2026?",
        "SELECT count(*) FROM support_threads_data WHERE language = 'ru'"
        " AND created_at >= '2026-10-01 00:00+03' AND created_at < '2026-11-01 00:00+02'",
    ),
    (
        "channel and country",
        "How many tickets were there in October 2026?",
        "SELECT count(*) FROM support_threads_data t JOIN customers c USING (customer_id)"
        " WHERE t.channel IN ('chat', 'email') AND c.country = 'US'"
        " AND t.created_at >= '2026-10-01 00:00+03' AND t.created_at < '2026-11-01 00:00+02'",
    ),
]


@pytest.mark.parametrize(("name", "question", "gold"), SCOPED_SQL)
def test_a_question_within_a_scope(name: str, question: str, gold: str, whole: Dash, scoped_desk: ScopedDesk) -> None:
    answer = whole.ask(question, NARROWED[name].principal)
    assert answer.status is Status.ANSWERED, answer.text
    assert holds(answer, gold_rows(scoped_desk.whole.owner, gold, NOW), ordered=False), answer.rows


def test_a_question_beyond_a_scope_says_what_is_missing(whole: Dash) -> None:
    answer = whole.ask("How many new customers were there in October 2026?", NARROWED["channel"].principal)
    assert (answer.status, answer.error_code, answer.rows) == (Status.ERROR, "out_of_scope", ())
    assert answer.text == "You see rows by “channel”; “Customers” has no “channel”, so it is out of your reach."


def test_an_answer_within_a_scope_says_so(whole: Dash) -> None:
    answer = whole.ask("Сколько тикетов в октябре 2026?", NARROWED["channel"].principal)
    assert answer.assumptions[0] == "Вам видны только строки, где «канал»: Telegram, WhatsApp."
    assert whole.ask("Сколько тикетов в октябре 2026?", ADMIN).assumptions == ()


def test_a_report_that_customers_do_not_narrow_is_within_reach_without_them(whole: Dash) -> None:
    principal = NARROWED["channel"].principal
    assert whole.ask("Ticket funnel for October 2026", principal).status is Status.ANSWERED
    narrowed = whole.ask("Ticket funnel from Germany for October 2026", principal)
    assert (narrowed.status, narrowed.error_code) == (Status.ERROR, "out_of_scope")


def test_sql_of_a_model_is_narrowed_too(whole: Dash, scoped_desk: ScopedDesk) -> None:
    plan = SqlPlan(
        "WITH support_threads_data AS (SELECT * FROM support_threads_data)"
        " SELECT channel, count(*) FROM support_threads_data GROUP BY channel"
    )
    found = whole.answer(plan, NARROWED["channel"].principal)
    assert {row[0] for row in found.rows} == {"telegram", "whatsapp"}
    assert len(whole.answer(plan, ADMIN).rows) == 6
    assert whole.answer(SqlPlan("SELECT * FROM customers"), NARROWED["channel"].principal).error_code == "out_of_scope"


def test_explain_shows_the_scope(whole: Dash) -> None:
    shown = whole.explain("How many tickets were there in October 2026?", NARROWED["channel"].principal).sql or ""
    assert "channel IN ('telegram', 'whatsapp')" in shown
    assert "telegram" not in (whole.explain("How many tickets were there in October 2026?", ADMIN).sql or "")


def test_one_scope_does_not_leak_into_the_next(whole: Dash) -> None:
    """One object, one pool of connections, many askers in turn."""
    plan = SqlPlan("SELECT count(*) FROM support_threads_data")
    askers = [ADMIN, *(one.principal for one in NARROWED.values())]
    first = [whole.answer(plan, asker).rows for asker in askers]
    assert len(set(first)) == len(askers)
    for _ in range(3):
        assert [whole.answer(plan, asker).rows for asker in reversed(askers)] == first[::-1]


def test_a_scope_that_nobody_made_a_login_for_is_no_answer(whole: Dash) -> None:
    unknown = Principal("new@example.com", Role.VIEWER, scope=(ScopeFilter("channel", ("voice",)),))
    with pytest.raises(WarehouseUnavailable, match="db migrate"):
        whole.answer(SqlPlan("SELECT count(*) FROM support_threads_data"), unknown)


# The command line.

COUNT = "How many tickets were there in October 2026?"
OCTOBER = "created_at >= '2026-10-01 00:00+03' AND created_at < '2026-11-01 00:00+02'"


@pytest.fixture
def shell(scoped_desk: ScopedDesk, tmp_path: Path) -> Shell:
    return on(scoped_desk.commands, tmp_path)


def count(database: Database, condition: str) -> int:
    with psycopg.connect(database.owner) as owner:
        row = owner.execute(f"SELECT count(*) FROM support_threads_data WHERE {condition}".encode()).fetchone()
    assert row is not None
    return int(row[0])


def test_as_asks_as_a_user_of_the_access_file(shell: Shell, scoped_desk: ScopedDesk) -> None:
    whole = count(scoped_desk.whole, OCTOBER)
    theirs = count(scoped_desk.whole, f"channel IN ('whatsapp', 'telegram') AND {OCTOBER}")
    assert theirs < whole
    for arguments, expected in (
        (("--as", "Vera@Example.com"), theirs),
        (("--as", "nina@example.com"), whole),
        ((), whole),
    ):
        told = shell.run("ask", COUNT, "--json", *arguments)
        assert told.code == 0, told.err
        assert json.loads(told.out)["rows"] == [[expected]]
    lines = json.dumps({"id": "a", "question": COUNT}).encode()
    batch = shell.run("ask", "--jsonl", "-", "--as", "vera@example.com", stdin=lines)
    assert json.loads(batch.out)["rows"] == [[theirs]]
    explained = shell.run("explain", COUNT, "--json", "--as", "vera@example.com")
    assert "support_threads_data.channel IN ('telegram', 'whatsapp')" in json.loads(explained.out)["sql"]


def test_the_guard_alone_narrows_a_warehouse_of_somebody_else(
    empty_database: Callable[[], Database], scoped_desk: ScopedDesk, tmp_path: Path
) -> None:
    own = empty_database()
    shell = on(own, tmp_path).having(DASH_WAREHOUSE_URL=uri_of(scoped_desk.parts["country"].reader))
    theirs = count(scoped_desk.parts["country"], f"channel IN ('whatsapp', 'telegram') AND {OCTOBER}")
    told = shell.run("ask", COUNT, "--json", "--as", "vera@example.com")
    assert told.code == 0, told.err
    answer = json.loads(told.out)
    assert answer["rows"] == [[theirs]]
    assert LOOKUPS not in answer["sql"]
    with psycopg.connect(own.owner) as owner:
        assert owner.execute("SELECT count(*) FROM pg_policies").fetchone() == (0,)


def test_beyond_the_scope_is_exit_1_with_the_reason(shell: Shell) -> None:
    told = shell.run("ask", "How many new customers were there in October 2026?", "--as", "vera@example.com")
    assert told.code == 1
    assert "“Customers”" in told.out
    assert "has no “channel”" in told.out
    assert shell.run("explain", "How many new customers last week?", "--as", "vera@example.com").code == 1


def test_an_unknown_user_is_told_the_nearest(shell: Shell) -> None:
    told = shell.run("ask", COUNT, "--as", "vera@example.org")
    assert told.code == 2
    assert "did you mean 'vera@example.com'" in told.error


def test_a_users_language_is_taken_where_a_question_shows_none(shell: Shell) -> None:
    answer = json.loads(shell.run("ask", "???", "--json", "--as", "olga@example.com").out)
    assert answer["language"] == "ru"


def test_an_access_file_that_can_not_be_held_stops_the_start(shell: Shell, tmp_path: Path) -> None:
    content = tmp_path / "content"
    for name in ("tables", "queries", "business"):
        shutil.copytree(ROOT / name, content / name)
    wrong = [
        {"email": "a@example.com", "role": "viewer", "scope": [{"dimension": "chanel", "values": ["chat"]}]},
        {"email": "b@example.com", "role": "viewer", "scope": [{"dimension": "channel", "values": ["a\u0000b"]}]},
    ]
    (content / "business/access.json").write_text(json.dumps({"users": wrong}), "utf-8")
    told = shell.having(DASH_CONTENT_DIR=str(content)).run("ask", COUNT)
    assert told.code == 1
    assert "users[0].scope: there is no dimension 'chanel'; did you mean 'channel'?" in told.err
    assert "users[1].scope" in told.err


def test_the_invented_users_are_of_every_kind() -> None:
    known = load_principals(ROOT).values()
    assert {one.role for one in known} == set(Role)
    assert {one.language for one in known} == {"en", "ru"}
    assert sorted(len(one.scope) for one in known) == [0, 0, 0, 0, 1, 1, 2]
