"""What the checks say of SQL that a model wrote, case by case: tests/cases/generated_sql.yaml."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dash_agent.context.catalog import Catalog
from dash_agent.models.sql import ResultColumn, ResultSet
from dash_agent.semantic.generated.checks import Checks
from dash_agent.sql.guard import GuardSchema, Moment, guard
from tests.conftest import CASES, NOW, ZONE
from tests.fakes import FakeIntrospection

FILE: list[dict[str, Any]] = yaml.safe_load((CASES / "generated_sql.yaml").read_text(encoding="utf-8"))

NOT_LIVE = {
    ("support_threads_data", "urgency"): ("high", "low", "medium"),
    ("ai_human_comparison", "verdict"): ("ai_better", "equal", "human_better"),
    ("support_dialogs", "role"): ("ai", "customer", "human"),
}


@pytest.fixture(scope="module")
def checks(home: Catalog, live: Mapping[str, Sequence[str]]) -> Checks:
    values = {
        (table, column): held
        for name, held in live.items()
        for table, _, column in [home.dimensions[name].column.partition(".")]
    }
    return Checks(home, FakeIntrospection({**values, **NOT_LIVE}), ZONE)


def printed(sql: str, home: Catalog) -> str:
    return guard(sql, GuardSchema(home.readable), Moment(NOW, ZONE.key)).text


def result(rows: Sequence[Sequence[Any]], names: Sequence[str]) -> ResultSet:
    def kind(at: int) -> str:
        return "text" if any(isinstance(row[at], str) for row in rows) else "number"

    columns = tuple(ResultColumn(name, kind(at)) for at, name in enumerate(names))
    return ResultSet(columns, tuple(map(tuple, rows)), False, 0.0)


def test_there_are_enough_cases() -> None:
    names = [case["id"] for case in FILE]
    assert len(names) == len(set(names)) >= 40
    assert sum("doubt" in case for case in FILE) >= 25


@pytest.mark.parametrize("case", FILE, ids=[case["id"] for case in FILE])
def test_case(case: dict[str, Any], checks: Checks, home: Catalog) -> None:
    safe = guard(case["sql"], GuardSchema(home.readable), Moment(NOW, ZONE.key))
    checked = checks.statement(safe.text)
    doubts = list(checked.doubts)
    if "rows" in case:
        doubts += checks.rows(checked, result(case["rows"], safe.columns))
    refusing = [doubt for doubt in doubts if doubt.refuses]
    assert [doubt.kind for doubt in refusing[:1]] == ([case["doubt"]] if "doubt" in case else []), doubts
    for words in case.get("says", ()):
        assert words in str(refusing[0])
    assert all(doubt.hint for doubt in doubts)
    assert [doubt.kind for doubt in doubts if not doubt.refuses] == case.get("told", [])


# Joins drawn at random, against rows that really multiply

LINKS = {
    "customers": ("customer_id",),
    "subscriptions": ("subscription_id", "customer_id"),
    "shipments": ("shipment_id", "subscription_id"),
    "support_threads_data": ("ticket_id", "customer_id"),
    "support_dialogs": ("message_id", "ticket_id"),
    "ai_human_comparison": ("comparison_id", "ticket_id"),
}
"""Keys of tables, each table's own first."""


@pytest.fixture(scope="module")
def dense() -> Iterator[sqlite3.Connection]:
    """Two rows of each table for every row that they can belong to."""
    connection = sqlite3.connect(":memory:")
    rows = {"customers": 2}
    for table, (key, *others) in LINKS.items():
        connection.execute(f"CREATE TABLE {table} ({', '.join((key, *others))})")
        parent = next((name for name, keys in LINKS.items() if others and keys[0] == others[0]), None)
        count = rows.setdefault(table, 2 * rows[parent] if parent else 2)
        for number in range(count):
            connection.execute(
                f"INSERT INTO {table} VALUES ({', '.join('?' * (1 + len(others)))})",
                [number, *[number // 2] * len(others)],
            )
    yield connection
    connection.close()


@st.composite
def joined(draw: st.DrawFn) -> tuple[str, list[tuple[str, str]]]:
    """FROM and its joins, with the relations in it as alias and table."""
    first = draw(st.sampled_from(sorted(LINKS)))
    relations = [("r0", first)]
    text = f"{first} AS r0"
    for number in range(1, draw(st.integers(1, 4))):
        pairs = [
            (alias, table, column)
            for alias, here in relations
            for table, keys in sorted(LINKS.items())
            for column in keys
            if column in LINKS[here]
        ]
        alias, table, column = draw(st.sampled_from(pairs))
        kind = draw(st.sampled_from(("JOIN", "LEFT JOIN")))
        text += f" {kind} {table} AS r{number} ON r{number}.{column} = {alias}.{column}"
        relations.append((f"r{number}", table))
    return text, relations


@settings(max_examples=300, deadline=None)
@given(joined(), st.data())
def test_a_sum_is_doubted_exactly_where_rows_multiply(
    checks: Checks, dense: sqlite3.Connection, drawn: tuple[str, list[tuple[str, str]]], data: st.DataObject
) -> None:
    text, relations = drawn
    alias, table = data.draw(st.sampled_from(relations))
    key = LINKS[table][0]
    most = dense.execute(
        f"SELECT max(n) FROM (SELECT count(*) AS n FROM {text} WHERE {alias}.{key} IS NOT NULL GROUP BY {alias}.{key})"
    )
    multiplied = most.fetchone()[0] > 1
    doubts = checks.statement(f"SELECT sum({alias}.{key}) AS total FROM {text}").doubts
    assert ([doubt.kind for doubt in doubts] == ["fan_out"]) is multiplied
    nested = f"SELECT sum(x.v) AS total FROM (SELECT {alias}.{key} AS v FROM {text}) AS x"
    assert bool(checks.statement(nested).doubts) is multiplied
    assert checks.statement(f"SELECT count(DISTINCT {alias}.{key}) AS n FROM {text}").doubts == ()


@given(st.lists(st.decimals(0, 100, allow_nan=False, places=2), min_size=1))
def test_percentages_are_let_through(checks: Checks, home: Catalog, cells: list[Any]) -> None:
    checked = checks.statement("SELECT 100.0 * count(csat) / count(*) AS rated_share FROM support_threads_data")
    assert checks.rows(checked, result([[cell] for cell in cells], ["rated_share"])) == ()


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2).filter(lambda cell: not 0 <= cell <= 100))
def test_no_other_number_is_a_percentage(checks: Checks, cell: Any) -> None:
    checked = checks.statement("SELECT 100.0 * count(csat) / count(*) AS rated_share FROM support_threads_data")
    assert [doubt.kind for doubt in checks.rows(checked, result([[cell]], ["rated_share"]))] == ["rate"]
