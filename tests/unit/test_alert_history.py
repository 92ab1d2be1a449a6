"""The history that the report walks over: a look sees what was known at its hour, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from dash_agent.reports.alerts.windows import DAYS, Wanted, Window
from tests.alert_history import Cube, Part
from tests.conftest import ZONE

FIRST = datetime(2026, 3, 1, tzinfo=ZONE)
LENGTH = 24 * (DAYS + 5)
SEGMENTS = ("a", "b")


def parts(seed: int) -> list[Part]:
    """Half of them are known in the hour that they are of, the others up to three days later."""
    rng = np.random.default_rng(seed)
    hours = rng.integers(0, LENGTH, 4_000)
    lags = np.where(rng.random(4_000) < 0.5, rng.random(4_000) * 0.9, rng.exponential(14.0, 4_000) % 72)
    return [(SEGMENTS[hour % 2], int(hour), float(hour + lag), 1.0) for hour, lag in zip(hours, lags, strict=True)]


@pytest.mark.parametrize("hours", [1, 7, 24])
@pytest.mark.parametrize("settle", [0, 6])
def test_a_look_sees_what_was_known(hours: int, settle: int) -> None:
    made = parts(hours + settle)
    cube = Cube(Wanted(Window(FIRST, 24), "x", ("n",)), FIRST.date(), SEGMENTS)
    cube.put("n", made, LENGTH)
    for now in (LENGTH - 100, LENGTH - 31, LENGTH):
        stop = now - settle
        # Of a local clock: hours are counted without the one that it skips.
        end, moment = (FIRST + timedelta(hours=at) for at in (stop, now))
        seen = cube.windows(("n",), end, hours, moment).values["n"]
        for ago in (0, 1, 2, 3, DAYS - 5):
            inside = range(stop - 24 * ago - hours, stop - 24 * ago)
            for at, name in enumerate(SEGMENTS):
                known = sum(part[1] in inside and part[2] <= now and part[0] == name for part in made)
                assert seen[at, ago] == known
