"""An alert to somebody: whether it holds, what went out about it, and what they made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from dash_agent.models.alert import Cause, Finding, Stage, Verdict
from dash_agent.models.digest import Outcome
from dash_agent.models.principal import ScopeFilter


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody is told. channel: telegram, mail or file. to: a chat, a mailbox or a folder."""

    channel: str
    to: str

    def __str__(self) -> str:
        return f"{self.channel} {self.to}"


DATA: Final = "data"
"""Why a rule was not looked at: what it rests on is late, has stopped or stands there twice."""

EVERYBODY: Final = Address("", "")
"""Of a mute: it holds for all."""


class TellingKind(StrEnum):
    """FIRST: it is found. WORSE: clearly more than was told. AGAIN: it holds on after the cool-down. OVER: no more."""

    FIRST = "first"
    WORSE = "worse"
    AGAIN = "again"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that holds, or held, for one address. alert_id: 0 before it is kept.

    key: of the cause. cause: as of the last look that found it. seen_at: that look. told_at: of the last message, when
    it was ordered. told: the cause as that message has it. last: what became of it, None before the first.
    """

    alert_id: int
    key: str
    address: Address
    language: str
    stage: Stage
    cause: Cause
    opened_at: datetime
    seen_at: datetime
    told_at: datetime | None = None
    told: Cause | None = None
    over_at: datetime | None = None
    last: Outcome | None = None

    @property
    def rule(self) -> str:
        return self.cause.chief.rule

    @property
    def is_open(self) -> bool:
        return self.stage is not Stage.OVER


@dataclass(frozen=True, slots=True)
class Telling:
    """A message about an alert. number: from 1 in each alert. why: in words, '' where there is nothing to say.

    message: as it is kept before it leaves, of `message_json`.
    """

    alert_id: int
    number: int
    kind: TellingKind
    outcome: Outcome
    why: str
    at: datetime
    message: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody said what they make of an alert. at: when. order: grows from press to press; an earlier one that comes
    late changes nothing.
    """

    alert_id: int
    chat: str
    user: str
    verdict: Verdict
    at: datetime
    order: int


@dataclass(frozen=True, slots=True)
class Precision:
    """What was made of a rule's alerts, or of one alert."""

    useful: int = 0
    noise: int = 0

    @property
    def count(self) -> int:
        return self.useful + self.noise

    @property
    def share(self) -> float | None:
        """Of useful ones, from 0 to 1; None where nobody has said anything."""
        return self.useful / self.count if self.count else None


class MuteState(StrEnum):
    """KEPT: it was proposed, and somebody said no."""

    PROPOSED = "proposed"
    MUTED = "muted"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Mute:
    """A rule that is not told to an address, or was proposed to be so. mute_id: 0 before it is kept.

    until: None while it is not muted. count: verdicts that there were when it was proposed. by: who decided.
    """

    mute_id: int
    rule: str
    address: Address
    state: MuteState
    at: datetime
    until: datetime | None = None
    count: int = 0
    by: str = ""

    def holds(self, now: datetime) -> bool:
        return self.state is MuteState.MUTED and self.until is not None and now < self.until


@dataclass(frozen=True, slots=True)
class Look:
    """A look at rows. scope: the rows, '' of all. rules: that were looked by. segments: how many were held against
    something. found: causes. error: why it failed, '' where it did not. gap_from: the look before, where there should
    have been others in between.
    """

    scope: str
    rules: tuple[str, ...]
    at: datetime
    segments: int = 0
    found: int = 0
    error: str = ""
    gap_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Between two looks. rules: that were not looked at, () of all that somebody is told of."""

    start: datetime
    end: datetime
    why: str = ""
    rules: tuple[str, ...] = ()


def cause_json(cause: Cause) -> dict[str, Any]:
    return {"chief": _finding_json(cause.chief), "also": [_finding_json(one) for one in cause.also]}


def cause_of(data: Mapping[str, Any]) -> Cause:
    """What `cause_json` made. Raises KeyError and the like of anything else."""
    return Cause(_finding(data["chief"]), tuple(_finding(one) for one in data["also"]))


def _finding_json(finding: Finding) -> dict[str, Any]:
    told = asdict(finding)
    return {name: one.isoformat() if isinstance(one, datetime) else one for name, one in told.items()}


def _finding(data: Mapping[str, Any]) -> Finding:
    times = {name: datetime.fromisoformat(data[name]) for name in ("since", "start", "end")}
    rows = {name: tuple(_rows(one) for one in data[name]) for name in ("segment", "driver")}
    changed = data.get("changed_at")
    changed_at = None if changed is None else datetime.fromisoformat(changed)
    return Finding(**{**data, **times, **rows, "answers": tuple(data["answers"]), "changed_at": changed_at})


def _rows(data: Mapping[str, Any]) -> ScopeFilter:
    return ScopeFilter(data["dimension"], tuple(data["values"]))
