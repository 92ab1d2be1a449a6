"""What changed most, and where that comes from, told as answers to "why" tell it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from dash_agent.insight.analysis.steady import steadiness
from dash_agent.models.answer import Answer, Status
from dash_agent.models.plan import MetricPlan
from dash_agent.models.query import Grain
from dash_agent.reports.narrowing import ALL, Narrowing
from dash_agent.reports.spans import Span
from dash_agent.reports.tiles import Number, Point, Tile, course_query, points, tiles
from dash_agent.reports.view import View

MOST: Final = 3
STEADY: Final = 2.0
"""How far beyond its swings from bucket to bucket a change is to be."""


Pair = tuple[Number | None, Number | None]


@dataclass(frozen=True, slots=True)
class Mover:
    """A metric that changed, with the answer to "why": its text and facts, and the splits that it looked at."""

    tile: Tile
    answer: Answer


def movers(
    view: View, metrics: Sequence[str], span: Span, narrowing: Narrowing = ALL, *, among: Sequence[str] = ()
) -> tuple[Mover, ...]:
    """Those that differ from the span before by more than they swing, the largest relative change first, MOST at most.

    Each bucket is held against its like of the earlier span; cut ones are left out.
    among: all metrics of a page, which are counted together: then nothing is counted twice. Raises UnknownName,
    Unavailable.
    """
    wanted = dict.fromkeys(metrics)
    found = [tile for tile in tiles(view, among or metrics, span, narrowing) if tile.metric in wanted]
    moved = [tile for tile in found if tile.change and tile.previous and tile.series]
    before = _before(view, [tile.metric for tile in found if tile.series], span, narrowing) if moved else {}
    steady = [tile for tile in moved if _is_steady(tile.series, before.get(tile.metric, ()), tile.grain)]
    told = sorted(steady, key=_size, reverse=True)[:MOST]
    answers = view.answers([replace(tile.plan, why=True) for tile in told])
    pairs = zip(told, answers, strict=True)
    return tuple(Mover(tile, answer) for tile, answer in pairs if answer.status is Status.ANSWERED)


def _before(view: View, metrics: Sequence[str], span: Span, narrowing: Narrowing) -> dict[str, tuple[Point, ...]]:
    plan = MetricPlan(course_query(view, metrics, span.compare, narrowing))
    course = view.answer(plan)
    return {name: points(view, course, name, span.compare) for name in metrics}


def _is_steady(now: Sequence[Point], before: Sequence[Point], grain: Grain | None) -> bool:
    pairs = _by_weekday(now, before) if grain is Grain.DAY else _by_place(now, before)
    found = steadiness(pairs)
    return found is not None and found >= STEADY


def _by_place(now: Sequence[Point], before: Sequence[Point]) -> Iterator[Pair]:
    """From the start of both; the shorter course decides how many."""
    for one, other in zip(now, before, strict=False):
        if not (one.cut or other.cut):
            yield one.value, other.value


def _by_weekday(now: Sequence[Point], before: Sequence[Point]) -> Iterator[Pair]:
    """The mean Monday of both, the mean Tuesday …: thirty days before, a Monday was a Saturday."""
    means = [_weekdays(now), _weekdays(before)]
    for weekday in range(7):
        yield means[0].get(weekday), means[1].get(weekday)


def _weekdays(points: Sequence[Point]) -> dict[int, Decimal]:
    found: dict[int, list[Decimal]] = {}
    for point in points:
        if isinstance(point.bucket, date) and point.value is not None and not point.cut:
            found.setdefault(point.bucket.weekday(), []).append(Decimal(point.value))
    return {weekday: sum(values, Decimal(0)) / len(values) for weekday, values in found.items()}


def _size(tile: Tile) -> float:
    """The change in relation to the value before; a value of 0 has none."""
    return abs(float(tile.change or 0) / float(tile.previous or 1))
