"""Two results for one question: whether they are the same, and in what their plans differ, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from dash_agent.insight.messages import say
from dash_agent.insight.naming import dimension_label, listed, metric_label
from dash_agent.insight.narrowing import narrowed_by
from dash_agent.insight.wording import Wording
from dash_agent.models.plan import Executable, ListPlan, MetricPlan
from dash_agent.models.query import Condition, Having, ListQuery, MetricQuery, Period
from dash_agent.models.sql import Cell

Rows = Sequence[Sequence[Cell]]


def same_values(one: Rows, other: Rows) -> bool:
    """Whether two results hold the same values, whatever the order of their rows and the names of their columns.

    Numbers are compared as the one with fewer decimals tells them: a statement may round where a definition does not.
    """
    if len(one) != len(other) or {len(row) for row in one} != {len(row) for row in other}:
        return False
    pairs = zip(sorted(one, key=_key), sorted(other, key=_key), strict=True)
    return all(_same(a, b) for left, right in pairs for a, b in zip(left, right, strict=True))


def difference(here: Executable, there: Executable, wording: Wording, now: datetime, *, by_model: bool = True) -> str:
    """The first part in which the answer's plan and another differ. by_model: whether the other is a model's."""
    reader = say(wording.language, "second.by_model" if by_model else "second.by_parser")
    return f"{reader} {_told(here, there, wording, now)}"


def _told(here: Executable, there: Executable, wording: Wording, now: datetime) -> str:
    language = wording.language
    if isinstance(here, MetricPlan) and isinstance(there, MetricPlan):
        parts = _metric_parts(here.query, there.query, wording, now)
    elif isinstance(here, ListPlan) and isinstance(there, ListPlan):
        parts = _list_parts(here.query, there.query, wording, now)
    else:
        return say(language, "second.kind")
    found = next(((name, a, b) for name, a, b in parts if a != b), None)
    if found is None:
        return say(language, "second.shown")
    name, mine, theirs = found
    nothing = say(language, "second.none")
    return say(language, f"second.{name}", here=mine or nothing, there=theirs or nothing)


def _metric_parts(
    here: MetricQuery, there: MetricQuery, wording: Wording, now: datetime
) -> Iterator[tuple[str, str, str]]:
    """What differs is named alone: conditions that both have are no difference."""
    yield "metric", _metrics(here.metrics, wording), _metrics(there.metrics, wording)
    yield "filter", _narrowing(here, there, wording), _narrowing(there, here, wording)
    yield "period", _period(here.period, wording, now), _period(there.period, wording, now)
    yield "compare", _period(here.compare, wording, now), _period(there.compare, wording, now)
    yield "split", _split(here, wording), _split(there, wording)


def _list_parts(here: ListQuery, there: ListQuery, wording: Wording, now: datetime) -> Iterator[tuple[str, str, str]]:
    yield "metric", _metrics(here.metrics, wording), _metrics(there.metrics, wording)
    yield "filter", _narrowing(here, there, wording), _narrowing(there, here, wording)
    yield "period", _period(here.period, wording, now), _period(there.period, wording, now)


def _narrowing(query: MetricQuery | ListQuery, other: MetricQuery | ListQuery, wording: Wording) -> str:
    """Conditions and numbers of definitions that the other one has not."""
    known = _conditions(other)
    own = [condition for condition in _conditions(query) if condition not in known]
    numbers = [f"{name} = {value}" for name, value in query.parameters if (name, value) not in other.parameters]
    return "; ".join(filter(None, (narrowed_by(own, wording), *numbers)))


def _conditions(query: MetricQuery | ListQuery) -> tuple[Condition | Having, ...]:
    bounds = query.having if isinstance(query, MetricQuery) else ()
    return (*query.filters, *query.among, *bounds)


def _metrics(names: Sequence[str], wording: Wording) -> str:
    return listed((metric_label(name, wording) for name in sorted(names)), wording) if names else ""


def _split(query: MetricQuery, wording: Wording) -> str:
    names = [dimension_label(name, wording) for name in sorted(query.dimensions)]
    names += [say(wording.language, f"grain.{query.grain.value}")] if query.grain else []
    return listed(names, wording) if names else ""


def _period(period: Period | None, wording: Wording, now: datetime) -> str:
    return wording.period(period, now) if period is not None else ""


def _key(row: Sequence[Cell]) -> tuple[str, ...]:
    """By what tells rows apart first; numbers, which may be rounded, last and coarsely."""
    texts = tuple(str(cell) for cell in row if not _is_number(cell))
    return (*texts, *(f"{round(Decimal(str(cell)), 1):020.1f}" for cell in row if _is_number(cell)))


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | float | Decimal) and not isinstance(cell, bool)


def _same(one: Cell, other: Cell) -> bool:
    if not (_is_number(one) and _is_number(other)):
        return one == other or (one is not None and other is not None and str(one) == str(other))
    left, right = Decimal(str(one)), Decimal(str(other))
    if not (left.is_finite() and right.is_finite()):
        return left == right
    places = min(_decimals(left), _decimals(right))
    return abs(left - right) <= Decimal(1).scaleb(-places) / 2


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0
