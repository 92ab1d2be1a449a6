"""How good the AI's answers are beside people's: the figures of a span, by category and by kind of error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from dash_agent.context.catalog import Catalog
from dash_agent.models.plan import MetricPlan
from dash_agent.models.query import Filter, MetricQuery, Op, Order
from dash_agent.models.sql import Cell
from dash_agent.reports.narrowing import ALL, Narrowing
from dash_agent.reports.spans import Span
from dash_agent.reports.tiles import Tile, tiles
from dash_agent.reports.told import Number, Row, number, rows
from dash_agent.reports.view import View, given

RATE: Final = "ai_win_rate"
COUNTED: Final = "comparisons"
FIGURES: Final = (RATE, "similarity", "penalty", "ai_error_rate")
CATEGORY: Final = "request_type"
ERRORS: Final = "ai_errors"
ERROR_TYPE: Final = "error_type"

Key = TypeVar("Key", str, str | None)


@dataclass(frozen=True, slots=True)
class Group:
    """A category's figures by metric. few: so few comparisons that its rates say little."""

    category: str | None
    comparisons: int
    figures: Mapping[str, Number]
    few: bool


@dataclass(frozen=True, slots=True)
class Quality:
    """tiles: of FIGURES. groups: the lowest win rate first. errors: how many by category and kind.

    groups_id, errors_id: of the kept answers that those come from.
    """

    tiles: tuple[Tile, ...]
    groups: tuple[Group, ...]
    groups_id: str
    errors: Mapping[tuple[str | None, str], int]
    errors_id: str

    @property
    def comparisons(self) -> int:
        return sum(group.comparisons for group in self.groups)

    @property
    def error_types(self) -> tuple[str, ...]:
        """The most frequent first."""
        return _by_sum((kind, count) for (_, kind), count in self.errors.items())

    @property
    def error_categories(self) -> tuple[str | None, ...]:
        """Those with errors, the one with the most first."""
        return _by_sum((category, count) for (category, _), count in self.errors.items())


def is_defined(catalog: Catalog) -> bool:
    """Whether the content has what this is made of."""
    metrics, dimensions = {*FIGURES, COUNTED, ERRORS}, {CATEGORY, ERROR_TYPE}
    return metrics <= set(catalog.metrics) and dimensions <= set(catalog.dimensions)


def quality(view: View, span: Span, narrowing: Narrowing = ALL) -> Quality:
    """Raises Unavailable, and QueryError where the rows can't be read."""
    order = (Order(RATE, desc=False),)
    known = Filter(ERROR_TYPE, Op.NOT_NULL)
    by_category = MetricQuery((COUNTED, *FIGURES), (CATEGORY,), narrowing.filters, span.period, order=order)
    by_error = MetricQuery((ERRORS,), (CATEGORY, ERROR_TYPE), (*narrowing.filters, known), span.period)
    groups, errors = map(given, view.answers([MetricPlan(by_category), MetricPlan(by_error)]))
    return Quality(
        tiles(view, FIGURES, span, narrowing),
        tuple(_group(one, view.catalog.rules.small_sample) for one in rows(groups)),
        groups.answer_id,
        {(_text(one[CATEGORY]), str(one[ERROR_TYPE])): _count(one[ERRORS]) for one in rows(errors)},
        errors.answer_id,
    )


def _group(row: Row, small_sample: int) -> Group:
    compared = _count(row[COUNTED])
    return Group(_text(row[CATEGORY]), compared, {name: number(row[name]) for name in FIGURES}, compared < small_sample)


def _count(cell: Cell) -> int:
    return cell if isinstance(cell, int) else 0


def _text(cell: Cell) -> str | None:
    return None if cell is None else str(cell)


def _by_sum(counted: Iterable[tuple[Key, int]]) -> tuple[Key, ...]:
    sums: dict[Key, int] = {}
    for key, count in counted:
        sums[key] = sums.get(key, 0) + count
    return tuple(sorted(sums, key=lambda key: (-sums[key], key or "")))
