"""What is usual for each segment, learnt from its own earlier windows, and how unlikely the last window then is.

Arrays are looks x segments x (1 + DAYS): the window that is judged stands first, then the one a day before it, and so
on. What is of all segments is looks x (1 + DAYS). Looks know nothing of each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dash_agent.reports.alerts.tails import Floats, binomial_tails, poisson_tails, skewed_tails

Days = NDArray[np.bool_]

FEWEST: Final = 21
"""Windows that anything can be learnt from."""
BORROWED: Final = 20
"""A segment's own spread counts as much as its windows, the spread of all of them as much as so many."""
OWN_WEEKDAY: Final = 400
"""A segment goes by its own weekdays rather than by everybody's from about so many rows a weekday on."""
OFF: Final = 1.3
RUN: Final = 3
FAR: Final = 4.0
"""Nothing is learnt from windows that are FAR off (in standard deviations), nor from RUN or more days in a row that are
OFF the same way: an incident is not to become what is usual.
"""
ROUNDS: Final = 2


@dataclass(frozen=True, slots=True)
class Judged:
    """One metric, by segment. high, low: how likely as much, or as little, is where all is as usual; nan where there is
    too little to go by. off: of each window, in standard deviations. sample: what the window's number rests on.
    """

    observed: Floats
    expected: Floats
    spread: Floats
    high: Floats
    low: Floats
    off: Floats
    sample: Floats


def counts(values: Floats, weekday: NDArray[np.int64], learn: Days) -> Judged:
    """Of numbers that add up. Their variance is their mean, times a factor that the segments' own windows show.

    A segment begins with its first row: one that is new has nothing that is usual.
    """
    learn = learn & _earlier(learn)
    rhythm = _rhythm(values.sum(axis=-2), weekday, learn)[..., None, :]
    there = learn[..., None, :] & begun(values)
    kept = there
    level = median(values / rhythm, kept)
    for _ in range(ROUNDS):
        usual = np.maximum(level[..., None] * rhythm, 0.05)
        off = (values - usual) / np.sqrt(usual)
        spread = _spread(off, kept)
        off = off / np.sqrt(spread)[..., None]
        kept = _kept(off, there)
        level = np.where(kept, values, 0).sum(axis=-1) / np.maximum(np.where(kept, rhythm, 0).sum(axis=-1), 1e-9)
    like = kept & (weekday == weekday[..., :1])[..., None, :]
    own, certain = _own_weekday(values, level[..., None] * rhythm, like)
    expected = np.maximum(level * rhythm[..., 0] * own, 0.05)
    wide = spread * (1 + 1.3 / np.maximum(kept.sum(axis=-1), 1) + certain)
    seen = values[..., 0]
    high, low = poisson_tails(seen, expected, wide)
    return _judged(seen, expected, np.sqrt(wide * expected), high, low, off, seen, kept)


def rates(part: Floats, whole: Floats, learn: Days) -> Judged:
    """Of parts of a whole, in 0 to 1. The chance of just as many is shared by both tails."""
    there = (learn & _earlier(learn))[..., None, :] & (whole > 0)
    kept = there
    share = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
    for _ in range(ROUNDS):
        parts, wholes = (np.where(kept, values, 0).sum(axis=-1) for values in (part, whole))
        level = np.clip((parts + 0.5) / (wholes + 1), 1e-4, 1 - 1e-4)
        swing = np.sqrt((level * (1 - level))[..., None] / np.maximum(whole, 1))
        off = np.where(whole > 0, (share - level[..., None]) / swing, 0.0)
        spread = _spread(off, kept)
        off = off / np.sqrt(spread)[..., None]
        kept = _kept(off, there)
    wide = spread * (1 + 1.3 / np.maximum(kept.sum(axis=-1), 1))
    seen, of = part[..., 0], np.maximum(whole[..., 0], 1e-9)
    (high, low), (higher, _), (_, lower) = (binomial_tails(seen + more, of, level, wide) for more in (0, 1, -1))
    sd = np.sqrt(wide * level * (1 - level) / np.maximum(of, 1))
    return _judged(share[..., 0], level, sd, (high + higher) / 2, (low + lower) / 2, off, whole[..., 0], kept)


