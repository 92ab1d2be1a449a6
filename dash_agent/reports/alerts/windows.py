"""Windows of a length that end at the same hour of every day: what is found now, and what is usual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from dash_agent.context.alerts import After
from dash_agent.models.query import Filter
from dash_agent.reports.alerts.tails import Floats
from dash_agent.semantic.time import Calendar

WEEKS: Final = 8
DAYS: Final = 7 * WEEKS
"""What is usual is learnt from the windows of so many days before the last one."""


@dataclass(frozen=True, slots=True)
class Window:
    """end: a whole hour, aware. hours: as a clock counts them; up to 24 of a window that is read."""

    end: datetime
    hours: int

    @property
    def start(self) -> datetime:
        return self.end - timedelta(hours=self.hours)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Metrics by the values of a dimension (of all rows where it is None) in a window and its like of earlier days.

    counts: metrics that add up. averages: with the count that each is an average over. tables: of all of them.
    """

    window: Window
    by: str | None
    counts: tuple[str, ...]
    averages: tuple[tuple[str, str], ...] = ()
    filters: tuple[Filter, ...] = ()
    tables: frozenset[str] = frozenset()


def names_of(wanted: Wanted) -> tuple[str, ...]:
    """All its metrics, each once."""
    return tuple(dict.fromkeys((*wanted.counts, *(name for name, _ in wanted.averages))))


@dataclass(frozen=True, slots=True)
class Seen:
    """values: by metric, segments x (1 + DAYS): the window first, then the one a day before it, and so on. An average
    is there as its sum. segments: stored values; None is those that have none.
    """

    segments: tuple[str | None, ...]
    values: Mapping[str, Floats]


class Reader(Protocol):
    """Where windows are read: the database as of now, or a history that was read before."""

    def read(self, wanted: Sequence[Wanted], now: datetime) -> tuple[Seen, ...]:
        """As it is known at that moment."""
        ...

    def changes(self, after: After, since: datetime, until: datetime) -> Sequence[tuple[str, datetime]]:
        """Values of its dimension, with when something was changed there, in no order. It may give others, too."""
        ...


def window_of(calendar: Calendar, hours: int, settle: int) -> Window:
    """The last one whose rows are all there."""
    end = calendar.now - timedelta(hours=settle)
    return Window(end.astimezone(calendar.zone).replace(minute=0, second=0, microsecond=0), hours)
