"""A process of ours that runs beside this one: begun anew when it dies, ended with us, also by a `kill -9` of us."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from typing import Final

from dash_agent.cli.terminal import progress_line

LONGEST_PAUSE_S: Final = 30.0
STEADY_S: Final = 60.0
"""Who has run for so long is begun anew at once."""

END_S: Final = 30.0


class _Beside:
    """Its standard input is a pipe from us and ends with us; Ctrl-C in the terminal goes to us alone."""

    def __init__(self, name: str, module: str, arguments: Sequence[str], files: Sequence[int]) -> None:
        self._name = name
        self._command = [sys.executable, "-m", module, *arguments]
        self._files = tuple(files)
        self._stop = Event()
        self._process = self._started()
        self._thread = Thread(target=self._watch, name=f"dash-{name}", daemon=True)
        self._thread.start()

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  our own
            self._command, stdin=subprocess.PIPE, start_new_session=True, pass_fds=self._files
        )

    def _watch(self) -> None:
        pause = 1.0
        while True:
            try:
                code = self._process.wait(STEADY_S)
            except subprocess.TimeoutExpired:
                pause = 1.0
                continue
            if self._stop.is_set():
                return
            progress_line(f"The {self._name} ended with code {code}; it is begun anew in {pause:.0f} s.")
            if self._stop.wait(pause):
                return
            pause = min(pause * 2, LONGEST_PAUSE_S)
            _close_input(self._process)
            self._process = self._started()

    def end(self) -> None:
        self._stop.set()
        self._process.terminate()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._thread.join()
        _close_input(self._process)


def _close_input(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()


@contextmanager
def beside(name: str, module: str, *arguments: str, files: Sequence[int] = ()) -> Iterator[None]:
    """Runs `python -m MODULE ARGUMENTS` for as long as the block. files: numbers of open ones that it gets, too."""
    process = _Beside(name, module, arguments, files)
    try:
        yield
    finally:
        process.end()


def when_parent_ends(tell: Callable[[], None]) -> None:
    """For a process that runs beside another: calls `tell` in a thread when its standard input ends."""

    def wait() -> None:
        # Not by sys.stdin: its lock, held by a thread that waits, makes Python abort at exit.
        while os.read(sys.stdin.fileno(), 1024):
            pass
        tell()

    Thread(target=wait, name="dash-parent", daemon=True).start()
