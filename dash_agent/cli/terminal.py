"""Writing to a terminal or a pipe."""

from __future__ import annotations

import sys
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 160  # characters: nothing tells how wide the reader of a pipe is


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
    return Output(width=width, markup=False, highlight=False, emoji=False, soft_wrap=False)
