"""Rules with a fixed bound: metrics of a window or of now, and what the reports of breaches and stuck tickets count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from dash_agent.context.alerts import Alert
from dash_agent.context.business import CountMetric, RatioMetric
from dash_agent.insight.finding import exact
from dash_agent.models.alert import Finding
from dash_agent.models.answer import Answer
from dash_agent.models.plan import MetricPlan
from dash_agent.models.principal import ScopeFilter
from dash_agent.models.query import Filter, MetricQuery, Op, Period
from dash_agent.reports import stuck as worklist
from dash_agent.reports.alerts.reading import hours_of, rule_window
from dash_agent.reports.alerts.windows import Window
from dash_agent.reports.breaches import breaches
from dash_agent.reports.narrowing import Narrowing
from dash_agent.reports.view import View

ERRORS: Final = "errors"
"""The metric of tickets whose processing failed, by the moment when it did."""


def beyond(view: View, rule: Alert) -> tuple[Finding, ...]:
    """What a rule with a bound finds. Raises QueryError, UnknownName, WrongUse and Unavailable."""
    match rule.kind:
        case "stuck":
            return tuple(_stuck(view, rule))
        case "response_targets":
            return tuple(_targets(view, rule))
        case "pipeline_errors":
            return tuple(_metric(view, rule, ERRORS, None, Window(view.now, hours_of(rule))))
        case _:
            window = rule_window(rule, view.calendar)
            splits: list[str | None] = [None, *rule.by]
            return tuple(one for name in rule.metrics for by in splits for one in _metric(view, rule, name, by, window))


def _metric(view: View, rule: Alert, name: str, by: str | None, window: Window) -> Iterator[Finding]:
    metric = view.metric(name)
    state = view.catalog.is_state(metric)
    counted = (name,) if state else (name, *_sample(view, rule, name))
    filters = tuple(Filter(rows.dimension, Op.IN, rows.values) for rows in rule.rows)
    period = None if state else Period(window.start, window.end, to_now=window.end == view.now)
    query = MetricQuery(tuple(dict.fromkeys(counted)), (by,) if by else (), filters, period)
    answer = view.answered(MetricPlan(query))
    start = view.now if state else window.start
    at = {column.name: place for place, column in enumerate(answer.columns)}
    for row in answer.rows:
        value, group = exact(row[at[name]]), row[at[by]] if by else None
        if value is None or (by and group is None):
            continue
        sample = int(exact(row[at[counted[-1]]]) or 0)
        enough = isinstance(metric, CountMetric) or sample >= rule.min_sample
        if enough and _is_beyond(rule, float(value)):
            segment = (*rule.rows, *((ScopeFilter(by, (str(group),)),) if by else ()))
            yield _finding(rule, name, segment, start, view.now if state else window.end, float(value), sample, answer)


def _sample(view: View, rule: Alert, name: str) -> tuple[str, ...]:
    metric = view.metric(name)
    if isinstance(metric, RatioMetric):
        return (metric.denominator,)
    return (rule.samples[name],) if name in rule.samples else ()


def _is_beyond(rule: Alert, value: float) -> bool:
    return (rule.above is not None and value > rule.above) or (rule.below is not None and value < rule.below)


def _stuck(view: View, rule: Alert) -> Iterator[Finding]:
    found = worklist.stuck(view, _narrowing(rule))
    number = len(found.tickets)
    if found.tickets and _is_beyond(rule, number):
        since = found.tickets[0].updated_at + timedelta(hours=found.hours)
        yield _finding(rule, worklist.METRIC, rule.rows, since, view.now, number, number, found.answer)


def _targets(view: View, rule: Alert) -> Iterator[Finding]:
    """Open tickets without a response that the forecast names: those that will more likely miss their target."""
    forecast = breaches(view, _narrowing(rule))
    named = [risk for risk in forecast.risks if risk.likely]
    if _is_beyond(rule, len(named)):
        since = min((risk.created_at for risk in named), default=view.now)
        yield _finding(rule, "", rule.rows, since, view.now, len(named), len(forecast.risks), forecast.answer)


def _narrowing(rule: Alert) -> Narrowing:
    return Narrowing.of({rows.dimension: rows.values for rows in rule.rows})


def _finding(
    rule: Alert,
    metric: str,
    segment: tuple[ScopeFilter, ...],
    start: datetime,
    end: datetime,
    observed: float,
    sample: int,
    answer: Answer,
) -> Finding:
    return Finding(rule.name, metric, segment, start, start, end, observed, None, sample, answers=(answer.answer_id,))
