"""When something is due: five fields of cron as people choose and read them, and the times that come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from croniter import croniter

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NUMBERS: Final = {str(number): DAYS[(number - 1) % 7] for number in range(8)}
"""Of cron: 0 and 7 are Sunday."""


class Kind(StrEnum):
    """OWN: any other; its fields stand in `cron` as they were written."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class TimeTable:
    """hour, minute: of a day in the business time zone. weekdays: of a weekly one, in the order of DAYS. day: of a
    month. own: the fields of one that is none of these.
    """

    kind: Kind
    hour: int = 8
    minute: int = 0
    weekdays: tuple[str, ...] = ("mon",)
    day: int = 1
    own: str = ""

    @property
    def cron(self) -> str:
        match self.kind:
            case Kind.DAILY:
                return f"{self.minute} {self.hour} * * *"
            case Kind.WEEKLY:
                return f"{self.minute} {self.hour} * * {','.join(self.weekdays)}"
            case Kind.MONTHLY:
                return f"{self.minute} {self.hour} {self.day} * *"
            case Kind.QUARTERLY:
                return f"{self.minute} {self.hour} {self.day} 1,4,7,10 *"
            case _:
                return self.own


def read(cron: str) -> TimeTable:
    """Whatever it says; OWN for what is none of the other kinds."""
    own = TimeTable(Kind.OWN, own=cron)
    fields = cron.lower().split()
    if len(fields) != 5 or not (_is_in(fields[0], 0, 59) and _is_in(fields[1], 0, 23)):
        return own
    minute, hour, (day, month, weekday) = int(fields[0]), int(fields[1]), fields[2:]
    match day, month, weekday:
        case "*", "*", "*":
            return TimeTable(Kind.DAILY, hour, minute)
        case "*", "*", _:
            named = _weekdays(weekday)
            return TimeTable(Kind.WEEKLY, hour, minute, named) if named else own
        case _, "*", "*" if _is_in(day, 1, 31):
            return TimeTable(Kind.MONTHLY, hour, minute, day=int(day))
        case _, "1,4,7,10" | "*/3" | "1-12/3", "*" if _is_in(day, 1, 31):
            return TimeTable(Kind.QUARTERLY, hour, minute, day=int(day))
        case _:
            return own


@dataclass(frozen=True, slots=True)
class Often:
    """Several times a day. minutes: between two, 0 of one that goes by hours. at: minutes past the hour. every: hours
    between two, 0 of one that names its hours. hours: those, in their order.
    """

    minutes: int = 0
    at: int = 0
    every: int = 0
    hours: tuple[int, ...] = ()


def often(cron: str) -> Often | None:
    """What goes several times each day, None for anything else."""
    minute, hour, *rest = (*cron.split(), "", "")
    if len(cron.split()) != 5 or rest[:3] != ["*"] * 3:
        return None
    step, steps = minute.removeprefix("*/"), hour.removeprefix("*/")
    if hour == "*" and minute.startswith("*/") and _is_in(step, 1, 59):
        return Often(minutes=int(step))
    if not _is_in(minute, 0, 59):
        return None
    if hour == "*":
        return Often(at=int(minute), every=1)
    if hour.startswith("*/") and _is_in(steps, 1, 23):
        return Often(at=int(minute), every=int(steps))
    if all(_is_in(one, 0, 23) for one in hour.split(",")):
        return Often(at=int(minute), hours=tuple(sorted(map(int, hour.split(",")))))
    return None


def is_valid(cron: str) -> bool:
    """Whether it has five fields, and a time that comes."""
    if len(cron.split()) != 5 or not croniter.is_valid(cron):
        return False
    try:
        croniter(cron, datetime(2027, 1, 1, tzinfo=UTC)).get_next(datetime)
    except ValueError:
        return False
    return True


def next_at(cron: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The first time after now, by the zone's clocks; None of what is no time table."""
    if not is_valid(cron):
        return None
    local = now.astimezone(zone)
    times = croniter(cron, local)
    found: datetime = times.get_next(datetime)
    # A time that clocks show twice as they go back is due once.
    while found.fold and found.replace(fold=0) <= local:
        found = times.get_next(datetime)
    return found


def _is_in(text: str, least: int, most: int) -> bool:
    return text.isdecimal() and least <= int(text) <= most


def _weekdays(text: str) -> tuple[str, ...]:
    """Names in their order, () for what is no list of days."""
    found = set[str]()
    for part in text.split(","):
        first, _, last = part.partition("-")
        start, end = NUMBERS.get(first, first), NUMBERS.get(last, last or NUMBERS.get(first, first))
        if start not in DAYS or end not in DAYS:
            return ()
        at, until = DAYS.index(start), DAYS.index(end)
        # From Sunday on, as cron counts.
        found.update(DAYS[at : until + 1] if at <= until else (*DAYS[at:], *DAYS[: until + 1]))
    return tuple(day for day in DAYS if day in found)
