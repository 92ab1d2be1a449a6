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
    """Keeps rows whose `dimension` stands in `op` to `values` (one value for the order operators, none for null).

    dimension: of the catalogue, or 'weekday' or 'hour_of_day' for the rows' own time.
    None among the values of IN and NOT_IN is the null group. NOT_IN without it keeps null rows: "except WhatsApp"
    is everything else.
    """

    dimension: str
    op: Op
    values: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """by: a metric, dimension or grain of the query, or a metric's name with '_change' where periods are compared and
    '_share' where a share is asked for.
    """

    by: str
    desc: bool = True


@dataclass(frozen=True, slots=True)
class Among:
    """Keeps rows that a count metric counts ("CSAT of escalated tickets"); with `counts` false, those it does not."""

    metric: str
    counts: bool = True


Condition = Filter | Among


@dataclass(frozen=True, slots=True)
class Having:
    """Keeps groups whose metric, not rounded, stands in `op` (an order operator) to `value`. A null never does.

    metric: may be the first metric's name with '_share' where a share is asked for.
    """

    metric: str
    op: Op
    value: Decimal | int


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """Metrics, split and narrowed.

    metrics: at least one name of the catalogue. dimensions: names, in the order of the columns.
    grain: a time bucket column before the dimensions. period: None only for states of now.
    compare: the second period; not with a grain of the calendar, whose buckets two periods do not share.
    order: () takes the definitions' order. limit: rows, None for all.
    drop_null_groups: rankings leave null groups out.
    with_ties: rows that tie with the last one within `limit` stay.
    among: conditions on the counted rows, beside the filters.
    share: the first metric's part of the whole beside it, in %. The whole is every group of the period (of the
        bucket, where there are groups beside it): filters on a dimension of the split, `having`, `limit` and
        `drop_null_groups` choose what is shown and leave the whole as it is.
    part: with `share`, what makes a row one of the part: the metric counts those rows, and the whole is all rows of
        the same group ("the share of urgent tickets by channel").
    having: all of these hold; their metrics need not be among `metrics`.
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
    having: tuple[Having, ...] = ()
    among: tuple[Among, ...] = ()
    part: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Rows of one table, one by one.

    columns: columns of the table or names of dimensions. metrics: counts over that table; a row is meant where all of
    them count it and all of `among` hold. period: by the first metric's time, else the table's. order: by columns that
    are shown or others of the table; () takes the table's `listed_by`, oldest first. Ties go by the primary key.
    """

    table: str
    columns: tuple[str, ...]
    metrics: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    period: Period | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    parameters: tuple[tuple[str, Scalar], ...] = ()
    among: tuple[Among, ...] = ()
