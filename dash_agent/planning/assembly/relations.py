"""Metrics named beside each other: numbers of their own, or conditions of one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from dash_agent.context.business import (
    CohortMetric,
    CountMetric,
    SumMetric,
)
from dash_agent.planning.assembly.draft import Draft, is_base, is_condition
from dash_agent.planning.assembly.implied import ASKING
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.parts import unsupported
from dash_agent.planning.sentence import AnyFound, Found, Sentence, is_operator
from dash_agent.planning.terms import (
    BundleTerm,
    DimensionTerm,
    MetricTerm,
    OperatorTerm,
    TimeTerm,
    TopicTerm,
    ValueTerm,
)


def less_rows(draft: Draft, asked: Sequence[Found[MetricTerm]]) -> Iterator[Found[MetricTerm]]:
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
        elif divides(draft, found) and any(
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
    after = behind is not None and behind in others and sentence.comma_between(found, behind)
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


def check_related(draft: Draft, heads: Sequence[Found[MetricTerm]]) -> None:
    """'Tickets from new customers' is neither of the two numbers, and no condition is made of one."""
    for one, other in pairwise(heads):
        apart = draft.tables(one.term.name) != draft.tables(other.term.name)
        if apart and not side_by_side(draft, one, other):
            raise unsupported(one.words, other.words)


def related(
    draft: Draft, asked: Sequence[Found[MetricTerm]]
) -> tuple[list[Found[MetricTerm]], list[Found[MetricTerm]]]:
    """The metrics that are wanted, and those that narrow them."""
    negated = [found for found in asked if is_negated(draft, found) is not None]
    for found in negated:
        operator = is_negated(draft, found)
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
        or side_by_side(draft, near, found)
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
    return is_negated(draft, found) is None and any(draft.tables(found.term.name) & set(t.tables) for t in things)


def is_negated(draft: Draft, found: Found[MetricTerm]) -> Found[OperatorTerm] | None:
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
    if divides(draft, found) and _holds_rows(draft, found):
        raise unsupported(*(other.words for other in others), found.words)
    if not all(draft.reaches(other.term.name, found.term.name) for other in others):
        return False
    return not any(side_by_side(draft, *sorted((found, other), key=lambda f: f.start)) for other in others)


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


def side_by_side(draft: Draft, first: AnyFound, second: AnyFound) -> bool:
    """Two numbers are wanted: 'resolved and escalated', 'resolved, escalated', 'escalations vs errors'."""
    sentence = draft.sentence
    between = [found for found in sentence.found if first.end <= found.start < second.start]
    if sentence.follows(second, Operator.BY) is not None and not sentence.has(*ASKING, Operator.SORT):
        return True
    linked = any(is_operator(found, Operator.AND, Operator.VERSUS, Operator.ALSO) for found in between)
    return linked or sentence.comma_between(first, second)


def divides(draft: Draft, found: AnyFound) -> bool:
    near = draft.sentence.before(found)
    return near is not None and near.end == found.start and is_operator(near, Operator.PER)
