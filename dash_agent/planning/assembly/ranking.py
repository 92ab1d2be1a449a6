"""Order and how many: top, bottom, superlatives, and which of two values is compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dash_agent.models.plan import AskBack
from dash_agent.models.query import Op, Order
from dash_agent.planning.assembly.draft import Draft
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.parts import ask_back, unsupported
from dash_agent.planning.sentence import AnyFound, Found, is_operator
from dash_agent.planning.terms import (
    BundleTerm,
    DimensionTerm,
    GrainTerm,
    MetricTerm,
    NumberTerm,
    SuperlativeTerm,
    TimeTerm,
    ValueTerm,
)
from dash_agent.semantic.legs import CHANGE
from dash_agent.semantic.resolve import SHARE
from dash_agent.semantic.rows import CLOCK

MOST_ROWS: Final = 10_000
COUNTED: Final = (Operator.TOP, Operator.BOTTOM)
HIGHEST: Final = (Operator.MOST, Operator.MAXIMUM, Operator.BUSIEST, Operator.TOP, Operator.FIRST)
LOWEST: Final = (Operator.LEAST, Operator.MINIMUM, Operator.BOTTOM)
JUDGED: Final = (Operator.BEST, Operator.WORST)
RANKING: Final = (*HIGHEST, *LOWEST, *JUDGED)
ENUMERATED: Final = 3
"""Values behind a dash or a colon, from which on they are a list of questions."""
TIMES: Final = {"minutes", "hours", "days", "milliseconds"}
JUDGED_ORDER: Final = (Operator.BEST_FIRST, Operator.WORST_FIRST)
SORTING: Final = (Operator.SORT, Operator.ASCENDING, Operator.DESCENDING, *JUDGED_ORDER)


def compared_values(draft: Draft) -> None:
    """'WhatsApp vs email' is a split of those two."""
    sentence = draft.sentence
    said = [found for found in sentence.operators(Operator.VERSUS, Operator.COMPARE) if not sentence.used(found)]
    said = [found for found in said if not _between_times(draft, found)]
    for found in said:
        left, right = sentence.before(found), sentence.behind(found)
        values = [near.term for near in (left, right) if near is not None and isinstance(near.term, ValueTerm)]
        if len(values) == 2 and not set.intersection(*({name for name, _ in value.choices} for value in values)):
            # 'GPT vs Dana': there is no split that has both.
            raise unsupported(found.words)
    lists = (f for f in draft.filters if f.op is Op.IN and len(f.values) > 1)
    several = [f.dimension for f in lists if f.dimension not in CLOCK and not _one_name(draft, f.dimension)]
    counted = _counted_each(draft) or any(_enumerated(draft, name) for name in several)
    each = (
        (sentence.has(Operator.EACH, *RANKING) or sentence.any(SuperlativeTerm))
        and not draft.dimensions
        and draft.grain is None
    )
    if several and (said or each or counted or sentence.choosing):
        draft.dimensions = tuple(dict.fromkeys((*draft.dimensions, *several)))
    if several or (draft.dimensions and sentence.has(Operator.COMPARE)):
        for found in said:
            sentence.use(found, found.term.operator.value)


def _between_times(draft: Draft, found: AnyFound) -> bool:
    """'This month vs last month' compares periods, whatever else is listed."""
    near = (draft.sentence.before(found), draft.sentence.behind(found))
    return all(one is not None and isinstance(one.term, TimeTerm) for one in near)


def _one_name(draft: Draft, dimension: str) -> bool:
    """'Retention' is several values, and one thing."""
    named = [found for found in draft.sentence.all(ValueTerm) if dimension in dict(found.term.choices)]
    return len(named) == 1


def _enumerated(draft: Draft, dimension: str) -> bool:
    """'How many are active: monthly, bimonthly and quarterly ones' asks of each."""
    named = [found for found in draft.sentence.all(ValueTerm) if dimension in dict(found.term.choices)]
    first = draft.sentence.tokens[named[0].start] if len(named) >= ENUMERATED else None
    return first is not None and named[0].start > 0 and (first.after_dash or first.after_stop)


def _counted_each(draft: Draft) -> bool:
    """'How many came by email and how many by chat' asks of each."""
    counts = draft.sentence.operators(Operator.COUNT)
    return any(draft.sentence.counted_again(found) is not None for found in counts)


def read(draft: Draft) -> None:
    """Fills order, limit, ties and whether null groups are left out. Raises NotPlanned."""
    sentence = draft.sentence
    leading = _leading(draft)
    superlatives = [found for found in sentence.all(SuperlativeTerm) if found not in leading]
    said: list[AnyFound] = [*(f for f in sentence.operators(*RANKING) if not sentence.used(f)), *superlatives]
    count = _count(draft, said)
    firsts = [found for found in sentence.operators(Operator.FIRST) if not sentence.used(found)]
    if count is None and firsts:
        raise unsupported(*(found.words for found in firsts))
    if not said and count is None:
        _sorted(draft, leading)
        return
    if leading:
        raise unsupported(*(found.words for found in leading))
    if sentence.has(*HIGHEST) and sentence.has(Operator.LEAST, Operator.MINIMUM) and not sentence.has(*COUNTED):
        raise unsupported(*(found.words for found in said))
    extremes = sentence.operators(Operator.MAXIMUM, Operator.MINIMUM)
    if extremes and not sentence.has(Operator.WHICH, Operator.WHERE):
        # 'The maximum response time' is of single rows, and no metric here is.
        raise unsupported(*(found.words for found in extremes))
    if not draft.dimensions and draft.grain is None and sentence.any(BundleTerm) and sentence.take(*JUDGED):
        # 'Who answers better, AI or people': its figures say who.
        return
    if not draft.dimensions and draft.grain is None:
        raise ask_back(AskBack.NO_SUBJECT, *(found.words for found in said))
    if not (draft.order and all(is_operator(found, Operator.TOP, Operator.FIRST) for found in said)):
        by = _by(draft, said)
        desc = _descending(draft, by)
        # 'Dropped the most' is the lowest change.
        draft.order = (Order(by, desc=desc is not (by.endswith(CHANGE) and sentence.has(Operator.DROP))),)
    draft.drop_null_groups = True
    draft.limit, draft.with_ties = count, False
    for found in superlatives:
        _check_is_of(draft, found, draft.order[0].by)
        sentence.use(found, "most" if found.term.most else "least")
    sentence.take(*RANKING, Operator.SORT)
    if count is None and not _wants_all(draft):
        draft.limit, draft.with_ties = 1, True


def _check_is_of(draft: Draft, superlative: Found[SuperlativeTerm], by: str) -> None:
    """'Slowest' ranks by a time: 'the slowest channel by escalations' is no order at all."""
    if by.endswith(CHANGE):
        return
    unit = draft.metric(by.removesuffix(CHANGE).removesuffix(SHARE)).unit
    units = {draft.metric(name).unit for name in superlative.term.metrics}
    if unit not in units and {unit, *units} - TIMES:
        raise unsupported(superlative.words)


def _leading(draft: Draft) -> list[Found[SuperlativeTerm]]:
    """'Cheapest first' orders all of them."""
    sentence = draft.sentence
    firsts = {found.start: found for found in sentence.operators(Operator.FIRST)}
    leading = [found for found in sentence.all(SuperlativeTerm) if found.end in firsts]
    for found in leading:
        sentence.use(firsts[found.end], Operator.SORT.value)
    return leading


def _sorted(draft: Draft, leading: Sequence[Found[SuperlativeTerm]]) -> None:
    """An order that is only a wish of how to see all. leading: superlatives that say which come first."""
    sentence = draft.sentence
    said: list[AnyFound] = [*sentence.operators(*SORTING), *leading]
    if not said:
        return
    words = [found.words for found in said]
    if not draft.dimensions and draft.grain is None:
        raise ask_back(AskBack.NO_SUBJECT, *words)
    by = _sorted_by(draft)
    descending = {not sentence.has(Operator.ASCENDING)}
    if sentence.has(*JUDGED_ORDER):
        descending = {_good(draft, by, *words) == ("up" if sentence.has(Operator.BEST_FIRST) else "down")}
    elif leading:
        descending = {found.term.most for found in leading}
    if len(descending) > 1:
        raise unsupported(*words)
    for found in leading:
        _check_is_of(draft, found, by)
        sentence.use(found, "most" if found.term.most else "least")
    draft.order = (Order(by, desc=descending.pop()),)
    sentence.take(*SORTING)


def _sorted_by(draft: Draft) -> str:
    """The metric, dimension or bucket behind the 'sort by', else the first metric."""
    sentence = draft.sentence
    for found in sentence.operators(*SORTING):
        behind = sentence.behind(found, Operator.BY, Operator.ALONG, *SORTING)
        if behind is not None and isinstance(behind.term, MetricTerm) and behind.term.name in draft.metrics:
            return behind.term.name
    return draft.metrics[0] + (SHARE if draft.part else "")


def _count(draft: Draft, said: list[AnyFound]) -> int | None:
    """The number beside a 'top' or a superlative, or right before what is ranked."""
    sentence = draft.sentence
    for number in sentence.all(NumberTerm):
        near = (sentence.before(number), sentence.behind(number))
        beside = any(found is not None and found in said for found in near)
        ranked = bool(said) and isinstance(near[1].term if near[1] else None, DimensionTerm | GrainTerm)
        if (beside or ranked) and number.term.value >= 1:
            behind = sentence.behind(number)
            if number.term.value > MOST_ROWS or (behind is not None and is_operator(behind, Operator.SHARE)):
                raise unsupported(number.words)
            sentence.use(number, f"limit {number.term.value}")
            return number.term.value
    return None


def _by(draft: Draft, said: list[AnyFound]) -> str:
    """Of several metrics the one that the superlative stands before, or that stands behind a 'by'."""
    sentence = draft.sentence
    name = draft.metrics[0]
    for found in sentence.all(MetricTerm):
        before = sentence.before(found)
        if before is not None and (before in said or is_operator(before, Operator.BY, Operator.ALONG)):
            name = found.term.name if found.term.name in draft.metrics else name
            break
    if draft.compare is not None:
        return name + CHANGE
    return name + SHARE if draft.part else name


def _descending(draft: Draft, by: str) -> bool:
    sentence = draft.sentence
    superlatives = sentence.all(SuperlativeTerm)
    if sentence.has(*JUDGED):
        return (_good(draft, by, *sentence.words_of(*JUDGED)) == "up") is sentence.has(Operator.BEST)
    if superlatives:
        return superlatives[0].term.most or by.endswith(CHANGE)
    return not sentence.has(*LOWEST)


def _good(draft: Draft, by: str, *words: str) -> str:
    """'up' or 'down'. Asks back where neither is better, in the words that judge."""
    direction = draft.metric(by.removesuffix(CHANGE).removesuffix(SHARE)).direction
    if direction == "neutral":
        raise ask_back(AskBack.NO_CRITERION, *words)
    return direction


def _wants_all(draft: Draft) -> bool:
    """'Which categories …' wants them all, 'which category …' the first."""
    sentence = draft.sentence
    split: list[AnyFound] = [*sentence.all(DimensionTerm), *sentence.all(GrainTerm)]
    return not split or any(found.plural and not _is_one(draft, found) for found in split)


def _is_one(draft: Draft, found: AnyFound) -> bool:
    """'У какой категории': the form may be a plural, and the word before it is none."""
    which = draft.sentence.follows(found, Operator.WHICH) if found.end - found.start == 1 else None
    return which is not None and not which.words.isascii() and not which.plural


def check_numbers(draft: Draft) -> None:
    loose = [found.words for found in draft.sentence.all(NumberTerm) if not draft.sentence.used(found)]
    if loose:
        raise unsupported(*loose)
