"""The way of a digest: ordered, looked at, made, kept, sent part by part, noted. Read this first.

An order is a job whose key is the digest, the period and the address, so there is one however often it is due. What is
sent is kept before the first part of it leaves: whoever goes on after a crash sends the rest of the same. Each part is
noted as begun and as sent (`Work.send_once`); one that was cut off in between is never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from croniter import croniter

from dash_agent.ask import Dash
from dash_agent.context.digests import Digest
from dash_agent.errors import BadCredentials, InDoubt, Interrupted, NotSent, PutOff, Throttled, TurnedAway, WrongUse
from dash_agent.models.digest import Issue, Made, Outcome
from dash_agent.models.job import Payload, Transaction, Work
from dash_agent.models.message import Message, message_of
from dash_agent.models.query import Period
from dash_agent.models.reason import IN_WORDS, Reason, why_of
from dash_agent.ports import Clock, Digests, Messenger
from dash_agent.reports.digest import Drawing, Told, doubts, restated, telling, title
from dash_agent.reports.digest_words import tell
from dash_agent.reports.reasons import reason_told
from dash_agent.reports.render import letter, notice, telegram
from dash_agent.reports.spans import Preset
from dash_agent.reports.view import View
from dash_agent.sending.orders import DELIVER, LeftOut, Order, known, named, orders, span_of, wrong
from dash_agent.sending.restating import Moved, corrections

logger = structlog.get_logger(__name__)

LOOK_AGAIN_S: Final = 600.0
"""Between two looks at data that was not right."""

WHOLE: Final = frozenset(
    {Preset.YESTERDAY, Preset.LAST_7_DAYS, Preset.LAST_WEEK, Preset.LAST_MONTH, Preset.LAST_QUARTER}
)
"""Periods that are over when they are told: what is counted anew must come out the same."""

LANGUAGES: Final = ("en", "ru")

Draw = Callable[[Sequence[Drawing]], tuple[Mapping[str, bytes], str]]
"""PNG by name, and why there are none, as a reason is kept; '' where they are all there."""

Put = Callable[[Transaction, str, str, Payload], bool]
"""A job by kind and key, in a transaction."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """chats: ids by name. closed: channels that there is no way by, and why. link: of the dashboard."""

    dash: Callable[[], Dash]
    digests: Digests
    messengers: Mapping[str, Messenger]
    closed: Mapping[str, str]
    chats: Mapping[str, str]
    draw: Draw
    moved: Moved
    put: Put
    clock: Clock
    zone: ZoneInfo
    link: str

    @property
    def known(self) -> Mapping[str, Digest]:
        return known(self.dash().catalog, self.digests)

    # Ordering

    def ordered(self, name: str, due: datetime) -> tuple[Order | LeftOut, ...]:
        """What a digest that is due becomes. A time that has not come yet counts as now. Raises UnknownName."""
        at = min(due, self.clock.now())
        digest = named(self.known, name)
        return tuple(orders(digest, at, self.dash().calendar(at), self.chats, self.closed))

    def order(self, transaction: Transaction, found: Sequence[Order | LeftOut]) -> int:
        """Puts in a job for each order that was never given, and returns how many. Commands and schedules alike."""
        count = 0
        for one in found:
            if isinstance(one, LeftOut):
                logger.info("digest not sent", to=one.address, reason=one.why)
            else:
                count += self.put(transaction, DELIVER, str(one.key), one.payload)
        return count

    def send(self, work: Work) -> None:
        """Job `digest.send`: by schedule."""
        name, due = str(work.job.payload.get("digest")), datetime.fromisoformat(str(work.job.payload["due"]))
        found = self.ordered(name, due) if name in self.known else ()
        with work.finishing() as transaction:
            self.order(transaction, found)

    # Delivering

    def deliver(self, work: Work) -> None:
        """Job `digest.deliver`: one digest for one period to one address."""
        order = Order.of(work.job.payload)
        before = self.digests.get(order.key)
        if before is not None and before.outcome.is_final:
            return
        try:
            if before is not None and before.outcome in (Outcome.BUILT, Outcome.IN_DOUBT) and before.messages:
                messages: tuple[Message, ...] | None = tuple(message_of(one) for one in before.messages)
            else:
                messages = self._made(order, work)
            if messages is not None:
                self._sent(order, messages, work)
        except (TurnedAway, BadCredentials) as error:
            self._note(order, Outcome.REFUSED, why_of(error))
            raise WrongUse(error.message, error.hint) from error
        except Throttled as error:
            raise PutOff(str(error), error.seconds) from error
        except NotSent as error:
            self._note(order, Outcome.BUILT, why_of(error))
            raise

    def view(self, order: Order) -> View:
        principal = order.recipient.principal(order.key.digest)
        return View.of(self.dash(), principal, self.clock.now(), order.recipient.language)

    def told(self, order: Order, digest: Digest) -> Told:
        """What it says, with what has changed since the last one. Raises Unavailable."""
        view = self.view(order)
        about = span_of(digest, self.dash().calendar(order.due))
        told = telling(view, digest, about, f"{self.link}/overview?period={order.key.period}", order.due)
        last = self.digests.before(order.key)
        if last is None or Preset(digest.period) not in WHOLE:
            return told
        return restated(told, corrections(view, last, self.moved))

    def doubts(self, order: Order, digest: Digest) -> tuple[str, ...]:
        return doubts(self.view(order), digest, span_of(digest, self.dash().calendar(order.due)))

    def messages(self, order: Order, told: Told) -> tuple[tuple[Message, ...], str]:
        """As the channel takes them, and why there are no pictures, as a reason is kept."""
        pictures, without = self.draw(told.drawings) if told.drawings else ({}, "")
        if without:
            noted = tell(told.language, "no_pictures", reason=reason_told(told.language, without))
            told = replace(told, notes=(*told.notes, noted))
        if order.key.channel == "telegram":
            return telegram(told, pictures), without
        return (letter(told, pictures, f"{order.key.digest}-{order.key.period.replace('..', '-')}"),), without

    def _made(self, order: Order, work: Work) -> tuple[Message, ...] | None:
        """None where nothing is to be sent, which is noted. Raises PutOff for data that is not right yet."""
        digest = self.known.get(order.key.digest)
        said = "there is no such digest any more" if digest is None else wrong(self.dash().catalog, digest)
        if digest is None or said:
            self._note(order, Outcome.FAILED, Reason("no_digest" if digest is None else "digest_wrong", said))
            raise WrongUse(said, "see 'dash-agent check'")
        reasons = self.doubts(order, digest)
        if reasons:
            self._withhold(order, digest, reasons, work)
            return None
        told = self.told(order, digest)
        last = self.digests.before(order.key)
        if digest.skip_unchanged and last is not None and _values(last) == {n.key: n.told for n in told.numbers}:
            same = Reason("unchanged", f"every number is as of {last.key.period}", {"period": last.key.period})
            self._note(order, Outcome.SKIPPED, same)
            return None
        messages, without = self.messages(order, told)
        if work.is_stopping:
            raise Interrupted("the worker ends")
        self.digests.keep(self._issue(order, Outcome.BUILT, without), Made(messages, told.numbers, without))
        return messages

    def _withhold(self, order: Order, digest: Digest, reasons: Sequence[str], work: Work) -> None:
        """Says so once in a chat. Raises PutOff, until the next one is due."""
        language = order.recipient.language
        self._note(order, Outcome.WITHHELD, self._in_words(order, digest))
        if order.key.channel == "telegram":
            period = self._period(order, digest)
            text = notice(title(digest, language), period, reasons, language)
            try:
                self._part(order, text, "notice", work)
            except InDoubt as error:
                logger.warning("a notice may not have arrived", key=str(order.key), reason=str(error))
        local = order.due.astimezone(self.zone)
        following: datetime = croniter(digest.schedule, local).get_next(datetime)
        if self.clock.now() < following:
            raise PutOff(reasons[0], LOOK_AGAIN_S)

    def _in_words(self, order: Order, digest: Digest) -> Reason:
        """Why the data does not bear it, for whoever reads it on whichever page."""
        words = {}
        for language in LANGUAGES:
            recipient = replace(order.recipient, language=language)
            words[language] = " ".join(self.doubts(replace(order, recipient=recipient), digest))
        return Reason(IN_WORDS, words["en"], words=words)

    def _period(self, order: Order, digest: Digest) -> str:
        period: Period = span_of(digest, self.dash().calendar(order.due)).period
        return self.dash().wording(order.recipient.language).period(period, order.due)

    def _sent(self, order: Order, messages: Sequence[Message], work: Work) -> None:
        """Every part that was not sent before. What is in doubt is left to a person, and the others go out."""
        doubt: InDoubt | None = None
        for number, message in enumerate(messages, 1):
            try:
                self._part(order, message, f"part {number}", work)
            except InDoubt as error:
                doubt = doubt or error
        if doubt is not None:
            self._note(order, Outcome.IN_DOUBT, why_of(doubt))
            raise doubt
        with work.finishing() as transaction:
            self.digests.sent(transaction, order.key, messages)

    def _part(self, order: Order, message: Message, part: str, work: Work) -> None:
        messenger, to = self.messengers[order.key.channel], order.key.address
        messenger.ready(to, message)
        work.send_once(
            order.key.channel,
            to,
            lambda key: messenger.send(to, message, key),
            repeatable=messenger.repeatable,
            part=part,
        )

    def _note(self, order: Order, outcome: Outcome, why: Reason) -> None:
        self.digests.note(self._issue(order, outcome, why.kept))
        logger.info("digest", key=str(order.key), outcome=outcome, reason=str(why))

    def _issue(self, order: Order, outcome: Outcome, why: str) -> Issue:
        now = self.clock.now()
        return Issue(order.key, outcome, why, order.due, now, scope=order.recipient.scope)


def _values(issue: Issue) -> Mapping[str, str]:
    return {one.key: one.told for one in issue.numbers}
