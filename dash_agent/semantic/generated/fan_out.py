"""A join that multiplies the rows that are counted or added up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from dash_agent.semantic.generated.doubt import Doubt
from dash_agent.semantic.generated.relations import Level, Ref, own
from dash_agent.semantic.generated.results import repetition

ADDING = (exp.Sum, exp.Avg, exp.PercentileCont, exp.PercentileDisc, exp.Median, exp.Stddev, exp.StddevSamp)
"""Beside counts. The highest and the lowest value are the same however often each stands there."""


def fan_out(levels: Sequence[Level]) -> Iterator[Doubt]:
    for level in levels:
        for aggregate in _aggregates(level):
            found = _doubt(level, aggregate)
            if found is not None:
                yield found


def _aggregates(level: Level) -> Iterator[exp.Expr]:
    order, having = level.select.args.get("order"), level.select.args.get("having")
    for part in (*level.select.expressions, *filter(None, (order, having))):
        for node in own(part):
            if isinstance(node, (exp.Count, *ADDING)) and not _of_aggregates(node):
                yield node


def _of_aggregates(node: exp.Expr) -> bool:
    """A sum of sums is of groups, whose own sums are looked at."""
    return any(one is not node and isinstance(one, exp.AggFunc) for one in own(node))


def _doubt(level: Level, aggregate: exp.Expr) -> Doubt | None:
    measured = _measured(level, aggregate)
    distinct = isinstance(aggregate.this, exp.Distinct)
    if not measured or (distinct and isinstance(aggregate, exp.Count)):
        return None
    why = repetition(level, measured, _fixed(level, aggregate))
    if not why:
        return None
    told = aggregate.sql(dialect="postgres")
    if distinct:
        return Doubt("fan_out", f"{told} drops equal values of different rows, and {why}", _ADD_FIRST, about=(told,))
    if isinstance(aggregate, exp.Count):
        return Doubt("fan_out", f"{told} counts too much: {why}", _counting(level, measured), about=(told,))
    return Doubt("fan_out", f"{told} takes values several times: {why}", _ADD_FIRST, about=(told,))


_ADD_FIRST = "aggregate the rows of the other table in a sub-select by the key of the join, and join its result"


def _counting(level: Level, measured: frozenset[Ref]) -> str:
    relation = level.relation(min(ref.relation for ref in measured))
    key = next((column for key in relation.keys if len(key) == 1 for column in key), "")
    if not key:
        return _ADD_FIRST
    others = level.strangers(relation.name)
    meant = f", or count a column of {others[0].name} where its rows are meant" if others else ""
    return f"write count(DISTINCT {relation.name}.{key}){meant}"


def _measured(level: Level, aggregate: exp.Expr) -> frozenset[Ref]:
    """The columns that an aggregate is of; of count(*) and the like, the rows that FROM begins with."""
    within = aggregate.parent if isinstance(aggregate.parent, exp.WithinGroup) else None
    argument = within.expression if within is not None else aggregate.this
    refs = level.refs(argument)
    if refs or not level.relations:
        return refs
    return frozenset((Ref(level.relations[0].name, ""),))


def _fixed(level: Level, aggregate: exp.Expr) -> frozenset[Ref]:
    """What has one value among the rows that are aggregated together."""
    window = aggregate.parent
    while isinstance(window, exp.Filter | exp.WithinGroup):
        window = window.parent
    if isinstance(window, exp.Window) and not level.grouped_by:
        return level.fixed_by(window.args.get("partition_by") or ())
    return level.fixed_by(level.grouped_by)
