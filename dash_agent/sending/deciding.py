"""Whether a cause is told: what a look found against what was told before. Nothing here is sent or kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dash_agent.context.alerts import SEVERITIES
from dash_agent.context.alerts import Alert as Rule
from dash_agent.models.alarm import EVERYBODY, Address, Alert, Mute, TellingKind
from dash_agent.models.alert import Cause, Finding, Stage
from dash_agent.models.digest import Outcome

FARTHER: Final = 2.0
GROWN: Final = 0.25
"""Clearly worse is twice as far off as was told, in a number that has changed by a quarter."""
CLOCK_BACK: Final = timedelta(hours=1)
"""What was told farther ahead of now than this was told by a clock that was wrong."""
ARRIVED: Final = frozenset({Outcome.SENT, Outcome.IN_DOUBT})
NEVER: Final = frozenset({Outcome.REFUSED, Outcome.FAILED})


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of an alert, and what is told of it."""

    alert: Alert
    tell: TellingKind | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """How one address is told. rules: by name, all there are. muted: names of rules that it is not told of.

    looked: rules that were looked at this time; of the others nothing is known.
    """

    address: Address
    language: str
    rules: Mapping[str, Rule]
    looked: frozenset[str]
    muted: frozenset[str]
    zone: ZoneInfo


def steps(manner: Manner, before: Sequence[Alert], causes: Sequence[Cause], now: datetime) -> Iterator[Step]:
    """before: the address's open alerts, and those that were open lately. What is as it was gives a step, too."""
    left = {one.alert_id: one for one in before}
    for cause in causes:
        match = _same(left.values(), cause)
        if match is not None:
            del left[match.alert_id]
        yield _found(manner, match, cause, now)
    told = {_key(one) for cause in causes for one in (cause.chief, *cause.also)}
    for one in left.values():
        if one.is_open and not (_keys(one) & told) and (one.rule in manner.looked or one.rule not in manner.rules):
            yield _gone(manner, one, now)


def _same(before: Collection[Alert], cause: Cause) -> Alert | None:
    """The alert that this cause goes on with: of its own key, else one that is open and whose finding is part of it."""
    also = {_key(one) for one in cause.also}
    found = [one for one in before if one.key == cause.key]
    found += [one for one in before if one.is_open and (one.cause.key == cause.key or _keys(one) & also)]
    return min(found, key=lambda one: not one.is_open, default=None)


def _keys(alert: Alert) -> set[str]:
    """As it was opened, and as it was found last: another one of its findings may be the chief by now."""
    return {alert.key, alert.cause.key}


def _key(finding: Finding) -> str:
    return Cause(finding).key


def _found(manner: Manner, before: Alert | None, cause: Cause, now: datetime) -> Step:
    rule = manner.rules[cause.chief.rule]
    if before is None or not (before.is_open or _is_cool(before, rule, now)):
        alert = Alert(0, cause.key, manner.address, manner.language, Stage.QUIET, cause, now, now)
    else:
        stage = before.stage if before.is_open else Stage.QUIET
        alert = replace(before, cause=cause, seen_at=now, language=manner.language, stage=stage, over_at=None)
    if rule.name in manner.muted:
        return Step(replace(alert, stage=Stage.MUTED))
    if alert.stage is Stage.MUTED:
        alert = replace(alert, stage=Stage.QUIET)
    kind = _kind(alert, rule, now)
    if kind is None or quiet_until(rule, now, manner.zone) is not None:
        return Step(alert)
    return Step(replace(alert, stage=Stage.TOLD, told_at=now, told=cause), kind)


def _kind(alert: Alert, rule: Rule, now: datetime) -> TellingKind | None:
    """What there is to tell at any hour. Nothing where the last message is still on its way, or will never arrive."""
    if alert.last is Outcome.BUILT or alert.last in NEVER:
        return None
    if alert.told is None:
        return TellingKind.FIRST
    if is_worse(alert.told, alert.cause, rule):
        return TellingKind.WORSE
    return None if _is_cool(alert, rule, now) else TellingKind.AGAIN


def _gone(manner: Manner, before: Alert, now: datetime) -> Step:
    over = replace(before, stage=Stage.OVER, over_at=now)
    is_known = before.rule in manner.rules and before.rule not in manner.muted
    if before.stage is Stage.TOLD and before.last in ARRIVED and is_known:
        return Step(over, TellingKind.OVER)
    return Step(over)


def _is_cool(alert: Alert, rule: Rule, now: datetime) -> bool:
    """Whether it was told so lately that it is not told again."""
    if alert.told_at is None:
        return False
    return -CLOCK_BACK <= now - alert.told_at < timedelta(hours=rule.cool_down)


def is_worse(told: Cause, found: Cause, rule: Rule) -> bool:
    """Only of the same number of the same rows."""
    before, after = told.chief, found.chief
    if (before.rule, before.metric, before.segment) != (after.rule, after.metric, after.segment):
        return False
    was, now = _distance(before, rule), _distance(after, rule)
    has_grown = abs(after.observed - before.observed) >= GROWN * abs(before.observed)
    return now >= FARTHER * was and now > 0 and has_grown and after.observed != before.observed


def _distance(finding: Finding, rule: Rule) -> float:
    """From what is usual, or beyond the bound."""
    if finding.expected is not None:
        return abs(finding.observed - finding.expected)
    over = finding.observed - rule.above if rule.above is not None else float("-inf")
    under = rule.below - finding.observed if rule.below is not None else float("-inf")
    farthest = max(over, under)
    return finding.observed if farthest == float("-inf") else farthest


def quiet_until(rule: Rule, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The end of the quiet hours that it is in, None where people are told now."""
    hours = rule.quiet_hours
    if hours is None or (
        hours.except_ is not None and SEVERITIES.index(rule.severity) >= SEVERITIES.index(hours.except_)
    ):
        return None
    start, end, local = time.fromisoformat(hours.from_), time.fromisoformat(hours.to), now.astimezone(zone)
    clock = local.time()
    is_in = start <= clock < end if start <= end else clock >= start or clock < end
    if not is_in:
        return None
    day = local.date() if clock < end else local.date() + timedelta(days=1)
    return datetime.combine(day, end, zone)


def muted_for(mutes: Sequence[Mute], address: Address, now: datetime) -> frozenset[str]:
    """Rules that an address is not told of."""
    return frozenset(one.rule for one in mutes if one.holds(now) and one.address in (address, EVERYBODY))
