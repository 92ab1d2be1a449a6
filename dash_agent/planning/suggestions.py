"""Questions that are worth asking next, each of which is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from dash_agent.context.catalog import Catalog
from dash_agent.models.plan import Executable, ListPlan, MetricPlan, PatternPlan, Plan
from dash_agent.models.query import Filter, Period
from dash_agent.planning.next_questions import Form, Next, Rows, after, pattern_filters
from dash_agent.planning.next_words import NEXT_WORDS
from dash_agent.planning.parser import Parser
from dash_agent.planning.speaking import Speaker
from dash_agent.semantic.time import Calendar

MOST: Final = 3
MOST_TRIED: Final = 7
"""Questions that are planned for one answer: 2 ms each."""
MOST_KEPT: Final = 5_000

Key = tuple[Next, str]

_made: WeakKeyDictionary[Parser, dict[str, _Asker]] = WeakKeyDictionary()
_lock = Lock()


def suggestions(plan: Plan, rows: Rows, parser: Parser, calendar: Calendar, language: str) -> tuple[str, ...]:
    """At most three, in the language of the answer, none the question itself.

    rows: of the answer. Each keeps the plan's filters and period, and has been planned before it is offered, itself or
    with other dates in its place.
    """
    if not isinstance(plan, Executable):
        return ()
    code = language if language in NEXT_WORDS else "en"
    with _lock:
        askers = _made.setdefault(parser, {})
        asker = askers.get(code) or askers.setdefault(code, _Asker(parser, code))
    return asker.offered(plan, rows, calendar)


class _Asker:
    """Remembers which sayings were understood: what differs in its dates alone is not planned again."""

    def __init__(self, parser: Parser, language: str) -> None:
        self._parser = parser
        self._catalog = parser.model.catalog
        self._speaker = Speaker(parser, language)
        self._understood: dict[Key, bool] = {}

    def offered(self, plan: Executable, rows: Rows, calendar: Calendar) -> tuple[str, ...]:
        found: dict[str, None] = {}
        tries = 0
        for asked in after(plan, rows, self._parser):
            if means(plan, asked, self._catalog):
                continue
            for saying in self._speaker.sayings(asked, calendar):
                key = (replace(asked, period=None, compare=None), saying.kind)
                if key not in self._understood and tries < MOST_TRIED:
                    tries += 1
                    self._keep(key, means(self._parser.plan(saying.text, calendar), asked, self._catalog))
                if self._understood.get(key):
                    found.setdefault(saying.text)
                    break
            if len(found) == MOST:
                break
        return tuple(found)

    def _keep(self, key: Key, understood: bool) -> None:
        if len(self._understood) >= MOST_KEPT:
            self._understood.clear()
        self._understood[key] = understood


def means(plan: Plan, asked: Next, catalog: Catalog) -> bool:
    """Whether a plan is what was to be asked: its numbers, groups, conditions and period, no more and no less."""
    match plan:
        case MetricPlan(query=query):
            compared = query.compare is not None
            return (
                asked.form not in (Form.LIST, Form.PATTERN)
                and query.metrics == (asked.metric,)
                and (query.dimensions, query.grain) == (asked.dimensions, asked.grain)
                and _narrowing(query.filters) == _narrowing(asked.filters)
                and {*query.among} == {*asked.among}
                and {*query.parameters} == {*asked.parameters}
                and _span(query.period) == _span(asked.period)
                and (asked.compare is None or _span(query.compare) == _span(asked.compare))
                and compared == (asked.form in (Form.WHY, Form.COMPARED))
                and plan.why == (asked.form is Form.WHY)
                and query.share == (asked.form is Form.SHARE)
                and not (query.having or query.part or query.limit)
            )
        case ListPlan(query=rows):
            return (
                asked.form is Form.LIST
                and rows.metrics == (asked.metric,)
                and _narrowing(rows.filters) == _narrowing(asked.filters)
                and {*rows.among} == {*asked.among}
                and {*rows.parameters} == {*asked.parameters}
                and _span(rows.period) == _span(asked.period)
                and rows.limit is None
            )
        case PatternPlan(name=name, period=period):
            return (
                asked.form is Form.PATTERN
                and name == asked.name
                and _span(period) == _span(asked.period)
                and _narrowing(pattern_filters(plan, catalog)) == _narrowing(asked.filters)
            )
        case _:
            return False


def _narrowing(filters: Sequence[Filter]) -> set[tuple[str, str, frozenset[object]]]:
    return {(one.dimension, one.op.value, frozenset(one.values)) for one in filters}


def _span(period: Period | None) -> tuple[object, ...]:
    return () if period is None else (period.start, period.end, period.to_now)
