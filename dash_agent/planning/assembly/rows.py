"""Questions that want to see rows, one by one, and not how many there are."""

from __future__ import annotations

from typing import Final

from dash_agent.context.business import CountMetric
from dash_agent.models.plan import ListPlan
from dash_agent.models.query import ListQuery
from dash_agent.planning.assembly import narrowing, times
from dash_agent.planning.assembly.draft import Draft, is_base
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.parts import unsupported
from dash_agent.planning.sentence import AnyFound
from dash_agent.planning.terms import BundleTerm, DimensionTerm, GrainTerm, MetricTerm, NumberTerm, TimeTerm, ValueTerm
from dash_agent.semantic.rows import of_clock

OF_A_NUMBER: Final = frozenset(Operator) - {
    Operator.SHOW,
    Operator.LIST,
    Operator.WHICH,
    Operator.WHERE,
    Operator.BY,
    Operator.ALONG,
    Operator.PER,
    Operator.AND,
    Operator.OR,
    Operator.EXCEPT,
    Operator.NOT,
    Operator.ONLY,
    Operator.ALSO,
    Operator.AFRESH,
    Operator.GOING_ON,
    Operator.THESE,
    Operator.FIGURES,
    Operator.GREETING,
    Operator.THANKS,
    Operator.HELP,
}
"""Words after which a number is meant, whatever else is said."""


def wanted(draft: Draft) -> bool:
    """By 'list …', 'show the tickets …' or 'which tickets …', where the metrics are counts of one table's rows."""
    sentence = draft.sentence
    metrics = [draft.metric(name) for name in draft.metrics]
    counts = [metric for metric in metrics if isinstance(metric, CountMetric) and metric.listed]
    if len(counts) != len(metrics) or len({metric.table for metric in counts}) != 1:
        return False
    split = set(sentence.all(DimensionTerm)) - narrowing.without(draft)
    if split or draft.dimensions or draft.grain or sentence.any(GrainTerm, BundleTerm):
        return False
    return not sentence.has(*OF_A_NUMBER) and (sentence.has(Operator.LIST) or _named(draft))


def could_be(draft: Draft) -> bool:
    """Whether the rows that the metrics count can be shown, and nothing asks for a number."""
    metrics = [draft.metric(name) for name in draft.metrics]
    listed = all(isinstance(metric, CountMetric) and metric.listed for metric in metrics)
    return listed and not draft.dimensions and not draft.sentence.has(*OF_A_NUMBER)


def check_not_wanted(draft: Draft) -> None:
    """'Show the tickets …' wants rows, which a number does not answer. Raises NotPlanned."""
    sentence = draft.sentence
    primary = draft.catalog.rules.primary_metric
    things = [found.start for found in sentence.all(MetricTerm) if found.term.name == primary]
    if (
        not things
        or len(draft.metrics) > 1
        or draft.dimensions
        or draft.grain
        or sentence.has(Operator.COUNT, Operator.SHARE)
    ):
        return
    shown = list(sentence.words_of(Operator.LIST, Operator.SHOW))
    shown += [found.words for found in sentence.operators(Operator.WHICH) if found.end in things]
    if shown:
        raise unsupported(*shown)


def _named(draft: Draft) -> bool:
    """The rows themselves are named beside a 'show', or right behind a 'which'."""
    sentence = draft.sentence
    table = next(iter(draft.tables(*draft.metrics)))
    if sentence.has(Operator.SHOW) and sentence.has(Operator.WHICH) and _is_worklist(draft):
        return True
    starts = [thing.begins for thing in sentence.things if table in thing.tables]
    if sentence.has(Operator.SHOW) and (starts or sentence.has(Operator.THESE)):
        return True
    return any(found.end in starts or _opens_rows(draft, found) for found in sentence.operators(Operator.WHICH))


def _opens_rows(draft: Draft, which: AnyFound) -> bool:
    """'Which high urgency tickets': a value between, or in whose words the rows are named."""
    sentence = draft.sentence
    if which.at + 1 >= len(sentence.found):
        return False
    value = sentence.found[which.at + 1]
    if not isinstance(value.term, ValueTerm) or sentence.has(Operator.COUNT):
        return False
    table = next(iter(draft.tables(*draft.metrics)))
    last = sentence.tokens[value.end - 1]
    within = any(table in thing.tables and thing.end == value.end and last.plural for thing in sentence.things)
    return within or any(table in thing.tables and thing.begins == value.end for thing in sentence.things)


def _is_worklist(draft: Draft) -> bool:
    """'What is stuck? Show me': a state of now is asked for by its rows."""
    return all(draft.catalog.is_state(draft.metric(name)) for name in draft.metrics)


def plan(draft: Draft) -> ListPlan:
    """Raises NotPlanned."""
    sentence = draft.sentence
    conditions = tuple(name for name in draft.metrics if not is_base(draft.metric(name)))
    draft.metrics = conditions or draft.metrics
    narrowing.read(draft)
    times.read(draft)
    clocked = [narrowing for narrowing in draft.filters if of_clock(narrowing)]
    if clocked:
        raise unsupported(*(found.words for found in sentence.all(ValueTerm)))
    if draft.compare is not None:
        raise unsupported(*(found.words for found in sentence.all(TimeTerm)))
    table = next(iter(draft.tables(*draft.metrics)))
    found = draft.catalog.tables[table]
    query = ListQuery(
        table,
        tuple(found.show or found.readable),
        draft.metrics,
        draft.filters,
        draft.period,
        limit=_limit(draft),
        parameters=tuple(draft.parameters.items()),
        among=draft.among,
    )
    sentence.take(Operator.LIST, Operator.WHERE)
    return ListPlan(query, (), tuple(draft.assumed))


def _limit(draft: Draft) -> int | None:
    """How many rows: a number right before what is listed. Any other number has no place in a list."""
    sentence = draft.sentence
    before = {thing.begins for thing in sentence.things}
    numbers = [found for found in sentence.all(NumberTerm) if not sentence.used(found)]
    counts = [found for found in numbers if found.end in before and found.term.value > 0]
    if len(counts) != len(numbers) or len(counts) > 1:
        raise unsupported(*(found.words for found in numbers))
    for found in counts:
        sentence.use(found, f"limit {found.term.value}")
        return found.term.value
    return None
