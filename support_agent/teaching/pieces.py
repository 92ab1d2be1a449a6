"""Pieces of words: so that a word in another form, or misspelled, is still known by half."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

LETTERS: Final = (3, 4, 5)
"""Of a piece; the ends of a word count as one."""


def pieces(words: Iterable[str]) -> list[str]:
    """Each once, in the order of the words."""
    found: dict[str, None] = {}
    for word in words:
        whole = f"<{word}>"
        for length in LETTERS:
            for at in range(len(whole) - length + 1):
                found[whole[at : at + length]] = None
    return list(found)
