"""What the operating system says about files, in words a person can act on."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dash_agent.errors import DiskFull, Unavailable, WarehouseUnavailable

# A server that can't add one WAL segment (16 MB) stops, whatever its log managed to say.
ROOM_NEEDED = 20 * 1024 * 1024

_FULL = (errno.ENOSPC, errno.EDQUOT)


def disk_full(place: Path) -> DiskFull:
    return DiskFull(
        f"no room left on the disk that holds {place}",
        "free some space there, or name another folder in DASH_DATA_DIR; what was committed is kept",
    )


def has_room(place: Path) -> bool:
    """True where the disk under an existing path has room for the server to go on."""
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize >= ROOM_NEEDED


def explained(error: OSError, place: Path) -> Unavailable:
    """The error that a person is meant to read for one of the operating system about `place`."""
    if error.errno in _FULL:
        return disk_full(place)
    return WarehouseUnavailable(
        f"the database's folder {place} can't be used: {error.strerror or error}",
        "give this user the right to write there, or name another folder in DASH_DATA_DIR",
    )


@contextmanager
def explaining(place: Path) -> Iterator[None]:
    """Turns the operating system's errors about `place` into DiskFull or WarehouseUnavailable."""
    try:
        yield
    except OSError as error:
        raise explained(error, place) from error
