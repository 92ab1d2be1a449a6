"""Parts of a change add up to it exactly, whatever appears, vanishes or has nothing to divide by."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from dash_agent.insight.analysis.change import Pair, explains, leading, of_rate, of_sum

counts = st.integers(0, 500)
amounts = st.decimals(-1000, 1000, places=2)
pairs = st.builds(Pair.of, counts, counts)
sums = st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.builds(Pair.of, amounts, amounts), max_size=8)
rates = st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.tuples(pairs, pairs), max_size=8)
averages = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=2), st.tuples(st.builds(Pair.of, amounts, amounts), pairs), max_size=8
)


@given(sums)
def test_groups_of_a_sum_add_up_to_its_change(groups: dict[str, Pair]) -> None:
    effects = of_sum(groups)
    change = sum(p.now for p in groups.values()) - sum(p.before for p in groups.values())
    assert sum(effect.total for effect in effects) == change
    assert all(effect.total == effect.performance for effect in effects)
    if sum(p.before for p in groups.values()):
        assert sum(effect.expected for effect in effects) == change


@given(rates | averages)
def test_effects_of_a_rate_add_up_to_its_change(groups: dict[str, tuple[Pair, Pair]]) -> None:
    effects = of_rate(groups)
    below = [sum(bottom.now for _, bottom in groups.values()), sum(bottom.before for _, bottom in groups.values())]
    if not all(below):
        assert effects is None
        return
    above = [sum(top.now for top, _ in groups.values()), sum(top.before for top, _ in groups.values())]
    change = Fraction(above[0], below[0]) - Fraction(above[1], below[1])
    assert effects is not None
    assert sum(effect.total for effect in effects) == change
    assert sum(effect.mix for effect in effects) + sum(effect.performance for effect in effects) == change
    assert sum(effect.expected for effect in effects) == change


@given(rates)
def test_weights_that_stay_leave_no_mix_and_rates_that_stay_no_performance(
    groups: dict[str, tuple[Pair, Pair]],
) -> None:
    still = {key: (top, Pair(bottom.now, bottom.now)) for key, (top, bottom) in groups.items()}
    assert all(not effect.mix for effect in of_rate(still) or ())
    level = {key: (Pair(2 * bottom.now, 2 * bottom.before), bottom) for key, (_, bottom) in groups.items()}
    assert all(not effect.performance for effect in of_rate(level) or ())


def test_a_group_that_appears_is_all_mix() -> None:
    groups = {
        "old": (Pair.of(50, 50), Pair.of(100, 100)),
        "new": (Pair.of(90, 0), Pair.of(100, 0)),
    }
    old, new = of_rate(groups) or ()
    # From 50 % to 70 %: the old group's own rate is where it was.
    assert old.performance == new.performance == 0
    assert old.mix + new.mix == Fraction(1, 5)


def test_mix_and_performance_by_hand() -> None:
    """Weights go from one half each to 3/4 and 1/4; the first group's rate rises from 20 % to 40 %, the other stays."""
    groups = {"a": (Pair.of(30, 10), Pair.of(75, 50)), "b": (Pair.of(20, 40), Pair.of(25, 50))}
    a, b = of_rate(groups) or ()
    assert a.performance == Fraction(1, 5) * (Fraction(3, 4) + Fraction(1, 2)) / 2
    assert b.performance == 0
    assert a.mix + b.mix == Fraction(1, 4) * (Fraction(3, 10) - Fraction(4, 5))
    assert a.total + b.total == Fraction(1, 2) - Fraction(1, 2)


def test_a_split_explains_what_one_group_did_and_not_what_all_did() -> None:
    one = of_sum({"a": Pair.of(160, 100), "b": Pair.of(100, 100), "c": Pair.of(101, 100)})
    alike = of_sum({"a": Pair.of(120, 100), "b": Pair.of(240, 200)})
    swapped = of_sum({"a": Pair.of(0, 1000), "b": Pair.of(1010, 0)})
    assert explains(one) > Fraction(1, 2)
    assert explains(alike) == 0
    assert explains(swapped) < Fraction(1, 100)
    assert explains(of_sum({"a": Pair.of(5, 5)})) == 0


@given(sums)
def test_named_groups_move_the_way_of_the_whole_and_are_few(groups: dict[str, Pair]) -> None:
    effects = of_sum(groups)
    change = sum((effect.total for effect in effects), Fraction(0))
    named = leading(effects)
    assert len(named) <= 3
    assert all(effect.total * change > 0 for effect in named)
    sizes = [abs(effect.total) for effect in named]
    assert sizes == sorted(sizes, reverse=True)
    if change:
        assert named


def test_naming_stops_where_enough_is_named() -> None:
    effects = of_sum({"a": Pair.of(Decimal(90), 0), "b": Pair.of(10, 0), "c": Pair.of(5, 0)})
    assert [effect.key for effect in leading(effects)] == ["a"]
