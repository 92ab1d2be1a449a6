"""The answer in words. Every number in the text stands in a row of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from dash_agent.context.patterns import Pattern
from dash_agent.errors import OutOfScope
from dash_agent.insight.cells import NOTHING, decimals_of
from dash_agent.insight.facts import ends, group_name, number, partial_rows
from dash_agent.insight.messages import counted, say
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import AnswerColumn, ColumnRole
from dash_agent.models.plan import TYPO_OF, Assumption, Clarification, ListPlan, MetricPlan, PatternPlan, Refusal
from dash_agent.models.principal import ScopeFilter
from dash_agent.models.query import Among, Condition, Grain, Having, ListQuery, MetricQuery, Op, Period
from dash_agent.models.sql import Cell, ResultSet
from dash_agent.semantic.columns import OutColumn, Shows
from dash_agent.semantic.resolve import SHARE
from dash_agent.semantic.rows import of_clock

SIGNS: Final = {Op.LT: "<", Op.LE: "≤", Op.GT: ">", Op.GE: "≥"}


def refusal(plan: Refusal | Clarification, language: str) -> str:
    key = f"refused.{plan.reason}" if isinstance(plan, Refusal) else f"clarify.{plan.why}"
    return say(language, key, words="”, “".join(plan.words) if language != "ru" else "», «".join(plan.words))


def metric_text(
    plan: MetricPlan, columns: Sequence[OutColumn], result: ResultSet, wording: Wording, now: datetime
) -> str:
    query = plan.query
    narrowed = _narrowed((*query.filters, *query.among, *query.part, *query.having), wording)
    period = wording.period(query.period, now)
    first = next(index for index, column in enumerate(columns) if column.shows is Shows.METRIC)
    names = {"narrowed": narrowed, "period": period}
    if not result.rows:
        return say(wording.language, "none", **names)
    if first == 0:
        return _one_row(plan, columns, result, wording, now, names)
    label = _label(columns[first].of, wording)
    split = ", ".join(_split(column, wording) for column in columns[:first])
    # The question was the share: it stands in the last column.
    told_by = len(columns) - 1 if query.part else first
    label = say(wording.language, "share_of", label=label) if query.part else label
    edges = ends(result, told_by, partial_rows(query, result, wording, now))
    if edges is None:
        return say(wording.language, "no_value", label=label, **names)
    if query.order and len(query.metrics) >= 1 and not query.order[0].desc:
        edges = type(edges)(edges.low, edges.high)
    high, low = result.rows[edges.high], result.rows[edges.low]
    told = {
        "label": label,
        "split": split,
        "first": _group(columns[:first], high, wording),
        "value": _share(high[-1], wording) if query.part else _value(columns[first].of, high[first], wording),
        "last": _group(columns[:first], low, wording),
        "low": _share(low[-1], wording) if query.part else _value(columns[first].of, low[first], wording),
    }
    if query.share and not query.part and len(result.rows) == 1:
        told["share"] = _share(high[-1], wording)
        return say(wording.language, "share", **told, **names)
    if len(result.rows) == 1 or edges.high == edges.low:
        return say(wording.language, "groups", **told, **names)
    return say(wording.language, "series" if query.grain else "group_last", **told, **names)


def _one_row(
    plan: MetricPlan,
    columns: Sequence[OutColumn],
    result: ResultSet,
    wording: Wording,
    now: datetime,
    names: dict[str, str],
) -> str:
    query, row = plan.query, result.rows[0]
    if len(query.metrics) > 1:
        shown = [(column, row[index]) for index, column in enumerate(columns) if column.shows is Shows.METRIC]
        items = "; ".join(f"{_label(c.of, wording)}: {_value(c.of, cell, wording)}" for c, cell in shown)
        return say(wording.language, "several", items=items, **names)
    name = query.metrics[0]
    label = _label(name, wording)
    if row[0] is None:
        return say(wording.language, "no_value", label=label, **names)
    value = _value(name, row[0], wording)
    if query.part:
        return say(wording.language, "part", label=label, value=value, share=_share(row[-1], wording), **names)
    if query.compare is None:
        key = "value" if query.period else "value_now"
        return say(wording.language, key, label=label, value=value, **names)
    return say(
        wording.language,
        "compared",
        label=label,
        value=value,
        previous=_value(name, row[1], wording),
        change=_change(name, row[2], wording),
        compare=wording.period(query.compare, now),
        **names,
    )


def _label(metric: str, wording: Wording) -> str:
    found = wording.catalog.metrics[metric]
    return wording.label(found.label, metric)


def _split(column: OutColumn, wording: Wording) -> str:
    if column.shows is Shows.BUCKET:
        return say(wording.language, f"grain.{column.of}")
    return _lowered(wording.label(wording.catalog.dimensions[column.of].label, column.of))


def _group(columns: Sequence[OutColumn], row: Sequence[Cell], wording: Wording) -> str:
    return ", ".join(group_name(column, row[index], wording) for index, column in enumerate(columns))


def _value(metric: str, cell: Cell, wording: Wording) -> str:
    value = number(cell)
    if value is None:
        return "—"
    found = wording.catalog.metrics[metric]
    return wording.number(value, found.unit, found.decimals)


def _share(cell: Cell, wording: Wording) -> str:
    """The last column of a query that asks for shares."""
    value = number(cell)
    return "—" if value is None else wording.number(value, "percent", 1)


def _change(metric: str, cell: Cell, wording: Wording) -> str:
    value = number(cell)
    if value is None:
        return "—"
    found = wording.catalog.metrics[metric]
    if found.unit == "percent":
        points = wording.number(value, None, found.decimals, signed=True)
        return say(wording.language, "points", value=points)
    return wording.number(value, found.unit, found.decimals, signed=True)


def _narrowed(conditions: Sequence[Condition | Having], wording: Wording) -> str:
    if not conditions:
        return ""
    return say(wording.language, "narrowed", items="; ".join(_condition(one, wording) for one in conditions))


def _condition(narrowing: Condition | Having, wording: Wording) -> str:
    if isinstance(narrowing, Having):
        return _bound(narrowing, wording)
    if isinstance(narrowing, Among):
        label = _lowered(_label(narrowing.metric, wording))
        return label if narrowing.counts else say(wording.language, "not", items=label)
    if of_clock(narrowing):
        grain = Grain(narrowing.dimension)
        values, label = ", ".join(wording.bucket(grain, value) for value in narrowing.values), grain.value
    else:
        values = ", ".join(wording.value(narrowing.dimension, value) for value in narrowing.values)
        label = wording.label(wording.catalog.dimensions[narrowing.dimension].label, narrowing.dimension)
    match narrowing.op:
        case Op.IN:
            return values
        case Op.NOT_IN:
            return say(wording.language, "not", items=values)
        case Op.IS_NULL | Op.NOT_NULL:
            return say(wording.language, f"{narrowing.op}", label=label)
        case _:
            return f"{label} {SIGNS[narrowing.op]} {values}"


def _bound(having: Having, wording: Wording) -> str:
    name = having.metric.removesuffix(SHARE)
    found = wording.catalog.metrics[name]
    unit = "percent" if name != having.metric else found.unit
    bound = wording.number(Decimal(having.value), unit, decimals_of(Decimal(having.value)))
    return f"{_lowered(wording.label(found.label, name))} {SIGNS[having.op]} {bound}"


def _lowered(label: str) -> str:
    """A name of several capitals ("CSAT") keeps them."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def rows_text(result: ResultSet, wording: Wording) -> str:
    return counted(wording.language, "rows", len(result.rows))


