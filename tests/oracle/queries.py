"""Random questions to the semantic layer, the same ones at every run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from dash_agent.models.query import (
    Among,
    Condition,
    Filter,
    Grain,
    Having,
    MetricQuery,
    Op,
    Order,
    Period,
    Scalar,
)
from tests.conftest import NOW, ZONE
from tests.oracle.frames import BELONGS_TO
from tests.oracle.metrics import METRICS

SEED = 2026
TODAY = NOW.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
CYCLIC = (Grain.WEEKDAY, Grain.HOUR_OF_DAY)
HOURLY = (*CYCLIC, Grain.HOUR, Grain.DAY)
CLOCK: Mapping[str, Sequence[int]] = {"weekday": range(1, 8), "hour_of_day": range(24)}

VALUES: Mapping[str, tuple[str, ...]] = {
    "request_type": ("cancel_subscription", "pause_subscription", "shipping_inquiry", "damaged_item", "other"),
    "request_subtype": ("delayed", "broken", "too_expensive", "where_is_my_box", "temporary"),
    "secondary_request_type": ("cancel_subscription", "general_question", "skip_month"),
    "channel": ("email", "chat", "whatsapp", "facebook", "fax"),
    "language": ("en", "he", "de", "ru"),
    "customer_language": ("en", "he", "es", "fr"),
    "country": ("US", "IL", "DE", "GB", "AU"),
    "status": ("Sent", "Error", "Escalated", "done", "failed", "active", "delivered", "lost"),
    "urgency": ("low", "medium", "high"),
    "model": ("gpt-5.1", "gpt-5.2", "claude-sonnet-4-5"),
    "assigned_to": ("Dana", "Elena", "Noa", "Yael"),
    "error_type": ("wrong_policy", "hallucination", "missing_info"),
    "verdict": ("ai_better", "equal", "human_better"),
    "task_type": ("skip_month", "retention_offer", "escalate_to_human"),
    "task_status": ("done", "failed", "pending_approval"),
    "decided_by": ("customer", "Dana", "Noa"),
    "role": ("customer", "ai", "human"),
    "author": ("Dana", "gpt-5.1", "gpt-5.2"),
    "plan": ("standard", "premium", "gift"),
    "frequency": ("monthly", "bimonthly", "quarterly"),
    "subscription_status": ("active", "paused", "cancelled"),
    "carrier": ("DHL", "UPS", "USPS", "Israel Post"),
    "shipment_status": ("delivered", "lost", "preparing", "skipped"),
}
"""Values to filter by; some of them are not in the data. A dimension that is not here is split by and not filtered."""

WIDE = ("request_subtype", "country", "assigned_to", "author", "decided_by", "judge_model")
"""Dimensions of which one at a time keeps an answer small."""


def day(*date: int) -> datetime:
    return datetime(*date, tzinfo=ZONE)  # type: ignore[arg-type, misc]


PERIODS: Sequence[tuple[str, Period]] = (
    ("fixed", Period(day(2026, 1, 1), day(2026, 2, 1))),
    ("fixed", Period(day(2026, 7, 1), day(2026, 10, 1))),
    ("fixed", Period(day(2026, 11, 9), day(2026, 11, 16))),
    ("fixed", Period(day(2025, 11, 20), day(2026, 11, 1))),
    ("fixed", Period(day(2026, 6, 3, 9, 30), day(2026, 6, 24, 17, 45))),
    ("fixed", Period(day(2026, 9, 14), day(2026, 9, 15))),
    ("to_now", Period(TODAY, NOW, to_now=True)),
    ("to_now", Period(TODAY - timedelta(days=29), NOW, to_now=True)),
    ("to_now", Period(day(2026, 11, 1), NOW, to_now=True)),
    ("to_now", Period(day(2026, 1, 1), NOW, to_now=True)),
    ("to_now", Period(NOW - timedelta(hours=48), NOW, to_now=True)),
    ("future", Period(day(2026, 12, 1), day(2027, 1, 1))),
    ("future", Period(day(2026, 11, 23), day(2026, 11, 25))),
    ("spring", Period(day(2026, 3, 27), day(2026, 3, 28))),
    ("spring", Period(day(2026, 3, 23), day(2026, 3, 30))),
    ("spring", Period(day(2026, 3, 26, 22), day(2026, 3, 27, 6))),
    ("autumn", Period(day(2026, 10, 25), day(2026, 10, 26))),
    ("autumn", Period(day(2026, 10, 19), day(2026, 10, 27))),
    ("autumn", Period(day(2026, 10, 24, 22), day(2026, 10, 25, 4))),
    ("empty", Period(day(2026, 8, 1), day(2026, 8, 1))),
)


@dataclass
class Writer:
    """dimensions: of each table, by name."""

    random: Random
    dimensions: Mapping[str, Sequence[str]]

    def query(self) -> MetricQuery:
        metrics = self.metrics()
        shared = self.shared(metrics)
        period = self.period(metrics)
        grain = self.grain(metrics, period)
        split = self.split(shared, grain)
        compare = self.compare(period, grain)
        order = self.order(metrics, split, grain, compare is not None)
        limit = self.random.choice((1, 2, 3, 5, 10)) if self.chance(0.3) and (split or grain) else None
        query = MetricQuery(
            metrics=metrics,
            dimensions=split,
            filters=tuple(self.filters(shared)),
            period=period,
            grain=grain,
            compare=compare,
            order=order,
            limit=limit,
            drop_null_groups=bool(split) and self.chance(0.2),
            with_ties=limit is not None and self.chance(0.5),
            parameters=tuple(self.parameters(metrics)),
            share=METRICS[metrics[0]].adds_up and self.chance(0.35),
            having=tuple(self.having(metrics, split, period)),
        )
        query = replace(query, filters=(*query.filters, *self.clocked(query)), among=tuple(self.among(metrics, 0.35)))
        return self.of_part(query, shared)

    def clocked(self, query: MetricQuery) -> Iterator[Filter]:
        """By the rows' own weekday or hour, but not beside buckets that such a filter leaves empty."""
        if query.period is None or query.grain in HOURLY or any(METRICS[name].cohort for name in query.metrics):
            return
        for name, known in CLOCK.items():
            if self.chance(0.12):
                op = self.random.choice((Op.IN, Op.IN, Op.NOT_IN))
                yield Filter(name, op, tuple(self.random.sample(known, self.random.choice((1, 2, 5)))))

    def among(self, metrics: Sequence[str], share: float) -> Iterator[Among]:
        """Counts that say something of every row that the metrics are counted from."""
        known = among_metrics({METRICS[name].table for name in metrics})
        if known and self.chance(share):
            for name in self.some(known, 2, weights=(3, 1)):
                yield Among(name, counts=self.chance(0.6))

    def of_part(self, query: MetricQuery, shared: Sequence[str]) -> MetricQuery:
        """A share of each group for some of the queries that could ask for one, and orders and bounds by the share."""
        first = METRICS[query.metrics[0]]
        if first.adds_up and not first.cohort and query.compare is None and self.chance(0.3):
            part: list[Condition] = [*self.among(query.metrics[:1], 0.7), *self.filters(shared), *self.clocked(query)]
            query = replace(query, metrics=query.metrics[:1], share=True, part=tuple(part), order=())
        if not query.share:
            return query
        name = f"{query.metrics[0]}_share"
        if (query.dimensions or query.grain) and self.chance(0.4):
            query = replace(query, order=(Order(name, desc=self.chance(0.6)),))
        if query.dimensions and self.chance(0.3):
            op = self.random.choice((Op.LT, Op.LE, Op.GT, Op.GE))
            query = replace(
                query, having=(*query.having, Having(name, op, self.random.choice((5, 20, Decimal("33.3")))))
            )
        return query

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def metrics(self) -> tuple[str, ...]:
        """One to four, mostly of one table."""
        if self.chance(0.15):
            states = self.some([name for name, metric in METRICS.items() if metric.state], 2)
            return tuple(dict.fromkeys(("stuck", *states) if self.chance(0.5) else states))
        if self.chance(0.12):
            return tuple(self.some([name for name, metric in METRICS.items() if metric.percentile], 2))
        if self.chance(0.1):
            return tuple(self.some([name for name, metric in METRICS.items() if metric.cohort], 3))
        tables = self.some(sorted({metric.table for metric in METRICS.values()}), 3, weights=(6, 3, 1))
        known = [name for name, metric in METRICS.items() if metric.table in tables]
        return tuple(self.some(known, 4))

    def some(self, known: Sequence[str], most: int, weights: Sequence[int] | None = None) -> list[str]:
        number = self.random.choices(range(1, most + 1), weights)[0]
        return self.random.sample(known, min(number, len(known)))

    def shared(self, metrics: Sequence[str]) -> list[str]:
        """Dimensions that every one of the metrics has, in a fixed order."""
        found = [set(self.dimensions[METRICS[name].table]) for name in metrics]
        return sorted(set.intersection(*found))

    def period(self, metrics: Sequence[str]) -> Period | None:
        if all(METRICS[name].state for name in metrics) and self.chance(0.6):
            return None
        return self.random.choice([p for _, p in PERIODS])

    def grain(self, metrics: Sequence[str], period: Period | None) -> Grain | None:
        if self.chance(0.5):
            return None
        known = [grain for grain in Grain if not (grain in CYCLIC and any(METRICS[name].cohort for name in metrics))]
        length = period.end - period.start if period else timedelta(days=365)
        if length > timedelta(days=9):
            known.remove(Grain.HOUR)
        if length > timedelta(days=100):
            known.remove(Grain.DAY)
        return self.random.choice(known)

    def split(self, shared: Sequence[str], grain: Grain | None) -> tuple[str, ...]:
        number = self.random.choices((0, 1, 2, 3), (6, 8, 4, 5))[0]
        picked = self.random.sample(shared, min(number if grain is None else min(number, 1), len(shared)))
        wide = [name for name in picked if name in WIDE]
        return tuple(name for name in picked if name not in wide[1:])

    def compare(self, period: Period | None, grain: Grain | None) -> Period | None:
        if period is None or (grain is not None and grain not in CYCLIC) or not self.chance(0.45):
            return None
        if self.chance(0.3):
            return self.random.choice([p for kind, p in PERIODS if kind == "fixed"])
        days = (period.end.astimezone(ZONE).date() - period.start.astimezone(ZONE).date()).days or 1
        start, end = (moment.astimezone(ZONE) - timedelta(days=days) for moment in (period.start, period.end))
        return Period(start, end)

    def order(
        self, metrics: Sequence[str], split: Sequence[str], grain: Grain | None, compared: bool
    ) -> tuple[Order, ...]:
        if not (split or grain) or self.chance(0.5):
            return ()
        changes = [f"{name}_change" for name in metrics] if compared else []
        known = [*metrics, *metrics, *split, *changes, *([grain.value] if grain else [])]
        names = dict.fromkeys(self.random.choices(known, k=self.random.choice((1, 1, 2))))
        return tuple(Order(name, desc=self.chance(0.6)) for name in names)

    def filters(self, shared: Sequence[str]) -> Iterator[Filter]:
        for name in self.random.sample(shared, min(self.random.choice((0, 0, 1, 1, 2)), len(shared))):
            op = self.random.choice((Op.IN, Op.IN, Op.IN, Op.NOT_IN, Op.NOT_IN, Op.IS_NULL, Op.NOT_NULL, Op.NOT_NULL))
            if op in (Op.IS_NULL, Op.NOT_NULL) or name not in VALUES:
                yield Filter(name, Op.NOT_NULL if op is not Op.IS_NULL else op)
                continue
            values: list[Scalar] = list(self.random.sample(VALUES[name], self.random.choice((1, 2, 3))))
            yield Filter(name, op, tuple([*values, None] if self.chance(0.35) else values))

    def having(self, metrics: Sequence[str], split: Sequence[str], period: Period | None) -> Iterator[Having]:
        if not split or not self.chance(0.3):
            return
        tables = {METRICS[name].table for name in metrics}
        others = [
            name
            for name, metric in METRICS.items()
            if metric.table in tables and not metric.cohort and (metric.state or period is not None)
        ]
        for name in self.random.sample([*metrics, *others], self.random.choice((1, 1, 2))):
            op = self.random.choice((Op.LT, Op.LE, Op.GT, Op.GE))
            value = self.random.choice((0, 1, 5, 20, 50, Decimal("0.5"), Decimal("33.3"), Decimal(90)))
            yield Having(name, op, value)

    def parameters(self, metrics: Sequence[str]) -> Iterator[tuple[str, Scalar]]:
        if "stuck" in metrics and self.chance(0.7):
            yield "stuck_hours", self.random.choice((1, 6, 48, 72))
        if any(METRICS[name].percentile for name in metrics):
            match self.random.choice(("median", "percentile", "percentile", "average")):
                case "percentile":
                    yield "percentile", self.random.choice((Decimal("0.9"), Decimal("0.95"), Decimal("0.25")))
                case "average":
                    yield "aggregate", "average"


