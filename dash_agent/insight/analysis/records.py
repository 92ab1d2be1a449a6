"""Whether the latest value is a record, and how far back it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

FEWEST: Final = 4
"""Earlier values that a record has to beat."""


@dataclass(frozen=True, slots=True)
class Record:
    """since: the position of the latest earlier value that is as high or higher (low or lower); None if none is."""

    highest: bool
    since: int | None


def record(values: Sequence[Decimal], fewest: int = FEWEST) -> Record | None:
    """Of the last value. None where fewer than `fewest` values before it are beaten."""
    if not values:
        return None
    for highest in (True, False):
        since = _held(values, highest)
        beaten = len(values) - 1 - (since + 1 if since is not None else 0)
        if beaten >= fewest:
            return Record(highest, since)
    return None


def _held(values: Sequence[Decimal], highest: bool) -> int | None:
    last = values[-1]
    earlier = range(len(values) - 2, -1, -1)
    return next((at for at in earlier if (values[at] >= last if highest else values[at] <= last)), None)
