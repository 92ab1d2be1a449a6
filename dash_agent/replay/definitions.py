"""Which definitions that an answer rests on have changed, from what to what, and in which file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dash_agent.context.catalog import Catalog
from dash_agent.context.content import HOLDERS, table_file
from dash_agent.models.plan import Executable, ListPlan, MetricPlan, PatternPlan
from dash_agent.models.query import Condition, Filter, ListQuery, MetricQuery
from dash_agent.preview.changes import WORDING, Change, Value, changes, flat
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.rows import of_clock

OF_A_LIST: Final = ("time", "listed_by", "primary_key", "query")
MERE_WORDS: Final = (*WORDING, "superlatives", "header.label", "header.description", "header.phrases",
                     "header.questions", "file")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moved:
    """A change and its file, relative to the content folder."""

    file: str
    change: Change


def moved(before: Catalog, after: Catalog, plan: Executable) -> tuple[Moved, ...]:
    """Every field that differs in what the plan rests on, without mere wording, each once.

    Raises ContentError where the SQL of a definition does not parse.
    """
    found = dict.fromkeys(_changes(before, after, plan))
    return tuple(Moved(_file(change), change) for change in found if not change.field.startswith(MERE_WORDS))


def _changes(before: Catalog, after: Catalog, plan: Executable) -> Iterator[Change]:
    match plan:
        case MetricPlan():
            yield from _of_metrics(before, after, _metrics(plan.query), _dimensions(plan.query))
        case ListPlan():
            yield from _of_metrics(before, after, _metrics(plan.query), _dimensions(plan.query))
            was, is_now = (_of_list(catalog, plan.query.table) for catalog in (before, after))
            yield from _between("table", plan.query.table, was, is_now)
        case PatternPlan():
            sides = (catalog.patterns.get(plan.name) for catalog in (before, after))
            was, is_now = (flat(pattern) if pattern is not None else None for pattern in sides)
            yield from _between("pattern", plan.name, was, is_now)
        case _:
            return


def _of_metrics(before: Catalog, after: Catalog, metrics: Sequence[str], dimensions: Sequence[str]) -> Iterator[Change]:
    old, new = SemanticModel(before), SemanticModel(after)
    for name in metrics:
        was, is_now = name in before.metrics, name in after.metrics
        if was and is_now:
            yield from changes(old, new, name, dimensions)
        elif was or is_now:
            yield Change("metric", name, "", name if was else None, name if is_now else None)


def _metrics(query: MetricQuery | ListQuery) -> tuple[str, ...]:
    names = [*query.metrics, *(among.metric for among in query.among)]
    if isinstance(query, MetricQuery):
        names += [having.metric for having in query.having]
        names += [one.metric for one in query.part if not isinstance(one, Filter)]
    return tuple(dict.fromkeys(names))


def _dimensions(query: MetricQuery | ListQuery) -> tuple[str, ...]:
    conditions: list[Condition] = [*query.filters]
    names = list(query.columns) if isinstance(query, ListQuery) else list(query.dimensions)
    if isinstance(query, MetricQuery):
        conditions += query.part
    names += [one.dimension for one in conditions if isinstance(one, Filter) and not of_clock(one)]
    return tuple(dict.fromkeys(names))


def _of_list(catalog: Catalog, name: str) -> Mapping[str, Value] | None:
    table = catalog.tables.get(name)
    return {key: getattr(table, key) for key in OF_A_LIST} if table else None


def _between(
    kind: str, name: str, was: Mapping[str, Value] | None, is_now: Mapping[str, Value] | None
) -> Iterator[Change]:
    if was is None or is_now is None:
        if was is not None or is_now is not None:
            yield Change(kind, name, "", None if was is None else name, None if is_now is None else name)
        return
    for field in dict.fromkeys((*is_now, *was)):
        if was.get(field) != is_now.get(field):
            yield Change(kind, name, field, was.get(field), is_now.get(field))


def _file(change: Change) -> str:
    match change.of:
        case "table":
            return table_file(change.name)
        case "pattern":
            return f"queries/{change.name}.sql"
        case kind:
            return HOLDERS[kind][0]
