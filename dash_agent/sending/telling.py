"""A message about an alert on its way: kept by the look, sent once, and noted.

Each is one part, so it arrives once or is in doubt; what is in doubt is a dead letter that a person looks at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import structlog

from dash_agent.errors import BadCredentials, InDoubt, NotSent, PutOff, Throttled, TurnedAway, WrongUse
from dash_agent.models.alarm import EVERYBODY, Address, Alert, Telling, TellingKind
from dash_agent.models.alert import Stage
from dash_agent.models.digest import Outcome
from dash_agent.models.job import Transaction, Work
from dash_agent.models.message import Message, message_of
from dash_agent.models.reason import Reason, why_of
from dash_agent.reports.alert_pulse import pulse_told
from dash_agent.sending.alarms import Alarms
from dash_agent.sending.deciding import Step, quiet_until
from dash_agent.sending.looking import Listener, scope_key

logger = structlog.get_logger(__name__)

DAY: Final = timedelta(days=1)
MANY: Final = 10_000
HEARTBEAT_RULE: Final = "heartbeat"
"""Stands for the daily line where rules are muted."""


@dataclass(frozen=True, slots=True)
class Tellings:
    alarms: Alarms

    def tell(self, work: Work) -> None:
        """Job `alert.tell`: one message about one alert."""
        telling, alert = self._kept(work)
        if telling.outcome.is_final:
            return
        # What was begun before may have arrived; that it is stale is no reason to say it was not sent.
        if work.job.attempt == 1 and telling.outcome is Outcome.BUILT and _is_stale(telling, alert):
            self._end(work, telling, Outcome.SKIPPED, Reason("overtaken", "it was no longer so before it left"))
            return
        self._not_in_quiet_hours([alert.rule])
        with self._noting(telling):
            self._send(work, alert.address, message_of(telling.message))
        self._end(work, telling, Outcome.SENT, None)

    def say(self, work: Work) -> None:
        """Job `alert.say`: a message that is about no alert."""
        try:
            told: Any = work.job.payload
            address, said = Address(str(told["channel"]), str(told["to"])), message_of(told["message"])
        except (KeyError, TypeError) as error:
            raise WrongUse(f"the job's payload is no message's: {error!r}", "drop the job") from None
        about = told.get("rules")
        self._not_in_quiet_hours([str(name) for name in about] if isinstance(about, list) else [])
        try:
            self._send(work, address, said)
        except (TurnedAway, BadCredentials) as error:
            raise WrongUse(error.message, error.hint) from error
        except Throttled as error:
            raise PutOff(str(error), error.seconds) from error

    def heartbeat(self, work: Work) -> None:
        """Job `alert.heartbeat`: a line for everybody who has not switched it off, once for each day."""
        alarms, now = self.alarms, self.alarms.clock.now()
        off = {one.address for one in alarms.alerts.mutes() if one.rule == HEARTBEAT_RULE and one.holds(now)}
        looks = alarms.alerts.looks(now - DAY)
        found = [one for one in alarms.alerts.listed(limit=MANY) if one.seen_at >= now - DAY]
        day = now.astimezone(alarms.zone).date()
        with work.finishing() as transaction:
            for one in alarms.listeners()[0]:
                if one.address in off or EVERYBODY in off:
                    continue
                theirs = [
                    look for look in looks if look.scope == scope_key(one.scope) and set(look.rules) & set(one.rules)
                ]
                unusual = [alert for alert in found if _is_for(one, alert) and alert.stage is not Stage.MUTED]
                name = f"alerts-{day}"
                said = pulse_told(alarms.dash().wording(one.language), theirs, len(unusual), one.address.channel, name)
                alarms.say(transaction, one, f"heartbeat {day} {_mark(one)}".rstrip(), said, one.rules)

    def _kept(self, work: Work) -> tuple[Telling, Alert]:
        payload = work.job.payload
        alert_id, number = payload.get("alert_id"), payload.get("number")
        if not isinstance(alert_id, int) or not isinstance(number, int):
            raise WrongUse("the job's payload names no message of an alert", "drop the job")
        telling, alert = self.alarms.alerts.telling(alert_id, number), self.alarms.alerts.alert(alert_id)
        if telling is None or alert is None:
            raise WrongUse(f"alert {alert_id} has no message {number} any more", "drop the job")
        return telling, alert

    def _not_in_quiet_hours(self, names: Sequence[str]) -> None:
        """Raises PutOff until the first of these rules tells again, where all are quiet: a message that was kept from
        leaving, that something is over, or what is told of the looks.
        """
        rules, now = self.alarms.rules, self.alarms.clock.now()
        ends = [quiet_until(rules[name], now, self.alarms.zone) for name in names if name in rules]
        quiet = [until for until in ends if until is not None]
        if quiet and len(quiet) == len(ends):
            raise PutOff("it waits for the end of the quiet hours", max((min(quiet) - now).total_seconds(), 1.0))

    @contextmanager
    def _noting(self, telling: Telling) -> Iterator[None]:
        """What keeps it from arriving is kept with it."""
        try:
            yield
        except (TurnedAway, BadCredentials) as error:
            self._note(telling, Outcome.REFUSED, why_of(error))
            raise WrongUse(error.message, error.hint) from error
        except Throttled as error:
            raise PutOff(str(error), error.seconds) from error
        except NotSent as error:
            self._note(telling, Outcome.BUILT, why_of(error))
            raise
        except InDoubt as error:
            self._note(telling, Outcome.IN_DOUBT, why_of(error))
            raise

    def _send(self, work: Work, to: Address, said: Message) -> None:
        messenger = self.alarms.messengers.get(to.channel)
        if messenger is None:
            away = TurnedAway(self.alarms.closed.get(to.channel, f"there is no way by '{to.channel}'"))
            raise away.because("no_token" if to.channel in self.alarms.closed else "no_way", channel=to.channel)
        messenger.ready(to.to, said)
        work.send_once(to.channel, to.to, lambda key: messenger.send(to.to, said, key), repeatable=messenger.repeatable)

    def _note(self, telling: Telling, outcome: Outcome, why: Reason) -> None:
        self.alarms.alerts.note(replace(telling, outcome=outcome, why=why.kept, at=self.alarms.clock.now()))
        logger.info("alert", alert=telling.alert_id, number=telling.number, outcome=outcome, reason=str(why))

    def _end(self, work: Work, telling: Telling, outcome: Outcome, why: Reason | None) -> None:
        """With the job's end. What is over by now is told so, as no look will any more."""
        alarms, now = self.alarms, self.alarms.clock.now()
        kept = "" if why is None else why.kept
        with work.finishing() as transaction:
            alarms.alerts.hold(transaction)
            alarms.alerts.settle(transaction, replace(telling, outcome=outcome, why=kept, at=now))
            alert = alarms.alerts.alert(telling.alert_id)
            if outcome is Outcome.SENT and alert is not None and _was_overtaken(telling, alert):
                self._tell_over(transaction, alert)
        logger.info("alert", alert=telling.alert_id, number=telling.number, outcome=outcome, reason=str(why or ""))

    def _tell_over(self, transaction: Transaction, alert: Alert) -> None:
        theirs = [one for one in self.alarms.listeners()[0] if _is_for(one, alert)]
        for one in theirs[:1]:
            said = self.alarms.said(one, alert, TellingKind.OVER)
            self.alarms.order(transaction, Step(alert, TellingKind.OVER), said, self.alarms.clock.now())


def _is_for(one: Listener, alert: Alert) -> bool:
    return one.address == alert.address and alert.rule in one.rules


def _is_stale(telling: Telling, alert: Alert) -> bool:
    return alert.is_open is (telling.kind is TellingKind.OVER)


def _was_overtaken(telling: Telling, alert: Alert) -> bool:
    return telling.kind is not TellingKind.OVER and alert.stage is Stage.OVER


def _mark(one: Listener) -> str:
    """Tells listeners of one address apart."""
    return " ".join(filter(None, (one.language, scope_key(one.scope))))
