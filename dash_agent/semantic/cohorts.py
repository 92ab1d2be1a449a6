"""Counting a population as it stood when a period, or each bucket of one, began: who was there, and who left within."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dash_agent.context.business import CohortMetric
from dash_agent.models.query import Grain, Period
from dash_agent.semantic import spine
from dash_agent.semantic.legs import Leg, Request, grouped, placed

SPAN = "span"


def counted(request: Request, leg: Leg) -> exp.Select:
    """As `legs.counted`, for measures of cohorts. With a grain a row counts in every bucket that it was there for."""
    if request.query.grain is not None and request.query.period is not None:
        return _by_bucket(request, leg, request.query.grain, request.query.period)
    rows = request.rows(leg.table)
    select = grouped(request, rows, None)
    present = []
    for suffix, period in request.periods():
        if period is None:
            raise TypeError("a cohort without a period is refused before anything is compiled")
        since, until = request.dialect.instant(period.start), request.dialect.instant(spine.end_of(period))
        present.append(_present(leg, since))
        condition = _present(leg, since) if request.query.compare else None
        for name, aggregate in _aggregates(request, leg, condition, until):
            select = select.select(exp.alias_(aggregate, name + suffix, copy=False), copy=False)
    return select.where(
        exp.or_(*present, copy=False), *rows.narrowed(request.conditions, request.parameters), copy=False
    )


def _by_bucket(request: Request, leg: Leg, grain: Grain, period: Period) -> exp.Select:
    rows = request.rows(leg.table)
    spans = spine.spans(request, grain, period).subquery(SPAN, copy=False)
    select = grouped(request, rows, exp.column(grain.value, SPAN))
    select = select.join(spans, on=_present(leg, exp.column(spine.SINCE, SPAN)), copy=False)
    for name, aggregate in _aggregates(request, leg, None, exp.column(spine.UNTIL, SPAN)):
        select = select.select(exp.alias_(aggregate, name, copy=False), copy=False)
    return select.where(*rows.narrowed(request.conditions, request.parameters), copy=False)


def _present(leg: Leg, since: exp.Expr) -> exp.Expr:
    """Had entered before `since`, and had not left by then."""
    assert leg.time is not None
    assert leg.leaves is not None
    stays = exp.Is(this=leg.leaves.copy(), expression=exp.null())
    left_later = exp.GTE(this=leg.leaves.copy(), expression=since.copy())
    return exp.and_(
        exp.LT(this=leg.time.copy(), expression=since.copy()), exp.or_(stays, left_later, copy=False), copy=False
    )


def _aggregates(
    request: Request, leg: Leg, present: exp.Expr | None, until: exp.Expr
) -> Iterator[tuple[str, exp.Expr]]:
    for measure in leg.measures:
        conditions = [placed(request, measure.where, leg.table), present]
        if isinstance(measure.metric, CohortMetric) and measure.metric.counts == "leavers" and leg.leaves is not None:
            conditions.append(exp.LT(this=leg.leaves.copy(), expression=until.copy()))
        known = [c.copy() for c in conditions if c is not None]
        count = exp.Count(this=exp.Star())
        yield measure.metric.name, request.dialect.filtered(count, exp.and_(*known, copy=False) if known else None)
