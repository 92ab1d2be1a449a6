"""Which of many findings are told, so that few of those are chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dash_agent.reports.alerts.tails import LEAST, Floats, deviates, normal_tail
from dash_agent.reports.alerts.usual import FEWEST

MOST: Final = 0.999
"""As a sign that all is well: no p-value counts for more than this, or one quiet sign would outvote the others."""


def discovered(p: Sequence[Floats]) -> tuple[Floats, ...]:
    """The false discovery rate at which each would be told, by families (of one rule) of p-values.

    Benjamini and Hochberg within a family, which has the same part of the errors as each other one: neither do a
    hundred segments of one rule drown ten of another, nor does a flood that one finds make another less strict.
    """
    filled = sum(len(own) > 0 for own in p)
    return tuple(_adjusted(own) * filled for own in p)


def _adjusted(p: Floats) -> Floats:
    order = np.argsort(p, kind="stable")
    ranked = p[order] * len(p) / np.arange(1, len(p) + 1)
    found = np.empty_like(p)
    found[order] = np.minimum.accumulate(ranked[::-1])[::-1]
    return found


def together(p: Floats, correlation: Floats) -> Floats:
    """One p-value of several signs of one thing. p: signs x looks x segments, nan where a sign has too little to go by.

    Deviates are added up, and judged by the spread that such a sum has where signs go together as they usually do
    (Stouffer's sum). correlation: looks x signs x signs; signs that go against each other count as independent.
    """
    there = np.isfinite(p)
    off = np.where(there, deviates(np.clip(np.where(there, p, 0.5), LEAST, MOST)), 0.0)
    shared = np.clip(correlation, 0, 1)
    variance = np.einsum("ils,lij,jls->ls", there * 1.0, shared, there * 1.0)
    found: Floats = np.where(variance > 0, normal_tail(off.sum(axis=0) / np.sqrt(np.maximum(variance, 1.0))), np.nan)
    return found


def correlations(off: Floats) -> Floats:
    """How much signs go together where all is usual. off: signs x looks x segments x days, 0 where there is no number.

    looks x signs x signs; 1 of two that are too seldom there together.
    """
    flat = off.reshape(*off.shape[:2], -1)
    usual = np.where((np.abs(flat) < 3) & (flat != 0), flat, np.nan)
    made = np.ones((off.shape[1], len(off), len(off)))
    for one in range(len(off)):
        for other in range(one):
            both = np.isfinite(usual[one]) & np.isfinite(usual[other])
            found = _correlation(np.where(both, usual[one], 0), np.where(both, usual[other], 0), both.sum(axis=-1))
            made[:, one, other] = made[:, other, one] = found
    return made


def _correlation(x: Floats, y: Floats, number: NDArray[np.int64]) -> Floats:
    """Of sums over the last axis. number: how many of them are there."""
    n = np.maximum(number, 1)
    mean_x, mean_y = x.sum(axis=-1) / n, y.sum(axis=-1) / n
    spread = ((x**2).sum(axis=-1) / n - mean_x**2) * ((y**2).sum(axis=-1) / n - mean_y**2)
    shared = (x * y).sum(axis=-1) / n - mean_x * mean_y
    return np.where((number >= FEWEST) & (spread > 0), shared / np.sqrt(np.maximum(spread, 1e-12)), 1.0)
