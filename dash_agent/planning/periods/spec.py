"""A period as a question says it, before it is placed on a calendar."""

from __future__ import annotations

from dataclasses import dataclass

from dash_agent.models.query import Grain


@dataclass(frozen=True, slots=True)
class TimeSpec:
    """A period before it is placed on a calendar.

    kind: 'current', 'previous', 'last' (up to now), 'month', 'quarter', 'year', 'date' or 'since'.
    unit is None in 'previous' where the question leaves it to the period before ("and the previous one?").
    """

    kind: str
    unit: Grain | None = None
    count: int = 1
    day: int | None = None
    month: int | None = None
    year: int | None = None
