"""The spans of a report, each with the one that it is held against, by the calendar of Friday, 20 November 2026."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from dash_agent.errors import WrongUse
from dash_agent.reports.spans import Preset, free, named, span
from dash_agent.semantic.time import Calendar
from tests.conftest import NOW, ZONE

# preset: first day, day after the last or 'now', and the same of what it is held against ('14:00' of its last day).
EXPECTED = {
    "today": ("2026-11-20", "now", "2026-11-19", "2026-11-19 14:00"),
    "yesterday": ("2026-11-19", "2026-11-20", "2026-11-18", "2026-11-19"),
    "last_7_full_days": ("2026-11-13", "2026-11-20", "2026-11-06", "2026-11-13"),
    "last_30_days": ("2026-10-22", "now", "2026-09-22", "2026-10-21 14:00"),
    "this_week": ("2026-11-16", "now", "2026-11-09", "2026-11-13 14:00"),
    "last_week": ("2026-11-09", "2026-11-16", "2026-11-02", "2026-11-09"),
    "this_month": ("2026-11-01", "now", "2026-10-01", "2026-10-20 14:00"),
    "last_month": ("2026-10-01", "2026-11-01", "2026-09-01", "2026-10-01"),
    "this_quarter": ("2026-10-01", "now", "2026-07-01", "2026-08-20 14:00"),
    "last_quarter": ("2026-07-01", "2026-10-01", "2026-04-01", "2026-07-01"),
}


def local(text: str) -> datetime:
    if text == "now":
        return NOW.astimezone(ZONE)
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize("preset", Preset)
def test_a_preset_is_held_against_the_same_part_of_the_span_before(preset: Preset, calendar: Calendar) -> None:
    found = span(preset, calendar)
    start, end, before, until = map(local, EXPECTED[preset])
    assert (found.period.start, found.period.end) == (start, end)
    assert (found.compare.start, found.compare.end) == (before, until)
    assert found.unfinished == (EXPECTED[preset][1] == "now")


def test_the_last_thirty_days_stay_so_where_they_begin_with_a_month() -> None:
    """On 30 November they begin on the first, and are held against the thirty days before, not against October."""
    calendar = Calendar(datetime(2026, 11, 30, 12, 0, tzinfo=UTC), ZONE)
    found = span(Preset.LAST_30_DAYS, calendar)
    assert (found.compare.start, found.compare.end) == (local("2026-10-02"), local("2026-10-31 14:00"))


def test_days_of_ones_own_hold_both_ends(calendar: Calendar) -> None:
    found = free(date(2026, 11, 2), date(2026, 11, 4), calendar)
    assert (found.period.start, found.period.end) == (local("2026-11-02"), local("2026-11-05"))
    assert (found.compare.start, found.compare.end) == (local("2026-10-30"), local("2026-11-02"))
    assert not found.unfinished
    assert found.name == "2026-11-02..2026-11-04"


@pytest.mark.parametrize("last", [date(2026, 11, 20), date(2026, 12, 31)])
def test_days_of_ones_own_end_now_at_the_latest(last: date, calendar: Calendar) -> None:
    found = free(date(2026, 11, 19), last, calendar)
    assert found.unfinished
    assert found.period.end == local("now")
    assert (found.compare.start, found.compare.end) == (local("2026-11-17"), local("2026-11-18 14:00"))
    assert found.name == "2026-11-19..2026-11-20"


@pytest.mark.parametrize("preset", Preset)
def test_a_name_leads_back_to_its_span(preset: Preset, calendar: Calendar) -> None:
    assert named(span(preset, calendar).name, calendar) == span(preset, calendar)
    own = free(date(2026, 9, 1), date(2026, 11, 20), calendar)
    assert named(own.name, calendar) == own


@pytest.mark.parametrize(
    "name",
    [
        *("", "next_week", "2026-11-20", "2026-11-05..2026-11-01", "2026-12-01..2026-12-05", "a..b", "2026-13-01..x"),
        *("2019-01-01..2026-01-01", "LAST_WEEK"),
    ],
)
def test_what_is_no_span_is_refused(name: str, calendar: Calendar) -> None:
    with pytest.raises(WrongUse):
        named(name, calendar)