def pattern_text(
    pattern: Pattern, columns: Sequence[AnswerColumn], result: ResultSet, wording: Wording, period: str
) -> str:
    """One row is told in full, more by their number."""
    label = wording.label(pattern.header.label, pattern.header.name)
    if not result.rows:
        return say(wording.language, "rows_none", label=label)
    told = [(column, cell) for column, cell in zip(columns, result.rows[0], strict=True) if _is_metric(column)]
    if len(result.rows) == 1 and len(told) == len(columns) - _helpers(columns):
        items = "; ".join(f"{column.label}: {_measured(column, cell, wording)}" for column, cell in told)
        return say(wording.language, "several", items=items, narrowed="", period=period)
    return say(wording.language, "rows", label=label, rows=rows_text(result, wording))


def list_text(query: ListQuery, result: ResultSet, wording: Wording, now: datetime) -> str:
    """What is listed, and how many rows of it there are."""
    labels = [_label(name, wording) for name in query.metrics]
    table = wording.catalog.tables[query.table]
    label = ", ".join(labels) or wording.label(table.label, query.table)
    period = f", {wording.period(query.period, now)}" if query.period else ""
    told = f"{label}{_narrowed((*query.filters, *query.among), wording)}{period}"
    if not result.rows:
        return say(wording.language, "rows_none", label=told)
    return say(wording.language, "rows", label=told, rows=rows_text(result, wording))


