"""Legs under one set of columns: by UNION ALL and one more GROUP BY, so that null groups meet, too."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from dash_agent.semantic import cohorts, legs
from dash_agent.semantic.legs import Leg, Request, legs_of

GROUPED = "grouped"
SHOWN = "shown"


def with_grouped(request: Request) -> exp.Select:
    """A SELECT without columns yet, whose WITH ends in the relation `grouped`: one row a group, with every sum."""
    found = legs_of(request)
    selects = [legs.counted(request, leg) if leg.leaves is None else cohorts.counted(request, leg) for leg in found]
    if len(selects) == 1:
        return exp.select().with_(GROUPED, as_=selects[0], copy=False)
    tree = exp.select()
    for number, select in enumerate(selects, 1):
        tree = tree.with_(_name(number), as_=select, copy=False)
    return tree.with_(GROUPED, as_=_met(request, found), copy=False)


def _name(number: int) -> str:
    return f"leg_{number}"


def _met(request: Request, found: Sequence[Leg]) -> exp.Select:
    parts = []
    brings = [_is_shown(request, leg) for leg in found]
    for number, leg in enumerate(found, 1):
        own = {measure.metric.name for measure in leg.measures}
        part = exp.select(*(exp.column(group) for group in request.groups), copy=False).from_(_name(number), copy=False)
        if not all(brings):
            part = part.select(exp.alias_(exp.Literal.number(int(brings[number - 1])), SHOWN, copy=False), copy=False)
        for name in request.sums:
            here = request.measured(name) in own
            empty = request.dialect.typed(exp.null(), "bigint" if request.is_whole(name) else "numeric")
            part = part.select(exp.column(name) if here else exp.alias_(empty, name, copy=False), copy=False)
        parts.append(part)
    union: exp.Query = parts[0]
    for part in parts[1:]:
        union = exp.union(union, part, distinct=False, copy=False)
    met = exp.select(*(exp.column(group) for group in request.groups), copy=False).from_(
        union.subquery("legs", copy=False), copy=False
    )
    for name in request.sums:
        value: exp.Expr = exp.Max(this=exp.column(name))
        if request.is_zero_over_nothing(name):
            value = exp.Coalesce(this=value, expressions=[exp.Literal.number(0)])
        met = met.select(exp.alias_(value, name, copy=False), copy=False)
    if not request.groups:
        return met
    met = met.group_by(*(exp.column(group) for group in request.groups), copy=False)
    return met if all(brings) else met.having(exp.Max(this=exp.column(SHOWN)).eq(exp.Literal.number(1)), copy=False)


def _is_shown(request: Request, leg: Leg) -> bool:
    """False for what is counted for a threshold alone: it chooses among groups, and brings none."""
    shown = {
        part.name for name in request.query.metrics for part in request.model.catalog.counted(request.metric(name))
    }
    return any(measure.metric.name in shown for measure in leg.measures)
