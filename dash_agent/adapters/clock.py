"""The only place that reads the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FrozenClock:
    """A clock that stands still, for demonstrations and tests. moment: aware."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment
