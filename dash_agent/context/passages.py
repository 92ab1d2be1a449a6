"""The six layers of context as passages that can be searched and read by a model. Nothing personal is among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from dash_agent.context.business import (
    AverageMetric,
    CohortMetric,
    CountMetric,
    Metric,
    PercentileMetric,
    RatioMetric,
    SumMetric,
    Value,
)
from dash_agent.context.catalog import DIMENSIONS, METRICS, Catalog
from dash_agent.context.content import RULES, VALUES, table_file
from dash_agent.context.documents import Document
from dash_agent.context.files import LocalText, LocalWords
from dash_agent.context.patterns import Pattern
from dash_agent.context.pieces import pieces
from dash_agent.context.quoting import quoted, quoted_list
from dash_agent.context.tables import Column, Table
from dash_agent.context.targets import TARGETS
from dash_agent.models.planned import Passage

MOST_LIVE: Final = 40
"""Live values that a passage names."""

MOST_MISSING: Final = 60
"""Words for what the data does not hold that a passage names, by language."""


def passages(
    catalog: Catalog, documents: Iterable[Document] = (), live: Mapping[str, Sequence[str]] | None = None
) -> tuple[Passage, ...]:
    """live: distinct values by dimension, as `runtime.live_values` finds them."""
    return (
        *(table_passage(table) for table in catalog.tables.values()),
        *(column for table in catalog.tables.values() for column in _columns(table)),
        *(_metric(metric) for metric in catalog.metrics.values()),
        *_dimensions(catalog),
        *(_value(value) for value in catalog.values),
        *_rules(catalog),
        *_targets(catalog),
        *(_pattern(pattern) for pattern in catalog.patterns.values()),
        *(piece for document in documents for piece in _document(document)),
        *_live(catalog, live or {}),
    )


# Tables


def table_passage(table: Table) -> Passage:
    shown = ", ".join(f"{column.name} {column.type}" for column in table.columns if not column.personal)
    joins = "; ".join(f"{table.table}.{join.column} = {join.to}" for join in table.joins)
    lines = [
        f"{table.table}: {table.description} Key: {table.primary_key}. Columns: {shown}.",
        f"Joins, each to at most one row: {joins}." if joins else "",
        f"A period is of {table.time}." if table.time else "",
        "Only metrics read it: SQL can't name it." if table.query is not None else "",
        *table.notes,
    ]
    words = _words(table.label, table.synonyms)
    return Passage("table", table.table, table_file(table.table), _joined(lines), words=words)


def _columns(table: Table) -> Iterator[Passage]:
    for column in table.columns:
        if not column.personal:
            name = f"{table.table}.{column.name}"
            yield Passage("column", name, table_file(table.table), _column(name, column), words=_words(column.label))


def _column(name: str, column: Column) -> str:
    nullable = ", may be null" if column.nullable else ""
    return _joined([f"{name} ({column.type}{nullable}): {column.description}", column.notes])


# Definitions


def _metric(metric: Metric) -> Passage:
    lines = [f"{metric.name} ({metric.unit}): {metric.description}", f"{formula(metric)}."]
    ranked = (metric.superlatives.most, metric.superlatives.least)
    return Passage("metric", metric.name, METRICS, _joined(lines), words=_words(metric.label, metric.synonyms, *ranked))


def formula(metric: Metric) -> str:
    """How it is counted, in the files' own SQL."""
    match metric:
        case RatioMetric():
            return f"{metric.scale} * {metric.numerator} / {metric.denominator}"
        case CohortMetric():
            return f"{metric.counts} of the cohort of {metric.table} from {metric.enters} to {metric.leaves}"
        case CountMetric():
            counted = f"count(DISTINCT {metric.distinct})" if metric.distinct else "count(*)"
        case SumMetric():
            counted = f"sum({metric.value})" + (f" / {metric.divisor}" if metric.divisor > 1 else "")
        case AverageMetric():
            counted = f"avg({metric.value})"
        case PercentileMetric():
            counted = f"percentile {metric.percentile} of {metric.value}"
    where = f" WHERE {metric.where}" if metric.where else ""
    time = f", dated by {metric.time}" if metric.time else ""
    return f"{counted} FROM {metric.table}{where}{time}" + (", as of now, without a period" if metric.state else "")


def _dimensions(catalog: Catalog) -> Iterator[Passage]:
    for dimension in catalog.dimensions.values():
        stored = [name for value in catalog.values if value.dimension == dimension.name for name in value.stored]
        values = f"Values: {quoted_list(dict.fromkeys(stored), MOST_LIVE)}." if stored else ""
        text = _joined([f"{dimension.name} ({dimension.column}): {dimension.description}", values])
        yield Passage("dimension", dimension.name, DIMENSIONS, text, words=_words(dimension.label, dimension.synonyms))


