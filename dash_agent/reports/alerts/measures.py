"""How each kind of metric is held against what is usual: counts, sums, rates and averages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dash_agent.context.alerts import Alert
from dash_agent.context.business import AverageMetric, CountMetric, Metric, RatioMetric, SumMetric
from dash_agent.errors import WrongUse
from dash_agent.reports.alerts import usual
from dash_agent.reports.alerts.tails import Floats
from dash_agent.reports.alerts.usual import Days, Judged

GAP: Final = 0.25
USUAL_ROWS: Final = 40
"""Where there are usually so many rows, nothing is learnt from windows with less than that part of them."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric by look and segment, in its own unit, as `usual.Judged` has it.

    p: how likely something as far off the way that the rule tells is. way: +1 where it is high, -1 where it is low.
    learn: windows that something was learnt from.
    """

    metric: str
    observed: Floats
    expected: Floats
    spread: Floats
    off: Floats
    sample: Floats
    p: Floats
    way: NDArray[np.int64]
    learn: Days


def needs(metric: Metric, sample: str | None) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Counts and averages that are read for it. Raises WrongUse for what can't be looked at."""
    match metric:
        case RatioMetric():
            return (metric.numerator, metric.denominator), ()
        case CountMetric():
            return (metric.name,), ()
        case SumMetric() if sample is not None:
            return (metric.name, sample), ()
        case AverageMetric() if sample is not None:
            return (sample,), ((metric.name, sample),)
        case _:
            raise WrongUse(f"'{metric.name}' can't be held against what is usual", "see 'dash-agent check'")


def measured(
    metric: Metric,
    rule: Alert,
    series: Mapping[str, Floats],
    weekday: NDArray[np.int64],
    ordinary: Days,
) -> Measured:
    """series: by metric, looks x segments x (1 + DAYS). ordinary: windows that are no holidays, looks x (1 + DAYS)."""
    judged, learn = _judged(metric, rule.samples.get(metric.name, ""), series, weekday, ordinary)
    p, way = _one_way(rule.direction, metric, judged)
    enough = judged.sample >= rule.min_sample
    if isinstance(metric, CountMetric):
        enough |= judged.expected >= rule.min_sample
    p = np.where(enough, p, np.nan)
    scale = metric.scale if isinstance(metric, RatioMetric) else 1
    return Measured(
        metric.name,
        judged.observed * scale,
        judged.expected * scale,
        judged.spread * scale,
        judged.off,
        judged.sample,
        p,
        way,
        learn,
    )


def _judged(
    metric: Metric, sample: str, series: Mapping[str, Floats], weekday: NDArray[np.int64], ordinary: Days
) -> tuple[Judged, Days]:
    match metric:
        case CountMetric():
            values = series[metric.name]
            learn = ordinary & _whole(values)
            return usual.counts(values, weekday, learn), learn
        case SumMetric():
            values, number = series[metric.name], series[sample]
            learn = ordinary & _whole(number)
            sums, numbers = (np.where(learn[:, None], one, 0).sum(axis=(1, 2)) for one in (values, number))
            unit = np.where(sums > 0, sums / np.maximum(numbers, 1.0), 1.0)[:, None]
            return _scaled(usual.counts(values / unit[..., None], weekday, learn), unit, number[..., 0]), learn
        case AverageMetric():
            learn = ordinary & _whole(series[sample])
            return usual.means(series[metric.name], series[sample], learn), learn
        case RatioMetric():
            part, whole = series[metric.numerator], series[metric.denominator]
            learn = ordinary & _whole(whole)
            judge = usual.rates if metric.unit == "percent" else usual.means
            return judge(part, whole, learn), learn
        case _:
            raise WrongUse(f"'{metric.name}' can't be held against what is usual", "see 'dash-agent check'")


def _scaled(judged: Judged, unit: Floats, sample: Floats) -> Judged:
    return Judged(
        judged.observed * unit,
        judged.expected * unit,
        judged.spread * unit,
        judged.high,
        judged.low,
        judged.off,
        sample,
    )


def _whole(values: Floats) -> Days:
    """Windows whose rows are all there: from the first row on, and without gaps of the load."""
    rows = values.sum(axis=1)
    found: Days = usual.begun(rows)
    typical = usual.median(rows, found)[:, None]
    found &= (typical < USUAL_ROWS) | (rows >= GAP * typical)
    return found


def _one_way(direction: str, metric: Metric, judged: Judged) -> tuple[Floats, NDArray[np.int64]]:
    if direction == "worse":
        direction = {"up": "down", "down": "up"}.get(metric.direction, "both")
    high = np.full(judged.high.shape, 1, dtype=np.int64)
    if direction == "up":
        return judged.high, high
    if direction == "down":
        return judged.low, -high
    return np.minimum(1.0, 2 * np.minimum(judged.high, judged.low)), np.where(judged.high <= judged.low, high, -high)
