"""How a single value stands against the span before."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from dash_agent.context.business import Metric
from dash_agent.insight.analysis.concentration import share
from dash_agent.insight.finding import Case, Finding, Rank, adds_up, exact, rounded
from dash_agent.insight.messages import say
from dash_agent.insight.probes import BEFORE
from dash_agent.models.answer import Fact
from dash_agent.models.query import Period

WILD = Decimal(1000)
"""A rise of more per cent than this says only that there was next to nothing before."""


def change(case: Case) -> Iterator[Finding]:
    """Of an answer in one row: beside its value the one before, as the question or a probe compared it."""
    if not case.is_single or len(case.query.metrics) > 1:
        return
    row, probe = case.result.rows[0], case.found(BEFORE)
    if case.query.compare is not None:
        yield from _told(case, exact(row[0]), exact(row[1]), exact(row[2]), case.query.compare)
    elif probe is not None and probe.result.rows and probe.probe.query.compare is not None:
        value, previous, moved = (exact(cell) for cell in probe.result.rows[0][:3])
        yield from _told(case, value, previous, moved, probe.probe.query.compare)
        yield from _few(case, exact(probe.result.rows[0][3]) if len(probe.result.rows[0]) > 3 else None)
    elif probe is not None and probe.result.rows and probe.probe.query.period is not None:
        earlier = probe.result.rows[0]
        if case.query.part:
            yield from _was(case, exact(row[-1]), exact(earlier[-1]), probe.probe.query.period)
            return
        value, previous = exact(row[0]), exact(earlier[0])
        moved = value - previous if value is not None and previous is not None else None
        yield from _told(case, value, previous, moved, probe.probe.query.period)


def _told(
    case: Case,
    value: Decimal | int | None,
    previous: Decimal | int | None,
    moved: Decimal | int | None,
    compare: Period,
) -> Iterator[Finding]:
    if value is None:
        return
    if previous is None or moved is None:
        text = say(case.language, "change.nothing", compare=_span(case, compare))
        yield Finding(Rank.CHANGE, text, ())
        return
    relative = _relative(case, previous, moved)
    facts = [case.fact("change", moved, unit=unit_of_change(case), period=_period(case, compare), previous=previous)]
    if relative is not None:
        facts.append(case.fact("change", relative, unit="percent", period=_period(case, compare), previous=previous))
    size = case.wording.difference(abs(Decimal(moved)), case.metric.unit, case.metric.decimals)
    if relative is not None:
        percent = case.wording.number(abs(relative), "percent", 1)
        size = say(case.language, "relative", change=size, relative=percent)
    told = {"change": size, "previous": case.worded(previous), "compare": _span(case, compare)}
    # Rounded alike, they differ in digits that nobody sees.
    alike = moved and case.worded(value) == told["previous"]
    key = "change.level" if alike else _key(case, moved)
    yield Finding(
        Rank.CHANGE, say(case.language, key, judged=_judged(case, moved) if relative else "", **told), tuple(facts)
    )


def unit_of_change(case: Case) -> str:
    return "points" if case.metric.unit == "percent" else case.metric.unit


def _relative(case: Case, previous: Decimal | int, moved: Decimal | int) -> Decimal | None:
    """The change in %, of what adds up and is not a handful; of a rate it would be taken for points."""
    return relative(case.metric, previous, moved, case.wording.catalog.rules.small_sample)


def relative(
    metric: Metric, previous: Decimal | int | None, moved: Decimal | int | None, fewest: int
) -> Decimal | None:
    """The same of any two values of a metric. fewest: what is no handful."""
    if previous is None or previous < fewest or not moved or not adds_up(metric):
        return None
    found = share(moved, previous)
    return rounded(found, 1) if found is not None and abs(found) <= WILD else None


def _key(case: Case, moved: Decimal | int) -> str:
    if not moved:
        return "change.same"
    if case.adds_up:
        return "change.more" if moved > 0 else "change.less"
    if case.metric.direction == "neutral":
        return "change.higher" if moved > 0 else "change.lower"
    return "change.better" if (moved > 0) == (case.metric.direction == "up") else "change.worse"


def _judged(case: Case, moved: Decimal | int) -> str:
    """A count that went from 2 to 3 is neither better nor worse yet."""
    if case.metric.direction == "neutral":
        return ""
    return say(case.language, "for_better" if (moved > 0) == (case.metric.direction == "up") else "for_worse")


def _was(case: Case, value: Decimal | int | None, previous: Decimal | int | None, compare: Period) -> Iterator[Finding]:
    """A share of a part: its change is not worked out, as two rounded ones would not give it."""
    if value is None or previous is None:
        return
    told = case.wording.number(previous, "percent", 1)
    text = say(case.language, "change.was", compare=_span(case, compare), previous=told)
    fact = case.fact("share", value, unit="percent", period=_period(case, compare), previous=previous)
    yield Finding(Rank.CHANGE, text, (fact,))


def _few(case: Case, count: Decimal | int | None) -> Iterator[Finding]:
    if count is not None and 0 < count < case.wording.catalog.rules.small_sample:
        text = say(case.language, "few.single", count=case.wording.number(count, None, 0))
        yield Finding(Rank.SMALL_SAMPLE, text, (sample_fact(case, count),))


def sample_fact(case: Case, count: Decimal | int, segment: str | None = None) -> Fact:
    """How many rows stand behind a rate, an average or a percentile."""
    label = say(case.language, "rows_behind", label=case.label)
    return case.fact("value", count, unit="count", label=label, segment=segment)


def _span(case: Case, compare: Period) -> str:
    """The same span of an earlier unit is told as such where the period is not over."""
    told = _period(case, compare)
    period = case.query.period
    running = period is not None and case.calendar.is_running(period)
    return say(case.language, "same_span", period=told) if running else told


def _period(case: Case, period: Period) -> str:
    return case.wording.period(period, case.now)