def _value(value: Value) -> Passage:
    stored = ", ".join(map(quoted, value.stored))
    name = f"{value.dimension}={value.name or value.value}"
    text = f"{value.dimension} IN ({stored})" if len(value.stored) > 1 else f"{value.dimension} = {stored}"
    return Passage("value", name, VALUES, text, words=_words(value.label, value.synonyms))


def _rules(catalog: Catalog) -> Iterator[Passage]:
    rules = catalog.rules
    usual = (
        f"Without a period, the last {rules.default_days} days are meant. A bare count is of {rules.primary_metric}."
    )
    yield Passage("rule", "defaults", RULES, usual, words="default period")
    for constant in rules.constants:
        text = f"{constant.name} = {constant.value} {constant.unit}: {constant.description}"
        yield Passage("rule", constant.name, RULES, text)
    for bundle in rules.bundles:
        text = f"{bundle.name}: asked for together, {', '.join(bundle.metrics)}."
        yield Passage("rule", bundle.name, RULES, text, words=_words(bundle.label, bundle.synonyms))
    missing = [word for words in rules.unavailable.values() for word in words]
    if missing:
        shown = ", ".join(rules.unavailable.get("en", missing)[:MOST_MISSING])
        text = f"The data does not hold these, so a question about them is refused: {shown}."
        yield Passage("rule", "unavailable", RULES, text, words=", ".join(missing))


def _targets(catalog: Catalog) -> Iterator[Passage]:
    for target in catalog.targets:
        of_all = f"{target.value}" if target.value is not None else ""
        groups = ", ".join(f"{quoted(group)} {bound}" for group, bound in target.values.items())
        by_group = f"by {target.dimension}: {groups}" if groups else ""
        text = f"Target of {target.metric}: {'; '.join(filter(None, (of_all, by_group)))}."
        label = catalog.metrics[target.metric].label
        yield Passage("rule", f"target {target.metric}", TARGETS, text, words=_words(label) + ", цель, goal")


def _pattern(pattern: Pattern) -> Passage:
    header = pattern.header
    taken = "; ".join(f"{name} {one.type} from {one.fills}" for name, one in header.parameters.items())
    asked = " | ".join(header.questions.get("en", ())[:2])
    lines = [
        f"{header.name}: {header.description}",
        f"Answers questions like: {asked}" if asked else "",
        f"Parameters: {taken}." if taken else "",
        f"Columns: {', '.join(header.columns)}.",
    ]
    words = _words(header.label, header.phrases, header.questions)
    return Passage("pattern", header.name, pattern.file, _joined(lines), words=words)


# Knowledge and what is live


def _document(document: Document) -> Iterator[Passage]:
    """The summary stands with what is above the first heading, and leads to the document where nothing is. Answers in
    other languages are words that a piece is found by.
    """
    front = document.front
    name = document.file.removeprefix("knowledge/").removesuffix(".md")
    examples = tuple(example for few in front.examples.values() for example in few)
    found = list(pieces(document))
    opening = [front.summary, *(piece.text for piece in found if piece.name == name)]
    text = f"{front.title}: {_joined(opening)}"
    words = ", ".join((front.title, *front.tags, *examples, *front.answers.values()))
    yield Passage("document", name, document.file, text, words=words)
    for piece in found:
        if piece.name != name:
            words = ", ".join(filter(None, (front.title, piece.heading, *front.tags)))
            titled = ", ".join(filter(None, (front.title, piece.heading)))
            said = front.section_answers.get(piece.heading, {}).values()
            yield Passage(
                "document", piece.name, document.file, f"{titled}: {piece.text}", words=", ".join((words, *said))
            )


def _live(catalog: Catalog, live: Mapping[str, Sequence[str]]) -> Iterator[Passage]:
    for name, values in live.items():
        dimension = catalog.dimensions[name]
        text = f"{dimension.column} holds now: {quoted_list(values, MOST_LIVE)}."
        table = dimension.column.partition(".")[0]
        yield Passage("live", name, table_file(table), text, words=_words(dimension.label))


def _words(label: LocalText, *more: LocalWords) -> str:
    """What people call it, each word once, the labels first."""
    found = [*label.values(), *(word for words in more for few in words.values() for word in few)]
    return ", ".join(dict.fromkeys(found))


def _joined(lines: Iterable[str]) -> str:
    return " ".join(filter(None, lines))
