"""The part of the content that a semantic model and a parser can be made of, whatever is wrong with the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from dash_agent.context.business import Bundle, CohortMetric, Dimension, Metric, RatioMetric, RulesFile
from dash_agent.context.catalog import Catalog, catalog_of
from dash_agent.context.content import DIMENSIONS, METRICS, RULES, VALUES, Content
from dash_agent.context.patterns import Pattern
from dash_agent.context.tables import Table
from dash_agent.context.targets import bound

TARGET: Final = "target:"


def sound_catalog(content: Content, bad_metrics: Collection[str], bad_tables: Collection[str]) -> Catalog | None:
    """What holds together, None where nothing does without the rest. bad: those whose SQL can't be used."""
    rules = content.rules
    if rules is None or content.broken & {METRICS, DIMENSIONS, VALUES, RULES}:
        return None
    tables = {name: table for name, table in content.tables.items() if name not in bad_tables}
    tables = {name: _timed(_joined(table, tables), content.metrics) for name, table in tables.items()}
    dimensions = [found for d in content.dimensions if (found := _reached(d, tables)) is not None]
    named = {dimension.name for dimension in dimensions}
    metrics = {m.name: _split(m, named) for m in _counted(content.metrics, tables, bad_metrics)}
    if rules.primary_metric not in metrics:
        return None
    metrics = {name: _meant(metric, metrics) for name, metric in metrics.items()}
    dimensions = [_tied(dimension, named, metrics) for dimension in dimensions]
    values = [value for value in content.values if value.dimension in named and value.stored]
    constants = {constant.name for constant in rules.constants}
    patterns = {n: p for n, p in content.patterns.items() if _filled(p, named, constants, metrics, content)}
    whole = catalog_of(content, _bundled(rules, metrics, named))
    return Catalog(
        version=whole.version,
        tables=tables,
        metrics=metrics,
        dimensions={dimension.name: dimension for dimension in dimensions},
        values=tuple(values),
        rules=whole.rules,
        patterns=patterns,
        targets=tuple(target for target in content.targets if target.metric in metrics),
    )


def words_left_out(content: Content, catalog: Catalog) -> Iterator[str]:
    """Phrases of what is not in the sound part as the files have it: a question with one of them can't be judged."""
    for dropped in content.dropped.values():
        for items in dropped.values():
            yield from _texts(list(items.values()))
    kept_values = set(map(id, catalog.values))
    metrics = [m for m in content.metrics if catalog.metrics.get(m.name) != m]
    things: list[tuple[str, object]] = [(m.name, [m.synonyms, m.superlatives.model_dump()]) for m in metrics]
    things += [(d.name, d.synonyms) for d in content.dimensions if catalog.dimensions.get(d.name) != d]
    things += [(" ".join(v.stored), v.synonyms) for v in content.values if id(v) not in kept_values]
    things += [(b.name, b.synonyms) for b in content.bundles if b.name not in catalog.bundles]
    things += [(t.name, t.synonyms) for t in content.topics if t not in catalog.rules.topics]
    things += [(t.table, t.synonyms) for t in content.tables.values() if t.table not in catalog.tables]
    things += [(n, p.header.phrases) for n, p in content.patterns.items() if n not in catalog.patterns]
    for name, words in things:
        yield name.replace("_", " ")
        yield from _texts(words)


def _texts(data: object) -> Iterator[str]:
    if isinstance(data, str):
        yield data.replace("_", " ")
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)


def _joined(table: Table, tables: Mapping[str, Table]) -> Table:
    """The table with the joins that lead somewhere, and the columns that it names of its own."""
    joins = [
        join
        for join in table.joins
        if table.column(join.column) and (other := tables.get(join.table)) and other.column(join.key)
    ]
    show = [name for name in table.show if name in table.readable]
    time, listed_by = (name if name and table.column(name) else None for name in (table.time, table.listed_by))
    return table.model_copy(update={"joins": joins, "show": show, "time": time, "listed_by": listed_by})


