"""Whether two courses differ by more than they swing: Student's t of pairs."""

from __future__ import annotations

from decimal import Decimal
from math import inf

import pytest

from dash_agent.insight.analysis.steady import steadiness


def test_it_is_students_t_of_pairs() -> None:
    """Differences 1, 2, 3, 4, 5: mean 3, standard deviation √2.5, so 3 · √5 / √2.5 = 3√2."""
    pairs = [(Decimal(10 + n), 10) for n in range(1, 6)]
    assert steadiness(pairs) == pytest.approx(3 * 2**0.5)


def test_the_way_does_not_matter() -> None:
    up = [(13, 10), (15, 11), (12, 10), (16, 12), (19, 15)]
    assert steadiness(up) == steadiness([(before, now) for now, before in up])


def test_what_only_swings_is_not_steady() -> None:
    found = steadiness([(12, 10), (8, 10), (13, 10), (7, 10), (11, 10), (9, 10)])
    assert found is not None
    assert found < 1


def test_buckets_without_a_value_are_left_out_and_too_few_say_nothing() -> None:
    known = [(Decimal(10 + n), Decimal(10)) for n in range(1, 6)]
    assert steadiness([*known, (None, 3), (3, None)]) == steadiness(known)
    assert steadiness(known[:4]) is None
    assert steadiness([]) is None


def test_the_same_difference_everywhere_is_certain() -> None:
    assert steadiness([(3, 1)] * 5) == inf
    assert steadiness([(1, 1)] * 5) == 0
