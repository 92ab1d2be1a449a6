"""A verified pattern is taken only where its parameters explain everything else that the question says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from dash_agent.context.catalog import Catalog
from dash_agent.context.patterns import Parameter, Pattern
from dash_agent.context.targets import bound
from dash_agent.models.plan import Assumption, PatternPlan, Reading
from dash_agent.models.query import Grain, Op, Period, Scalar
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.periods import place as periods
from dash_agent.planning.periods.spec import TimeSpec
from dash_agent.planning.terms import (
    BundleTerm,
    DimensionTerm,
    FillerTerm,
    GrainTerm,
    MeasureTerm,
    MetricTerm,
    NumberTerm,
    OperatorTerm,
    OrderTerm,
    PatternTerm,
    PercentileTerm,
    PersonalTerm,
    Span,
    SubjectTerm,
    SuperlativeTerm,
    Term,
    ThresholdTerm,
    TimeTerm,
    TopicTerm,
    UnavailableTerm,
    UnknownTerm,
    ValueTerm,
)
from dash_agent.planning.tokens import Token
from dash_agent.semantic.time import Calendar

HOURS_OF: Final = {Grain.HOUR: 1, Grain.DAY: 24, Grain.WEEK: 168}
LISTING: Final = (Operator.LIST, Operator.SHOW, Operator.WHICH)
HARMLESS: Final = (Operator.COMPARE, Operator.WHERE, Operator.LIST)


@dataclass(frozen=True, slots=True)
class Slots:
    """What of a question a pattern has a place for. dimensions: that it can be narrowed by. split: its columns."""

    name: str
    is_list: bool
    primary_metric: str
    dimensions: frozenset[str]
    single: frozenset[str]
    split: frozenset[str]
    period: bool
    hours: bool


def plan(
    catalog: Catalog, pattern: Pattern, tokens: Sequence[Token], spans: Sequence[Span], calendar: Calendar
) -> PatternPlan | None:
    """The pattern with its parameters filled, None where it does not explain every word.

    spans: a cover of all tokens in which words name this pattern.
    """
    slots = _slots(catalog, pattern)
    terms = [span.term for span in spans]
    if not _shown(slots, terms) or not _fit(slots, terms):
        return None
    times = [term.spec for term in terms if isinstance(term, TimeTerm)]
    period, assumptions = _period(catalog, slots, times, calendar)
    if slots.period and period is None:
        return None
    hours = next((h for h in map(_hours, terms) if h is not None), None) if slots.hours else None
    filled = {
        name: _value(catalog, parameter, terms, period, hours) for name, parameter in pattern.header.parameters.items()
    }
    readings = tuple(_readings(slots, tokens, spans, period))
    return PatternPlan(slots.name, tuple(filled.items()), period, readings, assumptions)


def follow(
    catalog: Catalog,
    pattern: Pattern,
    before: PatternPlan,
    tokens: Sequence[Token],
    spans: Sequence[Span],
    calendar: Calendar,
) -> PatternPlan | None:
    """The pattern of the question before, narrowed or dated anew by this one; None where it has no place for it."""
    slots = _slots(catalog, pattern)
    terms = [span.term for span in spans]
    changes = any(isinstance(term, TimeTerm | ValueTerm | ThresholdTerm) for term in terms)
    fresh = plan(catalog, pattern, tokens, spans, calendar) if changes and _only_slots(terms) else None
    if fresh is None:
        return None
    timed = any(isinstance(term, TimeTerm) for term in terms)
    kept = dict(before.parameters)
    parameters = {
        name: value if value is not None and (timed or not _is_time(pattern, name)) else kept.get(name)
        for name, value in fresh.parameters
    }
    period = fresh.period if timed and slots.period else before.period
    assumptions = fresh.assumptions if timed else before.assumptions
    return replace(fresh, parameters=tuple(parameters.items()), period=period, assumptions=assumptions)


def _only_slots(terms: Sequence[Term]) -> bool:
    """Nothing else is asked than to narrow or date what is there."""
    return not any(isinstance(term, MetricTerm | BundleTerm | DimensionTerm | GrainTerm) for term in terms)


def _is_time(pattern: Pattern, name: str) -> bool:
    return pattern.header.parameters[name].fills.startswith("period.")


def length_in_hours(spec: TimeSpec) -> int | None:
    """A length of time such as 'for 48 hours' in hours, None for what is not a length."""
    if spec.length is None or spec.length[0] not in HOURS_OF:
        return None
    unit, count = spec.length
    return count * HOURS_OF[unit]


def _slots(catalog: Catalog, pattern: Pattern) -> Slots:
    header = pattern.header
    fills = [(parameter, *parameter.fills.partition(":")) for parameter in header.parameters.values()]
    dimensions = {target: parameter for parameter, kind, _, target in fills if kind == "dimension"}
    constants = [catalog.constants[target] for _, kind, _, target in fills if kind == "constant"]
    period = any(kind.startswith("period.") for _, kind, _, _ in fills)
    return Slots(
        name=header.name,
        is_list=header.kind == "list",
        primary_metric=catalog.rules.primary_metric,
        dimensions=frozenset(dimensions),
        single=frozenset(name for name, parameter in dimensions.items() if not parameter.type.endswith("[]")),
        split=frozenset() if header.kind == "list" else frozenset(header.columns),
        period=period,
        hours=not period and any(constant.unit == "hours" for constant in constants),
    )


def _shown(slots: Slots, terms: Sequence[Term]) -> bool:
    """A list of rows is meant only where the question asks to see them."""
    asked = any(isinstance(term, OperatorTerm) and term.operator in LISTING for term in terms)
    return asked or not slots.is_list


def _fit(slots: Slots, terms: Sequence[Term]) -> bool:
    """Each term has a place in the pattern, and no place is taken twice."""
    spans_of_time = [term for term in terms if isinstance(term, TimeTerm | ThresholdTerm)]
    named = [name for term in terms if isinstance(term, ValueTerm) for name in _narrowing(slots, term)]
    twice = any(named.count(name) > 1 for name in slots.single)
    return len(spans_of_time) <= 1 and not twice and all(_has_place(slots, term) for term in terms)


def _has_place(slots: Slots, term: Term) -> bool:
    match term:
        case PatternTerm():
            return term.name == slots.name
        case MetricTerm():
            return term.name == slots.primary_metric
        case DimensionTerm():
            return term.name in slots.split
        case GrainTerm():
            return term.grain.value in slots.split
        case ValueTerm():
            return len(_narrowing(slots, term)) == 1
        case TimeTerm():
            return slots.period or (slots.hours and _hours(term) is not None)
        case ThresholdTerm():
            return slots.hours and _hours(term) is not None
        case OperatorTerm():
            counts = term.operator is Operator.COUNT and not slots.is_list
            return counts or term.operator.light or term.operator in HARMLESS
        case FillerTerm() | SubjectTerm() | TopicTerm():
            return True
        case BundleTerm() | MeasureTerm() | NumberTerm() | PercentileTerm() | UnavailableTerm():
            return False
        case UnknownTerm() | PersonalTerm() | OrderTerm() | SuperlativeTerm():
            return False
        case _:
            assert_never(term)


def _narrowing(slots: Slots, term: ValueTerm) -> list[str]:
    return [dimension for dimension, _ in term.choices if dimension in slots.dimensions]


def _hours(term: Term) -> int | None:
    """What a question says of how long something lasts: 'for 48 hours', 'for over two days'."""
    match term:
        case TimeTerm():
            return length_in_hours(term.spec)
        case ThresholdTerm(op=Op.GT | Op.GE) if term.unit in HOURS_OF:
            hours = term.value * HOURS_OF[Grain(term.unit)]
            return int(hours) if hours == int(hours) else None
        case _:
            return None


def _period(
    catalog: Catalog, slots: Slots, times: Sequence[TimeSpec], calendar: Calendar
) -> tuple[Period | None, tuple[Assumption, ...]]:
    if not slots.period:
        return None, ()
    if times:
        return periods.place(times[0], calendar), ()
    days = catalog.rules.default_days
    return calendar.last_days(days, f"last {days} days"), (Assumption.DEFAULT_PERIOD,)


def _readings(slots: Slots, tokens: Sequence[Token], spans: Sequence[Span], period: Period | None) -> Iterator[Reading]:
    for span in spans:
        term, words = span.term, " ".join(token.text for token in tokens[span.start : span.end])
        match term:
            case PatternTerm():
                yield Reading(words, f"pattern {term.name}")
            case MetricTerm():
                yield Reading(words, f"metric {term.name}")
            case DimensionTerm():
                yield Reading(words, f"dimension {term.name}")
            case GrainTerm():
                yield Reading(words, f"by {term.grain.value}")
            case ValueTerm():
                for dimension, stored in term.choices:
                    if dimension in slots.dimensions:
                        yield Reading(words, f"{dimension} in {', '.join(map(str, stored))}")
            case TimeTerm() | ThresholdTerm():
                lasting = f"{_hours(term)} hours"
                yield Reading(words, f"period {period.start.date()} to {period.end.date()}" if period else lasting)
            case _:
                pass


def _value(
    catalog: Catalog, parameter: Parameter, terms: Sequence[Term], period: Period | None, hours: int | None
) -> Scalar | tuple[Scalar, ...]:
    kind, _, target = parameter.fills.partition(":")
    match kind:
        case "constant":
            constant = catalog.constants[target]
            return hours if hours is not None and constant.unit == "hours" else constant.value
        case "target":
            return bound(catalog.targets, target)
        case "dimension":
            named = (choice for term in terms if isinstance(term, ValueTerm) for choice in term.choices)
            stored = tuple(dict.fromkeys(v for dimension, values in named if dimension == target for v in values))
            if not stored:
                return None
            return stored if parameter.type.endswith("[]") else stored[0]
        case "period.start":
            return period.start.isoformat() if period else None
        case _:
            return after(period).isoformat() if period else None


def after(period: Period) -> datetime:
    """The end that a half-open comparison wants: a period up to now holds now itself."""
    return period.end + timedelta(microseconds=1) if period.to_now else period.end
