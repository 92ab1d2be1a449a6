"""Alerts as people steer them: what is looked for, what holds, what was told, and muting; as `steering` has digests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dash_agent.context.alerts import Alert as Rule
from dash_agent.context.digests import readers, scope_of
from dash_agent.errors import UnknownName, WrongUse
from dash_agent.models.alarm import EVERYBODY, Address, Alert, Look, Mute, MuteState, Precision, Telling
from dash_agent.models.principal import Principal, Role, covers
from dash_agent.models.wire import Json
from dash_agent.ports import Audit
from dash_agent.sending.alarms import Alarms
from dash_agent.sending.looking import Listener, Watch, watch
from dash_agent.sending.samples import sample
from dash_agent.sending.timetable import next_at
from dash_agent.settings import CHAT_ID

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
MOST: Final = 500
LONGEST_DAYS: Final = 3650


@dataclass(frozen=True, slots=True)
class RuleStanding:
    """listeners: those of whom one may know. last: None of a rule that was never looked by. mutes: that hold, or are
    proposed. mine: whether one may mute it for everybody.
    """

    rule: Rule
    listeners: tuple[Listener, ...]
    last: Look | None
    next_at: datetime | None
    precision: Precision
    mutes: tuple[Mute, ...]
    mine: bool


@dataclass(frozen=True, slots=True)
class Held:
    """One thing that holds. told: the same for each address. made: of it by whoever got it."""

    alert: Alert
    told: tuple[Alert, ...]
    made: Precision


@dataclass(frozen=True, slots=True)
class Pulse:
    """Of the last day: looks that ended, and the errors of those that failed. gaps: of the last week, between two
    looks; the latest first.
    """

    watch: Watch
    looks: int
    failed: tuple[Look, ...]
    gaps: tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, slots=True)
class AlarmSteering:
    alarms: Alarms
    audit: Audit

    # Looking

    def rules(self, who: Principal) -> tuple[RuleStanding, ...]:
        _check(who)
        alarms, now = self.alarms, self.alarms.clock.now()
        precision, mutes = alarms.alerts.precision(), alarms.alerts.mutes()
        told = alarms.listeners()[0]
        found = []
        for rule in alarms.rules.values():
            everybody = list(readers(rule))
            if everybody and not any(covers(who.scope, scope_of(one)) for _, one in everybody):
                continue
            theirs = tuple(one for one in told if rule.name in one.rules and covers(who.scope, one.scope))
            known = {EVERYBODY, *(one.address for one in theirs)}
            found.append(
                RuleStanding(
                    rule,
                    theirs,
                    alarms.alerts.last_look((rule.name,)),
                    next_at(rule.look, now, alarms.zone),
                    precision.get(rule.name, Precision()),
                    tuple(
                        one
                        for one in mutes
                        if one.rule == rule.name
                        and one.address in known
                        and (one.holds(now) or one.state is MuteState.PROPOSED)
                    ),
                    self._is_mine(who, rule),
                )
            )
        return tuple(found)

    def held(self, who: Principal) -> tuple[Held, ...]:
        """What holds now, the latest first; each once, however many are told of it."""
        _check(who)
        by_key: dict[str, list[Alert]] = {}
        for one in self.alarms.alerts.listed(only_open=True, limit=MOST):
            if self._may_see(who, one):
                by_key.setdefault(one.key, []).append(one)
        return tuple(Held(found[0], tuple(found), self._made(found)) for found in by_key.values())

    def told(self, who: Principal, limit: int = 100) -> tuple[tuple[Alert, Telling], ...]:
        """What went out, or was to; the latest first."""
        _check(who)
        return tuple((one, told) for one, told in self.alarms.alerts.tellings(limit) if self._may_see(who, one))

    def pulse(self, who: Principal) -> Pulse:
        _check(who)
        alarms, now = self.alarms, self.alarms.clock.now()
        told = [one for one in alarms.listeners()[0] if covers(who.scope, one.scope)]
        looks = alarms.alerts.looks(now - WEEK)
        lately = [one for one in looks if one.at >= now - DAY]
        gaps = dict.fromkeys((one.gap_from, one.at) for one in looks if one.gap_from is not None)
        return Pulse(
            watch(alarms.alerts, told, alarms.rules, now, alarms.zone),
            sum(not one.error for one in lately),
            tuple(one for one in lately if one.error),
            tuple(gaps),
        )

    # Steering

    def mute(self, who: Principal, rule: str, address: Address, days: int) -> None:
        """address: EVERYBODY for all. It is looked for and noted all the same."""
        self._mine(who, rule, address)
        if not 1 <= days <= LONGEST_DAYS:
            raise WrongUse(f"{days} days are none to mute for", f"give 1 to {LONGEST_DAYS}")
        now = self.alarms.clock.now()
        self.audit.note(who.user, "alert.muted", rule, {**_json(address), "days": days})
        self.alarms.alerts.mute(Mute(0, rule, address, MuteState.MUTED, now, now + days * DAY, by=who.user))

    def unmute(self, who: Principal, rule: str, address: Address) -> None:
        """Also turns a proposal down."""
        self._mine(who, rule, address)
        self.audit.note(who.user, "alert.unmuted", rule, _json(address))
        self.alarms.alerts.unmute(rule, address)

    def send_test(self, who: Principal, rule: str, to: str, language: str, key: str) -> None:
        """A sample to a chat, marked as a test; nothing is kept of it. Raises WrongUse, and what the messenger does."""
        found = self._rule(rule)
        _check(who)
        chat = self.alarms.chats.get(to, to)
        if not CHAT_ID.fullmatch(chat):
            raise UnknownName("chat", to, list(self.alarms.chats)[:3])
        messenger = self.alarms.messengers.get("telegram")
        if messenger is None:
            raise WrongUse(self.alarms.closed.get("telegram", "there is no way to a chat"), "see docs/alerts.md")
        self.audit.note(who.user, "alert.test", rule, {"address": chat, "language": language})
        said = sample(self.alarms, found, language)
        messenger.ready(chat, said)
        messenger.send(chat, said, f"test {key}")

    def _rule(self, name: str) -> Rule:
        found = self.alarms.rules.get(name)
        if found is None:
            raise UnknownName("alert", name, list(self.alarms.rules)[:3])
        return found

    def _made(self, found: Sequence[Alert]) -> Precision:
        each = [self.alarms.alerts.verdicts(one.alert_id) for one in found]
        return Precision(sum(one.useful for one in each), sum(one.noise for one in each))

    def _mine(self, who: Principal, name: str, address: Address) -> None:
        """Raises WrongUse for whom it tells of rows that they don't see."""
        _check(who)
        rule = self._rule(name)
        theirs = [one for one in self.alarms.listeners()[0] if one.address == address and name in one.rules]
        of_theirs = bool(theirs) and all(covers(who.scope, one.scope) for one in theirs)
        if not (self._is_mine(who, rule) or of_theirs):
            raise WrongUse(f"the alert '{name}' tells of rows that you don't see")

    @staticmethod
    def _is_mine(who: Principal, rule: Rule) -> bool:
        return all(covers(who.scope, scope_of(one)) for _, one in readers(rule))

    def _may_see(self, who: Principal, alert: Alert) -> bool:
        """Who sees every row does; others where all who have this address are told of rows that they see."""
        if not who.scope:
            return True
        theirs = [one for one in self.alarms.listeners()[0] if one.address == alert.address and alert.rule in one.rules]
        return bool(theirs) and all(covers(who.scope, one.scope) for one in theirs)


def _check(who: Principal) -> None:
    if who.role is Role.VIEWER:
        raise WrongUse("alerts are for managers, analysts and admins")


def _json(address: Address) -> Mapping[str, Json]:
    return {"channel": address.channel, "address": address.to}
