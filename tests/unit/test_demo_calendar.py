"""The demo period: its bounds in the business time zone, its hours, and what an odd now does to it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from dash_agent.errors import WrongUse
from dash_agent.warehouse.demo import DemoOptions
from dash_agent.warehouse.demo.calendar import HOUR_MS, hours_between, month_starts, months_before, period_start, to_ms

JERUSALEM = ZoneInfo("Asia/Jerusalem")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2028, 2, 29), 12, date(2027, 2, 28)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 11, 21), 36, date(2023, 11, 21)),
    ],
)
def test_months_before_keeps_the_day_or_takes_the_last(day: date, months: int, expected: date) -> None:
    assert months_before(day, months) == expected


def test_the_period_starts_at_local_midnight() -> None:
    start = period_start(datetime(2026, 7, 1, 22, 30, tzinfo=UTC), 6, JERUSALEM)
    # 22:30 UTC is 2 July in Jerusalem already, and January there is two hours ahead of UTC.
    assert start == datetime(2026, 1, 1, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Asia/Jerusalem", "Asia/Kolkata", "America/New_York", "UTC"])
def test_hours_cover_the_period_and_know_the_local_clock(zone: str) -> None:
    now = datetime(2026, 4, 10, 7, 41, 12, tzinfo=UTC)
    start = period_start(now, 2, ZoneInfo(zone))
    hours = hours_between(start, to_ms(now), ZoneInfo(zone), seed=1)
    assert hours.start_ms[0] == to_ms(start)
    assert hours.start_ms[-1] + hours.length_ms[-1] == to_ms(now) + 1
    assert (np.diff(hours.start_ms) == HOUR_MS).all()
    assert hours.hour[0] == 0
    # The clocks go forward or back in the period: the hour of the day still follows the wall.
    assert hours.hour[-1] == now.astimezone(ZoneInfo(zone)).hour
    assert (hours.weight > 0).all()


def test_nights_and_saturdays_are_quiet() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    hours = hours_between(period_start(now, 12, JERUSALEM), to_ms(now), JERUSALEM, seed=3)
    by_hour = [hours.weight[hours.hour == hour].mean() for hour in range(24)]
    by_day = [hours.weight[hours.weekday == day].mean() for day in range(7)]
    assert by_hour[10] > 3 * by_hour[3]
    assert by_day.index(max(by_day)) == 0
    assert by_day.index(min(by_day)) == 5


def test_month_starts_reach_from_the_first_month_to_nows() -> None:
    start, now = datetime(2025, 12, 31, 23, 0, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    assert month_starts(start, now, JERUSALEM) == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]


def test_now_in_any_zone_is_the_same_instant() -> None:
    moment = datetime(2026, 3, 27, 1, 30, 0, 999_999, tzinfo=UTC)
    shifted = moment.astimezone(timezone(timedelta(hours=-9, minutes=-30)))
    options = [DemoOptions(now=now, incidents_file=Path("x")) for now in (moment, shifted)]
    assert options[0].now_ms == options[1].now_ms == to_ms(moment)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"now": datetime(2026, 1, 1)}, "time zone"),  # noqa: DTZ001 - the naive one that is refused
        ({"tickets": -1}, "tickets"),
        ({"months": 0}, "months"),
        ({"months": 37}, "months"),
        ({"seed": -1}, "seed"),
        ({"timezone": "Mars/Olympus"}, "Mars/Olympus"),
    ],
)
def test_options_that_no_desk_has_are_refused(wrong: dict[str, object], said: str) -> None:
    given: dict[str, object] = {"now": datetime(2026, 1, 1, tzinfo=UTC), "incidents_file": Path("x"), **wrong}
    with pytest.raises(WrongUse, match=said):
        DemoOptions(**given)  # type: ignore[arg-type]
