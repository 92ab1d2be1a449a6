"""Who is told of which rules, and whether there were looks when there should have been."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from croniter import croniter

from dash_agent.context.alerts import Alert as Rule
from dash_agent.context.digests import Chat, address, readers, scope_of
from dash_agent.models.alarm import Address, Gap, Look
from dash_agent.models.principal import Principal, Role, ScopeFilter
from dash_agent.ports import Alerts
from dash_agent.sending.orders import LeftOut
from dash_agent.settings import CHAT_ID

LOOK: Final = "alert.look"
TELL: Final = "alert.tell"
SAY: Final = "alert.say"
HEARTBEAT: Final = "alert.heartbeat"
SCHEDULE: Final = "alert.schedule"
UPDATE: Final = "telegram.update"

MISSED: Final = 2
"""Looks in a row that did not take place, after which it is told."""
SHORT: Final = timedelta(minutes=30)
"""A gap that is not worth telling, however often it is looked."""
LATE: Final = timedelta(minutes=5)
"""That a look may take to begin and to end."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody who is told. rules: of which. One address has one language and one scope for all its rules with it."""

    address: Address
    language: str
    scope: tuple[ScopeFilter, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Listeners who are told of the same rules and see the same rows: one look serves them all."""

    scope: tuple[ScopeFilter, ...]
    rules: tuple[str, ...]
    listeners: tuple[Listener, ...]

    @property
    def principal(self) -> Principal:
        return Principal("alerts", Role.MANAGER, "en", self.scope)


def listeners(
    rules: Mapping[str, Rule], chats: Mapping[str, str], closed: Mapping[str, str]
) -> tuple[Sequence[Listener], Sequence[LeftOut]]:
    """Everybody who is told of anything, and whom there is no way to. closed: channels that there is no way by.

    Where an address stands with several languages or scopes, it is several listeners.
    """
    found: dict[tuple[Address, str, tuple[ScopeFilter, ...]], list[str]] = {}
    left: dict[LeftOut, None] = {}
    for rule in rules.values():
        for _, reader in readers(rule):
            channel, to = address(reader)
            if channel in closed:
                left[LeftOut(to, closed[channel])] = None
                continue
            if isinstance(reader, Chat):
                if to not in chats and not CHAT_ID.fullmatch(to):
                    left[LeftOut(to, f"there is no chat '{to}' in TELEGRAM_CHAT_IDS")] = None
                    continue
                to = chats.get(to, to)
            found.setdefault((Address(channel, to), reader.language, scope_of(reader)), []).append(rule.name)
    return [Listener(*key, tuple(names)) for key, names in found.items()], list(left)


def groups(found: Sequence[Listener], wanted: Sequence[str]) -> Sequence[Group]:
    """Of those who are told of any of the wanted rules."""
    made: dict[tuple[tuple[ScopeFilter, ...], tuple[str, ...]], list[Listener]] = {}
    for one in found:
        rules = tuple(name for name in one.rules if name in wanted)
        if rules:
            made.setdefault((one.scope, rules), []).append(one)
    return [Group(scope, rules, tuple(told)) for (scope, rules), told in made.items()]


def scope_key(scope: Sequence[ScopeFilter]) -> str:
    """As looks are kept by: '' of all rows."""
    return ";".join(f"{one.dimension}={','.join(one.values)}" for one in scope)


# Looks that did not take place


def is_late(rule: Rule, last: datetime, now: datetime, zone: ZoneInfo) -> bool:
    """Whether several looks should have taken place since the last one."""
    times = croniter(rule.look, last.astimezone(zone))
    for _ in range(MISSED):
        due: datetime = times.get_next(datetime)
    return now > due + LATE and now - last > SHORT


def gap(alerts: Alerts, one: Listener, looked: Sequence[Rule], now: datetime, zone: ZoneInfo) -> Gap | None:
    """What there is to tell somebody about the time before this look.

    Where nothing of theirs was looked at, they hear it once, and not again of each rule.
    """
    scope = scope_key(one.scope)
    last = alerts.last_look(one.rules, scope)
    late = list(_late(alerts, one, looked, now, zone))
    if last is None or not late:
        return None
    alone = [(rule, at) for rule, at in late if is_late(rule, at, last.at, zone)]
    if not alone:
        return Gap(last.at, now, _why(alerts, scope, one.rules, last.at))
    start = min(at for _, at in alone)
    if any(look.gap_from is not None and look.scope == scope for look in alerts.looks(start)):
        return None
    names = tuple(rule.name for rule, _ in alone)
    return Gap(start, now, _why(alerts, scope, names, start), names)


@dataclass(frozen=True, slots=True)
class Watch:
    """rules: that somebody is told of. late: those of them that nobody has looked at in time. last_at: of any look."""

    rules: tuple[str, ...]
    late: tuple[str, ...]
    last_at: datetime | None


def watch(alerts: Alerts, told: Sequence[Listener], rules: Mapping[str, Rule], now: datetime, zone: ZoneInfo) -> Watch:
    """Whether silence means that all is as usual. A rule that was never looked at is not late: it may be new."""
    names = tuple(dict.fromkeys(name for one in told for name in one.rules))
    last = alerts.last_look()
    found = {(name, scope_key(one.scope)): rules[name] for one in told for name in one.rules}
    late = dict[str, None]()
    for (name, scope), rule in found.items():
        look = alerts.last_look((name,), scope)
        if look is not None and is_late(rule, look.at, now, zone):
            late[name] = None
    return Watch(names, tuple(late), last.at if last else None)


def _late(
    alerts: Alerts, one: Listener, looked: Sequence[Rule], now: datetime, zone: ZoneInfo
) -> Iterator[tuple[Rule, datetime]]:
    for rule in looked:
        last = alerts.last_look((rule.name,), scope_key(one.scope))
        if last is not None and is_late(rule, last.at, now, zone):
            yield rule, last.at


def _why(alerts: Alerts, scope: str, rules: Sequence[str], since: datetime) -> str:
    """What the looks that failed meanwhile said last, '' where there were none: then nobody looked."""
    failed: Iterator[Look] = (one for one in alerts.looks(since) if one.error and one.scope == scope)
    return next((one.error for one in failed if set(one.rules) & set(rules)), "")
