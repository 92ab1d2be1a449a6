"""Questions that want to see rows, one by one, and not how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dash_agent.context.business import CountMetric
from dash_agent.context.catalog import Catalog
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.parts import Parts, unsupported

OF_A_NUMBER: Final = (
    Operator.COUNT,
    Operator.SHARE,
    Operator.AVERAGE,
    Operator.MEDIAN,
    Operator.TREND,
    Operator.TOP,
    Operator.MOST,
    Operator.LEAST,
    Operator.BEST,
    Operator.WORST,
    Operator.BUSIEST,
    Operator.VERSUS,
    Operator.COMPARE,
    Operator.WHY,
)
"""Words after which a number is meant, whatever else is said."""


def listed(catalog: Catalog, parts: Parts, metrics: Sequence[str]) -> tuple[str, ...]:
    """The metrics whose rows are wanted, by 'list …', 'show the tickets …' or 'which tickets …'; () for a number."""
    found = {name: metric for name in metrics if isinstance(metric := catalog.metrics[name], CountMetric)}
    tables = {metric.table for metric in found.values()}
    if len(found) != len(metrics) or len(tables) != 1:
        return ()
    if parts.dimensions or parts.grains or parts.bundles or parts.has(*OF_A_NUMBER):
        return ()
    if not (parts.has(Operator.LIST) or _named(parts, tables.pop())):
        return ()
    # 'Which tasks wait for approval' names the tasks, and counts none but those.
    narrow = tuple(name for name, metric in found.items() if metric.where is not None) or tuple(found)
    return narrow if all(found[name].listed for name in narrow) else ()


def _named(parts: Parts, table: str) -> bool:
    """The rows themselves are named beside a 'show', or right behind a 'which'."""
    starts = [start for tables, start in parts.things if table in tables]
    if starts and parts.has(Operator.SHOW):
        return True
    return any(operator is Operator.WHICH and at + 1 in starts for operator, at, _ in parts.operators)


def limit(parts: Parts) -> int | None:
    """How many rows: a number right before what is listed. Any other number has no place in a list."""
    before = [start - 1 for _, start in (*parts.things, *parts.metrics)]
    counts = [count for count, at, _ in parts.numbers if at in before and count > 0]
    if len(counts) != len(parts.numbers) or len(counts) > 1:
        raise unsupported(*(words for _, _, words in parts.numbers))
    return counts[0] if counts else None
