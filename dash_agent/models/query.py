"""What is asked of the semantic layer, free of language and of SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

Scalar = str | int | Decimal | bool | None


class Grain(StrEnum):
    """A time bucket of a metric's time column, in the business time zone."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    WEEKDAY = "weekday"  # 1 (Monday) to 7
    HOUR_OF_DAY = "hour_of_day"  # 0 to 23

    @property
    def cyclic(self) -> bool:
        """True where buckets come round again and so do not line up on a calendar."""
        return self in (Grain.WEEKDAY, Grain.HOUR_OF_DAY)


@dataclass(frozen=True, slots=True)
class Period:
    """The span [start, end); with `to_now`, [start, end] where end is the question's now.

    Both ends are aware datetimes. label: how the reading is named to a person, in English, '' where it has no name.
    """

    start: datetime
    end: datetime
    to_now: bool = False
    label: str = ""

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a period's ends carry their time zone")


class Op(StrEnum):
    IN = "in"
    NOT_IN = "not_in"
    IS_NULL = "is_null"
    NOT_NULL = "not_null"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"


@dataclass(frozen=True, slots=True)
class Filter:
    """Keeps rows whose `dimension` stands in `op` to `values` (one value for the order operators, none for null)."""

    dimension: str
    op: Op
    values: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """by: a metric or dimension of the query."""

    by: str
    desc: bool = True


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """Metrics, split and narrowed.

    metrics: at least one name of the catalogue. dimensions: names, in the order of the columns.
    grain: a time bucket column before the dimensions. period: None only for states of now.
    compare: the second period. order: () takes the definitions' order. limit: rows, None for all.
    drop_null_groups: rankings leave null groups out.
    with_ties: rows that tie with the last one within `limit` stay.
    share: the first metric's part of the whole beside it, in %.
    parameters: constants of the definitions that this question replaces ("stuck for 48 hours"), 'percentile',
        and 'aggregate' = 'average' for a metric that is a percentile by itself.
    """

    metrics: tuple[str, ...]
    dimensions: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    period: Period | None = None
    grain: Grain | None = None
    compare: Period | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    drop_null_groups: bool = False
    with_ties: bool = False
    parameters: tuple[tuple[str, Scalar], ...] = ()
    share: bool = False
