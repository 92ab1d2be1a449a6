"""When: the period, and the one that it is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Final

from dash_agent.context.business import CountMetric, Metric, RatioMetric
from dash_agent.models.plan import AskBack, Assumption
from dash_agent.models.query import Grain, Op, Period
from dash_agent.planning.assembly.draft import Draft, is_base
from dash_agent.planning.assembly.splits import calendar_grain
from dash_agent.planning.languages import LANGUAGES
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.parts import ask_back, unsupported
from dash_agent.planning.periods.place import before, place, same_span
from dash_agent.planning.periods.spec import Before, Between, Since, UnitAway
from dash_agent.planning.sentence import Found
from dash_agent.planning.terms import FillerTerm, OperatorTerm, ThresholdTerm, TimeTerm, ValueTerm

HOURS: Final = {Grain.HOUR: 1, Grain.DAY: 24, Grain.WEEK: 168}
HOURS_OF: Final = {"hour": 1, "day": 24, "week": 168}
SECOND_SIDE: Final = (Operator.VERSUS, Operator.COMPARE)
CHANGING: Final = (Operator.CHANGE, Operator.DROP)
COMPARING: Final = (Operator.VERSUS, Operator.COMPARE, *CHANGING, Operator.WHY)
ENDS: Final = frozenset(text for language in LANGUAGES for text in language.ends)
Times = Sequence[Found[TimeTerm]]


def events(draft: Draft) -> None:
    """A state of now that happened in a period is the event: 'cancelled in January' are cancellations."""
    _as_waiting(draft)
    if draft.sentence.all(TimeTerm):
        draft.metrics = tuple(dict.fromkeys(_event(draft.metric(name)) for name in draft.metrics))


def _as_waiting(draft: Draft) -> None:
    """Tickets that sit in a state for longer than some time are stuck there, whatever they are called."""
    sentence = draft.sentence
    bounds = [bound for bound in sentence.all(ThresholdTerm) if bound.term.unit in HOURS_OF]
    plain = all(is_base(draft.metric(name)) or draft.catalog.is_state(draft.metric(name)) for name in draft.metrics)
    if (
        not bounds
        or not plain
        or any(True for name in draft.metrics for _ in _hour_constants(draft, draft.metric(name)))
    ):
        return
    stored = {f"'{value}'" for found in sentence.all(ValueTerm) for _, values in found.term.choices for value in values}
    waiting = [
        metric.name
        for metric in draft.catalog.metrics.values()
        if isinstance(metric, CountMetric)
        and metric.state
        and {metric.table} == draft.tables(*draft.metrics)
        and any(True for _ in _hour_constants(draft, metric))
        and any(value in (metric.where or "") for value in stored)
    ]
    if len(waiting) == 1:
        draft.metrics = (waiting[0],)


def _event(metric: Metric) -> str:
    if isinstance(metric, RatioMetric) or metric.with_period is None:
        return metric.name
    return metric.with_period


def read(draft: Draft) -> None:
    """Fills period and compare, and the constants that a length of time replaces. Raises NotPlanned."""
    draft.why = draft.sentence.has(Operator.WHY)
    _waiting(draft)
    times = [found for found in draft.sentence.all(TimeTerm) if not draft.sentence.used(found)]
    if draft.grain is not None and not any(found.term.spec.relative for found in times):
        # 'How did it change by month' is a series, and not two numbers.
        draft.sentence.take(*CHANGING)
    match len(times):
        case 0:
            _untimed(draft)
        case 1:
            _check_no_open_end(draft, times[0])
            _one(draft, times[0])
        case _:
            _several(draft, times)
    if draft.compare is not None and draft.period is not None and draft.period.start > draft.setting.calendar.now:
        raise unsupported(*(found.words for found in times))
    if draft.compare is not None and calendar_grain(draft.grain):
        raise unsupported(*(found.words for found in times))
    _note(draft, times)


def _is_of_now(draft: Draft) -> bool:
    """All metrics are states, or one is only counted among the rows of a state."""
    states = (draft.catalog.is_state(draft.metric(name)) for name in draft.metrics)
    return all(states) or any(a.counts and draft.catalog.is_state(draft.metric(a.metric)) for a in draft.among)


def _untimed(draft: Draft) -> None:
    if draft.period is None:
        _default(draft)
    if _compares(draft):
        _compare_with_before(draft, None)


def _default(draft: Draft) -> None:
    if _is_of_now(draft):
        return
    days = draft.catalog.rules.default_days
    draft.assumed.append(Assumption.DEFAULT_PERIOD)
    draft.period = draft.setting.calendar.last_days(days, f"last {days} days")


def _one(draft: Draft, found: Found[TimeTerm]) -> None:
    """A second side ('compared to last month') leaves the first as it was, or as it would be now."""
    spec, sentence = found.term.spec, draft.sentence
    if isinstance(spec, Between) and sentence.has(*CHANGING) and spec.unit is not None:
        _from_to(draft, found, spec)
        return
    if (
        isinstance(spec, Since)
        and sentence.has(*CHANGING)
        and isinstance(spec.first, UnitAway)
        and spec.first.back == 1
    ):
        _from_to(draft, found, Between(spec.first, UnitAway(spec.first.of)))
        return
    second = sentence.follows(found, *SECOND_SIDE)
    if second is None and spec.relative and sentence.has(*COMPARING):
        second = sentence.operators(*COMPARING)[0]
    if second is not None:
        if draft.setting.before is None:
            _first_side(draft, found)
        elif draft.period is None:
            raise unsupported(found.words)
        sentence.take(*COMPARING)
        draft.compare = _placed(draft, found, draft.period)
        _same_span(draft)
        return
    reference = draft.period if draft.setting.before is not None else None
    draft.period, draft.compare = _placed(draft, found, reference), None
    if _compares(draft):
        _compare_with_before(draft, found)


def _check_no_open_end(draft: Draft, found: Found[TimeTerm]) -> None:
    """'Through October' says where to stop, and not from when on."""
    sentence = draft.sentence
    named = (other for other in sentence.found if other.start < found.start == other.end)
    if sentence.has(*SECOND_SIDE) or any(not isinstance(other.term, FillerTerm | OperatorTerm) for other in named):
        return
    before = sentence.word_before(found)
    if before in ENDS or f"{before} {found.words.split()[0].lower()}" in ENDS:
        raise unsupported(f"{before} {found.words}")


def _from_to(draft: Draft, found: Found[TimeTerm], spec: Between) -> None:
    """'How did it change from September to October': the two months, and not what lies between."""
    calendar = draft.setting.calendar
    draft.period, draft.compare = place(spec.last, calendar), place(spec.first, calendar)
    if draft.period is None or draft.compare is None or draft.compare.start >= draft.period.start:
        raise unsupported(found.words)
    draft.sentence.use(found, f"period {draft.period.start.date()} against {draft.compare.start.date()}")
    draft.sentence.take(*COMPARING)
    _same_span(draft)


def _first_side(draft: Draft, second: Found[TimeTerm]) -> None:
    """'Compared to last month' is this month; a relative one is seen from the default period."""
    spec, calendar = second.term.spec, draft.setting.calendar
    placed = place(spec, calendar)
    if spec.unit is not None and placed is not None:
        current = calendar.current(spec.unit, f"this {spec.unit.value}")
        if placed.end == current.start:
            draft.period = current
            return
    if not spec.relative:
        raise unsupported(second.words)
    _default(draft)


def _several(draft: Draft, times: Times) -> None:
    """Two are compared, the later one with the earlier; a series takes what lies side by side as one."""
    sentence = draft.sentence
    firm = [found for found in times if not found.term.spec.relative]
    placed = [_placed(draft, found, None) for found in firm]
    for found in times:
        if found not in firm and placed:
            placed.append(_placed(draft, found, placed[0]))
    if any(found.words.isdigit() for found in times) and len({found.term.spec.unit for found in times}) > 1:
        # 'Q3 2025 and 2026' means another Q3.
        raise unsupported(*(found.words for found in times))
    linked = sentence.has(*COMPARING) or all(sentence.joined(found) for found in times[1:])
    if not linked or not firm:
        raise unsupported(*(found.words for found in times))
    ordered = sorted(placed, key=lambda period: period.start)
    if calendar_grain(draft.grain) or sentence.has(Operator.TREND) or len(ordered) > 2:
        draft.period, draft.compare = _joined(ordered, times), None
        return
    compared = sentence.take(*COMPARING)
    draft.compare, draft.period = ordered
    if compared:
        _same_span(draft)


def _joined(periods: Sequence[Period], times: Times) -> Period:
    if any(one.end != other.start for one, other in pairwise(periods)):
        raise unsupported(*(found.words for found in times))
    return Period(periods[0].start, periods[-1].end, to_now=periods[-1].to_now)


def _placed(draft: Draft, found: Found[TimeTerm], reference: Period | None) -> Period:
    trend = calendar_grain(draft.grain) or draft.sentence.has(Operator.TREND)
    period = place(found.term.spec, draft.setting.calendar, reference=reference, trend=trend)
    if period is None and found.term.spec.relative and reference is None:
        raise ask_back(AskBack.NOTHING_TO_FOLLOW, found.words)
    if period is None:
        raise unsupported(found.words)
    draft.sentence.use(found, f"period {period.start.date()} to {period.end.date()}")
    return period


def _compares(draft: Draft) -> bool:
    """Whether two periods are wanted where at most one is named."""
    sentence = draft.sentence
    changing = [found for found in sentence.operators(*CHANGING, Operator.WHY) if not sentence.used(found)]
    for found in changing:
        sentence.use(found, found.term.operator.value)
    if changing:
        return True
    unused = [found for found in sentence.operators(*SECOND_SIDE) if not sentence.used(found)]
    if not unused or draft.dimensions or not (sentence.all(TimeTerm) or draft.setting.before):
        return False
    return sentence.take(*SECOND_SIDE)


def _compare_with_before(draft: Draft, found: Found[TimeTerm] | None) -> None:
    if draft.period is None:
        raise unsupported(*draft.sentence.words_of(*COMPARING))
    calendar = draft.setting.calendar
    if found is not None:
        draft.compare = before(found.term.spec, draft.period, calendar)
    else:
        draft.compare = place(Before(), calendar, reference=draft.period)
    draft.assumed.append(Assumption.PERIOD_BEFORE)
    _same_span(draft)


def _same_span(draft: Draft) -> None:
    """For an unfinished period the same span of the earlier one; two finished ones are each taken whole."""
    period, compare = draft.period, draft.compare
    if period is None or compare is None or not period.to_now:
        return
    span = same_span(period, compare, draft.setting.calendar)
    if span is not None and span != compare:
        draft.assumed.append(Assumption.SAME_SPAN)
        draft.compare = replace(span, label=compare.label)


def _waiting(draft: Draft) -> None:
    """A length of time beside a state such as 'stuck' says how long, where the metric has a constant for it."""
    names = [*draft.metrics, *(among.metric for among in draft.among)]
    constants = {constant for name in names for constant in _hour_constants(draft, draft.metric(name))}
    if len(constants) != 1:
        return
    constant = constants.pop()
    since = [found.words for found in draft.sentence.all(TimeTerm) if isinstance(found.term.spec, Since)]
    if since:
        raise unsupported(*since)
    for found in draft.sentence.all(TimeTerm):
        length = found.term.spec.length
        if length is not None and length[0] in HOURS:
            _set_hours(draft, found, constant, Decimal(length[1] * HOURS[length[0]]))
            return
    for bound in draft.sentence.all(ThresholdTerm):
        if bound.term.unit in HOURS_OF and bound.term.op in (Op.GT, Op.GE):
            _set_hours(draft, bound, constant, bound.term.value * HOURS_OF[bound.term.unit])
            return


def _set_hours(draft: Draft, found: Found[TimeTerm] | Found[ThresholdTerm], constant: str, hours: Decimal) -> None:
    if hours != int(hours):
        raise unsupported(found.words)
    draft.parameters[constant] = int(hours)
    draft.sentence.use(found, f"{constant} = {int(hours)}")


def _hour_constants(draft: Draft, metric: Metric) -> Iterator[str]:
    for part in draft.catalog.counted(metric):
        for name, constant in draft.catalog.constants.items():
            if constant.unit == "hours" and f":{name}" in (part.where or ""):
                yield name


def _note(draft: Draft, times: Times) -> None:
    if not times:
        return
    if _is_of_now(draft):
        draft.assumed.append(Assumption.STATE_OF_NOW)
    elif any(_counts_an_event(draft, draft.metric(name)) for name in draft.metrics):
        draft.assumed.append(Assumption.BY_CREATION)
    trend = calendar_grain(draft.grain) or draft.sentence.has(Operator.TREND)
    if trend and any(found.term.spec.adds_current for found in times):
        draft.assumed.append(Assumption.TREND_INCLUDES_CURRENT)


def _counts_an_event(draft: Draft, metric: Metric) -> bool:
    """A count whose condition is an event's time, while periods go by the row's own time."""
    if not isinstance(metric, CountMetric) or metric.time is not None or metric.where is None:
        return False
    table = draft.catalog.tables[metric.table]
    return any(c.type == "timestamptz" and c.name in metric.where.split() for c in table.columns)
