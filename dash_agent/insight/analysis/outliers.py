"""Values far from the rest, by the median and the median distance from it, which one wild value does not move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Final

FAR: Final = Decimal("3.5")
"""Distances from the median, in standard deviations of the usual ones."""

DEVIATION: Final = Decimal("1.4826")
"""Makes a median distance a standard deviation, if the usual values are distributed normally."""

FEWEST: Final = 8
"""Values below which nothing is usual. Of each weekday, where weekdays are told apart, see FEWEST_ALIKE."""

FEWEST_ALIKE: Final = 4


@dataclass(frozen=True, slots=True)
class Outlier:
    """position: in the values that were given. usual: the median of those that it was held against."""

    position: int
    value: Decimal
    usual: Decimal

    @property
    def distance(self) -> Decimal:
        return abs(self.value - self.usual)


def outliers(values: Sequence[Decimal | None], *, season: int = 1, counted: bool = False) -> list[Outlier]:
    """The farthest first. season: 7 where the values are days, each then held against the same weekday.

    counted: numbers of things, which are expected to vary by the root of their number, however calm they look.
    """
    usual = _usual(values, season)
    known = [(at, value, usual[at % season]) for at, value in enumerate(values) if value is not None]
    if any(middle is None for _, _, middle in known) or len(known) < FEWEST:
        return []
    away = [(at, value, middle, abs(value - middle)) for at, value, middle in known if middle is not None]
    spread = DEVIATION * median(distance for _, _, _, distance in away)
    if not spread and not counted:
        return []
    found = [
        Outlier(at, value, middle)
        for at, value, middle, distance in away
        if distance > FAR * (max(spread, abs(middle).sqrt(), Decimal(1)) if counted else spread)
    ]
    return sorted(found, key=lambda outlier: -outlier.distance)


def _usual(values: Sequence[Decimal | None], season: int) -> list[Decimal | None]:
    """The median of each season's values; None where they are too few to have a usual one."""
    fewest = FEWEST if season == 1 else FEWEST_ALIKE
    alike = [[v for v in values[start::season] if v is not None] for start in range(season)]
    return [median(own) if len(own) >= fewest else None for own in alike]
