"""A plan that is asked again later: periods that were said from now move on with it, others stay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from dash_agent.context.catalog import Catalog
from dash_agent.models.plan import Executable, MetricPlan, PatternPlan, SqlPlan
from dash_agent.models.query import Grain, Period
from dash_agent.planning.editing import dated
from dash_agent.planning.periods.place import place, same_span
from dash_agent.planning.periods.spec import (
    Day,
    Ever,
    InYear,
    LastDays,
    LastHours,
    LastMinutes,
    LastWhole,
    Since,
    TimeSpec,
    UnitAway,
)
from dash_agent.semantic.time import Calendar

UNIT: Final = "(?P<unit>minute|hour|day|week|month|quarter|year)"
LAST: Final = re.compile(rf"last (?P<count>\d{{1,4}} )?{UNIT}s?")
AGO: Final = re.compile(rf"(?P<count>\d{{1,4}}) {UNIT}s? ago")
AWAY: Final = re.compile(rf"(?P<which>this|next) {UNIT}")
SINCE: Final = re.compile(r"since (?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)")
EARLIER: Final = re.compile(rf"{UNIT} earlier")
BY_DAY: Final = {"today": 0, "yesterday": 1}
FARTHEST: Final = 36
"""Units that a comparison may lie back: three years of months."""


def rolled(plan: Executable, then: Calendar, now: Calendar, catalog: Catalog) -> Executable:
    """The plan as its relative periods stand at a later moment: 'last week' is the week before that one.

    then: of the moment that the plan was made at. What was said by dates stays as it is; what is open to the present
    ('since October') ends at the later one. So does a comparison, where it is clear what it was held against; else
    the whole plan stays, as its answers say by their dates.
    """
    if isinstance(plan, SqlPlan):
        return plan
    before = plan.period if isinstance(plan, PatternPlan) else plan.query.period
    period = _moved(before, then, now)
    if not isinstance(plan, MetricPlan) or plan.query.compare is None or before is None or period is None:
        return dated(plan, period, None, catalog)
    beside = _beside(plan.query.compare, (before, then), (period, now))
    return plan if beside is None else dated(plan, period, beside, catalog)


def _moved(period: Period | None, then: Calendar, now: Calendar) -> Period | None:
    if period is None:
        return None
    return next((late for early, late in _readings(period.label, then, now) if _is_same(early, period)), period)


def _readings(label: str, then: Calendar, now: Calendar) -> Iterator[tuple[Period, Period]]:
    """What a label may say, at both moments: whole units with the current one beside them, as a trend has it, too."""
    for spec in _specs(label):
        for trend in (False, True):
            early, late = (place(spec, calendar, trend=trend) for calendar in (then, now))
            if early is not None and late is not None:
                yield early, late


def _specs(label: str) -> Iterator[TimeSpec]:
    """As `periods.place` labels them."""
    if label in BY_DAY:
        yield UnitAway(Grain.DAY, BY_DAY[label])
    elif label == "all time":
        yield Ever()
    elif found := SINCE.fullmatch(label):
        yield Since(Day(int(found["day"]), int(found["month"]), InYear(int(found["year"]))))
    elif found := AGO.fullmatch(label):
        yield UnitAway(Grain(found["unit"]), int(found["count"]))
    elif found := AWAY.fullmatch(label):
        yield UnitAway(Grain(found["unit"]), -1 if found["which"] == "next" else 0)
    elif found := LAST.fullmatch(label):
        yield from _lengths(found["unit"], int(found["count"] or 1))


def _lengths(unit: str, count: int) -> Iterator[TimeSpec]:
    match unit:
        case "minute":
            yield LastMinutes(count)
        case "hour":
            yield LastHours(count)
        case "day":
            yield LastDays(count)
        case _:
            yield LastWhole(Grain(unit), count)


def _beside(compare: Period, before: tuple[Period, Calendar], later: tuple[Period, Calendar]) -> Period | None:
    """What a later period is compared with, as the earlier one was with `compare`; None where nothing says how."""
    ways = zip(_comparisons(compare, *before, before[1]), _comparisons(compare, *later, before[1]), strict=True)
    if before[0] == later[0] and not any(_specs(compare.label)):
        return compare
    return next(
        (replace(late, label=compare.label) for early, late in ways if early and late and _is_same(early, compare)),
        None,
    )


def _comparisons(compare: Period, period: Period, calendar: Calendar, then: Calendar) -> Iterator[Period | None]:
    """All that a period may be compared with, in one order at any moment; None where one is not there."""
    labelled = tuple(_readings(compare.label, then, calendar))
    for trend in range(2):
        said = labelled[trend][1] if trend < len(labelled) else None
        yield said
        yield same_span(period, said, calendar) if said else None
    earlier = EARLIER.fullmatch(compare.label)
    units = (Grain(earlier["unit"]),) if earlier else (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)
    if not earlier:
        yield calendar.comparable(period)
        yield calendar.before(period)
    for unit in units:
        for count in range(1, FARTHEST + 1):
            yield calendar.shifted(period, unit, -count)


def _is_same(one: Period, other: Period) -> bool:
    return (one.start, one.end, one.to_now) == (other.start, other.end, other.to_now)
