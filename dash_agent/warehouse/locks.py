"""File locks that several processes share. The kernel drops them with their process: none is ever stale.

Descriptors are not inherited, so no server that we start keeps a lock alive.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dash_agent.errors import WarehouseUnavailable
from dash_agent.warehouse.disk import explaining

POLL_SECONDS = 0.02
TELL_AFTER_SECONDS = 1.0


def _open(path: Path) -> int:
    with explaining(path):
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def exclusive(path: Path, wait_seconds: float, waiting: Callable[[], None]) -> Iterator[None]:
    """Holds the lock for the block. `waiting` is called once when another process keeps us for a second.

    Raises WarehouseUnavailable after `wait_seconds`.
    """
    descriptor = _open(path)
    try:
        began, told = time.monotonic(), False
        while not _try(descriptor, fcntl.LOCK_EX):
            waited = time.monotonic() - began
            if waited > wait_seconds:
                raise WarehouseUnavailable(
                    f"another process has been starting or stopping the database for {wait_seconds:.0f} s "
                    f"(lock {path})",
                    f"see which one it is with 'fuser {path}', end it and try again",
                )
            if waited > TELL_AFTER_SECONDS and not told:
                told = True
                waiting()
            time.sleep(POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


class Hold:
    """One process's share in the running server.

    Taken and given back only under the start lock, so that "am I the last?" has one answer.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = _open(path)
        self._pid = os.getpid()
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    @property
    def inherited(self) -> bool:
        """True in a forked child: the lock is its parent's, and converting it here would take it away there."""
        return os.getpid() != self._pid

    def is_last(self) -> bool:
        """True where nobody else holds. Give the hold back after asking: a failed try has already dropped it."""
        return _try(self._descriptor, fcntl.LOCK_EX)

    def release(self) -> None:
        os.close(self._descriptor)


def is_held(path: Path) -> bool:
    """True where any process holds."""
    descriptor = _open(path)
    try:
        return not _try(descriptor, fcntl.LOCK_EX)
    finally:
        os.close(descriptor)
