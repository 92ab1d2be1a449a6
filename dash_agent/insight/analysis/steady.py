"""Whether two courses differ by more than they swing."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from math import inf, sqrt
from statistics import fmean, stdev
from typing import Final

FEWEST: Final = 5
"""Pairs below which nothing is said."""

Number = Decimal | int


def steadiness(pairs: Iterable[tuple[Number | None, Number | None]]) -> float | None:
    """How many times its own uncertainty the mean difference of paired buckets is: Student's t of pairs, unsigned.

    pairs: a bucket of now and the one at the same place before; those of which one has no value are left out. None
    where too few are left. Beyond 2, chance alone seldom gets.
    """
    moved = [float(now) - float(before) for now, before in pairs if now is not None and before is not None]
    if len(moved) < FEWEST:
        return None
    mean, spread = abs(fmean(moved)), stdev(moved)
    if not spread:
        return inf if mean else 0.0
    return mean * sqrt(len(moved)) / spread
