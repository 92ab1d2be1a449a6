"""Lists of rows, random ones, and what they hold when they are worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from dash_agent.models.query import Among, Filter, ListQuery, Op, Order, Period, Scalar
from tests.oracle.frames import (
    COMPARISONS,
    CUSTOMERS,
    DATED,
    DIMENSIONS,
    KEYS,
    MESSAGES,
    RECORD,
    SHIPMENTS,
    SUBSCRIPTIONS,
    TASKS,
    TICKETS,
    Frames,
    dimension,
    row_of,
)
from tests.oracle.metrics import METRICS, Asked
from tests.oracle.oracle import Expected, passes, span_of_period
from tests.oracle.queries import PERIODS, SEED, VALUES, among_metrics

COLUMNS: Mapping[str, Sequence[str]] = {
    TICKETS: ("ticket_id", "created_at", "updated_at", "sent_at", "customer_id", "auto_sent", "cost_usd", "csat"),
    COMPARISONS: ("comparison_id", "ticket_id", "similarity", "penalty_score", "created_at"),
    TASKS: ("task_id", "ticket_id", "requires_approval", "created_at", "decided_at"),
    MESSAGES: ("message_id", "ticket_id", "latency_ms", "feedback", "created_at"),
    SUBSCRIPTIONS: ("subscription_id", "price_usd", "started_at", "paused_until", "cancelled_at"),
    SHIPMENTS: ("shipment_id", "box_month", "shipped_at", "delivered_at"),
    CUSTOMERS: ("customer_id", "created_at"),
}
"""Columns of each table that are no dimension."""

LISTED_BY: Mapping[str, str] = {
    TICKETS: "updated_at", COMPARISONS: "created_at", TASKS: "created_at", MESSAGES: "created_at",
    SUBSCRIPTIONS: "started_at", SHIPMENTS: "shipped_at", CUSTOMERS: "created_at",
}  # fmt: skip
"""What a list goes by, oldest first, where nothing is said."""


def answer(query: ListQuery, frames: Frames, now: datetime) -> Expected:
    asked = Asked(now, dict(query.parameters))
    span = span_of_period(query.period)
    dated = METRICS[query.metrics[0]].dated if query.metrics else DATED
    conditions = [where for name in query.metrics if (where := METRICS[name].where) is not None]
    rows = [
        row
        for row in frames.tables[query.table].to_dict("records")
        if (span is None or span.holds(row[dated]))
        and all(where(row[RECORD], asked) for where in conditions)
        and all(passes(row[dimension(narrowing.dimension)], narrowing) for narrowing in query.filters)
        and all(counts(row, among, asked) for among in query.among)
    ]
    for order in reversed(query.order or (Order(LISTED_BY[query.table], desc=False),)):
        known = [row for row in rows if cell(row, order.by) is not None]
        nulls = [row for row in rows if cell(row, order.by) is None]
        rows = sorted(known, key=lambda row, by=order.by: cell(row, by), reverse=order.desc) + nulls
    shown = tuple(tuple(cell(row, name) for name in query.columns) for row in rows[: query.limit])
    return Expected(query.columns, shown)


def counts(row: Mapping[str, Any], among: Among, asked: Asked) -> bool:
    metric = METRICS[among.metric]
    return metric.where is not None and bool(metric.where(row[row_of(metric.table)], asked)) is among.counts


def cell(row: Mapping[str, Any], name: str) -> Any:
    """A column of the table, or else a dimension of the row."""
    return row[name] if name in row else row[dimension(name)]


@dataclass
class ListWriter:
    random: Random

    def query(self) -> ListQuery:
        table = self.random.choice(list(KEYS)[:-1] * 3 + [CUSTOMERS])
        columns = [*COLUMNS[table], *DIMENSIONS[table]]
        shown = self.random.sample(columns, min(len(columns), self.random.choice((2, 4, 6))))
        metrics = tuple(self.metrics(table))
        dated = bool(metrics) or table != SHIPMENTS
        return ListQuery(
            table=table,
            columns=tuple(shown),
            metrics=metrics,
            filters=tuple(self.filters(DIMENSIONS[table])),
            period=self.period() if dated else None,
            order=tuple(self.order(shown, COLUMNS[table])),
            limit=self.random.choice((None, 1, 5, 20, 100)),
            parameters=tuple(self.parameters(metrics)),
            among=tuple(self.among(table)),
        )

    def metrics(self, table: str) -> list[str]:
        known = [
            name
            for name, metric in METRICS.items()
            if metric.table == table and metric.adds_up and metric.where is not None and not metric.cohort
        ]
        return self.random.sample(known, min(len(known), self.random.choice((0, 1, 1, 2))))

    def among(self, table: str) -> Iterator[Among]:
        known = among_metrics({table})
        for name in self.random.sample(known, min(len(known), self.random.choice((0, 0, 1, 2)))):
            yield Among(name, counts=self.random.random() < 0.6)

    def period(self) -> Period | None:
        return self.random.choice([None, *(period for _, period in PERIODS)])

    def filters(self, dimensions: Sequence[str]) -> Iterator[Filter]:
        known = [name for name in dimensions if name in VALUES]
        for name in self.random.sample(known, self.random.choice((0, 0, 1, 2))):
            op = self.random.choice((Op.IN, Op.IN, Op.NOT_IN, Op.NOT_IN, Op.IS_NULL, Op.NOT_NULL))
            if op in (Op.IS_NULL, Op.NOT_NULL):
                yield Filter(name, op)
                continue
            values: list[Scalar] = list(self.random.sample(VALUES[name], self.random.choice((1, 2))))
            yield Filter(name, op, tuple([*values, None] if self.random.random() < 0.3 else values))

    def order(self, shown: Sequence[str], columns: Sequence[str]) -> Iterator[Order]:
        names = self.random.sample(list(dict.fromkeys((*shown, *columns))), self.random.choice((0, 0, 1, 2)))
        for name in names:
            yield Order(name, desc=self.random.random() < 0.5)

    def parameters(self, metrics: Sequence[str]) -> Iterator[tuple[str, Scalar]]:
        if "stuck" in metrics:
            yield "stuck_hours", self.random.choice((6, 48))


def lists(count: int = 40) -> list[ListQuery]:
    return [ListWriter(Random(f"{SEED}:list:{number}")).query() for number in range(count)]


def features(query: ListQuery) -> set[str]:
    found = {f"filter {f.op}" for f in query.filters} | {f"{len(query.metrics)} metrics"}
    found |= {"counted among" if among.counts else "not counted among" for among in query.among}
    flags = {"period": query.period, "order": query.order, "limit": query.limit, "parameters": query.parameters}
    return found | {name for name, there in flags.items() if there is not None and there != ()}