def means(total: Floats, number: Floats, learn: Days) -> Judged:
    """Of averages: sums over numbers of values. How skewed single values are is learnt from all segments together."""
    there = (learn & _earlier(learn))[..., None, :] & (number > 0)
    kept = there
    mean = np.divide(total, number, out=np.zeros_like(total), where=number > 0)
    for _ in range(ROUNDS):
        values = np.maximum(np.where(kept, number, 0).sum(axis=-1), 1e-9)
        level = np.where(kept, total, 0).sum(axis=-1) / values
        off = np.where(number > 0, (mean - level[..., None]) * np.sqrt(number), 0.0)
        relative = off / np.maximum(np.abs(level), 1e-9)[..., None]
        spread = np.maximum(_spread(relative, kept, 0.0) * level**2, 1e-12)
        off = off / np.sqrt(spread)[..., None]
        kept = _kept(off, there)
    wide = spread * (1 + 1.3 / np.maximum(kept.sum(axis=-1), 1))
    of = np.maximum(number[..., 0], 1)
    sd = np.sqrt(wide / of)
    cubes = np.where(kept, off**3 * np.sqrt(number), 0).sum(axis=(-2, -1)) / np.maximum(kept.sum(axis=(-2, -1)), 1)
    high, low = skewed_tails((mean[..., 0] - level) / sd, np.clip(cubes, -3, 3)[..., None] / np.sqrt(of))
    return _judged(mean[..., 0], level, sd, high, low, off, number[..., 0], kept)


def median(values: Floats, kept: Days) -> Floats:
    """Along the last axis, of those that are kept; 0 where none is."""
    kept = np.broadcast_to(kept, values.shape)
    ranked = np.sort(np.where(kept, values, np.inf), axis=-1)
    number = kept.sum(axis=-1, keepdims=True)
    middle = [np.take_along_axis(ranked, np.maximum(at, 0), axis=-1)[..., 0] for at in ((number - 1) // 2, number // 2)]
    return np.where(number[..., 0] > 0, sum(middle) / 2, 0.0)


def _judged(
    observed: Floats, expected: Floats, sd: Floats, high: Floats, low: Floats, off: Floats, sample: Floats, kept: Days
) -> Judged:
    enough = kept.sum(axis=-1) >= FEWEST
    return Judged(observed, expected, sd, np.where(enough, high, np.nan), np.where(enough, low, np.nan), off, sample)


def _earlier(learn: Days) -> Days:
    found = np.ones(learn.shape[-1], dtype=np.bool_)
    found[0] = False
    return found


def begun(values: Floats) -> Days:
    """Windows from the first row on."""
    found: Days = np.flip(np.cumsum(np.flip(values, -1), axis=-1), -1) > 0
    return found


def _rhythm(whole: Floats, weekday: NDArray[np.int64], learn: Days) -> Floats:
    """Each window's part of a usual day, by its weekday: the median of all rows."""
    found = np.ones(whole.shape)
    usual = median(whole, learn)
    for day in range(7):
        like = learn & (weekday == day)
        known = (like.sum(axis=-1) >= 3) & (usual > 0)
        part = np.maximum(median(whole, like) / np.where(usual > 0, usual, 1.0), 0.02)
        found = np.where((weekday == day) & known[..., None], part[..., None], found)
    return found


def _own_weekday(values: Floats, usual: Floats, like: Days) -> tuple[Floats, Floats]:
    """How this weekday of a segment differs from everybody's, and what not knowing it well adds to the variance."""
    days = like.sum(axis=-1)
    rows = np.where(like, usual, 0).sum(axis=-1)
    ratio = np.where(like, values, 0).sum(axis=-1) / np.maximum(rows, 1e-9)
    trust = np.where(days >= 3, rows / (rows + OWN_WEEKDAY), 0.0)
    return 1 + trust * (ratio - 1), trust**2 / np.maximum(days, 1)


def _spread(off: Floats, kept: Days, least: float = 1.0) -> Floats:
    """The variance of what is off, by segment, with something of that of all of them."""
    squares = np.where(kept, off**2, 0).sum(axis=-1)
    number = kept.sum(axis=-1)
    known = number >= FEWEST
    pooled = np.where(known.any(axis=-1), median(squares / np.maximum(number, 1), known), 1.0)[..., None]
    found: Floats = np.maximum((squares + BORROWED * pooled) / np.maximum(number - 1 + BORROWED, 1), least)
    return found


def _kept(off: Floats, there: Days) -> Days:
    kept: Days = there & (np.abs(off) <= FAR) & ~_runs(off > OFF) & ~_runs(off < -OFF)
    return kept


def _runs(found: Days) -> Days:
    """Those that stand in a row of RUN or more, the judged window aside."""
    found = found & _earlier(found)
    inner = found[..., :-2] & found[..., 1:-1] & found[..., 2:]
    runs = np.zeros_like(found)
    for shift in range(RUN):
        runs[..., shift : found.shape[-1] - (RUN - 1 - shift)] |= inner
    return runs
