"""Which of many findings are told, so that few of those are chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dash_agent.reports.alerts.tails import LEAST, Floats, gamma_tails
from dash_agent.reports.alerts.usual import FEWEST


def discovered(p: Sequence[Floats]) -> tuple[Floats, ...]:
    """The false discovery rate at which each would be told, by families (of one rule) of p-values.

    Benjamini and Hochberg over all of them, each weighted so that every family has the same part of the errors, however
    many segments it looks at (Genovese, Roeder and Wasserman 2006).
    """
    filled = [len(own) for own in p if len(own)]
    whole = sum(filled)
    if not whole:
        return tuple(p)
    flat = np.concatenate([own * (len(filled) * len(own) / whole) for own in p])
    order = np.argsort(flat, kind="stable")
    ranked = flat[order] * whole / np.arange(1, len(flat) + 1)
    adjusted = np.empty_like(flat)
    adjusted[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    return tuple(np.split(adjusted, np.cumsum([len(own) for own in p])[:-1]))


def together(p: Floats, correlation: Floats) -> Floats:
    """One p-value of several signs of one thing. p: signs x looks x segments, nan where a sign has too little to go by.

    Fisher's sum of logarithms against a chi-squared of fewer degrees of freedom, as signs go together (Brown 1975).
    correlation: looks x signs x signs.
    """
    there = np.isfinite(p)
    count = there.sum(axis=0)
    shared = _brown(correlation)
    covered = np.einsum("ils,lij,jls->ls", there.astype(float), shared, there.astype(float))
    variance = 4 * count + covered
    known = count > 0
    total = -2 * np.log(np.clip(np.where(there, p, 1.0), LEAST, 1.0)).sum(axis=0)[known]
    scale, freedom = (variance / (4 * np.maximum(count, 1)))[known], (8 * count[known] ** 2 / variance[known])
    found = np.full(p.shape[1:], np.nan)
    found[known] = gamma_tails(freedom / 2, total / (2 * scale))[1]
    return found


def _brown(correlation: Floats) -> Floats:
    """The covariance of two signs' logarithms; 0 on the diagonal."""
    shared = np.clip(correlation, 0, 1)
    found: Floats = 3.263 * shared + 0.71 * shared**2 + 0.027 * shared**3
    return found * (1 - np.eye(found.shape[-1]))


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
