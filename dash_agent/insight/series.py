"""What a time series shows beside its highest and lowest: trend, record, values far off. Whole buckets only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from dash_agent.context.business import CountMetric
from dash_agent.insight.analysis.outliers import outliers
from dash_agent.insight.analysis.records import FEWEST, record
from dash_agent.insight.analysis.trend import Trend, trend
from dash_agent.insight.facts import partial_rows
from dash_agent.insight.finding import Case, Finding, Rank, exact, rounded
from dash_agent.insight.messages import say
from dash_agent.insight.naming import bucket
from dash_agent.models.query import Grain
from dash_agent.models.sql import Cell

WEEK: Final = 7
MOST_OUTLIERS: Final = 3


@dataclass(frozen=True, slots=True)
class Whole:
    """Buckets that no edge cuts, from the first that holds anything."""

    grain: Grain
    buckets: Sequence[Cell]
    values: Sequence[Decimal | None]

    @property
    def season(self) -> int:
        """Days are held against the same weekday."""
        return WEEK if self.grain is Grain.DAY else 1

    @property
    def known(self) -> list[Decimal]:
        """Without those that have no value; only where days keep their weekday."""
        found = [value for value in self.values if value is not None]
        return [] if self.season > 1 and len(found) < len(self.values) else found


def series(case: Case) -> Iterator[Finding]:
    whole = _whole(case)
    if whole is None:
        return
    yield from _trend(case, whole)
    yield from _record(case, whole)
    yield from _outliers(case, whole)


def _whole(case: Case) -> Whole | None:
    query = case.query
    grain = query.grain
    if grain is None or grain.cyclic or grain is Grain.HOUR or query.dimensions or query.having or query.limit:
        return None
    cut = partial_rows(query, case.result, case.wording, case.now)
    rows = [row for place, row in enumerate(case.result.rows) if place not in cut]
    rows.sort(key=lambda row: str(row[0]))
    values = [None if (value := exact(row[case.first])) is None else Decimal(value) for row in rows]
    start = next((place for place, value in enumerate(values) if value), len(values))
    return Whole(grain, [row[0] for row in rows[start:]], values[start:])


def _trend(case: Case, whole: Whole) -> Iterator[Finding]:
    values = whole.known
    found = trend(values, whole.season)
    if found is None:
        return
    decimals = case.metric.decimals or (1 if abs(found.step) < 10 else 0)
    step = rounded(found.step, decimals)
    if not step:
        return
    told = {
        "step": case.wording.difference(step, case.metric.unit, decimals, signed=True),
        "per": say(case.language, f"per.{whole.grain}"),
        "bucket": _bucket(case, whole, _turned(whole, found)),
    }
    turned = "turned." if found.turned else ""
    text = say(case.language, f"trend.{turned}{'up' if found.rises else 'down'}", **told)
    unit = "points" if case.metric.unit == "percent" else case.metric.unit
    since = _bucket(case, whole, _turned(whole, found))
    yield Finding(Rank.TREND, text, (case.fact("trend", step, unit=unit, segment=since),))


def _turned(whole: Whole, found: Trend) -> int:
    """The position among all whole buckets of the one that a trend begins with."""
    known = [place for place, value in enumerate(whole.values) if value is not None]
    return known[found.turned]


def _record(case: Case, whole: Whole) -> Iterator[Finding]:
    if not whole.values or whole.values[-1] is None:
        return
    known = [(place, value) for place, value in enumerate(whole.values) if value is not None]
    found = record([value for _, value in known], 2 * WEEK if whole.season > 1 else FEWEST)
    if found is None:
        return
    latest = _bucket(case, whole, len(whole.values) - 1)
    since = known[found.since] if found.since is not None else None
    text = ""
    if since is not None:
        text = say(
            case.language,
            "record.high" if found.highest else "record.low",
            grain=say(case.language, f"grain.{whole.grain}"),
            bucket=latest,
            since=_bucket(case, whole, since[0]),
        )
    previous = since[1] if since else None
    yield Finding(Rank.RECORD, text, (case.fact("record", known[-1][1], segment=latest, previous=previous),))


def _outliers(case: Case, whole: Whole) -> Iterator[Finding]:
    found = outliers(whole.values, season=whole.season, counted=isinstance(case.metric, CountMetric))
    for place, outlier in enumerate(found[:MOST_OUTLIERS]):
        name = _bucket(case, whole, outlier.position)
        usual = rounded(outlier.usual, case.metric.decimals)
        told = {"bucket": name, "value": case.worded(outlier.value), "usual": case.worded(usual)}
        key = "outlier.weekday" if whole.season > 1 else "outlier"
        text = say(case.language, key, **told) if place == 0 else ""
        fact = case.fact("outlier", outlier.value, segment=name, previous=usual)
        yield Finding(Rank.OUTLIER, _capital(text), (fact,))


def _bucket(case: Case, whole: Whole, place: int) -> str:
    return bucket(whole.grain, whole.buckets[place], case.wording)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
