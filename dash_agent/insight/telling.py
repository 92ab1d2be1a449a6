"""An answer's own parts, plan by plan: what it rests on, and what its rows say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from dash_agent.context.business import RatioMetric
from dash_agent.context.catalog import DIMENSIONS, METRICS, Catalog
from dash_agent.insight import columns, facts, generated, narrative, notes, rows_told
from dash_agent.insight.probes import Seen
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer, Source, Trust
from dash_agent.models.plan import Executable, ListPlan, MetricPlan, PatternPlan, SqlPlan
from dash_agent.models.sql import ResultSet, SafeQuery
from dash_agent.semantic.columns import OutColumn
from dash_agent.semantic.resolve import SHARE
from dash_agent.semantic.rows import of_clock


def described(answer: Answer, plan: Executable, safe: SafeQuery, wording: Wording, now: datetime) -> Answer:
    """The answer with what is known before anything ran: reading, SQL, trust, sources, assumptions."""
    seen = notes.scope_note(safe.scope, wording)
    answer = replace(answer, sql=safe.text, reading=plan.reading, assumptions=seen)
    match plan:
        case MetricPlan() | ListPlan():
            assumed = notes.assumptions(plan, wording, now)
            sources = _sources(wording.catalog, plan)
            return replace(answer, trust=Trust.GOVERNED, sources=sources, assumptions=(*seen, *assumed))
        case PatternPlan():
            assumed = notes.assumptions(plan, wording, now)
            source = Source("pattern", plan.name, wording.catalog.patterns[plan.name].file)
            return replace(answer, trust=Trust.VERIFIED, sources=(source,), assumptions=(*seen, *assumed))
        case SqlPlan():
            return replace(answer, trust=Trust.GENERATED)
        case _:
            assert_never(plan)


def _sources(catalog: Catalog, plan: MetricPlan | ListPlan) -> tuple[Source, ...]:
    """The definitions that a number rests on: metrics with their parts, the table of a list, dimensions."""
    found: dict[str, Source] = {}
    metrics = [*plan.query.metrics]
    if isinstance(plan, MetricPlan):
        split = plan.query.dimensions
        metrics += [having.metric.removesuffix(SHARE) for having in plan.query.having]
    else:
        split = tuple(name for name in plan.query.columns if name in catalog.dimensions)
        found["table"] = Source("table", plan.query.table, f"tables/{plan.query.table}.json")
    for name in metrics:
        metric = catalog.metrics[name]
        parts = (metric.numerator, metric.denominator) if isinstance(metric, RatioMetric) else ()
        for part in (name, *parts):
            found[part] = Source("metric", part, METRICS)
    narrowed = (f.dimension for f in plan.query.filters if not of_clock(f))
    for name in dict.fromkeys((*split, *narrowed)):
        found[f"dimension {name}"] = Source("dimension", name, DIMENSIONS)
    return tuple(found.values())


def told(
    answer: Answer,
    plan: Executable,
    shown: Sequence[OutColumn],
    result: ResultSet,
    wording: Wording,
    now: datetime,
    seen: Sequence[Seen] = (),
) -> Answer:
    """The answer with its rows and what they say. shown: the columns of a metric or list plan. seen: of its probes."""
    answer = replace(answer, rows=result.rows, truncated=result.truncated)
    match plan:
        case MetricPlan():
            told = narrative.metric_told(plan, shown, result, wording, now, seen)
            return replace(
                answer,
                text=told.text,
                columns=columns.metric_columns(shown, result, wording),
                facts=(*facts.metric_facts(plan.query, shown, result, wording, now), *told.facts),
                caveats=notes.metric_caveats(plan.query, result, wording, now),
            )
        case ListPlan():
            declared = columns.list_columns(shown, result, wording)
            told = rows_told.list_told(plan.query, shown, declared, result, wording, now)
            return replace(
                answer,
                text=told.text,
                columns=declared,
                facts=told.facts,
                caveats=notes.caveats(plan.query.period, result, wording.language, now),
            )
        case PatternPlan():
            pattern = wording.catalog.patterns[plan.name]
            declared = columns.pattern_columns(pattern, result, wording)
            told = rows_told.pattern_told(pattern, declared, result, wording, wording.period(plan.period, now))
            return replace(
                answer,
                text=told.text,
                columns=declared,
                facts=(*told.facts, *facts.pattern_facts(declared, result)),
                caveats=notes.caveats(plan.period, result, wording.language, now),
            )
        case SqlPlan():
            declared = generated.columns(result, wording)
            told = generated.told(declared, result, wording)
            caveats = (generated.caveat(wording.language), *notes.caveats(None, result, wording.language, now))
            return replace(answer, text=told.text, columns=declared, facts=told.facts, caveats=caveats)
        case _:
            assert_never(plan)
