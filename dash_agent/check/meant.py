"""What is meant where a question leaves it open: whose words a value's are, what is counted, what a topic changes."""

from __future__ import annotations

from collections.abc import Iterator

from dash_agent.check.rule import Found, Rule
from dash_agent.check.subject import Subject
from dash_agent.context.business import CountMetric, Dimension
from dash_agent.context.content import DIMENSIONS, METRICS
from dash_agent.semantic.resolve import applies


def borrowed_values_are_the_same(subject: Subject) -> Iterator[Found]:
    """`values_of` names another dimension with words of its own, whose column is of the same type, and of the values
    that are known of both some are the same.
    """
    named = {dimension.name: dimension for dimension in subject.content.dimensions}
    for index, dimension in enumerate(subject.content.dimensions):
        other = named.get(dimension.values_of or "")
        said = _not_the_same(subject, dimension, other) if other is not None else None
        if said is not None:
            yield Found(DIMENSIONS, f"dimensions[{index}].values_of", said)


def _not_the_same(subject: Subject, one: Dimension, other: Dimension) -> str | None:
    if one.name == other.name:
        return f"'{one.name}' is the dimension itself; name the one whose words its values share, or leave the key out"
    if other.values_of is not None:
        return f"'{other.name}' borrows its words itself; name '{other.values_of}'"
    types = [_type(subject, dimension) for dimension in (one, other)]
    if None not in types and types[0] != types[1]:
        said = f"the column of '{one.name}' is {types[0]}, and that of '{other.name}' {types[1]}"
        return f"{said}; name the dimension that holds the same values"
    here, there = (_values(subject, dimension) for dimension in (one, other))
    if here and there and here.isdisjoint(there):
        said = f"'{min(here)}' is a value of '{one.name}', '{min(there)}' one of '{other.name}', and none is of both"
        return f"{said}; name the dimension that holds the same values"
    return None


def _type(subject: Subject, dimension: Dimension) -> str | None:
    table, _, name = dimension.column.partition(".")
    found = subject.content.tables.get(table)
    column = found.column(name) if found is not None else None
    return column.type if column is not None else None


def _values(subject: Subject, dimension: Dimension) -> set[str]:
    """Of the files, and of the database where it is looked at."""
    written = {v for value in subject.content.values if value.dimension == dimension.name for v in value.stored}
    return written | set(subject.live_values.get(dimension.name, ()))


def dimensions_count_rows(subject: Subject) -> Iterator[Found]:
    """The metric that a dimension `counts` is one of kind 'count', and can be split by the dimension."""
    for index, dimension in enumerate(subject.content.dimensions):
        metric = subject.metrics_by_name.get(dimension.counts or "")
        place = f"dimensions[{index}].counts"
        if metric is None:
            continue
        if not isinstance(metric, CountMetric):
            said = f"'{metric.name}' is of kind '{metric.kind}', and values are counted; "
            yield Found(DIMENSIONS, place, said + _counts_of(subject, dimension))
        elif _are_known(subject, metric.name, dimension.name) and not _splits(subject, metric.name, dimension.name):
            said = f"'{metric.name}' counts rows of '{metric.table}', which have no '{dimension.name}'; "
            yield Found(DIMENSIONS, place, said + _counts_of(subject, dimension))


def _are_known(subject: Subject, metric: str, dimension: str) -> bool:
    catalog = subject.model.catalog if subject.model is not None else None
    return catalog is not None and metric in catalog.metrics and dimension in catalog.dimensions


def _splits(subject: Subject, metric: str, dimension: str) -> bool:
    return subject.model is not None and applies(subject.model, metric, dimension)


def _counts_of(subject: Subject, dimension: Dimension) -> str:
    """What next: a count of the rows that have the values."""
    table = dimension.column.partition(".")[0]
    found = [m.name for _, m in subject.metrics if isinstance(m, CountMetric) and m.table == table]
    return f"name a count of them, such as '{found[0]}'" if found else "leave the key out"


def topics_name_what_they_change(subject: Subject) -> Iterator[Found]:
    """The metric that `with_topic` puts in another's place is another one, and the topic names it among its metrics."""
    topics = subject.content.topics
    for place, metric in subject.metrics:
        for name, other in metric.with_topic.items():
            at = next((index for index, topic in enumerate(topics) if topic.name == name), None)
            if at is None or other not in subject.metrics_by_name:
                continue
            where = f"topics[{at}].metrics in business/rules.json"
            if other == metric.name:
                said = f"'{other}' is the metric itself; leave it out: what a topic is about stands in {where}"
                yield Found(METRICS, f"{place}.with_topic.{name}", said)
            elif not any(other in topic.metrics for topic in topics if topic.name == name):
                said = f"the topic '{name}' does not name '{other}', so a question with both would be refused; "
                yield Found(METRICS, f"{place}.with_topic.{name}", f"{said}put '{other}' into {where}")


RULES = (
    Rule("values-of", borrowed_values_are_the_same),
    Rule("counted-metric", dimensions_count_rows),
    Rule("topic-metric", topics_name_what_they_change),
)
