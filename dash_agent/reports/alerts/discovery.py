"""Which of many findings are told, so that few of those are chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dash_agent.reports.alerts.tails import LEAST, Floats, gamma_tails


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
    """One p-value of several signs of one thing. p: signs x segments. correlation: of the signs, where all is usual.

    Fisher's sum of logarithms against a chi-squared of fewer degrees of freedom, as signs go together (Brown 1975).
    """
    count = len(p)
    shared = np.clip(correlation, 0, 1)[np.triu_indices(count, 1)]
    variance = 4 * count + 2 * float(np.sum(3.263 * shared + 0.71 * shared**2 + 0.027 * shared**3))
    scale, freedom = variance / (4 * count), 8 * count**2 / variance
    total = -2 * np.log(np.clip(p, LEAST, 1.0)).sum(axis=0)
    return np.array([gamma_tails(freedom / 2, one / (2 * scale))[1] for one in total.tolist()])
