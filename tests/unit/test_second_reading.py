"""When two results are the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from dash_agent.insight.second_reading import same_values
from dash_agent.planning.masking import masked

Rows = list[tuple[Any, ...]]

SAME: list[tuple[Rows, Rows]] = [
    ([], []),
    ([(5,)], [(Decimal("5"),)]),
    ([("a", 1), ("b", 2)], [("b", 2), ("a", 1)]),
    ([("a", Decimal("73.2"))], [("a", Decimal("73.2143"))]),
    ([("a", 33.333333)], [("a", Decimal("33.33"))]),
    ([(None, 1)], [(None, 1)]),
    ([(date(2026, 11, 9), 3)], [("2026-11-09", 3)]),
    ([(1.5, "x"), (1.5, "y")], [(1.5, "y"), (1.5, "x")]),
]
OTHER: list[tuple[Rows, Rows]] = [
    ([(5,)], [(6,)]),
    ([(5,)], []),
    ([(5,)], [(5, 5)]),
    ([("a", 1)], [("b", 1)]),
    ([("a", Decimal("73.2"))], [("a", Decimal("73.26"))]),
    ([("a", None)], [("a", 0)]),
    ([(0,)], [(None,)]),
    ([("a", 1), ("a", 1)], [("a", 1), ("a", 2)]),
    ([(datetime(2026, 1, 1, tzinfo=UTC),)], [(datetime(2026, 1, 2, tzinfo=UTC),)]),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same(one: Rows, other: Rows) -> None:
    assert same_values(one, other)
    assert same_values(other, one)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_another(one: Rows, other: Rows) -> None:
    assert not same_values(one, other)
    assert not same_values(other, one)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("tickets of dana@example.com", "tickets of [e-mail]"),
        ("call +972 54-123-4567 now", "call [phone] now"),
        ("order 1234567890123", "order [number]"),
        ("card 4111 1111 1111 1111", "card [number]"),
        ("from 2026-10-01 to 2026-11-01", "from 2026-10-01 to 2026-11-01"),
        ("2026-09-01..2026-10-01", "2026-09-01..2026-10-01"),
        ("more than 10 000 tickets in 2026", "more than 10 000 tickets in 2026"),
    ],
)
def test_people_are_masked_and_dates_are_not(said: str, told: str) -> None:
    assert masked(said) == told
