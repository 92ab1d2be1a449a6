"""Which categories may go out without a person's review: each threshold passed or missed.

The pattern `auto_send_readiness` decides, on unrounded values; its numbers are told rounded.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from dash_agent.context.catalog import Catalog
from dash_agent.models.plan import PatternPlan
from dash_agent.reports.narrowing import ALL, pattern
from dash_agent.reports.told import Number, Row, number, rows
from dash_agent.reports.view import View

PATTERN: Final = "auto_send_readiness"
CATEGORY: Final = "request_type"
AT_LEAST, AT_MOST = "min_", "max_"


@dataclass(frozen=True, slots=True)
class Threshold:
    """column: of the pattern. at_least: whether the bound is the lowest that passes, or the highest."""

    column: str
    bound: Decimal
    at_least: bool


@dataclass(frozen=True, slots=True)
class Check:
    """value: rounded, None where it is not known, which passes nothing."""

    threshold: Threshold
    value: Number
    passed: bool


@dataclass(frozen=True, slots=True)
class Ready:
    category: str
    ready: bool
    checks: tuple[Check, ...]

    @property
    def missed(self) -> int:
        return sum(not check.passed for check in self.checks)


@dataclass(frozen=True, slots=True)
class Readiness:
    """Over the last 30 days. categories: those that are ready first."""

    thresholds: tuple[Threshold, ...]
    categories: tuple[Ready, ...]
    answer_id: str


def is_defined(catalog: Catalog) -> bool:
    return PATTERN in catalog.patterns


def readiness(view: View) -> Readiness:
    """Raises Unavailable, and QueryError where the pattern gives no rows to this person."""
    plan = pattern(view.catalog, PATTERN, ALL)
    columns = view.catalog.patterns[PATTERN].header.columns
    thresholds = tuple(_thresholds(plan, columns))
    answer = view.answered(plan)
    return Readiness(thresholds, tuple(_ready(row, thresholds) for row in rows(answer)), answer.answer_id)


def _thresholds(plan: PatternPlan, columns: Container[str]) -> Iterator[Threshold]:
    """Of the parameters that bound a column from below (`min_…`) or above (`max_…`)."""
    for name, value in plan.parameters:
        column = name.removeprefix(AT_LEAST).removeprefix(AT_MOST)
        if isinstance(value, Decimal) and column != name and column in columns:
            yield Threshold(column, value, name.startswith(AT_LEAST))


def _ready(row: Row, thresholds: tuple[Threshold, ...]) -> Ready:
    missed = str(row["missed"] or "").split(", ")
    checks = tuple(Check(one, number(row[one.column]), one.column not in missed) for one in thresholds)
    return Ready(str(row[CATEGORY]), row["ready"] is True, checks)
