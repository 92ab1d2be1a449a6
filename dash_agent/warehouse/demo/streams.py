"""Random numbers: one independent stream for each use, so that no use disturbs another."""

from __future__ import annotations

from enum import IntEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]


class Use(IntEnum):
    """What a stream is for. The numbers are part of the data: a changed one changes every seed's desk."""

    CALENDAR = 1
    INCIDENTS = 2
    ARRIVALS = 3
    CUSTOMERS = 4
    SUBSCRIPTIONS = 5
    SHIPMENTS = 6
    OPENING = 7
    COURSE = 8
    DIALOGS = 9
    COMPARISONS = 10
    TASKS = 11
    RECENT_ERRORS = 12


def stream(seed: int, use: Use, chunk: int = 0) -> np.random.Generator:
    """The generator of a use in a chunk: the same for the same arguments, on any machine."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(use, chunk))))


def pick(rng: np.random.Generator, weights: Floats) -> Ints:
    """One column drawn from each row of weights (n x k, each row with a positive sum)."""
    cumulative = weights.cumsum(axis=1)
    target = rng.random(len(weights)) * cumulative[:, -1]
    chosen: Ints = (cumulative <= target[:, None]).sum(axis=1)
    last = weights.shape[1] - 1
    np.minimum(chosen, last, out=chosen)
    return chosen


def lognormal(rng: np.random.Generator, median: Floats | float, sigma: float, size: int) -> Floats:
    """Positive numbers with this median and a long tail."""
    return np.exp(rng.normal(0.0, sigma, size)) * median
