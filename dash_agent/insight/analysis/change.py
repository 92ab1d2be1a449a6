"""What a change is made of: parts that add up to it exactly.

A count changes by the sum of its groups' changes. A rate changes as the weights of its groups do (mix), and as the
groups' own rates do (performance); see docs/adr on mix and performance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import sqrt
from typing import Generic, TypeVar

Key = TypeVar("Key")
Number = int | Decimal | Fraction


@dataclass(frozen=True, slots=True)
class Pair:
    """A group's number in the period and in the one before; 0 where the group was not there."""

    now: Fraction
    before: Fraction

    @classmethod
    def of(cls, now: Number | None, before: Number | None) -> Pair:
        return cls(Fraction(now or 0), Fraction(before or 0))

    @property
    def change(self) -> Fraction:
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class Effect(Generic[Key]):
    """How much of a change a group stands for. expected: if every group had changed alike.

    weight: the group's part of the whole, over both periods. mix: what comes of its change, 0 for counts and sums.
    """

    key: Key
    total: Fraction
    expected: Fraction
    weight: Fraction
    mix: Fraction = Fraction(0)

    @property
    def performance(self) -> Fraction:
        return self.total - self.mix


def of_sum(groups: Mapping[Key, Pair]) -> tuple[Effect[Key], ...]:
    """The groups' differences. They add up to the change of the sum."""
    before = sum((pair.before for pair in groups.values()), Fraction(0))
    both = sum((pair.now + pair.before for pair in groups.values()), Fraction(0))
    change = sum((pair.change for pair in groups.values()), Fraction(0))
    return tuple(
        Effect(
            key,
            pair.change,
            expected=change * pair.before / before if before else Fraction(0),
            weight=(pair.now + pair.before) / both if both else Fraction(0),
        )
        for key, pair in groups.items()
    )


def of_rate(groups: Mapping[Key, tuple[Pair, Pair]]) -> tuple[Effect[Key], ...] | None:
    """groups: numerator and denominator. The effects add up to the change of the whole rate, whatever vanishes.

    None where one of the two periods has no rate, as nothing was there to divide by.
    """
    whole = [_total([pairs[side] for pairs in groups.values()]) for side in (0, 1)]
    if not (whole[1].now and whole[1].before):
        return None
    rate = Pair(whole[0].now / whole[1].now, whole[0].before / whole[1].before)
    middle = (rate.now + rate.before) / 2
    found = []
    for key, (top, bottom) in groups.items():
        share = Pair(top.now / whole[1].now, top.before / whole[1].before)
        weight = Pair(bottom.now / whole[1].now, bottom.before / whole[1].before)
        total = share.change - weight.change * middle
        own = [top_side / side for top_side, side in ((top.now, bottom.now), (top.before, bottom.before)) if side]
        # A group that is there in one period only has not moved in itself: all of it is mix.
        usual = sum(own, Fraction(0)) / len(own) if own else middle
        mean = (weight.now + weight.before) / 2
        found.append(Effect(key, total, rate.change * mean, mean, weight.change * (usual - middle)))
    return tuple(found)


def explains(effects: Sequence[Effect[Key]]) -> Fraction:
    """From 0 to 1: how far a split tells where a change comes from.

    0 where all groups moved alike, and near it where large moves of groups cancel out.
    """
    moved = sum((abs(effect.total) for effect in effects), Fraction(0))
    if not moved:
        return Fraction(0)
    apart = sum((abs(effect.total - effect.expected) for effect in effects), Fraction(0)) / 2
    together = abs(sum((effect.total for effect in effects), Fraction(0)))
    return min(apart / moved, Fraction(1)) * together / moved


def surprise(effects: Sequence[Effect[Key]]) -> float:
    """How far a named group is from what all did, in a measure that holds between splits: by chance alone a group's
    effect strays by the root of its weight.
    """
    strays = (
        abs(float(effect.total - effect.expected)) / sqrt(effect.weight)
        for effect in leading(effects)
        if effect.weight > 0
    )
    return max(strays, default=0.0)


def leading(effects: Sequence[Effect[Key]], enough: Fraction = Fraction(2, 3), at_most: int = 3) -> list[Effect[Key]]:
    """The groups that moved the way of the whole, most first, until `enough` of the change is named."""
    change = sum((effect.total for effect in effects), Fraction(0))
    same_way = sorted((e for e in effects if e.total * change > 0), key=lambda e: -abs(e.total))
    named: list[Effect[Key]] = []
    for effect in same_way[:at_most]:
        if abs(sum((e.total for e in named), Fraction(0))) >= abs(change) * enough:
            break
        named.append(effect)
    return named


def _total(pairs: Sequence[Pair]) -> Pair:
    return Pair(sum((p.now for p in pairs), Fraction(0)), sum((p.before for p in pairs), Fraction(0)))
