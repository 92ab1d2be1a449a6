"""Which way a series goes, and where it turned, where it bears such a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from math import sqrt
from statistics import median
from typing import Final

FEWEST: Final = 6
"""Values below which no trend is told."""

MOST: Final = 400
"""Every pair is looked at, so a longer series is left alone."""

MOST_FOR_TURNS: Final = 60

SURE: Final = 1.96
"""Standard deviations; by chance a series without a trend goes beyond them once in twenty."""


@dataclass(frozen=True, slots=True)
class Trend:
    """step: the median change from one value to the next. turned: the position where it began, 0 for the first."""

    step: Decimal
    turned: int = 0

    @property
    def rises(self) -> bool:
        return self.step > 0


def trend(values: Sequence[Decimal], season: int = 1) -> Trend | None:
    """By the sign of all pairs (Mann-Kendall), and their median slope (Theil-Sen): neither minds a wild value.

    season: 7 for days: only the same weekdays are paired. None where the series has no clear way.
    """
    if not FEWEST <= len(values) <= MOST or len(values) < 3 * season:
        return None
    turned = _turn(values) if season == 1 and len(values) <= MOST_FOR_TURNS else None
    if turned is not None:
        return Trend(_slope(values[turned:], 1), turned)
    if abs(_score(values, season)) < SURE:
        return None
    step = _slope(values, season)
    return Trend(step) if step else None


def _score(values: Sequence[Decimal], season: int) -> float:
    """How many standard deviations the rising pairs are ahead of the falling ones."""
    ahead, variance = 0, 0.0
    for start in range(season):
        own = values[start::season]
        ahead += sum((b > a) - (b < a) for a, b in combinations(own, 2))
        variance += len(own) * (len(own) - 1) * (2 * len(own) + 5) / 18
    if not ahead or not variance:
        return 0.0
    return (ahead - (1 if ahead > 0 else -1)) / sqrt(variance)


def _slope(values: Sequence[Decimal], season: int) -> Decimal:
    apart = (
        (b - a) / ((j - i) * season)
        for start in range(season)
        for (i, a), (j, b) in combinations(enumerate(values[start::season]), 2)
    )
    return median(apart)


def _turn(values: Sequence[Decimal]) -> int | None:
    """The highest or lowest value between two clear ways, if there are two, and they go apart."""
    found: list[tuple[float, int]] = []
    for at in range(FEWEST - 1, len(values) - FEWEST + 1):
        if not (_is_end(values, at)):
            continue
        left, right = _score(values[: at + 1], 1), _score(values[at:], 1)
        if left * right < 0 and min(abs(left), abs(right)) >= SURE:
            found.append((abs(left) + abs(right), at))
    return max(found)[1] if found else None


def _is_end(values: Sequence[Decimal], at: int) -> bool:
    return values[at] in (min(values), max(values))
