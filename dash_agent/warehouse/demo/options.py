"""What a seeding is asked for, what it tells while it runs, and what it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dash_agent.errors import WrongUse
from dash_agent.warehouse.demo.incidents import Incident

MAX_MONTHS = 36
_EARLIEST_YEAR, _LATEST_YEAR = 2000, 2200


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """now: the last instant that the data knows. incidents: None lets the seed draw them, () has none.

    incidents_file: where those that were seeded are written, as JSON, after the commit.
    Raises WrongUse for values that no desk could have.
    """

    now: datetime
    incidents_file: Path
    tickets: int = 100_000
    months: int = 12
    seed: int = 42
    timezone: str = "Asia/Jerusalem"
    incidents: tuple[Incident, ...] | None = None

    def __post_init__(self) -> None:
        if self.now.tzinfo is None or self.now.utcoffset() is None:
            raise WrongUse(
                f"now: {self.now.isoformat()} has no time zone", "write it with one, as in 2026-01-31T12:00Z"
            )
        if not _EARLIEST_YEAR + MAX_MONTHS // 12 < self.now.astimezone(UTC).year < _LATEST_YEAR:
            raise WrongUse(f"now: {self.now.isoformat()} is outside the years the demo data can hold")
        if self.tickets < 0:
            raise WrongUse(f"tickets: {self.tickets} is less than 0")
        if not 1 <= self.months <= MAX_MONTHS:
            raise WrongUse(f"months: {self.months} is not between 1 and {MAX_MONTHS}")
        if self.seed < 0:
            raise WrongUse(f"seed: {self.seed} is less than 0")
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise WrongUse(f"timezone: '{self.timezone}' is not a known time zone", "as in Asia/Jerusalem") from error

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def now_ms(self) -> int:
        """Milliseconds since 1970, cut, so that nothing is later than `now`."""
        delta = self.now.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        return delta.days * 86_400_000 + delta.seconds * 1000 + delta.microseconds // 1000


@dataclass(frozen=True, slots=True)
class Progress:
    """done, total: tickets and customers written so far, and to write. stage: what is being written."""

    done: int
    total: int
    stage: str


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """rows: how many each table was given. start, now: the period of the tickets, in UTC."""

    start: datetime
    now: datetime
    incidents: tuple[Incident, ...]
    rows: Mapping[str, int] = field(default_factory=dict)
