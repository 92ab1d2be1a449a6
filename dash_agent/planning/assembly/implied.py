"""The number that is asked for where none is named."""

from __future__ import annotations

from collections.abc import Iterator

from dash_agent.context.business import (
    CountMetric,
)
from dash_agent.planning.assembly.draft import Draft, is_base
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.sentence import AnyFound
from dash_agent.planning.terms import (
    DimensionTerm,
    GrainTerm,
    SuperlativeTerm,
    TimeTerm,
    TopicTerm,
    ValueTerm,
)

CHANGES = (Operator.CHANGE, Operator.DROP)
ASKING = (Operator.COUNT, Operator.SHARE, Operator.TREND, Operator.MOST, Operator.LEAST, Operator.TOP, Operator.BOTTOM)
"""Words that ask for a number of something."""


def implied(draft: Draft) -> Iterator[str]:
    """The metric that a superlative is of: 'the slowest channel' is one by response time."""
    sentence = draft.sentence
    names = [name for found in sentence.all(DimensionTerm) for name in found.term.names]
    if sentence.has(*CHANGES) and not sentence.has(Operator.WHY):
        # 'Which grew the fastest' is no question of a time.
        return
    for found in sentence.all(SuperlativeTerm):
        fitting = [metric for metric in found.term.metrics if all(draft.applies(name, (metric,)) for name in names)]
        yield from fitting[:1]
        return
    if sentence.has(Operator.BUSIEST):
        yield draft.catalog.rules.primary_metric
    elif draft.setting.before is None and not sentence.has(Operator.FIGURES):
        counted = list(_counted(draft))
        if not counted and sentence.has(Operator.SHARE) and names:
            counted = [draft.catalog.rules.primary_metric]
        yield from counted


def _counted(draft: Draft) -> Iterator[str]:
    """'Refund requests by country', 'звонки за вчера': values name what is counted, where something is asked of it."""
    sentence = draft.sentence
    dimensions = draft.catalog.dimensions
    if not (sentence.any(TimeTerm, GrainTerm, DimensionTerm) or sentence.has(*ASKING)):
        return
    named = [
        dimensions[name] for found in sentence.all(ValueTerm) for name, _ in found.term.choices if name in dimensions
    ]
    counts = {d.counts or draft.base(d.column.partition(".")[0]) for d in named}
    said = [dimensions[name] for found in sentence.all(DimensionTerm) for name in found.term.names]
    counts |= {d.counts for d in said if d.counts}
    primary = draft.catalog.rules.primary_metric
    done = {name for name in counts if name is not None and beside_topic(draft, name) != name}
    if len(done) == 1:
        # 'How often did the AI change an address' is about what it did, not about what was asked for.
        counts = {*done}
    elif primary in counts:
        counts = {primary}
    if len(counts) == 1 and (only := counts.pop()) is not None:
        yield beside_topic(draft, only)


def beside_topic(draft: Draft, name: str) -> str:
    """'Errors' of the AI are its mistakes; the tasks that it did are those done."""
    metric, topics = draft.metric(name), [topic.term.name for topic in draft.sentence.all(TopicTerm)]
    return next((metric.with_topic[topic] for topic in topics if topic in metric.with_topic), name)


def as_events(draft: Draft) -> None:
    """'Subscriptions that were cancelled in January' are those that left then, whenever they began."""
    sentence = draft.sentence
    if not sentence.any(TimeTerm) or len(draft.metrics) != 1 or not is_base(draft.metric(draft.metrics[0])):
        return
    for found in sentence.all(ValueTerm):
        for dimension, stored in found.term.choices:
            table, column = draft.column(dimension)
            states = [
                metric.with_period
                for metric in draft.catalog.metrics.values()
                if isinstance(metric, CountMetric)
                and metric.with_period is not None
                and metric.table == table
                and [metric.where] == [f"{column} = '{value}'" for value in stored]
            ]
            if states and table in draft.tables(*draft.metrics) and _is_plain(draft, found):
                draft.metrics = (states[0],)
                sentence.use(found, f"metric {states[0]}")
                return


def _is_plain(draft: Draft, found: AnyFound) -> bool:
    return draft.sentence.follows(found, Operator.NOT, Operator.EXCEPT) is None and not draft.sentence.joined(found)
