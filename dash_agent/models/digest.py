"""A digest on its way to somebody, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dash_agent.models.message import Message
from dash_agent.models.principal import Principal, Role, ScopeFilter


@dataclass(frozen=True, slots=True)
class Recipient:
    """channel: telegram, mail or file. address: a chat, a mailbox or a folder. scope: of the rows that are counted."""

    channel: str
    address: str
    language: str
    scope: tuple[ScopeFilter, ...] = ()

    def principal(self, digest: str) -> Principal:
        """Who asks for the numbers."""
        return Principal(f"digest:{digest}", Role.MANAGER, self.language, self.scope)


class Outcome(StrEnum):
    """BUILT: it is on its way. WITHHELD: the data is not right; it goes out when that is mended, unless the next one
    is due before. IN_DOUBT: part of it may have arrived, and is not sent twice. REFUSED: the other side won't have it,
    or there is no way to it. FAILED: it can't be made.
    """

    BUILT = "built"
    SENT = "sent"
    WITHHELD = "withheld"
    SKIPPED = "skipped"
    IN_DOUBT = "in_doubt"
    REFUSED = "refused"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        return self in (Outcome.SENT, Outcome.SKIPPED)


@dataclass(frozen=True, slots=True)
class IssueKey:
    """One digest for one period and one address: what there is once. period: '2026-11-19..2026-11-19', both days in
    it, as `reports.spans.named` reads it.
    """

    digest: str
    period: str
    channel: str
    address: str

    def __str__(self) -> str:
        return f"digest {self.digest} {self.period} {self.channel} {self.address}"


@dataclass(frozen=True, slots=True)
class Number:
    """As it was told. key: the same in every issue. metric, value: of what can be counted again for its period, ''
    of anything else.
    """

    key: str
    label: str
    told: str
    metric: str = ""
    answer_id: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """What became of one. why: in words, '' where there is nothing to say. at: the last change, by the database's
    clock. messages: as they were made, without the bytes of pictures once it is sent. scope: of the rows that it
    counts, None of one that was kept before that was.
    """

    key: IssueKey
    outcome: Outcome
    why: str
    due: datetime
    at: datetime
    numbers: tuple[Number, ...] = ()
    messages: tuple[Mapping[str, object], ...] = ()
    scope: tuple[ScopeFilter, ...] | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """An issue before it is sent."""

    messages: tuple[Message, ...]
    numbers: tuple[Number, ...] = field(default=())
    note: str = ""
