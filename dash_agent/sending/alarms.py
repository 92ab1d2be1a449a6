"""The way of a look: rules that are due, each listener's rows, what is told of what was found. Read this first.

What a look decides is kept in one transaction with the job's end: alerts as they are now, the messages as they will
leave, and a job for each of them whose key is the alert and the message's number. So a look that is cut off is begun
again from nothing, and one that has ended is never decided twice. `telling.py` brings the messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from dash_agent.ask import Dash
from dash_agent.context.alerts import Alert as Rule
from dash_agent.errors import DashError, Interrupted
from dash_agent.models.alarm import DATA, Alert, Gap, Look, TellingKind
from dash_agent.models.job import Payload, Transaction, Work
from dash_agent.models.message import Letter, Message, Text, message_json
from dash_agent.models.reason import Reason, why_of
from dash_agent.ports import Alerts, Clock, Messenger, Replies
from dash_agent.reports.alert_pulse import gap_told
from dash_agent.reports.alert_render import message, telling, verdict_buttons
from dash_agent.reports.alerts.look import Looked
from dash_agent.reports.view import View
from dash_agent.sending.deciding import Manner, Step, muted_for, steps
from dash_agent.sending.looking import SAY, TELL, Group, Listener, gap, groups, listeners, scope_key
from dash_agent.sending.orders import LeftOut

logger = structlog.get_logger(__name__)

REMEMBERED: Final = timedelta(days=31)
"""For which an alert that is over may come back as the same; no cool-down is longer."""

Put = Callable[[Transaction, str, str, Payload], bool]
"""A job by kind and key, in a transaction."""

Seen = Callable[[View, Sequence[Rule]], Looked]
"""What is found by rules, of the rows of a view."""


@dataclass(frozen=True, slots=True)
class Alarms:
    """chats: ids by name. closed: channels that there is no way by, and why. link: of the dashboard. replies: None
    where nobody can press anything.
    """

    dash: Callable[[], Dash]
    alerts: Alerts
    seen: Seen
    messengers: Mapping[str, Messenger]
    closed: Mapping[str, str]
    chats: Mapping[str, str]
    replies: Replies | None
    put: Put
    clock: Clock
    zone: ZoneInfo
    link: str

    @property
    def rules(self) -> Mapping[str, Rule]:
        return self.dash().catalog.alerts

    def listeners(self) -> tuple[Sequence[Listener], Sequence[LeftOut]]:
        return listeners(self.rules, self.chats, self.closed)

    # Looking

    def look(self, work: Work) -> None:
        """Job `alert.look`: the rules of its payload that there still are. Raises what looking raised if all failed."""
        named = work.job.payload.get("rules")
        wanted = [str(name) for name in named] if isinstance(named, list) else []
        now = self.clock.now()
        looked = self.looked(self.groups(wanted), now)
        if work.is_stopping:
            raise Interrupted("the worker ends")
        with work.finishing() as transaction:
            self.keep(transaction, looked, now)

    def groups(self, wanted: Sequence[str]) -> Sequence[Group]:
        found, left = self.listeners()
        for one in left:
            logger.info("nobody is told", to=one.address, reason=one.why)
        return groups(found, wanted)

    def looked(self, wanted: Sequence[Group], now: datetime, *, note: bool = True) -> Sequence[tuple[Group, Looked]]:
        """What there is for each. The others go on where one fails; if all do, it raises. note: whether it is kept."""
        found, failure = [], None
        for group in wanted:
            rules = [self.rules[name] for name in group.rules if name in self.rules]
            try:
                found.append((group, self.seen(View.of(self.dash(), group.principal, now, "en"), rules)))
            except Exception as error:  # noqa: BLE001  a look's edge: whatever looking raises is a look that failed
                logger.warning("a look failed", rules=group.rules, reason=f"{type(error).__name__}: {error}")
                failure = error
                if note:
                    self._failed(group, now, error)
        if failure is not None and not found:
            raise failure
        return found

    def keep(self, transaction: Transaction, looked: Sequence[tuple[Group, Looked]], now: datetime) -> int:
        """Keeps what was decided and orders what is told; how many messages about alerts."""
        self.alerts.hold(transaction)
        count = 0
        for group, found in looked:
            missed = [(one, gap(self.alerts, one, self._of(group, found), now, self.zone)) for one in group.listeners]
            for one, since in missed:
                if since is not None:
                    self._order_gap(transaction, one, since)
                for step, said in self.decided(transaction, one, group, found, now):
                    count += self.order(transaction, step, said, now)
            gaps = [since.start for _, since in missed if since is not None]
            self._note(transaction, group, found, now, min(gaps, default=None))
        return count

    def decided(
        self, transaction: Transaction, one: Listener, group: Group, found: Looked, now: datetime
    ) -> Iterator[tuple[Step, Message | None]]:
        """What becomes of each alert of a listener, and what is told. Keeps nothing."""
        before = self.alerts.of(transaction, one.address, now - REMEMBERED)
        theirs = {name for other in self.listeners()[0] if other.address == one.address for name in other.rules}
        rules = {name: self.rules[name] for name in theirs}
        looked = frozenset(rule.name for rule in self._of(group, found))
        muted = muted_for(self.alerts.mutes(), one.address, now)
        manner = Manner(one.address, one.language, rules, looked, muted, self.zone)
        for step in steps(manner, before, found.causes, now):
            yield step, None if step.tell is None else self.said(one, step.alert, step.tell)

    def order(self, transaction: Transaction, step: Step, said: Message | None, now: datetime) -> int:
        alert = self.alerts.keep(transaction, step.alert)
        if step.tell is None or said is None:
            return 0
        said = _addressed(said, alert, step.tell, now)
        ordered = self.alerts.order(transaction, alert.alert_id, step.tell, said, now)
        payload = {"alert_id": alert.alert_id, "number": ordered.number}
        return self.put(transaction, TELL, f"alert {alert.alert_id} {ordered.number}", payload)

    def said(self, one: Listener, alert: Alert, kind: TellingKind) -> Message | None:
        """In the listener's language. None of a rule that is gone. Its buttons come when the alert has its id."""
        rule = self.rules.get(alert.rule)
        if rule is None:
            return None
        told = telling(self.dash().wording(one.language), rule, alert.cause, kind, one.scope, self.link)
        return message(told, one.address.channel, f"alert-{alert.rule}")

    def _of(self, group: Group, found: Looked) -> Sequence[Rule]:
        """Rules that were really looked at."""
        withheld = {one.rule for one in found.withheld}
        return [self.rules[name] for name in group.rules if name in self.rules and name not in withheld]

    # Keeping

    def _order_gap(self, transaction: Transaction, one: Listener, missed: Gap) -> None:
        rules = [self.rules[name] for name in missed.rules if name in self.rules]
        said = gap_told(self.dash().wording(one.language), missed, rules, one.address.channel)
        names = missed.rules or one.rules
        self.say(transaction, one, f"gap {missed.start.isoformat(timespec='minutes')}", said, names)

    def say(self, transaction: Transaction, one: Listener, what: str, said: Message, rules: Sequence[str]) -> bool:
        """Orders a message that is about no alert, once for `what`. rules: that it is about; it keeps their quiet
        hours.
        """
        payload: Payload = {
            "channel": one.address.channel,
            "to": one.address.to,
            "message": message_json(said),
            "rules": [*rules],
        }
        return self.put(transaction, SAY, f"alerts {what} {one.address}", payload)

    def _note(
        self, transaction: Transaction, group: Group, found: Looked, now: datetime, since: datetime | None
    ) -> None:
        scope = scope_key(group.scope)
        rules = tuple(rule.name for rule in self._of(group, found))
        if rules:
            look = Look(scope, rules, now, found.checked, len(found.causes), gap_from=since)
            self.alerts.looked(look, transaction)
        for one in found.withheld:
            self.alerts.looked(
                Look(scope, (one.rule,), now, error=one.why.kept if one.why is not None else DATA), transaction
            )

    def _failed(self, group: Group, now: datetime, error: Exception) -> None:
        kind = type(error).__name__
        why = (why_of(error) if isinstance(error, DashError) else Reason("broke", kind, {"kind": kind})).kept
        try:
            self.alerts.looked(Look(scope_key(group.scope), group.rules, now, error=why))
        except DashError as lost:
            logger.warning("a look that failed can't be noted", reason=str(lost))


def _addressed(said: Message, alert: Alert, kind: TellingKind, now: datetime) -> Message:
    """With what its alert's id is needed for: buttons below a text, and a name of its own for a letter."""
    if isinstance(said, Letter):
        return replace(said, name=f"{said.name}-{alert.alert_id}-{now:%Y%m%d-%H%M}-{kind}")
    if isinstance(said, Text) and kind is not TellingKind.OVER:
        return replace(said, buttons=verdict_buttons(alert.language, alert.alert_id))
    return said