def among_metrics(tables: Collection[str]) -> list[str]:
    """Counts over a table that every row of all `tables` is one of, or belongs to one of."""
    return [
        name
        for name, metric in METRICS.items()
        if metric.where is not None
        and metric.adds_up
        and not metric.cohort
        and all(metric.table in (table, *BELONGS_TO.get(table, ())) for table in tables)
    ]


def queries(dimensions: Mapping[str, Sequence[str]], count: int = 200) -> list[MetricQuery]:
    return [Writer(Random(f"{SEED}:{number}"), dimensions).query() for number in range(count)]


def features(query: MetricQuery) -> set[str]:
    """What a query exercises, by name."""
    found = {f"filter {f.op}" for f in query.filters}
    found |= {f"{f.op} with null" for f in query.filters if None in f.values}
    found |= {f"grain {query.grain}"} if query.grain else set()
    found |= {f"period {kind}" for kind, period in PERIODS if period == query.period}
    found |= {f"parameter {name}" for name, _ in query.parameters}
    found |= {f"{len(query.dimensions)} dimensions", f"{len(query.metrics)} metrics"}
    found |= {"metrics of several tables"} if len({METRICS[name].table for name in query.metrics}) > 1 else set()
    found |= {"cohort"} if any(METRICS[name].cohort for name in query.metrics) else set()
    found |= {"state without a period"} if query.period is None else set()
    found |= {"counted among" if among.counts else "not counted among" for among in query.among}
    found |= {f"narrowed by {f.dimension}" for f in query.filters if f.dimension in CLOCK}
    found |= {"among of another table"} if others(query) else set()
    found |= {f"part by {'a count' if isinstance(one, Among) else 'a filter'}" for one in query.part}
    by_share = f"{query.metrics[0]}_share"
    found |= {"order by share"} if any(order.by == by_share for order in query.order) else set()
    found |= {"bound on a share"} if any(having.metric == by_share for having in query.having) else set()
    flags = {
        "series of a part": query.part and query.grain, "part of each group": query.part and query.dimensions,
        "compare": query.compare, "share": query.share, "having": query.having, "order": query.order,
        "limit": query.limit, "with ties": query.with_ties, "null groups dropped": query.drop_null_groups,
        "series by a dimension": query.grain and query.dimensions,
    }  # fmt: skip
    return found | {name for name, there in flags.items() if there}


def others(query: MetricQuery) -> bool:
    tables = {METRICS[name].table for name in query.metrics}
    return any(METRICS[among.metric].table not in tables for among in query.among)
