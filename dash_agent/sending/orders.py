"""Which digests there are, who gets them, and the jobs that bring them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Final

import structlog
from pydantic import ValidationError

from dash_agent.context.catalog import Catalog
from dash_agent.context.digests import Chat, Digest, address, problems, readers, scope_of
from dash_agent.errors import UnknownName, WrongUse
from dash_agent.models.digest import IssueKey, Recipient
from dash_agent.models.job import Payload
from dash_agent.models.principal import ScopeFilter
from dash_agent.models.query import Period
from dash_agent.models.wire import Json
from dash_agent.ports import Digests
from dash_agent.reports.spans import Preset, Span, span
from dash_agent.semantic.time import Calendar
from dash_agent.settings import CHAT_ID

logger = structlog.get_logger(__name__)

SEND: Final = "digest.send"
DELIVER: Final = "digest.deliver"


@dataclass(frozen=True, slots=True)
class Order:
    """One digest to one recipient. due: when it was, and never later than when it was ordered."""

    key: IssueKey
    recipient: Recipient
    due: datetime

    @property
    def payload(self) -> Payload:
        scope: list[Json] = [{"dimension": s.dimension, "values": list(s.values)} for s in self.recipient.scope]
        return {
            "digest": self.key.digest,
            "period": self.key.period,
            "channel": self.recipient.channel,
            "address": self.recipient.address,
            "language": self.recipient.language,
            "scope": scope,
            "due": self.due.isoformat(),
        }

    @classmethod
    def of(cls, payload: Payload) -> Order:
        """Raises WrongUse for what is none."""
        try:
            told = {name: str(payload[name]) for name in ("digest", "period", "channel", "address", "language", "due")}
            scope = payload["scope"]
            assert isinstance(scope, list)
            rows = tuple(_filter(one) for one in scope)
            due = datetime.fromisoformat(told["due"])
        except (KeyError, ValueError, TypeError, AssertionError) as error:
            raise WrongUse(f"the job's payload is no digest's: {error!r}", "drop the job") from None
        key = IssueKey(told["digest"], told["period"], told["channel"], told["address"])
        return cls(key, Recipient(told["channel"], told["address"], told["language"], rows), due)


def _filter(data: object) -> ScopeFilter:
    assert isinstance(data, dict)
    return ScopeFilter(str(data["dimension"]), tuple(map(str, data["values"])))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody who is to get a digest, and why there is no way to them."""

    address: str
    why: str


def known(catalog: Catalog, digests: Digests) -> Mapping[str, Digest]:
    """Every digest by name: the files', then those of the dashboard. One that can't be read is left out, and told."""
    found = dict(catalog.digests)
    for definition in digests.definitions():
        try:
            digest = Digest.model_validate(definition)
        except ValidationError as error:
            logger.error("digest left out", name=definition.get("name"), reason=str(error.errors()[0]["msg"]))
            continue
        found.setdefault(digest.name, digest)
    return found


def named(found: Mapping[str, Digest], name: str) -> Digest:
    """Raises UnknownName."""
    if name not in found:
        raise UnknownName("digest", name, get_close_matches(name, list(found), 3))
    return found[name]


def wrong(catalog: Catalog, digest: Digest) -> str:
    """Why a digest can't be made by this content any more, '' where it can."""
    found = problems(digest, catalog.metrics, catalog.dimensions)
    return "; ".join(f"{place}: {said}" for place, said, _ in found)


def span_of(digest: Digest, calendar: Calendar) -> Span:
    return span(Preset(digest.period), calendar)


def period_key(period: Period, calendar: Calendar) -> str:
    """Both days in it, in the business time zone."""
    last = period.end if period.to_now else period.end - timedelta(microseconds=1)
    zone = calendar.local_now.tzinfo
    return f"{period.start.astimezone(zone).date()}..{last.astimezone(zone).date()}"


def orders(
    digest: Digest, due: datetime, calendar: Calendar, chats: Mapping[str, str], channels: Mapping[str, str]
) -> Iterator[Order | LeftOut]:
    """One for each who gets it. calendar: as of `due`. channels: those that there is no way by, and why."""
    period = period_key(span_of(digest, calendar).period, calendar)
    for _, reader in readers(digest):
        channel, to = address(reader)
        if channel in channels:
            yield LeftOut(to, channels[channel])
            continue
        if isinstance(reader, Chat):
            if to not in chats and not CHAT_ID.fullmatch(to):
                yield LeftOut(to, f"there is no chat '{to}' in TELEGRAM_CHAT_IDS")
                continue
            to = chats.get(to, to)
        recipient = Recipient(channel, to, reader.language, scope_of(reader))
        yield Order(IssueKey(digest.name, period, channel, to), recipient, due)
