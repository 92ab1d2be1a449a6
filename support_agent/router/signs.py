"""What a message shows: word families, which of them stand together, and pieces of its words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from support_agent.router.families import Hit
from support_agent.router.words import Token

PIECES: Final = (3, 4, 5)
"""Letters of a piece of a word: so that a word in another form, or misspelled, is still known by half."""

Signs = tuple[Sequence[str], Sequence[str]]
"""Families alone and in pairs; pieces of words. Each is weighed within its own kind."""


def signs(words: Sequence[Token], hits: Iterable[Hit]) -> Signs:
    return _families(words, hits), _pieces(words)


def _families(words: Sequence[Token], hits: Iterable[Hit]) -> list[str]:
    """In one order, a pair where both stand in one sentence; '~' before what is denied."""
    sentences: dict[str, set[int]] = {}
    for hit in hits:
        name = f"~{hit.family}" if hit.denied else hit.family
        sentences.setdefault(name, set()).add(words[hit.start].sentence)
    names = sorted(sentences)
    pairs = [
        f"{one}&{other}"
        for at, one in enumerate(names)
        for other in names[at + 1 :]
        if not sentences[one].isdisjoint(sentences[other])
    ]
    return [*names, *pairs]


def _pieces(words: Sequence[Token]) -> list[str]:
    found: dict[str, None] = {}
    for word in words:
        whole = f"<{word.text}>"
        for length in PIECES:
            for at in range(len(whole) - length + 1):
                found[whole[at : at + length]] = None
    return list(found)
