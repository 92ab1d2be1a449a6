"""Periods as a question says them, before they are placed on a calendar.

Every kind answers what the assembler asks of any: `relative`, `length`, `unit`, `count`, `adds_current` (see `Said`).
"""

from __future__ import annotations

from dataclasses import dataclass

from dash_agent.models.query import Grain


class Said:
    """What every kind of period tells of itself; the kinds below say where they differ."""

    __slots__ = ()

    @property
    def relative(self) -> bool:
        """Seen from another period, where there is one: 'the week before', 'a year earlier'."""
        return False

    @property
    def length(self) -> tuple[Grain, int] | None:
        """How long, for a length of time up to now: 'last 24 hours'. None for minutes and for what is no length."""
        return None

    @property
    def unit(self) -> Grain | None:
        """The calendar unit that it is `count` of; None where it is made of none."""
        return None

    @property
    def count(self) -> int:
        return 1

    @property
    def adds_current(self) -> bool:
        """Whole units up to the current one, which a trend adds."""
        return False


@dataclass(frozen=True, slots=True)
class InYear:
    """A year by its number, or by how many years ago. Neither: the latest time round that has begun, or with `over`
    the latest that has also ended.
    """

    number: int | None = None
    ago: int | None = None
    over: bool = False


ANY_YEAR = InYear()


@dataclass(frozen=True, slots=True)
class UnitAway(Said):
    """The whole unit `back` before the current one: 0 this week, 1 last week, -1 next week."""

    of: Grain
    back: int = 0

    @property
    def unit(self) -> Grain:
        return self.of


@dataclass(frozen=True, slots=True)
class LastDays(Said):
    """So many days up to now, today included."""

    days: int

    @property
    def unit(self) -> Grain:
        return Grain.DAY

    @property
    def count(self) -> int:
        return self.days

    @property
    def length(self) -> tuple[Grain, int]:
        return Grain.DAY, self.days


@dataclass(frozen=True, slots=True)
class LastHours(Said):
    """So many hours up to now, sliding with it."""

    hours: int

    @property
    def unit(self) -> Grain:
        return Grain.HOUR

    @property
    def count(self) -> int:
        return self.hours

    @property
    def length(self) -> tuple[Grain, int]:
        return Grain.HOUR, self.hours


@dataclass(frozen=True, slots=True)
class LastMinutes(Said):
    minutes: int

    @property
    def length(self) -> tuple[Grain, int] | None:
        return (Grain.HOUR, self.minutes // 60) if self.minutes % 60 == 0 else None


@dataclass(frozen=True, slots=True)
class LastWhole(Said):
    """So many whole units before the current one. full: the question says that they are whole, for a trend, too."""

    of: Grain
    units: int
    full: bool = False

    @property
    def unit(self) -> Grain:
        return self.of

    @property
    def count(self) -> int:
        return self.units

    @property
    def length(self) -> tuple[Grain, int] | None:
        return None if self.full else (self.of, self.units)

    @property
    def adds_current(self) -> bool:
        return not self.full


@dataclass(frozen=True, slots=True)
class Months(Said):
    """`months` months from the month `first` (1 to 12) on: a month, a quarter, a half-year, a season, a year.

    The year is that of the first month: winter 2025 begins in December 2025.
    """

    first: int
    months: int = 1
    year: InYear = ANY_YEAR

    @property
    def unit(self) -> Grain:
        return {3: Grain.QUARTER, 12: Grain.YEAR}.get(self._aligned, Grain.MONTH)

    @property
    def count(self) -> int:
        return 1 if self.unit is not Grain.MONTH else self.months

    @property
    def _aligned(self) -> int:
        return self.months if (self.first - 1) % self.months == 0 else 1


@dataclass(frozen=True, slots=True)
class Day(Said):
    """A day of a month, of the latest month that has it where none is said."""

    day: int
    month: int | None = None
    year: InYear = ANY_YEAR

    @property
    def unit(self) -> Grain:
        return Grain.DAY


@dataclass(frozen=True, slots=True)
class Weekday(Said):
    """day: 0 (Monday) to 6. The latest that has begun; over: before today."""

    day: int
    over: bool = False

    @property
    def unit(self) -> Grain:
        return Grain.DAY


@dataclass(frozen=True, slots=True)
class Weekend(Said):
    """Saturday and Sunday of the week `back` weeks before this one; None: the latest that has begun."""

    back: int | None = None


@dataclass(frozen=True, slots=True)
class Part(Said):
    """`units` units of another period, `skip` of them before, counted from its end with `from_end`.

    Weeks of a month are blocks of 7 days from its first day on, or back from its last.
    """

    whole: TimeSpec
    of: Grain
    skip: int = 0
    units: int = 1
    from_end: bool = False

    @property
    def unit(self) -> Grain | None:
        return self.of if self.of in (Grain.DAY, Grain.MONTH, Grain.QUARTER) else None

    @property
    def count(self) -> int:
        return self.units


@dataclass(frozen=True, slots=True)
class HalfOf(Said):
    """Half of a month (its first 15 days, and the others) or of a year."""

    whole: TimeSpec
    second: bool = False


@dataclass(frozen=True, slots=True)
class Between(Said):
    """From the first day of the one to the last day of the other."""

    first: TimeSpec
    last: TimeSpec

    @property
    def unit(self) -> Grain | None:
        return Grain.MONTH if self._months else None

    @property
    def count(self) -> int:
        return self._months or 1

    @property
    def _months(self) -> int:
        """How many, where it goes from one named month to another of the same twelve."""
        match self.first, self.last:
            case Months(start, 1), Months(end, 1, year) if self.first.year in (year, ANY_YEAR):
                return (end - start) % 12 + 1
            case _:
                return 0


@dataclass(frozen=True, slots=True)
class Since(Said):
    """From the first day of a period to now, or with `after` from the day after it."""

    first: TimeSpec
    after: bool = False


@dataclass(frozen=True, slots=True)
class Until(Said):
    """Everything up to the last day of a period, or with `before` up to the day before it."""

    last: TimeSpec
    before: bool = False


@dataclass(frozen=True, slots=True)
class Ever(Said):
    pass


@dataclass(frozen=True, slots=True)
class Before(Said):
    """The one before another period, or the `units` before; of: None where the question leaves open of what.

    again: 'the week before', which by itself is the one before last week; 'the previous week' is last week. With no
    unit it is 'а на позапрошлой?', which takes the unit from the other period and is two before now.
    """

    of: Grain | None = None
    units: int = 1
    again: bool = False

    @property
    def relative(self) -> bool:
        return True

    @property
    def unit(self) -> Grain | None:
        return self.of

    @property
    def count(self) -> int:
        return self.units


@dataclass(frozen=True, slots=True)
class Current(Said):
    """The current one of the kind that another period is: 'and in this one?'."""

    @property
    def relative(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Earlier(Said):
    """The same span of another period, so many units earlier."""

    of: Grain
    units: int = 1

    @property
    def relative(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Ago(Said):
    """The whole unit so many units ago; seen from a shorter period, that one moved back."""

    of: Grain
    units: int = 1

    @property
    def relative(self) -> bool:
        return True

    @property
    def unit(self) -> Grain:
        return self.of


TimeSpec = (
    UnitAway
    | LastDays
    | LastHours
    | LastMinutes
    | LastWhole
    | Months
    | Day
    | Weekday
    | Weekend
    | Part
    | HalfOf
    | Between
    | Since
    | Until
    | Ever
    | Before
    | Current
    | Earlier
    | Ago
)
