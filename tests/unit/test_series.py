"""Outliers, trends, records and concentration over plain numbers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dash_agent.insight.analysis.concentration import share, top_heavy
from dash_agent.insight.analysis.outliers import outliers
from dash_agent.insight.analysis.records import Record, record
from dash_agent.insight.analysis.trend import trend
from dash_agent.insight.finding import rounded

numbers = st.decimals(-1000, 1000, places=1)


def series(*values: float) -> list[Decimal]:
    return [Decimal(str(value)) for value in values]


def test_a_value_far_from_the_median_stands_out() -> None:
    found = outliers(series(50, 51, 49, 50, 52, 48, 51, 90, 50))
    assert [(outlier.position, outlier.value, outlier.usual) for outlier in found] == [(7, 90, 50)]


def test_days_are_held_against_their_weekday() -> None:
    """Quiet Sundays are usual, and a busy one is not, though any other day is busier."""
    weeks = [series(100, 102, 98, 101, 99, 40, 20) for _ in range(6)]
    weeks[3] = series(101, 99, 100, 102, 98, 41, 85)
    found = outliers([value for week in weeks for value in week], season=7, counted=True)
    assert [(outlier.position, outlier.usual) for outlier in found] == [(27, 20)]


def test_few_values_have_no_usual_one() -> None:
    assert outliers(series(1, 1, 1, 1, 1, 1, 100)) == []
    assert outliers(series(*[1] * 20, 100), season=7) == []


def test_a_calm_count_still_varies_by_its_root() -> None:
    """Errors of a day: 0 or 1, and then 3. A series of a rate that never moves has no scale at all."""
    assert outliers(series(0, 1, 0, 0, 1, 0, 0, 0, 0, 3), counted=True) == []
    assert len(outliers(series(0, 1, 0, 0, 1, 0, 0, 0, 0, 12), counted=True)) == 1
    assert outliers(series(*[5] * 9, 9)) == []


@given(st.lists(numbers, min_size=8, max_size=30), st.integers(1, 50))
def test_outliers_do_not_mind_where_zero_is(values: list[Decimal], shift: int) -> None:
    here = [outlier.position for outlier in outliers(values)]
    assert [outlier.position for outlier in outliers([value + shift for value in values])] == here
    assert len(here) < len(values)


def test_a_trend_is_told_where_it_is_clear() -> None:
    found = trend(series(10, 12, 13, 15, 18, 19, 22, 24))
    assert found is not None
    assert found.rises
    assert found.step == 2
    assert trend(series(10, 14, 9, 13, 11, 12, 10, 13)) is None
    assert trend(series(1, 2, 3, 4, 5)) is None


def test_a_trend_of_days_does_not_take_weekends_for_a_fall() -> None:
    weeks = [series(*(100 + 7 * week + day for day in range(5)), 20 + week, 10 + week) for week in range(4)]
    found = trend([value for week in weeks for value in week], season=7)
    assert found is not None
    assert found.rises
    assert trend(series(100, 101, 99, 100, 100, 20, 10, 100, 101, 99, 100, 100, 20, 10), season=7) is None


def test_a_series_that_turned_has_the_way_it_goes_now() -> None:
    found = trend(series(10, 20, 30, 40, 50, 60, 70, 80, 70, 60, 50, 40, 30, 20))
    assert found is not None
    assert (found.turned, found.step) == (7, -10)


@given(st.lists(numbers, min_size=6, max_size=25))
def test_a_trend_upside_down_goes_the_other_way(values: list[Decimal]) -> None:
    found, other = trend(values), trend([-value for value in values])
    assert (found is None) == (other is None)
    if found is not None and other is not None:
        assert (found.step, found.turned) == (-other.step, other.turned)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([9, 1, 2, 3, 4, 8], Record(True, 0)),
        ([1, 2, 3, 4, 5], Record(True, None)),
        ([1, 5, 6, 7, 8, 2], Record(False, 0)),
        ([1, 5, 5, 5, 5], None),
        ([4, 1, 2, 3, 4], None),
        ([1, 2, 3, 4], None),
        ([], None),
    ],
)
def test_a_record_holds_back_to_the_latest_value_that_is_no_less(values: list[int], found: Record | None) -> None:
    assert record([Decimal(value) for value in values]) == found


@given(st.lists(numbers, max_size=20))
def test_a_record_beats_all_since(values: Sequence[Decimal]) -> None:
    found = record(values)
    if found is None:
        return
    earlier = values[(found.since if found.since is not None else -1) + 1 : -1]
    assert all(value < values[-1] if found.highest else value > values[-1] for value in earlier)
    assert len(earlier) >= 4


def test_few_groups_that_hold_most() -> None:
    assert top_heavy([60, 10, 10, 10, 10]) == 1
    assert top_heavy([30, 25, 15, 15, 15]) == 2
    assert top_heavy([20, 20, 20, 20, 20]) is None
    assert top_heavy([90, 5, 3, 2]) is None
    assert top_heavy([0, 0, 0, 0, 0]) is None
    assert share(1, 3) == Decimal(100) / 3
    assert share(1, 0) is None


def test_rounding_is_half_away_from_zero() -> None:
    assert [rounded(Decimal(value), 1) for value in ("0.25", "-0.25", "0.24", "2")] == [
        Decimal(value) for value in ("0.3", "-0.3", "0.2", "2.0")
    ]
    assert str(rounded(2, 2)) == "2.00"
