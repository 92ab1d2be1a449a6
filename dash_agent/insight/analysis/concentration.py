"""How much of a whole its largest groups hold."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

FEWEST: Final = 5
"""Groups below which it is no news that a few hold most."""

MOST_NAMED: Final = 3


def top_heavy(values: Sequence[Decimal | int], half: Fraction = Fraction(1, 2)) -> int | None:
    """How few of the groups hold more than `half` of the whole, where that is at most MOST_NAMED and half of them.

    values: of every group, none negative. None where the groups are too few or no such few hold so much.
    """
    whole = sum(values)
    if len(values) < FEWEST or whole <= 0 or min(values) < 0:
        return None
    held, ordered = Fraction(0), sorted(values, reverse=True)
    for count, value in enumerate(ordered[: min(MOST_NAMED, len(values) // 2)], 1):
        held += Fraction(value)
        if held > half * Fraction(whole):
            return count
    return None


def share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """In %, not rounded; None of nothing."""
    return Decimal(part) * 100 / Decimal(whole) if whole else None
