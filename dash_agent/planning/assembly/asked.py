"""Which metrics are asked for, and which only say of what rows: 'CSAT of escalated tickets' is one number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from dash_agent.context.business import (
    AverageMetric,
    CohortMetric,
    CountMetric,
    PercentileMetric,
    RatioMetric,
    SumMetric,
)
from dash_agent.models.query import Among, MetricQuery
from dash_agent.planning.assembly import following
from dash_agent.planning.assembly.bounds import bounded
from dash_agent.planning.assembly.draft import Draft, is_base, is_condition
from dash_agent.planning.assembly.scores import without_rows_bounds
from dash_agent.planning.languages import LANGUAGES
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.parts import unsupported
from dash_agent.planning.sentence import AnyFound, Found, Sentence, is_operator
from dash_agent.planning.terms import (
    BundleTerm,
    DimensionTerm,
    GrainTerm,
    MetricTerm,
    OperatorTerm,
    PercentileTerm,
    SuperlativeTerm,
    TimeTerm,
    TopicTerm,
    ValueTerm,
)

CHANGES = (Operator.CHANGE, Operator.DROP)
ASKING = (Operator.COUNT, Operator.SHARE, Operator.TREND, Operator.MOST, Operator.LEAST, Operator.TOP, Operator.BOTTOM)
"""Words that ask for a number of something."""

RATES = frozenset(word for language in LANGUAGES for word in language.rates)
"""Words that name a rate as one."""


def read(draft: Draft) -> None:
    """Fills metrics, among and parameters; leaves metrics empty where the question names none."""
    sentence = draft.sentence
    named = _once(sentence.all(MetricTerm))
    before = draft.setting.before
    if before is not None and names_only_rows(draft, before, named):
        sentence.use(named[0], "rows")
        return
    named = [found for found in named if not _is_divisor(draft, found)]
    named = without_rows_bounds(draft, named)
    held = bounded(draft, named)
    asked = [found for found in named if found not in held]
    asked = list(_less_rows(draft, asked)) if asked else held
    heads, conditions = _related(draft, asked)
    if before is not None and heads and _only_conditions(draft, heads):
        heads, conditions = [], [*conditions, *heads]
    _check_related(draft, heads)
    _check_beside_bundle(draft, heads)
    names = [*_bundles(draft), *(_meant(draft, found) for found in heads)]
    if names:
        names += [found.term.name for found in held if found not in asked]
    if not names and conditions and before is None:
        names = _rows_of(draft, conditions)
    if not names and not conditions:
        names = list(_implied(draft))
    draft.metrics = tuple(dict.fromkeys(names))
    draft.among = tuple(dict.fromkeys((*draft.among, *(_among(draft, found) for found in conditions))))
    _as_events(draft)
    _use_versus(draft, heads)
    for found in sentence.all(MetricTerm):
        if not sentence.used(found) and found.term in [known.term for known in named]:
            sentence.use(found, _became(found, conditions, draft))
    draft.sentence.take(Operator.COUNT)


def _check_beside_bundle(draft: Draft, heads: Sequence[AnyFound]) -> None:
    """'Who answers better, AI or people': what stands beside the figures of a name is a part of it, or in a list."""
    for bundle in draft.sentence.all(BundleTerm):
        own = draft.catalog.bundles[bundle.term.name].metrics
        others = [head for head in heads if head.term.name not in own]
        loose = [head for head in others if not _side_by_side(draft, *sorted((bundle, head), key=lambda f: f.start))]
        if loose:
            raise unsupported(*(head.words for head in loose), bundle.words)


def _use_versus(draft: Draft, heads: Sequence[AnyFound]) -> None:
    """A 'vs' between two metrics sets them side by side, and compares no periods."""
    for head in heads[1:]:
        versus = draft.sentence.follows(head, Operator.VERSUS)
        if versus is not None:
            draft.sentence.use(versus, Operator.VERSUS.value)


def _only_conditions(draft: Draft, heads: Sequence[Found[MetricTerm]]) -> bool:
    """A follow-up that opens with a preposition narrows what was asked before."""
    opens = following.narrows(draft.sentence, heads[0])
    return opens and all(is_condition(draft.metric(found.term.name)) for found in heads)


def _is_divisor(draft: Draft, found: Found[MetricTerm]) -> bool:
    """'Cheapest per ticket': the superlative is of a quotient by that."""
    quotients = [name for s in draft.sentence.all(SuperlativeTerm) for name in s.term.metrics]
    known = any(isinstance(draft.metric(name), RatioMetric) for name in quotients)
    if not known or not _divides(draft, found):
        return False
    draft.sentence.use(found, "divisor")
    return True


def _once(found: Sequence[Found[MetricTerm]]) -> list[Found[MetricTerm]]:
    return list({metric.term.name: metric for metric in reversed(found)}.values())[::-1]


def _became(found: Found[MetricTerm], conditions: Sequence[Found[MetricTerm]], draft: Draft) -> str:
    if found in conditions:
        return f"only {found.term.name}" if _is_negated(draft, found) is None else f"not {found.term.name}"
    return f"metric {found.term.name}"


def _less_rows(draft: Draft, asked: Sequence[Found[MetricTerm]]) -> Iterator[Found[MetricTerm]]:
    """Without the words that only name what is counted: 'tickets' beside 'resolution rate'.

    Raises NotPlanned where they divide: 'tokens per ticket' is no count of tokens.
    """
    bundles = bool(draft.sentence.all(BundleTerm))
    for found in asked:
        others = [other for other in asked if other is not found]
        names_rows = is_base(draft.metric(found.term.name)) and bool(others or bundles)
        if not names_rows or _stands_in_a_list(draft, found, others):
            yield found
            continue
        if draft.sentence.follows(found, Operator.COUNT) is not None and _only_rates(draft, others):
            raise unsupported(*(other.words for other in others))
        if not bundles and not any(_has_rows_of(draft, other.term.name, found.term.name) for other in others):
            yield found
        elif _divides(draft, found) and any(
            isinstance(draft.metric(other.term.name), CountMetric | SumMetric) for other in others
        ):
            raise unsupported(found.words)


def _only_rates(draft: Draft, others: Sequence[Found[MetricTerm]]) -> bool:
    """'How many tickets … negative feedback': a count is asked for, and a rate is no condition."""
    return bool(others) and all(draft.metric(other.term.name).unit == "percent" for other in others)


def _has_rows_of(draft: Draft, metric: str, base: str) -> bool:
    """Whether the metric is counted from the rows that `base` counts; of tickets, from rows that belong to one."""
    primary = base == draft.catalog.rules.primary_metric
    return draft.reaches(metric, base) if primary else bool(draft.tables(metric) & draft.tables(base))


def _check_related(draft: Draft, heads: Sequence[Found[MetricTerm]]) -> None:
    """'Tickets from new customers' is neither of the two numbers, and no condition is made of one."""
    for one, other in pairwise(heads):
        apart = draft.tables(one.term.name) != draft.tables(other.term.name)
        if apart and not _side_by_side(draft, one, other):
            raise unsupported(one.words, other.words)


def names_only_rows(draft: Draft, before: MetricQuery, named: Sequence[Found[MetricTerm]]) -> bool:
    """In a follow-up 'tickets' is the thing, not a new number: 'and only for tickets in Hebrew?'"""
    sentence = draft.sentence
    if len(named) != 1 or sentence.has(Operator.COUNT) or not is_base(draft.metric(named[0].term.name)):
        return False
    changed = sentence.any(ValueTerm, DimensionTerm, TimeTerm, GrainTerm)
    divides = _divides(draft, named[0])
    return (changed or divides) and all(draft.reaches(name, named[0].term.name) for name in before.metrics)


def _divides(draft: Draft, found: AnyFound) -> bool:
    near = draft.sentence.before(found)
    return near is not None and near.end == found.start and is_operator(near, Operator.PER)


def _stands_in_a_list(draft: Draft, found: AnyFound, others: Sequence[AnyFound]) -> bool:
    """Beside an 'and', or next to another metric in a list with commas: it is asked for itself."""
    sentence = draft.sentence
    if _is_counted(sentence, found) and any(_is_counted(sentence, other) for other in others):
        return True
    if any(sentence.follows(other, Operator.SORT) is not None for other in others):
        return True
    if _opens_a_list(draft, found, others):
        return True
    before, behind = sentence.before(found, Operator.COUNT), sentence.behind(found)
    if before is not None and is_operator(before, Operator.AND) and _counts_anew(sentence, before, found):
        return True
    if behind is not None and is_operator(behind, Operator.AND) and behind.at == found.at + 1:
        return True
    after = behind is not None and behind in others and sentence.comma_before(behind.start)
    return bool(others) and (sentence.comma_before(found.start) or after)


def _opens_a_list(draft: Draft, found: AnyFound, others: Sequence[AnyFound]) -> bool:
    """'How many refund requests … and what was their escalation rate': a number, and one of another kind behind it."""
    sentence = draft.sentence
    near = sentence.before(found)
    while near is not None and isinstance(near.term, TimeTerm | ValueTerm | TopicTerm):
        near = sentence.before(near)
    if near is None or not is_operator(near, Operator.COUNT):
        return False
    links = (
        sentence.before(other, Operator.WHICH) for other in others if not is_condition(draft.metric(other.term.name))
    )
    return any(link is not None and link.start > found.start and is_operator(link, Operator.AND) for link in links)


def _is_counted(sentence: Sentence, found: AnyFound) -> bool:
    """'How many …', 'how many of them …', 'how many yesterday …'."""
    near = sentence.before(found, Operator.THESE)
    while near is not None and isinstance(near.term, TimeTerm):
        near = sentence.before(near)
    return near is not None and is_operator(near, Operator.COUNT)


def _counts_anew(sentence: Sentence, link: AnyFound, found: AnyFound) -> bool:
    """Right behind the 'and', or behind an 'and the number of'."""
    return link.at + 1 == found.at or sentence.follows(found, Operator.COUNT) is not None


def _related(
    draft: Draft, asked: Sequence[Found[MetricTerm]]
) -> tuple[list[Found[MetricTerm]], list[Found[MetricTerm]]]:
    """The metrics that are wanted, and those that narrow them."""
    negated = [found for found in asked if _is_negated(draft, found) is not None]
    for found in negated:
        operator = _is_negated(draft, found)
        near = draft.sentence.before(operator) if operator is not None else None
        if near is not None and isinstance(near.term, DimensionTerm):
            # 'Agents without escalations' are groups that have none.
            raise unsupported(near.words, found.words)
        _use_negation(draft, found)
    heads, conditions = [found for found in asked if found not in negated], list(negated)
    for found in list(heads):
        others = [other for other in heads if other is not found]
        _check_no_tied_list(draft, found, others)
        if others and _narrows(draft, found, others):
            heads.remove(found)
            conditions.append(found)
    _check_no_list(draft, conditions, negated, heads)
    return heads, [found for found in conditions if not heads or not _names_rows(draft, found)]


def _check_no_tied_list(draft: Draft, found: Found[MetricTerm], others: Sequence[Found[MetricTerm]]) -> None:
    """'CSAT of escalated and auto-sent tickets': the first is tied to the CSAT, the second to the first."""
    near = draft.sentence.before(found)
    if (
        near is None
        or near not in others
        or not is_condition(draft.metric(found.term.name))
        or _side_by_side(draft, near, found)
    ):
        return
    if is_condition(draft.metric(near.term.name)) or is_base(draft.metric(near.term.name)):
        return
    link = draft.sentence.behind(found)
    other = draft.sentence.behind(link) if link is not None and is_operator(link, Operator.AND) else None
    if other is not None and other in others and is_condition(draft.metric(other.term.name)):
        raise unsupported(found.words, other.words)


def _check_no_list(
    draft: Draft, conditions: Sequence[AnyFound], negated: Sequence[AnyFound], heads: Sequence[Found[MetricTerm]]
) -> None:
    """'CSAT of escalated and auto-sent tickets' may mean both at once or each: neither is guessed."""
    tied = [found for found in conditions if found not in negated]
    for head in heads:
        near = draft.sentence.before(head)
        link = near is not None and is_operator(near, Operator.AND)
        before = draft.sentence.before(near) if near is not None and link else None
        if before in tied and is_condition(draft.metric(head.term.name)):
            raise unsupported(head.words)


def _names_rows(draft: Draft, found: Found[MetricTerm]) -> bool:
    """'Subscribers' are the active ones, and beside cancellations only the rows that are counted."""
    things = (thing for thing in draft.sentence.things if (thing.start, thing.end) == (found.start, found.end))
    return _is_negated(draft, found) is None and any(draft.tables(found.term.name) & set(t.tables) for t in things)


def _is_negated(draft: Draft, found: Found[MetricTerm]) -> Found[OperatorTerm] | None:
    if not is_condition(draft.metric(found.term.name)):
        return None
    return draft.sentence.follows(found, Operator.NOT, Operator.EXCEPT)


def _use_negation(draft: Draft, found: Found[MetricTerm]) -> None:
    operator = draft.sentence.follows(found, Operator.NOT, Operator.EXCEPT)
    if operator is not None:
        draft.sentence.use(operator, Operator.NOT.value)


def _narrows(draft: Draft, found: Found[MetricTerm], others: Sequence[Found[MetricTerm]]) -> bool:
    """A count of some rows, tied to another metric and not set beside it."""
    if not is_condition(draft.metric(found.term.name)):
        return False
    _check_no_state_of_events(draft, found, others)
    if _divides(draft, found) and _holds_rows(draft, found):
        raise unsupported(*(other.words for other in others), found.words)
    if not all(draft.reaches(other.term.name, found.term.name) for other in others):
        return False
    return not any(_side_by_side(draft, *sorted((found, other), key=lambda f: f.start)) for other in others)


def _check_no_state_of_events(draft: Draft, found: Found[MetricTerm], others: Sequence[Found[MetricTerm]]) -> None:
    """Who is active now has not left: a state of the same rows is no condition of who comes and goes."""
    if not draft.catalog.is_state(draft.metric(found.term.name)):
        return
    for other in others:
        parts = draft.catalog.counted(draft.metric(other.term.name))
        moves = any(isinstance(part, CohortMetric) or part.time is not None for part in parts)
        if moves and draft.tables(other.term.name) & draft.tables(found.term.name):
            raise unsupported(found.words)


def _holds_rows(draft: Draft, found: AnyFound) -> bool:
    """Its words name the rows, too: 'per escalated ticket'."""
    return any(found.start <= thing.start < found.end for thing in draft.sentence.things)


def _side_by_side(draft: Draft, first: AnyFound, second: AnyFound) -> bool:
    """Two numbers are wanted: 'resolved and escalated', 'resolved, escalated', 'escalations vs errors'."""
    sentence = draft.sentence
    between = [found for found in sentence.found if first.end <= found.start < second.start]
    if sentence.follows(second, Operator.BY) is not None and not sentence.has(*ASKING, Operator.SORT):
        return True
    linked = any(is_operator(found, Operator.AND, Operator.VERSUS, Operator.ALSO) for found in between)
    return linked or sentence.comma_between(first, second)


def _meant(draft: Draft, found: Found[MetricTerm]) -> str:
    """'How many negative feedbacks' counts what 'negative feedback' is the rate of; a state in a period is an event."""
    metric = draft.metric(found.term.name)
    words = {token.norm for token in draft.sentence.tokens[found.start : found.end]}
    counted = draft.sentence.follows(found, Operator.COUNT) is not None and not words & RATES
    if counted and isinstance(metric, RatioMetric) and metric.unit == "percent":
        return metric.numerator
    return found.term.name if is_base(metric) else _beside_topic(draft, found.term.name)


def _beside_topic(draft: Draft, name: str) -> str:
    """'Errors' of the AI are its mistakes; the tasks that it did are those done."""
    metric, topics = draft.metric(name), [topic.term.name for topic in draft.sentence.all(TopicTerm)]
    return next((metric.with_topic[topic] for topic in topics if topic in metric.with_topic), name)


def _bundles(draft: Draft) -> Iterator[str]:
    for found in draft.sentence.all(BundleTerm):
        draft.sentence.use(found, f"metrics of {found.term.name}")
        draft.sentence.take(Operator.COMPARE)
        yield from draft.catalog.bundles[found.term.name].metrics


def _rows_of(draft: Draft, conditions: Sequence[Found[MetricTerm]]) -> list[str]:
    """'Tickets without an answer' counts tickets: all rows of the table that the conditions are on."""
    tables = draft.tables(*(found.term.name for found in conditions))
    base = draft.base(next(iter(tables))) if len(tables) == 1 else None
    if base is None:
        raise unsupported(*(found.words for found in conditions))
    return [base]


def _among(draft: Draft, found: Found[MetricTerm]) -> Among:
    return Among(found.term.name, counts=_is_negated(draft, found) is None)


def _implied(draft: Draft) -> Iterator[str]:
    """The metric that a superlative is of: 'the slowest channel' is one by response time."""
    sentence = draft.sentence
    names = [name for found in sentence.all(DimensionTerm) for name in found.term.names]
    if sentence.has(*CHANGES):
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


def _as_events(draft: Draft) -> None:
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
    if primary in counts:
        counts = {primary}
    if len(counts) == 1 and (only := counts.pop()) is not None:
        yield _beside_topic(draft, only)


def _unused(draft: Draft, operator: Operator) -> bool:
    return any(not draft.sentence.used(found) for found in draft.sentence.operators(operator))


def _check_one_variant(draft: Draft) -> None:
    """'Median and p95' are two numbers of one metric, and a query has one."""
    sentence = draft.sentence
    said: list[AnyFound] = [*sentence.operators(Operator.AVERAGE, Operator.MEDIAN), *sentence.all(PercentileTerm)]
    for found in said:
        denied = sentence.follows(found, Operator.NOT)
        if denied is not None and len(said) > 1:
            sentence.use(denied, Operator.NOT.value)
            sentence.use(found, f"not {found.words}")
    said = [found for found in said if not sentence.used(found)]
    if len({found.term for found in said}) > 1:
        raise unsupported(*(found.words for found in said))


def read_variant(draft: Draft) -> None:
    """The average, the median or a percentile of a metric that has them."""
    sentence, kinds = draft.sentence, [draft.metric(name) for name in draft.metrics]
    percentile = any(isinstance(metric, PercentileMetric) for metric in kinds)
    _check_one_variant(draft)
    for found in sentence.all(PercentileTerm):
        if not percentile:
            raise unsupported(found.words)
        draft.parameters["percentile"] = found.term.fraction
        draft.parameters.pop("aggregate", None)
        sentence.use(found, f"percentile {found.term.fraction}")
    if _unused(draft, Operator.MEDIAN):
        if not percentile:
            raise unsupported(*sentence.words_of(Operator.MEDIAN))
        draft.parameters = {k: v for k, v in draft.parameters.items() if k not in ("aggregate", "percentile")}
        sentence.take(Operator.MEDIAN)
    if _unused(draft, Operator.AVERAGE):
        if not percentile and not any(isinstance(metric, AverageMetric | RatioMetric) for metric in kinds):
            raise unsupported(*sentence.words_of(Operator.AVERAGE))
        if percentile:
            draft.parameters.pop("percentile", None)
            draft.parameters["aggregate"] = "average"
        sentence.take(Operator.AVERAGE)
