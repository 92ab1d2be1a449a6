"""What a breakdown shows beside its ends: how few groups hold most, and which rest on few rows."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from dash_agent.context.business import CountMetric
from dash_agent.insight.analysis.concentration import share, top_heavy
from dash_agent.insight.changes import sample_fact
from dash_agent.insight.finding import Case, Finding, Rank, exact, rounded
from dash_agent.insight.messages import say
from dash_agent.insight.naming import group, listed
from dash_agent.insight.probes import SIZES

MOST_NAMED = 3


def groups(case: Case) -> Iterator[Finding]:
    if case.query.dimensions and case.query.grain is None:
        yield from _concentration(case)
        yield from _small_samples(case)


def _concentration(case: Case) -> Iterator[Finding]:
    """Only of a whole that is all there: every group of a count or a sum, none left out by a limit or a bound."""
    if not _is_whole(case):
        return
    rows = [(value, row) for row in case.result.rows if (value := exact(row[case.first])) is not None]
    total = sum((value for value, _ in rows), Decimal(0))
    count = top_heavy([value for value, _ in rows])
    if count is None:
        return
    rows.sort(key=lambda pair: -pair[0])
    held = share(sum((value for value, _ in rows[:count]), Decimal(0)), total)
    names = [group(case.columns[: case.first], row, case.wording) for _, row in rows[:count]]
    part = rounded(held or 0, 1)
    told = {
        "groups": listed(names, case.wording),
        "share": case.wording.number(part, "percent", 1),
        "total": case.worded(total),
    }
    text = say(case.language, "concentration.one" if count == 1 else "concentration", **told)
    whole = case.fact("value", total, label=say(case.language, "all_of", label=case.label))
    yield Finding(Rank.CONCENTRATION, text, (whole, case.fact("share", part, unit="percent", segment=", ".join(names))))


def _is_whole(case: Case) -> bool:
    query, metric = case.query, case.metric
    chosen = query.limit is not None or query.having or query.drop_null_groups or query.share or query.compare
    distinct = isinstance(metric, CountMetric) and metric.distinct is not None
    return case.adds_up and not chosen and not distinct and not case.result.truncated


def _small_samples(case: Case) -> Iterator[Finding]:
    """Groups that are shown and rest on fewer rows than the rules ask for; the smallest are named."""
    seen = case.found(SIZES)
    if seen is None:
        return
    fewest = case.wording.catalog.rules.small_sample
    sizes = {row[:-1]: exact(row[-1]) for row in seen.result.rows}
    small = []
    for row in case.result.rows:
        count = sizes.get(row[: case.first])
        if count is not None and 0 < count < fewest:
            small.append((count, group(case.columns[: case.first], row, case.wording)))
    if not small:
        return
    small.sort(key=lambda pair: pair[0])
    items = [
        say(case.language, "few.item", group=name, count=case.wording.number(count, None, 0))
        for count, name in small[:MOST_NAMED]
    ]
    text = say(case.language, "few.rows", items=listed(items, case.wording))
    yield Finding(Rank.SMALL_SAMPLE, text, tuple(sample_fact(case, count, name) for count, name in small))
