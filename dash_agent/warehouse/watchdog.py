"""Cancels statements that run too long, whatever they did to the server's own timeout."""

from __future__ import annotations

import heapq
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Final

import psycopg
from psycopg import Connection, errors

CANCEL_S: Final = 2.0
CANCELS: Final = 2
CANCEL_INTERVAL_S: Final = 0.5


@dataclass(slots=True, eq=False)
class _Watch:
    """lock: held while something is done to the connection. tries: cancels sent so far."""

    connection: Connection
    lock: threading.Lock = field(default_factory=threading.Lock)
    done: bool = False
    tries: int = 0
    cut: bool = False

    def act(self) -> bool:
        """Cancels, and cuts the connection after CANCELS tries. False where there is nothing more to be done."""
        with self.lock:
            if self.done:
                return False
            if self.tries == CANCELS:
                self.cut = True
                _cut_off(self.connection)
                return False
            self.tries += 1
            with suppress(psycopg.Error):
                self.connection.cancel_safe(timeout=CANCEL_S)
            return True


class Watchdog:
    """One thread that watches all statements of a process: starting one for each takes longer than most of them run.

    It is started at the first statement, and after a fork at the first one of the child.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, _Watch]] = []
        self._numbers = count()
        self._thread: threading.Thread | None = None
        self._process = 0

    @contextmanager
    def watching(self, connection: Connection, seconds: float) -> Iterator[None]:
        """Cancels what still runs after this long, and cuts the connection where that does not help, as with an answer
        that is huge and already on its way. Raises QueryCanceled then.
        """
        watch = _Watch(connection)
        self._add(watch, monotonic() + seconds)
        try:
            yield
        except psycopg.OperationalError as error:
            if watch.cut:
                raise errors.QueryCanceled("cut off by the watchdog") from error
            raise
        finally:
            # A cancel under way must not hit the next question on this connection.
            with watch.lock:
                watch.done = True

    def _add(self, watch: _Watch, at: float) -> None:
        with self._changed:
            if self._process != os.getpid():
                self._process, self._due = os.getpid(), []
                self._thread = threading.Thread(target=self._run, name="dash-watchdog", daemon=True)
                self._thread.start()
            first = not self._due or at < self._due[0][0]
            heapq.heappush(self._due, (at, next(self._numbers), watch))
            if first:
                self._changed.notify()

    def _run(self) -> None:
        while True:
            watch = self._next()
            # Cancelling waits for the server: the others must not wait for that.
            threading.Thread(target=self._act, args=(watch,), name="dash-watchdog-cancel", daemon=True).start()

    def _next(self) -> _Watch:
        """The first that is due and not done, when it is."""
        with self._changed:
            while True:
                while self._due and self._due[0][2].done:
                    heapq.heappop(self._due)
                wait = self._due[0][0] - monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)

    def _act(self, watch: _Watch) -> None:
        if watch.act():
            self._add(watch, monotonic() + CANCEL_INTERVAL_S)


def _cut_off(connection: Connection) -> None:
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
