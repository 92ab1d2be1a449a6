"""Segments of one rule as they were measured, and which of them are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dash_agent.context.alerts import Alert
from dash_agent.models.alert import Finding
from dash_agent.models.principal import ScopeFilter
from dash_agent.reports.alerts.discovery import correlations, discovered, together
from dash_agent.reports.alerts.measures import Measured
from dash_agent.reports.alerts.tails import Floats
from dash_agent.reports.alerts.usual import Days
from dash_agent.reports.alerts.windows import DAYS, Window

HELD: Final = 1.645
"""Standard deviations: earlier windows in a row that are so far off, too, belong to what was found."""
WIDE: Final = 1.96
"""Standard deviations on both sides that are told as the usual range."""


@dataclass(frozen=True, slots=True)
class Unusual:
    """findings: the most unlikely first. checked: segments that had enough to go by."""

    findings: tuple[Finding, ...]
    checked: int


@dataclass(frozen=True, slots=True)
class Split:
    """The segments of one split of one rule, at several looks. looks: their places among all of those.

    signs, ways: metrics x looks x segments; ways: +1 where it is high. p: looks x segments, nan where there is too
    little to go by.
    """

    rule: Alert
    looks: tuple[int, ...]
    windows: tuple[Window, ...]
    segments: tuple[tuple[ScopeFilter, ...], ...]
    measured: tuple[Measured, ...]
    signs: Floats
    ways: NDArray[np.int64]
    p: Floats
    changed_at: tuple[datetime | None, ...] = ()


def weighed(
    rule: Alert,
    looks: tuple[int, ...],
    windows: tuple[Window, ...],
    segments: tuple[tuple[ScopeFilter, ...], ...],
    found: Sequence[Measured],
    judged: Days,
) -> Split:
    """The metrics of a split, as one where there are several. judged: segments that are; the others are only learnt
    from.
    """
    signs = np.where(judged, np.array([one.p for one in found]), np.nan)
    ways = np.array([one.way for one in found])
    off = np.array([one.off for one in found]) * ways[..., None]
    p = signs[0] if len(found) == 1 else together(signs, correlations(off[..., 1:]))
    return Split(rule, looks, windows, segments, tuple(found), signs, ways, p)


def told(families: Sequence[Sequence[tuple[Split, int]]]) -> Unusual:
    """What is too unlikely to be chance, of splits and their looks by rule: rules share what may be."""
    known = [[np.flatnonzero(np.isfinite(split.p[row])) for split, row in own] for own in families]
    p = [
        np.concatenate([split.p[row, at] for (split, row), at in zip(own, places, strict=True)])
        for own, places in zip(families, known, strict=True)
    ]
    findings = []
    for own, places, rates in zip(families, known, discovered(p), strict=True):
        spots = [(split, row, int(at)) for (split, row), found in zip(own, places, strict=True) for at in found]
        for (split, row, at), rate in zip(spots, rates, strict=True):
            if rate <= split.rule.false_discovery:
                findings += [_finding(split, row, at)] if _matters(split, row, at) else []
    findings.sort(key=lambda one: (one.p or 0.0, one.rule, one.metric, repr(one.segment)))
    return Unusual(tuple(findings), sum(map(len, p)))


def _sign(split: Split, row: int, at: int) -> int:
    """The metric that shows it most."""
    return int(np.nanargmin(split.signs[:, row, at]))


def _matters(split: Split, row: int, at: int) -> bool:
    one = split.measured[_sign(split, row, at)]
    change = abs(one.observed[row, at] - one.expected[row, at])
    return bool(change >= split.rule.min_change * abs(one.expected[row, at]))


def _finding(split: Split, row: int, at: int) -> Finding:
    sign = _sign(split, row, at)
    one, way, window = split.measured[sign], int(split.ways[sign, row, at]), split.windows[row]
    changed_at = split.changed_at[at] if split.changed_at else None
    held = 0
    for ago in range(1, DAYS + 1 if changed_at is None else 1):
        if not one.learn[row, ago] or one.off[row, at, ago] * way < HELD:
            break
        held = ago
    expected = float(one.expected[row, at])
    low, high = (expected + side * WIDE * float(one.spread[row, at]) for side in (-1, 1))
    return Finding(
        rule=split.rule.name,
        metric=one.metric,
        segment=split.segments[at],
        since=window.start - timedelta(days=held),
        start=window.start,
        end=window.end,
        observed=float(one.observed[row, at]),
        expected=expected,
        sample=round(float(one.sample[row, at])),
        p=float(split.p[row, at]),
        usual=(max(0.0, low), high),
        changed_at=changed_at,
    )
