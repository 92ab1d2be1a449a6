"""Tickets that are likely to miss their response target next, and how such forecasts have done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from dash_agent.insight.analysis.concentration import share
from dash_agent.insight.finding import exact, rounded
from dash_agent.models.answer import Answer
from dash_agent.models.sql import Cell
from dash_agent.reports.narrowing import ALL, Narrowing, pattern
from dash_agent.reports.view import View, given

RISKS: Final = "breach_risk"
HITS: Final = "breach_forecast_hits"


@dataclass(frozen=True, slots=True)
class Risk:
    """An open ticket without a response whose target is still ahead.

    chance: in %, None where no past ticket was like it. past: how many it rests on. by_category: they were of the
    same category, not only of the same urgency. likely: the forecast names it.
    """

    ticket_id: int
    category: str
    urgency: str
    channel: str
    status: str
    owner: str | None
    created_at: datetime
    due_at: datetime
    minutes_left: Decimal
    chance: Decimal | None
    past: int
    by_category: bool
    likely: bool


@dataclass(frozen=True, slots=True)
class Day:
    """Tickets that were looked at on a day: all, those that breached, those that were named, and both."""

    day: date
    waiting: int
    breached: int
    named: int
    right: int


@dataclass(frozen=True, slots=True)
class Record:
    """How the forecast did over the days. Rates in %, None of nothing.

    hit_rate: of the named tickets, those that breached. found: of the breaches, those that were named. usual: of all
    that were looked at, those that breached: what naming everything would have hit.
    """

    days: tuple[Day, ...]
    waiting: int
    breached: int
    named: int
    right: int
    answer: Answer

    @property
    def hit_rate(self) -> Decimal | None:
        return _rate(self.right, self.named)

    @property
    def found(self) -> Decimal | None:
        return _rate(self.right, self.breached)

    @property
    def usual(self) -> Decimal | None:
        return _rate(self.breached, self.waiting)


@dataclass(frozen=True, slots=True)
class Forecast:
    """The nearest target first. likely: the chance from which on a ticket is named, in %. fewest: past tickets of a
    category that are enough to go by them alone.
    """

    risks: tuple[Risk, ...]
    likely: Decimal
    fewest: int
    answer: Answer


def breaches(view: View, narrowing: Narrowing = ALL) -> Forecast:
    """Raises QueryError, WrongUse for a narrowing that the pattern has no place for, Unavailable."""
    answer = view.answered(pattern(view.catalog, RISKS, narrowing))
    constants = view.catalog.constants
    return Forecast(
        tuple(_risk(row) for row in answer.rows),
        constants["breach_likely"].value,
        int(constants["breach_min_past"].value),
        answer,
    )


def track_record(view: View, narrowing: Narrowing = ALL) -> Record:
    """Of the last four weeks. Raises as `breaches`."""
    answer = given(view.answer(pattern(view.catalog, HITS, narrowing)))
    days = tuple(_day(row) for row in answer.rows)
    return Record(
        days,
        sum(day.waiting for day in days),
        sum(day.breached for day in days),
        sum(day.named for day in days),
        sum(day.right for day in days),
        answer,
    )


def _risk(row: tuple[Cell, ...]) -> Risk:
    ticket, category, urgency, channel, status, owner, created, due, left, chance, past, own, likely = row
    if not isinstance(created, datetime) or not isinstance(due, datetime):
        raise TypeError(f"ticket {ticket} has no times")
    found = exact(chance)
    return Risk(
        int(exact(ticket) or 0),
        str(category),
        str(urgency),
        str(channel),
        str(status),
        None if owner is None else str(owner),
        created,
        due,
        Decimal(exact(left) or 0),
        None if found is None else Decimal(found),
        int(exact(past) or 0),
        bool(own),
        bool(likely),
    )


def _day(row: tuple[Cell, ...]) -> Day:
    day, *counts = row
    if not isinstance(day, date):
        raise TypeError(f"{day!r} is no day")
    return Day(day, *(int(exact(count) or 0) for count in counts))


def _rate(part: int, whole: int) -> Decimal | None:
    found = share(part, whole)
    return None if found is None else rounded(found, 1)
