"""What of a plan a person can change afterwards: its periods and conditions, one by one, as chips.

A chip says where it stands in its plan and what it has there; `put` gives the plan with another one in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar, assert_never

from dash_agent.context.catalog import Catalog
from dash_agent.models.plan import TYPO_OF, Assumption, Executable, ListPlan, MetricPlan, PatternPlan, SqlPlan
from dash_agent.models.query import Among, Condition, Filter, Having, Period, Scalar
from dash_agent.planning.pattern_plans import after
from dash_agent.semantic.time import Calendar

OF_PERIODS: Final = frozenset(
    {
        Assumption.DEFAULT_PERIOD,
        Assumption.TREND_INCLUDES_CURRENT,
        Assumption.SAME_SPAN,
        Assumption.PERIOD_BEFORE,
    }
)
"""What was assumed of a plan's periods, and no longer is where a person has chosen them."""

Assumed = tuple[Assumption, ...]
Values = Scalar | tuple[Scalar, ...]
One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class PeriodChip:
    """compare: the second period, None where there is none. assumed: by the plan, about whatever."""

    period: Period
    compare: Period | None = None
    assumed: Assumed = ()


@dataclass(frozen=True, slots=True)
class FilterChip:
    """narrowing: None leaves it out. place: among the filters of the plan, from 0 on; so in the next ones."""

    place: int
    narrowing: Filter | None


@dataclass(frozen=True, slots=True)
class CountedChip:
    """A condition by what a metric counts. counted: None leaves it out."""

    place: int
    counted: Among | None


@dataclass(frozen=True, slots=True)
class PartChip:
    """What makes a row one of the part that a share is of."""

    place: int
    condition: Condition


@dataclass(frozen=True, slots=True)
class BoundChip:
    """A bound on a metric's groups. bound: None leaves it out."""

    place: int
    bound: Having | None


@dataclass(frozen=True, slots=True)
class SlotChip:
    """A verified pattern's parameter for a dimension. values: () does not narrow. single: it takes one at most."""

    name: str
    dimension: str
    values: tuple[Scalar, ...]
    single: bool = False


Chip = PeriodChip | FilterChip | CountedChip | PartChip | BoundChip | SlotChip


def chips(plan: Executable, catalog: Catalog) -> tuple[Chip, ...]:
    """The period first. () for SQL that somebody wrote, which has no parts."""
    return tuple(_chips(plan, catalog))


def put(plan: Executable, chip: Chip, catalog: Catalog) -> Executable:
    """The plan with this chip in the place where it stands, a plan without such a place as it is.

    How the question's words were read does not hold for it any more, but for slips that were mended.
    """
    return unread(_changed(plan, chip, catalog))


def chosen(chip: PeriodChip, period: Period, calendar: Calendar) -> PeriodChip:
    """With a period that a person has chosen; a comparison goes on with what that one is held against."""
    assumed = tuple(one for one in chip.assumed if one not in OF_PERIODS)
    if chip.compare is None:
        return PeriodChip(period, None, assumed)
    return PeriodChip(period, calendar.comparable(period), (*assumed, Assumption.PERIOD_BEFORE))


def unread(plan: Executable) -> Executable:
    """Without how a question's words were read, but for slips that were mended: those still hold."""
    return replace(plan, reading=tuple(one for one in plan.reading if one.became.startswith(TYPO_OF)))


def dated(plan: Executable, period: Period | None, compare: Period | None, catalog: Catalog) -> Executable:
    """The plan with other periods, in all the places where it has them."""
    match plan:
        case MetricPlan():
            return replace(plan, query=replace(plan.query, period=period, compare=compare))
        case ListPlan():
            return replace(plan, query=replace(plan.query, period=period))
        case PatternPlan():
            return replace(_filled(plan, _ends(plan, period, catalog)), period=period)
        case SqlPlan():
            return plan
        case _:
            assert_never(plan)


