"""Writing to a terminal or a pipe."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock, Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

PIPE_WIDTH = 160  # characters: nothing tells how wide the reader of a pipe is

PATIENCE_S = 0.3  # seconds: what is done by then needs no word about it


def printable(text: str) -> str:
    """`text` without what a terminal would obey or could not show: control characters and lone surrogates."""
    return "".join(char if _harmless(char) else "\N{REPLACEMENT CHARACTER}" for char in text)


def _harmless(char: str) -> bool:
    return char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs")


def say(message: str) -> None:
    """One line to standard error."""
    print("dash-agent:", printable(" ".join(message.split())), file=sys.stderr, flush=True)


def progress_line(message: str) -> None:
    """A line about something that takes a while. Standard output stays for results."""
    print(printable(message), file=sys.stderr, flush=True)


def open_console() -> Console:
    """Standard output: colours and the window's width on a terminal, plain and wide in a pipe."""
    from rich.console import Console

    class Output(Console):
        def on_broken_pipe(self) -> None:
            """rich would end the process with 1; a reader who has seen enough is no failure."""
            raise BrokenPipeError

    width = None if sys.stdout.isatty() else PIPE_WIDTH
    made = partial(Output, width=width, markup=False, highlight=False, emoji=False, soft_wrap=False)
    console = made()
    # Where NO_COLOR is set, rich leaves out colours alone; bold and dim are control characters, too.
    return made(color_system=None) if console.no_color else console


@contextmanager
def waiting(begin: str) -> Iterator[Callable[[str], None]]:
    """Shows on standard error what is being done, from 0.3 s on and on a terminal only. Gives what changes the words.

    begin: the words until they are changed.
    """
    if not sys.stderr.isatty():
        yield _no_words
        return
    shown = _Spinner(begin)
    timer = Timer(PATIENCE_S, shown.start)
    timer.daemon = True
    timer.start()
    try:
        yield shown.say
    finally:
        timer.cancel()
        shown.stop()


def _no_words(words: str) -> None:
    del words


class _Spinner:
    """A line that turns, once it is started. It can be stopped before that."""

    def __init__(self, words: str) -> None:
        self._words, self._over = words, False
        self._status: Status | None = None
        self._lock = Lock()

    def start(self) -> None:
        from rich.console import Console

        with self._lock:
            console = Console(stderr=True, markup=False, highlight=False)
            if not self._over and not console.no_color:
                self._status = console.status(self._words)
                self._status.start()

    def say(self, words: str) -> None:
        with self._lock:
            self._words = words
            if self._status is not None:
                self._status.update(words)

    def stop(self) -> None:
        with self._lock:
            self._over = True
            if self._status is not None:
                self._status.stop()
