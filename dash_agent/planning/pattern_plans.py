"""A verified pattern is taken only where its parameters explain everything else that the question says."""

from __future__ import annotations

from datetime import datetime, timedelta

from dash_agent.context.catalog import Catalog
from dash_agent.context.patterns import Parameter, Pattern
from dash_agent.models.plan import Assumption, PatternPlan, Reading, Refusal, RefusalReason
from dash_agent.models.query import Grain, Period, Scalar
from dash_agent.planning.languages.language import Operator
from dash_agent.planning.parts import Parts
from dash_agent.planning.periods import place as periods
from dash_agent.planning.periods.spec import TimeSpec
from dash_agent.semantic.time import Calendar

HOURS_OF = {Grain.HOUR: 1, Grain.DAY: 24, Grain.WEEK: 168}
LISTING = (Operator.LIST, Operator.SHOW, Operator.WHICH)
HARMLESS = (Operator.BY, Operator.AND, Operator.COMPARE, Operator.WHERE, *LISTING)


def length_in_hours(spec: TimeSpec) -> int | None:
    """A length of time such as 'for 48 hours' in hours, None for what is not a length."""
    if spec.kind != "last" or spec.unit not in HOURS_OF:
        return None
    return spec.count * HOURS_OF[spec.unit]


def plan(catalog: Catalog, parts: Parts, calendar: Calendar) -> PatternPlan | Refusal:
    pattern = catalog.patterns[parts.patterns[0]]
    over = _unexplained(catalog, pattern, parts)
    shown = parts.has(*LISTING) or pattern.header.kind == "report"
    if over or not shown:
        return Refusal(RefusalReason.NOT_SUPPORTED, over)
    readings = list(parts.readings)
    filled: dict[str, Scalar | tuple[Scalar, ...]] = {}
    period, assumptions = _period(catalog, pattern, parts, calendar)
    for name, parameter in pattern.header.parameters.items():
        filled[name] = _value(catalog, parameter, parts, period)
    for spec, _, words in parts.times:
        became = f"period {period.start.date()} to {period.end.date()}" if period else f"{length_in_hours(spec)} hours"
        readings.append(Reading(words, became))
    for term, _, words in parts.values:
        for dimension, stored in term.choices:
            if dimension in _dimensions(pattern):
                readings.append(Reading(words, f"{dimension} in {', '.join(stored)}"))
    return PatternPlan(pattern.header.name, tuple(filled.items()), period, tuple(readings), assumptions)


def _dimensions(pattern: Pattern) -> dict[str, str]:
    """Dimensions that the pattern can be narrowed by, with the parameter for each."""
    fills = {name: parameter.fills.partition(":") for name, parameter in pattern.header.parameters.items()}
    return {target: name for name, (kind, _, target) in fills.items() if kind == "dimension"}


def _hour_constants(catalog: Catalog, pattern: Pattern) -> list[str]:
    fills = (parameter.fills.partition(":") for parameter in pattern.header.parameters.values())
    names = [target for kind, _, target in fills if kind == "constant"]
    return [name for name in names if catalog.constants[name].unit == "hours"]


def _takes_period(pattern: Pattern) -> bool:
    return any(parameter.fills.startswith("period.") for parameter in pattern.header.parameters.values())


def _unexplained(catalog: Catalog, pattern: Pattern, parts: Parts) -> tuple[str, ...]:
    """Words of the question that the pattern has no place for."""
    over = [name for name, _ in parts.metrics if name != catalog.rules.primary_metric] + parts.bundles
    over += [name for name in parts.patterns[1:] if name != pattern.header.name]
    split = () if pattern.header.kind == "list" else tuple(pattern.header.columns)
    over += [name for name, _, _ in parts.dimensions if name not in split]
    over += [grain.value for grain, _, _ in parts.grains if grain.value not in split]
    harmless = HARMLESS if pattern.header.kind == "list" else (*HARMLESS, Operator.COUNT)
    over += [words for operator, _, words in parts.operators if operator not in harmless]
    over += [words for _, _, words in parts.numbers]
    narrowed = _dimensions(pattern)
    for term, _, words in parts.values:
        if not any(dimension in narrowed for dimension, _ in term.choices):
            over.append(words)
    if not _takes_period(pattern):
        lengths = [length_in_hours(spec) for spec, _, _ in parts.times]
        if len(lengths) > 1 or None in lengths or (lengths and not _hour_constants(catalog, pattern)):
            over += [words for _, _, words in parts.times]
    elif len(parts.times) > 1:
        over += [words for _, _, words in parts.times]
    return tuple(over)


def _period(
    catalog: Catalog, pattern: Pattern, parts: Parts, calendar: Calendar
) -> tuple[Period | None, tuple[Assumption, ...]]:
    if not _takes_period(pattern):
        return None, ()
    if parts.times:
        return periods.place(parts.times[0][0], calendar), ()
    days = catalog.rules.default_days
    return calendar.last_days(days, f"last {days} days"), (Assumption.DEFAULT_PERIOD,)


def _value(catalog: Catalog, parameter: Parameter, parts: Parts, period: Period | None) -> Scalar | tuple[Scalar, ...]:
    kind, _, target = parameter.fills.partition(":")
    match kind:
        case "constant":
            hours = [length_in_hours(spec) for spec, _, _ in parts.times]
            given = hours and catalog.constants[target].unit == "hours" and period is None
            return hours[0] if given else catalog.constants[target].value
        case "dimension":
            stored = [
                value
                for term, _, _ in parts.values
                for dimension, values in term.choices
                if dimension == target
                for value in values
            ]
            if not stored:
                return None
            return tuple(dict.fromkeys(stored)) if parameter.type.endswith("[]") else stored[0]
        case "period.start":
            return period.start.isoformat() if period else None
        case _:
            return _after(period).isoformat() if period else None


def _after(period: Period) -> datetime:
    """The end that a half-open comparison wants: a period up to now holds now itself."""
    return period.end + timedelta(microseconds=1) if period.to_now else period.end
