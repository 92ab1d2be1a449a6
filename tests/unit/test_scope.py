"""What a row scope means for each table, and what is refused. Expected conditions are written by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlglot
from sqlglot import exp

from dash_agent.context.access import load_principals
from dash_agent.context.business import Dimension
from dash_agent.context.catalog import Catalog
from dash_agent.context.tables import Column, ColumnType
from dash_agent.errors import OutOfScope, UnknownName, WrongUse
from dash_agent.models.principal import Principal, Role, ScopeFilter
from dash_agent.semantic.scope import policies, row_rules, scope_problems, through_lookups
from dash_agent.sql.guard import GuardSchema, Moment, guard
from tests.conftest import NOW, ROOT

MOMENT = Moment(NOW, "Asia/Jerusalem")


def by(dimension: str, *values: str) -> ScopeFilter:
    return ScopeFilter(dimension, values)


def rule(home: Catalog, table: str, *scope: ScopeFilter) -> str:
    """A rule without the quotes round its names."""
    return row_rules(home, scope).conditions[table].sql("postgres").replace('"', "")


def schema(home: Catalog, *scope: ScopeFilter) -> GuardSchema:
    rules = row_rules(home, scope)
    return GuardSchema(home.readable, rules.scope, rules.conditions, rules.lacking)


def test_a_dimension_of_the_table_itself(home: Catalog) -> None:
    found = rule(home, "support_threads_data", by("channel", "whatsapp", "telegram"))
    assert found == "support_threads_data.channel IN ('whatsapp', 'telegram')"


def test_one_step_away(home: Catalog) -> None:
    assert rule(home, "support_dialogs", by("channel", "chat")) == (
        "support_dialogs.ticket_id IN (SELECT support_threads_data.ticket_id FROM public.support_threads_data"
        " WHERE support_threads_data.channel IN ('chat'))"
    )


def test_two_steps_away(home: Catalog) -> None:
    assert rule(home, "shipments", by("country", "DE")) == (
        "shipments.subscription_id IN (SELECT subscriptions.subscription_id FROM public.subscriptions"
        " WHERE subscriptions.customer_id IN (SELECT customers.customer_id FROM public.customers"
        " WHERE customers.country IN ('DE')))"
    )


def test_a_dimension_means_what_it_means_for_the_table(home: Catalog) -> None:
    assert rule(home, "support_threads_data", by("status", "Sent")) == "support_threads_data.status IN ('Sent')"
    assert rule(home, "subscriptions", by("status", "active")) == "subscriptions.status IN ('active')"
    assert rule(home, "ai_human_comparison", by("request_type", "other")).startswith("ai_human_comparison.request_type")


def test_all_filters_hold(home: Catalog) -> None:
    found = rule(home, "support_threads_data", by("channel", "chat"), by("language", "he"))
    assert found == "support_threads_data.channel IN ('chat') AND support_threads_data.language IN ('he')"


def test_a_table_that_has_one_of_two_dimensions_is_out_of_reach(home: Catalog) -> None:
    rules = row_rules(home, (by("country", "DE"), by("channel", "chat")))
    assert rules.lacking["customers"] == ("channel",)
    assert rules.lacking["ai_answerer_instructions"] == ("country", "channel")
    assert set(rules.terms) | set(rules.lacking) == set(home.readable)
    assert not set(rules.terms) & set(rules.lacking)


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("customers", "you see rows by channel and country, and the rows of customers have no channel: they are out"),
        ("ai_answerer_instructions", "and the rows of ai_answerer_instructions have no channel or country: they"),
    ],
)
def test_the_reason_of_a_refusal(table: str, reason: str, home: Catalog) -> None:
    with pytest.raises(OutOfScope, match=reason):
        guard(f"SELECT count(*) FROM {table}", schema(home, by("channel", "chat"), by("country", "DE")), MOMENT)


def test_a_table_that_the_rules_do_not_know_is_refused(home: Catalog) -> None:
    """A schema made by hand and wrong: a missing rule is no open door."""
    forgotten = GuardSchema(home.readable, (by("channel", "chat"),))
    with pytest.raises(OutOfScope):
        guard("SELECT count(*) FROM support_threads_data", forgotten, MOMENT)


def test_an_unknown_dimension_is_no_missing_filter(home: Catalog) -> None:
    with pytest.raises(UnknownName, match="did you mean 'channel'"):
        row_rules(home, (by("chanel", "chat"),))


@pytest.mark.parametrize("values", [(), ("a\x00b",), ("a\nb",), ("\ud800",), ("\ue000",)])
def test_values_that_no_text_column_can_hold_or_none_at_all(values: tuple[str, ...], home: Catalog) -> None:
    with pytest.raises(WrongUse, match="row scope by 'channel'"):
        row_rules(home, (ScopeFilter("channel", values),))


@pytest.mark.parametrize(
    ("kind", "held", "refused"),
    [
        ("smallint", ("0", "-32768", "32767"), ("32768", "-32769", "1_0", " 1", "1.0", "\u0661", "", "x")),
        ("integer", ("2147483647", "-2147483648"), ("2147483648", "1e3", "0x1f")),
        ("bigint", ("9223372036854775807",), ("9223372036854775808", "9" * 5000)),
        ("numeric", ("1", "-0.50"), ("NaN", "Infinity", "1e3", "1_0.0", ".", "1.", "\u0661")),
        ("double precision", ("2.5",), ("nan", "inf", "1_0", "9" * 400)),
        ("boolean", ("true", "false"), ("True", "t", "1")),
        ("date", ("2026-11-20", "2024-02-29"), ("20261120", "2026-W47-5", "2026-02-29", "2026-11-20T00:00")),
        (
            "timestamptz",
            ("2026-11-20T09:00:00+02:00", "2026-11-20 09:00Z", "2026-11-20T09:00:00.5-03"),
            ("2026-11-20", "2026-11-20T09:00:00", "2026-11-20T25:00Z", "20261120T090000Z", "2026-11-20T09:00+23:00"),
        ),
    ],
)
def test_a_value_is_one_that_postgresql_would_hold(
    kind: ColumnType, held: tuple[str, ...], refused: tuple[str, ...], home: Catalog
) -> None:
    column = Column(name="held", type=kind, description="d")
    customers = home.tables["customers"]
    catalog = replace(
        home,
        tables={**home.tables, "customers": customers.model_copy(update={"columns": [*customers.columns, column]})},
        dimensions={"held": Dimension(name="held", label={}, description="d", column="customers.held")},
    )
    assert set(row_rules(catalog, (by("held", *held),)).terms) >= {"customers"}
    for value in refused:
        with pytest.raises(WrongUse, match="can't hold"):
            row_rules(catalog, (by("held", value),))


def test_every_problem_of_the_access_file_is_told_with_its_place(home: Catalog) -> None:
    users = [
        Principal("a@example.com", Role.VIEWER),
        Principal("b@example.com", Role.VIEWER, scope=(by("chanel", "chat"),)),
        Principal("c@example.com", Role.VIEWER, scope=(by("channel", "chat"),)),
        Principal("d@example.com", Role.VIEWER, scope=(by("channel"),)),
    ]
    found = [(problem.file, problem.place) for problem in scope_problems(home, users)]
    assert found == [("business/access.json", "users[1].scope"), ("business/access.json", "users[3].scope")]


@pytest.mark.parametrize(
    "value",
    ["O'Brien", "''", "'; DROP TABLE customers; --", 'a"b', "a\\", "\\'", "€", "чат", "صوت", "$1", "%s", ":now"],
)
def test_a_value_stays_a_value(value: str, home: Catalog) -> None:
    text = guard("SELECT count(*) FROM support_dialogs", schema(home, by("channel", value)), MOMENT).text
    (found,) = (node for node in sqlglot.parse_one(text, dialect="postgres").find_all(exp.Literal) if node.is_string)
    assert found.this == value
    assert (
        rule(home, "support_threads_data", by("channel", value)).count(value.replace("'", "''").replace('"', "")) == 1
    )


def test_a_with_can_not_stand_in_for_a_table_of_the_rule(home: Catalog) -> None:
    stolen = (
        "WITH support_threads_data AS (SELECT message_id AS ticket_id, 'chat' AS channel FROM support_dialogs)"
        " SELECT * FROM support_dialogs"
    )
    tree = sqlglot.parse_one(guard(stolen, schema(home, by("channel", "chat")), MOMENT).text, dialect="postgres")
    tables = [(table.db, table.name) for table in tree.find_all(exp.Table)]
    assert tables
    assert set(tables) == {("public", "support_dialogs"), ("public", "support_threads_data")}


def test_without_a_scope_nothing_is_wrapped(home: Catalog) -> None:
    query = guard("SELECT count(*) FROM public.support_threads_data AS t", schema(home), MOMENT)
    assert " ".join(query.text.split()) == "SELECT COUNT(*) AS count FROM public.support_threads_data AS t LIMIT 10001"
    assert query.scope == ()
    assert guard("SELECT 1 AS one", schema(home, by("channel", "chat")), MOMENT).scope == (by("channel", "chat"),)


def test_lookups_stand_for_the_ways_and_are_shared(home: Catalog) -> None:
    rules = row_rules(home, (by("channel", "chat"),))
    looked_up, lookups = through_lookups(rules, "keys")
    (name,) = lookups
    assert lookups[name].replace('"', "") == (
        "SELECT support_threads_data.ticket_id FROM public.support_threads_data"
        " WHERE support_threads_data.channel IN ('chat')"
    )
    for table in ("support_dialogs", "ai_agent_tasks", "ai_human_comparison"):
        found = looked_up.conditions[table].sql("postgres").replace('"', "")
        assert found == f"{table}.ticket_id IN (SELECT {name}.ticket_id FROM keys.{name})"
    assert policies(rules, "keys").lookups == lookups
    assert policies(rules, "keys").conditions["support_dialogs"].endswith(f'FROM "keys"."{name}")')


def test_a_derived_table_is_read_through_the_tables_below_it(home: Catalog) -> None:
    derived = [name for name, table in home.tables.items() if table.query is not None]
    assert not set(derived) & set(row_rules(home, (by("channel", "chat"),)).terms)


def test_a_scope_of_the_home_content_holds(home: Catalog) -> None:
    assert list(scope_problems(home, load_principals(ROOT).values())) == []
