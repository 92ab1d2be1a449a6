"""A pattern's statement holds what a question asks for, and nothing that it does not use."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from dash_agent.context.patterns import Parameter, Pattern, PatternHeader
from dash_agent.errors import WrongUse
from dash_agent.models.query import Scalar
from dash_agent.semantic.pattern import bind

KEYS = {"customers": "customer_id", "support_threads_data": "ticket_id"}


@dataclass(frozen=True)
class Case:
    sql: str
    values: dict[str, Scalar | tuple[Scalar, ...]]
    expected: str


def pattern(sql: str, *parameters: str) -> Pattern:
    header = PatternHeader(
        name="p",
        label={"en": "P"},
        description="",
        phrases={},
        questions={},
        parameters={name: Parameter(type="text[]", fills="dimension:channel") for name in parameters},
        columns={},
    )
    return Pattern(header=header, sql=sql, file="queries/p.sql")


def bound(sql: str, values: dict[str, Scalar | tuple[Scalar, ...]]) -> str:
    return bind(pattern(sql, *values), values, KEYS).tree.sql("postgres")


ASKED = "SELECT t.status FROM support_threads_data AS t LEFT JOIN customers AS c ON c.customer_id = t.customer_id"
EITHER = "(:a::text[] IS NULL OR t.channel = ANY(:a::text[]))"
COUNTRY = "(:a::text[] IS NULL OR c.country = ANY(:a::text[]))"

CASES = {
    "what is not asked for goes": Case(
        f"SELECT t.status FROM support_threads_data AS t WHERE t.auto_sent AND {EITHER}",
        {"a": None},
        "SELECT t.status FROM support_threads_data AS t WHERE t.auto_sent",
    ),
    "a WHERE of nothing goes whole": Case(
        f"SELECT t.status FROM support_threads_data AS t WHERE {EITHER}",
        {"a": None},
        "SELECT t.status FROM support_threads_data AS t",
    ),
    "a FILTER of nothing goes whole": Case(
        f"SELECT COUNT(*) FILTER(WHERE {EITHER}) AS n FROM support_threads_data AS t",
        {"a": None},
        "SELECT COUNT(*) AS n FROM support_threads_data AS t",
    ),
    "what is asked for stays without its if": Case(
        f"SELECT t.status FROM support_threads_data AS t WHERE t.auto_sent AND {EITHER}",
        {"a": ("chat",)},
        "SELECT t.status FROM support_threads_data AS t"
        " WHERE t.auto_sent AND t.channel = ANY(CAST(CAST(ARRAY['chat'] AS TEXT[]) AS TEXT[]))",
    ),
    "a join for a filter that is not asked for goes": Case(
        f"{ASKED} WHERE {COUNTRY}", {"a": None}, "SELECT t.status FROM support_threads_data AS t"
    ),
    "an inner join stays, it takes rows away": Case(
        ASKED.replace("LEFT JOIN", "JOIN"), {}, ASKED.replace("LEFT JOIN", "JOIN")
    ),
    "a join on something else than the key stays, it may multiply rows": Case(
        "SELECT c.status FROM customers AS c LEFT JOIN support_threads_data AS t ON t.customer_id = c.customer_id",
        {},
        "SELECT c.status FROM customers AS c LEFT JOIN support_threads_data AS t ON t.customer_id = c.customer_id",
    ),
    "a join stays beside a name that may be of it": Case(
        ASKED.replace("t.status", "status"), {}, ASKED.replace("t.status", "status")
    ),
    "a join that another join needs stays": Case(
        f"{ASKED} JOIN customers AS d ON d.country = c.country",
        {},
        f"{ASKED} JOIN customers AS d ON d.country = c.country",
    ),
    "another OR is left alone": Case(
        "SELECT t.status FROM support_threads_data AS t WHERE t.auto_sent OR t.csat IS NULL",
        {},
        "SELECT t.status FROM support_threads_data AS t WHERE t.auto_sent OR t.csat IS NULL",
    ),
    "a condition under NOT is left alone": Case(
        f"SELECT t.status FROM support_threads_data AS t WHERE NOT {EITHER}",
        {"a": None},
        "SELECT t.status FROM support_threads_data AS t WHERE NOT (CAST(CAST(NULL AS TEXT[]) AS TEXT[]) IS NULL"
        " OR t.channel = ANY(CAST(CAST(NULL AS TEXT[]) AS TEXT[])))",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_unused_parts(case: Case) -> None:
    assert bound(case.sql, case.values) == case.expected


def test_a_parameter_without_a_value_is_told() -> None:
    with pytest.raises(WrongUse, match="the parameter ':a' has no value"):
        bind(pattern(f"SELECT 1 FROM support_threads_data AS t WHERE {EITHER}", "a"), {})
