"""What `ask` does around a statement: keeps, follows up, says what failed, and looks at nobody else's turns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dash_agent.adapters.clock import FrozenClock
from dash_agent.ask import Dash, Ports
from dash_agent.context.business import CountMetric
from dash_agent.context.catalog import Catalog
from dash_agent.context.runtime import live_values
from dash_agent.errors import QueryTimeout, WarehouseUnavailable, WrongUse
from dash_agent.models.answer import Status
from dash_agent.models.plan import ListPlan, MetricPlan, Refusal, RefusalReason, SqlPlan
from dash_agent.models.principal import Principal, Role, ScopeFilter
from dash_agent.models.query import Filter, Grain, MetricQuery, Op
from dash_agent.models.sql import ResultColumn, ResultSet
from dash_agent.models.wire import answer_json
from dash_agent.semantic.time import Calendar
from tests.conftest import NOW, ZONE
from tests.fakes import CountingIds, FakeAnswers, FakeIntrospection, FakeTurns, FakeWarehouse

ANNA, BORIS = Principal("anna@example.com", Role.MANAGER), Principal("boris@example.com", Role.VIEWER, language="ru")
ONE = ResultSet((ResultColumn("tickets", "integer"),), ((1234,),), truncated=False, elapsed_ms=1.0)
CHANNELS = FakeIntrospection({("support_threads_data", "channel"): ("email", "whatsapp")})


def made(home: Catalog, failure: Exception | None = None) -> tuple[Dash, FakeWarehouse, FakeAnswers, FakeTurns]:
    warehouse, answers, turns = FakeWarehouse(ONE, failure), FakeAnswers(), FakeTurns()
    ports = Ports(warehouse, CHANNELS, answers, turns, FrozenClock(NOW), CountingIds())
    return Dash(ports, home, timezone=ZONE.key), warehouse, answers, turns


def plain(text: str) -> str:
    """CLDR puts thin spaces round the dash of a span."""
    return text.replace("\N{THIN SPACE}", " ")


def test_an_answer_is_kept_with_what_it_rests_on(home: Catalog) -> None:
    dash, warehouse, answers, _ = made(home)
    answer = dash.ask("How many tickets last week?", ANNA)
    assert plain(answer.text) == "Tickets, Nov 9 – 15, 2026: 1,234."
    assert answer.sql == warehouse.ran[0].text
    assert answer.receipt is not None
    assert answer.receipt.context_version == home.version
    assert answers.get(answer.answer_id) is not None


def test_the_same_rows_have_the_same_hash_and_others_another(home: Catalog) -> None:
    dash, warehouse, _, _ = made(home)
    first, second = (dash.ask("tickets last week", ANNA).receipt for _ in range(2))
    warehouse.result = ResultSet(ONE.columns, ((1235,),), truncated=False, elapsed_ms=1.0)
    third = dash.ask("tickets last week", ANNA).receipt
    assert first
    assert second
    assert third
    assert first.result_hash == second.result_hash != third.result_hash


def test_a_follow_up_changes_the_last_plan_of_the_same_user_and_session(home: Catalog) -> None:
    dash, _, _, _ = made(home)
    dash.ask("How many tickets last week?", ANNA, session="s")
    followed = dash.ask("only WhatsApp", ANNA, session="s").plan
    assert isinstance(followed, MetricPlan)
    assert [narrowing.values for narrowing in followed.query.filters] == [("whatsapp",)]
    assert dash.ask("only WhatsApp", ANNA, session="other").status is Status.CLARIFY
    assert dash.ask("only WhatsApp", BORIS, session="s").status is Status.CLARIFY


def test_a_query_that_fails_is_an_answer_of_status_error(home: Catalog) -> None:
    dash, _, _, _ = made(home, QueryTimeout("it ran longer than 15 seconds"))
    answer = dash.ask("How many tickets last week?", ANNA)
    assert (answer.status, answer.error_code) == (Status.ERROR, "query_timeout")
    assert "15 seconds" in answer.text
    assert answer.rows == ()


def test_a_warehouse_that_is_not_there_is_raised(home: Catalog) -> None:
    dash, _, _, _ = made(home, WarehouseUnavailable("the database is down"))
    with pytest.raises(WarehouseUnavailable):
        dash.ask("How many tickets last week?", ANNA)


def test_a_statement_of_another_door_passes_the_same_guard(home: Catalog) -> None:
    dash, warehouse, _, _ = made(home)
    refused = dash.answer(SqlPlan("SELECT email FROM customers"), ANNA)
    assert refused.status is Status.ERROR
    assert refused.error_code == "unsafe_sql"
    assert warehouse.ran == []
    assert dash.answer(SqlPlan("SELECT count(*) AS tickets FROM support_threads_data"), ANNA).rows == ONE.rows


def test_explain_runs_and_keeps_nothing(home: Catalog) -> None:
    dash, warehouse, answers, turns = made(home)
    explained = dash.explain("How many tickets last week?", ANNA, session="s")
    assert explained.sql
    assert (warehouse.ran, answers.saved, turns.kept) == ([], {}, {})


@pytest.mark.parametrize("question", ["", "   ", "x" * 100_000, "\udcff", "\x00"])
def test_what_is_no_question_is_refused_and_not_kept(question: str, home: Catalog) -> None:
    dash, _, answers, _ = made(home)
    answer = dash.ask(question, ANNA)
    assert isinstance(answer.plan, Refusal)
    assert answer.plan.reason in (RefusalReason.EMPTY, RefusalReason.TOO_LONG, RefusalReason.UNREADABLE)
    assert answer.suggestions
    assert answers.saved == {}


def test_a_refusal_is_in_the_askers_language_where_the_question_shows_none(home: Catalog) -> None:
    dash, _, _, _ = made(home)
    assert dash.ask("???", BORIS).language == "ru"
    assert dash.ask("Удали все тикеты", ANNA).text.startswith("Я только читаю данные")


def test_without_a_model_the_engine_can_not_be_forced(home: Catalog) -> None:
    dash, _, _, _ = made(home)
    with pytest.raises(WrongUse, match="no model is configured"):
        dash.ask("How many tickets last week?", ANNA, engine="llm")


def test_a_column_that_is_too_slow_to_look_through_is_left_out(home: Catalog) -> None:
    channel = ("support_threads_data", "channel")
    slow = FakeIntrospection(CHANNELS.values, slow=frozenset({channel}))
    assert "channel" in live_values(home, CHANNELS)
    assert "channel" not in live_values(home, slow)


def test_a_cut_bucket_is_named_and_is_no_low(home: Catalog) -> None:
    dash, warehouse, _, _ = made(home)
    weeks = [(date(2026, 10, 26), 900), (date(2026, 11, 2), 700), (date(2026, 11, 9), 800), (date(2026, 11, 16), 5)]
    columns = (ResultColumn("week", "date"), ResultColumn("tickets", "integer"))
    warehouse.result = ResultSet(columns, tuple(weeks), truncated=False, elapsed_ms=1.0)
    answer = dash.ask("tickets by week over the last 3 weeks", ANNA)
    assert "the lowest 700" in answer.text
    assert answer.caveats[-1] == "Not whole, cut by the period's edge: Nov 16, 2026."


def test_a_null_average_is_said_to_be_none(home: Catalog) -> None:
    dash, warehouse, _, _ = made(home)
    warehouse.result = ResultSet((ResultColumn("csat", "number"),), ((None,),), truncated=False, elapsed_ms=1.0)
    assert plain(dash.ask("csat last week", ANNA).text) == "CSAT, Nov 9 – 15, 2026: there is nothing to count."
    warehouse.result = ResultSet((ResultColumn("csat", "number"),), ((Decimal("0.00"),),), False, 1.0)
    assert dash.ask("csat last week", ANNA).text.endswith("2026: 0.00. The target of 4.00 is missed.")


LISTED = ResultSet(
    tuple(
        map(ResultColumn, ("ticket_id", "channel", "request_type", "status", "updated_at"), ("integer", *["text"] * 4))
    ),
    ((7, "email", "skip_month", "Sent", "x"), (9, "chat", "other", "Sent", "x")),
    truncated=False,
    elapsed_ms=1.0,
)


def test_a_list_says_what_it_lists_and_how_many(home: Catalog) -> None:
    dash, warehouse, _, _ = made(home)
    warehouse.result = LISTED
    answer = dash.ask("Покажи stuck тикеты в email за последние 48 часов", ANNA)
    assert isinstance(answer.plan, ListPlan)
    assert answer.text == "Застряло (48 ч; Почта): 2 строки."
    assert [column.label for column in answer.columns] == [
        "Тикет",
        "Канал",
        "Категория",
        "Статус",
        "Последнее изменение",
    ]
    assert [source.name for source in answer.sources] == [
        "support_threads_data",
        "stuck",
        "channel",
        "request_type",
        "status",
    ]
    assert answer_json(answer)["plan"] is not None
    warehouse.result = ResultSet(LISTED.columns, (), truncated=False, elapsed_ms=1.0)
    assert dash.ask("show stuck tickets in email", ANNA).text == "Stuck (Email): none."


def test_a_list_is_remembered_as_a_turn(home: Catalog) -> None:
    dash, warehouse, _, turns = made(home)
    warehouse.result = LISTED
    dash.ask("show stuck tickets", ANNA, session="s")
    assert isinstance(turns.kept[ANNA.user, "s"].plan, ListPlan)


def test_a_share_of_one_group_is_told_as_a_share(home: Catalog) -> None:
    dash, warehouse, _, _ = made(home)
    columns = tuple(map(ResultColumn, ("channel", "tickets", "tickets_share"), ("text", "integer", "number")))
    warehouse.result = ResultSet(columns, (("whatsapp", 1601, Decimal("19.5")),), truncated=False, elapsed_ms=1.0)
    told = plain(dash.ask("what share of tickets is WhatsApp last week", ANNA).text)
    assert told == "Tickets, Nov 9 – 15, 2026: WhatsApp, 19.5% of the whole (1,601)."


@pytest.mark.parametrize(
    ("op", "values", "told"),
    [
        (Op.IN, ("US",), "Tickets (United States), Nov 9 – 15, 2026: 1,234."),
        (Op.NOT_IN, ("US", None), "Tickets (without United States, not known), Nov 9 – 15, 2026: 1,234."),
        (Op.IS_NULL, (), "Tickets (Country: not known), Nov 9 – 15, 2026: 1,234."),
        (Op.NOT_NULL, (), "Tickets (Country: known), Nov 9 – 15, 2026: 1,234."),
    ],
)
def test_what_narrows_is_said(op: Op, values: tuple[str | None, ...], told: str, home: Catalog) -> None:
    dash, _, _, _ = made(home)
    week = Calendar(NOW, ZONE).previous(Grain.WEEK)
    query = MetricQuery(("tickets",), filters=(Filter("country", op, values),), period=week)
    assert plain(dash.answer(MetricPlan(query), ANNA).text) == told


def test_another_catalogue_changes_what_words_mean_and_not_who_may_read_what(home: Catalog) -> None:
    dash, warehouse, _, _ = made(home)
    country = home.dimensions["country"].model_copy(update={"column": "customers.language"})
    opened = home.tables["customers"].column("email")
    assert opened is not None
    customers = home.tables["customers"]
    columns = [c.model_copy(update={"personal": False}) if c is opened else c for c in customers.columns]
    past = replace(
        home,
        dimensions={**home.dimensions, "country": country},
        tables={**home.tables, "customers": customers.model_copy(update={"columns": columns})},
    )
    other = dash.over(past, FakeAnswers())
    narrowed = Principal("paul@example.com", Role.MANAGER, scope=(ScopeFilter("country", ("DE",)),))
    other.answer(SqlPlan("SELECT count(*) AS n FROM support_threads_data"), narrowed)
    assert "customers.country IN ('DE')" in warehouse.ran[0].text
    assert other.answer(SqlPlan("SELECT email FROM customers"), ANNA).error_code == "unsafe_sql"


def test_a_metric_without_a_time_takes_no_period(home: Catalog) -> None:
    untimed = home.tables["ai_answerer_instructions"].model_copy(update={"time": None})
    rules = CountMetric(
        name="rules", kind="count", label={}, description="", unit="count", table="ai_answerer_instructions"
    )
    catalog = replace(
        home,
        tables={**home.tables, "ai_answerer_instructions": untimed},
        metrics={**home.metrics, "rules": rules},
    )
    dash, _, _, _ = made(catalog)
    week = Calendar(NOW, ZONE).previous(Grain.WEEK)
    with pytest.raises(WrongUse, match="have no time"):
        dash.answer(MetricPlan(MetricQuery(("rules",), period=week)), ANNA)
