"""When a schedule is due, and the thread that leads."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Event
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from croniter import croniter

from dash_agent.errors import DashError, WrongUse
from dash_agent.models.job import Schedule
from dash_agent.warehouse.schedules import leading

logger = structlog.get_logger(__name__)

LOOK_S: Final = 5.0
"""Between two looks at the schedules, and between two tries to lead."""


def due_at(schedule: Schedule, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The latest time up to `now` that it was due at, in the zone; None where a job was made for it, or it is off.

    Of several that were missed only the latest one counts.
    """
    if not schedule.enabled:
        return None
    # get_prev gives times before a moment, and `now` itself may be one.
    after = now.astimezone(zone).replace(microsecond=0) + timedelta(seconds=1)
    at: datetime = croniter(schedule.cron, after).get_prev(datetime)
    return None if schedule.last_at is not None and at <= schedule.last_at else at


def checked_cron(text: str) -> str:
    """The expression as it stands. Raises WrongUse where it is none of five fields."""
    if len(text.split()) != 5 or not croniter.is_valid(text):
        raise WrongUse(f"'{text}' is no time table", "write five fields like '0 9 * * mon': at 09:00 each Monday")
    return text


def lead(url: str, zone: ZoneInfo, stop: Event) -> None:
    """Puts in what is due, for as long as this process is the one that leads; tries to become it until `stop`."""
    while not stop.is_set():
        try:
            with leading(url) as leadership:
                while leadership is not None and not stop.is_set():
                    leadership.put_due(lambda schedule, now: _due(schedule, now, zone))
                    stop.wait(LOOK_S)
        except DashError as error:
            logger.warning("schedules can't be led", reason=str(error))
        stop.wait(LOOK_S)


def _due(schedule: Schedule, now: datetime, zone: ZoneInfo) -> datetime | None:
    """None for one that can't be read: the others go on."""
    try:
        return due_at(schedule, now, zone)
    except ValueError as error:
        logger.error("schedule left out", name=schedule.name, cron=schedule.cron, reason=str(error))
        return None