def _chips(plan: Executable, catalog: Catalog) -> Iterator[Chip]:
    match plan:
        case MetricPlan(query):
            yield from _period(query.period, query.compare, plan.assumptions)
            yield from (FilterChip(place, one) for place, one in enumerate(query.filters))
            yield from (CountedChip(place, one) for place, one in enumerate(query.among))
            yield from (PartChip(place, one) for place, one in enumerate(query.part))
            yield from (BoundChip(place, one) for place, one in enumerate(query.having))
        case ListPlan(query):
            yield from _period(query.period, None, plan.assumptions)
            yield from (FilterChip(place, one) for place, one in enumerate(query.filters))
            yield from (CountedChip(place, one) for place, one in enumerate(query.among))
        case PatternPlan():
            yield from _period(plan.period, None, plan.assumptions)
            yield from _slots(plan, catalog)
        case SqlPlan():
            return
        case _:
            assert_never(plan)


def _period(period: Period | None, compare: Period | None, assumed: Assumed) -> Iterator[PeriodChip]:
    if period is not None:
        yield PeriodChip(period, compare, assumed)


def _slots(plan: PatternPlan, catalog: Catalog) -> Iterator[SlotChip]:
    """Of the dimensions that it is narrowed by."""
    parameters = catalog.patterns[plan.name].header.parameters if plan.name in catalog.patterns else {}
    for name, value in plan.parameters:
        if name not in parameters or value is None:
            continue
        kind, _, dimension = parameters[name].fills.partition(":")
        if kind == "dimension":
            values = value if isinstance(value, tuple) else (value,)
            yield SlotChip(name, dimension, values, single=not parameters[name].type.endswith("[]"))


def _changed(plan: Executable, chip: Chip, catalog: Catalog) -> Executable:
    match plan, chip:
        case ((MetricPlan() | ListPlan() | PatternPlan()), PeriodChip()):
            redated = dated(plan, chip.period, chip.compare, catalog)
            return redated if isinstance(redated, SqlPlan) else replace(redated, assumptions=chip.assumed)
        case MetricPlan(query), FilterChip():
            return replace(plan, query=replace(query, filters=_with(query.filters, chip.place, chip.narrowing)))
        case ListPlan(query), FilterChip():
            return replace(plan, query=replace(query, filters=_with(query.filters, chip.place, chip.narrowing)))
        case MetricPlan(query), CountedChip():
            return replace(plan, query=replace(query, among=_with(query.among, chip.place, chip.counted)))
        case ListPlan(query), CountedChip():
            return replace(plan, query=replace(query, among=_with(query.among, chip.place, chip.counted)))
        case MetricPlan(query), PartChip():
            return replace(plan, query=replace(query, part=_with(query.part, chip.place, chip.condition)))
        case MetricPlan(query), BoundChip():
            return replace(plan, query=replace(query, having=_with(query.having, chip.place, chip.bound)))
        case PatternPlan(), SlotChip():
            return _filled(plan, {chip.name: _value(chip)})
        case _:
            return plan


def _with(found: tuple[One, ...], place: int, one: One | None) -> tuple[One, ...]:
    """With another one at a place, or without the one there."""
    return (*found[:place], *(() if one is None else (one,)), *found[place + 1 :])


def _value(chip: SlotChip) -> Values:
    if not chip.values:
        return None
    return chip.values[0] if chip.single else chip.values


def _filled(plan: PatternPlan, values: Mapping[str, Values]) -> PatternPlan:
    return replace(plan, parameters=tuple((name, values.get(name, value)) for name, value in plan.parameters))


def _ends(plan: PatternPlan, period: Period | None, catalog: Catalog) -> Mapping[str, Values]:
    """Of a period, by the parameters that they fill."""
    if period is None or plan.name not in catalog.patterns:
        return {}
    ends = {"period.start": period.start.isoformat(), "period.end": after(period).isoformat()}
    parameters = catalog.patterns[plan.name].header.parameters
    return {name: ends[one.fills] for name, one in parameters.items() if one.fills in ends}
