"""A digest as it would go out now: to be looked at, or to one address as a test. Neither counts as sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dash_agent.context.digests import Digest, address, readers, scope_of
from dash_agent.errors import WrongUse
from dash_agent.models.digest import IssueKey, Recipient
from dash_agent.models.message import Message
from dash_agent.models.principal import Principal, covers
from dash_agent.reports.digest import title
from dash_agent.reports.digest_words import tell
from dash_agent.sending.dispatch import Dispatch
from dash_agent.sending.orders import Order, period_key, span_of, wrong


@dataclass(frozen=True, slots=True)
class Preview:
    """messages: as Telegram would get them. held: why the data would not bear it, () where it does. pictures: why
    there are none, '' where they are all there.
    """

    recipient: Recipient
    messages: tuple[Message, ...]
    held: tuple[str, ...]
    pictures: str


def readings(dispatch: Dispatch, digest: Digest, who: Principal, language: str) -> tuple[Recipient, ...]:
    """The ways in which it is read, each once, for the first who reads it so: languages and rows. Only rows that `who`
    may see, and those in `language` first. Where there is nobody, as `who` would read it in it.
    """
    found: dict[object, Recipient] = {}
    for one in recipients(dispatch, digest):
        if covers(who.scope, one.scope):
            found.setdefault((one.language, one.scope), one)
    made = sorted(found.values(), key=lambda one: one.language != language)
    return tuple(made) or (Recipient("telegram", "", language, who.scope),)


def recipients(dispatch: Dispatch, digest: Digest) -> Iterator[Recipient]:
    """Everybody of its audience, chats by their ids where those are known."""
    for _, reader in readers(digest):
        channel, to = address(reader)
        to = dispatch.chats.get(to, to) if channel == "telegram" else to
        yield Recipient(channel, to, reader.language, scope_of(reader))


def preview(dispatch: Dispatch, digest: Digest, recipient: Recipient) -> Preview:
    """Of what it would be about if it were due now. Raises WrongUse for what can't be made, and Unavailable."""
    order = _order(dispatch, digest, recipient)
    held = dispatch.doubts(order, digest)
    seen = replace(order, key=replace(order.key, channel="telegram"))
    messages, without = dispatch.messages(seen, dispatch.told(order, digest))
    return Preview(recipient, messages, held, without)


def send_test(dispatch: Dispatch, digest: Digest, recipient: Recipient, channel: str, to: str, key: str) -> int:
    """Sends it as `recipient` reads it to another address, under a title that says so; how many messages it was.

    key: of this test alone. Raises what the messenger raises, WrongUse and Unavailable.
    """
    if channel in dispatch.closed or channel not in dispatch.messengers:
        raise WrongUse(dispatch.closed.get(channel, f"there is no channel '{channel}'"), "see docs/digests.md")
    order = _order(dispatch, digest, recipient)
    told = dispatch.told(order, digest)
    marked = replace(told, title=tell(told.language, "test", title=title(digest, told.language)))
    # A letter goes by this name, and must not take the place of the digest's own.
    test = replace(order, key=IssueKey(f"test-{digest.name}", order.key.period, channel, to))
    messages, _ = dispatch.messages(test, marked)
    messenger = dispatch.messengers[channel]
    for number, message in enumerate(messages, 1):
        messenger.ready(to, message)
        messenger.send(to, message, f"test {key} part {number}")
    return len(messages)


def _order(dispatch: Dispatch, digest: Digest, recipient: Recipient) -> Order:
    said = wrong(dispatch.dash().catalog, digest)
    if said:
        raise WrongUse(said, "see 'dash-agent check'")
    due = dispatch.clock.now()
    calendar = dispatch.dash().calendar(due)
    period = period_key(span_of(digest, calendar).period, calendar)
    return Order(IssueKey(digest.name, period, recipient.channel, recipient.address), recipient, due)