def _timed(table: Table, metrics: Collection[Metric]) -> Table:
    """Where periods are to go by the table's time and it can't be used, any moment stands in: what is asked of its
    metrics is judged all the same.
    """
    missed = (m for m in metrics if not isinstance(m, RatioMetric) and m.time is None and not m.state)
    if table.time is not None or all(metric.table != table.table for metric in missed):
        return table
    moment = next((column.name for column in table.columns if column.type == "timestamptz"), None)
    return table.model_copy(update={"time": moment})


def _reached(dimension: Dimension, tables: Mapping[str, Table]) -> Dimension | None:
    if not _readable(dimension.column, tables):
        return None
    on = {table: dotted for table, dotted in dimension.on.items() if table in tables and _readable(dotted, tables)}
    return dimension.model_copy(update={"on": on})


def _readable(dotted: str, tables: Mapping[str, Table]) -> bool:
    table, _, column = dotted.partition(".")
    return table in tables and column in tables[table].readable


def _counted(metrics: Collection[Metric], tables: Mapping[str, Table], bad: Collection[str]) -> Iterator[Metric]:
    """Counted metrics whose table is there, and ratios of two of them."""
    counted = {m.name for m in metrics if not isinstance(m, RatioMetric) and m.name not in bad and m.table in tables}
    for metric in metrics:
        parts = {metric.numerator, metric.denominator} if isinstance(metric, RatioMetric) else {metric.name}
        if parts <= counted:
            yield metric


def _split(metric: Metric, dimensions: Collection[str]) -> Metric:
    known = metric.default_split is None or metric.default_split in dimensions
    return metric if known else metric.model_copy(update={"default_split": None})


def _meant(metric: Metric, metrics: Mapping[str, Metric]) -> Metric:
    """The metric with those others that it may stand for and that are there."""
    topics = {topic: other for topic, other in metric.with_topic.items() if other in metrics}
    metric = metric.model_copy(update={"with_topic": topics})
    if isinstance(metric, RatioMetric | CohortMetric) or metric.with_period is None or metric.with_period in metrics:
        return metric
    return metric.model_copy(update={"with_period": None})


def _tied(dimension: Dimension, dimensions: Collection[str], metrics: Collection[str]) -> Dimension:
    """The dimension with the one whose words it borrows and the metric that it counts, where they are there."""
    values_of = dimension.values_of if dimension.values_of in dimensions else None
    counts = dimension.counts if dimension.counts in metrics else None
    return dimension.model_copy(update={"values_of": values_of, "counts": counts})


def _bundled(rules: RulesFile, metrics: Collection[str], dimensions: Collection[str]) -> RulesFile:
    bundles: list[Bundle] = [bundle for bundle in rules.bundles if set(bundle.metrics) <= set(metrics)]
    topics = [
        topic.model_copy(
            update={
                "metrics": [name for name in topic.metrics if name in metrics],
                "doings": [name for name in topic.doings if name in metrics],
                "others": [name for name in topic.others if name in dimensions],
            }
        )
        for topic in rules.topics
    ]
    drivers = [name for name in rules.drivers if name in dimensions]
    return rules.model_copy(update={"bundles": bundles, "topics": topics, "drivers": drivers})


def _is_aimed(fills: str, content: Content) -> bool:
    return bound(content.targets, fills.removeprefix(TARGET)) is not None


def _filled(
    pattern: Pattern,
    dimensions: Collection[str],
    constants: Collection[str],
    metrics: Collection[str],
    content: Content,
) -> bool:
    known = {"period.start", "period.end"}
    known |= {f"dimension:{name}" for name in dimensions} | {f"constant:{name}" for name in constants}
    fills = {parameter.fills for parameter in pattern.header.parameters.values()}
    known |= {name for name in fills if name.startswith(TARGET) and _is_aimed(name, content)}
    return fills <= known and (pattern.header.metric is None or pattern.header.metric in metrics)
