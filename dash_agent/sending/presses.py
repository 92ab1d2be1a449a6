"""What people press below a message: a verdict on an alert, or whether a rule is muted in their chat.

A press is a job with the update's id as its key. A verdict is kept before it is answered, and a second time does no
harm: so whoever goes on after a crash answers again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import structlog

from dash_agent.errors import DashError
from dash_agent.models.alarm import EVERYBODY, Alert, Mute, MuteState, Precision, Press
from dash_agent.models.alert import Verdict
from dash_agent.models.job import Payload, Transaction, Work
from dash_agent.models.message import Button, Text
from dash_agent.models.wire import Json
from dash_agent.reports.alert_render import MUTE, mute_buttons, proposal, verdict_buttons
from dash_agent.reports.alert_words import tell
from dash_agent.sending.alarms import Alarms
from dash_agent.sending.looking import Listener

logger = structlog.get_logger(__name__)

FEW: Final = 8
"""Verdicts that a rule has at least before it proposes anything, and again after somebody kept it."""
LOW: Final = 0.3
"""The share of useful ones below which it does."""
MONTH: Final = timedelta(days=30)
PRESSED: Final = re.compile(r"(a):(\d{1,18}):(useful|noise)|(m):(\d{1,18}):(mute|keep)")


@dataclass(frozen=True, slots=True)
class Pressed:
    """update_id: grows from press to press. chats: the ways that its chat may be written. message: that it is below."""

    update_id: int
    query: str
    chat: str
    chats: frozenset[str]
    message: int
    user: str
    language: str
    data: str


def pressed_of(update: Mapping[str, Any]) -> Pressed | None:
    """None of an update that is something else, or of a message that is too old for Telegram to tell which."""
    query = update.get("callback_query")
    try:
        assert isinstance(query, dict)
        message, sender = query["message"], query["from"]
        chat = str(message["chat"]["id"])
        named = message["chat"].get("username")
        language = "ru" if str(sender.get("language_code", "")).startswith("ru") else "en"
        return Pressed(
            int(update["update_id"]),
            str(query["id"]),
            chat,
            frozenset({chat, *([f"@{named}"] if named else [])}),
            int(message["message_id"]),
            str(sender["id"]),
            language,
            str(query.get("data", "")),
        )
    except (AssertionError, AttributeError, KeyError, TypeError, ValueError):
        return None


def trimmed(update: Mapping[str, Any]) -> Payload | None:
    """What a job needs of a press, without names and texts; None of an update that is none."""
    pressed = pressed_of(update)
    if pressed is None:
        return None
    query, message = update["callback_query"], update["callback_query"]["message"]
    kept: dict[str, Json] = {
        "id": pressed.query,
        "from": {key: query["from"][key] for key in ("id", "language_code") if key in query["from"]},
        "message": {
            "message_id": pressed.message,
            "chat": {key: message["chat"][key] for key in ("id", "username") if key in message["chat"]},
        },
        "data": pressed.data,
    }
    return {"update": {"update_id": pressed.update_id, "callback_query": kept}}


@dataclass(frozen=True, slots=True)
class Presses:
    alarms: Alarms

    def handle(self, work: Work) -> None:
        """Job `telegram.update`: what it is not about is left alone."""
        update = work.job.payload.get("update")
        pressed = pressed_of(update) if isinstance(update, dict) else None
        if pressed is None:
            return
        found = PRESSED.fullmatch(pressed.data)
        if found is None:
            self._answer(pressed, tell(pressed.language, "said.unknown"))
        elif found[1]:
            self._verdict(work, pressed, int(found[2]), Verdict(found[3]))
        else:
            self._mute(pressed, int(found[5]), found[6])

    # Useful or noise

    def _verdict(self, work: Work, pressed: Pressed, alert_id: int, verdict: Verdict) -> None:
        if alert_id == 0:
            self._answer(pressed, tell(pressed.language, "said.test"))
            return
        alert = self.alarms.alerts.alert(alert_id)
        if alert is None:
            self._answer(pressed, tell(pressed.language, "said.unknown"))
            return
        if not self._is_theirs(pressed, alert):
            self._answer(pressed, tell(pressed.language, "said.stranger"))
            return
        now = self.alarms.clock.now()
        press = Press(alert_id, alert.address.to, pressed.user, verdict, now, pressed.update_id)
        self.alarms.alerts.press(press)
        counts = self.alarms.alerts.verdicts(alert_id)
        self._answer(pressed, tell(alert.language, f"said.{verdict}"))
        self._relabel(pressed, verdict_buttons(alert.language, alert_id, counts))
        with work.finishing() as transaction:
            self.propose(transaction, alert.rule)

    def _is_theirs(self, pressed: Pressed, alert: Alert) -> bool:
        """Whether the alert went to this chat, and the chat is still told of its rule."""
        theirs = alert.address.channel == "telegram" and alert.address.to in pressed.chats
        return theirs and any(alert.address == one.address and alert.rule in one.rules for one in self._listeners())

    def _listeners(self) -> Sequence[Listener]:
        return self.alarms.listeners()[0]

    # Muting

    def propose(self, transaction: Transaction, rule: str) -> int:
        """Asks the chats of a rule that is noise more often than not whether to mute it; how many."""
        alarms = self.alarms
        alarms.alerts.hold(transaction)
        precision = alarms.alerts.precision().get(rule, Precision())
        if rule not in alarms.rules or precision.count < FEW or (precision.share or 0.0) >= LOW:
            return 0
        known = {(one.rule, one.address): one for one in alarms.alerts.mutes()}
        count = 0
        for one in self._listeners():
            before = known.get((rule, one.address)), known.get((rule, EVERYBODY))
            if rule in one.rules and one.address.channel == "telegram" and self._is_time(before, precision):
                count += self._propose(transaction, one, rule, precision)
        return count

    def _is_time(self, before: Sequence[Mute | None], precision: Precision) -> bool:
        """Not while it is asked or muted, and of a chat that kept it, only after as many verdicts again."""
        now = self.alarms.clock.now()
        return not any(
            one is not None and (one.state is MuteState.PROPOSED or one.holds(now) or precision.count < one.count + FEW)
            for one in before
        )

    def _propose(self, transaction: Transaction, one: Listener, rule: str, precision: Precision) -> bool:
        alarms = self.alarms
        now = alarms.clock.now()
        mute = Mute(0, rule, one.address, MuteState.PROPOSED, now, count=precision.count)
        mute = alarms.alerts.mute(mute, transaction)
        html = proposal(alarms.dash().wording(one.language), alarms.rules[rule], precision)
        said = Text(html, mute_buttons(one.language, mute.mute_id), silent=True)
        return alarms.say(transaction, one, f"propose {rule} {precision.count}", said, (rule,))

    def _mute(self, pressed: Pressed, mute_id: int, chosen: str) -> None:
        alarms, now = self.alarms, self.alarms.clock.now()
        mute = next((one for one in alarms.alerts.mutes() if one.mute_id == mute_id), None)
        if mute is None or mute.rule not in alarms.rules:
            self._answer(pressed, tell(pressed.language, "said.unknown"))
            return
        theirs = [one for one in self._listeners() if one.address == mute.address and mute.rule in one.rules]
        if mute.address.to not in pressed.chats or not theirs:
            self._answer(pressed, tell(pressed.language, "said.stranger"))
            return
        language, by = theirs[0].language, f"telegram {pressed.user}"
        if chosen == MUTE:
            until = now + MONTH
            alarms.alerts.mute(replace(mute, state=MuteState.MUTED, at=now, until=until, by=by))
            said = tell(language, "said.muted", moment=alarms.dash().wording(language).moment(until))
        else:
            alarms.alerts.mute(replace(mute, state=MuteState.KEPT, at=now, until=None, by=by))
            said = tell(language, "said.kept")
        self._answer(pressed, said)
        self._relabel(pressed, mute_buttons(language, mute_id, chosen))

    # Answering

    def _answer(self, pressed: Pressed, text: str) -> None:
        self._try(lambda: self.alarms.replies.answer(pressed.query, text) if self.alarms.replies else None)

    def _relabel(self, pressed: Pressed, buttons: Sequence[Sequence[Button]]) -> None:
        chat, message = pressed.chat, pressed.message
        self._try(lambda: self.alarms.replies.relabel(chat, message, buttons) if self.alarms.replies else None)

    @staticmethod
    def _try(reply: Callable[[], None]) -> None:
        """What was pressed is kept; that nobody could be answered is no reason to begin anew."""
        try:
            reply()
        except DashError as error:
            logger.warning("a press was not answered", reason=str(error))
