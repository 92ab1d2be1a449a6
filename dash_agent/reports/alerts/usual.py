"""What is usual for each segment, learnt from its own earlier windows, and how unlikely the last window then is.

Arrays are segments x (1 + DAYS): the window that is judged stands first, then the one a day before it, and so on.
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
    """Of numbers that add up. Their variance is their mean, times a factor that the segments' own windows show."""
    rhythm = _rhythm(values.sum(axis=0), weekday, learn)
    kept = np.broadcast_to(learn, values.shape).copy()
    kept[:, 0] = False
    level = np.median((values / rhythm)[:, learn & _earlier(values)], axis=1) if learn[1:].any() else values[:, 0] * 0
    for _ in range(ROUNDS):
        usual = np.maximum(level[:, None] * rhythm, 0.05)
        off = (values - usual) / np.sqrt(usual)
        spread = _spread(off, kept)
        off = off / np.sqrt(spread)[:, None]
        kept = _kept(off, learn)
        level = np.where(kept, values, 0).sum(axis=1) / np.maximum(np.where(kept, rhythm, 0).sum(axis=1), 1e-9)
    own, certain = _own_weekday(values, level[:, None] * rhythm, kept & (weekday == weekday[0]))
    expected = np.maximum(level * rhythm[0] * own, 0.05)
    wide = spread * (1 + 1.3 / np.maximum(kept.sum(axis=1), 1) + certain)
    high, low = poisson_tails(values[:, 0], expected, wide)
    return _judged(values[:, 0], expected, np.sqrt(wide * expected), high, low, off, values[:, 0], kept)


def rates(part: Floats, whole: Floats, learn: Days) -> Judged:
    """Of parts of a whole, in 0 to 1."""
    kept = (np.broadcast_to(learn, part.shape) & (whole > 0)).copy()
    kept[:, 0] = False
    share = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
    for _ in range(ROUNDS):
        level = _clipped(np.where(kept, part, 0).sum(axis=1) / np.maximum(np.where(kept, whole, 0).sum(axis=1), 1e-9))
        swing = np.sqrt((level * (1 - level))[:, None] / np.maximum(whole, 1))
        off = np.where(whole > 0, (share - level[:, None]) / swing, 0.0)
        spread = _spread(off, kept)
        off = off / np.sqrt(spread)[:, None]
        kept = _kept(off, learn) & (whole > 0)
    wide = spread * (1 + 1.3 / np.maximum(kept.sum(axis=1), 1))
    high, low = binomial_tails(part[:, 0], np.maximum(whole[:, 0], 1e-9), level, wide)
    sd = np.sqrt(wide * level * (1 - level) / np.maximum(whole[:, 0], 1))
    return _judged(share[:, 0], level, sd, high, low, off, whole[:, 0], kept)


def means(total: Floats, number: Floats, learn: Days) -> Judged:
    """Of averages: sums over numbers of values. How skewed single values are is learnt from all segments together."""
    kept = (np.broadcast_to(learn, total.shape) & (number > 0)).copy()
    kept[:, 0] = False
    mean = np.divide(total, number, out=np.zeros_like(total), where=number > 0)
    for _ in range(ROUNDS):
        values = np.maximum(np.where(kept, number, 0).sum(axis=1), 1e-9)
        level = np.where(kept, total, 0).sum(axis=1) / values
        off = np.where(number > 0, (mean - level[:, None]) * np.sqrt(number), 0.0)
        spread = np.maximum(_spread(off / np.maximum(np.abs(level), 1e-9)[:, None], kept, 0.0) * level**2, 1e-12)
        off = off / np.sqrt(spread)[:, None]
        kept = _kept(off, learn) & (number > 0)
    wide = spread * (1 + 1.3 / np.maximum(kept.sum(axis=1), 1))
    sd = np.sqrt(wide / np.maximum(number[:, 0], 1))
    single = float(np.mean((off**3 * np.sqrt(number))[kept])) if kept.any() else 0.0
    skew = np.clip(single, -3, 3) / np.sqrt(np.maximum(number[:, 0], 1))
    high, low = skewed_tails((mean[:, 0] - level) / sd, skew)
    return _judged(mean[:, 0], level, sd, high, low, off, number[:, 0], kept)


def _judged(
    observed: Floats, expected: Floats, sd: Floats, high: Floats, low: Floats, off: Floats, sample: Floats, kept: Days
) -> Judged:
    enough = kept.sum(axis=1) >= FEWEST
    enough &= sample >= 0
    return Judged(observed, expected, sd, np.where(enough, high, np.nan), np.where(enough, low, np.nan), off, sample)


def _earlier(values: Floats) -> Days:
    found = np.ones(values.shape[1], dtype=np.bool_)
    found[0] = False
    return found


def _rhythm(whole: Floats, weekday: NDArray[np.int64], learn: Days) -> Floats:
    """Each window's part of a usual day, by its weekday: the median of all rows."""
    found = np.ones(len(whole))
    earlier = learn.copy()
    earlier[0] = False
    usual = float(np.median(whole[earlier])) if earlier.any() else 0.0
    for day in np.unique(weekday):
        like = whole[earlier & (weekday == day)]
        if len(like) >= 3 and usual > 0:
            found[weekday == day] = max(float(np.median(like)) / usual, 0.02)
    return found


def _own_weekday(values: Floats, usual: Floats, like: Days) -> tuple[Floats, Floats]:
    """How this weekday of a segment differs from everybody's, and what not knowing it well adds to the variance."""
    days = like.sum(axis=1)
    rows = np.where(like, usual, 0).sum(axis=1)
    ratio = np.where(like, values, 0).sum(axis=1) / np.maximum(rows, 1e-9)
    trust = np.where(days >= 3, rows / (rows + OWN_WEEKDAY), 0.0)
    return 1 + trust * (ratio - 1), trust**2 / np.maximum(days, 1)


def _spread(off: Floats, kept: Days, least: float = 1.0) -> Floats:
    """The variance of what is off, by segment, with something of that of all of them."""
    squares = np.where(kept, off**2, 0).sum(axis=1)
    number = kept.sum(axis=1)
    pooled = float(np.median((squares / np.maximum(number, 1))[number >= FEWEST])) if (number >= FEWEST).any() else 1.0
    found: Floats = np.maximum((squares + BORROWED * pooled) / np.maximum(number - 1 + BORROWED, 1), least)
    return found


def _kept(off: Floats, learn: Days) -> Days:
    kept: Days = learn & (np.abs(off) <= FAR) & ~_runs(off > OFF) & ~_runs(off < -OFF)
    kept[:, 0] = False
    return kept


def _runs(found: Days) -> Days:
    """Those that stand in a row of RUN or more, the judged window aside."""
    found = found.copy()
    found[:, 0] = False
    inner = found[:, :-2] & found[:, 1:-1] & found[:, 2:]
    runs = np.zeros_like(found)
    for shift in range(RUN):
        runs[:, shift : found.shape[1] - (RUN - 1 - shift)] |= inner
    return runs


def _clipped(share: Floats) -> Floats:
    found: Floats = np.clip(share, 1e-4, 1 - 1e-4)
    return found