def _is_metric(column: AnswerColumn) -> bool:
    return column.role is ColumnRole.METRIC


def _helpers(columns: Sequence[AnswerColumn]) -> int:
    return sum(column.role is ColumnRole.HELPER for column in columns)


def _measured(column: AnswerColumn, cell: Cell, wording: Wording) -> str:
    value = number(cell)
    return NOTHING if value is None else wording.number(value, column.unit, decimals_of(value))


def assumptions(plan: MetricPlan | ListPlan | PatternPlan, wording: Wording, now: datetime) -> tuple[str, ...]:
    period = plan.period if isinstance(plan, PatternPlan) else plan.query.period
    told = {"period": wording.period(period, now)}
    assumed = tuple(_assumed(assumption, wording.language, told) for assumption in plan.assumptions)
    slips = (reading for reading in plan.reading if reading.became.startswith(TYPO_OF))
    mended = (
        say(wording.language, "mended", said=slip.words, known=slip.became.removeprefix(TYPO_OF)) for slip in slips
    )
    return (*mended, *assumed)


def _assumed(assumption: Assumption, language: str, told: dict[str, str]) -> str:
    return say(language, f"assumed.{assumption}", **told)


def scope_note(scope: Sequence[ScopeFilter], wording: Wording) -> tuple[str, ...]:
    """Which rows an answer was counted from, for whoever does not see all of them."""
    if not scope:
        return ()
    items = [
        f"{_named_dimension(narrowed.dimension, wording)}: "
        + ", ".join(wording.value(narrowed.dimension, value) for value in narrowed.values)
        for narrowed in scope
    ]
    return (say(wording.language, "scope", items="; ".join(items)),)


def out_of_scope(error: OutOfScope, wording: Wording) -> str:
    table = wording.catalog.tables.get(error.table)
    told = {
        key: ", ".join(_named_dimension(name, wording) for name in names)
        for key, names in (("dimensions", error.dimensions), ("lacking", error.lacking))
    }
    label = wording.label(table.label, error.table) if table else error.table
    return say(wording.language, "out_of_scope", table=label, **told)


def _named_dimension(name: str, wording: Wording) -> str:
    found = wording.catalog.dimensions.get(name)
    label = wording.label(found.label, name) if found else name
    return f"“{label.lower()}”" if wording.language != "ru" else f"«{label.lower()}»"


def metric_caveats(query: MetricQuery, result: ResultSet, wording: Wording, now: datetime) -> tuple[str, ...]:
    told = caveats(query.period, result, wording.language, now)
    cut = sorted(partial_rows(query, result, wording, now))
    if query.grain is None or not cut:
        return told
    names = dict.fromkeys(wording.bucket(query.grain, result.rows[row][0]) for row in cut)
    return (*told, say(wording.language, "partial", items=", ".join(names)))


def caveats(period: Period | None, result: ResultSet, language: str, now: datetime) -> tuple[str, ...]:
    told = []
    if period is not None and period.to_now:
        told.append(say(language, "today_not_over"))
    if period is not None and period.start > now:
        told.append(say(language, "not_begun"))
    if result.truncated:
        told.append(say(language, "truncated", count=len(result.rows)))
    return tuple(told)
