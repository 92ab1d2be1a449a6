"""Periods that a model gives: in words, which the planner's own grammar reads, or as dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from dash_agent.errors import WrongUse
from dash_agent.models.query import Period
from dash_agent.planning.one_period import YEARS, OnePeriod, read_period
from dash_agent.planning.periods.place import same_span
from dash_agent.planning.submission.shape import SpanPart
from dash_agent.semantic.time import Calendar

HINT: Final = "give start and end as ISO dates, the end being the day after the last, or a label such as 'last week'"
PREVIOUS: Final = re.compile(r"previous( (period|one|span))?|(the )?period before", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Spans:
    calendar: Calendar

    def period(self, part: SpanPart) -> Period:
        """Raises WrongUse."""
        return self._dated(part) if part.start is not None else self._said(part).period

    def compared(self, part: SpanPart, period: Period, said: SpanPart | None) -> Period:
        """The second period. 'previous' is the one before `period`, which `said` gave. Raises WrongUse."""
        if part.start is not None or not PREVIOUS.fullmatch(part.label.strip()):
            compare = self.period(part)
            return same_span(period, compare, self.calendar) or compare
        if said is not None and said.start is None and said.label:
            before = self._said(said).before(self.calendar)
            return same_span(period, before, self.calendar) or before
        return self.calendar.before(period)

    def _said(self, part: SpanPart) -> OnePeriod:
        if not part.label.strip():
            raise WrongUse("the period is empty", HINT)
        return read_period(part.label, self.calendar)

    def _dated(self, part: SpanPart) -> Period:
        start = self._moment(part.start or "")
        end = self.calendar.local_now if part.end is None else self._moment(part.end)
        if end <= start:
            raise WrongUse(f"the period ends at {part.end}, and begins at {part.start}", HINT)
        if start.time() == time.min and end.time() == time.min:
            return self.calendar.days(start.date(), end.date(), part.label)
        # An end that is a second away from now is now: a model copies it without its fractions.
        to_now = part.to_now or abs(end - self.calendar.now) < timedelta(seconds=1)
        return Period(start, self.calendar.local_now if to_now else end, to_now=to_now, label=part.label)

    def _moment(self, text: str) -> datetime:
        """A date is its midnight; a time without an offset is in the business time zone."""
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise WrongUse(f"'{text[:40]}' is no ISO date", HINT) from None
        if found.year not in YEARS:
            raise WrongUse(f"the year of '{text[:40]}' is not between {YEARS.start} and {YEARS.stop - 1}", HINT)
        zone = self.calendar.zone
        return found.replace(tzinfo=zone) if found.tzinfo is None else found.astimezone(zone)
