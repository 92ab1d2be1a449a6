"""What a message shows: word families, which of them stand together, and pieces of its words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from support_agent.router.families import Hit
from support_agent.router.words import Token
from support_agent.teaching import Kind, Signs, pieces

KINDS: Final = (Kind(1.0, by_rarity=False), Kind(1.5))
"""Families alone and in pairs; pieces of words. From half to twice as much for the pieces changed little."""


def signs(words: Sequence[Token], hits: Iterable[Hit]) -> Signs:
    return _families(words, hits), pieces(word.text for word in words)


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
